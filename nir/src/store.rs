//! HDF5: bytes to a tree and back. The only file that knows `hdf5-pure`.

use crate::{
    NodePath, Tensor,
    tensor::places,
    tree::{Attribute, Format, Group, Item, Text},
};
use hdf5_pure::{
    AttrValue, ChunkIndex, DType, Dataset, DatasetBuilder, EnumTypeBuilder, File, FileBuilder, GroupBuilder, Layout,
    VlenStringReadOptions,
};

/// Deflate makes at most one byte of 1,032. A file that declares more than that has nothing behind it.
const MOST_INFLATION: usize = 1032;
/// Groups within groups; networks have a handful. Hard links can make a group its own member.
const MOST_DEPTH: usize = 32;
/// Groups and datasets in all, for the same reason.
const MOST_ITEMS: usize = 1 << 20;
/// Integers up to here are exact in `f64`.
const EXACT: i64 = 1 << 53;
/// Fewer numbers than this do not shrink by more than the chunk's own record takes.
const WORTH_DEFLATING: usize = 128;
const DEFLATE_LEVEL: u32 = 4;

/// The whole content of a file, or what is wrong with it.
pub(crate) fn load(bytes: &[u8]) -> Result<Group, String> {
    let file = File::from_bytes(bytes.to_vec()).map_err(|error| error.to_string())?;
    let mut loader =
        Loader { payload: bytes.len(), budget: bytes.len().saturating_mul(MOST_INFLATION), items: MOST_ITEMS };
    loader.group(&file.root(), &NodePath::default(), 0)
}

struct Loader {
    /// Bytes of text that a dataset may have: text is not compressed.
    payload: usize,
    /// Bytes of numbers that may still come.
    budget: usize,
    /// Groups and datasets that may still come.
    items: usize,
}

impl Loader {
    fn group(&mut self, group: &hdf5_pure::Group, path: &NodePath, depth: usize) -> Result<Group, String> {
        let wrong = |error: hdf5_pure::Error| format!("group `/{}`: {error}", path.as_str());
        if depth > MOST_DEPTH {
            return Err(format!("group `/{}`: groups are nested more than {MOST_DEPTH} deep", path.as_str()));
        }
        let mut tree = Group::default();
        for (name, value) in group.attrs().map_err(wrong)? {
            let attribute = match (value.as_str(), value.as_i64(), value.as_f64()) {
                (Some(text), ..) => Attribute::Text(text.into()),
                (_, Some(integer), _) => Attribute::Integer(integer),
                (.., Some(float)) => Attribute::Float(float),
                _ => continue,
            };
            tree.attributes.insert(name, attribute);
        }
        for (name, child) in group.iter_groups().map_err(wrong)? {
            let item = Item::Group(self.group(&child, &path.join(&name), depth + 1)?);
            self.insert(&mut tree, path, name, item)?;
        }
        for (name, dataset) in group.iter_datasets().map_err(wrong)? {
            let item = self.dataset(&dataset);
            let item = item.map_err(|reason| format!("dataset `/{}`: {reason}", path.join(&name).as_str()))?;
            self.insert(&mut tree, path, name, item)?;
        }
        Ok(tree)
    }

    fn insert(&mut self, tree: &mut Group, path: &NodePath, name: String, item: Item) -> Result<(), String> {
        let wrong = |what: String| format!("group `/{}`: {what}", path.as_str());
        let left = self.items.checked_sub(1);
        self.items = left.ok_or_else(|| wrong(format!("more than {MOST_ITEMS} groups and datasets in the file")))?;
        match tree.items.insert(name.clone(), item) {
            None => Ok(()),
            Some(_) => Err(wrong(format!("`{name}` is there twice"))),
        }
    }

    /// Bytes of the file that a dataset has; all of them where that is not to be had.
    fn stored(&self, dataset: &Dataset) -> Result<usize, hdf5_pure::Error> {
        let size = match dataset.layout()? {
            Layout::Compact { size } | Layout::Contiguous { address: Some(_), size } => size,
            Layout::Contiguous { address: None, .. } => 0,
            // The one index whose chunks cannot be listed.
            Layout::Chunked { index: ChunkIndex::BTreeV2, .. } => self.payload as u64,
            Layout::Chunked { .. } => {
                dataset.chunks()?.iter().fold(0u64, |size, chunk| size.saturating_add(chunk.storage_size))
            }
            _ => self.payload as u64,
        };
        Ok(usize::try_from(size).unwrap_or(usize::MAX).min(self.payload))
    }

