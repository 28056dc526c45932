//! Data sets: samples of small integers with a label, and their split into a training and a test part.
//!
//! A file is CSV, plain or gzipped: one sample a line, its values (0 to 16) and last its label. The tool carries one such
//! file, the 1,797 handwritten digits of 8 x 8 pixels that scikit-learn bundles, so that it works from anywhere.

use flate2::read::GzDecoder;
use std::io::Read;
use std::path::Path;

/// Largest value of a pixel.
pub const MAX_VALUE: u8 = 16;
/// Most classes of a data set.
pub const MAX_CLASSES: usize = 256;
/// Seed of the split that every accuracy refers to.
pub const SPLIT_SEED: u64 = 0;
/// One sample in so many is a test sample.
const TEST_SHARE: usize = 5;

const DIGITS: &[u8] = include_bytes!("../../networks/digits/digits.csv.gz");

/// One sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Values, each 0 to [`MAX_VALUE`].
    pub pixels: Vec<u8>,
    /// Class, 0 to [`MAX_CLASSES`] - 1.
    pub label: u8,
}

/// Samples that all have the same number of values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dataset {
    pub name: String,
    pub samples: Vec<Sample>,
}

/// The two parts of a data set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    pub train: Vec<Sample>,
    pub test: Vec<Sample>,
}

/// Why a data set cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    #[error("{path}: {source}; give a CSV file, plain or gzipped")]
    Read { path: String, source: std::io::Error },
    #[error("{path} line {line}: {what}")]
    Line { path: String, line: usize, what: String },
    #[error("{path}: {what}")]
    Content { path: String, what: String },
}

impl Dataset {
    /// The digits that come with Nernst: 64 pixels, 10 classes.
    pub fn digits() -> Self {
        // The bytes are part of the program; the tests read them.
        Self::from_bytes("digits", DIGITS).expect("the embedded digits parse")
    }

    /// A data set from a CSV file, plain or gzipped.
    pub fn load(path: &Path) -> Result<Self, DataError> {
        let name = path.display().to_string();
        let bytes = std::fs::read(path).map_err(|source| DataError::Read { path: name.clone(), source })?;
        Self::from_bytes(&name, &bytes)
    }

    /// The digits for `digits`, else the CSV file of that name.
    pub fn open(name: &str) -> Result<Self, DataError> {
        if name == "digits" { Ok(Self::digits()) } else { Self::load(name.as_ref()) }
    }

    /// From the bytes of a CSV file, plain or gzipped; `name` stands in errors.
    pub fn from_bytes(name: &str, bytes: &[u8]) -> Result<Self, DataError> {
        let unreadable = |source| DataError::Read { path: name.into(), source };
        let mut text = String::new();
        if bytes.starts_with(&[0x1f, 0x8b]) {
            GzDecoder::new(bytes).read_to_string(&mut text).map_err(unreadable)?;
        } else {
            let mut plain = bytes;
            plain.read_to_string(&mut text).map_err(unreadable)?;
        }
        let mut samples: Vec<Sample> = vec![];
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let wrong = |what| DataError::Line { path: name.into(), line: number + 1, what };
            let sample = parse_line(line).map_err(wrong)?;
            let expected = samples.first().map_or(sample.pixels.len(), |first| first.pixels.len());
            if sample.pixels.len() != expected {
                let what = format!("{} values and a label, the lines before have {expected}", sample.pixels.len());
                return Err(wrong(what));
            }
            samples.push(sample);
        }
        if samples.is_empty() {
            return Err(DataError::Content { path: name.into(), what: "no samples".into() });
        }
        Ok(Self { name: name.into(), samples })
    }

    /// Values of one sample.
    pub fn inputs(&self) -> usize {
        self.samples.first().map_or(0, |sample| sample.pixels.len())
    }

    /// Largest label plus one.
    pub fn classes(&self) -> usize {
        self.samples.iter().map(|sample| sample.label as usize + 1).max().unwrap_or(0)
    }

    /// Splits off a fifth (rounded up) as test samples; see [`split`].
    pub fn split(&self, seed: u64) -> Split {
        let (train, test) = split(&self.samples, self.samples.len().div_ceil(TEST_SHARE), seed);
        Split { train, test }
    }
}

fn parse_line(line: &str) -> Result<Sample, String> {
    let mut values = vec![];
    for (column, field) in line.split(',').enumerate() {
        let value = field.trim().parse::<u8>();
        values.push(
            value.map_err(|_| format!("column {}: `{}` is not a whole number 0 to 255", column + 1, field.trim()))?,
        );
    }
    // Splitting a line gives at least one field.
    let label = values.pop().unwrap_or(0);
    if values.is_empty() {
        return Err("one number only: expected values and a label, separated by commas".into());
    }
    if let Some(column) = values.iter().position(|&value| value > MAX_VALUE) {
        return Err(format!("column {}: value {} is above {MAX_VALUE}", column + 1, values[column]));
    }
    Ok(Sample { pixels: values, label })
}

