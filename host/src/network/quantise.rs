//! From weights of any scale to the integers of a core.
//!
//! A neuron is the same with all of its weights, its bias and its threshold multiplied by one number. So every neuron has a scale of its own: its
//! weights become whole multiples of a step *s*, and its threshold and bias are told in it.
//!
//! Where all weights and the bias are multiples of one step already, as after training for this precision, that step is taken and nothing is lost: sums of
//! whole numbers reach a threshold where they reach the next whole number. Otherwise the step is chosen that brings the weights nearest (least
//! squares) among fractions threshold / k, with which the threshold is the whole number k. Where the threshold is too small for that (some steps), or
//! infinite, it is chosen among shares of the largest weight. Outputs that are read as membranes are compared with each other, so they have one step together.

use super::{IntegerNetwork, IntegerNeuron, IntegerPopulation};
use crate::circuit::{Circuit, Neuron, Projection, Readout, Synapse};
use nernst_spec::WeightBits;
use nernst_spec::tick::{LEAK_ONE, Parameters, max_threshold};
use std::fmt;

/// Shares of the largest weight that are tried as the largest integer's weight.
const CLIPS: [f64; 9] = [1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6];
/// From so many steps on a threshold has enough fractions to choose from.
const FRACTIONS_FROM: f64 = 8.0;
/// Most fractions of a threshold that are tried.
const MOST_FRACTIONS: usize = 64;
/// So near to a multiple of a step is one: weights in files are f32.
const ON_GRID: f64 = 1e-4;

/// Why a network has no integers.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum QuantiseError {
    #[error("population {population} (`{name}`): all weights are 0, so it has no scale and cannot spike")]
    Silent { population: usize, name: String },
    #[error(
        "neuron {neuron} of population {population} (`{name}`): {what} of {value} weight steps is above {limit}, the largest of an {bits} neuron"
    )]
    TooLarge {
        population: usize,
        name: String,
        neuron: usize,
        what: &'static str,
        value: f64,
        limit: u32,
        bits: WeightBits,
    },
}

/// A network of integers, and what of its circuit was lost.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantised {
    pub network: IntegerNetwork,
    /// For each population.
    pub losses: Vec<Loss>,
}

/// What the rounding of a population's numbers changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Loss {
    /// Name of the population.
    pub population: String,
    pub weight_bits: WeightBits,
    /// Root of the mean square of weights' errors over that of the weights.
    pub weights: f64,
    /// Synapses whose weight became 0.
    pub vanished: usize,
    /// Largest relative error of a threshold, and the smallest threshold in steps, where there are any.
    pub threshold: f64,
    pub smallest_threshold: Option<u32>,
    /// Largest error of a bias in weight steps' share of the threshold.
    pub bias: f64,
    /// Largest error of what a membrane keeps, absolute.
    pub leak: f64,
}

