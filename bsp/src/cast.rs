//! Casts that rust-hdl's `#[hdl_gen]` lets through and that mean the same in Rust and in Verilog.
//!
//! `#[hdl_gen]` knows casts by the start of their name, so these functions are legal in a kernel: names that begin with
//! `signed_bit_cast` become `$signed(x)`, names that begin with `unsigned_cast` become `$unsigned(x)`.

use rust_hdl::prelude::{Bits, Signed, bit_cast, signed_cast};

/// Sign extension (`M >= N`) or truncation (`M < N`) of a signed number.
///
/// Import it by name beside `use rust_hdl::prelude::*;`: it takes the place of rust-hdl's function of the same name, which
/// recurses without end for the most negative value.
///
/// Do not narrow and widen again in one expression: Verilog's `$signed` does not truncate.
pub fn signed_bit_cast<const M: usize, const N: usize>(x: Signed<N>) -> Signed<M> {
    let low = bit_cast::<M, N>(x.inner());
    if M > N && x.sign_bit() { signed_cast(low | !bit_cast::<M, N>(Bits::<N>::mask())) } else { signed_cast(low) }
}

/// The value itself; in Verilog it cuts an expression to its own width.
///
/// rust-hdl wraps `a + b` at the width of `a`, Verilog extends it to the widest operand around it; `unsigned_cast_w(a + b)`
/// is the same in both.
pub fn unsigned_cast_w<const N: usize>(x: Bits<N>) -> Bits<N> {
    x
}

/// Zero extension that may be used in loops over arrays of signals, where `bit_cast` does not compile.
///
/// # Panics
/// When `M < N`.
pub fn unsigned_cast_ext<const M: usize, const N: usize>(x: Bits<N>) -> Bits<M> {
    assert!(M >= N, "unsigned_cast_ext makes {N} bits wider, it cannot make them {M}");
    bit_cast(x)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_hdl::prelude::*;

    #[test]
    fn every_signed_byte_survives_a_detour_over_twelve_bits() {
        for value in -128i64..128 {
            let wide: Signed<12> = super::signed_bit_cast(Signed::<8>::from(value));
            assert_eq!(wide, Signed::<12>::from(value), "{value}");
            let back: Signed<8> = super::signed_bit_cast(wide);
            assert_eq!(back, Signed::<8>::from(value), "{value}");
        }
    }

    #[test]
    fn zero_extension_keeps_the_value() {
        assert_eq!(unsigned_cast_ext::<12, 4>(bits::<4>(0xf)), bits::<12>(0xf));
    }
}
