//! Tokens of Verilog, each with its line.

use crate::bitvec::BitVec;
use crate::error::{Error, Result};

/// A literal such as `12`, `8'hff`, `4'sb1010` or `6'b1??0`.
#[derive(Clone, Debug, PartialEq)]
pub struct Number {
    pub value: BitVec,
    pub signed: bool,
    /// Bits written `?` or `z`; they match anything in a casez item and are an error elsewhere.
    pub wild: Option<BitVec>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Token<'a> {
    /// Identifier, keyword or system name such as `$signed`.
    Word(&'a str),
    Number(Box<Number>),
    Text(&'a str),
    Symbol(&'static str),
    End,
}

impl std::fmt::Display for Token<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Token::Word(w) => write!(f, "`{w}`"),
            Token::Number(_) => f.write_str("a number"),
            Token::Text(t) => write!(f, "{t}"),
            Token::Symbol(s) => write!(f, "`{s}`"),
            Token::End => f.write_str("the end of the text"),
        }
    }
}

/// Longer symbols come before the ones they start with.
const SYMBOLS: [&str; 49] = [
    "<<<", ">>>", "===", "!==", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "**", "+:", "-:", "~&", "~|", "~^",
    "^~", "++", "--", "+=", "-=", "(", ")", "[", "]", "{", "}", ";", ",", ":", ".", "=", "+", "-", "*", "/", "%", "&",
    "|", "^", "~", "<", ">", "@", "?", "!", "#",
];

pub fn lex(text: &str) -> Result<Vec<(Token<'_>, u32)>> {
    let mut lexer = Lexer { text, at: 0, line: 1 };
    let mut tokens = Vec::with_capacity(text.len() / 4);
    loop {
        lexer.skip_space()?;
        let line = lexer.line;
        let token = lexer.token()?;
        let end = token == Token::End;
        tokens.push((token, line));
        if end {
            return Ok(tokens);
        }
    }
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    line: u32,
}

fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_' || b == b'$'
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn error<T>(&self, message: String) -> Result<T> {
        Err(Error::Syntax { line: self.line, message })
    }

    fn skip_space(&mut self) -> Result<()> {
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(self.at) {
                Some(b'\n') => self.line += 1,
                Some(b' ' | b'\t' | b'\r') => {}
                // An attribute `(* full_case *)`, but not the `(*)` of `always @(*)`.
                Some(b'(') if self.rest().starts_with("(*") && !self.rest()[2..].trim_start().starts_with(')') => {
                    let Some(end) = self.rest().find("*)") else {
                        return self.error("attribute without an end".into());
                    };
                    self.line += self.rest()[..end].matches('\n').count() as u32;
                    self.at += end + 1;
                }
                _ => return Ok(()),
            }
            self.at += 1;
        }
    }

    fn take(&mut self, accept: impl Fn(u8) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.bytes().position(|b| !accept(b)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn token(&mut self) -> Result<Token<'a>> {
        let rest = self.rest();
        let Some(first) = rest.bytes().next() else {
            return Ok(Token::End);
        };
        if first.is_ascii_digit() || (first == b'\'' && rest.len() > 1) {
            return self.number();
        }
        if first == b'"' {
            let end = rest[1..].find('"').map_or(rest.len(), |e| e + 2);
            self.at += end;
            return Ok(Token::Text(&rest[..end]));
        }
        if first == b'\\' {
            self.at += 1;
            return Ok(Token::Word(self.take(|b| !b.is_ascii_whitespace())));
        }
        if is_word(first) {
            return Ok(Token::Word(self.take(is_word)));
        }
        match SYMBOLS.iter().find(|s| rest.starts_with(**s)) {
            Some(symbol) => {
                self.at += symbol.len();
                Ok(Token::Symbol(symbol))
            }
            None => self.error(format!("unexpected character `{}`", rest.chars().next().unwrap_or(' '))),
        }
    }

    fn number(&mut self) -> Result<Token<'a>> {
        let size = self.take(|b| b.is_ascii_digit() || b == b'_');
        let before = self.at;
        self.take(|b| b == b' ' || b == b'\t');
        if !self.rest().starts_with('\'') {
            self.at = before;
            let value = self.digits(10, size)?;
            let width = value.0.significant().max(31) + 1;
            let value = value.0.extend(width.max(32), false);
            return Ok(Token::Number(Box::new(Number { value, signed: true, wild: None })));
        }
        self.at += 1;
        let bytes = self.text.as_bytes();
        let mut next = || {
            let b = bytes.get(self.at).copied().unwrap_or(0).to_ascii_lowercase();
            self.at += 1;
            b
        };
        let mut base = next();
        let signed = base == b's';
        if signed {
            base = next();
        }
        let radix = match base {
            b'b' => 2,
            b'o' => 8,
            b'd' => 10,
            b'h' => 16,
            _ => return self.error("a base b, o, d or h is expected after '".into()),
        };
        self.take(|b| b == b' ' || b == b'\t');
        let digits = self.take(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'?');
        let (value, wild) = self.digits(radix, digits)?;
        let width = match size {
            "" => value.significant().max(32),
            _ => match size.replace('_', "").parse() {
                Ok(width @ 1..=1_000_000) => width,
                _ => return self.error(format!("a number cannot be `{size}` bits wide")),
            },
        };
        let wild = (!wild.is_zero()).then(|| {
            let fill = wild.width() < width && wild.bit(wild.width() - 1);
            wild.extend(width, fill)
        });
        Ok(Token::Number(Box::new(Number { value: value.extend(width, false), signed, wild })))
    }

    /// Value and wild bits of digits. An `x` is 0: there are two states.
    fn digits(&self, radix: u32, digits: &str) -> Result<(BitVec, BitVec)> {
        let digits: Vec<u8> = digits.bytes().filter(|&b| b != b'_').collect();
        if digits.is_empty() {
            return self.error("a number has no digits".into());
        }
        if radix == 10 {
            let width = digits.len() as u32 * 4;
            let mut value = BitVec::zero(width);
            for &d in &digits {
                let Some(d) = (d as char).to_digit(10) else {
                    return self.error(format!("`{}` is not a decimal digit", d as char));
                };
                value = value.mul(&BitVec::from_u64(width, 10)).add(&BitVec::from_u64(width, d.into()));
            }
            return Ok((value, BitVec::zero(width)));
        }
        let per = radix.trailing_zeros();
        let width = per * digits.len() as u32;
        let (mut value, mut wild) = (BitVec::zero(width), BitVec::zero(width));
        for (i, &b) in digits.iter().rev().enumerate() {
            let all = radix - 1;
            let (v, w) = match (b as char).to_digit(radix) {
                Some(d) => (d, 0),
                None if b == b'?' || b.eq_ignore_ascii_case(&b'z') => (0, all),
                None if b.eq_ignore_ascii_case(&b'x') => (0, 0),
                None => return self.error(format!("`{}` is not a digit of base {radix}", b as char)),
            };
            for k in (0..per).filter(|k| (v | w) >> k & 1 == 1) {
                if v >> k & 1 == 1 {
                    value.set_bit(i as u32 * per + k);
                } else {
                    wild.set_bit(i as u32 * per + k);
                }
            }
        }
        Ok((value, wild))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        match lex(text).unwrap().swap_remove(0).0 {
            Token::Number(n) => *n,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn numbers() {
        assert_eq!(number("12"), Number { value: BitVec::from_u64(32, 12), signed: true, wild: None });
        assert_eq!(number("8'hfF").value, BitVec::from_u64(8, 255));
        assert_eq!(number("4 'sb10_10"), Number { value: BitVec::from_u64(4, 10), signed: true, wild: None });
        assert_eq!(number("'h1").value.width(), 32);
        assert_eq!(number("4294967295").value.width(), 33);
        assert_eq!(number("2'd7").value, BitVec::from_u64(2, 3));
        let wild = number("4'b1?0z");
        assert_eq!((wild.value, wild.wild), (BitVec::from_u64(4, 8), Some(BitVec::from_u64(4, 5))));
        assert_eq!(number("68'hf0000000000000001").value.words(), [1, 15]);
    }

    #[test]
    fn attributes_are_skipped_and_sensitivity_lists_are_not() {
        let words: Vec<String> = lex("(* ram_style = \"block\" *)\nreg a$1; always @(*) @ ( * )")
            .unwrap()
            .iter()
            .map(|t| t.0.to_string())
            .collect();
        assert_eq!(words.join(" "), "`reg` `a$1` `;` `always` `@` `(` `*` `)` `@` `(` `*` `)` the end of the text");
        assert_eq!(lex("(* x\n *) y").unwrap()[0].1, 2);
    }

    #[test]
    fn bad_numbers() {
        for text in ["8'q1", "8'b2", "0'h1", "8'h"] {
            assert!(lex(text).is_err(), "{text}");
        }
    }
}
