//! The audit log: one line for each refused or administrative request, each export, each sign-in, and each
//! request to write keys and share links. Lines that any client can cause are bounded.
//!
//! A line has the actor, the route, the status, and by its span the id of the request: no path, query or
//! address, which may identify a person, and no token.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, PoisonError},
    time::{Duration, Instant},
};

use poem::http::StatusCode;

use crate::auth::{Caller, Role};

/// The path segments of routes of which every request is logged.
const AUDITED_SEGMENTS: [&str; 5] = ["export", "session", "share-session", "shares", "write-keys"];
/// Requests with 401, 403 or 429, or without a caller, that are logged per status and minute. Any client can cause them, and
/// must not fill the disk.
const MAX_BOUNDED_LINES: u32 = 60;
const MINUTE: Duration = Duration::from_mins(1);

/// The lines of this process that any client can cause.
static BOUNDED_LINES: LazyLock<Mutex<LineLimit>> = LazyLock::new(Mutex::default);

/// A request with its result.
pub(super) struct AuditedRequest<'a> {
    /// The caller, if authenticated.
    pub caller: Option<&'a Caller>,
    /// The method, `other` if it is not a standard one.
    pub method: &'static str,
    /// The pattern of the path.
    pub route: &'a str,
    /// The status of the response.
    pub status: StatusCode,
}

impl AuditedRequest<'_> {
    /// Logs the request, if it is to be logged.
    pub(super) fn log(&self) {
        let is_refused = is_refusal(self.status);
        let reason = if is_refused {
            "refused"
        } else if self.is_route_audited() {
            "route"
        } else if self.has_role(Role::Admin) {
            "administrator"
        } else {
            return;
        };
        if !is_refused && self.caller.is_some() {
            return self.log_line(reason, 0);
        }
        let mut lines = BOUNDED_LINES.lock().unwrap_or_else(PoisonError::into_inner);
        let permitted = lines.permit(self.status, Instant::now());
        drop(lines);
        if let Some(suppressed) = permitted {
            self.log_line(reason, suppressed);
        }
    }

    fn has_role(&self, role: Role) -> bool {
        self.caller.is_some_and(|caller| caller.has_role(role))
    }

    fn is_route_audited(&self) -> bool {
        let mut segments = self.route.split('/');
        segments.any(|segment| AUDITED_SEGMENTS.contains(&segment))
    }

    /// `suppressed` is the number of requests of the same status that were not logged before.
    fn log_line(&self, reason: &'static str, suppressed: u32) {
        let user = self.caller.and_then(|caller| caller.user_id);
        let tenant = self.caller.and_then(|caller| caller.tenant_id);
        let roles = [Role::Admin, Role::Service].into_iter();
        let roles = roles.filter(|role| self.has_role(*role));
        let roles: Vec<_> = roles.map(Role::name).collect();
        tracing::info!(
            target: "audit",
            reason,
            user = user.map(tracing::field::display),
            tenant = tenant.map(tracing::field::display),
            roles = roles.join(","),
            method = self.method,
            route = self.route,
            status = self.status.as_u16(),
            suppressed,
            "audited request"
        );
    }
}

fn is_refusal(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS
    )
}

/// Bounds the lines of each status in each minute.
#[derive(Debug, Default)]
struct LineLimit(HashMap<StatusCode, Lines>);

#[derive(Debug)]
struct Lines {
    /// The start of the current minute.
    since: Instant,
    logged: u32,
    suppressed: u32,
}

impl LineLimit {
    /// Returns the number of lines suppressed since the last one, if one more may be logged at `now`.
    fn permit(&mut self, status: StatusCode, now: Instant) -> Option<u32> {
        let lines = self.0.entry(status).or_insert(Lines {
            since: now,
            logged: 0,
            suppressed: 0,
        });
        if now.duration_since(lines.since) >= MINUTE {
            (lines.since, lines.logged) = (now, 0);
        }
        if lines.logged == MAX_BOUNDED_LINES {
            lines.suppressed = lines.suppressed.saturating_add(1);
            return None;
        }
        lines.logged += 1;
        Some(std::mem::take(&mut lines.suppressed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_refused_requests_is_counted_and_not_logged() {
        let (mut limit, start) = (LineLimit::default(), Instant::now());
        let (refused, status) = (10_000, StatusCode::UNAUTHORIZED);
        let permitted = (0..refused).filter_map(|_| limit.permit(status, start));
        assert_eq!(permitted.collect::<Vec<_>>(), [0; 60]);
        // Another status is not affected.
        assert_eq!(limit.permit(StatusCode::FORBIDDEN, start), Some(0));
        assert_eq!(limit.permit(status, start + MINUTE), Some(refused - 60));
        assert_eq!(limit.permit(status, start + MINUTE), Some(0));
    }
}
