//! The nets of a design: which names are the same net, and which bits are constant whatever happens, as Yosys finds them.

use serde::Deserialize;
use std::collections::HashMap;
use std::path::Path;
use std::process::Command;
use std::{fs, io};

/// A bit of a net. Names that are connected have the same one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(untagged)]
enum Bit<'a> {
    Net(u64),
    /// `0`, `1`, or nobody's.
    Constant(&'a str),
}

/// Where a bit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Net(u64),
    Constant,
    /// Of a memory, or of what Yosys has no name for.
    Unknown,
}

/// Bits by the path of their name.
pub struct Nets(HashMap<String, Vec<Option<u64>>>);

#[derive(Deserialize)]
struct File<'a> {
    #[serde(borrow)]
    modules: HashMap<&'a str, Flat<'a>>,
}

#[derive(Deserialize)]
struct Flat<'a> {
    #[serde(borrow)]
    netnames: HashMap<String, Net<'a>>,
}

#[derive(Deserialize)]
struct Net<'a> {
    #[serde(borrow)]
    bits: Vec<Bit<'a>>,
}

/// Constants go through operators, registers and words of tables until nothing more comes of it; nothing else is changed, and no name is lost.
const SCRIPT: &str = "read_verilog top.v; hierarchy -top top; proc; flatten; opt_expr; memory_collect; opt_mem; opt_expr; opt_dff; opt_expr; opt_dff; \
                      opt_expr -mux_undef -undriven; opt_dff; opt_expr; opt_dff; opt_expr; write_json flat.json";

impl Nets {
    /// Of the file `top.v` in a folder.
    pub fn new(yosys: &Path, folder: &Path) -> io::Result<Self> {
        let run = Command::new(yosys).current_dir(folder).args(["-q", "-p", SCRIPT]).output()?;
        if !run.status.success() {
            return Err(io::Error::other(String::from_utf8_lossy(&run.stderr).into_owned()));
        }
        let text = fs::read_to_string(folder.join("flat.json"))?;
        let mut file: File = serde_json::from_str(&text)?;
        let top = file.modules.remove("top").ok_or_else(|| io::Error::other("no top in Yosys' netlist"))?;
        let bit = |bit: Bit| if let Bit::Net(net) = bit { Some(net) } else { None };
        Ok(Self(top.netnames.into_iter().map(|(name, net)| (name, net.bits.into_iter().map(bit).collect())).collect()))
    }

    pub fn place(&self, name: &str, bit: usize) -> Place {
        match self.0.get(name).and_then(|bits| bits.get(bit)) {
            Some(Some(net)) => Place::Net(*net),
            Some(None) => Place::Constant,
            None => Place::Unknown,
        }
    }
}
