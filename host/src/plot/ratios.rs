//! Communication against computation, beside the cortex.

use super::PlotError;
use super::rows::ROW;
use super::style::*;
use crate::energy::Statement;
use crate::energy::ratio::Ratio;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

/// Pixels below the rows for the axis.
const AXIS: u32 = 44;

/// Communication over computation in events, in bits and in joules of every bill, as points on a logarithmic axis, with
/// the cortex's as a line.
pub fn ratios(statement: &Statement, sheet: Sheet) -> Result<String, PlotError> {
    let rows = rows(statement);
    let decades = |ratio: f64| ratio.log10();
    let points = rows.iter().filter_map(|(_, ratio, _)| ratio.value().filter(|&value| value > 0.0));
    let (low, high) = points
        .chain([0.1, statement.cortex])
        .fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(decades(value)), high.max(decades(value))));
    let (low, high) = ((low - 0.1).floor(), (high + 0.1).ceil());
    let (left, right) = (sheet.margin() + 22, sheet.width as i32 - sheet.margin() - 22);
    let x = |ratio: f64| left + ((right - left) as f64 * (decades(ratio) - low) / (high - low)).round() as i32;
    let height = ROW * rows.len() as u32;
    let bottom = height as i32;
    let mut svg = String::new();
    {
        let title = format!("{} on {}: communication to computation", statement.network, statement.config);
        let subtitle = "events and bits are exact, joules are estimates";
        let area = sheet.begin(&mut svg, sheet.top() + height + AXIS, &title, subtitle)?;
        // A line through all rows, where they have no text.
        let mark = |x: i32, color: &RGBColor, width: u32| {
            let tops = (0..rows.len() as i32).map(|row| row * ROW as i32);
            tops.map(|top| [(x, top + 19), (x, top + 35)])
                .try_for_each(|line| area.draw(&PathElement::new(line, color.stroke_width(width))))
        };
        // As many labels as there is room for.
        let step = ((high - low) * 70.0 / (right - left) as f64).ceil().max(1.0) as i32;
        for decade in low as i32..=high as i32 {
            let at = x(10f64.powi(decade));
            mark(at, &GRID, 1)?;
            if decade.rem_euclid(step) == 0 {
                let text = Ratio { communication: 10f64.powi(decade), computation: 1.0 };
                let text = if decade < 0 { format!("1 : {}", count(10f64.powi(-decade))) } else { plain(&text) };
                let half = text_width(&text, TEXT) / 2;
                let at = at.clamp(half, sheet.width as i32 - half);
                area.draw(&Text::new(text, (at, bottom + 4), font_at(TEXT, &INK, HPos::Center, VPos::Top)))?;
            }
        }
        let cortex = x(statement.cortex);
        mark(cortex, &WARM[0], 2)?;
        let text = format!("cortex, in joules: {} : 1", statement.cortex);
        let half = text_width(&text, TEXT) / 2;
        let middle = cortex.clamp(half, sheet.width as i32 - half);
        area.draw(&Text::new(text, (middle, bottom + 24), font_at(TEXT, &WARM[0], HPos::Center, VPos::Top)))?;
        for (number, (label, ratio, note)) in rows.iter().enumerate() {
            let top = (ROW * number as u32) as i32;
            let value = format!("{ratio}{note}");
            let room = right - left - text_width(&value, TEXT) + 36;
            area.draw(&Text::new(fitting(label, TEXT, room), (sheet.margin(), top), font(TEXT, &INK)))?;
            let end = sheet.width as i32 - sheet.margin();
            area.draw(&Text::new(value, (end, top), font_at(TEXT, &INK, HPos::Right, VPos::Top)))?;
            area.draw(&PathElement::new([(left, top + 27), (right, top + 27)], GRID))?;
            if let Some(value) = ratio.value().filter(|&value| value > 0.0) {
                let color = if value >= 1.0 { WARM[0] } else { COLD[0] };
                area.draw(&Circle::new((x(value), top + 27), 5, color.filled()))?;
            }
        }
        area.present()?;
    }
    Ok(svg)
}

fn plain(ratio: &Ratio) -> String {
    format!("{} : 1", count(ratio.communication))
}

/// A label, a ratio and what to say behind it.
fn rows(statement: &Statement) -> Vec<(String, Ratio, String)> {
    let mut rows: Vec<_> = statement.events.iter().map(|&events| ("events".into(), events, String::new())).collect();
    rows.push(("bits in the array".into(), statement.bits_on_array, String::new()));
    rows.push(("bits with the link".into(), statement.bits_with_link, String::new()));
    for (bill, figures) in statement.bills.iter().zip(&statement.figures) {
        if let Some(joules) = figures.joules {
            rows.push((format!("joules, {}", bill.prices), joules, format!(" ({})", bill.evidence(figures.grade))));
        }
    }
    rows
}
