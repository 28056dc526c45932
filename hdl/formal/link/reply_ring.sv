    // What is proved of `link::ReplyRing`: the host's acknowledgements move it in order, by nothing that was not sent, and no more
    // replies are kept than their numbers can tell apart. The ring itself is cut: whatever it holds, this holds.

    reg f_past = 0;
    reg f_due = 0;
    reg [3:0] f_answer = 8, f_start = 8, f_close = 8;     // clocks since then, at most 8
    wire f_write = reply[8], f_ends = reply[9], f_drops = reply[10];
    wire [7:0] f_kept = next_number$q - oldest$q;
    wire [7:0] f_sent = fresh$q - oldest$q;
    wire [7:0] f_next = send$q - oldest$q;

    always @(posedge clock) begin
        f_past <= 1;
        f_due <= due && !waiting && !clear;
        f_answer <= answer ? 1 : (f_answer == 8 ? 8 : f_answer + 1);
        f_start <= start ? 1 : (f_start == 8 ? 8 : f_start + 1);
        f_close <= f_ends ? 1 : (f_close == 8 ? 8 : f_close + 1);
    end

    // What the block relies on: answers and frames take longer than this, a frame is begun when one is due, a reply when there is room.
    always @(*) begin
        if (f_answer < 8) assume(!answer);
        if (f_start < 8) assume(!start);
        assume(!start || f_due);
        assume(!(f_write && f_ends) && !(f_write && f_drops) && !(f_ends && f_drops));
        assume(!clear || !(f_write || f_ends));
        if (f_write && offset$q == 0) assume(reply_room && f_close >= 4);
        if (f_write) assume(offset$q < 374);
        if (f_ends) assume(offset$q != 0);
    end

    always @(posedge clock) begin
        // Oldest, next to send, never sent, next to come: in this order, 63 apart at most; one that is being written has a number left.
        assert(f_next <= f_sent);
        assert(f_sent <= f_kept);
        assert(f_kept <= 63);
        if (offset$q != 0) assert(f_kept <= 62);
        // Replies are forgotten only by an acknowledgement, and only those that were sent.
        if (f_past && !$past(clear) && oldest$q != $past(oldest$q)) begin
            assert($past(answer_4$q) && oldest$q == $past(answered$q));
            assert(oldest$q - $past(oldest$q) <= $past(f_sent));
        end
        // None is passed over: the next to send is the one behind, or that which an acknowledgement named.
        if (f_past && !$past(clear) && send$q != $past(send$q))
            assert($past(start) ? send$q == $past(send$q) + 8'd1 || send$q == $past(answered$q) : send$q == $past(answered$q));
    end
