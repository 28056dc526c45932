//! The ledger of a sample tick by tick.

use super::PlotError;
use super::style::*;
use crate::energy::counters;
use crate::trace::{Trace, TraceTick};
use nernst_spec::ledger::{Class, Definition, Group};
use plotters::prelude::*;

const PANEL_HEIGHT: u32 = 250;
/// The legend at the right.
const LEGEND: u32 = 250;

/// A counter and its value in each tick.
struct Series {
    name: String,
    values: Vec<f64>,
}

/// The activity counters as stacked bars: communication above, computation below, each on its own scale.
pub fn ledger(trace: &Trace) -> Result<String, PlotError> {
    if trace.ticks.is_empty() {
        return Err(PlotError::Empty("the trace has no ticks"));
    }
    let mut svg = String::new();
    {
        let title = format!("{} on {}: cost of sample {}", trace.network, trace.config, trace.sample);
        let subtitle = "activity counters of the ledger, by tick; every count is exact";
        let size = (WIDTH, TITLE_HEIGHT + 2 * PANEL_HEIGHT);
        let below = page(SVGBackend::with_string(&mut svg, size), &title, subtitle)?;
        let areas = below.split_evenly((2, 1));
        draw(&areas[0], "communication", &series(trace, Group::Communication), &WARM)?;
        draw(&areas[1], "computation", &series(trace, Group::Computation), &COLD)?;
        below.present()?;
    }
    Ok(svg)
}

/// The group's counters that are a function of image and input, largest total first.
fn series(trace: &Trace, group: Group) -> Vec<Series> {
    let of_group = |definition: &Definition| definition.group == group && definition.class == Class::Activity;
    let value = |tick: &TraceTick, name| tick.ledger.total(name).unwrap_or(0) as f64;
    let series = |definition: Definition| Series {
        name: definition.name.replace('_', " "),
        values: trace.ticks.iter().map(|tick| value(tick, definition.name)).collect(),
    };
    let mut all: Vec<Series> = counters::all().map(|c| c.definition).filter(of_group).map(series).collect();
    all.sort_by(|a, b| total(b).total_cmp(&total(a)));
    all
}

fn total(series: &Series) -> f64 {
    series.values.iter().sum()
}

fn draw<DB: DrawingBackend>(
    area: &DrawingArea<DB, plotters::coord::Shift>,
    name: &str,
    all: &[Series],
    colors: &[RGBColor],
) -> Result<(), DrawingAreaErrorKind<DB::ErrorType>> {
    let ticks = all.first().map_or(0, |series| series.values.len());
    let stack = |tick: usize, upto: usize| all[..upto].iter().map(|series| series.values[tick]).sum::<f64>();
    let highest = (0..ticks).map(|tick| stack(tick, all.len())).fold(1.0, f64::max);
    area.draw(&Text::new(name.to_string(), (98, 4), font(14, &colors[0])))?;
    let mut chart = ChartBuilder::on(area)
        .margin_top(26)
        .margin_left(14)
        .margin_right(LEGEND)
        .set_label_area_size(LabelAreaPosition::Left, 84)
        .set_label_area_size(LabelAreaPosition::Bottom, 46)
        .build_cartesian_2d(-0.6..ticks as f64 - 0.4, 0.0..highest * 1.05)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .axis_style(GRID)
        .x_labels(ticks.min(20))
        .y_labels(5)
        .x_label_formatter(&whole)
        .y_label_formatter(&|v| count(*v))
        .x_desc("tick")
        .y_desc("counts in a tick")
        .label_style(font(12, &INK))
        .axis_desc_style(font(12, &FAINT))
        .draw()?;
    for number in 0..all.len() {
        let color = colors[number % colors.len()];
        let bar = |tick: usize| {
            let x = tick as f64;
            Rectangle::new([(x - 0.4, stack(tick, number)), (x + 0.4, stack(tick, number + 1))], color.filled())
        };
        chart.draw_series((0..ticks).filter(|&tick| all[number].values[tick] > 0.0).map(bar))?;
    }
    let left = (WIDTH - LEGEND) as i32 + 18;
    area.draw(&Text::new("total of the sample", (left + 18, 8), font(12, &FAINT)))?;
    // In the order of the stack, from the top.
    for (line, (number, series)) in all.iter().enumerate().rev().enumerate() {
        let y = 30 + 22 * line as i32;
        let color = colors[number % colors.len()];
        area.draw(&Rectangle::new([(left, y), (left + 11, y + 11)], color.filled()))?;
        let text = format!("{} {}", count(total(series)), series.name);
        area.draw(&Text::new(text, (left + 18, y - 1), font(13, &INK)))?;
    }
    Ok(())
}
