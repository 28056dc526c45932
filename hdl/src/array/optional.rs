//! A part of a block that is there or not.

use rust_hdl::prelude::*;
use std::ops::{Deref, DerefMut};

/// A port, register or block that some shapes of a block have and others have not, where its Verilog says nothing of it.
///
/// A kernel names it as it would the part itself, in loops of no turn where it is absent: unlike an element of a vector, a port so
/// stays one name for the block around it, too.
#[derive(Default)]
pub struct Optional<B> {
    part: B,
    present: bool,
}

impl<B> Optional<B> {
    pub fn new(part: B, present: bool) -> Self {
        Self { part, present }
    }
}

impl<B: Default> Optional<B> {
    /// The part in its default state.
    pub fn there_if(present: bool) -> Self {
        Self::new(B::default(), present)
    }
}

impl<B> Deref for Optional<B> {
    type Target = B;
    fn deref(&self) -> &B {
        &self.part
    }
}

impl<B> DerefMut for Optional<B> {
    fn deref_mut(&mut self) -> &mut B {
        &mut self.part
    }
}

impl<B: Block> Logic for Optional<B> {
    fn update(&mut self) {
        if self.present {
            self.part.update();
        }
    }
    fn connect(&mut self) {
        self.part.connect();
    }
    fn hdl(&self) -> Verilog {
        self.part.hdl()
    }
}

impl<B: Block> Block for Optional<B> {
    fn connect_all(&mut self) {
        if self.present {
            self.part.connect_all();
        }
    }
    fn update_all(&mut self) {
        if self.present {
            self.part.update_all();
        }
    }
    fn has_changed(&self) -> bool {
        self.present && self.part.has_changed()
    }
    fn accept(&self, name: &str, probe: &mut dyn Probe) {
        if self.present {
            self.part.accept(name, probe);
        }
    }
}
