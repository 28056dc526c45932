//! Expressions and statements.

use crate::ast::*;
use crate::error::Result;
use crate::lex::Token;
use crate::parse::Parser;

/// Binary operators with their precedence: a higher one binds tighter.
fn precedence(symbol: &str) -> Option<u8> {
    Some(match symbol {
        "||" => 1,
        "&&" => 2,
        "|" | "~|" => 3,
        "^" | "~^" | "^~" => 4,
        "&" | "~&" => 5,
        "==" | "!=" | "===" | "!==" => 6,
        "<" | "<=" | ">" | ">=" => 7,
        "<<" | ">>" | "<<<" | ">>>" => 8,
        "+" | "-" => 9,
        "*" | "/" | "%" => 10,
        "**" => 11,
        _ => return None,
    })
}

const UNARY: [&str; 10] = ["~&", "~|", "~^", "^~", "~", "!", "-", "+", "&", "|"];

impl<'a> Parser<'a> {
    pub(crate) fn expr(&mut self) -> Result<Expr<'a>> {
        let condition = self.binary(0)?;
        if !self.is("?") {
            return Ok(condition);
        }
        let line = self.line();
        self.advance();
        let then = Box::new(self.expr()?);
        self.expect(":")?;
        let otherwise = Box::new(self.expr()?);
        Ok(Expr { line, kind: ExprKind::Ternary(Box::new(condition), then, otherwise) })
    }

    fn binary(&mut self, above: u8) -> Result<Expr<'a>> {
        let mut left = self.unary()?;
        loop {
            let &Token::Symbol(symbol) = self.peek() else { return Ok(left) };
            let Some(level) = precedence(symbol).filter(|&l| l > above) else { return Ok(left) };
            let line = self.line();
            self.advance();
            let right = Box::new(self.binary(level)?);
            left = Expr { line, kind: ExprKind::Binary(symbol, Box::new(left), right) };
        }
    }

    fn unary(&mut self) -> Result<Expr<'a>> {
        if let &Token::Symbol(symbol) = self.peek()
            && (UNARY.contains(&symbol) || symbol == "^")
        {
            let line = self.line();
            self.advance();
            let operand = Box::new(self.unary()?);
            return Ok(Expr { line, kind: ExprKind::Unary(symbol, operand) });
        }
        self.primary()
    }

    fn primary(&mut self) -> Result<Expr<'a>> {
        let line = self.line();
        let kind = match self.peek().clone() {
            Token::Symbol("(") => {
                self.advance();
                let inner = self.expr()?;
                self.expect(")")?;
                return Ok(inner);
            }
            Token::Symbol("{") => {
                self.advance();
                return self.concat(line);
            }
            Token::Number(n) => {
                self.advance();
                ExprKind::Number(n)
            }
            Token::Text(_) => {
                self.advance();
                ExprKind::Text
            }
            Token::Word(name) => {
                self.advance();
                if name.starts_with('$') && self.accept("(") {
                    let mut arguments = vec![self.expr()?];
                    while self.accept(",") {
                        arguments.push(self.expr()?);
                    }
                    self.expect(")")?;
                    ExprKind::Call(name, arguments)
                } else if self.is("(") {
                    return self.unsupported(line, format!("a call of the function `{name}`"));
                } else if self.is(".") {
                    return self.unsupported(line, format!("the hierarchical name `{name}.`"));
                } else {
                    return self.selects(Expr { line, kind: ExprKind::Name(name) });
                }
            }
            _ => return self.unexpected("an expression"),
        };
        Ok(Expr { line, kind })
    }

    fn concat(&mut self, line: u32) -> Result<Expr<'a>> {
        let first = self.expr()?;
        if self.accept("{") {
            let parts = self.parts()?;
            self.expect("}")?;
            return Ok(Expr { line, kind: ExprKind::Repeat(Box::new(first), parts) });
        }
        let mut parts = vec![first];
        if self.accept(",") {
            parts.extend(self.parts()?);
        } else {
            self.expect("}")?;
        }
        Ok(Expr { line, kind: ExprKind::Concat(parts) })
    }

    fn parts(&mut self) -> Result<Vec<Expr<'a>>> {
        let mut parts = vec![self.expr()?];
        while self.accept(",") {
            parts.push(self.expr()?);
        }
        self.expect("}")?;
        Ok(parts)
    }

    fn selects(&mut self, mut base: Expr<'a>) -> Result<Expr<'a>> {
        while self.is("[") {
            let line = self.line();
            self.advance();
            let first = Box::new(self.expr()?);
            let boxed = Box::new(base);
            let kind = if self.accept(":") {
                ExprKind::Range(boxed, first, Box::new(self.expr()?))
            } else if self.is("+:") || self.is("-:") {
                let up = self.is("+:");
                self.advance();
                ExprKind::Part { base: boxed, start: first, width: Box::new(self.expr()?), up }
            } else {
                ExprKind::Index(boxed, first)
            };
            self.expect("]")?;
            base = Expr { line, kind };
        }
        Ok(base)
    }

    /// Left side of an assignment: `<=` must not be read as a comparison.
    pub(crate) fn target(&mut self) -> Result<Expr<'a>> {
        if self.is("{") || matches!(self.peek(), Token::Word(_)) {
            self.primary()
        } else {
            self.unexpected("the target of an assignment")
        }
    }

    pub(crate) fn statement(&mut self) -> Result<Statement<'a>> {
        let line = self.line();
        if self.is("#") {
            return self.unsupported(line, "a delay");
        }
        if self.accept(";") {
            return Ok(Statement { line, kind: StatementKind::Empty });
        }
        let kind = match *self.peek() {
            Token::Word("begin") => self.block()?,
            Token::Word("if") => {
                self.advance();
                self.expect("(")?;
                let condition = self.expr()?;
                self.expect(")")?;
                let then = Box::new(self.statement()?);
                let otherwise = if self.accept_word("else") { Some(Box::new(self.statement()?)) } else { None };
                StatementKind::If(condition, then, otherwise)
            }
            Token::Word(word @ ("case" | "casez" | "casex")) => {
                self.advance();
                StatementKind::Case(self.case(word != "case")?)
            }
            Token::Word("for") => self.for_loop()?,
            Token::Word(
                word @ ("while" | "repeat" | "forever" | "wait" | "disable" | "fork" | "force" | "release"),
            ) => {
                return self.unsupported(line, format!("the statement `{word}`"));
            }
            Token::Word(word) if word.starts_with('$') => {
                return self.unsupported(line, format!("the system task `{word}`"));
            }
            _ => {
                let assign = self.assignment()?;
                self.expect(";")?;
                assign
            }
        };
        Ok(Statement { line, kind })
    }

    fn block(&mut self) -> Result<StatementKind<'a>> {
        self.advance();
        if self.accept(":") {
            self.name()?;
        }
        let mut statements = Vec::new();
        while !self.accept_word("end") {
            if matches!(*self.peek(), Token::Word("reg" | "integer")) {
                return self.unsupported(self.line(), "a declaration inside a block");
            }
            statements.push(self.statement()?);
        }
        Ok(StatementKind::Block(statements))
    }

    fn assignment(&mut self) -> Result<StatementKind<'a>> {
        let target = self.target()?;
        let blocking = self.accept("=");
        if !blocking {
            self.expect("<=")?;
        }
        if self.is("#") || self.is("@") {
            return self.unsupported(self.line(), "a delay");
        }
        let value = self.expr()?;
        Ok(StatementKind::Assign { target, value, blocking })
    }

    fn case(&mut self, wild: bool) -> Result<Case<'a>> {
        self.expect("(")?;
        let subject = self.expr()?;
        self.expect(")")?;
        let (mut items, mut default) = (Vec::new(), None);
        while !self.accept_word("endcase") {
            if self.accept_word("default") {
                self.accept(":");
                default = Some(Box::new(self.statement()?));
                continue;
            }
            let mut labels = vec![self.expr()?];
            while self.accept(",") {
                labels.push(self.expr()?);
            }
            self.expect(":")?;
            items.push((labels, self.statement()?));
        }
        Ok(Case { wild, subject, items, default })
    }

    fn for_loop(&mut self) -> Result<StatementKind<'a>> {
        self.advance();
        self.expect("(")?;
        let line = self.line();
        let start = Box::new(Statement { line, kind: self.assignment()? });
        self.expect(";")?;
        let condition = self.expr()?;
        self.expect(";")?;
        let step = Box::new(Statement { line, kind: self.assignment()? });
        self.expect(")")?;
        let body = Box::new(self.statement()?);
        Ok(StatementKind::For { start, condition, step, body })
    }
}

