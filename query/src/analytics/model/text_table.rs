//! Texts in few allocations.

use std::{borrow::Borrow, cmp::Ordering, ops::Deref, sync::Arc};

/// Texts, one after the other.
#[derive(Clone, Debug, Default)]
pub(super) struct TextTable {
    texts: String,
    /// The end of each text.
    ends: Vec<u32>,
}

impl TextTable {
    /// Adds a text; returns its index.
    pub fn push(&mut self, text: &str) -> u32 {
        self.texts.push_str(text);
        self.ends.push(offset(self.texts.len()));
        offset(self.ends.len() - 1)
    }

    pub fn get(&self, index: u32) -> &str {
        let index = index as usize;
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.texts[start as usize..self.ends[index] as usize]
    }

    pub fn shrink_to_fit(&mut self) {
        self.texts.shrink_to_fit();
        self.ends.shrink_to_fit();
    }

    /// Returns the memory beside the size of the value itself, in bytes.
    pub fn heap_bytes(&self) -> usize {
        self.texts.capacity() + self.ends.capacity() * size_of::<u32>()
    }
}

/// Converts an offset within a table, which the limit on the memory of reads keeps far below 4 GiB.
pub(super) fn offset(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// A text of a shared table. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct SharedText {
    table: Arc<TextTable>,
    index: u32,
}

impl SharedText {
    pub(super) fn new(table: &Arc<TextTable>, index: u32) -> Self {
        let table = Arc::clone(table);
        Self { table, index }
    }
}

impl Deref for SharedText {
    type Target = str;

    fn deref(&self) -> &str {
        self.table.get(self.index)
    }
}

impl Borrow<str> for SharedText {
    fn borrow(&self) -> &str {
        self
    }
}

impl PartialEq for SharedText {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for SharedText {}

impl PartialOrd for SharedText {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for SharedText {
    fn cmp(&self, other: &Self) -> Ordering {
        str::cmp(self, other)
    }
}
