//! Constants of any width, with Verilog's arithmetic.

/// An unsigned number of `width` bits; bits above the width are zero.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BitVec {
    width: u32,
    words: Vec<u64>,
}

fn count(width: u32) -> usize {
    width.div_ceil(64) as usize
}

impl BitVec {
    pub fn zero(width: u32) -> Self {
        BitVec { width, words: vec![0; count(width)] }
    }

    pub fn from_u64(width: u32, value: u64) -> Self {
        let mut v = Self::zero(width);
        if let Some(w) = v.words.first_mut() {
            *w = value;
        }
        v.trim()
    }

    /// The low `width` bits of little-endian words.
    pub fn from_words(width: u32, words: impl IntoIterator<Item = u64>) -> Self {
        let mut words: Vec<u64> = words.into_iter().take(count(width)).collect();
        words.resize(count(width), 0);
        BitVec { width, words }.trim()
    }

    pub fn ones(width: u32) -> Self {
        BitVec { width, words: vec![!0; count(width)] }.trim()
    }

    fn trim(mut self) -> Self {
        if !self.width.is_multiple_of(64)
            && let Some(top) = self.words.last_mut()
        {
            *top &= (1 << (self.width % 64)) - 1;
        }
        self
    }

    pub fn width(&self) -> u32 {
        self.width
    }

    pub fn words(&self) -> &[u64] {
        &self.words
    }

    pub fn bit(&self, index: u32) -> bool {
        index < self.width && self.words[index as usize / 64] >> (index % 64) & 1 == 1
    }

    pub fn set_bit(&mut self, index: u32) {
        self.words[index as usize / 64] |= 1 << (index % 64);
    }

    pub fn is_zero(&self) -> bool {
        self.words.iter().all(|&w| w == 0)
    }

    pub fn is_ones(&self) -> bool {
        *self == Self::ones(self.width)
    }

    /// The value, if it fits 64 bits.
    pub fn to_u64(&self) -> Option<u64> {
        self.words.iter().skip(1).all(|&w| w == 0).then(|| self.words.first().copied().unwrap_or(0))
    }

    /// Two's complement value, if it fits.
    pub fn to_i64(&self, signed: bool) -> Option<i64> {
        let low = self.extend(64, signed).words[0];
        let width = self.width.max(64);
        let fits = Self::from_u64(64, low).extend(width, signed) == self.extend(width, signed);
        (fits && (signed || low >> 63 == 0)).then_some(low as i64)
    }

    /// Number of bits up to the highest one that is set.
    pub fn significant(&self) -> u32 {
        (0..self.width).rev().find(|&i| self.bit(i)).map_or(0, |i| i + 1)
    }

    pub fn slice(&self, lo: u32, len: u32) -> Self {
        let (skip, shift) = ((lo / 64) as usize, lo % 64);
        let get = |i: usize| self.words.get(i).copied().unwrap_or(0);
        let word = |i: usize| {
            let low = get(skip + i) >> shift;
            if shift == 0 { low } else { low | get(skip + i + 1) << (64 - shift) }
        };
        Self::from_words(len, (0..count(len)).map(word))
    }

    /// `high` above `self`.
    pub fn concat(&self, high: &Self) -> Self {
        let width = self.width + high.width;
        self.extend(width, false).or(&high.extend(width, false).shl(u64::from(self.width)))
    }

    /// Extends with zeros or the sign, or truncates.
    pub fn extend(&self, width: u32, signed: bool) -> Self {
        let mut v = Self::from_words(width, self.words.iter().copied());
        if signed && width > self.width && self.width > 0 && self.bit(self.width - 1) {
            for i in self.width..width {
                v.set_bit(i);
            }
        }
        v
    }

    fn zip(&self, other: &Self, f: impl Fn(u64, u64) -> u64) -> Self {
        let words = self.words.iter().zip(&other.words).map(|(&a, &b)| f(a, b)).collect();
        BitVec { width: self.width, words }.trim()
    }

