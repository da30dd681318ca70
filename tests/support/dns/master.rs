//! Master files (RFC 1035 section 5), read line by line so that an error can name its line.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use hickory_proto::rr::rdata::{A, AAAA, CNAME, MX, NS, PTR, SOA, TXT};
use hickory_proto::rr::{Name, RData, Record, RecordType};

use super::zone::{Fault, Zone};

/// What is wrong with a zone, where, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneError {
    /// Line in the text, counted from 1; for an entry in parentheses its first line.
    pub line: usize,
    pub text: String,
}

impl fmt::Display for ZoneError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.text)
    }
}

impl std::error::Error for ZoneError {}

/// One word of an entry. `quoted` tells the string "TIMEOUT" from the fault TIMEOUT.
#[derive(Clone, Debug)]
struct Token {
    octets: Vec<u8>,
    /// As written, escapes untouched: names are unescaped by the name parser.
    raw: String,
    quoted: bool,
}

/// One entry: its words, whether it began in the first column, and its first line.
struct Entry {
    line: usize,
    indented: bool,
    tokens: Vec<Token>,
}

/// Reads a whole master file. `$INCLUDE` and classes other than IN are errors.
pub fn parse(text: &str) -> Result<Zone, ZoneError> {
    let mut zone = Zone::default();
    let mut state = Defaults {
        origin: Name::root(),
        ttl: 300,
        owner: None,
    };
    for entry in entries(text)? {
        let line = entry.line;
        state
            .entry(entry, &mut zone)
            .map_err(|text| ZoneError { line, text })?;
    }
    Ok(zone)
}

/// The labels of a name, whatever octets they hold, and whether it ends in the root: a backslash takes
/// the next character or the octet of three digits as it is (RFC 1035 section 5.1).
fn labels(written: &str) -> Result<(Vec<Vec<u8>>, bool), String> {
    let (mut labels, mut label) = (Vec::new(), Vec::new());
    let mut rest = written.bytes();
    while let Some(octet) = rest.next() {
        match octet {
            b'.' if written == "." => {}
            b'.' => labels.push(std::mem::take(&mut label)),
            b'\\' => {
                let escaped = rest.next().ok_or("it ends in a backslash")?;
                if !escaped.is_ascii_digit() {
                    label.push(escaped);
                    continue;
                }
                let mut digits = vec![escaped];
                digits.extend(rest.by_ref().take(2));
                let number = String::from_utf8_lossy(&digits).parse();
                label.push(number.map_err(|_| "a backslash wants three digits up to 255")?);
            }
            octet => label.push(octet),
        }
    }
    let is_absolute = label.is_empty();
    if !is_absolute {
        labels.push(label);
    }
    Ok((labels, is_absolute))
}

/// What an entry may leave out.
struct Defaults {
    origin: Name,
    ttl: u32,
    owner: Option<Name>,
}

impl Defaults {
    fn entry(&mut self, entry: Entry, zone: &mut Zone) -> Result<(), String> {
        let mut words = entry.tokens.into_iter().peekable();
        if !entry.indented {
            let Some(first) = words.next() else {
                return Ok(());
            };
            if !first.quoted && first.raw.starts_with('$') {
                return self.directive(&first.raw, &words.collect::<Vec<_>>());
            }
            self.owner = Some(self.name(&first)?);
        }
        let owner = self
            .owner
            .clone()
            .ok_or("an indented entry needs a name in a line before it")?;

        let mut ttl = self.ttl;
        let (mut saw_class, mut saw_ttl) = (false, false);
        // TTL and class may come in either order (RFC 1035 section 5.1).
        while let Some(word) = words.peek().filter(|word| !word.quoted) {
            let upper = word.raw.to_ascii_uppercase();
            if !saw_class && upper == "IN" {
                saw_class = true;
            } else if !saw_ttl && upper.starts_with(|c: char| c.is_ascii_digit()) {
                ttl = duration(&upper)?;
                saw_ttl = true;
            } else if !saw_class && matches!(upper.as_str(), "CH" | "HS") {
                return Err(format!("class {upper} is not served; only IN is"));
            } else {
                break;
            }
            words.next();
        }
        let kind = words
            .next()
            .ok_or("the type is missing (NAME [TTL] [IN] TYPE VALUE)")?;
        let values: Vec<Token> = words.collect();
        self.record(zone, owner, ttl, &kind, &values)
    }

