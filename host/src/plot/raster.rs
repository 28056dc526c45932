//! Every spike of a sample.

use super::PlotError;
use super::style::*;
use crate::trace::{Trace, TraceTick};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};
use std::collections::BTreeSet;

/// Pixels of a class in the panel of the outputs.
const OUTPUT_ROW: u32 = 17;
/// Least and most pixels of the other panels.
const PANEL: (u32, u32) = (110, 260);
const LEFT: u32 = 70;
const RIGHT: u32 = 110;
const BOTTOM: u32 = 44;

/// One panel: rows of spikes.
struct Panel<'a> {
    name: &'a str,
    color: RGBColor,
    rows: usize,
    /// Tick and row of every spike.
    spikes: Vec<(usize, usize)>,
    /// For each row its label at the left and at the right, if rows have them.
    labels: Vec<(String, String)>,
}

/// Input lines, hidden neurons that fired, and outputs, from top to bottom, by tick.
pub fn raster(trace: &Trace) -> Result<String, PlotError> {
    if trace.ticks.is_empty() {
        return Err(PlotError::Empty("the trace has no ticks"));
    }
    let panels = panels(trace)?;
    let heights: Vec<u32> = panels
        .iter()
        .map(|panel| match panel.labels.len() {
            0 => (3 * panel.rows as u32).clamp(PANEL.0, PANEL.1),
            rows => OUTPUT_ROW * rows as u32,
        })
        .collect();
    let gaps = 26 * panels.len() as u32;
    let height = TITLE_HEIGHT + heights.iter().sum::<u32>() + gaps + BOTTOM;
    let mut svg = String::new();
    {
        let title = format!("{} on {}: spikes of sample {}", trace.network, trace.config, trace.sample);
        let spikes: usize = panels.iter().map(|panel| panel.spikes.len()).sum();
        let subtitle = format!("{}; {} spikes in {} ticks", trace.verdict(), count(spikes as f64), trace.ticks.len());
        let mut rest = page(SVGBackend::with_string(&mut svg, (WIDTH, height)), &title, &subtitle)?;
        let last = panels.len() - 1;
        for (number, (panel, height)) in panels.iter().zip(heights).enumerate() {
            let bottom = if number == last { BOTTOM } else { 0 };
            let (area, below) = rest.split_vertically(height + 26 + bottom);
            rest = below;
            draw(&area, panel, trace.ticks.len(), bottom)?;
        }
        rest.present()?;
    }
    Ok(svg)
}

fn panels(trace: &Trace) -> Result<Vec<Panel<'static>>, PlotError> {
    let outputs: BTreeSet<u16> = trace.outputs.iter().copied().collect();
    let hidden: BTreeSet<u16> =
        trace.ticks.iter().flat_map(|tick| &tick.spikes).filter(|neuron| !outputs.contains(neuron)).copied().collect();
    let hidden: Vec<u16> = hidden.into_iter().collect();
    let collect = |of: fn(&TraceTick) -> &Vec<u16>, row: &dyn Fn(u16) -> Option<usize>| -> Vec<(usize, usize)> {
        let ticks = trace.ticks.iter().enumerate();
        ticks.flat_map(|(tick, what)| of(what).iter().filter_map(move |&n| Some((tick, row(n)?)))).collect()
    };
    let lines = collect(|tick| &tick.input_spikes, &|line| Some(line as usize));
    if let Some((tick, line)) = lines.iter().find(|(_, line)| *line >= trace.inputs) {
        return Err(PlotError::Trace(format!("tick {tick} has a spike on line {line} of {}", trace.inputs)));
    }
    let of_outputs = collect(|tick| &tick.spikes, &|n| trace.outputs.iter().position(|&output| output == n));
    let label = |class: usize| {
        let spikes = of_outputs.iter().filter(|(_, row)| *row == class).count();
        (class.to_string(), if spikes == 0 { String::new() } else { spikes.to_string() })
    };
    let labels = (0..trace.outputs.len()).map(label).collect();
    let mut panels =
        vec![Panel { name: "input lines", color: LINE, rows: trace.inputs, spikes: lines, labels: vec![] }];
    if !hidden.is_empty() {
        let spikes = collect(|tick| &tick.spikes, &|n| hidden.binary_search(&n).ok());
        panels.push(Panel {
            name: "hidden neurons that fired",
            color: NEURON,
            rows: hidden.len(),
            spikes,
            labels: vec![],
        });
    }
    panels.push(Panel {
        name: "outputs, by class",
        color: OUTPUT,
        rows: trace.outputs.len(),
        spikes: of_outputs,
        labels,
    });
    Ok(panels)
}

