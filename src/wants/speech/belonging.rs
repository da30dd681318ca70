//! Forms 1 and 7: what the reader has with the brand, and whether it is at risk.

use std::ops::Range;

use crate::brand::OwnWords;

use super::{
    Speech,
    forms::{Said, within},
    sentence::{MAX_BETWEEN, Sentence},
    tables::{ANY, Hit, Role, role_bit},
};

/// Octets between the account and the word that says that it has to be verified, or was charged.
const NEAR: usize = 60;

const NOUNS: [Role; 4] = [
    Role::Account,
    Role::Member,
    Role::YourAccount,
    Role::YourMember,
];

/// Of what a title is made.
pub(super) const TITLES: u64 = role_bit(Role::Account)
    | role_bit(Role::Member)
    | role_bit(Role::YourAccount)
    | role_bit(Role::YourMember)
    | role_bit(Role::Product);

/// What the reader has with the brand, in words next to each other.
struct Belonging {
    range: Range<usize>,
    /// It is said to be the reader's.
    yours: bool,
    /// A loose tie: "your account with X".
    loose: bool,
    language: usize,
}

/// Forms 1 and 7: the reader's account with the brand.
pub(super) fn account(
    sentence: &Sentence<'_>,
    own: &OwnWords,
    mention: &Hit,
    language: usize,
) -> Said {
    let Some(found) = belonging(sentence, own, mention, language) else {
        return Said::default();
    };
    if is_threatened(sentence, &found) {
        let conditional = is_connection(sentence, &found) || is_condition(sentence, &found);
        return Said {
            speech: match conditional {
                true => Speech::UnlessProved,
                false => Speech::Yes,
            },
            threatens: !conditional,
            ..Said::default()
        };
    }
    // A product's account, and one "with" the brand, are the brand's own words only where it is at risk.
    if !found.yours || found.loose || is_other_product(sentence, own, mention) {
        return Said::default();
    }
    let invites = [Role::Invite, Role::Breach]
        .iter()
        .any(|role| sentence.has(*role));
    let manager = sentence
        .behind(found.range.end, &[Role::NotAccount], found.language)
        .is_some();
    let conditional = is_connection(sentence, &found) || is_condition(sentence, &found);
    match invites || manager || conditional {
        true => Speech::UnlessProved.into(),
        false => Speech::Yes.into(),
    }
}

/// Whether the mention is a product that is no membership.
pub(super) fn is_other_product(sentence: &Sentence<'_>, own: &OwnWords, mention: &Hit) -> bool {
    mention.role == Role::Product && !is_membership(sentence, own, mention)
}

fn is_membership(sentence: &Sentence<'_>, own: &OwnWords, mention: &Hit) -> bool {
    let word = sentence.between(mention.range.start, mention.range.end);
    own.memberships.iter().any(|membership| membership == word)
}

/// The nouns that go with a mention.
fn nouns(sentence: &Sentence<'_>, own: &OwnWords, mention: &Hit) -> Vec<Role> {
    match mention.role {
        Role::Brand => NOUNS.to_vec(),
        // "Your X membership" is the brand's; "your X account" may be anybody's.
        _ if is_membership(sentence, own, mention) => {
            vec![Role::Member, Role::Benefit, Role::YourMember]
        }
        _ => NOUNS.to_vec(),
    }
}

fn belonging(
    sentence: &Sentence<'_>,
    own: &OwnWords,
    mention: &Hit,
    language: usize,
) -> Option<Belonging> {
    let nouns = nouns(sentence, own, mention);
    let first = noun_behind(sentence, mention, &nouns, language);
    let found = first.or_else(|| noun_before(sentence, mention, &nouns, language))?;
    let theirs = !found.yours && sentence.is_before(found.range.start, Role::NotYour);
    (!theirs).then_some(found)
}

