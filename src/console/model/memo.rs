//! What was made of something, kept while that stays the same.

use std::sync::{Arc, Mutex, PoisonError};

/// The last that was made, with what it was made of. Drawing may keep here what it would make anew for each frame: nobody can
/// tell but by the time it takes.
#[derive(Debug)]
pub struct Memo<K, V>(Mutex<Option<(K, Arc<V>)>>);

impl<K, V> Default for Memo<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: PartialEq, V> Memo<K, V> {
    /// What is made of `key`: what was kept, if it was made of the same.
    pub fn get(&self, key: K, make: impl FnOnce() -> V) -> Arc<V> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, made)) = &*kept
            && *known == key
        {
            return Arc::clone(made);
        }
        let made = Arc::new(make());
        *kept = Some((key, Arc::clone(&made)));
        made
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_is_kept_and_no_other() {
        let memo = Memo::default();
        let made = |key: u8| memo.get(key, || key.to_string());
        let first = made(1);
        assert!(Arc::ptr_eq(&first, &made(1)));
        assert_eq!(*made(2), "2");
        assert!(!Arc::ptr_eq(&first, &made(1)));
    }
}
