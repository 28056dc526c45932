    // What is proved of `array::Tally`: what it hands on is the code of the number of pulses since the load before; none is lost or counted twice, also not in the
    // clock of the load.

    reg f_past = 0;
    reg [8:0] f_pulses = 0;             // that came in the clock before the last, and are not handed on
    reg [8:0] f_handed = 0;             // of the last load

    function [8:0] f_count(input [7:0] f_code);
        case (f_code)
COUNTS
            default: f_count = 9'd511;
        endcase
    endfunction

    // What the block relies on: no more pulses between two loads than it has codes for.
    always @(*) assume(f_pulses < MOST || load || !came$q);

    always @(posedge clock) begin
        f_past <= 1;
        f_pulses <= load ? came$q : f_pulses + came$q;
        if (load) f_handed <= f_pulses;
    end

    always @(posedge clock) begin
        assert(f_count(code$q) == f_pulses && f_pulses <= MOST);
        if (f_past) assert(came$q == $past(pulse));
        if (f_past && $past(load)) assert(f_count(chain_out) == f_handed);
        if (f_past && $past(!load && !shift)) assert(chain_out == $past(chain_out));
        if (f_past && $past(!load && shift)) assert(chain_out == ($past(chain_in) & KEPT));
    end
