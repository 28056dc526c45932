//! Samples to a file or to standard output.

use super::{EventError, Format, Place, STANDARD, Shape, SpikeSet, Spikes, aedat2, aer, nir, nmnist, npy};
use std::fs::File;
use std::io::{BufWriter, Write, stdout};
use std::path::{Path, PathBuf};

/// What a format wants to know besides spikes.
#[derive(Clone, Debug, PartialEq)]
pub struct Writing {
    /// Lines are numbers below this; AER text alone needs not know.
    pub lines: Option<usize>,
    /// Length of a tick in seconds.
    pub dt: f64,
    /// Pixels of the sensor [default: what the format is for].
    pub shape: Option<Shape>,
    /// The node of a NIR file.
    pub node: String,
}

/// Writes samples: AER text each as it comes, to the last byte; any other format when all have come.
pub struct Sink {
    file: String,
    kind: Kind,
}

/// The bytes of a file with these spikes, or why there is none.
type Encode = fn(&SpikeSet, &Writing) -> Result<Vec<u8>, String>;

enum Kind {
    Text(Box<dyn Write>),
    Whole { path: PathBuf, encode: Encode, writing: Writing, lines: usize, samples: Vec<Spikes> },
}

impl Sink {
    /// Begins a file, or standard output for `-`.
    pub fn create(path: &Path, format: Format, writing: Writing) -> Result<Self, EventError> {
        let standard = path.as_os_str() == STANDARD;
        let file = if standard { "standard output".into() } else { path.display().to_string() };
        let encode: Encode = match format {
            Format::Aer => {
                let begin = || -> std::io::Result<Box<dyn Write>> {
                    let out: Box<dyn Write> = if standard { Box::new(stdout()) } else { Box::new(File::create(path)?) };
                    let mut out = Box::new(BufWriter::new(out));
                    aer::write_head(&mut out, writing.lines)?;
                    Ok(out)
                };
                return match begin() {
                    Ok(out) => Ok(Self { file, kind: Kind::Text(out) }),
                    Err(source) => Err(EventError::Write { file, source }),
                };
            }
            Format::Npy => |set, _| npy::encode(set),
            Format::Nir => |set, writing| nir::encode(set, false, writing),
            Format::NirEvents => |set, writing| nir::encode(set, true, writing),
            Format::Nmnist => nmnist::encode,
            Format::Aedat2 => aedat2::encode,
        };
        let Some(lines) = writing.lines else {
            let what = "how many lines there are is not known";
            return Err(EventError::Missing {
                file,
                what,
                help: "give --lines, or `#lines NUMBER` before the first spike",
            });
        };
        // What cannot be written at all is refused before there is anything to write.
        let nothing = SpikeSet { lines, dt: Some(writing.dt), samples: vec![vec![]] };
        if let Err(what) = encode(&nothing, &writing) {
            return Err(EventError::Content { file, place: Place::File, what });
        }
        Ok(Self { file, kind: Kind::Whole { path: path.into(), encode, writing, lines, samples: vec![] } })
    }

    /// Writes a sample.
    pub fn write(&mut self, sample: Spikes) -> Result<(), EventError> {
        match &mut self.kind {
            Kind::Text(out) => {
                aer::write_sample(out, &sample).map_err(|source| EventError::Write { file: self.file.clone(), source })
            }
            Kind::Whole { samples, .. } => {
                samples.push(sample);
                Ok(())
            }
        }
    }

    /// Ends the file. Without it, a format that is not AER text leaves none.
    pub fn finish(self) -> Result<(), EventError> {
        let Kind::Whole { path, encode, writing, lines, samples } = self.kind else { return Ok(()) };
        let bytes = encode(&SpikeSet { lines, dt: Some(writing.dt), samples }, &writing)
            .map_err(|what| EventError::Content { file: self.file.clone(), place: Place::File, what })?;
        let written = match path.as_os_str() == STANDARD {
            true => stdout().write_all(&bytes).and_then(|()| stdout().flush()),
            false => std::fs::write(&path, bytes),
        };
        written.map_err(|source| EventError::Write { file: self.file, source })
    }
}
