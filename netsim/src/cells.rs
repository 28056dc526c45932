//! Gathers operators into cells: what is computed together because it is needed together and changes together.
//!
//! A cell begins as a cone: a word, and what only that word needs. Cones that read the same are one cell, and so is a small
//! cone with the only one that it reads. None of this makes a ring of cells.

use crate::netlist::{Netlist, Word, WordOp};
use crate::program::{Cell, Work};
use crate::regions::{ROOT, RegionId, Regions};
use std::collections::HashMap;

/// A cone of more operators than this goes on in another.
const MAX_CONE: usize = 48;
/// A cell of up to this many operators may join the only one that it reads.
const SMALL: usize = 8;
/// A cell of this many operators takes in no more.
const MAX_CELL: usize = 96;
/// Joining goes on as long as it finds something, but no longer than this.
const ROUNDS: usize = 8;

type CellId = u32;
const NONE: CellId = CellId::MAX;

/// What a cell reads: words of another cell, or a place that keeps its value over the clock edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Source {
    Cell(CellId),
    /// Registers that change together, by the number of their cell.
    Registers(u32),
    Input(Word),
    Memory(u32),
}

/// Cells of all operators that somebody needs, in an order in which each comes after what it reads.
pub fn gather(netlist: &Netlist, regions: &mut Regions, takes: &[Cell]) -> Vec<Cell> {
    let order = order(netlist, regions);
    let mut g = Gatherer::new(netlist, regions, takes, &order);
    for _ in 0..ROUNDS {
        if !(g.join_equal() | g.join_small()) {
            break;
        }
    }
    g.finish(&order)
}

fn live(netlist: &Netlist, regions: &Regions, w: Word) -> bool {
    regions.of(w).is_some() && !netlist.words[w as usize].args().is_empty()
}

/// All live operators, each after its arguments and after the conditions of its region.
///
/// Where conditions wait for words of their own region, such a word is computed always: where the conditions do not hold
/// its value is of no meaning, and of no use to anybody.
fn order(netlist: &Netlist, regions: &mut Regions) -> Vec<Word> {
    let count = netlist.words.len();
    let mut waiting = vec![0u32; count];
    let mut users: Vec<Vec<Word>> = vec![Vec::new(); count];
    let mut conditions: HashMap<RegionId, Vec<Word>> = HashMap::new();
    let all: Vec<Word> = (0..count as Word).filter(|&w| live(netlist, regions, w)).collect();
    for &w in &all {
        let region = regions.of(w).unwrap_or(ROOT);
        let asked = conditions.entry(region).or_insert_with(|| {
            let asked = regions.path(region).into_iter().flatten().map(|l| l.0);
            asked.filter(|&a| live(netlist, regions, a)).collect()
        });
        for &a in netlist.words[w as usize].args().iter().filter(|&&a| live(netlist, regions, a)).chain(asked.iter()) {
            users[a as usize].push(w);
            waiting[w as usize] += 1;
        }
    }
    let mut done = vec![false; count];
    let mut ready: Vec<Word> = all.iter().copied().filter(|&w| waiting[w as usize] == 0).collect();
    ready.reverse();
    let mut order = Vec::with_capacity(all.len());
    let mut rest = all.iter().copied();
    loop {
        while let Some(w) = ready.pop() {
            if std::mem::replace(&mut done[w as usize], true) {
                continue;
            }
            order.push(w);
            for &user in &users[w as usize] {
                waiting[user as usize] -= 1;
                if waiting[user as usize] == 0 {
                    ready.push(user);
                }
            }
        }
        // Words are numbered after their arguments: the first that is left waits for conditions only.
        match rest.find(|&w| !done[w as usize]) {
            Some(w) => {
                regions.release(w);
                ready.push(w);
            }
            None => return order,
        }
    }
}

struct Gatherer<'n> {
    netlist: &'n Netlist,
    regions: &'n Regions,
    /// Cell of each word.
    of: Vec<CellId>,
    /// Region and number of operators of each cell.
    region: Vec<RegionId>,
    size: Vec<usize>,
    /// What each cell has become.
    joined: Vec<CellId>,
    /// What each cell reads.
    reads: Vec<Vec<Source>>,
}

