//! N-MNIST and N-Caltech101: five bytes an event (Orchard et al., 2015, <https://www.garrickorchard.com/datasets/n-mnist>).
//!
//! | bits 39 to 32 | 31 to 24 | 23 | 22 to 0 |
//! |---|---|---|---|
//! | x | y | polarity: 1 brighter, 0 darker | microseconds |
//!
//! Most significant first. An event with y = 240 is no pixel: from it on, times are 8,192 us later, as the reader of the data set's
//! authors has it.

use super::sensor::{self, Event, Shape};
use super::{EventError, Place, Reading, SpikeSet, Writing};

/// The sensor of N-MNIST.
pub(super) const SHAPE: Shape = Shape(34, 34);
const EVENT: usize = 5;
const OVERFLOW: usize = 240;
const OVERFLOW_US: u64 = 1 << 13;
const LAST_US: u64 = (1 << 23) - 1;

pub(super) fn decode(bytes: &[u8], file: &str, reading: &Reading) -> Result<SpikeSet, EventError> {
    let shape = reading.shape.unwrap_or(SHAPE);
    let rest = bytes.len() % EVENT;
    if rest != 0 {
        let what = format!("{rest} bytes of an event that has {EVENT}");
        return Err(EventError::Content { file: file.into(), place: Place::Byte(bytes.len() - rest), what });
    }
    let (mut events, mut later) = (vec![], 0);
    for (number, event) in bytes.chunks_exact(EVENT).enumerate() {
        let (x, y) = (event[0] as usize, event[1] as usize);
        if y == OVERFLOW && shape.1 <= OVERFLOW {
            later += OVERFLOW_US;
            continue;
        }
        let us = u64::from_be_bytes([0, 0, 0, 0, 0, event[2] & 0x7f, event[3], event[4]]) + later;
        events.push((EVENT * number, Event { x, y, on: event[2] & 0x80 != 0, us }));
    }
    sensor::sample(&events, shape, file, reading)
}

pub(super) fn encode(set: &SpikeSet, writing: &Writing) -> Result<Vec<u8>, String> {
    let shape = writing.shape.unwrap_or(SHAPE);
    let events = sensor::events(set, shape, writing.dt, LAST_US)?;
    if let Some(event) = events.iter().find(|event| event.y == OVERFLOW && shape.1 > OVERFLOW) {
        return Err(format!("row {} of the sensor means something else in this format", event.y));
    }
    let bytes = |event: Event| {
        let [.., high, middle, low] = event.us.to_be_bytes();
        [event.x as u8, event.y as u8, (event.on as u8) << 7 | high, middle, low]
    };
    Ok(events.into_iter().flat_map(bytes).collect())
}