fn draw<DB: DrawingBackend>(
    area: &DrawingArea<DB, plotters::coord::Shift>,
    panel: &Panel,
    ticks: usize,
    bottom: u32,
) -> Result<(), DrawingAreaErrorKind<DB::ErrorType>> {
    let rows = panel.rows.max(1) as f64;
    let name = format!("{} ({}), {} spikes", panel.name, panel.rows, count(panel.spikes.len() as f64));
    area.draw(&Text::new(name, (LEFT as i32, 4), font(13, &panel.color)))?;
    let mut chart = ChartBuilder::on(area)
        .margin_top(22)
        .margin_bottom(4)
        .margin_right(RIGHT)
        .set_label_area_size(LabelAreaPosition::Left, LEFT)
        .set_label_area_size(LabelAreaPosition::Bottom, bottom)
        .build_cartesian_2d(-0.5..ticks as f64 - 0.5, 0.0..rows)?;
    let mut mesh = chart.configure_mesh();
    mesh.disable_mesh().axis_style(GRID).x_labels(ticks.min(20)).x_label_formatter(&whole).y_labels(0);
    if bottom > 0 {
        mesh.x_desc("tick").label_style(font(12, &INK)).axis_desc_style(font(13, &INK));
    }
    mesh.draw()?;
    let frame = chart.plotting_area().clone();
    for tick in 0..ticks.min(200) {
        let x = tick as f64;
        frame.draw(&PathElement::new([(x, 0.0), (x, rows)], GRID))?;
    }
    // Row 0 is at the top, where an image begins.
    let gap = if rows > 60.0 { 0.1 } else { 0.18 };
    let spike = |&(tick, row): &(usize, usize)| {
        let (x, y) = (tick as f64, rows - row as f64);
        Rectangle::new([(x - 0.36, y - gap), (x + 0.36, y - 1.0 + gap)], panel.color.filled())
    };
    chart.draw_series(panel.spikes.iter().map(spike))?;
    for (row, (left, right)) in panel.labels.iter().enumerate() {
        let y = frame.map_coordinate(&(0.0, rows - row as f64 - 0.5)).1 - area.get_base_pixel().1;
        let style = |horizontal| font_at(12, &INK, horizontal, VPos::Center);
        area.draw(&Text::new(left.clone(), (LEFT as i32 - 8, y), style(HPos::Right)))?;
        let edge = (area.dim_in_pixel().0 - RIGHT) as i32 + 8;
        area.draw(&Text::new(right.clone(), (edge, y), style(HPos::Left)))?;
    }
    if panel.labels.is_empty() {
        for (row, vertical) in [(0, VPos::Top), (panel.rows.saturating_sub(1), VPos::Bottom)] {
            let y = if row == 0 { rows } else { 0.0 };
            let y = frame.map_coordinate(&(0.0, y)).1 - area.get_base_pixel().1;
            let text = if panel.color == LINE { row.to_string() } else { (row + 1).to_string() };
            area.draw(&Text::new(text, (LEFT as i32 - 8, y), font_at(12, &FAINT, HPos::Right, vertical)))?;
        }
    } else {
        let edge = (area.dim_in_pixel().0 - RIGHT) as i32 + 8;
        area.draw(&Text::new("spikes", (edge, 4), font(12, &FAINT)))?;
    }
    Ok(())
}
