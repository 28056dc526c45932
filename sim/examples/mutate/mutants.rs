//! Single faults in generated Verilog.
//!
//! A line that is the same in other modules of the same place in the design (cores, tiles, lanes) but for widths and numbers is one line of RTL. It gets faults
//! once: in the core that can do most, for a core that cannot do a thing still has the lines for it.

use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{RngExt, SeedableRng};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap, HashSet};

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

/// One line that is another.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Mutant {
    pub fault: Fault,
    pub module: String,
    /// Number of the line in the text, from 1.
    pub line: usize,
    /// Lines behind the first of the module.
    pub offset: usize,
    pub was: String,
    pub is: String,
}

impl Mutant {
    /// The text with the fault in it.
    pub fn apply(&self, text: &str) -> String {
        let mut lines: Vec<&str> = text.lines().collect();
        lines[self.line - 1] = &self.is;
        lines.join("\n") + "\n"
    }

    /// The same fault where its module is a part of a smaller design: `within` is what the design is called in the larger one. `None`: it is in
    /// another part.
    pub fn inside(&self, text: &str, within: &str) -> Option<Self> {
        let name = self.module.strip_prefix(within)?;
        let module = format!("top{name}");
        let begin = text.find(&format!("\nmodule {module}("))? + 1;
        let line = text[..begin].lines().count() + self.offset + 1;
        (text.lines().nth(line - 1) == Some(self.was.as_str())).then(|| Self { module, line, ..self.clone() })
    }
}

/// So many different mutants, of each fault as many as there are, evenly.
pub fn choose(text: &str, count: usize, seed: u64) -> Vec<Mutant> {
    let mut random = StdRng::seed_from_u64(seed);
    let mut by_fault: BTreeMap<Fault, Vec<Mutant>> = BTreeMap::new();
    for mutant in all(text, &mut random) {
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

/// Every mutant of every line; where there are many of one kind in a place, one by chance.
fn all(text: &str, random: &mut StdRng) -> Vec<Mutant> {
    let lines: Vec<&str> = text.lines().collect();
    let mut modules = vec![];
    let mut start = 0;
    while let Some(begin) = (start..lines.len()).find(|&line| lines[line].starts_with("module ")) {
        let end = (begin..lines.len()).find(|&line| lines[line].starts_with("endmodule")).unwrap_or(lines.len());
        start = end;
        let name = lines[begin].trim_start_matches("module ").split('(').next().unwrap_or_default();
        modules.push(Module::new(name, &lines, begin + 1..end));
    }
    // The core in the middle of a chain first, which has contexts, too.
    modules.sort_by_key(|module| !module.name.contains("$cores$1$"));
    let (mut seen, mut mutants) = (HashSet::new(), vec![]);
    for module in &modules {
        module.mutants(&mut seen, random, &mut mutants);
    }
    mutants
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

/// A module's lines, and the widths of what is declared in it.
struct Module<'a> {
    name: &'a str,
    lines: &'a [&'a str],
    range: std::ops::Range<usize>,
    widths: HashMap<&'a str, usize>,
}

impl<'a> Module<'a> {
    fn new(name: &'a str, lines: &'a [&'a str], range: std::ops::Range<usize>) -> Self {
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
                widths.insert(name, width.map_or(1, |highest| highest + 1));
            }
        }
        Self { name, lines, range, widths }
    }

    /// The mutants of lines that were not seen in such a place before.
    fn mutants(&self, seen: &mut HashSet<String>, random: &mut StdRng, mutants: &mut Vec<Mutant>) {
        let (mut in_code, mut synthesis, mut initial) = (false, false, false);
        for number in self.range.clone() {
            let line = self.lines[number];
            let code = line.trim();
            in_code |= code.starts_with("// Update code");
            synthesis = (synthesis || code.starts_with("`ifdef SYNTHESIS"))
                && !code.starts_with("`else")
                && !code.starts_with("`endif");
            // Of what the power brings only tables get faults, not the values that registers begin with.
            initial = (initial || code.starts_with("initial")) && code != "end";
            let is_table = initial && code.starts_with("mem[") && !code.starts_with("mem[i]");
            let skipped = !in_code
                || synthesis
                || (initial && !is_table)
                || code.starts_with("initial")
                || code.starts_with("//");
            // A table has a word in each line.
            let line = if is_table { code.to_string() } else { shape(code) };
            if !skipped && seen.insert(place(self.name) + &line) {
                self.mutants_of(number, random, mutants);
            }
        }
    }

    fn mutants_of(&self, number: usize, random: &mut StdRng, mutants: &mut Vec<Mutant>) {
        let line = self.lines[number];
        let mut add = |fault: Fault, is: String| {
            if is != line {
                let (module, was) = (self.name.to_string(), line.to_string());
                let offset = number + 1 - self.range.start;
                mutants.push(Mutant { fault, module, line: number + 1, offset, was, is });
            }
        };
        if let Some((before, rest)) = line.split_once("if (")
            && let Some(condition) = closed(rest)
        {
            add(Fault::DroppedEnable, format!("{before}if (1'b1{}", &rest[condition.len()..]));
        }
        // What is looked at: the right side of an assignment, or a condition.
        let assignment = line.find(" = ").or(line.find(" <= ")).map(|at| at + line[at..].find("= ").unwrap_or(0) + 2);
        let condition = line.find("if (").map(|at| at + 4);
        let Some(from) = condition.or(assignment).filter(|_| !line.contains("$clock = ")) else { return };
        let (left, right) = line.split_at(from);
        let tokens = tokens(right);
        let with = |at: usize, text: &str| -> String {
            let parts = tokens.iter().enumerate().map(|(number, token)| if number == at { text } else { token.text() });
            left.to_string() + &parts.collect::<String>()
        };
        for (at, &token) in tokens.iter().enumerate() {
            match token {
                Token::Operator(operator) => {
                    if let Some(other) = self.other_operator(operator, &tokens[..at]) {
                        add(Fault::Operator, with(at, other));
                    }
                }
                Token::Number(text) => {
                    if let Some((width, value)) = literal(text) {
                        let more = value + 1 < 1u64 << width.min(63);
                        let value =
                            if more && (value == 0 || random.random()) { value + 1 } else { value.saturating_sub(1) };
                        add(Fault::OffByOne, with(at, &format!("{width}'h{value:x}")));
                    }
                }
                Token::Name(name) => {
                    let Some(width) = self.widths.get(name) else { continue };
                    let mut others: Vec<&str> =
                        self.widths.iter().filter(|(_, other)| *other == width).map(|(name, _)| *name).collect();
                    others.retain(|other| *other != name && !other.contains("clock"));
                    others.sort_unstable();
                    if let Some(other) = others.choose(random) {
                        add(Fault::SwappedWire, with(at, other));
                    }
                }
                Token::Other(_) => {}
            }
        }
        if let (None, Some(value)) = (condition, right.strip_suffix(';'))
            && let Some(width) = self.assigned_width(left)
        {
            let bit = random.random_range(0..width.min(64));
            let ones = if width >= 64 { u64::MAX } else { (1 << width) - 1 };
            let is = match random.random() {
                true => format!("{left}({value}) | {width}'h{:x};", 1u64 << bit),
                false => format!("{left}({value}) & {width}'h{:x};", ones & !(1u64 << bit)),
            };
            add(Fault::StuckBit, is);
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
