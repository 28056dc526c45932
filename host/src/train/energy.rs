//! What a sample costs, as far as training can change it: an estimate that has a slope.
//!
//! With the prices of a table for the counters of the ledger, in an array whose cores are like the first of a configuration, a sample costs
//!
//! | what | how often | counters |
//! |---|---|---|
//! | an event | for each spike, and each population and delay that hear it: *presence* times | `events`, `bus_transfers`, `bus_destinations` |
//! | a lane | for each event, as often as the population has neurons, each *presence* times | `synaptic_operations`; `rows_fetched`, in the share that a weight has of a row |
//! | a weight | for each event and each weight that is not 0: *count* times | `nonzero_operations` |
//! | a spike | for each spike of a neuron | `spikes` |
//! | an answer | for each spike of an output neuron | `host_spikes_out` |
//! | an update | for each step and neuron, *presence* times | `neuron_updates` |
//! | a step | for each step | `ticks` |
//!
//! Two of these have no slope by themselves: a weight is 0 or not, a source has weights or not. With u the weight in steps between integers, |u| / (|u| + 1)
//! stands for the *count* of a weight, and r / (r + 1) for the *presence* of a source, r being the root of the mean square of the u that lead on from it (for an event
//! those to the population, for a neuron all; neurons of the output are there). All are 0 for weights of 0 and near 1 for large ones, so the least important weights,
//! input lines and neurons go to 0, and the mapper leaves them out. Steps are constant. Left out are the link's bytes, clocks, contexts, lanes of cores without a neuron, and
//! what the mapper adds.

use super::model::{Links, Model, Scales};
use crate::circuit::Source;
use crate::energy::{PriceTable, bits};
use nernst_spec::ArrayConfig;
use serde::{Deserialize, Serialize};

/// Prices of what a sample does, in nanojoules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Prices {
    pub event: f32,
    pub lane: f32,
    pub weight: f32,
    pub spike: f32,
    pub answer: f32,
    pub update: f32,
    pub step: f32,
}

impl Prices {
    /// From a table, for cores like the first of an array. What the table has no price for costs nothing.
    pub fn new(table: &PriceTable, config: &ArrayConfig) -> Self {
        let core = &config.cores[0];
        let price = |counter: &str| -> f64 {
            let Some(price) = table.price(counter) else { return 0.0 };
            let bits = bits::of_core(counter, core, &config.cores).or(bits::of_array(counter, &config.cores));
            1e9 * price.joules * if price.per_bit { bits.unwrap_or(1) as f64 } else { 1.0 }
        };
        let sum = |counters: &[&str]| counters.iter().map(|counter| price(counter)).sum::<f64>() as f32;
        let weights_of_row = (core.neurons() / core.tiles) as f64;
        Self {
            event: sum(&["events", "bus_transfers", "bus_destinations"]),
            lane: (price("synaptic_operations") + price("rows_fetched") / weights_of_row) as f32,
            weight: sum(&["nonzero_operations"]),
            spike: sum(&["spikes"]),
            answer: sum(&["host_spikes_out"]),
            update: sum(&["neuron_updates"]),
            step: sum(&["ticks"]),
        }
    }

    /// All prices times a factor.
    pub(super) fn times(&self, factor: f32) -> Self {
        let Self { event, lane, weight, spike, answer, update, step } = *self;
        let [event, lane, weight, spike, answer, update, step] =
            [event, lane, weight, spike, answer, update, step].map(|price| price * factor);
        Self { event, lane, weight, spike, answer, update, step }
    }
}

/// What spikes cost with the weights of now.
pub(super) struct Costs {
    /// Of the inputs, then of each population: of a spike of each source.
    pub of_spike: Vec<Vec<f32>>,
    /// Of a step.
    pub of_step: f32,
    prices: Prices,
    /// For each way and source the root of the mean square of the weights in steps.
    roots: Vec<Vec<f32>>,
    /// For each population and neuron that of all that lead on; the output's are infinite.
    neurons: Vec<Vec<f32>>,
    /// Neurons of each population that are there.
    lanes: Vec<f32>,
}

