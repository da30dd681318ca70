//! The records and faults of all names, and what a question about them is answered with.

use std::collections::BTreeMap;
use std::time::Duration;

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::rdata::{CNAME, NS, SOA};
use hickory_proto::rr::{Name, RData, Record, RecordType};

/// What goes wrong when a name is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// No answer ever, over UDP or TCP.
    Timeout,
    ServFail,
    Refused,
    /// An empty answer that points up the tree: the server knows nothing of the zone.
    Lame,
    /// Over UDP an empty answer with TC; over TCP the connection is cut.
    Truncate,
    /// The name's records as those of another name.
    WrongName,
    /// An alias of itself.
    Circle,
    /// The right answer, that many milliseconds late.
    Delay(u64),
}

/// All names, without zone cuts: whatever is not here does not exist.
#[derive(Clone, Debug, Default)]
pub struct Zone {
    /// Key: the labels from the root down, lower case; so a name's descendants follow it.
    nodes: BTreeMap<Key, Node>,
}

type Key = Vec<Vec<u8>>;

#[derive(Clone, Debug, Default)]
struct Node {
    records: Vec<Record>,
    faults: Vec<(Option<RecordType>, Fault)>,
}

/// What the server does with a question.
#[derive(Clone, Debug)]
pub enum Answer {
    Silence,
    /// TC over UDP, a cut connection over TCP.
    Truncated,
    Reply {
        after: Duration,
        code: ResponseCode,
        answers: Vec<Record>,
        authority: Vec<Record>,
    },
}

/// A chain longer than this is answered with SERVFAIL, as resolvers do with loops.
const MAX_CHAIN: usize = 16;

impl Zone {
    pub(super) fn add_fault(&mut self, owner: &Name, kind: Option<RecordType>, fault: Fault) {
        self.nodes
            .entry(key(owner))
            .or_default()
            .faults
            .push((kind, fault));
    }

    /// A CNAME excludes all else at its name (RFC 1034 section 3.6.2).
    pub(super) fn add_record(&mut self, record: Record) -> Result<(), String> {
        let node = self.nodes.entry(key(&record.name)).or_default();
        let is_alias = |record: &Record| record.record_type() == RecordType::CNAME;
        let clash = node
            .records
            .iter()
            .any(|other| is_alias(other) || is_alias(&record));
        if clash {
            return Err(format!("{}: a CNAME stands alone at its name", record.name));
        }
        node.records.push(record);
        Ok(())
    }

    /// Puts the records and faults of `other` in the place of what the same names hold here.
    pub(super) fn replace(&mut self, other: Self) {
        self.nodes.extend(other.nodes);
    }

    /// Takes the name away with its records and faults; names under it stay.
    pub(super) fn remove(&mut self, name: &Name) {
        self.nodes.remove(&key(name));
    }

    /// Answers as a server that holds the whole tree, following aliases.
    pub fn answer(&self, name: &Name, kind: RecordType) -> Answer {
        let mut answers = Vec::new();
        let mut after = Duration::ZERO;
        let mut current = name.clone();
        for _ in 0..MAX_CHAIN {
            let node = self.node(&current);
            match node.and_then(|node| node.fault(kind)) {
                Some(Fault::Timeout) => return Answer::Silence,
                Some(Fault::Truncate) => return Answer::Truncated,
                Some(Fault::ServFail) => return failure(after, ResponseCode::ServFail),
                Some(Fault::Refused) => return failure(after, ResponseCode::Refused),
                Some(Fault::Lame) => return lame(),
                Some(Fault::WrongName) => {
                    let other = Name::from_ascii("other.test.").unwrap_or_default();
                    let known = node.map(|node| node.records(kind, &other));
                    return answered(known.unwrap_or_default());
                }
                Some(Fault::Circle) => {
                    let alias = RData::CNAME(CNAME(current.clone()));
                    return answered(vec![Record::from_rdata(current, 300, alias)]);
                }
                Some(Fault::Delay(ms)) => after += Duration::from_millis(ms),
                None => {}
            }
            // The question's own spelling comes back: resolvers may mix case and compare (0x20).
            let found = node
                .map(|node| node.records(kind, &current))
                .unwrap_or_default();
            let target = found.first().and_then(|record| match &record.data {
                RData::CNAME(alias) if kind != RecordType::CNAME => Some(alias.0.clone()),
                _ => None,
            });
            let empty = found.is_empty();
            answers.extend(found);
            match target {
                Some(target) => current = target,
                None if empty => return self.negative(&current, after, answers),
                None => {
                    let (code, authority) = (ResponseCode::NoError, Vec::new());
                    return Answer::Reply {
                        after,
                        code,
                        answers,
                        authority,
                    };
                }
            }
        }
        failure(after, ResponseCode::ServFail)
    }

