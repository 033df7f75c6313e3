//! The character encoding of a file: UTF-8, or UTF-16 as Excel and PowerShell write it, which is converted to
//! UTF-8. A byte order mark is not part of the text.

use std::io;

use encoding_rs::{CoderResult, Decoder, UTF_16BE, UTF_16LE};

/// The number of bytes that identify an encoding.
pub const SIGNATURE_BYTES: usize = 4;

/// Converts a text to UTF-8.
pub struct TextDecoder {
    /// The decoder of UTF-16; `None` for UTF-8, whose validity is checked where it matters.
    utf16: Option<Decoder>,
    converted: String,
}

impl TextDecoder {
    /// Returns the decoder of a file with this beginning, which is shorter than [`SIGNATURE_BYTES`] only if the
    /// file is, and the length of its byte order mark.
    ///
    /// # Errors
    /// If the file is UTF-32.
    pub fn of(beginning: &[u8]) -> io::Result<(Self, usize)> {
        let (utf16, mark_length) = match beginning {
            [0xff, 0xfe, 0, 0] | [0, 0, 0xfe, 0xff] => {
                let message = "is UTF-32, which is not supported: convert it to UTF-8";
                return Err(io::Error::new(io::ErrorKind::InvalidData, message));
            }
            [0xef, 0xbb, 0xbf, ..] => (None, 3),
            [0xff, 0xfe, ..] => (Some(UTF_16LE), 2),
            [0xfe, 0xff, ..] => (Some(UTF_16BE), 2),
            // A text without a mark that begins with an ASCII character.
            [first, 0, ..] if *first != 0 => (Some(UTF_16LE), 0),
            [0, second, ..] if *second != 0 => (Some(UTF_16BE), 0),
            _ => (None, 0),
        };
        let decoder = Self {
            utf16: utf16.map(encoding_rs::Encoding::new_decoder_without_bom_handling),
            converted: String::new(),
        };
        Ok((decoder, mark_length))
    }

    /// Converts the next bytes of the file. What is not a character becomes U+FFFD.
    pub fn decode<'a>(&'a mut self, bytes: &'a [u8], is_last: bool) -> &'a [u8] {
        let Some(decoder) = &mut self.utf16 else {
            return bytes;
        };
        self.converted.clear();
        let needed = decoder.max_utf8_buffer_length(bytes.len());
        self.converted
            .reserve(needed.unwrap_or(bytes.len() * 3 + 3));
        let (result, ..) = decoder.decode_to_string(bytes, &mut self.converted, is_last);
        debug_assert_eq!(result, CoderResult::InputEmpty);
        self.converted.as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decoded(file: &[u8], piece_length: usize) -> Vec<u8> {
        let beginning = &file[..file.len().min(SIGNATURE_BYTES)];
        let (mut decoder, mark_length) = TextDecoder::of(beginning).unwrap();
        let mut text = Vec::new();
        for piece in file[mark_length..].chunks(piece_length) {
            text.extend_from_slice(decoder.decode(piece, false));
        }
        text.extend_from_slice(decoder.decode(&[], true));
        text
    }

    fn utf16(text: &str, bytes: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn a_text_without_a_mark_is_recognized_by_its_first_character() {
        for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
            assert_eq!(decoded(&utf16("aб😀", bytes), 3), "aб😀".as_bytes());
        }
    }

    #[test]
    fn half_a_character_is_replaced() {
        let mut file = utf16("\u{feff}a", u16::to_le_bytes);
        file.extend([0x3d, 0xd8]);
        assert_eq!(decoded(&file, 1), "a\u{fffd}".as_bytes());
        file.push(b'x');
        assert!(decoded(&file, 1).ends_with("\u{fffd}".as_bytes()));
    }

    #[test]
    fn utf_32_is_an_error() {
        assert!(TextDecoder::of(b"\xff\xfe\0\0").is_err());
    }

    proptest! {
        #[test]
        fn every_encoding_of_a_text_is_the_same_text(text: String, piece_length in 1..9_usize) {
            let marked = format!("\u{feff}{text}");
            for file in [
                marked.clone().into_bytes(),
                utf16(&marked, u16::to_le_bytes),
                utf16(&marked, u16::to_be_bytes),
            ] {
                // UTF-32 begins like UTF-16 with an empty character.
                prop_assume!(!text.starts_with('\0'));
                prop_assert_eq!(decoded(&file, piece_length), text.as_bytes());
            }
        }
    }
}
