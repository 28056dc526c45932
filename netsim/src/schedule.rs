//! Puts the operators in an order in which every condition is asked seldom.

use crate::enable;
use crate::netlist::{Netlist, Word, WordOp};
use crate::program::{Group, Literal, Path, Program, Segment};
use crate::regions::{ROOT, RegionId, Regions};
use std::collections::{BTreeMap, BTreeSet};

/// Makes a program of a netlist.
pub fn plan(netlist: &mut Netlist) -> Program {
    enable::infer(netlist);
    stage(netlist);
    let mut regions = Regions::new(netlist);
    let groups = groups(netlist, &mut regions);
    let segments = Scheduler::new(netlist, &regions).run();
    Program::new(netlist, segments, groups)
}

/// Registers change one after the other: what one takes over or asks at the edge must not be another's value.
fn stage(netlist: &mut Netlist) {
    for i in 0..netlist.registers.len() {
        let r = netlist.registers[i];
        if matches!(netlist.op(r.next), WordOp::Register(_)) {
            netlist.registers[i].next = netlist.copy(r.next);
        }
        if let Some(e) = r.enable
            && matches!(netlist.op(e), WordOp::Register(_))
        {
            netlist.registers[i].enable = Some(netlist.copy(e));
        }
    }
}

/// Registers by the condition under which they change.
fn groups(netlist: &Netlist, regions: &mut Regions) -> Vec<Group> {
    let mut groups: BTreeMap<Path, Vec<(Word, Word)>> = BTreeMap::new();
    for r in &netlist.registers {
        let path = match r.enable {
            None => Path::new(),
            Some(e) if netlist.value(e).is_some() => continue,
            Some(e) => {
                let region = regions.under(netlist, e);
                let mut path = regions.path(region);
                // A register in a condition may have changed already; the whole condition was computed before.
                let register = |l: &Literal| matches!(netlist.op(l.0), WordOp::Register(_));
                if let Some(at) = path.iter().position(|c| c.iter().any(register)) {
                    path.truncate(at);
                    path.push(vec![(e, true)]);
                }
                path
            }
        };
        groups.entry(path).or_default().push((r.value, r.next));
    }
    groups.into_iter().map(|(path, moves)| Group { path, moves }).collect()
}

/// List scheduling: the root as far as it goes, then the region that is most complete, until all is done.
struct Scheduler<'n> {
    netlist: &'n Netlist,
    regions: &'n Regions,
    /// Words whose operators still have to run.
    live: Vec<bool>,
    /// No word below this one is live.
    lowest: usize,
    /// Words that wait for each word.
    users: Vec<Vec<Word>>,
    waiting: Vec<u32>,
    ready: Vec<Vec<Word>>,
    /// Uses across the border into each region that are not computed yet.
    outside: Vec<u32>,
    /// Place of each region in a walk from the root, so that neighbours come one after the other.
    walk: Vec<u32>,
    /// Regions with something ready; complete ones can run to their end.
    complete: BTreeSet<(u32, RegionId)>,
    partial: BTreeSet<(u32, RegionId)>,
}

impl<'n> Scheduler<'n> {
    fn new(netlist: &'n Netlist, regions: &'n Regions) -> Self {
        let (words, count) = (netlist.words.len(), regions.count());
        let mut s = Scheduler {
            netlist,
            regions,
            live: (0..words).map(|w| regions.of(w as Word).is_some() && !netlist.words[w].args().is_empty()).collect(),
            lowest: 0,
            users: vec![Vec::new(); words],
            waiting: vec![0; words],
            ready: vec![Vec::new(); count],
            outside: vec![0; count],
            walk: walk(regions),
            complete: BTreeSet::new(),
            partial: BTreeSet::new(),
        };
        for w in (0..words as Word).filter(|&w| s.live[w as usize]) {
            let region = s.region(w);
            for a in s.needs(w) {
                s.users[a as usize].push(w);
                s.waiting[w as usize] += 1;
                if s.region(a) != region {
                    s.outside[region as usize] += 1;
                }
            }
        }
        for w in (0..words as Word).filter(|&w| s.live[w as usize]) {
            if s.waiting[w as usize] == 0 {
                let region = s.region(w);
                s.ready[region as usize].push(w);
            }
        }
        (0..count as RegionId).for_each(|r| s.file(r));
        s
    }

    fn region(&self, w: Word) -> RegionId {
        self.regions.of(w).unwrap_or(ROOT)
    }

