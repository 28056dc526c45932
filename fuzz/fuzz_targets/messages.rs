//! Frames whose CRC is right, with anything in them: each as long as the byte before it says.
#![no_main]

#[path = "../../host/examples/fuzz_link/decode.rs"]
mod decode;
#[path = "../../host/examples/fuzz_link/wire.rs"]
mod wire;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let (mut wire, mut bytes) = (vec![], bytes);
    while let Some((&length, rest)) = bytes.split_first() {
        // Up to two more than the longest frame has.
        let length = (usize::from(length) * 3 / 2).min(rest.len());
        let (raw, rest) = rest.split_at(length);
        wire.extend(wire::on_wire(raw));
        bytes = rest;
    }
    decode::decode(&wire, |_| {}).unwrap();
});
