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
/// What is the same in both and comes from the same is merged, so that there is something to prove only of what the fault reaches.
const SCRIPT: &str = "read_verilog -nosynthesis pair.v; flatten gold gate; proc; memory; opt_clean; expose -evert -evert-dff gold/c:* gate/c:*; \
                      miter -equiv -flatten -ignore_gold_x gold gate both; hierarchy -top both; \
                      opt_expr; opt_merge; opt_expr; opt_clean; sat -timeout 60 -verify -prove trigger 0 -set-def-inputs both";

/// Whether every module with the fault is proved to be equal to what it was, for every state of everything in it: the module itself, or the one that it is a
/// part of, which may not need all that it says.
pub fn is_equivalent(yosys: &Path, design: &Design, mutant: &Mutant, folder: &Path) -> io::Result<bool> {
    let mutated = design.with(mutant);
    // Modules that are the same but for their names are proved once.
    let mut proved = HashSet::new();
    for name in design.modules_with(mutant) {
        let parent =
            (name.rmatch_indices('$')).map(|(at, _)| &name[..at]).find(|name| module(design.text(), name).is_some());
        let chains = [vec![name], parent.into_iter().chain([name]).collect()];
        let mut is_equal = false;
        for chain in &chains {
            let pair = |text, to| {
                Some(chain.iter().map(|name| module(text, name)).collect::<Option<Vec<_>>>()?.join("\n"))
                    .map(|text| renamed(&text, chain, to))
            };
            let (Some(gold), Some(gate)) = (pair(design.text(), "gold"), pair(&mutated, "gate")) else {
                return Ok(false);
            };
            if gold.contains("mem[write_address] <=") {
                // Bit by bit a memory is too much to prove anything of.
                return Ok(false);
            }
            if proved.contains(&[&gold, &gate].map(|text| text.replace(chain[0], "module"))) {
                is_equal = true;
                break;
            }
            let boxes = chain.iter().filter_map(|name| Some((module(design.text(), name)?, name)));
            let boxes = boxes.flat_map(|(module, name)| parts(module, name)).filter(|part| !chain.contains(part));
            let boxes = boxes.filter_map(|part| module(design.text(), part)).map(black_box);
            let verilog: Vec<String> = [gold.clone(), gate.clone()].into_iter().chain(boxes).collect();
            fs::write(folder.join("pair.v"), verilog.join("\n"))?;
            if Command::new(yosys).current_dir(folder).args(["-q", "-p", SCRIPT]).output()?.status.success() {
                proved.insert([&gold, &gate].map(|text| text.replace(chain[0], "module")));
                is_equal = true;
                break;
            }
        }
        if !is_equal {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Modules of which the first is the root, called `to`, and the others are its parts.
fn renamed(text: &str, names: &[&str], to: &str) -> String {
    let line = |line: &str| {
        let code = line.trim_start();
        let code = code.strip_prefix("module ").unwrap_or(code);
        let name = code.split(['(', ' ']).next().unwrap_or_default();
        match names.iter().position(|of| *of == name) {
            Some(0) => line.replacen(name, to, 1),
            Some(number) => line.replacen(name, &format!("{to}_{number}"), 1),
            None => line.to_string(),
        }
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}
