//! What the pages show of mail, and what they don't.

use super::support::http::Answer;
use super::{FORGED, IMPERSONATION, LOOKALIKE, ORDINARY, Site};

/// The queue ids of the rows, in their order.
fn ids(page: &Answer) -> Vec<&str> {
    assert_eq!(page.status, 200, "{}", page.body);
    let cells = page.body.split("data-label=\"Queue id\">").skip(1);
    cells.map(|cell| cell.split('<').next().unwrap()).collect()
}

/// The address of the page of the first decision in the table.
fn first_decision(site: &Site) -> String {
    let page = site.get("/").body;
    let (_, rest) = page.split_once("href=\"/decisions/").expect("a row");
    format!("/decisions/{}", rest.split('"').next().unwrap())
}

#[test]
fn the_table_has_what_claims_the_brand_and_filters_and_searches() {
    let site = Site::start("");
    let empty = site.get("/").body;
    assert!(
        empty.contains("No mail that presents itself as Amazon so far."),
        "{empty}"
    );
    for (id, from) in [
        ("AA1", FORGED),
        ("BB2", IMPERSONATION),
        ("CC3", LOOKALIKE),
        ("DD4", ORDINARY),
    ] {
        site.hand_in(id, from);
    }
    let found = |query: &str| {
        let page = site.get(query);
        ids(&page)
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        found("/"),
        ["CC3", "BB2", "AA1"],
        "newest first, and not what is nobody's business"
    );
    assert_eq!(found("/?verdict=forged"), ["AA1"]);
    assert_eq!(found("/?verdict=unrelated"), ["DD4"]);
    assert_eq!(found("/?verdict=all"), ["DD4", "CC3", "BB2", "AA1"]);
    assert_eq!(found("/?reason=lookalike-author-domain"), ["CC3"]);
    assert_eq!(found("/?q=BULK-sender"), ["BB2"]);
    assert_eq!(found("/?q=aa1"), ["AA1"]);
    assert_eq!(found("/?verdict=forged&q=bulk"), [""; 0]);
    let all = site.get("/").body;
    assert!(
        all.contains("the name shown as the sender is the brand's"),
        "reasons in words"
    );
    assert!(
        all.contains("allow = [&quot;bulk-sender.example&quot;]"),
        "whom to allow"
    );
    assert!(
        all.contains(">3<span class=\"unit\"> in the last hour"),
        "three spoofs"
    );
    assert!(
        all.contains("Last hour: spoofs and doubtful mail: 3 in all, at most"),
        "the chart"
    );
    assert!(
        site.get("/decisions.txt")
            .body
            .contains(" AA1 forged tag amazon.com official-author-domain,")
    );
}

/// Whom the page and its text propose to allow, and whom they name without a proposal.
fn proposals(site: &Site) -> (Vec<String>, Vec<String>) {
    let page = site.get("/").body;
    let text = site.get("/decisions.txt").body;
    let (_, rows) = text
        .split_once("# most often")
        .expect("who stands behind impersonation");
    let (mut proposed, mut named) = (Vec::new(), Vec::new());
    for row in rows.lines().skip(1) {
        let words: Vec<&str> = row.split_ascii_whitespace().collect();
        let is_proposed = words[1] == "allow";
        let domain = words
            .last()
            .expect("a domain")
            .trim_matches(['[', ']', '"']);
        let line = format!("<code>allow = [&quot;{domain}&quot;]</code>");
        assert_eq!(page.contains(&line), is_proposed, "{row}: {page}");
        let list = if is_proposed {
            &mut proposed
        } else {
            &mut named
        };
        list.push(domain.to_owned());
    }
    (proposed, named)
}

#[test]
fn only_an_author_who_is_proved_and_asks_for_nothing_is_proposed() {
    let site = Site::start("");
    assert_eq!(proposals(&site), (vec![], vec![]));
    assert!(
        site.get("/")
            .body
            .contains("id=\"impersonators\" data-live hidden"),
        "a place for them"
    );
    site.hand_in("AA1", IMPERSONATION);
    site.hand_in("AA2", "\"Amazon.com\" <news@nobody.example>");
    let owned = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        proposals(&site),
        (owned(&["bulk-sender.example"]), owned(&["nobody.example"]))
    );
    let lure =
        "Your Amazon account is locked. Enter your password at http://evil.example/ now.\r\n";
    site.hand_in_text("AA3", IMPERSONATION, lure);
    assert_eq!(
        proposals(&site),
        (vec![], owned(&["bulk-sender.example", "nobody.example"]))
    );
}

#[test]
fn from_the_metrics_there_is_a_way_back() {
    let site = Site::start("");
    let home = site.get("/").body;
    assert!(home.contains("href=\"/metrics.html\""), "{home}");
    assert!(!home.contains("href=\"/metrics\""), "{home}");
    let page = site.get("/metrics.html");
    assert_eq!(page.status, 200);
    for text in [
        "<a href=\"/\">Overview</a>",
        "amazon_spoof_milter_messages_total{action=&quot;reject&quot;,verdict=&quot;forged&quot;} 0",
    ] {
        assert!(page.body.contains(text), "{text} is not in {}", page.body);
    }
    let plain = site.get("/metrics").body;
    assert!(plain.starts_with("# HELP "), "{plain}");
}