    fn directive(&mut self, directive: &str, values: &[Token]) -> Result<(), String> {
        match (directive.to_ascii_uppercase().as_str(), values) {
            ("$TTL", [ttl]) => self.ttl = duration(&ttl.raw.to_ascii_uppercase())?,
            ("$ORIGIN", [origin]) => self.origin = self.name(origin)?,
            ("$TTL" | "$ORIGIN", _) => return Err(format!("{directive} takes one value")),
            _ => {
                return Err(format!(
                    "{directive} is unknown; $TTL and $ORIGIN are served"
                ));
            }
        }
        Ok(())
    }

    fn record(
        &self,
        zone: &mut Zone,
        owner: Name,
        ttl: u32,
        kind: &Token,
        values: &[Token],
    ) -> Result<(), String> {
        let upper = kind.raw.to_ascii_uppercase();
        // `NAME TIMEOUT` holds for every type at the name, `NAME TXT TIMEOUT` for that one.
        let mut whole = vec![kind.clone()];
        whole.extend_from_slice(values);
        if let Some(fault) = fault(&whole)? {
            zone.add_fault(&owner, None, fault);
            return Ok(());
        }
        let record_type = match upper.as_str() {
            "ANY" => None,
            "A" | "AAAA" | "CNAME" | "MX" | "NS" | "PTR" | "SOA" | "TXT" => {
                Some(upper.parse::<RecordType>().map_err(|e| e.to_string())?)
            }
            _ => {
                return Err(format!(
                    "type {} is not served; A, AAAA, CNAME, MX, NS, PTR, SOA, TXT are, and the faults {FAULTS}",
                    kind.raw
                ));
            }
        };
        if let Some(fault) = fault(values)? {
            zone.add_fault(&owner, record_type, fault);
            return Ok(());
        }
        let record_type = record_type.ok_or_else(|| format!("ANY takes a fault: {FAULTS}"))?;
        let data = self.data(record_type, values)?;
        zone.add_record(Record::from_rdata(owner, ttl, data))
    }

    fn data(&self, record_type: RecordType, values: &[Token]) -> Result<RData, String> {
        Ok(match (record_type, values) {
            (RecordType::A, [ip]) => RData::A(A(ip
                .raw
                .parse::<Ipv4Addr>()
                .map_err(|_| format!("A takes an IPv4 address, not {}", ip.raw))?)),
            (RecordType::AAAA, [ip]) => {
                RData::AAAA(AAAA(ip.raw.parse::<Ipv6Addr>().map_err(|_| {
                    format!("AAAA takes an IPv6 address, not {}", ip.raw)
                })?))
            }
            (RecordType::CNAME, [name]) => RData::CNAME(CNAME(self.name(name)?)),
            (RecordType::NS, [name]) => RData::NS(NS(self.name(name)?)),
            (RecordType::PTR, [name]) => RData::PTR(PTR(self.name(name)?)),
            (RecordType::MX, [preference, host]) => RData::MX(MX::new(
                number(preference, "the MX preference", u16::MAX.into())? as u16,
                self.name(host)?,
            )),
            (RecordType::SOA, [mname, rname, serial, refresh, retry, expire, minimum]) => {
                let time = |value: &Token| duration(&value.raw.to_ascii_uppercase());
                RData::SOA(SOA::new(
                    self.name(mname)?,
                    self.name(rname)?,
                    number(serial, "the SOA serial", u32::MAX)?,
                    time(refresh)?.cast_signed(),
                    time(retry)?.cast_signed(),
                    time(expire)?.cast_signed(),
                    time(minimum)?,
                ))
            }
            (RecordType::TXT, [_, ..]) => RData::TXT(text(values)?),
            (RecordType::MX, _) => return Err("MX takes PREFERENCE HOST".to_owned()),
            (RecordType::SOA, _) => {
                let right = "SOA takes MNAME RNAME SERIAL REFRESH RETRY EXPIRE MINIMUM";
                return Err(right.to_owned());
            }
            (RecordType::TXT, _) => {
                return Err("TXT takes one character-string or more".to_owned());
            }
            (other, _) => return Err(format!("{other} takes one value, not {}", values.len())),
        })
    }

