//! The standard library for scripts that is itself written in Rune: `bulkhead::<module>`, in std/. Only what a plugin
//! mentions is compiled with it.

use rune::{alloc, Item, Source};

use crate::sources::Files;

/// Name of the source that declares the modules, and of the module that they are in.
pub const ROOT: &str = "bulkhead";

include!(concat!(env!("OUT_DIR"), "/library.rs"));

/// The source that declares the modules which a plugin mentions, and those that they mention. None for none.
pub fn root(files: &Files) -> Option<String> {
    let mut needed = vec![false; LIBRARY.len()];
    for file in files.iter() {
        mark(&file.text, &mut needed);
    }
    if !needed.contains(&true) {
        return None;
    }
    let modules = LIBRARY.iter().zip(needed).filter(|(_, is_needed)| *is_needed);
    let declared: String = modules.map(|((name, _), _)| format!("pub mod {name}; ")).collect();
    Some(format!("pub mod {ROOT} {{ {declared}}}"))
}

/// Marks the modules that a text mentions: all of them where it names the root in a way that does not tell which.
fn mark(text: &str, needed: &mut [bool]) {
    for (at, _) in text.match_indices(ROOT) {
        let rest = text[at + ROOT.len()..].trim_start();
        let rest = match rest.strip_prefix("::") {
            Some(rest) => rest.trim_start(),
            None => continue,
        };
        let name = &rest[..rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len())];
        for index in 0..LIBRARY.len() {
            let (module, source) = LIBRARY[index];
            if !needed[index] && (name == module || name.is_empty()) {
                needed[index] = true;
                mark(source, needed);
            }
        }
    }
}

/// Whether a source is the library's.
pub fn is_part(source: &Source) -> bool {
    source.name().strip_prefix(ROOT).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The source of a module of the library.
pub fn source(item: &Item) -> Option<alloc::Result<Source>> {
    let mut names = item.iter().map(|component| component.as_str());
    let (Some(Some(ROOT)), Some(Some(name)), None) = (names.next(), names.next(), names.next()) else { return None };
    let (name, text) = LIBRARY.iter().find(|(module, _)| *module == name)?;
    let file = format!("{ROOT}/{name}.rn");
    Some(Source::with_path(&file, text, &file))
}
