//! Ports by name.

use super::{Direct, Port, PortError, Serial};
use crate::config;
use nernst_sim::ReferenceBoard;
use nernst_spec::ArrayConfig;
use std::fmt;
use std::str::FromStr;

/// What a port's name says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PortName {
    /// A serial port of this machine.
    Serial(String),
    /// The reference model of this configuration.
    Model(Option<String>),
}

impl FromStr for PortName {
    type Err = std::convert::Infallible;
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let (kind, config) = match name.split_once(':') {
            Some((kind, config)) => (kind, Some(config.to_string())),
            None => (name, None),
        };
        Ok(match kind {
            "model" => Self::Model(config),
            _ => Self::Serial(name.into()),
        })
    }
}

impl fmt::Display for PortName {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let with = |f: &mut fmt::Formatter, kind: &str, config: &Option<String>| match config {
            Some(config) => write!(f, "{kind}:{config}"),
            None => f.write_str(kind),
        };
        match self {
            Self::Serial(name) => f.write_str(name),
            Self::Model(config) => with(f, "model", config),
        }
    }
}

/// Opens a port. `baud` matters to serial ports; `default` is the configuration of a board in this process whose name
/// does not say one.
pub fn open(name: &PortName, baud: u32, default: &ArrayConfig) -> Result<Box<dyn Port>, PortError> {
    let configured = |config: &Option<String>| match config {
        None => Ok(default.clone()),
        Some(config) => config::find(config).map_err(|source| PortError::Config { name: name.to_string(), source }),
    };
    Ok(match name {
        PortName::Serial(path) => Box::new(Serial::open(path, baud)?),
        PortName::Model(config) => {
            let board = ReferenceBoard::new(&configured(config)?);
            Box::new(Direct::new(&name.to_string(), board))
        }
    })
}
