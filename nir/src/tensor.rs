//! Numbers with a shape.

/// An array of numbers, the last dimension running fastest; a scalar has rank 0.
///
/// Files hold `f32`, `f64` and integers; all of them are exact in `f64` (an integer past 2^53 is refused when it is
/// read).
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    shape: Vec<usize>,
    values: Vec<f64>,
}

impl Tensor {
    /// `None` unless the shape has as many places as there are values.
    pub fn new(shape: impl Into<Vec<usize>>, values: impl Into<Vec<f64>>) -> Option<Self> {
        let (shape, values) = (shape.into(), values.into());
        (places(&shape)? == values.len()).then_some(Self { shape, values })
    }
    /// One number, of rank 0.
    pub fn scalar(value: f64) -> Self {
        Self { shape: vec![], values: vec![value] }
    }
    /// Rank 1.
    pub fn vector(values: impl Into<Vec<f64>>) -> Self {
        let values = values.into();
        Self { shape: vec![values.len()], values }
    }
    /// The same number everywhere; `None` when the shape has more places than memory can have.
    pub fn filled(shape: impl Into<Vec<usize>>, value: f64) -> Option<Self> {
        let shape = shape.into();
        let values = vec![value; places(&shape).filter(|places| *places <= isize::MAX as usize / 8)?];
        Some(Self { shape, values })
    }
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }
    pub fn rank(&self) -> usize {
        self.shape.len()
    }
    pub fn values(&self) -> &[f64] {
        &self.values
    }
    pub fn into_values(self) -> Vec<f64> {
        self.values
    }
    /// The number at these indices, one for each dimension; `None` outside.
    pub fn get(&self, indices: &[usize]) -> Option<f64> {
        if indices.len() != self.rank() {
            return None;
        }
        let mut place = 0;
        for (index, size) in indices.iter().zip(&self.shape) {
            if index >= size {
                return None;
            }
            place = place * size + index;
        }
        self.values.get(place).copied()
    }
    /// The number, if there is one only: as a parameter it holds for every neuron.
    pub fn single(&self) -> Option<f64> {
        match self.values[..] {
            [value] => Some(value),
            _ => None,
        }
    }
    /// The parameter of one neuron, counted with the last dimension fastest: its own value, or the single one.
    pub fn of_neuron(&self, neuron: usize) -> Option<f64> {
        self.single().or_else(|| self.values.get(neuron).copied())
    }
    /// In this shape: as it is if it has it, a single value repeated; `None` for any other.
    pub fn expanded(&self, shape: &[usize]) -> Option<Self> {
        if self.shape == shape { Some(self.clone()) } else { Self::filled(shape, self.single()?) }
    }
}

/// How many numbers a shape has room for; `None` if that overflows.
pub(crate) fn places(shape: &[usize]) -> Option<usize> {
    shape.iter().try_fold(1usize, |places, size| places.checked_mul(*size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_dimension_runs_fastest_and_access_is_checked() {
        let tensor = Tensor::new([2, 3], [0.0, 1.0, 2.0, 10.0, 11.0, 12.0]).unwrap();
        assert_eq!(tensor.get(&[1, 2]), Some(12.0));
        assert_eq!(tensor.get(&[0, 3]), None);
        assert_eq!(tensor.get(&[1]), None);
        assert_eq!(Tensor::scalar(4.0).get(&[]), Some(4.0));
        assert_eq!(Tensor::new([2, 3], [0.0]), None);
        assert_eq!(Tensor::new([usize::MAX, 2], []), None);
    }

    #[test]
    fn a_single_value_holds_for_every_neuron() {
        assert_eq!(Tensor::scalar(0.5).of_neuron(99), Some(0.5));
        assert_eq!(Tensor::vector([1.0, 2.0]).of_neuron(1), Some(2.0));
        assert_eq!(Tensor::vector([1.0, 2.0]).of_neuron(2), None);
        assert_eq!(Tensor::scalar(0.5).expanded(&[2]), Some(Tensor::vector([0.5, 0.5])));
        assert_eq!(Tensor::vector([1.0, 2.0]).expanded(&[3]), None);
        assert_eq!(Tensor::filled([usize::MAX], 0.0), None);
    }
}
