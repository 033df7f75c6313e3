//! A file to import, found before anything is stored and unfolded as it is read.

use std::{
    io,
    path::{Path, PathBuf},
};

use analytics_shared::http::{Decoder, Encoding};
use anyhow::{Context, bail, ensure};
use tokio::{
    fs::File,
    io::{AsyncRead, AsyncReadExt, BufReader, stdin},
};

use super::format::{Format, Named};

/// Bytes that are read at a time.
const PIECE: usize = 128 * 1024;

/// A file to import.
#[derive(Clone, Debug)]
pub struct Source {
    /// What it is called.
    pub name: String,
    /// What it holds.
    pub format: Format,
    /// How it is compressed.
    pub encoding: Encoding,
    /// Its size, if it has one: a pipe has none.
    pub bytes: Option<u64>,
    path: Option<PathBuf>,
}

/// A file that is being read.
pub struct Opened(Decoder<Box<dyn AsyncRead + Send + Unpin>>);

impl Source {
    /// The file at `path`; `format` is what it holds, if its name does not say so.
    ///
    /// # Errors
    /// When there is no such file, or nobody says what it holds.
    pub fn find(path: &Path, format: Option<Format>) -> anyhow::Result<Self> {
        let name = path.display().to_string();
        if name == "-" {
            return Ok(Self {
                name: "standard input".to_owned(),
                format: format.context("say with --format what standard input holds")?,
                encoding: Encoding::Identity,
                bytes: None,
                path: None,
            });
        }
        let found = std::fs::metadata(path).with_context(|| format!("cannot read {name}"))?;
        ensure!(!found.is_dir(), "{name} is a folder");
        let named = Named::of(path);
        let Some(format) = named.format.or(format) else {
            bail!("the name {name} does not say what it holds: say it with --format");
        };
        Ok(Self {
            name,
            format,
            encoding: named.encoding,
            bytes: found.is_file().then_some(found.len()),
            path: Some(path.to_owned()),
        })
    }

    /// Opens it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn open(&self) -> io::Result<Opened> {
        let sent: Box<dyn AsyncRead + Send + Unpin> = match &self.path {
            Some(path) => Box::new(File::open(path).await?),
            None => Box::new(stdin()),
        };
        let counted = BufReader::with_capacity(PIECE, sent.take(u64::MAX));
        Ok(Opened(self.encoding.decoder(counted)))
    }
}

impl Opened {
    /// Reads the next piece into `into`; there is none at the end.
    ///
    /// # Errors
    /// When it cannot be read, or is not compressed as its name says.
    pub async fn piece<'a>(&mut self, into: &'a mut Vec<u8>) -> io::Result<Option<&'a [u8]>> {
        into.resize(PIECE, 0);
        let read = self.0.read(into).await?;
        Ok((read > 0).then(|| &into[..read]))
    }

    /// Bytes of the file that were read.
    #[must_use]
    pub fn position(&self) -> u64 {
        u64::MAX - self.0.remaining_input()
    }

    /// Makes sure that nothing follows what was unfolded.
    ///
    /// # Errors
    /// When something does.
    pub async fn end(self) -> io::Result<()> {
        if self.0.has_trailing_data().await? {
            return Err(io::Error::other("something follows what is compressed"));
        }
        Ok(())
    }
}
