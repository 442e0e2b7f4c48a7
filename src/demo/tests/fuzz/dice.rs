//! Chance that can be had again.

/// Random numbers of a seed: xorshift64*. Nothing here has to be unpredictable.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// Of a seed.
    pub fn new(seed: u64) -> Self {
        // Neighbouring seeds are to begin far from each other, and none with zero.
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below a bound; zero if the bound is.
    pub fn below(&mut self, bound: usize) -> usize {
        ((self.next() >> 16) % bound.max(1) as u64) as usize
    }

    /// Once in so many times.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of some.
    pub fn pick<'a, T: ?Sized>(&mut self, some: &[&'a T]) -> &'a T {
        some[self.below(some.len())]
    }

    /// One of many, if there are any.
    pub fn any<'a, T>(&mut self, many: &'a [T]) -> Option<&'a T> {
        many.get(self.below(many.len()))
    }
}
