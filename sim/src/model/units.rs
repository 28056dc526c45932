//! The neuron units of a core: all membranes in one pass that the compiler can vectorise.

use nernst_spec::WeightBits;
use nernst_spec::tick::{LEAK_ONE, Parameters, Reset, clamp_limits};

/// Shift that divides by [`LEAK_ONE`].
const LEAK_SHIFT: u32 = LEAK_ONE.trailing_zeros();
const _: () = assert!(1 << LEAK_SHIFT == LEAK_ONE);

/// Parameters of all neurons of a core, one array for each field.
#[derive(Clone, Debug)]
pub(super) struct Units {
    thresholds: Vec<i32>,
    leaks: Vec<i32>,
    /// All ones where a reset subtracts the threshold.
    subtract: Vec<i32>,
    /// All ones where the neuron fired in the last turn.
    fired: Vec<i32>,
}

impl Units {
    pub fn new(neurons: usize) -> Self {
        let zero = vec![0; neurons];
        Self { thresholds: zero.clone(), leaks: zero.clone(), subtract: zero.clone(), fired: zero }
    }

    pub fn set(&mut self, neuron: usize, parameters: Parameters) {
        // Thresholds have 18 bits, leak factors 10.
        self.thresholds[neuron] = parameters.threshold as i32;
        self.leaks[neuron] = parameters.leak as i32;
        self.subtract[neuron] = if parameters.reset == Reset::Subtract { -1 } else { 0 };
    }

    pub fn get(&self, neuron: usize) -> Parameters {
        Parameters {
            threshold: self.thresholds[neuron] as u32,
            leak: self.leaks[neuron] as u16,
            reset: if self.subtract[neuron] != 0 { Reset::Subtract } else { Reset::Zero },
        }
    }

    /// What [`nernst_spec::tick::update`] does, to every membrane. Returns whether any is other than 0, and the neurons
    /// that fired.
    pub fn turn(&mut self, membranes: &mut [i32], bits: WeightBits) -> (bool, impl Iterator<Item = usize> + '_) {
        let (low, high) = clamp_limits(bits);
        let (mut awake, mut any_fired) = (0, 0);
        let parameters = self.thresholds.iter().zip(&self.leaks).zip(&self.subtract);
        for ((v, fired), ((&threshold, &leak), &subtract)) in membranes.iter_mut().zip(&mut self.fired).zip(parameters)
        {
            let above = *v - threshold;
            *fired = !(above >> 31);
            let reset = (*v & !*fired) | (above & subtract & *fired);
            let product = reset * leak;
            // Rounds toward zero: a shift alone would round down.
            let leaked = (product + (product >> 31 & (LEAK_ONE as i32 - 1))) >> LEAK_SHIFT;
            *v = leaked.clamp(low, high);
            awake |= *v;
            any_fired |= *fired;
        }
        let fired = if any_fired != 0 { &self.fired[..] } else { &[] };
        (awake != 0, fired.iter().enumerate().filter(|(_, fired)| **fired != 0).map(|(neuron, _)| neuron))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nernst_spec::tick::{self, max_threshold};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_turn_is_an_update_of_every_membrane(
            (bits, neurons) in prop_oneof![Just(WeightBits::Four), Just(WeightBits::Eight)].prop_flat_map(|bits| {
                let range = 1i32 << (bits.membrane_bits() - 1);
                let neuron = (-range..range, 0..=max_threshold(bits), 0..=LEAK_ONE, any::<bool>());
                (Just(bits), proptest::collection::vec(neuron, 1..40))
            })
        ) {
            let mut units = Units::new(neurons.len());
            let mut expected = (vec![], vec![]);
            for (neuron, &(v, threshold, leak, subtract)) in neurons.iter().enumerate() {
                let reset = if subtract { Reset::Subtract } else { Reset::Zero };
                let parameters = Parameters { threshold, leak, reset };
                units.set(neuron, parameters);
                prop_assert_eq!(units.get(neuron), parameters);
                let (spike, after) = tick::update(v, &parameters, bits);
                expected.0.push(after);
                if spike { expected.1.push(neuron); }
            }
            let mut membranes: Vec<i32> = neurons.iter().map(|neuron| neuron.0).collect();
            let (awake, fired) = units.turn(&mut membranes, bits);
            prop_assert_eq!(fired.collect::<Vec<_>>(), expected.1);
            prop_assert_eq!(awake, expected.0.iter().any(|&v| v != 0));
            prop_assert_eq!(membranes, expected.0);
        }
    }
}
