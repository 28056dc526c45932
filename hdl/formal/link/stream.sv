    // What is proved of `link::Stream`: it does one thing at a time until it is over, and stands still only while an event, the array, the clock of the pace or
    // the encoder is not there. Decoder, value encoder, encoder and pacer are cut: they may say what their own proofs allow.

    localparam READ = 0, OFFER = 1, BEGIN = 2, RUN = 3, PUSH = 4, PUSHED = 5, MARK = 6, END = 7, FINISH = 8, LEAVE = 9, OVER = 10;
    wire f_event = decoder$spike || decoder$tick || decoder$over || value_encoder$spike || value_encoder$tick || value_encoder$over;
    wire f_here = state$q[READ] ? f_event
        : state$q[OFFER] ? input_ready
        : state$q[BEGIN] ? pacer$go
        : state$q[RUN] ? !tick_busy && !spike_valid && encoder$ready
        : state$q[PUSH] || state$q[FINISH] ? encoder$ready
        : state$q[PUSHED] || state$q[LEAVE] ? encoder$done
        : 1'b1;
    reg f_past = 0;
    reg [3:0] f_standing = 0;           // clocks in the same state with what it waits for

    // What the block relies on: one command after the other; a source says one thing at a time, and the one that was stopped says nothing.
    always @(*) begin
        assume(!(start && flush));
        assume(!(start || flush) || state$q == 0);
        assume(decoder$spike + decoder$tick + decoder$over + value_encoder$spike + value_encoder$tick + value_encoder$over <= 1);
    end

    always @(posedge clock) begin
        f_past <= 1;
        f_standing <= state$q == 0 || state$d != state$q || !f_here ? 0 : (f_standing == 15 ? 15 : f_standing + 1);
    end

    always @(posedge clock) begin
        assert($onehot0(state$q));
        assert(f_standing <= 6);
        // It ends only by its end, or when it is stopped.
        if (f_past && $past(state$q != 0 && !state$q[OVER] && !stop)) assert(state$q != 0);
        // A spike is taken from its source when the array has taken it, and a tick when it is begun: once.
        if (resume) assert(state$q[OFFER] && input_ready || state$q[BEGIN] && pacer$go);
        if (f_past && tick_start) assert($past(resume && state$q[BEGIN]));
        if (f_past && $past(resume && state$q[BEGIN])) assert(tick_start);
        // With a budget that is used up nothing is offered any more.
        if (f_past && $past(state$q[READ] && used_up_now$q)) assert(!state$q[OFFER] && !state$q[BEGIN]);
    end
