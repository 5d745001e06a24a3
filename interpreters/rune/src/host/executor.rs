//! What is under way with the host, and the one loop that runs asynchronous functions over it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::{pin, Pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use crate::abi::{self, Arrival, Next};

enum Slot {
    Waiting(Option<Waker>),
    Here(Arrival),
}

thread_local!(static SLOTS: RefCell<BTreeMap<i32, Slot>> = const { RefCell::new(BTreeMap::new()) });

/// Something that will arrive. What is dropped before that is forgotten, and a timer stopped.
pub struct Pending {
    id: i32,
    is_timer: bool,
}

impl Pending {
    pub fn call(name: &str, payload: &[u8]) -> Self {
        Self::of(abi::send(name, payload), false)
    }

    pub fn timer(ms: i32) -> Self {
        Self::of(abi::timer(ms), true)
    }

    fn of(id: i32, is_timer: bool) -> Self {
        SLOTS.with_borrow_mut(|slots| slots.insert(id, Slot::Waiting(None)));
        Self { id, is_timer }
    }

    /// Waits with the whole interpreter. An error where it can never arrive.
    pub fn wait(self) -> Result<Arrival, String> {
        loop {
            if let Some(arrival) = self.take() {
                return Ok(arrival);
            }
            if !receive() {
                return Err(NEVER.into());
            }
        }
    }

    fn take(&self) -> Option<Arrival> {
        SLOTS.with_borrow_mut(|slots| match slots.remove(&self.id) {
            Some(Slot::Here(arrival)) => Some(arrival),
            Some(waiting) => {
                slots.insert(self.id, waiting);
                None
            }
            None => None,
        })
    }
}

impl Future for Pending {
    type Output = Arrival;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Arrival> {
        if let Some(arrival) = self.take() {
            return Poll::Ready(arrival);
        }
        let waker = context.waker().clone();
        SLOTS.with_borrow_mut(|slots| slots.insert(self.id, Slot::Waiting(Some(waker))));
        Poll::Pending
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        let slot = SLOTS.with_borrow_mut(|slots| slots.remove(&self.id));
        if self.is_timer && matches!(slot, Some(Slot::Waiting(_))) {
            abi::stop_timer(self.id);
        }
    }
}

const NEVER: &str = "it waits for something that can never arrive";

/// Waits for one arrival and hands it on; false where none can come.
fn receive() -> bool {
    let (id, arrival) = match abi::next(true) {
        Next::Arrived(id, arrival) => (id, arrival),
        Next::None => return true,
        Next::Never => return false,
    };
    let waker = SLOTS.with_borrow_mut(|slots| {
        let slot = slots.get_mut(&id)?;
        match std::mem::replace(slot, Slot::Here(arrival)) {
            Slot::Waiting(waker) => waker,
            Slot::Here(_) => None,
        }
    });
    if let Some(waker) = waker {
        waker.wake();
    }
    true
}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Runs a future to its end. An error where it waits for something that can never arrive.
pub fn block_on<F: Future>(future: F) -> Result<F::Output, String> {
    let flag = Arc::new(Flag(AtomicBool::new(true)));
    let waker = Waker::from(flag.clone());
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        while flag.0.swap(false, Ordering::Relaxed) {
            if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
                return Ok(output);
            }
        }
        if !receive() {
            return Err(NEVER.into());
        }
    }
}
