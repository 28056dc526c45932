    // What is proved of `array::Ledger`:
    // tallies are taken before they are full, and only when all that was taken before is added;
    // each step of a sweep writes the counter that the table of steps names, eight clocks behind its position, if there is one;
    // a copy that is asked for is one of one moment: of tallies that were taken afterwards, all in one clock. It is whole when `busy` falls, and nothing else
    // changes it. The same of zeros.

    reg f_past = 0;
    reg [8:0] f_since = 1;              // clocks since the tallies were taken
    (* anyconst *) reg [7:0] f_step;    // any step
    reg f_kept = 0;                     // what the table says of it
    reg [7:0] f_number = 0;
    // What was asked for: in the clock before; earlier, and the tallies were not taken since; they were, and are added.
    reg f_copy_asked = 0, f_copy_waits = 0, f_copy_goes = 0;
    reg f_zero_asked = 0, f_zero_waits = 0, f_zero_goes = 0;

    // What the block relies on: one thing is asked for at a time.
    always @(*) begin
        if (f_copy_asked || f_copy_waits || f_copy_goes) assume(!snapshot);
        if (f_zero_asked || f_zero_waits || f_zero_goes) assume(!clear);
        assume(f_step < STEPS);
    end

    always @(posedge clock) begin
        f_past <= 1;
        f_since <= load$q ? 1 : f_since + 1;
        if (position$q == f_step) begin
            f_kept <= steps$data[24];
            f_number <= steps$data[18:11];
        end
        f_copy_asked <= snapshot;
        f_copy_waits <= f_copy_asked || (f_copy_waits && !load$q);
        f_copy_goes <= (f_copy_waits && load$q) || (f_copy_goes && position$q != BEFORE);
        f_zero_asked <= clear;
        f_zero_waits <= f_zero_asked || (f_zero_waits && !load$q);
        f_zero_goes <= (f_zero_waits && load$q) || (f_zero_goes && position$q != BEFORE);
    end

    always @(posedge clock) begin
        // Sweeps.
        assert(position$q <= BEFORE + 1 && load$q == (position$q == BEFORE + 1));
        assert(f_since == since_load$q + 1 && f_since <= MOST);
        if (position$q < BEFORE) assert(since_load$q == position$q);
        if (position$q >= BEFORE) assert(since_load$q >= position$q);
        if (since_load$q > DUE) assert(due$q);
        if (since_load$q > DUE + 1) assert(wanted$q);
        if (since_load$q > DUE + 2) assert(position$q == BEFORE + 1 && since_load$q == DUE + 3);
        // A step.
        if (position$q == f_step + 8) assert(values_low$write == f_kept && values_high$write == f_kept);
        if (position$q == f_step + 8 && f_kept) assert(values_low$write_address == f_number && values_high$write_address == f_number);
        if (position$q == f_step + 8 && f_copy_goes) assert(copy_low$write == f_kept && copy_high$write == f_kept);
        if (position$q == f_step + 8 && f_kept && f_zero_goes) assert(values_low$write_word == 0 && values_high$write_word == 0);
        // What is asked for.
        assert(snapshot_now$q == f_copy_asked && copy_wanted$q == f_copy_waits && copying$q == f_copy_goes);
        assert(clear_now$q == f_zero_asked && zero_wanted$q == f_zero_waits && zeroing$q == f_zero_goes);
        if (f_copy_waits || f_copy_goes || f_zero_waits || f_zero_goes) assert(busy);
        if (f_copy_goes || f_zero_goes) assert(position$q <= BEFORE);
        if (f_past && $past(f_copy_goes) && f_copy_goes) assert(position$q == $past(position$q) + 1);
        // A copy is of what is kept.
        if (copy_low$write || copy_high$write) begin
            assert(f_copy_goes && values_low$write && values_high$write && copy_low$write && copy_high$write);
            assert(copy_low$write_address == values_low$write_address && copy_low$write_word == values_low$write_word);
            assert(copy_high$write_address == values_high$write_address && copy_high$write_word == values_high$write_word);
        end
    end
