//! Operators of any width as operators on words.

use super::Lower;
use crate::bitvec::BitVec;
use crate::design::{Bits, Op, Piece};
use crate::error::Result;
use crate::netlist::{Netlist, Word, WordOp, mask};

/// Limbs of multi-word arithmetic: half a word, so that the carry fits.
const LIMB: u32 = 32;

impl Lower<'_> {
    pub(super) fn mux(&mut self, args: &[Bits], width: u32) -> Result<Bits> {
        let condition = self.operand(&args[0])?;
        // A branch that is never taken is not followed: it may be a latch or a loop in appearance only.
        match self.net.value(condition) {
            Some(0) => return self.bits(&args[2]),
            Some(_) => return self.bits(&args[1]),
            None => {}
        }
        let (a, b) = (self.bits(&args[1])?, self.bits(&args[2])?);
        Ok(self.choose(condition, &a, &b, width))
    }

    fn choose(&mut self, condition: Word, a: &Bits, b: &Bits, width: u32) -> Bits {
        self.chunked(width, &[a, b], |net, w, _| net.apply(WordOp::Mux, condition, w[0], w[1]))
    }

    /// Applies a bitwise operator to each 64 bits.
    fn chunked(&mut self, width: u32, args: &[&Bits], f: impl Fn(&mut Netlist, &[Word], u64) -> Word) -> Bits {
        let mut out = Bits::default();
        let mut at = 0;
        while at < width {
            let len = 64.min(width - at);
            let words: Vec<Word> = args.iter().map(|a| self.net.word(&a.slice(at, len))).collect();
            let node = f(&mut self.net, &words, mask(len));
            out.push(Piece { node, lo: 0, len });
            at += len;
        }
        out
    }

    pub(super) fn one(node: Word, len: u32) -> Bits {
        let mut bits = Bits::default();
        bits.push(Piece { node, lo: 0, len });
        bits
    }

    pub(super) fn operator(&mut self, op: Op, args: &[Bits], width: u32) -> Result<Bits> {
        let own = args[0].width();
        Ok(match op {
            Op::And => self.chunked(width, &[&args[0], &args[1]], |n, w, _| n.apply(WordOp::And, w[0], w[1], 0)),
            Op::Or => self.chunked(width, &[&args[0], &args[1]], |n, w, _| n.apply(WordOp::Or, w[0], w[1], 0)),
            Op::Xor => self.chunked(width, &[&args[0], &args[1]], |n, w, _| n.apply(WordOp::Xor, w[0], w[1], 0)),
            Op::Not => self.chunked(width, &[&args[0]], |n, w, mask| n.apply(WordOp::Not { mask }, w[0], 0, 0)),
            Op::Add | Op::Sub | Op::Mul if width <= 64 => {
                let (a, b) = (self.net.word(&args[0]), self.net.word(&args[1]));
                let mask = mask(width);
                let op = match op {
                    Op::Add => WordOp::Add { mask },
                    Op::Sub => WordOp::Sub { mask },
                    _ => WordOp::Mul { mask },
                };
                Self::one(self.net.apply(op, a, b, 0), width)
            }
            Op::Add => self.wide_add(&args[0], &args[1], false, width).0,
            Op::Sub => self.wide_add(&args[0], &args[1], true, width).0,
            Op::Mul => self.wide_multiply(&args[0], &args[1], width),
            Op::Eq => {
                let ones = self.chunked(own, &[&args[0], &args[1]], |n, w, _| n.apply(WordOp::Eq, w[0], w[1], 0));
                self.reduce(&ones, WordOp::And)
            }
            Op::Less | Op::SignedLess => Self::one(self.less(&args[0], &args[1], op == Op::SignedLess), 1),
            Op::Any => Self::one(self.any(&args[0]), 1),
            Op::All => {
                let ones = self.chunked(own, &[&args[0]], |n, w, mask| {
                    let all = n.constant(mask);
                    n.apply(WordOp::Eq, w[0], all, 0)
                });
                self.reduce(&ones, WordOp::And)
            }
            Op::Parity => {
                let bits = self.chunked(own, &[&args[0]], |n, w, _| n.apply(WordOp::Parity, w[0], 0, 0));
                self.reduce(&bits, WordOp::Xor)
            }
            Op::Shl | Op::Shr | Op::Sar => self.shift(op, &args[0], &args[1], width),
            Op::SignExtend => self.sign_extend(&args[0], width),
            Op::Mux => return self.mux(args, width),
        })
    }

    /// Combines one-bit words, each in the lowest bit of its 64.
    fn reduce(&mut self, bits: &Bits, op: WordOp) -> Bits {
        let words: Vec<Word> = bits.pieces().iter().map(|p| p.node).collect();
        let mut result = words[0];
        for &w in &words[1..] {
            result = self.net.apply(op, result, w, 0);
        }
        Self::one(result, 1)
    }

    pub(super) fn any(&mut self, value: &Bits) -> Word {
        let zero = self.net.constant(0);
        let bits = self.chunked(value.width(), &[value], |n, w, _| n.apply(WordOp::Ne, w[0], zero, 0));
        self.reduce(&bits, WordOp::Or).pieces()[0].node
    }

    /// Sum or difference, and the carry (no borrow) out of it.
    fn wide_add(&mut self, a: &Bits, b: &Bits, subtract: bool, width: u32) -> (Bits, Word) {
        let mut out = Bits::default();
        let mut carry = self.net.constant(subtract.into());
        let mut at = 0;
        while at < width {
            let len = LIMB.min(width - at);
            let x = self.net.word(&a.slice(at, len));
            let mut y = self.net.word(&b.slice(at, len));
            if subtract {
                y = self.net.apply(WordOp::Not { mask: mask(len) }, y, 0, 0);
            }
            let sum = self.net.apply(WordOp::Add { mask: !0 }, x, y, 0);
            let sum = self.net.apply(WordOp::Add { mask: !0 }, sum, carry, 0);
            let low = self.net.apply(WordOp::Slice { shift: 0, mask: mask(len) }, sum, 0, 0);
            carry = self.net.apply(WordOp::Slice { shift: len as u8, mask: 1 }, sum, 0, 0);
            out.push(Piece { node: low, lo: 0, len });
            at += len;
        }
        (out, carry)
    }

    /// School multiplication by limbs, kept to `width`.
    fn wide_multiply(&mut self, a: &Bits, b: &Bits, width: u32) -> Bits {
        let mut sum = self.constant(&BitVec::zero(width));
        for i in (0..width).step_by(LIMB as usize) {
            for j in (0..width - i).step_by(LIMB as usize) {
                let x = self.net.word(&a.slice(i, LIMB.min(width - i)));
                let y = self.net.word(&b.slice(j, LIMB.min(width - j)));
                let product = self.net.apply(WordOp::Mul { mask: !0 }, x, y, 0);
                let mut shifted = self.constant(&BitVec::zero(i + j));
                shifted.extend(&Self::one(product, 64));
                let rest = self.constant(&BitVec::zero(width));
                shifted.extend(&rest);
                sum = self.wide_add(&sum, &shifted.slice(0, width), false, width).0;
            }
        }
        sum
    }

    fn less(&mut self, a: &Bits, b: &Bits, signed: bool) -> Word {
        let width = a.width();
        if width <= 64 {
            let (mut x, mut y) = (self.net.word(a), self.net.word(b));
            if signed {
                x = self.sign(x, width);
                y = self.sign(y, width);
            }
            return self.net.apply(if signed { WordOp::SignedLess } else { WordOp::Less }, x, y, 0);
        }
        // Turning the sign bits over makes an unsigned comparison of it.
        let turn = |l: &mut Self, v: &Bits| {
            let top = l.net.word(&v.slice(width - 1, 1));
            let top = l.net.apply(WordOp::Not { mask: 1 }, top, 0, 0);
            let mut turned = v.slice(0, width - 1);
            turned.extend(&Self::one(top, 1));
            turned
        };
        let carry = if signed {
            let (a, b) = (turn(self, a), turn(self, b));
            self.wide_add(&a, &b, true, width).1
        } else {
            self.wide_add(a, b, true, width).1
        };
        self.net.apply(WordOp::Not { mask: 1 }, carry, 0, 0)
    }

    /// A value of `width` bits as a signed word of 64.
    fn sign(&mut self, word: Word, width: u32) -> Word {
        if width >= 64 || u32::from(self.net.bits(word)) < width {
            return word;
        }
        self.net.apply(WordOp::SignExtend { by: (64 - width) as u8 }, word, 0, 0)
    }

    fn sign_extend(&mut self, value: &Bits, width: u32) -> Bits {
        let own = value.width();
        if width <= 64 {
            let word = self.net.word(value);
            let word = self.sign(word, own);
            return Self::one(word, width);
        }
        let top = self.net.word(&value.slice(own - 1, 1));
        let fill = self.sign(top, 1);
        let mut out = value.clone();
        while out.width() < width {
            out.extend(&Self::one(fill, 64.min(width - out.width())));
        }
        out
    }

    fn shift(&mut self, op: Op, value: &Bits, amount: &Bits, width: u32) -> Bits {
        let by = self.clamp(amount);
        if width <= 64 {
            let word = self.net.word(value);
            return match op {
                Op::Shl => Self::one(self.net.apply(WordOp::ShlBy { mask: mask(width) }, word, by, 0), width),
                Op::Shr => Self::one(self.net.apply(WordOp::ShrBy, word, by, 0), width),
                _ => {
                    let word = self.sign(word, width);
                    Self::one(self.net.apply(WordOp::SarBy, word, by, 0), width)
                }
            };
        }
        // One stage for each bit of the amount, then everything out if the amount is larger still.
        let fill = match op {
            Op::Sar => self.sign_extend(&value.slice(width - 1, 1), width),
            _ => self.constant(&BitVec::zero(width)),
        };
        let mut out = value.clone();
        let stages = 32 - (width - 1).leading_zeros();
        for stage in (0..stages).rev() {
            let bit = self.net.apply(WordOp::Slice { shift: stage as u8, mask: 1 }, by, 0, 0);
            let distance = 1 << stage;
            let mut moved;
            if op == Op::Shl {
                moved = fill.slice(0, distance);
                moved.extend(&out.slice(0, width - distance));
            } else {
                moved = out.slice(distance, width - distance);
                moved.extend(&fill.slice(0, distance));
            }
            out = self.choose(bit, &moved, &out, width);
        }
        let limit = self.net.constant(1 << stages);
        let inside = self.net.apply(WordOp::Less, by, limit, 0);
        self.choose(inside, &out, &fill, width)
    }
}
