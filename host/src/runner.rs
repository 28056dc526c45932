//! Runs samples on a board and on the reference model at once, and counts where they differ.

mod drive;

pub use drive::{Gave, Step};

use crate::report::LedgerReport;
use crate::session::{RESET_LEDGER, RESET_STATE, Session, SessionError};
use crate::trace::TraceTick;
use nernst_sim::{AccessError, ReferenceArray};
use nernst_spec::{CoreConfig, Image, Ledger};
use serde::{Deserialize, Serialize};

/// Samples under way at once: enough that a board never waits for the host's model.
const UNDER_WAY: usize = 8;

/// Input lines that have a spike, for each tick.
pub type Spikes = Vec<Vec<u16>>;

/// Why a run broke off. A difference from the model is no error: it is counted.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Session(#[from] SessionError),
    #[error("reference model: {0}")]
    Load(#[from] nernst_sim::LoadError),
    #[error("reference model: {0}")]
    Access(#[from] AccessError),
}

/// Where a board and the reference model differed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mismatches {
    /// Spikes to the host that only one of them had, over all ticks.
    pub spikes: u64,
    /// Counters of the class *activity* with different values at the end of the run.
    pub counters: u64,
    /// Membranes that differed after a sample; absent when they were not read.
    pub membranes: Option<u64>,
    /// The first difference of each kind, in words.
    pub first: Vec<String>,
}

impl Mismatches {
    pub fn total(&self) -> u64 {
        self.spikes + self.counters + self.membranes.unwrap_or(0)
    }
}

/// What one sample gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleRun {
    /// Array numbers of the neurons whose spikes came to the host in each tick, ascending.
    pub ticks: Vec<Vec<u16>>,
    /// Spikes of each output of the image over all ticks.
    pub counts: Vec<u32>,
}

/// Samples on a loaded board, one after the other from a cleared state, beside the reference model.
pub struct Runner<'a> {
    session: &'a mut Session,
    image: &'a Image,
    model: ReferenceArray,
    membranes: bool,
    mismatches: Mismatches,
    samples: u64,
}

/// A sample under way, with what the model says of it.
struct UnderWay {
    ticks: Vec<Vec<u16>>,
    membranes: Vec<i32>,
}

impl<'a> Runner<'a> {
    /// Clears the board's state and ledger; its network must be this image. `membranes`: read and compare all membranes after
    /// each sample.
    pub fn new(session: &'a mut Session, image: &'a Image, membranes: bool) -> Result<Self, RunError> {
        session.fits(image)?;
        let mut model = ReferenceArray::new(&session.identity().config);
        model.load(image)?;
        session.reset(RESET_STATE | RESET_LEDGER)?;
        let mismatches = Mismatches { membranes: membranes.then_some(0), ..Mismatches::default() };
        Ok(Self { session, image, model, membranes, mismatches, samples: 0 })
    }

    /// Runs samples; `each` is told the number of each and what it gave, in order.
    pub fn run(
        &mut self,
        samples: impl IntoIterator<Item = Spikes>,
        mut each: impl FnMut(usize, SampleRun),
    ) -> Result<(), RunError> {
        let (mut samples, mut number) = (samples.into_iter(), 0);
        let next = |_| samples.next().map_or(Step::End, Step::Sample);
        self.drive(next, |gave| {
            if let Gave::Sample(sample) = gave {
                each(number, sample);
                number += 1;
            }
        })
    }

    /// Ends the run: the board's ledger since [`Runner::new`], and every difference from the model.
    pub fn finish(&mut self) -> Result<(Ledger, Mismatches), RunError> {
        let ledger = self.session.ledger()?;
        let differences = ledger.differences(&self.model.ledger());
        self.mismatches.counters = differences.len() as u64;
        if let Some((name, board, model)) = differences.first() {
            self.mismatches.first.push(format!("{name}: board {board}, model {model}"));
        }
        Ok((ledger, self.mismatches.clone()))
    }

    fn post(&mut self, spikes: &Spikes) -> Result<UnderWay, RunError> {
        self.session.post_reset(RESET_STATE)?;
        self.session.post_run(spikes)?;
        if self.membranes {
            self.session.post_membranes(&self.image.contexts())?;
        }
        self.model.reset(RESET_STATE);
        let ticks = run_model(&mut self.model, spikes)?;
        let membranes = if self.membranes { membranes_of(&self.model) } else { vec![] };
        Ok(UnderWay { ticks, membranes })
    }

