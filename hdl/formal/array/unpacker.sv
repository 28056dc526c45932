    // What is proved of `array::Unpacker`: each bit of each word that it takes leaves once, with its word's tag, and when it is not busy all have left. Shown for any
    // one bit of a word with any one tag: both may be any.

    (* anyconst *) reg [5:0] f_tag;
    (* anyconst *) reg [3:0] f_index;
    reg f_past = 0;
    reg f_owed = 0;                     // the bit has come and not left
    wire f_comes = word_valid && take && tag == f_tag && word[f_index] && !word_empty;
    wire f_leaves = valid && ready && index_tag == f_tag && index == f_index;
    // Where it is.
    wire f_in_word = word_here$q && word_tag$q == f_tag && left$q[f_index[3:2]] && flags$q[f_index];
    wire f_in_nibble = nibble_here$q && nibble_tag$q == f_tag && place$q == f_index[3:2] && nibble$q[f_index[1:0]];
    wire f_out = out_valid$q && out_tag$q == f_tag && out_index$q == f_index;
    wire [1:0] f_lowest = left$q[0] ? 0 : left$q[1] ? 1 : left$q[2] ? 2 : 3;

    // What is looked at: a second word with this tag comes when the first has left.
    always @(*) assume(!f_comes || !f_owed);

    always @(posedge clock) begin
        f_past <= 1;
        f_owed <= f_comes || (f_owed && !f_leaves);
    end

    integer n;
    always @(posedge clock) begin
        assert({1'b0, f_owed} == {1'b0, f_in_word} + {1'b0, f_in_nibble} + {1'b0, f_out});
        if (!busy) assert(!f_owed);
        // How it knows what is left.
        if (word_here$q) begin
            assert(last_nibble$q == $onehot0(left$q));
            if (left$q != 0) assert(first$q == f_lowest);
            for (n = 0; n < 4; n = n + 1) begin
                if (left$q[n]) assert(flags$q[4 * n +: 4] != 0);
                if (left$q[n]) assert(single$q[n] == $onehot0(flags$q[4 * n +: 4]));
            end
        end
        if (nibble_here$q) assert(nibble$q != 0 && only$q == $onehot0(nibble$q));
        // An index stays until it leaves.
        if (f_past && $past(valid && !ready)) assert(valid && index == $past(index) && index_tag == $past(index_tag));
    end
