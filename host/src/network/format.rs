//! Reading and writing the network file.

use super::{Layer, Matrix, Network, Provenance};
use crate::coding::Coding;
use nernst_spec::WeightBits;
use nernst_spec::tick::{LEAK_ONE, Reset};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::ser::{Formatter, PrettyFormatter};
use std::io::{self, Write};
use std::path::Path;

const FORMAT: &str = "nernst network 1";
/// Most ticks of a sample.
const MAX_TICKS: u32 = 65_536;
/// Nesting from which on a value stays on its line: a row of weights.
const LINE_DEPTH: usize = 4;

/// Why a file is not a network.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    #[error("{path}: {source}")]
    File { path: String, source: io::Error },
    #[error("{path}: {what}")]
    Content { path: String, what: String },
}

/// The file as it is written. Weights that are not numbers of JSON (null, NaN) read as `None`, to be refused by place.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: String,
    name: String,
    coding: Coding,
    ticks: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[serde(default)]
    provenance: Option<Provenance>,
    layers: Vec<FileLayer>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileLayer {
    weight_bits: WeightBits,
    threshold: Option<Number>,
    leak: u16,
    reset: Reset,
    weights: Vec<Vec<Option<Number>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[serde(default)]
    recurrent: Option<Vec<Vec<Option<Number>>>>,
}

/// A number that is written without a point when it is whole.
#[derive(Clone, Copy, Deserialize)]
#[serde(transparent)]
struct Number(f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.fract() == 0.0 && self.0.abs() < 1e9 {
            serializer.serialize_i64(self.0 as i64)
        } else {
            // Weights are f32: their own shortest text, not that of the f64 next to them.
            serializer.serialize_f32(self.0 as f32)
        }
    }
}

impl Network {
    /// A network from a file.
    pub fn load(path: &Path) -> Result<Self, NetworkError> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|source| NetworkError::File { path: name.clone(), source })?;
        Self::from_json(&name, &text)
    }

    /// Writes the network to a file.
    pub fn save(&self, path: &Path) -> Result<(), NetworkError> {
        let failed = |source| NetworkError::File { path: path.display().to_string(), source };
        std::fs::write(path, self.to_json()).map_err(failed)
    }

    /// From the text of a file; `path` stands in errors.
    pub fn from_json(path: &str, text: &str) -> Result<Self, NetworkError> {
        let wrong = |what: String| NetworkError::Content { path: path.into(), what };
        let file: File = serde_json::from_str(text)
            // Python writes NaN and Infinity, which are not JSON.
            .or_else(|error| serde_json::from_str(&without_nan(text)).map_err(|_| error))
            .map_err(|error| wrong(format!("not a network file: {error}")))?;
        file.check().map_err(wrong)
    }

    /// The text of a file; a row of weights is a line.
    pub fn to_json(&self) -> String {
        let matrix = |rows: &Matrix| rows.iter().map(|row| row.iter().map(|&w| number(w)).collect()).collect();
        let layer = |layer: &Layer| FileLayer {
            weight_bits: layer.weight_bits,
            threshold: number(layer.threshold),
            leak: layer.leak,
            reset: layer.reset,
            weights: matrix(&layer.weights),
            recurrent: layer.recurrent.as_ref().map(matrix),
        };
        let file = File {
            format: FORMAT.into(),
            name: self.name.clone(),
            coding: self.coding,
            ticks: self.ticks,
            provenance: self.provenance.clone(),
            layers: self.layers.iter().map(layer).collect(),
        };
        let mut text = vec![];
        let mut serializer = serde_json::Serializer::with_formatter(&mut text, RowsOnLines::default());
        // Plain data has no map with keys that are not text, and a vector takes every byte.
        file.serialize(&mut serializer).expect("plain data serializes");
        text.push(b'\n');
        String::from_utf8(text).expect("JSON is UTF-8")
    }
}

fn number(value: f32) -> Option<Number> {
    Some(Number(value as f64))
}