#[test]
fn a_tick_stands_beside_what_is_good_alone() {
    let site = Site::start("");
    let marks = |page: &str| -> Vec<String> {
        let health = page
            .split_once("aria-label=\"Health\"")
            .expect("the signs")
            .1;
        let signs = health.split("<h2>").skip(1).take(4);
        signs
            .map(|sign| {
                let name = sign.split('<').next().expect("a name");
                let has = |text| sign.split("</div>").next().expect("a sign").contains(text);
                let mark = match (
                    has("aria-label=\"well:\""),
                    has("aria-label=\"look here:\""),
                ) {
                    // Whether the list of this release is old depends on the day.
                    (true, false) | (false, true) if name == "Domain list" => "marked",
                    (true, false) => "tick",
                    (false, true) => "mark",
                    _ => "nothing",
                };
                format!("{name} {mark}")
            })
            .collect()
    };
    assert_eq!(
        marks(&site.get("/").body),
        [
            "Connections tick",
            "DNS nothing",
            "Domain list marked",
            "Program tick"
        ]
    );
    let config = site.milter.config();
    site.milter.rewrite_config(&format!(
        "{config}\n[brand]\nwarn_after_days = 0\n[policy]\npreset = \"monitor\"\n"
    ));
    site.milter.hang_up();
    site.milter
        .wait_for_log("the new configuration is in force for new connections");
    assert_eq!(
        marks(&site.get("/").body),
        [
            "Connections tick",
            "DNS nothing",
            "Domain list nothing",
            "Program nothing"
        ]
    );
}

#[test]
fn one_decision_is_explained() {
    let site = Site::start("");
    site.hand_in("AA1", FORGED);
    let page = site.get(&first_decision(&site));
    assert_eq!(page.status, 200);
    for text in [
        "This mail says that it comes from amazon.com, but nothing proves it: it has no signature, and the sending \
         server is authorised by bulk-sender.example only.",
        "It was delivered with a label in its header.",
        "the envelope sender's domain authorises the client, which says nothing about amazon.com",
        "the owner of the author's domain asks for &quot;quarantine&quot;",
        "Neither a signature nor the sending server proves the From domain.",
        "AA1",
    ] {
        assert!(page.body.contains(text), "{text}\nis not in\n{}", page.body);
    }
    for nowhere in [
        "/decisions/2",
        "/decisions/0",
        "/decisions/x",
        "/decisions/-1",
        "/decisions/99999999999999999999",
    ] {
        assert_eq!(site.get(nowhere).status, 404, "{nowhere}");
    }
}

#[test]
fn addresses_and_names_are_shown_on_request_only_and_as_text() {
    let hostile = "\"Amazon <script>alert(1)</script> \u{202e}moc\" <\"x&y\"@bulk-sender.example>";
    let shown = |http: &str| {
        let site = Site::start(http);
        site.hand_in("AA1", hostile);
        let query = "/?q=%22%3E%3Cscript%3Ealert(2)%3C/script%3E";
        let searched = site.get(query).body;
        [
            site.get("/").body,
            site.get(&first_decision(&site)).body,
            searched,
        ]
    };
    for page in shown("") {
        assert!(
            !page.contains("alert(1)") && !page.contains("x&amp;y") && !page.contains("bounce@"),
            "{page}"
        );
        assert!(!page.contains("<script>alert"), "{page}");
    }
    let [table, decision, searched] = shown("show_addresses = true\n");
    assert!(
        table.contains("Amazon &lt;script&gt;alert(1)&lt;/script&gt; \\u{202e}moc"),
        "{table}"
    );
    assert!(decision.contains("x&amp;y"), "{decision}");
    assert!(
        decision.contains("&lt;bounce@bulk-sender.example&gt;"),
        "{decision}"
    );
    assert!(
        searched.contains("value=\"&quot;&gt;&lt;script&gt;alert(2)&lt;/script&gt;\""),
        "{searched}"
    );
    for page in [table, decision, searched] {
        assert!(
            !page.contains("<script>alert") && !page.contains('\u{202e}'),
            "{page}"
        );
    }
}

#[test]
fn a_refused_configuration_is_seen() {
    let site = Site::start("");
    let config = site.milter.config();
    site.milter
        .rewrite_config(&format!("{config}\n[nonsense]\n"));
    site.milter.hang_up();
    site.milter
        .wait_for_log("the old configuration stays in force");
    let page = site.get("/").body;
    assert!(page.contains("a new configuration was refused "), "{page}");
    assert!(page.contains("aria-label=\"look here:\""), "{page}");
}
