    // What is proved of `link::Receiver`: its ring never overflows and is never overwritten, frames are applied in order and once,
    // credits are never more than there is room for. CRC and ring are cut: whatever they say, it holds.

    reg f_past = 0;
    reg [2:0] f_since = 4;              // clocks since a byte, at most 4
    reg [7:0] f_sequence = 0;           // the number of the frame that comes in
    reg f_alone = 0;                    // `clear` came since: it is not one of those that are counted from there on
    reg [10:0] f_commit = 0, f_unread_1 = 0, f_unread_2 = 0;
    wire [10:0] f_unread = commit_at$q - read_at$q;
    wire [10:0] f_apart = store_at$q - commit_at$q;
    wire [11:0] f_coming = f_apart == 0 ? 12'd2048 : f_apart;
    wire [11:0] f_taken = f_unread + f_coming;

    always @(posedge clock) begin
        f_past <= 1;
        f_since <= rx_valid ? 1 : (f_since == 4 ? 4 : f_since + 1);
        f_commit <= commit_at$q;
        f_unread_1 <= f_unread;
        f_unread_2 <= f_unread_1;
        if (decoded_valid$q && length$q == 1) f_sequence <= decoded$q;
        f_alone <= clear || (f_alone && !(decoded_valid$q && length$q == 1));
    end

    // What the block relies on: a byte in four clocks at most, `take` with a byte in front, `clear` after a `Synchronise` only.
    always @(*) begin
        if (f_since < 4) assume(!rx_valid);
        assume(!take || front_valid);
        assume(!clear || synchronise);
    end

    always @(posedge clock) begin
        // What waits to be read and what comes in are no more than the ring has.
        assert(f_taken <= 2048);
        // Nothing is written over what waits to be read.
        if (storing$q) assert(stored_at$q - read_at$q >= f_commit - read_at$q || f_commit == read_at$q);
        // Between frames one place is kept, for the length; within one that is stored there are two, and its payload and CRC.
        if (!renewing$q && length$q == 0) assert(f_coming == 1);
        if (!renewing$q && length$q != 0 && length$q != 511 && numbered$q && !overflow$q)
            assert(f_coming == 2 + (length$q > 4 ? length$q - 4 : 0));
        // A byte in front is one.
        if (front_valid) assert(f_unread != 0);
        // A frame is applied if it is intact, numbered, in a session and the next, and then the one behind it is.
        if (length$q >= 2 && !f_alone) assert(ahead$q == f_sequence - count$q);
        if (length$q >= 2 && f_alone) assert(ahead$q == 8'hff);
        if (length$q >= 3) assert(in_order$q == (ahead$q == 0));
        if (f_past && !$past(clear) && (expected != $past(expected) || commit_at$q != $past(commit_at$q))) begin
            assert($past(deciding$q) && $past(intact$q) && $past(in_session$q) && $past(numbered$q));
            assert($past(f_sequence) == $past(expected) && expected == $past(expected) + 8'd1);
            assert(commit_at$q != $past(commit_at$q));
        end
        // The room that is told is there: that of two clocks before, and it only grows but for frames that are applied.
        assert({room, 4'b0} <= 12'd2048 - f_unread_2);
    end
