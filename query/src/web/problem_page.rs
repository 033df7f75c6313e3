//! Problems as pages: a browser shows the response to an HTML form to its user, who cannot read JSON.

use std::{path::Path, sync::Arc};

use poem::{
    Body, Endpoint, Request, Response, Result,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
};

use super::{bundle::Bundle, policy::PAGE_WITHOUT_SCRIPT};

const FORM: &str = "application/x-www-form-urlencoded";

/// A title and a hint.
type Words = (&'static str, &'static str);

/// Renders problems as pages.
#[derive(Clone)]
pub struct ProblemPages {
    /// The path of the style sheet.
    stylesheet: Arc<str>,
}

impl ProblemPages {
    /// Pages with the style sheet of the bundle.
    pub fn new() -> Self {
        let assets = Bundle::load().assets;
        let paths = assets.into_iter().map(|(path, _)| path);
        let mut stylesheets = paths.filter(|path| {
            Path::new(path)
                .extension()
                .is_some_and(|kind| kind == "css")
        });
        Self {
            stylesheet: stylesheets.next().unwrap_or_default().into(),
        }
    }

    /// Replaces a problem of `endpoint` by a page if the request is a form of a browser; the status stays.
    pub async fn explain<E: Endpoint<Output = Response>>(
        self,
        endpoint: Arc<E>,
        request: Request,
    ) -> Result<Response> {
        let is_read_by_user = is_form_of_browser(&request);
        let is_russian = prefers_russian(request.headers());
        let mut response = endpoint.get_response(request).await;
        let status = response.status();
        if is_read_by_user && (status.is_client_error() || status.is_server_error()) {
            response.set_body(Body::from(self.page(status, is_russian)));
            let headers = response.headers_mut();
            let html = HeaderValue::from_static("text/html; charset=utf-8");
            headers.insert(header::CONTENT_TYPE, html);
            let policy = HeaderValue::from_static(PAGE_WITHOUT_SCRIPT);
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
            headers.insert(
                header::VARY,
                HeaderValue::from_static("Accept, Accept-Language"),
            );
        }
        Ok(response)
    }

    fn page(&self, status: StatusCode, is_russian: bool) -> String {
        let (title, hint) = words(status, is_russian);
        let language = if is_russian { "ru" } else { "en" };
        let stylesheet = &self.stylesheet;
        format!(
            "<!doctype html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"robots\" content=\"noindex\">\n<title>{title}</title>\n\
             <link rel=\"stylesheet\" href=\"{stylesheet}\">\n</head>\n\
             <body>\n<main class=\"message\">\n<h1>{title}</h1>\n<p>{hint}</p>\n</main>\n</body>\n</html>\n"
        )
    }
}

/// Scripts send forms as well, but ask for JSON or for anything.
fn is_form_of_browser(request: &Request) -> bool {
    let accept = request.header(header::ACCEPT).unwrap_or_default();
    request.method() == Method::POST
        && request
            .content_type()
            .is_some_and(|kind| kind.starts_with(FORM))
        && accept.contains("text/html")
}

/// Whether Russian comes before English in `Accept-Language` (RFC 9110, section 12.5.4). Browsers list languages in the
/// order of preference.
fn prefers_russian(headers: &HeaderMap) -> bool {
    let accepted = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    let mut languages = accepted.unwrap_or_default().split(',').map(str::trim);
    let known = languages.find(|language| language.starts_with("ru") || language.starts_with("en"));
    known.is_some_and(|language| language.starts_with("ru"))
}

fn words(status: StatusCode, is_russian: bool) -> Words {
    let (english, russian): (Words, Words) = match status {
        StatusCode::UNAUTHORIZED => (
            (
                "Your session has ended.",
                "Open this page from the ticketing platform again.",
            ),
            (
                "Сессия закончилась.",
                "Откройте эту страницу снова из билетной платформы.",
            ),
        ),
        StatusCode::FORBIDDEN => (
            (
                "Your role does not permit this.",
                "Ask the administrator of your organization.",
            ),
            (
                "Ваша роль этого не разрешает.",
                "Обратитесь к администратору организации.",
            ),
        ),
        StatusCode::NOT_FOUND => (
            (
                "Not found.",
                "The event does not exist, or belongs to another organization.",
            ),
            (
                "Не найдено.",
                "Такого мероприятия нет, или оно принадлежит другой организации.",
            ),
        ),
        StatusCode::TOO_MANY_REQUESTS => (
            ("Too many requests.", "Go back, and try again in a minute."),
            (
                "Слишком много запросов.",
                "Вернитесь назад и повторите попытку через минуту.",
            ),
        ),
        status if status.is_server_error() => (
            (
                "The service is temporarily unavailable.",
                "Go back, and try again in a minute.",
            ),
            (
                "Сервис временно недоступен.",
                "Вернитесь назад и повторите попытку через минуту.",
            ),
        ),
        _ => (
            ("The request has failed.", "Go back, and try again."),
            (
                "Запрос не выполнен.",
                "Вернитесь назад и повторите попытку.",
            ),
        ),
    };
    if is_russian { russian } else { english }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_known_language_is_that_of_the_page() {
        let prefers = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, value.parse().unwrap());
            prefers_russian(&headers)
        };
        assert!(prefers("ru-RU,ru;q=0.9,en;q=0.8"));
        assert!(prefers("de, ru;q=0.5"));
        assert!(!prefers("en-US,en;q=0.9,ru;q=0.8"));
        assert!(!prefers("*"));
        assert!(!prefers_russian(&HeaderMap::new()));
    }
}
