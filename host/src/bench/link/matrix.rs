//! Samples through a line with one kind of fault after the other, at one rate after the other.
//!
//! The whole stack runs: the shipped digits network is loaded, run and compared by [`Runner`], over a [`LineRate`] line behind a [`Faulty`] port. Time is that
//! of the line, so what faults cost is the same on every machine.

use super::tap::Tap;
use super::wire::LineRate;
use crate::bench::{BenchError, workload};
use crate::port::{Fault, FaultCounts, Faults, Faulty, model_board, virtual_board};
use crate::runner::{Runner, Spikes};
use crate::session::{LinkStatistics, Session};
use nernst_sim::Board;
use nernst_spec::{ArrayConfig, Image};
use serde::{Deserialize, Serialize};

/// Version of the JSON.
pub const VERSION: u32 = 1;
/// Up to this rate all images are run; each power of ten beyond it takes a fifth of the images.
const ALL_UP_TO: f64 = 1.001e-4;

/// What is tried.
#[derive(Clone, Debug)]
pub struct MatrixPlan {
    pub config: ArrayConfig,
    /// The board's RTL instead of the reference model.
    pub rtl: bool,
    pub faults: Vec<Fault>,
    /// Probabilities for each byte.
    pub rates: Vec<f64>,
    /// Digits up to a rate of 1e-4.
    pub images: usize,
    pub seed: u64,
}

impl MatrixPlan {
    fn images_at(&self, rate: f64) -> usize {
        let beyond = (rate / ALL_UP_TO).log10().ceil().max(0.0);
        ((self.images as f64 / 5f64.powf(beyond)).round() as usize).max(1)
    }
}

/// A kind of fault at a rate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// Name of the kind; `none` without faults.
    pub fault: String,
    pub rate: f64,
    pub images: usize,
    /// Images that were run and compared.
    pub samples: usize,
    /// Why there are no more, if there are no more.
    pub ended: Option<String>,
    /// Spikes and counters that differ from the reference model.
    pub mismatches: u64,
    /// Faults in the run, loading included.
    pub faults: u64,
    /// Seconds on the line for these samples, loading not included.
    pub seconds: f64,
    /// Share of the throughput without faults that is lost; absent where the run did not end.
    pub lost: Option<f64>,
    pub link: LinkStatistics,
}

/// All of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FaultMatrix {
    pub version: u32,
    pub network: String,
    pub config: String,
    /// What answered: `model`, or `RTL`.
    pub board: String,
    pub baud: u32,
    pub seed: u64,
    pub cells: Vec<Cell>,
}

/// What runs in every cell.
struct Work {
    image: Image,
    samples: Vec<Spikes>,
}

impl FaultMatrix {
    /// Runs all cells; `progress` is told what comes next.
    pub fn measure(plan: &MatrixPlan, mut progress: impl FnMut(&str)) -> Result<Self, BenchError> {
        let (image, samples) = workload::digits_spikes(&plan.config)?;
        let work = Work { image, samples };
        let mut without: Vec<Cell> = vec![];
        let mut cells = vec![];
        for &rate in &plan.rates {
            let images = plan.images_at(rate);
            if !without.iter().any(|cell| cell.images == images) {
                progress(&format!("{images} digits without faults"));
                without.push(run(plan, &work, None, images)?);
            }
        }
        for &fault in &plan.faults {
            for &rate in plan.rates.iter().filter(|rate| **rate > 0.0) {
                let images = plan.images_at(rate);
                progress(&format!("{images} digits, {fault} {rate:e}"));
                let mut cell = run(plan, &work, Some((fault, rate)), images)?;
                let clean = without.iter().find(|clean| clean.images == images);
                cell.lost = clean.filter(|_| cell.ended.is_none()).map(|clean| 1.0 - clean.seconds / cell.seconds);
                cells.push(cell);
            }
        }
        without.extend(cells);
        Ok(Self {
            version: VERSION,
            network: work.image.name,
            config: plan.config.name.clone(),
            board: if plan.rtl { "RTL" } else { "model" }.into(),
            baud: plan.config.baud,
            seed: plan.seed,
            cells: without,
        })
    }

    pub fn mismatches(&self) -> u64 {
        self.cells.iter().map(|cell| cell.mismatches).sum()
    }

    /// The table, in Markdown: a line for each kind, a column for each rate.
    pub fn table(&self) -> String {
        let mut rates: Vec<f64> = self.cells.iter().map(|cell| cell.rate).filter(|rate| *rate > 0.0).collect();
        rates.sort_by(f64::total_cmp);
        rates.dedup();
        let mut kinds: Vec<&str> = vec![];
        for cell in self.cells.iter().filter(|cell| cell.rate > 0.0) {
            if !kinds.contains(&cell.fault.as_str()) {
                kinds.push(&cell.fault);
            }
        }
        let mut table = String::from("| each byte, with probability |");
        rates.iter().for_each(|rate| table += &format!(" {rate:e} |"));
        table += "\n|---|";
        rates.iter().for_each(|_| table += "---:|");
        for kind in kinds {
            table += &format!("\n| {kind} |");
            for rate in &rates {
                match self.cells.iter().find(|cell| cell.fault == kind && cell.rate == *rate) {
                    Some(cell) => table += &format!(" {} |", cell.in_words()),
                    None => table += " |",
                }
            }
        }
        table + "\n"
    }
}

