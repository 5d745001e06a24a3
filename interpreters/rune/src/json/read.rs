//! JSON text to a value, in one pass and with a bounded depth.

use rune::alloc;
use rune::runtime::{Bytes, Object, Vec as RuneVec};
use rune::Value;

use super::MAX_DEPTH;
use crate::payload;

/// Reads a payload.
pub fn unpack(bytes: &[u8]) -> Result<Value, String> {
    let parts = payload::parts(bytes).ok_or("a payload that is cut short")?;
    let (json, blobs) = parts.split_first().ok_or("a payload without text")?;
    read(std::str::from_utf8(json).map_err(|_| "text that is not UTF-8")?, blobs)
}

/// Reads JSON text.
pub fn decode(text: &str) -> Result<Value, String> {
    read(text, &[])
}

fn read(text: &str, blobs: &[&[u8]]) -> Result<Value, String> {
    let mut reader = Reader { text, at: 0, blobs };
    let value = reader.value(0)?;
    reader.space();
    if reader.at < text.len() {
        return Err(reader.odd("the end"));
    }
    Ok(value)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    blobs: &'a [&'a [u8]],
}

impl Reader<'_> {
    fn value(&mut self, depth: usize) -> Result<Value, String> {
        if depth > MAX_DEPTH {
            return Err(format!("JSON is nested deeper than {MAX_DEPTH} levels"));
        }
        self.space();
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => rune::to_value(self.string()?).map_err(|error| error.to_string()),
            Some(b't') => self.word("true", true),
            Some(b'f') => self.word("false", false),
            Some(b'n') => self.word("null", ()),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => Err(self.odd("a value")),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, String> {
        self.at += 1;
        let mut object = Object::new();
        self.space();
        if !self.take(b'}') {
            loop {
                self.space();
                if self.peek() != Some(b'"') {
                    return Err(self.odd("a key"));
                }
                let key = self.string()?;
                self.space();
                self.expect(b':', "a colon")?;
                let value = self.value(depth + 1)?;
                object.insert(key, value).map_err(full)?;
                self.space();
                if self.take(b'}') {
                    break;
                }
                self.expect(b',', "a comma or a closing brace")?;
            }
        }
        if let Some(blob) = self.blob_of(&object) {
            return Value::new(Bytes::from_slice(blob).map_err(full)?).map_err(full);
        }
        Value::new(object).map_err(full)
    }

    /// The byte string that an object stands for.
    fn blob_of(&self, object: &Object) -> Option<&[u8]> {
        if self.blobs.is_empty() || object.len() != 1 {
            return None;
        }
        let index = object.get("$blob")?.as_integer::<usize>().ok()?;
        self.blobs.get(index).copied()
    }

    fn list(&mut self, depth: usize) -> Result<Value, String> {
        self.at += 1;
        let mut list = RuneVec::new();
        self.space();
        if !self.take(b']') {
            loop {
                let value = self.value(depth + 1)?;
                list.push(value).map_err(full)?;
                self.space();
                if self.take(b']') {
                    break;
                }
                self.expect(b',', "a comma or a closing bracket")?;
            }
        }
        Value::new(list).map_err(full)
    }

    fn string(&mut self) -> Result<alloc::String, String> {
        self.at += 1;
        let mut string = alloc::String::new();
        loop {
            let rest = &self.text.as_bytes()[self.at..];
            let plain = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f));
            let Some(plain) = plain else { return Err(self.odd("a closing quote")) };
            string.try_push_str(&self.text[self.at..self.at + plain]).map_err(full)?;
            self.at += plain;
            match rest[plain] {
                b'"' => {
                    self.at += 1;
                    return Ok(string);
                }
                b'\\' => string.try_push(self.escape()?).map_err(full)?,
                _ => return Err(self.odd("no control character in a string")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, String> {
        self.at += 1;
        let escape = self.peek();
        self.at += 1;
        Ok(match escape {
            Some(byte @ (b'"' | b'\\' | b'/')) => byte as char,
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let first = self.unit()?;
                let code = if (0xd800..0xdc00).contains(&first) && self.text[self.at..].starts_with("\\u") {
                    self.at += 2;
                    let second = self.unit()?;
                    if (0xdc00..0xe000).contains(&second) {
                        0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
                    } else {
                        0xfffd
                    }
                } else {
                    first
                };
                char::from_u32(code).unwrap_or('\u{fffd}')
            }
            _ => return Err(self.odd("an escape")),
        })
    }

    fn unit(&mut self) -> Result<u32, String> {
        let digits = self.text.get(self.at..self.at + 4);
        let unit = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let unit = unit.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let Some(unit) = unit else { return Err(self.odd("four hexadecimal digits")) };
        self.at += 4;
        Ok(unit)
    }

    fn number(&mut self) -> Result<Value, String> {
        let from = self.at;
        self.take(b'-');
        let whole = self.digits();
        let zero_first = whole > 1 && self.text.as_bytes()[self.at - whole] == b'0';
        let mut is_float = false;
        let mut is_sound = whole > 0 && !zero_first;
        if self.take(b'.') {
            is_float = true;
            is_sound &= self.digits() > 0;
        }
        if self.take(b'e') || self.take(b'E') {
            is_float = true;
            let _ = self.take(b'+') || self.take(b'-');
            is_sound &= self.digits() > 0;
        }
        if !is_sound {
            return Err(self.odd("a digit"));
        }
        let text = &self.text[from..self.at];
        if !is_float {
            if let Ok(integer) = text.parse::<i64>() {
                return rune::to_value(integer).map_err(|error| error.to_string());
            }
        }
        let float = text.parse::<f64>().map_err(|_| self.odd("a number"))?;
        rune::to_value(float).map_err(|error| error.to_string())
    }

    fn digits(&mut self) -> usize {
        let from = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - from
    }

    fn word(&mut self, word: &str, value: impl rune::ToValue) -> Result<Value, String> {
        if !self.text[self.at..].starts_with(word) {
            return Err(self.odd("a value"));
        }
        self.at += word.len();
        rune::to_value(value).map_err(|error| error.to_string())
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let is_there = self.peek() == Some(byte);
        self.at += usize::from(is_there);
        is_there
    }

    fn expect(&mut self, byte: u8, what: &str) -> Result<(), String> {
        if self.take(byte) {
            Ok(())
        } else {
            Err(self.odd(what))
        }
    }

    fn odd(&self, expected: &str) -> String {
        format!("invalid JSON at byte {}: expected {expected}", self.at)
    }
}

fn full(error: alloc::Error) -> String {
    error.to_string()
}
