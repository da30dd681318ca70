//! Received fields (RFC 5321 section 4.4): whom a server of our own took a message from.
//!
//! The field holds the client's own words beside the server's: HELO stands first, and may look like
//! an address. So each form is read by the grammar of the server that writes it (`forms.rs`), which
//! says where the address is that this server saw. What can't be read names no client.

mod clause;
mod forms;

use crate::mail::message::{Envelope, Header, Message, Path};
use std::net::IpAddr;

/// Fields of one server and of the programs on it that are passed over: a content filter makes two,
/// qmail's queue one more.
const MAX_INNER: usize = 12;

/// What a trace field says about the client that handed the message in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// The client's address as the server saw it.
    pub ip: IpAddr,
    /// What it said in HELO, where that can be told.
    pub helo: Option<String>,
}

/// What one Received field says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trace {
    /// The server took the message from this client.
    Client(Hop),
    /// The server's queue wrote it; the field below names the client.
    Queue,
    /// No client is named, or in no form that is known.
    Unreadable,
}

/// Where following a message back has led.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    /// The client from outside of the server; `None` where a field on the way can't be read.
    pub hop: Option<Hop>,
    /// Received fields from the top, up to the one that names the client.
    pub fields: usize,
}

/// Reads one Received field.
pub fn read(header: &Header) -> Trace {
    let text = clause::unfolded(&String::from_utf8_lossy(&header.value));
    if forms::is_queue(&text) {
        return Trace::Queue;
    }
    match clause::Clause::parse(&text).and_then(|clause| forms::client(&clause)) {
        Some(hop) => Trace::Client(hop),
        None => Trace::Unreadable,
    }
}

/// Follows a message back through one server, whose topmost field is the one below `above` others.
///
/// A client on loopback is a program of that server, such as its content filter: what it took stands
/// one field further down. Loopback is nobody's word here: the server saw the connection.
pub fn follow(message: &Message, above: usize) -> Followed {
    let mut fields = above;
    for header in message
        .headers_named("Received")
        .skip(above)
        .take(MAX_INNER)
    {
        fields += 1;
        match read(header) {
            Trace::Client(hop) if hop.ip.is_loopback() => {}
            Trace::Queue => {}
            Trace::Client(hop) => {
                let hop = Some(hop);
                return Followed { hop, fields };
            }
            Trace::Unreadable => break,
        }
    }
    Followed { hop: None, fields }
}

/// The envelope by the trace of a delivered message, whoever wrote it: MAIL FROM from Return-Path, the client
/// from the topmost field that is no hop within the host that delivered it.
pub fn delivered(message: &Message) -> Option<Envelope> {
    let sender = message.headers_named("Return-Path").next()?;
    let fields = message.headers_named("Received").take(MAX_INNER);
    let hop = fields
        .filter(|header| !is_inner(header))
        .map(read)
        .next()
        .and_then(|trace| match trace {
            Trace::Client(hop) => Some(hop),
            Trace::Queue | Trace::Unreadable => None,
        })?;
    Some(Envelope {
        client_ip: Some(hop.ip),
        helo: hop.helo,
        mail_from: Some(Path::parse(&String::from_utf8_lossy(&sender.value))),
        ..Envelope::default()
    })
}

/// Whether a field names no client from outside of its host: a queue, a program on it, or the host itself by its
/// own name.
fn is_inner(header: &Header) -> bool {
    let text = clause::unfolded(&String::from_utf8_lossy(&header.value));
    match clause::Clause::parse(&text) {
        Some(clause) => {
            let is_loopback = forms::client(&clause).is_some_and(|hop| hop.ip.is_loopback());
            let names = clause.comments.iter().flat_map(|one| clause::words(one));
            let mut names = names.chain([clause.first]);
            is_loopback || names.any(|name| name.eq_ignore_ascii_case(clause.by))
        }
        None => !text.trim_start().to_ascii_lowercase().starts_with("from "),
    }
}

