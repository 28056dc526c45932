    // What is proved of `array::NeuronUnit`: for every membrane and every parameter it computes what `nernst_spec::tick::update` says, in nine clocks. Table and
    // multiplier are cut. That the multiplier multiplies is tested against Yosys' model of it; here the two numbers that go in are proved, and what is made of
    // any product that such numbers have.

    (* anyconst *) reg f_hold;
    (* anyconst *) reg f_zero;
    reg [3:0] f_clocks = 0;             // since the start, at most 12
    localparam signed [35:0] RANGE = 36'sd1 << (WIDTH - 1);

    // What the block relies on: held, set to 0 or neither, for a whole turn; parameters as the specification has them.
    always @(*) begin
        assume(hold == f_hold && zero == f_zero && !(f_hold && f_zero));
        assume(parameter_table$read_data[17:0] < 1 << (WIDTH - 1));
        assume(parameter_table$read_data[27:18] <= 512);
        assume($signed(multiplier$product) >= -RANGE * 512 && $signed(multiplier$product) < RANGE * 512);
    end

    // 1: the membrane as it came, and its parameters.
    reg [WIDTH-1:0] f_v;
    wire signed [18:0] f_membrane = $signed(f_v);
    wire signed [18:0] f_threshold = {1'b0, word$q[17:0]};
    // 2 and 3: fire and reset.
    wire f_fires = f_membrane >= f_threshold && !f_hold && !f_zero;
    wire signed [18:0] f_reset = !f_fires ? f_membrane : word$q[28] ? f_membrane - f_threshold : 19'sd0;
    wire [9:0] f_leak = f_hold ? 10'd512 : f_zero ? 10'd0 : word$q[27:18];
    reg f_fires_2, f_fires_3;
    reg signed [18:0] f_reset_2, f_reset_3;
    reg [9:0] f_leak_2, f_leak_3;
    reg [5:0] f_fired;
    reg [9:0] f_valid;
    // 6 to 9: a 512th of the product, rounded toward zero, and clamped.
    reg signed [35:0] f_product_7, f_product_8, f_product_9;
    wire signed [35:0] f_quotient = f_product_9 / 36'sd512;
    wire signed [35:0] f_clamped = f_quotient < LOWEST ? LOWEST : f_quotient > HIGHEST ? HIGHEST : f_quotient;

    always @(posedge clock) begin
        f_clocks <= f_clocks == 12 ? 12 : f_clocks + 1;
        f_v <= v;
        {f_fires_2, f_reset_2, f_leak_2} <= {f_fires, f_reset, f_leak};
        {f_fires_3, f_reset_3, f_leak_3} <= {f_fires_2, f_reset_2, f_leak_2};
        f_fired <= {f_fired[4:0], fired$q};
        f_valid <= {f_valid[8:0], valid};
        f_product_7 <= $signed(multiplier$product);
        f_product_8 <= f_product_7;
        f_product_9 <= f_product_8;
    end

    always @(posedge clock) begin
        if (f_clocks >= 4) begin
            assert(fired$q == f_fires_3);
            assert($signed(multiplier$a) == f_reset_3);
            assert(multiplier$b == {8'd0, f_leak_3});
            // So that its product with a leak of 512 at most is in the range that is assumed.
            assert(f_reset_3 >= -RANGE && f_reset_3 < RANGE);
        end
        if (f_clocks >= 4) assert($signed(q) == f_clamped);
        if (f_clocks >= 7) assert(spike == f_fired[5]);
        if (f_clocks >= 11) assert(q_valid == f_valid[9]);
    end
