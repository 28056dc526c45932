    // What is proved of `array::Router`: a spike is delivered once, six clocks later, to the cores and in the slot that its route says, and reaches the host once if the
    // route says so; the queue to the host never overflows. Table and queue are cut: routes may be any.

    reg [2:0] f_clocks = 0;             // since the start, at most 7
    reg [4:0] f_late = 0;               // spikes since `room` fell
    wire [5:0] f_waiting = head$q - tail$q;
    // Spikes of cores on their way to the queue, of which each may be for the host.
    wire [5:0] f_coming = (a_valid$q && !a_input$q) + (b_valid$q && !b_input$q) + (c_valid$q && !c_input$q) + (d_valid$q && !d_input$q) + e_host$q;

    // What the block relies on: no more spikes of cores than it was made for come behind the fall of `room`; inputs when the cores are at rest.
    always @(*) assume(!spike_valid || room || f_late < UPSTREAM);

    // The spikes of the clocks before: whether there was one, of an input line, its number.
    reg [13:0] f_1, f_2, f_3, f_4;
    wire f_input = !spike_valid;
    wire f_here = f_4[13];

    always @(posedge clock) begin
        f_clocks <= f_clocks == 7 ? 7 : f_clocks + 1;
        f_late <= room ? 0 : f_late + spike_valid;
        f_1 <= {spike_valid || input_valid, f_input, spike_neuron};
        f_2 <= f_1;
        f_3 <= f_2;
        f_4 <= f_3;
    end

    always @(posedge clock) begin
        // An input is taken when no core's spike is.
        assert(input_ready == !spike_valid);
        if (f_clocks >= 4) assert(d_valid$q == f_4[13] && (!d_valid$q || (d_input$q == f_4[12] && (d_input$q || d_number$q == f_4[11:0]))));
        // From its route: the event, and the host's copy.
        if (f_clocks >= 5) begin
            assert(delivery[0] == ($past(d_valid$q) && $past(route_word[31:16]) != 0));
            assert(e_cores$q == $past(route_word[31:16]) && e_axon$q == $past({route_word[14], route_word[8:0]}));
            assert(e_slot$q == $past(route_word[12:9] + tick));
            assert(e_host$q == $past(d_valid$q && !d_input$q && route_word[13]));
        end
        // The queue: as many as its pointers are apart, never more than its places.
        assert(f_waiting[4:0] == filled$q[4:0] && filled$q <= 32);
        assert(filled$q + f_coming + (room_left$q ? UPSTREAM : UPSTREAM - (f_late < UPSTREAM ? f_late : UPSTREAM)) <= 32 || f_clocks < 2);
        assert(!e_host$q || filled$q < 32 || pop);
        assert(some$q == (filled$q != 0));
        assert(!pop || filled$q != 0);
        // What the host was offered stays until it takes it.
        if (f_clocks >= 1 && $past(host_valid && !host_ready)) assert(host_valid && host_neuron == $past(host_neuron));
        if (f_clocks >= 2 && idle) assert(!host_valid && filled$q == 0);
    end
