    // What is proved of `link::Executor`: it does one thing at a time, and stands still only while what it waits for is not there. Its units (memory, stream,
    // answer) and tables are cut: they may say anything at any time.

    localparam IDLE = 0, KIND = 1, LOOK = 2, CHECK = 3, FLUSH = 4, SETTLE = 5, RESET = 6, RESETTING = 7, DONE = 8, RUN = 9,
        REFUSE = 10, ANSWER = 11, SKIP = 12, FINISH = 13, ABORT = 14;
    // What each state waits for.
    wire f_here = state$q[IDLE] ? front_valid && reply_room && idle
        : state$q[KIND] || state$q[RESET] ? front_valid
        : state$q[SKIP] ? front_valid || left$q == 0
        : state$q[SETTLE] || state$q[REFUSE] ? reply_room
        : state$q[RESETTING] ? !reset_busy
        : state$q[FLUSH] ? stream$over
        : state$q[RUN] ? stream$over || memory$over
        : state$q[ANSWER] ? answer$over
        : state$q[ABORT] ? idle
        : 1'b1;
    reg f_past = 0;
    reg [4:0] f_standing = 0;           // clocks in the same state with all that it waits for, and without a byte taken

    reg [1:0] f_filled = 0;             // clocks since the receiver was empty, at most 3

    reg f_stays = 0;

    // What the block relies on: a byte of the receiver is in front three clocks after it was empty, and stays until it is taken, or all is cleared.
    always @(*) begin
        assume(!front_valid || (!empty && f_filled == 3));
        assume(!f_stays || front_valid);
    end

    always @(posedge clock) begin
        f_past <= 1;
        f_stays <= front_valid && !take && !clear;
        f_filled <= empty ? 0 : (f_filled == 3 ? 3 : f_filled + 1);
        f_standing <= state$d != state$q || !f_here || taken$q ? 0 : (f_standing == 31 ? 31 : f_standing + 1);
    end

    always @(posedge clock) begin
        assert($onehot(state$q));
        assert(f_standing <= 11);
        // A byte is taken when one is there, and no two in a row.
        if (f_past && take) assert(!$past(take));
        // Units are begun one at a time.
        assert(starting_memory$q + starting_stream$q + asking$q + flushing$q <= 1);
        if (starting_memory$q || starting_stream$q) assert(state$q[RUN] || state$q[ABORT]);
        if (asking$q) assert(state$q[ANSWER] || state$q[ABORT]);
        if (flushing$q) assert(state$q[FLUSH] || state$q[ABORT]);
        // Nothing is begun but with room for its reply, or for its refusal.
        if (f_past && $past(state$q[IDLE]) && state$q[KIND]) assert($past(taken$q));
    end
