//! The guest API table as modules: `host::<area>::<name>(…)` with positional arguments, and `<name>_with` where a last
//! argument may bring further fields of the input.

use std::collections::BTreeMap;
use std::sync::Arc;

use rune::runtime::{Bytes, InstAddress, Memory, Object, Output, RuntimeError, Vec as RuneVec, VmResult};
use rune::{alloc, ContextError, Module, Value};

use super::calls::{self, or_panic};
use super::{clock, log};
use crate::json;

/// One row; see the table's own definition for what its members mean.
pub struct Method {
    area: String,
    name: String,
    calls: String,
    positional: Vec<String>,
    required: usize,
    options: bool,
    /// Fields in which a text crosses as its bytes.
    bytes: Vec<String>,
    /// JSON of the fields that are always sent.
    fixed: Option<String>,
    result: Shape,
}

enum Shape {
    Whole,
    Nothing,
    Field { field: String, unless: Option<String> },
}

impl Method {
    /// Reads a row. None where it has another shape: such a row is left out.
    pub fn read(row: &Value) -> Option<Self> {
        let row = row.borrow_ref::<Object>().ok()?;
        let text = |name: &str| Some(row.get(name)?.borrow_string_ref().ok()?.to_string());
        let names = texts(row.get("positional")?)?;
        Some(Self {
            area: text("area")?,
            name: text("name")?,
            calls: text("calls")?,
            required: names.iter().take_while(|name| !name.ends_with('?')).count(),
            positional: names.iter().map(|name| name.trim_end_matches('?').to_owned()).collect(),
            options: row.get("options")?.as_bool().ok()?,
            bytes: row.get("bytes").and_then(texts).unwrap_or_default(),
            fixed: row.get("fixed").and_then(|fixed| json::write(fixed).ok()),
            result: shape(row.get("result")?)?,
        })
    }

    fn input(&self, arguments: &[Value], has_options: bool) -> Result<Value, String> {
        let (positional, options) = match (has_options, arguments.split_last()) {
            (true, Some((options, positional))) => (positional, Some(options)),
            (true, None) => return Err(format!("{}_with takes options as its last argument", self.name)),
            (false, _) => (arguments, None),
        };
        if positional.len() < self.required || positional.len() > self.positional.len() {
            let wanted = self.positional.len();
            let (area, name, got) = (&self.area, &self.name, positional.len());
            let wanted = if self.required == wanted { wanted.to_string() } else { format!("{} to {wanted}", self.required) };
            return Err(format!("host::{area}::{name} takes {wanted} arguments, got {got}"));
        }
        let mut input = Object::new();
        if let Some(options) = options {
            let options = options.borrow_ref::<Object>().map_err(|_| "options are an object: #{ … }")?;
            for (key, value) in options.iter() {
                insert(&mut input, key, value.clone())?;
            }
        }
        for (name, value) in self.positional.iter().zip(positional) {
            insert(&mut input, name, value.clone())?;
        }
        if let Some(fixed) = &self.fixed {
            let fixed = json::decode(fixed)?;
            let fixed = fixed.borrow_ref::<Object>().map_err(|error| error.to_string())?;
            for (key, value) in fixed.iter() {
                insert(&mut input, key, value.clone())?;
            }
        }
        for name in &self.bytes {
            let text = input.get(name.as_str()).and_then(|value| value.borrow_string_ref().ok());
            let Some(bytes) = text.map(|text| Bytes::from_slice(text.as_bytes())) else { continue };
            let bytes = bytes.and_then(Value::new).map_err(|error| error.to_string())?;
            insert(&mut input, name, bytes)?;
        }
        Value::new(input).map_err(|error| error.to_string())
    }

    fn output(&self, whole: Value) -> Result<Value, String> {
        let Shape::Field { field, unless } = &self.result else {
            return Ok(if matches!(self.result, Shape::Nothing) { Value::from(()) } else { whole });
        };
        let object = whole.borrow_ref::<Object>().map_err(|error| error.to_string())?;
        let value = object.get(field.as_str()).cloned();
        let Some(unless) = unless else { return Ok(value.unwrap_or_else(|| Value::from(()))) };
        let is_absent = match object.get(unless.as_str()) {
            Some(told) => told.as_bool().is_ok_and(|told| !told) || told.into_unit().is_ok(),
            None => true,
        };
        let option: Option<Value> = value.filter(|_| !is_absent);
        rune::to_value(option).map_err(|error: RuntimeError| error.to_string())
    }

    fn run(&self, arguments: &[Value], has_options: bool) -> Result<Value, String> {
        let input = self.input(arguments, has_options)?;
        let answer = match calls::call(&self.calls, &input)? {
            Ok(whole) => Ok(self.output(whole)?),
            Err(error) => Err(error),
        };
        rune::to_value(answer).map_err(|error| error.to_string())
    }
}

fn texts(list: &Value) -> Option<Vec<String>> {
    let list = list.borrow_ref::<RuneVec>().ok()?;
    list.iter().map(|text| Some(text.borrow_string_ref().ok()?.to_string())).collect()
}

fn shape(value: &Value) -> Option<Shape> {
    if let Ok(word) = value.borrow_string_ref() {
        return match &*word {
            "whole" => Some(Shape::Whole),
            "nothing" => Some(Shape::Nothing),
            _ => None,
        };
    }
    let object = value.borrow_ref::<Object>().ok()?;
    let text = |name: &str| Some(object.get(name)?.borrow_string_ref().ok()?.to_string());
    Some(Shape::Field { field: text("field")?, unless: text("unless") })
}

fn insert(input: &mut Object, key: &str, value: Value) -> Result<(), String> {
    let key = alloc::String::try_from(key).map_err(|error| error.to_string())?;
    input.insert(key, value).map_err(|error| error.to_string())?;
    Ok(())
}

/// The modules of the crate `host` that are the same for all plugins, and those that hook into `std`.
pub fn fixed_modules() -> Result<Vec<Module>, ContextError> {
    Ok(vec![calls::module()?, log::module()?, log::io()?, clock::clock()?, clock::random()?])
}

/// A module for each area of the table.
pub fn modules(methods: Vec<Method>) -> Result<Vec<Module>, ContextError> {
    let mut areas: BTreeMap<String, Vec<Arc<Method>>> = BTreeMap::new();
    for method in methods {
        areas.entry(method.area.clone()).or_default().push(Arc::new(method));
    }
    let mut modules = Vec::new();
    for (area, methods) in areas {
        let mut module = Module::with_crate_item("host", [area.as_str()])?;
        for method in methods {
            if method.options {
                add(&mut module, format!("{}_with", method.name), method.clone(), true)?;
            }
            add(&mut module, method.name.clone(), method, false)?;
        }
        modules.push(module);
    }
    Ok(modules)
}

fn add(module: &mut Module, name: String, method: Arc<Method>, has_options: bool) -> Result<(), ContextError> {
    let run = move |memory: &mut dyn Memory, at: InstAddress, count: usize, to: Output| -> VmResult<()> {
        // Copied out, for a call may suspend and the stack is not for others to hold meanwhile.
        let arguments = rune::vm_try!(memory.slice_at(at, count)).to_vec();
        let value = rune::vm_try!(or_panic(method.run(&arguments, has_options)));
        rune::vm_try!(to.store(memory, value));
        VmResult::Ok(())
    };
    module.raw_function(name.as_str(), run).build()?;
    Ok(())
}
