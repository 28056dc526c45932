//! Classes of samples in a file: a line for each, the class in its last column.
//!
//! A first line that is no number is a header; empty lines and those that begin with `#` are passed over.

use super::{EventError, Place};
use std::path::Path;

const HEADER: &str = "label";

/// The class of each sample, below `classes`.
pub fn read(path: &Path, classes: usize) -> Result<Vec<usize>, EventError> {
    let file = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|source| EventError::Read { file: file.clone(), source })?;
    parse(&text, &file, classes)
}

fn parse(text: &str, file: &str, classes: usize) -> Result<Vec<usize>, EventError> {
    let mut labels = vec![];
    let lines = text.lines().enumerate().map(|(number, line)| (number as u64 + 1, line.trim()));
    for (place, (line, text)) in lines.filter(|(_, text)| !text.is_empty() && !text.starts_with('#')).enumerate() {
        // Splitting gives at least one field.
        let field = text.rsplit(',').next().unwrap_or_default().trim();
        match field.parse() {
            Ok(label) if label < classes => labels.push(label),
            Err(_) if place == 0 && field.parse::<f64>().is_err() => {}
            _ => {
                let what = format!("label `{field}`, expected a class from 0 to {}", classes.saturating_sub(1));
                return Err(EventError::Content { file: file.into(), place: Place::Line(line), what });
            }
        }
    }
    Ok(labels)
}

/// The text of a file with these classes.
pub fn text(labels: impl IntoIterator<Item = usize>) -> String {
    let lines = labels.into_iter().map(|label| format!("{label}\n"));
    std::iter::once(format!("{HEADER}\n")).chain(lines).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_come_back_and_wrong_ones_are_named_by_their_line() {
        assert_eq!(parse(&text([3, 0, 9]), "l.csv", 10).unwrap(), [3, 0, 9]);
        assert_eq!(parse("# of file\n\nname,class\na,1\r\nb, 2\n", "l.csv", 3).unwrap(), [1, 2]);
        for (text, words) in [
            ("1\n2\n", "l.csv line 2: label `2`, expected a class from 0 to 1"),
            ("0\nx\n", "l.csv line 2: label `x`"),
            ("-1\n", "l.csv line 1: label `-1`"),
            ("0.5\n", "l.csv line 1: label `0.5`"),
        ] {
            assert_eq!(parse(text, "l.csv", 2).unwrap_err().to_string().find(words), Some(0), "{text}");
        }
    }
}
