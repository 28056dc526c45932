//! Joules of a run, core by core and layer by layer.

use super::rows::{self, Row};
use super::style::*;
use super::{PlotError, rows::picture};
use crate::energy::Bill;
use crate::energy::units::si;
use crate::report::RunReport;
use plotters::prelude::*;
use std::collections::BTreeMap;

/// Joules of a sample of a run by place and group of counters.
struct Places {
    groups: Vec<String>,
    /// Joules of each group in each place.
    joules: BTreeMap<String, Vec<f64>>,
    samples: f64,
}

/// A run's joules for a sample in the array and each core, stacked by groups of counters; and in each population, where the
/// run knows its populations. Those that share a core have one bar: a core's counters do not tell them apart.
pub fn energy_places(run: &RunReport, bill: &Bill, sheet: Sheet) -> Result<String, PlotError> {
    let groups: Vec<String> =
        bill.groups.iter().filter(|part| part.estimate.is_some()).map(|part| part.name.clone()).collect();
    let mut joules = BTreeMap::<String, Vec<f64>>::new();
    for line in &bill.lines {
        // Every line's group is one of a bill's groups.
        let Some(group) = groups.iter().position(|group| *group == line.group) else { continue };
        for share in &line.shares {
            joules.entry(share.place.clone()).or_insert_with(|| vec![0.0; groups.len()])[group] += share.joules;
        }
    }
    let places = Places { groups, joules, samples: bill.samples.max(1) as f64 };
    let entries: Vec<(RGBColor, String)> =
        places.groups.iter().map(|group| (group_color(group), group.clone())).collect();
    let mut panels = vec![("by core", places.by_core(run))];
    let by_population = places.by_population(run);
    if !by_population.is_empty() {
        panels.push(("by population", by_population));
    }
    let title = format!("{}: joules of a sample, by place", run.title());
    let subtitle = format!(
        "estimates by prices `{}` ({}); mean of {} samples",
        bill.prices,
        bill.evidence(bill.total.grade),
        bill.samples
    );
    picture(sheet, (&title, &subtitle), &entries, &panels)
}

impl Places {
    fn by_core(&self, run: &RunReport) -> Vec<Row> {
        let core = |core: usize| {
            let label = match run.cores[core].populations.as_deref() {
                Some([]) => format!("core {core}: unused"),
                Some(names) => format!("core {core}: {}", names.join(" and ")),
                None => format!("core {core}"),
            };
            self.row(label, &[format!("core {core}")])
        };
        let array = self.row("array: bus, link and clock".into(), &["array".into()]);
        array.into_iter().chain((0..run.cores.len()).filter_map(core)).collect()
    }

    /// The cores that hold the same populations together; nothing where a core does not know its populations.
    fn by_population(&self, run: &RunReport) -> Vec<Row> {
        let mut sets = BTreeMap::<&[String], Vec<String>>::new();
        for (core, of) in run.cores.iter().enumerate() {
            match of.populations.as_deref() {
                None => return vec![],
                Some([]) => {}
                Some(names) => sets.entry(names).or_default().push(format!("core {core}")),
            }
        }
        let together = |names: &[String]| if names.len() > 1 { " together" } else { "" };
        let row = |(names, cores): (&[String], Vec<String>)| {
            self.row(format!("{}{}", names.join(" and "), together(names)), &cores)
        };
        sets.into_iter().filter_map(row).collect()
    }

    /// `None` where nothing of the places is priced.
    fn row(&self, label: String, places: &[String]) -> Option<rows::Row> {
        let priced: Vec<&Vec<f64>> = places.iter().filter_map(|place| self.joules.get(place)).collect();
        if priced.is_empty() {
            return None;
        }
        let of = |(number, group): (usize, &String)| {
            (group_color(group), priced.iter().map(|joules| joules[number]).sum::<f64>() / self.samples)
        };
        let parts: Vec<(RGBColor, f64)> = self.groups.iter().enumerate().map(of).collect();
        Some(Row { label, value: si(parts.iter().map(|(_, joules)| joules).sum(), "J"), parts })
    }
}
