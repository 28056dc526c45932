//! Data sets: samples of small integers with a label, and their split into a training and a test part.
//!
//! A file is CSV, plain or gzipped: one sample a line, its values and last its label; `docs/data.md` has the grammar. The
//! tool carries two such files, so that it works from anywhere: the 1,797 handwritten digits of 8 x 8 pixels and the 150
//! irises that scikit-learn bundles.
//!
//! Codes take values of 0 to 16. Where all values of a file are whole numbers in that range, they are taken as they are.
//! Any others are scaled, column by column, from the smallest and largest value of the *training part* of the same file
//! under [`SPLIT_SEED`]: nothing of the test part is looked at, and nothing has to be kept, because the same file always
//! gives the same samples.

use flate2::read::GzDecoder;
use std::collections::BTreeSet;
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
/// Most bytes of text that a file may have, unpacked: MNIST has 130 MB.
const MAX_BYTES: u64 = 1 << 30;

/// The data sets that come with the program, by name.
const BUNDLED: [(&str, &[u8]); 2] = [
    ("digits", include_bytes!("../../networks/digits/digits.csv.gz")),
    ("iris", include_bytes!("../../networks/iris/iris.csv")),
];

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
    /// Whether the values were scaled, or are those of the file.
    pub scaled: bool,
    /// Names of the classes, where labels are text: class 0 is the first of them in sorted order.
    pub class_names: Vec<String>,
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
    #[error("{path}: {source}; give a CSV file, plain or gzipped, or one of: {}", BUNDLED.map(|(name, _)| name).join(", "))]
    Read { path: String, source: std::io::Error },
    #[error("{path} line {line}: {what}")]
    Line { path: String, line: u64, what: String },
    #[error("{path}: {what}")]
    Content { path: String, what: String },
}

impl Dataset {
    /// The digits that come with Nernst: 64 pixels, 10 classes.
    pub fn digits() -> Self {
        // The bytes are part of the program; the tests read them.
        Self::from_bytes(BUNDLED[0].0, BUNDLED[0].1).expect("the embedded digits parse")
    }

    /// A data set from a CSV file, plain or gzipped.
    pub fn load(path: &Path) -> Result<Self, DataError> {
        let name = path.display().to_string();
        let bytes = std::fs::read(path).map_err(|source| DataError::Read { path: name.clone(), source })?;
        Self::from_bytes(&name, &bytes)
    }

    /// Whether a data set of this name comes with the program.
    pub fn is_bundled(name: &Path) -> bool {
        BUNDLED.iter().any(|(bundled, _)| name.as_os_str() == *bundled)
    }

    /// The data set of this name that comes with the program (`digits`, `iris`), else the CSV file of that name.
    pub fn open(name: &str) -> Result<Self, DataError> {
        match BUNDLED.iter().find(|(bundled, _)| *bundled == name) {
            Some((name, bytes)) => Self::from_bytes(name, bytes),
            None => Self::load(name.as_ref()),
        }
    }

