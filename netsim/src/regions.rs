//! Guarded cones: logic that is needed only under a condition is put under that condition.
//!
//! A region is a condition inside another region; the root always runs. A word belongs to the smallest region that
//! covers all its uses:
//!
//! ```text
//! root ── r1: e1 ── r2: s        register under e1: its next value is in r1; the branch of a
//!      └─ r3: e1 or e2           multiplexer there that needs s is in r2; what registers under
//!                                e1 and e2 share is in r3
//! ```
//! A word of a region that does not run keeps an old value. Nobody who matters looks: a multiplexer ignores the branch
//! it does not take, a register without its enable takes over nothing.

use crate::netlist::{Netlist, Word, WordOp};
use crate::program::{Literal, Path};
use std::collections::HashMap;

pub type RegionId = u32;
pub const ROOT: RegionId = 0;

/// More conditions than this for one region cost more to ask than they save.
const MAX_LITERALS: usize = 4;
/// A condition that guards this many other uses is asked first, so that what it is combined with can wait.
const SHARED_CONDITION: u32 = 8;
/// A region of fewer operators than this is computed without asking.
const MIN_REGION: usize = 3;

struct Region {
    parent: RegionId,
    depth: u32,
    /// Holds when any of them does; sorted.
    literals: Vec<Literal>,
}

pub struct Regions {
    regions: Vec<Region>,
    known: HashMap<(RegionId, Vec<Literal>), RegionId>,
    /// Region of each word; none if nothing needs it.
    of: Vec<Option<RegionId>>,
    uses: Vec<u32>,
}

impl Regions {
    /// Assigns every word of the netlist to its region.
    pub fn new(netlist: &Netlist) -> Regions {
        let root = Region { parent: ROOT, depth: 0, literals: Vec::new() };
        let mut r = Regions {
            regions: vec![root],
            known: HashMap::new(),
            of: vec![None; netlist.words.len()],
            uses: vec![0; netlist.words.len()],
        };
        r.count_uses(netlist);
        r.roots(netlist);
        // Uses come after what they use, so each word's region is final when it is reached.
        for w in (0..netlist.words.len() as Word).rev() {
            if let Some(region) = r.of[w as usize] {
                r.arguments(netlist, w, region);
            }
        }
        r.merge_small(netlist);
        r
    }

    pub fn of(&self, word: Word) -> Option<RegionId> {
        self.of[word as usize]
    }

    /// Computes a word always.
    pub fn release(&mut self, word: Word) {
        self.of[word as usize] = Some(ROOT);
    }

    pub fn parent(&self, region: RegionId) -> RegionId {
        self.regions[region as usize].parent
    }

    pub fn literals(&self, region: RegionId) -> &[Literal] {
        &self.regions[region as usize].literals
    }

    pub fn path(&self, region: RegionId) -> Path {
        self.path_from(ROOT, region)
    }

    /// Whether a region is another one, or around it.
    pub fn is_around(&self, outer: RegionId, mut inner: RegionId) -> bool {
        while self.regions[inner as usize].depth > self.regions[outer as usize].depth {
            inner = self.parent(inner);
        }
        inner == outer
    }

    /// The smallest region around two.
    pub fn around_both(&self, mut a: RegionId, b: RegionId) -> RegionId {
        while !self.is_around(a, b) {
            a = self.parent(a);
        }
        a
    }

    /// The conditions of a region inside another one around it.
    pub fn path_from(&self, outer: RegionId, mut region: RegionId) -> Path {
        let mut path = Vec::new();
        while region != outer && region != ROOT {
            path.push(self.literals(region).to_vec());
            region = self.parent(region);
        }
        path.reverse();
        path
    }

    /// Region in which a one-bit word is known to be 1, seen from the root: its shared parts are asked first.
    pub fn under(&mut self, netlist: &Netlist, condition: Word) -> RegionId {
        self.under_in(netlist, ROOT, condition)
    }

    fn under_in(&mut self, netlist: &Netlist, region: RegionId, condition: Word) -> RegionId {
        if let Some((first, second)) = self.ordered_and(netlist, condition) {
            let outer = self.under_in(netlist, region, first);
            return self.under_in(netlist, outer, second);
        }
        self.child(region, vec![(condition, true)])
    }

    fn child(&mut self, parent: RegionId, literals: Vec<Literal>) -> RegionId {
        if literals.is_empty() {
            return parent;
        }
        // The same condition again says nothing new.
        let mut at = parent;
        while at != ROOT {
            if self.literals(at) == literals {
                return parent;
            }
            at = self.parent(at);
        }
        let key = (parent, literals);
        if let Some(&known) = self.known.get(&key) {
            return known;
        }
        let id = self.regions.len() as RegionId;
        let depth = self.regions[parent as usize].depth + 1;
        self.regions.push(Region { parent, depth, literals: key.1.clone() });
        self.known.insert(key, id);
        id
    }