impl Costs {
    pub fn new(model: &Model, scales: &Scales, prices: Prices) -> Self {
        let sizes = model.sizes();
        let (mut of_spike, mut roots) = (vec![vec![0f32; model.inputs()]], vec![]);
        // Sums of squares, and of how many weights.
        let mut onward: Vec<(Vec<f32>, f32)> = sizes.iter().map(|&size| (vec![0.0; size], 0.0)).collect();
        of_spike.extend(sizes.iter().enumerate().map(|(number, &size)| {
            vec![prices.spike + if number == model.output() { prices.answer } else { 0.0 }; size]
        }));
        for way in &model.ways {
            let size = sizes[way.to];
            let costs = &mut of_spike[place(way.from)];
            let squares = costs.iter_mut().enumerate().map(|(source, cost)| {
                let mut squares = 0f32;
                each_weight(&way.links, source, size, |at, target| {
                    let u = in_steps(model.parameters[at], scales[way.to][target]).abs();
                    squares += u * u;
                    *cost += prices.weight * u / (u + 1.0);
                });
                squares
            });
            let squares: Vec<f32> = squares.collect();
            if let Source::Population(from) = way.from {
                onward[from].0.iter_mut().zip(&squares).for_each(|(all, one)| *all += one);
                onward[from].1 += size as f32;
            }
            roots.push(squares.iter().map(|squares| (squares / size as f32).sqrt()).collect::<Vec<f32>>());
        }
        let root = |(number, (squares, count)): (usize, &(Vec<f32>, f32))| {
            let of = |squares: &f32| {
                if number == model.output() { f32::INFINITY } else { (squares / count.max(1.0)).sqrt() }
            };
            squares.iter().map(of).collect::<Vec<f32>>()
        };
        let neurons: Vec<Vec<f32>> = onward.iter().enumerate().map(root).collect();
        let lanes: Vec<f32> = neurons.iter().map(|roots| roots.iter().map(|&root| presence(root)).sum()).collect();
        for (way, roots) in model.ways.iter().zip(&roots) {
            let event = prices.event + prices.lane * lanes[way.to];
            of_spike[place(way.from)].iter_mut().zip(roots).for_each(|(cost, &root)| *cost += presence(root) * event);
        }
        let of_step = prices.update * lanes.iter().sum::<f32>() + prices.step;
        Self { of_spike, of_step, prices, roots, neurons, lanes }
    }

    /// Adds the slope of what so many spikes (of the inputs, then of each population) and steps cost to that of the parameters.
    pub fn slope(&self, model: &Model, scales: &Scales, spikes: &[Vec<f32>], steps: usize, gradient: &mut [f32]) {
        let prices = &self.prices;
        // What a neuron more in each population costs.
        let mut of_lane = vec![prices.update * steps as f32; self.lanes.len()];
        let mut weights_onward = vec![0f32; self.lanes.len()];
        for (way, roots) in model.ways.iter().zip(&self.roots) {
            let events: f32 =
                roots.iter().zip(&spikes[place(way.from)]).map(|(&root, count)| presence(root) * count).sum();
            of_lane[way.to] += prices.lane * events;
            if let Source::Population(from) = way.from {
                weights_onward[from] += scales[way.to].len() as f32;
            }
        }
        for (way, roots) in model.ways.iter().zip(&self.roots) {
            let size = scales[way.to].len();
            let event = prices.event + prices.lane * self.lanes[way.to];
            for (source, (&root, &spikes)) in roots.iter().zip(&spikes[place(way.from)]).enumerate() {
                if root == 0.0 {
                    continue;
                }
                // By how much the cost rises with half the square of a weight.
                let mut of_square = spikes * event * rise(root) / (size as f32 * root);
                if let Source::Population(from) = way.from
                    && self.neurons[from][source].is_finite()
                {
                    let all = self.neurons[from][source];
                    of_square += of_lane[from] * rise(all) / (weights_onward[from] * all);
                }
                each_weight(&way.links, source, size, |at, target| {
                    let s = scales[way.to][target];
                    let u = in_steps(model.parameters[at], s);
                    if u != 0.0 {
                        gradient[at] += (of_square * u + spikes * prices.weight * u.signum() * rise(u.abs())) / s;
                    }
                });
            }
        }
    }
}

