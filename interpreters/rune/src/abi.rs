//! The imports of the interpreter ABI, as safe functions. The only file that talks to the host.

use std::cell::Cell;

mod raw {
    #[link(wasm_import_module = "bulkhead:interpreter@1")]
    extern "C" {
        pub fn send(id: i32, name: *const u8, name_len: usize, payload: *const u8, payload_len: usize);
        pub fn timer(id: i32, ms: i32);
        pub fn stop_timer(id: i32);
        pub fn next(block: i32) -> i32;
        pub fn arrival_id() -> i32;
        pub fn arrival_size() -> usize;
        pub fn arrival_take(to: *mut u8);
        pub fn finish(kind: i32, from: *const u8, len: usize);
        pub fn log(level: i32, from: *const u8, len: usize);
        pub fn clock() -> f64;
        pub fn local_offset(ms: f64) -> i32;
        pub fn random(to: *mut u8, len: usize);
        pub fn config() -> usize;
        pub fn config_take(to: *mut u8);
        pub fn abort(from: *const u8, len: usize);
    }
}

/// What came from the host for something that was begun under `id`.
pub enum Arrival {
    /// A payload.
    Reply(Vec<u8>),
    /// JSON of the host's error.
    Refusal(Vec<u8>),
    /// A timer ran out.
    Timer,
}

/// What [`next`] found.
pub enum Next {
    None,
    Arrived(i32, Arrival),
    /// Nothing that could arrive is under way.
    Never,
}

/// How a message is logged.
#[derive(Clone, Copy)]
pub enum Level {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
}

/// Begins a host call, whose answer arrives under the id that this gives.
pub fn send(name: &str, payload: &[u8]) -> i32 {
    let id = new_id();
    unsafe { raw::send(id, name.as_ptr(), name.len(), payload.as_ptr(), payload.len()) };
    id
}

/// Begins a timer.
pub fn timer(ms: i32) -> i32 {
    let id = new_id();
    unsafe { raw::timer(id, ms) };
    id
}

pub fn stop_timer(id: i32) {
    unsafe { raw::stop_timer(id) };
}

/// Takes the next arrival; waits for it where `block` says so.
pub fn next(block: bool) -> Next {
    let kind = unsafe { raw::next(i32::from(block)) };
    let arrival = match kind {
        1 => Arrival::Reply(take()),
        2 => Arrival::Refusal(take()),
        3 => Arrival::Timer,
        4 => return Next::Never,
        _ => return Next::None,
    };
    Next::Arrived(unsafe { raw::arrival_id() }, arrival)
}

/// Gives a payload as the result.
pub fn finish_with(payload: &[u8]) {
    unsafe { raw::finish(0, payload.as_ptr(), payload.len()) };
}

/// Gives a failure, as JSON.
pub fn fail_with(description: &str) {
    unsafe { raw::finish(1, description.as_ptr(), description.len()) };
}

/// There is no such action.
pub fn finish_unknown() {
    unsafe { raw::finish(2, core::ptr::null(), 0) };
}

pub fn log(level: Level, text: &str) {
    unsafe { raw::log(level as i32, text.as_ptr(), text.len()) };
}

/// Milliseconds since the epoch.
pub fn clock() -> f64 {
    unsafe { raw::clock() }
}

/// Minutes that local time is east of UTC at a time.
pub fn local_offset(ms: f64) -> i32 {
    unsafe { raw::local_offset(ms) }
}

pub fn random(to: &mut [u8]) {
    unsafe { raw::random(to.as_mut_ptr(), to.len()) };
}

/// The configuration, as JSON.
pub fn config() -> Vec<u8> {
    let size = unsafe { raw::config() };
    let mut bytes = vec![0; size];
    unsafe { raw::config_take(bytes.as_mut_ptr()) };
    bytes
}

/// Ends the interpreter; the host does not come back from it.
pub fn abort(message: &str) -> ! {
    unsafe { raw::abort(message.as_ptr(), message.len()) };
    core::arch::wasm32::unreachable()
}

fn take() -> Vec<u8> {
    let mut bytes = vec![0; unsafe { raw::arrival_size() }];
    unsafe { raw::arrival_take(bytes.as_mut_ptr()) };
    bytes
}

fn new_id() -> i32 {
    thread_local!(static LAST: Cell<i32> = const { Cell::new(0) });
    LAST.with(|last| {
        last.set(last.get().wrapping_add(1));
        last.get()
    })
}
