//! The guest API table as modules: `host::<area>::<name>(…)` with positional arguments, and `<name>_with` where a last
//! argument may bring further fields of the input.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rune::runtime::{InstAddress, Memory, Output, VmResult};
use rune::{ContextError, Module};

use super::calls::{self, or_panic};
use super::row::Row;
use super::{clock, log, text, update};

/// Functions of areas that are made here, not from the table.
const OWN: [(&str, &str); 2] = [("kv", "update"), ("kv", "update_with")];
/// Areas that are made here whole.
const OWN_AREAS: [&str; 5] = ["", "log", "json", "clock", "random"];

/// The modules of the crate `host` that are the same for all plugins, and those that hook into `std`.
pub fn fixed_modules() -> Result<Vec<Module>, ContextError> {
    Ok(vec![calls::module()?, log::module()?, log::io()?, clock::clock()?, clock::random()?, text::module()?])
}

/// A module for each area, from rows in order: of several with one name, the first counts.
pub fn modules(rows: Vec<Row>) -> Result<Vec<Module>, ContextError> {
    let mut areas: BTreeMap<String, Vec<Arc<Row>>> = BTreeMap::new();
    for row in rows {
        if !OWN_AREAS.contains(&row.area.as_str()) {
            areas.entry(row.area.clone()).or_default().push(Arc::new(row));
        }
    }
    areas.entry("kv".into()).or_default();
    let mut modules = Vec::new();
    for (area, rows) in areas {
        let mut module = Module::with_crate_item("host", [area.as_str()])?;
        let own = OWN.iter().filter(|(of, _)| *of == area).map(|(_, name)| (*name).to_owned());
        let mut names: BTreeSet<String> = own.collect();
        if area == "kv" {
            update::install(&mut module)?;
        }
        for row in rows {
            let with = format!("{}_with", row.name);
            if row.has_options() && names.insert(with.clone()) {
                add(&mut module, &with, row.clone(), true)?;
            }
            if names.insert(row.name.clone()) {
                add(&mut module, &row.name.clone(), row, false)?;
            }
        }
        modules.push(module);
    }
    Ok(modules)
}

fn add(module: &mut Module, name: &str, row: Arc<Row>, with_options: bool) -> Result<(), ContextError> {
    let run = move |memory: &mut dyn Memory, at: InstAddress, count: usize, to: Output| -> VmResult<()> {
        // Copied out, for a call may suspend and the stack is not for others to hold meanwhile.
        let arguments = rune::vm_try!(memory.slice_at(at, count)).to_vec();
        let value = rune::vm_try!(or_panic(row.run(&arguments, with_options)));
        rune::vm_try!(to.store(memory, value));
        VmResult::Ok(())
    };
    module.raw_function(name, run).build()?;
    Ok(())
}
