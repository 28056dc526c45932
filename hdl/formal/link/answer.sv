    // What is proved of `link::Answer`: it ends, with the bytes that were asked for. The table of the identity is cut.

    localparam KIND = 0, BODY = 1, NAME = 2, CLOSE = 3;
    reg [6:0] f_clocks = 0;             // since it was begun
    reg [2:0] f_count = 1;

    reg f_rests = 1;

    // What the block relies on: an answer is begun a clock after the one before has ended, or was stopped, at the earliest; it has one to six bytes.
    always @(*) begin
        assume(!start || (state$q == 0 && f_rests && !stop));
        assume(count >= 1 && count <= 6);
    end

    always @(posedge clock) begin
        f_rests <= state$q == 0 && !start;
        f_clocks <= start ? 1 : f_clocks + 1;
        if (start) f_count <= count;
    end

    always @(posedge clock) begin
        assert($onehot0(state$q));
        if (f_rests && state$q == 0) assert(index$q == 0);
        if (state$q[KIND]) assert(f_clocks == 1 && left$q == f_count && f_count >= 1 && f_count <= 6);
        if (state$q[BODY]) assert(left$q == f_count + 3'd2 - f_clocks[2:0] && f_clocks >= 2 && f_clocks <= f_count + 7'd1 && f_count >= 1 && f_count <= 6);
        if (state$q[NAME]) assert(index$q == f_clocks && f_clocks >= 2 && place$q == f_clocks - 7'd1 && f_clocks <= IDENTITY + 7'd2);
        if (state$q[NAME]) assert(at_last$q == (f_clocks == IDENTITY + 7'd2));
        // The close comes behind the last byte.
        if (state$q[CLOSE]) assert(f_clocks == f_count + 7'd2 || f_clocks == IDENTITY + 7'd3);
    end
