    // What is proved of `link::ValueEncoder`: any payload, with any values in the array, ends, and nothing is written but values of lines that have one. It stands still
    // only while a byte is not there, an event is not taken or a tick runs; each of its loops counts down. The table of the spikes is cut.

    localparam FETCH = 0, LOOK = 4, ACT = 5, STORE = 6, TURN = 9, DIP = 10, SINK = 11, STEP = 12, WRAP = 13, MARK = 14, REST = 15, TAKE = 16,
        DECIDE = 19, SPIKE = 20, TICK = 21, OVER = 23;
    reg f_past = 0;
    reg f_wanted = 0;
    reg [3:0] f_standing = 0;           // clocks in the same state with what it waits for

    // What the block relies on: one payload after the other; a byte a clock after it was wanted, no two in a row.
    always @(*) begin
        assume(!start || state$q == 0 || state$q[OVER]);
        assume(!taken || (f_wanted && state$q[FETCH] && !none_left));
    end

    always @(posedge clock) begin
        f_past <= 1;
        f_wanted <= wants && !taken;
        f_standing <= state$q == 0 || state$d != state$q || state$q[FETCH] || state$q[OVER] || (state$q[REST] && !awaited)
            || ((state$q[SPIKE] || state$q[TICK]) && !resume) ? 0 : (f_standing == 15 ? 15 : f_standing + 1);
    end

    always @(posedge clock) begin
        assert($onehot0(state$q));
        assert(f_standing <= 5);
        if (state$q[REST]) assert($onehot(resting$q));
        if (f_past && $past(state$q != 0 && !stop)) assert(state$q != 0);
        // A bit of the values after the other, in eight of a byte at most.
        if (f_past && $past(state$q[ACT] && !stop)) begin
            if (state$q[LOOK] || state$q[STORE]) assert(bits$q == $past(bits$q) >> 1 && $past(bits$q) > 1);
        end
        // The threshold falls, and no further than to 0.
        if (f_past && $past(state$q[SINK] && !stop) && state$q[DIP]) assert(threshold$q == $past(threshold$q) - 9'd1 && $past(threshold$q) != 0);
        // Values are counted up to the last group of four.
        if (state$q[STEP] || state$q[WRAP] || state$q[MARK]) assert(number$q[7:2] <= full_less$q[7:2]);
        if (f_past && $past(state$q[MARK] && !stop) && state$q[STEP]) assert(number$q == $past(number$q) + 8'd1 && number$q != 0);
        // Lines are looked at one after the other, those that have a value.
        if (state$q[TAKE]) assert(line$q < LINES);
        if (f_past && $past(state$q[TAKE])) assert(line$q == $past(line$q) + 14'd1);
        if (access[1]) assert(line$q < LINES && (state$q[STORE] || state$q == 0));
        // An event stays until it is taken.
        if (f_past && $past((spike || tick) && !resume && !stop)) assert(spike == $past(spike) && tick == $past(tick));
    end
