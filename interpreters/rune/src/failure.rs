//! What went wrong, as the JSON that the host reads. Positions are lines and columns of the plugin's own files, 1-based.

use rune::ast::{Span, Spanned};
use rune::diagnostics::{Diagnostic, FatalDiagnosticKind};
use rune::runtime::{Object, Unit, VmError};
use rune::{Diagnostics, SourceId, Sources, Value};

use crate::heap;
use crate::host::{self, HostError, MOST_FRAMES};
use crate::json::{self, quoted};
use crate::library;

const MOST_DIAGNOSTICS: usize = 100;
const MOST_TEXT: usize = 4096;

/// What the host is told of a failure.
pub struct Failure {
    kind: &'static str,
    /// The members of its JSON but the kind.
    members: String,
}

impl Failure {
    fn error(members: String) -> Self {
        Self { kind: "error", members }
    }

    /// The description. When memory was refused before, that is what it comes of, whatever it is.
    pub fn json(&self) -> String {
        let kind = if heap::was_refused() { "memory" } else { self.kind };
        format!("{{\"kind\":\"{kind}\",{}}}", self.members)
    }
}

/// A failure that is a message and nothing more.
pub fn of_message(message: &str) -> Failure {
    Failure::error(format!("\"name\":\"Error\",\"message\":{}", quoted(cut(message))))
}

/// A panic, or any other error of the virtual machine.
pub fn of_error(error: &VmError, sources: &Sources) -> Failure {
    let message = error.to_string();
    let kind = match message.as_str() {
        "stack overflow" => "stack",
        _ => "error",
    };
    let named = error.missing_method().and_then(|(instance, name)| {
        let units = error.locations().iter().map(|location| &location.unit);
        let mut idents = units.filter_map(|unit| unit.debug_info()?.ident_for_hash(name));
        Some(format!("Missing instance function `{}` for `{instance}`", idents.next()?))
    });
    let message = named.unwrap_or(message);
    let message = match message.as_str() {
        "Halted for unexpected reason `limited`" => "the script ran more instructions than one call may",
        other => other.strip_prefix("Panicked: ").unwrap_or(other),
    };
    let mut frames = Vec::new();
    'all: for location in error.locations() {
        let callers = location.frames.iter().rev().map(|frame| frame.ip.saturating_sub(1));
        for ip in std::iter::once(location.ip).chain(callers) {
            frames.extend(frame(&location.unit, ip, sources));
            if frames.len() >= MOST_FRAMES {
                break 'all;
            }
        }
    }
    let members = format!("\"name\":\"Panic\",\"message\":{}{}", quoted(cut(message)), stack(&frames));
    Failure { kind, members }
}

/// Members for the innermost place, and for all of them.
fn stack(frames: &[Frame]) -> String {
    let Some(first) = frames.first() else { return String::new() };
    let list: Vec<_> = frames.iter().map(|frame| format!("{{{}{}}}", frame.place, frame.function)).collect();
    format!(",{},\"stack\":[{}]", first.place, list.join(","))
}

/// What an action returned in an `Err`.
pub fn of_value(value: &Value, sources: &Sources) -> Failure {
    if let Ok(error) = value.borrow_ref::<HostError>() {
        let id = error.id().map_or(String::new(), |id| format!(",\"hostErrorId\":{}", quoted(id)));
        let details = json::write(error.details()).map_or(String::new(), |details| facts(&details));
        let (message, code) = (quoted(cut(error.message())), quoted(error.code()));
        let frames: Vec<_> = error.origin().places().filter_map(|(unit, ip)| frame(unit, ip, sources)).collect();
        let stack = stack(&frames);
        return Failure::error(format!(
            "\"name\":\"HostError\",\"message\":{message},\"guestCode\":{code}{id}{details}{stack}"
        ));
    }
    if let Ok(object) = value.borrow_ref::<Object>() {
        let text = |name: &str| object.get(name).map(|value| host::text_of(value).into_result().unwrap_or_default());
        if let Some(message) = text("message") {
            let code = text("code").map_or(String::new(), |code| format!(",\"guestCode\":{}", quoted(cut(&code))));
            let details = object.get("details").and_then(|details| json::write(details).ok());
            let details = details.map_or(String::new(), |details| facts(&details));
            let message = quoted(cut(&message));
            return Failure::error(format!("\"name\":\"Error\",\"message\":{message}{code}{details}"));
        }
    }
    match host::text_of(value).into_result() {
        Ok(text) => of_message(&text),
        Err(error) => of_message(&error.to_string()),
    }
}

