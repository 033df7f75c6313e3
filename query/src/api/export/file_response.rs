//! The response of an export: a file in one of the formats.

use analytics_shared::http::text_header;
use poem::{Body, IntoResponse, Response, http::header};
use poem_openapi::{
    ApiResponse,
    registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry},
};
use serde_json::Value;

use crate::export::{FileFormat, TRAILERS, sample};

/// A file. Documented by hand, because poem-openapi would document three responses with the same
/// status.
pub struct FileResponse {
    pub body: Body,
    pub format: FileFormat,
    pub name: String,
}

impl IntoResponse for FileResponse {
    fn into_response(self) -> Response {
        let disposition = format!("attachment; filename=\"{}\"", self.name);
        Response::builder()
            .content_type(self.format.media_type())
            .header(header::CONTENT_DISPOSITION, disposition)
            .header(header::TRAILER, TRAILERS)
            .body(self.body)
    }
}

impl ApiResponse for FileResponse {
    fn meta() -> MetaResponses {
        let files = FileFormat::ALL.map(|format| MetaMediaType {
            content_type: format.media_type(),
            schema: MetaSchemaRef::Inline(Box::new(match sample(format) {
                Some(text) => MetaSchema {
                    example: Some(Value::String(text)),
                    ..MetaSchema::new("string")
                },
                None => MetaSchema::new_with_format("string", "binary"),
            })),
        });
        MetaResponses {
            responses: vec![MetaResponse {
                description: "The file.",
                status: Some(200),
                status_range: None,
                content: files.into(),
                headers: vec![
                    text_header("Content-Disposition", "File name."),
                    text_header("Trailer", "Names of the trailers."),
                ],
            }],
        }
    }

    fn register(_registry: &mut Registry) {}
}
