//! What is wrong with spikes in a file, and where.

use std::fmt;
use std::io;

/// Where in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Of the file as a whole.
    File,
    /// From 1.
    Line(u64),
    /// From 0.
    Byte(usize),
    /// From 0.
    Sample(usize),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::File => Ok(()),
            Self::Line(line) => write!(f, " line {line}"),
            Self::Byte(byte) => write!(f, " byte {byte}"),
            Self::Sample(sample) => write!(f, " sample {sample}"),
        }
    }
}

/// Why spikes cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    #[error("cannot read {file}: {source}")]
    Read { file: String, source: io::Error },
    #[error("cannot write {file}: {source}")]
    Write { file: String, source: io::Error },
    #[error("{file}{place}: {what}")]
    Content { file: String, place: Place, what: String },
    #[error("{0}")]
    Nir(nernst_nir::Error),
    #[error("{file}: its name does not end in that of a format of spikes")]
    Unknown { file: String },
    #[error("{file}: {what}")]
    Missing { file: String, what: &'static str, help: &'static str },
}

impl EventError {
    /// What a user can do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Read { .. } => "check the path",
            Self::Write { .. } => "check the path, and whether there is room",
            Self::Content { .. } | Self::Nir(_) => "docs/data.md has the layout of each format; --format names another",
            Self::Unknown { .. } => {
                "name it .csv, .aer, .txt, .npy, .h5, .bin or .aedat, or say --format (--output-format for output)"
            }
            Self::Missing { help, .. } => help,
        }
    }
}
