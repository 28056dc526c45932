//! Bytes as they come from a line: frames, or what is left of them.
#![no_main]

#[path = "../../host/examples/fuzz_link/decode.rs"]
mod decode;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| decode::decode(bytes, |_| {}).unwrap());
