//! What samples gave.

use crate::arrays;
use crate::failure::Failure;
use crate::image::Placement;
use crate::network::readout;
use nernst::coding::classify;
use nernst::energy::{Bill, prices};
use nernst::report::{self, CoreReport, LedgerReport, RunReport};
use nernst::runner::{Mismatches, Spikes};
use nernst::session::LinkStatistics;
use nernst_spec::image::Readout;
use nernst_spec::ledger::{ArrayCounter, CoreCounter};
use nernst_spec::{Identity, Image, Ledger};
use numpy::{PyArray1, PyArray2, PyArray3, ToPyArray};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::path::PathBuf;
use std::sync::Arc;

/// Spikes and membranes of the outputs, sample by sample.
pub struct Answers {
    outputs: usize,
    readout: Readout,
    spikes: Vec<Spikes>,
    membranes: Vec<Vec<i32>>,
}

impl Answers {
    pub fn new(outputs: usize, readout: Readout) -> Self {
        Self { outputs, readout, spikes: vec![], membranes: vec![] }
    }

    /// One more sample: the outputs that spiked in each tick, and the membranes of all after the last where they were read.
    pub fn add(&mut self, spikes: Spikes, membranes: Option<Vec<i32>>) {
        self.spikes.push(spikes);
        self.membranes.extend(membranes);
    }

    /// How strongly each output answers, for each sample.
    fn answers(&self) -> Vec<Vec<i64>> {
        match self.readout {
            Readout::Membranes => self.membranes.iter().map(|row| row.iter().map(|&v| v.into()).collect()).collect(),
            Readout::Spikes => self.spikes.iter().map(|spikes| self.counts(spikes)).collect(),
        }
    }

    fn counts(&self, spikes: &Spikes) -> Vec<i64> {
        let mut counts = vec![0; self.outputs];
        spikes.iter().flatten().for_each(|&output| counts[output as usize] += 1);
        counts
    }
}

/// What a board tells beside its answers.
pub struct OnBoard {
    pub image: Arc<Image>,
    pub placement: Option<Placement>,
    pub dense: bool,
    pub port: String,
    pub identity: Identity,
    pub link: LinkStatistics,
    /// In seconds since 1970.
    pub begun: f64,
    pub seconds: f64,
    pub ledger: Ledger,
    pub mismatches: Mismatches,
}

/// What samples gave, on a board or on the network's integers.
#[pyclass(frozen, module = "nernst")]
pub struct Run {
    answers: Answers,
    steps: usize,
    /// Ticks that the outputs run behind the inputs.
    latency: usize,
    /// `None` where no array ran.
    board: Option<OnBoard>,
}

impl Run {
    pub fn of_integers(answers: Answers, steps: usize) -> Self {
        Self { answers, steps, latency: 0, board: None }
    }
    pub fn on_board(answers: Answers, steps: usize, board: OnBoard) -> Self {
        Self { answers, steps, latency: board.image.latency as usize, board: Some(board) }
    }

    fn samples(&self) -> usize {
        self.answers.spikes.len()
    }
    fn decisions(&self) -> Vec<usize> {
        self.answers.answers().iter().map(|answers| classify(answers)).collect()
    }
    fn board(&self) -> Result<&OnBoard, Failure> {
        let none =
            || Failure::new("this run was of the network's integers: no array counted", "run an Image on a port");
        self.board.as_ref().ok_or_else(none)
    }
}

#[pymethods]
impl Run {
    /// Spikes of the outputs in each tick: (samples, ticks, outputs) of bool. On an array there are `latency` ticks more than steps.
    #[getter]
    fn spikes<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray3<bool>> {
        arrays::from_lines(py, &self.answers.spikes, self.steps + self.latency, self.answers.outputs)
    }

    /// Spikes of the outputs in each step of the network: `spikes` without the first `latency` ticks. What a network's own run gives is equal to it.
    #[getter]
    fn steps<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray3<bool>> {
        let of_sample = |sample: &Spikes| sample[self.latency.min(sample.len())..].to_vec();
        let steps: Vec<Spikes> = self.answers.spikes.iter().map(of_sample).collect();
        arrays::from_lines(py, &steps, self.steps, self.answers.outputs)
    }

    /// Ticks that the outputs run behind the inputs.
    #[getter]
    fn latency(&self) -> usize {
        self.latency
    }

    /// How strongly each output answers: its spikes over all ticks, or its membrane after the last. (samples, outputs) of int64.
    #[getter]
    fn answers<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray2<i64>> {
        arrays::from_rows(py, &self.answers.answers(), self.answers.outputs)
    }

    /// Membranes of the outputs after the last tick: (samples, outputs) of int32; None where they were not read.
    #[getter]
    fn membranes<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyArray2<i32>>> {
        let read = self.answers.membranes.len() == self.samples();
        read.then(|| arrays::from_rows(py, &self.answers.membranes, self.answers.outputs))
    }

