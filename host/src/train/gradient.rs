//! The loss of a batch and its gradient.

use super::model::{Model, Pass, Precision};

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
            for (tick, due) in spikes[number].iter().enumerate() {
                let slopes = &of_membranes[tick * pass.neurons..][..pass.neurons];
                for &source in due {
                    let gradient = &mut self.gradients[number][source as usize * pass.neurons..][..pass.neurons];
                    gradient.iter_mut().zip(slopes).for_each(|(g, d)| *g += d);
                }
            }
            if number > 0 {
                of_spikes = back_through_weights(pass, passes[number - 1].neurons, &of_membranes);
            }
        }
    }
}

/// By how much the loss rises with each membrane (in thresholds) before firing, from that of its spikes.
fn back_through_time(pass: &Pass, membranes: &[f32], of_spikes: &[f32]) -> Vec<f32> {
    let mut slopes = vec![0f32; membranes.len()];
    let mut carry = vec![0f32; pass.neurons];
    let unit = 1.0 / pass.threshold;
    let rows = slopes.chunks_mut(pass.neurons).zip(membranes.chunks(pass.neurons)).zip(of_spikes.chunks(pass.neurons));
    for ((slopes, membranes), of_spikes) in rows.rev() {
        for (((slope, &v), &of_spike), carry) in slopes.iter_mut().zip(membranes).zip(of_spikes).zip(&mut carry) {
            let distance = 1.0 + SLOPE * (v * unit - 1.0).abs();
            *slope = of_spike / (distance * distance) + *carry * pass.kept(v >= pass.threshold);
            *carry = pass.beta() * *slope;
        }
    }
    slopes
}

/// By how much the loss rises with a spike of each source in each tick.
fn back_through_weights(pass: &Pass, sources: usize, of_membranes: &[f32]) -> Vec<f32> {
    let unit = 1.0 / pass.threshold;
    let mut of_spikes = Vec::with_capacity(of_membranes.len() / pass.neurons * sources);
    for slopes in of_membranes.chunks(pass.neurons) {
        let sum = |source| pass.row(source).iter().zip(slopes).map(|(w, d)| w * d).sum::<f32>() * unit;
        of_spikes.extend((0..sources).map(sum));
    }
    of_spikes
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

    #[test]
    fn cross_entropy_is_that_of_the_softmax() {
        let (loss, slope) = cross_entropy(&[1.0, 3.0, 3.0], 0);
        let total = 1.0 + 2.0 * 2f32.exp();
        assert!((loss - total.ln()).abs() < 1e-6);
        assert!((slope[0] - (1.0 / total - 1.0)).abs() < 1e-6 && slope.iter().sum::<f32>().abs() < 1e-6);
    }
}
