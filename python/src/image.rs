//! Images: networks placed on arrays.

use crate::board::Board;
use crate::failure::{Failure, guarded};
use crate::network::readout;
use crate::run::Run;
use crate::tables;
use nernst::mapper;
use nernst_spec::Image as Inner;
use numpy::PyArray3;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A network placed on an array.
#[pyclass(frozen, module = "nernst")]
pub struct Image {
    pub inner: Arc<Inner>,
    pub placement: Option<Placement>,
    /// Every row is fetched in every tick.
    pub dense: bool,
}

/// Where a network went, as `nernst compile` prints it.
#[pyclass(frozen, module = "nernst")]
#[derive(Clone)]
pub struct Placement {
    pub inner: Arc<mapper::Placement>,
}

impl Placement {
    pub fn new(inner: mapper::Placement) -> Self {
        Self { inner: Arc::new(inner) }
    }
}

#[pymethods]
impl Placement {
    /// The report with its names and numbers, as `nernst compile --json` has it.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(pythonize::pythonize(py, &*self.inner)?)
    }
    fn __str__(&self) -> String {
        self.inner.to_string()
    }
    fn __repr__(&self) -> String {
        format!("<nernst.Placement of {} on {}>", self.inner.network, self.inner.config)
    }
}

impl Image {
    pub fn new(inner: Inner, placement: Option<Placement>) -> Self {
        Self { inner: Arc::new(inner), placement, dense: false }
    }

    fn parse(bytes: &[u8], path: Option<&Path>) -> Result<Self, Failure> {
        let inner = Inner::from_bytes(bytes).map_err(|error| {
            let failure = Failure::new(error.to_string(), "make it again with `nernst compile` or Network.compile");
            match path {
                Some(path) => failure.of_file(path),
                None => failure,
            }
        })?;
        Ok(Self::new(inner, None))
    }
}

#[pymethods]
impl Image {
    /// An image from a file, checked. It does not know its placement.
    #[staticmethod]
    fn load(py: Python, path: PathBuf) -> PyResult<Self> {
        let load = || {
            let bytes = std::fs::read(&path).map_err(|error| {
                let what = format!("cannot read image {}: {error}", path.display());
                Failure::new(what, "`nernst compile` and Image.save write images")
            })?;
            Self::parse(&bytes, Some(&path))
        };
        Ok(py.detach(|| guarded(load))?)
    }

    /// An image from the bytes of a file, checked.
    #[staticmethod]
    fn from_bytes(bytes: &[u8]) -> PyResult<Self> {
        Ok(guarded(|| Self::parse(bytes, None))?)
    }

    /// Writes the image to a file.
    fn save(&self, path: PathBuf) -> PyResult<()> {
        let failed = |error| Failure::bare(format!("cannot write image {}: {error}", path.display()));
        Ok(std::fs::write(&path, self.inner.to_bytes()).map_err(failed)?)
    }

    /// The bytes of a file.
    fn to_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.inner.to_bytes())
    }

    #[getter]
    fn name(&self) -> &str {
        &self.inner.name
    }
    /// Name of the array's configuration.
    #[getter]
    fn config(&self) -> &str {
        &self.inner.config.name
    }
    /// How a sample becomes spikes, and in how many steps: `rate-16`.
    #[getter]
    fn code(&self) -> &str {
        &self.inner.coding
    }
    /// Ticks of a sample by that code: its steps and `latency`.
    #[getter]
    fn ticks(&self) -> u32 {
        self.inner.ticks
    }
    /// Ticks that the outputs run behind the inputs.
    #[getter]
    fn latency(&self) -> u32 {
        self.inner.latency
    }
    #[getter]
    fn inputs(&self) -> usize {
        self.inner.channels()
    }
    #[getter]
    fn outputs(&self) -> usize {
        self.inner.outputs.len()
    }
    /// `spikes` or `membranes`: what of the outputs is the result.
    #[getter]
    fn readout(&self) -> &'static str {
        readout(self.inner.readout)
    }
    /// Where the network went; None of an image from a file.
    #[getter]
    fn placement(&self) -> Option<Placement> {
        self.placement.clone()
    }

    /// The same network as hardware runs it that does not skip zeros: every connected row is fetched in every tick. Spikes are the same.
    fn dense(&self) -> Self {
        Self { inner: Arc::new(self.inner.dense()), placement: self.placement.clone(), dense: true }
    }

    /// Spikes of samples by the image's code: (samples, steps, inputs) of bool from (samples, inputs) of uint8, each 0 to 16.
    fn encode<'py>(&self, pixels: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArray3<bool>>> {
        tables::encoded(pixels, tables::code(&self.inner.coding)?)
    }

    /// Runs samples on a board that is opened and loaded for it, beside the reference model: see `Board.run`. A board in this process is one of the
    /// image's configuration, unless its port names another.
    #[pyo3(signature = (spikes, port = "virtual", *, baud = None, membranes = false, progress = None))]
    fn run(
        &self,
        py: Python,
        spikes: &Bound<PyAny>,
        port: &str,
        baud: Option<u32>,
        membranes: bool,
        progress: Option<&Bound<PyAny>>,
    ) -> PyResult<Run> {
        let board = Board::open(py, port, self.inner.config.clone(), baud)?;
        board.run_on(py, self, spikes, membranes, progress)
    }

    fn __repr__(&self) -> String {
        let image = &self.inner;
        format!(
            "<nernst.Image {} on {}: {} inputs, {} outputs, {} ticks a sample>",
            image.name,
            image.config.name,
            image.channels(),
            image.outputs.len(),
            image.ticks
        )
    }
}
