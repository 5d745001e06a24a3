//! A value to JSON text. What JSON has no form for is refused, never guessed.

use rune::alloc;
use rune::runtime::{Bytes, Object, OwnedTuple, TypeHash, TypeValue, Vec as RuneVec};
use rune::Value;

use super::text::quote;
use super::MAX_DEPTH;
use crate::payload::Payload;

/// Longer texts are refused before memory is; the host takes no more than 32 MiB.
const MAX_BYTES: usize = 32 * 1024 * 1024;

/// Writes a value and the byte strings in it.
pub fn pack(value: &Value) -> Result<Payload, String> {
    let mut payload = Payload::default();
    Writer { json: &mut payload.json, blobs: Some(&mut payload.blobs), bytes: 0 }.value(value, 0)?;
    Ok(payload)
}

/// Writes a value that has no byte strings.
pub fn write(value: &Value) -> Result<String, String> {
    let mut json = String::new();
    Writer { json: &mut json, blobs: None, bytes: 0 }.value(value, 0)?;
    Ok(json)
}

struct Writer<'a> {
    json: &'a mut String,
    blobs: Option<&'a mut Vec<Vec<u8>>>,
    bytes: usize,
}

impl Writer<'_> {
    fn value(&mut self, value: &Value, depth: usize) -> Result<(), String> {
        if depth > MAX_DEPTH {
            return Err(format!("the value is nested deeper than {MAX_DEPTH} levels, or contains itself"));
        }
        if self.json.len() + self.bytes > MAX_BYTES {
            return Err(format!("the value takes more than {MAX_BYTES} bytes as JSON"));
        }
        let hash = value.type_hash();
        if hash == <()>::HASH {
            if value.into_unit().is_ok() {
                self.json.push_str("null");
                return Ok(());
            }
        } else if hash == bool::HASH {
            self.json.push_str(if value.as_bool().map_err(odd)? { "true" } else { "false" });
            return Ok(());
        } else if hash == i64::HASH {
            self.json.push_str(&value.as_signed().map_err(odd)?.to_string());
            return Ok(());
        } else if hash == u64::HASH {
            self.json.push_str(&value.as_unsigned().map_err(odd)?.to_string());
            return Ok(());
        } else if hash == f64::HASH {
            return self.float(value.as_float().map_err(odd)?);
        } else if hash == char::HASH {
            quote(value.as_char().map_err(odd)?.encode_utf8(&mut [0; 4]), self.json);
            return Ok(());
        } else if hash == alloc::String::HASH {
            quote(&value.borrow_string_ref().map_err(odd)?, self.json);
            return Ok(());
        } else if hash == Bytes::HASH {
            let bytes = value.borrow_ref::<Bytes>().map_err(odd)?;
            let Some(blobs) = self.blobs.as_mut() else {
                return Err("byte strings have no form in JSON".into());
            };
            self.bytes += bytes.len();
            self.json.push_str(&format!("{{\"$blob\":{}}}", blobs.len()));
            blobs.push(bytes.as_slice().to_vec());
            return Ok(());
        } else if hash == RuneVec::HASH {
            return self.list(&value.borrow_ref::<RuneVec>().map_err(odd)?, depth);
        } else if hash == Object::HASH {
            let object = value.borrow_ref::<Object>().map_err(odd)?;
            // An object has no order of its own: sorted, the same value is the same text.
            let mut members: Vec<_> = object.iter().map(|(key, member)| (key.as_str(), member)).collect();
            members.sort_unstable_by_key(|(key, _)| *key);
            return self.members(members.into_iter(), depth);
        } else if hash == <Option<Value>>::HASH {
            return match &*value.borrow_ref::<Option<Value>>().map_err(odd)? {
                Some(value) => self.value(value, depth + 1),
                None => {
                    self.json.push_str("null");
                    Ok(())
                }
            };
        }
        self.composite(value, depth)
    }

    fn float(&mut self, float: f64) -> Result<(), String> {
        if !float.is_finite() {
            return Err(format!("{float} has no form in JSON"));
        }
        self.json.push_str(&format!("{float:?}"));
        Ok(())
    }

    /// Tuples, structs, variants of enums, and the collections of the standard library.
    fn composite(&mut self, value: &Value, depth: usize) -> Result<(), String> {
        match value.as_type_value().map_err(odd)? {
            TypeValue::Unit => self.json.push_str("null"),
            TypeValue::Tuple(tuple) => {
                let tuple: &OwnedTuple = &tuple;
                self.list(tuple, depth)?;
            }
            TypeValue::EmptyStruct(empty) => match empty.rtti().is_variant() {
                true => quote(empty.rtti().item().base_name().unwrap_or(""), self.json),
                false => self.json.push_str("{}"),
            },
            TypeValue::TupleStruct(tuple) => {
                let name = tuple.rtti().is_variant().then(|| tuple.rtti().item().base_name().unwrap_or(""));
                self.open_variant(name);
                match tuple.data() {
                    [only] if name.is_some() => self.value(only, depth + 1)?,
                    data => self.list(data, depth + 1)?,
                }
                self.close_variant(name);
            }
            TypeValue::Struct(data) => {
                let name = data.rtti().is_variant().then(|| data.rtti().item().base_name().unwrap_or(""));
                self.open_variant(name);
                let mut fields: Vec<_> = data.rtti().fields().collect();
                fields.sort_unstable_by_key(|(_, at)| *at);
                let values = data.data();
                let members = fields.iter().filter_map(|(field, at)| Some((*field, values.get(*at)?)));
                self.members(members, depth + 1)?;
                self.close_variant(name);
            }
            _ => self.collection(value, depth)?,
        }
        Ok(())
    }

    fn collection(&mut self, value: &Value, depth: usize) -> Result<(), String> {
        let kind = value.type_info().to_string();
        let is_map = kind == "::std::collections::hash_map::HashMap";
        if !is_map
            && kind != "::std::collections::hash_set::HashSet"
            && kind != "::std::collections::vec_deque::VecDeque"
        {
            return Err(format!("a value of type {kind} has no form in JSON"));
        }
        let mut iterator = value.clone().into_iter().into_result().map_err(|error| error.to_string())?;
        self.json.push(if is_map { '{' } else { '[' });
        let mut is_first = true;
        while let Some(item) = iterator.next().into_result().map_err(|error| error.to_string())? {
            if !std::mem::replace(&mut is_first, false) {
                self.json.push(',');
            }
            if is_map {
                let (key, member): (Value, Value) = rune::from_value(item).map_err(odd)?;
                let key = key.borrow_string_ref().map_err(|_| "only texts are keys in JSON")?;
                quote(&key, self.json);
                self.json.push(':');
                self.value(&member, depth + 1)?;
            } else {
                self.value(&item, depth + 1)?;
            }
        }
        self.json.push(if is_map { '}' } else { ']' });
        Ok(())
    }

    fn open_variant(&mut self, name: Option<&str>) {
        if let Some(name) = name {
            self.json.push('{');
            quote(name, self.json);
            self.json.push(':');
        }
    }

    fn close_variant(&mut self, name: Option<&str>) {
        if name.is_some() {
            self.json.push('}');
        }
    }

    fn list(&mut self, items: &[Value], depth: usize) -> Result<(), String> {
        self.json.push('[');
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.json.push(',');
            }
            self.value(item, depth + 1)?;
        }
        self.json.push(']');
        Ok(())
    }

    fn members<'a>(&mut self, members: impl Iterator<Item = (&'a str, &'a Value)>, depth: usize) -> Result<(), String> {
        self.json.push('{');
        for (index, (key, member)) in members.enumerate() {
            if index > 0 {
                self.json.push(',');
            }
            quote(key, self.json);
            self.json.push(':');
            self.value(member, depth + 1)?;
        }
        self.json.push('}');
        Ok(())
    }
}

fn odd(error: rune::runtime::RuntimeError) -> String {
    error.to_string()
}
