//! The crate `host` that scripts see: one module for each area of the guest API table, and what is under them.

mod calls;
mod clock;
mod error;
mod executor;
mod first;
mod log;
mod origin;
mod row;
mod table;
mod text;
mod update;

pub use error::HostError;
pub use executor::block_on;
pub use log::{flush_rest, text_of};
pub use origin::MOST_FRAMES;
pub use row::Row;
pub use table::{fixed_modules, modules};
