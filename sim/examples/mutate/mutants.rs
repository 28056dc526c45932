//! Single faults in generated Verilog.
//!
//! Lines that are the same in modules of the same place in the design (cores, tiles, lanes) but for widths and numbers are one line of RTL, which is generated
//! many times. A fault is one of that line: all of its copies have it.

use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{RngExt, SeedableRng};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What is wrong in a mutant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Another operator: and for or, minus for plus, not equal for equal, less or equal for less; an inversion that is not there.
    Operator,
    /// A constant that is larger by one, or smaller: a bound, a bit that is chosen, a word of a table.
    OffByOne,
    /// What happens under a condition happens always.
    DroppedEnable,
    /// Another signal of the same module and width.
    SwappedWire,
    /// One bit of what is assigned is always 0, or always 1.
    StuckBit,
}

impl Fault {
    pub const ALL: [Fault; 5] =
        [Fault::Operator, Fault::OffByOne, Fault::DroppedEnable, Fault::SwappedWire, Fault::StuckBit];
}

/// What is done to a line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Change {
    /// This token is another: an operator, or a name.
    Token { at: usize, is: String },
    /// The number at this place is larger by one, or smaller.
    Number { at: usize, larger: bool },
    /// The condition always holds.
    Always,
    /// This bit of what is assigned is always 1, or always 0.
    Bit { bit: usize, one: bool },
}

/// A line of RTL that is another.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Mutant {
    pub fault: Fault,
    change: Change,
    /// A module that has the line.
    pub module: String,
    /// Number of the line in the text, from 1.
    pub line: usize,
    /// Lines behind the first of the module.
    pub offset: usize,
    pub was: String,
    pub is: String,
}

/// A design whose lines get faults.
pub struct Design {
    text: String,
    /// In the order of the text.
    modules: Vec<Module>,
    /// Copies of lines of RTL: module and line, by place and shape.
    copies: HashMap<String, Vec<(usize, usize)>>,
}

