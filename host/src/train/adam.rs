//! Adam (Kingma and Ba, 2015) with its usual constants.

use serde::{Deserialize, Serialize};

const BETA1: f32 = 0.9;
const BETA2: f32 = 0.999;
const EPSILON: f32 = 1e-8;

/// Moments of a list of parameters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Adam {
    first: Vec<f32>,
    second: Vec<f32>,
    /// What the moments still lack: 1 - beta^steps as products, so that no power function is needed.
    decay: (f32, f32),
}

impl Adam {
    pub fn new(parameters: usize) -> Self {
        Self { first: vec![0.0; parameters], second: vec![0.0; parameters], decay: (1.0, 1.0) }
    }

    /// Parameters that it has moments of.
    pub fn len(&self) -> usize {
        if self.first.len() == self.second.len() { self.first.len() } else { usize::MAX }
    }

    pub fn step(&mut self, parameters: &mut [f32], gradient: &[f32], rate: f32) {
        self.decay = (self.decay.0 * BETA1, self.decay.1 * BETA2);
        let (first_share, second_share) = (1.0 - self.decay.0, 1.0 - self.decay.1);
        let moments = self.first.iter_mut().zip(&mut self.second);
        for ((parameter, &g), (first, second)) in parameters.iter_mut().zip(gradient).zip(moments) {
            *first = BETA1 * *first + (1.0 - BETA1) * g;
            *second = BETA2 * *second + (1.0 - BETA2) * g * g;
            *parameter -= rate * (*first / first_share) / ((*second / second_share).sqrt() + EPSILON);
        }
    }
}