/// Why a plugin does not compile: its first error, and how many more there are.
pub fn of_diagnostics(diagnostics: &Diagnostics, sources: &Sources) -> Failure {
    let mut errors = diagnostics.diagnostics().iter().filter(|one| matches!(one, Diagnostic::Fatal(_)));
    let Some(first) = errors.next() else { return of_message("it does not compile") };
    let (_, message, place) = described(first, sources);
    let more = match errors.count() {
        0 => String::new(),
        count => format!(" (and {count} more)"),
    };
    let message = quoted(cut(&format!("{message}{more}")));
    let place = place.map_or(String::new(), |place| format!(",{place}"));
    Failure { kind: "syntax", members: format!("\"name\":\"SyntaxError\",\"message\":{message}{place}") }
}

/// All that compiling has to say.
pub fn list(diagnostics: &Diagnostics, sources: &Sources) -> String {
    // What is only a warning in the library is no business of the plugin's author.
    let own = diagnostics.diagnostics().iter().filter(|one| match one {
        Diagnostic::Warning(warning) => !sources.get(warning.source_id()).is_some_and(library::is_part),
        _ => true,
    });
    let entries = own.take(MOST_DIAGNOSTICS).map(|diagnostic| {
        let (severity, message, place) = described(diagnostic, sources);
        let place = place.unwrap_or_else(|| "\"file\":\"\",\"line\":0,\"column\":0".into());
        format!("{{{place},\"message\":{},\"severity\":\"{severity}\"}}", quoted(cut(&message)))
    });
    format!("{{\"diagnostics\":[{}]}}", entries.collect::<Vec<_>>().join(","))
}

fn described(diagnostic: &Diagnostic, sources: &Sources) -> (&'static str, String, Option<String>) {
    match diagnostic {
        Diagnostic::Fatal(fatal) => {
            let span = match fatal.kind() {
                FatalDiagnosticKind::CompileError(error) => Some(error.span()),
                _ => None,
            };
            ("error", fatal.to_string(), span.and_then(|span| place(fatal.source_id(), span, sources)))
        }
        Diagnostic::Warning(warning) => {
            ("warning", warning.to_string(), place(warning.source_id(), warning.span(), sources))
        }
        _ => ("warning", "a warning about running it".into(), None),
    }
}

struct Frame {
    place: String,
    function: String,
}

fn frame(unit: &Unit, ip: usize, sources: &Sources) -> Option<Frame> {
    let debug = unit.debug_info()?;
    let instruction = debug.instruction_at(ip)?;
    let start = debug.functions_rev.keys().filter(|start| **start <= ip).max();
    let function = start.and_then(|start| debug.function_at(*start)).map(|(_, signature)| signature.path.to_string());
    Some(Frame {
        place: place(instruction.source_id, instruction.span, sources)?,
        function: function.map_or(String::new(), |name| format!(",\"function\":{}", quoted(cut(&name)))),
    })
}

/// Members of JSON that name a place.
fn place(id: SourceId, span: Span, sources: &Sources) -> Option<String> {
    let source = sources.get(id)?;
    let (line, column) = source.pos_to_utf8_linecol(span.range().start);
    Some(format!("\"file\":{},\"line\":{},\"column\":{}", quoted(source.name()), line + 1, column + 1))
}

fn facts(details: &str) -> String {
    match details.len() <= MOST_TEXT * 4 {
        true => format!(",\"guestDetails\":{details}"),
        false => String::new(),
    }
}

fn cut(text: &str) -> &str {
    let mut end = text.len().min(MOST_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
