//! The design in machine words: operators on values of at most 64 bits, each value made once.
//!
//! Words are numbered so that a word comes after its arguments. Registers are the exception: what they take over at
//! the clock edge is listed apart.

use crate::design::{Bits, Piece, Port, Scope, ScopeId};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

pub type Word = u32;

/// What a word is made of. Every value is below 2^bits of its word; bits above are 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WordOp {
    Const(u64),
    /// Bits from `64 * limb` of a port on.
    Input {
        port: u32,
        limb: u32,
    },
    Register(u32),
    /// `(a >> shift) & mask`.
    Slice {
        shift: u8,
        mask: u64,
    },
    /// `a << by`.
    Shl {
        by: u8,
    },
    /// `a | b << by`.
    OrShl {
        by: u8,
    },
    /// Copies bit `63 - by` upwards.
    SignExtend {
        by: u8,
    },
    And,
    Or,
    Xor,
    Not {
        mask: u64,
    },
    Add {
        mask: u64,
    },
    Sub {
        mask: u64,
    },
    Mul {
        mask: u64,
    },
    Eq,
    Ne,
    Less,
    LessEq,
    SignedLess,
    SignedLessEq,
    Parity,
    /// `if a { b } else { c }`.
    Mux,
    /// `a << b`, 0 from 64 on.
    ShlBy {
        mask: u64,
    },
    /// `a >> b`, 0 from 64 on.
    ShrBy,
    /// Arithmetic `a >> b` of a sign-extended value.
    SarBy,
    /// 64 bits of a memory word; 0 beyond the depth.
    Read {
        memory: u32,
        limb: u32,
    },
    /// The same value in another place, kept over the clock edge.
    Copy,
}

impl WordOp {
    pub fn arguments(self) -> usize {
        use WordOp::*;
        match self {
            Const(_) | Input { .. } | Register(_) => 0,
            Slice { .. } | Shl { .. } | SignExtend { .. } | Not { .. } | Parity | Read { .. } | Copy => 1,
            Mux => 3,
            _ => 2,
        }
    }

