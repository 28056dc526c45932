//! Cells of a carry chain, whose two LUTs a bit do more than add.

use std::fmt::Write as _;

/// What a bit of the chain is joined to.
pub(super) struct ChainBit {
    /// The inputs A to D of its LUTs.
    pub inputs: [String; 4],
    /// Its sum.
    pub sum: String,
}

/// Verilog of a chain of CCU2C with so many bits, and of the wire `carry` between its cells. `init` is what both LUTs of a bit hold: the LUT4 is the sum
/// without the carry, and where it is 0 its low four bits, the LUT2 of A and B, generate a carry.
///
/// The carry into bit 0 is made by the unused first half of the chain (all inputs 1, INIT 0: carry 0 whatever CIN is), so that
/// nextpnr needs no feed-in.
pub(super) fn carry_chain(bits: usize, init: u16, bit: impl Fn(usize) -> ChainBit) -> String {
    let cells = bits / 2 + 1;
    let mut verilog = format!("wire [{}:0] carry;\n", cells - 1);
    for cell in 0..cells {
        let halves = [2 * cell, 2 * cell + 1].map(|place| place.checked_sub(1).filter(|bit| *bit < bits));
        let [init0, init1] = halves.map(|half| if half.is_some() { init } else { 0 });
        let _ = writeln!(
            verilog,
            "CCU2C #(.INIT0(16'h{init0:04X}), .INIT1(16'h{init1:04X}), .INJECT1_0(\"NO\"), .INJECT1_1(\"NO\")) slice{cell} ("
        );
        let mut pins = String::new();
        for (half, place) in halves.iter().enumerate() {
            match place.map(&bit) {
                Some(ChainBit { inputs: [a, b, c, d], sum }) => {
                    let _ =
                        write!(pins, "  .A{half}({a}), .B{half}({b}), .C{half}({c}), .D{half}({d}), .S{half}({sum}),");
                }
                None => {
                    let _ = write!(pins, "  .A{half}(1'b1), .B{half}(1'b1), .C{half}(1'b1), .D{half}(1'b1),");
                }
            }
        }
        // An open CIN or COUT, rather than a constant or an unused net, spares nextpnr a feed-in or feed-out.
        if cell > 0 {
            let _ = write!(pins, " .CIN(carry[{}]),", cell - 1);
        }
        if cell + 1 < cells {
            let _ = write!(pins, " .COUT(carry[{cell}]),");
        }
        let _ = writeln!(verilog, "{}\n);", pins.trim_end_matches(','));
    }
    verilog
}
