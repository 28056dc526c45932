    // What is proved of `array::SumTally`: what it hands on is the sum of the amounts since the load before; none is lost or counted twice, also not in the clock of
    // the load.

    reg f_past = 0;
    reg [WIDTH-1:0] f_came = 0;         // in the clock before the last
    reg [WIDTH-1:0] f_waited = 0;       // and in the one before that
    reg [BITS:0] f_sum = 0;             // of what came before, and is not handed on
    reg [BITS:0] f_handed = 0;          // of the last load
    wire [BITS:0] f_total = f_sum + f_waited;

    // What the block relies on: it has bits for all that comes between two loads.
    always @(*) assume(f_total <= MOST);

    always @(posedge clock) begin
        f_past <= 1;
        f_came <= amount;
        f_waited <= f_came;
        f_sum <= load ? 0 : f_total;
        if (load) f_handed <= f_total;
    end

    always @(posedge clock) begin
        assert(came$q == f_came && waited$q == f_waited && sum$q == f_sum && f_handed <= MOST);
        if (f_past && $past(load)) assert(chain_out == f_handed);
        if (f_past && $past(!load && !shift)) assert(chain_out == $past(chain_out));
        if (f_past && $past(!load && shift)) assert(chain_out == ($past(chain_in) & MOST));
    end
