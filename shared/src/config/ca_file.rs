//! Files with the certificates of certification authorities.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use thiserror::Error;

/// A PEM file with certificates of certification authorities, which are trusted beside those of the
/// system.
#[derive(Clone, Debug)]
pub struct CaFile {
    path: PathBuf,
    pem: String,
    roots: Arc<RootCertStore>,
}

/// The reason why a file cannot be used.
#[derive(Debug, Error)]
pub enum CaFileError {
    /// The file cannot be read.
    #[error("cannot be read: {0}")]
    File(#[from] std::io::Error),
    /// It contains something else, or nothing.
    #[error("contains no PEM certificates, or invalid ones")]
    NoCertificate,
}

impl CaFile {
    /// Reads and checks a file.
    ///
    /// # Errors
    /// When it cannot be read, or has no certificates.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, CaFileError> {
        let path = path.as_ref().to_owned();
        let pem = std::fs::read_to_string(&path)?;
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            let certificate = certificate.map_err(|_| CaFileError::NoCertificate)?;
            let added = roots.add(certificate);
            added.map_err(|_| CaFileError::NoCertificate)?;
        }
        if roots.is_empty() {
            return Err(CaFileError::NoCertificate);
        }
        let roots = Arc::new(roots);
        Ok(Self { path, pem, roots })
    }

    /// The path of the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The certificates as trust anchors.
    #[must_use]
    pub fn roots(&self) -> Arc<RootCertStore> {
        Arc::clone(&self.roots)
    }

    /// The certificates, when the file was read.
    #[must_use]
    pub fn pem(&self) -> &str {
        &self.pem
    }
}

#[cfg(test)]
impl CaFile {
    /// A file that is not read.
    #[must_use]
    pub fn of_path(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            pem: String::new(),
            roots: Arc::new(RootCertStore::empty()),
        }
    }
}
