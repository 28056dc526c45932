//! Rows of stacked bars, each with a line of text above its bar: they fit any width.

use super::PlotError;
use super::style::*;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

/// Pixels of a row: text, bar and the gap below.
pub(super) const ROW: u32 = 42;
/// Pixels of a line of a key.
const KEY_ROW: u32 = 20;
/// Pixels of a heading above rows.
pub(super) const HEADING: u32 = 26;

/// A bar of parts.
pub(super) struct Row {
    /// Left above the bar.
    pub label: String,
    /// Right above the bar.
    pub value: String,
    pub parts: Vec<(RGBColor, f64)>,
}

impl Row {
    fn total(&self) -> f64 {
        self.parts.iter().map(|(_, value)| value).sum()
    }
}

/// The largest bar.
pub(super) fn longest(rows: &[Row]) -> f64 {
    rows.iter().map(Row::total).fold(f64::MIN_POSITIVE, f64::max)
}

/// Draws rows from `top` downwards; a bar of `longest` is as wide as the sheet.
pub(super) fn draw<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    sheet: Sheet,
    top: u32,
    rows: &[Row],
    longest: f64,
) -> Result<(), DrawingAreaErrorKind<DB::ErrorType>> {
    let (left, right) = (sheet.margin(), sheet.width as i32 - sheet.margin());
    for (number, row) in rows.iter().enumerate() {
        let top = (top + ROW * number as u32) as i32;
        let room = right - left - text_width(&row.value, TEXT) - 8;
        area.draw(&Text::new(fitting(&row.label, TEXT, room), (left, top), font(TEXT, &INK)))?;
        area.draw(&Text::new(row.value.clone(), (right, top), font_at(TEXT, &INK, HPos::Right, VPos::Top)))?;
        area.draw(&Rectangle::new([(left, top + 18), (right, top + 30)], GRID.filled()))?;
        let end = |value: f64| left + ((right - left) as f64 * value / longest).round() as i32;
        let mut sum = 0.0;
        for (color, value) in &row.parts {
            let from = end(sum);
            sum += value;
            if end(sum) > from {
                area.draw(&Rectangle::new([(from, top + 18), (end(sum), top + 30)], color.filled()))?;
            }
        }
    }
    Ok(())
}

/// A heading above rows.
pub(super) fn heading<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    sheet: Sheet,
    top: u32,
    text: &str,
) -> Result<(), DrawingAreaErrorKind<DB::ErrorType>> {
    area.draw(&Text::new(text.to_string(), (sheet.margin(), top as i32), font(TEXT, &FAINT)))
}

/// Where the entries of a key go, each with the left of its place, and the pixels that all of it takes.
fn key_places(sheet: Sheet, entries: &[(RGBColor, String)]) -> (Vec<(i32, i32)>, u32) {
    let (left, right) = (sheet.margin(), sheet.width as i32 - sheet.margin());
    let (mut x, mut y) = (left, 0);
    let mut places = vec![];
    for (_, text) in entries {
        let width = 16 + text_width(text, TEXT) + 18;
        if x > left && x + width > right {
            (x, y) = (left, y + KEY_ROW as i32);
        }
        places.push((x, y));
        x += width;
    }
    (places, y as u32 + KEY_ROW)
}

/// Pixels that a key takes.
pub(super) fn key_height(sheet: Sheet, entries: &[(RGBColor, String)]) -> u32 {
    key_places(sheet, entries).1
}

/// Draws a key: what each colour stands for, in as many lines as it takes.
pub(super) fn key<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    sheet: Sheet,
    top: u32,
    entries: &[(RGBColor, String)],
) -> Result<(), DrawingAreaErrorKind<DB::ErrorType>> {
    for ((x, y), (color, text)) in key_places(sheet, entries).0.into_iter().zip(entries) {
        let y = y + top as i32;
        area.draw(&Rectangle::new([(x, y + 1), (x + 11, y + 12)], color.filled()))?;
        area.draw(&Text::new(text.clone(), (x + 16, y), font(TEXT, &INK)))?;
    }
    Ok(())
}

/// A picture that is a key and rows below headings.
pub(super) fn picture(
    sheet: Sheet,
    (title, subtitle): (&str, &str),
    entries: &[(RGBColor, String)],
    panels: &[(&str, Vec<Row>)],
) -> Result<String, PlotError> {
    let heading_height = |name: &str| if name.is_empty() { 0 } else { HEADING };
    let key_height = if entries.is_empty() { 0 } else { key_height(sheet, entries) + 8 };
    let rows: u32 = panels.iter().map(|(name, rows)| heading_height(name) + ROW * rows.len() as u32).sum();
    let mut svg = String::new();
    {
        let area = sheet.begin(&mut svg, sheet.top() + key_height + rows, title, subtitle)?;
        key(&area, sheet, 0, entries)?;
        let mut top = key_height;
        for (name, rows) in panels {
            if !name.is_empty() {
                heading(&area, sheet, top, name)?;
                top += HEADING;
            }
            draw(&area, sheet, top, rows, longest(rows))?;
            top += ROW * rows.len() as u32;
        }
        area.present()?;
    }
    Ok(svg)
}
