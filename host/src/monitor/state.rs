//! What is known of a run that is under way.

use crate::energy::{Bill, PriceTable};
use crate::report::LedgerReport;
use crate::runner::{Mismatches, SampleRun};
use nernst_spec::{CoreConfig, Ledger};
use std::collections::VecDeque;
use std::time::Duration;

/// Time over which rates are taken.
const WINDOW: Duration = Duration::from_secs(3);
/// Ticks whose spikes are kept: more than a terminal is wide.
const TICKS: usize = 400;
/// Speed limits to choose from, in samples a second.
const LIMITS: [f64; 10] = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0];

/// What a run is of.
#[derive(Clone, Debug)]
pub struct About {
    /// Name of the network.
    pub network: String,
    /// Name of the array configuration.
    pub config: String,
    /// Port of the board.
    pub port: String,
    /// Shape of each core.
    pub cores: Vec<CoreConfig>,
    /// Array numbers of the output neurons, one for each class.
    pub outputs: Vec<u16>,
    /// Samples to run; `None` without end.
    pub samples: Option<usize>,
    /// What joules are priced with.
    pub prices: PriceTable,
}

/// What a run gives.
#[derive(Clone, Debug)]
pub enum News {
    /// A sample is done.
    Sample {
        run: SampleRun,
        /// Spikes that the host put on input lines.
        spikes_in: u64,
        /// Whether its class was found.
        right: bool,
    },
    /// The board's ledger since the run began.
    Ledger(Ledger),
    /// The run ended: its ledger, and where it differed from the reference model.
    End(Ledger, Mismatches),
}

/// Sums since the run began.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sums {
    pub samples: u64,
    pub ticks: u64,
    pub spikes_in: u64,
    pub spikes_out: u64,
    /// Bytes on the link in both directions, as the board counts them; as of the last ledger.
    pub link_bytes: u64,
}

/// What is known of a run.
#[derive(Clone, Debug)]
pub struct State {
    pub about: About,
    pub sums: Sums,
    /// Samples whose class was found.
    pub correct: u64,
    /// The last ledger that was read.
    pub ledger: Option<LedgerReport>,
    /// What it cost; `None` before the first ledger and where the prices are for none of its counters.
    pub bill: Option<Bill>,
    /// Output spikes of the last ticks, by class, the newest last.
    pub raster: VecDeque<Vec<usize>>,
    /// Most samples a second; `None` as fast as it goes.
    pub limit: Option<f64>,
    pub paused: bool,
    /// Where the run differed from the reference model; known at its end.
    pub end: Option<Mismatches>,
    /// Sums at moments of the last [`WINDOW`], the newest last.
    history: VecDeque<(Duration, Sums)>,
}

impl State {
    /// Before the first sample.
    pub fn new(about: About) -> Self {
        Self {
            about,
            sums: Sums::default(),
            correct: 0,
            ledger: None,
            bill: None,
            raster: VecDeque::new(),
            limit: None,
            paused: false,
            end: None,
            history: VecDeque::from([(Duration::ZERO, Sums::default())]),
        }
    }

    /// Takes what a run gave.
    pub fn take(&mut self, news: News) {
        match news {
            News::Sample { run, spikes_in, right } => {
                self.sums.samples += 1;
                self.sums.ticks += run.ticks.len() as u64;
                self.sums.spikes_in += spikes_in;
                self.sums.spikes_out += run.ticks.iter().map(|tick| tick.len() as u64).sum::<u64>();
                self.correct += right as u64;
                let class = |neuron: &u16| self.about.outputs.iter().position(|output| output == neuron);
                let ticks = run.ticks.iter().map(|tick| tick.iter().filter_map(class).collect());
                self.raster.extend(ticks);
                self.raster.drain(..self.raster.len().saturating_sub(TICKS));
            }
            News::Ledger(ledger) => self.take_ledger(&ledger),
            News::End(ledger, mismatches) => {
                self.take_ledger(&ledger);
                self.end = Some(mismatches);
            }
        }
    }

    fn take_ledger(&mut self, ledger: &Ledger) {
        let ledger = LedgerReport::from(ledger);
        let total = |counter| ledger.total(counter).unwrap_or(0);
        self.sums.link_bytes = total("link_bytes_in") + total("link_bytes_out");
        let samples = (self.sums.samples as usize).max(1);
        self.bill = Bill::of(&ledger, &self.about.cores, samples, &self.about.prices).ok();
        self.ledger = Some(ledger);
    }

    /// Notes the sums at a moment since the run began, for rates.
    pub fn at(&mut self, now: Duration) {
        if self.end.is_some() {
            return;
        }
        self.history.push_back((now, self.sums));
        while self.history.get(1).is_some_and(|(then, _)| now.saturating_sub(*then) >= WINDOW) {
            self.history.pop_front();
        }
    }

    /// How fast a sum rose lately, in 1/s; `None` before there is anything to compare.
    pub fn rate(&self, of: impl Fn(&Sums) -> u64) -> Option<f64> {
        let ((from, first), (to, last)) = (self.history.front()?, self.history.back()?);
        let seconds = to.saturating_sub(*from).as_secs_f64();
        (seconds > 0.0).then(|| (of(last) - of(first)) as f64 / seconds)
    }

    /// Share of the samples whose class was found.
    pub fn accuracy(&self) -> Option<f64> {
        (self.sums.samples > 0).then(|| self.correct as f64 / self.sums.samples as f64)
    }

    /// The next higher speed limit; after the highest none.
    pub fn faster(&mut self) {
        self.limit = self.limit.and_then(|limit| LIMITS.into_iter().find(|step| *step > limit));
    }

    /// The next lower speed limit; without one the first below the speed of now.
    pub fn slower(&mut self) {
        let now = self.limit.or_else(|| self.rate(|sums| sums.samples)).unwrap_or(f64::MAX);
        self.limit = Some(LIMITS.into_iter().rev().find(|step| *step < now).unwrap_or(LIMITS[0]));
    }
}