    fn take(&mut self, sample: UnderWay) -> Result<SampleRun, RunError> {
        let UnderWay { ticks: expected, membranes } = sample;
        self.session.take_reset()?;
        let ticks = self.session.take_run(expected.len())?;
        for (tick, (board, model)) in ticks.iter().zip(&expected).enumerate() {
            let differ = symmetric_difference(board, model);
            if differ > 0 && self.mismatches.spikes == 0 {
                let text = format!("sample {} tick {tick}: board {board:?}, model {model:?}", self.samples);
                self.mismatches.first.push(text);
            }
            self.mismatches.spikes += differ;
        }
        if let Some(count) = &mut self.mismatches.membranes {
            let board = self.session.take_membranes(&self.image.contexts())?;
            let mut wrong = board.iter().zip(&membranes).enumerate().filter(|(_, (board, model))| board != model);
            if let Some((neuron, (board, model))) = wrong.next() {
                if *count == 0 {
                    let text = format!("sample {} neuron {neuron}: membrane {board}, model {model}", self.samples);
                    self.mismatches.first.push(text);
                }
                *count += 1 + wrong.count() as u64;
            }
        }
        self.samples += 1;
        Ok(SampleRun { counts: counts(&ticks, &self.image.outputs), ticks })
    }

    /// Runs one sample tick by tick with a snapshot of the ledger after each. `recorded`: array numbers of the neurons whose
    /// membranes to keep.
    pub fn trace(&mut self, spikes: &Spikes, recorded: &[u16]) -> Result<Vec<TraceTick>, RunError> {
        // A model of the same network that reports every spike, not only those for the host.
        let mut all = self.image.clone();
        all.cores.iter_mut().flat_map(|core| &mut core.routes).for_each(|route| route.host = true);
        let mut model = ReferenceArray::new(&self.image.config);
        model.load(&all)?;
        self.session.reset(RESET_STATE)?;
        let mut before = self.session.ledger()?;
        let mut ticks = vec![];
        for lines in spikes {
            self.session.post_run(std::slice::from_ref(lines))?;
            self.session.post_ledger()?;
            let fired = run_model(&mut model, std::slice::from_ref(lines))?.remove(0);
            let membranes = membranes_of(&model);
            let output_spikes = self.session.take_run(1)?.remove(0);
            let after = self.session.take_ledger()?;
            ticks.push(TraceTick {
                input_spikes: lines.clone(),
                spikes: fired,
                output_spikes,
                membranes: recorded.iter().map(|&neuron| membranes[neuron as usize]).collect(),
                ledger: LedgerReport::from(&(&after - &before)),
            });
            before = after;
        }
        Ok(ticks)
    }
}

/// Runs ticks on the model. Returns the spikes to the host in each, ascending.
fn run_model(model: &mut ReferenceArray, spikes: &[Vec<u16>]) -> Result<Vec<Vec<u16>>, AccessError> {
    spikes
        .iter()
        .map(|lines| {
            lines.iter().try_for_each(|&line| model.input(line))?;
            Ok(model.tick())
        })
        .collect()
}

/// By array number; 0 for contexts that there are not.
fn membranes_of(model: &ReferenceArray) -> Vec<i32> {
    let config = model.config();
    let of_core = |(number, core): (usize, &CoreConfig)| {
        let mut membranes = model.membranes(number);
        membranes.resize(core.all_neurons(), 0);
        membranes
    };
    config.cores.iter().enumerate().flat_map(of_core).collect()
}

/// Spikes of each output over all ticks.
pub fn counts(ticks: &[Vec<u16>], outputs: &[u16]) -> Vec<u32> {
    let of = |neuron: &u16| ticks.iter().flatten().filter(|spike| *spike == neuron).count() as u32;
    outputs.iter().map(of).collect()
}

/// How many elements two ascending lists do not share; equal elements count as often as they occur.
pub(crate) fn symmetric_difference(a: &[u16], b: &[u16]) -> u64 {
    let (mut i, mut j, mut differ) = (0, 0, 0);
    while i < a.len() || j < b.len() {
        match (a.get(i), b.get(j)) {
            (Some(x), Some(y)) if x == y => (i, j) = (i + 1, j + 1),
            (Some(x), Some(y)) if x > y => (j, differ) = (j + 1, differ + 1),
            (Some(_), _) => (i, differ) = (i + 1, differ + 1),
            _ => (j, differ) = (j + 1, differ + 1),
        }
    }
    differ
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_count_what_only_one_list_has() {
        for (a, b, differ) in [
            (&[][..], &[][..], 0),
            (&[1, 2, 3], &[1, 2, 3], 0),
            (&[1, 3], &[2, 3], 2),
            (&[1, 1], &[1], 1),
            (&[], &[4, 5], 2),
            (&[9], &[1, 2, 9, 10], 3),
        ] {
            assert_eq!(symmetric_difference(a, b), differ, "{a:?} {b:?}");
            assert_eq!(symmetric_difference(b, a), differ, "{a:?} {b:?}");
        }
    }

    #[test]
    fn outputs_are_counted_over_all_ticks() {
        assert_eq!(counts(&[vec![1, 4], vec![4], vec![]], &[4, 1, 2]), [2, 1, 0]);
    }
}
