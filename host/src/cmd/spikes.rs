//! Spikes in and out of a command.

use super::{Failure, samples, stop_signal};
use nernst::data::Sample;
use nernst::events::{
    DEFAULT_DT, EventError, Format, MAX_TICKS, Reading, STANDARD, Shape, Sink, Source, Spikes, Start, Writing, labels,
};
use nernst::runner::{RunError, SampleRun, Step};
use nernst::session::SessionError;
use nernst::values::Values;
use nernst_spec::Image;
use std::io::ErrorKind;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

const HEADING: &str = "Spikes in files (docs/data.md)";
/// How soon Ctrl-C ends a wait for spikes.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// What files of spikes do not say, or what of them is wanted.
#[derive(clap::Args)]
pub struct SpikeArgs {
    /// Format of the spikes that are read [default: by the ending of the file's name, `aer` for -].
    #[arg(long, value_enum, help_heading = HEADING)]
    format: Option<Format>,
    /// Format of the spikes that are written [default: by the ending of the file's name, `aer` for -].
    #[arg(long, value_enum, value_name = "FORMAT", help_heading = HEADING)]
    output_format: Option<Format>,
    /// Length of a tick in seconds, for formats with times [default: of what is written, that of what is read, or 1e-3].
    #[arg(long, value_name = "SECONDS", value_parser = seconds, help_heading = HEADING)]
    dt: Option<f64>,
    /// Pixels of the sensor [default: 34x34 for nmnist, 128x128 for aedat2].
    #[arg(long, value_name = "WIDTHxHEIGHT", help_heading = HEADING)]
    shape: Option<Shape>,
    /// Make one pixel of so many by so many, for recordings of a sensor.
    #[arg(long, value_name = "PIXELS", help_heading = HEADING)]
    pool: Option<NonZeroUsize>,
    /// Where the first tick of a recording of a sensor begins: seconds, or `first` for its first event; what is before is left out [default: 0].
    #[arg(long, value_name = "SECONDS|first", help_heading = HEADING)]
    start: Option<Start>,
    /// How much of a recording of a sensor to take; what is after is left out.
    #[arg(long, value_name = "SECONDS", value_parser = seconds, help_heading = HEADING)]
    length: Option<f64>,
    /// Node of a NIR file [default: the only one that is read; `input` or `output` of what is written].
    #[arg(long, value_name = "NAME", help_heading = HEADING)]
    node: Option<String>,
    /// Ticks of every sample that is read: shorter ones are silent at their end, a spike after it is refused.
    #[arg(long, value_parser = ticks, help_heading = HEADING)]
    ticks: Option<usize>,
}

impl SpikeArgs {
    /// Refuses a file that is both read and written, and options that are for other formats than those, or for none.
    pub fn check(&self, input: Option<&Path>, output: Option<&Path>) -> anyhow::Result<()> {
        if let (Some(input), Some(output)) = (input, output)
            && same(input, output)
        {
            let what = format!("{} is both read and written", input.display());
            return Err(Failure { what, help: "write another file".into() }.into());
        }
        let read = input.map(|path| self.input_format(path)).transpose()?;
        let written = output.map(|path| self.output_format(path)).transpose()?;
        let any = |is: fn(Format) -> bool| read.is_some_and(is) || written.is_some_and(is);
        let timed = |format: Format| format.is_sensor() || format.is_nir();
        let (sensor_read, sensor) = (read.is_some_and(Format::is_sensor), any(Format::is_sensor));
        let options = [
            ("--format", self.format.is_some(), read.is_some(), "for spikes that are read"),
            ("--output-format", self.output_format.is_some(), written.is_some(), "for spikes that are written"),
            ("--dt", self.dt.is_some(), any(timed), "for formats with times: nir, nir-events, nmnist, aedat2"),
            ("--shape", self.shape.is_some(), sensor, "for sensors: nmnist, aedat2"),
            ("--pool", self.pool.is_some(), sensor_read, "for reading sensors: nmnist, aedat2"),
            ("--start", self.start.is_some(), sensor_read, "for reading sensors: nmnist, aedat2"),
            ("--length", self.length.is_some(), sensor_read, "for reading sensors: nmnist, aedat2"),
            ("--node", self.node.is_some(), any(Format::is_nir), "for NIR files: nir, nir-events"),
            ("--ticks", self.ticks.is_some(), read.is_some(), "for spikes that are read"),
        ];
        match options.iter().find(|(_, given, serves, _)| *given && !serves) {
            Some((option, .., what)) => {
                let what = format!("{option} is {what}");
                Err(Failure { what, help: format!("leave {option} out") }.into())
            }
            None => Ok(()),
        }
    }

