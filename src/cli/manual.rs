//! The manual page of the commands: one page, made from the same definitions as `--help`.

use clap::Command;
use clap_mangen::Man;
use roff::{Roff, bold, roman};
use std::io::{self, Write};

const ENVIRONMENT: [(&str, &str); 2] = [
    (
        "NO_COLOR",
        "If it is set, check writes no colour. It writes none where its output is no terminal, either.",
    ),
    (
        "NOTIFY_SOCKET, WATCHDOG_USEC",
        "Set by systemd: run tells it that it is ready, reloads or stops, and that it is alive.",
    ),
];

const FILES: [(&str, &str); 2] = [
    (
        crate::config::DEFAULT_PATH,
        "The configuration. Where it is absent the defaults hold.",
    ),
    (
        crate::config::DEFAULT_FOLDER,
        "Files whose names end in .toml are read after it, in the order of their names, and override it.",
    ),
];

/// What it does, and the command.
const EXAMPLES: [(&str, &str); 7] = [
    (
        "Is the configuration right, and could the service start with it?",
        "amazon-spoof-milter config check",
    ),
    (
        "What is in force, defaults included:",
        "amazon-spoof-milter config show",
    ),
    (
        "Judges a mail as if this client had handed it in:",
        "amazon-spoof-milter check --client-ip 192.0.2.1 --helo mail.example.com --mail-from news@example.com mail.eml",
    ),
    (
        "Judges a mailbox whose topmost Received field one's own server wrote:",
        "amazon-spoof-milter check --trust-received 1 /var/mail/root",
    ),
    (
        "Verdict and file of each mail in a folder, for programs:",
        "amazon-spoof-milter check --format json Maildir/ | jq -r '.verdict + \" \" + .file'",
    ),
    (
        "What a host is to the brand:",
        "amazon-spoof-milter domains classify shop.example",
    ),
    (
        "Whether the list still is what DNS says:",
        "amazon-spoof-milter domains audit",
    ),
];

const HELD: [(&str, &str); 4] = [
    (
        "ID",
        "A message on hold: its queue id, a dash, and the second of its arrival. Postfix uses queue ids again, so both are compared with the message right before it is released or deleted.",
    ),
    (
        "What is ours",
        "held knows the messages in Postfix' hold queue whose topmost X-Amazon-Spoof-Verdict says action=quarantine and stands above the first Received. What others hold is left alone, with a warning.",
    ),
    (
        "Release",
        "By postsuper -H. Where more than half of maximal_queue_lifetime is over (bounce_queue_lifetime for the null sender) by postsuper -r: else Postfix would return the message after one failed try.",
    ),
    (
        "Digest",
        "Plain text in ASCII with 200 messages at most, handed to sendmail(1). amazon-spoof-milter-held.timer sends one each morning, once it is enabled.",
    ),
];

const SIGNALS: [(&str, &str); 2] = [
    (
        "SIGHUP",
        "run takes the configuration over for new connections; a wrong one is refused and told of in the log.",
    ),
    (
        "SIGTERM, SIGINT",
        "run takes no new connections, lets messages under way end, and stops.",
    ),
];

/// The page, as roff.
pub(super) fn page(command: Command) -> io::Result<Vec<u8>> {
    let mut command = command
        .disable_help_flag(true)
        .disable_help_subcommand(true);
    command.build();
    let whole = Man::new(command.clone());
    let mut page = Vec::new();
    // The library drops an empty date, and the version would stand in its place.
    let (name, version) = (command.get_name(), env!("CARGO_PKG_VERSION"));
    writeln!(page, ".TH {name} 1 \"\" \"{name} {version}\"")?;
    whole.render_name_section(&mut page)?;
    let mut synopsis = Roff::new();
    synopsis.control("SH", ["SYNOPSIS"]);
    for (position, one) in commands(&command).into_iter().enumerate() {
        if position > 0 {
            synopsis.control("br", []);
        }
        let arguments = match one.get_positionals().next() {
            Some(_) => " [OPTION]... [ARGUMENT]...",
            None => " [OPTION]...",
        };
        synopsis.text([bold(whole_name(one)), roman(arguments)]);
    }
    synopsis.to_writer(&mut page)?;
    whole.render_description_section(&mut page)?;
    Roff::new()
        .control("SH", ["COMMANDS"])
        .to_writer(&mut page)?;
    for one in commands(&command) {
        page.write_all(&part(one)?)?;
    }
    sections(&mut page)?;
    examples().to_writer(&mut page)?;
    see_also().to_writer(&mut page)?;
    Ok(page)
}

fn whole_name(command: &Command) -> &str {
    command.get_bin_name().unwrap_or_else(|| command.get_name())
}

/// The commands that do something, each with its whole name.
fn commands(command: &Command) -> Vec<&Command> {
    let below = command
        .get_subcommands()
        .filter(|one| one.get_name() != "help");
    match command.has_subcommands() {
        true => below.flat_map(commands).collect(),
        false => vec![command],
    }
}

/// One command's usage, options and exit status.
fn part(command: &Command) -> io::Result<Vec<u8>> {
    let man = Man::new(command.clone());
    let mut part = Vec::new();
    Roff::new()
        .control("SS", [whole_name(command)])
        .text([roman(about(command) + ".")])
        .control("PP", [])
        .to_writer(&mut part)?;
    for render in [Man::render_synopsis_section, Man::render_options_section] {
        let mut section = Vec::new();
        render(&man, &mut section)?;
        // Its own heading would end the chapter; a break beside a blank line does nothing.
        let section = String::from_utf8_lossy(&section);
        let heading = section.find(".SH").unwrap_or(section.len());
        let (_, section) = section.split_at(heading);
        for line in section.lines().skip(1).filter(|line| *line != ".br") {
            writeln!(part, "{line}")?;
        }
    }
    if let Some(more) = command.get_after_help() {
        Roff::new()
            .control("PP", [])
            .text([roman(more.to_string() + ".")])
            .to_writer(&mut part)?;
    }
    Ok(part)
}

fn about(command: &Command) -> String {
    command
        .get_about()
        .map(ToString::to_string)
        .unwrap_or_default()
}

fn sections(page: &mut Vec<u8>) -> io::Result<()> {
    for (title, rows) in [
        ("ENVIRONMENT", ENVIRONMENT.as_slice()),
        ("FILES", &FILES),
        ("MAIL ON HOLD", &HELD),
        ("SIGNALS", &SIGNALS),
    ] {
        let mut section = Roff::new();
        section.control("SH", [title]);
        for (name, text) in rows {
            section
                .control("TP", [])
                .text([bold(*name)])
                .text([roman(*text)]);
        }
        section.to_writer(page)?;
    }
    Ok(())
}

fn examples() -> Roff {
    let mut section = Roff::new();
    section.control("SH", ["EXAMPLES"]);
    for (what, command) in EXAMPLES {
        section
            .control("PP", [])
            .text([roman(what)])
            .control("RS", ["4"])
            .control("EX", [])
            .text([roman(command)])
            .control("EE", [])
            .control("RE", []);
    }
    section
}

fn see_also() -> Roff {
    let mut section = Roff::new();
    section.control("SH", ["SEE ALSO"]).text([
        bold("amazon-spoof-milter.toml"),
        roman("(5), "),
        bold("postconf"),
        roman("(5), "),
        bold("postsuper"),
        roman("(1)"),
    ]);
    section
}