    /// What a name holds; where it doesn't exist, what the closest wildcard above it holds (RFC 4592), be it a
    /// fault.
    fn node(&self, name: &Name) -> Option<&Node> {
        let mut above = key(name);
        if let Some(node) = self.nodes.get(&above) {
            return Some(node);
        }
        while !self.exists(name) && above.pop().is_some() {
            above.push(b"*".to_vec());
            if let Some(node) = self.nodes.get(&above) {
                return Some(node);
            }
            above.pop();
        }
        None
    }

    /// NXDOMAIN or NODATA, with the SOA that says how long it may be kept (RFC 2308). After an
    /// alias the code speaks of the last name (RFC 6604 section 3).
    fn negative(&self, name: &Name, after: Duration, answers: Vec<Record>) -> Answer {
        let code = if self.exists(name) || self.node(name).is_some() {
            ResponseCode::NoError
        } else {
            ResponseCode::NXDomain
        };
        Answer::Reply {
            after,
            code,
            answers,
            authority: vec![self.soa(name)],
        }
    }

    /// A name exists where it or anything under it holds something: empty non-terminals do
    /// (RFC 8020 section 3.1).
    fn exists(&self, name: &Name) -> bool {
        let key = key(name);
        self.nodes
            .range(key.clone()..)
            .next()
            .is_some_and(|(other, _)| other.starts_with(&key))
    }

    /// The SOA of the nearest zone above the name; the root's, made up, where the file has none.
    fn soa(&self, name: &Name) -> Record {
        let mut above = key(name);
        loop {
            let soa = self.nodes.get(&above).and_then(|node| {
                node.records
                    .iter()
                    .find(|record| record.record_type() == RecordType::SOA)
            });
            if let Some(soa) = soa {
                let mut soa = soa.clone();
                if let RData::SOA(data) = &soa.data {
                    // RFC 2308 section 3: the smaller of both is the time to keep it.
                    soa.ttl = soa.ttl.min(data.minimum);
                }
                return soa;
            }
            if above.pop().is_none() {
                let soa = SOA::new(Name::root(), Name::root(), 1, 3600, 600, 86_400, 300);
                return Record::from_rdata(Name::root(), 300, RData::SOA(soa));
            }
        }
    }
}

impl Node {
    /// A fault of the type itself comes before one of the whole name.
    fn fault(&self, kind: RecordType) -> Option<Fault> {
        let of = |wanted| self.faults.iter().find(|(kind, _)| *kind == wanted);
        of(Some(kind)).or_else(|| of(None)).map(|(_, fault)| *fault)
    }

    /// The records of a type, or the alias that stands in their place, owned by `asked`.
    fn records(&self, kind: RecordType, asked: &Name) -> Vec<Record> {
        let wanted = |record: &&Record| {
            let own = record.record_type();
            own == kind || kind == RecordType::ANY || own == RecordType::CNAME
        };
        let mut records: Vec<Record> = self.records.iter().filter(wanted).cloned().collect();
        for record in &mut records {
            record.name = asked.clone();
        }
        records
    }
}

fn failure(after: Duration, code: ResponseCode) -> Answer {
    Answer::Reply {
        after,
        code,
        answers: Vec::new(),
        authority: Vec::new(),
    }
}

/// NOERROR with these records.
fn answered(answers: Vec<Record>) -> Answer {
    Answer::Reply {
        after: Duration::ZERO,
        code: ResponseCode::NoError,
        answers,
        authority: Vec::new(),
    }
}

/// NOERROR without an answer, and the root's servers in the place of a SOA (RFC 1912 section 2.8).
fn lame() -> Answer {
    let host = Name::from_ascii("a.root.test.").unwrap_or_default();
    Answer::Reply {
        after: Duration::ZERO,
        code: ResponseCode::NoError,
        answers: Vec::new(),
        authority: vec![Record::from_rdata(Name::root(), 300, RData::NS(NS(host)))],
    }
}

fn key(name: &Name) -> Key {
    let mut labels: Key = name.iter().map(<[u8]>::to_ascii_lowercase).collect();
    labels.reverse();
    labels
}
