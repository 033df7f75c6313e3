//! Compression of request bodies.

use async_compression::{
    Level,
    tokio::write::{BrotliEncoder, GzipEncoder, ZlibEncoder, ZstdEncoder},
};
use tokio::io::AsyncWriteExt;

/// The supported values of `Content-Encoding`.
pub const ENCODINGS: [&str; 4] = ["gzip", "deflate", "br", "zstd"];

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
        other => panic!("{other}"),
    }
}
