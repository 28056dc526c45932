//! AEDAT 2.0 of a DVS128: lines of text that begin with `#`, then eight bytes an event
//! (<https://docs.inivation.com/software/software-advanced-usage/file-formats/aedat-2.0.html>).
//!
//! An event is an address and a time in microseconds, both signed numbers of 32 bits, most significant byte first. The address of a DVS128:
//!
//! | bit 15 | 14 to 8 | 7 to 1 | 0 |
//! |---|---|---|---|
//! | external event, which is left out | y | x | polarity: 1 brighter, 0 darker |
//!
//! (0, 0) is the lower left corner.

use super::sensor::{self, Event, Shape};
use super::{EventError, Place, Reading, SpikeSet, Writing};

/// The sensor, and the most that its addresses can name.
pub(super) const SHAPE: Shape = Shape(128, 128);
const EVENT: usize = 8;
const VERSION: &str = "#!AER-DAT";
const HEADER: &str = "#!AER-DAT2.0\r\n# Data format is int32 address, int32 timestamp (8 bytes total), repeated for each event\r\n\
                      # Timestamps tick is 1 us\r\n# AEChip: ch.unizh.ini.jaer.chip.retina.DVS128\r\n";
const EXTERNAL: u32 = 1 << 15;

pub(super) fn decode(bytes: &[u8], file: &str, reading: &Reading) -> Result<SpikeSet, EventError> {
    let at = |place, what| EventError::Content { file: file.into(), place, what };
    let start = header(bytes).map_err(|what| at(Place::File, what))?;
    let shape = reading.shape.unwrap_or(SHAPE);
    let rest = (bytes.len() - start) % EVENT;
    if rest != 0 {
        return Err(at(Place::Byte(bytes.len() - rest), format!("{rest} bytes of an event that has {EVENT}")));
    }
    let mut events = vec![];
    for (number, event) in bytes[start..].chunks_exact(EVENT).enumerate() {
        let byte = start + EVENT * number;
        let word = |from: usize| u32::from_be_bytes([event[from], event[from + 1], event[from + 2], event[from + 3]]);
        let (address, us) = (word(0), word(4) as i32);
        if address >= EXTERNAL << 1 {
            return Err(at(Place::Byte(byte), format!("address {address:#x}, and those of a DVS128 have 16 bits")));
        }
        if address & EXTERNAL != 0 {
            continue;
        }
        let us = us.try_into().map_err(|_| at(Place::Byte(byte), format!("the time {us} us, expected 0 or later")))?;
        let (x, y) = ((address >> 1 & 0x7f) as usize, (address >> 8 & 0x7f) as usize);
        events.push((byte, Event { x, y, on: address & 1 != 0, us }));
    }
    sensor::sample(&events, shape, file, reading)
}

/// The length of the header, if it is one of this format and sensor.
fn header(bytes: &[u8]) -> Result<usize, String> {
    let (mut length, mut first) = (0, true);
    while bytes[length..].starts_with(b"#") {
        let end = bytes[length..].iter().position(|byte| *byte == b'\n').ok_or("a header line without an end")?;
        let line = String::from_utf8_lossy(&bytes[length..length + end]);
        let line = line.trim_end();
        if let Some(version) = line.strip_prefix(VERSION).filter(|version| first && !version.starts_with("2.0")) {
            return Err(format!("AEDAT {version}, expected 2.0: let its maker's software write it as that"));
        }
        if first && !line.starts_with(VERSION) {
            return Err(format!("its first line is `{line}`, expected `{VERSION}2.0`"));
        }
        if let Some((_, chip)) = line.split_once("AEChip:").filter(|(_, chip)| !chip.contains("DVS128")) {
            return Err(format!(
                "a recording of `{}`, expected one of a DVS128: other sensors have other addresses",
                chip.trim()
            ));
        }
        (length, first) = (length + end + 1, false);
    }
    if first { Err(format!("no AEDAT 2.0: its first line is not `{VERSION}2.0`")) } else { Ok(length) }
}

pub(super) fn encode(set: &SpikeSet, writing: &Writing) -> Result<Vec<u8>, String> {
    let shape = writing.shape.unwrap_or(SHAPE);
    if shape.0 > SHAPE.0 || shape.1 > SHAPE.1 {
        return Err(format!("{shape}, and addresses of a DVS128 have {SHAPE}"));
    }
    let mut bytes = HEADER.as_bytes().to_vec();
    for Event { x, y, on, us } in sensor::events(set, shape, writing.dt, i32::MAX as u64)? {
        bytes.extend(((y << 8 | x << 1 | on as usize) as u32).to_be_bytes());
        bytes.extend((us as u32).to_be_bytes());
    }
    Ok(bytes)
}
