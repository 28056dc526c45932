//! Gathers operators into cells: what is computed together because it is needed together and changes together.
//!
//! A cell begins as a cone: a word, and what only that word needs, some of it under conditions of its own. Then cells
//! join where that makes no ring of cells: those that read the same; a small one with the only one that it reads or
//! that reads it; and, as far as they read much the same, those that nobody reads but registers.

use crate::design::ScopeId;
use crate::netlist::{Netlist, Word, WordOp, WordWrite};
use crate::program::{Cell, Path, Segment, Work};
use crate::regions::{ROOT, RegionId, Regions};
use std::collections::{BTreeMap, HashMap};

/// A cone of more operators than this goes on in another.
const MAX_CONE: usize = 48;
/// A cell of up to this many operators may join the only one that it reads.
const SMALL: usize = 8;
/// A cell of this many operators takes in no more.
const MAX_CELL: usize = 96;
/// A cell of one instance has no more operators than this.
const MAX_UNIT: usize = 64;
/// Cells of an instance that another one of it is tried with.
const TRIED: usize = 6;
/// Looking for a ring ends here, as if there were one.
const MAX_STEPS: usize = 4000;
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
pub fn gather(netlist: &Netlist, regions: &mut Regions, takes: &[Cell], units: &[ScopeId]) -> Vec<Cell> {
    let order = order(netlist, regions);
    let mut g = Gatherer::new(netlist, regions, takes, &order);
    for _ in 0..ROUNDS {
        if !(g.join_equal() | g.join_small() | g.join_only_reader() | g.join_leaves()) {
            break;
        }
    }
    g.join_units(units);
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
    /// Cells of which somebody but cells and registers needs a value: before the clock edge in any case.
    early: Vec<bool>,
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
            early: Vec::new(),
        };
        g.cones(order, takes);
        g.find_reads(order, takes);
        g
    }

    /// Puts each word into the cell of its users if they are all in one, else into a cell of its own.
    fn cones(&mut self, order: &[Word], takes: &[Cell]) {
        // Cell of all users so far; words that somebody else reads have none.
        let mut user = vec![None; self.netlist.words.len()];
        let mut early = vec![false; self.netlist.words.len()];
        let mut read = |w: Word, before_edge: bool| {
            user[w as usize] = Some(NONE);
            early[w as usize] |= before_edge;
        };
        for taking in takes.iter().flat_map(|c| c.takings()) {
            taking.path.iter().flatten().for_each(|l| read(l.0, true));
            taking.moves.iter().for_each(|m| read(m.1, false));
        }
        self.netlist.writes.iter().flat_map(WordWrite::words).for_each(|w| read(w, true));
        self.netlist.outputs().flat_map(|v| v.pieces()).for_each(|p| read(p.node, true));
        for &w in order.iter().rev() {
            let region = self.regions.of(w).unwrap_or(ROOT);
            let cell = match user[w as usize] {
                Some(c) if c != NONE && self.size[c as usize] < MAX_CONE => c,
                _ => {
                    self.region.push(region);
                    self.size.push(0);
                    self.early.push(false);
                    (self.region.len() - 1) as CellId
                }
            };
            self.of[w as usize] = cell;
            self.size[cell as usize] += 1;
            self.early[cell as usize] |= early[w as usize];
            for &a in self.netlist.words[w as usize].args() {
                let user = &mut user[a as usize];
                *user = Some(if user.is_none_or(|u| u == cell) { cell } else { NONE });
            }
            // The cell's own conditions are asked before anything in it is computed.
            for l in self.regions.path(self.region[cell as usize]).iter().flatten() {
                user[l.0 as usize] = Some(NONE);
            }
            for l in self.inner_path(cell, w).iter().flatten() {
                let user = &mut user[l.0 as usize];
                *user = Some(if user.is_none_or(|u| u == cell) { cell } else { NONE });
            }
        }
        self.joined = (0..self.region.len() as CellId).collect();
    }

    /// Conditions of a word inside those of its cell.
    fn inner_path(&self, cell: CellId, w: Word) -> Path {
        let (outer, region) = (self.region[cell as usize], self.regions.of(w).unwrap_or(ROOT));
        if self.regions.is_around(outer, region) { self.regions.path_from(outer, region) } else { Path::new() }
    }

    fn find_reads(&mut self, order: &[Word], takes: &[Cell]) {
        let mut registers = HashMap::new();
        for (i, cell) in takes.iter().enumerate() {
            registers.extend(cell.takings().iter().flat_map(|t| &t.moves).map(|m| (m.0, i as u32)));
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
            let mut literals = self.inner_path(cell as CellId, w);
            if !std::mem::replace(&mut asked[cell], true) {
                literals.extend(self.regions.path(self.region[cell]));
            }
            self.reads[cell].extend(literals.iter().flatten().filter_map(|l| source(&self.of, l.0)));
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
        self.early[into as usize] |= self.early[cell as usize];
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
        let late = self.late();
        let mut known: HashMap<(RegionId, bool, Vec<Source>), CellId> = HashMap::new();
        let mut pairs = Vec::new();
        let mut size = self.size.clone();
        for cell in self.cells() {
            let at = cell as usize;
            let key = (self.region[at], late[at], self.reads[at].clone());
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

    /// Cells whose words a region's conditions ask.
    fn asked(&self, region: RegionId) -> Vec<CellId> {
        let cells = self.regions.path(region).into_iter().flatten().map(|l| self.of[l.0 as usize]);
        cells.filter(|&c| c != NONE).map(|c| self.find(c)).collect()
    }

    /// Joins small cells with the only cell that they read. What both are asked first does not count.
    fn join_small(&mut self) -> bool {
        let late = self.late();
        let mut found = false;
        for cell in self.cells() {
            let at = cell as usize;
            if self.size[at] > SMALL || late[at] {
                continue;
            }
            let mut read: Vec<CellId> = Vec::new();
            for source in &self.reads[at] {
                if let Source::Cell(c) = *source {
                    read.push(self.find(c));
                }
            }
            read.sort_unstable();
            read.dedup();
            if read.len() > 4 {
                continue;
            }
            let only = read.iter().copied().find(|&c| {
                let region = self.region[c as usize];
                let fits = self.size[c as usize] + self.size[at] <= MAX_CELL;
                if c == cell || !fits || !self.regions.is_around(region, self.region[at]) {
                    return false;
                }
                let asked = self.asked(region);
                read.iter().all(|o| *o == c || asked.contains(o))
            });
            if let Some(only) = only {
                self.join(cell, only);
                found = true;
            }
        }
        self.refresh();
        found
    }

    /// Cells that read each cell.
    fn readers(&self) -> Vec<Vec<CellId>> {
        let mut readers = vec![Vec::new(); self.joined.len()];
        for cell in self.cells() {
            for source in &self.reads[cell as usize] {
                if let Source::Cell(c) = *source {
                    readers[c as usize].push(cell);
                }
            }
        }
        readers
    }

    /// Whether only registers need what a cell computes: it can wait for the clock edge. Such cells stay apart from others.
    fn late(&self) -> Vec<bool> {
        self.readers().iter().zip(&self.early).map(|(readers, early)| readers.is_empty() && !early).collect()
    }

    /// Joins small cells with the only cell that reads them.
    fn join_only_reader(&mut self) -> bool {
        let readers = self.readers();
        let mut found = false;
        for cell in self.cells() {
            if let [reader] = readers[cell as usize][..]
                && self.size[cell as usize] <= SMALL
            {
                let into = self.find(reader);
                // Registers and memories may read the cell, too, where the reader's conditions do not hold; and a cell whose value
                // those conditions ask comes before them.
                let late = readers[into as usize].is_empty() && !self.early[into as usize];
                if into != cell
                    && !(late && self.early[cell as usize])
                    && self.regions.is_around(self.region[into as usize], self.region[cell as usize])
                    && self.size[into as usize] + self.size[cell as usize] <= MAX_CELL
                    && !self.asked(self.region[into as usize]).contains(&cell)
                {
                    self.join(cell, into);
                    found = true;
                }
            }
        }
        self.refresh();
        found
    }

    /// Joins cells that only registers read, where they read much the same.
    fn join_leaves(&mut self) -> bool {
        let readers = self.readers();
        let mut leaves: Vec<CellId> = self.cells().filter(|&c| readers[c as usize].is_empty()).collect();
        leaves.sort_by(|&a, &b| {
            let key = |c: CellId| (self.region[c as usize], &self.reads[c as usize]);
            key(a).cmp(&key(b))
        });
        let mut found = false;
        let mut into = None;
        for cell in leaves {
            match into {
                Some(first) if self.similar(first, cell) => {
                    self.join(cell, first);
                    self.reads[first as usize].sort_unstable();
                    self.reads[first as usize].dedup();
                    found = true;
                }
                _ => into = Some(cell),
            }
        }
        self.refresh();
        found
    }

    /// Whether two cells of one region read much the same.
    fn similar(&self, a: CellId, b: CellId) -> bool {
        let (i, j) = (a as usize, b as usize);
        if self.region[i] != self.region[j] || self.early[i] != self.early[j] || self.size[i] + self.size[j] > MAX_CELL
        {
            return false;
        }
        let both = self.reads[j].iter().filter(|s| self.reads[i].contains(s)).count();
        let all = self.reads[i].len() + self.reads[j].len() - both;
        2 * both >= all
    }

    /// Joins what works in one instance, as far as no ring arises: it wakes together.
    fn join_units(&mut self, units: &[ScopeId]) {
        let late = self.late();
        let mut of_unit: BTreeMap<(ScopeId, bool), Vec<CellId>> = BTreeMap::new();
        let mut seen = vec![false; self.joined.len()];
        for w in (0..self.of.len()).filter(|&w| self.of[w] != NONE) {
            let cell = self.find(self.of[w]);
            if !std::mem::replace(&mut seen[cell as usize], true) {
                of_unit.entry((units[self.netlist.homes[w]], late[cell as usize])).or_default().push(cell);
            }
        }
        let mut stamps = vec![0; self.joined.len()];
        let mut stamp = 0;
        for cells in of_unit.values() {
            let mut open: Vec<CellId> = Vec::new();
            for &cell in cells {
                let at = cell as usize;
                let found = open.iter().rev().take(TRIED).copied().find(|&into| {
                    stamp += 2;
                    self.size[into as usize] + self.size[at] <= MAX_UNIT
                        && !self.reads_around(into, cell, &mut stamps, stamp)
                        && !self.reads_around(cell, into, &mut stamps, stamp + 1)
                });
                match found {
                    Some(into) => {
                        self.region[into as usize] =
                            self.regions.around_both(self.region[into as usize], self.region[at]);
                        self.join(cell, into);
                    }
                    None => open.push(cell),
                }
            }
        }
        self.refresh();
    }

    /// Whether a cell reads another one by way of a third.
    fn reads_around(&self, reader: CellId, read: CellId, stamps: &mut [usize], stamp: usize) -> bool {
        let mut stack = vec![reader];
        let mut steps = 0;
        while let Some(cell) = stack.pop() {
            for source in &self.reads[cell as usize] {
                let Source::Cell(c) = *source else { continue };
                let c = self.find(c);
                if c == read && cell != reader {
                    return true;
                }
                if c != read && c != reader && stamps[c as usize] != stamp {
                    stamps[c as usize] = stamp;
                    stack.push(c);
                }
            }
            steps += 1;
            if steps > MAX_STEPS {
                return true;
            }
        }
        false
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
                        let segments = self.segments(cell, &ops[cell as usize]);
                        let work = Work::Compute { segments, takings: Vec::new() };
                        out.push(Cell { path: self.regions.path(self.region[cell as usize]), work });
                    }
                }
            }
        }
        out
    }

    /// Puts the operators of a cell in an order in which its inner conditions are asked seldom.
    fn segments(&self, cell: CellId, ops: &[Word]) -> Vec<Segment> {
        let paths: Vec<Path> = ops.iter().map(|&w| self.inner_path(cell, w)).collect();
        let place: HashMap<Word, usize> = ops.iter().enumerate().map(|(i, &w)| (w, i)).collect();
        let needs = |i: usize| {
            let literals = paths[i].iter().flatten().map(|l| l.0);
            let args = self.netlist.words[ops[i] as usize].args().iter().copied();
            args.chain(literals).filter_map(|w| place.get(&w).copied()).collect::<Vec<usize>>()
        };
        let needs: Vec<Vec<usize>> = (0..ops.len()).map(needs).collect();
        let mut left: Vec<usize> = (0..ops.len()).collect();
        let mut done = vec![false; ops.len()];
        let mut segments: Vec<Segment> = Vec::new();
        let mut path = Path::new();
        while !left.is_empty() {
            let mut chosen = Vec::new();
            left.retain(|&i| {
                let ready = paths[i] == path && needs[i].iter().all(|&n| done[n]);
                if ready {
                    done[i] = true;
                    chosen.push(ops[i]);
                }
                !ready
            });
            if !chosen.is_empty() {
                match segments.last_mut() {
                    Some(last) if last.path == path => last.ops.extend(chosen),
                    _ => segments.push(Segment { path: path.clone(), ops: chosen }),
                }
            }
            // Outer conditions first: what is under them may be needed in many places.
            let ready = left.iter().filter(|&&i| needs[i].iter().all(|&n| done[n]));
            match ready.min_by_key(|&&i| paths[i].len()) {
                Some(&i) => path = paths[i].clone(),
                None => break,
            }
        }
        segments
    }
}
