use super::args::{ImageArgs, PortArgs, load};
use super::samples::{self, SampleArgs};
use super::{Failure, progress_bar};
use anyhow::Context;
use nernst::coding::classify;
use nernst::data::Sample;
use nernst::energy::limit::{Limit, LimitError, Plan, Spent};
use nernst::energy::prices;
use nernst::report::{self, CoreReport, LedgerReport, LedgerTable, RunReport};
use nernst::runner::{Mismatches, Runner, Spikes};
use nernst::session::Session;
use nernst::trace::{self, Trace};
use nernst_spec::image::Readout;
use nernst_spec::ledger::CoreCounter;
use nernst_spec::{Image, Ledger};
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Run a network on the test samples of a data set and compare everything with the reference model.
///
/// Loads the network, runs sample after sample, and compares every spike that comes to the host and every counter of the
/// ledger with the reference model: a difference is a failure (exit code 1).
#[derive(clap::Args)]
pub struct Run {
    #[command(flatten)]
    image: ImageArgs,
    #[command(flatten)]
    port: PortArgs,
    #[command(flatten)]
    data: SampleArgs,
    /// Run it as hardware does that does not skip zeros: fetch the rows of all connected axons in every tick. Spikes are the same.
    #[arg(long)]
    dense: bool,
    /// Stop when this much is spent, kept by the array itself at the end of a tick: joules (5mJ), ATP molecules (1e15ATP), bytes on the link
    /// (20kB), synaptic operations (3Moperations), or so many of any counter (500spikes; `nernst ledger --explain` lists them).
    #[arg(long, value_name = "AMOUNT", conflicts_with = "trace")]
    budget: Option<String>,
    /// Price table for a budget in joules or ATP: one that comes with the program, or a TOML file [default: `ecp5`].
    #[arg(long, value_name = "NAME|FILE", requires = "budget")]
    prices: Option<String>,
    /// Read and compare all membranes after each sample, too.
    #[arg(short, long)]
    membranes: bool,
    /// Write a report as JSON to a file, or to standard output in place of the text.
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-")]
    json: Option<PathBuf>,
    /// Write what one sample does tick by tick to a file, for `nernst plot`.
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// The sample to trace: its number in the test part.
    #[arg(long, value_name = "NUMBER", default_value_t = 0, requires = "trace")]
    trace_sample: usize,
    /// Neurons whose membranes go into the trace, by their numbers in the array [default: the outputs].
    #[arg(long, value_name = "NEURONS", value_delimiter = ',', requires = "trace")]
    record: Vec<u16>,
}

/// What came of all samples.
struct Outcome {
    classes: Vec<usize>,
    decisions: Vec<usize>,
    correct: usize,
    begun: SystemTime,
    time: Duration,
    ledger: Ledger,
    mismatches: Mismatches,
}

