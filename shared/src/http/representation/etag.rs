//! Entity tags (RFC 9110, section 8.8.3): each coding of a representation has its own.

use super::coding::ContentCoding;

/// Returns the entity tag of a coding, given that of the identity.
#[must_use]
pub fn of_coding(etag: &str, coding: ContentCoding) -> String {
    match coding.name() {
        None => etag.to_owned(),
        Some(name) => format!("{}-{name}\"", etag.trim_end_matches('"')),
    }
}

/// Returns the entity tag of the identity, given that of a coding.
#[must_use]
pub fn without_coding(etag: &str) -> String {
    let codings = [ContentCoding::Gzip, ContentCoding::Brotli];
    let mut suffixes = codings.into_iter().filter_map(ContentCoding::name);
    let text = etag.trim_end_matches('"');
    let plain = suffixes.find_map(|name| text.strip_suffix(name)?.strip_suffix('-'));
    plain.map_or_else(|| etag.to_owned(), |plain| format!("{plain}\""))
}

/// Returns whether the value of `If-None-Match` lists an entity tag by weak comparison, or is `*` (RFC 9110, section
/// 13.1.2).
#[must_use]
pub fn is_listed(if_none_match: &str, etag: &str) -> bool {
    if_none_match
        .split(',')
        .map(str::trim)
        .any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == etag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entity_tag_is_found_in_every_notation() {
        for tags in ["\"a\"", "W/\"a\"", "\"b\", \"a\"", "*"] {
            assert!(is_listed(tags, "\"a\""), "{tags}");
        }
        for tags in ["", "\"b\"", "a", "\"ab\"", "\"a-gzip\""] {
            assert!(!is_listed(tags, "\"a\""), "{tags}");
        }
    }

    #[test]
    fn each_coding_has_its_own_entity_tag() {
        for coding in [ContentCoding::Gzip, ContentCoding::Brotli] {
            let etag = of_coding("\"a\"", coding);
            assert_eq!(etag, format!("\"a-{}\"", coding.name().unwrap()));
            assert_eq!(without_coding(&etag), "\"a\"");
        }
        assert_eq!(of_coding("\"a\"", ContentCoding::Identity), "\"a\"");
        assert_eq!(without_coding("\"a\""), "\"a\"");
        assert_eq!(without_coding("\"gzip\""), "\"gzip\"");
    }
}
