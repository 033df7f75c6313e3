//! The format and compression of a file, by its name.

use std::path::Path;

use clap::ValueEnum;

use super::file::compression::Compression;

/// The format of a file.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One JSON fact per line, or arrays of facts.
    Ndjson,
    /// Comma-separated values with a header line, quoted as in RFC 4180.
    Csv,
    /// Tab-separated values with a header line, without quoting.
    Tsv,
}

/// The formats by file extension.
const FORMATS: [(&str, Format); 5] = [
    ("ndjson", Format::Ndjson),
    ("jsonl", Format::Ndjson),
    ("json", Format::Ndjson),
    ("csv", Format::Csv),
    ("tsv", Format::Tsv),
];
/// The compressions by file extension.
const COMPRESSIONS: [(&str, Compression); 8] = [
    ("gz", Compression::Gzip),
    ("bgz", Compression::Gzip),
    ("zst", Compression::Zstd),
    ("bz2", Compression::Bzip2),
    ("xz", Compression::Xz),
    ("zip", Compression::Zip),
    ("br", Compression::Brotli),
    ("zz", Compression::Zlib),
];

/// The type of a file, by its extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileType<'a> {
    /// The format, if the name has a known extension.
    pub format: Option<Format>,
    /// The compression that the name indicates.
    pub compression: Compression,
    /// The name without these extensions.
    pub stem: &'a Path,
}

impl<'a> FileType<'a> {
    /// The type of the file at `path`.
    pub fn of(path: &'a Path) -> Self {
        let (compression, inner) =
            by_extension(path, &COMPRESSIONS).unwrap_or((Compression::None, path));
        let format = by_extension(inner, &FORMATS);
        Self {
            format: format.map(|(format, _)| format),
            compression,
            stem: format.map_or(inner, |(_, stem)| stem),
        }
    }
}

/// The value for the last extension of a name, and the name without it.
fn by_extension<'a, T: Copy>(path: &'a Path, known: &[(&str, T)]) -> Option<(T, &'a Path)> {
    let extension = path.extension()?;
    let (_, value) = known
        .iter()
        .find(|(name, _)| extension.eq_ignore_ascii_case(name))?;
    Some((*value, Path::new(path.file_stem()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_determine_format_and_compression() {
        for (name, format, compression, stem) in [
            (
                "a/facts.ndjson",
                Some(Format::Ndjson),
                Compression::None,
                "facts",
            ),
            (
                "facts.2026.JSONL.GZ",
                Some(Format::Ndjson),
                Compression::Gzip,
                "facts.2026",
            ),
            (
                "facts.csv.zst",
                Some(Format::Csv),
                Compression::Zstd,
                "facts",
            ),
            (
                "facts.tsv.br",
                Some(Format::Tsv),
                Compression::Brotli,
                "facts",
            ),
            (
                "facts.json.zz",
                Some(Format::Ndjson),
                Compression::Zlib,
                "facts",
            ),
            ("facts.gz", None, Compression::Gzip, "facts"),
            ("facts.txt", None, Compression::None, "facts.txt"),
        ] {
            let file_type = FileType::of(Path::new(name));
            let stem = Path::new(stem);
            assert_eq!(
                file_type,
                FileType {
                    format,
                    compression,
                    stem
                },
                "{name}"
            );
        }
    }
}
