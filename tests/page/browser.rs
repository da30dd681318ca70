//! The page in a real browser, while mail comes in through a real Postfix.

use std::fs;

use serde_json::{Value, json};

use super::Site;
use super::support::browser::Browser;
use super::support::postfix::{Postfix, PostfixOptions};
use super::support::root::{POSTFIX, left_out};
use super::support::samples::{Sample, samples};
use super::support::smtp::{Envelope, SmtpClient, XClient};

fn send(postfix: &Postfix, client: &XClient, envelope: &Envelope, message: &[u8]) {
    let mut smtp = SmtpClient::connect_as(postfix.smtp_addr, client).expect("XCLIENT");
    assert!(smtp.send(envelope, message).expect("a dialog").accepted());
    smtp.quit().expect("QUIT");
}

fn send_sample(postfix: &Postfix, name: &str) {
    let all: Vec<Sample> = samples();
    let sample = all
        .iter()
        .find(|sample| sample.name == name)
        .expect("a sample");
    send(postfix, &sample.client, &sample.envelope(), &sample.message);
}

/// A display name that is markup, quotes, and turns the writing around.
const HOSTILE: &str = "Amazon <script>document.title='owned'</script><img src=x onerror=alert(1)> \u{202e}\\\"moc' & \
                       <https://evil.example/x.png>";

fn send_hostile(postfix: &Postfix) {
    let message = format!(
        "From: \"{HOSTILE}\" <\"<script>\"@bulk-sender.example>\r\nSubject: hello\r\n\r\nhello\r\n"
    );
    let client = XClient::new(
        "203.0.113.30",
        "mail.bulk-sender.example",
        "mail.bulk-sender.example",
    );
    let envelope = Envelope::new(
        "\"<script>\"@bulk-sender.example",
        &["someone@example.test"],
    );
    send(postfix, &client, &envelope, message.as_bytes());
}

/// How many messages the first chart shows.
const CHARTED: &str = "return document.querySelector('.panel svg').getAttribute('aria-label')";
/// The verdicts in the table.
const VERDICTS: &str = "return Array.from(document.querySelectorAll('#rows tbody .badge'), badge => badge.textContent)";

