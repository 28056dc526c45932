use anyhow::Context;
use nernst::bench::ArrayReport;
use nernst::bench::peers::{PUBLISHED, Peer, Routed, Row, ours, parse};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Synaptic operations per LUT and clock, beside published figures of other designs, as Markdown.
///
/// LUTs are those of the reports of place and route (`nernst synth --report`) in a folder, rates those of `array.json`
/// (`nernst bench array --json`) there. Several boards of one configuration: the report with the fewest LUTs counts.
#[derive(clap::Args)]
pub struct Peers {
    /// Folder with array.json and BOARD-CONFIG.json.
    #[arg(long, default_value = "reports")]
    reports: PathBuf,
    /// Published figures, in the form of docs/peers.toml [default: those that come with Nernst].
    #[arg(long, value_name = "FILE")]
    peers: Option<PathBuf>,
}

impl Peers {
    pub fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let text = match &self.peers {
            Some(path) => read(path)?,
            None => PUBLISHED.into(),
        };
        let peers = parse(&text).context("published figures")?;
        let path = self.reports.join("array.json");
        let report: ArrayReport = serde_json::from_str(&read(&path)?)
            .with_context(|| format!("{} is not what `nernst bench array --json` writes", path.display()))?;
        let mut rows = ours(&report, &routed(&self.reports)?);
        rows.extend(peers.iter().filter_map(Peer::row));
        rows.sort_by(|a, b| b.per_kilolut().total_cmp(&a.per_kilolut()));
        writeln!(out, "| design | basis | LUTs | synaptic operations per clock | per clock and 1,000 LUTs |")?;
        writeln!(out, "|---|---|---:|---:|---:|")?;
        rows.iter().try_for_each(|row| line(out, row))?;
        writeln!(out)?;
        for peer in &peers {
            let derivation = peer.derivation.as_ref().map(|text| format!("; {text}")).unwrap_or_default();
            let unit = peer.unit.as_ref().map(|unit| format!("; LUTs: {unit}")).unwrap_or_default();
            writeln!(out, "- {}: {}{derivation}{unit}. Comparable: {}.", peer.name, peer.source, peer.comparable)?;
        }
        Ok(())
    }
}

fn line(out: &mut impl Write, row: &Row) -> std::io::Result<()> {
    let basis = match row.basis {
        nernst::bench::peers::Basis::Peak => "peak",
        nernst::bench::peers::Basis::Sustained => "sustained",
    };
    let (rate, share) = (row.operations_per_clock, row.per_kilolut());
    writeln!(out, "| {} | {basis} | {} | {rate:.1} | {share:.2} |", row.name, row.luts)
}

/// LUTs by configuration of the reports of place and route in a folder.
fn routed(folder: &Path) -> anyhow::Result<BTreeMap<String, u64>> {
    let mut luts = BTreeMap::new();
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        // Other files of the folder are no reports of place and route.
        let Ok(report) = serde_json::from_str::<Routed>(&read(&path)?) else { continue };
        let of_name = || stem.strip_prefix(&report.board)?.strip_prefix('-').map(String::from);
        let Some(configuration) = report.configuration.clone().or_else(of_name) else { continue };
        let least = luts.entry(configuration).or_insert(report.lut.used);
        *least = report.lut.used.min(*least);
    }
    Ok(luts)
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
