//! Which samples to run, and their spikes.

use super::Failure;
use nernst::coding::Code;
use nernst::data::{Dataset, SPLIT_SEED, Sample};
use nernst_spec::Image;

/// Which samples.
#[derive(clap::Args)]
pub struct SampleArgs {
    /// Data set: `digits`, `iris`, or a CSV file (plain or gzipped) with values, and the class last in each row; docs/data.md says
    /// how values become 0 to 16.
    #[arg(short, long, default_value = "digits")]
    data: String,
    #[command(flatten)]
    part: PartArgs,
}

impl SampleArgs {
    /// Name of the data set and the samples to run.
    pub fn samples(&self, image: &Image) -> anyhow::Result<(String, Vec<Sample>)> {
        let samples = self.part.of(&self.data, &image.name, inputs(image), image.outputs.len())?;
        Ok((self.data.clone(), samples))
    }

    /// Most samples to run.
    pub fn limit(&self) -> Option<usize> {
        self.part.limit
    }
}

/// Which part of a data set.
#[derive(clap::Args)]
pub struct PartArgs {
    /// Take all samples of the data set, not only the fifth that is its test part: for data that is a test part itself.
    #[arg(long)]
    pub all: bool,
    /// Take only the first samples of these.
    #[arg(short, long, value_name = "SAMPLES")]
    pub limit: Option<usize>,
}

impl PartArgs {
    /// The samples of a data set for a network with so many inputs and outputs.
    pub fn of(&self, data: &str, network: &str, inputs: usize, outputs: usize) -> anyhow::Result<Vec<Sample>> {
        let data = Dataset::open(data)?;
        if data.inputs() != inputs || data.classes() > outputs {
            let what = format!(
                "data set `{}` has {} values and {} classes, network `{network}` {inputs} inputs and {outputs} outputs",
                data.name,
                data.inputs(),
                data.classes(),
            );
            return Err(Failure { what, help: "run the data set that the network was trained for".into() }.into());
        }
        self.select(data)
    }

    /// The samples of a data set.
    pub fn select(&self, data: Dataset) -> anyhow::Result<Vec<Sample>> {
        let name = data.name.clone();
        let mut samples = if self.all { data.samples } else { data.split(SPLIT_SEED).test };
        samples.truncate(self.limit.unwrap_or(usize::MAX));
        if samples.is_empty() {
            let what = format!("no samples to run from data set `{name}`");
            return Err(Failure { what, help: "give a larger --limit".into() }.into());
        }
        Ok(samples)
    }
}

/// The code that an image names.
pub fn code(image: &Image) -> anyhow::Result<Code> {
    image.coding.parse().map_err(|what: String| {
        let what = format!("image `{}`: {what}", image.name);
        Failure { what, help: "compile the network again with this version".into() }.into()
    })
}

/// Inputs of the network: what spikes come in on.
pub fn inputs(image: &Image) -> usize {
    image.channels()
}
