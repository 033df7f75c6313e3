//! An input file: checked before anything is stored, and decompressed and converted to UTF-8 as it is read.

pub mod compression;
mod decoder;
mod text;
mod zip;

use std::{
    io::{self, SeekFrom},
    ops::Range,
    path::{Path, PathBuf},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    task::{Context as TaskContext, Poll, ready},
};

use anyhow::{Context, ensure};
use tokio::{
    fs::File,
    io::{AsyncRead, AsyncReadExt, AsyncSeekExt, BufReader, ReadBuf, stdin},
};

use self::{
    compression::Compression,
    decoder::Decoder,
    text::TextDecoder,
    zip::{Checksum, ZipEntry},
};
use super::format::{FileType, Format};

/// The size of a read, in bytes.
const PIECE_BYTES: usize = 128 * 1024;

/// An input file.
#[derive(Clone, Debug)]
pub struct InputFile {
    /// The name, for messages.
    pub name: String,
    /// The format.
    pub format: Format,
    /// The size in bytes; `None` for a pipe.
    pub bytes: Option<u64>,
    /// The compression that the name indicates.
    compression: Compression,
    path: Option<PathBuf>,
}

/// An open input file.
pub struct OpenFile {
    compression: Compression,
    decoder: Decoder,
    checksum: Option<Checksum>,
    text: TextDecoder,
    buffer: Vec<u8>,
    /// The bytes of the buffer that opening has read.
    beginning: Range<usize>,
    position: Arc<AtomicU64>,
    /// Whether all bytes have been read.
    is_read: bool,
    /// Whether all text has been returned.
    is_ended: bool,
}

/// Counts the bytes that are read.
struct Counted<R> {
    inner: R,
    position: Arc<AtomicU64>,
}

type RawInput = Box<dyn AsyncRead + Send + Unpin>;

impl InputFile {
    /// The file at `path`; `format` applies if its name has no known extension. Fails if it does not exist or
    /// its format is unknown.
    pub fn find(path: &Path, format: Option<Format>) -> anyhow::Result<Self> {
        let name = path.display().to_string();
        if name == "-" {
            return Ok(Self {
                name: "standard input".to_owned(),
                format: format.context("the format of standard input is unknown: set --format")?,
                compression: Compression::None,
                bytes: None,
                path: None,
            });
        }
        let metadata = std::fs::metadata(path).with_context(|| format!("cannot read {name}"))?;
        ensure!(!metadata.is_dir(), "{name} is a directory");
        let file_type = FileType::of(path);
        let by_name = match file_type.format {
            None if file_type.compression == Compression::Zip => {
                let archive = std::fs::File::open(path)?;
                let entry =
                    ZipEntry::find(archive).with_context(|| format!("cannot read {name}"))?;
                FileType::of(Path::new(&entry.name)).format
            }
            format => format,
        };
        Ok(Self {
            format: by_name
                .or(format)
                .with_context(|| format!("the format of {name} is unknown: set --format"))?,
            name,
            compression: file_type.compression,
            bytes: metadata.is_file().then_some(metadata.len()),
            path: Some(path.to_owned()),
        })
    }

    /// Opens the file and reads its beginning.
    pub async fn open(&self) -> anyhow::Result<OpenFile> {
        let position = Arc::new(AtomicU64::new(0));
        let raw: RawInput = match &self.path {
            Some(path) => Box::new(File::open(path).await?),
            None => Box::new(stdin()),
        };
        let (mut compression, mut input) = self.recognize(raw).await?;
        let mut checksum = None;
        if compression == Compression::Zip {
            let path = self.path.as_ref();
            let path = path.context("is a ZIP archive, which is read from a file only")?;
            let entry = ZipEntry::find(std::fs::File::open(path)?)?;
            let mut archive = File::open(path).await?;
            archive.seek(SeekFrom::Start(entry.start)).await?;
            input = Box::new(archive.take(entry.compressed_bytes));
            (compression, checksum) = (entry.compression, Some(entry.checksum));
        }
        let counted: RawInput = Box::new(Counted {
            inner: input,
            position: Arc::clone(&position),
        });
        let counted = BufReader::with_capacity(PIECE_BYTES, counted);
        let mut open = OpenFile {
            compression,
            decoder: Decoder::new(compression, counted),
            checksum,
            text: TextDecoder::of(&[])?.0,
            buffer: vec![0; PIECE_BYTES],
            beginning: 0..0,
            position,
            is_read: false,
            is_ended: false,
        };
        open.read_beginning().await?;
        Ok(open)
    }

    /// Returns the compression of `raw`, and all of `raw`.
    async fn recognize(&self, mut raw: RawInput) -> io::Result<(Compression, RawInput)> {
        let mut beginning = Vec::new();
        let limit = compression::SIGNATURE_BYTES as u64;
        (&mut raw).take(limit).read_to_end(&mut beginning).await?;
        let compression = Compression::of(&beginning, self.compression)?;
        Ok((compression, Box::new(io::Cursor::new(beginning).chain(raw))))
    }
}

impl OpenFile {
    async fn read_beginning(&mut self) -> anyhow::Result<()> {
        let mut length = 0;
        while length < text::SIGNATURE_BYTES {
            match self.fill(length).await? {
                0 => break,
                more => length += more,
            }
        }
        let signature = &self.buffer[..length.min(text::SIGNATURE_BYTES)];
        let (text, mark_length) = TextDecoder::of(signature)?;
        (self.text, self.beginning) = (text, mark_length..length);
        Ok(())
    }

    /// Reads bytes into the buffer from `start`.
    async fn fill(&mut self, start: usize) -> anyhow::Result<usize> {
        if self.is_read {
            return Ok(0);
        }
        let compression = self.compression;
        let unreadable = || format!("cannot be read as {compression}");
        let read = self.decoder.read(&mut self.buffer[start..]).await;
        let length = read.with_context(unreadable)?;
        if let Some(checksum) = &mut self.checksum {
            let bytes = &self.buffer[start..start + length];
            checksum.add(bytes).with_context(unreadable)?;
        }
        self.is_read = length == 0;
        Ok(length)
    }

    /// Reads the next piece of the text; `None` at the end. Can be cancelled. Fails if the file is damaged.
    pub async fn piece(&mut self) -> anyhow::Result<Option<&[u8]>> {
        let mut piece = std::mem::take(&mut self.beginning);
        if piece.is_empty() {
            if self.is_ended {
                return Ok(None);
            }
            piece = 0..self.fill(0).await?;
            self.is_ended = piece.is_empty();
        }
        let bytes = &self.buffer[piece];
        Ok(Some(self.text.decode(bytes, self.is_ended)))
    }

    /// The number of bytes of the file that were read.
    pub fn position(&self) -> u64 {
        self.position.load(Relaxed)
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for Counted<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut TaskContext<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(context, into))?;
        let read = into.filled().len() - before;
        self.position.fetch_add(read as u64, Relaxed);
        Poll::Ready(Ok(()))
    }
}
