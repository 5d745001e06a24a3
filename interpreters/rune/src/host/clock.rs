//! The modules `host::clock` and `host::random`: what a script knows of the time and of chance, both the host's.

use rune::runtime::{Bytes, VmResult};
use rune::{ContextError, Module};

use crate::abi;

/// Most bytes that one call draws.
const MOST_BYTES: i64 = 1024 * 1024;

pub fn clock() -> Result<Module, ContextError> {
    let mut module = Module::with_crate_item("host", ["clock"])?;
    module.function("now", || abi::clock().floor() as i64).build()?;
    module.function("local_offset", |ms: i64| i64::from(abi::local_offset(ms as f64))).build()?;
    Ok(module)
}

pub fn random() -> Result<Module, ContextError> {
    let mut module = Module::with_crate_item("host", ["random"])?;
    module.function("float", || (word() >> 11) as f64 / (1_u64 << 53) as f64).build()?;
    module.function("int", int).build()?;
    module
        .function("bytes", |count: i64| {
            if !(0..=MOST_BYTES).contains(&count) {
                return VmResult::panic(format!("random::bytes draws between 0 and {MOST_BYTES} bytes"));
            }
            let mut drawn = vec![0; count as usize];
            abi::random(&mut drawn);
            match Bytes::from_slice(drawn) {
                Ok(bytes) => VmResult::Ok(bytes),
                Err(error) => VmResult::panic(error),
            }
        })
        .build()?;
    Ok(module)
}

/// A whole number between two, both included, each as likely as any other.
fn int(from: i64, to: i64) -> VmResult<i64> {
    if from > to {
        return VmResult::panic(format!("random::int: {from} is more than {to}"));
    }
    let span = to.wrapping_sub(from) as u64;
    if span == u64::MAX {
        return VmResult::Ok(word() as i64);
    }
    let count = span + 1;
    // The last, incomplete run of the generator's range is drawn again.
    let fair = u64::MAX - (u64::MAX % count + 1) % count;
    loop {
        let drawn = word();
        if drawn <= fair {
            return VmResult::Ok(from.wrapping_add((drawn % count) as i64));
        }
    }
}

fn word() -> u64 {
    let mut bytes = [0; 8];
    abi::random(&mut bytes);
    u64::from_le_bytes(bytes)
}
