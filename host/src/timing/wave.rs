//! From recorded values to a timing diagram.

use super::{Scenario, TimingError};
use serde_json::{Value, json};
use std::iter::once;

/// Clocks that are shown before the first signal of interest and after the last.
const MARGIN: usize = 1;

/// How the values of a signal are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Show {
    /// A level.
    Bit,
    /// A number.
    Number,
    /// A number of this many bits in two's complement.
    Signed(u32),
    /// A word of weights, in hexadecimal.
    Hex,
    /// A state of one set bit, by the name of the bit.
    State(Vec<String>),
}

/// One signal of a diagram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    pub label: String,
    /// Path of the net.
    pub path: String,
    pub show: Show,
    /// Path of the net that must be high for the value to mean anything; elsewhere it is shown as unknown.
    pub valid: Option<String>,
}

/// What happened in a scenario: WaveJSON.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagram {
    json: Value,
}

impl Diagram {
    /// `clocks`: a row for each clock with the value of each path.
    pub fn new(scenario: &Scenario, paths: &[String], clocks: &[Vec<u64>]) -> Result<Self, TimingError> {
        let column = |path: &str| paths.iter().position(|other| other == path).unwrap_or_default();
        let high = |path: &str| {
            let place = column(path);
            let nothing = TimingError::Nothing { scenario: scenario.name, signal: path.into() };
            let first = clocks.iter().position(|values| values[place] != 0).ok_or(nothing)?;
            let last = clocks.iter().rposition(|values| values[place] != 0).unwrap_or(first);
            Ok::<_, TimingError>((first, last))
        };
        let begin = high(&scenario.from)?.0.saturating_sub(MARGIN);
        // The clock after the last is where its registers show what it did.
        let end = (high(&scenario.until)?.1 + 1 + MARGIN).min(clocks.len() - 1);
        let shown = &clocks[begin..=end.max(begin)];
        let clock = json!({ "name": "clock", "wave": format!("p{}", ".".repeat(shown.len() - 1)) });
        let stage = |(name, lanes): &(&str, Vec<Lane>)| {
            let lanes = lanes.iter().map(|lane| {
                let valid = lane.valid.as_deref().map(column);
                let values =
                    shown.iter().map(|row| valid.is_none_or(|v| row[v] & 1 == 1).then(|| row[column(&lane.path)]));
                wave(lane, values)
            });
            Value::Array(once(json!(name)).chain(lanes).collect())
        };
        let signal: Vec<Value> = once(clock).chain(scenario.stages.iter().map(stage)).collect();
        let head = json!({ "text": scenario.title, "tick": 0 });
        Ok(Self { json: json!({ "signal": signal, "head": head, "config": { "hscale": 1 } }) })
    }

    /// Clocks that are shown.
    pub fn clocks(&self) -> usize {
        self.json["signal"][0]["wave"].as_str().map_or(0, str::len)
    }

    /// WaveJSON, as WaveDrom's editor takes it.
    pub fn wave_json(&self) -> String {
        let mut text = String::from("{\n  \"signal\": [\n");
        let signals = self.json["signal"].as_array().map(Vec::as_slice).unwrap_or_default();
        // A signal is a line.
        let line = |indent: &str, value: &Value| format!("{indent}{value}");
        let group = |value: &Value| match value.as_array() {
            Some(lines) => {
                let lines: Vec<String> = lines.iter().map(|value| line("      ", value)).collect();
                format!("    [\n{}\n    ]", lines.join(",\n"))
            }
            None => line("    ", value),
        };
        text += &signals.iter().map(group).collect::<Vec<_>>().join(",\n");
        text += &format!("\n  ],\n  \"head\": {},\n  \"config\": {}\n}}\n", self.json["head"], self.json["config"]);
        text
    }

    /// The diagram as SVG.
    pub fn svg(&self) -> Result<String, TimingError> {
        let failed = |error: &dyn std::fmt::Display| TimingError::Draw(error.to_string());
        let figure = wavedrom::Figure::from_json(&self.json.to_string()).map_err(|error| failed(&error))?;
        let mut svg = vec![];
        figure.assemble().write_svg(&mut svg).map_err(|error| failed(&error))?;
        String::from_utf8(svg).map_err(|error| failed(&error))
    }
}

/// A signal in WaveJSON: a character for each clock, `.` where nothing changes; `None` is unknown.
fn wave(lane: &Lane, values: impl Iterator<Item = Option<u64>>) -> Value {
    let mut wave = String::new();
    let mut data = vec![];
    let mut last = None;
    for value in values {
        if last == Some(value) {
            wave.push('.');
            continue;
        }
        last = Some(value);
        match (value, &lane.show) {
            (None, _) => wave.push('x'),
            (Some(value), Show::Bit) => wave.push(if value & 1 == 1 { '1' } else { '0' }),
            (Some(value), show) => {
                wave.push('=');
                data.push(text(show, value));
            }
        }
    }
    if data.is_empty() {
        json!({ "name": lane.label, "wave": wave })
    } else {
        json!({ "name": lane.label, "wave": wave, "data": data })
    }
}

fn text(show: &Show, value: u64) -> String {
    match show {
        Show::Signed(bits) => ((value << (64 - bits)) as i64 >> (64 - bits)).to_string(),
        Show::Hex => format!("{value:x}"),
        Show::State(names) => match (value.count_ones(), names.get(value.trailing_zeros() as usize)) {
            (1, Some(name)) => name.clone(),
            _ => format!("{value:b}"),
        },
        Show::Bit | Show::Number => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane(show: Show) -> Lane {
        Lane { label: "a".into(), path: "a".into(), show, valid: None }
    }

    #[test]
    fn only_changes_have_characters() {
        let bit = wave(&lane(Show::Bit), [0, 0, 1, 1, 0].map(Some).into_iter());
        assert_eq!(bit, json!({ "name": "a", "wave": "0.1.0" }));
        let number = wave(&lane(Show::Signed(4)), [Some(7), Some(15), None, None, Some(15)].into_iter());
        assert_eq!(number, json!({ "name": "a", "wave": "==x.=", "data": ["7", "-1", "-1"] }));
        let state = wave(&lane(Show::State(vec!["idle".into()])), [1, 3].map(Some).into_iter());
        assert_eq!(state["data"], json!(["idle", "11"]));
        assert_eq!(text(&Show::Hex, 0x7f0), "7f0");
    }
}
