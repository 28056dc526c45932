//! The whole flow, where its tools are installed.

use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::boards::board;
use rust_hdl_bsp_ecp5::flow::{Design, FlowError, FlowOptions, Progress, Report, Toolchain, build};
use rust_hdl_bsp_ecp5::ports::ports;
use rust_hdl_bsp_ecp5::primitives::Pll;

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
    Toolchain::find(None).inspect_err(|missing| println!("{test} not run: {missing}")).ok()
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
    let ports = ports(&uut);
    let lpf = board.lpf().unwrap().constrain(ports.iter().map(|p| (p.name.as_str(), p.width))).unwrap();
    let design = Design { top: "top", verilog: &generate_verilog(&uut), lpf: &lpf };
    let dir = tempfile::tempdir().unwrap();
    let mut finished = Vec::new();
    let report = build(&tools, &design, board, dir.path(), &FlowOptions::default(), &mut |progress| {
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
}

#[test]
fn a_failing_tool_is_quoted() {
    let Some(tools) = tools("error of a tool") else { return };
    let board = board("ulx3s-85f").unwrap();
    let dir = tempfile::tempdir().unwrap();
    let run = |verilog: &str, lpf: &str| {
        let design = Design { top: "top", verilog, lpf };
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
