//! Host calls: blocking ones, several at once, and ones that asynchronous functions await.

use std::cell::RefCell;

use rune::runtime::{Object, Ref, Vec as RuneVec, VmResult};
use rune::{alloc, ContextError, Module, Value};

use super::error::{self, HostError};
use super::executor::Pending;
use super::first;
use crate::abi::Arrival;
use crate::json;

/// What a host call gives a script.
pub type Answer = Result<Value, HostError>;

/// Most calls that `host::all` sends together.
const MOST_AT_ONCE: usize = 1000;

/// Sends a call.
pub fn begin(name: &str, input: &Value) -> Result<Pending, String> {
    let payload = json::pack(input).map_err(|error| format!("the input of {name}: {error}"))?;
    Ok(Pending::call(name, &payload.bytes()))
}

/// Makes the answer of what arrived.
pub fn answer(arrival: Arrival) -> Result<Answer, String> {
    match arrival {
        Arrival::Reply(bytes) => Ok(Ok(json::unpack(&bytes)?)),
        Arrival::Refusal(wire) => Ok(Err(HostError::read(&wire)?)),
        Arrival::Timer => Ok(Ok(Value::from(()))),
    }
}

/// Calls and waits.
pub fn call(name: &str, input: &Value) -> Result<Answer, String> {
    answer(begin(name, input)?.wait()?)
}

/// An error of the interpreter itself becomes the end of the action.
pub fn or_panic<T>(result: Result<T, String>) -> VmResult<T> {
    match result {
        Ok(value) => VmResult::Ok(value),
        Err(message) => VmResult::panic(message),
    }
}

fn all(calls: &RuneVec) -> Result<Result<RuneVec, HostError>, String> {
    if calls.len() > MOST_AT_ONCE {
        return Err(format!("host::all takes {MOST_AT_ONCE} calls at most, got {}", calls.len()));
    }
    let mut pending = Vec::with_capacity(calls.len());
    for entry in calls.iter() {
        let tuple = entry.borrow_tuple_ref().map_err(|_| "host::all takes pairs of a name and an input")?;
        let [name, input] = &tuple[..] else { return Err("host::all takes pairs of a name and an input".into()) };
        let name = name.borrow_string_ref().map_err(|error| error.to_string())?;
        pending.push(begin(&name, input)?);
    }
    let mut answers = RuneVec::new();
    let mut failure = None;
    for one in pending {
        match answer(one.wait()?)? {
            Ok(value) => answers.push(value).map_err(|error| error.to_string())?,
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    Ok(match failure {
        None => Ok(answers),
        Some(error) => Err(error),
    })
}

/// The root of the crate: what needs no area.
pub fn module() -> Result<Module, ContextError> {
    let mut module = Module::with_crate("host")?;
    error::install(&mut module)?;
    first::install(&mut module)?;
    module.function("call", |name: Ref<str>, input: Value| or_panic(call(&name, &input))).build()?;
    module.function("all", |calls: Ref<RuneVec>| or_panic(all(&calls))).build()?;
    module
        .function("sleep", |ms: Value| or_panic(milliseconds(&ms).and_then(|ms| Pending::timer(ms).wait()).map(|_| ())))
        .build()?;
    // The call is sent at once; only its answer waits for `.await`.
    module
        .function("start", |name: Ref<str>, input: Value| {
            let pending = begin(&name, &input);
            async move {
                match pending {
                    Ok(pending) => or_panic(answer(pending.await)),
                    Err(message) => VmResult::panic(message),
                }
            }
        })
        .build()?;
    module
        .function("pause", |ms: Value| {
            let pending = milliseconds(&ms).map(Pending::timer);
            async move {
                match pending {
                    Ok(pending) => {
                        pending.await;
                        VmResult::Ok(())
                    }
                    Err(message) => VmResult::panic(message),
                }
            }
        })
        .build()?;
    module.function("state", state).build()?;
    module.function("config", || or_panic(config())).build()?;
    Ok(module)
}

/// What lives as long as this copy of the plugin: a language without globals has no other place to keep anything in.
fn state() -> VmResult<Value> {
    thread_local!(static STATE: RefCell<Option<Value>> = const { RefCell::new(None) });
    STATE.with_borrow_mut(|state| {
        if state.is_none() {
            *state = Some(rune::vm_try!(Value::new(Object::new())));
        }
        VmResult::Ok(state.clone().unwrap_or_else(Value::empty))
    })
}

fn config() -> Result<Value, String> {
    let bytes = crate::abi::config();
    if bytes.is_empty() {
        return Value::new(Object::new()).map_err(|error: alloc::Error| error.to_string());
    }
    json::decode(std::str::from_utf8(&bytes).map_err(|_| "a configuration that is not UTF-8")?)
}

fn milliseconds(value: &Value) -> Result<i32, String> {
    let ms = value.as_float().or_else(|_| value.as_integer::<i64>().map(|ms| ms as f64));
    match ms {
        Ok(ms) if ms >= 0.0 && ms <= f64::from(i32::MAX) => Ok(ms.ceil() as i32),
        _ => Err("a time is a number of milliseconds that is not negative".into()),
    }
}
