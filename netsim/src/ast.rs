//! What the parser hands to elaboration. Names borrow from the text; lines count from 1.

use crate::lex::Number;

#[derive(Clone, Debug)]
pub struct Expr<'a> {
    pub line: u32,
    pub kind: ExprKind<'a>,
}

pub type Boxed<'a> = Box<Expr<'a>>;

#[derive(Clone, Debug)]
pub enum ExprKind<'a> {
    Number(Box<Number>),
    Text,
    Name(&'a str),
    /// `base[index]`: a bit of a vector or a word of a memory.
    Index(Boxed<'a>, Boxed<'a>),
    /// `base[msb:lsb]`.
    Range(Boxed<'a>, Boxed<'a>, Boxed<'a>),
    /// `base[start +: width]`, or `-:` when not `up`.
    Part {
        base: Boxed<'a>,
        start: Boxed<'a>,
        width: Boxed<'a>,
        up: bool,
    },
    Concat(Vec<Expr<'a>>),
    Repeat(Boxed<'a>, Vec<Expr<'a>>),
    Unary(&'static str, Boxed<'a>),
    Binary(&'static str, Boxed<'a>, Boxed<'a>),
    Ternary(Boxed<'a>, Boxed<'a>, Boxed<'a>),
    /// `$signed(..)`, `$unsigned(..)`, `$clog2(..)`.
    Call(&'a str, Vec<Expr<'a>>),
}

#[derive(Clone, Debug)]
pub struct Statement<'a> {
    pub line: u32,
    pub kind: StatementKind<'a>,
}

#[derive(Clone, Debug)]
pub enum StatementKind<'a> {
    Empty,
    Block(Vec<Statement<'a>>),
    Assign { target: Expr<'a>, value: Expr<'a>, blocking: bool },
    If(Expr<'a>, Box<Statement<'a>>, Option<Box<Statement<'a>>>),
    Case(Case<'a>),
    For { start: Box<Statement<'a>>, condition: Expr<'a>, step: Box<Statement<'a>>, body: Box<Statement<'a>> },
}

#[derive(Clone, Debug)]
pub struct Case<'a> {
    /// `casez` or `casex`: wild bits of an item match anything.
    pub wild: bool,
    pub subject: Expr<'a>,
    pub items: Vec<(Vec<Expr<'a>>, Statement<'a>)>,
    pub default: Option<Box<Statement<'a>>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Input,
    Output,
    Inout,
}

/// `[left:right]`.
pub type Range<'a> = (Expr<'a>, Expr<'a>);

#[derive(Clone, Debug)]
pub struct Declaration<'a> {
    pub line: u32,
    pub name: &'a str,
    pub direction: Option<Direction>,
    /// Declared `reg` or `integer`: may be assigned in always blocks, keeps its value.
    pub variable: bool,
    pub signed: bool,
    pub range: Option<Range<'a>>,
    /// Second range: the words of a memory.
    pub words: Option<Range<'a>>,
    pub value: Option<Expr<'a>>,
}

#[derive(Clone, Debug)]
pub struct Parameter<'a> {
    pub line: u32,
    pub name: &'a str,
    pub local: bool,
    pub signed: bool,
    pub range: Option<Range<'a>>,
    pub value: Expr<'a>,
}

#[derive(Clone, Debug)]
pub struct Instance<'a> {
    pub line: u32,
    pub module: &'a str,
    pub name: &'a str,
    pub parameters: Vec<Connection<'a>>,
    pub ports: Vec<Connection<'a>>,
}

/// `.name(value)`; without a name it goes by position, without a value it is open.
#[derive(Clone, Debug)]
pub struct Connection<'a> {
    pub line: u32,
    pub name: Option<&'a str>,
    pub value: Option<Expr<'a>>,
}

#[derive(Clone, Debug)]
pub enum Item<'a> {
    Declare(Declaration<'a>),
    Parameter(Parameter<'a>),
    Assign {
        line: u32,
        target: Expr<'a>,
        value: Expr<'a>,
    },
    Initial(Statement<'a>),
    /// `always @(*)`.
    Combinational(Statement<'a>),
    /// `always @(posedge clock)`.
    Clocked {
        line: u32,
        clock: &'a str,
        body: Statement<'a>,
    },
    Instance(Instance<'a>),
    Genvar,
    GenerateFor {
        line: u32,
        variable: &'a str,
        start: Expr<'a>,
        condition: Expr<'a>,
        step: (&'a str, Expr<'a>),
        block: Generate<'a>,
    },
    GenerateIf {
        condition: Expr<'a>,
        then: Generate<'a>,
        otherwise: Option<Generate<'a>>,
    },
}

#[derive(Clone, Debug)]
pub struct Generate<'a> {
    pub label: Option<&'a str>,
    pub items: Vec<Item<'a>>,
}

#[derive(Clone, Debug)]
pub struct Module<'a> {
    pub line: u32,
    pub name: &'a str,
    /// Ports in the order of the header.
    pub ports: Vec<&'a str>,
    pub items: Vec<Item<'a>>,
}
