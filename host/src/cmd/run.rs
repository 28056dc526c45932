use super::args::{ImageArgs, PortArgs, load};
use super::samples::SampleArgs;
use super::spikes::{Feed, Outputs, SendAs, SpikeArgs, failure};
use super::{Failure, progress_bar, spinner};
use anyhow::Context;
use nernst::coding::classify;
use nernst::energy::limit::{Limit, LimitError, Plan, Spent};
use nernst::energy::prices;
use nernst::events::{STANDARD, Sink};
use nernst::report::{
    self, CoreReport, IncompleteRun, InjectedFaults, LateTick, LedgerReport, LedgerTable, Pace, RunReport,
};
use nernst::runner::{Gave, Mismatches, RunError, Runner, Scrubbed, Spikes, Step};
use nernst::session::{Session, SessionError};
use nernst::trace::{self, Trace};
use nernst_spec::image::Readout;
use nernst_spec::ledger::CoreCounter;
use nernst_spec::{Image, Ledger};
use std::cell::RefCell;
use std::io::Write;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Run a network on the test samples of a data set, or on spikes, and compare everything with the reference model.
///
/// Loads the network, runs sample after sample, and compares every spike that comes to the host and every counter of the
/// ledger with the reference model: a difference is a failure (exit code 1). With `--input - --output -` it stands in a pipe: the
/// spikes of each sample are written before the next is waited for, and text for people goes to standard error.
#[derive(clap::Args)]
pub struct Run {
    #[command(flatten)]
    image: ImageArgs,
    #[command(flatten)]
    port: PortArgs,
    #[command(flatten)]
    data: SampleArgs,
    /// Run these spikes instead of a data set: a file, or - for standard input, sample after sample as they come.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["data", "all"])]
    input: Option<PathBuf>,
    /// Classes of the samples of --input, one a line: with them there is an accuracy.
    #[arg(long, value_name = "FILE", requires = "input")]
    labels: Option<PathBuf>,
    /// Write the spikes of the outputs, numbered from 0, to a file, or with - to standard output in place of the text.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    spikes: SpikeArgs,
    /// What of a data set's samples goes to the board: their spikes, or their values, once each, of which the board makes the same spikes itself. Values take fewer bits in the rate code, and spikes often in the latency code.
    #[arg(long, value_enum, default_value_t = SendAs::Spikes)]
    send: SendAs,
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
    /// Time from one tick to the next, such as 1ms or 250us, kept by the board itself: results come tick by tick, and those that began late, because their
    /// input had not come or the tick before took too long, are counted and named [default: none, as fast as it goes].
    #[arg(long, value_name = "TIME", conflicts_with = "trace")]
    tick_period: Option<humantime::Duration>,
    /// Read and compare all membranes after each sample, too.
    #[arg(short, long)]
    membranes: bool,
    /// Watch over the board's memory: behind each sample compare the board's digests of so many pieces of at most 512 words, one after the other, and all of
    /// them at the end; tell which weight, parameter, setting or route has changed, and write it again.
    #[arg(long, value_name = "PIECES", num_args = 0..=1, default_missing_value = "1")]
    scrub: Option<NonZeroUsize>,
    /// Write a report as JSON to a file, or to standard output in place of the text.
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-")]
    json: Option<PathBuf>,
    /// Write what one sample does tick by tick to a file, for `nernst plot`.
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// The sample to trace: its number in the test part, or in --input.
    #[arg(long, value_name = "NUMBER", default_value_t = 0, requires = "trace")]
    trace_sample: usize,
    /// Neurons whose membranes go into the trace, by their numbers in the array [default: the outputs].
    #[arg(long, value_name = "NEURONS", value_delimiter = ',', requires = "trace")]
    record: Vec<u16>,
}

/// What came of all samples.
struct Outcome {
    /// Of the samples that were run, where they are known.
    classes: Option<Vec<usize>>,
    decisions: Vec<usize>,
    /// The spikes of the sample that is to be traced, if it was run.
    traced: Option<Spikes>,
    /// Sample and tick of each tick that was late.
    late: Vec<LateTick>,
    begun: SystemTime,
    time: Duration,
    mismatches: Mismatches,
    scrubbed: Option<Scrubbed>,
}

impl Outcome {
    /// Samples whose class was found.
    fn correct(&self) -> Option<usize> {
        let classes = self.classes.as_ref()?;
        Some(classes.iter().zip(&self.decisions).filter(|(class, decision)| class == decision).count())
    }
}