/// The envelope that a delivered message had when it reached the last of the `trusted` servers, the
/// newest first: the client from that server's Received field, MAIL FROM from Return-Path (RFC 5321
/// section 4.4). What these fields don't tell stays unknown; what stands below them is the sender's
/// own word and is not looked at. What is `given` goes before what the message tells.
pub fn envelope(message: &Message, trusted: usize, given: Envelope) -> Envelope {
    let Some(above) = trusted.checked_sub(1) else {
        return given;
    };
    let Followed { hop, fields } = follow(message, above);
    let (client_ip, trace_fields) = match given.client_ip {
        Some(ip) => (Some(ip), given.trace_fields),
        None => (hop.as_ref().map(|hop| hop.ip), fields),
    };
    let sender = message.headers_named("Return-Path").next();
    let sender = sender.map(|path| Path::parse(&String::from_utf8_lossy(&path.value)));
    Envelope {
        client_ip,
        trace_fields,
        helo: given.helo.or_else(|| hop.and_then(|hop| hop.helo)),
        mail_from: given.mail_from.or(sender),
        ..given
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(value: &str) -> Trace {
        read(&Header {
            name: b"Received".to_vec(),
            value: value.as_bytes().to_vec(),
        })
    }

    #[test]
    fn a_delivered_message_tells_its_envelope() {
        let text = b"Return-Path: <x@a.example>\n\
            Received: from gw (gw [192.0.2.9]) by store.example; x\n\
            Received: from mx.a.example (a [203.0.113.5]) by gw.example; x\n\
            Received: from forged (forged [198.51.100.1]) by nowhere; x\n\nx\n";
        let message = Message::parse(text).unwrap();
        let found = envelope(&message, 2, Envelope::default());
        assert_eq!(found.client_ip, "203.0.113.5".parse().ok());
        assert_eq!(found.trace_fields, 2);
        assert_eq!(found.helo.as_deref(), Some("mx.a.example"));
        assert_eq!(found.mail_from.unwrap().address, "x@a.example");
        let unread = envelope(&message, 4, Envelope::default());
        assert_eq!(unread.client_ip, None);
        let untold = envelope(&message, 0, Envelope::default());
        assert_eq!(untold, Envelope::default());
        let given = Envelope {
            client_ip: "198.51.100.9".parse().ok(),
            ..Envelope::default()
        };
        let found = envelope(&message, 2, given);
        assert_eq!(found.client_ip, "198.51.100.9".parse().ok());
        assert_eq!(found.trace_fields, 0);
        assert_eq!(found.helo.as_deref(), Some("mx.a.example"));
    }

    #[test]
    fn what_a_client_says_of_its_user_is_passed_over() {
        for comment in ["root@[203.0.113.5]", "root@a.example [203.0.113.5]"] {
            let text =
                format!("Received: from mx.a.example ({comment}) by gw (8.18.1/8.18.1); x\n\nx\n");
            let hop = follow(&Message::parse(text.as_bytes()).unwrap(), 0).hop;
            let ip = hop.map(|hop| hop.ip.to_string());
            assert_eq!(ip.as_deref(), Some("203.0.113.5"), "{comment}");
        }
    }

    #[test]
    fn a_filter_on_loopback_and_a_queue_are_passed_over() {
        let text = b"Received: from localhost (localhost [127.0.0.1]) by gw (Postfix); x\n\
            Received: from gw ([IPv6:::1]) by localhost (amavisd-new, port 10024); x\n\
            Received: (qmail 4711 invoked from network); x\n\
            Received: from unknown (HELO mx.a.example) (203.0.113.5) by gw with SMTP; x\n\
            Received: from forged (forged [198.51.100.1]) by nowhere; x\n\nx\n";
        let found = follow(&Message::parse(text).unwrap(), 0);
        assert_eq!(found.fields, 4);
        assert_eq!(found.hop.unwrap().ip.to_string(), "203.0.113.5");
    }

    #[test]
    fn nothing_is_looked_for_below_what_cannot_be_read() {
        let text = b"Received: from localhost (localhost [127.0.0.1]) by gw (Postfix); x\n\
            Received: by gw (Postfix, from userid 33); x\n\
            Received: from mx.a.example (a.example [203.0.113.5]) by gw; x\n\nx\n";
        let found = follow(&Message::parse(text).unwrap(), 0);
        assert_eq!((found.hop, found.fields), (None, 2));
    }

    #[test]
    fn local_submission_names_no_client() {
        for local in [
            " by gw.example (Postfix, from userid 0)\r\n\tid 4abc; x",
            " (from joe@localhost)\r\n\tby gw.example (8.17.1/8.17.1/Submit) id 4abc; x",
            " from joe by gw.example with local (Exim 4.96)\r\n\t(envelope-from <joe@gw.example>); x",
            " (qmail 4711 invoked by uid 1000); x",
            " from localhost by gw.example (gw [192.0.2.9]); x",
            "",
        ] {
            assert_eq!(trace(local), Trace::Unreadable, "{local}");
        }
    }

    #[test]
    fn a_hop_within_the_host_names_no_client() {
        let inner = |value: &str| {
            is_inner(&Header {
                name: b"Received".to_vec(),
                value: value.as_bytes().to_vec(),
            })
        };
        for (value, expected) in [
            (
                " from mx.a.example (a.example [203.0.113.5]) by gw.example; x",
                false,
            ),
            (
                " from localhost (localhost [127.0.0.1]) by gw.example; x",
                true,
            ),
            (" from localhost ([IPv6:::1]) by gw.example; x", true),
            (
                " from gw.example (gw.example [192.0.2.9]) by gw.example; x",
                true,
            ),
            (
                " from GW.example (other [192.0.2.9]) by gw.example; x",
                true,
            ),
            (
                " from other (gw.EXAMPLE [192.0.2.9]) by gw.example; x",
                true,
            ),
            (
                " from other (gw.example.org [192.0.2.9]) by gw.example; x",
                false,
            ),
            (" by gw.example (Postfix, from userid 0); x", true),
            (" (qmail 4711 invoked from network); x", true),
            (" FROM nowhere", false),
            ("", true),
        ] {
            assert_eq!(inner(value), expected, "{value}");
        }
    }

    #[test]
    fn each_server_has_its_form() {
        for (value, ip, helo) in [
            (
                " from mx (a.example [203.0.113.5]) by gw; x",
                "203.0.113.5",
                Some("mx"),
            ),
            (
                " from mx (<unknown> [203.0.113.5]) by gw; x",
                "203.0.113.5",
                Some("mx"),
            ),
            (
                " from mx ([203.0.113.5]) by gw; x",
                "203.0.113.5",
                Some("mx"),
            ),
            (
                " from mx (joe@a.example [203.0.113.5] (may be forged)) by gw; x",
                "203.0.113.5",
                Some("mx"),
            ),
            (
                " from [203.0.113.5] (port=25 helo=mx.a.example) by gw with esmtp; x",
                "203.0.113.5",
                Some("mx.a.example"),
            ),
            (
                " from [203.0.113.5] by gw with esmtp (Exim 4.96); x",
                "203.0.113.5",
                None,
            ),
            (
                " from a.example ([203.0.113.5]:4711 helo=mx.a.example) by gw; x",
                "203.0.113.5",
                Some("mx.a.example"),
            ),
            (
                " from a.example ([203.0.113.5] ident=joe) by gw; x",
                "203.0.113.5",
                Some("a.example"),
            ),
            (
                " from a.example (HELO mx.a.example) (203.0.113.5) by gw with SMTP; x",
                "203.0.113.5",
                Some("mx.a.example"),
            ),
            (
                " from a.example (joe@203.0.113.5) by gw with SMTP; x",
                "203.0.113.5",
                Some("a.example"),
            ),
            (
                " from mx (203.0.113.5) by gw (192.0.2.9) with Microsoft SMTP Server; x",
                "203.0.113.5",
                Some("mx"),
            ),
            (
                " from mx ([203.0.113.5]) by gw ([192.0.2.9]) with mapi id 15; x",
                "203.0.113.5",
                Some("mx"),
            ),
        ] {
            let Trace::Client(hop) = trace(value) else {
                panic!("{value}");
            };
            let found = (hop.ip.to_string(), hop.helo);
            assert_eq!(found, (ip.to_owned(), helo.map(str::to_owned)), "{value}");
        }
        for value in [
            " from [203.0.113.5] by gw with esmtp; x",
            " from [203.0.113.5] () by gw with esmtp; x",
            " from [203.0.113.5] (port=25 other=x) by gw with esmtp; x",
            " from a.example ([203.0.113.5]x helo=mx) by gw; x",
            " from a.example ([203.0.113.5] (x) by gw",
            " (qmail x invoked from network); x",
        ] {
            assert_eq!(trace(value), Trace::Unreadable, "{value}");
        }
        assert_eq!(trace(" (qmail 1 invoked from network); x"), Trace::Queue);
        assert_eq!(
            trace(" (qmail  invoked from network); x"),
            Trace::Unreadable
        );
    }
}
