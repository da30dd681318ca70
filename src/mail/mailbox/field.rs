//! The mailboxes of one field (RFC 5322 sections 3.4 and 4.4), read as leniently as any client does.

use crate::mail::decode::encoded_word;
use crate::mail::mailbox::{
    Found, Irregularity, Odd,
    address::Address,
    lexer::{Kind, Token},
    scan,
};

/// Reads the tokens of one field into `found`.
pub(crate) fn read(tokens: Vec<Token>, found: &mut Found) {
    let mut reader = Reader {
        found,
        entry: Entry::default(),
        loose: String::new(),
        pieces: 0,
        comma: false,
        without_address: false,
        in_group: false,
    };
    let last_semicolon = tokens
        .iter()
        .rposition(|token| token.kind == Kind::Semicolon);
    let mut rest = tokens.into_iter().enumerate().peekable();
    while let Some((at, token)) = rest.next() {
        match token.kind {
            Kind::Open => {
                let mut inside = Vec::new();
                let mut closed = false;
                // The end is the next `>`; where another `<` comes first, the bracket is unpaired
                // and the text inside runs up to there.
                while let Some((_, next)) = rest.next_if(|(_, next)| next.kind != Kind::Open) {
                    if next.kind == Kind::Close {
                        closed = true;
                        break;
                    }
                    inside.push(next);
                }
                if !closed {
                    reader.found.odd.add(Irregularity::UnpairedAngle);
                }
                reader.entry.angles.push(inside);
            }
            Kind::Close => reader.found.odd.add(Irregularity::UnpairedAngle),
            Kind::Comma => {
                reader.comma = true;
                reader.finish_entry();
            }
            Kind::Semicolon => {
                reader.finish_entry();
                if !std::mem::take(&mut reader.in_group) {
                    // Some clients take it for a comma.
                    reader.found.odd.add(Irregularity::UnquotedSemicolon);
                }
            }
            Kind::Colon if reader.begins_group() => {
                let closed = last_semicolon.is_some_and(|last| last > at);
                reader.found.odd.add(match closed {
                    true => Irregularity::Group,
                    false => Irregularity::UnquotedColon,
                });
                reader.in_group = closed;
                reader.finish_group_name(closed);
            }
            _ => reader.entry.push(token),
        }
    }
    reader.finish_entry();
    reader.finish_loose();
    if reader.comma && reader.without_address {
        reader.found.odd.add(Irregularity::UnquotedComma);
    }
}

/// What stands between two commas.
#[derive(Default)]
struct Entry {
    before: Vec<Token>,
    angles: Vec<Vec<Token>>,
    after: Vec<Token>,
}

impl Entry {
    fn push(&mut self, token: Token) {
        match self.angles.is_empty() {
            true => self.before.push(token),
            false => self.after.push(token),
        }
    }
}

struct Reader<'a> {
    found: &'a mut Found,
    entry: Entry,
    /// The texts of entries without an address, put together again: pieces of a name that commas or
    /// colons had cut.
    loose: String,
    /// How many pieces.
    pieces: usize,
    comma: bool,
    /// Whether there was a piece where an address belongs.
    without_address: bool,
    in_group: bool,
}