    /// Operators that come before `w`: its arguments and the conditions of its region.
    fn needs(&self, w: Word) -> Vec<Word> {
        let mut needs: Vec<Word> = self.netlist.words[w as usize].args().to_vec();
        let mut region = self.region(w);
        while region != ROOT {
            needs.extend(self.regions.literals(region).iter().map(|l| l.0));
            region = self.regions.parent(region);
        }
        needs.retain(|&a| self.live[a as usize]);
        needs.sort_unstable();
        needs.dedup();
        needs
    }

    /// Puts a region with something ready on its list.
    fn file(&mut self, region: RegionId) {
        let key = (self.walk[region as usize], region);
        if self.ready[region as usize].is_empty() {
            return;
        }
        if self.outside[region as usize] == 0 {
            self.partial.remove(&key);
            self.complete.insert(key);
        } else {
            self.partial.insert(key);
        }
    }

    fn next_region(&mut self, after: u32) -> Option<RegionId> {
        if !self.ready[ROOT as usize].is_empty() {
            return Some(ROOT);
        }
        let next = self.complete.range((after, 0)..).next().or_else(|| self.complete.first());
        if let Some(&(_, region)) = next {
            return Some(region);
        }
        let most = self.partial.iter().max_by_key(|(_, r)| self.ready[*r as usize].len());
        most.map(|&(_, region)| region)
    }

    fn run(mut self) -> Vec<Segment> {
        let mut segments: Vec<Segment> = Vec::new();
        let mut after = 0;
        loop {
            let Some(region) = self.next_region(after) else {
                match self.forced() {
                    Some((w, path)) => append(&mut segments, path, vec![w]),
                    None => return segments,
                }
                continue;
            };
            if region != ROOT {
                after = self.walk[region as usize];
            }
            let key = (self.walk[region as usize], region);
            self.complete.remove(&key);
            self.partial.remove(&key);
            let mut ops = Vec::new();
            let mut queue = std::mem::take(&mut self.ready[region as usize]);
            queue.reverse();
            while let Some(w) = queue.pop() {
                if self.live[w as usize] {
                    ops.push(w);
                    self.done(w, Some(region), &mut queue);
                }
            }
            append(&mut segments, self.regions.path(region), ops);
        }
    }

    /// Nothing is ready: conditions of regions wait for words of these regions. The first word that is left has all its
    /// arguments, so it can be computed early, under those of its conditions that are known. Where the others do not
    /// hold its value is of no meaning, and of no use to anybody.
    fn forced(&mut self) -> Option<(Word, Path)> {
        while !*self.live.get(self.lowest)? {
            self.lowest += 1;
        }
        let w = self.lowest as Word;
        let mut path = self.regions.path(self.region(w));
        let known = path.iter().take_while(|c| c.iter().all(|l| !self.live[l.0 as usize])).count();
        path.truncate(known);
        self.done(w, None, &mut Vec::new());
        Some((w, path))
    }

    /// Releases what waited for a word; what is in the region that runs goes on its queue.
    fn done(&mut self, w: Word, running: Option<RegionId>, queue: &mut Vec<Word>) {
        self.live[w as usize] = false;
        let region = self.region(w);
        for user in std::mem::take(&mut self.users[w as usize]) {
            let home = self.region(user);
            if home != region {
                self.outside[home as usize] -= 1;
            }
            self.waiting[user as usize] -= 1;
            let free = self.waiting[user as usize] == 0 && self.live[user as usize];
            if Some(home) == running {
                queue.extend(free.then_some(user));
            } else {
                if free {
                    self.ready[home as usize].push(user);
                }
                self.file(home);
            }
        }
    }
}

fn append(segments: &mut Vec<Segment>, path: Path, ops: Vec<Word>) {
    match segments.last_mut() {
        Some(last) if last.path == path => last.ops.extend(ops),
        _ if ops.is_empty() => {}
        _ => segments.push(Segment { path, ops }),
    }
}

/// Numbers the regions depth first.
fn walk(regions: &Regions) -> Vec<u32> {
    let count = regions.count();
    let mut children: Vec<Vec<RegionId>> = vec![Vec::new(); count];
    for r in 1..count as RegionId {
        children[regions.parent(r) as usize].push(r);
    }
    let (mut numbers, mut next, mut stack) = (vec![0; count], 0, vec![ROOT]);
    while let Some(r) = stack.pop() {
        numbers[r as usize] = next;
        next += 1;
        stack.extend(children[r as usize].iter().rev());
    }
    numbers
}
