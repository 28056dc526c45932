// PDPW16KD: 512 x 36 bits, one write port, one read port; the mode that this crate instantiates and no other.
//
// As in nextpnr-ecp5, which turns the cell into a DP16KD: the halves of the output are swapped, that is
// DO0..DO17 carry bits 18..35 of the word and DO18..DO35 carry bits 0..17; DI0..DI35 are bits 0..35.
// A read of the word that is being written in the same clock returns x.
module PDPW16KD (
  input DI0, DI1, DI2, DI3, DI4, DI5, DI6, DI7, DI8, DI9, DI10, DI11, DI12, DI13, DI14, DI15, DI16, DI17, DI18, DI19,
    DI20, DI21, DI22, DI23, DI24, DI25, DI26, DI27, DI28, DI29, DI30, DI31, DI32, DI33, DI34, DI35,
  input ADW0, ADW1, ADW2, ADW3, ADW4, ADW5, ADW6, ADW7, ADW8, BE0, BE1, BE2, BE3, CEW, CLKW, CSW0, CSW1, CSW2,
  input ADR0, ADR1, ADR2, ADR3, ADR4, ADR5, ADR6, ADR7, ADR8, ADR9, ADR10, ADR11, ADR12, ADR13, CER, OCER, CLKR,
    CSR0, CSR1, CSR2, RST,
  output DO0, DO1, DO2, DO3, DO4, DO5, DO6, DO7, DO8, DO9, DO10, DO11, DO12, DO13, DO14, DO15, DO16, DO17, DO18, DO19,
    DO20, DO21, DO22, DO23, DO24, DO25, DO26, DO27, DO28, DO29, DO30, DO31, DO32, DO33, DO34, DO35
);
  parameter CLKRMUX = "CLKR";
  parameter CLKWMUX = "CLKW";
  parameter DATA_WIDTH_W = 36;
  parameter DATA_WIDTH_R = 36;
  parameter GSR = "ENABLED";
  parameter REGMODE = "NOREG";
  parameter RESETMODE = "SYNC";
  parameter ASYNC_RESET_RELEASE = "SYNC";
  parameter CSDECODE_W = "0b000";
  parameter CSDECODE_R = "0b000";
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

  generate
    if (DATA_WIDTH_W != 36 || DATA_WIDTH_R != 36) begin : bad_width
      PDPW16KD_MODEL_KNOWS_ONLY_DATA_WIDTH_36 error();
    end
    if (REGMODE != "NOREG" && REGMODE != "OUTREG") begin : bad_regmode
      PDPW16KD_MODEL_KNOWS_ONLY_REGMODE_NOREG_AND_OUTREG error();
    end
    if (RESETMODE != "SYNC") begin : bad_resetmode
      PDPW16KD_MODEL_KNOWS_ONLY_RESETMODE_SYNC error();
    end
    if (CSDECODE_W != "0b000" || CSDECODE_R != "0b000") begin : bad_csdecode
      PDPW16KD_MODEL_KNOWS_ONLY_CSDECODE_000 error();
    end
    if (CLKRMUX != "CLKR" || CLKWMUX != "CLKW") begin : bad_clock
      PDPW16KD_MODEL_KNOWS_ONLY_RISING_EDGES error();
    end
  endgenerate

  reg [35:0] mem [0:511];
  reg [35:0] latch;
  reg [35:0] register;
  integer i;

  // sixteen groups of 20 bits, of which 18 are used: eight words of 36 bits
  task load(input [5:0] block, input [319:0] value);
    for (i = 0; i < 8; i = i + 1)
      mem[block * 8 + i] = {value[i * 40 + 20 +: 18], value[i * 40 +: 18]};
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
    latch = 36'd0;
    register = 36'd0;
  end

  wire [35:0] di = {DI35, DI34, DI33, DI32, DI31, DI30, DI29, DI28, DI27, DI26, DI25, DI24, DI23, DI22, DI21, DI20, DI19, DI18,
      DI17, DI16, DI15, DI14, DI13, DI12, DI11, DI10, DI9, DI8, DI7, DI6, DI5, DI4, DI3, DI2, DI1, DI0};
  wire [8:0] adw = {ADW8, ADW7, ADW6, ADW5, ADW4, ADW3, ADW2, ADW1, ADW0};
  wire [8:0] adr = {ADR13, ADR12, ADR11, ADR10, ADR9, ADR8, ADR7, ADR6, ADR5};
  wire [35:0] lanes = {{9{BE3}}, {9{BE2}}, {9{BE1}}, {9{BE0}}};
  wire write = CEW && CSW0 !== 1'b1 && CSW1 !== 1'b1 && CSW2 !== 1'b1;
  wire read = CER && CSR0 !== 1'b1 && CSR1 !== 1'b1 && CSR2 !== 1'b1;

  always @(posedge CLKW)
    if (write) mem[adw] <= (mem[adw] & ~lanes) | (di & lanes);

  always @(posedge CLKR) begin
    if (RST) latch <= 36'd0;
    else if (read) latch <= (write && CLKW && adw == adr) ? 36'bx : mem[adr];
    if (RST) register <= 36'd0;
    else if (OCER) register <= latch;
  end

  wire [35:0] word = (REGMODE == "OUTREG") ? register : latch;
  assign {DO35, DO34, DO33, DO32, DO31, DO30, DO29, DO28, DO27, DO26, DO25, DO24, DO23, DO22, DO21, DO20, DO19, DO18,
      DO17, DO16, DO15, DO14, DO13, DO12, DO11, DO10, DO9, DO8, DO7, DO6, DO5, DO4, DO3, DO2, DO1, DO0} =
    {word[17:0], word[35:18]};
endmodule
