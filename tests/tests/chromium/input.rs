//! The mouse, the keyboard and the downloads of a tab.

use std::path::Path;

use chromiumoxide::cdp::browser_protocol::{
    browser::{SetDownloadBehaviorBehavior, SetDownloadBehaviorParams},
    input::{DispatchKeyEventParams, DispatchKeyEventType},
};
use serde_json::json;

use super::Tab;

impl Tab {
    /// Clicks the element with a role and an accessible name that begins with `name`.
    ///
    /// # Panics
    /// When there is none.
    pub async fn click(&self, selector: &str, name: &str) {
        let script = format!(
            "(() => {{ const found = [...document.querySelectorAll({})].find((element) =>
               (element.ariaLabel ?? element.innerText ?? '').trim().startsWith({}));
               found?.click(); return found !== undefined; }})()",
            json!(selector),
            json!(name)
        );
        assert!(self.value::<bool>(&script).await, "no {selector} {name}");
    }

    /// Chooses an option of the menu with a label.
    ///
    /// # Panics
    /// When there is no such menu.
    pub async fn choose(&self, label: &str, value: &str) {
        let script = format!(
            "(() => {{ const menu = [...document.querySelectorAll('label')].find((label) =>
               label.innerText.trim().startsWith({}))?.querySelector('select');
               if (!menu) return false;
               menu.value = {}; menu.dispatchEvent(new Event('change', {{ bubbles: true }})); return true; }})()",
            json!(label),
            json!(value)
        );
        assert!(self.value::<bool>(&script).await, "no menu {label}");
        self.shown().await;
    }

    /// Presses a key, like `Tab` or `ArrowRight`, by its `code` (W3C UI Events).
    ///
    /// # Panics
    /// When the key is not known, or Chromium refuses.
    pub async fn press(&self, key: &str) {
        let (code, text) = match key {
            "Tab" => (9, None),
            "Enter" => (13, Some("\r")),
            "Escape" => (27, None),
            "Space" => (32, Some(" ")),
            "End" => (35, None),
            "ArrowLeft" => (37, None),
            "ArrowRight" => (39, None),
            "ArrowDown" => (40, None),
            _ => panic!("the code of {key} is not known"),
        };
        for kind in [DispatchKeyEventType::KeyDown, DispatchKeyEventType::KeyUp] {
            let mut event = DispatchKeyEventParams::builder()
                .r#type(kind.clone())
                .key(if key == "Space" { " " } else { key })
                .code(key)
                .windows_virtual_key_code(code);
            if let (DispatchKeyEventType::KeyDown, Some(text)) = (kind, text) {
                event = event.text(text);
            }
            let event = event.build().expect("a key");
            self.page.execute(event).await.expect("a key");
        }
    }

    /// Lets downloads end in `folder`.
    ///
    /// # Panics
    /// When Chromium refuses.
    pub async fn download_to(&self, folder: &Path) {
        let behavior = SetDownloadBehaviorParams::builder()
            .behavior(SetDownloadBehaviorBehavior::Allow)
            .download_path(folder.to_string_lossy())
            .build();
        self.page
            .execute(behavior.expect("a folder"))
            .await
            .expect("a folder");
    }
}