    fn name(&self, token: &Token) -> Result<Name, String> {
        let written = &token.raw;
        let wrong = |why: String| format!("{written:?} is no domain name: {why}");
        if written == "@" && !token.quoted {
            return Ok(self.origin.clone());
        }
        let (labels, is_absolute) = labels(written).map_err(wrong)?;
        let name = Name::from_labels(labels).map_err(|e| wrong(e.to_string()))?;
        if is_absolute {
            return Ok(name);
        }
        let mut relative = name;
        relative.set_fqdn(false);
        relative
            .append_domain(&self.origin)
            .map_err(|e| wrong(e.to_string()))
    }
}

const FAULTS: &str =
    "TIMEOUT, SERVFAIL, REFUSED, LAME, TRUNCATE, WRONGNAME, CIRCLE, DELAY MILLISECONDS";

/// A fault where a value is expected; quoted words are values.
fn fault(values: &[Token]) -> Result<Option<Fault>, String> {
    let Some(word) = values.first().filter(|word| !word.quoted) else {
        return Ok(None);
    };
    let fault = match (word.raw.as_str(), &values[1..]) {
        ("TIMEOUT", []) => Fault::Timeout,
        ("SERVFAIL", []) => Fault::ServFail,
        ("REFUSED", []) => Fault::Refused,
        ("LAME", []) => Fault::Lame,
        ("TRUNCATE", []) => Fault::Truncate,
        ("WRONGNAME", []) => Fault::WrongName,
        ("CIRCLE", []) => Fault::Circle,
        ("DELAY", [ms]) => Fault::Delay(number(ms, "the delay in milliseconds", 3_600_000)?.into()),
        ("DELAY", _) => return Err("DELAY takes milliseconds".to_owned()),
        ("TIMEOUT" | "SERVFAIL" | "REFUSED" | "LAME" | "TRUNCATE" | "WRONGNAME" | "CIRCLE", _) => {
            return Err(format!("the fault {} takes no value", word.raw));
        }
        _ => return Ok(None),
    };
    Ok(Some(fault))
}

fn text(values: &[Token]) -> Result<TXT, String> {
    if let Some(long) = values.iter().find(|value| value.octets.len() > 255) {
        return Err(format!(
            "a character-string has {} octets; 255 are allowed, split it in several",
            long.octets.len()
        ));
    }
    Ok(TXT::from_bytes(
        values.iter().map(|value| value.octets.as_slice()).collect(),
    ))
}

fn number(token: &Token, what: &str, max: u32) -> Result<u32, String> {
    let value: Option<u32> = token.raw.parse().ok().filter(|value| *value <= max);
    value.ok_or_else(|| format!("{what} is a number up to {max}, not {}", token.raw))
}

/// Seconds, or BIND's `1h30m` spelling; expects upper case.
fn duration(written: &str) -> Result<u32, String> {
    let wrong = || format!("{written} is no time; seconds, or numbers with W, D, H, M, S");
    let (mut total, mut digits) = (0_u32, String::new());
    for c in written.chars() {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        let unit = match c {
            'W' => 604_800,
            'D' => 86_400,
            'H' => 3_600,
            'M' => 60,
            'S' => 1,
            _ => return Err(wrong()),
        };
        let count: u32 = digits.parse().map_err(|_| wrong())?;
        total = count
            .checked_mul(unit)
            .and_then(|s| s.checked_add(total))
            .ok_or_else(wrong)?;
        digits.clear();
    }
    let rest = if digits.is_empty() {
        0
    } else {
        digits.parse::<u32>().map_err(|_| wrong())?
    };
    // RFC 2181 section 8: a TTL has 31 bits.
    let sum = total.checked_add(rest).filter(|sum| *sum <= 0x7fff_ffff);
    sum.filter(|_| !written.is_empty()).ok_or_else(wrong)
}

