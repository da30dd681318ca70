//! The phrase tables of `requests.toml`, `threats.toml` and `offers.toml`, and what finds them in a text.

mod data;

use crate::{
    mail::{domain::Domain, text::letter::is_alphanumeric},
    wants::finder::{Finder, Pattern, in_order},
};
use std::{
    collections::{HashMap, HashSet},
    ops::Range,
    sync::LazyLock,
};

/// What a message asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Category {
    Password,
    Payment,
    Identity,
    /// One-time codes and keys.
    Code,
}

/// What frightens people into acting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Threat {
    /// The account is locked, closed, on hold.
    Locked,
    /// It is limited.
    Limited,
    /// Money was taken, or will be.
    Charged,
    /// It could not be taken.
    PaymentFailed,
    /// A membership, a subscription, an access ends or is renewed.
    Ending,
    /// Something has to be done by a time.
    Deadline,
    /// The reader is to sign in.
    SignIn,
    /// An account, an identity, data are to be confirmed.
    Verify,
    /// The reader's account is spoken of, whatever is said of it.
    Mentioned,
    /// Nothing, in a text that greets the brand's customer or signs as the brand.
    Letter,
}

/// What a phrase does in a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Asks the reader to do something with what follows.
    Ask,
    /// The same, and what follows is told to somebody: one-time codes are lawfully typed in, never told.
    Tell,
    /// Asks for what stands before ("must be confirmed").
    Passive,
    /// What must not be asked for.
    Object(Category),
    /// What must not be told.
    Told(Category),
    /// Asks by itself.
    Whole(Category),
    /// Turns the whole sentence into a warning.
    Never,
    /// Turns its clause into the opposite.
    Not,
    /// Makes its clause a condition, whose "not" threatens.
    If,
    /// A run of words in which none of the others means what it says.
    Spare,
    /// What follows isn't asked for by what stands before.
    Break,
    /// The same of what follows directly: "by credit card", but "by Friday your credit card".
    Through,
    /// Asks to be called.
    Call,
    /// Gives the reader a reason to call at once.
    Alarm,
    /// The same, in words too common to count without a strong claim.
    Worry,
    /// The team whose call is announced.
    Team,
    /// Announces a call.
    WillCall,
    /// What a threat is about.
    Account,
    /// Threatens where its sentence names an account.
    State(Threat),
    /// Threatens by itself.
    Threat(Threat),
    /// A time by which.
    Due,
    /// What is paid for.
    Money,
    /// What is given for nothing.
    Prize,
    /// Offers it.
    Offer,
    /// Offers by itself.
    Gift,
    /// For nothing, or next to nothing.
    Free,
    /// Wares that lures offer so.
    Ware,
    /// Asks where such a thing is to be brought.
    HandOver,
}

impl Role {
    /// Without a phrase of these a sentence says nothing that counts, where the text names no
    /// [`Role::Team`].
    fn is_telling(self) -> bool {
        match self {
            Self::Object(_) | Self::Told(_) | Self::Whole(_) => true,
            Self::Call | Self::Alarm | Self::Worry | Self::Team => true,
            Self::Account | Self::Threat(_) => true,
            Self::Prize | Self::Gift | Self::Ware => true,
            Self::Ask | Self::Tell | Self::Passive => false,
            Self::Never | Self::Not | Self::If => false,
            Self::Spare | Self::Break | Self::Through | Self::WillCall => false,
            Self::State(_) | Self::Due | Self::Money => false,
            Self::Offer | Self::Free | Self::HandOver => false,
        }
    }
}

/// A phrase that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) range: Range<usize>,
    pub(crate) role: Role,
    /// Index of the language; [`ANY`] for words that all languages use.
    pub(crate) language: usize,
}

/// The language of words that all languages use.
pub(crate) const ANY: usize = 0;

struct Phrase {
    role: Role,
    language: usize,
    /// Whether a word must begin (end) where the phrase does.
    edges: (bool, bool),
}

/// Services whose hosts stand in links of mail.
#[derive(Debug, Default)]
pub(crate) struct Services {
    /// Count clicks for senders of mail and for shops; they lead to wherever their customer says.
    pub(crate) counters: Hosts,
    /// Rewrite links to check them; the address that they lead to stands in theirs.
    pub(crate) checkers: Hosts,
    /// Names of query parameters that redirect.
    pub(crate) parameters: Vec<String>,
    /// Names of those that say where a reader came from.
    pub(crate) origins: Vec<String>,
}

/// A list of hosts, each with everything below it. `=` before a host: it alone, since its neighbours
/// are open to everyone.
#[derive(Debug, Default)]
pub(crate) struct Hosts(HashSet<String>);

