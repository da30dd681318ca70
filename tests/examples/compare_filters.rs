//! Sends the cases of `tests/corpus`, and the messages of `tests/compare/others.txt`, through four Postfixes:
//! with this milter, with OpenDKIM and OpenDMARC, with rspamd, with SpamAssassin. Prints what each marked or
//! refused, as tables for `docs/why.md`. `tests/compare-filters.sh` starts it; by hand:
//!
//! ```text
//! tests/with-peers.sh compare-filters MILTER [WORD]...     words: only cases with one of them in their name
//! ```
//!
//! Each case brings its own DNS, so all four have their caches off or empty. `SHOW=1` in the environment prints each
//! message with the scores of rspamd and SpamAssassin.

// A program for measurements: what it can't do ends it, with the reason.
#![allow(clippy::expect_used, clippy::indexing_slicing)]

#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use support::case::Case;
use support::dns::{ZoneServer, parse};
use support::milter::{Milter, MilterConfig};
use support::peers::Peer;
use support::postfix::{HOSTNAME, Postfix, PostfixOptions};
use support::smtp::{Envelope, SmtpClient, XClient};

const PATIENCE: Duration = Duration::from_secs(120);
const OTHERS: &str = include_str!("../compare/others.txt");

/// What rspamd wants to find at its start.
const START: &str = "fuzzy1.rspamd.com. A 127.0.0.2\nfuzzy2.rspamd.com. A 127.0.0.2\n";

/// Tests of rspamd that would count how the corpus is written, all in one year and in few lines, and not what
/// it is about.
const HABITS: &str = "symbols {
  DATE_IN_PAST { weight = 0.0; }
  MISSING_MIME_VERSION { weight = 0.0; }
  MISSING_MID { weight = 0.0; }
}
";

/// The columns, in their order.
const FILTERS: [&str; 4] = [
    "this filter",
    "OpenDKIM, OpenDMARC",
    "rspamd",
    "SpamAssassin",
];

/// A message and what it is.
struct Message {
    name: String,
    /// The verdict that the corpus expects, or what the file of the others says of it.
    kind: String,
    case: Case,
}

/// Of each filter: whether it marked or refused the message. `None` where Postfix itself did not take it.
type Marks = Option<[bool; 4]>;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(program) = arguments.next() else {
        eprintln!("usage: compare-filters MILTER [WORD]...");
        return ExitCode::from(2);
    };
    let words: Vec<String> = arguments.collect();
    let wanted = |message: &Message| {
        words.is_empty()
            || words
                .iter()
                .any(|word| message.name.contains(word.as_str()))
    };
    let (mut corpus, mut others) = (corpus(), others());
    corpus.retain(wanted);
    others.retain(wanted);
    let site = Site::start(Path::new(&program));
    let judged = |messages: &[Message]| -> Vec<Marks> {
        messages.iter().map(|message| site.judge(message)).collect()
    };
    let (of_corpus, of_others) = (judged(&corpus), judged(&others));
    by_verdict(&corpus, &of_corpus);
    by_message(&others, &of_others);
    ExitCode::SUCCESS
}

/// The cases that need no setting of ours, and come with a client and a sender.
fn corpus() -> Vec<Message> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the corpus").flatten() {
        let path = entry.path();
        if path.extension().is_none_or(|extension| extension != "case") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a case");
        let case = Case::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let is_exempt = case.envelope("user").is_some();
        let has_envelope =
            case.envelope("client-ip").is_some() && case.envelope("mail-from").is_some();
        let verdict = case
            .expected
            .lines()
            .find_map(|line| line.strip_prefix("verdict: "));
        let name = path
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        if let Some(kind) = verdict.map(str::to_owned)
            && case.config.trim().is_empty()
            && has_envelope
            && !is_exempt
        {
            found.push(Message { name, kind, case });
        }
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found
}

fn others() -> Vec<Message> {
    let mut blocks = OTHERS.split("\n=== ");
    // What stands above the first one is for the reader.
    blocks.next();
    let message = |block: &str| {
        let (name, text) = block.split_once('\n').expect("a name");
        let case = Case::parse(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        Message {
            name: name.to_owned(),
            kind: case.why.clone(),
            case,
        }
    };
    blocks.map(message).collect()
}

/// The four, and their DNS.
struct Site<'p> {
    dns: ZoneServer,
    program: &'p Path,
    /// Those of the others; ours begins anew with each message.
    posts: Vec<Postfix>,
    _peers: Vec<Peer>,
}

