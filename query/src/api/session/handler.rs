//! The handlers of sessions.

use analytics_shared::{
    auth::{Authorizer, TokenOrSession, is_same_origin, remove_session_cookie, session_cookie},
    clock,
    http::FormBody,
    problem::{Problem, ProblemResponse},
};
use poem::{Request, web::Data};
use poem_openapi::{ApiResponse, OpenApi, payload::Json};

use super::{
    caller::CallerInfo,
    problems::{CallerProblems, SignInProblems, SignOutProblems},
    sign_in::SignInForm,
};
use crate::api::routes::Tag;

pub struct SessionApi;

#[derive(ApiResponse)]
enum SignInResponse {
    /// The browser has a session, and opens the page.
    #[oai(status = 303)]
    SignedIn(
        /// Path of the page.
        #[oai(header = "Location")]
        String,
        /// The session, which ends with the token.
        #[oai(header = "Set-Cookie")]
        String,
    ),
}

#[derive(ApiResponse)]
enum SignOutResponse {
    /// The browser has no session.
    #[oai(status = 204)]
    SignedOut(
        /// Removes the session.
        #[oai(header = "Set-Cookie")]
        String,
    ),
}

#[derive(ApiResponse)]
enum CallerResponse {
    /// The caller.
    #[oai(status = 200)]
    Caller(Json<CallerInfo>),
}

#[OpenApi(tag = "Tag::Session")]
impl SessionApi {
    /// Sign a browser in
    ///
    /// Exchanges a token of the platform for a session of the browser, which ends with the token. A page of the
    /// platform sends the form (`<form method="post" action="https://…/app/session">`), so that the token is in no
    /// URL. The cookie cannot be read by scripts. It is accepted for `GET` and `HEAD`, and for other methods only from
    /// pages of the same origin; where a request has the header `Authorization`, the cookie is ignored.
    #[oai(path = "/app/session", method = "post", operation_id = "signIn")]
    async fn sign_in(
        &self,
        authorizer: Data<&Authorizer>,
        form: FormBody<SignInForm>,
    ) -> Result<SignInResponse, ProblemResponse<SignInProblems>> {
        let path = form.0.path()?.to_owned();
        let session = authorizer.sign_in(&form.0.token, clock::now()).await?;
        Ok(SignInResponse::SignedIn(path, session_cookie(&session)))
    }

    /// Sign a browser out
    ///
    /// Removes the session from the browser. Accepted from pages of the same origin only.
    #[oai(path = "/app/session", method = "delete", operation_id = "signOut")]
    #[expect(clippy::unused_async, reason = "poem-openapi expects async functions")]
    async fn sign_out(
        &self,
        request: &Request,
    ) -> Result<SignOutResponse, ProblemResponse<SignOutProblems>> {
        if !is_same_origin(request) {
            let detail = "only pages of this origin may send this request";
            return Err(Problem::forbidden("cross_origin", detail).into());
        }
        Ok(SignOutResponse::SignedOut(remove_session_cookie()))
    }

    /// Caller
    ///
    /// The organization and the roles of the token or session, its end, and what it permits.
    #[oai(
        path = "/api/v1/analytics/me",
        method = "get",
        operation_id = "getCaller"
    )]
    #[expect(clippy::unused_async, reason = "poem-openapi expects async functions")]
    async fn caller(
        &self,
        token: TokenOrSession,
    ) -> Result<CallerResponse, ProblemResponse<CallerProblems>> {
        Ok(CallerResponse::Caller(Json((&token.0).into())))
    }
}
