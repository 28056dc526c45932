// MULT18X18D: 18 x 18 -> 36 bits, each of the four registers on CLK0 or absent. No cascade, no C operand, no dynamic source.
module MULT18X18D (
  input A0, A1, A2, A3, A4, A5, A6, A7, A8, A9, A10, A11, A12, A13, A14, A15, A16, A17,
  input B0, B1, B2, B3, B4, B5, B6, B7, B8, B9, B10, B11, B12, B13, B14, B15, B16, B17,
  input C0, C1, C2, C3, C4, C5, C6, C7, C8, C9, C10, C11, C12, C13, C14, C15, C16, C17,
  input SIGNEDA, SIGNEDB, SOURCEA, SOURCEB,
  input CLK0, CLK1, CLK2, CLK3, CE0, CE1, CE2, CE3, RST0, RST1, RST2, RST3,
  output P0, P1, P2, P3, P4, P5, P6, P7, P8, P9, P10, P11, P12, P13, P14, P15, P16, P17, P18, P19, P20, P21, P22, P23,
    P24, P25, P26, P27, P28, P29, P30, P31, P32, P33, P34, P35,
  output SIGNEDP
);
  parameter REG_INPUTA_CLK = "NONE";
  parameter REG_INPUTA_CE = "CE0";
  parameter REG_INPUTA_RST = "RST0";
  parameter REG_INPUTB_CLK = "NONE";
  parameter REG_INPUTB_CE = "CE0";
  parameter REG_INPUTB_RST = "RST0";
  parameter REG_INPUTC_CLK = "NONE";
  parameter REG_INPUTC_CE = "CE0";
  parameter REG_INPUTC_RST = "RST0";
  parameter REG_PIPELINE_CLK = "NONE";
  parameter REG_PIPELINE_CE = "CE0";
  parameter REG_PIPELINE_RST = "RST0";
  parameter REG_OUTPUT_CLK = "NONE";
  parameter REG_OUTPUT_CE = "CE0";
  parameter REG_OUTPUT_RST = "RST0";
  parameter CLK0_DIV = "ENABLED";
  parameter CLK1_DIV = "ENABLED";
  parameter CLK2_DIV = "ENABLED";
  parameter CLK3_DIV = "ENABLED";
  parameter HIGHSPEED_CLK = "NONE";
  parameter GSR = "ENABLED";
  parameter CAS_MATCH_REG = "FALSE";
  parameter SOURCEB_MODE = "B_SHIFT";
  parameter MULT_BYPASS = "DISABLED";
  parameter RESETMODE = "SYNC";

  generate
    if ((REG_INPUTA_CLK != "NONE" && REG_INPUTA_CLK != "CLK0") || (REG_INPUTB_CLK != "NONE" && REG_INPUTB_CLK != "CLK0")
        || (REG_PIPELINE_CLK != "NONE" && REG_PIPELINE_CLK != "CLK0") || (REG_OUTPUT_CLK != "NONE" && REG_OUTPUT_CLK != "CLK0")) begin : bad_clock
      MULT18X18D_MODEL_KNOWS_ONLY_CLK0 error();
    end
    if (REG_INPUTA_CE != "CE0" || REG_INPUTB_CE != "CE0" || REG_PIPELINE_CE != "CE0" || REG_OUTPUT_CE != "CE0"
        || REG_INPUTA_RST != "RST0" || REG_INPUTB_RST != "RST0" || REG_PIPELINE_RST != "RST0" || REG_OUTPUT_RST != "RST0") begin : bad_enable
      MULT18X18D_MODEL_KNOWS_ONLY_CE0_AND_RST0 error();
    end
    if (REG_INPUTC_CLK != "NONE" || HIGHSPEED_CLK != "NONE" || MULT_BYPASS != "DISABLED" || RESETMODE != "SYNC") begin : bad_mode
      MULT18X18D_MODEL_DOES_NOT_KNOW_THIS_MODE error();
    end
  endgenerate

  wire [17:0] a = {A17, A16, A15, A14, A13, A12, A11, A10, A9, A8, A7, A6, A5, A4, A3, A2, A1, A0};
  wire [17:0] b = {B17, B16, B15, B14, B13, B12, B11, B10, B9, B8, B7, B6, B5, B4, B3, B2, B1, B0};
  // the nineteenth bit is the sign, 0 for an unsigned operand; an open pin counts as 0
  wire [18:0] a_in = {(SIGNEDA === 1'b1) && a[17], a};
  wire [18:0] b_in = {(SIGNEDB === 1'b1) && b[17], b};
  reg [18:0] a_register, b_register;
  reg [35:0] pipeline, register;
  initial begin
    a_register = 19'd0;
    b_register = 19'd0;
    pipeline = 36'd0;
    register = 36'd0;
  end

  wire [18:0] a_used = (REG_INPUTA_CLK == "NONE") ? a_in : a_register;
  wire [18:0] b_used = (REG_INPUTB_CLK == "NONE") ? b_in : b_register;
  wire [35:0] a_wide = {{17{a_used[18]}}, a_used};
  wire [35:0] b_wide = {{17{b_used[18]}}, b_used};
  wire [35:0] product = a_wide * b_wide;
  wire [35:0] staged = (REG_PIPELINE_CLK == "NONE") ? product : pipeline;

  always @(posedge CLK0)
    if (RST0 === 1'b1) begin
      a_register <= 19'd0;
      b_register <= 19'd0;
      pipeline <= 36'd0;
      register <= 36'd0;
    end else if (CE0 !== 1'b0) begin
      a_register <= a_in;
      b_register <= b_in;
      pipeline <= product;
      register <= staged;
    end

  assign {P35, P34, P33, P32, P31, P30, P29, P28, P27, P26, P25, P24, P23, P22, P21, P20, P19, P18, P17, P16, P15, P14,
      P13, P12, P11, P10, P9, P8, P7, P6, P5, P4, P3, P2, P1, P0} =
    (REG_OUTPUT_CLK == "NONE") ? staged : register;
  assign SIGNEDP = (SIGNEDA === 1'b1) || (SIGNEDB === 1'b1);
endmodule
