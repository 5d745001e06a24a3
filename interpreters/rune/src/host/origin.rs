//! Where a script made the host call that an error tells of. It is noted when the virtual machine goes on after the call, so
//! that calls which succeed pay nothing for it.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use rune::runtime::{on_return, Unit, Vm};

/// Most places of a stack that are kept.
pub const MOST_FRAMES: usize = 32;

struct Places {
    unit: Arc<Unit>,
    ips: Vec<usize>,
}

/// See the file's head.
#[derive(Clone)]
pub struct Origin(Rc<OnceCell<Places>>);

thread_local!(static AWAITED: RefCell<Vec<Origin>> = const { RefCell::new(Vec::new()) });

impl Origin {
    /// One that is told where the virtual machine goes on.
    pub fn awaited() -> Self {
        let origin = Self(Rc::new(OnceCell::new()));
        AWAITED.with_borrow_mut(|awaited| awaited.push(origin.clone()));
        on_return(tell);
        origin
    }

    /// Instructions, the innermost first.
    pub fn places(&self) -> impl Iterator<Item = (&Unit, usize)> {
        self.0.get().into_iter().flat_map(|places| places.ips.iter().map(|ip| (&*places.unit, *ip)))
    }
}

fn tell(vm: &Vm) {
    let callers = vm.call_frames().iter().rev().map(|frame| frame.ip.saturating_sub(1));
    let ips: Vec<_> = std::iter::once(vm.last_ip()).chain(callers).take(MOST_FRAMES).collect();
    for origin in AWAITED.take() {
        let _ = origin.0.set(Places { unit: vm.unit().clone(), ips: ips.clone() });
    }
}
