//! Runs samples on a board and on the reference model at once, and counts where they differ.

mod drive;
mod scrub;

pub use drive::{Gave, Step};
pub use scrub::{Scrubbed, Upset};

use crate::report::LedgerReport;
use crate::session::{RESET_LEDGER, RESET_STATE, Session, SessionError};
use crate::trace::TraceTick;
use crate::values::{Values, ValuesError};
use nernst_sim::{AccessError, ReferenceArray};
use nernst_spec::image::Readout;
use nernst_spec::memory::Address;
use nernst_spec::{Budget, CoreConfig, Image, Ledger, budget};
use scrub::Scrub;
use serde::{Deserialize, Serialize};

/// Samples under way at once: enough that a board never waits for the host's model.
const UNDER_WAY: usize = 8;

/// Inputs of a network that have a spike, for each step of a sample. An image runs for some ticks more, and may have several lines for an
/// input: [`Image::lines`].
pub type Spikes = Vec<Vec<u16>>;

/// Why a run broke off. A difference from the model is no error: it is counted.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Session(#[from] SessionError),
    #[error(transparent)]
    Values(#[from] ValuesError),
    #[error("reference model: {0}")]
    Load(#[from] nernst_sim::LoadError),
    #[error("reference model: {0}")]
    Access(#[from] AccessError),
    #[error("{place} of the board on `{port}` was wrong, was written again, and is not what was written")]
    Stuck { port: String, place: String },
}

impl RunError {
    /// What a user can do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Session(error) => error.help(),
            Self::Stuck { .. } => Some(
                "switch the board off and on and flash it again; if the same word is wrong then, that block RAM is defective".into(),
            ),
            Self::Values(_) | Self::Load(_) | Self::Access(_) => None,
        }
    }
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
    /// Ticks that began later than their pace asked for.
    pub late: Vec<usize>,
    /// How strongly each output of the image answers: its spikes over all ticks, or its membrane after the last.
    pub answers: Vec<i64>,
}

/// Samples on a loaded board, one after the other from a cleared state, beside the reference model.
pub struct Runner<'a> {
    session: &'a mut Session,
    image: &'a Image,
    model: ReferenceArray,
    membranes: bool,
    mismatches: Mismatches,
    samples: u64,
    budget: Option<RunBudget>,
    scrub: Option<Scrub>,
}

/// A budget that the board keeps.
#[derive(Clone, Copy)]
struct RunBudget {
    /// When it is used up depends on time, which the model does not have: it follows the board.
    timed: bool,
    /// It is used up: the sample that was not completed has come so many ticks far.
    stopped: Option<usize>,
}

/// A sample under way, and the digests behind it.
struct UnderWay {
    expected: Expected,
    digests: Vec<usize>,
}

/// What the model says of a sample. With a budget, the model runs behind the board.
enum Expected {
    Known { ticks: Vec<Vec<u16>>, membranes: Vec<i32> },
    Posted(Vec<Vec<u16>>),
}

impl<'a> Runner<'a> {
    /// Clears the board's state and ledger; its network must be this image. `membranes`: read and compare all membranes after
    /// each sample, as is done anyway where they are the network's result.
    pub fn new(session: &'a mut Session, image: &'a Image, membranes: bool) -> Result<Self, RunError> {
        session.fits(image)?;
        let mut model = ReferenceArray::new(&session.identity().config);
        model.load(image)?;
        session.reset(RESET_STATE | RESET_LEDGER)?;
        let membranes = membranes || image.readout == Readout::Membranes;
        let mismatches = Mismatches { membranes: membranes.then_some(0), ..Mismatches::default() };
        Ok(Self { session, image, model, membranes, mismatches, samples: 0, budget: None, scrub: None })
    }

    /// Gives board and model a budget. `timed`: some counter of the class *time* has a price.
    pub fn set_budget(&mut self, budget: &Budget, timed: bool) -> Result<(), RunError> {
        self.session.set_budget(budget)?;
        if !timed {
            let words = budget.words();
            for index in (budget::FIRST_PRICE..words.len()).chain(0..budget::FIRST_PRICE) {
                self.model.write(Address::budget(index), words[index])?;
            }
        }
        self.budget = Some(RunBudget { timed, stopped: None });
        Ok(())
    }

    /// Gives ticks a pace: see [`Session::set_pace`].
    pub fn set_pace(&mut self, period: u32) -> Result<(), RunError> {
        Ok(self.session.set_pace(period)?)
    }

    /// Differences from the model in the samples that were taken so far. Counters are compared by [`Runner::finish`].
    pub fn mismatches(&self) -> &Mismatches {
        &self.mismatches
    }

    /// Whether the budget was used up before a sample was complete, and after how many of its ticks.
    pub fn stopped(&self) -> Option<usize> {
        self.budget.and_then(|budget| budget.stopped)
    }

    /// What is left of the board's budget.
    pub fn budget_left(&mut self) -> Result<i64, RunError> {
        Ok(self.session.budget_left()?)
    }

