//! What scripts write: `host::log::*`, and the hooks of `print!`, `println!` and `dbg!`, which go the same way.

use std::cell::RefCell;

use rune::runtime::{Formatter, InstAddress, Memory, Output, Ref, VmResult};
use rune::{alloc, ContextError, Module, Value};

use crate::abi::{self, Level};

/// Longer messages are cut.
const MOST_BYTES: usize = 64 * 1024;

const LEVELS: [(&str, Level); 5] = [
    ("trace", Level::Trace),
    ("debug", Level::Debug),
    ("info", Level::Info),
    ("warn", Level::Warn),
    ("error", Level::Error),
];

thread_local!(
    /// What `print!` wrote of a line that has no end yet.
    static LINE: RefCell<String> = const { RefCell::new(String::new()) };
);

pub fn module() -> Result<Module, ContextError> {
    let mut module = Module::with_crate_item("host", ["log"])?;
    for (name, level) in LEVELS {
        module
            .function(name, move |value: Value| match text_of(&value) {
                VmResult::Ok(text) => {
                    log(level, &text);
                    VmResult::Ok(())
                }
                VmResult::Err(error) => VmResult::Err(error),
            })
            .build()?;
    }
    Ok(module)
}

/// The hooks that the macros of `std::io` call.
pub fn io() -> Result<Module, ContextError> {
    let mut module = Module::with_crate_item("std", ["io"])?;
    module.function("print", |text: Ref<str>| print(&text)).build()?;
    module
        .function("println", |text: Ref<str>| {
            print(&text);
            flush();
        })
        .build()?;
    module.raw_function("dbg", dbg).build()?;
    Ok(module)
}

/// Logs what `print!` left without an end of line.
pub fn flush() {
    let line = LINE.take();
    log(Level::Info, &line);
}

/// As [`flush`], unless nothing is left.
pub fn flush_rest() {
    if LINE.with_borrow(|line| !line.is_empty()) {
        flush();
    }
}

/// A value as a person reads it.
pub fn text_of(value: &Value) -> VmResult<String> {
    if let Ok(text) = value.borrow_string_ref() {
        return VmResult::Ok(text.to_string());
    }
    let mut shown = alloc::String::new();
    match Formatter::format_with(&mut shown, |to| value.display_fmt(to)) {
        VmResult::Ok(()) => VmResult::Ok(shown.as_str().into()),
        VmResult::Err(_) => debug_text_of(value),
    }
}

fn debug_text_of(value: &Value) -> VmResult<String> {
    let mut shown = alloc::String::new();
    match Formatter::format_with(&mut shown, |to| value.debug_fmt(to)) {
        VmResult::Ok(()) => VmResult::Ok(shown.as_str().into()),
        VmResult::Err(error) => VmResult::Err(error),
    }
}

fn print(text: &str) {
    LINE.with_borrow_mut(|line| {
        let room = MOST_BYTES.saturating_sub(line.len());
        line.push_str(cut(text, room));
    });
}

fn dbg(memory: &mut dyn Memory, at: InstAddress, count: usize, to: Output) -> VmResult<()> {
    for value in rune::vm_try!(memory.slice_at(at, count)) {
        let text = rune::vm_try!(debug_text_of(value));
        log(Level::Info, &text);
    }
    rune::vm_try!(to.store(memory, ()));
    VmResult::Ok(())
}

fn log(level: Level, text: &str) {
    abi::log(level, cut(text, MOST_BYTES));
}

fn cut(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