/// "Your X account".
fn noun_behind(
    sentence: &Sentence<'_>,
    mention: &Hit,
    nouns: &[Role],
    language: usize,
) -> Option<Belonging> {
    let mut end = mention.range.end;
    let mut noun = None;
    let mut product = None;
    for _ in 0..=MAX_BETWEEN {
        noun = sentence.behind(end, nouns, language);
        if noun.is_some() {
            break;
        }
        let benefit = sentence.behind(end, &[Role::Benefit], language);
        if product.is_some() && benefit.is_some() {
            noun = benefit;
            break;
        }
        let roles = [Role::Between, Role::Product, Role::Of];
        let Some(between) = sentence.behind(end, &roles, language) else {
            break;
        };
        product = sentence.behind(end, &[Role::Product], language).or(product);
        end = between.range.end;
    }
    // "Your X Prime was suspended": the membership as its own noun.
    let noun = noun.or(product.filter(|_| mention.role == Role::Brand))?;
    if noun.role == Role::Product && !is_said_to_be_yours(sentence, mention.range.start, language) {
        return None;
    }
    // For those who sell there it is said, not to them.
    if sentence
        .behind(noun.range.end, &[Role::Trader], language)
        .is_some()
    {
        return None;
    }
    let yours = is_said_to_be_yours(sentence, mention.range.start, language)
        || matches!(noun.role, Role::YourAccount | Role::YourMember)
        || sentence
            .behind(noun.range.end, &[Role::YourBehind], language)
            .is_some();
    Some(Belonging {
        range: start_of(sentence, mention.range.start, language)..noun.range.end,
        yours,
        loose: noun.role == Role::Product,
        language,
    })
}

/// "Votre compte X", "your account with X".
fn noun_before(
    sentence: &Sentence<'_>,
    mention: &Hit,
    nouns: &[Role],
    language: usize,
) -> Option<Belonging> {
    // "Votre abonnement X Prime" ends with the product.
    let mut start = mention.range.start;
    let (mut tied, mut loose) = (false, false);
    if let Some(of) = sentence.before(start, &[Role::Of, Role::At], language) {
        loose = sentence.before(start, &[Role::Of], language).is_none();
        tied = true;
        start = of.range.start;
    }
    let mut noun = sentence.before(start, nouns, language);
    if noun.is_none()
        && let Some(between) = sentence.before(start, &[Role::Between], language)
    {
        noun = sentence.before(between.range.start, nouns, language);
    }
    let noun = noun?;
    // In languages that put nouns last ("account X ..."), the brand begins the next clause.
    if sentence
        .behind(mention.range.end, &[Role::Trader], language)
        .is_some()
    {
        return None;
    }
    let yours = is_said_to_be_yours(sentence, noun.range.start, language)
        || matches!(noun.role, Role::YourAccount | Role::YourMember)
        || sentence
            .behind(mention.range.end, &[Role::YourBehind], language)
            .is_some();
    (yours || tied || noun.range.start == sentence.range.start).then(|| Belonging {
        range: start_of(sentence, noun.range.start, language)..mention.range.end,
        yours,
        loose,
        language,
    })
}

/// Whether a possessive stands before, perhaps with a word between ("your own", "your seller account").
pub(super) fn is_said_to_be_yours(sentence: &Sentence<'_>, start: usize, language: usize) -> bool {
    start_of(sentence, start, language) != start
}

/// Where the possessive before `start` begins, or `start`.
fn start_of(sentence: &Sentence<'_>, start: usize, language: usize) -> usize {
    let mut at = start;
    for _ in 0..2 {
        if let Some(your) = sentence.before(at, &[Role::Your], language) {
            return your.range.start;
        }
        match sentence.before(at, &[Role::Filler, Role::Between], language) {
            Some(word) => at = word.range.start,
            None => break,
        }
    }
    start
}

/// Whether the sentence is nothing but an account with the brand, as a title is: "X account", "Compte X".
pub(super) fn is_title(sentence: &Sentence<'_>, mention: &Hit, language: usize) -> bool {
    if !sentence.has_any(TITLES) {
        return false;
    }
    let found = noun_behind(sentence, mention, &NOUNS, language)
        .or_else(|| noun_before(sentence, mention, &NOUNS, language));
    let left = |text: &str| text.contains(char::is_alphanumeric);
    found.is_some_and(|found| {
        !left(sentence.between(sentence.range.start, found.range.start))
            && !left(sentence.between(found.range.end, sentence.range.end))
    })
}

