    // What is proved of `link::FrameBuilder`: a frame that is begun ends, whatever the stuffer does but refuse for ever; what is due begins a frame; and
    // news are forgotten only when a frame carries them. The CRC is cut.

    localparam IDLE = 0, LENGTH = 1, KIND = 2, SEQUENCE = 3, ACKNOWLEDGE = 4, ROOM = 5, PAYLOAD = 6, CRC = 7, FINISH = 8;
    // Bytes to come, the end among them, of a frame whose length is known; of any other no fewer than that.
    wire [9:0] f_behind = {1'b0, left$q} + 10'd5;
    wire [9:0] f_to_come = state$q[IDLE] ? 10'd0
        : state$q[LENGTH] ? 10'd521
        : state$q[KIND] ? f_behind + 10'd4
        : state$q[SEQUENCE] ? f_behind + 10'd3
        : state$q[ACKNOWLEDGE] ? f_behind + 10'd2
        : state$q[ROOM] ? f_behind + 10'd1
        : state$q[PAYLOAD] ? f_behind
        : state$q[CRC] ? 10'd5 - {8'd0, crc_byte$q}
        : 10'd1;
    wire f_may_begin = synchronised_next$q || missing_next$q || reply_next$q || answer_next$q;

    reg [2:0] f_clocks = 0;             // since the start, at most 4
    reg [2:0] f_standing = 0;           // clocks with room for a byte in which none was built
    reg [7:0] f_expected_1, f_expected_2, f_expected_3;
    reg [7:0] f_room_1, f_room_2, f_room_3;

    always @(posedge clock) begin
        f_clocks <= f_clocks == 4 ? 4 : f_clocks + 1;
        f_standing <= now$q || !stuffer_room || state$q[IDLE] ? 0 : (f_standing == 7 ? 7 : f_standing + 1);
        f_expected_1 <= expected;
        f_expected_2 <= f_expected_1;
        f_expected_3 <= f_expected_2;
        f_room_1 <= room;
        f_room_2 <= f_room_1;
        f_room_3 <= f_room_2;
    end

    always @(posedge clock) begin
        assert($onehot(state$q));
        if (state$q[PAYLOAD]) assert(left$q != 0);
        if (state$q[PAYLOAD] && phase$q != 0) assert(last_left$q == (left$q == 1));
        if (state$q[ROOM] && phase$q != 0) assert(none_left$q == (left$q == 0));
        if (state$q[IDLE] || state$q[LENGTH]) assert(crc_byte$q == 0 || state$q[IDLE]);
        if (state$q[KIND] || state$q[SEQUENCE] || state$q[ACKNOWLEDGE] || state$q[ROOM] || state$q[PAYLOAD]) assert(crc_byte$q == 0);
        assert(!now$q || phase$q == 3);
        // It moves by the byte, in four clocks with room, and each brings its end nearer.
        assert(f_standing <= 4);
        if (f_clocks >= 1 && !$past(state$q[IDLE])) begin
            if ($past(now$q)) assert(f_to_come < $past(f_to_come));
            else assert(f_to_come == $past(f_to_come) && state$q == $past(state$q));
        end
        // A frame is begun when one is due; which one, was decided by what was due the clock before.
        if (f_clocks >= 1 && $past(now$q && state$q[IDLE])) assert(state$q[IDLE] == !$past(f_may_begin));
        if (f_clocks >= 1 && $past(acknowledge_due$q || grown_now$q || due || missing_due$q || synchronised_due$q) && !$past(waiting) && !$past(clear))
            assert(f_may_begin);
        assert(!(missing_next$q && (synchronised_next$q || reply_next$q || answer_next$q)));
        assert(!(synchronised_next$q && (reply_next$q || answer_next$q)) && !(reply_next$q && answer_next$q));
        // News are forgotten when a frame carries them, and not before.
        if (f_clocks >= 1 && $past(acknowledge_due$q) && !acknowledge_due$q) assert($past(state$q[ACKNOWLEDGE] && phase$q == 0));
        if (f_clocks >= 4 && now$q && state$q[ACKNOWLEDGE]) assert(raw_byte$q[7:0] == f_expected_3);
        // Room is told as it is after the number that stands before it: a host that takes off what it sent behind that number never has too much.
        if (f_clocks >= 4 && now$q && state$q[ROOM]) assert(raw_byte$q[7:0] == f_room_3);
        if (f_clocks >= 1 && $past(missing_due$q) && !missing_due$q) assert($past(clear) || is_missing$q && state$q[KIND]);
        if (f_clocks >= 1 && $past(synchronised_due$q) && !synchronised_due$q) assert(is_synchronised$q && state$q[KIND]);
    end
