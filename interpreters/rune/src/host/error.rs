//! The host's errors as values of scripts. Only the host's answer makes one, so that none can be forged: a script reads
//! its fields and passes it on, and the host knows its own error again by the id, which no script sees.

use rune::alloc::{self, fmt::TryWrite};
use rune::runtime::{Formatter, Object, VmResult};
use rune::{Any, ContextError, Module, Value};

use super::origin::Origin;
use crate::json;

/// What a host call failed with.
#[derive(Any)]
#[rune(item = ::host)]
pub struct HostError {
    #[rune(get)]
    code: alloc::String,
    #[rune(get)]
    message: alloc::String,
    hint: Option<alloc::String>,
    details: Value,
    id: Option<alloc::String>,
    /// Where the script made the call.
    origin: Origin,
}

impl HostError {
    /// Reads the host's JSON.
    pub fn read(wire: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(wire).map_err(|_| "a refusal that is not UTF-8")?;
        let value = json::decode(text)?;
        let object = value.borrow_ref::<Object>().map_err(|error| error.to_string())?;
        let member = |name: &str| object.get(name).and_then(|value| value.borrow_string_ref().ok());
        let owned = |name: &str| member(name).and_then(|text| alloc::String::try_from(&*text).ok());
        Ok(Self {
            code: owned("code").unwrap_or_default(),
            message: owned("message").unwrap_or_default(),
            hint: owned("hint"),
            details: object.get("details").cloned().unwrap_or_else(|| Value::from(())),
            id: owned("id"),
            origin: Origin::awaited(),
        })
    }

    /// One that the interpreter itself raises, for which the host has no id.
    pub fn own(code: &str, message: &str) -> alloc::Result<Self> {
        let (code, message) = (code.try_into()?, message.try_into()?);
        Ok(Self { code, message, hint: None, details: Value::from(()), id: None, origin: Origin::awaited() })
    }

    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    pub fn message(&self) -> &str {
        &self.message
    }

    /// What the host knows it by.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    pub fn code(&self) -> &str {
        &self.code
    }

    pub fn details(&self) -> &Value {
        &self.details
    }

    #[rune::function(protocol = DISPLAY_FMT)]
    fn display(&self, to: &mut Formatter) -> VmResult<()> {
        rune::vm_write!(to, "{}: {}", self.code, self.message)
    }

    #[rune::function(protocol = DEBUG_FMT)]
    fn debug(&self, to: &mut Formatter) -> VmResult<()> {
        rune::vm_write!(to, "HostError({:?}, {:?})", self.code, self.message)
    }
}

/// Adds the type to the crate.
pub fn install(module: &mut Module) -> Result<(), ContextError> {
    module.ty::<HostError>()?;
    module.function_meta(HostError::display)?;
    module.function_meta(HostError::debug)?;
    module.field_function(&rune::runtime::Protocol::GET, "hint", |error: &HostError| {
        VmResult::<Option<alloc::String>>::Ok(
            error.hint.as_ref().and_then(|hint| alloc::String::try_from(hint.as_str()).ok()),
        )
    })?;
    module.field_function(&rune::runtime::Protocol::GET, "details", |error: &HostError| error.details.clone())?;
    Ok(())
}
