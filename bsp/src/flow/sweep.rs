//! Many runs of one design with different seeds and options, side by side; the best is kept.

use super::run::{self, Inputs, Run, Status};
use super::{
    Design, FlowError, FlowOptions, Progress, Report, Synthesis, Toolchain, make_dir, place_and_route, report, sha256,
    synthesize, write,
};
use crate::boards::Board;
use std::fs::{File, TryLockError};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// How a sweep runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SweepOptions {
    /// How many tools run at once.
    pub jobs: NonZeroUsize,
    /// Do everything again; otherwise what an earlier sweep in the same folder found with the same inputs is taken over.
    pub fresh: bool,
}

/// What a sweep is doing. Comes from several threads.
#[derive(Clone, Debug)]
pub enum SweepProgress<'a> {
    /// Yosys works for one or several runs.
    Synthesis {
        /// The first of the runs.
        index: usize,
        /// What it is doing.
        progress: Progress<'a>,
    },
    /// nextpnr or ecppack work for a run.
    Run {
        /// Which one.
        index: usize,
        /// What it is doing.
        progress: Progress<'a>,
    },
    /// A run came to its end, well or not.
    Finished {
        /// Which one.
        index: usize,
        /// What became of it.
        run: &'a Run,
        /// It is that of an earlier sweep.
        resumed: bool,
    },
}

/// What came out of a sweep.
#[derive(Clone, Debug)]
pub struct Sweep {
    /// In the order in which they were given.
    pub runs: Vec<Run>,
    /// The best one by [`Run::compare`] and its report; `None` if none routed.
    pub best: Option<(usize, Report)>,
}

/// Synthesises once for each different [`FlowOptions::yosys_args`], places and routes every run, and leaves in `dir` what
/// [`build`](super::build) would have left for the best of them: see [`Run::compare`].
///
/// A run that fails or takes too long is recorded as such and the others go on. Each run has a folder of its own below
/// `dir/sweep`. What is found there of an earlier sweep with the same Verilog, pins, options and tools is taken over: every
/// run that routed or that a tool refused, and one that took too long unless the limit is longer now.
///
/// # Errors
/// [`FlowError::Stopped`] when [`FlowOptions::stop`] became true, [`FlowError::Busy`] when another sweep works in `dir`, and
/// [`FlowError::Io`] or [`FlowError::Report`] for a file of the folder that cannot be written or read.
pub fn sweep(
    tools: &Toolchain,
    design: &Design,
    board: &Board,
    dir: &Path,
    runs: &[FlowOptions],
    options: &SweepOptions,
    progress: &(dyn Fn(SweepProgress) + Sync),
) -> Result<Sweep, FlowError> {
    let place = dir.join("sweep");
    make_dir(&place)?;
    let _lock = lock(&place)?;
    let shop = Shop { tools, design, board, place: &place, fresh: options.fresh, progress };

    // the first run of each set of options of Yosys
    let mut firsts: Vec<usize> = Vec::new();
    for (index, run) in runs.iter().enumerate() {
        if !firsts.iter().any(|first| runs[*first].yosys_args == run.yosys_args) {
            firsts.push(index);
        }
    }
    let syntheses = parallel(options.jobs, &firsts, |_, index| shop.synthesize(*index, &runs[*index]))?;
    let done = parallel(options.jobs, runs, |index, run| {
        let set = firsts.iter().position(|first| runs[*first].yosys_args == run.yosys_args).unwrap_or_default();
        shop.place_and_route(index, run, &syntheses[set])
    })?;

    let best = (0..done.len()).filter(|index| done[*index].is_routed()).min_by(|a, b| done[*a].compare(&done[*b]));
    let report = best.map(|index| shop.keep(&runs[index], dir)).transpose()?;
    Ok(Sweep { runs: done, best: best.zip(report) })
}

/// A folder that one sweep has for itself. The system lets it go whatever becomes of this process.
struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // closing it is not enough while another thread starts a process, which has it open for a moment
        let _ = self.0.unlock();
    }
}

fn lock(place: &Path) -> Result<Lock, FlowError> {
    let path = place.join("lock");
    let file = File::create(&path).map_err(|source| FlowError::Io { path: path.clone(), source })?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => Err(FlowError::Busy { dir: place.to_path_buf() }),
        Err(TryLockError::Error(source)) => Err(FlowError::Io { path, source }),
    }
}

/// What all runs of a sweep have in common.
struct Shop<'a> {
    tools: &'a Toolchain,
    design: &'a Design<'a>,
    board: &'a Board,
    place: &'a Path,
    fresh: bool,
    progress: &'a (dyn Fn(SweepProgress) + Sync),
}

