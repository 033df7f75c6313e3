//! An extractor of the body of an HTML form.

use poem::{Request, RequestBody, Result};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaMediaType, MetaRequest, Registry},
    types::Type,
};
use serde::de::DeserializeOwned;

use super::{
    extractor::{JsonBody, is_media_type, media_type},
    json::field_name,
    read::read_body,
};
use crate::problem::Problem;

/// The media type of a form.
pub(super) const FORM: &str = "application/x-www-form-urlencoded";
/// The maximum size of a form, in bytes: a few times that of the largest token.
const MAX_BYTES: usize = 64 * 1024;

/// The fields of an HTML form as a `T`, at most 64 KiB. An empty field is like none.
pub struct FormBody<T>(pub T);

/// Parses the fields of a form.
///
/// # Errors
/// 422 with the name of the field if they are not a `T`.
pub(super) fn from_form<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // A browser also sends the fields that are left empty.
    let fields = bytes.split(|&byte| byte == b'&');
    let filled: Vec<_> = fields.filter(|field| !field.ends_with(b"=")).collect();
    let filled = filled.join(&b'&');
    let fields = serde_html_form::Deserializer::from_bytes(&filled);
    serde_path_to_error::deserialize(fields).map_err(|error| {
        let (path, message) = (error.path().to_string(), error.inner().to_string());
        Problem::invalid(field_name(&path, &message), message)
    })
}

/// A JSON body, or the fields of an HTML form with the same names. A list is a repeated field.
pub struct JsonOrFormBody<T>(pub T);

impl<'a, T: Type + DeserializeOwned> ApiExtractor<'a> for JsonOrFormBody<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    /// Only JSON: openapi-python-client makes no working client of two media types with one schema.
    fn request_meta() -> Option<MetaRequest> {
        JsonBody::<T>::request_meta()
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        let given = request.content_type().unwrap_or_default();
        if is_media_type(given, FORM) {
            let form = FormBody::from_request(request, body, options).await?;
            Ok(Self(form.0))
        } else {
            let json = JsonBody::<T>::from_request(request, body, options).await?;
            Ok(Self(json.0))
        }
    }
}

impl<'a, T: Type + DeserializeOwned> ApiExtractor<'a> for FormBody<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(MetaRequest {
            description: None,
            content: vec![MetaMediaType {
                content_type: FORM,
                schema: T::schema_ref(),
            }],
            required: true,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        media_type(request, |given| is_media_type(given, FORM))?;
        let bytes = read_body(request, body, MAX_BYTES).await?;
        Ok(Self(from_form(&bytes)?))
    }
}
