//! Who sees the pages, and who does not.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use super::support::http::{get, post};
use super::support::milter::fresh_folder;
use super::{FORGED, Site};

const TOKEN: &str = "a-token-of-the-tests-0123456789";

/// Makes a file that others can't read.
fn secret(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o640)).unwrap();
}

fn origin(site: &Site) -> String {
    format!("http://{}", site.milter.http)
}

#[test]
fn a_name_of_a_stranger_that_points_here_reads_nothing() {
    let site = Site::start("host_names = [\"status.example.org\"]\n");
    let status = |path: &str, host: &str| get(site.milter.http, path, &[("Host", host)]).status;
    for host in [
        "evil.example",
        "evil.example:9895",
        "127.0.0.1.evil.example",
        "",
        "x y",
        "localhost.evil.example",
    ] {
        for path in [
            "/",
            "/decisions.txt",
            "/decisions/1",
            "/try",
            "/assets/page.js",
        ] {
            let status = status(path, host);
            assert!(
                [400, 421].contains(&status),
                "{path} for {host:?}: {status}"
            );
        }
    }
    for host in [
        "127.0.0.1",
        "127.0.0.1:9895",
        "localhost:9895",
        "[::1]:9895",
        "Status.example.org",
    ] {
        assert_eq!(status("/", host), 200, "{host}");
    }
    // Numbers are for monitoring, by whatever name it knows this machine.
    assert_eq!(status("/metrics", "mx1.internal:9895"), 200);
}

#[test]
fn a_form_of_another_site_is_not_taken() {
    let site = Site::start("try_messages = true\n");
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    for path in ["/try", "/login", "/logout"] {
        for other in ["http://evil.example", "null", "http://127.0.0.1:1"] {
            let fields = [form[0], ("Origin", other)];
            assert_eq!(
                post(site.milter.http, path, &fields, b"a=b").status,
                403,
                "{path} {other}"
            );
        }
        assert_eq!(
            post(site.milter.http, path, &form, b"a=b").status,
            403,
            "{path}"
        );
    }
}

#[test]
fn with_a_token_only_who_knows_it_sees_anything() {
    let folder = fresh_folder();
    let file = folder.join("token");
    secret(&file, &format!("{TOKEN}\n"));
    let site = Site::start(&format!("token_file = \"{}\"\n", file.display()));
    site.hand_in("4XyZ", FORGED);
    let http = site.milter.http;
    for path in [
        "/",
        "/decisions.txt",
        "/decisions/1",
        "/metrics",
        "/try",
        "/nothing",
    ] {
        for fields in [
            &[][..],
            &[("Authorization", "Bearer wrong")],
            &[("Authorization", "Basic eDp4")],
        ] {
            let answer = get(http, path, fields);
            assert_eq!(answer.status, 401, "{path}");
            assert_eq!(answer.field("WWW-Authenticate"), Some("Bearer"));
            assert!(
                !answer.body.contains("amazon.com"),
                "{path}: {}",
                answer.body
            );
        }
    }
    assert_eq!(get(http, "/healthz", &[]).status, 200);
    assert_eq!(get(http, "/readyz", &[]).status, 200);
    // Prometheus: `authorization: { credentials_file: ... }`.
    let bearer = format!("Bearer {TOKEN}");
    let metrics = get(http, "/metrics", &[("Authorization", &bearer)]);
    assert!(
        metrics.body.contains("amazon_spoof_milter_messages_total"),
        "{}",
        metrics.body
    );
    // The name by which it is asked for does not matter to who knows the token.
    let named = get(
        http,
        "/",
        &[("Authorization", &bearer), ("Host", "mx1.example.org")],
    );
    assert_eq!(named.status, 200);
    assert!(
        get(http, "/", &[("Accept", "text/html")])
            .body
            .contains("type=\"password\"")
    );

    let origin = origin(&site);
    let log_in = |token: &str| {
        let body = format!("token={token}&next=%2F%3Fverdict%3Dforged");
        post(http, "/login", &[("Origin", &origin)], body.as_bytes())
    };
    let wrong = log_in("a-token-of-the-tests-012345678");
    assert_eq!((wrong.status, wrong.field("Set-Cookie")), (401, None));
    let right = log_in(TOKEN);
    assert_eq!(
        (right.status, right.field("Location")),
        (303, Some("/?verdict=forged"))
    );
    let cookie = right.field("Set-Cookie").expect("a cookie").to_owned();
    assert!(
        cookie.contains("; HttpOnly; SameSite=Strict;") && !cookie.contains(TOKEN),
        "{cookie}"
    );
    let (cookie, _) = cookie.split_once(';').unwrap();
    let page = |cookie: &str| get(http, "/", &[("Cookie", cookie)]).status;
    assert_eq!(page(cookie), 200);
    assert_eq!(page(&format!("other=1; {cookie}")), 200);
    assert_eq!(
        page(&cookie.replace('.', "9.")),
        401,
        "a longer login than was given"
    );

    // Another token makes all logins void.
    fs::write(&file, "another-token-of-the-tests\n").unwrap();
    site.milter.hang_up();
    site.milter
        .wait_for_log("the new configuration is in force");
    assert_eq!(page(cookie), 401);
    let bearer = get(
        http,
        "/metrics",
        &[("Authorization", "bearer another-token-of-the-tests")],
    );
    assert_eq!(bearer.status, 200);
    let _ = fs::remove_dir_all(folder);
}

