//! A workload on the RTL beside the reference model.
//!
//! | clocks | are |
//! |---|---|
//! | input | those in which the host's spikes are taken, one a clock, before a tick |
//! | tick | those of `tick_busy`; each is counted to one phase |
//! | integrate | some core adds an event |
//! | fire | rings turn in some core, and none adds an event |
//! | load | a context is brought into the lanes of some core, and no core adds an event or turns |
//! | route | spikes or events are at a core's exit, on the bus, in the router or at a scheduler, and none of these |
//! | wait | all other clocks of the tick: pipelines fill and drain, empty groups of axons are passed, the end is made sure of |
//! | integration | from the first event that some core adds in a tick to the last: integrate, and every bubble between |
//!
//! A *synaptic operation* is a weight added to a membrane, zero weights included; the *peak* is one in every lane of the array in every
//! clock, and two in those of banked cores.

use super::{BenchError, EndToEnd, Kind, Workload, array, end_to_end, workload};
use crate::runner::symmetric_difference;
use nernst_sim::rtl_array::{Phase, Split};
use nernst_sim::{ReferenceArray, RtlArray};
use nernst_spec::ledger::{ArrayCounter, CoreCounter};
use nernst_spec::link::message::{RESET_LEDGER, RESET_STATE};
use nernst_spec::{ArrayConfig, Ledger};
use serde::{Deserialize, Serialize};

/// Version of the JSON of an [`ArrayReport`].
pub const VERSION: u32 = 3;
/// Active axons of the points of a roofline.
const ROOFLINE: [usize; 10] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

/// What a workload gave: sums over its measured ticks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measurement {
    pub workload: String,
    /// Lanes of the array: the most synaptic operations in a clock.
    pub peak: u64,
    pub cores: u64,
    pub ticks: u64,
    pub input_clocks: u64,
    pub split: Split,
    /// Clocks from the first event added in a tick to the last, both counted.
    pub integration_clocks: u64,
    pub events: u64,
    pub synaptic_operations: u64,
    pub spikes: u64,
    pub context_loads: u64,
    pub bus_transfers: u64,
    pub bus_destinations: u64,
    pub host_spikes: u64,
    /// Host spikes and activity counters in which the RTL and the reference model differ.
    pub mismatches: u64,
    /// Of a workload of samples.
    pub latency: Option<Latency>,
}

/// Clocks of a sample from that in which its first input spike is offered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    pub samples: u64,
    /// Until its last spike for the host is taken.
    pub output_mean: f64,
    pub output_worst: u64,
    /// Until its last tick has ended.
    pub end_mean: f64,
    pub end_worst: u64,
}

impl Measurement {
    /// Mean clocks of a tick.
    pub fn tick_clocks(&self) -> f64 {
        self.per_tick(self.split.total())
    }
    /// Mean of a sum for a tick.
    pub fn per_tick(&self, sum: u64) -> f64 {
        ratio(sum, self.ticks)
    }
    /// Mean events of a core in a tick.
    pub fn events_per_core(&self) -> f64 {
        ratio(self.events, self.ticks * self.cores)
    }
    /// Synaptic operations a clock of integration, bubbles included.
    pub fn integrating(&self) -> f64 {
        ratio(self.synaptic_operations, self.integration_clocks)
    }
    /// Synaptic operations a clock of ticks.
    pub fn over_ticks(&self) -> f64 {
        ratio(self.synaptic_operations, self.split.total())
    }
    /// Synaptic operations a clock of ticks and the input before them.
    pub fn with_input(&self) -> f64 {
        ratio(self.synaptic_operations, self.split.total() + self.input_clocks)
    }
    /// A rate as a share of the peak.
    pub fn of_peak(&self, rate: f64) -> f64 {
        rate / self.peak.max(1) as f64
    }
    /// The phase with the most clocks.
    pub fn binding(&self) -> Phase {
        self.split.binding()
    }
}

fn ratio(a: u64, b: u64) -> f64 {
    if b == 0 { 0.0 } else { a as f64 / b as f64 }
}