impl<'n> Gatherer<'n> {
    fn new(netlist: &'n Netlist, regions: &'n Regions, takes: &[Cell], order: &[Word]) -> Self {
        let mut g = Gatherer {
            netlist,
            regions,
            of: vec![NONE; netlist.words.len()],
            region: Vec::new(),
            size: Vec::new(),
            joined: Vec::new(),
            reads: Vec::new(),
        };
        g.cones(order, takes);
        g.find_reads(order, takes);
        g
    }

    /// Puts each word into the cell of its users if they are all in one, else into a cell of its own.
    fn cones(&mut self, order: &[Word], takes: &[Cell]) {
        // Cell of all users so far; words that somebody else reads have none.
        let mut user = vec![None; self.netlist.words.len()];
        let mut read = |w: Word| user[w as usize] = Some(NONE);
        for cell in takes {
            cell.path.iter().flatten().for_each(|l| read(l.0));
            if let Work::Take(moves) = &cell.work {
                moves.iter().for_each(|m| read(m.1));
            }
        }
        for w in &self.netlist.writes {
            [Some(w.address), Some(w.data), w.enable, w.mask].into_iter().flatten().for_each(&mut read);
        }
        for value in self.netlist.outputs() {
            value.pieces().iter().for_each(|p| read(p.node));
        }
        for region in 0..self.regions.count() as RegionId {
            self.regions.literals(region).iter().for_each(|l| read(l.0));
        }
        for &w in order.iter().rev() {
            let region = self.regions.of(w).unwrap_or(ROOT);
            let cell = match user[w as usize] {
                Some(c) if c != NONE && self.region[c as usize] == region && self.size[c as usize] < MAX_CONE => c,
                _ => {
                    self.region.push(region);
                    self.size.push(0);
                    (self.region.len() - 1) as CellId
                }
            };
            self.of[w as usize] = cell;
            self.size[cell as usize] += 1;
            for &a in self.netlist.words[w as usize].args() {
                let user = &mut user[a as usize];
                *user = Some(if user.is_none_or(|u| u == cell) { cell } else { NONE });
            }
        }
        self.joined = (0..self.region.len() as CellId).collect();
    }

    fn find_reads(&mut self, order: &[Word], takes: &[Cell]) {
        let mut registers = HashMap::new();
        for (i, cell) in takes.iter().enumerate() {
            if let Work::Take(moves) = &cell.work {
                registers.extend(moves.iter().map(|m| (m.0, i as u32)));
            }
        }
        self.reads = vec![Vec::new(); self.region.len()];
        let source = |of: &[CellId], w: Word| match self.netlist.op(w) {
            WordOp::Const(_) => None,
            WordOp::Input { .. } => Some(Source::Input(w)),
            WordOp::Register(_) => registers.get(&w).map(|&r| Source::Registers(r)),
            _ => Some(Source::Cell(of[w as usize])),
        };
        let mut asked = vec![false; self.region.len()];
        for &w in order {
            let cell = self.of[w as usize] as usize;
            let node = &self.netlist.words[w as usize];
            self.reads[cell].extend(node.args().iter().filter_map(|&a| source(&self.of, a)));
            if let WordOp::Read { memory, .. } = node.op {
                self.reads[cell].push(Source::Memory(memory));
            }
            if !std::mem::replace(&mut asked[cell], true) {
                let literals = self.regions.path(self.region[cell]);
                self.reads[cell].extend(literals.iter().flatten().filter_map(|l| source(&self.of, l.0)));
            }
        }
        self.refresh();
    }

    fn find(&self, mut cell: CellId) -> CellId {
        while self.joined[cell as usize] != cell {
            cell = self.joined[cell as usize];
        }
        cell
    }

