//! Splits a text into JSON values, incrementally: the elements of arrays, or values one after another. A value
//! that is too long is skipped without being buffered.

use std::mem;

use anyhow::ensure;

use super::super::{
    chunk::ChunkBuilder,
    rejection::{MAX_ROW_BYTES, Rejection},
};

/// The values of a file.
#[derive(Debug)]
pub struct Values {
    /// The number of the current line.
    pub line: u64,
    is_in_array: bool,
    value: Option<Value>,
    buffer: Vec<u8>,
}

/// The value that is being read.
#[derive(Debug)]
struct Value {
    first_line: u64,
    /// The number of open brackets.
    depth: usize,
    text: Text,
    is_too_long: bool,
}

/// The position within texts.
#[derive(Debug, PartialEq, Eq)]
enum Text {
    Outside,
    Inside,
    AfterBackslash,
}

impl Default for Values {
    fn default() -> Self {
        Self {
            line: 1,
            is_in_array: false,
            value: None,
            buffer: Vec::new(),
        }
    }
}

impl Values {
    /// Adds the next piece of the file.
    pub fn feed(&mut self, piece: &[u8], rows: &mut ChunkBuilder) {
        for &byte in piece {
            if self.value.is_none() {
                self.begin(byte);
            } else if self.is_after_scalar(byte) {
                self.end(rows);
                self.begin(byte);
            } else {
                self.add(byte, rows);
            }
            self.line += u64::from(byte == b'\n');
        }
    }

    /// Adds the last value.
    ///
    /// # Errors
    /// If the end of an array is missing.
    pub fn finish(&mut self, rows: &mut ChunkBuilder) -> anyhow::Result<()> {
        if self.value.is_some() {
            self.end(rows);
        }
        ensure!(!self.is_in_array, "the end of the JSON array is missing");
        Ok(())
    }

    /// The size of the current value, in bytes.
    #[cfg(test)]
    pub fn buffered(&self) -> usize {
        self.buffer.len()
    }

    /// Handles a byte between two values.
    fn begin(&mut self, byte: u8) {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => {}
            b',' if self.is_in_array => {}
            b'[' if !self.is_in_array => self.is_in_array = true,
            b']' if self.is_in_array => self.is_in_array = false,
            _ => {
                self.buffer.push(byte);
                self.value = Some(Value {
                    first_line: self.line,
                    depth: usize::from(matches!(byte, b'{' | b'[')),
                    text: if byte == b'"' {
                        Text::Inside
                    } else {
                        Text::Outside
                    },
                    is_too_long: false,
                });
            }
        }
    }

    /// Returns whether the value is a number or a word that ends before `byte`.
    fn is_after_scalar(&self, byte: u8) -> bool {
        let is_outside = |value: &Value| value.depth == 0 && value.text == Text::Outside;
        self.value.as_ref().is_some_and(is_outside)
            && matches!(byte, b',' | b']' | b' ' | b'\t' | b'\r' | b'\n')
    }

    /// Handles a byte of a value.
    fn add(&mut self, byte: u8, rows: &mut ChunkBuilder) {
        let Some(value) = &mut self.value else {
            return;
        };
        if self.buffer.len() < MAX_ROW_BYTES && !value.is_too_long {
            self.buffer.push(byte);
        } else {
            value.is_too_long = true;
            self.buffer.clear();
        }
        let mut is_end = false;
        value.text = match (&value.text, byte) {
            // JSON has no line break within a text: the text is unclosed.
            (Text::Inside | Text::AfterBackslash, b'\n') => Text::Outside,
            (Text::Inside, b'\\') => Text::AfterBackslash,
            (Text::Inside, b'"') => {
                is_end = value.depth == 0;
                Text::Outside
            }
            (Text::Inside | Text::AfterBackslash, _) | (Text::Outside, b'"') => Text::Inside,
            (Text::Outside, b'{' | b'[') => {
                value.depth += 1;
                Text::Outside
            }
            (Text::Outside, b'}' | b']') => {
                value.depth = value.depth.saturating_sub(1);
                is_end = value.depth == 0;
                Text::Outside
            }
            (Text::Outside, _) => Text::Outside,
        };
        if is_end {
            self.end(rows);
        }
    }

    fn end(&mut self, rows: &mut ChunkBuilder) {
        let Some(value) = self.value.take() else {
            return;
        };
        let rejection = value.is_too_long.then(Rejection::too_long);
        let text = mem::take(&mut self.buffer);
        rows.add(value.first_line, text.trim_ascii(), rejection);
        self.buffer = text;
        self.buffer.clear();
    }
}
