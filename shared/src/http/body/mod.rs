//! Reading request bodies: bounded in size, time and memory, decompressed, and parsed as JSON or as a form.

mod bytes;
mod encoding;
mod extractor;
mod form;
mod json;
mod read;

pub use self::{
    bytes::BodyBytes,
    encoding::{Decoder, Encoding},
    extractor::{
        BeaconBody, JsonBody, MAX_BYTES as MAX_BODY_BYTES, is_json, is_media_type, media_type,
    },
    form::{FormBody, JsonOrFormBody},
    json::from_json,
    read::read_body,
};