impl Reader<'_> {
    fn begins_group(&self) -> bool {
        !self.in_group
            && self.entry.angles.is_empty()
            && !self.entry.before.is_empty()
            && !has(&self.entry.before, Kind::At)
    }

    fn finish_group_name(&mut self, is_group: bool) {
        let entry = std::mem::take(&mut self.entry);
        let text = phrase(&entry.before);
        self.found.name(&text);
        if !is_group {
            self.piece(&text, ": ");
        }
    }

    fn piece(&mut self, text: &str, separator: &str) {
        self.loose.push_str(text);
        self.loose.push_str(separator);
        self.pieces += 1;
    }

    fn finish_entry(&mut self) {
        let entry = std::mem::take(&mut self.entry);
        self.read_entry(&entry);
        let all = entry.before.iter().chain(entry.angles.iter().flatten());
        for comment in all.chain(&entry.after).filter(|token| !is_text(token)) {
            if has_address(&comment.text) {
                self.found.odd.add(Irregularity::AddressInComment);
            }
            self.found.name(&comment.text);
        }
    }

    fn read_entry(&mut self, entry: &Entry) {
        let text = phrase(&entry.before);
        if entry.angles.is_empty() {
            match self.bare(&entry.before) {
                0 => self.name_only(&entry.before, &text),
                _ => self.finish_loose(),
            }
            return;
        }
        self.found.name(&text);
        if has(&entry.before, Kind::At) {
            self.found.odd.add(Irregularity::UnquotedAtInName);
        }
        if entry
            .angles
            .iter()
            .filter(|angle| !angle.is_empty())
            .count()
            > 1
        {
            self.found.odd.add(Irregularity::MultipleAngles);
        }
        if entry.angles.iter().any(|angle| has(angle, Kind::Comment)) {
            self.found.odd.add(Irregularity::CommentInAddress);
        }
        let mut addresses = 0;
        for angle in &entry.angles {
            addresses += self.angle(angle);
        }
        let after = phrase(&entry.after);
        if !after.is_empty() {
            self.found.odd.add(Irregularity::TextAfterAddress);
            if has(&entry.after, Kind::At) {
                addresses += self.bare(&entry.after);
            }
            self.found.name(&after);
        }
        if addresses == 0 {
            return self.name_only(&entry.before, &text);
        }
        if has_address(&text) {
            self.found.odd.add(Irregularity::AddressInName);
        }
        if self.pieces > 0 && !text.is_empty() {
            self.piece(&text, "");
        }
        self.finish_loose();
    }

    /// A name without an address, which may hold the address in a form that some clients
    /// understand.
    fn name_only(&mut self, tokens: &[Token], text: &str) {
        if !self.disguised(tokens, text) && !text.is_empty() {
            self.without_address = true;
            self.piece(text, ", ");
        }
    }

    fn disguised(&mut self, tokens: &[Token], text: &str) -> bool {
        self.found.name(text);
        if !has_address(text) {
            return false;
        }
        let quoted = tokens
            .iter()
            .any(|token| token.kind == Kind::Quoted && has_address(&token.text));
        self.found.odd.add(match quoted {
            true => Irregularity::QuotedLocalWithoutDomain,
            false => Irregularity::EncodedAddress,
        });
        true
    }

    /// Puts a name together again.
    fn finish_loose(&mut self) {
        let name = std::mem::take(&mut self.loose);
        self.pieces = 0;
        self.found.name(name.trim_end_matches([',', ':', ' ']));
    }

    /// Addresses without angle brackets; tells how many.
    fn bare(&mut self, tokens: &[Token]) -> usize {
        let chunks = self.chunks(tokens);
        let addresses = chunks.iter().filter(|chunk| chunk.is_address()).count();
        if addresses > 1 {
            self.found.odd.add(Irregularity::MultipleAngles);
        }
        if addresses == 1 {
            self.going_on(&chunks);
        }
        let mut words: Vec<&str> = Vec::new();
        let mut seen = false;
        for chunk in &chunks {
            if chunk.is_address() {
                seen = true;
                self.chunk(chunk);
            } else if addresses > 0 {
                self.found.odd.add(match seen {
                    true => Irregularity::TextAfterAddress,
                    false => Irregularity::NameWithoutAngles,
                });
                words.extend(chunk.parts.iter().map(String::as_str));
            }
        }
        self.found.name(&words.join(" "));
        addresses
    }

    /// The address that a client shows which leaves out blanks and comments behind it ("x@ba nk.com").
    fn going_on(&mut self, chunks: &[Chunk]) {
        let from = chunks.iter().position(Chunk::is_address);
        let from = from.and_then(|at| chunks.get(at..)).unwrap_or_default();
        if from.len() < 2 {
            return;
        }
        let joined: String = from.iter().map(Chunk::text).collect();
        let ends = |address: &Address| {
            let domain = address.domain.as_ref();
            domain.is_some_and(scan::has_known_suffix)
        };
        self.found.in_names(scan::addresses(&joined).filter(ends));
    }

    /// What stands between angle brackets; tells how many addresses.
    fn angle(&mut self, tokens: &[Token]) -> usize {
        let mut rest = tokens;
        // RFC 5322 section 4.4: obs-route.
        if tokens.first().map(|token| token.kind) == Some(Kind::At)
            && let Some(colon) = tokens.iter().position(|token| token.kind == Kind::Colon)
        {
            let (route, target) = tokens.split_at(colon);
            self.found.odd.add(Irregularity::Route);
            // A client that knows no routes shows the first hop's domain.
            for hop in route.split(|token| token.kind == Kind::At).skip(1) {
                let hop: Vec<Token> = hop
                    .iter()
                    .filter(|token| token.kind != Kind::Comma)
                    .cloned()
                    .collect();
                let address = Address::new("", &phrase(&hop), &mut Odd::default());
                self.found.candidates(std::iter::once(address));
            }
            rest = target.get(1..).unwrap_or_default();
        }
        let mut addresses = 0;
        for part in rest.split(|token| matches!(token.kind, Kind::Comma | Kind::Semicolon)) {
            let chunks = self.chunks(part);
            if chunks.len() > 1 {
                self.found.odd.add(Irregularity::BlankInAddress);
                // A client that leaves the blanks out.
                let joined: String = part
                    .iter()
                    .filter(is_text)
                    .map(|token| &*token.text)
                    .collect();
                self.found.candidates(scan::addresses(&joined));
            }
            for chunk in &chunks {
                match chunk.is_address() {
                    true => {
                        addresses += 1;
                        self.chunk(chunk);
                    }
                    false if chunks.len() > 1 => self.found.name(&chunk.text()),
                    false => {
                        self.disguised(part, &chunk.text());
                    }
                }
            }
        }
        addresses
    }

    /// Splits at white space and comments that don't touch an `@` or a dot.
    fn chunks(&mut self, tokens: &[Token]) -> Vec<Chunk> {
        let mut chunks: Vec<Chunk> = Vec::new();
        let mut gap = false;
        let mut commented = false;
        for token in tokens {
            if !is_text(&token) {
                (gap, commented) = (true, true);
                continue;
            }
            let apart = gap || token.spaced;
            match chunks.last_mut() {
                Some(chunk) if chunk.continues_with(token, apart) => {
                    // RFC 5322 section 3.4.1 allows white space and comments next to the `@`,
                    // its obsolete syntax also next to dots.
                    let at = chunk.ends_in_at || token.kind == Kind::At;
                    if commented {
                        self.found.odd.add(Irregularity::CommentInAddress);
                    }
                    if apart && !at {
                        self.found.odd.add(Irregularity::BlankInAddress);
                    }
                    chunk.push(token);
                }
                _ => {
                    let mut chunk = Chunk::default();
                    chunk.push(token);
                    chunks.push(chunk);
                }
            }
            (gap, commented) = (false, false);
        }
        chunks
    }

    /// The addresses that a chunk with an `@` can be read as.
    fn chunk(&mut self, chunk: &Chunk) {
        let odd = &mut self.found.odd;
        let parts: Vec<&str> = chunk.parts.iter().map(String::as_str).collect();
        if chunk.lookalike {
            odd.add(Irregularity::LookalikeAt);
        }
        if chunk.colon {
            odd.add(Irregularity::UnquotedColon);
        }
        if chunk.quoted_domain {
            odd.add(Irregularity::BadDomain);
        }
        let [locals @ .., domain] = &*parts else {
            return;
        };
        let local = locals.join("@");
        if has_address(&local) || chunk.quoted_at {
            odd.add(match locals.len() {
                1 => Irregularity::AddressInLocalPart,
                _ => Irregularity::MultipleAts,
            });
        } else if locals.len() > 1 {
            odd.add(Irregularity::MultipleAts);
        }
        let text = chunk.text();
        let decoded = encoded_word::decode(&text);
        if decoded != text {
            odd.add(Irregularity::EncodedAddress);
        }
        let address = Address::new(&local, domain, odd);
        self.found.in_names(scan::addresses(&local));
        self.found.structural(address);
    }
}

