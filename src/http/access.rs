//! Who may see the pages.
//!
//! With a token, who knows it: as `Authorization: Bearer`, or in a cookie that the login form gives.
//! Without one the socket is on loopback, and what is to be kept out are web pages in a browser on
//! this machine: those of names that their owner points at 127.0.0.1 (DNS rebinding), and those that
//! send forms here (cross-site request forgery).

use super::{HttpState, layout, text};
use crate::config::HttpConfig;
use axum::{
    body::{Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, Uri, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use ring::hmac;
use std::{net::IpAddr, time::SystemTime};

const COOKIE: &str = "amazon-spoof-milter";

/// How long a login holds, in seconds.
const LOGIN: u64 = 12 * 3_600;

/// Octets of a login form.
const MAX_FORM: usize = 4_096;

/// What is asked by monitoring, and tells no more than numbers: here the name by which the host is asked does
/// not matter.
const NUMBERS: [&str; 3] = ["/metrics", "/healthz", "/readyz"];

/// What needs no token: nothing of a message is in it.
const PUBLIC: [&str; 6] = [
    "/healthz",
    "/readyz",
    "/login",
    "/assets/page.css",
    "/assets/page.js",
    "/assets/icon.svg",
];

/// Lets a request through, or answers it.
pub(super) async fn guard(
    State(state): State<HttpState>,
    request: Request,
    next: Next,
) -> Response {
    let active = state.shared.active.load_full();
    // Where a new configuration has none, the socket and its rules stay till the restart.
    let config = active.config.http.as_ref().unwrap_or(&state.started);
    let path = request.uri().path();
    if config.token.is_none() && !NUMBERS.contains(&path) && !is_ours(request.headers(), config) {
        let why = "this page is not known by that name; ask for it by its address, by localhost, or by a name in \
                   http.host_names\n";
        return (StatusCode::MISDIRECTED_REQUEST, why).into_response();
    }
    if request.method() == Method::POST && !is_from_here(request.headers()) {
        let why = "this form was not sent from a page of this address\n";
        return (StatusCode::FORBIDDEN, why).into_response();
    }
    if !PUBLIC.contains(&path) && !is_known(request.headers(), &state, config) {
        return refusal(request.headers(), request.uri());
    }
    next.run(request).await
}

/// Whether the Host that was asked for is one that no stranger's name can be.
fn is_ours(headers: &HeaderMap, config: &HttpConfig) -> bool {
    let Some(host) = host(headers) else {
        return false;
    };
    let name = host.host();
    let address = name.trim_start_matches('[').trim_end_matches(']');
    address.parse::<IpAddr>().is_ok()
        || name.eq_ignore_ascii_case("localhost")
        || config
            .host_names
            .iter()
            .any(|known| known.as_str().eq_ignore_ascii_case(name))
}

fn host(headers: &HeaderMap) -> Option<Authority> {
    headers.get(header::HOST)?.to_str().ok()?.parse().ok()
}

/// Whether a form came from a page of ours. Every browser sends Origin with a form (Fetch Standard,
/// section 3.2).
fn is_from_here(headers: &HeaderMap) -> bool {
    let origin = headers
        .get(header::ORIGIN)
        .and_then(|origin| origin.to_str().ok())
        .and_then(|origin| origin.split_once("://"));
    match (origin, host(headers)) {
        (Some((_, origin)), Some(host)) => origin.eq_ignore_ascii_case(host.as_str()),
        _ => false,
    }
}

/// Whether the client knows the token, or none is asked for.
fn is_known(headers: &HeaderMap, state: &HttpState, config: &HttpConfig) -> bool {
    let Some(token) = config.token.as_ref().map(|token| token.as_bytes()) else {
        // The file may name another address now; the socket stays where it is.
        return !state.started.is_exposed();
    };
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim());
    match bearer {
        Some(given) => is_token(given.as_bytes(), token),
        None => cookies(headers).any(|cookie| is_login(cookie, token, SystemTime::now())),
    }
}

/// Compares in a time that tells nothing of where, or in length, the two differ.
fn is_token(given: &[u8], token: &[u8]) -> bool {
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"two texts of any length, compared");
    hmac::verify(&key, given, hmac::sign(&key, token).as_ref()).is_ok()
}

fn cookies(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers
        .get_all(header::COOKIE)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='))
}

/// A login until `until`, in seconds since 1970: another token makes all of them void.
fn sign_login(until: u64, token: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, token);
    let tag = hmac::sign(&key, format!("login until {until}").as_bytes());
    let hex: String = tag
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("{until}.{hex}")
}