/// The integers of a circuit; `weight_bits`: one for each population.
pub fn quantise(circuit: &Circuit, weight_bits: &[WeightBits]) -> Result<Quantised, QuantiseError> {
    // The weights that each neuron hears: by population and neuron.
    let mut heard: Vec<Vec<Vec<f64>>> =
        circuit.populations.iter().map(|population| vec![vec![]; population.neurons.len()]).collect();
    for projection in &circuit.projections {
        for synapse in &projection.synapses {
            heard[projection.to][synapse.target as usize].push(synapse.weight);
        }
    }
    let mut steps: Vec<Vec<f64>> = vec![];
    let (mut populations, mut losses) = (vec![], vec![]);
    for (number, population) in circuit.populations.iter().enumerate() {
        let bits = weight_bits[number];
        let is_silent = |weights: &Vec<f64>| weights.iter().all(|weight| *weight == 0.0);
        if heard[number].iter().all(is_silent) && population.neurons.iter().all(|neuron| neuron.bias == 0.0) {
            return Err(QuantiseError::Silent { population: number, name: population.name.clone() });
        }
        let mut loss = Loss {
            population: population.name.clone(),
            weight_bits: bits,
            weights: 0.0,
            vanished: 0,
            threshold: 0.0,
            smallest_threshold: None,
            bias: 0.0,
            leak: 0.0,
        };
        let (mut squares, mut errors) = (0.0, 0.0);
        let (mut neurons, mut of_neurons) = (vec![], vec![]);
        let common = (circuit.readout == Readout::Membranes && number == circuit.output)
            .then(|| common_step(&population.neurons, &heard[number], bits));
        for (place, (neuron, weights)) in population.neurons.iter().zip(&heard[number]).enumerate() {
            let Step { step, exact } = common.unwrap_or_else(|| neuron_step(neuron, weights, bits));
            let integers =
                integer_neuron(neuron, step, exact, bits).map_err(|(what, value)| QuantiseError::TooLarge {
                    population: number,
                    name: population.name.clone(),
                    neuron: place,
                    what,
                    value,
                    limit: max_threshold(bits),
                    bits,
                })?;
            for &weight in weights {
                let integer = f64::from(integer(weight, step, bits));
                squares += weight * weight;
                errors += (weight - integer * step).powi(2);
                loss.vanished += usize::from(weight != 0.0 && integer == 0.0);
            }
            if neuron.threshold.is_finite() {
                let threshold = f64::from(integers.parameters.threshold);
                if !exact {
                    loss.threshold = loss.threshold.max((threshold * step / neuron.threshold - 1.0).abs());
                }
                let steps = integers.parameters.threshold;
                loss.smallest_threshold = Some(loss.smallest_threshold.map_or(steps, |least| least.min(steps)));
                let bias = (f64::from(integers.bias) * step - neuron.bias).abs() / neuron.threshold;
                loss.bias = loss.bias.max(bias);
            }
            let kept = f64::from(integers.parameters.leak) / f64::from(LEAK_ONE);
            loss.leak = loss.leak.max((kept - neuron.decay).abs());
            neurons.push(integers);
            of_neurons.push(step);
        }
        loss.weights = if squares > 0.0 { (errors / squares).sqrt() } else { 0.0 };
        losses.push(loss);
        steps.push(of_neurons);
        populations.push(IntegerPopulation { name: population.name.clone(), weight_bits: bits, neurons });
    }
    let projection = |projection: &Projection| {
        let (to, bits) = (projection.to, weight_bits[projection.to]);
        let synapse = |synapse: &Synapse| {
            let weight = integer(synapse.weight, steps[to][synapse.target as usize], bits);
            let Synapse { source, target, delay, .. } = *synapse;
            (weight != 0).then_some(Synapse { source, target, weight, delay })
        };
        let synapses = projection.synapses.iter().filter_map(synapse).collect();
        Projection { from: projection.from, to, tied: projection.tied, synapses }
    };
    let network = IntegerNetwork {
        inputs: circuit.inputs,
        populations,
        projections: circuit.projections.iter().map(projection).collect(),
        output: circuit.output,
        readout: circuit.readout,
    };
    Ok(Quantised { network, losses })
}

/// The step between a neuron's integers.
#[derive(Clone, Copy)]
struct Step {
    step: f64,
    /// All that the neuron adds up is a multiple of it.
    exact: bool,
}

/// The widest step of which weights and bias are multiples within the precision.
fn grid(neuron: &Neuron, weights: &[f64], bits: WeightBits) -> Option<f64> {
    let (least, most) = (f64::from(bits.min_weight()), f64::from(bits.max_weight()));
    let fits = |step: f64| {
        let multiple = |value: f64| (value / step - (value / step).round()).abs() < ON_GRID;
        multiple(neuron.bias) && weights.iter().all(|&w| multiple(w) && (least..=most).contains(&(w / step).round()))
    };
    // As the array has them, whatever they have in common.
    if neuron.bias.fract() == 0.0 && weights.iter().all(|w| w.fract() == 0.0 && (least..=most).contains(w)) {
        return Some(1.0);
    }
    let largest = weights.iter().fold(0.0, |largest: f64, w| largest.max(w.abs()));
    (1..=bits.max_weight()).map(|steps| largest / f64::from(steps)).find(|&step| step > 0.0 && fits(step))
}

