//! The files of a plugin, as they were given at load. There is no file system under them.

use rune::alloc::path::Path;
use rune::ast::Spanned;
use rune::compile::{self, SourceLoader};
use rune::item::ComponentRef;
use rune::{Item, Source};

use crate::library;

pub struct File {
    pub name: String,
    pub text: String,
}

/// At least one file; the first is the entry.
pub struct Files(Vec<File>);

impl Files {
    /// Reads names and sources, in turn.
    pub fn read(parts: &[&[u8]]) -> Result<Self, String> {
        let mut files = Vec::new();
        for pair in parts.chunks_exact(2) {
            let text = |part: &[u8]| std::str::from_utf8(part).map(str::to_owned);
            let name = text(pair[0]).map_err(|_| "a file name that is not UTF-8")?;
            let source = text(pair[1]).map_err(|_| format!("{name} is not UTF-8"))?;
            files.push(File { name, text: source });
        }
        if files.is_empty() {
            return Err("there is no source".into());
        }
        Ok(Self(files))
    }

    pub fn entry(&self) -> &File {
        &self.0[0]
    }

    pub fn iter(&self) -> impl Iterator<Item = &File> {
        self.0.iter()
    }
}

/// Finds the file of `mod name;` beside the entry: `name.rune`, `name.rn`, or `mod` in a folder of that name.
pub struct Loader<'a> {
    pub files: &'a Files,
}

impl SourceLoader for Loader<'_> {
    fn load(&mut self, _: &Path, item: &Item, span: &dyn Spanned) -> compile::Result<Source> {
        if let Some(source) = library::source(item) {
            return source.map_err(compile::Error::from);
        }
        let entry = &self.files.entry().name;
        let mut base = entry.rfind('/').map_or("", |at| &entry[..=at]).to_owned();
        for (index, component) in item.iter().enumerate() {
            let ComponentRef::Str(name) = component else {
                return Err(compile::Error::msg(span, "a module that is declared here has no file"));
            };
            if index > 0 {
                base.push('/');
            }
            base.push_str(name);
        }
        let names = ["", "/mod"].map(|folder| ["rune", "rn"].map(|extension| format!("{base}{folder}.{extension}")));
        let found = self.files.iter().find(|file| names.iter().flatten().any(|name| *name == file.name));
        let Some(file) = found else {
            let wanted = names.concat().join(", ");
            return Err(compile::Error::msg(span, format!("there is no file for this module: none of {wanted}")));
        };
        Ok(Source::with_path(&file.name, &file.text, &file.name)?)
    }
}