impl Run {
    pub fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let (image, placement) = self.image.placed()?;
        let image = if self.dense { image.dense() } else { image };
        let code = samples::code(&image)?;
        let (name, samples) = self.data.samples(&image)?;
        self.check_trace(&image, &samples)?;
        let plan = self.plan(&image)?;
        let mut session = self.port.open(Some(&image.config))?;
        load(&mut session, &image)?;
        let mut runner = Runner::new(&mut session, &image, self.membranes)?;
        if let Some(plan) = &plan {
            runner.set_budget(&plan.budget, plan.timed)?;
        }
        let outcome = run_all(&mut runner, &samples, |sample| code.encode(&sample.pixels))?;
        let budget = match &plan {
            Some(plan) => Some(plan.spent(runner.budget_left()?, runner.stopped())),
            None => None,
        };
        if let Some(path) = &self.trace {
            let sample = &samples[self.trace_sample];
            let trace = self.trace(&mut runner, &image, sample, &code.encode(&sample.pixels))?;
            let bytes = serde_json::to_vec(&trace)?;
            std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
        }
        drop(runner);
        if outcome.decisions.is_empty() {
            // Without a budget there is a sample.
            let what = budget.map_or_else(|| "no sample was run".into(), |spent| spent.to_string());
            return Err(Failure {
                what: format!("no sample was completed: {what}"),
                help: "give a larger --budget".into(),
            }
            .into());
        }
        let mut report = report(&image, &name, &session, self.dense, budget, &outcome);
        report.cores = CoreReport::of(&image, placement.as_ref());
        self.write(out, &report, &outcome.ledger)?;
        match outcome.mismatches.total() {
            0 => Ok(()),
            count => Err(Failure {
                what: format!(
                    "{count} mismatches between board and reference model: {}",
                    outcome.mismatches.first.join("; ")
                ),
                help: "a board that differs is faulty, overclocked or built from other sources: flash it again".into(),
            }
            .into()),
        }
    }

    /// The budget in the array's words.
    fn plan(&self, image: &Image) -> anyhow::Result<Option<Plan>> {
        let Some(text) = &self.budget else { return Ok(None) };
        let refuse = |error: LimitError| Failure { what: error.to_string(), help: error.help() };
        let limit: Limit = text.parse().map_err(refuse)?;
        let table = prices::find(self.prices.as_deref().unwrap_or(prices::DEFAULT))
            .map_err(|error| Failure { what: error.to_string(), help: error.help() })?;
        Ok(Some(Plan::new(limit, &table, &image.config).map_err(refuse)?))
    }

    /// Refuses a trace that cannot be made before anything is run.
    fn check_trace(&self, image: &Image, samples: &[Sample]) -> anyhow::Result<()> {
        let neurons = image.config.neurons();
        let (what, end) = if self.trace.is_some() && self.trace_sample >= samples.len() {
            (format!("sample {} is not among the {} that are run", self.trace_sample, samples.len()), samples.len())
        } else if let Some(neuron) = self.record.iter().find(|&&neuron| neuron as usize >= neurons) {
            (format!("neuron {neuron} does not exist in an array of {neurons}"), neurons)
        } else {
            return Ok(());
        };
        Err(Failure { what, help: format!("give numbers from 0 to {}", end - 1) }.into())
    }

    fn trace(&self, runner: &mut Runner, image: &Image, sample: &Sample, spikes: &Spikes) -> anyhow::Result<Trace> {
        let recorded = if self.record.is_empty() { image.outputs.clone() } else { self.record.clone() };
        // Outputs that are read as membranes are watched, too.
        let results = if image.readout == Readout::Membranes { &image.outputs[..] } else { &[] };
        let mut ticks = runner.trace(spikes, &[&recorded[..], results].concat())?;
        let results: Vec<i32> =
            ticks.iter_mut().map(|tick| tick.membranes.split_off(recorded.len())).last().unwrap_or_default();
        let outputs: Vec<Vec<u16>> = ticks.iter().map(|tick| tick.output_spikes.clone()).collect();
        let decision = match image.readout {
            Readout::Membranes => classify(&results),
            Readout::Spikes => classify(&nernst::runner::counts(&outputs, &image.outputs)),
        };
        let threshold = |&neuron: &u16| {
            // `check_trace` and the image's own check have seen to it that the neuron exists.
            let (core, local) = image.config.locate(neuron as usize).unwrap_or_default();
            image.cores[core].parameters.get(local).map_or(0, |parameters| parameters.threshold)
        };
        Ok(Trace {
            version: trace::VERSION,
            network: image.name.clone(),
            config: image.config.name.clone(),
            sample: self.trace_sample,
            label: sample.label as usize,
            decision,
            clock_hz: image.config.clock_hz,
            cores: image.config.cores.clone(),
            inputs: image.inputs.len(),
            outputs: image.outputs.clone(),
            thresholds: recorded.iter().map(threshold).collect(),
            recorded,
            ticks,
        })
    }

    fn write(&self, out: &mut impl Write, report: &RunReport, ledger: &Ledger) -> anyhow::Result<()> {
        match &self.json {
            Some(path) if path.as_os_str() == "-" => {
                serde_json::to_writer_pretty(&mut *out, report)?;
                writeln!(out)?;
                return Ok(());
            }
            Some(path) => {
                let text = serde_json::to_string_pretty(report)? + "\n";
                std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
            }
            None => {}
        }
        writeln!(out, "{}", LedgerTable { ledger, per: report.samples })?;
        writeln!(out, "{report}")?;
        Ok(())
    }
}

fn run_all(runner: &mut Runner, samples: &[Sample], spikes: impl Fn(&Sample) -> Spikes) -> anyhow::Result<Outcome> {
    let bar = progress_bar("running", samples.len());
    let mut decisions = vec![];
    let (begun, clock) = (SystemTime::now(), Instant::now());
    let result = runner.run(samples.iter().map(spikes), |_, sample| {
        decisions.push(classify(&sample.answers));
        bar.inc(1);
    });
    let time = clock.elapsed();
    bar.finish_and_clear();
    result?;
    let (ledger, mismatches) = runner.finish()?;
    // A budget may have ended it early.
    let classes: Vec<usize> = samples.iter().take(decisions.len()).map(|sample| sample.label as usize).collect();
    let correct = decisions.iter().zip(&classes).filter(|(decision, class)| decision == class).count();
    Ok(Outcome { classes, decisions, correct, begun, time, ledger, mismatches })
}

fn report(
    image: &Image,
    data: &str,
    session: &Session,
    dense: bool,
    budget: Option<Spent>,
    outcome: &Outcome,
) -> RunReport {
    let samples = outcome.decisions.len();
    let seconds = outcome.time.as_secs_f64();
    let identity = session.identity();
    let ticks = outcome.ledger.array(nernst_spec::ledger::ArrayCounter::Ticks) as usize;
    RunReport {
        version: report::VERSION,
        network: image.name.clone(),
        data: data.into(),
        config: identity.config.name.clone(),
        port: session.port_name(),
        build: format!("{:08x}", identity.build),
        clock_hz: identity.config.clock_hz,
        coding: image.coding.clone(),
        ticks_per_sample: (ticks - budget.as_ref().and_then(|budget| budget.stopped_after_ticks).unwrap_or(0))
            / samples,
        samples,
        correct: outcome.correct,
        accuracy: outcome.correct as f64 / samples as f64,
        begun: outcome.begun.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64(),
        seconds,
        samples_per_second: samples as f64 / seconds,
        busy_clocks_per_sample: outcome.ledger.maximum(CoreCounter::BusyClocks) as f64 / samples as f64,
        classes: outcome.classes.clone(),
        decisions: outcome.decisions.clone(),
        inputs: image.inputs.len(),
        cores: CoreReport::of(image, None),
        dense,
        budget,
        mismatches: outcome.mismatches.clone(),
        link: session.statistics(),
        ledger: LedgerReport::from(&outcome.ledger),
    }
}