fn neuron_step(neuron: &Neuron, weights: &[f64], bits: WeightBits) -> Step {
    if let Some(step) = grid(neuron, weights, bits) {
        return Step { step, exact: true };
    }
    Step { step: nearest_step(neuron, weights, bits), exact: false }
}

/// One step for neurons whose membranes are compared: that of a neuron that hears what all of them hear.
fn common_step(neurons: &[Neuron], heard: &[Vec<f64>], bits: WeightBits) -> Step {
    let bias = neurons
        .iter()
        .map(|neuron| neuron.bias)
        .fold(0.0, |largest: f64, bias| if bias.abs() > largest.abs() { bias } else { largest });
    let weights: Vec<f64> = heard.iter().flatten().copied().collect();
    let Step { step, exact } = neuron_step(&Neuron { bias, ..neurons[0] }, &weights, bits);
    let whole = |neuron: &Neuron| (neuron.bias / step - (neuron.bias / step).round()).abs() < ON_GRID;
    Step { step, exact: exact && neurons.iter().all(whole) }
}

fn nearest_step(neuron: &Neuron, weights: &[f64], bits: WeightBits) -> f64 {
    let largest = weights.iter().fold(0.0, |largest: f64, w| largest.max(w.abs()));
    if largest == 0.0 {
        // Only a bias: as fine as a threshold of half the range allows.
        let most = f64::from(max_threshold(bits) / 2);
        return if neuron.threshold.is_finite() { neuron.threshold / most } else { 1.0 };
    }
    let widest = largest / f64::from(bits.max_weight());
    let error = |s: f64| -> f64 {
        let of = |value: f64, integer: f64| (value - s * integer).powi(2);
        let bias = if neuron.bias == 0.0 { 0.0 } else { of(neuron.bias, (neuron.bias / s).round()) };
        bias + weights.iter().map(|&w| of(w, f64::from(integer(w, s, bits)))).sum::<f64>()
    };
    // Fractions of the threshold between the widest and the narrowest step.
    let (fewest, most) = (neuron.threshold / widest, neuron.threshold / (widest * CLIPS[CLIPS.len() - 1]));
    let candidates: Vec<f64> = if neuron.threshold.is_finite() && fewest >= FRACTIONS_FROM {
        let count = (most.floor() - fewest.ceil() + 1.0).max(1.0) as usize;
        let stride = count.div_ceil(MOST_FRACTIONS);
        (0..count).step_by(stride).map(|n| neuron.threshold / (fewest.ceil() + n as f64)).collect()
    } else {
        CLIPS.map(|clip| clip * widest).to_vec()
    };
    // min_by keeps the first of equals: the widest range.
    candidates.into_iter().map(|s| (s, error(s))).min_by(|a, b| a.1.total_cmp(&b.1)).map_or(widest, |(s, _)| s)
}

/// Parameters and bias in steps; or what is too large, and how large.
fn integer_neuron(
    neuron: &Neuron,
    step: f64,
    exact: bool,
    bits: WeightBits,
) -> Result<IntegerNeuron, (&'static str, f64)> {
    let limit = f64::from(max_threshold(bits));
    let steps = neuron.threshold / step;
    let threshold =
        if neuron.threshold.is_infinite() { limit } else { if exact { steps.ceil() } else { steps.round() }.max(1.0) };
    let bias = (neuron.bias / step).round();
    if threshold > limit {
        return Err(("a threshold", threshold));
    }
    if bias.abs() > limit {
        return Err(("a bias", bias));
    }
    let leak = (neuron.decay * f64::from(LEAK_ONE)).round().clamp(0.0, f64::from(LEAK_ONE)) as u16;
    let parameters = Parameters { threshold: threshold as u32, leak, reset: neuron.reset };
    Ok(IntegerNeuron { parameters, bias: bias as i32 })
}

fn integer(weight: f64, step: f64, bits: WeightBits) -> i8 {
    // A whole weight may be the one below the symmetric range.
    let most = f64::from(bits.max_weight());
    if step == 1.0 {
        weight.round().clamp(f64::from(bits.min_weight()), most) as i8
    } else {
        (weight / step).round().clamp(-most, most) as i8
    }
}