    /// Both sides of a one-bit `and` whose first is worth asking before the second is computed.
    fn ordered_and(&self, netlist: &Netlist, w: Word) -> Option<(Word, Word)> {
        let node = netlist.words[w as usize];
        if node.op != WordOp::And || node.bits != 1 {
            return None;
        }
        let [mut x, mut y, _] = node.args;
        if self.uses[y as usize] > self.uses[x as usize] {
            (x, y) = (y, x);
        }
        (self.uses[x as usize] >= SHARED_CONDITION && netlist.bits(x) == 1 && netlist.bits(y) == 1).then_some((x, y))
    }

    fn count_uses(&mut self, netlist: &Netlist) {
        for node in &netlist.words {
            for &a in node.args() {
                self.uses[a as usize] += 1;
            }
        }
        for r in &netlist.registers {
            if let Some(e) = r.enable {
                self.uses[e as usize] += SHARED_CONDITION;
            }
        }
    }

    fn roots(&mut self, netlist: &Netlist) {
        for value in netlist.outputs() {
            for p in value.pieces() {
                self.need(p.node, ROOT);
            }
        }
        for r in &netlist.registers {
            let region = match r.enable {
                None => ROOT,
                Some(e) if netlist.value(e).is_some() => continue,
                Some(e) => {
                    self.need(e, ROOT);
                    self.under(netlist, e)
                }
            };
            self.need(r.next, region);
        }
        for w in &netlist.writes {
            let region = match w.enable {
                None => ROOT,
                Some(e) => {
                    self.need(e, ROOT);
                    self.under(netlist, e)
                }
            };
            self.need(w.address, region);
            self.need(w.data, region);
            if let Some(m) = w.mask {
                self.need(m, region);
            }
        }
    }

    fn need(&mut self, word: Word, region: RegionId) {
        let joined = match self.of[word as usize] {
            None => region,
            Some(old) => self.join(old, region),
        };
        self.of[word as usize] = Some(joined);
    }

    /// Smallest region that runs whenever one of the two does.
    fn join(&mut self, mut a: RegionId, mut b: RegionId) -> RegionId {
        if a == b {
            return a;
        }
        let (first, second) = (a, b);
        let (mut below_a, mut below_b) = (a, b);
        while a != b {
            if self.regions[a as usize].depth >= self.regions[b as usize].depth {
                below_a = a;
                a = self.parent(a);
            } else {
                below_b = b;
                b = self.parent(b);
            }
        }
        // One is above the other.
        if a == first || a == second {
            return a;
        }
        if below_a == first && below_b == a || below_b == second && below_a == a {
            return a;
        }
        let mut literals = self.literals(below_a).to_vec();
        literals.extend(self.literals(below_b));
        literals.sort_unstable();
        literals.dedup();
        let both = literals.windows(2).any(|l| l[0].0 == l[1].0);
        if both || literals.len() > MAX_LITERALS { a } else { self.child(a, literals) }
    }

    fn arguments(&mut self, netlist: &Netlist, w: Word, region: RegionId) {
        let node = netlist.words[w as usize];
        if node.op == WordOp::Mux {
            let [condition, then, otherwise] = node.args;
            self.need(condition, region);
            for (branch, sense) in [(then, true), (otherwise, false)] {
                // A chain of questions stays together; each answer hangs on its own question.
                let chain = !sense && netlist.op(branch) == WordOp::Mux;
                let inner = if chain { region } else { self.child(region, vec![(condition, sense)]) };
                self.need(branch, inner);
            }
        } else if let Some((first, second)) = self.ordered_and(netlist, w) {
            self.need(first, region);
            let inner = self.child(region, vec![(first, true)]);
            self.need(second, inner);
        } else {
            for &a in node.args() {
                self.need(a, region);
            }
        }
    }

    /// Moves what is in small regions one level up, again and again from the inside out.
    fn merge_small(&mut self, netlist: &Netlist) {
        let mut sizes = vec![0; self.regions.len()];
        for (w, region) in self.of.iter().enumerate() {
            if let Some(region) = region
                && !netlist.words[w].args().is_empty()
            {
                sizes[*region as usize] += 1;
            }
        }
        let mut order: Vec<usize> = (1..self.regions.len()).collect();
        order.sort_by_key(|&r| std::cmp::Reverse(self.regions[r].depth));
        let mut target: Vec<RegionId> = (0..self.regions.len() as RegionId).collect();
        for r in order {
            if sizes[r] < MIN_REGION {
                let parent = self.regions[r].parent;
                sizes[parent as usize] += sizes[r];
                target[r] = parent;
            }
        }
        // Parents have smaller numbers than their children, so one pass finds the final place.
        for r in 1..target.len() {
            target[r] = if target[r] == r as RegionId { target[r] } else { target[target[r] as usize] };
        }
        for region in self.of.iter_mut().flatten() {
            *region = target[*region as usize];
        }
    }
}