#[cfg(test)]
mod tests {
    use crate::ast::{ExprKind, Item};
    use crate::parse::parse;

    fn refused(body: &str) -> String {
        parse(&format!("module m(a);\n{body}\nendmodule")).unwrap_err().to_string()
    }

    #[test]
    fn comparison_binds_tighter_than_and() {
        let modules = parse("module m(a); assign y = a & b == c; endmodule").unwrap();
        let Item::Assign { value, .. } = &modules[0].items[0] else { panic!() };
        let ExprKind::Binary("&", _, right) = &value.kind else { panic!("{value:?}") };
        assert!(matches!(right.kind, ExprKind::Binary("==", ..)));
    }

    #[test]
    fn operators_of_one_level_group_to_the_left() {
        let modules = parse("module m(a); assign y = a - b - c; endmodule").unwrap();
        let Item::Assign { value, .. } = &modules[0].items[0] else { panic!() };
        let ExprKind::Binary("-", left, _) = &value.kind else { panic!("{value:?}") };
        assert!(matches!(left.kind, ExprKind::Binary("-", ..)));
    }

    #[test]
    fn refusals_name_construct_module_and_line() {
        for (body, part) in [
            ("always @(negedge a) b <= a;", "module m, line 2: a falling clock edge"),
            ("always @(posedge a or posedge r) b <= a;", "asynchronous reset"),
            ("initial #5 a = 1;", "a delay is not supported"),
            ("\nfunction f; endfunction", "module m, line 3: `function` is not supported"),
            ("initial $display(a);", "the system task `$display`"),
            ("initial forever a = 1;", "the statement `forever`"),
            ("assign y = f(a);", "a call of the function `f`"),
            ("reg [1:0] m [3:0][3:0];", "more than one dimension"),
            ("assign y = ;", "line 2: found `;` where an expression is expected in module m"),
        ] {
            let message = refused(body);
            assert!(message.contains(part), "{message}");
        }
    }
}
