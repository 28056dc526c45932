    // What is proved of `link::TrainDecoder`: any bytes are read to their end. It does one thing at a time, stands still only while a byte is not there or an event
    // is not taken, and between two of those comes nearer to the end of the byte. The table of steps is cut.

    localparam FETCH = 0, LOAD = 1, ARM = 2, SETTLE = 3, BEGIN = 4, LOOK = 5, WEIGH = 6, ACT = 7, TICK = 8, SPIKE = 9, OVER = 10;
    reg f_past = 0;
    reg f_wanted = 0;
    wire [2:0] f_decided = ends_row$q + ends_code$q + ends_byte$q + ends_payload$q + zero$q + other$q;

    // What the block relies on: one payload after the other; a byte a clock after it was wanted, no two in a row.
    always @(*) begin
        assume(!start || state$q == 0 || state$q[OVER]);
        assume(!taken || (f_wanted && state$q[FETCH] && !none_left));
    end

    always @(posedge clock) begin
        f_past <= 1;
        f_wanted <= wants && !taken;
    end

    always @(posedge clock) begin
        assert($onehot0(state$q));
        if (f_past && $past(state$q != 0 && !stop)) assert(state$q != 0);
        // A bit is judged in one way.
        assert(f_decided <= 1);
        if (state$q[ACT]) assert(f_decided == 1);
        // By it a bit fewer is left, or an event comes, or a byte, or the end.
        if (f_past && $past(zero$q || other$q)) assert(bits$q == $past(bits$q) >> 1 && $past(bits$q) > 1);
        if (f_past && $past(ends_row$q)) assert(!moved$q);
        if (f_past && $past(ends_code$q)) assert(!landing$q);
        if (f_past && $past(state$q[LOOK] || state$q[WEIGH])) assert(!state$q[LOOK]);
        // No more bits than a byte has.
        assert(!(state$q[LOAD]) || bits$q <= 255);
        // An event stays until it is taken.
        if (f_past && $past((spike || tick) && !resume && !stop)) assert(spike == $past(spike) && tick == $past(tick));
    end
