//! `domains audit` against a DNS that changed since the list was made: it reports what differs, all
//! of it, and nothing else.

// In a test a panic is the report.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use hickory_proto::rr::RecordType;
use serde_json::{Value, json};
use support::dns::ZoneServer;

const BRAND: &str = r#"
brand = "Contoso"
main = "contoso.test"
updated = "2026-01-31"

[[source]]
id = "S"
description = "made up"

[[domain]]
name = "contoso.test"
class = "official-sender"
category = "shop"
sources = ["S"]

[[domain]]
name = "contoso-shop.test"
class = "official-sender"
category = "shop"
sources = ["S"]

[[domain]]
name = "contoso-media.test"
class = "owned"
category = "web"
sources = ["S"]

[[domain]]
name = "contoso-pay.test"
class = "likely-sender"
category = "shop"
sources = ["S"]

[[domain]]
name = "contoso-books.test"
class = "subsidiary"
category = "own brand"
sources = ["S"]

[[domain]]
name = "contoso-rumour.test"
class = "unverified"
category = "shop"
sources = ["S"]

[[domain]]
name = "tenants.test"
class = "never"
category = "hosting"
sources = ["S"]

[[domain]]
name = "bank.test"
class = "partner"
category = "bank"
sources = ["S"]
"#;

const SNAPSHOT: &str = r#"
brand = "Contoso"
family_proof = "_report._dmarc.reports.contoso.test"

[[domain]]
name = "contoso.test"
mx = ["mx1.contoso.test", "mx2.contoso.test"]
spf = ["v=spf1 include:_spf.contoso.test -all"]
dmarc = ["v=DMARC1;p=quarantine;rua=mailto:dmarc@reports.contoso.test"]
family_proof = ["v=DMARC1"]

[[domain]]
name = "contoso-shop.test"
spf = ["v=spf1 include:contoso.test -all"]
dmarc = ["v=DMARC1;p=quarantine;rua=mailto:dmarc@reports.contoso.test"]

[[domain]]
name = "contoso-media.test"
mx = []
spf = ["v=spf1 -all"]

[[domain]]
name = "contoso-pay.test"
family_proof = []
"#;

/// The DNS of the snapshot, with records around it that say nothing about mail.
const ZONE: &str = r#"
contoso.test.  MX  20 MX2.contoso.test.
contoso.test.  MX  10 mx1.contoso.test.
contoso.test.  TXT "some-verification=1"
contoso.test.  TXT "v=spf1 include:_spf.contoso" ".test -all"
contoso.test.  TXT "spf2.0/pra -all"
_dmarc.contoso.test. TXT "v=DMARC1;" " p=quarantine;" "rua=mailto:dmarc@reports.contoso.test" ";"
contoso.test._report._dmarc.reports.contoso.test. TXT "v=DMARC1"

contoso-shop.test. TXT "v=spf1 include:contoso.test -all"
_dmarc.contoso-shop.test. CNAME _dmarc.contoso.test.

contoso-media.test. TXT "v=spf1 -all"
contoso-pay.test. TXT "v=spf1 include:contoso.test -all"
contoso-books.test. A 192.0.2.1
contoso-rumour.test. A 192.0.2.1
"#;

/// One record changed, one gone, one added.
const LATER: &str = r#"
_dmarc.contoso-shop.test. TXT "v=DMARC1; p=reject"
contoso-media.test. A 192.0.2.1
contoso-pay.test._report._dmarc.reports.contoso.test. TXT "v=DMARC1"
"#;

/// A folder with the brand, its configuration and its snapshot.
struct Site {
    folder: PathBuf,
    dns: ZoneServer,
}

struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Site {
    fn start(name: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("spoof-audit-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let site = Self {
            folder,
            dns: ZoneServer::start(ZONE),
        };
        fs::write(site.path("brand.toml"), BRAND).unwrap();
        fs::write(site.path("snapshot.toml"), SNAPSHOT).unwrap();
        let config = format!(
            "[brand]\nfile = {:?}\n[dns]\ntimeout = \"200ms\"\n",
            site.path("brand.toml")
        );
        fs::write(site.path("config.toml"), config).unwrap();
        site
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn audit(&self, arguments: &[&str]) -> Ran {
        let (config, snapshot) = (self.path("config.toml"), self.path("snapshot.toml"));
        let dns = self.dns.addr.to_string();
        let mut all = vec!["--config", text(&config), "--snapshot", text(&snapshot)];
        all.extend(["--dns", &dns]);
        all.extend(arguments);
        audit(&all)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn audit(arguments: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_amazon-spoof-milter"))
        .args(["domains", "audit"])
        .args(arguments)
        .output()
        .unwrap();
    Ran {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn what_is_as_it_was_is_no_difference() {
    let site = Site::start("same");
    let ran = site.audit(&[]);
    assert_eq!(
        ran.out,
        "6 domains asked, no difference, 15 records that the snapshot says nothing about\n"
    );
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
}

#[test]
fn classes_that_are_no_statement_of_the_brands_are_not_asked() {
    let site = Site::start("classes");
    site.audit(&[]);
    let asked = site.dns.queries();
    let about = |name: &str| asked.iter().filter(|one| one.name.contains(name)).count();
    assert_eq!((about("tenants.test"), about("bank.test")), (0, 0));
    let pay: Vec<_> = asked
        .iter()
        .filter(|one| one.name.contains("contoso-pay"))
        .map(|one| (one.name.as_str(), one.kind))
        .collect();
    assert_eq!(pay.len(), 4, "{pay:?}");
    for wanted in [
        ("contoso-pay.test", RecordType::MX),
        ("contoso-pay.test", RecordType::TXT),
        ("_dmarc.contoso-pay.test", RecordType::TXT),
        (
            "contoso-pay.test._report._dmarc.reports.contoso.test",
            RecordType::TXT,
        ),
    ] {
        assert!(pay.contains(&wanted), "{pay:?}");
    }
}

#[test]
fn exactly_what_changed_is_gone_and_was_added_is_reported() {
    let site = Site::start("text");
    site.dns.set(LATER);
    let ran = site.audit(&[]);
    assert_eq!(
        ran.out,
        "6 domains asked, 3 differences, 15 records that the snapshot says nothing about\n\
         gone\tcontoso-media.test spf\towned\n\
         \x20 was: v=spf1 -all\n\
         added\tcontoso-pay.test family-proof\tlikely-sender\n\
         \x20 now: v=DMARC1\n\
         \x20 could be official-sender: the brand takes its DMARC reports\n\
         changed\tcontoso-shop.test dmarc\tofficial-sender\n\
         \x20 was: v=DMARC1; p=quarantine; rua=mailto:dmarc@reports.contoso.test\n\
         \x20 now: v=DMARC1; p=reject\n\
         \n\
         # to be appended to the snapshot\n\
         \n\
         [[domain]]\n\
         name = \"contoso-media.test\"\n\
         mx = []\n\
         spf = []\n\
         dmarc = []\n\
         family_proof = []\n\
         \n\
         [[domain]]\n\
         name = \"contoso-pay.test\"\n\
         mx = []\n\
         spf = [\"v=spf1 include:contoso.test -all\"]\n\
         dmarc = []\n\
         family_proof = [\"v=DMARC1\"]\n\
         \n\
         [[domain]]\n\
         name = \"contoso-shop.test\"\n\
         mx = []\n\
         spf = [\"v=spf1 include:contoso.test -all\"]\n\
         dmarc = [\"v=DMARC1; p=reject\"]\n\
         family_proof = []\n"
    );
    assert_eq!((ran.code, ran.err.as_str()), (Some(1), ""));
}

#[test]
fn programs_get_the_same_differences() {
    let site = Site::start("json");
    site.dns.set(LATER);
    let ran = site.audit(&["--format", "json"]);
    assert_eq!(ran.code, Some(1));
    let value: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(
        value["differences"],
        json!([
            {
                "domain": "contoso-media.test", "class": "owned", "record": "spf",
                "change": "gone", "was": ["v=spf1 -all"], "now": []
            },
            {
                "domain": "contoso-pay.test", "class": "likely-sender", "record": "family-proof",
                "change": "added", "was": [], "now": ["v=DMARC1"], "could_be": "official-sender"
            },
            {
                "domain": "contoso-shop.test", "class": "official-sender", "record": "dmarc",
                "change": "changed",
                "was": ["v=DMARC1; p=quarantine; rua=mailto:dmarc@reports.contoso.test"],
                "now": ["v=DMARC1; p=reject"]
            },
        ])
    );
    assert_eq!(value["asked"], 6);
    assert_eq!(value["not_asked"], 0);
    assert_eq!(value["unknown"], 15);
    assert_eq!(value["unanswered"], json!([]));
    assert_eq!(value["brand"], "Contoso");
    assert_eq!(value["list"], "2026-01-31");
    assert_eq!(
        value["domains"][5],
        json!({
            "domain": "contoso.test", "exists": true,
            "mx": ["mx1.contoso.test", "mx2.contoso.test"],
            "spf": ["v=spf1 include:_spf.contoso.test -all"],
            "dmarc": ["v=DMARC1; p=quarantine; rua=mailto:dmarc@reports.contoso.test"],
            "family-proof": ["v=DMARC1"],
            "policy": "quarantine"
        })
    );
}

#[test]
fn the_patch_and_the_new_snapshot_settle_the_differences() {
    let site = Site::start("patch");
    site.dns.set(LATER);
    let ran = site.audit(&[]);
    let (_, patch) = ran.out.split_once("# to be appended").unwrap();
    let patched = format!("{SNAPSHOT}\n# to be appended{patch}");
    fs::write(site.path("snapshot.toml"), patched).unwrap();
    assert_eq!(site.audit(&[]).code, Some(0));

    fs::write(site.path("snapshot.toml"), SNAPSHOT).unwrap();
    let whole = site.audit(&["--format", "toml"]);
    assert_eq!(whole.code, Some(1));
    fs::write(site.path("snapshot.toml"), whole.out).unwrap();
    let ran = site.audit(&[]);
    assert_eq!(ran.out, "6 domains asked, no difference\n");
    assert_eq!(ran.code, Some(0));
}

#[test]
fn a_name_that_is_gone_is_one_difference() {
    let site = Site::start("name");
    site.dns.remove("contoso-media.test.");
    let ran = site.audit(&[]);
    assert!(
        ran.out.starts_with("6 domains asked, 1 difference, ")
            && ran.out.contains("\ngone\tcontoso-media.test name\towned\n"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("exists = false\n"), "{}", ran.out);
    assert_eq!(ran.code, Some(1));
}

#[test]
fn a_proof_that_nobody_knew_of_raises_a_domain() {
    let site = Site::start("proof");
    let zone = "_report._dmarc.reports.contoso.test. TXT \"v=DMARC1\"";
    // Of a subsidiary it says nothing new, of a rumour it does.
    site.dns.set(&format!(
        "contoso-books.test.{zone}\ncontoso-rumour.test.{zone}\n"
    ));
    let ran = site.audit(&[]);
    assert!(
        ran.out.contains(
            "\nadded\tcontoso-rumour.test family-proof\tunverified\n\
             \x20 now: v=DMARC1\n\
             \x20 could be likely-sender: the brand takes its DMARC reports\n"
        ),
        "{}",
        ran.out
    );
    assert_eq!(ran.code, Some(1));
}

#[test]
fn several_records_are_shown_and_control_characters_are_not() {
    let site = Site::start("several");
    site.dns.set(
        "_dmarc.contoso.test. TXT \"v=DMARC1; p=none; x=\\027[31m\"\n\
         _dmarc.contoso.test. TXT \"v=DMARC1; p=reject\"\n",
    );
    let ran = site.audit(&[]);
    assert!(
        ran.out.contains(
            "changed\tcontoso.test dmarc\tofficial-sender\n\
             \x20 was: v=DMARC1; p=quarantine; rua=mailto:dmarc@reports.contoso.test\n\
             \x20 now: v=DMARC1; p=none; x=\\u{1b}[31m\n\
             \x20 now: v=DMARC1; p=reject\n"
        ),
        "{}",
        ran.out
    );
    assert!(!ran.out.contains('\u{1b}'), "{}", ran.out);
    let json = site.audit(&["--format", "json"]);
    let value: Value = serde_json::from_str(&json.out).unwrap();
    // Several records are as good as none (RFC 9989 section 4.10), so there is no policy.
    let shop = &value["domains"][5];
    assert_eq!(
        (&shop["domain"], &shop["policy"]),
        (&json!("contoso.test"), &Value::Null)
    );
}

#[test]
fn what_could_not_be_asked_is_no_sameness() {
    let site = Site::start("servfail");
    site.dns.set(LATER);
    site.dns.set("_dmarc.contoso.test. TXT SERVFAIL\n");
    let ran = site.audit(&[]);
    assert_eq!(ran.code, Some(2), "{}", ran.out);
    assert!(
        ran.out.contains("no answer\tcontoso.test dmarc\t"),
        "{}",
        ran.out
    );
    assert!(
        ran.out
            .starts_with("6 domains asked, 3 differences, 15 records that the snapshot says nothing about, 1 lookup without an answer"),
        "{}",
        ran.out
    );
}

#[test]
fn a_dns_out_of_reach_is_given_up_soon() {
    let site = Site::start("dead");
    site.dns.pause();
    let ran = site.audit(&[]);
    assert_eq!(ran.code, Some(2), "{}{}", ran.out, ran.err);
    assert!(
        ran.out.contains("24 lookups without an answer"),
        "{}",
        ran.out
    );

    // The embedded list is long; the audit doesn't wait for all of it.
    let config = site.path("config.toml");
    fs::write(&config, "[dns]\ntimeout = \"200ms\"\n").unwrap();
    let begun = Instant::now();
    let dns = site.dns.addr.to_string();
    let ran = audit(&["--config", text(&config), "--dns", &dns]);
    assert!(begun.elapsed() < Duration::from_secs(20));
    assert_eq!(ran.code, Some(2), "{}", ran.out);
    assert!(
        ran.out
            .starts_with("16 domains asked, no difference, 64 lookups without an answer, "),
        "{}",
        ran.out
    );
    assert!(
        ran.out
            .contains(" domains given up since nothing answers\n"),
        "{}",
        ran.out
    );
}

#[test]
fn a_snapshot_that_is_none_is_refused() {
    let site = Site::start("refused");
    for (snapshot, reason) in [
        ("brand = \"Other\"\n", "it is about \"Other\""),
        ("brand = \"Contoso\"\nnew = 1\n", "unknown field `new`"),
        (
            "brand = \"Contoso\"\n[[domain]]\nname = \"no domain\"\n",
            "\"no domain\"",
        ),
    ] {
        fs::write(site.path("snapshot.toml"), snapshot).unwrap();
        let ran = site.audit(&[]);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
        assert!(ran.err.contains(reason), "{}", ran.err);
    }
}

/// What was published about the real brand when its snapshot was made, written out once more.
const PUBLISHED: &str = r#"
amazon.com. MX 5 amazon-smtp.amazon.com.
amazon.com. TXT "v=spf1 include:spf1.amazon.com include:spf2.amazon.com include:amazonses.com -all"
amazon.com. TXT "spf2.0/pra include:spf1.amazon.com include:spf2.amazon.com include:amazonses.com -all"
_dmarc.amazon.com. TXT "v=DMARC1;" "p=quarantine;" "pct=100;" "rua=mailto:report@dmarc.amazon.com;" "ruf=mailto:report@dmarc.amazon.com"
amazon.com.au. MX 10 amazon-smtp.amazon.com.
_dmarc.amazon.com.au. CNAME _dmarc.amazon.com.
amazon.com.au._report._dmarc.dmarc.amazon.com. TXT "v=DMARC1"
amazon.es. TXT "v=spf1 include:amazon.com -all"
_dmarc.amazon.es. CNAME _dmarc.amazon.com.
amazon.ca. TXT "v=spf1 include:amazon.com -all"
_dmarc.amazon.ca. CNAME _dmarc.amazon.com.
amazon.in. MX 10 amazon-smtp.amazon.com.
amazon.in. TXT "v=spf1 include:amazon.com -all"
_dmarc.amazon.in. CNAME _dmarc.amazon.com.
amazon.com.br. MX 10 amazon-smtp.amazon.com.
amazon.com.br. TXT "v=spf1 include:amazon.com -all"
_dmarc.amazon.com.br. CNAME _dmarc.amazon.com.
_dmarc.amazon.fr. CNAME _dmarc.amazon.com.
abebooks.com. MX 10 amazon-smtp.amazon.com.
_dmarc.abebooks.com. CNAME _dmarc.amazon.com.
"#;

#[test]
fn the_shipped_snapshot_is_what_was_published() {
    let listed = Command::new(env!("CARGO_BIN_EXE_amazon-spoof-milter"))
        .args(["domains", "list"])
        .output()
        .unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    // Every listed name exists, and the TXT records of the main one don't fit into a datagram.
    let mut zone: String = listed
        .lines()
        .map(|line| format!("{}. A 192.0.2.1\n", line.split('\t').next().unwrap()))
        .collect();
    for number in 0..60 {
        zone.push_str(&format!(
            "amazon.com. TXT \"verification-{number}={}\"\n",
            "x".repeat(60)
        ));
    }
    let dns = ZoneServer::start(&format!("{zone}{PUBLISHED}"));
    let server = dns.addr.to_string();
    let ran = audit(&["--dns", &server]);
    assert_eq!(ran.code, Some(0), "{}", ran.out);
    assert!(
        ran.out.contains(" domains asked, no difference, "),
        "{}",
        ran.out
    );

    dns.set("_dmarc.amazon.fr. TXT \"v=DMARC1; p=reject\"\n");
    let ran = audit(&["--dns", &server]);
    assert_eq!(ran.code, Some(1), "{}", ran.out);
    assert!(
        ran.out.contains(
            "\nchanged\tamazon.fr dmarc\tofficial-sender\n\
             \x20 was: v=DMARC1; p=quarantine; pct=100; rua=mailto:report@dmarc.amazon.com; ruf=mailto:report@dmarc.amazon.com\n\
             \x20 now: v=DMARC1; p=reject\n"
        ),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains(" domains asked, 1 difference, "),
        "{}",
        ran.out
    );
}
