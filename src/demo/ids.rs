//! Identifiers: unique, and the same again for the same seed, so that a demo looks alike on every start.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// The letters of generated names, as in apimachinery's `util/rand`: no vowels, nothing that looks like another.
const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// Makes identifiers.
#[derive(Debug, Clone)]
pub struct Ids {
    seed: u64,
    counter: u64,
}

impl Ids {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Self { seed, counter: 0 }
    }

    fn next(&mut self) -> [u8; 32] {
        self.counter += 1;
        let mut hash = Sha256::new();
        hash.update(self.seed.to_le_bytes());
        hash.update(self.counter.to_le_bytes());
        hash.finalize().into()
    }

    /// A UUID of version 4.
    pub fn uid(&mut self) -> String {
        let bytes = self.next();
        let mut hex = String::with_capacity(36);
        for (at, byte) in bytes.iter().take(16).enumerate() {
            if matches!(at, 4 | 6 | 8 | 10) {
                hex.push('-');
            }
            let byte = match at {
                6 => (byte & 0x0f) | 0x40,
                8 => (byte & 0x3f) | 0x80,
                _ => *byte,
            };
            let _ = write!(hex, "{byte:02x}");
        }
        hex
    }

    /// What is put behind `generateName`: so many letters.
    pub fn suffix(&mut self, length: usize) -> String {
        let bytes = self.next();
        bytes.iter().take(length).map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()])).collect()
    }

    /// A number below a bound.
    pub fn below(&mut self, bound: u64) -> u64 {
        let bytes = self.next();
        let number = bytes.iter().take(8).fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
        number % bound.max(1)
    }
}
