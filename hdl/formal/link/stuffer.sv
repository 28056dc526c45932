    // What is proved of `link::Stuffer`: its ring never overflows, nothing is sent before it is known, and it never stands still: when all that may leave
    // has left, more may come. The ring's content is cut: whatever it says, this holds.

    reg f_past = 0;
    reg f_room = 0;
    reg [3:0] f_since = 8;              // clocks since a byte or an end came, at most 8
    reg [8:0] f_kept = 0;               // places from the next byte to send up to the next that comes: without the wrap of eight bits

    always @(posedge clock) begin
        f_past <= 1;
        f_room <= room;
        f_since <= put || finish ? 1 : (f_since == 8 ? 8 : f_since + 1);
        f_kept <= f_kept + {1'b0, fill$d - fill$q} - {1'b0, index$d - index$q};
    end

    // What the block relies on: a byte or an end in four clocks at most, in the clock after one with room.
    always @(*) begin
        assume(!(put && finish));
        if (put || finish) assume(f_room && f_since >= 4);
    end

    always @(posedge clock) begin
        assert(f_kept <= 255);
        assert(f_kept[7:0] == fill$q - index$q);
        // What may leave is part of it, up to the place of the code that is not known yet.
        assert(complete$q - index$q <= fill$q - index$q);
        if (!open$q) assert(complete$q == fill$q);
        if (open$q) assert(code_at$q == complete$q && fill$q - code_at$q >= 8'd1);
        // What comes goes through in its order: a byte, what follows from it, and an end.
        assert((came$q || ended$q) == (f_since == 1) && !(came$q && ended$q));
        assert(!filled$q || (f_since == 2 && open$q && fill$q - code_at$q == 8'd255));
        assert(!ending$q || (f_since >= 2 && !open$q && !filled$q));
        if (came$q) assert(open$q);
        if (open$q && !filled$q) assert(fill$q - code_at$q <= 8'd254);
        if (roomy$q) assert(f_kept <= 8'hfa);
        // A byte is read when it has been written, and is one that may leave.
        if (age$q >= 3) assert(index$q != complete$q);
        if (age$q >= 3) assert(!(writing$q && write_at$q == index$q));
        // More may come when all has left that may.
        if (f_since == 8 && index$q == complete$q && at_end$q && !ending$q && !ended$q && !filled$q && !finish) assert(room);
    end
