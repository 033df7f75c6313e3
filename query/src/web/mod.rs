//! The page of the organizer at `/app`: a bundle of one document, a script and a style sheet, embedded in the program.
//! Its sources are in `query/web`.

mod bundle;
mod policy;
mod problem_page;

use std::sync::Arc;

use analytics_shared::{config::Origins, http::StaticDocument};
use poem::{Endpoint, Error, Request, Response, Route, endpoint::make, get};

use bundle::Bundle;
use policy::{content_security_policy, framed_by};
pub use problem_page::ProblemPages;

/// The paths of the page. The script decides by the path what to show.
const PAGES: [&str; 6] = [
    "/app",
    "/app/",
    "/app/org",
    "/app/events/:id",
    "/app/events/:id/door",
    "/app/events/:id/compare",
];
/// The page of a shared event, which pages of other origins may contain in a frame.
const SHARED: &str = "/app/share";

/// Returns the routes of the page. `frame_ancestors` are the origins that may contain the page of a shared event.
pub fn pages(frame_ancestors: &Origins) -> Route {
    let bundle = Bundle::load();
    let page = |ancestors: &str| {
        let policy = content_security_policy(ancestors);
        begin_compression(StaticDocument::page_with_policy(
            bundle.index.clone(),
            policy,
        ))
    };
    let own = page("'none'");
    let routes = PAGES.into_iter().fold(Route::new(), |routes, path| {
        routes.at(path, get(document(Arc::clone(&own))))
    });
    let routes = routes.at(SHARED, get(document(page(&framed_by(frame_ancestors)))));
    bundle
        .assets
        .into_iter()
        .fold(routes, |routes, (path, asset)| {
            routes.at(path, get(document(begin_compression(asset))))
        })
}

/// Returns the document, whose compression begins.
fn begin_compression(document: StaticDocument) -> Arc<StaticDocument> {
    let document = Arc::new(document);
    document.prepare_early();
    document
}

/// Returns the endpoint of a document.
fn document(document: Arc<StaticDocument>) -> impl Endpoint<Output = Response> {
    make(move |request: Request| {
        let document = Arc::clone(&document);
        async move { Ok::<_, Error>(document.respond(&request).await) }
    })
}
