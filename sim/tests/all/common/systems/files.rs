//! A system as files that `nernst run` takes.

use super::System;
use std::fmt::Write;
use std::path::Path;
use std::{fs, io};

/// Writes a system into a folder, and returns the command that runs it again.
pub fn save(system: &System, folder: &Path) -> io::Result<String> {
    fs::create_dir_all(folder)?;
    let (image, spikes) = (folder.join("system.image"), folder.join("spikes.aer"));
    fs::write(&image, system.image.to_bytes())?;
    fs::write(&spikes, aer(system))?;
    Ok(format!("nernst run --image {} --input {} --port virtual --membranes", image.display(), spikes.display()))
}

/// The spikes of all samples as AER text.
fn aer(system: &System) -> String {
    let mut text = format!("#lines {}\ntick,address\n", system.image.inputs.len());
    for sample in &system.samples {
        for (tick, line) in
            sample.iter().enumerate().flat_map(|(tick, lines)| lines.iter().map(move |line| (tick, line)))
        {
            writeln!(text, "{tick},{line}").expect("a string takes all");
        }
        writeln!(text, "#end {}", sample.len()).expect("a string takes all");
    }
    text
}
