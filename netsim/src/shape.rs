//! The shape of a cell: what it does, apart from where its values are. Cells of one shape share their code, as the many
//! equal instances of an array do, so that a processor's cache holds the code of all that is awake.

use crate::netlist::{Word, WordOp, WordWrite};
use crate::program::{Cell, Flags, Path, Program, Work};
use std::collections::HashMap;
use std::ops::Range;

/// A value as a cell sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Name {
    Constant(u64),
    /// Computed in the cell, by number.
    Own(u32),
    /// In the state, by number of the place.
    Place(u32),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Step {
    Condition(Vec<(Name, bool)>),
    /// End of the path.
    Begin,
    /// Operator, arguments with their bits, place and which flags.
    Operator(WordOp, Vec<(Name, u8)>, Option<(Name, Range<usize>)>),
    Memory {
        place: u32,
        stride: usize,
        depth: usize,
        flags: Range<usize>,
    },
    Take {
        register: Name,
        next: Name,
        flags: Range<usize>,
    },
    Write {
        limb: u32,
        names: Vec<Option<(Name, u8)>>,
    },
}

/// What two cells have in common that can share their code.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Shape(Vec<Step>);

/// What a cell has of its own.
#[derive(Debug, Default)]
pub struct Places {
    /// Index in the state of each place.
    pub indices: Vec<usize>,
    pub of_word: HashMap<Word, u32>,
    pub of_memory: HashMap<u32, u32>,
    /// Flags that the cell raises, and which of them for each word and each memory. The same cells to wake are the same
    /// range.
    pub flags: Flags,
    pub word_flags: HashMap<Word, Range<usize>>,
    pub memory_flags: HashMap<u32, Range<usize>>,
}

/// Splits a cell into its shape and its places.
pub fn shape(program: &Program, cell: &Cell, outputs: &[bool]) -> (Shape, Places) {
    let mut s = Shaper {
        program,
        outputs,
        own: HashMap::new(),
        known: HashMap::new(),
        shape: Shape::default(),
        places: Places::default(),
    };
    s.path(&cell.path);
    match &cell.work {
        Work::Compute { segments, takings } => {
            for segment in segments {
                s.path(&segment.path);
                segment.ops.iter().for_each(|&w| s.operator(w));
            }
            for taking in takings {
                s.path(&taking.path);
                for &(register, next) in &taking.moves {
                    let (next, register_name) = (s.name(next), s.name(register));
                    let flags = s.word_flags(register);
                    s.shape.0.push(Step::Take { register: register_name, next, flags });
                }
            }
        }
        Work::Write(writes) => writes.iter().for_each(|w| s.write(w)),
    }
    (s.shape, s.places)
}

struct Shaper<'p> {
    program: &'p Program,
    outputs: &'p [bool],
    own: HashMap<Word, u32>,
    /// Flags that were met before.
    known: HashMap<&'p Flags, Range<usize>>,
    shape: Shape,
    places: Places,
}

impl<'p> Shaper<'p> {
    fn name(&mut self, w: Word) -> Name {
        if let WordOp::Const(value) = self.program.nodes[w as usize].op {
            return Name::Constant(value);
        }
        match self.own.get(&w) {
            Some(&own) => Name::Own(own),
            None => self.place(w),
        }
    }

    fn place(&mut self, w: Word) -> Name {
        let indices = &mut self.places.indices;
        Name::Place(*self.places.of_word.entry(w).or_insert_with(|| {
            indices.push(w as usize);
            (indices.len() - 1) as u32
        }))
    }

    fn with_bits(&mut self, w: Word) -> (Name, u8) {
        (self.name(w), self.program.nodes[w as usize].bits)
    }

    fn path(&mut self, path: &Path) {
        for condition in path {
            let names = condition.iter().map(|&(w, sense)| (self.name(w), sense)).collect();
            self.shape.0.push(Step::Condition(names));
        }
        self.shape.0.push(Step::Begin);
    }

    fn flags(&mut self, flags: &'p Flags) -> Range<usize> {
        let all = &mut self.places.flags;
        let add = || {
            all.extend(flags);
            all.len() - flags.len()..all.len()
        };
        self.known.entry(flags).or_insert_with(add).clone()
    }

    fn word_flags(&mut self, w: Word) -> Range<usize> {
        let flags = self.flags(&self.program.readers[w as usize]);
        self.places.word_flags.insert(w, flags.clone());
        flags
    }

    fn memory(&mut self, memory: u32) {
        let layout = self.program.memories[memory as usize];
        let known = self.places.of_memory.get(&memory).copied();
        let place = known.unwrap_or_else(|| {
            self.places.indices.push(layout.base);
            let place = (self.places.indices.len() - 1) as u32;
            self.places.of_memory.insert(memory, place);
            place
        });
        let flags = self.flags(&self.program.memory_readers[memory as usize]);
        self.places.memory_flags.insert(memory, flags.clone());
        self.shape.0.push(Step::Memory { place, stride: layout.stride, depth: layout.depth, flags });
    }

    fn operator(&mut self, w: Word) {
        let node = self.program.nodes[w as usize];
        let args = node.args().iter().map(|&a| self.with_bits(a)).collect();
        let op = match node.op {
            WordOp::Read { memory, limb } => {
                self.memory(memory);
                WordOp::Read { memory: 0, limb }
            }
            op => op,
        };
        let kept = !self.program.readers[w as usize].is_empty() || self.outputs[w as usize];
        let stored = kept.then(|| (self.place(w), self.word_flags(w)));
        self.shape.0.push(Step::Operator(op, args, stored));
        let number = self.own.len() as u32;
        self.own.insert(w, number);
    }

    fn write(&mut self, w: &WordWrite) {
        self.memory(w.memory);
        let words = [Some(w.address), Some(w.data), w.enable, w.mask];
        let names = words.into_iter().map(|w| w.map(|w| self.with_bits(w))).collect();
        self.shape.0.push(Step::Write { limb: w.limb, names });
    }
}
