//! Opinions that were given before, by the hash of the text that was shown.

use std::collections::{HashMap, VecDeque};

use crate::Opinion;

/// At most so many opinions; the oldest makes room.
#[derive(Debug)]
pub(crate) struct Cache {
    kept: HashMap<[u8; 32], Opinion>,
    order: VecDeque<[u8; 32]>,
    limit: usize,
}

impl Cache {
    pub(crate) fn new(limit: usize) -> Self {
        Self { kept: HashMap::new(), order: VecDeque::new(), limit }
    }

    pub(crate) fn get(&self, key: &[u8; 32]) -> Option<Opinion> {
        self.kept.get(key).cloned()
    }

    pub(crate) fn put(&mut self, key: [u8; 32], opinion: Opinion) {
        if self.limit == 0 || self.kept.insert(key, opinion).is_some() {
            return;
        }
        self.order.push_back(key);
        if self.order.len() > self.limit
            && let Some(oldest) = self.order.pop_front()
        {
            self.kept.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_makes_room() {
        let opinion = |scam| Opinion { scam, why: String::new() };
        let mut cache = Cache::new(2);
        for key in [1, 2, 2, 3] {
            cache.put([key; 32], opinion(0.5));
        }
        assert!(
            cache.get(&[1; 32]).is_none() && cache.get(&[2; 32]).is_some() && cache.get(&[3; 32]).is_some()
        );
        let mut none = Cache::new(0);
        none.put([1; 32], opinion(0.5));
        assert!(none.get(&[1; 32]).is_none());
    }
}
