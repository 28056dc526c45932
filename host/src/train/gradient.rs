//! The loss of a batch and its gradient.

use super::energy::{Costs, place};
use super::model::{Model, Precision, Scales};
use super::pass::{Neurons, Pass, Trace};
use crate::circuit::Source;
use nernst_spec::image::Readout;

/// Steepness of the fast sigmoid whose derivative stands for that of a spike.
const SLOPE: f32 = 10.0;
/// Output counts are scaled as if a sample had so many ticks.
const COUNT_TICKS: f32 = 16.0;
/// Parts of a batch that are computed side by side and summed in order. Fixed, so that the sum does not depend on the machine.
const PARTS: usize = 4;

/// A sample's spikes by tick, and its class.
pub(super) type Case = (Vec<Vec<u16>>, usize);

/// What is added to the loss of a sample.
#[derive(Clone, Copy, Default)]
pub(super) struct Penalties<'a> {
    /// For a neuron of an inner population that fires in every tick.
    pub activity: f32,
    /// For its energy, with the steps between integers that weights are told in.
    pub energy: Option<(&'a Costs, &'a Scales)>,
}

/// Mean loss of a batch, and the gradient of it for every parameter.
pub(super) fn batch_gradient(
    model: &Model,
    batch: &[Case],
    precision: Precision,
    penalties: Penalties,
) -> (f32, Vec<f32>) {
    let pass = model.pass(precision);
    let part = |cases: &[Case]| {
        let counts = std::iter::once(model.inputs()).chain(pass.neurons.iter().map(|n| n.thresholds.len()));
        let counts = counts.map(|count| vec![0.0; count]).collect();
        let mut sum = Sum { loss: 0.0, gradient: vec![0.0; model.parameters.len()], counts, sums: vec![] };
        cases.iter().for_each(|case| sum.add(&pass, case, penalties));
        sum
    };
    let parts: Vec<Sum> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            batch.chunks(batch.len().div_ceil(PARTS)).map(|cases| scope.spawn(|| part(cases))).collect();
        // A part only fails by a panic of its own, which this passes on.
        threads.into_iter().map(|thread| thread.join().expect("a part of a batch")).collect()
    });
    let share = 1.0 / batch.len() as f32;
    let loss = parts.iter().map(|part| part.loss).sum::<f32>() * share;
    let mut gradient = vec![0f32; model.parameters.len()];
    for part in &parts {
        gradient.iter_mut().zip(&part.gradient).for_each(|(all, one)| *all += one * share);
    }
    if let Some((costs, scales)) = penalties.energy {
        let mut counts: Vec<Vec<f32>> = parts[0].counts.iter().map(|counts| vec![0.0; counts.len()]).collect();
        for part in &parts {
            counts.iter_mut().flatten().zip(part.counts.iter().flatten()).for_each(|(all, one)| *all += one * share);
        }
        costs.slope(model, scales, &counts, &mut gradient);
    }
    (loss, gradient)
}

struct Sum {
    loss: f32,
    gradient: Vec<f32>,
    /// Spikes of the inputs, then of each population, by source.
    counts: Vec<Vec<f32>>,
    /// Kept to be used again.
    sums: Vec<f32>,
}

/// By how much the loss rises with the membranes of a population before firing, in every step.
struct Slopes {
    /// In thresholds, in shares of the population's `ratios`: for what goes back to sources.
    of_sources: Vec<f32>,
    /// In the unit of the parameters.
    of_parameters: Vec<f32>,
    /// What the step before passes on through the leak.
    carry: Vec<f32>,
}

impl Sum {
    /// Forward and backward through one sample.
    fn add(&mut self, pass: &Pass, (input, label): &Case, penalties: Penalties) {
        let steps = input.len();
        let trace = pass.forward(input.clone());
        let output = pass.model.output();
        let gain = match pass.readout {
            Readout::Spikes => COUNT_TICKS / steps as f32,
            Readout::Membranes => 1.0,
        };
        let mut scores = pass.answer(&trace);
        scores.iter_mut().for_each(|score| *score *= gain);
        let (loss, mut of_answer) = cross_entropy(&scores, *label);
        of_answer.iter_mut().for_each(|d| *d *= gain);
        self.loss += loss;

        let each = penalties.activity / steps as f32;
        for (_, spikes) in trace.spikes[1..].iter().enumerate().filter(|(number, _)| *number != output) {
            self.loss += each * spikes.iter().map(Vec::len).sum::<usize>() as f32;
        }
        if let Some((costs, _)) = penalties.energy {
            self.loss += costs.of_step * steps as f32;
            for (place, spikes) in trace.spikes.iter().enumerate() {
                for &source in spikes.iter().flatten() {
                    self.counts[place][source as usize] += 1.0;
                    self.loss += costs.of_spike[place][source as usize];
                }
            }
        }
        let slopes = self.back_through_time(pass, &trace, &of_answer, each, penalties);
        self.collect(pass, &trace, &slopes);
    }