/// The step between neighbouring integers of a whole layer: of the tried clips of the range the one whose integers -q..=q lie nearest to
/// the weights (least square). 0 when all weights are 0.
pub fn scale(weights: impl Iterator<Item = f32> + Clone, bits: WeightBits) -> f32 {
    let largest = weights.clone().fold(0f32, |largest, w| largest.max(w.abs()));
    let candidates = CLIPS.map(|clip| clip as f32 * largest / bits.max_weight() as f32);
    let error = |s: f32| -> f64 {
        weights.clone().map(|w| (w as f64 - s as f64 * self::step(w, s, bits) as f64).powi(2)).sum()
    };
    if candidates.contains(&0.0) {
        return 0.0;
    }
    // min_by keeps the first of equals: the widest range.
    candidates.into_iter().map(|s| (s, error(s))).min_by(|a, b| a.1.total_cmp(&b.1)).map_or(0.0, |(s, _)| s)
}

/// `round(w / s)` within the symmetric range, as a float.
pub(crate) fn step(w: f32, s: f32, bits: WeightBits) -> f32 {
    let q = bits.max_weight() as f32;
    (w / s).round().clamp(-q, q)
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let percent = |share: f64| format!("{:.2} %", 100.0 * share);
        write!(f, "`{}` in {}: weights off by {} rms", self.population, self.weight_bits, percent(self.weights))?;
        if self.vanished > 0 {
            write!(f, " ({} became 0)", self.vanished)?;
        }
        if let Some(least) = self.smallest_threshold {
            write!(f, ", thresholds from {least} steps by {}", percent(self.threshold))?;
        }
        if self.bias > 0.0 {
            write!(f, ", biases by {} of the threshold", percent(self.bias))?;
        }
        write!(f, ", what membranes keep by {:.4}", self.leak)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::layers::{Layer, Matrix};
    use nernst_spec::tick::Reset;
    use proptest::prelude::*;

    fn quantised(bits: WeightBits, threshold: f32, weights: Matrix) -> Result<Quantised, QuantiseError> {
        let layer = Layer { threshold, leak: 480, reset: Reset::Zero, weights, recurrent: None };
        quantise(&Circuit::of_layers(&[layer]), &[bits])
    }

    fn weights(quantised: &Quantised) -> Vec<(u32, u32, i8)> {
        let synapses = &quantised.network.projections[0].synapses;
        synapses.iter().map(|synapse| (synapse.source, synapse.target, synapse.weight)).collect()
    }

    fn threshold(quantised: &Quantised, neuron: usize) -> u32 {
        quantised.network.populations[0].neurons[neuron].parameters.threshold
    }

    #[test]
    fn whole_weights_are_kept() {
        let whole = vec![vec![-8.0, 3.0], vec![0.0, 1.0]];
        // The integers of INT4 are integers of INT8.
        for bits in [WeightBits::Four, WeightBits::Eight] {
            let integers = quantised(bits, 11.0, whole.clone()).unwrap();
            assert_eq!(weights(&integers), [(0, 0, -8), (1, 0, 3), (1, 1, 1)]);
            assert_eq!(threshold(&integers, 0), 11);
            let loss = &integers.losses[0];
            assert_eq!((loss.weights, loss.threshold, loss.vanished), (0.0, 0.0, 0));
        }
    }

    #[test]
    fn every_neuron_has_a_scale_of_its_own() {
        // The second neuron is the first one in another unit; a threshold keeps its meaning where the weights allow.
        let integers = quantised(WeightBits::Eight, 1.0, vec![vec![1.27, -0.5, 0.0049], vec![0.127, -0.05, 0.0]]);
        let integers = integers.unwrap();
        for neuron in [0, 1] {
            let step = f64::from([1.27f32, 0.127][neuron]) / 127.0;
            let off = f64::from(threshold(&integers, neuron)) * step - 1.0;
            assert!(off.abs() < 0.7, "{off}");
        }
        assert!(integers.losses[0].threshold < 1e-12, "{:?}", integers.losses);
        let small = quantised(WeightBits::Four, 1e-6, vec![vec![0.7]]).unwrap();
        assert_eq!(threshold(&small, 0), 1);
    }

    #[test]
    fn what_was_trained_for_the_precision_is_kept_in_any_unit() {
        let steps = vec![vec![0.3 * 7.0, 0.3 * -4.0, 0.3], vec![0.3 * 2.0, 0.0, 0.3 * -5.0]];
        let integers = quantised(WeightBits::Four, 3.1, steps).unwrap();
        let expected = [(0, 0, 7), (0, 1, 2), (1, 0, -4), (2, 0, 1), (2, 1, -5)];
        assert_eq!(weights(&integers), expected);
        // 3.1 is reached with 11 steps, not with 10.
        assert_eq!((threshold(&integers, 0), integers.losses[0].weights < 1e-6), (11, true));
    }

    #[test]
    fn biases_and_leaks_are_rounded_in_the_same_steps() {
        let layer = Layer {
            threshold: 1.0,
            leak: 480,
            reset: Reset::Zero,
            weights: vec![vec![0.07, -0.0511]],
            recurrent: None,
        };
        let mut circuit = Circuit::of_layers(&[layer]);
        circuit.populations[0].neurons[0].bias = -0.1234;
        circuit.populations[0].neurons[0].decay = 0.93;
        let integers = quantise(&circuit, &[WeightBits::Four]).unwrap();
        let neuron = integers.network.populations[0].neurons[0];
        let step = 1.0 / f64::from(neuron.parameters.threshold);
        assert_eq!(neuron.bias, (-0.1234 / step).round() as i32);
        assert_eq!(neuron.parameters.leak, 476);
        let loss = &integers.losses[0];
        assert!(loss.bias > 0.0 && loss.bias <= 0.5 * step && (loss.leak - (0.93 - 476.0 / 512.0)).abs() < 1e-12);
        assert!(loss.to_string().contains("biases by"), "{loss}");
    }

    #[test]
    fn membranes_that_are_compared_have_one_step() {
        let layer = Layer {
            threshold: f32::INFINITY,
            leak: 480,
            reset: Reset::Zero,
            weights: vec![vec![0.7, -0.3], vec![0.07, 0.02]],
            recurrent: None,
        };
        let mut circuit = Circuit::of_layers(&[layer]);
        circuit.readout = Readout::Membranes;
        let integers = quantise(&circuit, &[WeightBits::Four]).unwrap();
        assert_eq!(weights(&integers), [(0, 0, 7), (0, 1, 1), (1, 0, -3)]);
    }

    #[test]
    fn what_has_no_integers_is_refused() {
        let refuse = |result: Result<Quantised, QuantiseError>| result.unwrap_err().to_string();
        let error = refuse(quantised(WeightBits::Four, 1.5, vec![vec![0.0]]));
        assert!(error.starts_with("population 0 (`layer1`): all weights are 0"), "{error}");
        let error = refuse(quantised(WeightBits::Four, 1e6, vec![vec![0.5]]));
        assert!(error.contains("neuron 0") && error.contains("above 16383, the largest of an INT4 neuron"), "{error}");
    }

    proptest! {
        #[test]
        fn no_weight_is_further_than_half_a_step_unless_clipped(
            row in proptest::collection::vec(-3f64..3.0, 1..40), four: bool, threshold in 0.1f64..20.0
        ) {
            let bits = if four { WeightBits::Four } else { WeightBits::Eight };
            let neuron = Neuron { threshold, decay: 0.9, bias: 0.0, reset: Reset::Zero };
            let Step { step: s, .. } = neuron_step(&neuron, &row, bits);
            prop_assert!(s > 0.0);
            let edge = s * f64::from(bits.max_weight());
            for &w in &row {
                let far = (w.clamp(-edge, edge) - s * f64::from(integer(w, s, bits))).abs();
                prop_assert!(far <= s * 0.5001, "{w} at step {s}");
            }
        }
    }
}
