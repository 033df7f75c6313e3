//! The commands of docs/OPERATIONS.md, which tests run as they stand there.

const GUIDE: &str = include_str!("../../docs/OPERATIONS.md");

/// The blocks of a language in a section of the guide.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn blocks(section: &str, language: &str) -> Vec<String> {
    let heading = format!("\n## {section}\n");
    let (_, text) = GUIDE.split_once(&heading).expect("the section");
    let text = text.split("\n## ").next().unwrap_or(text);
    let fence = format!("```{language}\n");
    let blocks = text.split(&fence).skip(1);
    let blocks = blocks.map(|rest| rest.split("```").next().unwrap_or(rest).to_owned());
    let blocks: Vec<_> = blocks.collect();
    assert!(!blocks.is_empty(), "{section} has no {language}");
    blocks
}
