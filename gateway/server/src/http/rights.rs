//! Who may do what over HTTP: every route with the least role that it takes, in one table.
//!
//! What is not in it is not served, whatever the router knows. Tests ask every line of it as everybody. Before: http.rs.
//! Next: http/enter.rs, which holds requests against it.

use axum::http::Method;

use crate::access::Role;

/// Whom a route is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum For {
    /// Everybody: it tells nothing of the venue.
    Anyone,
    /// Whoever has an account of the front door, and says so with the request: http/intake.rs asks.
    Accounts,
    /// Who wants to sign in: a secret is in the body.
    Strangers,
    /// This role, and those that may do more.
    Role(Role),
}

/// A route: a method, a path, and whom it is for.
pub type Route = (&'static str, &'static str, For);

/// All of them, in the order of the documentation.
pub const ROUTES: &[Route] = &[
    // The page asks for a token itself, so that it has to come to whoever has none.
    ("GET", "/", For::Anyone),
    ("GET", "/console/console.css", For::Anyone),
    ("GET", "/console/console.js", For::Anyone),
    ("GET", "/console/graph.js", For::Anyone),
    ("GET", "/console/map.js", For::Anyone),
    ("GET", "/console/outcomes.js", For::Anyone),
    ("GET", "/console/panels.js", For::Anyone),
    ("GET", "/console/session.js", For::Anyone),
    ("GET", "/console/icon.svg", For::Anyone),
    ("GET", "/healthz", For::Anyone),
    ("GET", "/readyz", For::Anyone),
    ("GET", "/metrics", For::Role(Role::Viewer)),
    ("POST", "/api/v1/session", For::Strangers),
    ("GET", "/api/v1/session", For::Role(Role::Viewer)),
    ("DELETE", "/api/v1/session", For::Role(Role::Viewer)),
    ("GET", "/api/v1/venue", For::Role(Role::Viewer)),
    ("GET", "/api/v1/live", For::Role(Role::Viewer)),
    ("GET", "/api/v1/picture", For::Role(Role::Viewer)),
    ("GET", "/api/v1/report", For::Role(Role::Viewer)),
    ("GET", "/api/v1/events/live", For::Role(Role::Viewer)),
    ("GET", "/api/v1/offers/live", For::Role(Role::Viewer)),
    // What was not admitted says who sent what.
    ("GET", "/api/v1/dead-letters", For::Role(Role::Author)),
    // What others keep, so that nobody cuts the record of who did what short unseen.
    ("GET", "/api/v1/audit/head", For::Role(Role::Operator)),
    ("POST", "/api/v1/events", For::Accounts),
];

/// What became of looking a request up.
pub(super) enum Found {
    Route(For),
    /// There is such a path, for other methods.
    OtherMethod,
    Nothing,
}

/// Looks a request up, by its path as it was sent: what is written in another way is another path.
pub(super) fn find(method: &Method, path: &str) -> Found {
    // Whoever may read something may ask how long it is.
    let method = if method == Method::HEAD { "GET" } else { method.as_str() };
    let mut known = false;
    for (of, route, whom) in ROUTES {
        if *route == path {
            if *of == method {
                return Found::Route(*whom);
            }
            known = true;
        }
    }
    if known { Found::OtherMethod } else { Found::Nothing }
}