    fn dataset(&mut self, dataset: &Dataset) -> Result<Item, String> {
        let text = |error: hdf5_pure::Error| error.to_string();
        let dtype = dataset.dtype().map_err(text)?;
        let shape = dataset.shape().map_err(text)?;
        let shape: Vec<usize> =
            shape.into_iter().map(usize::try_from).collect::<Result<_, _>>().map_err(|error| error.to_string())?;
        let too_large = || format!("its shape {shape:?} is larger than the file can hold");
        let size = usize::try_from(dataset.element_size().map_err(text)?).map_err(|error| error.to_string())?;
        // In memory a number takes eight bytes, whatever it takes in the file, and a row without numbers takes some,
        // too.
        let rows: Vec<usize> = shape.iter().map(|size| (*size).max(1)).collect();
        let bytes = places(&rows).and_then(|places| places.checked_mul(size.max(8))).ok_or_else(too_large)?;
        self.budget = self.budget.checked_sub(bytes).ok_or_else(too_large)?;
        // What was never written is no weight of anybody.
        let stored = self.stored(dataset).map_err(text)?;
        if places(&shape).is_none_or(|places| places > stored.saturating_mul(MOST_INFLATION)) {
            return Err(format!(
                "its shape {shape:?} is larger than the {stored} bytes that are stored for it can hold"
            ));
        }
        let (values, format) = match dtype {
            DType::F32 => (dataset.read_f64().map_err(text)?, Format::F32),
            DType::F64 => (dataset.read_f64().map_err(text)?, Format::F64),
            DType::I8 | DType::I16 | DType::I32 | DType::I64 | DType::U8 | DType::U16 | DType::U32 => {
                (exact(dataset.read_i64().map_err(text)?)?, Format::Integer)
            }
            DType::U64 => (exact(dataset.read_u64().map_err(text)?)?, Format::Integer),
            // h5py's booleans.
            DType::Enum(names) if names == ["FALSE", "TRUE"] => {
                if size != 1 {
                    return Err(format!("a boolean has {size} bytes, not 1"));
                }
                let values = dataset.read_raw().map_err(text)?;
                (values.into_iter().map(|byte| f64::from(byte != 0)).collect(), Format::Boolean)
            }
            DType::VariableLengthString => {
                let limits = VlenStringReadOptions::new().with_max_payload_bytes(self.payload);
                let strings = dataset.read_vlen_strings(limits).map_err(text)?;
                return Ok(Item::Text(Text { shape, strings }));
            }
            DType::String => return Ok(Item::Text(Text { shape, strings: dataset.read_string().map_err(text)? })),
            other => return Ok(Item::Other(other.to_string())),
        };
        let found = values.len();
        let tensor = Tensor::new(&shape[..], values);
        tensor
            .map(|tensor| Item::Numbers(tensor, format))
            .ok_or_else(|| format!("{found} values for the shape {shape:?}"))
    }
}

fn exact<T: TryInto<i64> + Copy + std::fmt::Display>(integers: Vec<T>) -> Result<Vec<f64>, String> {
    let number = |integer: T| match integer.try_into() {
        Ok(value) if (-EXACT..=EXACT).contains(&value) => Ok(value as f64),
        _ => Err(format!("the integer {integer} is past 2^53")),
    };
    integers.into_iter().map(number).collect()
}

/// The bytes of a file with this content, in the format of HDF5 1.10 (2016), the oldest in which `hdf5-pure`
/// compresses.
pub(crate) fn save(tree: &Group) -> Result<Vec<u8>, String> {
    let mut file = FileBuilder::new();
    for (name, attribute) in &tree.attributes {
        file.set_attr(name, value(attribute));
    }
    for (name, item) in &tree.items {
        if let Item::Group(group) = item {
            let builder = file.create_group(name);
            file.add_group(fill(builder, group)?.finish());
        } else {
            write(file.create_dataset(name), item)?;
        }
    }
    file.finish().map_err(|error| error.to_string())
}

fn fill(mut builder: GroupBuilder, tree: &Group) -> Result<GroupBuilder, String> {
    for (name, attribute) in &tree.attributes {
        builder.set_attr(name, value(attribute));
    }
    for (name, item) in &tree.items {
        if let Item::Group(group) = item {
            let child = builder.create_group(name);
            builder.add_group(fill(child, group)?.finish());
        } else {
            write(builder.create_dataset(name), item)?;
        }
    }
    Ok(builder)
}

fn value(attribute: &Attribute) -> AttrValue {
    match attribute {
        // h5py gives back a string of variable length as `str`, any other as bytes.
        Attribute::Text(text) => AttrValue::VarLenString(text.clone()),
        Attribute::Integer(integer) => AttrValue::I64(*integer),
        Attribute::Float(float) => AttrValue::F64(*float),
    }
}

fn write(dataset: &mut DatasetBuilder, item: &Item) -> Result<(), String> {
    let dimensions = |shape: &[usize]| shape.iter().map(|size| *size as u64).collect::<Vec<u64>>();
    match item {
        Item::Text(text) => {
            let strings: Vec<&str> = text.strings.iter().map(String::as_str).collect();
            dataset.with_vlen_strings(&strings).with_shape(&dimensions(&text.shape));
        }
        Item::Numbers(tensor, format) => {
            let values = tensor.values();
            match format {
                Format::F32 => dataset.with_f32_data(&values.iter().map(|value| *value as f32).collect::<Vec<_>>()),
                Format::F64 => dataset.with_f64_data(values),
                Format::Integer => dataset.with_i64_data(&values.iter().map(|value| *value as i64).collect::<Vec<_>>()),
                Format::Boolean => {
                    let boolean = EnumTypeBuilder::u8_based().u8_value("FALSE", 0).u8_value("TRUE", 1).build();
                    let boolean = boolean.map_err(|error| error.to_string())?;
                    dataset.with_enum_u8_data(
                        boolean,
                        &values.iter().map(|value| u8::from(*value != 0.0)).collect::<Vec<_>>(),
                    )
                }
            };
            dataset.with_shape(&dimensions(tensor.shape()));
            if values.len() >= WORTH_DEFLATING {
                dataset.with_deflate(DEFLATE_LEVEL);
            }
        }
        Item::Group(_) | Item::Other(_) => return Err(format!("{} is no dataset", item.describe())),
    }
    Ok(())
}
