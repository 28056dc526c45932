    // What is proved of `link::Memory`: it does one thing at a time, takes as many bytes as an address, a count or a word has, and stands still only while a byte or
    // the array's word is not there. The digest is cut.

    localparam ADDRESS = 0, COUNT = 1, WORD = 4, LOOK = 5, HOLD = 7, WAIT = 10, LOAD = 11, SEND = 12, OVER = 16;
    wire f_bytes = state$q[ADDRESS] || state$q[COUNT] || state$q[WORD];
    reg f_past = 0;
    reg f_wanted = 0;
    reg [2:0] f_command = 2;            // the one that was begun
    reg [3:0] f_standing = 0;           // clocks in the same state with what it waits for
    reg [2:0] f_taken = 0;              // bytes since it has been in the state

    // What the block relies on: one command after the other, which stays; a byte a clock after it was wanted, no two in a row.
    always @(*) begin
        assume(!start || state$q == 0);
        assume(command == 2 || command == 3 || command == 4);
        if (state$q != 0) assume(command == f_command);
        assume(!taken || f_wanted);
    end

    always @(posedge clock) begin
        f_past <= 1;
        f_wanted <= wants && !taken;
        f_command <= command;
        f_standing <= state$q == 0 || state$d != state$q || f_bytes || (state$q[WAIT] && !read_done) ? 0 : (f_standing == 15 ? 15 : f_standing + 1);
        f_taken <= state$d != state$q || !f_bytes ? 0 : f_taken + taken;
    end

    always @(posedge clock) begin
        assert($onehot0(state$q));
        assert(f_standing <= 8);
        if (f_bytes || state$q[SEND]) assert($onehot(place$q));
        if (state$q[HOLD]) assert($onehot(held$q));
        // Four bytes of an address, five of a word, one or two of a count.
        if (state$q[ADDRESS]) assert(place$q == 5'h08 >> f_taken);
        if (state$q[WORD]) assert(place$q == 5'h10 >> f_taken);
        if (state$q[COUNT]) assert(place$q == (f_command == 4 ? 5'h02 : 5'h01) >> f_taken);
        if (f_past && state$q[WORD]) assert(f_command == 2);
        if (state$q[COUNT] || state$q[LOAD] || state$q[SEND] || state$q[WAIT]) assert(f_command != 2);
        // It is over for one clock.
        if (f_past && $past(state$q[OVER])) assert(!state$q[OVER]);
        // A word is written or read only when the array has said that there is one.
        if (f_past && (write || read)) assert($past(allowed$q && state$q[LOOK]));
    end
