//! Samples from a file or from standard input.

use super::{
    EventError, Format, Limits, MAX_BYTES, MAX_LINES, MAX_TICKS, Place, STANDARD, Shape, SpikeSet, Spikes, Start,
    aedat2, aer, nir, nmnist, npy,
};
use nernst_nir::Recording;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, stdin};
use std::num::NonZeroUsize;
use std::path::Path;
use std::vec;

/// What a file does not say, or what of it is wanted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// Length of a tick in seconds: for times.
    pub dt: Option<f64>,
    /// Pixels of the sensor [default: what the format is for].
    pub shape: Option<Shape>,
    /// Makes one pixel of so many by so many.
    pub pool: Option<NonZeroUsize>,
    /// Where the first tick of a sensor's recording begins [default: at 0].
    pub start: Option<Start>,
    /// How much of it is wanted, in seconds.
    pub length: Option<f64>,
    /// The node of a NIR file.
    pub node: Option<String>,
    /// Lines that there must be, where that is known.
    pub lines: Option<usize>,
    /// Ticks of every sample, at most [`MAX_TICKS`]: shorter ones are silent at their end, spikes after them are refused.
    pub ticks: Option<usize>,
}

impl Reading {
    pub(super) fn limits(&self) -> Limits {
        Limits { lines: self.lines.unwrap_or(MAX_LINES), ticks: self.ticks.unwrap_or(MAX_TICKS) }
    }

    /// Refuses a file that has another number of lines than there must be.
    pub(super) fn check_lines(&self, lines: usize, file: &str) -> Result<(), EventError> {
        match self.lines {
            Some(expected) if expected != lines => {
                let what = format!("{lines} lines, expected {expected}");
                Err(EventError::Content { file: file.into(), place: Place::File, what })
            }
            _ => Ok(()),
        }
    }
}

/// Samples, one after the other. After an error there are no more.
pub struct Source(Kind);

enum Kind {
    Text(aer::Reader<Box<dyn BufRead + Send>>),
    Whole { lines: usize, dt: Option<f64>, samples: vec::IntoIter<Spikes> },
}

impl Source {
    /// Opens a file, or standard input for `-`. Any format but AER text is read to its end.
    pub fn open(path: &Path, format: Format, reading: &Reading) -> Result<Self, EventError> {
        let standard = path.as_os_str() == STANDARD;
        let file = if standard { "standard input".into() } else { path.display().to_string() };
        let unreadable = |source| EventError::Read { file: file.clone(), source };
        let input = || -> Result<Box<dyn Read + Send>, EventError> {
            if standard {
                return Ok(Box::new(stdin()));
            }
            Ok(Box::new(File::open(path).map_err(unreadable)?))
        };
        let bytes = || {
            let mut bytes = vec![];
            input()?.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
            if bytes.len() as u64 > MAX_BYTES {
                let what = format!("more than {MAX_BYTES} bytes");
                return Err(EventError::Content { file: file.clone(), place: Place::File, what });
            }
            Ok(bytes)
        };
        let set = match format {
            Format::Aer => {
                let text: Box<dyn BufRead + Send> = Box::new(BufReader::new(input()?));
                return Ok(Self(Kind::Text(aer::Reader::new(text, &file, reading))));
            }
            Format::Npy => npy::decode(&bytes()?, &file, reading),
            Format::Nir | Format::NirEvents => {
                let recording = if standard { Recording::from_bytes(&bytes()?) } else { Recording::read(path) };
                nir::decode(&recording.map_err(EventError::Nir)?, &file, reading)
            }
            Format::Nmnist => nmnist::decode(&bytes()?, &file, reading),
            Format::Aedat2 => aedat2::decode(&bytes()?, &file, reading),
        };
        Ok(Self::whole(set?))
    }

    /// Of samples in memory.
    pub fn whole(set: SpikeSet) -> Self {
        Self(Kind::Whole { lines: set.lines, dt: set.dt, samples: set.samples.into_iter() })
    }

    /// How many lines there are, as far as the file has said so: AER text may before its first spike.
    pub fn lines(&self) -> Option<usize> {
        match &self.0 {
            Kind::Text(reader) => reader.lines,
            Kind::Whole { lines, .. } => Some(*lines),
        }
    }

    /// Length of a tick in seconds, where the file or who reads it says so.
    pub fn dt(&self) -> Option<f64> {
        match &self.0 {
            Kind::Text(_) => None,
            Kind::Whole { dt, .. } => *dt,
        }
    }
}

impl Iterator for Source {
    type Item = Result<Spikes, EventError>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Kind::Text(reader) => reader.next(),
            Kind::Whole { samples, .. } => samples.next().map(Ok),
        }
    }
}
