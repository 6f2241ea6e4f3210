//! Lets a request in, or says why not: who asks, whether they may, whether their own page asks, and how often.
//!
//! A secret comes as `Authorization: Bearer`, or was exchanged for a cookie by the console's form. A cookie is sent by
//! browsers whoever's page asks, so a change under one has to come from the console's own page. Before: http/rights.rs.
//! Next: http/session.rs and the handlers in http.rs.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::problem::Problem;
use super::rights::{self, For, Found};
use crate::access::{Access, Caller, Refusal};

/// What a browser says of the page that asks (Fetch Metadata).
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Where a request comes from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub(super) SocketAddr);

/// How the gateway is reached, as far as cookies care.
#[derive(Clone, Debug)]
pub(super) struct Entrance {
    pub(super) access: Arc<Access>,
    /// Browsers reach it under TLS, its own or a proxy's.
    pub(super) secure: bool,
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Access(..)")
    }
}

/// See the file's header. Whoever is let in is among the request's extensions.
pub(super) async fn enter(State(entrance): State<Entrance>, mut request: Request, next: Next) -> Response {
    match entrance.admit(&request) {
        Ok(caller) => {
            if let Some(caller) = caller {
                request.extensions_mut().insert(caller);
            }
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

impl Entrance {
    fn admit(&self, request: &Request) -> Result<Option<Caller>, Problem> {
        let address = address(request);
        self.access.address_may_ask(address).map_err(|wait| self.too_often(wait))?;
        let whom = match rights::find(request.method(), request.uri().path()) {
            Found::Route(whom) => whom,
            Found::OtherMethod => {
                return Err(Problem::new(StatusCode::METHOD_NOT_ALLOWED, "this path takes another method"));
            }
            Found::Nothing => return Err(Problem::new(StatusCode::NOT_FOUND, "there is no such path")),
        };
        let least = match whom {
            For::Anyone | For::Accounts => return Ok(None),
            For::Strangers => {
                self.own_page(request.headers())?;
                return Ok(None);
            }
            For::Role(least) => least,
        };
        let caller = self.caller(request.headers(), address)?;
        if caller.session.is_some() && !request.method().is_safe() {
            self.own_page(request.headers())?;
        }
        if caller.who.role < least {
            self.access.refuse(Refusal::Forbidden, &caller.who.name);
            let detail = format!("`{}` is {}, and this takes {least}", caller.who.name, caller.who.role);
            return Err(Problem::new(StatusCode::FORBIDDEN, detail));
        }
        self.access.may_ask(&caller).map_err(|wait| self.too_often(wait))?;
        Ok(Some(caller))
    }

    fn caller(&self, headers: &HeaderMap, address: IpAddr) -> Result<Caller, Problem> {
        let shown = headers.contains_key(header::AUTHORIZATION);
        let caller = if shown {
            bearer(headers).and_then(|secret| self.access.by_secret(secret))
        } else {
            cookie(headers, self.cookie()).and_then(|secret| self.access.by_cookie(secret))
        };
        if let Some(caller) = caller.or_else(|| self.access.by_place()) {
            return Ok(caller);
        }
        Err(self.unknown(address, shown || cookie(headers, self.cookie()).is_some()))
    }

    /// For whoever is not known. `tried`: it had something to show.
    pub(super) fn unknown(&self, address: IpAddr, tried: bool) -> Problem {
        if tried && let Err(wait) = self.access.may_guess(address) {
            return self.too_often(wait);
        }
        self.access.refuse(Refusal::Unknown, "");
        let detail = if tried { "no such token or session, or it has run out" } else { "this takes a token" };
        Problem::new(StatusCode::UNAUTHORIZED, detail)
            .with(header::WWW_AUTHENTICATE, r#"Bearer realm="turnpage""#)
    }

    fn too_often(&self, wait: Duration) -> Problem {
        self.access.refuse(Refusal::TooOften, "");
        let detail = "too many requests from this address or of this token";
        Problem::new(StatusCode::TOO_MANY_REQUESTS, detail).after(wait.as_secs().max(1))
    }

    /// Whether it is the console's own page that asks, as far as a browser tells. Who tells nothing is no browser that
    /// this is for.
    fn own_page(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let said = |name| headers.get(name).map(HeaderValue::as_bytes);
        let host = said(header::HOST).unwrap_or_default();
        let site = said(FETCH_SITE).map(|site| site == b"same-origin");
        let origin = said(header::ORIGIN).map(|origin| authority(origin) == Some(host));
        if [site, origin].contains(&Some(false)) || (site, origin) == (None, None) {
            self.access.refuse(Refusal::Foreign, "");
            let detail =
                "only the console's own page may ask for this; elsewhere send the token with the request";
            return Err(Problem::new(StatusCode::FORBIDDEN, detail));
        }
        Ok(())
    }

    /// The cookie's name. With this prefix a browser takes it under TLS only, and from no other host.
    pub(super) fn cookie(&self) -> &'static str {
        if self.secure { "__Host-turnpage" } else { "turnpage" }
    }
}

/// What stands behind an origin's scheme.
fn authority(origin: &[u8]) -> Option<&[u8]> {
    origin.strip_prefix(b"https://").or_else(|| origin.strip_prefix(b"http://"))
}

pub(super) fn address(request: &Request) -> IpAddr {
    let peer = request.extensions().get::<Peer>();
    peer.map_or(IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED), |Peer(peer)| peer.ip())
}

/// The credential of RFC 6750, section 2.1.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, secret) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim())
}

/// The value of the first cookie of this name.
fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{ASKING, Role};
    use crate::audit::Audit;

    fn headers(pairs: &[(HeaderName, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn a_change_under_a_cookie_comes_from_the_consoles_own_page() {
        let access = Arc::new(Access::new(Vec::new(), Some(Role::Author), ASKING, Audit::default()));
        let entrance = Entrance { access, secure: false };
        let host = (header::HOST, "gateway.example:8080");
        let own = |more: &[(HeaderName, &'static str)]| {
            let all: Vec<_> = [host.clone()].into_iter().chain(more.iter().cloned()).collect();
            entrance.own_page(&headers(&all)).is_ok()
        };
        assert!(own(&[(FETCH_SITE, "same-origin")]));
        assert!(own(&[(header::ORIGIN, "http://gateway.example:8080")]));
        assert!(own(&[(FETCH_SITE, "same-origin"), (header::ORIGIN, "https://gateway.example:8080")]));
        assert!(!own(&[]), "nobody says whose page it is");
        for site in ["cross-site", "same-site", "none"] {
            assert!(!own(&[(FETCH_SITE, site)]), "{site}");
        }
        for origin in ["null", "http://evil.example", "http://gateway.example", "http://gateway.example:8081"]
        {
            assert!(!own(&[(header::ORIGIN, origin)]), "{origin}");
            assert!(!own(&[(FETCH_SITE, "same-origin"), (header::ORIGIN, origin)]), "{origin}");
        }
        assert!(!own(&[(FETCH_SITE, "cross-site"), (header::ORIGIN, "http://gateway.example:8080")]));
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        let sent = headers(&[(header::COOKIE, "a=1; turnpage=secret; __Host-turnpage=other")]);
        assert_eq!(cookie(&sent, "turnpage"), Some("secret"));
        assert_eq!(cookie(&sent, "page"), None);
        assert_eq!(cookie(&headers(&[(header::COOKIE, "turnpage")]), "turnpage"), None);
    }

    #[test]
    fn a_secret_comes_as_bearer_and_not_otherwise() {
        let sent = |value| headers(&[(header::AUTHORIZATION, value)]);
        assert_eq!(bearer(&sent("Bearer tp_x")), Some("tp_x"));
        assert_eq!(bearer(&sent("bearer  tp_x")), Some("tp_x"));
        assert_eq!(bearer(&sent("Basic dHBfeA==")), None);
        assert_eq!(bearer(&sent("tp_x")), None);
    }
}
