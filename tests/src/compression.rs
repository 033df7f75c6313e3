//! Compression of request bodies and files.

use std::io::Cursor;

use async_compression::{
    Level,
    tokio::write::{BrotliEncoder, BzEncoder, GzipEncoder, XzEncoder, ZlibEncoder, ZstdEncoder},
};
use tokio::io::AsyncWriteExt;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// The supported values of `Content-Encoding`.
pub const ENCODINGS: [&str; 4] = ["gzip", "deflate", "br", "zstd"];

/// A ZIP archive of files, each with its name and content.
///
/// # Panics
/// When a file cannot be added.
#[must_use]
pub fn zip_archive(files: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(method);
    for (name, content) in files {
        archive.start_file(*name, options).expect("a file");
        std::io::Write::write_all(&mut archive, content).expect("its content");
    }
    archive.finish().expect("an archive").into_inner()
}

/// Compresses `bytes` with the fastest level.
///
/// # Panics
/// When there is no such encoding.
pub async fn compressed(encoding: &str, bytes: &[u8]) -> Vec<u8> {
    macro_rules! with {
        ($encoder:ident) => {{
            let mut encoder = $encoder::with_quality(Vec::new(), Level::Fastest);
            encoder.write_all(bytes).await.expect("compressed");
            encoder.shutdown().await.expect("compressed");
            encoder.into_inner()
        }};
    }
    match encoding {
        "gzip" => with!(GzipEncoder),
        "deflate" => with!(ZlibEncoder),
        "br" => with!(BrotliEncoder),
        "zstd" => with!(ZstdEncoder),
        "bzip2" => with!(BzEncoder),
        "xz" => with!(XzEncoder),
        other => panic!("{other}"),
    }
}
