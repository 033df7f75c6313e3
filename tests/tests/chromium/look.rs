//! The looks of a tab: its size and preferences, pictures and paper.

use std::{fs, path::Path};

use chromiumoxide::{
    cdp::browser_protocol::{
        emulation::{
            MediaFeature, SetDeviceMetricsOverrideParams, SetEmulatedMediaParams,
            SetTimezoneOverrideParams,
        },
        network::{Headers, SetExtraHttpHeadersParams},
        page::PrintToPdfParams,
    },
    page::ScreenshotParams,
};

use serde_json::json;

use super::{ROOT, Tab};

/// The size of a tab and its preferences.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Width in CSS pixels.
    pub width: i64,
    /// Whether it prefers dark colours.
    pub is_dark: bool,
    /// Whether it forces its own colours.
    pub has_forced_colors: bool,
}

impl Look {
    /// A tab on a desk.
    pub const DESKTOP: Self = Self {
        width: 1440,
        is_dark: false,
        has_forced_colors: false,
    };
    /// A tab on a phone.
    pub const PHONE: Self = Self {
        width: 360,
        ..Self::DESKTOP
    };
    /// A tab on a desk in the dark.
    pub const DARK: Self = Self {
        is_dark: true,
        ..Self::DESKTOP
    };
}

impl Tab {
    /// Sets size and preferences.
    ///
    /// # Panics
    /// When Chromium refuses.
    pub async fn look(&self, look: Look) {
        let scale = if look.width < 600 { 2.0 } else { 1.0 };
        let size = SetDeviceMetricsOverrideParams::new(look.width, 900, scale, look.width < 600);
        self.page.execute(size).await.expect("a size");
        let feature = |name: &str, value: &str| MediaFeature::new(name, value);
        let scheme = if look.is_dark { "dark" } else { "light" };
        let forced = if look.has_forced_colors {
            "active"
        } else {
            "none"
        };
        let media = SetEmulatedMediaParams::builder()
            .features([
                feature("prefers-color-scheme", scheme),
                feature("forced-colors", forced),
                feature("prefers-reduced-motion", "reduce"),
            ])
            .build();
        self.page.execute(media).await.expect("preferences");
    }

    /// Sets the preferred language of the browser.
    ///
    /// # Panics
    /// When Chromium refuses.
    pub async fn accept_language(&self, language: &str) {
        let headers = Headers::new(json!({ "Accept-Language": language }));
        let headers = SetExtraHttpHeadersParams::new(headers);
        self.page.execute(headers).await.expect("a language");
    }

    /// Sets the time zone of the browser.
    ///
    /// # Panics
    /// When Chromium refuses.
    pub async fn time_zone(&self, name: &str) {
        let zone = SetTimezoneOverrideParams::new(name);
        self.page.execute(zone).await.expect("a time zone");
    }

    /// The pixels by which the page is wider than the window.
    pub async fn overflow(&self) -> i64 {
        let root = "document.documentElement";
        self.value(&format!("{root}.scrollWidth - {root}.clientWidth"))
            .await
    }

    /// The number of pages on paper.
    ///
    /// # Panics
    /// When Chromium does not print.
    pub async fn printed_pages(&self) -> usize {
        let parameters = PrintToPdfParams::builder()
            .prefer_css_page_size(true)
            .build();
        let pdf = self.page.pdf(parameters).await.expect("a PDF");
        let text = String::from_utf8_lossy(&pdf);
        text.matches("/Type /Page\n").count()
    }

    /// Writes a picture of the whole page to `target/screenshots`.
    ///
    /// # Panics
    /// When it cannot be written.
    pub async fn screenshot(&self, name: &str) {
        let folder = Path::new(ROOT).join("target/screenshots");
        fs::create_dir_all(&folder).expect("a folder");
        let parameters = ScreenshotParams::builder().full_page(true).build();
        let picture = self.page.screenshot(parameters).await.expect("a picture");
        fs::write(folder.join(format!("{name}.png")), picture).expect("a file");
    }
}
