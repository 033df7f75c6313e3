//! Traffic sources, as people write them in links and filters.

use icu_normalizer::ComposingNormalizerBorrowed;
use idna::domain_to_unicode;
use url::Url;

use super::text::{MAX_CHARS, cut};

/// The prefix of a label of an internationalised host name (RFC 5890).
const ASCII_LABEL: &str = "xn--";

/// Returns the form in which a source is stored, compared and shown: in lower case, with composed characters
/// (NFC), single spaces and no dots at its end; internationalised host names in their readable form (UTS 46).
/// Invisible characters are removed. A source that is too long is cut.
#[must_use]
pub fn normalize(text: &str) -> String {
    let visible = text.chars().filter(|one| !is_invisible(*one));
    let visible = visible.map(|one| if one.is_control() { ' ' } else { one });
    let lower = compose(&visible.collect::<String>()).to_lowercase();
    let spaced = lower.split_whitespace().collect::<Vec<_>>().join(" ");
    let source = compose(&readable(&spaced));
    trim(cut(trim(&source), MAX_CHARS)).to_owned()
}

/// Returns the source of a URL: its host without `www.`, in the form of [`normalize`].
#[must_use]
pub fn of_url(url: &str) -> Option<String> {
    let url = Url::parse(url.trim()).ok()?;
    let host = normalize(url.host_str()?);
    let host = host.strip_prefix("www.").unwrap_or(&host);
    (!host.is_empty()).then(|| host.to_owned())
}

fn compose(text: &str) -> String {
    ComposingNormalizerBorrowed::new_nfc()
        .normalize(text)
        .into_owned()
}

/// Removes spaces and dots at the end, as of the host name of a root.
fn trim(text: &str) -> &str {
    text.trim_end_matches(|one: char| one.is_whitespace() || one == '.')
}

/// Returns the readable form of a host name. A name that is not valid, and other texts, are unchanged.
fn readable(text: &str) -> String {
    let has_label = text.split('.').any(|label| label.starts_with(ASCII_LABEL));
    match domain_to_unicode(text) {
        (host, Ok(())) if has_label => host,
        _ => text.to_owned(),
    }
}

/// Returns whether a character has no width: breaks and marks of direction that are copied with a text.
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_source_is_one_however_it_is_written() {
        for (written, expected) in [
            (" Newsletter ", "newsletter"),
            ("NEWS\u{a0}\u{a0}LETTER", "news letter"),
            ("news\tletter\n", "news letter"),
            ("example.org.", "example.org"),
            ("Example.ORG . .", "example.org"),
            ("Cafe\u{301}", "caf\u{e9}"),
            ("CAF\u{c9}", "caf\u{e9}"),
            ("Бу\u{438}\u{306}", "буй"),
            ("xn--bcher-kva.example", "bücher.example"),
            ("BÜCHER.example.", "bücher.example"),
            ("XN--BCHER-KVA.Example", "bücher.example"),
            ("shop.xn--e1aybc.xn--p1ai", "shop.тест.рф"),
            ("\u{feff}\u{200e}vk\u{200b}", "vk"),
            ("xn--", "xn--"),
            ("", ""),
            (" . ", ""),
        ] {
            assert_eq!(normalize(written), expected, "{written:?}");
        }
    }

    proptest! {
        #[test]
        fn the_normal_form_is_stable_and_bounded(text in any::<String>()) {
            let once = normalize(&text);
            prop_assert_eq!(normalize(&once), once.clone());
            prop_assert!(once.chars().count() <= MAX_CHARS);
            prop_assert_eq!(once.trim(), once.as_str());
        }

        #[test]
        fn case_and_composition_make_no_difference(text in "[a-zA-Zà-üÀ-Üа-яА-Я ]{0,20}") {
            let decomposed = icu_normalizer::DecomposingNormalizerBorrowed::new_nfd().normalize(&text);
            for other in [decomposed.as_ref(), &text.to_uppercase(), &text.to_lowercase(), &format!(" {text} ")] {
                // The upper case of ß is SS.
                if !text.contains('ß') {
                    prop_assert_eq!(normalize(other), normalize(&text));
                }
            }
        }

        #[test]
        fn a_host_name_is_readable(label in "[а-я]{1,10}") {
            let host = format!("{label}.рф");
            let ascii = idna::domain_to_ascii(&host).unwrap();
            prop_assert!(ascii.starts_with("xn--"));
            prop_assert_eq!(normalize(&ascii), host);
        }
    }
}
