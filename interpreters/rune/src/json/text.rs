//! JSON's strings.

/// Adds a text with its quotes.
pub fn quote(text: &str, to: &mut String) {
    to.push('"');
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0..=0x1f => "",
            _ => continue,
        };
        to.push_str(&text[plain..at]);
        if escape.is_empty() {
            to.push_str(&format!("\\u{byte:04x}"));
        } else {
            to.push_str(escape);
        }
        plain = at + 1;
    }
    to.push_str(&text[plain..]);
    to.push('"');
}

/// A text as JSON.
pub fn quoted(text: &str) -> String {
    let mut to = String::with_capacity(text.len() + 2);
    quote(text, &mut to);
    to
}