    /// Opens spikes on so many lines, where that is known.
    pub fn open(&self, path: &Path, lines: Option<usize>) -> anyhow::Result<Source> {
        let reading = Reading {
            dt: self.dt,
            shape: self.shape,
            pool: self.pool,
            start: self.start,
            length: self.length,
            node: self.node.clone(),
            lines,
            ticks: self.ticks,
        };
        Source::open(path, self.input_format(path)?, &reading).map_err(failure)
    }

    /// Begins a file of spikes on so many lines, of a node and with ticks of this length unless options say others.
    pub fn create(&self, path: &Path, lines: Option<usize>, dt: Option<f64>, node: &str) -> anyhow::Result<Sink> {
        let writing = Writing {
            lines,
            dt: self.dt.or(dt).unwrap_or(DEFAULT_DT),
            shape: self.shape,
            node: self.node.clone().unwrap_or(node.into()),
        };
        Sink::create(path, self.output_format(path)?, writing).map_err(failure)
    }

    fn input_format(&self, path: &Path) -> anyhow::Result<Format> {
        self.format.map_or_else(|| Format::of(path), Ok).map_err(failure)
    }

    fn output_format(&self, path: &Path) -> anyhow::Result<Format> {
        self.output_format.map_or_else(|| Format::of(path), Ok).map_err(failure)
    }
}

/// The samples of a run, one after the other.
pub struct Feed {
    /// What the report calls them.
    pub data: String,
    /// Name of the code that made spikes of them.
    pub coding: String,
    /// How many there are, where that is known.
    pub length: Option<usize>,
    /// Each is to be done with before the next is asked for: somebody may wait for it.
    pub live: bool,
    /// The class of each, where classes are known.
    pub labels: Option<Vec<usize>>,
    /// A sample, `None` at the end.
    pub next: Box<dyn FnMut() -> anyhow::Result<Option<Sent>>>,
}

/// What goes to the board.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum SendAs {
    /// Spikes, as the host makes them.
    Spikes,
    /// Values, of which the board makes the spikes.
    Values,
}

/// A sample, as it goes to the board.
pub enum Sent {
    Spikes(Spikes),
    Values(Values),
}

impl Sent {
    /// The spikes of its inputs.
    pub fn spikes(&self) -> Spikes {
        match self {
            Sent::Spikes(spikes) => spikes.clone(),
            Sent::Values(values) => values.code.encode(&values.pixels),
        }
    }
}

impl From<Sent> for Step {
    fn from(sent: Sent) -> Step {
        match sent {
            Sent::Spikes(spikes) => Step::Sample(spikes),
            Sent::Values(values) => Step::Values(values),
        }
    }
}

impl Feed {
    /// Samples of a data set.
    pub fn of_data(image: &Image, data: String, samples: Vec<Sample>, send: SendAs) -> anyhow::Result<Self> {
        let code = samples::code(image)?;
        if send == SendAs::Values {
            Values::check(image, code).map_err(|error| Failure {
                what: error.to_string(),
                help: "leave --send out: the host makes the spikes".into(),
            })?;
        }
        let labels = samples.iter().map(|sample| sample.label as usize).collect();
        let length = Some(samples.len());
        let mut samples = samples.into_iter();
        let sent = move |Sample { pixels, .. }| match send {
            SendAs::Spikes => Sent::Spikes(code.encode(&pixels)),
            SendAs::Values => Sent::Values(Values { pixels, code }),
        };
        let next = move || Ok(samples.next().map(sent));
        let coding = code.to_string();
        Ok(Self { data, coding, length, live: false, labels: Some(labels), next: Box::new(next) })
    }

