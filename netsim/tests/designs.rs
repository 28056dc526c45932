//! Hand-written Verilog, run on every engine and compared with Icarus Verilog.

mod common;

use common::check;

#[test]
fn registers_with_enables_and_resets() {
    check(
        "enables",
        "module top(clock, en, rst, d, q, count, hold); input wire clock, en, rst; input wire [7:0] d;
         output reg [7:0] q; output reg [7:0] count; output reg hold;
         initial begin q = 8'h5a; count = 0; hold = 1; end
         always @(posedge clock) begin
           if (rst) q <= 0; else if (en) q <= d;
           count <= en ? count + 1 : rst ? 8'd0 : count;
           hold <= hold;
         end
         endmodule",
        400,
    );
}

#[test]
fn nonblocking_assignments_swap() {
    check(
        "swap",
        "module top(clock, load, x, a, b, c); input wire clock, load; input wire [3:0] x; output reg [3:0] a, b, c;
         initial begin a = 1; b = 2; c = 3; end
         always @(posedge clock) begin a <= b; b <= c; c <= load ? x : a; end
         endmodule",
        200,
    );
}

#[test]
fn blocking_assignments_in_a_clocked_block() {
    check(
        "blocking",
        "module top(clock, x, y, z); input wire clock; input wire [7:0] x; output reg [7:0] y; output reg [7:0] z;
         reg [7:0] t; initial begin y = 0; z = 0; t = 0; end
         always @(posedge clock) begin t = x + 1; if (t[0]) t = t ^ y; y <= t; z <= y; end
         endmodule",
        300,
    );
}

#[test]
fn parts_of_a_register_in_two_blocks() {
    check(
        "parts",
        "module top(clock, a, b, i, q, w); input wire clock, a, b; input wire [2:0] i; output reg [7:0] q; output reg [15:0] w;
         initial begin q = 8'hc3; w = 16'h1234; end
         always @(posedge clock) if (a) q[3:0] <= q[7:4] + 1;
         always @(posedge clock) if (b) q[7:4] <= {q[0], q[3:1]};
         always @(posedge clock) begin if (a) w[i] <= b; if (b) w[8 +: 4] <= i; w[15] <= a; end
         endmodule",
        300,
    );
}

