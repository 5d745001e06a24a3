//! Lists the modules of std/, so that each file there is one.

use std::{env, fs, path::Path};

fn main() {
    let mut files: Vec<_> = fs::read_dir("std").expect("std/").map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "rn"));
    files.sort();
    let mut list = String::from("const LIBRARY: &[(&str, &str)] = &[\n");
    for file in files {
        let name = file.file_stem().expect("a name").to_string_lossy();
        list.push_str(&format!(
            "    ({name:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/std/{name}.rn\"))),\n"
        ));
    }
    list.push_str("];\n");
    let out = env::var("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&out).join("library.rs"), list).expect("it can be written");
    println!("cargo::rerun-if-changed=std");
}
