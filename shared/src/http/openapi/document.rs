//! The OpenAPI document of a tier, in forms that generators of clients understand.

use poem_openapi::{ContactObject, LicenseObject, OpenApi, OpenApiService, ServerObject, Webhook};
use serde_yaml::{Mapping, Value};

/// Adds to the API of a tier what its OpenAPI document says beside the operations: server, licence and contact.
#[must_use]
pub fn described<T, W>(api: OpenApiService<T, W>, description: &str) -> OpenApiService<T, W> {
    api.description(description)
        .license(LicenseObject::new("MIT OR Apache-2.0"))
        .contact(ContactObject::new().name("Analytics Service"))
        .server(ServerObject::new("/").description("The host that serves this document."))
}

/// Returns the OpenAPI document of an API as YAML.
#[must_use]
pub fn openapi_document<T: OpenApi, W: Webhook>(api: &OpenApiService<T, W>) -> String {
    let yaml = api.spec_yaml();
    // poem-openapi writes valid YAML.
    adapted_document(&yaml).unwrap_or(yaml)
}

fn adapted_document(yaml: &str) -> serde_yaml::Result<String> {
    let mut document = serde_yaml::from_str(yaml)?;
    adapt(&mut document);
    serde_yaml::to_string(&document)
}

/// Adapts all schemas in `value`.
fn adapt(value: &mut Value) {
    match value {
        Value::Mapping(map) => {
            describe_reference(map);
            describe_stream(map);
            map.values_mut().for_each(adapt);
        }
        Value::Sequence(values) => values.iter_mut().for_each(adapt),
        _ => {}
    }
}

/// Replaces `allOf: [{$ref}, {description, nullable}]` by the same with the second beside `allOf`: some generators
/// merge the types of all elements, and the second has none.
fn describe_reference(map: &mut Mapping) {
    let Some(Value::Sequence(all)) = map.get_mut("allOf") else {
        return;
    };
    let [Value::Mapping(reference), Value::Mapping(beside)] = all.as_slice() else {
        return;
    };
    if !reference.contains_key("$ref") || beside.contains_key("$ref") || beside.contains_key("type")
    {
        return;
    }
    let beside = beside.clone();
    all.truncate(1);
    map.extend(beside);
    // No generator builds an object of a class for a parameter that is left out.
    map.retain(|key, value| key != "default" || !value.is_mapping());
}

/// Replaces the array of events of a stream by a text: OpenAPI 3.0 has no streams, and clients wait for the end of
/// an array.
fn describe_stream(map: &mut Mapping) {
    if map
        .get("format")
        .is_some_and(|format| format == "event-stream")
    {
        map.remove("items");
        map.insert("type".into(), "string".into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn adapted(yaml: &str) -> Value {
        let mut value = serde_yaml::from_str(yaml).unwrap();
        adapt(&mut value);
        value
    }

    #[test]
    fn a_description_stands_beside_the_reference_that_it_describes() {
        let adapted_field = adapted(
            "properties: {a: {allOf: [{$ref: '#/x'}, {description: d, nullable: true, default: {b: 1}}]}}",
        );
        let expected: Value = serde_yaml::from_str(
            "properties: {a: {allOf: [{$ref: '#/x'}], description: d, nullable: true}}",
        )
        .unwrap();
        assert_eq!(adapted_field, expected);
        let merged = "allOf: [{$ref: '#/x'}, {type: object, properties: {b: {type: string}}}]";
        let unchanged: Value = serde_yaml::from_str(merged).unwrap();
        assert_eq!(adapted(merged), unchanged);
    }

    #[test]
    fn a_stream_is_a_text() {
        let stream = adapted("{type: array, format: event-stream, items: {$ref: '#/x'}}");
        let expected: Value = serde_yaml::from_str("{type: string, format: event-stream}").unwrap();
        assert_eq!(stream, expected);
    }
}