#[test]
fn memories_of_many_kinds() {
    check(
        "memories",
        "module top(clock, wa, wd, we, ra, rd, async, wide, be, bytes);
         input wire clock; input wire [3:0] wa, ra; input wire [19:0] wd; input wire we; output reg [19:0] rd; output wire [19:0] async;
         output wire [63:0] wide; input wire [1:0] be; output wire [15:0] bytes;
         reg [19:0] mem [15:0]; reg [99:0] broad [0:10]; reg [15:0] lanes [3:18];
         integer i;
         initial begin
           for (i = 0; i < 16; i = i + 1) mem[i] = i * 3;
           mem[5] = 20'hfffff; rd = 0;
           for (i = 0; i <= 10; i = i + 1) broad[i] = 0;
           for (i = 3; i <= 18; i = i + 1) lanes[i] = 16'h8000 | i;
         end
         always @(posedge clock) begin if (we) mem[wa] <= wd; rd <= mem[ra]; end
         assign async = mem[ra];
         always @(posedge clock) if (we && wa < 11) broad[wa] <= {wd, ~wd, wd, ~wd, wd};
         assign wide = ra < 11 ? broad[ra][88:25] : 64'd7;
         always @(posedge clock) begin if (be[0]) lanes[wa + 3][7:0] <= wd[7:0]; if (be[1]) lanes[wa + 3][15:8] <= wd[19:12]; end
         assign bytes = lanes[ra + 5'd3];
         endmodule",
        600,
    );
}

#[test]
fn a_true_dual_port_memory_keeps_its_output_on_a_write() {
    check(
        "dual port",
        "module top(clock, aa, ad, aw, aq, ba, bd, bw, bq); input wire clock;
         input wire [2:0] aa, ba; input wire [8:0] ad, bd; input wire aw, bw; output reg [8:0] aq, bq;
         (* no_rw_check *)
         reg [8:0] mem [7:0]; integer i;
         initial begin for (i = 0; i <= 7; i = i + 1) mem[i] = 0; aq = 0; bq = 0; end
         always @(posedge clock)
           if (aw) mem[aa] <= ad; else aq <= mem[aa];
         always @(posedge clock)
           if (bw && !(aw && aa == ba)) mem[ba] <= bd; else bq <= mem[ba];
         endmodule",
        600,
    );
}

#[test]
fn one_bit_memories() {
    check(
        "one bit",
        "module top(clock, a, d, q, all); input wire clock; input wire [4:0] a; input wire d; output wire q; output wire [3:0] all;
         reg mem [31:0]; integer i; initial for (i = 0; i < 32; i = i + 1) mem[i] = i % 3 == 0;
         always @(posedge clock) mem[a] <= d;
         assign q = mem[a]; assign all = {mem[3], mem[2], mem[1], mem[0]};
         endmodule",
        300,
    );
}

#[test]
fn wide_vectors() {
    check(
        "wide",
        "module top(clock, a, b, n, s, lo, hi, eq, lt, slt, sh, one, red, prod, add); input wire clock;
         input wire [63:0] a, b; input wire [7:0] n; output wire [63:0] lo, hi, sh, prod, add; output wire eq, lt, slt, one; output wire [2:0] red; output wire [63:0] s;
         wire [127:0] x = {a, b}; wire [127:0] y = {b, a}; wire signed [127:0] sx = x; wire signed [127:0] sy = y;
         reg [199:0] r; initial r = 200'h123456789abcdef0fedcba98765432100011223344556677;
         always @(posedge clock) begin r <= {r[135:0], a}; r[70 +: 9] <= n; end
         wire [127:0] sum = x + y; wire [127:0] diff = x - y; wire [127:0] product = x * y;
         assign add = sum[100:37]; assign lo = diff[63:0]; assign hi = diff[127:64]; assign eq = x == y; assign lt = x < y; assign slt = sx < sy;
         wire [199:0] shifted = r >> n; wire [199:0] left = r << n; wire signed [127:0] sar = sx >>> n;
         assign sh = shifted[63:0] ^ left[199:136] ^ sar[127:64] ^ sar[63:0];
         assign one = n < 200 ? r[n] : 1'b0; assign red = {&x, |x, ^r}; assign prod = product[90:27]; assign s = (x ^ {128{n[0]}}) >> 40;
         endmodule",
        400,
    );
}

#[test]
fn cases() {
    check(
        "cases",
        "module top(clock, s, a, y, z, full, w); input wire clock; input wire [2:0] s; input wire [7:0] a; output reg [7:0] y; output reg [3:0] z; output reg [7:0] full; output reg [1:0] w;
         localparam signed four = 3'sb100;
         always @(*) begin
           y = a;
           case (s) 0: y = 1; 1, 2: begin y = a + 1; if (a[0]) y = 0; end four: y = 8'h44; default: y[3:0] = 3; endcase
           casez (a) 8'b1???????: z = 8; 8'b01??_????: z = 7; 8'b001?????: z = 6; 8'b0001zzzz: z = 5; default: z = 0; endcase
           case (s) 3'd0: full = 1; 3'd1: full = 2; 3'd2: full = 4; 3'd3: full = 8; 3'd4: full = 16; 3'd5: full = 32; 3'd6: full = 64; 3'd7: full = a; endcase
           case (1'b1) a[7]: w = 3; a[6]: w = 2; a[0]: w = 1; default: w = 0; endcase
         end
         endmodule",
        500,
    );
}

#[test]
fn hierarchy_with_parameters_and_generate() {
    check(
        "hierarchy",
        "module adder #(parameter W = 4, parameter [W-1:0] BIAS = 1) (input wire [W-1:0] a, input wire signed [W-1:0] b, output wire [W:0] y, output reg p);
           localparam HALF = W / 2;
           assign y = a + b + BIAS;
           always @* p = ^y[HALF:0];
         endmodule
         module top(clock, a, b, y, y2, p, g, n); input wire clock; input wire [7:0] a, b; output wire [8:0] y; output wire [15:0] y2; output wire [1:0] p; output wire [7:0] g; output wire [3:0] n;
           adder #(.W(8), .BIAS(8'h70)) one (.a(a), .b(b), .y(y), .p(p[0]));
           adder #(5) two (.a(a[4:0]), .b({b[0], b[3:0]}), .y(y2[5:0]), .p(p[1]));
           adder three (a[7:4], b[7:4], y2[10:6], );
           assign y2[15:11] = 5'h15;
           genvar i;
           generate for (i = 0; i < 8; i = i + 1) begin : lane
             wire t = a[i] & b[7 - i];
             if (i % 2 == 0) assign g[i] = t; else assign g[i] = ~t;
           end endgenerate
           assign n = $clog2(9) + W4;
           localparam W4 = 4'd1 << 2;
         endmodule",
        300,
    );
}

#[test]
fn ascending_and_offset_ranges() {
    check(
        "ranges",
        "module top(clock, a, i, x, y, z, w); input wire clock; input wire [0:7] a; input wire [2:0] i; output wire x; output wire [2:0] y; output wire [3:0] z; output reg [11:4] w;
         wire [11:4] b = a; assign x = a[i]; assign y = a[2:4]; assign z = b[i[1:0] + 4 +: 4];
         initial w = 0;
         always @(posedge clock) begin w[i + 4] <= a[0]; w[11 -: 2] <= a[6:7]; end
         endmodule",
        300,
    );
}

#[test]
fn a_clock_through_a_pass_through_model() {
    check(
        "pll",
        "module pll(clk_in, clk_out); input wire clk_in; output reg clk_out; always @(*) clk_out = clk_in; endmodule
         module top(clock, d, q); input wire clock; input wire [3:0] d; output reg [3:0] q; wire c;
         pll pll(.clk_in(clock), .clk_out(c)); initial q = 0;
         always @(posedge c) q <= d;
         endmodule",
        100,
    );
}

#[test]
fn a_bus_whose_bits_depend_on_each_other() {
    check(
        "ripple",
        "module full_add(a, b, ci, s, co); input wire a, b, ci; output wire s, co; assign s = a ^ b ^ ci; assign co = a & b | ci & (a ^ b); endmodule
         module top(clock, a, b, s, t); input wire clock; input wire [3:0] a, b; output wire [4:0] s; output reg [3:0] t; wire [4:0] c;
         assign c[0] = 1'b0; assign s[4] = c[4];
         full_add c0(a[0], b[0], c[0], s[0], c[1]); full_add c1(a[1], b[1], c[1], s[1], c[2]); full_add c2(a[2], b[2], c[2], s[2], c[3]); full_add c3(a[3], b[3], c[3], s[3], c[4]);
         always @(*) begin t = 0; t[0] = a[0]; t[1] = t[0] ^ a[1]; t[2] = t[1] ^ a[2]; if (b[0]) t[3] = t[2]; end
         endmodule",
        200,
    );
}

#[test]
fn state_machines_with_guarded_arithmetic() {
    check(
        "machine",
        "module top(clock, go, x, acc, state, busy); input wire clock, go; input wire signed [7:0] x; output reg signed [15:0] acc; output reg [1:0] state; output wire busy;
         reg [3:0] n; reg signed [15:0] peak; initial begin acc = 0; state = 0; n = 0; peak = 0; end
         assign busy = state != 0;
         always @(posedge clock) case (state)
           0: if (go) begin state <= 1; n <= 0; acc <= 0; end
           1: begin acc <= acc + x * x; n <= n + 1; if (n == 9) state <= 2; end
           2: begin if (acc > peak) peak <= acc; acc <= acc - peak; state <= 3; end
           default: begin acc <= acc >>> 1; state <= 0; end
         endcase
         endmodule",
        800,
    );
}
