//! Entries in a map, behind a lock that readers share.
use std::collections::HashMap;
use std::sync::RwLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::SystemTime;

use tonic::codegen::Bytes;

#[derive(Clone)]
pub struct Entry {
    pub value: Bytes,
    pub revision: u64,
    pub expires: Option<SystemTime>,
}

#[derive(Default)]
struct Entries {
    by_key: HashMap<String, Entry>,
    revision: u64,
}

#[derive(Default)]
pub struct Store {
    entries: RwLock<Entries>,
    hits: AtomicU64,
    misses: AtomicU64,
    puts: AtomicU64,
    touches: AtomicU64,
}

pub struct Counts {
    pub entries: u64,
    pub revision: u64,
    pub hits: u64,
    pub misses: u64,
    pub puts: u64,
    pub touches: u64,
}

impl Store {
    pub fn get(&self, key: &str) -> Option<Entry> {
        let found = self
            .entries
            .read()
            .unwrap()
            .by_key
            .get(key)
            .cloned()
            .filter(is_alive);
        let counter = if found.is_some() {
            &self.hits
        } else {
            &self.misses
        };
        counter.fetch_add(1, Relaxed);
        found
    }

    pub fn put(&self, key: String, value: Bytes) -> u64 {
        self.puts.fetch_add(1, Relaxed);
        let mut entries = self.entries.write().unwrap();
        entries.revision += 1;
        let revision = entries.revision;
        entries.by_key.insert(
            key,
            Entry {
                value,
                revision,
                expires: None,
            },
        );
        revision
    }

    /// Gives an entry a new deadline; false if there is none.
    pub fn touch(&self, key: &str, expires: SystemTime) -> bool {
        let entries = &mut *self.entries.write().unwrap();
        let Some(entry) = entries.by_key.get_mut(key).filter(|entry| is_alive(entry)) else {
            return false;
        };
        entry.expires = Some(expires);
        entries.revision += 1;
        self.touches.fetch_add(1, Relaxed);
        true
    }

    pub fn counts(&self) -> Counts {
        let entries = self.entries.read().unwrap();
        Counts {
            entries: entries.by_key.len() as u64,
            revision: entries.revision,
            hits: self.hits.load(Relaxed),
            misses: self.misses.load(Relaxed),
            puts: self.puts.load(Relaxed),
            touches: self.touches.load(Relaxed),
        }
    }
}

fn is_alive(entry: &Entry) -> bool {
    entry
        .expires
        .is_none_or(|expires| SystemTime::now() < expires)
}