impl Run {
    pub fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let (image, placement) = self.image.placed()?;
        let image = if self.dense { image.dense() } else { image };
        let standard = |path: &Option<PathBuf>| path.as_ref().is_some_and(|path| path.as_os_str() == STANDARD);
        if standard(&self.output) && standard(&self.json) {
            let help = "write one of them to a file: --json FILE".into();
            return Err(Failure { what: "spikes and JSON cannot both go to standard output".into(), help }.into());
        }
        self.spikes.check(self.input.as_deref(), self.output.as_deref())?;
        let mut feed = match &self.input {
            Some(_) if self.send == SendAs::Values => {
                let what = "the spikes of --input are no values that the board could encode".into();
                return Err(Failure { what, help: "leave --send out, or run a data set".into() }.into());
            }
            Some(input) => Feed::of_spikes(&image, input, &self.spikes, self.data.limit(), self.labels.as_deref())?,
            None => {
                let (name, samples) = self.data.samples(&image)?;
                Feed::of_data(&image, name, samples, self.send)?
            }
        };
        self.check_trace(&image, feed.length)?;
        let plan = self.plan(&image)?;
        let period = self.period(&image)?;
        let mut session = self.port.open(Some(&image.config))?;
        load(&mut session, &image)?;
        let mut runner = Runner::new(&mut session, &image, self.membranes)?;
        if let Some(plan) = &plan {
            runner.set_budget(&plan.budget, plan.timed)?;
        }
        if let Some(period) = period {
            runner.set_pace(period)?;
        }
        if let Some(pieces) = self.scrub {
            runner.scrub(pieces.get());
        }
        let traced = self.trace.is_some().then_some(self.trace_sample);
        let mut sink = match &self.output {
            Some(path) => Some(self.spikes.create(path, Some(image.outputs.len()), None, "output")?),
            None => None,
        };
        let (outcome, ended) = run_all(&mut runner, &image, &mut feed, traced, sink.as_mut())?;
        let ledger = match ended {
            Ok(ledger) => ledger,
            Err(error) => {
                drop(runner);
                return Err(self.break_off(out, &image, &feed, &session, &outcome, error)?);
            }
        };
        if let Some(sink) = sink.filter(|_| !outcome.decisions.is_empty()) {
            sink.finish().map_err(failure)?;
        }
        let budget = match &plan {
            Some(plan) => Some(plan.spent(runner.budget_left()?, runner.stopped())),
            None => None,
        };
        if let Some(path) = &self.trace {
            // Of spikes it is known only now how many samples there are.
            let Some(spikes) = &outcome.traced else {
                self.check_trace(&image, Some(outcome.decisions.len()))?;
                return Err(no_samples(&feed).into());
            };
            let label = outcome.classes.as_ref().and_then(|classes| classes.get(self.trace_sample).copied());
            let trace = self.trace(&mut runner, &image, label, spikes)?;
            let bytes = serde_json::to_vec(&trace)?;
            std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
        }
        drop(runner);
        if outcome.decisions.is_empty() {
            let Some(spent) = budget.filter(|spent| spent.stopped_after_ticks.is_some()) else {
                return Err(no_samples(&feed).into());
            };
            let what = format!("no sample was completed: {spent}");
            return Err(Failure { what, help: "give a larger --budget".into() }.into());
        }
        let faults = self.port.injected(&session);
        let mut report = report(&image, &feed, &session, self.dense, budget, &outcome, &ledger);
        report.cores = CoreReport::of(&image, placement.as_ref());
        report.faults = faults;
        report.pace = period.map(|period| Pace::new(period, &image.config, outcome.late.clone()));
        // Standard output is for spikes.
        match standard(&self.output) {
            true => self.write(&mut std::io::stderr(), &report, &ledger)?,
            false => self.write(out, &report, &ledger)?,
        }
        let count = outcome.mismatches.total();
        if count == 0 {
            return Ok(());
        }
        let mut what =
            format!("{count} mismatches between board and reference model: {}", outcome.mismatches.first.join("; "));
        let mut help = "a board that differs is faulty, overclocked or built from other sources: flash it again".into();
        if let Some(first) = outcome.scrubbed.as_ref().and_then(|scrubbed| scrubbed.upsets.first()) {
            what += &format!("; {first}");
            help = "the words that had changed have been written again: run the samples again in which they were wrong"
                .into();
        }
        Err(Failure { what, help }.into())
    }

    /// Keeps what a run gave that did not come to its end, and returns the error to end with.
    fn break_off(
        &self,
        out: &mut impl Write,
        image: &Image,
        feed: &Feed,
        session: &Session,
        outcome: &Outcome,
        error: RunError,
    ) -> anyhow::Result<anyhow::Error> {
        let run = incomplete(image, feed, session, self.dense, self.port.injected(session), outcome, &error);
        let text = || anyhow::Ok(serde_json::to_string_pretty(&run)? + "\n");
        match self.json.as_deref() {
            Some(path) if path == Path::new(STANDARD) => out.write_all(text()?.as_bytes())?,
            json => {
                if let Some(path) = json {
                    std::fs::write(path, text()?).with_context(|| format!("cannot write {}", path.display()))?;
                }
                // Standard output is for spikes, if they go there.
                match self.output.as_deref() == Some(Path::new(STANDARD)) {
                    true => writeln!(std::io::stderr(), "{run}")?,
                    false => writeln!(out, "{run}")?,
                }
            }
        }
        Ok(match error {
            RunError::Session(SessionError::Interrupted) => error.into(),
            error => anyhow::Error::from(error).context(format!("the run ended {}", run.progress())),
        })
    }

    /// The time from one tick to the next, in clocks of the array.
    fn period(&self, image: &Image) -> anyhow::Result<Option<u32>> {
        let Some(time) = self.tick_period else { return Ok(None) };
        let clock_hz = image.config.clock_hz;
        let period = nernst_spec::pace::period(time.as_secs_f64(), clock_hz);
        Ok(Some(period.ok_or_else(|| {
            let [least, most] =
                [nernst_spec::pace::MIN_PERIOD, u32::MAX].map(|clocks| f64::from(clocks) / f64::from(clock_hz));
            Failure {
                what: format!("no ticks of `{}` every {time}", image.config.name),
                help: format!(
                    "at its clock of {} MHz give --tick-period from {:.2} us to {most:.1} s",
                    f64::from(clock_hz) / 1e6,
                    1e6 * least
                ),
            }
        })?))
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

    /// Refuses a trace that cannot be made before anything is run, as far as it is known how many samples are run.
    fn check_trace(&self, image: &Image, samples: Option<usize>) -> anyhow::Result<()> {
        let neurons = image.config.neurons();
        let past = samples.filter(|samples| self.trace.is_some() && (1..=self.trace_sample).contains(samples));
        let (what, end) = if let Some(samples) = past {
            (format!("sample {} is not among the {samples} that are run", self.trace_sample), samples)
        } else if let Some(neuron) = self.record.iter().find(|&&neuron| neuron as usize >= neurons) {
            (format!("neuron {neuron} does not exist in an array of {neurons}"), neurons)
        } else {
            return Ok(());
        };
        Err(Failure { what, help: format!("give numbers from 0 to {}", end - 1) }.into())
    }

    fn trace(
        &self,
        runner: &mut Runner,
        image: &Image,
        label: Option<usize>,
        spikes: &Spikes,
    ) -> anyhow::Result<Trace> {
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
            label,
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

/// Runs all samples and writes the spikes of each as soon as they are there. `traced`: keep the spikes of this sample.
fn run_all(
    runner: &mut Runner,
    image: &Image,
    feed: &mut Feed,
    traced: Option<usize>,
    mut sink: Option<&mut Sink>,
) -> anyhow::Result<(Outcome, Result<Ledger, RunError>)> {
    let outputs = Outputs::new(image);
    let bar = feed.length.map_or_else(|| spinner("running"), |length| progress_bar("running", length));
    let (mut decisions, mut late) = (vec![], vec![]);
    let (mut number, mut kept) = (0, None);
    // What is wrong with a sample that comes or goes ends the run.
    let wrong = RefCell::new(None);
    let (begun, clock) = (SystemTime::now(), Instant::now());
    let result = runner.drive(
        |under_way| {
            if wrong.borrow().is_some() {
                return Step::End;
            }
            if feed.live && under_way > 0 {
                return Step::Wait;
            }
            match (feed.next)() {
                Ok(Some(sample)) => {
                    if traced == Some(number) {
                        kept = Some(sample.spikes());
                    }
                    number += 1;
                    sample.into()
                }
                Ok(None) => Step::End,
                Err(error) => {
                    wrong.replace(Some(error));
                    Step::End
                }
            }
        },
        |gave| {
            let Gave::Sample(sample) = gave else { return };
            late.extend(sample.late.iter().map(|&tick| LateTick { sample: decisions.len(), tick }));
            decisions.push(classify(&sample.answers));
            bar.inc(1);
            if let Some(sink) = &mut sink
                && let Err(error) = sink.write(outputs.of(&sample))
            {
                wrong.borrow_mut().get_or_insert(failure(error));
            }
        },
    );
    let time = clock.elapsed();
    bar.finish_and_clear();
    if let Some(error) = wrong.into_inner() {
        return Err(error);
    }
    let (ended, mismatches) = match result.and_then(|()| runner.finish()) {
        Ok((ledger, mismatches)) => (Ok(ledger), mismatches),
        Err(error) => (Err(error), runner.mismatches().clone()),
    };
    // A budget may have ended it early.
    let done = decisions.len();
    let classes = feed.labels.as_ref().map(|classes| classes.iter().take(done).copied().collect());
    let traced = kept.filter(|_| traced.is_some_and(|traced| traced < done));
    let scrubbed = runner.scrubbed().cloned();
    Ok((Outcome { classes, decisions, traced, late, begun, time, mismatches, scrubbed }, ended))
}

fn no_samples(feed: &Feed) -> Failure {
    Failure { what: format!("no samples in {}", feed.data), help: "docs/data.md says what a sample is".into() }
}

fn report(
    image: &Image,
    feed: &Feed,
    session: &Session,
    dense: bool,
    budget: Option<Spent>,
    outcome: &Outcome,
    ledger: &Ledger,
) -> RunReport {
    let samples = outcome.decisions.len();
    let correct = outcome.correct();
    let seconds = outcome.time.as_secs_f64();
    let identity = session.identity();
    let ticks = ledger.array(nernst_spec::ledger::ArrayCounter::Ticks) as usize;
    let [spikes_in, spikes_out] = session.trains();
    let values_in = session.values();
    RunReport {
        version: report::VERSION,
        complete: true,
        network: image.name.clone(),
        data: feed.data.clone(),
        config: identity.config.name.clone(),
        port: session.port_name(),
        build: format!("{:08x}", identity.build),
        clock_hz: identity.config.clock_hz,
        coding: feed.coding.clone(),
        ticks_per_sample: (ticks - budget.as_ref().and_then(|budget| budget.stopped_after_ticks).unwrap_or(0))
            / samples,
        samples,
        correct,
        accuracy: correct.map(|correct| correct as f64 / samples as f64),
        begun: outcome.begun.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64(),
        seconds,
        samples_per_second: samples as f64 / seconds,
        busy_clocks_per_sample: ledger.maximum(CoreCounter::BusyClocks) as f64 / samples as f64,
        classes: outcome.classes.clone().unwrap_or_default(),
        decisions: outcome.decisions.clone(),
        inputs: image.inputs.len(),
        cores: CoreReport::of(image, None),
        dense,
        budget,
        mismatches: outcome.mismatches.clone(),
        link: session.statistics(),
        spikes_in,
        spikes_out,
        values_in,
        faults: None,
        pace: None,
        scrubbed: outcome.scrubbed.clone(),
        ledger: LedgerReport::from(ledger),
    }
}

fn incomplete(
    image: &Image,
    feed: &Feed,
    session: &Session,
    dense: bool,
    faults: Option<InjectedFaults>,
    outcome: &Outcome,
    error: &RunError,
) -> IncompleteRun {
    let identity = session.identity();
    IncompleteRun {
        version: report::VERSION,
        complete: false,
        ended: error.to_string(),
        samples: outcome.decisions.len(),
        samples_asked: feed.length,
        correct: outcome.correct(),
        classes: outcome.classes.clone().unwrap_or_default(),
        decisions: outcome.decisions.clone(),
        network: image.name.clone(),
        data: feed.data.clone(),
        config: identity.config.name.clone(),
        port: session.port_name(),
        build: format!("{:08x}", identity.build),
        clock_hz: identity.config.clock_hz,
        coding: feed.coding.clone(),
        dense,
        begun: outcome.begun.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64(),
        seconds: outcome.time.as_secs_f64(),
        mismatches: outcome.mismatches.clone(),
        link: session.statistics(),
        faults,
        scrubbed: outcome.scrubbed.clone(),
    }
}
