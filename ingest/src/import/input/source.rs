//! An input file: checked before anything is stored, and decompressed as it is read.

use std::{
    io,
    path::{Path, PathBuf},
};

use analytics_shared::http::{Decoder, Encoding};
use anyhow::{Context, ensure};
use tokio::{
    fs::File,
    io::{AsyncRead, AsyncReadExt, BufReader, stdin},
};

use super::format::{FileType, Format};

/// The size of a read, in bytes.
const PIECE_BYTES: usize = 128 * 1024;

/// An input file.
#[derive(Clone, Debug)]
pub struct Source {
    /// The name, for messages.
    pub name: String,
    /// The format.
    pub format: Format,
    /// The compression.
    pub encoding: Encoding,
    /// The size in bytes; `None` for a pipe.
    pub bytes: Option<u64>,
    path: Option<PathBuf>,
}

/// An open input file.
pub struct OpenSource(Decoder<Box<dyn AsyncRead + Send + Unpin>>);

impl Source {
    /// The file at `path`; `format` applies if its name has no known extension. Fails if it does not exist or
    /// its format is unknown.
    pub fn find(path: &Path, format: Option<Format>) -> anyhow::Result<Self> {
        let name = path.display().to_string();
        if name == "-" {
            return Ok(Self {
                name: "standard input".to_owned(),
                format: format.context("the format of standard input is unknown: set --format")?,
                encoding: Encoding::Identity,
                bytes: None,
                path: None,
            });
        }
        let metadata = std::fs::metadata(path).with_context(|| format!("cannot read {name}"))?;
        ensure!(!metadata.is_dir(), "{name} is a directory");
        let file_type = FileType::of(path);
        let format = file_type.format.or(format);
        Ok(Self {
            format: format
                .with_context(|| format!("the format of {name} is unknown: set --format"))?,
            name,
            encoding: file_type.encoding,
            bytes: metadata.is_file().then_some(metadata.len()),
            path: Some(path.to_owned()),
        })
    }

    /// Opens the file.
    pub async fn open(&self) -> io::Result<OpenSource> {
        let raw: Box<dyn AsyncRead + Send + Unpin> = match &self.path {
            Some(path) => Box::new(File::open(path).await?),
            None => Box::new(stdin()),
        };
        let counted = BufReader::with_capacity(PIECE_BYTES, raw.take(u64::MAX));
        Ok(OpenSource(self.encoding.decoder(counted)))
    }
}

impl OpenSource {
    /// Reads the next piece into `buffer`; `None` at the end. Fails if the file is not compressed as its name
    /// indicates.
    pub async fn piece<'a>(&mut self, buffer: &'a mut Vec<u8>) -> io::Result<Option<&'a [u8]>> {
        buffer.resize(PIECE_BYTES, 0);
        let read = self.0.read(buffer).await?;
        Ok((read > 0).then(|| &buffer[..read]))
    }

    /// The number of bytes of the file that were read.
    pub fn position(&mut self) -> u64 {
        u64::MAX - self.0.remaining_input()
    }

    /// Verifies that no data follows the compressed data.
    pub async fn finish(self) -> io::Result<()> {
        if self.0.has_trailing_data().await? {
            return Err(io::Error::other("data follows the compressed data"));
        }
        Ok(())
    }
}