/// Text whose contrast to its ground is below 4.5 (WCAG 2.2, 1.4.3), each with its contrast. axe-core leaves
/// out what it isn't sure of; here every text counts whose own box is shown, placeholders too.
const PALE: &str = "
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const octets = colour => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        return canvas.getImageData(0, 0, 1, 1).data;
    };
    const over = (top, ground) => {
        const part = top[3] / 255;
        return [0, 1, 2].map(at => top[at] * part + ground[at] * (1 - part));
    };
    const ground = element => element === null ? [255, 255, 255]
        : over(octets(getComputedStyle(element).backgroundColor), ground(element.parentElement));
    const light = colour => {
        const [red, green, blue] = colour.map(octet => octet / 255)
            .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const contrast = (colour, below) => {
        const [less, more] = [light(over(octets(colour), below)), light(below)].sort((a, b) => a - b);
        return (more + 0.05) / (less + 0.05);
    };
    const pale = [];
    const look = (text, style, below) => {
        const found = contrast(style.color, below);
        if (found < 4.5) pale.push(found.toFixed(2) + ': ' + text.trim().slice(0, 40));
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    let seen = 0;
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        const box = element.getBoundingClientRect();
        if (walker.currentNode.data.trim() === '' || box.width < 2 || box.height < 2) continue;
        seen += 1;
        look(walker.currentNode.data, getComputedStyle(element), ground(element));
    }
    for (const field of document.querySelectorAll('[placeholder]')) {
        look(field.placeholder, getComputedStyle(field, '::placeholder'), ground(field));
    }
    return seen > 5 ? pale : ['no text was looked at'];
";

struct Visit {
    browser: Browser,
    home: String,
}

impl Visit {
    /// Nothing on the way went elsewhere, and nothing was complained about.
    fn nothing_amiss(&self) {
        assert_eq!(self.browser.console(), [""; 0]);
        let requests = self.browser.requests();
        assert!(!requests.is_empty());
        for url in requests {
            // What stands in the address itself is axe-core's, and asked of nobody.
            assert!(
                url.starts_with(&self.home) || url.starts_with("data:"),
                "{url}"
            );
        }
    }

    /// No barrier, and nothing beside the screen, in light and dark, wide and narrow.
    fn is_usable(&self, what: &str) {
        for scheme in ["light", "dark"] {
            for width in [1280, 390] {
                self.browser.look(scheme, width);
                assert_eq!(
                    self.browser.barriers(),
                    [""; 0],
                    "{what}, {scheme}, {width}"
                );
                assert_eq!(
                    self.browser.run(PALE),
                    json!([]),
                    "{what}, {scheme}, {width}"
                );
                let beside = self.browser.run(
                    "return document.documentElement.scrollWidth - document.documentElement.clientWidth",
                );
                assert_eq!(beside, json!(0), "{what} is wider than {width}");
            }
        }
        self.browser.look("light", 1280);
    }
}

#[test]
fn the_page_follows_the_mail_and_is_safe_and_usable() {
    if left_out(POSTFIX) {
        return;
    }
    let site = Site::start("show_addresses = true\ntry_messages = true\n");
    let postfix = Postfix::start(&PostfixOptions {
        milters: vec![site.milter.socket.clone()],
        ..PostfixOptions::default()
    });
    let visit = Visit {
        browser: Browser::start(),
        home: format!("http://{}/", site.milter.http),
    };
    let browser = &visit.browser;

    // Before any mail.
    browser.open(&visit.home);
    assert_eq!(browser.run(VERDICTS), json!([]));
    visit.is_usable("the empty page");

    // Mail comes, and the page shows it without being loaded again.
    browser.run("window.untouched = true");
    send_sample(&postfix, "forged");
    send_sample(&postfix, "genuine");
    send_sample(&postfix, "ordinary");
    browser.wait_for("return document.querySelectorAll('#rows tbody tr').length === 2");
    assert_eq!(browser.run("return window.untouched"), json!(true));
    assert_eq!(browser.run(VERDICTS), json!(["verified", "forged"]));
    assert_eq!(
        browser.run(CHARTED),
        json!("Last hour: spoofs and doubtful mail: 1 in all, at most 1 a minute")
    );
    send_sample(&postfix, "lookalike");
    browser.wait_for(
        "return document.querySelector('.tile.spoof .figure').textContent.startsWith('2 ')",
    );
    assert!(
        browser
            .run(CHARTED)
            .as_str()
            .unwrap()
            .contains(": 2 in all")
    );
    let bars = browser.run(
        "return Array.from(document.querySelectorAll('.panel.tall rect'))
             .filter(rect => rect.getBoundingClientRect().height > 2).length",
    );
    assert!(bars.as_u64() >= Some(2), "bars with a height: {bars}");
    assert_eq!(
        browser.run("return document.querySelector('[role=status]').textContent"),
        json!("1 new decision")
    );

    hostile_text_is_text(&visit, &postfix);
    there_is_a_way_back_from_the_metrics(&visit);
    the_filter_works(&visit);
    one_decision(&visit);
    a_message_is_tried(&visit, &site);
    without_a_script(&visit, &postfix);
    visit.nothing_amiss();
}

fn hostile_text_is_text(visit: &Visit, postfix: &Postfix) {
    let browser = &visit.browser;
    send_hostile(postfix);
    browser.open(&visit.home);
    browser.wait_for("return document.querySelectorAll('#rows tbody tr').length === 4");
    let row = browser.run("return document.querySelector('#rows tbody tr').textContent");
    let row = row.as_str().unwrap();
    for text in [
        "<script>document.title='owned'</script><img src=x onerror=alert(1)>",
        "\\u{202e}\"moc' &",
    ] {
        assert!(row.contains(text), "{row}");
    }
    assert_eq!(
        browser.run("return document.title"),
        json!("Overview · amazon-spoof-milter")
    );
    assert_eq!(
        browser.run("return document.querySelectorAll('main script, main img').length"),
        json!(0)
    );
    visit.is_usable("the overview");
    // Who calls himself the brand is seen without scrolling.
    let bottom = browser.run(
        "return document.querySelector('#impersonators .allow').getBoundingClientRect().bottom + scrollY",
    );
    assert!(
        bottom.as_f64().unwrap() < 720.0,
        "the first impersonators end at {bottom}"
    );
}

fn there_is_a_way_back_from_the_metrics(visit: &Visit) {
    let browser = &visit.browser;
    browser.click("nav a[href='/metrics.html']");
    browser.wait_for("return location.pathname === '/metrics.html'");
    visit.is_usable("the metrics");
    browser.click("nav a[href='/']");
    browser.wait_for(
        "return location.pathname === '/' && document.querySelector('.filter button') !== null",
    );
}

fn the_filter_works(visit: &Visit) {
    let browser = &visit.browser;
    // With the keyboard alone: verdict, reason, search.
    browser.keys("#verdict", "imp\u{e004}");
    browser.keys("#q", "BULK\u{e007}");
    browser.wait_for("return location.search.includes('verdict=impersonation')");
    assert_eq!(browser.run(VERDICTS), json!(["impersonation"]));
    assert_eq!(
        browser.run("return document.querySelector('#count').textContent"),
        json!("1 of 4 decisions")
    );
    browser.keys("#q", "<script>\"'\u{e007}");
    browser.wait_for("return location.search.includes('script')");
    assert_eq!(
        browser.run("return document.querySelector('#q').value"),
        json!("bulk<script>\"'")
    );
    browser.click(".reset");
    browser.wait_for("return document.querySelectorAll('#rows tbody tr').length === 4");
}

fn one_decision(visit: &Visit) {
    let browser = &visit.browser;
    browser.click("#rows tbody tr td.time a");
    browser.wait_for("return location.pathname.startsWith('/decisions/')");
    let text = browser.run("return document.querySelector('main').innerText");
    let text = text.as_str().unwrap();
    for part in [
        "impersonation",
        "bulk-sender.example",
        "decides alone",
        "<img src=x onerror=alert(1)>",
        "<script>",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    visit.is_usable("one decision");
    browser.click(".back a");
    browser.wait_for("return location.pathname === '/'");
}

fn a_message_is_tried(visit: &Visit, site: &Site) {
    let browser = &visit.browser;
    browser.click("nav a[href='/try']");
    browser.wait_for("return document.querySelector('#file') !== null");
    visit.is_usable("the form");
    let file = super::support::milter::fresh_folder().join("genuine.eml");
    fs::write(&file, &samples()[0].message).expect("a file");
    browser.keys("#file", file.to_str().expect("a path"));
    browser.keys("#client_ip", "192.0.2.10");
    browser.keys("#mail_from", "bounces@amazon.com");
    browser.click("form[action='/try'] button");
    browser.wait_for("return document.querySelector('.badge.v-verified') !== null");
    let results = browser
        .run("return Array.from(document.querySelectorAll('.result'), cell => cell.textContent)");
    assert_eq!(
        results,
        json!(["pass", "pass", "pass"]),
        "SPF, DKIM with its octets as they were, DMARC"
    );
    visit.is_usable("what became of it");
    let _ = fs::remove_dir_all(file.parent().expect("a folder"));
    assert!(
        !site
            .get("/?verdict=verified")
            .body
            .contains("of 5 decisions"),
        "it is not kept"
    );
}

fn without_a_script(visit: &Visit, postfix: &Postfix) {
    let browser = &visit.browser;
    browser.scripts(false);
    send_sample(postfix, "display-name");
    browser.open(&format!("{}?verdict=impersonation", visit.home));
    let rows: Value = browser.run(VERDICTS);
    assert_eq!(rows, json!(["impersonation", "impersonation"]));
    assert_eq!(
        browser.run("return document.querySelectorAll('.live').length"),
        json!(0)
    );
    browser.scripts(true);
}
