//! What a file holds, as far as NIR uses it: groups of numbers and text, and attributes.

use crate::Tensor;
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Group {
    pub items: BTreeMap<String, Item>,
    pub attributes: BTreeMap<String, Attribute>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Item {
    Group(Group),
    Numbers(Tensor, Format),
    Text(Text),
    /// Something that NIR does not use, by the name of its type: an error only where it is needed.
    Other(String),
}

/// How numbers are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    F32,
    F64,
    Integer,
    Boolean,
}

/// Strings with a shape; a single one has rank 0.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Text {
    pub shape: Vec<usize>,
    pub strings: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Attribute {
    Text(String),
    Integer(i64),
    Float(f64),
}

impl Group {
    pub fn insert(&mut self, name: impl Into<String>, item: impl Into<Item>) {
        self.items.insert(name.into(), item.into());
    }
}

impl Item {
    /// In single precision if that is exact, which it is for everything that was trained in it.
    pub fn floats(tensor: Tensor) -> Self {
        let exact = |value: &f64| value.is_nan() || f64::from(*value as f32) == *value;
        let format = if tensor.values().iter().all(exact) { Format::F32 } else { Format::F64 };
        Item::Numbers(tensor, format)
    }
    pub fn integer(value: i64) -> Self {
        Item::Numbers(Tensor::scalar(value as f64), Format::Integer)
    }
    pub fn integers(values: &[usize]) -> Self {
        let values: Vec<f64> = values.iter().map(|value| *value as f64).collect();
        Item::Numbers(Tensor::vector(values), Format::Integer)
    }
    /// What it is, in an error.
    pub fn describe(&self) -> String {
        match self {
            Item::Group(_) => "a group".into(),
            Item::Numbers(tensor, _) => match (tensor.rank(), tensor.single()) {
                (0, Some(value)) => format!("the number {value}"),
                _ => format!("numbers of shape {:?}", tensor.shape()),
            },
            Item::Text(text) => match &text.strings[..] {
                [string] => format!("the text {string:?}"),
                _ => format!("text of shape {:?}", text.shape),
            },
            Item::Other(name) => format!("data of type {name}"),
        }
    }
}

impl From<&str> for Item {
    fn from(text: &str) -> Self {
        Item::Text(Text { shape: vec![], strings: vec![text.into()] })
    }
}

impl From<Group> for Item {
    fn from(group: Group) -> Self {
        Item::Group(group)
    }
}
