//! Clocks of a tick against one size after the other, everything else held.
//!
//! Each series has arrays and networks of its own, in which only one thing grows; what it is held against stands in its `held`.

use super::fit::Fit;
use super::workload::{all_cores, eager, listening};
use super::{BenchError, Measurement, Workload, array, measure};
use nernst_sim::rtl_array::Split;
use nernst_spec::geometry::AXONS;
use nernst_spec::memory::Route;
use nernst_spec::{ArrayConfig, Contexts, CoreConfig, Image, WeightBits};
use serde::{Deserialize, Serialize};

/// Version of the JSON of a [`Growth`].
pub const VERSION: u32 = 2;
/// Active axons where they are held.
const ACTIVE: usize = 64;
const ACTIVE_IN_CONTEXT: usize = 16;

/// What `nernst bench growth --json` writes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Growth {
    pub version: u32,
    pub series: Vec<Series>,
}

/// Clocks of a tick against one size.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// What grows.
    pub name: String,
    /// The size on the axis, with its unit.
    pub size: String,
    /// What is held.
    pub held: String,
    pub points: Vec<Point>,
    /// Clocks of a tick.
    pub fit: Fit,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    pub size: u64,
    /// Mean clocks of a tick.
    pub clocks: f64,
    pub ticks: u64,
    /// Sums over these ticks.
    pub split: Split,
    pub mismatches: u64,
}

impl Growth {
    /// Measures all series; `each` is told what is measured next. `quick`: two points of each only.
    pub fn measure(quick: bool, mut each: impl FnMut(&str)) -> Result<Self, BenchError> {
        let plans: [fn(bool) -> Plan; 6] = [axons, neurons, cores, contexts, destinations, spikes];
        let series = plans.iter().map(|plan| plan(quick).measure(&mut each)).collect::<Result<_, _>>()?;
        Ok(Self { version: VERSION, series })
    }

    pub fn mismatches(&self) -> u64 {
        self.series.iter().flat_map(|series| &series.points).map(|point| point.mismatches).sum()
    }
}

/// A series before it is measured.
struct Plan {
    name: &'static str,
    size: &'static str,
    held: String,
    sizes: Vec<usize>,
    config: fn(usize) -> ArrayConfig,
    workload: fn(&ArrayConfig, usize) -> Workload,
}

impl Plan {
    fn measure(&self, each: &mut impl FnMut(&str)) -> Result<Series, BenchError> {
        let mut points = vec![];
        // An array is built again only when its shape changes.
        let mut last = None;
        for &size in &self.sizes {
            each(&format!("{} {size}", self.name));
            let config = (self.config)(size);
            let mut rtl = match last.take() {
                Some((shape, rtl)) if shape == config => rtl,
                _ => array(&config)?,
            };
            points.push(Point::new(size, &measure(&mut rtl, &(self.workload)(&config, size))?));
            last = Some((config, rtl));
        }
        let curve: Vec<(f64, f64)> = points.iter().map(|point| (point.size as f64, point.clocks)).collect();
        Ok(Series {
            name: self.name.into(),
            size: self.size.into(),
            held: self.held.clone(),
            points,
            fit: Fit::new(&curve),
        })
    }
}

impl Point {
    fn new(size: usize, measured: &Measurement) -> Self {
        Self {
            size: size as u64,
            clocks: measured.tick_clocks(),
            ticks: measured.ticks,
            split: measured.split,
            mismatches: measured.mismatches,
        }
    }
}

/// INT4 cores of equal shape, three tiles to a neuron unit where they divide.
fn shape(cores: usize, tiles: usize) -> ArrayConfig {
    let tiles_per_unit = if tiles.is_multiple_of(3) { 3 } else { 1 };
    let core = CoreConfig {
        tiles,
        tiles_per_unit,
        weight_bits: WeightBits::Four,
        contexts: Contexts::ONE,
        banks: 1,
        chain: false,
    };
    ArrayConfig {
        name: format!("{cores} x {tiles} tiles"),
        clock_hz: 50_000_000,
        baud: 3_000_000,
        inputs: AXONS,
        cores: vec![core; cores],
    }
}

fn sizes(quick: bool, all: &[usize]) -> Vec<usize> {
    if quick { vec![all[0], all[all.len() / 2]] } else { all.to_vec() }
}

/// Axons with events and no spikes.
fn hearing(config: &ArrayConfig, active: usize) -> Workload {
    let lines = (0..active as u16).collect();
    Workload::steady("listening".into(), listening(config, Contexts::ONE, active, 1), lines, 0)
}