/// Near 1 for what is large, 0 for 0.
fn presence(root: f32) -> f32 {
    if root.is_finite() { root / (root + 1.0) } else { 1.0 }
}

/// Its slope.
fn rise(root: f32) -> f32 {
    1.0 / ((root + 1.0) * (root + 1.0))
}

fn in_steps(weight: f32, s: f32) -> f32 {
    if s > 0.0 { weight / s } else { 0.0 }
}

/// The place of a source's spikes in lists that begin with the inputs.
pub(super) fn place(from: Source) -> usize {
    match from {
        Source::Inputs => 0,
        Source::Population(number) => number + 1,
    }
}

/// Parameter and target of each weight of a source.
fn each_weight(links: &Links, source: usize, size: usize, mut each: impl FnMut(usize, usize)) {
    match links {
        Links::Rows { first } => (0..size).for_each(|target| each(first + source * size + target, target)),
        Links::Lists { starts, targets, weights } => {
            let range = starts[source] as usize..starts[source + 1] as usize;
            targets[range.clone()].iter().zip(&weights[range]).for_each(|(&t, &at)| each(at as usize, t as usize));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::Circuit;
    use crate::circuit::layers::Layer;
    use crate::energy::prices;
    use crate::train::model::Grain;
    use nernst_spec::WeightBits;
    use nernst_spec::tick::Reset;

    fn model() -> Model {
        let weights = vec![vec![0.5, -0.25, 0.125], vec![0.75, 0.0625, -0.375]];
        let layer = |weights| Layer { threshold: 1.0, leak: 480, reset: Reset::Zero, weights, recurrent: None };
        let circuit = Circuit::of_layers(&[layer(weights), layer(vec![vec![0.5, -0.75]])]);
        Model::new(circuit, vec![WeightBits::Four; 2], false)
    }

    #[test]
    fn prices_are_those_of_the_tables() {
        let config = ArrayConfig::ready("25f").unwrap();
        let loihi = Prices::new(&prices::find("loihi").unwrap(), &config);
        assert_eq!((loihi.lane, loihi.weight), (0.0236, 0.0));
        assert!((loihi.event - 0.0017).abs() < 1e-9 && (loihi.update - 0.081).abs() < 1e-9);
        // 23.57 toggles of 1/2 x 0.09 pF x (1.1 V)^2.
        let table = prices::find("ecp5").unwrap();
        let ecp5 = Prices::new(&table, &config);
        assert!((ecp5.weight - 1e9 * table.price("nonzero_operations").unwrap().joules as f32).abs() < 1e-9);
        assert_eq!(ecp5.lane, 0.0);
    }

    #[test]
    fn the_slope_is_that_of_the_cost() {
        let mut model = model();
        let scales = model.scales(Grain::Neuron);
        let prices = Prices { event: 0.3, lane: 0.7, weight: 1.1, spike: 0.2, answer: 0.9, update: 0.1, step: 0.05 };
        let spikes = [vec![3.0, 1.0, 2.0], vec![4.0, 0.5], vec![2.0]];
        let cost = |model: &Model| -> f32 {
            let costs = Costs::new(model, &scales, prices);
            let pairs = costs.of_spike.iter().flatten().zip(spikes.iter().flatten());
            pairs.map(|(cost, count)| cost * count).sum::<f32>() + 16.0 * costs.of_step
        };
        let mut slope = vec![0f32; model.parameters.len()];
        Costs::new(&model, &scales, prices).slope(&model, &scales, &spikes, 16, &mut slope);
        for (at, &slope) in slope.iter().enumerate() {
            let given = model.parameters[at];
            let d = 1e-3;
            model.parameters[at] = given + d;
            let above = cost(&model);
            model.parameters[at] = given - d;
            let found = (above - cost(&model)) / (2.0 * d);
            model.parameters[at] = given;
            assert!((found - slope).abs() < 0.01 * slope.abs() + 0.01, "{at}: {found} {slope}");
        }
        // A spike of the output costs its own price and the host's.
        let costs = Costs::new(&model, &scales, prices);
        assert_eq!(costs.of_spike[2], [0.2 + 0.9]);
        assert_eq!(costs.lanes[1], 1.0);
    }
}