/// All measurements of one configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConfigReport {
    pub config: String,
    pub clock_hz: u32,
    pub cores: u64,
    pub lanes: u64,
    pub workloads: Vec<Measurement>,
    /// Random networks with more and more active axons.
    pub roofline: Vec<Measurement>,
    /// Digits through the whole chip and its UART, if they were wanted.
    pub end_to_end: Option<EndToEnd>,
}

/// What `nernst bench array --json` writes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArrayReport {
    pub version: u32,
    pub configurations: Vec<ConfigReport>,
}

impl ConfigReport {
    /// In all that was run.
    pub fn mismatches(&self) -> u64 {
        let array: u64 = self.workloads.iter().chain(&self.roofline).map(|measurement| measurement.mismatches).sum();
        array + self.end_to_end.as_ref().map_or(0, |sum| sum.mismatches)
    }

    /// Most synaptic operations of a clock.
    pub fn peak(&self) -> u64 {
        // Every measurement of an array says the same.
        self.workloads.iter().chain(&self.roofline).map(|m| m.peak).max().unwrap_or(self.lanes)
    }
}

impl ArrayReport {
    pub fn mismatches(&self) -> u64 {
        self.configurations.iter().map(ConfigReport::mismatches).sum()
    }
}

/// What is to be measured of a configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    pub kinds: Vec<Kind>,
    /// Most samples of a workload that has samples.
    pub images: usize,
    pub seed: u64,
    /// Whether to measure the points of a roofline.
    pub roofline: bool,
    /// Digits that go through the whole chip and its UART.
    pub end_to_end: usize,
}

impl ConfigReport {
    /// Runs all workloads of a plan; `each` is told the name of every one before it is run.
    pub fn measure(config: &ArrayConfig, plan: &Plan, mut each: impl FnMut(&str)) -> Result<Self, BenchError> {
        let whole_chip = match plan.end_to_end {
            0 => None,
            images => {
                each("end to end");
                Some(end_to_end(config, images)?)
            }
        };
        let wide = workload::with_inputs(config);
        let mut array = array(&wide)?;
        let mut measure_all = |kinds: &[Kind]| -> Result<Vec<Measurement>, BenchError> {
            let measure_one = |kind: &Kind| {
                each(&kind.to_string());
                measure(&mut array, &Workload::new(*kind, &wide, plan.images, plan.seed)?)
            };
            kinds.iter().map(measure_one).collect()
        };
        let points: Vec<Kind> =
            ROOFLINE.iter().filter(|_| plan.roofline).map(|&active| Kind::Random { active }).collect();
        Ok(Self {
            workloads: measure_all(&plan.kinds)?,
            roofline: measure_all(&points)?,
            end_to_end: whole_chip,
            config: config.name.clone(),
            clock_hz: config.clock_hz,
            cores: config.cores.len() as u64,
            lanes: config.lanes() as u64,
        })
    }
}

/// Runs a workload on the RTL and on the reference model at once.
pub fn measure(array: &mut RtlArray, workload: &Workload) -> Result<Measurement, BenchError> {
    let config = array.config().clone();
    let mut model = ReferenceArray::new(&config);
    model.load(&workload.image)?;
    array.load(&workload.image)?;
    array.reset(RESET_LEDGER)?;
    let mut sum = Measurement {
        workload: workload.name.clone(),
        peak: config.peak() as u64,
        cores: config.cores.len() as u64,
        ticks: 0,
        input_clocks: 0,
        split: Split::default(),
        integration_clocks: 0,
        events: 0,
        synaptic_operations: 0,
        spikes: 0,
        context_loads: 0,
        bus_transfers: 0,
        bus_destinations: 0,
        host_spikes: 0,
        mismatches: 0,
        latency: workload.samples.then(Latency::default),
    };
    for run in &workload.runs {
        array.reset(RESET_STATE)?;
        model.reset(RESET_STATE);
        let mut before = model.ledger();
        let (mut begin, mut output) = (None, None);
        for (number, lines) in run.iter().enumerate() {
            if number == workload.warm_up {
                before = model.ledger();
            }
            if begin.is_none() && !lines.is_empty() {
                begin = Some(array.clocks());
            }
            lines.iter().try_for_each(|&line| model.input(line))?;
            let expected = model.tick();
            let mut tick = array.tick(lines)?;
            tick.spikes.sort_unstable();
            sum.mismatches += symmetric_difference(&tick.spikes, &expected);
            output = tick.last_spike.or(output);
            if number >= workload.warm_up {
                sum.ticks += 1;
                sum.input_clocks += tick.input_clocks;
                sum.split += tick.split;
                sum.integration_clocks += tick.integration_clocks;
            }
        }
        sum.add(&(&model.ledger() - &before));
        if let (Some(latency), Some(begin)) = (&mut sum.latency, begin) {
            latency.add(output.unwrap_or(begin) - begin, array.clocks() - begin);
        }
    }
    sum.mismatches += array.ledger()?.differences(&model.ledger()).len() as u64;
    Ok(sum)
}

