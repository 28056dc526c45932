//! One workload: a network, what a host says to run it, and what the reference model counts.

use super::TogglesError;
use nernst_sim::ReferenceArray;
use nernst_sim::netlist_boards::Step;
use nernst_spec::link::Command;
use nernst_spec::link::message::{MAX_WORDS, RESET_LEDGER};
use nernst_spec::memory::Address;
use nernst_spec::{Image, Ledger};

/// Words of a read.
const READ: usize = 40;
/// Clocks of silence before a cut: a board acknowledges a frame before it has executed it, and most that can be left
/// of one is a frame of spikes, some ten clocks each.
const SETTLE: u64 = 4_000;

/// One thing that the host does while toggles are counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Ticks, each with spikes on these lines.
    Stream(Vec<Vec<u16>>),
    /// Reads words of routes.
    Read,
    /// An empty frame and its answer.
    Ping,
    /// So many clocks of nothing.
    Idle(u64),
}

/// A network and what is done with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Workload {
    /// Of what there is in it.
    pub name: String,
    /// The network.
    pub image: Image,
    /// Ticks before anything is counted: they start the drivers.
    pub warm_up: Vec<Vec<u16>>,
    /// What is counted.
    pub acts: Vec<Act>,
}

impl Workload {
    /// What a host says: load, warm up, then, between the cuts, what is counted; at the end it reads the ledger.
    pub fn script(&self) -> Vec<Step> {
        let mut steps = Step::load(&self.image);
        let config = &self.image.config;
        steps.extend(Step::ticks(config, &self.warm_up));
        steps.extend([Step::Idle(SETTLE), Step::Cut(Command::Reset { flags: RESET_LEDGER })]);
        for act in &self.acts {
            match act {
                Act::Stream(ticks) => steps.extend(Step::ticks(config, ticks)),
                Act::Read => steps.extend(Step::read(Address::route(0), READ)),
                Act::Ping => steps.push(Step::Ping),
                Act::Idle(clocks) => steps.push(Step::Idle(*clocks)),
            }
        }
        steps.extend([Step::Idle(SETTLE), Step::Cut(Command::Snapshot)]);
        steps.extend(Step::read_ledger(config));
        steps
    }

    /// The activity between the cuts, by the reference model.
    ///
    /// # Errors
    /// The network does not fit its array, or an input line does not exist.
    pub fn model(&self) -> Result<Ledger, TogglesError> {
        let mut array = ReferenceArray::new(&self.image.config);
        array.load(&self.image).map_err(|error| TogglesError::Load(self.name.clone(), error))?;
        let mut run = |ticks: &[Vec<u16>]| {
            for lines in ticks {
                lines.iter().try_for_each(|&line| array.input(line))?;
                array.tick();
            }
            Ok(array.ledger())
        };
        let failed = |error| TogglesError::Access(self.name.clone(), error);
        let before = run(&self.warm_up).map_err(failed)?;
        let mut after = before.clone();
        for act in &self.acts {
            if let Act::Stream(ticks) = act {
                after = run(ticks).map_err(failed)?;
            }
        }
        Ok(&after - &before)
    }
}

const _: () = assert!(READ <= MAX_WORDS);
