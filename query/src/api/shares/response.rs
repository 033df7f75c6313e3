//! Share links in responses.

use analytics_shared::auth::Section;
use chrono::{DateTime, Utc};
use poem_openapi::{Object, types::Example};
use uuid::Uuid;

use crate::{api::responses::examples, store::StoredSharedLink};

/// The path of the page that opens a link. The secret follows as the fragment, which browsers send to no server.
const PAGE: &str = "/app/share#";

/// A share link.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase", example)]
pub struct EventShare {
    /// Id of the link, with which it is revoked.
    pub share_id: Uuid,
    /// The description; empty if there is none.
    pub name: String,
    /// The sections of the figures that the link shows.
    pub sections: Vec<Section>,
    /// Whether the link shows payments and refunds.
    pub revenue: bool,
    /// Whether recipients must enter a password.
    pub has_password: bool,
    /// The user who created the link; `null` if the token named none.
    #[oai(nullable)]
    pub created_by: Option<Uuid>,
    /// The time of its creation.
    pub created_at: DateTime<Utc>,
    /// The time from which the link opens nothing.
    pub expires_at: DateTime<Utc>,
    /// The time of its revocation; `null` if it is not revoked.
    #[oai(nullable)]
    pub revoked_at: Option<DateTime<Utc>>,
    /// The time of its last use, to the minute; `null` if it was not used, or if the service has no
    /// `SHARE_DATABASE_URL`.
    #[oai(nullable)]
    pub last_used_at: Option<DateTime<Utc>>,
}

/// A share link that has just been created.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase", example)]
pub struct CreatedShare {
    /// The link: the path of the page with the secret as its fragment. It cannot be retrieved again.
    pub link: String,
    /// Its settings.
    #[oai(flatten)]
    pub share: EventShare,
}

/// The share links of an event.
#[derive(Clone, Debug, Object)]
#[oai(example)]
pub struct ShareList {
    /// The links: valid ones first, then the last that have expired or are revoked, up to 100 in all. Links are deleted 30
    /// days after they have become invalid.
    pub shares: Vec<EventShare>,
}

/// The access token of a share link.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase", example)]
pub struct ShareSession {
    /// A bearer token for the dashboard, the funnel and the live figures of the event, and for `/me`.
    pub access_token: String,
    /// The time from which the token is no longer valid; the link may end sooner.
    pub expires_at: DateTime<Utc>,
}

impl CreatedShare {
    /// Builds the response with the secret of the link.
    pub fn new(secret: &str, stored: StoredSharedLink) -> Self {
        Self {
            link: format!("{PAGE}{secret}"),
            share: stored.into(),
        }
    }
}

impl From<StoredSharedLink> for EventShare {
    fn from(stored: StoredSharedLink) -> Self {
        let sections = stored.sections.iter();
        Self {
            share_id: stored.share_id,
            name: stored.name,
            sections: sections.filter_map(|name| Section::named(name)).collect(),
            revenue: stored.shows_revenue,
            has_password: stored.password_hash.is_some(),
            created_by: stored.created_by,
            created_at: stored.created_at,
            expires_at: stored.expires_at,
            revoked_at: stored.revoked_at,
            last_used_at: stored.last_used_at,
        }
    }
}

impl Example for EventShare {
    fn example() -> Self {
        Self {
            share_id: examples::SHARE,
            name: "Venue partner".to_owned(),
            sections: vec![Section::Metrics, Section::Series, Section::CheckIns],
            revenue: false,
            has_password: false,
            created_by: None,
            created_at: examples::time(),
            expires_at: examples::time() + chrono::Days::new(30),
            revoked_at: None,
            last_used_at: None,
        }
    }
}

impl Example for CreatedShare {
    fn example() -> Self {
        Self {
            link: format!("{PAGE}asl_{}", "0".repeat(64)),
            share: EventShare::example(),
        }
    }
}

impl Example for ShareList {
    fn example() -> Self {
        Self {
            shares: vec![EventShare::example()],
        }
    }
}

impl Example for ShareSession {
    fn example() -> Self {
        Self {
            access_token: "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl".to_owned(),
            expires_at: examples::time() + chrono::Days::new(1),
        }
    }
}
