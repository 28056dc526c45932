//! Modules and their items.

use crate::ast::*;
use crate::error::{Error, Result};
use crate::lex::{Token, lex};

pub(crate) struct Parser<'a> {
    tokens: Vec<(Token<'a>, u32)>,
    at: usize,
    /// Name of the module being read, for messages.
    module: &'a str,
}

/// Module items that are Verilog but that a synchronous two-state simulation does not run.
const REFUSED: [&str; 27] = [
    "function",
    "task",
    "specify",
    "primitive",
    "tri",
    "tri0",
    "tri1",
    "triand",
    "trior",
    "wand",
    "wor",
    "supply0",
    "supply1",
    "real",
    "time",
    "event",
    "defparam",
    "buf",
    "not",
    "and",
    "or",
    "nand",
    "nor",
    "xor",
    "xnor",
    "bufif0",
    "bufif1",
];

pub fn parse(text: &str) -> Result<Vec<Module<'_>>> {
    let mut p = Parser { tokens: lex(text)?, at: 0, module: "" };
    let mut modules = Vec::new();
    while *p.peek() != Token::End {
        p.expect_word("module")?;
        modules.push(p.module()?);
    }
    Ok(modules)
}

impl<'a> Parser<'a> {
    pub(crate) fn peek(&self) -> &Token<'a> {
        &self.tokens[self.at].0
    }

    pub(crate) fn peek_after(&self) -> &Token<'a> {
        &self.tokens[(self.at + 1).min(self.tokens.len() - 1)].0
    }

    pub(crate) fn line(&self) -> u32 {
        self.tokens[self.at].1
    }

    pub(crate) fn advance(&mut self) {
        self.at = (self.at + 1).min(self.tokens.len() - 1);
    }

    pub(crate) fn is(&self, symbol: &str) -> bool {
        matches!(self.peek(), Token::Symbol(s) if *s == symbol)
    }

    pub(crate) fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Token::Word(w) if *w == word)
    }

    pub(crate) fn accept(&mut self, symbol: &str) -> bool {
        let hit = self.is(symbol);
        if hit {
            self.advance();
        }
        hit
    }

    pub(crate) fn accept_word(&mut self, word: &str) -> bool {
        let hit = self.is_word(word);
        if hit {
            self.advance();
        }
        hit
    }

    pub(crate) fn expect(&mut self, symbol: &str) -> Result<()> {
        if self.accept(symbol) { Ok(()) } else { self.unexpected(&format!("`{symbol}`")) }
    }

    pub(crate) fn expect_word(&mut self, word: &str) -> Result<()> {
        if self.accept_word(word) { Ok(()) } else { self.unexpected(&format!("`{word}`")) }
    }

    pub(crate) fn unexpected<T>(&self, expected: &str) -> Result<T> {
        let place = if self.module.is_empty() { String::new() } else { format!(" in module {}", self.module) };
        Err(Error::Syntax {
            line: self.line(),
            message: format!("found {} where {expected} is expected{place}", self.peek()),
        })
    }

    pub(crate) fn unsupported<T>(&self, line: u32, construct: impl Into<String>) -> Result<T> {
        Err(Error::Unsupported { module: self.module.into(), line, construct: construct.into() })
    }

    pub(crate) fn name(&mut self) -> Result<&'a str> {
        match *self.peek() {
            Token::Word(w) => {
                self.advance();
                Ok(w)
            }
            _ => self.unexpected("a name"),
        }
    }

    fn module(&mut self) -> Result<Module<'a>> {
        let line = self.line();
        let name = self.name()?;
        self.module = name;
        let mut items = Vec::new();
        let mut ports = Vec::new();
        if self.accept("#") {
            self.expect("(")?;
            self.header_parameters(&mut items)?;
        }
        if self.accept("(") && !self.accept(")") {
            self.header_ports(&mut ports, &mut items)?;
        }
        self.expect(";")?;
        while !self.accept_word("endmodule") {
            self.item(&mut items)?;
        }
        self.module = "";
        Ok(Module { line, name, ports, items })
    }

    fn header_parameters(&mut self, items: &mut Vec<Item<'a>>) -> Result<()> {
        let mut style = (false, None);
        loop {
            if self.accept_word("parameter") || matches!(self.peek_after(), Token::Word(_)) || self.is("[") {
                self.accept_word("integer");
                style = (self.accept_word("signed"), self.range()?);
            }
            let parameter = self.parameter(false, style.0, style.1.clone())?;
            items.push(Item::Parameter(parameter));
            if !self.accept(",") {
                return self.expect(")");
            }
        }
    }

    fn parameter(&mut self, local: bool, signed: bool, range: Option<Range<'a>>) -> Result<Parameter<'a>> {
        let line = self.line();
        let name = self.name()?;
        self.expect("=")?;
        let value = self.expr()?;
        Ok(Parameter { line, name, local, signed, range, value })
    }

    /// Either plain names, declared later, or full declarations.
    fn header_ports(&mut self, ports: &mut Vec<&'a str>, items: &mut Vec<Item<'a>>) -> Result<()> {
        let mut last: Option<Declaration<'a>> = None;
        loop {
            if let Some(mut declaration) = self.declaration_head()? {
                declaration.line = self.line();
                last = Some(declaration);
            }
            let line = self.line();
            let name = self.name()?;
            ports.push(name);
            if let Some(head) = &last {
                let value = if self.accept("=") { Some(self.expr()?) } else { None };
                items.push(Item::Declare(Declaration { line, name, value, ..head.clone() }));
            }
            if !self.accept(",") {
                return self.expect(")");
            }
        }
    }

    /// `input wire signed [7:0]` and the like: everything before the names.
    fn declaration_head(&mut self) -> Result<Option<Declaration<'a>>> {
        let line = self.line();
        let direction = match *self.peek() {
            Token::Word("input") => Some(Direction::Input),
            Token::Word("output") => Some(Direction::Output),
            Token::Word("inout") => Some(Direction::Inout),
            _ => None,
        };
        if direction.is_some() {
            self.advance();
        }
        let kind = match *self.peek() {
            Token::Word(w @ ("wire" | "reg" | "integer" | "logic")) => {
                self.advance();
                Some(w)
            }
            _ => None,
        };
        if direction.is_none() && kind.is_none() {
            return Ok(None);
        }
        let integer = kind == Some("integer");
        let signed = self.accept_word("signed") | integer;
        self.accept_word("unsigned");
        let number = |n| Expr {
            line,
            kind: ExprKind::Number(Box::new(crate::lex::Number {
                value: crate::bitvec::BitVec::from_u64(32, n),
                signed: true,
                wild: None,
            })),
        };
        let range = if integer { Some((number(31), number(0))) } else { self.range()? };
        let variable = matches!(kind, Some("reg" | "integer" | "logic"));
        Ok(Some(Declaration { line, name: "", direction, variable, signed, range, words: None, value: None }))
    }

    pub(crate) fn range(&mut self) -> Result<Option<Range<'a>>> {
        if !self.accept("[") {
            return Ok(None);
        }
        let left = self.expr()?;
        self.expect(":")?;
        let right = self.expr()?;
        self.expect("]")?;
        Ok(Some((left, right)))
    }

    fn item(&mut self, items: &mut Vec<Item<'a>>) -> Result<()> {
        if let Some(head) = self.declaration_head()? {
            return self.declared_names(&head, items);
        }
        let line = self.line();
        let word = match *self.peek() {
            Token::Word(w) => w,
            Token::Symbol(";") => {
                self.advance();
                return Ok(());
            }
            _ => return self.unexpected("a module item"),
        };
        if REFUSED.contains(&word) {
            return self.unsupported(line, format!("`{word}`"));
        }
        match word {
            "parameter" | "localparam" => self.parameters(word == "localparam", items),
            "assign" => self.assigns(items),
            "initial" => {
                self.advance();
                let body = self.statement()?;
                items.push(Item::Initial(body));
                Ok(())
            }
            "always" | "always_comb" | "always_ff" => self.always(word, items),
            "genvar" => {
                self.advance();
                self.name()?;
                while self.accept(",") {
                    self.name()?;
                }
                items.push(Item::Genvar);
                self.expect(";")
            }
            "generate" | "endgenerate" => {
                self.advance();
                Ok(())
            }
            "for" => self.generate_for(items),
            "if" => self.generate_if(items),
            _ => self.instances(items),
        }
    }

    fn declared_names(&mut self, head: &Declaration<'a>, items: &mut Vec<Item<'a>>) -> Result<()> {
        loop {
            let line = self.line();
            let name = self.name()?;
            let words = self.range()?;
            if words.is_some() && self.is("[") {
                return self.unsupported(line, format!("array `{name}` of more than one dimension"));
            }
            let value = if self.accept("=") { Some(self.expr()?) } else { None };
            items.push(Item::Declare(Declaration { line, name, words, value, ..head.clone() }));
            if !self.accept(",") {
                return self.expect(";");
            }
        }
    }

    fn parameters(&mut self, local: bool, items: &mut Vec<Item<'a>>) -> Result<()> {
        self.advance();
        let integer = self.accept_word("integer");
        let signed = self.accept_word("signed") | integer;
        let range = self.range()?;
        loop {
            let parameter = self.parameter(local, signed, range.clone())?;
            items.push(Item::Parameter(parameter));
            if !self.accept(",") {
                return self.expect(";");
            }
        }
    }

    fn assigns(&mut self, items: &mut Vec<Item<'a>>) -> Result<()> {
        self.advance();
        loop {
            let line = self.line();
            if self.is("#") {
                return self.unsupported(line, "a delay");
            }
            let target = self.target()?;
            self.expect("=")?;
            let value = self.expr()?;
            items.push(Item::Assign { line, target, value });
            if !self.accept(",") {
                return self.expect(";");
            }
        }
    }

    fn always(&mut self, word: &str, items: &mut Vec<Item<'a>>) -> Result<()> {
        let line = self.line();
        self.advance();
        if word == "always_comb" {
            let body = self.statement()?;
            items.push(Item::Combinational(body));
            return Ok(());
        }
        if !self.accept("@") {
            return self.unsupported(line, "an always block without `@`");
        }
        if self.accept("*") {
            let body = self.statement()?;
            items.push(Item::Combinational(body));
            return Ok(());
        }
        self.expect("(")?;
        if self.accept("*") {
            self.expect(")")?;
            let body = self.statement()?;
            items.push(Item::Combinational(body));
            return Ok(());
        }
        if self.is_word("negedge") {
            return self.unsupported(line, "a falling clock edge (negedge)");
        }
        if !self.accept_word("posedge") {
            return self.unsupported(line, "a sensitivity list other than `*` or `posedge clock`");
        }
        let clock = self.name()?;
        if !self.accept(")") {
            return self.unsupported(line, "a second event in a sensitivity list, such as an asynchronous reset");
        }
        let body = self.statement()?;
        items.push(Item::Clocked { line, clock, body });
        Ok(())
    }

    fn generate_block(&mut self) -> Result<Generate<'a>> {
        let mut items = Vec::new();
        let mut label = None;
        if self.accept_word("begin") {
            if self.accept(":") {
                label = Some(self.name()?);
            }
            while !self.accept_word("end") {
                self.item(&mut items)?;
            }
        } else {
            self.item(&mut items)?;
        }
        Ok(Generate { label, items })
    }

    fn generate_for(&mut self, items: &mut Vec<Item<'a>>) -> Result<()> {
        let line = self.line();
        self.advance();
        self.expect("(")?;
        self.accept_word("genvar");
        let variable = self.name()?;
        self.expect("=")?;
        let start = self.expr()?;
        self.expect(";")?;
        let condition = self.expr()?;
        self.expect(";")?;
        let stepped = self.name()?;
        self.expect("=")?;
        let step = (stepped, self.expr()?);
        self.expect(")")?;
        let block = self.generate_block()?;
        items.push(Item::GenerateFor { line, variable, start, condition, step, block });
        Ok(())
    }

    fn generate_if(&mut self, items: &mut Vec<Item<'a>>) -> Result<()> {
        self.advance();
        self.expect("(")?;
        let condition = self.expr()?;
        self.expect(")")?;
        let then = self.generate_block()?;
        let otherwise = if self.accept_word("else") { Some(self.generate_block()?) } else { None };
        items.push(Item::GenerateIf { condition, then, otherwise });
        Ok(())
    }

    fn instances(&mut self, items: &mut Vec<Item<'a>>) -> Result<()> {
        let module = self.name()?;
        let parameters = if self.accept("#") {
            self.expect("(")?;
            self.connections()?
        } else {
            Vec::new()
        };
        loop {
            let line = self.line();
            let name = self.name()?;
            if self.is("[") {
                return self.unsupported(line, "an array of instances");
            }
            self.expect("(")?;
            let ports = self.connections()?;
            items.push(Item::Instance(Instance { line, module, name, parameters: parameters.clone(), ports }));
            if !self.accept(",") {
                return self.expect(";");
            }
        }
    }

    fn connections(&mut self) -> Result<Vec<Connection<'a>>> {
        let mut connections = Vec::new();
        if self.accept(")") {
            return Ok(connections);
        }
        loop {
            let line = self.line();
            if self.accept(".") {
                if self.accept("*") {
                    return self.unsupported(line, "the connection `.*`");
                }
                let name = Some(self.name()?);
                self.expect("(")?;
                let value = if self.is(")") { None } else { Some(self.expr()?) };
                self.expect(")")?;
                connections.push(Connection { line, name, value });
            } else {
                let value = if self.is(",") || self.is(")") { None } else { Some(self.expr()?) };
                connections.push(Connection { line, name: None, value });
            }
            if !self.accept(",") {
                self.expect(")")?;
                return Ok(connections);
            }
        }
    }
}
