//! The module `host::json`, behind `bulkhead::json`: JSON as a script's own data.

use rune::runtime::{Ref, VmResult};
use rune::{alloc, ContextError, Module, Value};

use crate::json;

pub fn module() -> Result<Module, ContextError> {
    let mut module = Module::with_crate_item("host", ["json"])?;
    module.function("encode", |value: Value| owned(json::write(&value))).build()?;
    module
        .function("decode", |text: Ref<str>| match json::decode(&text) {
            Ok(value) => VmResult::Ok(Ok::<Value, alloc::String>(value)),
            Err(message) => match owned(Ok(message)) {
                VmResult::Ok(Ok(message) | Err(message)) => VmResult::Ok(Err(message)),
                VmResult::Err(error) => VmResult::Err(error),
            },
        })
        .build()?;
    Ok(module)
}

/// A text or a message as the script's own.
fn owned(text: Result<String, String>) -> VmResult<Result<alloc::String, alloc::String>> {
    let (is_text, text) = match text {
        Ok(text) => (true, text),
        Err(message) => (false, message),
    };
    let text = rune::vm_try!(alloc::String::try_from(text));
    VmResult::Ok(if is_text { Ok(text) } else { Err(text) })
}
