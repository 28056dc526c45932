//! The Python package `nernst`: what a training script wants of the host's library. `docs/python.md` shows it from Python's side, the stubs
//! `package/nernst/_nernst.pyi` give its types.
//!
//! | module | what it does |
//! |---|---|
//! | `failure` | every error as `nernst.Error`, with the library's text and help |
//! | `watch` | long work beside an interpreter that goes on: progress, Ctrl-C |
//! | `arrays` | spikes as numpy arrays |
//! | `network`, `image`, `board`, `run` | the classes |
//! | `tables` | data sets, codes, names of configurations, counters and prices |

mod arrays;
mod board;
mod failure;
mod image;
mod network;
mod run;
mod tables;
mod watch;

use pyo3::prelude::*;

/// Networks, images and boards of Nernst, from Rust.
#[pymodule]
mod _nernst {
    #[pymodule_export]
    use crate::board::Board;
    #[pymodule_export]
    use crate::failure::Error;
    #[pymodule_export]
    use crate::image::{Image, Placement};
    #[pymodule_export]
    use crate::network::Network;
    #[pymodule_export]
    use crate::run::Run;
    #[pymodule_export]
    use crate::tables::{configurations, counters, dataset, encode, limits, ports, price_tables};
    #[pymodule_export]
    #[allow(non_upper_case_globals)]
    const __version__: &str = env!("CARGO_PKG_VERSION");
}
