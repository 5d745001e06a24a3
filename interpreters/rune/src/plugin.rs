//! A plugin's sources made into one unit, and the functions of it that are actions.

use std::collections::BTreeMap;
use std::sync::Arc;

use rune::compile::{CompileVisitor, MetaError, MetaRef};
use rune::runtime::{debug::DebugArgs, Object, RuntimeContext, Unit, Vec as RuneVec};
use rune::{ast::Spanned, Context, Diagnostics, Hash, Options, Source, SourceId, Sources, Value};

use crate::failure::Failure;
use crate::sources::{self, Files};
use crate::{failure, host, json, library, payload};

/// What `load` and `check` are given.
pub struct Request {
    pub files: Files,
    rows: Vec<host::Row>,
}

/// A function that may be called from outside.
pub struct Action {
    pub hash: Hash,
    /// 1-based.
    pub line: usize,
    /// Names of its parameters; those that are patterns have none.
    pub parameters: Vec<Option<String>>,
}

pub struct Plugin {
    pub context: Arc<RuntimeContext>,
    pub unit: Arc<Unit>,
    pub sources: Sources,
    pub actions: BTreeMap<String, Action>,
}

impl Request {
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let parts = payload::parts(bytes).ok_or("a payload that is cut short")?;
        let (head, files) = parts.split_first().ok_or("a payload without text")?;
        let head = json::decode(std::str::from_utf8(head).map_err(|_| "text that is not UTF-8")?)?;
        let head = head.borrow_ref::<Object>().map_err(|error| error.to_string())?;
        let mut rows = Vec::new();
        if let Some(Ok(table)) = head.get("table").map(Value::borrow_ref::<RuneVec>) {
            rows.extend(table.iter().filter_map(host::Row::read));
        }
        if let Some(Ok(functions)) = head.get("functions").map(Value::borrow_ref::<RuneVec>) {
            let names = functions.iter().filter_map(|name| name.borrow_string_ref().ok());
            rows.extend(names.filter_map(|name| host::Row::of_function(&name)));
        }
        Ok(Self { files: Files::read(files)?, rows })
    }
}

/// What compiling found out.
pub struct Compiled {
    pub sources: Sources,
    pub diagnostics: Diagnostics,
    /// None when there are errors.
    pub unit: Option<Unit>,
    exports: Exports,
}

/// Adds the table's modules to the context and compiles.
pub fn compile(context: &mut Context, request: Request) -> Result<Compiled, String> {
    for module in host::modules(request.rows).map_err(|error| error.to_string())? {
        context.install(module).map_err(|error| error.to_string())?;
    }
    let mut sources = Sources::new();
    let entry = request.files.entry();
    sources.insert(source_of(&entry.name, &entry.text)?).map_err(|error| error.to_string())?;
    if let Some(root) = library::root(&request.files) {
        sources.insert(source_of(library::ROOT, &root)?).map_err(|error| error.to_string())?;
    }
    let mut diagnostics = Diagnostics::new();
    let mut exports = Exports::default();
    let mut loader = sources::Loader { files: &request.files };
    let mut options = Options::default();
    for option in ["debug-info=true", "macros=true"] {
        options.parse_option(option).map_err(|error| error.to_string())?;
    }
    let built = rune::prepare(&mut sources)
        .with_context(context)
        .with_options(&options)
        .with_diagnostics(&mut diagnostics)
        .with_source_loader(&mut loader)
        .with_visitor(&mut exports)
        .map_err(|error| error.to_string())?
        .build();
    let unit = match built {
        Ok(unit) if !diagnostics.has_error() => Some(unit),
        Err(error) if !diagnostics.has_error() => return Err(error.to_string()),
        _ => None,
    };
    Ok(Compiled { sources, diagnostics, unit, exports })
}

impl Compiled {
    /// Readies it for calls.
    pub fn ready(self, context: &Context) -> Result<Plugin, Failure> {
        let Some(unit) = self.unit else { return Err(failure::of_diagnostics(&self.diagnostics, &self.sources)) };
        let runtime = context.runtime().map_err(|error| failure::of_message(&error.to_string()))?;
        let actions = self.exports.actions(&unit, &self.sources);
        Ok(Plugin { context: Arc::new(runtime), unit: Arc::new(unit), sources: self.sources, actions })
    }
}

fn source_of(name: &str, text: &str) -> Result<Source, String> {
    Source::with_path(name, text, name).map_err(|error| error.to_string())
}

/// Collects public functions at the top level of the entry file.
#[derive(Default)]
struct Exports {
    found: Vec<(String, Hash, usize)>,
}

impl CompileVisitor for Exports {
    fn register_meta(&mut self, meta: MetaRef<'_>) -> Result<(), MetaError> {
        use rune::compile::meta::Kind;
        let is_function = matches!(
            meta.kind,
            Kind::Function { associated: None, trait_hash: None, is_test: false, is_bench: false, .. }
        );
        if !is_function || !meta.is_public || meta.context {
            return Ok(());
        }
        let Some(source) = meta.source else { return Ok(()) };
        if source.location.source_id.into_index() != 0 || meta.item.iter().count() != 1 {
            return Ok(());
        }
        let Some(name) = meta.item.base_name() else { return Ok(()) };
        self.found.push((name.to_owned(), meta.hash, source.location.span().range().start));
        Ok(())
    }
}

impl Exports {
    fn actions(self, unit: &Unit, sources: &Sources) -> BTreeMap<String, Action> {
        let mut actions = BTreeMap::new();
        let entry = sources.get(SourceId::new(0));
        for (name, hash, at) in self.found {
            let signature = unit.debug_info().and_then(|debug| debug.functions.get(&hash));
            let Some(signature) = signature else { continue };
            let parameters = match &signature.args {
                DebugArgs::EmptyArgs => Vec::new(),
                DebugArgs::TupleArgs(count) => vec![None; *count],
                DebugArgs::Named(names) => names.iter().map(|name| Some(name.to_string())).collect(),
            };
            let line = entry.map_or(0, |entry| entry.pos_to_utf8_linecol(at).0 + 1);
            actions.insert(name, Action { hash, line, parameters });
        }
        actions
    }
}
