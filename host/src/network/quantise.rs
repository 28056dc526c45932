//! From weights of any scale to the integers of a core.

use super::{IntegerLayer, Layer, Matrix};
use nernst_spec::WeightBits;
use nernst_spec::tick::{Parameters, max_threshold};

/// Shares of the largest weight that are tried as the largest integer's weight.
const CLIPS: [f32; 9] = [1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6];

/// Why a layer has no integers.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum QuantiseError {
    #[error("layer {layer}: all weights are 0, so it has no scale and cannot spike")]
    Silent { layer: usize },
    #[error("layer {layer}: a threshold of {threshold} weight steps is above {limit}, the largest of an {bits} neuron")]
    Threshold { layer: usize, threshold: f64, limit: u32, bits: WeightBits },
}

/// The integers of a layer; `number` stands in errors.
///
/// Whole weights within the layer's precision under a whole threshold are kept as they are. Otherwise one [`scale`] s for
/// the layer gives `round(w / s)` and the threshold `round(threshold / s)`, at least 1.
pub fn quantise(number: usize, layer: &Layer) -> Result<IntegerLayer, QuantiseError> {
    let bits = layer.weight_bits;
    let s = if is_whole(layer) { 1.0 } else { scale(weights(layer), bits) };
    if s == 0.0 {
        return Err(QuantiseError::Silent { layer: number });
    }
    let threshold = (layer.threshold as f64 / s as f64).round().max(1.0);
    let limit = max_threshold(bits);
    if threshold > limit as f64 {
        return Err(QuantiseError::Threshold { layer: number, threshold, limit, bits });
    }
    let parameters = Parameters { threshold: threshold as u32, leak: layer.leak, reset: layer.reset };
    let rows = |matrix: &Matrix, sources: usize| -> Vec<Vec<i8>> {
        // The array reads a row for each source.
        (0..sources).map(|source| matrix.iter().map(|row| integer(row[source], s, bits)).collect()).collect()
    };
    Ok(IntegerLayer {
        weight_bits: bits,
        neurons: layer.neurons(),
        parameters,
        rows: rows(&layer.weights, layer.sources()),
        recurrent: layer.recurrent.as_ref().map(|matrix| rows(matrix, layer.neurons())),
    })
}

/// The step between neighbouring integers: of the tried clips of the range the one whose integers -q..=q lie nearest to
/// the weights (least square). 0 when all weights are 0.
pub fn scale(weights: impl Iterator<Item = f32> + Clone, bits: WeightBits) -> f32 {
    let largest = weights.clone().fold(0f32, |largest, w| largest.max(w.abs()));
    let candidates = CLIPS.map(|clip| clip * largest / bits.max_weight() as f32);
    let error =
        |s: f32| -> f64 { weights.clone().map(|w| (w as f64 - s as f64 * step(w, s, bits) as f64).powi(2)).sum() };
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

fn integer(w: f32, s: f32, bits: WeightBits) -> i8 {
    // A whole weight may be the one below the symmetric range.
    if s == 1.0 { w as i8 } else { step(w, s, bits) as i8 }
}

fn weights(layer: &Layer) -> impl Iterator<Item = f32> + Clone {
    layer.weights.iter().chain(layer.recurrent.iter().flatten()).flatten().copied()
}

fn is_whole(layer: &Layer) -> bool {
    let range = layer.weight_bits.min_weight() as f32..=layer.weight_bits.max_weight() as f32;
    layer.threshold.fract() == 0.0 && weights(layer).all(|w| w.fract() == 0.0 && range.contains(&w))
}

#[cfg(test)]
mod tests {
    use super::*;
    use nernst_spec::tick::Reset;
    use proptest::prelude::*;

    fn layer(bits: WeightBits, threshold: f32, weights: Matrix) -> Layer {
        Layer { weight_bits: bits, threshold, leak: 480, reset: Reset::Zero, weights, recurrent: None }
    }

    #[test]
    fn whole_weights_are_kept() {
        let whole = layer(WeightBits::Four, 11.0, vec![vec![-8.0, 3.0], vec![0.0, 1.0]]);
        let integers = quantise(0, &whole).unwrap();
        assert_eq!(integers.rows, [[-8, 0], [3, 1]]);
        assert_eq!(integers.parameters.threshold, 11);
        // The integers of INT4 are integers of INT8.
        let wide = quantise(0, &Layer { weight_bits: WeightBits::Eight, ..whole }).unwrap();
        assert_eq!((wide.rows, wide.parameters), (integers.rows, integers.parameters));
    }

    #[test]
    fn others_are_scaled_with_their_threshold() {
        let integers = quantise(0, &layer(WeightBits::Eight, 1.0, vec![vec![1.27, -0.5, 0.0049]])).unwrap();
        assert_eq!(integers.rows, [[127], [-50], [0]]);
        assert_eq!(integers.parameters.threshold, 100);
        let small = quantise(0, &layer(WeightBits::Four, 1e-6, vec![vec![0.7]])).unwrap();
        assert_eq!(small.parameters.threshold, 1);
    }

    #[test]
    fn what_has_no_integers_is_refused() {
        let refuse = |layer| quantise(2, &layer).unwrap_err().to_string();
        assert!(refuse(layer(WeightBits::Four, 1.5, vec![vec![0.0]])).starts_with("layer 2: all weights are 0"));
        let error = refuse(layer(WeightBits::Four, 1e6, vec![vec![0.5]]));
        assert!(error.contains("above 16383, the largest of an INT4 neuron"), "{error}");
    }

    proptest! {
        #[test]
        fn no_weight_is_further_than_half_a_step_unless_clipped(
            weights in proptest::collection::vec(-3f32..3.0, 1..40), four: bool
        ) {
            let bits = if four { WeightBits::Four } else { WeightBits::Eight };
            let s = scale(weights.iter().copied(), bits);
            prop_assume!(s > 0.0);
            let edge = s * bits.max_weight() as f32;
            for &w in &weights {
                let far = (w.clamp(-edge, edge) - s * step(w, s, bits)).abs();
                prop_assert!(far <= s * 0.5001, "{w} at step {s}");
            }
        }
    }
}
