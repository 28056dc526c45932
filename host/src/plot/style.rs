//! Colours, type and sizes that all pictures share.

use super::PlotError;
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

/// The group of learning: between the cold and the warm.
const LEARNING: RGBColor = RGBColor(0, 140, 105);
/// The group of time.
const TIME: RGBColor = RGBColor(112, 120, 132);
/// A group that this program does not know.
const OTHER: RGBColor = RGBColor(190, 105, 155);

pub(super) const WIDTH: u32 = 960;
pub(super) const TITLE_HEIGHT: u32 = 58;

/// The sheet that a picture is drawn on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// In pixels.
    pub width: u32,
    /// White, with a title: a file of its own. Otherwise transparent, for a page that says what it shows.
    pub alone: bool,
}

impl Sheet {
    /// A file of its own.
    pub const FILE: Self = Self { width: WIDTH, alone: true };
    /// In a page on a screen.
    pub const WIDE: Self = Self { width: 860, alone: false };
    /// In a page on a phone.
    pub const NARROW: Self = Self { width: 350, alone: false };

    /// Pixels at both sides of what is drawn.
    pub(super) fn margin(self) -> i32 {
        if self.alone { 20 } else { 2 }
    }

    /// Pixels above what is drawn.
    pub(super) fn top(self) -> u32 {
        if self.alone { TITLE_HEIGHT } else { 0 }
    }

    /// The sheet with its title; returns what is left below. `height`: of all of it.
    pub(super) fn begin<'a>(
        self,
        svg: &'a mut String,
        height: u32,
        title: &str,
        subtitle: &str,
    ) -> Result<DrawingArea<SVGBackend<'a>, plotters::coord::Shift>, PlotError> {
        let backend = SVGBackend::with_string(svg, (self.width, height));
        match self.alone {
            true => Ok(page(backend, title, subtitle)?),
            false => Ok(backend.into_drawing_area()),
        }
    }
}

/// The colour of a group of counters in every picture.
pub(super) fn group_color(group: &str) -> RGBColor {
    match group {
        "communication" => WARM[0],
        "computation" => COLD[0],
        "learning" => LEARNING,
        "time" => TIME,
        _ => OTHER,
    }
}

/// Style for a page with pictures in it, below an element of the class `picture`: what is written and ruled takes the
/// page's own colours, `--ink`, `--faint` and `--grid`, so that it can be read on any ground.
pub fn css() -> String {
    let rule = |color: &RGBColor, variable: &str| {
        let RGBColor(r, g, b) = color;
        let hex = format!("#{r:02X}{g:02X}{b:02X}");
        format!(
            ".picture [fill=\"{hex}\"]{{fill:var(--{variable})}}.picture [stroke=\"{hex}\"]{{stroke:var(--{variable})}}"
        )
    };
    [(&INK, "ink"), (&FAINT, "faint"), (&GRID, "grid")].map(|(color, variable)| rule(color, variable)).concat()
}

/// Text that belongs to a page's own: 12 pixels, because plotters takes a size for that of a line.
pub(super) const TEXT: u32 = 15;

/// About how many pixels a text is wide; no picture knows the viewer's font.
pub(super) fn text_width(text: &str, size: u32) -> i32 {
    (text.chars().count() as f64 * size as f64 * 0.48).ceil() as i32
}

/// As much of a text as fits in so many pixels.
pub(super) fn fitting(text: &str, size: u32, width: i32) -> String {
    if text_width(text, size) <= width {
        return text.to_string();
    }
    let mut short: String = text.to_string();
    while text_width(&short, size) + size as i32 > width && short.pop().is_some() {}
    short.trim_end().to_string() + "…"
}

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