impl Design {
    pub fn new(text: String) -> Self {
        let lines: Vec<&str> = text.lines().collect();
        let (mut modules, mut start) = (vec![], 0);
        while let Some(begin) = (start..lines.len()).find(|&line| lines[line].starts_with("module ")) {
            let end = (begin..lines.len()).find(|&line| lines[line].starts_with("endmodule")).unwrap_or(lines.len());
            start = end;
            let name = lines[begin].trim_start_matches("module ").split('(').next().unwrap_or_default();
            modules.push(Module::new(name, &lines, begin + 1..end));
        }
        let mut copies: HashMap<String, Vec<(usize, usize)>> = HashMap::new();
        for (number, module) in modules.iter().enumerate() {
            for (line, key) in module.lines_of_rtl(&lines) {
                copies.entry(key).or_default().push((number, line));
            }
        }
        Self { text, modules, copies }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// So many different mutants, of each fault as many as there are, evenly.
    pub fn choose(&self, count: usize, seed: u64) -> Vec<Mutant> {
        let mut random = StdRng::seed_from_u64(seed);
        let lines: Vec<&str> = self.text.lines().collect();
        let mut first: Vec<(usize, usize)> = self.copies.values().map(|copies| copies[0]).collect();
        first.sort_unstable();
        let mut mutants = vec![];
        for (module, line) in first {
            self.modules[module].mutants_of(line, lines[line], &mut random, &mut mutants);
        }
        let mut by_fault: BTreeMap<Fault, Vec<Mutant>> = BTreeMap::new();
        for mutant in mutants {
            by_fault.entry(mutant.fault).or_default().push(mutant);
        }
        by_fault.values_mut().for_each(|mutants| mutants.shuffle(&mut random));
        let mut chosen = vec![];
        while chosen.len() < count && by_fault.values().any(|mutants| !mutants.is_empty()) {
            let next = by_fault.values_mut().filter_map(Vec::pop);
            chosen.extend(next);
        }
        chosen.truncate(count);
        chosen
    }

    /// The same fault where this design is a part of the one that the mutant is of: `within` is what it is called there. `None`: the fault is in another part.
    pub fn part(&self, mutant: &Mutant, within: &str) -> Option<Mutant> {
        let module = format!("top{}", mutant.module.strip_prefix(within)?);
        let begin = self.modules.iter().find(|of| of.name == module)?.range.start;
        let line = begin + mutant.offset;
        (self.text.lines().nth(line - 1) == Some(mutant.was.as_str())).then(|| Mutant {
            module,
            line,
            ..mutant.clone()
        })
    }

    /// Names of the ports of a module without their numbers, each once.
    pub fn ports(&self, module: &str) -> BTreeSet<String> {
        let range = self.modules.iter().find(|of| of.name == module).map_or(0..0, |of| of.range.clone());
        let lines = self.text.lines().skip(range.start).take(range.len()).map(str::trim);
        let ports = lines.filter(|line| line.starts_with("input ") || line.starts_with("output "));
        ports.filter_map(|line| line.trim_end_matches(';').split_whitespace().last()).map(shape).collect()
    }

    /// The same fault in the first line of the top module that is a copy of the one that has it; `None` if there is no such line.
    pub fn alike(&self, mutant: &Mutant) -> Option<Mutant> {
        let lines: Vec<&str> = self.text.lines().collect();
        let top = self.modules.iter().find(|module| module.name == "top")?;
        let is_alike = |line: &usize| shape(lines[*line].trim()) == shape(mutant.was.trim());
        let number = top.lines_of_rtl(&lines).into_iter().map(|(line, _)| line).find(is_alike)?;
        let is = top.changed(lines[number], &mutant.change)?;
        let (line, offset, was) = (number + 1, number + 1 - top.range.start, lines[number].to_string());
        Some(Mutant { module: "top".into(), line, offset, was, is, ..mutant.clone() })
    }

    /// Modules and lines that have a fault, with what they are instead.
    fn faults(&self, mutant: &Mutant) -> Vec<(usize, usize, String)> {
        let lines: Vec<&str> = self.text.lines().collect();
        let number = mutant.line - 1;
        let own = self.modules.iter().position(|module| module.range.contains(&number));
        let key = own.and_then(|own| self.modules[own].key(number, &lines));
        let copies = key.and_then(|key| self.copies.get(&key)).into_iter().flatten();
        let changed = copies.filter_map(|&(module, line)| {
            let is = self.modules[module].changed(lines[line], &mutant.change)?;
            Some((module, line, is))
        });
        changed.collect()
    }

    /// The text with the fault in all copies of its line.
    pub fn with(&self, mutant: &Mutant) -> String {
        let faults = self.faults(mutant);
        let mut lines: Vec<&str> = self.text.lines().collect();
        for (_, line, is) in &faults {
            lines[*line] = is;
        }
        lines.join("\n") + "\n"
    }

    /// The modules that have the fault.
    pub fn modules_with(&self, mutant: &Mutant) -> Vec<&str> {
        let mut modules: Vec<usize> = self.faults(mutant).into_iter().map(|(module, ..)| module).collect();
        modules.dedup();
        modules.into_iter().map(|module| self.modules[module].name.as_str()).collect()
    }
}

/// The place of a module in the design, without numbers, and without the kinds of cores.
fn place(module: &str) -> String {
    let kinds = ["$int4$", "$int8$", "$banked$"];
    let module = kinds.into_iter().fold(format!("{module}$"), |module, kind| module.replace(kind, "$"));
    module.chars().filter(|c| !c.is_ascii_digit()).collect()
}

/// A line without numbers.
fn shape(code: &str) -> String {
    let shape = |token| match token {
        Token::Number(_) => "#".to_string(),
        token => token.text().chars().filter(|c| !c.is_ascii_digit()).collect(),
    };
    tokens(code).into_iter().map(shape).collect()
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Token<'a> {
    Name(&'a str),
    Number(&'a str),
    Operator(&'a str),
    Other(&'a str),
}

impl<'a> Token<'a> {
    fn text(self) -> &'a str {
        let (Token::Name(text) | Token::Number(text) | Token::Operator(text) | Token::Other(text)) = self;
        text
    }
}

const OPERATORS: [&str; 18] =
    ["+:", ">>>", "&&", "||", "==", "!=", "<=", ">=", "<<", ">>", "&", "|", "^", "+", "-", "<", ">", "~"];

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = vec![];
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
        let token = if first.is_ascii_alphabetic() || first == '_' {
            Token::Name(&rest[..rest.find(|c| !is_name(c)).unwrap_or(rest.len())])
        } else if first.is_ascii_digit() {
            Token::Number(&rest[..rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '\'').unwrap_or(rest.len())])
        } else if let Some(operator) = OPERATORS.into_iter().find(|operator| rest.starts_with(operator)) {
            Token::Operator(&rest[..operator.len()])
        } else {
            Token::Other(&rest[..first.len_utf8()])
        };
        rest = &rest[token.text().len()..];
        tokens.push(token);
    }
    tokens
}

/// Where a module is, and the widths of what is declared in it.
struct Module {
    name: String,
    range: std::ops::Range<usize>,
    widths: HashMap<String, usize>,
}

impl Module {
    fn new(name: &str, lines: &[&str], range: std::ops::Range<usize>) -> Self {
        let mut widths = HashMap::new();
        for line in &lines[range.clone()] {
            let line = line.trim();
            let kinds = ["input ", "output ", "wire ", "reg "];
            if !kinds.iter().any(|kind| line.starts_with(kind)) || line.contains(" mem [") {
                continue;
            }
            let declared = line.split(['=', ';']).next().unwrap_or_default();
            let width = declared.split_once('[').and_then(|(_, range)| range.split(':').next()?.parse::<usize>().ok());
            if let Some(name) = declared.split_whitespace().last() {
                widths.insert(name.to_string(), width.map_or(1, |highest| highest + 1));
            }
        }
        Self { name: name.into(), range, widths }
    }

