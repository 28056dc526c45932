//! AER text: a line for each spike, sample after sample.
//!
//! ```text
//! file    = { line ( LF | CRLF ) }
//! line    = spike | end | lines | header | comment | empty
//! spike   = tick separator address        decimal numbers from 0
//! end     = "#end" ticks                  ends a sample of so many ticks, be it silent
//! lines   = "#lines" number               addresses are below it; before the first spike
//! header  = "tick,address"                before the first spike
//! comment = "#" anything else
//! ```
//! A separator is a comma, or spaces and tabs. An empty line after a spike ends a sample, too, which then has as many ticks as its last
//! spike needs; so does the end of the file. Spikes of a sample stand in any order.

use super::{Builder, EventError, Limits, Place, Reading, Spikes};
use std::io::{self, BufRead, Read, Write};

const HEADER: &str = "tick,address";
const END: &str = "#end";
const LINES: &str = "#lines";
/// Longest line: a longer one is no AER text, and would have to be held in memory.
const MOST_BYTES: u64 = 1 << 12;

/// Samples as they come.
pub(super) struct Reader<R> {
    input: R,
    file: String,
    /// Lines that there must be, where that is known.
    expected: Option<usize>,
    limits: Limits,
    /// Ticks of every sample.
    ticks: usize,
    /// Line being read, from 1.
    line: u64,
    /// What the file says of its lines.
    pub lines: Option<usize>,
    /// A spike was there.
    begun: bool,
    /// The file ended, or an error did.
    ended: bool,
}

/// A line that means something.
enum Line {
    Spike(u64, u64),
    End(usize),
    Empty,
    Nothing,
}

impl<R: BufRead> Reader<R> {
    pub fn new(input: R, file: &str, reading: &Reading) -> Self {
        Self {
            input,
            file: file.into(),
            expected: reading.lines,
            limits: reading.limits(),
            ticks: reading.ticks.unwrap_or(0),
            line: 0,
            lines: None,
            begun: false,
            ended: false,
        }
    }

    /// The next sample, `None` at the end.
    fn sample(&mut self) -> Result<Option<Spikes>, EventError> {
        let mut sample = Builder::new(self.limits);
        let mut text = vec![];
        loop {
            text.clear();
            let bytes = self.input.by_ref().take(MOST_BYTES).read_until(b'\n', &mut text);
            self.line += 1;
            if bytes.map_err(|source| EventError::Read { file: self.file.clone(), source })? == 0 {
                self.ended = true;
                return Ok((!sample.is_empty()).then(|| sample.finish(self.ticks)));
            }
            let line = match self.parse(&text)? {
                Line::Spike(tick, address) => sample.add(tick, address).map_err(|what| self.wrong(what)),
                Line::Empty if !sample.is_empty() => return Ok(Some(sample.finish(self.ticks))),
                Line::End(ticks) if ticks >= sample.ticks.len() => {
                    return Ok(Some(sample.finish(ticks.max(self.ticks))));
                }
                Line::End(ticks) => {
                    let last = sample.ticks.len() - 1;
                    Err(self.wrong(format!("the end after {ticks} ticks, and there is a spike in tick {last}")))
                }
                Line::Empty | Line::Nothing => Ok(()),
            };
            line?;
        }
    }

    fn parse(&mut self, bytes: &[u8]) -> Result<Line, EventError> {
        if bytes.len() as u64 == MOST_BYTES {
            return Err(self.wrong(format!("longer than {MOST_BYTES} bytes")));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| self.wrong("no text (UTF-8)".into()))?.trim();
        if text.is_empty() {
            return Ok(Line::Empty);
        }
        let after = |word| text.strip_prefix(word).filter(|rest: &&str| rest.starts_with([' ', '\t'])).map(str::trim);
        if let Some(ticks) = after(END) {
            let number = ticks.parse().ok().filter(|ticks: &usize| *ticks <= self.limits.ticks);
            let expected = || format!("`{ticks}` ticks, expected a number up to {}", self.limits.ticks);
            return number.map(Line::End).ok_or_else(|| self.wrong(expected()));
        }
        if let Some(lines) = after(LINES) {
            return self.say_lines(lines);
        }
        if text.starts_with('#') {
            return Ok(Line::Nothing);
        }
        if !self.begun && text.eq_ignore_ascii_case(HEADER) {
            return Ok(Line::Nothing);
        }
        let fields: Vec<&str> = match text.contains(',') {
            true => text.split(',').map(str::trim).collect(),
            false => text.split_ascii_whitespace().collect(),
        };
        let &[tick, address] = &fields[..] else {
            return Err(self.wrong(format!("`{}`, expected `tick,address`", shown(text))));
        };
        let number = |text: &str, of| {
            let what = || self.wrong(format!("{of} `{}`, expected a whole number from 0", shown(text)));
            text.parse::<u64>().map_err(|_| what())
        };
        let spike = Line::Spike(number(tick, "tick")?, number(address, "address")?);
        self.begun = true;
        Ok(spike)
    }

    fn say_lines(&mut self, text: &str) -> Result<Line, EventError> {
        let number = text.parse().ok().filter(|lines| (1..=super::MAX_LINES).contains(lines));
        let Some(lines) = number else {
            return Err(self.wrong(format!("`{text}` lines, expected a number from 1 to {}", super::MAX_LINES)));
        };
        if self.begun {
            return Err(self.wrong(format!("`{LINES}` after the first spike, expected before it")));
        }
        if let Some(expected) = self.expected.filter(|expected| *expected != lines) {
            return Err(self.wrong(format!("{lines} lines, expected {expected}")));
        }
        (self.lines, self.limits.lines) = (Some(lines), lines);
        Ok(Line::Nothing)
    }

    fn wrong(&self, what: String) -> EventError {
        EventError::Content { file: self.file.clone(), place: Place::Line(self.line), what }
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Result<Spikes, EventError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let sample = self.sample();
        self.ended |= sample.is_err();
        sample.transpose()
    }
}

/// The beginning of a text that is quoted in an error.
fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}

/// What stands before the first sample.
pub(super) fn write_head(out: &mut impl Write, lines: Option<usize>) -> io::Result<()> {
    if let Some(lines) = lines {
        writeln!(out, "{LINES} {lines}")?;
    }
    writeln!(out, "{HEADER}")
}

/// A sample, to the last byte.
pub(super) fn write_sample(out: &mut impl Write, sample: &Spikes) -> io::Result<()> {
    for (tick, addresses) in sample.iter().enumerate() {
        for address in addresses {
            writeln!(out, "{tick},{address}")?;
        }
    }
    writeln!(out, "{END} {}", sample.len())?;
    out.flush()
}
