//! The answer of an export: a file in one of the formats.

use poem::{Body, IntoResponse, Response, http::header};
use poem_openapi::{
    ApiResponse,
    registry::{
        MetaHeader, MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry,
    },
    types::Type,
};
use serde_json::Value;

use super::super::example;
use crate::export::{self, Format, TRAILERS};

/// The formats that the document names.
const FORMATS: [Format; 3] = [
    Format::Csv { delimiter: b',' },
    Format::Xlsx,
    Format::NdJson,
];

/// A file. (The framework would document three answers with the same status.)
pub struct ExportedFile {
    /// Its bytes.
    pub body: Body,
    /// Its format.
    pub format: Format,
    /// Its name.
    pub name: String,
}

impl IntoResponse for ExportedFile {
    fn into_response(self) -> Response {
        let disposition = format!("attachment; filename=\"{}\"", self.name);
        Response::builder()
            .content_type(self.format.media_type())
            .header(header::CONTENT_DISPOSITION, disposition)
            .header(header::TRAILER, TRAILERS)
            .body(self.body)
    }
}

fn text_header(name: &str, description: &str) -> MetaHeader {
    MetaHeader {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        required: true,
        deprecated: false,
        schema: String::schema_ref(),
    }
}

impl ApiResponse for ExportedFile {
    fn meta() -> MetaResponses {
        let files = FORMATS.map(|format| MetaMediaType {
            content_type: format.media_type(),
            schema: MetaSchemaRef::Inline(Box::new(MetaSchema {
                example: export::sample(format, &[example::fact()]).map(Value::String),
                ..MetaSchema::new_with_format("string", "binary")
            })),
        });
        MetaResponses {
            responses: vec![MetaResponse {
                description: "The file.",
                status: Some(200),
                status_range: None,
                content: files.into(),
                headers: vec![
                    text_header("Content-Disposition", "A name for the file."),
                    text_header("Trailer", "The names of the trailers."),
                ],
            }],
        }
    }

    fn register(_registry: &mut Registry) {}
}
