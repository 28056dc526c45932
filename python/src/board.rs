//! Boards: anything that answers the link, by the name of its port.

use crate::arrays;
use crate::failure::Failure;
use crate::image::Image;
use crate::network::steps_of;
use crate::run::{Answers, OnBoard, Run};
use crate::watch::attend;
use nernst::config;
use nernst::port::{self, PortName};
use nernst::runner::Runner;
use nernst::session::Session;
use nernst_spec::ArrayConfig;
use nernst_spec::image::Readout;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// A board on a port. It holds its port until `close`, or the end of a `with`.
#[pyclass(module = "nernst")]
pub struct Board {
    port: String,
    /// `None` when closed, and after an error or an interruption, which leave what is under way unknown.
    /// Nobody locks it: a port need not be one that threads share, and an object of Python must.
    session: Mutex<Option<Session>>,
    stop: Arc<AtomicBool>,
    /// What is in the array, as far as this board has loaded it.
    loaded: Option<Arc<nernst_spec::Image>>,
}

impl Board {
    /// Opens a port and synchronises. A board in this process is of this configuration, unless its port names another.
    pub fn open(py: Python, port: &str, config: ArrayConfig, baud: Option<u32>) -> PyResult<Self> {
        // A name is a path where it is nothing else.
        let Ok(name) = port.parse::<PortName>();
        let stop = Arc::new(AtomicBool::new(false));
        let session = attend(py, None, &stop, |_| {
            let port = port::open(&name, baud.unwrap_or(config.baud), &config)?;
            Ok(Session::open_until(port, stop.clone())?)
        })?;
        Ok(Self { port: port.into(), session: Mutex::new(Some(session)), stop, loaded: None })
    }

    fn slot(&mut self) -> &mut Option<Session> {
        self.session.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    fn session(&mut self) -> Result<&mut Session, Failure> {
        let what = format!("the board on `{}` is closed: by close(), an error or an interruption", self.port);
        self.slot().as_mut().ok_or_else(|| Failure::new(what, "open it again: nernst.Board(port)"))
    }

    /// Does something with the session, which is lost where it fails.
    fn with_session<T: Send>(
        &mut self,
        py: Python,
        progress: Option<&Bound<PyAny>>,
        work: impl FnOnce(&mut Session, &crate::watch::Watch) -> Result<T, Failure> + Send,
    ) -> PyResult<T> {
        let stop = self.stop.clone();
        let session = self.session()?;
        let result = attend(py, progress, &stop, |watch| work(session, watch));
        if result.is_err() {
            *self.slot() = None;
            self.loaded = None;
        }
        result
    }

    /// Loads an image where it is not there already, and runs samples.
    pub fn run_on(
        &mut self,
        py: Python,
        image: &Image,
        spikes: &Bound<PyAny>,
        membranes: bool,
        progress: Option<&Bound<PyAny>>,
    ) -> PyResult<Run> {
        let samples = arrays::spikes(spikes, image.inner.channels())?;
        let steps = steps_of(spikes)?;
        self.load_on(py, image, None)?;
        let inner = &image.inner;
        // A runner reads the membranes of outputs whose result they are.
        let read = membranes || inner.readout == Readout::Membranes;
        let watched = nernst_spec::Image {
            readout: if read { Readout::Membranes } else { Readout::Spikes },
            ..(**inner).clone()
        };
        let mut outputs: HashMap<u16, Vec<u16>> = HashMap::new();
        for (output, &neuron) in inner.outputs.iter().enumerate() {
            outputs.entry(neuron).or_default().push(output as u16);
        }
        let (answers, on_board) = self.with_session(py, progress, |session, watch| {
            let mut answers = Answers::new(inner.outputs.len(), inner.readout);
            let all = samples.len();
            let (begun, clock) = (SystemTime::now(), Instant::now());
            let mut runner = Runner::new(session, &watched, read)?;
            // The link notices a stop while it waits, and a model that computes in between is no wait.
            let until_stopped = samples.into_iter().take_while(|_| watch.go_on().is_ok());
            runner.run(until_stopped, |number, sample| {
                let of_tick = |tick: &Vec<u16>| tick.iter().filter_map(|n| outputs.get(n)).flatten().copied().collect();
                let membranes = read.then(|| sample.answers.iter().map(|&membrane| membrane as i32).collect());
                answers.add(sample.ticks.iter().map(of_tick).collect(), membranes);
                watch.progress(number + 1, all);
            })?;
            watch.go_on()?;
            let (ledger, mismatches) = runner.finish()?;
            drop(runner);
            let on_board = OnBoard {
                image: inner.clone(),
                placement: image.placement.clone(),
                dense: image.dense,
                port: session.port_name(),
                identity: session.identity().clone(),
                link: session.statistics(),
                begun: begun.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64(),
                seconds: clock.elapsed().as_secs_f64(),
                ledger,
                mismatches,
            };
            Ok((answers, on_board))
        })?;
        Ok(Run::on_board(answers, steps, on_board))
    }

    fn load_on(&mut self, py: Python, image: &Image, progress: Option<&Bound<PyAny>>) -> PyResult<()> {
        // Refused before anything is sent: the session goes on.
        self.session()?.fits(&image.inner).map_err(Failure::from)?;
        if self.loaded.as_ref().is_some_and(|loaded| Arc::ptr_eq(loaded, &image.inner)) {
            return Ok(());
        }
        self.loaded = None;
        self.with_session(py, progress, |session, watch| {
            session.load(&image.inner, |done, all| watch.progress(done, all))?;
            Ok(())
        })?;
        self.loaded = Some(image.inner.clone());
        Ok(())
    }
}

#[pymethods]
impl Board {
    #[new]
    #[pyo3(signature = (port = "virtual", config = "25f", *, baud = None))]
    fn new(py: Python, port: &str, config: &str, baud: Option<u32>) -> PyResult<Self> {
        let config = config::find(config).map_err(Failure::from)?;
        Self::open(py, port, config, baud)
    }