    /// From the bytes of a CSV file, plain or gzipped; `name` stands in errors.
    pub fn from_bytes(name: &str, bytes: &[u8]) -> Result<Self, DataError> {
        let table = Table::parse(name, &text(name, bytes)?)?;
        let (labels, class_names) = table.classes(name)?;
        let as_it_is = |value: &f64| (0.0..=MAX_VALUE as f64).contains(value) && value.fract() == 0.0;
        let scaled = !table.values.iter().all(as_it_is);
        let rows = table.values.chunks_exact(table.columns);
        let pixels: Vec<Vec<u8>> = if scaled {
            let test = held_out(&labels, labels.len().div_ceil(TEST_SHARE), SPLIT_SEED);
            let train = rows.clone().zip(&test).filter(|(_, is_test)| !**is_test).map(|(row, _)| row);
            let ranges = ranges(train, table.columns);
            rows.map(|row| row.iter().zip(&ranges).map(|(&value, &range)| scale(value, range)).collect()).collect()
        } else {
            rows.map(|row| row.iter().map(|&value| value as u8).collect()).collect()
        };
        let samples = pixels.into_iter().zip(labels).map(|(pixels, label)| Sample { pixels, label }).collect();
        Ok(Self { name: name.into(), samples, scaled, class_names })
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

/// Unpacked text of a file.
fn text(name: &str, bytes: &[u8]) -> Result<String, DataError> {
    let unreadable = |source| DataError::Read { path: name.into(), source };
    let mut text = String::new();
    let mut source: Box<dyn Read> =
        if bytes.starts_with(&[0x1f, 0x8b]) { Box::new(GzDecoder::new(bytes)) } else { Box::new(bytes) };
    source.by_ref().take(MAX_BYTES).read_to_string(&mut text).map_err(unreadable)?;
    match text.len() as u64 {
        MAX_BYTES => {
            Err(DataError::Content { path: name.into(), what: format!("more than {MAX_BYTES} bytes of text") })
        }
        _ => Ok(text),
    }
}

/// A file as it is: numbers row by row, and the text of labels.
struct Table {
    /// Values of one sample, at least one.
    columns: usize,
    values: Vec<f64>,
    labels: Vec<String>,
    /// The line of each sample.
    lines: Vec<u64>,
}

impl Table {
    fn parse(name: &str, text: &str) -> Result<Self, DataError> {
        let wrong = |line, what| DataError::Line { path: name.into(), line, what };
        let mut table = Self { columns: 0, values: vec![], labels: vec![], lines: vec![] };
        let mut titles: Option<csv::StringRecord> = None;
        let mut reader = csv::ReaderBuilder::new();
        let reader = reader.has_headers(false).flexible(true).trim(csv::Trim::All).comment(Some(b'#'));
        for (number, record) in reader.from_reader(text.as_bytes()).into_records().enumerate() {
            // Text in memory is read without errors, and it is UTF-8.
            let record = record.map_err(|error| DataError::Content { path: name.into(), what: error.to_string() })?;
            if record.len() == 1 && record[0].is_empty() {
                continue;
            }
            let line = record.position().map_or(0, |position| line_of(text, position));
            let columns = record.len() - 1;
            if number == 0 && record.iter().take(columns).any(is_title) {
                titles = Some(record);
                continue;
            }
            if columns == 0 {
                return Err(wrong(line, "one field only: expected values and a label, separated by commas".into()));
            }
            if table.lines.is_empty() {
                table.columns = columns;
            } else if columns != table.columns {
                let what = format!("{columns} values and a label, the lines before have {}", table.columns);
                return Err(wrong(line, what));
            }
            for (column, field) in record.iter().take(columns).enumerate() {
                let value = field.parse().ok().filter(|value: &f64| value.is_finite()).ok_or_else(|| {
                    let title = titles.as_ref().filter(|titles| titles.len() == record.len());
                    let title = title.map(|titles| format!(" (`{}`)", &titles[column])).unwrap_or_default();
                    wrong(line, format!("column {}{title}: `{field}` is not a number", column + 1))
                })?;
                table.values.push(value);
            }
            table.labels.push(record[columns].into());
            table.lines.push(line);
        }
        match table.lines.is_empty() {
            true => Err(DataError::Content { path: name.into(), what: "no samples".into() }),
            false => Ok(table),
        }
    }

    /// The class of each sample: labels that are all numbers are classes themselves, text is numbered in sorted order. And
    /// the names of the classes, where labels are text.
    fn classes(&self, name: &str) -> Result<(Vec<u8>, Vec<String>), DataError> {
        let numbers: Option<Vec<f64>> = self.labels.iter().map(|label| label.parse().ok()).collect();
        if let Some(numbers) = numbers {
            let class = |(value, &line): (f64, &u64)| {
                let whole = value.fract() == 0.0 && (0.0..MAX_CLASSES as f64).contains(&value);
                let what = || format!("label `{value}` is no class: classes are whole numbers 0 to 255, or text");
                if whole { Ok(value as u8) } else { Err(DataError::Line { path: name.into(), line, what: what() }) }
            };
            return Ok((numbers.into_iter().zip(&self.lines).map(class).collect::<Result<_, _>>()?, vec![]));
        }
        if let Some(place) = self.labels.iter().position(String::is_empty) {
            return Err(DataError::Line { path: name.into(), line: self.lines[place], what: "no label".into() });
        }
        let names: Vec<&String> = self.labels.iter().collect::<BTreeSet<_>>().into_iter().collect();
        if names.len() > MAX_CLASSES {
            let what = format!(
                "{} different labels, at most {MAX_CLASSES} are classes; the last column is the label",
                names.len()
            );
            return Err(DataError::Content { path: name.into(), what });
        }
        // Every label is among the names, and there are not more than a byte counts.
        let class = |label| names.binary_search(&label).unwrap_or(0) as u8;
        Ok((self.labels.iter().map(class).collect(), names.into_iter().cloned().collect()))
    }
}

/// The line of a record, which in its position can be that of an empty line or a comment before it.
fn line_of(text: &str, position: &csv::Position) -> u64 {
    let from = text.get(position.byte() as usize..).unwrap_or_default();
    position.line() + from.lines().take_while(|line| line.is_empty() || line.starts_with('#')).count() as u64
}

/// Whether a field of the first line can be the title of a column: it is no number and has a letter.
fn is_title(field: &str) -> bool {
    field.parse::<f64>().is_err() && field.contains(|c: char| c.is_alphabetic())
}

/// Smallest and largest value of each column.
fn ranges<'a>(rows: impl Iterator<Item = &'a [f64]>, columns: usize) -> Vec<(f64, f64)> {
    let mut ranges = vec![(f64::INFINITY, f64::NEG_INFINITY); columns];
    for row in rows {
        for ((least, most), &value) in ranges.iter_mut().zip(row) {
            (*least, *most) = (least.min(value), most.max(value));
        }
    }
    ranges
}

/// A value as 0 to [`MAX_VALUE`], by the range of its column: rounded, halves up, and clamped. All of a column that has one value
/// are 0.
fn scale(value: f64, (least, most): (f64, f64)) -> u8 {
    if most <= least {
        return 0;
    }
    let whole = MAX_VALUE as f64;
    (whole * ((value - least) / (most - least))).clamp(0.0, whole).round() as u8
}

/// Splits samples into two parts, the second of `held_out` samples in which every class has its share, rounded by the
/// largest remainder. The same samples, number and seed give the same parts, in the order of the samples, on every machine.
pub fn split(samples: &[Sample], number: usize, seed: u64) -> (Vec<Sample>, Vec<Sample>) {
    let labels: Vec<u8> = samples.iter().map(|sample| sample.label).collect();
    let is_held_out = held_out(&labels, number, seed);
    let part = |wanted: bool| {
        let of = samples.iter().zip(&is_held_out).filter(|(_, held)| **held == wanted);
        of.map(|(sample, _)| sample.clone()).collect()
    };
    (part(false), part(true))
}

/// Which samples are in the second part of [`split`], by their labels.
fn held_out(labels: &[u8], number: usize, seed: u64) -> Vec<bool> {
    let (samples, number) = (labels.len().max(1), number.min(labels.len()));
    let mut members: Vec<Vec<usize>> = vec![vec![]; MAX_CLASSES];
    for (place, &label) in labels.iter().enumerate() {
        members[label as usize].push(place);
    }
    let mut quota: Vec<usize> = members.iter().map(|class| class.len() * number / samples).collect();
    let mut by_remainder: Vec<usize> = (0..MAX_CLASSES).collect();
    by_remainder.sort_by_key(|&class| std::cmp::Reverse(members[class].len() * number % samples));
    let missing = number - quota.iter().sum::<usize>();
    by_remainder.iter().take(missing).for_each(|&class| quota[class] += 1);

    let mut random = Random::new(seed);
    let mut is_held_out = vec![false; labels.len()];
    for (class, quota) in members.iter_mut().zip(quota) {
        random.shuffle(class);
        class[..quota].iter().for_each(|&place| is_held_out[place] = true);
    }
    is_held_out
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
        assert!(!data.scaled);
        let gzipped = BUNDLED[0].1;
        let mut text = String::new();
        GzDecoder::new(gzipped).read_to_string(&mut text).unwrap();
        let plain = Dataset::from_bytes("digits", text.as_bytes()).unwrap();
        assert!(plain == Dataset::digits() && !plain.scaled);
    }

