//! The price table: toggles, and the capacitance that makes joules of them.
//!
//! Joules of an event = toggles x 1/2 x C x V^2. The toggles are counted on the netlist; V is the core's supply (Lattice
//! FPGA-DS-02012, ECP5 and ECP5-5G family data sheet: 1.1 V); C is borrowed, see [`CAPACITANCE_PF`].

use super::{Columns, Fit, Measurement};
use nernst_spec::ledger::Group;
use std::fmt::{self, Display, Formatter};

/// Supply of an ECP5's core, in volts.
pub const VOLTAGE_V: f64 = 1.1;
/// Capacitance of a net that toggles, in picofarads: that of an iCE40UP5K, another chip of the same maker in 40 nm with
/// LUTs of four inputs, from measured currents.
///
/// `ice40_power` (tinyvision.ai, 2020; Joulescope on the 1.219 V core rail, 12 MHz) has 613.5 uA with one counter of 28 bits
/// and 641.3 uA with eight: 27.8 uA x 1.219 V / 12 MHz / 7 = 0.403 pJ for a clock of a counter. In a clock such a counter
/// has six toggles on average, two each of its registers, sums and carries (1 + 1/2 + 1/4 ..), so 67 fJ for one, and
/// C = 2 x 67 fJ / (1.219 V)^2 = 0.09 pF. The clock pins of the counters are in it; long wires are not.
pub const CAPACITANCE_PF: f64 = 0.09;
/// Digits of a fitted number.
const DIGITS: usize = 4;

const SOURCE: &str =
    "toggles: least squares over the netlist's simulation; C: tinyvision.ai ice40_power (2020), iCE40UP5K";

/// What a table is made of.
#[derive(Clone, Copy, Debug)]
pub struct Table<'a> {
    /// The command that makes it again.
    pub command: &'a str,
    /// Name of the configuration.
    pub config: &'a str,
    /// SHA-256 of the netlist, and of the placed one.
    pub netlist_sha256: &'a str,
    /// The placed netlist's, if there is one.
    pub placed_sha256: Option<&'a str>,
    /// What was run.
    pub measurement: &'a Measurement,
    /// Counters.
    pub columns: &'a Columns,
    /// Fit of toggles.
    pub toggles: &'a Fit,
    /// Fit of segments, if there are routes.
    pub segments: Option<&'a Fit>,
}

impl Table<'_> {
    /// Root mean square of what the workloads toggle beyond their idle clocks: what residuals are to be compared with.
    pub fn activity_rms(&self) -> f64 {
        let idle =
            self.toggles.prices.iter().find(|price| price.counter == "clocks").map_or(0.0, |price| price.toggles);
        let clocks = self.columns.priced.iter().find(|column| column.counter == "clocks");
        let workloads = self.measurement.workloads.iter().enumerate();
        let beyond = workloads.map(|(row, workload)| {
            let clocks = clocks.map_or(0.0, |column| column.counts[row]);
            (workload.toggles as f64 - idle * clocks).powi(2)
        });
        (beyond.sum::<f64>() / self.measurement.workloads.len().max(1) as f64).sqrt()
    }
}

/// A text as TOML.
fn text(text: &str) -> String {
    toml::Value::String(text.into()).to_string()
}

fn list(names: &[String]) -> String {
    toml::Value::from(names.to_vec()).to_string()
}

/// A number with [`DIGITS`] digits that mean something.
fn rounded(value: f64) -> f64 {
    // The text is a number: it was just made of one.
    format!("{value:.*e}", DIGITS - 1).parse().unwrap_or(value)
}

impl Display for Table<'_> {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        let Self { measurement, columns, toggles, .. } = self;
        let statistics = measurement.statistics;
        writeln!(f, "# Made by `make toggles`: do not edit. docs/toggles.md says how to read it.")?;
        writeln!(f, "name = \"ecp5\"")?;
        let title = "ECP5, switching of the netlist: counted toggles x borrowed capacitance; without leakage, clock tree, I/O and PLL";
        writeln!(f, "title = {}\n\n[fit]", text(title))?;
        writeln!(f, "command = {}", text(self.command))?;
        writeln!(f, "configuration = {}", text(self.config))?;
        writeln!(f, "netlist_sha256 = {}", text(self.netlist_sha256))?;
        if let Some(digest) = self.placed_sha256 {
            writeln!(f, "placed_sha256 = {}", text(digest))?;
        }
        let activity = self.activity_rms();
        writeln!(f, "workloads = {}", measurement.workloads.len())?;
        writeln!(f, "# residuals, in parts of what the workloads toggle beyond their idle clocks (rms)")?;
        writeln!(f, "relative_rms = {}", rounded(toggles.residual_rms / activity))?;
        writeln!(f, "relative_rms_left_out = {}", rounded(toggles.left_out_rms / activity))?;
        writeln!(f, "r_squared = {:.6}", toggles.r_squared)?;
        writeln!(f, "condition = {}", rounded(toggles.condition))?;
        writeln!(f, "nets = {}", statistics.nets)?;
        writeln!(f, "# clock pins toggle twice a clock each and are in no price")?;
        let pins =
            statistics.flip_flops + 2 * statistics.block_rams + statistics.multipliers + statistics.distributed_rams;
        writeln!(f, "clock_pins = {pins}")?;
        writeln!(f, "flip_flops = {}", statistics.flip_flops)?;
        writeln!(f, "# never more than 0 in the workloads, and durations: no price")?;
        writeln!(f, "silent = {}", list(&columns.silent))?;
        writeln!(f, "durations = {}", list(&columns.durations))?;
        if let (Some((nets, segments)), Some(fit)) = (measurement.routed, self.segments) {
            writeln!(f, "\n# toggles x routed wire segments of their nets")?;
            writeln!(f, "[fit.segments]\nrouted_nets = {nets}\nrouted_segments = {segments}")?;
            writeln!(f, "r_squared = {:.6}", fit.r_squared)?;
            for price in &fit.prices {
                let error = rounded(price.standard_error);
                writeln!(
                    f,
                    "{} = {{ segments = {}, standard_error = {error} }}",
                    price.counter,
                    rounded(price.toggles)
                )?;
            }
        }
        for (column, price) in columns.priced.iter().zip(&toggles.prices) {
            self.price(f, column, price)?;
        }
        Ok(())
    }
}

impl Table<'_> {
    fn price(&self, f: &mut Formatter, column: &super::columns::Column, price: &super::fit::Price) -> fmt::Result {
        let (toggles, error) = (rounded(price.toggles), rounded(price.standard_error));
        let switching = format!(
            "toggles = {toggles:?}, capacitance_pf = {CAPACITANCE_PF}, voltage_v = {VOLTAGE_V}, standard_error = {error:?}"
        );
        let mut note = match column.group {
            Group::Time if column.counter == "clocks" => "idle toggles of everything, the link included. ".to_string(),
            _ => String::new(),
        };
        if !column.shared.is_empty() {
            let shared = column.shared.iter().map(|(name, each)| format!("{name} ({each} to one)"));
            note += &format!("Includes what goes with {}. ", shared.collect::<Vec<_>>().join(", "));
        }
        note += "Toggles are simulated; that ECP5 has the iCE40's capacitance is assumed.";
        writeln!(f, "\n[[price]]\ncounter = {}", text(&column.counter))?;
        writeln!(f, "switching = {{ {switching} }}")?;
        writeln!(f, "source = {}\ngrade = \"assumed\"\nscope = \"per-operation\"\nnote = {}", text(SOURCE), text(&note))
    }
}
