//! One call of an action.

use rune::runtime::{budget, Future, Object, Vec as RuneVec, VmResult};
use rune::{alloc, Sources, TypeHash, Value, Vm};

use crate::failure::Failure;
use crate::host::{self, block_on};
use crate::payload::Payload;
use crate::plugin::{Action, Plugin};
use crate::{failure, json};

/// Instructions that one call may run, beside the host's own limits on time and fuel.
const BUDGET: usize = 4_000_000_000;

/// How a call ended.
pub enum Outcome {
    Result(Payload),
    Failure(Failure),
    /// There is no such action.
    Unknown,
}

/// Runs what a payload asks for.
pub fn invoke(plugin: &Plugin, payload: &[u8]) -> Outcome {
    match begin(plugin, payload) {
        Ok(Some((action, arguments))) => run(plugin, action, arguments),
        Ok(None) => Outcome::Unknown,
        Err(message) => Outcome::Failure(failure::of_message(&message)),
    }
}

fn begin<'a>(plugin: &'a Plugin, payload: &[u8]) -> Result<Option<(&'a Action, alloc::Vec<Value>)>, String> {
    let call = json::unpack(payload)?;
    let call = call.borrow_ref::<Object>().map_err(text)?;
    let name = call.get("action").ok_or("a call without an action")?;
    let Some(action) = plugin.actions.get(&*name.borrow_string_ref().map_err(text)?) else { return Ok(None) };
    let input = call.get("input").cloned().unwrap_or_else(|| Value::from(()));
    let mut arguments = alloc::Vec::new();
    let mut push = |value| arguments.try_push(value).map_err(|error| error.to_string());
    match call.get("parameters").map(|names| names.borrow_ref::<RuneVec>()) {
        Some(Ok(names)) => {
            for name in names.iter() {
                push(member(&input, Some(&*name.borrow_string_ref().map_err(text)?)))?;
            }
        }
        // Nothing tells what it wants: one parameter takes all, several each their own.
        _ => match action.parameters.as_slice() {
            [_] => push(input)?,
            names => {
                for name in names {
                    push(member(&input, name.as_deref()))?;
                }
            }
        },
    }
    Ok(Some((action, arguments)))
}

/// A member of the input, unit where there is none.
fn member(input: &Value, name: Option<&str>) -> Value {
    let object = input.borrow_ref::<Object>().ok();
    let found = object.and_then(|object| object.get(name?).cloned());
    found.unwrap_or_else(|| Value::from(()))
}

fn run(plugin: &Plugin, action: &Action, arguments: alloc::Vec<Value>) -> Outcome {
    let mut vm = Vm::new(plugin.context.clone(), plugin.unit.clone());
    let ended = {
        let work = async {
            let mut execution = match vm.execute(action.hash, arguments) {
                Ok(execution) => execution,
                Err(error) => return VmResult::Err(error),
            };
            let mut value = rune::vm_try!(execution.async_complete().await);
            while value.type_hash() == Future::HASH {
                value = rune::vm_try!(rune::vm_try!(value.into_future()).await);
            }
            VmResult::Ok(value)
        };
        block_on(budget::with(BUDGET, work))
    };
    host::flush_rest();
    let value = match ended {
        Ok(VmResult::Ok(value)) => value,
        Ok(VmResult::Err(error)) => return Outcome::Failure(failure::of_error(&error, &plugin.sources)),
        Err(message) => return Outcome::Failure(failure::of_message(&message)),
    };
    // Writing a value may run its protocols, for which there must be a virtual machine.
    vm.with(|| outcome(value, &plugin.sources))
}

fn outcome(value: Value, sources: &Sources) -> Outcome {
    let value = match value.borrow_ref::<Result<Value, Value>>() {
        Ok(result) => match &*result {
            Ok(value) => value.clone(),
            Err(error) => return Outcome::Failure(failure::of_value(error, sources)),
        },
        Err(_) => value,
    };
    match json::pack(&value) {
        Ok(payload) => Outcome::Result(payload),
        Err(message) => Outcome::Failure(failure::of_message(&format!("the result cannot be sent: {message}"))),
    }
}

fn text(error: rune::runtime::RuntimeError) -> String {
    error.to_string()
}
