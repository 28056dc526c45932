//! Whether a fault is one: a mutant of which Yosys proves that its module does what it did is the same design in other words.

use crate::mutants::{Design, Mutant};
use std::collections::{BTreeSet, HashSet};
use std::path::Path;
use std::process::Command;
use std::{fs, io};

/// The lines of a module.
fn module<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let begin = text.find(&format!("\nmodule {name}("))? + 1;
    let end = begin + text[begin..].find("\nendmodule")? + "\nendmodule".len();
    Some(&text[begin..end])
}

/// Modules that a module is made of.
fn parts<'a>(module: &'a str, name: &str) -> BTreeSet<&'a str> {
    let words = module.lines().filter_map(|line| line.split_whitespace().next());
    words.filter(|word| word.strip_prefix(name).is_some_and(|rest| rest.starts_with('$'))).collect()
}

/// Its ports alone.
fn black_box(module: &str) -> String {
    let (header, body) = module.split_once(");").unwrap_or((module, ""));
    let ports = body.lines().map(str::trim).filter(|line| line.starts_with("input ") || line.starts_with("output "));
    let ports: Vec<&str> = ports.collect();
    format!("(* blackbox *)\n{header});\n{}\nendmodule\n", ports.join("\n"))
}

/// What leads to registers, parts and outputs is equal in `gold` and `gate`, whatever comes from registers, parts and inputs: all of these become ports.
const SCRIPT: &str = "read_verilog -nosynthesis pair.v; proc; memory; opt_clean; expose -evert -evert-dff gold gate; \
                      miter -equiv -flatten -ignore_gold_x gold gate both; hierarchy -top both; opt_clean; \
                      sat -verify -prove trigger 0 -set-def-inputs both";

/// Whether every module with the fault is proved to be equal to what it was, for every state of everything in it.
pub fn is_equivalent(yosys: &Path, design: &Design, mutant: &Mutant, folder: &Path) -> io::Result<bool> {
    let mutated = design.with(mutant);
    // Modules that are the same but for their names are proved once.
    let mut proved = HashSet::new();
    for name in design.modules_with(mutant) {
        let (Some(gold), Some(gate)) = (module(design.text(), name), module(&mutated, name)) else { return Ok(false) };
        if gold.contains("mem[write_address] <=") {
            // Bit by bit a memory is too much to prove anything of.
            return Ok(false);
        }
        if !proved.insert([gold, gate].map(|text| text.replace(name, "module"))) {
            continue;
        }
        let rename = |module: &str, to: &str| module.replacen(&format!("module {name}("), &format!("module {to}("), 1);
        let boxes = parts(gold, name).into_iter().filter_map(|part| module(design.text(), part)).map(black_box);
        let verilog: Vec<String> = [rename(gold, "gold"), rename(gate, "gate")].into_iter().chain(boxes).collect();
        fs::write(folder.join("pair.v"), verilog.join("\n"))?;
        if !Command::new(yosys).current_dir(folder).args(["-q", "-p", SCRIPT]).output()?.status.success() {
            return Ok(false);
        }
    }
    Ok(true)
}
