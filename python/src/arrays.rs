//! Spikes as numpy arrays: (samples, ticks, lines) of bool.

use crate::failure::Failure;
use nernst::runner::Spikes;
use numpy::ndarray::{Array2, Array3, ArrayView2, ArrayView3, Axis};
use numpy::{PyArray2, PyArray3, PyReadonlyArray2, PyReadonlyArray3, PyUntypedArray, PyUntypedArrayMethods, ToPyArray};
use pyo3::prelude::*;

/// Spikes of samples from an array (samples, ticks, inputs) of bool, or of uint8 that is 0 or 1.
pub fn spikes(array: &Bound<PyAny>, inputs: usize) -> Result<Vec<Spikes>, Failure> {
    let samples = if let Ok(array) = array.extract::<PyReadonlyArray3<bool>>() {
        check(array.shape(), inputs)?;
        lines(array.as_array(), |spike| *spike)
    } else if let Ok(array) = array.extract::<PyReadonlyArray3<u8>>() {
        check(array.shape(), inputs)?;
        if let Some(((sample, tick, input), value)) = array.as_array().indexed_iter().find(|(_, value)| **value > 1) {
            let what =
                format!("spikes[{sample}, {tick}, {input}] is {value}: an input line spikes once in a tick, or not");
            return Err(Failure::new(what, "give 0 or 1"));
        }
        lines(array.as_array(), |spike| *spike == 1)
    } else {
        return Err(wrong("spikes", array, "3 dimensions (samples, ticks, inputs) of bool or uint8"));
    };
    Ok(samples)
}

fn check(shape: &[usize], inputs: usize) -> Result<(), Failure> {
    if shape[2] != inputs {
        let what = format!("spikes of shape {shape:?} have {} inputs, the network has {inputs}", shape[2]);
        return Err(Failure::new(what, "the shape is (samples, ticks, inputs)"));
    }
    if shape[1] == 0 {
        return Err(Failure::new(format!("spikes of shape {shape:?} have no ticks"), "give at least one"));
    }
    Ok(())
}

fn lines<T>(array: ArrayView3<T>, is_spike: impl Fn(&T) -> bool) -> Vec<Spikes> {
    // A network has at most 65,536 inputs, and the array as many as the network.
    let of_tick = |tick: numpy::ndarray::ArrayView1<T>| {
        tick.iter().enumerate().filter(|(_, value)| is_spike(value)).map(|(line, _)| line as u16).collect()
    };
    array.outer_iter().map(|sample| sample.outer_iter().map(of_tick).collect()).collect()
}

/// What an array is, where something else was expected.
fn wrong(name: &str, array: &Bound<PyAny>, expected: &str) -> Failure {
    let found = match array.cast::<PyUntypedArray>() {
        Ok(array) => format!("an array of {} with shape {:?}", array.dtype(), array.shape()),
        Err(_) => format!("a {}", array.get_type().name().map_or("value".into(), |name| name.to_string())),
    };
    Failure::new(format!("{name}: {found}"), format!("expected a numpy array with {expected}"))
}

/// Values of samples from an array (samples, values) of uint8, none above `most`.
pub fn pixels(array: &Bound<PyAny>, most: u8) -> Result<Array2<u8>, Failure> {
    let Ok(array) = array.extract::<PyReadonlyArray2<u8>>() else {
        return Err(wrong("pixels", array, "2 dimensions (samples, values) of uint8"));
    };
    if let Some(((sample, value), pixel)) = array.as_array().indexed_iter().find(|(_, value)| **value > most) {
        let what = format!("pixels[{sample}, {value}] is {pixel}: values are 0 to {most}");
        return Err(Failure::new(what, "scale them, or give spikes of your own instead of encoding"));
    }
    Ok(array.as_array().to_owned())
}

/// Classes of samples from a sequence of integers.
pub fn labels(labels: &Bound<PyAny>, samples: usize) -> Result<Vec<usize>, Failure> {
    let Ok(labels) = labels.extract::<Vec<usize>>() else {
        return Err(wrong("labels", labels, "1 dimension (samples) of integers from 0"));
    };
    if labels.len() != samples {
        return Err(Failure::new(format!("{} labels for {samples} samples", labels.len()), "give one for each sample"));
    }
    Ok(labels)
}

/// An array (samples, ticks, lines) of bool from the lines that have a spike in each tick.
pub fn from_lines<'py>(py: Python<'py>, samples: &[Spikes], ticks: usize, lines: usize) -> Bound<'py, PyArray3<bool>> {
    let mut array = Array3::from_elem((samples.len(), ticks, lines), false);
    for (sample, mut of_sample) in samples.iter().zip(array.axis_iter_mut(Axis(0))) {
        for (tick, spikes) in sample.iter().enumerate() {
            spikes.iter().for_each(|&line| of_sample[(tick, line as usize)] = true);
        }
    }
    array.to_pyarray(py)
}

/// Rows of equal length as an array; `columns` where there are none.
pub fn from_rows<'py, T: numpy::Element + Copy>(
    py: Python<'py>,
    rows: &[Vec<T>],
    columns: usize,
) -> Bound<'py, PyArray2<T>> {
    let flat: Vec<T> = rows.iter().flatten().copied().collect();
    // Each row has so many columns: one for each output.
    let view = ArrayView2::from_shape((rows.len(), columns), &flat);
    view.map_or_else(|_| PyArray2::zeros(py, (0, columns), false), |view| view.to_pyarray(py))
}
