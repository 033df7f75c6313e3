//! ZIP archives with one file. The directory of the archive names the file and where its data is; the data is
//! then read like another compressed file, and compared with the checksum of the directory.

use std::{fs::File, io};

use anyhow::{Context as _, bail, ensure};
use crc32fast::Hasher;
use zip::{CompressionMethod, ZipArchive, read::ZipFile};

use super::compression::Compression;

/// The file of an archive.
#[derive(Debug)]
pub struct ZipEntry {
    /// The name.
    pub name: String,
    /// The position of the data in the archive, in bytes.
    pub start: u64,
    /// The size of the data in the archive, in bytes.
    pub compressed_bytes: u64,
    /// The compression.
    pub compression: Compression,
    /// The checksum.
    pub checksum: Checksum,
}

/// Compares the data of a file with its size and CRC-32.
#[derive(Clone, Debug)]
pub struct Checksum {
    bytes_left: u64,
    expected: u32,
    read: Hasher,
}

impl ZipEntry {
    /// Finds the only file of an archive, beside folders and the attributes that macOS adds.
    ///
    /// # Errors
    /// If the archive is damaged or encrypted, or has no or several files.
    pub fn find(archive: File) -> anyhow::Result<Self> {
        let mut archive = ZipArchive::new(archive)?;
        let names = archive.file_names().collect::<Result<Vec<_>, _>>()?;
        let is_file = |name: &str| !name.ends_with('/') && !name.starts_with("__MACOSX/");
        let mut files = names.iter().enumerate().filter(|(_, name)| is_file(name));
        let (number, _) = files.next().context("the archive has no file")?;
        if let Some((_, second)) = files.next() {
            ensure!(
                !names.iter().any(|name| name == "[Content_Types].xml"),
                "is a workbook: save it as CSV"
            );
            bail!("the archive has several files, for example {second}: extract them");
        }
        drop(names);
        Self::of(&archive.by_index_raw(number)?)
    }

    fn of(file: &ZipFile<'_, File>) -> anyhow::Result<Self> {
        ensure!(!file.encrypted(), "the archive is encrypted");
        let compression = match file.compression() {
            CompressionMethod::Stored => Compression::None,
            CompressionMethod::Deflated => Compression::Deflate,
            other => bail!("the compression {other} is not supported in an archive"),
        };
        Ok(Self {
            name: file.name()?.into_owned(),
            start: file.data_start().context("the archive is damaged")?,
            compressed_bytes: file.compressed_size(),
            compression,
            checksum: Checksum {
                bytes_left: file.size(),
                expected: file.crc32(),
                read: Hasher::new(),
            },
        })
    }
}

impl Checksum {
    /// Adds the next bytes of the file; none at its end.
    ///
    /// # Errors
    /// If the file is not the one that was compressed.
    pub fn add(&mut self, bytes: &[u8]) -> io::Result<()> {
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, "the archive is damaged");
        let left = self.bytes_left.checked_sub(bytes.len() as u64);
        self.bytes_left = left.ok_or_else(damaged)?;
        self.read.update(bytes);
        let is_end = bytes.is_empty();
        if is_end && (self.bytes_left > 0 || self.read.clone().finalize() != self.expected) {
            return Err(damaged());
        }
        Ok(())
    }
}
