//! Random systems on the array alone, driven at its ports: what goes in and comes out is recorded in netsim, beside the reference model, and played to
//! Verilator's model. Through the link the same takes a hundred times as many clocks.

use crate::common::systems::long::long;
use crate::common::systems::machine::compare_in_a_hurry;
use crate::common::systems::{Search, Seen, compare};
use crate::common::verilator::Result;
use nernst_sim::{ReferenceArray, RtlArray};
use nernst_spec::ArrayConfig;
use std::cell::Cell;
use std::fmt::Write as _;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::Command;
use std::{fs, io};

/// What plays a trace in the model of an array.
pub const TRACE: &str = include_str!("trace.cpp");

/// Networks of which the membranes are read in every tick.
const WATCHED: u32 = 1;

/// How `trace.cpp` gets at the ports of Verilator's model.
pub fn header([inputs, outputs]: &[Vec<String>; 2]) -> String {
    let (count, all) = (inputs.len(), inputs.len() + outputs.len());
    let mut text = format!("constexpr unsigned INPUTS = {count}, PORTS = {all};\n");
    text += "static void set(unsigned port, uint64_t value) {\n    switch (port) {\n";
    for (number, name) in inputs.iter().enumerate() {
        text += &format!("        case {number}: top.{name} = value; break;\n");
    }
    text += "    }\n}\nstatic uint64_t get(unsigned port) {\n    switch (port) {\n";
    for (number, name) in outputs.iter().enumerate() {
        text += &format!("        case {}: return top.{name};\n", count + number);
    }
    text + "    }\n    return 0;\n}\n"
}

/// Runs so many random networks on the array and a long one, beside the model, and writes what its ports had in every clock to `trace.txt`.
pub fn record(search: &Search, config: &ArrayConfig, verilog: &str, networks: u32, folder: &Path) -> Result<Seen> {
    let mut array = RtlArray::from_verilog(config, verilog)?;
    let ports = array.ports().concat();
    let mut model = ReferenceArray::new(config);
    let mut file = BufWriter::new(fs::File::create(folder.join("trace.txt"))?);
    let mut values = vec![0; ports.len()];
    let mut write = |clocks: Vec<Vec<u64>>| -> io::Result<()> {
        for clock in clocks {
            let mut line = String::new();
            for (port, (value, before)) in clock.iter().zip(&mut values).enumerate().filter(|(_, (a, b))| a != b) {
                let separator = if line.is_empty() { "" } else { " " };
                write!(line, "{separator}{port:x}={value:x}").map_err(io::Error::other)?;
                *before = *value;
            }
            writeln!(file, "{line}")?;
        }
        file.flush()
    };
    let number = Cell::new(0);
    let seen = search.on_array(config, 0, networks, 2, 12, |system| {
        array.record(&ports).map_err(|error| error.to_string())?;
        // Membranes of every tick are many clocks, in which little else happens.
        let seen = match number.get() < WATCHED {
            true => compare(system, &mut model, &mut array)?,
            false => compare_in_a_hurry(system, &mut model, &mut array)?,
        };
        number.set(number.get() + 1);
        write(array.recorded()).map_err(|error| error.to_string())?;
        Ok(seen)
    });
    let mut seen = seen.map_err(|difference| search.tell(difference))?;
    array.record(&ports)?;
    seen += compare_in_a_hurry(&long(config), &mut model, &mut array)?;
    write(array.recorded())?;
    Ok(seen)
}

/// Plays the trace; returns its clocks. An error: something else came out.
pub fn play(folder: &Path) -> Result<u64> {
    let program = fs::canonicalize(folder.join("build/Vtop"))?;
    let run = Command::new(program).current_dir(folder).arg("trace.txt").output()?;
    let said = String::from_utf8_lossy(&run.stdout);
    match run.status.success() {
        true => Ok(said.trim().parse()?),
        false => Err(format!("Verilator and netsim differ: {}", said.trim()).into()),
    }
}