    /// Lines that say what is done, with what they have in common with their copies.
    fn lines_of_rtl(&self, lines: &[&str]) -> Vec<(usize, String)> {
        let (mut in_code, mut synthesis, mut initial) = (false, false, false);
        let mut found = vec![];
        for number in self.range.clone() {
            let code = lines[number].trim();
            in_code |= code.starts_with("// Update code");
            synthesis = (synthesis || code.starts_with("`ifdef SYNTHESIS"))
                && !code.starts_with("`else")
                && !code.starts_with("`endif");
            // Of what the power brings only tables get faults, not the values that registers begin with.
            initial = (initial || code.starts_with("initial")) && code != "end";
            let skipped = !in_code
                || synthesis
                || (initial && !is_of_table(code))
                || code.starts_with("initial")
                || code.starts_with("//");
            if !skipped && let Some(key) = self.key(number, lines) {
                found.push((number, key));
            }
        }
        found
    }

    /// What copies of a line have in common. A table has a word in each line.
    fn key(&self, number: usize, lines: &[&str]) -> Option<String> {
        let code = lines[number].trim();
        let line = if is_of_table(code) { code.to_string() } else { shape(code) };
        (!code.is_empty()).then(|| place(&self.name) + &line)
    }

    /// Every mutant of a line; where there are many of one kind in a place, one by chance.
    fn mutants_of(&self, number: usize, line: &str, random: &mut StdRng, mutants: &mut Vec<Mutant>) {
        let mut add = |fault: Fault, change: Change| {
            if let Some(is) = self.changed(line, &change).filter(|is| is != line) {
                let (module, was) = (self.name.clone(), line.to_string());
                let offset = number + 1 - self.range.start;
                mutants.push(Mutant { fault, change, module, line: number + 1, offset, was, is });
            }
        };
        add(Fault::DroppedEnable, Change::Always);
        let Some((left, right, is_condition)) = looked_at(line) else { return };
        let tokens = tokens(right);
        for (at, &token) in tokens.iter().enumerate() {
            match token {
                Token::Operator(operator) => {
                    if let Some(other) = self.other_operator(operator, &tokens[..at]) {
                        add(Fault::Operator, Change::Token { at, is: other.into() });
                    }
                }
                Token::Number(_) => add(Fault::OffByOne, Change::Number { at, larger: random.random() }),
                Token::Name(name) => {
                    let Some(width) = self.widths.get(name) else { continue };
                    let mut others: Vec<&String> =
                        self.widths.iter().filter(|(_, other)| *other == width).map(|(name, _)| name).collect();
                    others.retain(|other| *other != name && !other.contains("clock"));
                    others.sort_unstable();
                    if let Some(other) = others.choose(random) {
                        add(Fault::SwappedWire, Change::Token { at, is: other.to_string() });
                    }
                }
                Token::Other(_) => {}
            }
        }
        if !is_condition && let Some(width) = self.assigned_width(left) {
            add(Fault::StuckBit, Change::Bit { bit: random.random_range(0..width.min(64)), one: random.random() });
        }
    }

