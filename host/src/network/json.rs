//! JSON as people and Python write it: rows of numbers on a line each, NaN and Infinity.

use serde_json::ser::{Formatter, PrettyFormatter};
use std::io::{self, Write};

/// Nesting from which on a value stays on its line: a row of weights.
const LINE_DEPTH: usize = 4;

/// The text with `null` for each NaN and Infinity outside of strings.
pub(super) fn without_nan(text: &str) -> String {
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
pub(super) struct RowsOnLines {
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
