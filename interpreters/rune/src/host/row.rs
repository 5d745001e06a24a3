//! One row of the guest API table: how arguments become the input of a host function, and its output a result.

use rune::runtime::{Bytes, Object, RuntimeError, Vec as RuneVec};
use rune::{alloc, Value};

use super::calls;
use crate::json;

/// See the table's own definition for what its members mean.
pub struct Row {
    pub area: String,
    pub name: String,
    calls: String,
    arguments: Arguments,
    result: Shape,
}

enum Arguments {
    /// The one argument is the whole input.
    Whole,
    Placed {
        names: Vec<String>,
        /// How many of them must be given.
        required: usize,
        options: bool,
        /// Fields in which a text crosses as its bytes.
        bytes: Vec<String>,
        /// JSON of the fields that are always sent.
        fixed: Option<String>,
    },
}

enum Shape {
    Whole,
    Nothing,
    Field { field: String, unless: Option<String> },
}

impl Row {
    /// Reads a row. None where it has another shape: such a row is left out.
    pub fn read(row: &Value) -> Option<Self> {
        let row = row.borrow_ref::<Object>().ok()?;
        let text = |name: &str| text_of(row.get(name)?);
        let names = texts(row.get("positional")?)?;
        Some(Self {
            area: text("area")?,
            name: text("name")?,
            calls: text("calls")?,
            arguments: Arguments::Placed {
                required: names.iter().take_while(|name| !name.ends_with('?')).count(),
                names: names.iter().map(|name| name.trim_end_matches('?').to_owned()).collect(),
                options: row.get("options")?.as_bool().ok()?,
                bytes: row.get("bytes").and_then(texts).unwrap_or_default(),
                fixed: row.get("fixed").and_then(|fixed| json::write(fixed).ok()),
            },
            result: shape(row.get("result")?)?,
        })
    }

    /// A row for a host function that no table knows: `area.restOfName` is called with its whole input as
    /// `host::area::rest_of_name`. None where that is no name in Rune.
    pub fn of_function(function: &str) -> Option<Self> {
        let (area, rest) = function.split_once('.').unwrap_or(("", function));
        let mut name = String::new();
        for letter in rest.chars() {
            match letter {
                'A'..='Z' => name.extend(['_', letter.to_ascii_lowercase()]),
                'a'..='z' | '0'..='9' | '_' => name.push(letter),
                '.' | '-' => name.push('_'),
                _ => return None,
            }
        }
        let is_name = |name: &str| name.starts_with(|letter: char| letter.is_ascii_lowercase());
        if !is_name(&name)
            || !(area.is_empty()
                || is_name(area) && area.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
        {
            return None;
        }
        Some(Self {
            area: area.into(),
            name,
            calls: function.into(),
            arguments: Arguments::Whole,
            result: Shape::Whole,
        })
    }

    pub fn has_options(&self) -> bool {
        matches!(self.arguments, Arguments::Placed { options: true, .. })
    }

    /// Calls; `with_options` says that the last argument brings further fields.
    pub fn run(&self, arguments: &[Value], with_options: bool) -> Result<Value, String> {
        let input = self.input(arguments, with_options)?;
        let answer = match calls::call(&self.calls, &input)? {
            Ok(whole) => Ok(self.output(whole)?),
            Err(error) => Err(error),
        };
        rune::to_value(answer).map_err(|error| error.to_string())
    }

    fn input(&self, given: &[Value], with_options: bool) -> Result<Value, String> {
        let Arguments::Placed { names, required, bytes, fixed, .. } = &self.arguments else {
            return match given {
                [] => Ok(Value::from(())),
                [input] => Ok(input.clone()),
                _ => Err(self.miscounted("one argument, the whole input", given.len())),
            };
        };
        let (placed, options) = match given.split_last() {
            Some((options, placed)) if with_options => (placed, Some(options)),
            None if with_options => return Err(self.miscounted("options as its last argument", 0)),
            _ => (given, None),
        };
        if placed.len() < *required || placed.len() > names.len() {
            let wanted =
                if *required == names.len() { required.to_string() } else { format!("{required} to {}", names.len()) };
            return Err(self.miscounted(&format!("{wanted} arguments"), placed.len()));
        }
        let mut input = Object::new();
        if let Some(options) = options {
            add_all(&mut input, options, "options are an object: #{ … }")?;
        }
        for (name, value) in names.iter().zip(placed) {
            // Left out, as in languages that can leave out one in the middle.
            if value.into_unit().is_err() {
                insert(&mut input, name, value.clone())?;
            }
        }
        if let Some(fixed) = fixed {
            add_all(&mut input, &json::decode(fixed)?, "fixed fields are an object")?;
        }
        for name in bytes {
            let text = input.get(name.as_str()).and_then(|value| value.borrow_string_ref().ok());
            let Some(text) = text.map(|text| Bytes::from_slice(text.as_bytes())) else { continue };
            insert(&mut input, name, text.and_then(Value::new).map_err(|error| error.to_string())?)?;
        }
        Value::new(input).map_err(|error| error.to_string())
    }

    fn miscounted(&self, wanted: &str, got: usize) -> String {
        format!("host::{}::{} takes {wanted}, got {got}", self.area, self.name)
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
        rune::to_value(value.filter(|_| !is_absent)).map_err(|error: RuntimeError| error.to_string())
    }
}

fn text_of(value: &Value) -> Option<String> {
    Some(value.borrow_string_ref().ok()?.to_string())
}

/// A list of texts.
pub fn texts(list: &Value) -> Option<Vec<String>> {
    list.borrow_ref::<RuneVec>().ok()?.iter().map(text_of).collect()
}

fn shape(value: &Value) -> Option<Shape> {
    if let Some(word) = text_of(value) {
        return match word.as_str() {
            "whole" => Some(Shape::Whole),
            "nothing" => Some(Shape::Nothing),
            _ => None,
        };
    }
    let object = value.borrow_ref::<Object>().ok()?;
    Some(Shape::Field { field: text_of(object.get("field")?)?, unless: object.get("unless").and_then(text_of) })
}

fn add_all(input: &mut Object, fields: &Value, otherwise: &str) -> Result<(), String> {
    let fields = fields.borrow_ref::<Object>().map_err(|_| otherwise)?;
    fields.iter().try_for_each(|(key, value)| insert(input, key, value.clone()))
}

fn insert(input: &mut Object, key: &str, value: Value) -> Result<(), String> {
    let key = alloc::String::try_from(key).map_err(|error| error.to_string())?;
    input.insert(key, value).map_err(|error| error.to_string())?;
    Ok(())
}
