//! The Verilog preprocessor: comments, conditionals and plain macros. Lines keep their numbers.

use crate::error::{Error, Result};
use std::collections::HashMap;

/// Directives that say nothing about behaviour in a two-state, zero-delay simulation.
const IGNORED: [&str; 8] = [
    "timescale",
    "default_nettype",
    "resetall",
    "celldefine",
    "endcelldefine",
    "line",
    "begin_keywords",
    "end_keywords",
];

/// How deep macros may use macros: beyond it they use themselves.
const MACRO_DEPTH: usize = 32;

struct Conditional {
    /// Text of this branch is kept.
    active: bool,
    /// Some branch has been kept already.
    taken: bool,
    line: u32,
}

/// Removes comments, resolves `` `ifdef `` and expands macros. `defines` are names or `NAME=value`.
pub fn preprocess(text: &str, defines: &[String]) -> Result<String> {
    let text = strip_comments(text)?;
    let mut macros: HashMap<String, String> = defines
        .iter()
        .map(|d| d.split_once('=').unwrap_or((d, "")))
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .collect();
    let mut out = String::with_capacity(text.len());
    let mut stack: Vec<Conditional> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let number = index as u32 + 1;
        let active = stack.iter().all(|c| c.active);
        let trimmed = line.trim_start();
        let directive = trimmed.strip_prefix('`').map(split_word);
        match directive {
            Some((word @ ("ifdef" | "ifndef"), rest)) => {
                let defined = macros.contains_key(split_word(rest.trim()).0);
                let hit = defined == (word == "ifdef");
                stack.push(Conditional { active: hit, taken: hit, line: number });
            }
            Some(("elsif", rest)) => {
                let defined = macros.contains_key(split_word(rest.trim()).0);
                let top = open(&mut stack, number, "elsif")?;
                top.active = defined && !top.taken;
                top.taken |= defined;
            }
            Some(("else", _)) => {
                let top = open(&mut stack, number, "else")?;
                top.active = !top.taken;
                top.taken = true;
            }
            Some(("endif", _)) => {
                open(&mut stack, number, "endif")?;
                stack.pop();
            }
            _ if !active => {}
            Some(("define", rest)) => {
                let (name, value) = split_word(rest.trim());
                if value.starts_with('(') {
                    return Err(syntax(number, format!("macro `{name}` has arguments, which are not supported")));
                }
                macros.insert(name.to_string(), value.trim().to_string());
            }
            Some(("undef", rest)) => {
                macros.remove(split_word(rest.trim()).0);
            }
            Some(("include", rest)) => {
                return Err(syntax(number, format!("`include {} is not supported: give one text", rest.trim())));
            }
            Some((word, _)) if IGNORED.contains(&word) => {}
            _ => expand(line, &macros, number, 0, &mut out)?,
        }
        out.push('\n');
    }
    match stack.last() {
        Some(open) => Err(syntax(open.line, "this conditional has no `endif".into())),
        None => Ok(out),
    }
}

fn syntax(line: u32, message: String) -> Error {
    Error::Syntax { line, message }
}

fn open<'a>(stack: &'a mut [Conditional], line: u32, word: &str) -> Result<&'a mut Conditional> {
    stack.last_mut().ok_or_else(|| syntax(line, format!("`{word} without `ifdef")))
}

/// The identifier at the start of `text`, and what follows it.
fn split_word(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '$')).unwrap_or(text.len());
    text.split_at(end)
}

fn expand(line: &str, macros: &HashMap<String, String>, number: u32, depth: usize, out: &mut String) -> Result<()> {
    let mut rest = line;
    while let Some(at) = rest.find('`') {
        out.push_str(&rest[..at]);
        let (name, after) = split_word(&rest[at + 1..]);
        let value = macros.get(name).ok_or_else(|| syntax(number, format!("macro `{name}` is not defined")))?;
        if depth == MACRO_DEPTH {
            return Err(syntax(number, format!("macro `{name}` uses itself")));
        }
        expand(value, macros, number, depth + 1, out)?;
        rest = after;
    }
    out.push_str(rest);
    Ok(())
}

/// Comments become a space; the line breaks inside them stay.
fn strip_comments(text: &str) -> Result<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut line = 1;
    while let Some(at) = rest.find(['/', '"']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        line += before.matches('\n').count() as u32;
        let end = if from.starts_with("//") {
            from.find('\n').unwrap_or(from.len())
        } else if from.starts_with("/*") {
            let end = from.find("*/").ok_or_else(|| syntax(line, "comment without an end".into()))? + 2;
            out.push(' ');
            let breaks = from[..end].matches('\n').count();
            out.extend(std::iter::repeat_n('\n', breaks));
            line += breaks as u32;
            end
        } else if let Some(inside) = from.strip_prefix('"') {
            let end = inside
                .find(['"', '\n'])
                .filter(|&e| inside[e..].starts_with('"'))
                .ok_or_else(|| syntax(line, "string without an end".into()))?
                + 2;
            out.push_str(&from[..end]);
            end
        } else {
            out.push('/');
            1
        };
        rest = &from[end..];
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_branch_that_is_defined_and_the_line_numbers() {
        let text = "`ifdef SYNTHESIS\nvendor\n`else\nmodel // here\n`endif\nend /* a\nb */ x\n";
        assert_eq!(preprocess(text, &[]).unwrap(), "\n\n\nmodel \n\nend  \n x\n");
        assert_eq!(preprocess(text, &["SYNTHESIS".into()]).unwrap(), "\nvendor\n\n\n\nend  \n x\n");
    }

    #[test]
    fn expands_macros_inside_macros() {
        let text = "`define W 8\n`define TOP (`W-1)\nreg [`TOP:0] a;\n";
        assert_eq!(preprocess(text, &[]).unwrap(), "\n\nreg [(8-1):0] a;\n");
        assert_eq!(preprocess("`X", &["X=3".into()]).unwrap(), "3\n");
    }

    #[test]
    fn names_what_is_wrong() {
        for (text, part) in [
            ("`ifdef A\n", "no `endif"),
            ("`endif\n", "without `ifdef"),
            ("\n`nope\n", "line 2: macro `nope` is not defined"),
            ("`define A `A\n`A\n", "uses itself"),
            ("/* x", "comment without an end"),
        ] {
            let message = preprocess(text, &[]).unwrap_err().to_string();
            assert!(message.contains(part), "{message}");
        }
    }
}
