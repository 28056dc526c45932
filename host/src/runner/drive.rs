//! A run that is told step by step what to do, for who watches it.

use super::{RunError, Runner, SampleRun, Spikes, UNDER_WAY};
use crate::values::Values;
use nernst_spec::Ledger;
use std::collections::VecDeque;

/// What a run does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Run this sample.
    Sample(Spikes),
    /// Run this sample, of which the board is to make the spikes.
    Values(Values),
    /// Read the board's ledger, as it is between two samples.
    Ledger,
    /// Nothing now. Who says so while nothing is under way has waited a while, because it is asked again at once.
    Wait,
    /// End when what is under way is done.
    End,
}

/// What came of a step, in the order of the steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gave {
    Sample(SampleRun),
    Ledger(Ledger),
}

impl Runner<'_> {
    /// Does what `next` says, several steps at once; `next` is told how many are under way, `each` what came of them.
    pub fn drive(&mut self, mut next: impl FnMut(usize) -> Step, mut each: impl FnMut(Gave)) -> Result<(), RunError> {
        // A sample with what the model says of it, or a ledger.
        let mut under_way = VecDeque::new();
        let mut ended = false;
        // With a budget the model runs behind the board.
        let most = if self.budget.is_some() { 1 } else { UNDER_WAY };
        loop {
            // A word that has changed is written again before anything else is run.
            while !ended && under_way.len() < most && !self.has_found() {
                match next(under_way.len()) {
                    Step::Sample(spikes) => under_way.push_back(Some(self.post(&spikes)?)),
                    Step::Values(values) => under_way.push_back(Some(self.post_values(&values)?)),
                    Step::Ledger => {
                        self.session.post_ledger()?;
                        under_way.push_back(None);
                    }
                    Step::Wait => break,
                    Step::End => ended = true,
                }
            }
            match under_way.pop_front() {
                Some(Some(sample)) => match self.take(sample)? {
                    Some(run) => each(Gave::Sample(run)),
                    // The budget is used up.
                    None => return Ok(()),
                },
                Some(None) => each(Gave::Ledger(self.session.take_ledger()?)),
                None if self.has_found() => self.repair()?,
                None if ended => return Ok(()),
                None => {}
            }
        }
    }
}
