//! The forms in which servers write `from` into Received, each as its source or manual has it. Where
//! a field fits several, they read the same address.

use crate::mail::received::{
    Hop,
    clause::{Clause, address, is_host, literal, name, words},
};
use std::net::IpAddr;

/// Reads the client out of a field.
type Form = fn(&Clause<'_>) -> Option<Hop>;

const FORMS: [Form; 6] = [postfix, sendmail, courier, exim, qmail, exchange];

/// The client that a field names, by the first form that it fits.
pub(crate) fn client(clause: &Clause<'_>) -> Option<Hop> {
    FORMS.iter().find_map(|form| form(clause))
}

/// `(qmail PID invoked from network)`: qmail-queue(8) writes it above the field of qmail-smtpd(8)
/// (received.c of netqmail 1.06 and notqmail). `invoked by uid` is mail of the machine itself.
pub(crate) fn is_queue(text: &str) -> bool {
    let number = text
        .trim_start()
        .strip_prefix("(qmail ")
        .and_then(|rest| rest.split_once(" invoked from network)"));
    number
        .is_some_and(|(pid, _)| !pid.is_empty() && pid.bytes().all(|octet| octet.is_ascii_digit()))
}

/// `from HELO (NAME [ADDRESS])`, then comments about TLS and the login.
///
/// Postfix, `src/smtpd/smtpd.c`: HELO has passed `NEUTER_CHARACTERS`, which leaves it brackets but no
/// blank and no parenthesis; NAME is `unknown` where DNS doesn't confirm it, and so is ADDRESS after
/// `XCLIENT ADDR=[UNAVAILABLE]`.
///
/// OpenSMTPD writes the same, NAME `<unknown>` where there is none: `smtp_message_begin` in
/// `usr.sbin/smtpd/smtp_session.c` with `sa_to_text` in `to.c`. A listener with `mask-src` writes no `from`.
fn postfix(clause: &Clause<'_>) -> Option<Hop> {
    let [host, client] = words(clause.comments.first()?)[..] else {
        return None;
    };
    hop(literal(client).filter(|_| is_host(host))?, clause.first)
}

/// `from HELO (IDENT@NAME [ADDRESS] (may be forged))`; IDENT, NAME and the doubt may be missing.
///
/// Sendmail, `confRECEIVED_HEADER` in `cf/m4/cfhead.m4` with the macro `$_` of `sendmail/daemon.c`
/// (validated source). IDENT is what the client's own machine says (RFC 1413).
fn sendmail(clause: &Clause<'_>) -> Option<Hop> {
    let comment = clause.comments.first()?;
    let comment = comment.strip_suffix("(may be forged)").unwrap_or(comment);
    let client = match words(comment)[..] {
        [client] => after_ident(client),
        [who, client] if is_host(after_ident(who)) => client,
        _ => return None,
    };
    hop(literal(client)?, clause.first)
}

fn after_ident(word: &str) -> &str {
    word.rsplit_once('@').map_or(word, |(_, host)| host)
}

/// `from HELO (NAME [ADDRESS])` or `from HELO ([ADDRESS])`, IPv4 mapped into IPv6, then a comment
/// about ident, login and TLS.
///
/// Courier, `startsubmit` in `courier/module.esmtp/courieresmtpd.C` and `courier/submit.C`.
///
/// Haraka writes the same without that comment; its HELO may have parentheses: `received_line` and `get_remote` in
/// `connection.js`.
fn courier(clause: &Clause<'_>) -> Option<Hop> {
    let client = match words(clause.comments.first()?)[..] {
        [client] => client,
        [host, client] if is_host(host) => client,
        _ => return None,
    };
    hop(literal(client)?, clause.first)
}

/// `from NAME ([ADDRESS]:PORT helo=HELO ident=IDENT)` where DNS confirms the name, else
/// `from [ADDRESS] (port=PORT helo=HELO ident=IDENT)`; what says nothing new is left out.
///
/// Exim, `host_build_sender_fullhost` in `src/host.c` and `received_header_text` in the
/// specification. `from [ADDRESS]` alone could be the HELO of a server that tells no address, and
/// counts where Exim has put its name behind `by`.
fn exim(clause: &Clause<'_>) -> Option<Hop> {
    let (ip, told) = match clause.comments[..] {
        [] if clause.rest.contains("(Exim ") => (literal(clause.first)?, Vec::new()),
        [comment] if clause.first.starts_with('[') && !comment.is_empty() => {
            (literal(clause.first)?, words(comment))
        }
        [comment] if is_host(clause.first) => {
            let words = words(comment);
            let (client, told) = words.split_first()?;
            let end = client.find(']')? + 1;
            let (client, port) = client.split_at_checked(end)?;
            let is_port = port.is_empty() || port.starts_with(':');
            (literal(client).filter(|_| is_port)?, told.to_vec())
        }
        _ => return None,
    };
    let is_known = |word: &&str| {
        ["port=", "helo=", "ident="]
            .iter()
            .any(|key| word.starts_with(key))
    };
    if !told.iter().all(is_known) {
        return None;
    }
    let helo = told.iter().find_map(|word| word.strip_prefix("helo="));
    // What is left out is the same as the name, or as the address.
    let left_out = is_host(clause.first).then_some(clause.first);
    Some(Hop {
        ip,
        helo: helo.or(left_out).and_then(name),
    })
}

/// `from NAME (HELO HELO) (INFO@ADDRESS)`; the first comment is left out where HELO is the name.
///
/// qmail, `received.c` of netqmail 1.06 and notqmail, which write `?` for what is no letter of a name;
/// INFO is what the client's machine, or its login, says. Others of that form put the address into
/// brackets.
fn qmail(clause: &Clause<'_>) -> Option<Hop> {
    let (helo, client) = match clause.comments[..] {
        [client] => (clause.first, client),
        [helo, client] => (helo.strip_prefix("HELO ")?, client),
        _ => return None,
    };
    let ([helo], [client]) = (&words(helo)[..], &words(client)[..]) else {
        return None;
    };
    let client = after_ident(client);
    let ip = address(client).or_else(|| literal(client))?;
    if !is_host(clause.first) {
        return None;
    }
    hop(ip, helo)
}

/// `from HELO (ADDRESS) by NAME (ADDRESS) with Microsoft SMTP Server`, the address in brackets in
/// hops within a server (`with mapi`) and of older versions.
///
/// Exchange, "Message headers" in Microsoft's documentation (Exchange Server 2016 and later; Exchange
/// Online).
fn exchange(clause: &Clause<'_>) -> Option<Hop> {
    let [comment] = clause.comments[..] else {
        return None;
    };
    let of_exchange = ["with Microsoft SMTP", "with mapi "];
    if !of_exchange.iter().any(|mark| clause.rest.contains(mark)) {
        return None;
    }
    hop(address(comment).or_else(|| literal(comment))?, clause.first)
}

fn hop(ip: IpAddr, helo: &str) -> Option<Hop> {
    Some(Hop {
        ip,
        helo: name(helo),
    })
}
