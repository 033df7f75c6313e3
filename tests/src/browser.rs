//! A browser, as far as HTTP is concerned: it keeps the cookie of a session and says where a request comes from.

use reqwest::{Client, Method, RequestBuilder, Response, header, redirect::Policy};

/// A page that sends requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// A page of the service.
    Own,
    /// A page of another site.
    Foreign,
}

/// A browser with one tab.
pub struct Browser {
    http: Client,
    base: String,
    cookie: Option<String>,
}

impl Browser {
    /// A browser that opens the read tier at `base` (`http://host:port`), without a session.
    ///
    /// # Panics
    /// When the client cannot be built.
    #[must_use]
    pub fn at(base: &str) -> Self {
        let http = Client::builder().redirect(Policy::none()).build();
        Self {
            http: http.expect("a client"),
            base: base.to_owned(),
            cookie: None,
        }
    }

    /// The same browser, with a cookie named like that of a session.
    #[must_use]
    pub fn with_session(&self, value: &str) -> Self {
        Self {
            cookie: Some(format!("__Host-analytics={value}")),
            http: self.http.clone(),
            base: self.base.clone(),
        }
    }

    /// The session, as the cookie contains it.
    #[must_use]
    pub fn session(&self) -> Option<&str> {
        self.cookie.as_deref()?.strip_prefix("__Host-analytics=")
    }

    /// Sends the form that signs in from a page of the platform, and keeps the cookie.
    ///
    /// # Panics
    /// When there is no response.
    pub async fn sign_in(&mut self, token: &str, next: Option<&str>) -> Response {
        let mut fields = vec![("token", token)];
        fields.extend(next.map(|next| ("next", next)));
        let body = serde_html_form::to_string(&fields).expect("a form");
        let form = self.request(Method::POST, "/app/session", Page::Foreign);
        let form = form.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let response = form.body(body).send().await.expect("a response");
        if let Some(cookie) = response.headers().get(header::SET_COOKIE) {
            let cookie = cookie.to_str().expect("text");
            self.cookie = cookie.split(';').next().map(str::to_owned);
        }
        response
    }

    /// A request to a path of the origin by a page, with the cookie.
    pub fn request(&self, method: Method, path: &str, page: Page) -> RequestBuilder {
        let site = match page {
            Page::Own => "same-origin",
            Page::Foreign => "cross-site",
        };
        self.plain(method, path).header("Sec-Fetch-Site", site)
    }

    /// A request with the cookie, by a browser without fetch metadata.
    pub fn plain(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.cookie {
            Some(cookie) => request.header(header::COOKIE, cookie),
            None => request,
        }
    }

    /// A client that sends all requests as a page does, with the cookie.
    ///
    /// # Panics
    /// When the client cannot be built.
    #[must_use]
    pub fn client(&self, page: Page) -> Client {
        let request = self.request(Method::GET, "/", page).build();
        let headers = request.expect("a request").headers().clone();
        let client = Client::builder().default_headers(headers);
        client.build().expect("a client")
    }

    /// `GET` of a path below `/api/v1/analytics` by the page of the service.
    ///
    /// # Panics
    /// When there is no response.
    pub async fn get(&self, path: &str) -> Response {
        let path = format!("/api/v1/analytics{path}");
        let request = self.request(Method::GET, &path, Page::Own);
        request.send().await.expect("a response")
    }
}
