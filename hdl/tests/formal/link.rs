//! The link.

use super::proof::{Proof, verilog};
use nernst_hdl::link::{
    Answer, Executor, FrameBuilder, Memory, Receiver, ReplyRing, StepTable, Stream, Stuffer, TrainDecoder,
    TrainEncoder, ValueEncoder,
};
use nernst_spec::link::stream::Train;
use nernst_spec::{ArrayConfig, Identity, encoding};

pub fn receiver() -> Proof {
    Proof {
        name: "receiver",
        verilog: verilog(Receiver::default()),
        properties: include_str!("../../formal/link/receiver.sv").into(),
        cut: "top/crc top/ring",
        depth: 14,
        faults: &[
            ("ahead$d = decoded$q - count$q", "ahead$d = 8'h0"),
            (" & in_order$q & ~overflow$q;", " & in_order$q;"),
            ("if (full$q) begin", "if (1'b0) begin"),
        ],
    }
}

pub fn reply_ring() -> Proof {
    Proof {
        name: "reply ring",
        verilog: verilog(ReplyRing::default()),
        properties: include_str!("../../formal/link/reply_ring.sv").into(),
        cut: "top/ring",
        depth: 12,
        faults: &[
            ("(kept$q < 32'h3f)", "(kept$q < 32'h7f)"),
            ("known$d = acknowledged$q <= outstanding$q", "known$d = 1'b1"),
        ],
    }
}

pub fn stuffer() -> Proof {
    Proof {
        name: "stuffer",
        verilog: verilog(Stuffer::default()),
        properties: include_str!("../../formal/link/stuffer.sv").into(),
        cut: "top/buffer$0 top/buffer$1 top/buffer$2 top/buffer$3",
        depth: 12,
        faults: &[
            ("(roomy$q | (open$q & at_end$q))", "1'b1"),
            ("(roomy$q | (open$q & at_end$q))", "(roomy$q | at_end$q)"),
            ("(roomy$q | (open$q & at_end$q))", "roomy$q"),
        ],
    }
}

pub fn frame_builder() -> Proof {
    Proof {
        name: "frame builder",
        verilog: verilog(FrameBuilder::default()),
        properties: include_str!("../../formal/link/frame_builder.sv").into(),
        cut: "top/crc",
        depth: 8,
        faults: &[
            ("told_now = is[(64'h4)+:(1)] & (phase$q == 32'h0)", "told_now = is[(64'h4)+:(1)] & (phase$q == 32'h1)"),
            ("last_left$d = left$q == 32'h1", "last_left$d = left$q == 32'h0"),
            ("reply_next$d = due & ~missing_due$q &", "reply_next$d = due &"),
            ("(~is[(64'h0)+:(1)] | stuffer_low)", "stuffer_low"),
        ],
    }
}

pub fn executor() -> Proof {
    let config = ArrayConfig::ready("tiny").unwrap();
    Proof {
        name: "executor",
        verilog: verilog(Executor::new(&config).unwrap()),
        properties: include_str!("../../formal/link/executor.sv").into(),
        cut: "top/memory top/stream top/answer top/lengths_0 top/lengths_1 top/lengths_2 top/lengths_3",
        depth: 16,
        faults: &[
            ("reset_over$d = ~reset_busy", "reset_over$d = reset_busy"),
            ("rested$q & empty & line_idle_now$q", "rested$q & line_idle_now$q"),
            ("here$d = front_valid & ~taken$q & ~take_now", "here$d = front_valid & ~taken$q"),
        ],
    }
}

pub fn memory() -> Proof {
    Proof {
        name: "memory",
        verilog: verilog(Memory::default()),
        properties: include_str!("../../formal/link/memory.sv").into(),
        cut: "top/crc",
        depth: 12,
        faults: &[
            ("place$d = ((32'h8) & 5'h1f)", "place$d = ((32'h4) & 5'h1f)"),
            ("held$d = ((32'h10) & 5'h1f)", "held$d = ((32'h0) & 5'h1f)"),
        ],
    }
}

pub fn answer() -> Proof {
    let config = ArrayConfig::ready("tiny").unwrap();
    let last = Identity::new(&config).to_bytes().len() - 1;
    Proof {
        name: "answer",
        verilog: verilog(Answer::new(&config).unwrap()),
        properties: include_str!("../../formal/link/answer.sv").replace("IDENTITY", &format!("7'd{last}")),
        cut: "top/identity",
        depth: 8,
        faults: &[
            ("left$d = left$q - 32'h1", "left$d = left$q - 32'h2"),
            ("last = left$q == 32'h1", "last = left$q == 32'h0"),
        ],
    }
}

pub fn stream() -> Proof {
    let config = ArrayConfig::ready("tiny").unwrap();
    Proof {
        name: "stream",
        verilog: verilog(Stream::new(&config).unwrap()),
        properties: include_str!("../../formal/link/stream.sv").into(),
        cut: "top/decoder top/value_encoder top/encoder top/pacer",
        depth: 10,
        faults: &[
            ("refuses = is[(64'h0)+:(1)] & used_up_now$q & (spike | tick)", "refuses = 1'b0"),
            ("resume = (is[(64'h1)+:(1)] & input_ready)", "resume = (is[(64'h1)+:(1)])"),
        ],
    }
}

pub fn train_decoder() -> Proof {
    let train = Train::to_board(&ArrayConfig::ready("tiny").unwrap());
    Proof {
        name: "train decoder",
        verilog: verilog(TrainDecoder::new(&train).unwrap()),
        properties: include_str!("../../formal/link/train_decoder.sv").into(),
        cut: "top/steps",
        depth: 8,
        faults: &[
            ("weighs = is[(64'h6)+:(1)] & ~ended & ~landing$q", "weighs = is[(64'h6)+:(1)] & ~ended"),
            ("more = weighs & ~empty$q", "more = weighs"),
        ],
    }
}

pub fn train_encoder() -> Proof {
    let train = Train::to_host(&ArrayConfig::ready("tiny").unwrap());
    let largest = StepTable::largest(&train);
    Proof {
        name: "train encoder",
        verilog: verilog(TrainEncoder::new(&train).unwrap()),
        properties: include_str!("../../formal/link/train_encoder.sv").replace("LARGEST", &largest.to_string()),
        cut: "",
        depth: 10,
        faults: &[("takes$d = weighs_zero |", "takes$d ="), ("fits = ~behind$q[32'hd]", "fits = 1'b1")],
    }
}

pub fn value_encoder() -> Proof {
    let config = ArrayConfig::ready("tiny").unwrap();
    let lines = encoding::lines(&config);
    Proof {
        name: "value encoder",
        verilog: verilog(ValueEncoder::new(&config)),
        properties: include_str!("../../formal/link/value_encoder.sv").replace("LINES", &lines.to_string()),
        cut: "top/firing",
        depth: 10,
        faults: &[
            ("writing$d = stores & within_lines$q", "writing$d = stores"),
            ("sinks$d = ~due$q[32'h11] & (threshold$q != 32'h0)", "sinks$d = ~due$q[32'h11]"),
        ],
    }
}

/// All of them.
#[allow(dead_code, reason = "the tests name each")]
pub fn all() -> Vec<Proof> {
    vec![
        receiver(),
        reply_ring(),
        stuffer(),
        frame_builder(),
        executor(),
        memory(),
        answer(),
        stream(),
        train_decoder(),
        train_encoder(),
        value_encoder(),
    ]
}