impl File {
    fn check(self) -> Result<Network, String> {
        if self.format != FORMAT {
            return Err(format!("field `format` is `{}`, expected `{FORMAT}`", self.format));
        }
        if !(1..=MAX_TICKS).contains(&self.ticks) {
            return Err(format!("field `ticks` is {}, expected 1 to {MAX_TICKS}", self.ticks));
        }
        if self.layers.is_empty() {
            return Err("field `layers` is empty, expected at least one layer".into());
        }
        let mut layers: Vec<Layer> = vec![];
        for (number, layer) in self.layers.into_iter().enumerate() {
            let sources = layers.last().map(Layer::neurons);
            layers.push(layer.check(sources).map_err(|what| format!("layer {number}: {what}"))?);
        }
        Ok(Network { name: self.name, coding: self.coding, ticks: self.ticks, layers, provenance: self.provenance })
    }
}

impl FileLayer {
    /// `sources`: neurons of the layer before.
    fn check(self, sources: Option<usize>) -> Result<Layer, String> {
        let threshold = self.threshold.map_or(f32::NAN, |Number(value)| value as f32);
        if !(threshold.is_finite() && threshold > 0.0) {
            return Err("field `threshold` is not a finite number above 0".into());
        }
        if self.leak > LEAK_ONE {
            return Err(format!(
                "field `leak` is {}, expected 0 to {LEAK_ONE} (512ths that a membrane keeps)",
                self.leak
            ));
        }
        let neurons = self.weights.len();
        let own = self.weights.first().map_or(0, Vec::len);
        if neurons == 0 || own == 0 {
            return Err("field `weights` is empty, expected a row for each neuron and a weight for each source".into());
        }
        if let Some(sources) = sources.filter(|&sources| sources != own) {
            return Err(format!("{own} weights in a row, but the layer before has {sources} neurons"));
        }
        let recurrent = self.recurrent.map(|rows| matrix("recurrent", rows, neurons, neurons)).transpose()?;
        Ok(Layer {
            weight_bits: self.weight_bits,
            threshold,
            leak: self.leak,
            reset: self.reset,
            weights: matrix("weights", self.weights, neurons, own)?,
            recurrent,
        })
    }
}

fn matrix(field: &str, rows: Vec<Vec<Option<Number>>>, neurons: usize, sources: usize) -> Result<Matrix, String> {
    if rows.len() != neurons {
        return Err(format!("field `{field}` has {} rows, expected {neurons}, one for each neuron", rows.len()));
    }
    let mut matrix = vec![];
    for (row, weights) in rows.into_iter().enumerate() {
        if weights.len() != sources {
            return Err(format!("`{field}` row {row} has {} weights, expected {sources}", weights.len()));
        }
        let values: Vec<f32> = weights.iter().map(|w| w.map_or(f32::NAN, |Number(value)| value as f32)).collect();
        if let Some(column) = values.iter().position(|w| !w.is_finite()) {
            return Err(format!("`{field}` row {row} column {column} is not a finite number"));
        }
        matrix.push(values);
    }
    Ok(matrix)
}

/// The text with `null` for each NaN and Infinity outside of strings.
fn without_nan(text: &str) -> String {
    let mut parts: Vec<String> = vec![];
    let mut escaped = false;
    let mut inside = false;
    let mut part = String::new();
    for c in text.chars() {
        if c == '"' && !escaped {
            parts.push(std::mem::take(&mut part));
            inside = !inside;
        }
        escaped = inside && c == '\\' && !escaped;
        part.push(c);
    }
    parts.push(part);
    // Parts with odd numbers are strings.
    let plain = |part: &String| part.replace("-Infinity", "null").replace("Infinity", "null").replace("NaN", "null");
    parts.iter().enumerate().map(|(n, part)| if n % 2 == 0 { plain(part) } else { part.clone() }).collect()
}

/// Indents like serde_json's pretty form down to rows of weights, which stay on one line.
#[derive(Default)]
struct RowsOnLines {
    pretty: PrettyFormatter<'static>,
    depth: usize,
}

impl RowsOnLines {
    fn on_line(&self) -> bool {
        self.depth > LINE_DEPTH
    }
}

