//! The format and compression of a file, by its name.

use std::path::Path;

use analytics_shared::http::Encoding;
use clap::ValueEnum;

/// The format of a file.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One JSON fact per line.
    Ndjson,
    /// Comma-separated values with a header line.
    Csv,
    /// Tab-separated values with a header line.
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
const ENCODINGS: [(&str, Encoding); 4] = [
    ("gz", Encoding::Gzip),
    ("zst", Encoding::Zstd),
    ("br", Encoding::Brotli),
    ("zz", Encoding::Deflate),
];

/// The type of a file, by its extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileType<'a> {
    /// The format, if the name has a known extension.
    pub format: Option<Format>,
    /// The compression.
    pub encoding: Encoding,
    /// The name without these extensions.
    pub stem: &'a Path,
}

impl<'a> FileType<'a> {
    /// The type of the file at `path`.
    pub fn of(path: &'a Path) -> Self {
        let (encoding, inner) =
            by_extension(path, &ENCODINGS).unwrap_or((Encoding::Identity, path));
        let format = by_extension(inner, &FORMATS);
        Self {
            format: format.map(|(format, _)| format),
            encoding,
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
        for (name, format, encoding, stem) in [
            (
                "a/facts.ndjson",
                Some(Format::Ndjson),
                Encoding::Identity,
                "facts",
            ),
            (
                "facts.2026.JSONL.GZ",
                Some(Format::Ndjson),
                Encoding::Gzip,
                "facts.2026",
            ),
            ("facts.csv.zst", Some(Format::Csv), Encoding::Zstd, "facts"),
            ("facts.tsv.br", Some(Format::Tsv), Encoding::Brotli, "facts"),
            (
                "facts.json.zz",
                Some(Format::Ndjson),
                Encoding::Deflate,
                "facts",
            ),
            ("facts.gz", None, Encoding::Gzip, "facts"),
            ("facts.txt", None, Encoding::Identity, "facts.txt"),
        ] {
            let file_type = FileType::of(Path::new(name));
            let stem = Path::new(stem);
            assert_eq!(
                file_type,
                FileType {
                    format,
                    encoding,
                    stem
                },
                "{name}"
            );
        }
    }
}