impl Measurement {
    fn add(&mut self, ledger: &Ledger) {
        self.events += ledger.total(CoreCounter::Events);
        self.synaptic_operations += ledger.total(CoreCounter::SynapticOperations);
        self.spikes += ledger.total(CoreCounter::Spikes);
        self.context_loads += ledger.total(CoreCounter::ContextLoads);
        self.bus_transfers += ledger.array(ArrayCounter::BusTransfers);
        self.bus_destinations += ledger.array(ArrayCounter::BusDestinations);
        self.host_spikes += ledger.array(ArrayCounter::HostSpikesOut);
    }
}

impl Latency {
    fn add(&mut self, output: u64, end: u64) {
        let mean = |mean: f64, value: u64| (mean * self.samples as f64 + value as f64) / (self.samples + 1) as f64;
        self.output_mean = mean(self.output_mean, output);
        self.end_mean = mean(self.end_mean, end);
        self.output_worst = self.output_worst.max(output);
        self.end_worst = self.end_worst.max(end);
        self.samples += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(config: &ArrayConfig, kinds: &[Kind]) -> Vec<Measurement> {
        let plan = Plan { kinds: kinds.to_vec(), images: 4, seed: 3, roofline: false, end_to_end: 0 };
        ConfigReport::measure(config, &plan, |_| {}).unwrap().workloads
    }

    #[test]
    fn workloads_run_like_the_model_and_do_what_they_say() {
        let config = ArrayConfig::ready("tiny").unwrap();
        let kinds = [Kind::Random { active: 64 }, Kind::Digits, Kind::Dense, Kind::Idle];
        let all = measured(&config, &kinds);
        for measurement in &all {
            assert_eq!(measurement.mismatches, 0, "{}", measurement.workload);
            assert!(measurement.integration_clocks >= measurement.split.integrate);
            assert!(measurement.split.total() >= measurement.integration_clocks);
        }
        let [random, digits, dense, idle] = &all[..] else { panic!("four workloads") };
        assert_eq!(random.events_per_core(), 64.0);
        assert!(random.spikes > 0 && random.host_spikes > 0 && random.host_spikes < random.spikes);
        assert_eq!(random.per_tick(random.input_clocks), 64.0, "a clock for each");
        let latency = digits.latency.unwrap();
        assert_eq!((latency.samples, digits.ticks), (4, 4 * 17));
        assert!(latency.output_mean <= latency.output_worst as f64 && latency.output_worst <= latency.end_worst);
        assert_eq!(dense.per_tick(dense.spikes), config.neurons() as f64);
        assert_eq!(dense.events_per_core(), config.neurons() as f64, "a neuron of 72 is an axon");
        assert_eq!(dense.input_clocks, 0);
        assert_eq!((idle.events, idle.split.integrate, idle.split.fire, idle.split.route), (0, 0, 0, 0));
        assert!(idle.tick_clocks() > 0.0);
    }

    #[test]
    fn means_are_those_of_all_samples() {
        let mut latency = Latency::default();
        [(3, 5), (4, 9), (8, 9)].into_iter().for_each(|(output, end)| latency.add(output, end));
        assert_eq!((latency.output_worst, latency.end_worst, latency.samples), (8, 9, 3));
        assert!((latency.output_mean - 5.0).abs() < 1e-9 && (latency.end_mean - 23.0 / 3.0).abs() < 1e-9);
    }
}