impl<'p> Site<'p> {
    fn start(program: &'p Path) -> Self {
        let start = parse(START).unwrap_or_else(|error| panic!("{error}"));
        let dns = ZoneServer::start_at(SocketAddr::from(([127, 0, 0, 1], 53)), start)
            .unwrap_or_else(|error| panic!("DNS on 127.0.0.1:53: {error}"));
        let chains = [
            vec![Peer::opendkim(HOSTNAME), Peer::opendmarc(HOSTNAME)],
            vec![Peer::rspamd(&[
                ("spf.conf", "spf_cache_size = 0;\n"),
                ("dkim.conf", "dkim_cache_size = 0;\n"),
                ("groups.conf", HABITS),
                ("milter_headers.conf", "use = [\"x-spamd-result\"];\n"),
            ])],
            vec![Peer::spamassassin(&[
                // The same; and the addresses of documentation would count as forged.
                "score RCVD_ILLEGAL_IP 0",
                "score DATE_IN_PAST_96_XX 0",
                "score MSGID_SHORT 0",
                "score MISSING_MID 0",
            ])],
        ];
        let posts = chains.iter().map(|chain| {
            let socket = |peer: &Peer| format!("unix:{}", peer.socket.display());
            postfix(chain.iter().map(socket).collect())
        });
        let posts = posts.collect();
        Self {
            dns,
            program,
            posts,
            _peers: chains.into_iter().flatten().collect(),
        }
    }

    fn judge(&self, message: &Message) -> Marks {
        let zone = message.case.zone.clone() + &usual_records(&message.case);
        let zone = parse(&zone).unwrap_or_else(|error| panic!("{}: {error}", message.name));
        self.dns.replace(zone);
        let ours = Milter::start(self.program, self.dns.addr, &MilterConfig::default());
        let own = postfix(vec![ours.socket.clone()]);
        let posts: Vec<&Postfix> = std::iter::once(&own).chain(&self.posts).collect();
        let outcomes: Vec<Option<String>> = thread::scope(|scope| {
            let sent: Vec<_> = posts
                .iter()
                .map(|post| scope.spawn(|| sent(post, message)))
                .collect();
            sent.into_iter()
                .map(|thread| thread.join().expect("a dialog"))
                .collect()
        });
        if std::env::var_os("SHOW").is_some() {
            show(message, &outcomes);
        }
        let mut marks = [false; 4];
        for (nth, outcome) in outcomes.iter().enumerate() {
            marks[nth] = is_marked(nth, outcome.as_ref()?);
        }
        Some(marks)
    }
}

/// What the corpus leaves out, since this filter doesn't ask for it, and what every honest server has: a name
/// for the client, and a place where answers go. Others would count its absence.
fn usual_records(case: &Case) -> String {
    let ip = case.envelope("client-ip").unwrap_or_default();
    let kind = if ip.contains(':') { "AAAA" } else { "A" };
    let has = |name: &str, kinds: &[&str]| {
        case.zone.lines().any(|line| {
            let mut words = line.split_whitespace();
            let same = words
                .next()
                .is_some_and(|word| word.trim_end_matches('.') == name);
            same && words.any(|word| kinds.contains(&word))
        })
    };
    // Nothing beside a fault, an alias, or what is there.
    const TAKEN: [&str; 9] = [
        "MX",
        "CNAME",
        "TIMEOUT",
        "SERVFAIL",
        "REFUSED",
        "LAME",
        "TRUNCATE",
        "WRONGNAME",
        "CIRCLE",
    ];
    let sender = case
        .envelope("mail-from")
        .and_then(|path| path.rsplit_once('@'));
    let author = address(case, "From");
    let domains = [
        sender.map(|(_, domain)| domain.trim_end_matches('>').to_owned()),
        author.and_then(|author| Some(author.rsplit_once('@')?.1.to_owned())),
    ];
    let mut hosts: Vec<String> = case
        .envelope("helo")
        .map(str::to_owned)
        .into_iter()
        .collect();
    let mut text = String::new();
    for domain in domains.into_iter().flatten() {
        let domain = domain.to_ascii_lowercase();
        if is_domain(&domain) && !has(&domain, &TAKEN) {
            text += &format!("{domain}. MX 5 mx.{domain}.\n");
            hosts.push(format!("mx.{domain}"));
        }
    }
    hosts.sort();
    hosts.dedup();
    for host in hosts {
        let host = host.to_ascii_lowercase();
        if is_domain(&host) && !has(&host, &TAKEN[1..]) && !has(&host, &["A", "AAAA"]) {
            text += &format!("{host}. {kind} {ip}\n");
        }
    }
    text
}

fn is_domain(name: &str) -> bool {
    let is_label = |label: &str| {
        let mut octets = label.bytes();
        !label.is_empty() && octets.all(|octet| octet.is_ascii_alphanumeric() || octet == b'-')
    };
    name.contains('.') && name.split('.').all(is_label) && name.parse::<IpAddr>().is_err()
}

/// The last address in a field that stands in one line.
fn address(case: &Case, field: &str) -> Option<String> {
    let text = String::from_utf8_lossy(&case.message);
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(&format!("{field}: ")))?;
    let word = line.rsplit(' ').next()?.trim_matches(['<', '>', '\r']);
    let (local, domain) = word.split_once('@')?;
    let is_local = local
        .bytes()
        .all(|octet| octet.is_ascii_alphanumeric() || b".-_".contains(&octet));
    (is_domain(domain) && is_local && !local.is_empty()).then(|| word.to_owned())
}

