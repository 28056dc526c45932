// DP16KD: true dual port, 18 Kbit, data widths 1, 2, 4, 9 and 18 on each port, and 36 as the pair "A writes, B reads".
//
// A word is 18 bits: two bytes of 8 bits, each followed by a ninth. Width 18: address bits 13..4, bits 0 and 1 are the
// byte write enables. Width 9: bits 13..3. Widths 4, 2, 1: bits 13..2, 13..1, 13..0, and the ninth bits do not exist:
// address bit 3 is the byte, bits 2..0 the bit in it. Data is on the low data pins. Width 36: address bits 13..5, bits 0..3
// are the byte write enables, DIA and DOA are bits 0..17, DIB and DOB are bits 18..35.
// This is the layout of Yosys' techmap brams_map_16kd.v and of its memory_libmap (tests/netlist.rs compares them).
// A read of a word that the other port is writing in the same clock returns x.
module DP16KD (
  input DIA0, DIA1, DIA2, DIA3, DIA4, DIA5, DIA6, DIA7, DIA8, DIA9, DIA10, DIA11, DIA12, DIA13, DIA14, DIA15, DIA16,
    DIA17,
  input ADA0, ADA1, ADA2, ADA3, ADA4, ADA5, ADA6, ADA7, ADA8, ADA9, ADA10, ADA11, ADA12, ADA13,
  input CEA, OCEA, CLKA, WEA, RSTA, CSA0, CSA1, CSA2,
  output DOA0, DOA1, DOA2, DOA3, DOA4, DOA5, DOA6, DOA7, DOA8, DOA9, DOA10, DOA11, DOA12, DOA13, DOA14, DOA15, DOA16,
    DOA17,

  input DIB0, DIB1, DIB2, DIB3, DIB4, DIB5, DIB6, DIB7, DIB8, DIB9, DIB10, DIB11, DIB12, DIB13, DIB14, DIB15, DIB16,
    DIB17,
  input ADB0, ADB1, ADB2, ADB3, ADB4, ADB5, ADB6, ADB7, ADB8, ADB9, ADB10, ADB11, ADB12, ADB13,
  input CEB, OCEB, CLKB, WEB, RSTB, CSB0, CSB1, CSB2,
  output DOB0, DOB1, DOB2, DOB3, DOB4, DOB5, DOB6, DOB7, DOB8, DOB9, DOB10, DOB11, DOB12, DOB13, DOB14, DOB15, DOB16,
    DOB17
);
  parameter DATA_WIDTH_A = 18;
  parameter DATA_WIDTH_B = 18;
  parameter REGMODE_A = "NOREG";
  parameter REGMODE_B = "NOREG";
  parameter RESETMODE = "SYNC";
  parameter ASYNC_RESET_RELEASE = "SYNC";
  parameter CSDECODE_A = "0b000";
  parameter CSDECODE_B = "0b000";
  parameter WRITEMODE_A = "NORMAL";
  parameter WRITEMODE_B = "NORMAL";
  parameter CLKAMUX = "CLKA";
  parameter CLKBMUX = "CLKB";
  parameter WID = 0;
  parameter GSR = "ENABLED";
  parameter INIT_DATA = "STATIC";
  parameter [319:0] INITVAL_00 = 320'h0;
  parameter [319:0] INITVAL_01 = 320'h0;
  parameter [319:0] INITVAL_02 = 320'h0;
  parameter [319:0] INITVAL_03 = 320'h0;
  parameter [319:0] INITVAL_04 = 320'h0;
  parameter [319:0] INITVAL_05 = 320'h0;
  parameter [319:0] INITVAL_06 = 320'h0;
  parameter [319:0] INITVAL_07 = 320'h0;
  parameter [319:0] INITVAL_08 = 320'h0;
  parameter [319:0] INITVAL_09 = 320'h0;
  parameter [319:0] INITVAL_0A = 320'h0;
  parameter [319:0] INITVAL_0B = 320'h0;
  parameter [319:0] INITVAL_0C = 320'h0;
  parameter [319:0] INITVAL_0D = 320'h0;
  parameter [319:0] INITVAL_0E = 320'h0;
  parameter [319:0] INITVAL_0F = 320'h0;
  parameter [319:0] INITVAL_10 = 320'h0;
  parameter [319:0] INITVAL_11 = 320'h0;
  parameter [319:0] INITVAL_12 = 320'h0;
  parameter [319:0] INITVAL_13 = 320'h0;
  parameter [319:0] INITVAL_14 = 320'h0;
  parameter [319:0] INITVAL_15 = 320'h0;
  parameter [319:0] INITVAL_16 = 320'h0;
  parameter [319:0] INITVAL_17 = 320'h0;
  parameter [319:0] INITVAL_18 = 320'h0;
  parameter [319:0] INITVAL_19 = 320'h0;
  parameter [319:0] INITVAL_1A = 320'h0;
  parameter [319:0] INITVAL_1B = 320'h0;
  parameter [319:0] INITVAL_1C = 320'h0;
  parameter [319:0] INITVAL_1D = 320'h0;
  parameter [319:0] INITVAL_1E = 320'h0;
  parameter [319:0] INITVAL_1F = 320'h0;
  parameter [319:0] INITVAL_20 = 320'h0;
  parameter [319:0] INITVAL_21 = 320'h0;
  parameter [319:0] INITVAL_22 = 320'h0;
  parameter [319:0] INITVAL_23 = 320'h0;
  parameter [319:0] INITVAL_24 = 320'h0;
  parameter [319:0] INITVAL_25 = 320'h0;
  parameter [319:0] INITVAL_26 = 320'h0;
  parameter [319:0] INITVAL_27 = 320'h0;
  parameter [319:0] INITVAL_28 = 320'h0;
  parameter [319:0] INITVAL_29 = 320'h0;
  parameter [319:0] INITVAL_2A = 320'h0;
  parameter [319:0] INITVAL_2B = 320'h0;
  parameter [319:0] INITVAL_2C = 320'h0;
  parameter [319:0] INITVAL_2D = 320'h0;
  parameter [319:0] INITVAL_2E = 320'h0;
  parameter [319:0] INITVAL_2F = 320'h0;
  parameter [319:0] INITVAL_30 = 320'h0;
  parameter [319:0] INITVAL_31 = 320'h0;
  parameter [319:0] INITVAL_32 = 320'h0;
  parameter [319:0] INITVAL_33 = 320'h0;
  parameter [319:0] INITVAL_34 = 320'h0;
  parameter [319:0] INITVAL_35 = 320'h0;
  parameter [319:0] INITVAL_36 = 320'h0;
  parameter [319:0] INITVAL_37 = 320'h0;
  parameter [319:0] INITVAL_38 = 320'h0;
  parameter [319:0] INITVAL_39 = 320'h0;
  parameter [319:0] INITVAL_3A = 320'h0;
  parameter [319:0] INITVAL_3B = 320'h0;
  parameter [319:0] INITVAL_3C = 320'h0;
  parameter [319:0] INITVAL_3D = 320'h0;
  parameter [319:0] INITVAL_3E = 320'h0;
  parameter [319:0] INITVAL_3F = 320'h0;

  localparam PAIR = DATA_WIDTH_A == 36 && DATA_WIDTH_B == 36;
  generate
    if (!PAIR && ((DATA_WIDTH_A != 1 && DATA_WIDTH_A != 2 && DATA_WIDTH_A != 4 && DATA_WIDTH_A != 9 && DATA_WIDTH_A != 18)
        || (DATA_WIDTH_B != 1 && DATA_WIDTH_B != 2 && DATA_WIDTH_B != 4 && DATA_WIDTH_B != 9 && DATA_WIDTH_B != 18))) begin : bad_width
      DP16KD_MODEL_DOES_NOT_KNOW_THIS_DATA_WIDTH error();
    end
    if ((REGMODE_A != "NOREG" && REGMODE_A != "OUTREG") || (REGMODE_B != "NOREG" && REGMODE_B != "OUTREG")) begin : bad_regmode
      DP16KD_MODEL_KNOWS_ONLY_REGMODE_NOREG_AND_OUTREG error();
    end
    if (PAIR && REGMODE_A != REGMODE_B) begin : bad_pair
      DP16KD_MODEL_WIDTH_36_NEEDS_EQUAL_REGMODES error();
    end
    if (RESETMODE != "SYNC" && RESETMODE != "ASYNC") begin : bad_resetmode
      DP16KD_MODEL_DOES_NOT_KNOW_THIS_RESETMODE error();
    end
    if (CSDECODE_A != "0b000" || CSDECODE_B != "0b000") begin : bad_csdecode
      DP16KD_MODEL_KNOWS_ONLY_CSDECODE_000 error();
    end
    if ((WRITEMODE_A != "NORMAL" && WRITEMODE_A != "WRITETHROUGH" && WRITEMODE_A != "READBEFOREWRITE")
        || (WRITEMODE_B != "NORMAL" && WRITEMODE_B != "WRITETHROUGH" && WRITEMODE_B != "READBEFOREWRITE")) begin : bad_writemode
      DP16KD_MODEL_DOES_NOT_KNOW_THIS_WRITEMODE error();
    end
  endgenerate

  reg [17:0] mem [0:1023];
  reg [17:0] latch_a, latch_b, register_a, register_b;
  integer i;

  // sixteen groups of 20 bits, of which 18 are used
  task load(input [5:0] block, input [319:0] value);
    for (i = 0; i < 16; i = i + 1)
      mem[block * 16 + i] = value[i * 20 +: 18];
  endtask

  initial begin
    load(6'h00, INITVAL_00);
    load(6'h01, INITVAL_01);
    load(6'h02, INITVAL_02);
    load(6'h03, INITVAL_03);
    load(6'h04, INITVAL_04);
    load(6'h05, INITVAL_05);
    load(6'h06, INITVAL_06);
    load(6'h07, INITVAL_07);
    load(6'h08, INITVAL_08);
    load(6'h09, INITVAL_09);
    load(6'h0A, INITVAL_0A);
    load(6'h0B, INITVAL_0B);
    load(6'h0C, INITVAL_0C);
    load(6'h0D, INITVAL_0D);
    load(6'h0E, INITVAL_0E);
    load(6'h0F, INITVAL_0F);
    load(6'h10, INITVAL_10);
    load(6'h11, INITVAL_11);
    load(6'h12, INITVAL_12);
    load(6'h13, INITVAL_13);
    load(6'h14, INITVAL_14);
    load(6'h15, INITVAL_15);
    load(6'h16, INITVAL_16);
    load(6'h17, INITVAL_17);
    load(6'h18, INITVAL_18);
    load(6'h19, INITVAL_19);
    load(6'h1A, INITVAL_1A);
    load(6'h1B, INITVAL_1B);
    load(6'h1C, INITVAL_1C);
    load(6'h1D, INITVAL_1D);
    load(6'h1E, INITVAL_1E);
    load(6'h1F, INITVAL_1F);
    load(6'h20, INITVAL_20);
    load(6'h21, INITVAL_21);
    load(6'h22, INITVAL_22);
    load(6'h23, INITVAL_23);
    load(6'h24, INITVAL_24);
    load(6'h25, INITVAL_25);
    load(6'h26, INITVAL_26);
    load(6'h27, INITVAL_27);
    load(6'h28, INITVAL_28);
    load(6'h29, INITVAL_29);
    load(6'h2A, INITVAL_2A);
    load(6'h2B, INITVAL_2B);
    load(6'h2C, INITVAL_2C);
    load(6'h2D, INITVAL_2D);
    load(6'h2E, INITVAL_2E);
    load(6'h2F, INITVAL_2F);
    load(6'h30, INITVAL_30);
    load(6'h31, INITVAL_31);
    load(6'h32, INITVAL_32);
    load(6'h33, INITVAL_33);
    load(6'h34, INITVAL_34);
    load(6'h35, INITVAL_35);
    load(6'h36, INITVAL_36);
    load(6'h37, INITVAL_37);
    load(6'h38, INITVAL_38);
    load(6'h39, INITVAL_39);
    load(6'h3A, INITVAL_3A);
    load(6'h3B, INITVAL_3B);
    load(6'h3C, INITVAL_3C);
    load(6'h3D, INITVAL_3D);
    load(6'h3E, INITVAL_3E);
    load(6'h3F, INITVAL_3F);
    latch_a = 18'd0;
    latch_b = 18'd0;
    register_a = 18'd0;
    register_b = 18'd0;
  end

  // position of an access in its 18-bit word
  function [4:0] shift(input integer width, input [13:0] address);
    case (width)
      1: shift = (address[3] ? 5'd9 : 5'd0) + {2'd0, address[2:0]};
      2: shift = (address[3] ? 5'd9 : 5'd0) + {2'd0, address[2:1], 1'd0};
      4: shift = (address[3] ? 5'd9 : 5'd0) + {2'd0, address[2], 2'd0};
      9: shift = address[3] ? 5'd9 : 5'd0;
      default: shift = 5'd0;
    endcase
  endfunction

  // the bits of that word which a write changes
  function [17:0] mask(input integer width, input [13:0] address);
    case (width)
      1: mask = 18'h00001 << shift(1, address);
      2: mask = 18'h00003 << shift(2, address);
      4: mask = 18'h0000f << shift(4, address);
      9: mask = 18'h001ff << shift(9, address);
      default: mask = {{9{address[1]}}, {9{address[0]}}};
    endcase
  endfunction

  function [17:0] keep(input integer width);
    case (width)
      1: keep = 18'h00001;
      2: keep = 18'h00003;
      4: keep = 18'h0000f;
      9: keep = 18'h001ff;
      default: keep = 18'h3ffff;
    endcase
  endfunction

  // ------------------------------------------------------------------ port A
  wire clk_a = (CLKAMUX == "INV") ? ~CLKA : CLKA;
  wire [17:0] di_a = {DIA17, DIA16, DIA15, DIA14, DIA13, DIA12, DIA11, DIA10, DIA9, DIA8, DIA7, DIA6, DIA5, DIA4, DIA3, DIA2, DIA1, DIA0};
  wire [13:0] ad_a = {ADA13, ADA12, ADA11, ADA10, ADA9, ADA8, ADA7, ADA6, ADA5, ADA4, ADA3, ADA2, ADA1, ADA0};
  wire on_a = CEA && CSA0 !== 1'b1 && CSA1 !== 1'b1 && CSA2 !== 1'b1;
  wire write_a = on_a && WEA;
  wire async_a = RESETMODE == "ASYNC" && RSTA;

  // ------------------------------------------------------------------ port B
  wire clk_b = (CLKBMUX == "INV") ? ~CLKB : CLKB;
  wire [17:0] di_b = {DIB17, DIB16, DIB15, DIB14, DIB13, DIB12, DIB11, DIB10, DIB9, DIB8, DIB7, DIB6, DIB5, DIB4, DIB3, DIB2, DIB1, DIB0};
  wire [13:0] ad_b = {ADB13, ADB12, ADB11, ADB10, ADB9, ADB8, ADB7, ADB6, ADB5, ADB4, ADB3, ADB2, ADB1, ADB0};
  wire on_b = CEB && CSB0 !== 1'b1 && CSB1 !== 1'b1 && CSB2 !== 1'b1;
  wire write_b = on_b && WEB;
  wire async_b = RESETMODE == "ASYNC" && RSTB;

  generate
    if (PAIR) begin : pair
      wire [8:0] to = ad_a[13:5];
      wire [8:0] from = ad_b[13:5];
      wire [17:0] low = {{9{ad_a[1]}}, {9{ad_a[0]}}};
      wire [17:0] high = {{9{ad_a[3]}}, {9{ad_a[2]}}};
      wire clash = write_a && clk_a && to == from;
      always @(posedge clk_a)
        if (write_a) begin
          mem[{to, 1'b0}] <= (mem[{to, 1'b0}] & ~low) | (di_a & low);
          mem[{to, 1'b1}] <= (mem[{to, 1'b1}] & ~high) | (di_b & high);
        end
      always @(posedge clk_b or posedge async_b) begin
        if (RSTB) begin
          latch_a <= 18'd0;
          latch_b <= 18'd0;
        end else if (on_b) begin
          latch_a <= clash ? 18'bx : mem[{from, 1'b0}];
          latch_b <= clash ? 18'bx : mem[{from, 1'b1}];
        end
        if (RSTB) begin
          register_a <= 18'd0;
          register_b <= 18'd0;
        end else if (OCEB) begin
          register_a <= latch_a;
          register_b <= latch_b;
        end
      end
    end else begin : dual
      wire same = ad_a[13:4] == ad_b[13:4];
      wire clash_a = write_b && clk_b && same;
      wire clash_b = write_a && clk_a && same;
      wire [17:0] mask_a = mask(DATA_WIDTH_A, ad_a);
      wire [17:0] mask_b = mask(DATA_WIDTH_B, ad_b);
      wire [4:0] shift_a = shift(DATA_WIDTH_A, ad_a);
      wire [4:0] shift_b = shift(DATA_WIDTH_B, ad_b);
      // one bit at a time, so that two ports can write different bits of a word in one clock
      integer ka, kb;
      always @(posedge clk_a)
        if (write_a)
          for (ka = 0; ka < 18; ka = ka + 1)
            if (mask_a[ka]) mem[ad_a[13:4]][ka] <= di_a[ka - shift_a];
      always @(posedge clk_b)
        if (write_b)
          for (kb = 0; kb < 18; kb = kb + 1)
            if (mask_b[kb]) mem[ad_b[13:4]][kb] <= di_b[kb - shift_b];
      always @(posedge clk_a or posedge async_a) begin
        if (RSTA) latch_a <= 18'd0;
        else if (on_a && (!WEA || WRITEMODE_A != "NORMAL")) begin
          if (WEA && WRITEMODE_A == "WRITETHROUGH") latch_a <= di_a & keep(DATA_WIDTH_A);
          else latch_a <= clash_a ? 18'bx : (mem[ad_a[13:4]] >> shift_a) & keep(DATA_WIDTH_A);
        end
        if (RSTA) register_a <= 18'd0;
        else if (OCEA) register_a <= latch_a;
      end
      always @(posedge clk_b or posedge async_b) begin
        if (RSTB) latch_b <= 18'd0;
        else if (on_b && (!WEB || WRITEMODE_B != "NORMAL")) begin
          if (WEB && WRITEMODE_B == "WRITETHROUGH") latch_b <= di_b & keep(DATA_WIDTH_B);
          else latch_b <= clash_b ? 18'bx : (mem[ad_b[13:4]] >> shift_b) & keep(DATA_WIDTH_B);
        end
        if (RSTB) register_b <= 18'd0;
        else if (OCEB) register_b <= latch_b;
      end
    end
  endgenerate

  assign {DOA17, DOA16, DOA15, DOA14, DOA13, DOA12, DOA11, DOA10, DOA9, DOA8, DOA7, DOA6, DOA5, DOA4, DOA3, DOA2, DOA1, DOA0} =
    (REGMODE_A == "OUTREG") ? register_a : latch_a;
  assign {DOB17, DOB16, DOB15, DOB14, DOB13, DOB12, DOB11, DOB10, DOB9, DOB8, DOB7, DOB6, DOB5, DOB4, DOB3, DOB2, DOB1, DOB0} =
    (REGMODE_B == "OUTREG") ? register_b : latch_b;
endmodule
