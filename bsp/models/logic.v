// The cells of a logic slice, as Yosys' synth_ecp5 uses them.

module LUT4 (input A, B, C, D, output Z);
  parameter [15:0] INIT = 16'h0000;
  assign Z = INIT[{D, C, B, A}];
endmodule

module PFUMX (input ALUT, BLUT, C0, output Z);
  assign Z = C0 ? ALUT : BLUT;
endmodule

module L6MUX21 (input D0, D1, SD, output Z);
  assign Z = SD ? D1 : D0;
endmodule

// Two bits of a carry chain: in each, a LUT4 decides whether the carry passes, and where it does not, the LUT2 in its four
// lowest entries (inputs A and B alone) is the carry.
module CCU2C (input CIN, A0, B0, C0, D0, A1, B1, C1, D1, output S0, S1, COUT);
  parameter [15:0] INIT0 = 16'h0000;
  parameter [15:0] INIT1 = 16'h0000;
  parameter INJECT1_0 = "YES";
  parameter INJECT1_1 = "YES";
  wire pass0 = INIT0[{D0, C0, B0, A0}];
  wire pass1 = INIT1[{D1, C1, B1, A1}];
  wire make0 = (INJECT1_0 == "YES") ? 1'b0 : INIT0[{2'b00, B0, A0}];
  wire make1 = (INJECT1_1 == "YES") ? 1'b0 : INIT1[{2'b00, B1, A1}];
  wire middle = (~pass0 & make0) | (pass0 & CIN);
  assign S0 = pass0 ^ ((INJECT1_0 == "YES") ? 1'b0 : CIN);
  assign S1 = pass1 ^ ((INJECT1_1 == "YES") ? 1'b0 : middle);
  assign COUT = (~pass1 & make1) | (pass1 & middle);
endmodule

// Synchronous set or reset only.
module TRELLIS_FF (input CLK, LSR, CE, DI, M, output reg Q);
  parameter GSR = "ENABLED";
  parameter [127:0] CEMUX = "1";
  parameter CLKMUX = "CLK";
  parameter LSRMUX = "LSR";
  parameter SRMODE = "LSR_OVER_CE";
  parameter REGSET = "RESET";
  parameter [127:0] LSRMODE = "LSR";
  generate
    if (SRMODE == "ASYNC") begin : bad_srmode
      TRELLIS_FF_MODEL_KNOWS_ONLY_SYNCHRONOUS_RESET error();
    end
    if (LSRMODE != "LSR") begin : bad_lsrmode
      TRELLIS_FF_MODEL_KNOWS_ONLY_LSRMODE_LSR error();
    end
  endgenerate
  localparam VALUE = (REGSET == "SET") ? 1'b1 : 1'b0;
  wire clk = (CLKMUX == "INV") ? ~CLK : CLK;
  wire lsr = (LSRMUX == "INV") ? ~LSR : LSR;
  wire ce = (CEMUX == "1") ? 1'b1 : (CEMUX == "0") ? 1'b0 : (CEMUX == "INV") ? ~CE : CE;
  initial Q = VALUE;
  always @(posedge clk)
    // an open LSR pin (z) is inactive
    if (lsr === 1'b1) Q <= VALUE;
    else if (ce) Q <= DI;
endmodule

// 16 x 4 bits of distributed RAM: synchronous write, asynchronous read.
module TRELLIS_DPR16X4 (input [3:0] DI, WAD, input WRE, WCK, input [3:0] RAD, output [3:0] DO);
  parameter WCKMUX = "WCK";
  parameter WREMUX = "WRE";
  parameter [63:0] INITVAL = 64'h0;
  reg [3:0] mem [0:15];
  integer i;
  initial for (i = 0; i < 16; i = i + 1) mem[i] = INITVAL[4 * i +: 4];
  wire clk = (WCKMUX == "INV") ? ~WCK : WCK;
  wire write = (WREMUX == "1") ? 1'b1 : (WREMUX == "0") ? 1'b0 : (WREMUX == "INV") ? ~WRE : WRE;
  always @(posedge clk) if (write) mem[WAD] <= DI;
  assign DO = mem[RAD];
endmodule
