    // What is proved of `link::TrainEncoder`: every event is written, in a bounded time but for the wait for room. Each bit of a code brings it nearer to its end: a
    // zero takes from the gap, a bit of the rest halves the step.

    localparam IDLE = 0, OPEN = 3, BEGIN = 7, LOOK = 8, WEIGH = 9, ACT = 10, COMPARE = 11, JUDGE = 12, MARK = 13, END = 14;
    wire f_in_code = state$q[LOOK] || state$q[WEIGH] || state$q[ACT] || state$q[COMPARE] || state$q[JUDGE] || state$q[MARK];
    reg f_past = 0;
    reg [1:0] f_clocks = 0;             // since the start, at most 3
    reg [3:0] f_standing = 0;           // clocks in the same state with what it waits for
    reg f_bits = 0;                     // the code has had a bit
    reg f_resting;                      // at the bit before
    reg [13:0] f_gap;
    reg [12:0] f_step;

    reg [1:0] f_stop = 0;               // the clock before, and the one before that

    // What the block relies on: one event at a time; it is stopped for two clocks at least.
    always @(*) begin
        assume(spike + late + tick + finish <= 1);
        assume(f_stop != 2'b01 || stop);
    end

    always @(posedge clock) begin
        f_past <= 1;
        f_stop <= {f_stop[0], stop};
        f_clocks <= f_clocks == 3 ? 3 : f_clocks + 1;
        f_standing <= state$q[IDLE] || (state$q[OPEN] && !room) || state$d != state$q ? 0 : (f_standing == 15 ? 15 : f_standing + 1);
        if (state$q[BEGIN]) f_bits <= 0;
        if (state$q[LOOK]) begin
            f_bits <= 1;
            f_resting <= resting$q;
            f_gap <= gap$q;
            f_step <= step$q;
        end
    end

    always @(posedge clock) begin
        assert($onehot(state$q));
        assert(f_standing <= 8);
        // A step has one bit; one that grows no more than all places have.
        if (f_clocks == 3) assert($onehot(steps$step));
        if (f_in_code || (zeros$q != 0 && !state$q[END])) assert($onehot(step$q) && step$q <= LARGEST);
        if (state$q[ACT]) assert(zero$q ^ other$q);
        // Each bit is nearer to the end than the one before.
        if (state$q[LOOK] && f_bits) begin
            if (resting$q) assert(f_resting ? step$q < f_step : step$q <= f_step);
            else assert(!f_resting && !gap$q[13] && gap$q < f_gap);
        end
        // A byte that is being filled has a 1 above its bits.
        assert(bits$q != 0);
    end
