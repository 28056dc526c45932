//! Sends bytes that nobody should send through the host's end of the link: deframer, decoder, messages; and, once in a thousand executions, through a
//! session with a board that answers with anything. A panic, an execution without an end, or what is another when it is encoded again is a fault, and makes it fail:
//!
//!     cargo run --profile test --package nernst --example fuzz_link -- --executions 10000000
//!
//! Every execution is made from the seed and its number: `--only NUMBER` runs one again.

mod decode;
mod execution;
mod wire;

use anyhow::{Context, bail};
use clap::Parser;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

#[derive(Parser)]
struct Args {
    #[arg(long, default_value_t = 10_000_000)]
    executions: u64,
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Threads at once; as many as there are processors, unless given.
    #[arg(long)]
    jobs: Option<u64>,
    /// JSON file to write.
    #[arg(long)]
    report: Option<PathBuf>,
    /// Run this execution alone.
    #[arg(long)]
    only: Option<u64>,
}

#[derive(Default, Serialize)]
struct Summary {
    executions: u64,
    seed: u64,
    seconds: u64,
    counts: BTreeMap<String, u64>,
    /// The execution that took longest, and its microseconds.
    worst: (u64, u64),
    faults: Vec<String>,
}

impl Summary {
    fn add(&mut self, number: u64, outcome: execution::Outcome) {
        self.executions += 1;
        outcome.counts.into_iter().for_each(|(what, count)| *self.counts.entry(what).or_default() += count);
        self.faults.extend(outcome.fault);
        self.longest(number, outcome.time);
    }
    fn longest(&mut self, number: u64, time: Duration) {
        let time = time.as_micros() as u64;
        if time > self.worst.1 {
            self.worst = (number, time);
        }
    }
    fn merge(&mut self, other: Self) {
        self.executions += other.executions;
        other.counts.into_iter().for_each(|(what, count)| *self.counts.entry(what).or_default() += count);
        self.faults.extend(other.faults);
        self.longest(other.worst.0, Duration::from_micros(other.worst.1));
    }
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let start = Instant::now();
    let mut all = Summary::default();
    match args.only {
        Some(number) => all.add(number, execution::execute(args.seed, number)),
        None => {
            let processors = std::thread::available_parallelism().map_or(1, |count| count.get() as u64);
            let jobs = args.jobs.unwrap_or(processors).max(1);
            // Faults are told once, at the end.
            std::panic::set_hook(Box::new(|_| {}));
            let work = |first: u64| {
                let mut summary = Summary::default();
                for number in (first..args.executions).step_by(jobs as usize) {
                    summary.add(number, execution::execute(args.seed, number));
                }
                summary
            };
            std::thread::scope(|scope| {
                let workers: Vec<_> = (0..jobs).map(|first| scope.spawn(move || work(first))).collect();
                for worker in workers {
                    match worker.join() {
                        Ok(summary) => all.merge(summary),
                        Err(_) => all.faults.push("a worker that panicked outside of an execution".into()),
                    }
                }
            });
        }
    }
    all.seed = args.seed;
    all.seconds = start.elapsed().as_secs();
    println!("{} executions in {} s, {} faults", all.executions, all.seconds, all.faults.len());
    all.counts.iter().for_each(|(what, count)| println!("  {count:>9}  {what}"));
    println!("longest: execution {}, {} us", all.worst.0, all.worst.1);
    if let Some(path) = &args.report {
        std::fs::write(path, serde_json::to_string_pretty(&all)? + "\n")
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    if !all.faults.is_empty() {
        all.faults.iter().take(10).for_each(|fault| println!("{fault}"));
        bail!("{} faults; `--only NUMBER` shows one again", all.faults.len());
    }
    Ok(())
}