    /// Step by step from the last, and in each from the last population: whoever hears a spike has its slope before who sends it.
    fn back_through_time(
        &mut self,
        pass: &Pass,
        trace: &Trace,
        of_answer: &[f32],
        each: f32,
        penalties: Penalties,
    ) -> Vec<Slopes> {
        let (steps, output) = (trace.spikes[0].len(), pass.model.output());
        let mut slopes: Vec<Slopes> = pass.neurons.iter().map(|neurons| Slopes::new(neurons.units.len(), steps)).collect();
        if pass.readout == Readout::Membranes {
            slopes[output].carry.copy_from_slice(of_answer);
        }
        let mut of_spikes = vec![];
        for step in (0..steps).rev() {
            for (number, neurons) in pass.neurons.iter().enumerate().rev() {
                let size = neurons.units.len();
                of_spikes.clear();
                of_spikes.resize(size, 0.0);
                if number == output && pass.readout == Readout::Spikes {
                    of_spikes.copy_from_slice(of_answer);
                }
                let mut penalised = false;
                for &way in &pass.onward[number] {
                    let onward = &pass.model.ways[way];
                    if onward.to == number && !penalised {
                        penalise(&mut of_spikes, number, output, each, penalties);
                        penalised = true;
                    }
                    let then = step + onward.delay;
                    if then < steps {
                        let targets = slopes[onward.to].row(then);
                        pass.back(way, targets, &mut of_spikes, &mut self.sums);
                    }
                }
                if !penalised {
                    penalise(&mut of_spikes, number, output, each, penalties);
                }
                let membranes = &trace.membranes[number][step * size..][..size];
                slopes[number].back(neurons, step, membranes, &of_spikes);
            }
        }
        slopes
    }

    /// The gradient of weights and biases, from the slopes of those who hear them.
    fn collect(&mut self, pass: &Pass, trace: &Trace, slopes: &[Slopes]) {
        for (number, way) in pass.model.ways.iter().enumerate() {
            let size = slopes[way.to].carry.len();
            let rows = slopes[way.to].of_parameters.chunks(size);
            let heard = rows.skip(way.delay).zip(trace.of(way.from));
            for (row, spikes) in heard {
                for &source in spikes {
                    pass.collect(number, source as usize, row, &mut self.gradient);
                }
            }
        }
        for (number, slopes) in slopes.iter().enumerate() {
            let biases = pass.model.bias(number);
            for row in slopes.of_parameters.chunks(slopes.carry.len()).filter(|_| !biases.is_empty()) {
                biases.iter().zip(row).for_each(|(&at, d)| self.gradient[at as usize] += d);
            }
        }
    }
}

fn penalise(of_spikes: &mut [f32], number: usize, output: usize, each: f32, penalties: Penalties) {
    if number != output {
        of_spikes.iter_mut().for_each(|d| *d += each);
    }
    if let Some((costs, _)) = penalties.energy {
        let costs = &costs.of_spike[place(Source::Population(number))];
        of_spikes.iter_mut().zip(costs).for_each(|(d, cost)| *d += cost);
    }
}

impl Slopes {
    fn new(size: usize, steps: usize) -> Self {
        let zeros = || vec![0f32; size * steps];
        Self { of_sources: zeros(), of_parameters: zeros(), carry: vec![0f32; size] }
    }

    fn row(&self, step: usize) -> &[f32] {
        let size = self.carry.len();
        &self.of_sources[step * size..][..size]
    }

    /// The slopes of a step's membranes, from those of its spikes.
    fn back(&mut self, neurons: &Neurons, step: usize, membranes: &[f32], of_spikes: &[f32]) {
        let size = self.carry.len();
        let of_sources = &mut self.of_sources[step * size..][..size];
        let of_parameters = &mut self.of_parameters[step * size..][..size];
        for neuron in 0..size {
            let v = membranes[neuron];
            // A membrane that never fires has no spike to move.
            let surrogate = if neurons.thresholds[neuron].is_finite() {
                let distance = 1.0 + SLOPE * (v * neurons.units[neuron] - 1.0).abs();
                of_spikes[neuron] / (distance * distance)
            } else {
                0.0
            };
            let slope = surrogate + self.carry[neuron] * neurons.kept(neuron, v);
            self.carry[neuron] = neurons.betas[neuron] * slope;
            of_sources[neuron] = slope * neurons.ratios[neuron];
            of_parameters[neuron] = slope * neurons.fans[neuron];
        }
    }
}

/// Cross entropy of the softmax of `scores`, and its slope.
pub(super) fn cross_entropy(scores: &[f32], label: usize) -> (f32, Vec<f32>) {
    let largest = scores.iter().copied().fold(f32::MIN, f32::max);
    let powers: Vec<f32> = scores.iter().map(|score| libm::expf(score - largest)).collect();
    let total: f32 = powers.iter().sum();
    let mut slope: Vec<f32> = powers.iter().map(|power| power / total).collect();
    slope[label] -= 1.0;
    (libm::logf(total) - (scores[label] - largest), slope)
}

/// Mean cross entropy of samples, and how many of them have their class as the strongest answer.
pub(super) fn measure(pass: &Pass, cases: &[Case]) -> (f32, usize) {
    let (mut total, mut right) = (0.0, 0);
    for (input, label) in cases {
        let gain = match pass.readout {
            Readout::Spikes => COUNT_TICKS / input.len() as f32,
            Readout::Membranes => 1.0,
        };
        let trace = pass.forward(input.clone());
        let mut scores = pass.answer(&trace);
        right += usize::from(crate::coding::classify(&scores) == *label);
        scores.iter_mut().for_each(|score| *score *= gain);
        total += cross_entropy(&scores, *label).0;
    }
    (total / cases.len().max(1) as f32, right)
}