impl Formatter for RowsOnLines {
    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth += 1;
        if self.on_line() { writer.write_all(b"[") } else { self.pretty.begin_array(writer) }
    }
    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        let on_line = self.on_line();
        self.depth -= 1;
        if on_line { writer.write_all(b"]") } else { self.pretty.end_array(writer) }
    }
    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        match (self.on_line(), first) {
            (true, true) => Ok(()),
            (true, false) => writer.write_all(b","),
            (false, _) => self.pretty.begin_array_value(writer, first),
        }
    }
    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        if self.on_line() { Ok(()) } else { self.pretty.end_array_value(writer) }
    }
    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth += 1;
        self.pretty.begin_object(writer)
    }
    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth -= 1;
        self.pretty.end_object(writer)
    }
    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.pretty.begin_object_key(writer, first)
    }
    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.pretty.begin_object_value(writer)
    }
    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.pretty.end_object_value(writer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{
  "format": "nernst network 1",
  "name": "a \"NaN\" name",
  "coding": "rate",
  "ticks": 16,
  "layers": [
    {
      "weight_bits": 4,
      "threshold": 5,
      "leak": 480,
      "reset": "zero",
      "weights": [
        [7,-7,0.25],
        [-7,1.5e-7,7]
      ],
      "recurrent": [
        [0,1],
        [1,0]
      ]
    },
    {
      "weight_bits": 8,
      "threshold": 0.1,
      "leak": 512,
      "reset": "subtract",
      "weights": [
        [6,6]
      ]
    }
  ]
}
"#;

    #[test]
    fn a_network_survives_its_file() {
        let network = Network::from_json("good", GOOD).unwrap();
        assert_eq!((network.inputs(), network.outputs(), network.neurons(), network.total_ticks()), (3, 1, 3, 17));
        assert_eq!(network.to_json(), GOOD);
    }

    #[test]
    fn errors_name_the_place_on_one_line() {
        let refuse = |from: &str, to: &str, words: &str| {
            assert!(GOOD.contains(from), "nothing to replace: {from}");
            let error = Network::from_json("net.json", &GOOD.replacen(from, to, 1)).unwrap_err().to_string();
            assert!(error.starts_with("net.json: ") && error.contains(words) && !error.contains('\n'), "{error}");
        };
        refuse("0.25", "NaN", "layer 0: `weights` row 0 column 2 is not a finite number");
        refuse("1.5e-7", "-Infinity", "layer 0: `weights` row 1 column 1");
        refuse("[1,0]", "[1,null]", "layer 0: `recurrent` row 1 column 1");
        refuse("[6,6]", "[6,1e300]", "layer 1: `weights` row 0 column 1");
        refuse("[6,6]", "[6,6,6]", "layer 1: 3 weights in a row, but the layer before has 2 neurons");
        refuse("[-7,1.5e-7,7]", "[-7]", "layer 0: `weights` row 1 has 1 weights, expected 3");
        refuse("[0,1],", "", "layer 0: field `recurrent` has 1 rows, expected 2");
        refuse("\"leak\": 480", "\"leak\": 513", "layer 0: field `leak` is 513, expected 0 to 512");
        refuse("\"threshold\": 5", "\"threshold\": 0", "layer 0: field `threshold`");
        refuse("\"threshold\": 5", "\"threshold\": NaN", "layer 0: field `threshold`");
        refuse("\"ticks\": 16", "\"ticks\": 0", "field `ticks` is 0");
        refuse("network 1", "network 9", "expected `nernst network 1`");
        refuse("\"weight_bits\": 4", "\"weight_bits\": 5", "choose 4 or 8");
        refuse("\"coding\": \"rate\"", "\"coding\": \"phase\"", "line 4");
        refuse("\"ticks\": 16", "\"tocks\": 16", "unknown field `tocks`");
        refuse("\"leak\": 480,", "", "missing field `leak` at line");
        refuse("\"layers\": [", "\"layers\": [[", "line");
        refuse("[6,6]", "", "layer 1: field `weights` is empty");
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = Network::load(Path::new("no/such.json")).unwrap_err().to_string();
        assert!(error.starts_with("no/such.json: "), "{error}");
    }
}
