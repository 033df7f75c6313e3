//! The embedded bundle.

use analytics_shared::http::StaticDocument;
use bytes::Bytes;
use rust_embed::Embed;

/// The files of `query/web/dist`.
#[derive(Embed)]
#[folder = "web/dist/"]
struct Files;

/// The document, and the files that it loads.
pub struct Bundle {
    pub index: Bytes,
    /// Scripts and style sheets with their paths.
    pub assets: Vec<(String, StaticDocument)>,
}

impl Bundle {
    /// Reads the files from the program.
    pub fn load() -> Self {
        let content = |name: &str| Files::get(name).map(|file| Bytes::from(file.data.into_owned()));
        let assets = Files::iter().filter_map(|name| {
            let asset = StaticDocument::asset(&name, content(&name)?)?;
            Some((format!("/app/{name}"), asset))
        });
        Self {
            index: content("index.html").unwrap_or_default(),
            assets: assets.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_names_exactly_the_files_of_the_bundle() {
        let bundle = Bundle::load();
        let index = String::from_utf8(bundle.index.to_vec()).unwrap();
        assert!(!bundle.assets.is_empty());
        assert_eq!(index.matches("/app/assets/").count(), bundle.assets.len());
        for (path, _) in bundle.assets {
            assert!(index.contains(&format!("\"{path}\"")), "{path}");
        }
    }
}