    /// Runs samples; `each` is told the number of each and what it gave, in order. A budget that is used up ends the run.
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
        self.scrub_all()?;
        let ledger = self.session.ledger()?;
        let differences = ledger.differences(&self.model.ledger());
        self.mismatches.counters = differences.len() as u64;
        if let Some((name, board, model)) = differences.first() {
            self.mismatches.first.push(format!("{name}: board {board}, model {model}"));
        }
        Ok((ledger, self.mismatches.clone()))
    }

    fn post(&mut self, spikes: &Spikes) -> Result<UnderWay, RunError> {
        let lines = self.image.lines(spikes);
        self.session.post_reset(RESET_STATE)?;
        self.session.post_run(&lines)?;
        self.posted(lines)
    }

    /// The same for a sample that is sent as values: to the model they are the spikes of their code.
    fn post_values(&mut self, values: &Values) -> Result<UnderWay, RunError> {
        Values::check(self.image, values.code)?;
        let Values { pixels, code } = values;
        self.session.post_reset(RESET_STATE)?;
        // The check has seen to it that they are few.
        let (ticks, silent) = (code.ticks as u16, self.image.latency as usize);
        self.session.post_values(code.coding.code(), &values.of_lines(self.image), ticks, silent)?;
        self.posted(self.image.lines(&code.encode(pixels)))
    }

    /// What follows the spikes of a sample.
    fn posted(&mut self, lines: Vec<Vec<u16>>) -> Result<UnderWay, RunError> {
        if self.membranes {
            self.session.post_membranes(&self.image.contexts())?;
        }
        let digests = self.post_scrub()?;
        let expected = if self.budget.is_some() {
            Expected::Posted(lines)
        } else {
            let (ticks, membranes) = self.run_model(&lines)?;
            Expected::Known { ticks, membranes }
        };
        Ok(UnderWay { expected, digests })
    }

    /// What the model says of a sample: its ticks, and the membranes after it if they are compared.
    fn run_model(&mut self, spikes: &[Vec<u16>]) -> Result<(Vec<Vec<u16>>, Vec<i32>), AccessError> {
        self.model.reset(RESET_STATE);
        let ticks = run_model(&mut self.model, spikes)?;
        Ok((ticks, if self.membranes { membranes_of(&self.model) } else { vec![] }))
    }

    /// `None` when the budget was used up before the sample was complete.
    fn take(&mut self, sample: UnderWay) -> Result<Option<SampleRun>, RunError> {
        self.session.take_reset()?;
        let (asked, ticks, expected, membranes) = match sample.expected {
            Expected::Known { ticks: expected, membranes } => {
                (expected.len(), self.session.take_run(expected.len())?, expected, membranes)
            }
            Expected::Posted(spikes) => {
                let ticks = self.session.take_run(spikes.len())?;
                let timed = self.budget.is_some_and(|budget| budget.timed);
                let (expected, membranes) = self.run_model(if timed { &spikes[..ticks.len()] } else { &spikes })?;
                (spikes.len(), ticks, expected, membranes)
            }
        };
        let late = self.session.late().to_vec();
        if ticks.len() != expected.len() {
            let (board, model) = (ticks.len(), expected.len());
            let text = format!("sample {}: the board ran {board} ticks, the model {model}", self.samples);
            self.mismatches.first.push(text);
            self.mismatches.spikes += board.abs_diff(model) as u64;
        }
        for (tick, (board, model)) in ticks.iter().zip(&expected).enumerate() {
            let differ = symmetric_difference(board, model);
            if differ > 0 && self.mismatches.spikes == 0 {
                let text = format!("sample {} tick {tick}: board {board:?}, model {model:?}", self.samples);
                self.mismatches.first.push(text);
            }
            self.mismatches.spikes += differ;
        }
        let mut answers: Vec<i64> = counts(&ticks, &self.image.outputs).into_iter().map(i64::from).collect();
        if let Some(count) = &mut self.mismatches.membranes {
            let board = self.session.take_membranes(&self.image.contexts())?;
            if self.image.readout == Readout::Membranes {
                // The image was checked against the board: every output is there.
                answers = self.image.outputs.iter().map(|&neuron| i64::from(board[neuron as usize])).collect();
            }
            let mut wrong = board.iter().zip(&membranes).enumerate().filter(|(_, (board, model))| board != model);
            if let Some((neuron, (board, model))) = wrong.next() {
                if *count == 0 {
                    let text = format!("sample {} neuron {neuron}: membrane {board}, model {model}", self.samples);
                    self.mismatches.first.push(text);
                }
                *count += 1 + wrong.count() as u64;
            }
        }
        self.take_scrub(&sample.digests, self.samples + 1)?;
        if let Some(budget) = &mut self.budget
            && ticks.len() < asked
        {
            budget.stopped = Some(ticks.len());
            return Ok(None);
        }
        self.samples += 1;
        Ok(Some(SampleRun { answers, late, ticks }))
    }

    /// Runs one sample tick by tick with a snapshot of the ledger after each. `recorded`: array numbers of the neurons whose
    /// membranes to keep.
    pub fn trace(&mut self, spikes: &Spikes, recorded: &[u16]) -> Result<Vec<TraceTick>, RunError> {
        // A model of the same network that reports every spike, not only those for the host.
        let mut all = self.image.clone();
        for (core, shape) in all.cores.iter_mut().zip(&self.image.config.cores) {
            // Lanes that a core counts with have no neuron.
            let used = if core.counting { shape.counted_neurons() } else { shape.neurons() };
            let contexts = core.routes.chunks_mut(shape.neurons());
            contexts.flat_map(|routes| &mut routes[..used]).for_each(|route| route.host = true);
        }
        let mut model = ReferenceArray::new(&self.image.config);
        model.load(&all)?;
        self.session.reset(RESET_STATE)?;
        let mut before = self.session.ledger()?;
        let mut ticks = vec![];
        for lines in &self.image.lines(spikes) {
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

/// Runs ticks on the model, until its budget is used up. Returns the spikes to the host in each, ascending.
fn run_model(model: &mut ReferenceArray, spikes: &[Vec<u16>]) -> Result<Vec<Vec<u16>>, AccessError> {
    let mut ticks = vec![];
    for lines in spikes {
        if model.is_stopped() {
            break;
        }
        lines.iter().try_for_each(|&line| model.input(line))?;
        ticks.push(model.tick());
    }
    Ok(ticks)
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