    fn join(&mut self, cell: CellId, into: CellId) {
        self.joined[cell as usize] = into;
        self.size[into as usize] += self.size[cell as usize];
        let reads = std::mem::take(&mut self.reads[cell as usize]);
        self.reads[into as usize].extend(reads);
    }

    /// Brings what cells read up to date with what has joined.
    fn refresh(&mut self) {
        let mut reads = std::mem::take(&mut self.reads);
        for (cell, reads) in reads.iter_mut().enumerate() {
            for source in reads.iter_mut() {
                if let Source::Cell(c) = source {
                    *c = self.find(*c);
                }
            }
            reads.retain(|&s| s != Source::Cell(cell as CellId));
            reads.sort_unstable();
            reads.dedup();
        }
        self.reads = reads;
    }

    fn cells(&self) -> impl Iterator<Item = CellId> + use<> {
        let own: Vec<CellId> = (0..self.joined.len() as CellId).filter(|&c| self.joined[c as usize] == c).collect();
        own.into_iter()
    }

    /// Joins cells of one region that read the same. None of them can read the other: it would read itself then.
    fn join_equal(&mut self) -> bool {
        let mut known: HashMap<(RegionId, Vec<Source>), CellId> = HashMap::new();
        let mut pairs = Vec::new();
        let mut size = self.size.clone();
        for cell in self.cells() {
            let at = cell as usize;
            let key = (self.region[at], self.reads[at].clone());
            match known.get(&key) {
                Some(&first) if size[first as usize] + size[at] <= MAX_CELL => {
                    size[first as usize] += size[at];
                    pairs.push((cell, first));
                }
                _ => {
                    known.insert(key, cell);
                }
            }
        }
        pairs.iter().for_each(|&(cell, into)| self.join(cell, into));
        self.refresh();
        !pairs.is_empty()
    }

    /// Joins small cells with the only cell that they read, if that is of the same region.
    fn join_small(&mut self) -> bool {
        let mut found = false;
        for cell in self.cells() {
            let at = cell as usize;
            if self.size[at] > SMALL {
                continue;
            }
            let region = self.region[at];
            let asked: Vec<CellId> = self.regions.path(region).iter().flatten().map(|l| self.of[l.0 as usize]).collect();
            let asked: Vec<CellId> = asked.into_iter().filter(|&c| c != NONE).map(|c| self.find(c)).collect();
            let mut only = None;
            let mut several = false;
            for source in &self.reads[at] {
                if let Source::Cell(c) = *source {
                    let c = self.find(c);
                    if !asked.contains(&c) {
                        several |= only.is_some_and(|o| o != c);
                        only = Some(c);
                    }
                }
            }
            if let (Some(only), false) = (only, several)
                && only != cell
                && self.region[only as usize] == region
                && self.size[only as usize] + self.size[at] <= MAX_CELL
            {
                self.join(cell, only);
                found = true;
            }
        }
        self.refresh();
        found
    }

    /// The cells, each after those that it reads, close to its readers.
    fn finish(self, order: &[Word]) -> Vec<Cell> {
        let mut ops: Vec<Vec<Word>> = vec![Vec::new(); self.joined.len()];
        for &w in order {
            ops[self.find(self.of[w as usize]) as usize].push(w);
        }
        let mut out = Vec::new();
        let mut seen = vec![false; self.joined.len()];
        let mut stack: Vec<(CellId, usize)> = Vec::new();
        for first in self.cells() {
            if !std::mem::replace(&mut seen[first as usize], true) {
                stack.push((first, 0));
            }
            while let Some((cell, next)) = stack.pop() {
                match self.reads[cell as usize].get(next) {
                    Some(source) => {
                        stack.push((cell, next + 1));
                        if let Source::Cell(c) = *source
                            && !std::mem::replace(&mut seen[c as usize], true)
                        {
                            stack.push((c, 0));
                        }
                    }
                    None => {
                        let ops = std::mem::take(&mut ops[cell as usize]);
                        out.push(Cell { path: self.regions.path(self.region[cell as usize]), work: Work::Compute(ops) });
                    }
                }
            }
        }
        out
    }
}