impl Cell {
    /// `1000 digits, 1.2 % slower`
    fn in_words(&self) -> String {
        let wrong = if self.mismatches > 0 { format!(", {} mismatches", self.mismatches) } else { String::new() };
        match (self.lost, &self.ended) {
            (Some(lost), _) if lost < 0.0005 => format!("{} digits, not slower{wrong}", self.samples),
            (Some(lost), _) if lost < 0.5 => format!("{} digits, {:.1} % lost{wrong}", self.samples, 100.0 * lost),
            (Some(lost), _) => format!("{} digits, {:.0} times as long{wrong}", self.samples, 1.0 / (1.0 - lost)),
            _ => format!("gave up after {} of {}{wrong}", self.samples, self.images),
        }
    }
}

fn run(plan: &MatrixPlan, work: &Work, fault: Option<(Fault, f64)>, images: usize) -> Result<Cell, BenchError> {
    let board: Box<dyn Board + Send> = match plan.rtl {
        true => virtual_board(&plan.config, &Default::default()).map_err(BenchError::from)?,
        false => model_board(&plan.config),
    };
    let rates = fault.map_or(Faults::default(), |(fault, rate)| Faults::only(fault, rate));
    let line = LineRate::new("line", board, plan.config.baud);
    let (tap, eye) = Tap::new(Faulty::new(line, rates, plan.seed));
    let mut cell = Cell {
        fault: fault.map_or("none", |(fault, _)| fault.name()).into(),
        rate: fault.map_or(0.0, |(_, rate)| rate),
        images,
        samples: 0,
        ended: None,
        mismatches: 0,
        faults: 0,
        seconds: 0.0,
        lost: None,
        link: LinkStatistics::default(),
    };
    let mut begun = None;
    let opened = Session::open(Box::new(tap));
    let result = opened.map_err(BenchError::from).and_then(|mut session| {
        let ran = (|| {
            session.load(&work.image, |_, _| {})?;
            let mut runner = Runner::new(&mut session, &work.image, false)?;
            begun = Some(eye.look().now);
            let ran = runner.run(work.samples.iter().cycle().take(images).cloned(), |_, _| cell.samples += 1);
            let ended = ran.and_then(|()| runner.finish());
            cell.mismatches = match &ended {
                Ok((_, mismatches)) => mismatches.total(),
                Err(_) => runner.mismatches().total(),
            };
            ended?;
            Ok(())
        })();
        cell.link = session.statistics();
        ran
    });
    // A line that is too bad is told; anything else that fails is of the bench itself.
    match result {
        Ok(()) => {}
        Err(error @ (BenchError::Session(_) | BenchError::Run(_))) => cell.ended = Some(error.to_string()),
        Err(other) => return Err(other),
    }
    let seen = eye.look();
    cell.faults = FaultCounts::total(&seen.faults);
    cell.seconds = begun.map_or(0.0, |begun| (seen.now - begun).as_secs_f64());
    Ok(cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_costs_time_or_ends_the_run_but_nothing_is_wrong() {
        let plan = MatrixPlan {
            config: ArrayConfig::ready("25f").unwrap(),
            rtl: false,
            faults: Fault::ALL.to_vec(),
            rates: vec![0.0, 1e-4, 1e-2],
            images: 60,
            seed: 3,
        };
        let matrix = FaultMatrix::measure(&plan, |_| {}).unwrap();
        assert_eq!(matrix.mismatches(), 0, "{}", matrix.table());
        for cell in &matrix.cells {
            assert_eq!(cell.samples == cell.images, cell.ended.is_none(), "{cell:?}");
            assert!(cell.rate == 0.0 || cell.faults > 0, "{cell:?}");
            // At 1e-4 only a device that is gone ends a run.
            assert!(cell.rate > 1e-3 || cell.ended.is_none() || cell.fault == "disconnect", "{cell:?}");
        }
        assert_eq!(matrix.table().lines().count(), 2 + Fault::ALL.len());
    }

    #[test]
    fn images_grow_fewer_beyond_a_rate() {
        let config = ArrayConfig::ready("tiny").unwrap();
        let plan = MatrixPlan { config, rtl: false, faults: vec![], rates: vec![], images: 1000, seed: 1 };
        let images = [0.0, 1e-5, 1e-4, 1e-3, 1e-2].map(|rate| plan.images_at(rate));
        assert_eq!(images, [1000, 1000, 1000, 200, 40]);
    }
}