    /// Spikes from a file or standard input, at most so many samples, with labels from another file.
    pub fn of_spikes(
        image: &Image,
        path: &Path,
        spikes: &SpikeArgs,
        limit: Option<usize>,
        labels: Option<&Path>,
    ) -> anyhow::Result<Self> {
        let labels = labels.map(|path| labels::read(path, image.outputs.len())).transpose().map_err(failure)?;
        let expected = labels.as_ref().map(Vec::len);
        let source = spikes.open(path, Some(samples::inputs(image)))?;
        let standard = path.as_os_str() == STANDARD;
        let data = if standard { "standard input".to_string() } else { path.display().to_string() };
        // A file is there; a pipe is waited for.
        let live = standard || !path.is_file();
        let mut source: Box<dyn FnMut() -> anyhow::Result<Option<Spikes>>> =
            if live { in_background(source)? } else { Box::new(in_place(source)) };
        // The array runs for its latency after the last.
        let least = if spikes.ticks.is_some() { 0 } else { (image.ticks - image.latency) as usize };
        let (mut number, name) = (0, data.clone());
        let next = move || {
            if limit == Some(number) {
                return Ok(None);
            }
            let Some(mut sample) = source()? else {
                return match expected.filter(|expected| *expected != number) {
                    Some(expected) if limit.is_none() => Err(unlabelled(expected, &format!("{number} in all"), &name)),
                    _ => Ok(None),
                };
            };
            number += 1;
            if let Some(expected) = expected.filter(|expected| *expected < number) {
                return Err(unlabelled(expected, "more", &name));
            }
            sample.resize(sample.len().max(least), vec![]);
            Ok(Some(Sent::Spikes(sample)))
        };
        Ok(Self { data, coding: "spikes".into(), length: None, live, labels, next: Box::new(next) })
    }
}

fn unlabelled(labels: usize, samples: &str, data: &str) -> anyhow::Error {
    let what = format!("there are {labels} labels, and {data} has {samples} samples");
    Failure { what, help: "give a file of --labels with one for each sample, or a --limit".into() }.into()
}

fn in_place(mut source: Source) -> impl FnMut() -> anyhow::Result<Option<Spikes>> {
    move || source.next().transpose().map_err(failure)
}

/// Samples that a thread of its own waits for, so that Ctrl-C ends the wait. It reads one ahead.
fn in_background(source: Source) -> anyhow::Result<Box<dyn FnMut() -> anyhow::Result<Option<Spikes>>>> {
    let (sender, receiver) = sync_channel(0);
    std::thread::spawn(move || {
        for sample in source {
            if sender.send(sample).is_err() {
                return;
            }
        }
    });
    let stop = stop_signal()?;
    Ok(Box::new(move || {
        loop {
            match receiver.recv_timeout(LOOK_EVERY) {
                Ok(sample) => return sample.map(Some).map_err(failure),
                Err(RecvTimeoutError::Disconnected) => return Ok(None),
                Err(RecvTimeoutError::Timeout) if stop.load(Ordering::Relaxed) => {
                    return Err(RunError::Session(SessionError::Interrupted).into());
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }))
}

/// The spikes of an image's outputs, numbered as outputs.
pub struct Outputs {
    /// By array number.
    numbers: Vec<Option<u16>>,
}

impl Outputs {
    pub fn new(image: &Image) -> Self {
        let mut numbers = vec![None; image.config.neurons()];
        for (output, &neuron) in (0..).zip(&image.outputs) {
            // The image's own check has seen to it that the neuron exists.
            if let Some(number) = numbers.get_mut(neuron as usize) {
                *number = Some(output);
            }
        }
        Self { numbers }
    }

    /// Of a sample that was run.
    pub fn of(&self, run: &SampleRun) -> Spikes {
        let number = |&neuron: &u16| self.numbers.get(neuron as usize).copied().flatten();
        let tick = |neurons: &Vec<u16>| {
            let mut outputs: Vec<u16> = neurons.iter().filter_map(number).collect();
            outputs.sort_unstable();
            outputs
        };
        run.ticks.iter().map(tick).collect()
    }
}

/// What is wrong with spikes, with what to do about it. Where a pipe was closed, that alone: who reads has seen enough.
pub fn failure(error: EventError) -> anyhow::Error {
    match error {
        EventError::Write { source, .. } if source.kind() == ErrorKind::BrokenPipe => source.into(),
        error => Failure { what: error.to_string(), help: error.help().into() }.into(),
    }
}

/// Whether two names are those of one file, which writing would empty before it is read.
fn same(input: &Path, output: &Path) -> bool {
    let file = |path: &Path| path.canonicalize().ok().filter(|path| path.is_file());
    file(input).is_some_and(|input| Some(input) == file(output))
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds = text.parse().ok().filter(|seconds: &f64| *seconds > 0.0 && *seconds <= 1e6);
    seconds.ok_or_else(|| "expected a number of seconds above 0, such as 1e-3".into())
}

fn ticks(text: &str) -> Result<usize, String> {
    let ticks = text.parse().ok().filter(|ticks| (1..=MAX_TICKS).contains(ticks));
    ticks.ok_or_else(|| format!("expected a number from 1 to {MAX_TICKS}"))
}