    #[test]
    fn errors_name_line_and_column() {
        let refuse = |text: &[u8], words: &str| {
            let error = Dataset::from_bytes("x.csv", text).unwrap_err().to_string();
            assert!(error.contains(words) && !error.contains('\n'), "{error}");
        };
        refuse(b"1,2,0\n1,x,0\n", "x.csv line 2: column 2: `x` is not a number");
        refuse(b"a,b,class\n1,,0\n", "x.csv line 2: column 2 (`b`): `` is not a number");
        refuse(b"?,2,0\n1,2,0\n", "x.csv line 1: column 1: `?` is not a number");
        refuse(b"1,2,0\n1,inf,0\n", "x.csv line 2: column 2: `inf` is not a number");
        refuse(b"1,2,0\n\n  \n# three\r\n\r\n1,2,3,0\n", "x.csv line 6: 3 values and a label, the lines before have 2");
        refuse(b"1,2,0\n1,2,256\n", "x.csv line 2: label `256` is no class");
        refuse(b"1,2,0\n1,2,0.5\n", "x.csv line 2: label `0.5` is no class");
        refuse(b"1,2,a\n1,2,\n", "x.csv line 2: no label");
        refuse(b"7\n", "x.csv line 1: one field only");
        refuse(b"\n", "x.csv: no samples");
        refuse(b"a,b,class\n", "x.csv: no samples");
        refuse(&[0x1f, 0x8b, 8, 0], "x.csv: ");
        refuse(&[0xff, 0xfe, 0, 1], "x.csv: ");
        let many: String = (0..300).map(|number| format!("1,name {number}\n")).collect();
        refuse(many.as_bytes(), "x.csv: 300 different labels, at most 256 are classes");
    }

