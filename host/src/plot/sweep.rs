//! Clocks that place and route reached, run by run.

use super::PlotError;
use super::style::*;
use crate::sweep::{Table, options};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};
use rust_hdl_bsp_ecp5::flow::Run;

const ROW: i32 = 30;
const HEAD: i32 = 34;
const AXIS: i32 = 44;
/// Room for the names of the options at the left, and for what did not route at the right.
const NAMES: i32 = 300;
const FAILED: i32 = 130;
const RADIUS: i32 = 9;

/// Runs with the same options: a row.
type Row<'a> = (String, Vec<&'a Run>);
/// A board with a configuration: a panel.
type Panel<'a> = (String, Vec<Row<'a>>);

/// The achieved clock of every run as a dot with the number of its seed: a panel for each board and configuration, a row for each set
/// of options, the best row first.
pub fn sweep(table: &Table) -> Result<String, PlotError> {
    let panels = panels(table);
    if panels.is_empty() {
        return Err(PlotError::Empty("no runs of place and route"));
    }
    let heights: Vec<i32> = panels.iter().map(|(_, rows)| HEAD + ROW * rows.len() as i32 + AXIS).collect();
    let mut svg = String::new();
    {
        let size = (WIDTH, TITLE_HEIGHT + heights.iter().sum::<i32>() as u32);
        let subtitle = "each dot is a run after routing, with its seed; the line is the clock asked for; the axis does not begin at 0";
        let mut rest = page(SVGBackend::with_string(&mut svg, size), "Clock achieved by place and route", subtitle)?;
        for ((name, rows), height) in panels.iter().zip(heights) {
            let (area, below) = rest.split_vertically(height);
            draw(&area, name, rows)?;
            rest = below;
        }
        rest.present()?;
    }
    Ok(svg)
}

fn panels(table: &Table) -> Vec<Panel<'_>> {
    let mut panels: Vec<Panel> = vec![];
    for run in &table.runs {
        let name = format!("{} on {}", run.inputs.configuration, run.inputs.board);
        let rows = entry(&mut panels, name);
        entry(rows, options(&run.inputs)).push(run);
    }
    panels
}

/// What belongs to a key, in the order in which keys come.
fn entry<T: Default>(list: &mut Vec<(String, T)>, key: String) -> &mut T {
    let index = list.iter().position(|(name, _)| *name == key).unwrap_or_else(|| {
        list.push((key, T::default()));
        list.len() - 1
    });
    &mut list[index].1
}

fn draw<DB: DrawingBackend>(
    area: &DrawingArea<DB, plotters::coord::Shift>,
    name: &str,
    rows: &[Row],
) -> Result<(), DrawingAreaErrorKind<DB::ErrorType>> {
    let at = |size, color, horizontal| font_at(size, color, horizontal, VPos::Center);
    area.draw(&Text::new(name.to_string(), (20, HEAD / 2), at(14, &INK, HPos::Left)))?;
    let bottom = HEAD + ROW * rows.len() as i32;
    let right = area.dim_in_pixel().0 as i32 - FAILED;
    let clocks: Vec<_> = rows.iter().flat_map(|(_, runs)| runs).filter_map(|run| run.clock).collect();
    let ends = clocks.iter().flat_map(|clock| [clock.achieved_mhz, clock.constraint_mhz]);
    let (low, high) = ends.fold((f64::MAX, f64::MIN), |(low, high), mhz| (low.min(mhz), high.max(mhz)));
    let margin = (0.06 * (high - low)).max(0.5);
    let (low, high) = (low - margin, high + margin);
    let x = |mhz: f64| NAMES + ((right - NAMES) as f64 * (mhz - low) / (high - low)).round() as i32;
    if !clocks.is_empty() {
        let step = step(high - low);
        let mut mhz = (low / step).ceil() * step;
        while mhz <= high {
            area.draw(&PathElement::new([(x(mhz), HEAD), (x(mhz), bottom)], GRID))?;
            let text = if step < 1.0 { format!("{mhz:.1}") } else { format!("{mhz:.0}") };
            area.draw(&Text::new(text, (x(mhz), bottom + 11), at(11, &FAINT, HPos::Center)))?;
            mhz += step;
        }
        area.draw(&Text::new("MHz", (right + 14, bottom + 11), at(11, &FAINT, HPos::Left)))?;
    }
    for asked in clocks.iter().map(|clock| x(clock.constraint_mhz)).collect::<std::collections::BTreeSet<_>>() {
        area.draw(&PathElement::new([(asked, HEAD - 4), (asked, bottom)], OUTPUT.stroke_width(2)))?;
    }
    for (number, (options, runs)) in rows.iter().enumerate() {
        let y = HEAD + ROW * number as i32 + ROW / 2;
        area.draw(&PathElement::new([(NAMES, y), (right, y)], GRID))?;
        area.draw(&Text::new(shortened(options), (NAMES - 16, y), at(12, &INK, HPos::Right)))?;
        // the best is drawn last, on top
        for run in runs.iter().rev() {
            let Some(clock) = run.clock else { continue };
            let color = if clock.achieved_mhz >= clock.constraint_mhz { NEURON } else { OUTPUT };
            let point = (x(clock.achieved_mhz), y);
            area.draw(&Circle::new(point, RADIUS, color.filled()))?;
            area.draw(&Circle::new(point, RADIUS, WHITE))?;
            area.draw(&Text::new(run.inputs.seed.to_string(), point, at(10, &WHITE, HPos::Center)))?;
        }
        let failed: Vec<String> =
            runs.iter().filter(|run| run.clock.is_none()).map(|run| run.inputs.seed.to_string()).collect();
        if !failed.is_empty() {
            let text = shortened(&format!("no result: {}", failed.join(" ")));
            area.draw(&Text::new(text, (right + 14, y), at(11, &OUTPUT, HPos::Left)))?;
        }
    }
    Ok(())
}

/// Between two lines of the axis: 1, 2 or 5 times a power of ten, at most ten of them.
fn step(range: f64) -> f64 {
    let power = 10f64.powf((range / 10.0).log10().floor());
    [1.0, 2.0, 5.0].into_iter().map(|digit| digit * power).find(|step| range / step <= 10.0).unwrap_or(10.0 * power)
}

/// As much of a text as there is room for.
fn shortened(text: &str) -> String {
    const ROOM: usize = 46;
    if text.chars().count() <= ROOM { text.into() } else { text.chars().take(ROOM - 1).chain(['…']).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::tests::run;

    #[test]
    fn every_run_that_routed_is_a_dot_and_the_others_are_named() {
        let table = Table::new(vec![
            run("ulx3s-25f", 1, Some(73.0), &[]),
            run("ulx3s-25f", 2, Some(70.0), &[]),
            run("ulx3s-25f", 1, Some(48.0), &["--tmg-ripup"]),
            run("ulx3s-25f", 7, None, &["--tmg-ripup"]),
            run("colorlight-i5", 1, None, &[]),
        ]);
        let svg = sweep(&table).unwrap();
        // each is filled and has a rim
        assert_eq!(svg.matches("<circle ").count(), 2 * 3);
        for words in
            ["tiny on ulx3s-25f", "tiny on colorlight-i5", "nextpnr --tmg-ripup", "no result: 7", "no result: 1"]
        {
            assert!(svg.contains(words), "{words} is not in the picture");
        }
        assert!(sweep(&Table { runs: vec![] }).is_err());
    }

    #[test]
    fn an_axis_has_at_most_ten_round_steps() {
        assert_eq!([step(25.0), step(9.0), step(101.0), step(1.2)], [5.0, 1.0, 20.0, 0.2]);
    }
}
