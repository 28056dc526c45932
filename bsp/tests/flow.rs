//! The whole flow, where its tools are installed.

use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::boards::board;
use rust_hdl_bsp_ecp5::cosim::not_run;
use rust_hdl_bsp_ecp5::flow::{Design, FlowError, FlowOptions, Progress, Report, Toolchain, build};
use rust_hdl_bsp_ecp5::ports::ports;
use rust_hdl_bsp_ecp5::primitives::{AddShift, BlockRam512x36, Pll};
use rust_hdl_bsp_ecp5::switching::{LANES, NetInfo, Simulator, routed_pips};
use std::collections::HashMap;

/// A counter behind a PLL.
#[derive(LogicBlock)]
struct Blinky {
    pub clock: Signal<In, Clock>,
    pub led: Signal<Out, Bits<8>>,
    pll: Pll,
    counter: DFF<Bits<24>>,
}

impl Logic for Blinky {
    #[hdl_gen]
    fn update(&mut self) {
        self.pll.clock_in.next = self.clock.val();
        self.counter.clock.next = self.pll.clock_out.val();
        self.counter.d.next = self.counter.q.val() + 1;
        self.led.next = self.counter.q.val().get_bits::<8>(16);
    }
}

/// The tools, or a line that says what is not run.
fn tools(test: &str) -> Option<Toolchain> {
    Toolchain::find(None).inspect_err(|missing| not_run(test, missing)).ok()
}

#[test]
fn blinky_becomes_a_bitstream_for_the_ulx3s() {
    let Some(tools) = tools("blinky for the ULX3S") else { return };
    let mut uut = Blinky {
        clock: Default::default(),
        led: Default::default(),
        pll: Pll::new(25_000_000, 100_000_000).unwrap(),
        counter: Default::default(),
    };
    uut.connect_all();
    let board = board("ulx3s-85f").unwrap();
    let lpf = board.constrain(&ports(&uut)).unwrap();
    let design = Design { configuration: "", top: "top", verilog: &generate_verilog(&uut), lpf: &lpf };
    let dir = tempfile::tempdir().unwrap();
    let mut finished = Vec::new();
    let options = FlowOptions { nextpnr_args: vec!["--write".into(), "routed.json".into()], ..FlowOptions::default() };
    let report = build(&tools, &design, board, dir.path(), &options, &mut |progress| {
        if let Progress::Finished { step, .. } = progress {
            finished.push(step);
        }
    })
    .unwrap();

    assert_eq!(finished, ["yosys", "nextpnr-ecp5", "ecppack"]);
    assert_eq!((report.lut.available, report.ebr.available, report.dsp.available), (83_640, 208, 156));
    assert_eq!(report.ff.used, 24);
    assert_eq!(report.cells["EHXPLLL"], 1);
    assert!(report.timing_met, "{:?}", report.clocks);
    // the clock behind the PLL is constrained to what the PLL makes
    assert!(report.clocks.values().any(|clock| (clock.constraint_mhz - 100.0).abs() < 0.1), "{:?}", report.clocks);
    assert_eq!(report.critical_path.last().unwrap().kind, "setup");
    assert_eq!(std::fs::metadata(&report.bitstream).unwrap().len(), report.bitstream_bytes);
    let saved: Report =
        serde_json::from_str(&std::fs::read_to_string(dir.path().join("report.json")).unwrap()).unwrap();
    assert!(saved == report, "report.json differs from the report");

    let read = |file: &str| std::fs::read_to_string(dir.path().join(file)).unwrap();
    a_counter_switches_as_a_counter(&read("yosys.json"), &routed_pips(&read("routed.json")).unwrap());
}

/// Toggles of the flip-flops of the counter, by themselves and by the lengths of their routes.
fn a_counter_switches_as_a_counter(netlist: &str, pips: &HashMap<String, u32>) {
    const CLOCKS: u64 = 1000;
    let mut simulator = Simulator::from_json(netlist).unwrap();
    let routed = |net: &NetInfo| net.names.iter().find_map(|name| pips.get(name)).copied();
    let is_bit = |net: &NetInfo| net.kind == "TRELLIS_FF";
    simulator.count_toggles(|net| match routed(net) {
        Some(pips) if is_bit(net) => vec![(0, 1), (1, pips)],
        _ => Vec::new(),
    });
    simulator.run(CLOCKS + 1, &[]);
    // bit k changes in every 2^k-th clock
    let toggles: u64 = (0..24).map(|bit| CLOCKS >> bit).sum();
    let [alone, weighted] = [0, 1].map(|group| simulator.toggles()[group]);
    assert_eq!(alone, [toggles; LANES], "a bit has no route");
    assert_eq!(weighted, [weighted[0]; LANES]);
    assert!(weighted[0] > toggles, "routes of {} pips for {toggles} toggles", weighted[0]);
}

#[test]
fn a_failing_tool_is_quoted() {
    let Some(tools) = tools("error of a tool") else { return };
    let board = board("ulx3s-85f").unwrap();
    let dir = tempfile::tempdir().unwrap();
    let run = |verilog: &str, lpf: &str| {
        let design = Design { configuration: "", top: "top", verilog, lpf };
        build(&tools, &design, board, dir.path(), &FlowOptions::default(), &mut |_| {}).unwrap_err()
    };
    let error = run("module top (input clock; endmodule", "");
    assert!(matches!(&error, FlowError::Failed { step: "yosys", .. }), "{error}");
    assert!(error.to_string().contains("syntax error") && error.to_string().contains("yosys.log"), "{error}");
    // strict: a port without a pin stops nextpnr
    let error = run("module top (input a, output b); assign b = a; endmodule", "LOCATE COMP \"a\" SITE \"M1\";\n");
    assert!(matches!(&error, FlowError::Failed { step: "nextpnr-ecp5", .. }), "{error}");
    assert!(error.to_string().contains("unconstrained"), "{error}");
}

