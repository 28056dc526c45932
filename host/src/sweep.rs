//! Tables of runs of place and route: sweeps, and records gathered from several folders.

use rust_hdl_bsp_ecp5::flow::{Inputs, Run, Status};
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// Runs, those of a board and a configuration together, from the best to the worst; `sweep.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// The runs.
    pub runs: Vec<Run>,
}

/// One line of `sweep.csv`. Frequencies in MHz; options as on a command line; fields of a run that did not route are empty.
#[derive(Serialize)]
struct Line<'a> {
    board: &'a str,
    device: &'a str,
    configuration: &'a str,
    seed: u32,
    place_ebr: bool,
    yosys_args: String,
    nextpnr_args: String,
    status: Status,
    timing_met: bool,
    clock_asked_mhz: Option<f64>,
    clock_achieved_mhz: Option<f64>,
    lut4: Option<u64>,
    ff: Option<u64>,
    ebr: Option<u64>,
    seconds: f64,
    error: &'a str,
    yosys: &'a str,
    nextpnr: &'a str,
    ecppack: &'a str,
    verilog_sha256: &'a str,
}

impl Table {
    /// Sorts the runs.
    pub fn new(mut runs: Vec<Run>) -> Self {
        runs.sort_by(|a, b| {
            let group = |run: &Run| (run.inputs.board.clone(), run.inputs.configuration.clone());
            group(a).cmp(&group(b)).then_with(|| a.compare(b))
        });
        Self { runs }
    }

    /// The table as JSON text.
    pub fn to_json(&self) -> serde_json::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// The table as comma-separated values with a header line.
    pub fn to_csv(&self) -> anyhow::Result<String> {
        let mut writer = csv::Writer::from_writer(vec![]);
        for run in &self.runs {
            writer.serialize(Line::of(run))?;
        }
        Ok(String::from_utf8(writer.into_inner()?)?)
    }

    /// The table in Markdown, for a reader: without versions and digests.
    pub fn to_markdown(&self) -> String {
        let mut text = String::from(
            "| board | configuration | seed | options | clock asked for | placed and routed | timing | LUT4 | flip-flops | EBR | seconds |\n\
             |---|---|---:|---|---:|---:|---|---:|---:|---:|---:|\n",
        );
        for run in &self.runs {
            let Inputs { board, configuration, seed, .. } = &run.inputs;
            let [asked, achieved] = clocks(run);
            let [lut, ff, ebr] = [run.lut, run.ff, run.ebr].map(number);
            let (status, seconds) = (verdict(run).replace('|', "\\|"), run.seconds);
            let options = options(&run.inputs);
            let _ = writeln!(
                text,
                "| `{board}` | `{configuration}` | {seed} | {options} | {asked} | {achieved} | {status} | {lut} | {ff} | {ebr} | {seconds:.0} |"
            );
        }
        text
    }
}

impl<'a> Line<'a> {
    fn of(run: &'a Run) -> Self {
        let inputs = &run.inputs;
        Self {
            board: &inputs.board,
            device: &inputs.device,
            configuration: &inputs.configuration,
            seed: inputs.seed,
            place_ebr: inputs.place_ebr,
            yosys_args: inputs.yosys_args.join(" "),
            nextpnr_args: inputs.nextpnr_args.join(" "),
            status: run.status,
            timing_met: run.status == Status::Met,
            clock_asked_mhz: run.clock.map(|clock| clock.constraint_mhz).or(inputs.freq_mhz),
            clock_achieved_mhz: run.clock.map(|clock| clock.achieved_mhz),
            lut4: run.lut,
            ff: run.ff,
            ebr: run.ebr,
            seconds: run.seconds,
            error: run.error.as_deref().unwrap_or_default(),
            yosys: &inputs.versions.yosys,
            nextpnr: &inputs.versions.nextpnr,
            ecppack: &inputs.versions.ecppack,
            verilog_sha256: &inputs.verilog_sha256,
        }
    }
}

impl std::fmt::Display for Table {
    /// For a terminal: columns below each other.
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let head =
            ["board", "configuration", "asked", "achieved", "LUT4", "FF", "EBR", "s", "seed", "options", "timing"];
        let mut lines = vec![head.map(String::from)];
        for run in &self.runs {
            let [asked, achieved] = clocks(run);
            let [lut, ff, ebr] = [run.lut, run.ff, run.ebr].map(number);
            let Inputs { board, configuration, seed, .. } = &run.inputs;
            let seconds = format!("{:.0}", run.seconds);
            lines.push([
                board.clone(),
                configuration.clone(),
                asked,
                achieved,
                lut,
                ff,
                ebr,
                seconds,
                seed.to_string(),
                options(&run.inputs),
                verdict(run),
            ]);
        }
        let widths: Vec<usize> = (0..head.len())
            .map(|column| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0))
            .collect();
        for line in &lines {
            let mut text = String::new();
            for (column, (cell, width)) in line.iter().zip(&widths).enumerate() {
                // names to the left, numbers to the right
                let _ = if (2..9).contains(&column) {
                    write!(text, "{cell:>width$}  ")
                } else {
                    write!(text, "{cell:<width$}  ")
                };
            }
            writeln!(f, "{}", text.trim_end())?;
        }
        Ok(())
    }
}