/// Splits samples into two parts, the second of `held_out` samples in which every class has its share, rounded by the
/// largest remainder. The same samples, number and seed give the same parts, in the order of the samples, on every machine.
pub fn split(samples: &[Sample], held_out: usize, seed: u64) -> (Vec<Sample>, Vec<Sample>) {
    let held_out = held_out.min(samples.len());
    let mut members: Vec<Vec<usize>> = vec![vec![]; MAX_CLASSES];
    for (number, sample) in samples.iter().enumerate() {
        members[sample.label as usize].push(number);
    }
    let mut quota: Vec<usize> = members.iter().map(|class| class.len() * held_out / samples.len().max(1)).collect();
    let mut by_remainder: Vec<usize> = (0..MAX_CLASSES).collect();
    by_remainder.sort_by_key(|&class| std::cmp::Reverse(members[class].len() * held_out % samples.len().max(1)));
    let missing = held_out - quota.iter().sum::<usize>();
    by_remainder.iter().take(missing).for_each(|&class| quota[class] += 1);

    let mut random = Random::new(seed);
    let mut is_held_out = vec![false; samples.len()];
    for (class, quota) in members.iter_mut().zip(quota) {
        random.shuffle(class);
        class[..quota].iter().for_each(|&number| is_held_out[number] = true);
    }
    let part = |wanted: bool| {
        samples
            .iter()
            .zip(&is_held_out)
            .filter(|(_, held)| **held == wanted)
            .map(|(sample, _)| sample.clone())
            .collect()
    };
    (part(false), part(true))
}

/// Random numbers that are the same on every machine and in every version: SplitMix64.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform in 0..`end`.
    pub fn below(&mut self, end: usize) -> usize {
        // The high half of a product: biased by less than end / 2^64.
        ((self.bits() as u128 * end as u128) >> 64) as usize
    }

    /// Uniform in -1..1, a multiple of 2^-23.
    pub fn symmetric(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / (1u32 << 23) as f32 - 1.0
    }

    /// Random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digits_split_as_promised() {
        let digits = Dataset::digits();
        assert_eq!((digits.samples.len(), digits.inputs(), digits.classes()), (1797, 64, 10));
        let split = digits.split(SPLIT_SEED);
        assert_eq!((split.train.len(), split.test.len()), (1437, 360));
        for class in 0..10 {
            let of = |part: &[Sample]| part.iter().filter(|sample| sample.label == class).count() as f64;
            let share = of(&split.test) / (of(&split.test) + of(&split.train));
            assert!((0.19..0.21).contains(&share), "class {class}: {share}");
        }
        assert_eq!(digits.split(SPLIT_SEED), split);
        assert_ne!(digits.split(1).test, split.test);
    }

    #[test]
    fn the_split_is_pinned() {
        // Every stored accuracy refers to these images: whoever changes the split must train again.
        let test = Dataset::digits().split(SPLIT_SEED).test;
        let digest = test
            .iter()
            .flat_map(|sample| sample.pixels.iter().chain([&sample.label]))
            .fold(0u64, |hash, &v| hash.wrapping_mul(0x0000_0100_0000_01b3) ^ v as u64);
        assert_eq!(digest, 0xf6b6_028f_0cc0_b14f, "{digest:#x}");
    }

    #[test]
    fn a_plain_file_reads_like_a_gzipped_one() {
        let data = Dataset::from_bytes("two", b"0,16,1\n\n3,4,0\r\n").unwrap();
        assert_eq!(data.samples[0], Sample { pixels: vec![0, 16], label: 1 });
        assert_eq!(data.samples[1], Sample { pixels: vec![3, 4], label: 0 });
    }

    #[test]
    fn errors_name_line_and_column() {
        let refuse = |text: &[u8], words: &str| {
            let error = Dataset::from_bytes("x.csv", text).unwrap_err().to_string();
            assert!(error.contains(words) && !error.contains('\n'), "{error}");
        };
        refuse(b"1,2,0\n1,x,0\n", "x.csv line 2: column 2: `x`");
        refuse(b"1,2,0\n1,17,0\n", "x.csv line 2: column 2: value 17 is above 16");
        refuse(b"1,2,0\n1,2,3,0\n", "x.csv line 2: 3 values and a label, the lines before have 2");
        refuse(b"7\n", "x.csv line 1: one number only");
        refuse(b"\n", "x.csv: no samples");
        refuse(&[0x1f, 0x8b, 8, 0], "x.csv: ");
        refuse(&[0xff, 0xfe, 0, 1], "x.csv: ");
    }

    #[test]
    fn random_numbers_are_those_of_splitmix64() {
        let mut random = Random::new(1234567);
        assert_eq!(random.bits(), 6457827717110365317);
        assert_eq!(random.bits(), 3203168211198807973);
        assert!((0..1000).all(|_| (-1.0..1.0).contains(&random.symmetric()) && random.below(7) < 7));
    }
}
