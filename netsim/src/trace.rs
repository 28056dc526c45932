//! Waveforms: the nets of chosen instances, clock by clock, as a value change dump (VCD).
//!
//! ```text
//! time     0         10        20        30      a clock is 10 ns, its edge is where it begins
//! clock   _____|‾‾‾‾|____|‾‾‾‾|____|‾‾‾‾|____
//! q       0    1         2         3             registers change at the edge
//! ```
//! What is shown for a clock is what its closing edge sees: inputs set between two edges show from the first on.

use crate::design::Bits;
use crate::netlist::{Netlist, WordOp, mask};
use std::collections::HashMap;
use std::io::{self, Write};
use vcd::{IdCode, TimescaleUnit, Value, VarType, Writer};

/// Nanoseconds shown for a clock.
const PERIOD: u64 = 10;

struct Signal {
    id: IdCode,
    value: Bits,
    shown: Option<Vec<u64>>,
}

pub struct Trace {
    writer: Writer<Box<dyn Write + Send>>,
    signals: Vec<Signal>,
    clock: Option<IdCode>,
    /// Clocks shown so far.
    clocks: u64,
    /// The first thing that went wrong; nothing is written after it.
    error: Option<io::Error>,
}

impl Trace {
    /// Writes the header. `scopes` are instance paths; each takes everything below it along.
    pub fn new(netlist: &Netlist, out: Box<dyn Write + Send>, scopes: &[&str], top: &str) -> io::Result<Trace> {
        let mut writer = Writer::new(out);
        writer.timescale(1, TimescaleUnit::NS)?;
        writer.add_module(top)?;
        let mut trace = Trace { writer, signals: Vec::new(), clock: None, clocks: 0, error: None };
        let mut ids: HashMap<Bits, IdCode> = HashMap::new();
        let mut open: Vec<&str> = Vec::new();
        for (scope, nets) in netlist.scopes.iter().zip(&netlist.nets) {
            if !scopes.iter().any(|s| covers(s, &scope.path)) {
                continue;
            }
            let path: Vec<&str> = scope.path.split('.').filter(|p| !p.is_empty()).collect();
            let same = open.iter().zip(&path).take_while(|(a, b)| a == b).count();
            for _ in same..open.len() {
                trace.writer.upscope()?;
            }
            for name in &path[same..] {
                trace.writer.add_module(name)?;
            }
            open = path;
            for net in nets {
                let known = ids.get(&net.value).copied();
                let id = known.unwrap_or(IdCode::FIRST);
                let id = if known.is_some() { id } else { trace.new_signal(netlist, &net.value, ids.len()) };
                ids.insert(net.value.clone(), id);
                trace.writer.var_def(VarType::Wire, net.value.width(), id, &net.name, None)?;
            }
        }
        for _ in 0..=open.len() {
            trace.writer.upscope()?;
        }
        trace.writer.enddefinitions()?;
        Ok(trace)
    }

    /// Nets that are the same words share one signal.
    fn new_signal(&mut self, netlist: &Netlist, value: &Bits, number: usize) -> IdCode {
        let id = IdCode::from(number as u64);
        let clock = match value.pieces() {
            [p] => matches!(netlist.op(p.node), WordOp::Input { port, .. } if Some(port as usize) == netlist.clock),
            _ => false,
        };
        if clock {
            self.clock = Some(id);
        } else {
            self.signals.push(Signal { id, value: value.clone(), shown: None });
        }
        id
    }

    /// Shows one clock: the state settled just before its closing edge.
    pub fn sample(&mut self, state: &[u64]) {
        if self.error.is_none()
            && let Err(e) = self.write(state)
        {
            self.error = Some(e);
        }
        self.clocks += 1;
    }

    fn write(&mut self, state: &[u64]) -> io::Result<()> {
        let time = self.clocks * PERIOD;
        self.writer.timestamp(time)?;
        if let Some(clock) = self.clock {
            self.writer.change_scalar(clock, self.clocks > 0)?;
        }
        for signal in &mut self.signals {
            let words = words(&signal.value, state);
            if signal.shown.as_ref() == Some(&words) {
                continue;
            }
            let width = signal.value.width();
            let bit = |i: u32| Value::from(words[i as usize / 64] >> (i % 64) & 1 == 1);
            if width == 1 {
                self.writer.change_scalar(signal.id, bit(0))?;
            } else {
                self.writer.change_vector(signal.id, (0..width).rev().map(bit))?;
            }
            signal.shown = Some(words);
        }
        if let Some(clock) = self.clock {
            self.writer.timestamp(time + PERIOD / 2)?;
            self.writer.change_scalar(clock, false)?;
        }
        Ok(())
    }

    /// Ends the dump; says what went wrong in writing it, if anything did.
    pub fn finish(mut self) -> io::Result<()> {
        match self.error.take() {
            Some(e) => Err(e),
            None => {
                self.writer.timestamp(self.clocks * PERIOD)?;
                self.writer.flush()
            }
        }
    }
}

/// Whether the instance at `path` is `scope` or below it.
pub fn covers(scope: &str, path: &str) -> bool {
    scope.is_empty() || path.strip_prefix(scope).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// A value as little-endian words.
pub fn words(value: &Bits, state: &[u64]) -> Vec<u64> {
    let mut words = vec![0; value.width().div_ceil(64).max(1) as usize];
    let mut at = 0;
    for p in value.pieces() {
        let part = state[p.node as usize] >> p.lo & mask(p.len);
        let (word, shift) = (at as usize / 64, at % 64);
        words[word] |= part << shift;
        if shift + p.len > 64 {
            words[word + 1] |= part >> (64 - shift);
        }
        at += p.len;
    }
    words
}