    #[test]
    fn labels_that_are_text_are_classes_in_sorted_order() {
        let data = Dataset::from_bytes("x", b"width,kind\n1,\"b, wild\"\n2,a\n3,c\n4,a\n").unwrap();
        assert_eq!(data.samples.iter().map(|sample| sample.label).collect::<Vec<_>>(), [1, 0, 2, 0]);
        assert_eq!(data.class_names, ["a", "b, wild", "c"]);
        let numbers = Dataset::from_bytes("x", b"1,2.0\n2,0\n").unwrap();
        assert_eq!((numbers.samples[0].label, numbers.classes(), numbers.class_names.len()), (2, 3, 0));
    }

    #[test]
    fn values_are_scaled_by_the_training_part_alone() {
        // 10 samples of one class: two are for testing. A third column says which line it is.
        let lines = |outlier: Option<usize>| -> String {
            let wide = |line| if outlier == Some(line) { "1e9".into() } else { format!("{}", line as f64 / 2.0 - 1.0) };
            (0..10).map(|line| format!("{},7,{line},0\n", wide(line))).collect()
        };
        let data = Dataset::from_bytes("x", lines(None).as_bytes()).unwrap();
        let test: Vec<usize> = data.split(SPLIT_SEED).test.iter().map(|sample| sample.pixels[2] as usize).collect();
        // An outlier in the test part is cut off and changes nobody else; one of the training part is the new scale.
        assert!(data.scaled && test.len() == 2);
        let first = |data: &Dataset| data.samples.iter().map(|sample| sample.pixels[0]).collect::<Vec<_>>();
        let held = held_out(&[0; 10], 2, SPLIT_SEED);
        let (tested, trained) = (held.iter().position(|h| *h).unwrap(), held.iter().rposition(|h| !*h).unwrap());
        let with_test = Dataset::from_bytes("x", lines(Some(tested)).as_bytes()).unwrap();
        let expected: Vec<u8> = (0..10).map(|n| if n == tested { 16 } else { first(&data)[n] }).collect();
        assert_eq!(first(&with_test), expected);
        let with_train = Dataset::from_bytes("x", lines(Some(trained)).as_bytes()).unwrap();
        let expected: Vec<u8> = (0..10).map(|n| if n == trained { 16 } else { 0 }).collect();
        assert_eq!(first(&with_train), expected);
        // A column of one value says nothing.
        assert!(data.samples.iter().all(|sample| sample.pixels[1] == 0));
    }

    #[test]
    fn scaling_reaches_from_end_to_end_and_rounds() {
        let range = (-1.0, 3.0);
        let scaled = [-5.0, -1.0, -0.9, -0.875, 1.0, 2.99, 3.0, 1e300].map(|value| scale(value, range));
        assert_eq!(scaled, [0, 0, 0, 1, 8, 16, 16, 16]);
        assert_eq!([scale(f64::MAX, (f64::MIN, f64::MAX)), scale(1.0, (1.0, 1.0))], [0, 0]);
    }

    #[test]
    fn irises_are_four_real_numbers_of_three_kinds() {
        let iris = Dataset::open("iris").unwrap();
        assert_eq!((iris.samples.len(), iris.inputs(), iris.classes(), iris.scaled), (150, 4, 3, true));
        let split = iris.split(SPLIT_SEED);
        for class in 0..3 {
            assert_eq!(split.test.iter().filter(|sample| sample.label == class).count(), 10);
        }
        for column in 0..4 {
            let values = || split.train.iter().map(|sample| sample.pixels[column]);
            assert_eq!((values().min(), values().max()), (Some(0), Some(MAX_VALUE)));
        }
    }

    #[test]
    fn random_numbers_are_those_of_splitmix64() {
        let mut random = Random::new(1234567);
        assert_eq!(random.bits(), 6457827717110365317);
        assert_eq!(random.bits(), 3203168211198807973);
        assert!((0..1000).all(|_| (-1.0..1.0).contains(&random.symmetric()) && random.below(7) < 7));
    }
}