/// What a run was given besides its seed, in words: `EBR free, yosys -abc9, nextpnr --tmg-ripup`; `plain` for nothing.
pub fn describe(place_ebr: bool, yosys_args: &[String], nextpnr_args: &[String]) -> String {
    let mut parts = vec![];
    if !place_ebr {
        parts.push("EBR free".to_string());
    }
    for (tool, arguments) in [("yosys", yosys_args), ("nextpnr", nextpnr_args)] {
        if !arguments.is_empty() {
            parts.push(format!("{tool} {}", arguments.join(" ")));
        }
    }
    if parts.is_empty() { "plain".into() } else { parts.join(", ") }
}

/// [`describe`] of what went into a run.
pub fn options(inputs: &Inputs) -> String {
    describe(inputs.place_ebr, &inputs.yosys_args, &inputs.nextpnr_args)
}

/// `met`, `missed`, or what became of it and why.
fn verdict(run: &Run) -> String {
    match &run.error {
        Some(error) => format!("{}: {error}", run.status),
        None => run.status.to_string(),
    }
}

/// Asked and achieved.
fn clocks(run: &Run) -> [String; 2] {
    let asked = run.clock.map(|clock| clock.constraint_mhz).or(run.inputs.freq_mhz);
    let achieved = run.clock.map(|clock| clock.achieved_mhz);
    [asked, achieved].map(|mhz| mhz.map_or("-".into(), |mhz| format!("{mhz:.1} MHz")))
}

fn number(value: Option<u64>) -> String {
    value.map_or("-".into(), |value| value.to_string())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A run that routed at a clock, or one that failed, of 50 MHz asked for.
    pub(crate) fn run(board: &str, seed: u32, achieved: Option<f64>, nextpnr_args: &[&str]) -> Run {
        let status = match achieved {
            Some(mhz) if mhz >= 50.0 => "met",
            Some(_) => "missed",
            None => "failed",
        };
        serde_json::from_value(serde_json::json!({
            "board": board, "device": "LFE5U-25F", "configuration": "tiny", "verilog_sha256": "00ff", "lpf_sha256": "11",
            "freq_mhz": 50.0, "seed": seed, "place_ebr": true, "yosys_args": [], "nextpnr_args": nextpnr_args,
            "versions": {"yosys": "Yosys 0.1", "nextpnr": "nextpnr, \"0.2\"", "ecppack": "0.3"},
            "status": status, "clock": achieved.map(|mhz| serde_json::json!({"achieved_mhz": mhz, "constraint_mhz": 50.0})),
            "lut": achieved.map(|_| 7000), "ff": achieved.map(|_| 3000), "ebr": achieved.map(|_| 14), "seconds": 61.5,
            "timeout_seconds": null, "error": achieved.is_none().then_some("ERROR: a | b, unroutable"),
        }))
        .unwrap()
    }

    #[test]
    fn a_table_is_sorted_by_board_and_then_from_the_best_to_the_worst() {
        let table = Table::new(vec![
            run("ulx3s-25f", 1, None, &[]),
            run("ulx3s-25f", 2, Some(49.5), &[]),
            run("ulx3s-25f", 3, Some(73.25), &["--tmg-ripup", "--router=router2"]),
            run("colorlight-i5", 4, Some(51.0), &[]),
        ]);
        let seeds: Vec<u32> = table.runs.iter().map(|run| run.inputs.seed).collect();
        assert_eq!(seeds, [4, 3, 2, 1]);
        let read: Table = serde_json::from_str(&table.to_json().unwrap()).unwrap();
        assert_eq!(read, table);

        let csv = table.to_csv().unwrap();
        let lines: Vec<&str> = csv.lines().collect();
        assert!(lines[0].starts_with(
            "board,device,configuration,seed,place_ebr,yosys_args,nextpnr_args,status,timing_met,clock_asked"
        ));
        let fields = "ulx3s-25f,LFE5U-25F,tiny,3,true,,--tmg-ripup --router=router2,met,true,50.0,73.25,7000,3000,14,61.5,,Yosys 0.1,";
        assert_eq!(lines[2], format!("{fields}\"nextpnr, \"\"0.2\"\"\",0.3,00ff"));
        assert!(lines[4].contains(",failed,false,50.0,,,,,61.5,\"ERROR: a | b, unroutable\","), "{}", lines[4]);

        let markdown = table.to_markdown();
        let columns = |line: &str| line.replace("\\|", "").matches('|').count();
        assert!(markdown.lines().all(|line| columns(line) == 12), "{markdown}");
        let text = table.to_string();
        assert!(
            text.contains("73.2 MHz  7000") && text.contains("missed") && text.contains("failed: ERROR: a | b"),
            "{text}"
        );
    }

    #[test]
    fn options_are_told_in_words() {
        let arguments = |text: &str| vec![text.to_string()];
        assert_eq!(describe(true, &[], &[]), "plain");
        let all = describe(false, &arguments("-abc9"), &arguments("--tmg-ripup"));
        assert_eq!(all, "EBR free, yosys -abc9, nextpnr --tmg-ripup");
    }
}
