//! `nernst bench`: clocks of the array's RTL, and what the link carries.

mod array;
mod coding;
mod faults;
mod growth;
mod link;
mod netlist;
mod peers;

use std::io::Write;
use std::path::Path;

/// Measure the array's generated Verilog clock by clock: phases of a tick, operations per clock, growth, peers; and the link.
///
/// Nothing here depends on the speed of this machine: every figure is a count of clocks or a time in simulation. Every host spike and activity
/// counter is compared with the reference model; a difference is a failure (exit code 1).
#[derive(clap::Args)]
pub struct Bench {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    Array(array::Array),
    Growth(growth::GrowthOf),
    Peers(peers::Peers),
    Link(link::Link),
    Coding(coding::OfCoding),
    Faults(faults::OfFaults),
    Netlist(netlist::OfNetlist),
}

impl Bench {
    pub fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        match self.what {
            What::Array(command) => command.run(out),
            What::Growth(command) => command.run(out),
            What::Peers(command) => command.run(out),
            What::Link(command) => command.run(out),
            What::Coding(command) => command.run(out),
            What::Faults(command) => command.run(out),
            What::Netlist(command) => command.run(out),
        }
    }
}

/// Writes a file and says so.
fn write_file(out: &mut impl Write, path: &Path, text: &str) -> anyhow::Result<()> {
    use anyhow::Context;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    writeln!(out, "wrote {}", path.display())?;
    Ok(())
}

/// The failure of a run that differs from the reference model.
fn check(mismatches: u64) -> anyhow::Result<()> {
    match mismatches {
        0 => Ok(()),
        count => Err(super::Failure {
            what: format!("{count} mismatches between the RTL and the reference model"),
            help: "figures of an array that computes something else mean nothing: `cargo test` shows where it differs"
                .into(),
        }
        .into()),
    }
}
