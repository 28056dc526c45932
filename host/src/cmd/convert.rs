use super::Failure;
use super::samples::PartArgs;
use super::spikes::{SpikeArgs, failure};
use anyhow::Context;
use nernst::coding::Code;
use nernst::data::Dataset;
use nernst::events::{MAX_LINES, STANDARD, Sink, Source, SpikeSet, Spikes, labels};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Convert spikes from one format to another, or make spikes of a data set.
///
/// Reads and writes AER text, NumPy arrays, NIRData, N-MNIST and AEDAT 2.0; the endings of names say which, or --format and
/// --output-format. Several inputs give their samples one after the other. With --code the input is a data set, and its spikes
/// are those that a network with this code hears.
#[derive(clap::Args)]
pub struct Convert {
    /// Files of spikes (- for standard input), or with --code a data set; and last the file to write (- for standard output).
    #[arg(required = true, num_args = 2.., value_names = ["IN", "OUT"])]
    files: Vec<PathBuf>,
    /// How samples of a data set become spikes, and in how many ticks: rate-16, latency-8.
    #[arg(long)]
    code: Option<Code>,
    #[command(flatten)]
    part: PartArgs,
    /// Take this sample alone, by its number from 0.
    #[arg(long, value_name = "NUMBER", conflicts_with = "limit")]
    sample: Option<usize>,
    /// Write the classes of the samples of a data set, for `nernst run --labels`.
    #[arg(long, value_name = "FILE", requires = "code")]
    labels: Option<PathBuf>,
    /// Lines of the spikes that are read, where their file does not say how many.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=MAX_LINES as i64), conflicts_with = "code")]
    lines: Option<u32>,
    #[command(flatten)]
    spikes: SpikeArgs,
}

/// What was written.
#[derive(Default)]
struct Written {
    samples: usize,
    ticks: usize,
    spikes: usize,
}

impl Convert {
    pub fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        // clap has seen to it that there are two.
        let (output, inputs) = self.files.split_last().context("nothing to convert")?;
        let mut written = Written::default();
        let mut lines = self.lines.map(|lines| lines as usize);
        let mut sink = None;
        for input in inputs {
            let (source, classes) = self.source(input, inputs, lines)?;
            self.convert(source, output, &mut lines, &mut sink, &mut written)?;
            if let (Some(path), Some(classes)) = (&self.labels, classes) {
                let text = labels::text(classes);
                std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
            }
        }
        let Some(sink) = sink else {
            let what = format!("no samples in {}", self.names(inputs));
            return Err(Failure { what, help: "give a file with more samples, or a smaller --sample".into() }.into());
        };
        sink.finish().map_err(failure)?;
        if output.as_os_str() != STANDARD {
            let Written { samples, ticks, spikes } = written;
            let on = lines.map_or(String::new(), |lines| format!(" on {lines} lines"));
            let output = output.display();
            let plural = if samples == 1 { "" } else { "s" };
            writeln!(out, "wrote {output}: {spikes} spikes{on} in {ticks} ticks of {samples} sample{plural}")?;
        }
        Ok(())
    }

    /// The spikes of an input, and its classes where they are known and asked for.
    fn source(
        &self,
        input: &Path,
        all: &[PathBuf],
        lines: Option<usize>,
    ) -> anyhow::Result<(Source, Option<Vec<usize>>)> {
        let output = self.files.last().map(PathBuf::as_path);
        let Some(code) = self.code else {
            if self.part.all {
                let help = "leave --all out: all samples of files of spikes are taken, or give --code";
                return Err(Failure { what: "--all is for data sets".into(), help: help.into() }.into());
            }
            if Dataset::is_bundled(input) && !input.exists() {
                let what = format!("`{}` is a data set", input.display());
                return Err(Failure { what, help: "say how it becomes spikes: --code rate-16".into() }.into());
            }
            self.spikes.check(Some(input), output)?;
            return Ok((self.spikes.open(input, lines)?, None));
        };
        if all.len() > 1 {
            let what = format!("--code is for one data set, and there are {}: {}", all.len(), self.names(all));
            return Err(Failure { what, help: "convert them one by one".into() }.into());
        }
        self.spikes.check(None, output)?;
        let data = Dataset::open(&input.to_string_lossy())?;
        let lines = data.inputs();
        let mut samples = self.part.select(data)?;
        if let Some(number) = self.sample {
            samples = samples.into_iter().skip(number).take(1).collect();
        }
        let classes = samples.iter().map(|sample| sample.label as usize).collect();
        let spikes = samples.iter().map(|sample| code.encode(&sample.pixels)).collect();
        Ok((Source::whole(SpikeSet { lines, dt: None, samples: spikes }), Some(classes)))
    }

    /// Takes what is wanted of the samples to the output, which the first of them begins.
    fn convert(
        &self,
        mut source: Source,
        output: &Path,
        lines: &mut Option<usize>,
        sink: &mut Option<Sink>,
        written: &mut Written,
    ) -> anyhow::Result<()> {
        let mut number = 0;
        let wanted = |number| match self.sample.filter(|_| self.code.is_none()) {
            Some(sample) => number <= sample,
            None => self.part.limit.is_none_or(|limit| number < limit),
        };
        while wanted(number) {
            let Some(sample) = source.next().transpose().map_err(failure)? else { break };
            number += 1;
            if self.sample.is_some_and(|sample| self.code.is_none() && number <= sample) {
                continue;
            }
            *lines = lines.or(source.lines());
            let sink = match sink {
                Some(sink) => sink,
                None => sink.insert(self.spikes.create(output, *lines, source.dt(), "input")?),
            };
            written.count(&sample);
            sink.write(sample).map_err(failure)?;
        }
        Ok(())
    }

    fn names(&self, files: &[PathBuf]) -> String {
        files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(", ")
    }
}

impl Written {
    fn count(&mut self, sample: &Spikes) {
        self.samples += 1;
        self.ticks += sample.len();
        self.spikes += sample.iter().map(Vec::len).sum::<usize>();
    }
}
