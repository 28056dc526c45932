//! Damages NIR files and graphs, and lets them go the whole way: HDF5, graph, shapes, circuit. A panic, memory past a bound, an execution without an
//! end, or an error too long to read is a fault, and makes it fail. Stable Rust and cargo alone:
//!
//!     cargo run --profile test --package nernst --example fuzz -- --executions 1000000
//!
//! Every execution is made from the seed and its number: `--only NUMBER` runs one again.

mod bytes;
mod execution;
mod graphs;
mod summary;

use anyhow::{Context, bail};
use clap::Parser;
use execution::Corpus;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};
use summary::Summary;
use wait_timeout::ChildExt;

/// What takes longer is taken for endless. The limits of the importer leave seconds at most.
const LONGEST: Duration = Duration::from_secs(60);
/// How often a worker is looked after.
const LOOK_EVERY: Duration = Duration::from_millis(200);

#[derive(Parser)]
struct Args {
    #[arg(long, default_value_t = 1_000_000)]
    executions: u64,
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Processes at once; as many as there are processors, unless given.
    #[arg(long)]
    jobs: Option<u64>,
    /// Where inputs that show a fault are kept.
    #[arg(long, default_value = "target/fuzz")]
    folder: PathBuf,
    /// JSON file to write.
    #[arg(long)]
    report: Option<PathBuf>,
    /// Run this execution alone.
    #[arg(long)]
    only: Option<u64>,
    /// Run every JOBS-th execution from this one on, in this process (what this program starts itself with).
    #[arg(long, hide = true)]
    first: Option<u64>,
}

fn main() -> anyhow::Result<()> {
    let mut args = Args::parse();
    let jobs =
        args.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, |count| count.get() as u64)).max(1);
    args.jobs = Some(jobs);
    std::fs::create_dir_all(&args.folder).with_context(|| format!("cannot make {}", args.folder.display()))?;
    if let Some(first) = args.first {
        return work(&args, first, jobs);
    }
    if let Some(number) = args.only {
        let mut summary = Summary::default();
        summary.add(number, Corpus::load().execute(args.seed, number, &args.folder));
        print!("{summary}");
        return Ok(());
    }
    let start = Instant::now();
    let mut workers = (0..jobs).map(|first| Worker::start(&args, first)).collect::<anyhow::Result<Vec<_>>>()?;
    let mut all = Summary::default();
    for worker in &mut workers {
        match worker.wait()? {
            Ok(summary) => all.merge(summary),
            Err(fault) => all.faults.push(fault),
        }
    }
    print!("{all}");
    println!("{jobs} processes, {:.0} s", start.elapsed().as_secs_f64());
    if let Some(path) = &args.report {
        let mut report = serde_json::to_value(&all)?;
        report["seed"] = args.seed.into();
        report["seconds"] = start.elapsed().as_secs().into();
        report["processes"] = jobs.into();
        std::fs::write(path, serde_json::to_string_pretty(&report)? + "\n")
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    if !all.faults.is_empty() {
        bail!("{} faults; `--only NUMBER` shows one again", all.faults.len());
    }
    Ok(())
}

/// A share of the executions, in this process.
fn work(args: &Args, first: u64, jobs: u64) -> anyhow::Result<()> {
    // Faults are told once, at the end.
    std::panic::set_hook(Box::new(|_| {}));
    let progress = File::create(progress(&args.folder, first))?;
    let corpus = Corpus::load();
    let mut summary = Summary::default();
    for number in (first..args.executions).step_by(jobs as usize) {
        progress.write_all_at(&number.to_le_bytes(), 0)?;
        summary.add(number, corpus.execute(args.seed, number, &args.folder));
    }
    Ok(std::fs::write(args.folder.join(format!("summary-{first}.json")), serde_json::to_vec(&summary)?)?)
}

/// Where a worker leaves the number of its execution, for when it ends within it.
fn progress(folder: &Path, first: u64) -> PathBuf {
    folder.join(format!("execution-{first}"))
}

impl Summary {
    /// Adds what another process did.
    fn merge(&mut self, other: Self) {
        self.executions += other.executions;
        other.outcomes.into_iter().for_each(|(kind, count)| *self.outcomes.entry(kind).or_default() += count);
        for (ours, theirs) in [
            (&mut self.worst_read, other.worst_read),
            (&mut self.worst_import, other.worst_import),
            (&mut self.worst_time, other.worst_time),
        ] {
            ours.add(theirs.execution, theirs.size, theirs.took);
        }
        self.faults.extend(other.faults);
    }
}

struct Worker {
    child: Child,
    progress: PathBuf,
    summary: PathBuf,
}

impl Worker {
    fn start(args: &Args, first: u64) -> anyhow::Result<Self> {
        let progress = progress(&args.folder, first);
        let child = Command::new(std::env::current_exe()?)
            .args(["--executions", &args.executions.to_string(), "--seed", &args.seed.to_string()])
            .args(["--jobs", &args.jobs.unwrap_or(1).to_string(), "--first", &first.to_string(), "--folder"])
            .arg(&args.folder)
            .spawn()?;
        let summary = args.folder.join(format!("summary-{first}.json"));
        Ok(Self { child, progress, summary })
    }

    /// Its summary, or in which execution it ended or did not.
    fn wait(&mut self) -> anyhow::Result<Result<Summary, String>> {
        let (mut last, mut since) = (None, Instant::now());
        let status = loop {
            if let Some(status) = self.child.wait_timeout(LOOK_EVERY)? {
                break status;
            }
            let now = self.execution();
            if now != last {
                (last, since) = (now, Instant::now());
            } else if since.elapsed() > LONGEST {
                self.child.kill()?;
                self.child.wait()?;
                return Ok(Err(format!("no end after {LONGEST:?}: execution {}", last.unwrap_or_default())));
            }
        };
        if !status.success() {
            // Memory past twice the bound, or too deep a recursion.
            return Ok(Err(format!(
                "the process ended with {status}: execution {}",
                self.execution().unwrap_or_default()
            )));
        }
        Ok(Ok(serde_json::from_slice(&std::fs::read(&self.summary)?)?))
    }

    fn execution(&self) -> Option<u64> {
        let bytes = std::fs::read(&self.progress).ok()?;
        Some(u64::from_le_bytes(bytes.try_into().ok()?))
    }
}
