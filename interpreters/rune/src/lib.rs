//! The interpreter ABI's exports over the crate `rune`: what the host calls, in the order boot, load, invoke.
//!
//! Nothing of the state comes from chance, so that a copy needs no seed of its own: maps are hashed with fixed seeds, and
//! the meter bounds what colliding keys cost.

mod abi;
mod failure;
mod heap;
mod host;
mod json;
mod library;
mod payload;
mod plugin;
mod run;
mod sources;

use std::alloc::Layout;
use std::cell::RefCell;

use plugin::{Plugin, Request};
use rune::{Context, ContextError};

thread_local!(
    static CONTEXT: RefCell<Option<Context>> = const { RefCell::new(None) };
    static PLUGIN: RefCell<Option<Plugin>> = const { RefCell::new(None) };
);

/// Makes what all plugins share: the context with the standard modules.
#[no_mangle]
pub extern "C" fn boot() -> i32 {
    std::panic::set_hook(Box::new(|info| abi::abort(&info.to_string())));
    match make_context() {
        Ok(context) => CONTEXT.set(Some(context)),
        Err(error) => abi::abort(&error.to_string()),
    }
    settle();
    0
}

fn make_context() -> Result<Context, ContextError> {
    let mut context = Context::with_config(false)?;
    for module in host::fixed_modules()? {
        context.install(module)?;
    }
    Ok(context)
}

/// Room before a block for its size, so that the blocks stay aligned.
const SIZE_BYTES: usize = 16;

/// Memory for the host to write to; 0 when there is none.
#[no_mangle]
pub extern "C" fn allocate(size: usize) -> *mut u8 {
    let Some(layout) = layout(size) else { return core::ptr::null_mut() };
    unsafe {
        let block = std::alloc::alloc(layout);
        if block.is_null() {
            return block;
        }
        block.cast::<usize>().write(size);
        block.add(SIZE_BYTES)
    }
}

/// Gives memory back.
///
/// # Safety
///
/// The pointer comes from [`allocate`] and is not used again.
#[no_mangle]
pub unsafe extern "C" fn release(pointer: *mut u8) -> i32 {
    unsafe {
        let block = pointer.sub(SIZE_BYTES);
        if let Some(layout) = layout(block.cast::<usize>().read()) {
            std::alloc::dealloc(block, layout);
        }
    }
    0
}

fn layout(size: usize) -> Option<Layout> {
    Layout::from_size_align(size.checked_add(SIZE_BYTES)?, SIZE_BYTES).ok()
}

/// Room that a call finds, so that few calls make the memory grow: a copy that grew is not used again.
const SPARE_BYTES: usize = 512 * 1024;

/// Readies the memory to be copied: room to spare, and nothing of what ran is left in the stack.
fn settle() {
    let spare = allocate(SPARE_BYTES);
    if !spare.is_null() {
        unsafe { release(spare) };
    }
    wipe_stack();
}

/// Zeroes the part of the stack that is not in use, which lies at the bottom of the memory.
#[inline(never)]
fn wipe_stack() {
    /// For the frame of this function itself.
    const KEPT_BYTES: usize = 256;
    let here = 0_u8;
    let end = (&raw const here as usize).saturating_sub(KEPT_BYTES);
    // From an address that is no null pointer.
    let start = core::hint::black_box(16_usize);
    if end > start {
        unsafe { core::ptr::write_bytes(start as *mut u8, 0, end - start) };
    }
}

/// Compiles a plugin and keeps it; finishes with its actions.
///
/// # Safety
///
/// The range is readable.
#[no_mangle]
pub unsafe extern "C" fn load(from: *const u8, len: usize) -> i32 {
    let bytes = unsafe { std::slice::from_raw_parts(from, len) };
    let Some(mut context) = CONTEXT.take() else { abi::abort("it has loaded a plugin before") };
    let request = Request::read(bytes);
    let compiled = request.and_then(|request| plugin::compile(&mut context, request));
    let ready = compiled.map_err(|message| failure::of_message(&message)).and_then(|it| it.ready(&context));
    match ready {
        Ok(plugin) => {
            let actions = plugin
                .actions
                .iter()
                .map(|(name, action)| format!("{}:{{\"line\":{}}}", json::quoted(name), action.line));
            let json = format!("{{{}}}", actions.collect::<Vec<_>>().join(","));
            PLUGIN.set(Some(plugin));
            abi::finish_with(&payload::Payload { json, blobs: Vec::new() }.bytes());
        }
        Err(failure) => abi::fail_with(&failure.json()),
    }
    // Only compiling needs it, and it is most of what there is in memory.
    drop(context);
    settle();
    0
}

/// Compiles without keeping; finishes with what there is to say.
///
/// # Safety
///
/// The range is readable.
#[no_mangle]
pub unsafe extern "C" fn check(from: *const u8, len: usize) -> i32 {
    let bytes = unsafe { std::slice::from_raw_parts(from, len) };
    let Some(mut context) = CONTEXT.take() else { abi::abort("it has loaded a plugin before") };
    let compiled = Request::read(bytes).and_then(|request| plugin::compile(&mut context, request));
    match compiled {
        Ok(compiled) => {
            let json = failure::list(&compiled.diagnostics, &compiled.sources);
            abi::finish_with(&payload::Payload { json, blobs: Vec::new() }.bytes());
        }
        Err(message) => abi::fail_with(&failure::of_message(&message).json()),
    }
    0
}

/// Runs an action; finishes with its outcome.
///
/// # Safety
///
/// The range is readable.
#[no_mangle]
pub unsafe extern "C" fn invoke(from: *const u8, len: usize) -> i32 {
    let bytes = unsafe { std::slice::from_raw_parts(from, len) };
    PLUGIN.with_borrow(|plugin| {
        let Some(plugin) = plugin else { abi::abort("no plugin is loaded") };
        match run::invoke(plugin, bytes) {
            run::Outcome::Result(payload) => abi::finish_with(&payload.bytes()),
            run::Outcome::Failure(failure) => abi::fail_with(&failure.json()),
            run::Outcome::Unknown => abi::finish_unknown(),
        }
    });
    0
}
