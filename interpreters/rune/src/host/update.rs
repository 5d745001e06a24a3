//! `host::kv::update`: read, change, write if nobody else did, else again. The function is the script's, so it runs here
//! and under no lock.

use rune::runtime::{Function, Object, Ref, VmResult};
use rune::{alloc, ContextError, Module, Value};

use super::calls::{self, or_panic};
use super::error::HostError;
use crate::json;

/// Each lost attempt means that somebody else's write took place; so many in a row are a script that races itself.
const MOST_ATTEMPTS: usize = 1000;

pub fn install(module: &mut Module) -> Result<(), ContextError> {
    module.function("update", |key: Value, change: Function| update(&key, &change, None)).build()?;
    module
        .function("update_with", |key: Value, change: Function, options: Ref<Object>| {
            update(&key, &change, Some(&options))
        })
        .build()?;
    Ok(())
}

type Updated = Result<Option<Value>, HostError>;

fn update(key: &Value, change: &Function, options: Option<&Object>) -> VmResult<Updated> {
    for _ in 0..MOST_ATTEMPTS {
        let read =
            rune::vm_try!(or_panic(input(key, options, &["scope"]).and_then(|input| calls::call("kv.get", &input))));
        let entry = match read {
            Ok(entry) => entry,
            Err(error) => return VmResult::Ok(Err(error)),
        };
        let entry = rune::vm_try!(entry.borrow_ref::<Object>());
        let is_found = entry.get("found").is_some_and(|found| found.as_bool().unwrap_or(false));
        let old = entry.get("value").cloned().filter(|_| is_found);
        let next = rune::vm_try!(change.call::<Value>((old.clone(),)));
        let Some(next) = given(next) else { return VmResult::Ok(Ok(old)) };
        let write = input(key, options, &[]).and_then(|input| {
            let mut object = input.borrow_mut::<Object>().map_err(|error| error.to_string())?;
            insert(&mut object, "value", next.clone())?;
            insert(&mut object, "ifVersion", entry.get("version").cloned().unwrap_or_else(|| Value::from(())))?;
            drop(object);
            calls::call("kv.update", &input)
        });
        let written = match rune::vm_try!(or_panic(write)) {
            Ok(written) => written,
            Err(error) => return VmResult::Ok(Err(error)),
        };
        let written = rune::vm_try!(written.borrow_ref::<Object>());
        if written.get("updated").is_some_and(|updated| updated.as_bool().unwrap_or(false)) {
            return VmResult::Ok(Ok(Some(next)));
        }
    }
    let key = json::write(key).unwrap_or_default();
    let message = format!("{key} changed under each of {MOST_ATTEMPTS} attempts to update it");
    VmResult::Ok(Err(rune::vm_try!(HostError::own("kv-contended", &message))))
}

/// What the function wants to be there: nothing where it gives unit or `None`.
fn given(value: Value) -> Option<Value> {
    if value.into_unit().is_ok() {
        return None;
    }
    let option = value.borrow_ref::<Option<Value>>().ok().map(|option| option.clone());
    option.unwrap_or(Some(value))
}

/// The key with the options, all or those that are named.
fn input(key: &Value, options: Option<&Object>, only: &[&str]) -> Result<Value, String> {
    let mut input = Object::new();
    for (name, value) in options.into_iter().flat_map(Object::iter) {
        if only.is_empty() || only.contains(&name.as_str()) {
            insert(&mut input, name, value.clone())?;
        }
    }
    insert(&mut input, "key", key.clone())?;
    Value::new(input).map_err(|error| error.to_string())
}

fn insert(input: &mut Object, name: &str, value: Value) -> Result<(), String> {
    let name = alloc::String::try_from(name).map_err(|error| error.to_string())?;
    input.insert(name, value).map_err(|error| error.to_string())?;
    Ok(())
}