/// The first `count` neurons fire in every tick, each to the first `destinations` cores; one event in a core of each tick makes them.
fn firing(config: &ArrayConfig, count: usize, destinations: usize) -> Workload {
    let mut image = Image::empty("firing", config);
    let mut left = count;
    for (core, shape) in image.cores.iter_mut().zip(&config.cores) {
        core.rows.insert(0, vec![1; shape.neurons()]);
        for neuron in 0..shape.neurons().min(left) {
            core.parameters[neuron] = eager();
            let cores = all_cores(config) & ((1u32 << destinations) - 1) as u16;
            core.routes[neuron] = Route { cores, axon: 0, delay: 1, host: false };
        }
        left -= shape.neurons().min(left);
    }
    image.inputs = vec![Route { cores: all_cores(config), axon: 0, delay: 0, host: false }];
    Workload::steady("firing".into(), image, vec![0], 0)
}

fn axons(quick: bool) -> Plan {
    Plan {
        name: "active axons",
        size: "axons with an event, in every core and tick",
        held: "2 cores of 3 tiles, no spikes".into(),
        sizes: sizes(quick, &[1, 16, 32, 64, 128, 192, 256, 320, 384, 448, 512]),
        config: |_| shape(2, 3),
        workload: hearing,
    }
}

fn neurons(quick: bool) -> Plan {
    Plan {
        name: "neurons",
        size: "tiles of a core, 9 neurons each",
        held: format!("1 core, 3 tiles a neuron unit, {ACTIVE} active axons, no spikes"),
        sizes: sizes(quick, &[3, 6, 12, 24, 36, 48]),
        config: |tiles| shape(1, tiles),
        workload: |config, _| hearing(config, ACTIVE),
    }
}

fn cores(quick: bool) -> Plan {
    Plan {
        name: "cores",
        size: "cores, 27 neurons each",
        held: format!("{ACTIVE} active axons in every core, no spikes"),
        sizes: sizes(quick, &[1, 2, 4, 8, 12, 16]),
        config: |cores| shape(cores, 3),
        workload: |config, _| hearing(config, ACTIVE),
    }
}

fn contexts(quick: bool) -> Plan {
    Plan {
        name: "contexts",
        size: "contexts of every core, 27 neurons each",
        held: format!("2 cores of 3 tiles, {ACTIVE_IN_CONTEXT} active axons in every context, no spikes"),
        sizes: sizes(quick, &[1, 2, 4, 8]),
        config: |_| {
            let mut config = shape(2, 3);
            config.cores.iter_mut().for_each(|core| core.contexts = Contexts::MOST);
            config
        },
        workload: |config, contexts| {
            let contexts = Contexts::from_log2(contexts.ilog2() as u8);
            let image = listening(config, contexts, ACTIVE_IN_CONTEXT, 1);
            let lines = (0..image.inputs.len() as u16).collect();
            Workload::steady("listening".into(), image, lines, 0)
        },
    }
}

fn destinations(quick: bool) -> Plan {
    Plan {
        name: "destinations",
        size: "cores that each spike goes to",
        held: "8 cores of 3 tiles, 108 spikes a tick".into(),
        sizes: sizes(quick, &[1, 2, 3, 4, 6, 8]),
        config: |_| shape(8, 3),
        workload: |config, destinations| firing(config, 108, destinations),
    }
}

fn spikes(quick: bool) -> Plan {
    Plan {
        name: "spikes",
        size: "spikes of a tick",
        held: "8 cores of 3 tiles, each spike to all of them".into(),
        sizes: sizes(quick, &[0, 8, 16, 27, 54, 81, 108, 162, 216]),
        config: |_| shape(8, 3),
        workload: |config, count| firing(config, count, 8),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_series_is_equal_to_the_model_and_grows_at_most_linearly() {
        let growth = Growth::measure(true, |_| {}).unwrap();
        assert_eq!(growth.mismatches(), 0);
        for series in &growth.series {
            assert_eq!(series.points.len(), 2);
            let [first, last] = [&series.points[0], &series.points[1]];
            assert_eq!(first.clocks * first.ticks as f64, first.split.total() as f64);
            assert!(last.size > first.size && last.clocks >= first.clocks, "{}: {:?}", series.name, series.points);
            // A unit of what grows costs less than two clocks; a context is loaded, walked and turned.
            let most = if ["cores", "contexts"].contains(&series.name.as_str()) { 200.0 } else { 2.0 };
            let slope = (last.clocks - first.clocks) / (last.size - first.size) as f64;
            assert!(slope < most, "{}: {slope} clocks each", series.name);
        }
    }
}
