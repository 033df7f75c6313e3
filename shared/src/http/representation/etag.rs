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
fn without_coding(etag: &str) -> String {
    let codings = [ContentCoding::Gzip, ContentCoding::Brotli];
    let mut suffixes = codings.into_iter().filter_map(ContentCoding::name);
    let text = etag.trim_end_matches('"');
    let plain = suffixes.find_map(|name| text.strip_suffix(name)?.strip_suffix('-'));
    plain.map_or_else(|| etag.to_owned(), |plain| format!("{plain}\""))
}

/// Returns whether the value of `If-None-Match` lists an entity tag by weak comparison, or is `*` (RFC 9110, section
/// 13.1.2).
pub(super) fn is_listed(if_none_match: &str, etag: &str) -> bool {
    listed_tags(if_none_match).any(|one| one == "*" || one == etag)
}

/// Returns the entity tag of a representation that the client has, in whatever coding, if the value of `If-None-Match`
/// lists it. `etag` is that of the identity.
#[must_use]
pub fn listed_in_any_coding(if_none_match: &str, etag: &str) -> Option<String> {
    listed_tags(if_none_match).find_map(|one| match one {
        "*" => Some(etag.to_owned()),
        _ => (without_coding(one) == etag).then(|| one.to_owned()),
    })
}

/// Returns the elements of a list of entity tags, weak ones as strong ones.
fn listed_tags(if_none_match: &str) -> impl Iterator<Item = &str> {
    let tags = if_none_match.split(',').map(str::trim);
    tags.map(|one| one.strip_prefix("W/").unwrap_or(one))
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
    fn an_entity_tag_is_found_in_every_notation_and_coding() {
        let listed = |tags| listed_in_any_coding(tags, "\"a\"");
        for (tags, expected) in [
            ("\"a\"", "\"a\""),
            ("W/\"a\"", "\"a\""),
            ("\"b\", \"a\"", "\"a\""),
            ("\"a-gzip\"", "\"a-gzip\""),
            ("*", "\"a\""),
        ] {
            assert_eq!(listed(tags).as_deref(), Some(expected), "{tags}");
        }
        for tags in ["", "\"b\"", "a", "\"ab\"", "\"b-gzip\""] {
            assert_eq!(listed(tags), None, "{tags}");
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