fn is_login(cookie: &str, token: &[u8], now: SystemTime) -> bool {
    let until = cookie
        .split_once('.')
        .and_then(|(until, _)| until.parse().ok())
        .filter(|until| *until > text::seconds(now));
    until.is_some_and(|until| is_token(cookie.as_bytes(), sign_login(until, token).as_bytes()))
}

/// Programs are told what is missing, people get the form.
fn refusal(headers: &HeaderMap, uri: &Uri) -> Response {
    let wants_page = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    let status = StatusCode::UNAUTHORIZED;
    let challenge = [(header::WWW_AUTHENTICATE, "Bearer")];
    match wants_page {
        true => {
            let next = uri.path_and_query().map_or("/", |path| path.as_str());
            (status, challenge, login_page(next, false)).into_response()
        }
        false => {
            let why = "the token of http.token_file is missing or wrong; send it as Authorization: Bearer TOKEN\n";
            (status, challenge, why).into_response()
        }
    }
}

/// `GET /login`.
pub(super) async fn form() -> Markup {
    login_page("/", false)
}

fn login_page(next: &str, wrong: bool) -> Markup {
    let content = html! {
        section.card.login {
            h1 { "Log in" }
            p { "This page shows which mail was judged and why. It asks for the token that stands in the file of "
                code { "http.token_file" } "." }
            form method="post" action="/login" {
                input type="hidden" name="next" value=(next);
                label for="token" { "Token" }
                input #token type="password" name="token" required autocomplete="current-password"
                    aria-describedby=[wrong.then_some("wrong")] aria-invalid=[wrong.then_some("true")];
                @if wrong { p.error #wrong role="alert" { "That is not the token." } }
                button type="submit" { "Log in" }
            }
        }
    };
    layout::bare("Log in", &content)
}

/// `POST /login`.
pub(super) async fn login(State(state): State<HttpState>, request: Request) -> Response {
    let Ok(body) = to_bytes(request.into_body(), MAX_FORM).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let active = state.shared.active.load_full();
    let config = active.config.http.as_ref().unwrap_or(&state.started);
    let token = config.token.as_ref();
    let next = field(&body, "next");
    let next = next.as_deref().filter(|next| is_path(next)).unwrap_or("/");
    match token {
        None => Redirect::to("/").into_response(),
        Some(token) => {
            let given = field(&body, "token").unwrap_or_default();
            if !is_token(given.trim().as_bytes(), token.as_bytes()) {
                return (StatusCode::UNAUTHORIZED, login_page(next, true)).into_response();
            }
            let until = text::seconds(SystemTime::now()) + LOGIN;
            let login = sign_login(until, token.as_bytes());
            let cookie =
                format!("{COOKIE}={login}; Path=/; HttpOnly; SameSite=Strict; Max-Age={LOGIN}");
            ([(header::SET_COOKIE, cookie)], Redirect::to(next)).into_response()
        }
    }
}

/// `POST /logout`.
pub(super) async fn logout() -> Response {
    let cookie = format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
    ([(header::SET_COOKIE, cookie)], Redirect::to("/login")).into_response()
}

fn field(form: &Bytes, name: &str) -> Option<String> {
    form_urlencoded::parse(form)
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// Whether it leads to a page of ours: browsers take `//host` and `/\host` for another one's.
fn is_path(next: &str) -> bool {
    next.starts_with('/')
        && !next.starts_with("//")
        && next
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn a_login_ends_and_can_not_be_made_up() {
        let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
        let login = sign_login(1_000, b"the token of today");
        assert!(is_login(&login, b"the token of today", at(999)));
        assert!(!is_login(&login, b"the token of today", at(1_000)));
        assert!(!is_login(&login, b"another token", at(999)));
        let longer = login.replacen("1000", "9000", 1);
        assert!(!is_login(&longer, b"the token of today", at(999)));
        assert!(!is_login("", b"the token of today", at(0)));
    }

    #[test]
    fn a_form_of_another_site_is_not_ours() {
        let from = |origin: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            headers.insert(
                header::HOST,
                header::HeaderValue::from_static("127.0.0.1:9895"),
            );
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, header::HeaderValue::from_static(origin));
            }
            is_from_here(&headers)
        };
        assert!(from(Some("http://127.0.0.1:9895")));
        for other in [
            None,
            Some("null"),
            Some("http://127.0.0.1"),
            Some("http://evil.example"),
        ] {
            assert!(!from(other), "{other:?}");
        }
    }

    #[test]
    fn nobody_is_led_elsewhere_after_the_login() {
        assert!(is_path("/?verdict=forged"));
        for elsewhere in [
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "",
            "/a\r\nb",
        ] {
            assert!(!is_path(elsewhere), "{elsewhere:?}");
        }
    }
}
