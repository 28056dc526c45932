//! Energy against accuracy, run by run.

use super::PlotError;
use super::energy_ticks::short;
use super::style::*;
use crate::energy::Bill;
use crate::energy::units::si;
use crate::report::RunReport;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

const HEIGHT: u32 = 300;
/// Pixels of a line of the key.
const LINE_HEIGHT: u32 = 20;

/// Joules of a sample (logarithmic) against accuracy: a numbered point for each run and its bill, all by one table.
pub fn energy_accuracy(runs: &[(&RunReport, &Bill)], sheet: Sheet) -> Result<String, PlotError> {
    let Some((_, first)) = runs.first() else { return Err(PlotError::Empty("no reports of runs")) };
    if let Some((_, other)) = runs.iter().find(|(_, bill)| bill.prices != first.prices) {
        return Err(PlotError::Prices(first.prices.clone(), other.prices.clone()));
    }
    let accuracies: Option<Vec<f64>> = runs.iter().map(|(run, _)| Some(100.0 * run.accuracy?)).collect();
    let Some(accuracies) = accuracies else {
        return Err(PlotError::Empty("a run of samples without labels has no accuracy"));
    };
    let joules = |bill: &Bill| bill.total.joules / bill.samples.max(1) as f64;
    if runs.iter().any(|(_, bill)| joules(bill) <= 0.0) {
        return Err(PlotError::Empty("a run of 0 J has no place on a logarithmic axis"));
    }
    let title = "Energy against accuracy";
    let grade = runs.iter().map(|(_, bill)| bill.total.grade).min().unwrap_or(first.total.grade);
    let subtitle = format!("joules are estimates by prices `{}` ({})", first.prices, first.evidence(grade));
    let key = LINE_HEIGHT * runs.len() as u32 + 8;
    let mut svg = String::new();
    {
        let area = sheet.begin(&mut svg, sheet.top() + HEIGHT + key, title, &subtitle)?;
        let (above, below) = area.split_vertically(HEIGHT);
        let points: Vec<(f64, f64)> = runs.iter().map(|(_, bill)| joules(bill)).zip(accuracies).collect();
        scatter(&above, &points)?;
        let (left, right) = (sheet.margin(), sheet.width as i32 - sheet.margin());
        for (number, ((run, _), (joules, accuracy))) in runs.iter().zip(&points).enumerate() {
            let y = (LINE_HEIGHT * number as u32) as i32 + 4;
            let value = format!("{accuracy:.2} %, {}", si(*joules, "J"));
            let label = format!("{}  {}", number + 1, run.title());
            let room = right - left - text_width(&value, TEXT) - 8;
            below.draw(&Text::new(fitting(&label, TEXT, room), (left, y), font(TEXT, &INK)))?;
            below.draw(&Text::new(value, (right, y), font_at(TEXT, &INK, HPos::Right, VPos::Top)))?;
        }
        area.present()?;
    }
    Ok(svg)
}

fn scatter<DB: DrawingBackend>(
    area: &DrawingArea<DB, plotters::coord::Shift>,
    points: &[(f64, f64)],
) -> Result<(), DrawingAreaErrorKind<DB::ErrorType>> {
    let least = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).fold(f64::MAX, f64::min);
    let most = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).fold(f64::MIN, f64::max);
    let spread = (most(|p| p.1) - least(|p| p.1)).max(1.0);
    let (low, high) = (least(|p| p.1) - 0.25 * spread, most(|p| p.1) + 0.25 * spread);
    let (cheapest, dearest) = (least(|p| p.0).log10() - 0.2, most(|p| p.0).log10() + 0.2);
    let mut chart = ChartBuilder::on(area)
        .margin_top(10)
        .margin_right(24)
        .set_label_area_size(LabelAreaPosition::Left, 62)
        .set_label_area_size(LabelAreaPosition::Bottom, 48)
        .build_cartesian_2d(cheapest..dearest, low..high)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .axis_style(GRID)
        .x_labels(0)
        .y_labels(6)
        .y_label_formatter(&|accuracy| {
            if *accuracy > 100.0 + 1e-9 { String::new() } else { format!("{accuracy:.1} %") }
        })
        .x_desc("joules of a sample")
        .label_style(font(TEXT, &INK))
        .axis_desc_style(font(TEXT, &FAINT))
        .draw()?;
    let frame = chart.plotting_area().clone();
    for (joules, text) in marks(cheapest, dearest) {
        frame.draw(&PathElement::new([(joules, low), (joules, high)], GRID))?;
        // Of the whole picture, which is not that of the area.
        let (x, y) = frame.map_coordinate(&(joules, low));
        let (left, top) = area.get_base_pixel();
        let style = font_at(TEXT, &INK, HPos::Center, VPos::Top);
        area.draw(&Text::new(text, (x - left, y - top + 6), style))?;
    }
    for (number, &(joules, accuracy)) in points.iter().enumerate() {
        // Neighbours have their numbers at different sides.
        let above = number % 2 == 0;
        let (vertical, shift) = if above { (VPos::Bottom, -8) } else { (VPos::Top, 8) };
        let mark = EmptyElement::at((joules.log10(), accuracy))
            + Circle::new((0, 0), 5, NEURON.filled())
            + Text::new((number + 1).to_string(), (0, shift), font_at(TEXT, &INK, HPos::Center, vertical));
        chart.draw_series(std::iter::once(mark))?;
    }
    Ok(())
}

/// Where 1, 2 and 5 of every decade lie on an axis of the logarithm, and what is written there; only the decades where
/// there are many.
fn marks(low: f64, high: f64) -> Vec<(f64, String)> {
    let digits: &[f64] = if high - low > 2.0 { &[1.0] } else { &[1.0, 2.0, 5.0] };
    let decades = low.floor() as i32..=high.ceil() as i32;
    let all = decades.flat_map(|decade| digits.iter().map(move |digit| digit * 10f64.powi(decade)));
    all.map(|joules| (joules.log10(), short(joules))).filter(|(at, _)| (low..=high).contains(at)).collect()
}
