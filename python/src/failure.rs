//! Errors of the library as one Python exception.

use nernst::circuit::import::ImportError;
use nernst::circuit::schedule::LoopError;
use nernst::config::ConfigError;
use nernst::data::DataError;
use nernst::energy::bill::BillError;
use nernst::energy::prices::PriceError;
use nernst::mapper::MapError;
use nernst::network::{NetworkError, QuantiseError};
use nernst::port::PortError;
use nernst::runner::RunError;
use nernst::session::SessionError;
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

pyo3::create_exception!(
    nernst,
    Error,
    PyException,
    "What went wrong, where, and in `help` what to do about it (or None)."
);

/// What went wrong, and what to do about it.
#[derive(Debug)]
pub struct Failure {
    what: String,
    help: Option<String>,
}

impl Failure {
    pub fn new(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { what: what.into(), help: Some(help.into()) }
    }
    pub fn bare(what: impl Into<String>) -> Self {
        Self { what: what.into(), help: None }
    }

    /// With the name of the file that it is about.
    pub fn of_file(self, path: &Path) -> Self {
        Self { what: format!("{}: {}", path.display(), self.what), ..self }
    }

    /// A panic is a defect, and an interpreter goes on after it.
    pub fn defect() -> Self {
        Self::new(
            "a defect of Nernst ended this call; the lines above say where",
            "please report them with what you called",
        )
    }
}

/// Does the work; a panic in it is a [`Failure::defect`].
pub fn guarded<T>(work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    // What a panic leaves half done is dropped with the closure.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(Failure::defect()))
}

impl From<Failure> for PyErr {
    fn from(failure: Failure) -> Self {
        Python::attach(|py| {
            let text = match &failure.help {
                Some(help) => format!("{}\nhelp: {help}", failure.what),
                None => failure.what,
            };
            let error = Error::new_err(text);
            match error.value(py).setattr("help", failure.help) {
                Ok(()) => error,
                Err(other) => other,
            }
        })
    }
}

macro_rules! failures {
    ($($error:ty: $help:expr;)*) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                let help: fn(&$error) -> Option<String> = $help;
                Self { help: help(&error), what: error.to_string() }
            }
        })*
    };
}

failures! {
    NetworkError: |_| None;
    QuantiseError: |_| None;
    LoopError: |_| None;
    MapError: |_| None;
    DataError: |_| None;
    nernst_nir::Error: |_| None;
    ConfigError: ConfigError::help;
    PortError: PortError::help;
    SessionError: SessionError::help;
    PriceError: |error| Some(error.help());
    BillError: |error| Some(error.help().into());
    ImportError: |error| Some(match error {
        ImportError::NoStep { .. } => "give dt".into(),
        _ => "change the model and export it again".into(),
    });
    RunError: RunError::help;
}