    /// The class of each sample: the output with the strongest answer, the lowest of equals. (samples) of int64.
    #[getter]
    fn classes<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<i64>> {
        self.decisions().into_iter().map(|class| class as i64).collect::<Vec<_>>().to_pyarray(py)
    }

    /// Every counter by its name: `array`, `cores_total` and for each core `cores`; None where no array ran. `nernst.counters()` says what each counts.
    #[getter]
    fn ledger<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let report = self.board.as_ref().map(|board| LedgerReport::from(&board.ledger));
        Ok(report.map(|report| pythonize::pythonize(py, &report)).transpose()?)
    }

    /// Differences from the reference model: `spikes`, `counters`, `membranes` (None where not read), their `total` and the `first` of each in words; None
    /// where no array ran.
    #[getter]
    fn mismatches<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        let Some(board) = &self.board else { return Ok(None) };
        let Mismatches { spikes, counters, membranes, first } = &board.mismatches;
        let dict = PyDict::new(py);
        dict.set_item("total", board.mismatches.total())?;
        dict.set_item("spikes", spikes)?;
        dict.set_item("counters", counters)?;
        dict.set_item("membranes", membranes)?;
        dict.set_item("first", first)?;
        Ok(Some(dict))
    }

    /// Wall time of the run in seconds, loading not included; None where no array ran.
    #[getter]
    fn seconds(&self) -> Option<f64> {
        self.board.as_ref().map(|board| board.seconds)
    }

    /// The ledger times a price table (one that comes with the package, or the path of a TOML file): joules in `total`, `groups`, `places` and `lines`, each
    /// with its `grade` of evidence, and what has no price in `unpriced`. Counts are exact, joules are estimates.
    #[pyo3(signature = (prices = "ecp5"))]
    fn bill<'py>(&self, py: Python<'py>, prices: &str) -> PyResult<Bound<'py, PyAny>> {
        let board = self.board()?;
        let table = prices::find(prices).map_err(Failure::from)?;
        let shapes = &board.image.config.cores;
        let bill = Bill::of(&LedgerReport::from(&board.ledger), shapes, self.samples(), &table);
        Ok(pythonize::pythonize(py, &bill.map_err(Failure::from)?)?)
    }

    /// Writes a report that `nernst ledger`, `nernst plot` and `nernst report` read, as `nernst run --json` does. `labels`: the class of each sample.
    #[pyo3(signature = (path, labels, *, data = "python"))]
    fn save_report(&self, path: PathBuf, labels: &Bound<PyAny>, data: &str) -> PyResult<()> {
        let board = self.board()?;
        let samples = self.samples();
        let classes = arrays::labels(labels, samples)?;
        if samples == 0 {
            return Err(Failure::bare("a run of no samples has no report").into());
        }
        let decisions = self.decisions();
        let correct = decisions.iter().zip(&classes).filter(|(decision, class)| decision == class).count();
        let OnBoard { image, ledger, identity, seconds, .. } = board;
        let report = RunReport {
            version: report::VERSION,
            complete: true,
            network: image.name.clone(),
            data: data.into(),
            config: identity.config.name.clone(),
            port: board.port.clone(),
            build: format!("{:08x}", identity.build),
            clock_hz: identity.config.clock_hz,
            coding: image.coding.clone(),
            ticks_per_sample: ledger.array(ArrayCounter::Ticks) as usize / samples,
            samples,
            correct: Some(correct),
            accuracy: Some(correct as f64 / samples as f64),
            begun: board.begun,
            seconds: *seconds,
            samples_per_second: samples as f64 / seconds,
            busy_clocks_per_sample: ledger.maximum(CoreCounter::BusyClocks) as f64 / samples as f64,
            classes,
            decisions,
            inputs: image.inputs.len(),
            cores: CoreReport::of(image, board.placement.as_ref().map(|placement| &*placement.inner)),
            dense: board.dense,
            budget: None,
            mismatches: board.mismatches.clone(),
            link: board.link,
            spikes_in: Default::default(),
            spikes_out: Default::default(),
            values_in: None,
            faults: None,
            pace: None,
            scrubbed: None,
            ledger: LedgerReport::from(ledger),
        };
        let failed = |error: &dyn std::fmt::Display| Failure::bare(format!("cannot write {}: {error}", path.display()));
        let text = serde_json::to_string_pretty(&report).map_err(|error| failed(&error))? + "\n";
        Ok(std::fs::write(&path, text).map_err(|error| failed(&error))?)
    }

    fn __len__(&self) -> usize {
        self.samples()
    }
    fn __repr__(&self) -> String {
        let of = match &self.board {
            Some(board) => format!("{} on {}", board.image.name, board.port),
            None => "integers".into(),
        };
        format!("<nernst.Run of {} samples, {of}, {}>", self.samples(), readout(self.answers.readout))
    }
}
