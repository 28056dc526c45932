use rust_hdl_netsim::{Options, Simulator};

#[test]
fn counter() {
    let mut s = Simulator::from_verilog(
        "module top(clock, enable, count); input wire clock; input wire enable; output reg [7:0] count;
         initial count = 8'd250;
         always @(posedge clock) if (enable) count <= count + 1;
         endmodule",
        &Options::default(),
    )
    .unwrap();
    let (enable, count) = (s.input("enable").unwrap(), s.output("count").unwrap());
    s.clock();
    assert_eq!(s.get(count), 250);
    s.set(enable, 1);
    assert_eq!(s.run(100, &[(count, 3)]), 9);
    assert_eq!(s.get(count), 3);
}
