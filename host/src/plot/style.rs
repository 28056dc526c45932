//! Colours, type and sizes that all pictures share.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

pub(super) const INK: RGBColor = RGBColor(38, 43, 51);
pub(super) const FAINT: RGBColor = RGBColor(122, 130, 140);
pub(super) const GRID: RGBColor = RGBColor(232, 235, 239);
pub(super) const NEURON: RGBColor = RGBColor(0, 114, 178);
pub(super) const OUTPUT: RGBColor = RGBColor(213, 94, 0);
pub(super) const LINE: RGBColor = RGBColor(150, 158, 168);

/// Communication: warm colours, most important first.
pub(super) const WARM: [RGBColor; 6] = [
    RGBColor(213, 94, 0),
    RGBColor(230, 159, 0),
    RGBColor(240, 200, 96),
    RGBColor(166, 60, 20),
    RGBColor(204, 121, 167),
    RGBColor(120, 40, 60),
];
/// Computation: cold colours.
pub(super) const COLD: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(86, 180, 233),
    RGBColor(0, 158, 115),
    RGBColor(20, 60, 120),
    RGBColor(120, 200, 180),
    RGBColor(70, 90, 110),
];

pub(super) const WIDTH: u32 = 960;
pub(super) const TITLE_HEIGHT: u32 = 58;

/// Text of this size and colour, its left upper corner at the point where it is put.
pub(super) fn font(size: u32, color: &RGBColor) -> TextStyle<'static> {
    ("sans-serif", size).into_font().color(color)
}

/// The same, its point at the given side.
pub(super) fn font_at(size: u32, color: &RGBColor, horizontal: HPos, vertical: VPos) -> TextStyle<'static> {
    font(size, color).pos(Pos::new(horizontal, vertical))
}

/// A white page with a title and a line below it; returns what is left.
pub(super) fn page<'a, DB: DrawingBackend + 'a>(
    backend: DB,
    title: &str,
    subtitle: &str,
) -> Result<DrawingArea<DB, plotters::coord::Shift>, DrawingAreaErrorKind<DB::ErrorType>> {
    let root = backend.into_drawing_area();
    root.fill(&WHITE)?;
    root.draw(&Text::new(title.to_string(), (20, 14), font(19, &INK)))?;
    root.draw(&Text::new(subtitle.to_string(), (20, 38), font(13, &FAINT)))?;
    Ok(root.split_vertically(TITLE_HEIGHT).1)
}

/// A count with thousands apart.
pub(super) fn count(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if value < 0.0 && text != "0" { format!("-{text}") } else { text }
}

/// The label of a tick: only whole numbers have one.
pub(super) fn whole(value: &f64) -> String {
    if value.fract().abs() < 1e-9 { count(*value) } else { String::new() }
}
