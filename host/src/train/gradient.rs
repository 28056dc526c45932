//! The loss of a batch and its gradient.

use super::model::{Model, Pass, Precision};
use std::ops::Range;

/// Steepness of the fast sigmoid whose derivative stands for that of a spike.
const SLOPE: f32 = 10.0;
/// Output counts are scaled as if a sample had so many ticks.
const COUNT_TICKS: f32 = 16.0;
/// Parts of a batch that are computed side by side and summed in order. Fixed, so that the sum does not depend on the machine.
const PARTS: usize = 4;

/// A sample's spikes by tick, and its class.
type Case = (Vec<Vec<u16>>, usize);

/// Mean loss of a batch, and the gradient of it for the weights of every layer.
pub(super) fn batch_gradient(
    model: &Model,
    batch: &[Case],
    precision: Precision,
    penalty: f32,
) -> (f32, Vec<Vec<f32>>) {
    let passes = model.passes(precision);
    let part = |cases: &[Case]| {
        let mut sum = Sum { loss: 0.0, gradients: passes.iter().map(|pass| vec![0.0; pass.weights.len()]).collect() };
        cases.iter().for_each(|case| sum.add(&passes, case, penalty));
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
    let mut gradients: Vec<Vec<f32>> = passes.iter().map(|pass| vec![0.0; pass.weights.len()]).collect();
    for part in &parts {
        for (all, one) in gradients.iter_mut().zip(&part.gradients) {
            all.iter_mut().zip(one).for_each(|(all, one)| *all += one * share);
        }
    }
    (loss, gradients)
}

struct Sum {
    loss: f32,
    gradients: Vec<Vec<f32>>,
}

impl Sum {
    /// Forward and backward through one sample.
    fn add(&mut self, passes: &[Pass], (input, label): &Case, penalty: f32) {
        let ticks = input.len();
        // spikes[l] goes into layer l, spikes[l + 1] comes out of it.
        let mut spikes = vec![input.clone()];
        let mut membranes = vec![];
        for pass in passes {
            let (out, history) = pass.forward(&spikes[spikes.len() - 1]);
            spikes.push(out);
            membranes.push(history);
        }
        let last = passes.len() - 1;
        let outputs = passes[last].neurons;
        let gain = COUNT_TICKS / ticks as f32;
        let mut counts = vec![0f32; outputs];
        spikes[passes.len()].iter().flatten().for_each(|&neuron| counts[neuron as usize] += gain);
        let (loss, slope) = cross_entropy(&counts, *label);
        self.loss += loss;

        // By how much the loss rises with a spike of each neuron in each tick.
        let mut of_spikes: Vec<f32> = (0..ticks).flat_map(|_| slope.iter().map(|d| d * gain)).collect();
        for number in (0..passes.len()).rev() {
            let pass = &passes[number];
            if number < last {
                let each = penalty / ticks as f32;
                self.loss += each * spikes[number + 1].iter().map(Vec::len).sum::<usize>() as f32;
                of_spikes.iter_mut().for_each(|d| *d += each);
            }
            let of_membranes = back_through_time(pass, &membranes[number], &of_spikes);
            for (tick, slopes) in of_membranes.chunks(pass.neurons).enumerate() {
                for source in pass.due(&spikes[number], &spikes[number + 1], tick) {
                    let gradient = &mut self.gradients[number][source * pass.neurons..][..pass.neurons];
                    gradient.iter_mut().zip(slopes).for_each(|(g, d)| *g += d);
                }
            }
            if number > 0 {
                let ticks = of_membranes.chunks(pass.neurons);
                of_spikes = ticks.flat_map(|slopes| back_through_weights(pass, 0..pass.sources, slopes)).collect();
            }
        }
    }
}

/// By how much the loss rises with each membrane (in thresholds) before firing, from that of its spikes.
fn back_through_time(pass: &Pass, membranes: &[f32], of_spikes: &[f32]) -> Vec<f32> {
    let mut slopes = vec![0f32; membranes.len()];
    let mut carry = vec![0f32; pass.neurons];
    // By how much the loss rises with a spike through what the layer itself hears of it a tick later.
    let mut echo = vec![0f32; pass.neurons];
    let unit = 1.0 / pass.threshold;
    let rows = slopes.chunks_mut(pass.neurons).zip(membranes.chunks(pass.neurons)).zip(of_spikes.chunks(pass.neurons));
    for ((slopes, membranes), of_spikes) in rows.rev() {
        let of_spikes = of_spikes.iter().zip(&echo).map(|(later, echo)| later + echo);
        for (((slope, &v), of_spike), carry) in slopes.iter_mut().zip(membranes).zip(of_spikes).zip(&mut carry) {
            let distance = 1.0 + SLOPE * (v * unit - 1.0).abs();
            *slope = of_spike / (distance * distance) + *carry * pass.kept(v >= pass.threshold);
            *carry = pass.beta() * *slope;
        }
        echo.iter_mut().zip(back_through_weights(pass, pass.own(), slopes)).for_each(|(echo, sum)| *echo = sum);
    }
    slopes
}

/// By how much the loss rises with a spike of each of these sources in a tick, from the slopes of that tick's
/// membranes.
fn back_through_weights(pass: &Pass, sources: Range<usize>, slopes: &[f32]) -> impl Iterator<Item = f32> {
    let unit = 1.0 / pass.threshold;
    sources.map(move |source| pass.row(source).iter().zip(slopes).map(|(w, d)| w * d).sum::<f32>() * unit)
}

/// Cross entropy of the softmax of `scores`, and its slope.
fn cross_entropy(scores: &[f32], label: usize) -> (f32, Vec<f32>) {
    let largest = scores.iter().copied().fold(f32::MIN, f32::max);
    let powers: Vec<f32> = scores.iter().map(|score| libm::expf(score - largest)).collect();
    let total: f32 = powers.iter().sum();
    let mut slope: Vec<f32> = powers.iter().map(|power| power / total).collect();
    slope[label] -= 1.0;
    (libm::logf(total) - (scores[label] - largest), slope)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Random;
    use nernst_spec::tick::Reset;

    #[test]
    fn cross_entropy_is_that_of_the_softmax() {
        let (loss, slope) = cross_entropy(&[1.0, 3.0, 3.0], 0);
        let total = 1.0 + 2.0 * 2f32.exp();
        assert!((loss - total.ln()).abs() < 1e-6);
        assert!((slope[0] - (1.0 / total - 1.0)).abs() < 1e-6 && slope.iter().sum::<f32>().abs() < 1e-6);
    }

    /// By how much the loss rises when the weights move along others, carried forward through layers and ticks.
    fn slope_along(passes: &[Pass], along: &[Pass], (input, label): &Case, penalty: f32) -> f32 {
        let add =
            |sum: &mut [f32], factor: f32, row: &[f32]| sum.iter_mut().zip(row).for_each(|(s, w)| *s += factor * w);
        let ticks = input.len();
        let mut spikes = input.clone();
        // By how much the spikes of a layer move in each tick.
        let mut moved = vec![vec![0f32; passes[0].sources]; ticks];
        let mut rise = 0.0;
        for (number, (pass, along)) in passes.iter().zip(along).enumerate() {
            let (out, membranes) = pass.forward(&spikes);
            let mut of_membranes = vec![0f32; pass.neurons];
            let mut of_spikes: Vec<Vec<f32>> = vec![];
            for (tick, membranes) in membranes.chunks(pass.neurons).enumerate() {
                pass.due(&spikes, &out, tick).for_each(|source| add(&mut of_membranes, 1.0, along.row(source)));
                let own = tick.checked_sub(1).map(|before| &of_spikes[before][..]).unwrap_or_default();
                let heard = moved[tick].iter().enumerate().chain(pass.own().zip(own));
                heard.for_each(|(source, &factor)| add(&mut of_membranes, factor, pass.row(source)));
                let surrogate = |(d, v): (&f32, &f32)| d / (1.0 + SLOPE * (v - 1.0).abs()).powi(2);
                of_spikes.push(of_membranes.iter().zip(membranes).map(surrogate).collect());
                of_membranes.iter_mut().zip(membranes).for_each(|(d, &v)| *d *= pass.beta() * pass.kept(v >= 1.0));
            }
            if number + 1 < passes.len() {
                rise += penalty / ticks as f32 * of_spikes.iter().flatten().sum::<f32>();
            }
            (spikes, moved) = (out, of_spikes);
        }
        let gain = COUNT_TICKS / ticks as f32;
        let mut counts = vec![0f32; moved[0].len()];
        spikes.iter().flatten().for_each(|&neuron| counts[neuron as usize] += gain);
        let (_, slope) = cross_entropy(&counts, *label);
        rise + moved.iter().map(|d| d.iter().zip(&slope).map(|(d, s)| d * s * gain).sum::<f32>()).sum::<f32>()
    }

    #[test]
    fn the_gradient_back_through_time_is_the_slope_forward_through_it() {
        for (recurrent, reset) in [(false, Reset::Zero), (true, Reset::Zero), (true, Reset::Subtract)] {
            let model = |seed| Model::new(&[16, 32, 32, 3], recurrent, 500, reset, &mut Random::new(seed));
            let mut random = Random::new(9);
            let input: Vec<Vec<u16>> = (0..30).map(|_| (0..16).filter(|_| random.below(3) > 0).collect()).collect();
            let case = (input, 1);
            // A silent layer would show nothing.
            let outputs_fire = |model: &Model| {
                let passes = model.passes(Precision::Real);
                let spikes = passes.iter().fold(case.0.clone(), |spikes, pass| pass.forward(&spikes).0);
                spikes.iter().any(|due| !due.is_empty())
            };
            let weights = (1..100).map(model).find(outputs_fire).expect("a network that fires");
            let passes = weights.passes(Precision::Real);
            let along = model(0).passes(Precision::Real);
            let forward = slope_along(&passes, &along, &case, 0.7);
            let (_, gradients) = batch_gradient(&weights, &[case], Precision::Real, 0.7);
            let rows = along.iter().flat_map(|pass| &pass.weights);
            let products: Vec<f32> = gradients.iter().flatten().zip(rows).map(|(slope, d)| slope * d).collect();
            let (backward, size) = products.iter().fold((0.0, 0.0), |(sum, size), p| (sum + p, size + p.abs()));
            assert!((forward - backward).abs() < 1e-5 * size, "{recurrent} {reset:?}: {forward} {backward} of {size}");
        }
    }
}
