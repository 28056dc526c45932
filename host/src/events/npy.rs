//! NumPy's `.npy`: an array of spikes, 0 or 1, of rank 3 (samples, ticks, lines) or 2 (ticks, lines: one sample).
//!
//! [NEP 1](https://numpy.org/neps/nep-0001-npy-format.html): `\x93NUMPY`, two bytes of version, the length of the header (two bytes in
//! version 1, four after it, least significant first), a header that is a Python dictionary with `descr`, `fortran_order` and
//! `shape`, and the values. The crates for this format parse any Python literal, with a parser generator; here it is these three.

use super::{Builder, EventError, MAX_LINES, MAX_TICKS, Place, Reading, SpikeSet};

const MAGIC: &[u8] = b"\x93NUMPY";
/// Most bytes of a header; NumPy itself reads no longer ones unasked.
const MOST_HEADER: usize = 10_000;
/// What precedes the values is a multiple of it.
const ALIGNMENT: usize = 64;

/// How one value is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Type {
    /// `b` boolean, `i` or `u` integer, `f` floating point.
    kind: char,
    bytes: usize,
    big_endian: bool,
}

impl Type {
    fn parse(text: &str) -> Option<Self> {
        let mut letters = text.chars();
        let (order, kind) = (letters.next()?, letters.next()?);
        let bytes = letters.as_str().parse().ok()?;
        let known = matches!((kind, bytes), ('b', 1) | ('i' | 'u', 1 | 2 | 4 | 8) | ('f', 2 | 4 | 8));
        (known && "<>|=".contains(order)).then_some(Self { kind, bytes, big_endian: order == '>' })
    }

    /// Whether a value is 1; `None` if it is neither 0 nor 1.
    fn spike(self, value: &[u8]) -> Option<bool> {
        let mut bits = [0; 8];
        bits[..self.bytes].copy_from_slice(value);
        if self.big_endian {
            bits[..self.bytes].reverse();
        }
        let bits = u64::from_le_bytes(bits);
        let one = match (self.kind, self.bytes) {
            ('f', 2) => 0x3c00,
            ('f', 4) => 1f32.to_bits() as u64,
            ('f', _) => 1f64.to_bits(),
            _ => 1,
        };
        let minus_zero = (self.kind == 'f').then_some(1 << (8 * self.bytes - 1));
        match bits {
            0 => Some(false),
            _ if bits == one => Some(true),
            _ if Some(bits) == minus_zero => Some(false),
            _ => None,
        }
    }
}

struct Header {
    descr: Type,
    fortran_order: bool,
    shape: Vec<usize>,
}

impl Header {
    /// From the text of a Python dictionary.
    fn parse(text: &str) -> Result<Self, String> {
        let value = |key: &str| {
            let after =
                [format!("'{key}'"), format!("\"{key}\"")].iter().find_map(|key| text.split_once(&**key)?.1.into());
            after.map(|rest: &str| rest.trim_start().trim_start_matches(':').trim_start())
        };
        let missing = |key, expected| format!("its header `{}` has no `{key}` that is {expected}", text.trim());
        let quoted = |rest: &str| {
            let quote = rest.chars().next().filter(|quote| ['\'', '"'].contains(quote))?;
            rest[1..].split_once(quote).map(|(inside, _)| inside.to_string())
        };
        let descr = value("descr").and_then(quoted);
        let descr = descr.ok_or_else(|| missing("descr", "a type of numbers"))?;
        let descr = Type::parse(&descr).ok_or_else(|| {
            format!("values of type `{descr}`, expected booleans, integers or floating point (b1, i1, f4, ...)")
        })?;
        let order = value("fortran_order");
        let fortran_order = match order {
            Some(rest) if rest.starts_with("True") => true,
            Some(rest) if rest.starts_with("False") => false,
            _ => return Err(missing("fortran_order", "True or False")),
        };
        let inside = value("shape").and_then(|rest| rest.strip_prefix('(')?.split_once(')')).map(|(inside, _)| inside);
        let sizes = inside.ok_or_else(|| missing("shape", "a tuple"))?.split(',').map(str::trim);
        let shape = sizes.filter(|size| !size.is_empty()).map(str::parse).collect::<Result<_, _>>();
        Ok(Self { descr, fortran_order, shape: shape.map_err(|_| missing("shape", "a tuple of numbers"))? })
    }
}