/// A run of tokens without blanks: what stands before, between and behind its `@`s.
#[derive(Default)]
struct Chunk {
    parts: Vec<String>,
    /// Whether one of the parts is not empty.
    filled: bool,
    ends_in_at: bool,
    ends_in_dot: bool,
    lookalike: bool,
    quoted_at: bool,
    quoted_domain: bool,
    colon: bool,
    /// Whether a domain stands at the end that nothing can continue.
    complete: bool,
}

impl Chunk {
    fn is_address(&self) -> bool {
        self.parts.len() > 1 && self.filled
    }

    fn text(&self) -> String {
        self.parts.join("@")
    }

    /// Whether `token` belongs to it, which stands apart from it or doesn't.
    fn continues_with(&self, token: &Token, apart: bool) -> bool {
        if token.kind == Kind::At || self.ends_in_at {
            return true;
        }
        // `a@x"Shop"` and `a@[192.0.2.1]Shop` are an address and a text.
        let ends = self.is_address() && (self.complete || token.kind == Kind::Quoted);
        !ends && (!apart || self.ends_in_dot || starts_with_dot(token))
    }

    fn push(&mut self, token: &Token) {
        if self.parts.is_empty() {
            self.parts.push(String::new());
        }
        self.ends_in_at = token.kind == Kind::At;
        self.colon |= token.kind == Kind::Colon;
        let quoted = token.kind == Kind::Quoted;
        self.quoted_domain |= quoted && self.is_address();
        self.complete = self.is_address() && (quoted || token.kind == Kind::Literal);
        self.ends_in_dot = token.kind == Kind::Word && token.text.ends_with('.');
        match token.kind {
            Kind::At => self.parts.push(String::new()),
            Kind::Word if token.text.contains(scan::is_lookalike_at) => {
                self.lookalike = true;
                for (nth, piece) in token.text.split(scan::is_lookalike_at).enumerate() {
                    if nth > 0 {
                        self.parts.push(String::new());
                    }
                    self.extend(piece);
                }
            }
            _ => {
                self.quoted_at |= token.kind == Kind::Quoted && token.text.contains('@');
                self.extend(&token.text);
            }
        }
    }

    fn extend(&mut self, text: &str) {
        if let Some(last) = self.parts.last_mut() {
            last.push_str(text);
            self.filled |= !text.is_empty();
        }
    }
}

fn starts_with_dot(token: &Token) -> bool {
    token.kind == Kind::Word && token.text.starts_with('.')
}

fn has(tokens: &[Token], kind: Kind) -> bool {
    tokens.iter().any(|token| token.kind == kind)
}

fn is_text(token: &&Token) -> bool {
    token.kind != Kind::Comment
}

fn has_address(text: &str) -> bool {
    scan::addresses(&encoded_word::decode(text))
        .next()
        .is_some()
}

/// The text of a phrase, comments left out, encoded words not yet decoded.
fn phrase(tokens: &[Token]) -> String {
    let mut out = String::new();
    for token in tokens.iter().filter(is_text) {
        if token.spaced && !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&token.text);
    }
    out
}
