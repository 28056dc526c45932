    // What is proved of `array::SpikeQueue`: every spike of a turn leaves once, as the neuron that it is of, and when it is idle all have left; the queue never
    // overflows. Shown for the spike of any one place of any one ring. Memories, tables and the unpacker are cut: a memory gives back what was written, the
    // unpacker does what is proved of it.

    (* anyconst *) reg [4:0] f_place;
    (* anyconst *) reg [3:0] f_ring;
    // What the tables say of them.
    (* anyconst *) reg [11:0] f_turns;
    (* anyconst *) reg [11:0] f_first;

    reg [1:0] f_clocks = 0;             // since the start, at most 3
    reg f_owed = 0;                     // the spike has come and not left
    reg [31:0] f_written = 0;           // the words of the queue that hold it
    reg f_inside = 0;                   // it is in the unpacker
    reg f_out = 0, f_spare = 0;         // it is there
    reg [5:0] f_words = 0;              // in the queue
    reg [5:0] f_turn = 0;               // places of the turn

    wire f_comes = fired_valid && fired[f_ring] && place$q == f_place;
    wire f_in_word = word_valid$q && word$q[f_ring] && word_place$q == f_place;
    wire f_reads = places$read_data == f_place && gathered[f_ring];
    wire f_enters = filled && unpacker$take && f_reads;
    wire f_shows = unpacker$valid && unpacker$index == f_ring && unpacker$index_tag[4:0] == f_place;
    wire f_steps = f_shows && !spare_valid$q;
    wire f_leaves = valid && taken && f_out;
    reg [5:0] f_queued;
    integer n;
    always @(*) begin
        f_queued = 0;
        for (n = 0; n < 32; n = n + 1)
            if (n[4:0] - tail$q < f_words[4:0] && f_words != 32) f_queued = f_queued + f_written[n];
    end

    always @(*) begin
        // What the block relies on: it is idle before a turn, whose places are fewer than the words of the queue; of a place one spike a turn.
        assume(!turn_start || idle);
        assume(!fired_valid || f_turn < 31);
        assume(!f_comes || !f_owed);
        assume(f_ring < 8 && fired[15:8] == 0);
        // Memories and tables.
        assume(!filled || f_reads == f_written[tail$q]);
        assume(turns$address != f_place || turns$data == f_turns);
        assume(context_first$data == f_first);
        // The unpacker.
        assume(!f_shows || f_inside);
        assume(unpacker$busy || (!f_inside && !unpacker$valid));
    end

    always @(posedge clock) begin
        f_clocks <= f_clocks == 3 ? 3 : f_clocks + 1;
        f_owed <= f_comes || (f_owed && !f_leaves);
        if (store) f_written[head$q] <= f_in_word;
        f_words <= f_words + store - (filled && unpacker$take);
        f_turn <= idle && !fired_valid ? 0 : f_turn + fired_valid;
        f_inside <= f_enters || (f_inside && !f_steps);
        if (free) begin
            f_out <= spare_valid$q ? f_spare : f_shows;
            f_spare <= 0;
        end else if (!spare_valid$q) f_spare <= f_shows;
    end

    always @(posedge clock) begin
        assert(f_words == {1'b0, head$q - tail$q} && f_words <= 31);
        assert({5'd0, f_owed} == {5'd0, f_in_word} + f_queued + {5'd0, f_inside} + {5'd0, f_out} + {5'd0, f_spare});
        assert(!f_out || out_valid$q);
        assert(!f_spare || spare_valid$q);
        assert(!spare_valid$q || out_valid$q);
        assert(f_words + word_valid$q <= f_turn);
        if (idle) assert(!f_owed);
        // As the neuron that it is of.
        if (f_clocks == 3 && f_out) assert(neuron == f_first + f_ring + f_turns);
        if (f_clocks == 3 && f_spare) assert(spare_first$q == f_first + f_ring && spare_turns$q == f_turns);
        if (f_clocks == 3 && f_out) assert(out_first$q == f_first + f_ring && out_turns$q == f_turns);
    end