/// Whether the account is locked, limited or charged, or has to be verified.
fn is_threatened(sentence: &Sentence<'_>, found: &Belonging) -> bool {
    let near = |hit: &Hit| {
        let (start, end) = match hit.range.start < found.range.start {
            true => (hit.range.end, found.range.start),
            false => (found.range.end, hit.range.start),
        };
        start >= end || end - start <= NEAR
    };
    // Of the account's own language: without accents the Swedish "låst" is the English "last".
    let apart = |hit: &&Hit| {
        (hit.language == ANY || hit.language == found.language) && !within(&hit.range, &found.range)
    };
    sentence.all(Role::Locked).any(|hit| apart(&hit))
        || sentence.all(Role::Charged).filter(apart).any(near)
        || sentence.all(Role::Verify).filter(apart).any(near)
}

/// Whether a connection to the account is what is at risk ("the connection to your X account has expired"): what
/// tools of others say of themselves. They may stand between ("the link between Kestlow and your X account").
fn is_connection(sentence: &Sentence<'_>, found: &Belonging) -> bool {
    const WORDS: usize = 3;
    sentence.all(Role::Connection).any(|hit| {
        // A possessive may stand between, in a language that is not the noun's.
        let between = sentence.between(hit.range.end, found.range.start);
        hit.range.end <= found.range.start
            && between.split(' ').filter(|word| !word.is_empty()).count() <= WORDS
            && between.chars().all(|c| c.is_alphabetic() || c == ' ')
    })
}

/// Whether the clause is a condition or a question ("If your X account is locked, ask us"). One whose
/// threat comes in the clause behind it is none ("If your X account is not verified, it is closed").
/// Nobody's account, in a question, is what a topic of a forum is called ("X account locked, what now?").
fn is_condition(sentence: &Sentence<'_>, found: &Belonging) -> bool {
    let behind = sentence.between(found.range.end, sentence.range.end);
    if !found.yours && behind.contains(['?', '\u{61F}']) {
        return true;
    }
    let words = |text: &str| text.split_whitespace().count();
    let opens = |hit: &Hit| {
        let between = sentence.between(hit.range.end, found.range.start);
        hit.range.end <= found.range.start && !between.contains([',', ':']) && words(between) <= 2
    };
    let conditional = sentence.all(Role::If).any(opens);
    let comma = behind.find(',').map(|at| found.range.end + at);
    let threat_follows = comma.is_some_and(|comma| {
        let threats = [Role::Locked, Role::Charged];
        threats
            .iter()
            .any(|role| sentence.all(*role).any(|hit| hit.range.start > comma))
    });
    conditional && !threat_follows
}

/// Form 7 where the brand opens the sentence and what follows is the reader's account: "X: your account is
/// locked", "X has locked your account".
pub(super) fn locked_by(sentence: &Sentence<'_>) -> Said {
    let text = sentence.shown();
    let lead = sentence.all(Role::Brand).next().filter(|brand| {
        let before = sentence.between(sentence.range.start, brand.range.start);
        !before.chars().any(char::is_alphanumeric)
    });
    if lead.is_none() || !sentence.has(Role::Locked) && !sentence.has(Role::Verify) {
        return Said::default();
    }
    let nouns = NOUNS.iter().flat_map(|role| sentence.all(*role));
    let threats = || sentence.all(Role::Locked).chain(sentence.all(Role::Verify));
    let threatened = nouns
        .filter(|noun| threats().any(|hit| hit.language == ANY || hit.language == noun.language));
    let named = threatened.filter(|noun| {
        matches!(noun.role, Role::YourAccount | Role::YourMember)
            || is_said_to_be_yours(sentence, noun.range.start, noun.language)
    });
    let parted = text.contains([',', ';']);
    match named.count() > 0 && !parted {
        true => Said {
            speech: Speech::Yes,
            threatens: true,
            ..Said::default()
        },
        false => Said::default(),
    }
}
