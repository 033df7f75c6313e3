//! Decompression as the usual tools do it: the streams of a file (gzip members, zstd frames, bzip2 and xz
//! streams) are read as one, and padding with zeros is ignored. Memory is bounded.

use std::io;

use async_compression::{
    tokio::bufread::{
        BrotliDecoder, BzDecoder, DeflateDecoder, GzipDecoder, XzDecoder, ZlibDecoder, ZstdDecoder,
    },
    zstd::DParameter,
};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};

use super::compression::Compression;

/// The maximum window of zstd, as a power of two: 128 MiB, the limit of the program `zstd` without options.
const ZSTD_WINDOW: u32 = 27;
/// The maximum memory of xz, in bytes: a dictionary of 64 MiB, the largest of its presets.
const XZ_MEMORY: u64 = 80 * 1024 * 1024;

/// A compressed input.
pub type Input = BufReader<Box<dyn AsyncRead + Send + Unpin>>;

/// Decompresses an input.
pub struct Decoder {
    compression: Compression,
    state: State,
}

enum State {
    /// Within a stream.
    Stream(Box<dyn Stream>),
    /// After a stream.
    Padding(Input),
    End,
}

/// The decoder of one stream, which leaves the rest of the input.
trait Stream: AsyncRead + Send + Unpin {
    fn into_input(self: Box<Self>) -> Input;
}

impl Stream for Input {
    fn into_input(self: Box<Self>) -> Input {
        *self
    }
}

macro_rules! impl_stream {
    ($($decoder:ident),*) => {
        $(impl Stream for $decoder<Input> {
            fn into_input(self: Box<Self>) -> Input {
                (*self).into_inner()
            }
        })*
    };
}

impl_stream!(
    BrotliDecoder,
    BzDecoder,
    DeflateDecoder,
    GzipDecoder,
    XzDecoder,
    ZlibDecoder,
    ZstdDecoder
);

impl Decoder {
    /// Decompresses `input`.
    pub fn new(compression: Compression, input: Input) -> Self {
        Self {
            compression,
            state: State::Stream(stream(compression, input)),
        }
    }

    /// Reads decompressed bytes; 0 at the end of the file. Can be cancelled.
    pub async fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match &mut self.state {
                State::Stream(stream) => {
                    let length = stream.read(buffer).await?;
                    if length > 0 {
                        return Ok(length);
                    }
                }
                State::Padding(input) => {
                    let rest = input.fill_buf().await?;
                    let padding = rest.iter().take_while(|byte| **byte == 0).count();
                    let (is_end, is_padding) = (rest.is_empty(), padding == rest.len());
                    input.consume(padding);
                    if is_padding && !is_end {
                        continue;
                    }
                    if !is_end && !self.compression.has_members() {
                        return Err(io::Error::other("data follows the compressed data"));
                    }
                }
                State::End => return Ok(0),
            }
            self.state = match std::mem::replace(&mut self.state, State::End) {
                State::Stream(stream) => State::Padding(stream.into_input()),
                State::Padding(input) if input.buffer().is_empty() => State::End,
                State::Padding(input) => State::Stream(stream(self.compression, input)),
                State::End => State::End,
            };
        }
    }
}

fn stream(compression: Compression, input: Input) -> Box<dyn Stream> {
    match compression {
        // The content of a ZIP archive is read by its directory.
        Compression::None | Compression::Zip => Box::new(input),
        Compression::Gzip => Box::new(GzipDecoder::new(input)),
        Compression::Zlib => Box::new(ZlibDecoder::new(input)),
        Compression::Deflate => Box::new(DeflateDecoder::new(input)),
        Compression::Brotli => Box::new(BrotliDecoder::new(input)),
        Compression::Bzip2 => Box::new(BzDecoder::new(input)),
        Compression::Xz => Box::new(XzDecoder::with_mem_limit(input, XZ_MEMORY)),
        Compression::Zstd => {
            let window = [DParameter::window_log_max(ZSTD_WINDOW)];
            Box::new(ZstdDecoder::with_params(input, &window))
        }
    }
}
