//! The compression of a file, recognized by its content; Brotli and zlib, which cannot be recognized, by the
//! extension of its name.

use std::{fmt, io};

/// The number of bytes that identify a compression.
pub const SIGNATURE_BYTES: usize = 6;

/// The compression of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Not compressed.
    None,
    /// RFC 1952.
    Gzip,
    /// RFC 1950.
    Zlib,
    /// RFC 7932.
    Brotli,
    /// RFC 8878.
    Zstd,
    /// bzip2.
    Bzip2,
    /// The `.xz` format.
    Xz,
    /// RFC 1951, in ZIP archives.
    Deflate,
    /// A ZIP archive (APPNOTE 6.3).
    Zip,
}

/// The signatures of supported compressions.
const SIGNATURES: [(&[u8], Compression); 7] = [
    (b"\x1f\x8b", Compression::Gzip),
    (b"\x28\xb5\x2f\xfd", Compression::Zstd),
    (b"BZh", Compression::Bzip2),
    (b"\xfd7zXZ\0", Compression::Xz),
    (b"PK\x03\x04", Compression::Zip),
    // An archive without files, and one of several parts.
    (b"PK\x05\x06", Compression::Zip),
    (b"PK\x07\x08", Compression::Zip),
];
/// The last bytes of the signature of a skippable frame of zstd; the first byte is 0x50 to 0x5f.
const SKIPPABLE_FRAME: &[u8] = b"\x2a\x4d\x18";
/// The signatures of formats that are not supported.
const UNSUPPORTED: [(&[u8], &str); 6] = [
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"\x04\x22\x4d\x18", "LZ4"),
    (b"LZIP", "lzip"),
    (b"\x1f\x9d", "compress (.Z)"),
    (b"\xd0\xcf\x11\xe0", "Excel 97"),
];

impl Compression {
    /// Returns the compression of a file with this beginning, which is shorter than [`SIGNATURE_BYTES`] only if
    /// the file is; `by_name` is the one that its name indicates.
    ///
    /// # Errors
    /// If the format is not supported.
    pub fn of(beginning: &[u8], by_name: Self) -> io::Result<Self> {
        let begins = |signature: &[u8]| beginning.starts_with(signature);
        if let Some((_, compression)) = SIGNATURES.iter().find(|(it, _)| begins(it)) {
            return Ok(*compression);
        }
        if let [0x50..=0x5f, rest @ ..] = beginning
            && rest.starts_with(SKIPPABLE_FRAME)
        {
            return Ok(Self::Zstd);
        }
        if let Some((_, name)) = UNSUPPORTED.iter().find(|(it, _)| begins(it)) {
            let message = format!("is a file of {name}, which is not supported");
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        let is_cut = |(signature, compression): &(&[u8], Self)| {
            *compression == by_name && signature.starts_with(beginning)
        };
        Ok(match by_name {
            Self::Zlib | Self::Brotli => by_name,
            _ if SIGNATURES.iter().any(is_cut) => by_name,
            _ => Self::None,
        })
    }

    /// Returns whether a file may have several streams, which are read as one.
    pub fn has_members(self) -> bool {
        matches!(self, Self::Gzip | Self::Zstd | Self::Bzip2 | Self::Xz)
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "a file",
            Self::Gzip => "gzip",
            Self::Zlib => "zlib",
            Self::Brotli => "Brotli",
            Self::Zstd => "zstd (with a window of at most 128 MiB)",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz (with a dictionary of at most 64 MiB)",
            Self::Deflate | Self::Zip => "ZIP",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_decides_and_the_name_only_where_the_content_cannot() {
        let of = |beginning: &[u8], by_name| Compression::of(beginning, by_name).unwrap();
        for (beginning, expected) in [
            (&b"\x1f\x8b\x08\0\0\0"[..], Compression::Gzip),
            (b"\x28\xb5\x2f\xfd\x24\x05", Compression::Zstd),
            (b"\x5a\x2a\x4d\x18\x04\0", Compression::Zstd),
            (b"BZh91A", Compression::Bzip2),
            (b"\xfd7zXZ\0", Compression::Xz),
            (b"PK\x03\x04\x14\0", Compression::Zip),
            (b"{\"even", Compression::None),
            (b"", Compression::None),
        ] {
            assert_eq!(of(beginning, Compression::None), expected, "{beginning:?}");
        }
        // A browser may have decompressed the file without renaming it.
        assert_eq!(of(b"eventT", Compression::Gzip), Compression::None);
        assert_eq!(
            of(b"\x8b\x03\x80", Compression::Brotli),
            Compression::Brotli
        );
        assert_eq!(of(b"x\x9c\x4b", Compression::Zlib), Compression::Zlib);
    }

    #[test]
    fn a_file_that_is_cut_within_its_signature_is_compressed() {
        for beginning in [&b""[..], b"\x28", b"\x28\xb5\x2f"] {
            let found = Compression::of(beginning, Compression::Zstd).unwrap();
            assert_eq!(found, Compression::Zstd, "{beginning:?}");
        }
    }

    #[test]
    fn an_unsupported_format_is_named() {
        let error = Compression::of(b"7z\xbc\xaf\x27\x1c", Compression::None).unwrap_err();
        assert!(error.to_string().contains("7z"), "{error}");
    }
}