#[test]
fn a_tool_that_takes_too_long_is_stopped() {
    let Some(tools) = tools("time limit") else { return };
    let dir = tempfile::tempdir().unwrap();
    let design = Design {
        configuration: "",
        top: "top",
        verilog: "module top (output led); assign led = 1; endmodule",
        lpf: "",
    };
    let options = FlowOptions { timeout: Some(std::time::Duration::ZERO), ..Default::default() };
    let error = build(&tools, &design, board("ulx3s-85f").unwrap(), dir.path(), &options, &mut |_| {}).unwrap_err();
    assert!(matches!(&error, FlowError::Timeout { step: "yosys", .. }), "{error}");
}

/// Lane and EBR of a small array.
#[derive(LogicBlock)]
struct Lanes {
    pub clock: Signal<In, Clock>,
    pub write_enable: Signal<In, Bit>,
    pub address: Signal<In, Bits<9>>,
    pub data: Signal<In, Bits<4>>,
    pub add: Signal<In, Bit>,
    pub q: [Signal<Out, Bits<15>>; 2],
    ram: [BlockRam512x36<9, 4>; 2],
    lane: [AddShift<15, 4>; 2],
}

impl Logic for Lanes {
    #[hdl_gen]
    fn update(&mut self) {
        for i in 0..2 {
            self.ram[i].clock.next = self.clock.val();
            self.ram[i].write_enable.next = self.write_enable.val();
            self.ram[i].write_address.next = self.address.val();
            self.ram[i].write_low.next = bit_cast::<32, 4>(self.data.val());
            self.ram[i].write_high.next = self.data.val();
            self.ram[i].read_enable.next = !self.write_enable.val();
            self.ram[i].read_address.next = self.address.val();
            self.ram[i].clear.next = false;
            self.lane[i].clock.next = self.clock.val();
            self.lane[i].enable.next = true;
            self.lane[i].add.next = self.add.val();
            self.lane[i].weight.next = self.ram[i].read_high.val();
            self.q[i].next = self.lane[i].q.val();
        }
        self.lane[0].shift_in.next = self.lane[1].q.val();
        self.lane[1].shift_in.next = self.lane[0].q.val();
    }
}

/// A lane of 15 bits takes 16 LUTs, without any for the ends of its carry chain; EBRs stand where they are told to.
#[test]
fn a_lane_is_one_lut_a_bit_after_place_and_route() {
    let Some(tools) = tools("LUTs of a lane") else { return };
    let mut uut = Lanes {
        clock: Default::default(),
        write_enable: Default::default(),
        address: Default::default(),
        data: Default::default(),
        add: Default::default(),
        q: Default::default(),
        ram: Default::default(),
        lane: Default::default(),
    };
    uut.connect_all();
    let board = board("ulx3s-25f").unwrap();
    // only the clock has a pin; nextpnr may choose the others here
    let lpf = board.lpf().unwrap().constrain([("clock", 1)]).unwrap();
    let design = Design { configuration: "", top: "top", verilog: &generate_verilog(&uut), lpf: &lpf };
    let dir = tempfile::tempdir().unwrap();
    let options = FlowOptions {
        place_ebr: true,
        nextpnr_args: ["--lpf-allow-unconstrained", "--write", "routed.json"].map(String::from).to_vec(),
        ..Default::default()
    };
    let report = build(&tools, &design, board, dir.path(), &options, &mut |_| {}).unwrap();
    assert_eq!((report.cells["CCU2C"], report.cells["PDPW16KD"]), (16, 2));
    assert_eq!((report.ff.used, report.ebr.used), (30, 2));
    // two lanes of 16, one inverter, and the two constants that nextpnr always makes
    assert!(report.lut.used <= 35, "{} LUTs", report.lut.used);
    let routed = std::fs::read_to_string(dir.path().join("routed.json")).unwrap();
    let routed: serde_json::Value = serde_json::from_str(&routed).unwrap();
    let cells = routed["modules"]["top"]["cells"].as_object().unwrap();
    let ebrs: Vec<_> = cells.values().filter(|cell| cell["type"] == "DP16KD").collect();
    let mut bels: Vec<&str> = ebrs.iter().map(|cell| cell["attributes"]["NEXTPNR_BEL"].as_str().unwrap()).collect();
    bels.sort();
    assert_eq!(bels, ["X4/Y25/EBR0", "X6/Y25/EBR1"]);
    // only bits 32..35 are added: DO14..17 of the PDPW16KD, which nextpnr makes DOB14..17 of a DP16KD
    let luts = cells.values().filter(|cell| cell["type"] == "TRELLIS_COMB");
    let nets = |cell: &serde_json::Value| -> Vec<u64> {
        let pins = cell["connections"].as_object().unwrap().values();
        pins.flat_map(|bits| bits.as_array().unwrap()).filter_map(serde_json::Value::as_u64).collect()
    };
    let in_luts: std::collections::HashSet<u64> = luts.flat_map(nets).collect();
    let added = |pin: &str| ebrs.iter().all(|cell| in_luts.contains(&cell["connections"][pin][0].as_u64().unwrap()));
    assert_eq!(["DOB14", "DOB17", "DOB13", "DOA14", "DOA17"].map(added), [true, true, false, false, false]);
}