/// A netlist, or why there is none: each of its runs then ends in this way.
type Netlist = Result<Synthesis, (Status, String)>;

impl Shop<'_> {
    fn synthesis_dir(&self, options: &FlowOptions) -> PathBuf {
        self.place.join(format!("synthesis-{:.8}", sha256(&options.yosys_args.join("\n"))))
    }

    fn run_dir(&self, options: &FlowOptions) -> PathBuf {
        let FlowOptions { freq_mhz, seed, place_ebr, yosys_args, nextpnr_args, .. } = options;
        let others = format!("{freq_mhz:?} {place_ebr} {yosys_args:?} {nextpnr_args:?}");
        self.place.join(format!("seed-{seed}-{:.8}", sha256(&others)))
    }

    fn synthesize(&self, index: usize, options: &FlowOptions) -> Result<Netlist, FlowError> {
        let dir = self.synthesis_dir(options);
        if !self.fresh
            && let Ok(earlier) = Synthesis::load(&dir)
            && earlier.is(&Synthesis::of(self.tools, self.design, options))
        {
            return Ok(Ok(earlier));
        }
        let mut progress = |progress: Progress| (self.progress)(SweepProgress::Synthesis { index, progress });
        match synthesize(self.tools, self.design, &dir, options, &mut progress) {
            Ok(synthesis) => Ok(Ok(synthesis)),
            Err(error) => Ok(Err((Status::of(&error).ok_or(FlowError::Stopped { step: "yosys" })?, error.to_string()))),
        }
    }

    fn place_and_route(&self, index: usize, options: &FlowOptions, netlist: &Netlist) -> Result<Run, FlowError> {
        let finished = |run: Run, resumed| {
            (self.progress)(SweepProgress::Finished { index, run: &run, resumed });
            run
        };
        let synthesis = match netlist {
            Ok(synthesis) => synthesis,
            Err((status, error)) => {
                let synthesis = Synthesis::of(self.tools, self.design, options);
                let inputs = Inputs::new(self.tools, &synthesis, self.design.lpf, self.board, options);
                return Ok(finished(Run::without_netlist(inputs, *status, error, options.timeout), false));
            }
        };
        let dir = self.run_dir(options);
        let inputs = Inputs::new(self.tools, synthesis, self.design.lpf, self.board, options);
        if !self.fresh
            && let Ok(earlier) = Run::load(&dir.join(run::RECORD))
            && earlier.inputs == inputs
            && earlier.is_final(options.timeout)
            && (!earlier.is_routed() || dir.join("top.bit").is_file())
        {
            return Ok(finished(earlier, true));
        }
        let mut progress = |progress: Progress| (self.progress)(SweepProgress::Run { index, progress });
        let lpf = self.design.lpf;
        match place_and_route(self.tools, synthesis, lpf, self.board, &dir, options, &mut progress) {
            Err(error @ FlowError::Stopped { .. }) => Err(error),
            // what became of it is in its record, be it good or bad
            _ => Ok(finished(Run::load(&dir.join(run::RECORD))?, false)),
        }
    }

    /// Copies the files of a run and its netlist to the place of the result.
    fn keep(&self, options: &FlowOptions, dir: &Path) -> Result<Report, FlowError> {
        for source in [self.synthesis_dir(options), self.run_dir(options)] {
            copy_files(&source, dir)?;
        }
        let report: Report = report::read(&dir.join("report.json"))?;
        let report = Report { bitstream: dir.join("top.bit"), ..report };
        write(dir, "report.json", &report.to_json())?;
        Ok(report)
    }
}

fn copy_files(source: &Path, target: &Path) -> Result<(), FlowError> {
    let io = |path: &Path| {
        let path = path.to_path_buf();
        |source| FlowError::Io { path, source }
    };
    for entry in std::fs::read_dir(source).map_err(io(source))? {
        let from = entry.map_err(io(source))?.path();
        if let Some(name) = from.file_name().filter(|_| from.is_file()) {
            let to = target.join(name);
            std::fs::copy(&from, &to).map_err(io(&to))?;
        }
    }
    Ok(())
}

/// The results of `work` for all items, in their order, worked on by `jobs` threads in that order until one fails.
fn parallel<T: Sync, R: Send, E: Send>(
    jobs: NonZeroUsize,
    items: &[T],
    work: impl Fn(usize, &T) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..jobs.get().min(items.len()) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { break };
                    let result = work(index, item);
                    if result.is_err() {
                        next.fetch_max(items.len(), Ordering::Relaxed);
                    }
                    results.lock().unwrap_or_else(PoisonError::into_inner).push((index, result));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}