/// The spikes of a file with these bytes.
pub(super) fn decode(bytes: &[u8], file: &str, reading: &Reading) -> Result<SpikeSet, EventError> {
    let at = |place, what| EventError::Content { file: file.into(), place, what };
    let wrong = |what| at(Place::File, what);
    if !bytes.starts_with(MAGIC) {
        return Err(wrong("no NumPy array: it does not begin with \\x93NUMPY".into()));
    }
    let cut = || wrong(format!("cut short after {} bytes, within its header", bytes.len()));
    let number = |from: usize, size: usize| {
        let digits = bytes.get(from..from + size)?;
        Some(digits.iter().rev().fold(0usize, |number, byte| number << 8 | *byte as usize))
    };
    let (start, length) = match bytes.get(MAGIC.len()).ok_or_else(cut)? {
        1 => (10, number(8, 2)),
        2 | 3 => (12, number(8, 4)),
        other => return Err(wrong(format!("version {other} of the format, expected 1 to 3"))),
    };
    let length = length.ok_or_else(cut)?;
    if length > MOST_HEADER {
        return Err(wrong(format!("a header of {length} bytes, expected at most {MOST_HEADER}")));
    }
    let header = bytes.get(start..start + length).ok_or_else(cut)?;
    let body = &bytes[start + length..];
    let Header { descr, fortran_order, shape } = Header::parse(&String::from_utf8_lossy(header)).map_err(wrong)?;
    let (samples, ticks, lines) = match shape[..] {
        [ticks, lines] => (1, ticks, lines),
        [samples, ticks, lines] => (samples, ticks, lines),
        _ => {
            return Err(wrong(format!(
                "an array of shape {shape:?}, expected (samples, ticks, lines) or (ticks, lines)"
            )));
        }
    };
    let most = [(samples, usize::MAX, "samples"), (ticks, MAX_TICKS, "ticks"), (lines, MAX_LINES, "lines")];
    if let Some((size, most, name)) = most.iter().find(|(size, most, _)| *size == 0 || size > most) {
        return Err(wrong(format!("an array of shape {shape:?}: {size} {name}, expected 1 to {most}")));
    }
    let values = samples.checked_mul(ticks).and_then(|places| places.checked_mul(lines));
    if values.and_then(|values| values.checked_mul(descr.bytes)) != Some(body.len()) {
        let what = format!(
            "an array of shape {shape:?} with {} bytes a value is claimed, and {} bytes follow",
            descr.bytes,
            body.len()
        );
        return Err(wrong(what));
    }
    reading.check_lines(lines, file)?;
    let [of_sample, of_tick, of_line] =
        if fortran_order { [1, samples, samples * ticks] } else { [ticks * lines, lines, 1] };
    let limits = reading.limits();
    let sample = |number: usize| {
        let mut sample = Builder::new(limits);
        for tick in 0..ticks {
            for line in 0..lines {
                let place = (number * of_sample + tick * of_tick + line * of_line) * descr.bytes;
                let here = || Place::Byte(start + length + place);
                match descr.spike(&body[place..place + descr.bytes]) {
                    Some(true) => sample.add(tick as u64, line as u64).map_err(|what| at(here(), what))?,
                    Some(false) => {}
                    None => {
                        let what = format!("the value of sample {number}, tick {tick}, line {line} is neither 0 nor 1");
                        return Err(at(here(), what));
                    }
                }
            }
        }
        Ok(sample.finish(reading.ticks.unwrap_or(ticks)))
    };
    Ok(SpikeSet { lines, dt: None, samples: (0..samples).map(sample).collect::<Result<_, _>>()? })
}

/// The bytes of a file with these spikes: booleans of rank 3. Shorter samples are silent at their end.
pub(super) fn encode(set: &SpikeSet) -> Result<Vec<u8>, String> {
    let (samples, ticks, lines) = (set.samples.len(), set.ticks(), set.lines);
    let places = samples.checked_mul(ticks).and_then(|places| places.checked_mul(lines));
    let places = places.filter(|places| *places as u64 <= super::MAX_BYTES);
    let places = places
        .ok_or_else(|| format!("{samples} samples of {ticks} ticks of {lines} lines are too many for an array"))?;
    let mut header = format!("{{'descr': '|b1', 'fortran_order': False, 'shape': ({samples}, {ticks}, {lines}), }}");
    let length = (MAGIC.len() + 4 + header.len() + 1).next_multiple_of(ALIGNMENT) - MAGIC.len() - 4;
    header = format!("{header:<0$}\n", length - 1);
    let mut bytes = [MAGIC, &[1, 0], &(length as u16).to_le_bytes(), header.as_bytes()].concat();
    let body = bytes.len();
    bytes.resize(body + places, 0);
    for (number, sample) in set.samples.iter().enumerate() {
        for (tick, addresses) in sample.iter().enumerate() {
            addresses.iter().for_each(|&line| bytes[body + (number * ticks + tick) * lines + line as usize] = 1);
        }
    }
    Ok(bytes)
}
