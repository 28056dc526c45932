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
        costs.slope(model, scales, &counts, batch[0].0.len(), &mut gradient);
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
        let mut slopes: Vec<Slopes> =
            pass.neurons.iter().map(|neurons| Slopes::new(neurons.units.len(), steps)).collect();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Random;
    use crate::train::tests::everything;
    use nernst_spec::WeightBits;
    use nernst_spec::tick::Reset;

    #[test]
    fn cross_entropy_is_that_of_the_softmax() {
        let (loss, slope) = cross_entropy(&[1.0, 3.0, 3.0], 0);
        let total = 1.0 + 2.0 * 2f32.exp();
        assert!((loss - total.ln()).abs() < 1e-6);
        assert!((slope[0] - (1.0 / total - 1.0)).abs() < 1e-6 && slope.iter().sum::<f32>().abs() < 1e-6);
    }

    /// By how much the loss rises when the parameters move along others, carried forward synapse by synapse through populations and steps.
    fn slope_along(model: &Model, pass: &Pass, along: &[f32], (input, label): &Case, penalty: f32) -> f64 {
        let (steps, output) = (input.len(), model.output());
        let trace = pass.forward(input.clone());
        let sizes = model.sizes();
        // By how much membranes move, in thresholds, and spikes in every step.
        let mut membranes: Vec<Vec<f64>> = sizes.iter().map(|&size| vec![0.0; size]).collect();
        let mut spikes: Vec<Vec<Vec<f64>>> = sizes.iter().map(|&size| vec![vec![0.0; size]; steps]).collect();
        let mut rise = 0.0;
        for step in 0..steps {
            for (number, neurons) in pass.neurons.iter().enumerate() {
                let v = &mut membranes[number];
                for (neuron, &at) in model.bias(number).iter().enumerate() {
                    v[neuron] += f64::from(along[at as usize] * neurons.fans[neuron]);
                }
                for way in model.ways.iter().filter(|way| way.to == number && way.delay <= step) {
                    let then = step - way.delay;
                    each_synapse(way, model.sources(way.from), v.len(), |source, target, at| {
                        let fired = trace.of(way.from)[then].contains(&(source as u16));
                        if fired {
                            v[target] += f64::from(along[at] * neurons.fans[target]);
                        }
                        if let Source::Population(from) = way.from {
                            let weight = f64::from(pass.values[at] * neurons.units[target]);
                            v[target] += spikes[from][then][source] * weight;
                        }
                    });
                }
                for (neuron, v) in v.iter_mut().enumerate() {
                    let before = trace.membranes[number][step * sizes[number] + neuron];
                    if neurons.thresholds[neuron].is_finite() {
                        let distance = 1.0 + SLOPE * (before / neurons.thresholds[neuron] - 1.0).abs();
                        spikes[number][step][neuron] = *v / f64::from(distance * distance);
                    }
                    if step + 1 < steps || pass.readout == Readout::Spikes || number != output {
                        *v *= f64::from(neurons.betas[neuron] * neurons.kept(neuron, before));
                    }
                }
                if number != output {
                    rise += f64::from(penalty) / steps as f64 * spikes[number][step].iter().sum::<f64>();
                }
            }
        }
        let gain = if pass.readout == Readout::Spikes { COUNT_TICKS / steps as f32 } else { 1.0 };
        let scores: Vec<f32> = pass.answer(&trace).iter().map(|score| score * gain).collect();
        let (_, slope) = cross_entropy(&scores, *label);
        let moved = |class: usize| match pass.readout {
            Readout::Spikes => spikes[output].iter().map(|step| step[class]).sum(),
            Readout::Membranes => membranes[output][class],
        };
        rise + slope.iter().enumerate().map(|(class, d)| f64::from(d * gain) * moved(class)).sum::<f64>()
    }

    fn each_synapse(
        way: &super::super::model::Way,
        sources: usize,
        size: usize,
        mut each: impl FnMut(usize, usize, usize),
    ) {
        use super::super::model::Links;
        for source in 0..sources {
            match &way.links {
                Links::Rows { first } => {
                    (0..size).for_each(|target| each(source, target, first + source * size + target))
                }
                Links::Lists { starts, targets, weights } => {
                    for place in starts[source]..starts[source + 1] {
                        each(source, targets[place as usize] as usize, weights[place as usize] as usize);
                    }
                }
            }
        }
    }

    #[test]
    fn the_gradient_back_through_time_is_the_slope_forward_through_it() {
        for (readout, reset) in [
            (Readout::Spikes, Reset::Zero),
            (Readout::Spikes, Reset::Subtract),
            (Readout::Membranes, Reset::Zero),
            (Readout::Membranes, Reset::Subtract),
        ] {
            let mut random = Random::new(9);
            let input: Vec<Vec<u16>> = (0..30).map(|_| (0..8).filter(|_| random.below(3) > 0).collect()).collect();
            let case = (input, 1);
            let model = |seed| Model::new(everything(readout, reset, seed), vec![WeightBits::Eight; 3], true);
            // A silent population would show nothing.
            let all_fire = |model: &Model| {
                let trace = model.pass(Precision::Real).forward(case.0.clone());
                let firing = trace.spikes.iter().filter(|spikes| spikes.iter().flatten().count() > 5).count();
                firing == if readout == Readout::Membranes { 3 } else { 4 }
            };
            let model = (1..100).map(model).find(all_fire).expect("a network that fires");
            let scales = model.scales(super::super::Grain::Neuron);
            for precision in [Precision::Real, Precision::Integer(&scales)] {
                let pass = model.pass(precision);
                let mut along: Vec<f32> = model.parameters.iter().map(|_| random.symmetric()).collect();
                let penalties = Penalties { activity: 0.7, energy: None };
                let (_, mut gradient) = batch_gradient(&model, std::slice::from_ref(&case), precision, penalties);
                // Pairs without a synapse do not move.
                let mut still = model.clone();
                still.step(&mut gradient, 0.0);
                let is_hole = |at: usize| model.parameters[at] == 0.0;
                (0..along.len()).filter(|&at| is_hole(at)).for_each(|at| along[at] = 0.0);
                let forward = slope_along(&model, &pass, &along, &case, 0.7);
                let products = gradient.iter().zip(&along).map(|(slope, d)| f64::from(slope * d));
                let (backward, size) = products.fold((0.0, 0.0), |(sum, size), p| (sum + p, size + p.abs()));
                // With integers a step is taken for the threshold over its whole number of steps.
                assert!(
                    (forward - backward).abs() < 2e-5 * size,
                    "{readout:?} {reset:?}: {forward} {backward} of {size}"
                );
            }
        }
    }
}