#[test]
fn where_other_machines_reach_it_a_token_is_demanded() {
    let folder = fresh_folder();
    let config = folder.join("config.toml");
    let run = |text: &str| {
        fs::write(&config, text).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_amazon-spoof-milter"))
            .args(["config", "check", "--config"])
            .arg(&config)
            .output()
            .unwrap();
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    let (code, text) = run("[http]\nlisten = \"0.0.0.0:9895\"\n");
    assert_eq!(code, Some(2));
    assert!(
        text.contains("http.listen: other machines reach this address"),
        "{text}"
    );
    assert!(text.contains("http.token_file"), "{text}");
    let token = folder.join("token");
    secret(&token, "short\n");
    let with_token = format!(
        "[http]\nlisten = \"0.0.0.0:9895\"\ntoken_file = \"{}\"\n",
        token.display()
    );
    let (code, text) = run(&with_token);
    assert_eq!(code, Some(2));
    assert!(
        text.contains("its first line is no token of 16 to 1024 characters"),
        "{text}"
    );
    secret(&token, TOKEN);
    assert_eq!(run(&with_token).0, Some(0));
    for mode in [0o644, 0o660, 0o642] {
        fs::set_permissions(&token, fs::Permissions::from_mode(mode)).unwrap();
        let (code, text) = run(&with_token);
        assert_eq!(code, Some(2), "{mode:o}");
        assert!(text.contains("(chmod 640)"), "{mode:o}: {text}");
    }
    let (code, text) = run("[http]\ntoken_file = \"/nowhere/token\"\n");
    assert_eq!(code, Some(2));
    assert!(text.contains("/nowhere/token can't be used"), "{text}");
    let _ = fs::remove_dir_all(folder);
}

#[test]
fn who_takes_the_token_away_locks_the_page_till_the_restart() {
    let folder = fresh_folder();
    let token = folder.join("token");
    secret(&token, TOKEN);
    let site = Site::start_at(
        "0.0.0.0:0",
        &format!("token_file = \"{}\"\n", token.display()),
    );
    let http = std::net::SocketAddr::from(([127, 0, 0, 1], site.milter.http.port()));
    site.milter.wait_for_log("other machines reach the page");
    assert_eq!(
        get(http, "/", &[("Authorization", &format!("Bearer {TOKEN}"))]).status,
        200
    );
    // The new file is right by itself, but the socket stays where it is.
    let config = site.milter.config();
    let local = config
        .replace("0.0.0.0:0", "127.0.0.1:0")
        .replace(&format!("token_file = \"{}\"\n", token.display()), "");
    site.milter.rewrite_config(&local);
    site.milter.hang_up();
    site.milter.wait_for_log("which need a restart");
    assert_eq!(get(http, "/", &[]).status, 401);
    assert_eq!(get(http, "/metrics", &[]).status, 401);
    assert_eq!(get(http, "/healthz", &[]).status, 200);
    let _ = fs::remove_dir_all(folder);
}

#[test]
fn the_token_is_told_nowhere() {
    let folder = fresh_folder();
    let token = folder.join("token");
    secret(&token, TOKEN);
    let config = folder.join("config.toml");
    fs::write(
        &config,
        format!("[http]\ntoken_file = \"{}\"\n", token.display()),
    )
    .unwrap();
    let output = Command::new(Path::new(env!("CARGO_BIN_EXE_amazon-spoof-milter")))
        .args(["config", "show", "--config"])
        .arg(&config)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        text.contains("token_file") && !text.contains(TOKEN),
        "{text}"
    );
    let _ = fs::remove_dir_all(folder);
}

#[test]
fn every_answer_keeps_the_browser_in() {
    let site = Site::start("");
    let answers = [
        site.get("/"),
        site.get("/decisions/1"),
        site.get("/nothing"),
        site.get("/metrics"),
        site.get("/assets/page.js"),
        site.get("/assets/page.css"),
        get(site.milter.http, "/", &[("Host", "evil.example")]),
        post(site.milter.http, "/", &[("Origin", &origin(&site))], b"x"),
    ];
    assert_eq!(
        answers.each_ref().map(|answer| answer.status),
        [200, 404, 404, 200, 200, 200, 421, 405]
    );
    for answer in answers {
        let policy = answer.field("Content-Security-Policy").expect("a policy");
        assert_eq!(
            policy,
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
             form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        );
        assert_eq!(answer.field("X-Content-Type-Options"), Some("nosniff"));
        assert_eq!(answer.field("X-Frame-Options"), Some("DENY"));
        assert_eq!(answer.field("Cache-Control"), Some("no-store"));
        assert_eq!(answer.field("Referrer-Policy"), Some("same-origin"));
    }
}