    /// Loads an image and makes sure by digests that all of it is there. `progress` is called with words done and words in all.
    #[pyo3(signature = (image, *, progress = None))]
    fn load(&mut self, py: Python, image: &Image, progress: Option<&Bound<PyAny>>) -> PyResult<()> {
        self.loaded = None;
        self.load_on(py, image, progress)
    }

    /// Runs samples on an image, which is loaded first where it is not what was loaded last: (samples, steps, inputs) of bool or uint8. Each begins from
    /// resting membranes. Every spike and counter is compared with the reference model; with `membranes` every membrane after each sample, too.
    /// `progress` is called with samples done and all samples.
    #[pyo3(signature = (image, spikes, *, membranes = false, progress = None))]
    fn run(
        &mut self,
        py: Python,
        image: &Image,
        spikes: &Bound<PyAny>,
        membranes: bool,
        progress: Option<&Bound<PyAny>>,
    ) -> PyResult<Run> {
        self.run_on(py, image, spikes, membranes, progress)
    }

    /// What the board says of itself: `config`, `clock_hz`, `baud`, `inputs`, `cores`, `neurons` and `build`, which tells builds apart.
    #[getter]
    fn identity<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let identity = self.session()?.identity();
        let dict = PyDict::new(py);
        dict.set_item("config", &identity.config.name)?;
        dict.set_item("clock_hz", identity.config.clock_hz)?;
        dict.set_item("baud", identity.config.baud)?;
        dict.set_item("inputs", identity.config.inputs)?;
        dict.set_item("cores", identity.config.cores.len())?;
        dict.set_item("neurons", identity.config.neurons())?;
        dict.set_item("build", format!("{:08x}", identity.build))?;
        Ok(dict)
    }

    /// Whether it can run no more: after close(), an error of the link or an interruption.
    #[getter]
    fn closed(&mut self) -> bool {
        self.slot().is_none()
    }

    /// Lets the port go.
    fn close(&mut self, py: Python) {
        let session = self.slot().take();
        self.loaded = None;
        // A virtual board's thread ends with it.
        py.detach(|| drop(session));
    }

    fn __enter__(slf: PyRef<Self>) -> PyRef<Self> {
        slf
    }
    fn __exit__(&mut self, py: Python, _kind: &Bound<PyAny>, _error: &Bound<PyAny>, _traceback: &Bound<PyAny>) {
        self.close(py);
    }

    fn __repr__(&mut self) -> String {
        let state = if self.slot().is_none() { ", closed" } else { "" };
        format!("<nernst.Board on {}{state}>", self.port)
    }
}