    pub fn and(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a & b)
    }

    pub fn or(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a | b)
    }

    pub fn xor(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a ^ b)
    }

    pub fn not(&self) -> Self {
        self.zip(self, |a, _| !a)
    }

    pub fn add(&self, other: &Self) -> Self {
        let mut carry = 0u128;
        let sum = |(&a, &b): (&u64, &u64)| {
            carry += u128::from(a) + u128::from(b);
            let low = carry as u64;
            carry >>= 64;
            low
        };
        let words = self.words.iter().zip(&other.words).map(sum).collect();
        BitVec { width: self.width, words }.trim()
    }

    pub fn neg(&self) -> Self {
        self.not().add(&Self::from_u64(self.width, 1))
    }

    pub fn sub(&self, other: &Self) -> Self {
        self.add(&other.neg())
    }

    pub fn mul(&self, other: &Self) -> Self {
        let mut sum = Self::zero(self.width);
        for i in (0..other.width).filter(|&i| other.bit(i)) {
            sum = sum.add(&self.shl(u64::from(i)));
        }
        sum
    }

    pub fn shl(&self, by: u64) -> Self {
        let mut v = Self::zero(self.width);
        for i in (0..self.width).filter(|&i| u64::from(i) + by < u64::from(self.width) && self.bit(i)) {
            v.set_bit(i + by as u32);
        }
        v
    }

    pub fn shr(&self, by: u64) -> Self {
        if by >= u64::from(self.width) { Self::zero(self.width) } else { self.slice(by as u32, self.width) }
    }

    pub fn sar(&self, by: u64) -> Self {
        let fill = self.bit(self.width - 1);
        let v = if fill { self.not() } else { self.clone() }.shr(by);
        if fill { v.not() } else { v }
    }

    pub fn less(&self, other: &Self, signed: bool) -> bool {
        let (a, b) = (self.bit(self.width - 1), other.bit(other.width - 1));
        if signed && a != b {
            return a;
        }
        self.words.iter().rev().lt(other.words.iter().rev())
    }

    pub fn parity(&self) -> bool {
        self.words.iter().map(|w| w.count_ones()).sum::<u32>() % 2 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v(width: u32, value: u64) -> BitVec {
        BitVec::from_u64(width, value)
    }

    #[test]
    fn arithmetic_wraps_at_the_width() {
        assert_eq!(v(8, 200).add(&v(8, 100)), v(8, 44));
        assert_eq!(v(8, 3).sub(&v(8, 5)), v(8, 254));
        assert_eq!(v(8, 20).mul(&v(8, 20)), v(8, 400 & 255));
        assert_eq!(v(4, 1).neg(), v(4, 15));
    }

    #[test]
    fn carries_between_words() {
        let top = BitVec::ones(100).add(&v(100, 1));
        assert!(top.is_zero());
        assert_eq!(v(100, !0).add(&v(100, 1)).words(), [0, 1]);
        assert_eq!(v(100, 1).shl(70).shr(69), v(100, 2));
    }

    #[test]
    fn signs() {
        assert_eq!(v(4, 8).extend(70, true).words(), [!7, 63]);
        assert_eq!(v(4, 9).to_i64(true), Some(-7));
        assert_eq!(v(4, 9).to_i64(false), Some(9));
        assert_eq!(v(64, !0).to_i64(true), Some(-1));
        assert!(v(4, 8).less(&v(4, 7), true) && !v(4, 8).less(&v(4, 7), false));
        assert_eq!(v(4, 8).sar(2), v(4, 14));
    }

    #[test]
    fn slices_across_words() {
        let x = BitVec::from_words(128, [0xf << 60, 0xa]);
        assert_eq!(x.slice(60, 8), v(8, 0xaf));
        assert_eq!(v(4, 0xf).concat(&v(68, 1)).words(), [0x1f, 0]);
    }
}
