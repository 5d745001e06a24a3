//! `host::first`: which of several futures is done first. The others stay usable, as the standard library's `select` does
//! not let them for a list whose length is not known.

use std::future::poll_fn;
use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll};

use rune::runtime::{Future, Vec as RuneVec, VmResult};
use rune::{ContextError, Module, Value};

pub fn install(module: &mut Module) -> Result<(), ContextError> {
    module
        .function("first", |list: Value| async move {
            match poll_fn(|context| poll(&list, context)).await {
                Ok(found) => found,
                Err(message) => VmResult::panic(message),
            }
        })
        .build()?;
    Ok(())
}

type Found = Result<VmResult<(i64, Value)>, String>;

fn poll(list: &Value, context: &mut Context<'_>) -> Poll<Found> {
    // Copied, for a future that runs may itself look at the list.
    let futures = match list.borrow_ref::<RuneVec>() {
        Ok(futures) => futures.to_vec(),
        Err(error) => return Poll::Ready(Err(error.to_string())),
    };
    if futures.is_empty() {
        return Poll::Ready(Err("host::first takes a list of at least one future".into()));
    }
    for (index, value) in futures.iter().enumerate() {
        let done = match value.borrow_mut::<Future>() {
            Ok(mut future) => Pin::new(&mut *future).poll(context),
            Err(error) => return Poll::Ready(Err(error.to_string())),
        };
        let Poll::Ready(done) = done else { continue };
        if let Ok(mut list) = list.borrow_mut::<RuneVec>() {
            if index < list.len() {
                list.remove(index);
            }
        }
        return Poll::Ready(Ok(match done {
            VmResult::Ok(value) => VmResult::Ok((index as i64, value)),
            VmResult::Err(error) => VmResult::Err(error),
        }));
    }
    Poll::Pending
}
