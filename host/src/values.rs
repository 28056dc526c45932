//! A sample's values for a board that makes the spikes of them itself.

use crate::coding::{Code, Coding};
use crate::data::MAX_VALUE;
use nernst_spec::Image;
use nernst_spec::encoding;
use nernst_spec::image::Driver;

/// A sample as its values, and the code that makes spikes of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Values {
    /// One for each input of the network; above [`MAX_VALUE`] they count as it.
    pub pixels: Vec<u8>,
    pub code: Code,
}

/// Why a network's samples cannot be sent as values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValuesError {
    #[error("image `{image}` has a line with a spike in each tick, which no value of the latency code stands for")]
    Constant { image: String },
    #[error("image `{image}` has {lines} input lines, and array `{array}` keeps values of {most}")]
    Lines { image: String, lines: usize, array: String, most: usize },
    #[error("code {code} has more ticks than the {} of one command", u16::MAX)]
    Ticks { code: Code },
}

impl Values {
    /// Whether samples of this network can be sent as values of this code.
    pub fn check(image: &Image, code: Code) -> Result<(), ValuesError> {
        let image_name = || image.name.clone();
        if code.coding == Coding::Latency && image.extra.contains(&Driver::Constant) {
            return Err(ValuesError::Constant { image: image_name() });
        }
        let (lines, most) = (image.inputs.len(), encoding::lines(&image.config));
        if lines > most {
            return Err(ValuesError::Lines { image: image_name(), lines, array: image.config.name.clone(), most });
        }
        if code.ticks > u16::MAX.into() {
            return Err(ValuesError::Ticks { code });
        }
        Ok(())
    }

    /// The value of each input line: lines that repeat an input have its value, and those with a spike in each tick the largest.
    pub fn of_lines(&self, image: &Image) -> Vec<u8> {
        let pixel = |channel: usize| self.pixels.get(channel).map_or(0, |&pixel| pixel.min(MAX_VALUE));
        let extra = image.extra.iter().map(|driver| match driver {
            Driver::Constant => MAX_VALUE,
            Driver::Input(channel) => pixel(usize::from(*channel)),
        });
        (0..image.channels()).map(pixel).chain(extra).collect()
    }
}
