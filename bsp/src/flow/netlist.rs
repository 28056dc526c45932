//! What is done to Yosys' netlist before nextpnr reads it.

use super::floorplan;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};

/// A netlist as Yosys' `write_json` makes it.
pub(super) struct Netlist {
    json: Value,
    top: String,
}

impl Netlist {
    /// `None` when no module is marked as the top.
    pub(super) fn new(json: Value) -> Option<Self> {
        let modules = json["modules"].as_object()?;
        let top = modules.iter().find(|(_, module)| !module["attributes"]["top"].is_null())?.0.clone();
        Some(Self { json, top })
    }

    pub(super) fn json(&self) -> &Value {
        &self.json
    }

    fn top(&self) -> &Value {
        &self.json["modules"][self.top.as_str()]
    }

    fn cells(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.top()["cells"].as_object().into_iter().flatten()
    }

    fn cells_mut(&mut self) -> impl Iterator<Item = (&String, &mut Value)> {
        let cells = &mut self.json["modules"][self.top.as_str()]["cells"];
        cells.as_object_mut().into_iter().flatten()
    }

    /// Number of cells of each type in the top module.
    pub(super) fn count_cells(&self) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        for (_, cell) in self.cells() {
            let kind = cell["type"].as_str().unwrap_or("unknown");
            // $scopeinfo is a note of Yosys on the hierarchy, not a cell
            if kind != "$scopeinfo" {
                *counts.entry(kind.to_string()).or_insert(0) += 1;
            }
        }
        counts
    }

    /// Opens the ends of carry chains that lead nowhere.
    ///
    /// nextpnr makes two more LUTs where the first carry input of a chain is a constant, and two where the last carry output
    /// is a net, even when the one is not looked at and the other not used. Yosys writes them in that way; "x" is an open pin.
    pub(super) fn open_carry_ends(&mut self) {
        let used = self.used_bits();
        for (_, cell) in self.cells_mut().filter(|(_, cell)| cell["type"] == "CCU2C") {
            let open_output = cell["connections"]["COUT"][0].as_u64().is_none_or(|bit| !used.contains(&bit));
            let open_input = cell["connections"]["CIN"][0].is_string() && ignores_carry(cell, &used);
            for (pin, open) in [("COUT", open_output), ("CIN", open_input)] {
                if open {
                    cell["connections"][pin] = json!(["x"]);
                }
            }
        }
    }

    /// Nets that a cell or an output of the design reads.
    fn used_bits(&self) -> HashSet<u64> {
        let mut used = HashSet::new();
        let mut read = |bits: &Value| used.extend(bits.as_array().into_iter().flatten().filter_map(Value::as_u64));
        for (_, cell) in self.cells() {
            for (pin, bits) in cell["connections"].as_object().into_iter().flatten() {
                if cell["port_directions"][pin] != "output" {
                    read(bits);
                }
            }
        }
        for (_, port) in self.top()["ports"].as_object().into_iter().flatten() {
            if port["direction"] != "input" {
                read(&port["bits"]);
            }
        }
        used
    }

    /// Gives every EBR a place, in the order of their names, along a serpentine through the rows of EBRs of the device.
    ///
    /// Numbers in names count as numbers. What stands together in the hierarchy then stands together on the chip.
    pub(super) fn place_ebr(&mut self, device: &str) {
        let is_ebr = |cell: &Value| cell["type"] == "DP16KD" || cell["type"] == "PDPW16KD";
        let mut names: Vec<String> =
            self.cells().filter(|(_, cell)| is_ebr(cell)).map(|(name, _)| name.clone()).collect();
        names.sort_by_cached_key(|name| floorplan::natural_key(name));
        let places: BTreeMap<String, String> = names.into_iter().zip(floorplan::ebr_bels(device)).collect();
        for (name, cell) in self.cells_mut() {
            if let Some(bel) = places.get(name) {
                cell["attributes"]["BEL"] = json!(bel);
            }
        }
    }
}

/// The first half of a slice passes no carry on, whatever its carry input is, and its sum is not used: its LUT is 0 with
/// constant inputs.
fn ignores_carry(cell: &Value, used: &HashSet<u64>) -> bool {
    let pins = &cell["connections"];
    let sum_used = pins["S0"][0].as_u64().is_some_and(|bit| used.contains(&bit));
    let mut index = 0;
    for (position, pin) in ["A0", "B0", "C0", "D0"].iter().enumerate() {
        match pins[*pin][0].as_str() {
            Some("1") => index |= 1 << position,
            Some("0") => {}
            _ => return false,
        }
    }
    // Yosys writes parameters in binary digits
    let init = cell["parameters"]["INIT0"].as_str().and_then(|digits| u16::from_str_radix(digits, 2).ok());
    !sum_used && init.is_some_and(|init| init >> index & 1 == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn netlist() -> Netlist {
        let slice = |cin: Value, cout: u64, init: &str| {
            json!({"type": "CCU2C", "parameters": {"INIT0": init}, "port_directions": {"COUT": "output", "S0": "output", "CIN": "input"},
                "connections": {"A0": ["1"], "B0": ["1"], "C0": ["1"], "D0": ["1"], "CIN": [cin], "COUT": [cout], "S0": [90]}})
        };
        let ebr = json!({"type": "PDPW16KD", "connections": {}, "attributes": {}});
        let json = json!({"modules": {"LUT4": {"attributes": {}}, "top": {"attributes": {"top": "1"}, "ports": {}, "cells": {
            "first": slice(json!("0"), 10, "0000000000000000"),
            "adder": slice(json!("0"), 11, "1001011010101010"),
            "last": slice(json!(10), 12, "1001011010101010"),
            "core10.ebr": ebr, "core9.ebr": ebr,
        }}}});
        Netlist::new(json).unwrap()
    }

    #[test]
    fn only_carry_ends_that_lead_nowhere_are_opened() {
        let mut netlist = netlist();
        netlist.open_carry_ends();
        let pin = |cell: &str, pin: &str| netlist.top()["cells"][cell]["connections"][pin].clone();
        assert_eq!((pin("first", "CIN"), pin("first", "COUT")), (json!(["x"]), json!([10])));
        assert_eq!((pin("adder", "CIN"), pin("adder", "COUT")), (json!(["0"]), json!(["x"])));
        assert_eq!((pin("last", "CIN"), pin("last", "COUT")), (json!([10]), json!(["x"])));
        assert_eq!(netlist.count_cells(), BTreeMap::from([("CCU2C".to_string(), 3), ("PDPW16KD".to_string(), 2)]));
    }

    #[test]
    fn ebrs_are_placed_in_the_order_of_their_numbers() {
        let mut netlist = netlist();
        netlist.place_ebr("LFE5U-25F");
        let bel = |cell: &str| netlist.top()["cells"][cell]["attributes"]["BEL"].clone();
        assert_eq!((bel("core9.ebr"), bel("core10.ebr")), (json!("X4/Y25/EBR0"), json!("X6/Y25/EBR1")));
    }
}