/// Cuts the text into entries: comments dropped, parentheses join lines, quotes hold spaces.
fn entries(text: &str) -> Result<Vec<Entry>, ZoneError> {
    let mut lexer = Lexer::default();
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        lexer
            .line(line, number)
            .map_err(|text| ZoneError { line: number, text })?;
    }
    match lexer.open_since {
        Some(line) => Err(ZoneError {
            line,
            text: "this ( is never closed by )".to_owned(),
        }),
        None => Ok(lexer.entries),
    }
}

#[derive(Default)]
struct Lexer {
    entries: Vec<Entry>,
    /// Line of the open parenthesis; the entry that it is in stays open with it.
    open_since: Option<usize>,
}

impl Lexer {
    fn line(&mut self, line: &str, number: usize) -> Result<(), String> {
        if self.open_since.is_none() {
            let indented = line.starts_with([' ', '\t']);
            self.entries.push(Entry {
                line: number,
                indented,
                tokens: Vec::new(),
            });
        }
        let mut chars = line.chars().peekable();
        while let Some(&c) = chars.peek() {
            match c {
                ';' => break,
                '(' if self.open_since.is_some() => return Err("( within ( )".to_owned()),
                '(' => self.open_since = Some(number),
                ')' if self.open_since.is_none() => return Err(") without (".to_owned()),
                ')' => self.open_since = None,
                c if c.is_whitespace() => {}
                _ => {
                    let token = token(&mut chars)?;
                    if let Some(entry) = self.entries.last_mut() {
                        entry.tokens.push(token);
                    }
                    continue;
                }
            }
            chars.next();
        }
        if self.open_since.is_none() && self.entries.last().is_some_and(|e| e.tokens.is_empty()) {
            self.entries.pop();
        }
        Ok(())
    }
}

fn token(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<Token, String> {
    let quoted = chars.next_if_eq(&'"').is_some();
    let mut token = Token {
        octets: Vec::new(),
        raw: String::new(),
        quoted,
    };
    loop {
        match chars.peek().copied() {
            Some('"') if quoted => {
                chars.next();
                return Ok(token);
            }
            None if quoted => return Err("the quote \" is not closed in its line".to_owned()),
            None => return Ok(token),
            Some(';' | '(' | ')' | '"') if !quoted => return Ok(token),
            Some(c) if !quoted && c.is_whitespace() => return Ok(token),
            Some('\\') => {
                chars.next();
                token.escape(chars)?;
            }
            Some(c) => {
                chars.next();
                token.raw.push(c);
                token
                    .octets
                    .extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
    }
}

impl Token {
    /// RFC 1035 section 5.1: `\DDD` is the octet with that decimal value, `\X` is X itself.
    fn escape(
        &mut self,
        chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
    ) -> Result<(), String> {
        self.raw.push('\\');
        let first = chars
            .next()
            .ok_or("a \\ ends the line; it takes \\DDD or \\X")?;
        self.raw.push(first);
        if !first.is_ascii_digit() {
            self.octets
                .extend_from_slice(first.encode_utf8(&mut [0; 4]).as_bytes());
            return Ok(());
        }
        let mut digits = String::from(first);
        digits.extend(chars.by_ref().take(2));
        self.raw.push_str(&digits[1..]);
        let octet = digits.parse::<u8>().ok().filter(|_| digits.len() == 3);
        self.octets
            .push(octet.ok_or_else(|| format!("\\{digits} is no octet; \\000 to \\255"))?);
        Ok(())
    }
}
