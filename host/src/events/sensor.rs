//! Events of a sensor, a pixel and a time in microseconds, as spikes on lines in ticks.
//!
//! The line of a pixel (x, y) of polarity p (1 brighter, 0 darker) is `(p * height + y) * width + x`: the darker half, row by row, then the
//! brighter half, which is what an array of shape (2, height, width) is, flattened. Pooling by n makes one pixel of n x n; those at the
//! right and lower edge may have fewer.

use super::{Builder, EventError, Place, Reading, SpikeSet};
use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;

/// Ticks of a sensor are at least this long, in seconds: a microsecond is the unit of its times.
const SENSOR_DT: f64 = 1e-6;
const NANOSECONDS: f64 = 1e9;
/// Longest tick in seconds.
const MAX_DT: f64 = 1e3;

/// Pixels of a sensor, width and height.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape(pub usize, pub usize);

impl Shape {
    /// One for each pixel and polarity.
    pub const fn lines(self) -> usize {
        2 * self.0 * self.1
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} x {} pixels", self.0, self.1)
    }
}

impl FromStr for Shape {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let sizes = text.split_once('x').and_then(|(x, y)| Some(Self(x.parse().ok()?, y.parse().ok()?)));
        let sizes = sizes.filter(|Self(x, y)| (1..=256).contains(x) && (1..=256).contains(y));
        sizes.filter(|shape| shape.lines() <= super::MAX_LINES).ok_or_else(|| {
            format!("`{text}`: expected WIDTHxHEIGHT, such as 34x34, with at most {} pixels", super::MAX_LINES / 2)
        })
    }
}

/// Where the first tick begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Start {
    /// With the first event.
    First,
    /// At this time, in seconds.
    At(f64),
}

impl FromStr for Start {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let time = || text.parse().ok().filter(|time: &f64| (0.0..1e6).contains(time));
        match text {
            "first" => Ok(Self::First),
            _ => time().map(Self::At).ok_or_else(|| format!("`{text}`: expected seconds, or `first`")),
        }
    }
}

/// An event of a sensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Event {
    pub x: usize,
    pub y: usize,
    /// It became brighter.
    pub on: bool,
    pub us: u64,
}

/// The sample that a recording is. Of each event comes where it is in the file; events before the start and after the length that is wanted
/// are left out.
pub(super) fn sample(
    events: &[(usize, Event)],
    shape: Shape,
    file: &str,
    reading: &Reading,
) -> Result<SpikeSet, EventError> {
    let help = "give the length of a tick in seconds: --dt 1e-3";
    let what = "events with times, and no time step";
    let period = period(reading.dt.ok_or(EventError::Missing { file: file.into(), what, help })?);
    let period = period.map_err(|what| EventError::Content { file: file.into(), place: Place::File, what })?;
    let pool = reading.pool.map_or(1, NonZeroUsize::get);
    let (width, height) = (shape.0.div_ceil(pool), shape.1.div_ceil(pool));
    let lines = Shape(width, height).lines();
    reading.check_lines(lines, file)?;
    let start = match reading.start.unwrap_or(Start::At(0.0)) {
        Start::First => 1000 * events.iter().map(|(_, event)| event.us).min().unwrap_or(0),
        Start::At(seconds) => (seconds * NANOSECONDS).round() as u64,
    };
    let length = reading.length.map(|seconds| (seconds * NANOSECONDS).round() as u64);
    let mut sample = Builder::new(reading.limits());
    for (byte, event) in events {
        let wrong = |what| EventError::Content { file: file.into(), place: Place::Byte(*byte), what };
        let Event { x, y, on, us } = *event;
        if x >= shape.0 || y >= shape.1 {
            return Err(wrong(format!("pixel ({x}, {y}), and the sensor has {shape}")));
        }
        let Some(time) = (1000 * us).checked_sub(start).filter(|time| length.is_none_or(|length| *time < length))
        else {
            continue;
        };
        let line = (on as usize * height + y / pool) * width + x / pool;
        sample
            .add(time / period, line as u64)
            .map_err(|what| wrong(format!("{what}; --start and --length take a part of a recording")))?;
    }
    let ticks = length.map_or(0, |length| length.div_ceil(period) as usize);
    if ticks > reading.limits().ticks {
        let what = format!("{ticks} ticks, expected at most {}", reading.limits().ticks);
        return Err(EventError::Content { file: file.into(), place: Place::File, what });
    }
    let samples = vec![sample.finish(reading.ticks.unwrap_or(ticks))];
    Ok(SpikeSet { lines, dt: reading.dt, samples })
}

/// The events of the only sample of a set, in the order of their times: the middle of their tick, rounded down to a microsecond.
pub(super) fn events(set: &SpikeSet, shape: Shape, dt: f64, last: u64) -> Result<Vec<Event>, String> {
    let period = period(dt)?;
    let [sample] = &set.samples[..] else {
        return Err(format!("{} samples, and this format holds one: choose it with --sample", set.samples.len()));
    };
    if set.lines != shape.lines() {
        let (lines, expected) = (set.lines, shape.lines());
        return Err(format!(
            "{lines} lines, and a sensor of {shape} has {expected} (two polarities): give its --shape"
        ));
    }
    let mut events = vec![];
    for (tick, lines) in sample.iter().enumerate() {
        let begin = tick as u64 * period;
        let us = ((begin + period / 2) / 1000).max(begin.div_ceil(1000));
        if us > last && !lines.is_empty() {
            return Err(format!("tick {tick} is at {us} us, and times of this format end at {last} us"));
        }
        events.extend(lines.iter().map(|&line| {
            let line = line as usize;
            Event { x: line % shape.0, y: line / shape.0 % shape.1, on: line >= shape.0 * shape.1, us }
        }));
    }
    Ok(events)
}

/// Nanoseconds of a tick.
fn period(dt: f64) -> Result<u64, String> {
    match (SENSOR_DT..=MAX_DT).contains(&dt) {
        true => Ok((dt * NANOSECONDS).round() as u64),
        false => Err(format!("a tick of {dt} s: those of a sensor are {SENSOR_DT} to {MAX_DT} s long")),
    }
}
