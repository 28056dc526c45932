//! Boards: anything that answers the link, by the name of its port.

use crate::arrays;
use crate::failure::Failure;
use crate::image::Image;
use crate::network::steps_of;
use crate::run::{Answers, OnBoard, Run};
use crate::watch::{Watch, attend};
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
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// A board on a port. It holds its port until `close`, or the end of a `with`.
#[pyclass(frozen, module = "nernst")]
pub struct Board {
    port: String,
    stop: Arc<AtomicBool>,
    /// Locked while a call uses it.
    link: Mutex<LinkState>,
}

struct LinkState {
    /// `None` when closed, and after an error or an interruption, which leave what is under way unknown.
    session: Option<Session>,
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
        let link = LinkState { session: Some(session), loaded: None };
        Ok(Self { port: port.into(), stop, link: Mutex::new(link) })
    }

    /// The link, for one call at a time.
    fn link(&self) -> Result<MutexGuard<'_, LinkState>, Failure> {
        match self.link.try_lock() {
            Ok(link) => Ok(link),
            Err(TryLockError::Poisoned(link)) => Ok(link.into_inner()),
            Err(TryLockError::WouldBlock) => Err(Failure::new(
                format!("the board on `{}` is busy with another call", self.port),
                "use it in one thread at a time, and not within its own progress",
            )),
        }
    }

    fn session<'a>(&self, link: &'a mut LinkState) -> Result<&'a mut Session, Failure> {
        let closed = || {
            let what = format!("the board on `{}` is closed: by close(), an error or an interruption", self.port);
            Failure::new(what, "open it again: nernst.Board(port)")
        };
        link.session.as_mut().ok_or_else(closed)
    }

    /// Does something with the session, which is lost where it fails.
    fn with_session<T: Send>(
        &self,
        py: Python,
        link: &mut LinkState,
        progress: Option<&Bound<PyAny>>,
        work: impl FnOnce(&mut Session, &Watch) -> Result<T, Failure> + Send,
    ) -> PyResult<T> {
        let session = self.session(link)?;
        let result = attend(py, progress, &self.stop, |watch| work(session, watch));
        if result.is_err() {
            *link = LinkState { session: None, loaded: None };
        }
        result
    }

    /// Loads an image where it is not there already, and runs samples.
    pub fn run_on(
        &self,
        py: Python,
        image: &Image,
        spikes: &Bound<PyAny>,
        membranes: bool,
        progress: Option<&Bound<PyAny>>,
    ) -> PyResult<Run> {
        let samples = arrays::spikes(spikes, image.inner.channels())?;
        let steps = steps_of(spikes)?;
        let link = &mut *self.link()?;
        self.load_on(py, link, image, None)?;
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
        let (answers, on_board) = self.with_session(py, link, progress, |session, watch| {
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

    fn load_on(
        &self,
        py: Python,
        link: &mut LinkState,
        image: &Image,
        progress: Option<&Bound<PyAny>>,
    ) -> PyResult<()> {
        // Refused before anything is sent: the session goes on.
        self.session(link)?.fits(&image.inner).map_err(Failure::from)?;
        if link.loaded.as_ref().is_some_and(|loaded| Arc::ptr_eq(loaded, &image.inner)) {
            return Ok(());
        }
        link.loaded = None;
        self.with_session(py, link, progress, |session, watch| {
            session.load(&image.inner, |done, all| watch.progress(done, all))?;
            Ok(())
        })?;
        link.loaded = Some(image.inner.clone());
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
    fn load(&self, py: Python, image: &Image, progress: Option<&Bound<PyAny>>) -> PyResult<()> {
        let link = &mut *self.link()?;
        link.loaded = None;
        self.load_on(py, link, image, progress)
    }

    /// Runs samples on an image, which is loaded first where it is not what was loaded last: (samples, steps, inputs) of bool or uint8. Each begins from
    /// resting membranes. Every spike and counter is compared with the reference model; with `membranes` every membrane after each sample, too.
    /// `progress` is called with samples done and all samples.
    #[pyo3(signature = (image, spikes, *, membranes = false, progress = None))]
    fn run(
        &self,
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
    fn identity<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let link = &mut *self.link()?;
        let identity = self.session(link)?.identity();
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
    fn closed(&self) -> bool {
        // What is busy is open.
        self.link().is_ok_and(|link| link.session.is_none())
    }

    /// Lets the port go.
    fn close(&self, py: Python) -> PyResult<()> {
        let link = std::mem::replace(&mut *self.link()?, LinkState { session: None, loaded: None });
        // A virtual board's thread ends with it.
        py.detach(|| drop(link));
        Ok(())
    }

    fn __enter__(slf: PyRef<Self>) -> PyRef<Self> {
        slf
    }
    fn __exit__(
        &self,
        py: Python,
        _kind: &Bound<PyAny>,
        _error: &Bound<PyAny>,
        _traceback: &Bound<PyAny>,
    ) -> PyResult<()> {
        self.close(py)
    }

    fn __repr__(&self) -> String {
        format!("<nernst.Board on {}{}>", self.port, if self.closed() { ", closed" } else { "" })
    }
}
