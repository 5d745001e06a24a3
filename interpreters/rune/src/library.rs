//! The standard library for scripts that is itself written in Rune: `bulkhead::<module>`. Only what a plugin mentions is
//! compiled with it.

use crate::sources::Files;

/// The sources to compile with a plugin: the name of each, and its text.
pub fn needed(files: &Files) -> Vec<(String, String)> {
    let _ = files;
    Vec::new()
}
