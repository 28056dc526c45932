//! `nernst synth --sweep`.

use super::super::gather::write_table;
use super::super::{Failure, progress_bar};
use anyhow::Context;
use indicatif::{MultiProgress, ProgressBar};
use nernst::sweep::{Table, describe};
use rust_hdl_bsp_ecp5::boards::Board;
use rust_hdl_bsp_ecp5::flow::{
    self, Axis, Design, FlowOptions, Progress, Report, SweepOptions, SweepProgress, Toolchain, vary,
};
use std::collections::HashMap;
use std::io::Write;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// Try many seeds and options, and keep the best.
#[derive(clap::Args)]
#[command(next_help_heading = "Sweep")]
pub struct SweepArgs {
    /// Try several seeds, and the options of --vary, side by side, and keep the best result: of those that route the one with the
    /// highest clock, and with equal clocks the one with fewer LUTs. Its files are in the output folder as without --sweep; all runs
    /// are in sweep.json, sweep.csv and sweep.md there, and each has its own folder below `sweep`.
    ///
    /// The same command again goes on where it stopped: runs with the same Verilog, pins, options and versions of the tools are not
    /// done again, unless a tool was killed, or took too long and the limit is longer now.
    #[arg(long, conflicts_with_all = ["stop_after", "netlist"])]
    sweep: bool,
    /// Seeds to try: how many, from --seed on (`8`), or which (`3,7,12`, `1-4,9`).
    #[arg(long, default_value = "8", requires = "sweep")]
    seeds: String,
    /// An option and the values to try; several are tried in all combinations. `ebr=on,off`: placement of the block RAMs as
    /// described at --free-ebr; `nextpnr.NAME=VALUES` or `yosys.NAME=VALUES`: an option of nextpnr-ecp5 or synth_ecp5, of which
    /// `on` gives it without a value, and `off` or `default` does not give it. For example: nextpnr.placer-heap-alpha=default,0.05,0.2
    /// nextpnr.placer-heap-beta=0.8,0.9 nextpnr.placer-heap-timingweight=10,30 nextpnr.tmg-ripup=off,on nextpnr.placer=heap,static
    /// nextpnr.router=router1,router2 yosys.abc9=off,on yosys.nowidelut=off,on.
    #[arg(long, value_name = "NAME=VALUES", requires = "sweep")]
    vary: Vec<Axis>,
    /// How many tools run at once [default: one for each core]. nextpnr takes about 2 GiB of memory for a full LFE5U-85F.
    #[arg(short, long, value_name = "N", requires = "sweep")]
    jobs: Option<NonZeroUsize>,
    /// Do all runs again.
    #[arg(long, requires = "sweep")]
    fresh: bool,
}

impl SweepArgs {
    pub fn is_on(&self) -> bool {
        self.sweep
    }

    fn runs(&self, base: &FlowOptions) -> anyhow::Result<Vec<FlowOptions>> {
        let seeds = match self.seeds.parse::<u32>() {
            Ok(0) => {
                return Err(Failure { what: "--seeds 0: nothing to try".into(), help: "give 1 or more".into() }.into());
            }
            Ok(count) => format!("seed={}-{}", base.seed, base.seed.saturating_add(count - 1)),
            Err(_) => format!("seed={}", self.seeds),
        };
        let seeds: Axis = seeds.parse().map_err(|error| Failure {
            what: format!("--seeds: {error}"),
            help: "give a count such as 8, or a list such as 3,7,12 or 1-4,9".into(),
        })?;
        let mut axes = self.vary.clone();
        axes.push(seeds);
        Ok(vary(base, &axes))
    }

    pub fn run(
        &self,
        tools: &Toolchain,
        design: &Design,
        board: &Board,
        dir: &Path,
        base: &FlowOptions,
        out: &mut impl Write,
    ) -> anyhow::Result<Report> {
        let runs = self.runs(base)?;
        let jobs = match self.jobs {
            Some(jobs) => jobs,
            None => std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
        };
        let options = SweepOptions { jobs, fresh: self.fresh };
        let view = View::new(&runs);
        let sweep = flow::sweep(tools, design, board, dir, &runs, &options, &|progress| view.show(progress));
        view.close();
        let sweep = sweep?;
        let table = Table::new(sweep.runs);
        write_table(&table, dir).context("the sweep is done")?;
        write!(out, "{table}")?;
        writeln!(out, "table: {}", dir.join("sweep.csv").display())?;
        match sweep.best {
            Some((_, report)) => Ok(report),
            None => {
                let first = table.runs.first().and_then(|run| run.error.clone()).unwrap_or_default();
                let what = format!("none of {} runs gave a bitstream; one of them: {first}", table.runs.len());
                let help = "its log says why; try other options, a longer --timeout, or a smaller configuration".into();
                Err(Failure { what, help }.into())
            }
        }
    }
}

/// A line for each tool that runs, and a bar for all of the sweep.
struct View {
    lines: MultiProgress,
    all: ProgressBar,
    names: Vec<String>,
    running: Mutex<HashMap<usize, ProgressBar>>,
}

impl View {
    fn new(runs: &[FlowOptions]) -> Self {
        let name = |options: &FlowOptions| {
            format!(
                "seed {}, {}",
                options.seed,
                describe(options.place_ebr, &options.yosys_args, &options.nextpnr_args)
            )
        };
        let lines = MultiProgress::new();
        let all = lines.add(progress_bar("runs", runs.len()));
        all.tick();
        Self { lines, all, names: runs.iter().map(name).collect(), running: Mutex::default() }
    }

    fn show(&self, progress: SweepProgress) {
        match progress {
            SweepProgress::Synthesis { index, progress } | SweepProgress::Run { index, progress } => {
                self.step(index, progress)
            }
            SweepProgress::Finished { index, run, resumed } => {
                let clock = run.clock.map(|clock| format!("{:.1} MHz, ", clock.achieved_mhz)).unwrap_or_default();
                let why = run.error.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
                let from = if resumed { ", of an earlier sweep" } else { "" };
                let (name, status, seconds) = (&self.names[index], run.status, run.seconds);
                let _ = self.lines.println(format!("{name}: {clock}{status}{why} ({seconds:.0} s{from})"));
                self.clear(index);
                self.all.inc(1);
            }
        }
    }

    fn step(&self, index: usize, progress: Progress) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        match progress {
            Progress::Finished { .. } => {
                drop(running);
                self.clear(index);
            }
            Progress::Started { step } | Progress::Running { step, .. } => {
                let line = running
                    .entry(index)
                    .or_insert_with(|| self.lines.insert_before(&self.all, ProgressBar::new_spinner()));
                let name = &self.names[index];
                line.set_message(match progress {
                    Progress::Running { line, seconds, .. } => format!("{name}: {step} {seconds:.0} s: {line}"),
                    _ => format!("{name}: {step}"),
                });
                line.tick();
            }
        }
    }

    fn clear(&self, index: usize) {
        let line = self.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&index);
        if let Some(line) = line {
            line.finish_and_clear();
        }
    }

    fn close(&self) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.drain().for_each(|(_, line)| line.finish_and_clear());
        self.all.finish_and_clear();
    }
}
