//! JSON and Rune's values, both ways. Integers and floats are kept apart where the text shows a difference.

mod read;
mod text;
mod write;

pub use read::{decode, unpack};
pub use text::quoted;
pub use write::{pack, write};

/// Deeper values are refused in both directions.
const MAX_DEPTH: usize = 128;