    /// The result; `Read` and the leaves have none of their own.
    pub fn compute(self, a: u64, b: u64, c: u64) -> u64 {
        use WordOp::*;
        match self {
            Const(v) => v,
            Input { .. } | Register(_) | Read { .. } => 0,
            Slice { shift, mask } => a >> shift & mask,
            Shl { by } => a << by,
            OrShl { by } => a | b << by,
            SignExtend { by } => ((a << by) as i64 >> by) as u64,
            And => a & b,
            Or => a | b,
            Xor => a ^ b,
            Not { mask } => !a & mask,
            Add { mask } => a.wrapping_add(b) & mask,
            Sub { mask } => a.wrapping_sub(b) & mask,
            Mul { mask } => a.wrapping_mul(b) & mask,
            Eq => (a == b).into(),
            Ne => (a != b).into(),
            Less => (a < b).into(),
            LessEq => (a <= b).into(),
            SignedLess => ((a as i64) < b as i64).into(),
            SignedLessEq => (a as i64 <= b as i64).into(),
            Parity => (a.count_ones() & 1).into(),
            Mux => {
                if a != 0 {
                    b
                } else {
                    c
                }
            }
            ShlBy { mask } => {
                if b < 64 {
                    a << b & mask
                } else {
                    0
                }
            }
            ShrBy => {
                if b < 64 {
                    a >> b
                } else {
                    0
                }
            }
            SarBy => (a as i64 >> b.min(63)) as u64,
            Copy => a,
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub struct WordNode {
    pub op: WordOp,
    pub args: [Word; 3],
    pub bits: u8,
}

impl WordNode {
    pub fn args(&self) -> &[Word] {
        &self.args[..self.op.arguments()]
    }
}

/// A register of one word.
#[derive(Clone, Copy, Debug)]
pub struct WordRegister {
    pub value: Word,
    pub next: Word,
    /// Takes over `next` only when this is 1.
    pub enable: Option<Word>,
    pub init: u64,
}

#[derive(Clone, Debug)]
pub struct WordMemory {
    pub scope: ScopeId,
    pub path: String,
    pub width: u32,
    pub stride: usize,
    pub depth: usize,
    pub contents: Vec<u64>,
}

/// A write of 64 bits of a memory word at the clock edge; later ones win.
#[derive(Clone, Copy, Debug)]
pub struct WordWrite {
    pub memory: u32,
    pub limb: u32,
    pub address: Word,
    /// Always, if absent.
    pub enable: Option<Word>,
    pub mask: Option<Word>,
    pub data: Word,
}

impl WordWrite {
    pub fn words(&self) -> impl Iterator<Item = Word> + use<> {
        [Some(self.address), Some(self.data), self.enable, self.mask].into_iter().flatten()
    }
}

/// A named net and the words that hold it.
#[derive(Clone, Debug)]
pub struct WordNet {
    pub name: String,
    pub value: Bits,
}

#[derive(Default)]
pub struct Netlist {
    pub words: Vec<WordNode>,
    /// Scope in which each word was made first.
    pub homes: Vec<ScopeId>,
    /// Scope of the words that are being made.
    pub scope: ScopeId,
    pub registers: Vec<WordRegister>,
    pub memories: Vec<WordMemory>,
    pub writes: Vec<WordWrite>,
    pub ports: Vec<Port>,
    /// Value of each port.
    pub port_values: Vec<Bits>,
    pub scopes: Vec<Scope>,
    /// Nets of each scope.
    pub nets: Vec<Vec<WordNet>>,
    /// Nets that somebody watches, by scope and place in it: as good as output ports.
    pub probes: Vec<(ScopeId, usize)>,
    /// Port that clocks the registers.
    pub clock: Option<usize>,
    pub table: HashMap<(WordOp, [Word; 3]), Word, BuildHasherDefault<Mixer>>,
}

pub fn mask(bits: u32) -> u64 {
    if bits >= 64 { !0 } else { (1 << bits) - 1 }
}

/// Bits up to the highest one set.
fn significant(value: u64) -> u8 {
    (64 - value.leading_zeros()) as u8
}

impl Netlist {
    /// Values that are looked at from outside in every clock: those of output ports and probes.
    pub fn outputs(&self) -> impl Iterator<Item = &Bits> {
        let ports = self.ports.iter().zip(&self.port_values).filter(|(p, _)| !p.input).map(|(_, v)| v);
        ports.chain(self.probes.iter().map(|&(scope, index)| &self.nets[scope][index].value))
    }

    pub fn bits(&self, w: Word) -> u8 {
        self.words[w as usize].bits
    }

    pub fn op(&self, w: Word) -> WordOp {
        self.words[w as usize].op
    }

    pub fn value(&self, w: Word) -> Option<u64> {
        match self.op(w) {
            WordOp::Const(v) => Some(v),
            _ => None,
        }
    }

    pub fn constant(&mut self, value: u64) -> Word {
        self.add(WordOp::Const(value), [0; 3], significant(value))
    }

    /// A new word, or the one there is of the same operator and arguments.
    pub fn add(&mut self, op: WordOp, args: [Word; 3], bits: u8) -> Word {
        let (words, homes, scope) = (&mut self.words, &mut self.homes, self.scope);
        *self.table.entry((op, args)).or_insert_with(|| {
            homes.push(scope);
            words.push(WordNode { op, args, bits });
            (words.len() - 1) as Word
        })
    }

    /// A copy that shares its place with nothing.
    pub fn copy(&mut self, w: Word) -> Word {
        let bits = self.bits(w);
        self.add(WordOp::Copy, [w, 0, 0], bits)
    }

    /// Applies an operator, simplified where that is cheap to see.
    pub fn apply(&mut self, op: WordOp, a: Word, b: Word, c: Word) -> Word {
        let n = op.arguments();
        let known: Vec<u64> = [a, b, c][..n].iter().filter_map(|&w| self.value(w)).collect();
        if known.len() == n && !matches!(op, WordOp::Read { .. } | WordOp::Copy) {
            let at = |i: usize| known.get(i).copied().unwrap_or(0);
            return self.constant(op.compute(at(0), at(1), at(2)));
        }
        if let Some(simple) = self.simplify(op, a, b, c) {
            return simple;
        }
        let bits = self.result_bits(op, a, b, c);
        let mut args = [a, if n > 1 { b } else { 0 }, if n > 2 { c } else { 0 }];
        if matches!(
            op,
            WordOp::And | WordOp::Or | WordOp::Xor | WordOp::Add { .. } | WordOp::Mul { .. } | WordOp::Eq | WordOp::Ne
        ) && args[0] > args[1]
        {
            args.swap(0, 1);
        }
        self.add(op, args, bits)
    }

    fn result_bits(&self, op: WordOp, a: Word, b: Word, c: Word) -> u8 {
        use WordOp::*;
        let bits = |w| self.bits(w);
        match op {
            Slice { shift, mask } => bits(a).saturating_sub(shift).min(significant(mask)),
            Shl { by } => (bits(a) + by).min(64),
            OrShl { by } => bits(a).max((bits(b) + by).min(64)),
            And => bits(a).min(bits(b)),
            Or | Xor => bits(a).max(bits(b)),
            Add { mask } => significant(mask).min(bits(a).max(bits(b)).saturating_add(1)),
            Mul { mask } => significant(mask).min(bits(a).saturating_add(bits(b))),
            Not { mask } | Sub { mask } | ShlBy { mask } => significant(mask),
            Eq | Ne | Less | LessEq | SignedLess | SignedLessEq | Parity => 1,
            Mux => bits(b).max(bits(c)),
            ShrBy | Copy => bits(a),
            SignExtend { .. } | SarBy | Const(_) | Input { .. } | Register(_) | Read { .. } => 64,
        }
    }

    fn simplify(&mut self, op: WordOp, a: Word, b: Word, c: Word) -> Option<Word> {
        use WordOp::*;
        let (ka, kb) = (self.value(a), if op.arguments() > 1 { self.value(b) } else { None });
        let all = |s: &Self, w: Word, k: Option<u64>| k.is_some_and(|k| k == mask(s.bits(w).into()));
        Some(match op {
            Slice { shift: 0, mask: m } if significant(m) >= self.bits(a) => a,
            Slice { shift, .. } if shift >= self.bits(a) => self.constant(0),
            Slice { shift, mask: m } => match self.words[a as usize] {
                WordNode { op: Slice { shift: s, mask: n }, args, .. } if shift + s < 64 => {
                    self.apply(Slice { shift: shift + s, mask: n >> shift & m }, args[0], 0, 0)
                }
                WordNode { op: Add { mask: n }, args, .. } if shift == 0 => {
                    self.apply(Add { mask: n & m }, args[0], args[1], 0)
                }
                WordNode { op: Sub { mask: n }, args, .. } if shift == 0 => {
                    self.apply(Sub { mask: n & m }, args[0], args[1], 0)
                }
                WordNode { op: Mul { mask: n }, args, .. } if shift == 0 => {
                    self.apply(Mul { mask: n & m }, args[0], args[1], 0)
                }
                WordNode { op: Not { mask: n }, args, .. } if shift == 0 => {
                    let inner = self.apply(Slice { shift, mask: m }, args[0], 0, 0);
                    self.apply(Not { mask: n & m }, inner, 0, 0)
                }
                WordNode { op: Mux, args, .. } if shift == 0 => {
                    let t = self.apply(op, args[1], 0, 0);
                    let f = self.apply(op, args[2], 0, 0);
                    self.apply(Mux, args[0], t, f)
                }
                _ => return None,
            },
            Shl { by: 0 } => a,
            OrShl { by: 0 } => self.apply(Or, a, b, 0),
            OrShl { by } if ka == Some(0) => self.apply(Shl { by }, b, 0, 0),
            OrShl { .. } if kb == Some(0) => a,
            And if ka == Some(0) || kb == Some(0) => self.constant(0),
            And if ka.is_some_and(|k| k & mask(self.bits(b).into()) == mask(self.bits(b).into())) => b,
            And if kb.is_some_and(|k| k & mask(self.bits(a).into()) == mask(self.bits(a).into())) => a,
            And if kb.is_some_and(|k| (k + 1).is_power_of_two()) => {
                self.apply(Slice { shift: 0, mask: kb.unwrap_or(0) }, a, 0, 0)
            }
            And if ka.is_some_and(|k| (k + 1).is_power_of_two()) => {
                self.apply(Slice { shift: 0, mask: ka.unwrap_or(0) }, b, 0, 0)
            }
            And | Or if a == b => a,
            Or | Xor | Add { .. } if ka == Some(0) && self.fits(op, b) => b,
            Or | Xor | Add { .. } | Sub { .. } if kb == Some(0) && self.fits(op, a) => a,
            Or if self.bits(a) == 1 && self.bits(b) == 1 && (all(self, a, ka) || all(self, b, kb)) => self.constant(1),
            Xor | Sub { .. } if a == b => self.constant(0),
            Not { mask: m } => match self.words[a as usize] {
                WordNode { op: Not { mask: n }, args, .. }
                    if n == m && u32::from(self.bits(args[0])) <= u32::from(significant(m)) =>
                {
                    args[0]
                }
                WordNode { op: Eq, args, .. } if m == 1 => self.apply(Ne, args[0], args[1], 0),
                WordNode { op: Ne, args, .. } if m == 1 => self.apply(Eq, args[0], args[1], 0),
                WordNode { op: Less, args, .. } if m == 1 => self.apply(LessEq, args[1], args[0], 0),
                WordNode { op: LessEq, args, .. } if m == 1 => self.apply(Less, args[1], args[0], 0),
                WordNode { op: SignedLess, args, .. } if m == 1 => self.apply(SignedLessEq, args[1], args[0], 0),
                WordNode { op: SignedLessEq, args, .. } if m == 1 => self.apply(SignedLess, args[1], args[0], 0),
                _ => return None,
            },
            Eq | LessEq if a == b => self.constant(1),
            Ne | Less | SignedLess if a == b => self.constant(0),
            Eq if self.bits(a) <= 1 && kb == Some(1) => a,
            Eq if self.bits(b) <= 1 && ka == Some(1) => b,
            Eq if self.bits(a) <= 1 && kb == Some(0) => self.apply(Not { mask: 1 }, a, 0, 0),
            Ne if self.bits(a) <= 1 && kb == Some(0) => a,
            Eq if kb.is_some_and(|k| significant(k) > self.bits(a)) => self.constant(0),
            Mux if b == c => b,
            Mux => return self.simplify_mux(a, b, c),
            ShlBy { mask: m } => match kb? {
                k @ 0..64 => {
                    let wide = self.apply(Shl { by: k as u8 }, a, 0, 0);
                    self.apply(Slice { shift: 0, mask: m }, wide, 0, 0)
                }
                _ => self.constant(0),
            },
            ShrBy => match kb? {
                k @ 0..64 => self.apply(Slice { shift: k as u8, mask: !0 >> k }, a, 0, 0),
                _ => self.constant(0),
            },
            _ => return None,
        })
    }

    fn fits(&self, op: WordOp, w: Word) -> bool {
        match op {
            WordOp::Add { mask } | WordOp::Sub { mask } => self.bits(w) <= significant(mask),
            _ => true,
        }
    }

    fn simplify_mux(&mut self, a: Word, b: Word, c: Word) -> Option<Word> {
        use WordOp::*;
        if let Some(k) = self.value(a) {
            return Some(if k != 0 { b } else { c });
        }
        if let WordNode { op: Not { mask: 1 }, args, .. } = self.words[a as usize] {
            return Some(self.apply(Mux, args[0], c, b));
        }
        if let WordNode { op: Ne, args, .. } = self.words[a as usize] {
            let equal = self.apply(Eq, args[0], args[1], 0);
            return Some(self.apply(Mux, equal, c, b));
        }
        // What the other branch of the same question says does not matter.
        if let WordNode { op: Mux, args, .. } = self.words[c as usize]
            && args[0] == a
        {
            return Some(self.apply(Mux, a, b, args[2]));
        }
        if let WordNode { op: Mux, args, .. } = self.words[b as usize]
            && args[0] == a
        {
            return Some(self.apply(Mux, a, args[1], c));
        }
        match (self.value(b), self.value(c)) {
            (Some(1), Some(0)) if self.bits(a) == 1 => Some(a),
            (Some(0), Some(1)) if self.bits(a) == 1 => Some(self.apply(Not { mask: 1 }, a, 0, 0)),
            _ => None,
        }
    }

    /// One word of at most 64 bits from pieces.
    pub fn word(&mut self, value: &Bits) -> Word {
        let mut at = 0;
        let mut word: Option<Word> = None;
        for &Piece { node, lo, len } in value.pieces() {
            let part = self.apply(WordOp::Slice { shift: lo as u8, mask: mask(len) }, node, 0, 0);
            word = Some(match word {
                None => part,
                Some(low) => self.apply(WordOp::OrShl { by: at }, low, part, 0),
            });
            at += len as u8;
        }
        word.unwrap_or_else(|| self.constant(0))
    }
}

/// A quick hash for keys that nobody chooses to collide.
#[derive(Default)]
pub struct Mixer(u64);

impl Hasher for Mixer {
    fn finish(&self) -> u64 {
        self.0 ^ self.0 >> 29
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = (self.0.rotate_left(5) ^ value).wrapping_mul(0x517c_c1b7_2722_0a95);
    }

    fn write_u32(&mut self, value: u32) {
        self.write_u64(value.into());
    }

    fn write_u8(&mut self, value: u8) {
        self.write_u64(value.into());
    }

    fn write_isize(&mut self, value: isize) {
        self.write_u64(value as u64);
    }
}
