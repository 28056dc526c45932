    // What is proved of `array::Scheduler` with one context: an event that is set is told once, in the next walk of its slot, and when a walk is over none of its slot
    // is left. Shown for any one axon in any one slot. Memories and the unpacker are cut: a memory gives back what was written, the unpacker does what is
    // proved of it.

    (* anyconst *) reg [3:0] f_slot;
    (* anyconst *) reg [8:0] f_axon;
    wire [4:0] f_word = f_axon[8:4];
    wire [2:0] f_group = f_axon[8:6];
    wire [3:0] f_bit = f_axon[3:0];

    reg f_past = 0;
    reg f_owed = 0;                     // the event has been set and not told
    reg f_mem = 0;                      // its bit in the slots
    reg f_latch, f_out;                 // that on its way out of them
    reg f_sum = 0;                      // that of its word in the summary
    reg f_inside = 0;                   // it is in the unpacker
    reg f_walk = 0;                     // its slot is walked
    reg f_loaded = 0;                   // and what the summary said is taken

    wire f_here = slot == f_slot;
    wire f_sets = set && set_slot == f_slot && set_axon == f_axon;
    wire f_tells = event_valid && event_set && event_axon == f_axon && f_here;
    wire f_read = slots$word_enable && slots$word_address == {1'b0, f_slot, f_word};
    // The summary's port of its group.
    wire [7:0] f_writes = {write_group$7$q, write_group$6$q, write_group$5$q, write_group$4$q, write_group$3$q, write_group$2$q, write_group$1$q, write_group$0$q};
    wire [31:0] f_reads = {summary$7$read_data, summary$6$read_data, summary$5$read_data, summary$4$read_data,
        summary$3$read_data, summary$2$read_data, summary$1$read_data, summary$0$read_data};
    wire f_write = f_writes[f_group] && place$q == f_slot;
    wire f_noted = f_write && flag$q[f_axon[5:4]] && !erase$q;
    // Where it is, on its way.
    wire f_in_pending = running$q && f_group >= group$q && pending$q[{f_group - group$q, f_axon[5:4]}];
    wire f_in_asked = asked_word$q && asked_number$q == f_word;
    wire f_in_latch = f_here && latched$q && latched_word$q && latched_number$q == f_word && f_latch;
    wire f_in_out = f_here && out$q && out_word$q && out_number$q == f_word && f_out;
    wire f_in_spare = f_here && spare$q && !spare_empty$q && spare_number$q == f_word && spare_flags$q[f_bit];
    wire f_in_here = f_here && here$q && here_set$q && !here_empty$q && here_number$q == f_word && here_flags$q[f_bit];
    wire f_enters = f_here && unpacker$word_valid && unpacker$take && unpacker$tag == {1'b1, f_word} && unpacker$word[f_bit] && !unpacker$word_empty;
    wire f_leaves = unpacker$valid && unpacker$index_tag == {1'b1, f_word} && unpacker$index == f_bit;

    reg [3:0] f_last_slot;
    reg [31:0] f_last_dense;
    reg f_stays = 0;
    reg f_busy = 0;                     // the unpacker may be

    always @(*) begin
        // What the block relies on: one context; nothing is cleared; a walk after the other; none is set in the slot that is walked, nor in two clocks of a start.
        assume(contexts == 0 && !resume && !clear);
        assume(!start || !walking);
        assume(!(set && (start || starting$q)));
        assume(!(set && walking && set_slot == slot));
        // Memories.
        assume(place$q != f_slot || f_reads[f_word] == f_sum);
        assume(!(f_here && out$q && out_number$q == f_word) || slots$word_out[f_bit] == f_out);
        // The unpacker.
        assume(!(f_leaves && f_here) || f_inside);
        assume(unpacker$busy || (!f_inside && !unpacker$valid));
        assume(!unpacker$busy || f_busy);
    end
    always @(*) assume(!f_stays || (slot == f_last_slot && dense == f_last_dense));

    always @(posedge clock) begin
        f_past <= 1;
        f_last_slot <= slot;
        f_last_dense <= dense;
        f_stays <= start || walking;
        f_busy <= unpacker$busy || unpacker$word_valid;
        f_owed <= f_sets || (f_owed && !f_tells);
        f_mem <= f_sets || (f_mem && !f_read);
        if (slots$word_enable) f_latch <= f_mem;
        if (slots$output_enable) f_out <= f_latch;
        if (f_write) f_sum <= !erase$q && (f_sum || flag$q[f_axon[5:4]]);
        f_inside <= f_enters || (f_inside && !f_leaves);
        f_walk <= start ? f_here : f_walk && (walking || !f_past);
        f_loaded <= start ? 0 : loading$q ? f_walk : f_loaded && walking;
    end

    always @(posedge clock) begin
        assert({3'd0, f_owed} == {3'd0, f_mem} + {3'd0, f_in_latch} + {3'd0, f_in_out} + {3'd0, f_in_spare} + {3'd0, f_in_here} + {3'd0, f_inside});
        // A bit in the slots is one that a walk will find.
        if (f_mem) assert(f_sum || f_noted || (f_here && (f_in_pending || f_in_asked)));
        if (f_loaded) assert(!f_sum && !f_noted);
        if (f_loaded && walking) assert(f_walk);
        if (f_loaded && !walking) assert(f_past && $past(walking && f_loaded));
        // What moves, does so in a walk.
        if (running$q || asked$q || latched$q || out$q || spare$q || here$q || starting$q || loading$q || f_inside) assert(walking);
        if (f_inside) assert(f_here);
        assert(!asked_word$q || asked$q);
        assert(!latched_word$q || latched$q);
        assert(!(starting$q && loading$q) && !(starting$q && running$q) && !(loading$q && running$q));
        if (walking && f_here && !starting$q && !loading$q) assert(f_loaded || !f_walk);
        if (walking) assert(f_walk == f_here);
        // It is over when all of its slot have been told.
        if (f_past && $past(walking) && !walking && f_here) assert(!f_owed);
    end
