//! How cells look.

use rust_xlsxwriter::Format;

/// Their formats.
pub(super) struct Formats {
    pub header: Format,
    pub time: Format,
    pub day: Format,
    pub number: Format,
}

impl Formats {
    pub fn new() -> Self {
        Self {
            header: Format::new().set_bold(),
            time: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
            day: Format::new().set_num_format("yyyy-mm-dd"),
            number: Format::new().set_num_format("0"),
        }
    }
}
