//! What is outside the language is refused by name, module and line.

use rust_hdl_netsim::{Engine, Error, Options, Simulator};

fn refused(text: &str) -> String {
    match Simulator::from_verilog(text, &Options { engine: Engine::Interpreter, ..Options::default() }) {
        Ok(_) => panic!("this was loaded:\n{text}"),
        Err(e) => e.to_string(),
    }
}

#[test]
fn wrong_designs_are_named() {
    for (text, part) in [
        ("module a(); endmodule", "there is no module `top`"),
        ("module top(y); output wire y; wire x;\nassign y = x; endmodule", "module top, line 1: nothing drives `x`"),
        (
            "module top(y); output wire [3:0] y; assign y[1:0] = 1;\nassign y[3] = 1; wire z = y[2]; wire w = z; endmodule",
            "nothing drives `y` (bit 2 of 4)",
        ),
        (
            "module top(a, y); input wire a; output wire y; assign y = a;\nassign y = ~a; endmodule",
            "line 2: net `y` is driven twice, here and in line 1",
        ),
        (
            "module top(a, y); input wire a; output reg y;\nalways @(*) if (a) y = 1; endmodule",
            "`y` is not assigned on every path of its always block: a latch",
        ),
        (
            "module top(a, y); input wire a; output wire y; wire t;\nassign t = a ^ y; assign y = ~t; endmodule",
            "combinational loop through",
        ),
        ("module top(y); output wire y; wire t; assign t = y; assign y = t; endmodule", "combinational loop"),
        (
            "module top(c, d, y); input wire c, d; output reg y;\nalways @(posedge c) y <= d;\nreg z; always @(posedge d) z <= y; endmodule",
            "one clock domain",
        ),
        (
            "module top(c, d, y); input wire c, d; output reg y; wire g = c & d;\nalways @(posedge g) y <= d; endmodule",
            "does not come from a one-bit input",
        ),
        (
            "module top(c, y, z); input wire c; output reg y; output wire z; always @(posedge c) y <= ~y; assign z = ~c; endmodule",
            "also used as data",
        ),
        (
            "module top(a, y); input wire a; output wire y; EHXPLLL pll(.CLKI(a), .CLKOP(y)); endmodule",
            "module `EHXPLLL`, which is not in the text",
        ),
        (
            "module m(a); input wire a; endmodule\nmodule top(a); input wire a; m m(.b(a)); endmodule",
            "line 2: module `m` has no port `b`",
        ),
        ("module top(a, y); input wire a; output wire y; assign y = q; endmodule", "`q` is not declared"),
        (
            "module top(a, y); input wire [3:0] a; output wire [3:0] y; assign y = 12 / a; endmodule",
            "the operator / on signals is not supported",
        ),
        ("module top(a); inout wire a; endmodule", "the inout port `a` is not supported"),
        ("module top(a); input wire a; top t(a); endmodule", "this module contains itself"),
        ("module top(a, y); input wire a; output wire y; assign y = 1'bz; endmodule", "z or ? outside a casez item"),
        (
            "module top(c, y); input wire c; output reg y; reg m [3:0]; always @(*) m[0] = 1; endmodule",
            "a memory written without a clock",
        ),
    ] {
        let message = refused(text);
        assert!(message.contains(part), "wanted: {part}\n   got: {message}");
        assert!(!message.contains('\n'), "{message}");
    }
}

#[test]
fn unknown_names_say_what_there_is() {
    let text = "module top(clock, a, wide, q); input wire clock; input wire a; input wire [99:0] wide; output reg q;
        always @(posedge clock) q <= a ^ wide[70]; endmodule";
    let s = Simulator::from_verilog(text, &Options::default()).unwrap();
    let message = |e: Error| e.to_string();
    assert!(message(s.input("b").unwrap_err()).contains("there are clock, a, wide"));
    assert!(message(s.input("clock").unwrap_err()).contains("it is the clock"));
    assert!(message(s.output("a").unwrap_err()).contains("there are q"));
    assert!(message(s.input("wide").unwrap_err()).contains("100 bits wide"));
    assert!(message(s.net("x.q").unwrap_err()).contains("no instance `x`"));
    assert!(message(s.memory("m").unwrap_err()).contains("no memory"));
}

#[test]
fn a_full_case_and_a_dead_branch_are_no_latches() {
    let text = "module top(s, y); input wire [1:0] s; output reg y;
        always @(*) case (s) 0: y = 1; 1: y = 0; 2: y = 1; 3: y = s[0]; endcase
        localparam OFF = 0; reg z; always @(*) if (OFF) z = 1; else z = s[0]; endmodule";
    assert!(Simulator::from_verilog(text, &Options::default()).is_ok());
}