    /// The line with a change; `None` where it cannot have it.
    fn changed(&self, line: &str, change: &Change) -> Option<String> {
        if *change == Change::Always {
            let (before, rest) = line.split_once("if (")?;
            let condition = closed(rest)?;
            return Some(format!("{before}if (1'b1{}", &rest[condition.len()..]));
        }
        let (left, right, _) = looked_at(line)?;
        let tokens = tokens(right);
        let with = |at: usize, text: &str| -> String {
            let parts = tokens.iter().enumerate().map(|(number, token)| if number == at { text } else { token.text() });
            left.to_string() + &parts.collect::<String>()
        };
        match change {
            Change::Always => None,
            Change::Token { at, is } => {
                let known = matches!(tokens.get(*at)?, Token::Operator(_)) || self.widths.contains_key(is);
                known.then(|| with(*at, is))
            }
            Change::Number { at, larger } => {
                let Token::Number(text) = *tokens.get(*at)? else { return None };
                let (width, value) = literal(text)?;
                let more = value + 1 < 1u64 << width.min(63);
                let value = if more && (value == 0 || *larger) { value + 1 } else { value.saturating_sub(1) };
                Some(with(*at, &format!("{width}'h{value:x}")))
            }
            Change::Bit { bit, one } => {
                let value = right.strip_suffix(';')?;
                let width = self.assigned_width(left).filter(|width| bit < width)?;
                let ones = if width >= 64 { u64::MAX } else { (1 << width) - 1 };
                Some(match one {
                    true => format!("{left}({value}) | {width}'h{:x};", 1u64 << bit),
                    false => format!("{left}({value}) & {width}'h{:x};", ones & !(1u64 << bit)),
                })
            }
        }
    }

    fn other_operator(&self, operator: &str, before: &[Token]) -> Option<&'static str> {
        let last = before.iter().rev().find(|token| token.text() != " ");
        let operand = matches!(last, Some(Token::Name(_) | Token::Number(_) | Token::Other(")" | "]" | "}")));
        if !operand {
            // Of one operand.
            return (operator == "~").then_some("");
        }
        Some(match operator {
            "&" => "|",
            "|" => "&",
            "^" => "|",
            "+" => "-",
            "-" => "+",
            "==" => "!=",
            "!=" => "==",
            "<" => "<=",
            "<=" => "<",
            ">" => ">=",
            ">=" => ">",
            "<<" => ">>",
            ">>" => "<<",
            "&&" => "||",
            "||" => "&&",
            _ => return None,
        })
    }

    /// Bits of the left side of an assignment, which is a name or a slice.
    fn assigned_width(&self, left: &str) -> Option<usize> {
        let left = left.trim_end_matches(['=', '<', ' ']).trim();
        if let Some((_, slice)) = left.split_once("+:(") {
            return slice.split(')').next()?.parse().ok();
        }
        let name = left.split_whitespace().last()?;
        self.widths.get(name).copied()
    }
}

/// A word of a table.
fn is_of_table(code: &str) -> bool {
    code.starts_with("mem[") && !code.starts_with("mem[i]") && code.contains("] = ")
}

/// What a line looks at, the right side of an assignment or a condition, what stands before it, and whether it is a condition.
fn looked_at(line: &str) -> Option<(&str, &str, bool)> {
    let assignment = line.find(" = ").or(line.find(" <= ")).map(|at| at + line[at..].find("= ").unwrap_or(0) + 2);
    let condition = line.find("if (").map(|at| at + 4);
    let from = condition.or(assignment).filter(|_| !line.contains("$clock = "))?;
    let (left, right) = line.split_at(from);
    Some((left, right, condition.is_some()))
}

/// What stands before the bracket that closes one opened before.
fn closed(text: &str) -> Option<&str> {
    let mut depth = 1;
    for (at, c) in text.char_indices() {
        depth += match c {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        if depth == 0 {
            return Some(&text[..at]);
        }
    }
    None
}

/// Width and value of a number like `4'hf`.
fn literal(text: &str) -> Option<(u32, u64)> {
    let (width, digits) = text.split_once('\'')?;
    let (base, digits) = digits.split_at_checked(1)?;
    let radix = match base {
        "h" => 16,
        "b" => 2,
        "d" => 10,
        _ => return None,
    };
    Some((width.parse().ok()?, u64::from_str_radix(digits, radix).ok()?))
}