impl Hosts {
    pub(crate) fn hold(&self, name: &Domain) -> bool {
        name.ancestors().any(|part| self.0.contains(part)) || self.0.contains(&format!("={name}"))
    }
}

/// All tables, ready for use.
pub(crate) struct Tables {
    pub(crate) services: Services,
    /// For each language whether the verb may come after what it asks for.
    pub(crate) verb_last: Vec<bool>,
    pub(crate) words: Words,
    phrases: Vec<Phrase>,
    all: Finder,
    telling: Finder,
}

/// Words that are no phrases, in normal form.
#[derive(Debug, Default)]
pub(crate) struct Words {
    /// What a number is spelt with, and the digit.
    pub(crate) digits: HashMap<String, u8>,
    /// What may stand between a request to call and the number.
    pub(crate) labels: HashSet<String>,
    /// Whose something is: "your", "the".
    pub(crate) owners: HashSet<String>,
    /// The first letters of months.
    pub(crate) months: HashSet<String>,
    /// Words of the phrases that ask, by their letters: what a disguise could stand for.
    pub(crate) disguised: HashMap<String, String>,
    /// Letters of the longest of these.
    pub(crate) longest_disguised: usize,
}

static EMBEDDED: LazyLock<Tables> = LazyLock::new(|| {
    // A test reads the same text; it cannot fail at a user's.
    #[allow(clippy::expect_used)]
    data::read().expect("the embedded tables are checked by a test")
});

impl Tables {
    /// The tables that the program is made with.
    pub(crate) fn embedded() -> &'static Self {
        &EMBEDDED
    }

    fn new(
        services: Services,
        verb_last: Vec<bool>,
        words: Words,
        phrases: Vec<(String, Phrase)>,
    ) -> Self {
        fn pattern((index, (text, phrase)): (usize, &(String, Phrase))) -> Pattern<'_> {
            Pattern {
                text,
                index,
                within: !phrase.edges.0,
            }
        }
        let patterns = in_order(phrases.iter().enumerate().map(pattern));
        let all = Finder::new(&patterns);
        let tells = |pattern: &Pattern<'_>| {
            let phrase = phrases.get(pattern.index);
            phrase.is_some_and(|(_, phrase)| phrase.role.is_telling())
        };
        let telling: Vec<_> = patterns.iter().copied().filter(tells).collect();
        let telling = Finder::new(&telling);
        Self {
            services,
            verb_last,
            words,
            phrases: phrases.into_iter().map(|(_, phrase)| phrase).collect(),
            all,
            telling,
        }
    }

    /// All phrases in the stretch `within` of `text` (normal form), overlapping ones too, by where they
    /// begin, the shorter first.
    pub(crate) fn find<'t>(
        &'t self,
        text: &'t str,
        within: Range<usize>,
    ) -> impl Iterator<Item = Hit> + 't {
        let found = self.all.find(text, within);
        found.into_iter().filter_map(|found| self.hit(text, found))
    }

    /// The same of the whole text, of those roles alone without which nothing is said.
    pub(crate) fn find_telling<'t>(&'t self, text: &'t str) -> impl Iterator<Item = Hit> + 't {
        let found = self.telling.find(text, 0..text.len());
        found.into_iter().filter_map(|found| self.hit(text, found))
    }

    /// The phrase of this index, where words begin and end as it asks for.
    fn hit(&self, text: &str, (range, index): (Range<usize>, usize)) -> Option<Hit> {
        let phrase = self.phrases.get(index)?;
        let before = || text.get(..range.start)?.chars().next_back();
        let after = || text.get(range.end..)?.chars().next();
        let inside = |c: Option<char>| c.is_some_and(is_alphanumeric);
        let stands = !(phrase.edges.0 && inside(before()) || phrase.edges.1 && inside(after()));
        stands.then_some(Hit {
            range,
            role: phrase.role,
            language: phrase.language,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_tables_are_right() {
        if let Err(error) = data::read() {
            panic!("{error}");
        }
    }

    #[test]
    fn no_text_makes_a_look_long() {
        let tables = Tables::embedded();
        for finder in [&tables.all, &tables.telling] {
            let longest = finder.longest_look();
            assert!(longest <= 24, "{longest}");
        }
    }

    #[test]
    fn words_are_whole_and_compounds_are_found() {
        let found = |text: &str| {
            let objects = Tables::embedded()
                .find(text, 0..text.len())
                .filter(|hit| matches!(hit.role, Role::Object(_)));
            objects
                .map(|hit| text.get(hit.range).unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(found("a spin, a pint, pinned"), [""; 0]);
        assert_eq!(found("ihr kontopasswort"), ["passwort"]);
    }
}
