//! Clocks of a tick against one size after the other.

use super::PlotError;
use super::style::*;
use crate::bench::growth::{Growth, Series};
use nernst_sim::rtl_array::Phase;
use plotters::prelude::*;

const COLUMNS: usize = 2;
const PANEL_HEIGHT: u32 = 270;
/// The key at the lower edge.
const KEY_HEIGHT: u32 = 40;
/// Points of a fitted curve.
const STEPS: usize = 60;

fn color(phase: Phase) -> RGBColor {
    match phase {
        Phase::Integrate => COLD[0],
        Phase::Fire => COLD[1],
        Phase::Load => COLD[2],
        Phase::Route => WARM[1],
        Phase::Wait => GRID,
    }
}

/// A panel for each series: the phases of a tick stacked at every measured point, the whole tick as a dot, and the fitted curve.
pub fn growth(growth: &Growth) -> Result<String, PlotError> {
    if growth.series.is_empty() {
        return Err(PlotError::Empty("no series of growth"));
    }
    let rows = growth.series.len().div_ceil(COLUMNS);
    let mut svg = String::new();
    {
        let size = (WIDTH, TITLE_HEIGHT + PANEL_HEIGHT * rows as u32 + KEY_HEIGHT);
        let subtitle =
            "clocks of the RTL in simulation, means of a tick; one thing grows in each panel; every panel begins at 0";
        let below =
            page(SVGBackend::with_string(&mut svg, size), "Clocks of a tick, and what they grow with", subtitle)?;
        let (grid, key) = below.split_vertically(PANEL_HEIGHT * rows as u32);
        for (area, series) in grid.split_evenly((rows, COLUMNS)).iter().zip(&growth.series) {
            draw(area, series)?;
        }
        draw_key(&key)?;
        below.present()?;
    }
    Ok(svg)
}

fn draw<DB: DrawingBackend>(
    area: &DrawingArea<DB, plotters::coord::Shift>,
    series: &Series,
) -> Result<(), DrawingAreaErrorKind<DB::ErrorType>> {
    let largest = series.points.iter().map(|point| point.size as f64).fold(1.0, f64::max);
    let highest = series.points.iter().map(|point| point.clocks).fold(1.0, f64::max) * 1.15;
    let fit = series.fit;
    area.draw(&Text::new(format!("{}: {fit}", series.name), (72, 4), font(14, &INK)))?;
    area.draw(&Text::new(series.held.clone(), (72, 23), font(11, &FAINT)))?;
    let mut chart = ChartBuilder::on(area)
        .margin_top(42)
        .margin_left(10)
        .margin_right(20)
        .set_label_area_size(LabelAreaPosition::Left, 62)
        .set_label_area_size(LabelAreaPosition::Bottom, 42)
        .build_cartesian_2d(-0.04 * largest..largest * 1.04, 0.0..highest)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .axis_style(GRID)
        .x_labels(8)
        .y_labels(5)
        .x_label_formatter(&whole)
        .y_label_formatter(&|v| count(*v))
        .x_desc(series.size.clone())
        .y_desc("clocks")
        .label_style(font(11, &INK))
        .axis_desc_style(font(11, &FAINT))
        .draw()?;
    let half = 0.012 * largest;
    for point in &series.points {
        let x = point.size as f64;
        let mut from = 0.0;
        for phase in Phase::ALL {
            let to = from + point.split.of(phase) as f64 / point.ticks.max(1) as f64;
            chart.draw_series([Rectangle::new([(x - half, from), (x + half, to)], color(phase).filled())])?;
            from = to;
        }
    }
    let curve = (0..=STEPS).map(|step| largest * step as f64 / STEPS as f64).map(|x| (x, fit.at(x)));
    chart.draw_series(LineSeries::new(curve, OUTPUT.stroke_width(1)))?;
    chart.draw_series(series.points.iter().map(|p| Circle::new((p.size as f64, p.clocks), 3, INK.filled())))?;
    Ok(())
}

fn draw_key<DB: DrawingBackend>(
    area: &DrawingArea<DB, plotters::coord::Shift>,
) -> Result<(), DrawingAreaErrorKind<DB::ErrorType>> {
    for (number, phase) in Phase::ALL.into_iter().enumerate() {
        let x = 72 + 90 * number as i32;
        area.draw(&Rectangle::new([(x, 12), (x + 11, 23)], color(phase).filled()))?;
        area.draw(&Text::new(phase.name(), (x + 18, 10), font(12, &INK)))?;
    }
    area.draw(&Circle::new((520, 18), 3, INK.filled()))?;
    area.draw(&Text::new("whole tick", (530, 10), font(12, &INK)))?;
    area.draw(&PathElement::new([(630, 18), (658, 18)], OUTPUT.stroke_width(1)))?;
    area.draw(&Text::new("a + b x^p", (666, 10), font(12, &INK)))?;
    Ok(())
}
