//! Data sets, codes, and what there is by name.

use crate::arrays;
use crate::failure::Failure;
use nernst::coding::Code;
use nernst::data::{Dataset, MAX_VALUE, SPLIT_SEED, Sample};
use nernst::energy::{counters as ledger, prices};
use nernst_spec::ledger::Class;
use nernst_spec::{ArrayConfig, WeightBits, tick};
use numpy::{PyArray1, PyArray2, PyArray3, ToPyArray};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Most ticks of a sample, as in network files.
const MAX_TICKS: u32 = 1 << 16;
/// Most inputs of a network, as in network files.
const MAX_INPUTS: usize = 1 << 16;

/// A code by its name: `rate-16`.
pub fn code(text: &str) -> Result<Code, Failure> {
    let code: Code = text.parse().map_err(|what: String| Failure::bare(what))?;
    if !(1..=MAX_TICKS).contains(&code.ticks) {
        return Err(Failure::new(format!("code `{text}` has {} ticks", code.ticks), format!("give 1 to {MAX_TICKS}")));
    }
    Ok(code)
}

/// Spikes of samples by a code.
pub fn encoded<'py>(pixels: &Bound<'py, PyAny>, code: Code) -> PyResult<Bound<'py, PyArray3<bool>>> {
    let py = pixels.py();
    let pixels = arrays::pixels(pixels, MAX_VALUE)?;
    if pixels.ncols() > MAX_INPUTS {
        let what = format!("pixels of shape {:?} have {} values a sample", pixels.shape(), pixels.ncols());
        return Err(Failure::new(what, format!("a network has at most {MAX_INPUTS} inputs")).into());
    }
    let samples: Vec<_> = pixels.outer_iter().map(|sample| code.encode(&sample.to_vec())).collect();
    Ok(arrays::from_lines(py, &samples, code.ticks as usize, pixels.ncols()))
}

/// Spikes of samples by a code: (samples, ticks, values) of bool from (samples, values) of uint8, each 0 to 16.
#[pyfunction]
pub fn encode<'py>(pixels: &Bound<'py, PyAny>, code: &str) -> PyResult<Bound<'py, PyArray3<bool>>> {
    encoded(pixels, self::code(code)?)
}

type Part<'py> = (Bound<'py, PyArray2<u8>>, Bound<'py, PyArray1<u8>>);

/// A data set in its two parts, each as pixels (samples, values) of uint8 and labels (samples) of uint8: what networks train on, and the fifth that every
/// accuracy refers to. `digits`, or the path of a CSV file, plain or gzipped, with values 0 to 16 and the class last in each row.
#[pyfunction]
#[pyo3(signature = (name = "digits"))]
pub fn dataset<'py>(py: Python<'py>, name: &str) -> PyResult<(Part<'py>, Part<'py>)> {
    let data = Dataset::open(name).map_err(Failure::from)?;
    let values = data.inputs();
    let part = |samples: Vec<Sample>| {
        let labels: Vec<u8> = samples.iter().map(|sample| sample.label).collect();
        let pixels: Vec<Vec<u8>> = samples.into_iter().map(|sample| sample.pixels).collect();
        (arrays::from_rows(py, &pixels, values), labels.to_pyarray(py))
    };
    let split = data.split(SPLIT_SEED);
    Ok((part(split.train), part(split.test)))
}

/// Names of the array configurations that come with the package.
#[pyfunction]
pub fn configurations() -> Vec<&'static str> {
    ArrayConfig::ready_names().collect()
}

/// Names of the price tables that come with the package.
#[pyfunction]
pub fn price_tables() -> Vec<&'static str> {
    prices::ready_names()
}

/// Names of the serial ports that this machine lists.
#[pyfunction]
pub fn ports() -> Vec<String> {
    nernst::port::existing().into_iter().map(|(name, _)| name).collect()
}

/// The counters of the ledger by name: `group`, `place`, `exact` (a function of image and input alone) and `sentence`, what it counts.
#[pyfunction]
pub fn counters(py: Python) -> PyResult<Bound<PyDict>> {
    let all = PyDict::new(py);
    for counter in ledger::all() {
        let of = PyDict::new(py);
        of.set_item("group", ledger::group_name(counter.definition.group))?;
        of.set_item("place", if counter.place == ledger::Place::Core { "core" } else { "array" })?;
        of.set_item("exact", counter.definition.class == Class::Activity)?;
        of.set_item("sentence", counter.definition.sentence)?;
        all.set_item(counter.definition.name, of)?;
    }
    Ok(all)
}

/// What neurons of weights with so many bits (4 or 8) can hold: `min_weight`, `max_weight`, `max_threshold`, `clamp` (lowest and highest membrane after a
/// tick), and `leak_one`, the leak that keeps a membrane as it is.
#[pyfunction]
pub fn limits(py: Python, bits: u8) -> PyResult<Bound<PyDict>> {
    let bits = weight_bits(bits)?;
    let dict = PyDict::new(py);
    dict.set_item("min_weight", bits.min_weight())?;
    dict.set_item("max_weight", bits.max_weight())?;
    dict.set_item("max_threshold", tick::max_threshold(bits))?;
    dict.set_item("clamp", tick::clamp_limits(bits))?;
    dict.set_item("leak_one", tick::LEAK_ONE)?;
    Ok(dict)
}

/// A precision by its bits.
pub fn weight_bits(bits: u8) -> Result<WeightBits, Failure> {
    WeightBits::try_from(bits).map_err(Failure::bare)
}
