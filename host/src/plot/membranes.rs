//! Membranes of a sample.

use super::PlotError;
use super::style::*;
use crate::trace::Trace;
use plotters::prelude::*;

const COLUMNS: usize = 2;
const PANEL_HEIGHT: u32 = 128;
/// The key at the lower edge.
const KEY_HEIGHT: u32 = 34;

/// The recorded membranes, a panel each, all on one scale: the value at the end of each tick, the threshold, and the ticks
/// with a spike.
pub fn membranes(trace: &Trace) -> Result<String, PlotError> {
    let neurons = trace.recorded.len();
    if neurons == 0 || trace.ticks.is_empty() {
        return Err(PlotError::Empty("the trace has no recorded membranes"));
    }
    if trace.thresholds.len() != neurons || trace.ticks.iter().any(|tick| tick.membranes.len() != neurons) {
        return Err(PlotError::Trace(format!("not every tick has the membranes and thresholds of {neurons} neurons")));
    }
    let values = || trace.ticks.iter().flat_map(|tick| &tick.membranes).map(|&v| v as f64);
    let highest = trace.thresholds.iter().map(|&t| t as f64).chain(values()).fold(1.0, f64::max);
    let lowest = values().fold(0.0, f64::min);
    let room = 0.12 * (highest - lowest);
    let range = lowest - room..highest + 2.0 * room;

    let rows = neurons.div_ceil(COLUMNS);
    let height = TITLE_HEIGHT + PANEL_HEIGHT * rows as u32 + KEY_HEIGHT;
    let mut svg = String::new();
    {
        let title = format!("{} on {}: membranes of sample {}", trace.network, trace.config, trace.sample);
        let subtitle =
            format!("{}; each value as a tick left it, after reset and leak, in weight steps", trace.verdict());
        let below = page(SVGBackend::with_string(&mut svg, (WIDTH, height)), &title, &subtitle)?;
        let (grid, key) = below.split_vertically(PANEL_HEIGHT * rows as u32);
        for (number, area) in grid.split_evenly((rows, COLUMNS)).iter().enumerate().take(neurons) {
            draw(area, trace, number, range.clone())?;
        }
        draw_key(&key)?;
        below.present()?;
    }
    Ok(svg)
}

fn draw<DB: DrawingBackend>(
    area: &DrawingArea<DB, plotters::coord::Shift>,
    trace: &Trace,
    number: usize,
    range: std::ops::Range<f64>,
) -> Result<(), DrawingAreaErrorKind<DB::ErrorType>> {
    let neuron = trace.recorded[number];
    let spikes: Vec<usize> =
        (0..trace.ticks.len()).filter(|&tick| trace.ticks[tick].spikes.contains(&neuron)).collect();
    let class = trace.outputs.iter().position(|&output| output == neuron);
    let color = if class == Some(trace.decision) { OUTPUT } else { NEURON };
    let name = class.map_or(format!("neuron {neuron}"), |class| format!("class {class}"));
    let plural = if spikes.len() == 1 { "spike" } else { "spikes" };
    area.draw(&Text::new(format!("{name}: {} {plural}", spikes.len()), (62, 4), font(13, &color)))?;

    let end = trace.ticks.len() as f64 - 0.5;
    let mut chart = ChartBuilder::on(area)
        .margin_top(22)
        .margin_right(20)
        .set_label_area_size(LabelAreaPosition::Left, 62)
        .set_label_area_size(LabelAreaPosition::Bottom, 22)
        .build_cartesian_2d(-0.5..end, range.clone())?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .axis_style(GRID)
        .x_labels(10)
        .y_labels(4)
        .x_label_formatter(&whole)
        .y_label_formatter(&|v| count(*v))
        .label_style(font(11, &FAINT))
        .draw()?;
    let threshold = trace.thresholds[number] as f64;
    chart.draw_series(DashedLineSeries::new([(-0.5, threshold), (end, threshold)], 5, 4, INK.stroke_width(1)))?;
    let values: Vec<(f64, f64)> =
        trace.ticks.iter().enumerate().map(|(tick, what)| (tick as f64, what.membranes[number] as f64)).collect();
    chart.draw_series(LineSeries::new(values.iter().copied(), color.stroke_width(2)))?;
    chart.draw_series(values.iter().map(|&point| Circle::new(point, 2, color.filled())))?;
    // Triangles that point down at the threshold.
    let spike = |&tick: &usize| {
        EmptyElement::at((tick as f64, threshold)) + Polygon::new(vec![(-5, -11), (5, -11), (0, -3)], color.filled())
    };
    chart.draw_series(spikes.iter().map(spike))?;
    Ok(())
}

fn draw_key<DB: DrawingBackend>(
    area: &DrawingArea<DB, plotters::coord::Shift>,
) -> Result<(), DrawingAreaErrorKind<DB::ErrorType>> {
    let y = 16;
    area.draw(&Text::new("x: tick", (62, y - 6), font(12, &INK)))?;
    area.draw(&PathElement::new([(150, y), (178, y)], NEURON.stroke_width(2)))?;
    area.draw(&Text::new("membrane", (186, y - 6), font(12, &INK)))?;
    area.draw(&PathElement::new([(270, y), (298, y)], OUTPUT.stroke_width(2)))?;
    area.draw(&Text::new("of the class chosen", (306, y - 6), font(12, &INK)))?;
    for x in (440..468).step_by(9) {
        area.draw(&PathElement::new([(x, y), (x + 5, y)], INK.stroke_width(1)))?;
    }
    area.draw(&Text::new("threshold", (476, y - 6), font(12, &INK)))?;
    area.draw(&Polygon::new(vec![(556, y - 5), (566, y - 5), (561, y + 3)], INK.filled()))?;
    area.draw(&Text::new("spike", (574, y - 6), font(12, &INK)))?;
    Ok(())
}
