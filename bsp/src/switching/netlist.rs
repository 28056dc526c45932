//! The JSON of Yosys' `write_json`, which nextpnr writes, too: cells with parameters, and nets of one bit.

use super::error::{Result, SwitchingError};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// A net as a caller sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NetInfo {
    /// Its names, the bit of a bus in brackets; those that the Verilog gave come first. A path of instances has dots.
    pub names: Vec<String>,
    /// Name of the cell or input port that drives it.
    pub driver: String,
    /// Type of that cell, such as `LUT4`, or `input`.
    pub kind: String,
    /// Number of pins of cells and output ports that read it.
    pub fan_out: u32,
}

impl NetInfo {
    /// The first name.
    pub fn name(&self) -> &str {
        self.names.first().map_or("", String::as_str)
    }
}

/// What is connected to a pin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Bit {
    Net(u64),
    Zero,
    One,
    /// Nothing, `x` or `z`.
    Open,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RawBit {
    Net(u64),
    Constant(String),
}

impl RawBit {
    fn bit(&self) -> Bit {
        match self {
            RawBit::Net(net) => Bit::Net(*net),
            RawBit::Constant(text) if text == "0" => Bit::Zero,
            RawBit::Constant(text) if text == "1" => Bit::One,
            RawBit::Constant(_) => Bit::Open,
        }
    }
}

#[derive(Deserialize)]
struct File {
    modules: BTreeMap<String, Module>,
}

#[derive(Deserialize)]
struct Module {
    #[serde(default)]
    attributes: BTreeMap<String, Value>,
    #[serde(default)]
    ports: BTreeMap<String, RawPort>,
    #[serde(default)]
    cells: BTreeMap<String, RawCell>,
    #[serde(default)]
    netnames: BTreeMap<String, RawName>,
}

#[derive(Deserialize)]
struct RawPort {
    direction: String,
    bits: Vec<RawBit>,
}

#[derive(Deserialize)]
struct RawCell {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    parameters: BTreeMap<String, Value>,
    #[serde(default)]
    port_directions: BTreeMap<String, String>,
    #[serde(default)]
    connections: BTreeMap<String, Vec<RawBit>>,
}

#[derive(Deserialize)]
struct RawName {
    #[serde(default)]
    hide_name: u32,
    #[serde(default)]
    offset: i64,
    #[serde(default)]
    bits: Vec<RawBit>,
    #[serde(default)]
    attributes: BTreeMap<String, Value>,
}

/// The top module.
pub(super) struct Netlist(Module);

/// A port of the top module, least significant bit first.
pub(super) struct Port {
    pub(super) name: String,
    pub(super) input: bool,
    pub(super) bits: Vec<Bit>,
}

/// A cell of the top module.
#[derive(Clone, Copy)]
pub(super) struct Cell<'a> {
    pub(super) name: &'a str,
    raw: &'a RawCell,
}

impl Netlist {
    pub(super) fn read(text: &str) -> Result<Self> {
        let File { modules } = serde_json::from_str(text)?;
        let top = modules.into_values().find(|module| module.attributes.get("top").is_some_and(|top| !top.is_null()));
        top.map(Self).ok_or(SwitchingError::NoTop)
    }

    pub(super) fn cells(&self) -> impl Iterator<Item = Cell<'_>> {
        let cells = self.0.cells.iter().map(|(name, raw)| Cell { name, raw });
        // a note of Yosys on the hierarchy, not a cell
        cells.filter(|cell| cell.kind() != "$scopeinfo")
    }

    pub(super) fn ports(&self) -> Result<Vec<Port>> {
        let port = |(name, raw): (&String, &RawPort)| match raw.direction.as_str() {
            direction @ ("input" | "output") => {
                let bits = raw.bits.iter().map(RawBit::bit).collect();
                Ok(Port { name: name.clone(), input: direction == "input", bits })
            }
            other => Err(SwitchingError::Form {
                place: format!("port `{name}`"),
                found: format!("its direction is {other}"),
                expected: "input or output".into(),
            }),
        };
        self.0.ports.iter().map(port).collect()
    }

    /// The names of every net, those of the Verilog first.
    pub(super) fn names(&self) -> HashMap<u64, Vec<String>> {
        let mut names: HashMap<u64, Vec<String>> = HashMap::new();
        for hidden in [false, true] {
            for (name, raw) in self.0.netnames.iter().filter(|(_, raw)| (raw.hide_name != 0) == hidden) {
                for (index, bit) in (raw.offset..).zip(&raw.bits) {
                    if let RawBit::Net(net) = bit {
                        let name = if raw.bits.len() == 1 { name.clone() } else { format!("{name}[{index}]") };
                        names.entry(*net).or_default().push(name);
                    }
                }
            }
        }
        names
    }

    /// The texts that every name has under an attribute; none counts as empty.
    pub(super) fn attributes<'a>(&'a self, attribute: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0.netnames.iter().map(move |(name, raw)| {
            let text = raw.attributes.get(attribute).and_then(Value::as_str);
            (name.as_str(), text.unwrap_or_default())
        })
    }
}

