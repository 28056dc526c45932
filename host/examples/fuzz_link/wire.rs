//! Frames as a line carries them.

use nernst_spec::link::frame::crc32;

/// A frame without its CRC, which may be too short or too long for one: with that and in COBS code, in blocks that such a frame does not have, too.
pub fn on_wire(raw: &[u8]) -> Vec<u8> {
    let raw = [raw, &crc32(raw).to_le_bytes()].concat();
    let mut wire = vec![];
    for block in raw.split(|&byte| byte == 0) {
        for chunk in block.chunks(254) {
            wire.push(chunk.len() as u8 + 1);
            wire.extend(chunk);
        }
        if block.is_empty() {
            wire.push(1);
        }
    }
    wire.push(0);
    wire
}
