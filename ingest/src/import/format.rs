//! What a file is, told by its name: what it holds, and how it is compressed.

use std::path::Path;

use analytics_shared::http::Encoding;
use clap::ValueEnum;

/// What a file holds.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One fact per line, as JSON.
    Ndjson,
    /// A header line and one fact per record, with commas.
    Csv,
    /// The same with tabs.
    Tsv,
}

/// Endings of names, and what they stand for.
const FORMATS: [(&str, Format); 5] = [
    ("ndjson", Format::Ndjson),
    ("jsonl", Format::Ndjson),
    ("json", Format::Ndjson),
    ("csv", Format::Csv),
    ("tsv", Format::Tsv),
];
const ENCODINGS: [(&str, Encoding); 4] = [
    ("gz", Encoding::Gzip),
    ("zst", Encoding::Zstd),
    ("br", Encoding::Brotli),
    ("zz", Encoding::Deflate),
];

/// What a name says of its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named<'a> {
    /// What it holds, if that is said.
    pub format: Option<Format>,
    /// How it is compressed.
    pub encoding: Encoding,
    /// The name without the endings that say so.
    pub stem: &'a Path,
}

impl<'a> Named<'a> {
    /// Reads the endings of a name.
    #[must_use]
    pub fn of(path: &'a Path) -> Self {
        let (encoding, inner) = match ending(path, &ENCODINGS) {
            Some((encoding, inner)) => (encoding, inner),
            None => (Encoding::Identity, path),
        };
        match ending(inner, &FORMATS) {
            Some((format, stem)) => Self {
                format: Some(format),
                encoding,
                stem,
            },
            None => Self {
                format: None,
                encoding,
                stem: inner,
            },
        }
    }
}

/// What the last ending of a name stands for, and the name without it.
fn ending<'a, T: Copy>(path: &'a Path, known: &[(&str, T)]) -> Option<(T, &'a Path)> {
    let ending = path.extension()?;
    let (_, meaning) = known
        .iter()
        .find(|(name, _)| ending.eq_ignore_ascii_case(name))?;
    Some((*meaning, Path::new(path.file_stem()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_say_what_a_file_holds_and_how_it_is_compressed() {
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
            let named = Named::of(Path::new(name));
            let stem = Path::new(stem);
            assert_eq!(
                named,
                Named {
                    format,
                    encoding,
                    stem
                },
                "{name}"
            );
        }
    }
}
