//! A cache provider on Gestalt's Rust SDK, for the kit: a map with expiry.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use gestalt::{CacheProvider, CacheSetOptions, Error, Result};

/// A reply of the host holds 4,194,304 bytes, of which the message's fields take a few.
const MAX_VALUE_BYTES: usize = 4_194_304 - 16;

/// An entry without an end never expires.
struct Entry {
    value: Vec<u8>,
    end: Option<Instant>,
}

#[derive(Default)]
struct MapCache {
    entries: Mutex<HashMap<String, Entry>>,
}

impl MapCache {
    fn new() -> Self {
        Self::default()
    }

    /// Runs `use_entry` on the live entry under a key. An expired entry is removed first.
    fn with_live<T>(&self, key: &str, use_entry: impl FnOnce(Option<&mut Entry>) -> T) -> T {
        let mut entries = self.entries.lock().expect("no holder panics");
        let expired = entries
            .get(key)
            .and_then(|entry| entry.end)
            .is_some_and(|end| Instant::now() >= end);
        if expired {
            entries.remove(key);
        }
        use_entry(entries.get_mut(key))
    }
}

/// A time to live of zero, or none at all, is no end. So is one beyond what the clock can tell.
fn end_of(ttl: Option<Duration>) -> Option<Instant> {
    ttl.filter(|ttl| !ttl.is_zero())
        .and_then(|ttl| Instant::now().checked_add(ttl))
}

#[async_trait::async_trait]
impl CacheProvider for MapCache {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.with_live(key, |entry| entry.map(|entry| entry.value.clone())))
    }

    async fn set(&self, key: &str, value: &[u8], options: CacheSetOptions) -> Result<()> {
        if value.len() > MAX_VALUE_BYTES {
            return Err(Error::with_status(429, "the value is too large"));
        }
        let entry = Entry {
            value: value.to_vec(),
            end: end_of(options.ttl),
        };
        let mut entries = self.entries.lock().expect("no holder panics");
        entries.insert(key.to_owned(), entry);
        Ok(())
    }

    async fn delete(&self, key: &str) -> Result<bool> {
        if self.with_live(key, |entry| entry.is_none()) {
            return Ok(false);
        }
        let mut entries = self.entries.lock().expect("no holder panics");
        Ok(entries.remove(key).is_some())
    }

    async fn touch(&self, key: &str, ttl: Duration) -> Result<bool> {
        Ok(self.with_live(key, |entry| match entry {
            Some(entry) => {
                entry.end = end_of(Some(ttl));
                true
            }
            None => false,
        }))
    }
}

gestalt::export_cache_provider!(constructor = MapCache::new);