fn postfix(milters: Vec<String>) -> Postfix {
    Postfix::start(&PostfixOptions {
        milters,
        ..PostfixOptions::default()
    })
}

/// The header that arrived, or `REFUSED`; nothing where Postfix itself says no.
fn sent(post: &Postfix, message: &Message) -> Option<String> {
    let case = &message.case;
    let value = |name| case.envelope(name);
    let helo = value("helo").unwrap_or("client.test");
    let client_name = value("client-name").unwrap_or(match is_domain(helo) {
        true => helo,
        false => "[UNAVAILABLE]",
    });
    let client = XClient::new(value("client-ip")?, client_name, helo);
    let recipient = address(case, "To").unwrap_or_else(|| "reader@recipient.test".to_owned());
    let sender = value("mail-from")?.trim_matches(['<', '>']);
    let mut connection = SmtpClient::connect_as(post.smtp_addr, &client).ok()?;
    let before = post.mailbox(&recipient).len();
    let sent = connection
        .send(&Envelope::new(sender, &[&recipient]), &case.message)
        .ok()?;
    let end = sent.end?;
    if !end.is_positive() {
        return Some("REFUSED".to_owned());
    }
    let mut mailbox = post.wait_for(&recipient, before + 1, PATIENCE);
    let text = String::from_utf8_lossy(&mailbox.remove(before)).into_owned();
    let (header, _) = text.split_once("\r\n\r\n").unwrap_or((text.as_str(), ""));
    Some(header.replace("\r\n\t", " ").replace("\r\n ", " "))
}

fn show(message: &Message, outcomes: &[Option<String>]) {
    eprintln!("{}: {}", message.name, message.kind);
    for (filter, header) in FILTERS.iter().zip(outcomes) {
        let header = header.as_deref().unwrap_or("not taken");
        let told = header.lines().filter(|line| {
            [
                "X-Spam",
                "X-Amazon-Spoof-V",
                "Authentication-Results",
                "REFUSED",
            ]
            .iter()
            .any(|start| line.starts_with(start))
        });
        for line in told {
            eprintln!("    {filter}: {line}");
        }
    }
}

/// Whether a filter said that there is something wrong, in the fields that it writes itself.
fn is_marked(filter: usize, header: &str) -> bool {
    if header == "REFUSED" {
        return true;
    }
    let has = |start: &str| header.lines().any(|line| line.starts_with(start));
    match filter {
        0 => has("X-Amazon-Spoof-Verdict: ") && !has("X-Amazon-Spoof-Verdict: verified"),
        1 => {
            let own = format!("Authentication-Results: {HOSTNAME}; dmarc=fail");
            has(&own)
        }
        2 => has("X-Spam: Yes"),
        _ => has("X-Spam-Flag: YES"),
    }
}

fn by_verdict(messages: &[Message], marks: &[Marks]) {
    let mut rows: BTreeMap<usize, (usize, [usize; 4])> = BTreeMap::new();
    let (mut spoofs, mut alone, mut none) = (0, 0, 0);
    const ROWS: [&str; 8] = [
        "forged",
        "lookalike",
        "impersonation",
        "suspicious",
        "unverifiable",
        "verified",
        "unrelated",
        "exempt",
    ];
    for (message, marks) in messages.iter().zip(marks) {
        let Some(marks) = marks else {
            none += 1;
            continue;
        };
        let at = ROWS
            .iter()
            .position(|row| *row == message.kind)
            .expect("a verdict");
        let (count, marked) = rows.entry(at).or_default();
        *count += 1;
        for (sum, mark) in marked.iter_mut().zip(marks) {
            *sum += usize::from(*mark);
        }
        if at < 3 {
            spoofs += 1;
            alone += usize::from(marks[0] && !marks[1..].contains(&true));
        }
    }
    println!("| the corpus says | cases | {} |", FILTERS.join(" | "));
    println!("|---|---|---|---|---|---|");
    for (at, (count, marked)) in &rows {
        let cells = marked.map(|sum| sum.to_string()).join(" | ");
        println!("| `{}` | {count} | {cells} |", ROWS[*at]);
    }
    println!(
        "\nOf {spoofs} spoofs {alone} are marked by this filter alone. {none} cases are left out, since Postfix itself \
         refuses them.\n"
    );
}

fn by_message(messages: &[Message], marks: &[Marks]) {
    println!("| message | {} |", FILTERS.join(" | "));
    println!("|---|---|---|---|---|");
    for (message, marks) in messages.iter().zip(marks) {
        let cells = match marks {
            Some(marks) => marks.map(|mark| if mark { "marked" } else { "–" }),
            None => ["not taken"; 4],
        };
        println!("| {} | {} |", message.kind, cells.join(" | "));
    }
}