impl<'a> Cell<'a> {
    pub(super) fn kind(self) -> &'a str {
        &self.raw.kind
    }

    /// Every bit of every pin: whether the cell drives it, the pin and what is connected.
    pub(super) fn pins(self) -> impl Iterator<Item = Result<(bool, &'a str, Bit)>> {
        self.raw.connections.iter().flat_map(move |(pin, bits)| {
            let direction = self.raw.port_directions.get(pin).map(String::as_str);
            bits.iter().map(move |bit| match direction {
                Some("input") => Ok((false, pin.as_str(), bit.bit())),
                Some("output") => Ok((true, pin.as_str(), bit.bit())),
                _ => Err(SwitchingError::Form {
                    place: format!("cell `{}` ({}), pin {pin}", self.name, self.kind()),
                    found: format!("its direction is {}", direction.unwrap_or("not told")),
                    expected: "input or output".into(),
                }),
            })
        })
    }

    /// A bit of a pin.
    pub(super) fn bit(self, pin: &str, index: usize) -> Bit {
        self.raw.connections.get(pin).and_then(|bits| bits.get(index)).map_or(Bit::Open, RawBit::bit)
    }

    /// The parameter as text, without the space with which Yosys ends texts that look like numbers.
    fn text(self, parameter: &str) -> Option<String> {
        self.raw.parameters.get(parameter).map(|value| match value {
            Value::String(text) => text.trim_end().to_string(),
            other => other.to_string(),
        })
    }

    /// The value of a parameter, which must be one of these; the first is the default.
    pub(super) fn mode(self, parameter: &str, known: &[&'static str]) -> Result<&'static str> {
        let Some(text) = self.text(parameter) else { return Ok(known[0]) };
        let found = known.iter().find(|value| **value == text);
        found.copied().ok_or_else(|| self.unknown_mode(parameter, text, &known.join(", ")))
    }

    pub(super) fn unknown_mode(self, parameter: &str, found: String, known: &str) -> SwitchingError {
        let parameter = format!("{}.{parameter}", self.kind());
        SwitchingError::Mode { cell: self.name.to_string(), parameter, found, known: known.to_string() }
    }

    /// A parameter that is a number, least significant bit first; `None` if it is not given. `x` is 0.
    pub(super) fn bits(self, parameter: &str, width: usize) -> Result<Option<Vec<bool>>> {
        let value = match self.raw.parameters.get(parameter) {
            None => return Ok(None),
            Some(value) => value,
        };
        let digits = match (value, value.as_u64()) {
            (_, Some(number)) => format!("{number:b}"),
            (Value::String(text), _) => text.clone(),
            (other, _) => other.to_string(),
        };
        let (set, rest): (Vec<bool>, bool) = (
            digits.chars().rev().take(width).map(|digit| digit == '1').collect(),
            digits.chars().rev().skip(width).any(|digit| digit == '1'),
        );
        if rest || !digits.chars().all(|digit| matches!(digit, '0' | '1' | 'x')) {
            return Err(self.unknown_mode(parameter, digits, &format!("a number of {width} binary digits")));
        }
        let mut bits = set;
        bits.resize(width, false);
        Ok(Some(bits))
    }

    /// A parameter of at most 64 bits.
    pub(super) fn number(self, parameter: &str, width: usize, default: u64) -> Result<u64> {
        let bits = self.bits(parameter, width)?;
        Ok(bits.map_or(default, |bits| bits.iter().rev().fold(0, |number, bit| number << 1 | u64::from(*bit))))
    }
}
