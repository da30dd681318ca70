//! Words around a name that change what it says. They are words of languages, not of a brand.

use crate::brand::Brand;
pub(crate) use crate::brand::prizes::are_named_in as offers_a_prize;
use std::borrow::Cow;

/// Words after which the brand is what something is about, not who speaks ("Freight to X",
/// "better than X").
const OBJECT: [&str; 39] = [
    "to", "for", "on", "about", "vs", "versus", "against", "like", "beyond", "than", "without",
    "für", "auf", "über", "gegen", "ohne", "sur", "pour", "contre", "para", "sobre", "contra",
    "su", "per", "contro", "voor", "over", "tegen", "dan", "dla", "için", "для", "про", "zu",
    "als", "que", "à", "not", "boycott",
];

/// Words after which the brand is a place. A person at it says that he is from it; what is at it is
/// what the mail is about.
const PLACE: [&str; 14] = [
    "at", "with", "bei", "mit", "chez", "en", "em", "na", "no", "in", "da", "presso", "bij", "w",
];

/// Words after which somebody stands who makes or owns what is named before.
const MAKER: [&str; 22] = [
    "by", "from", "of", "von", "durch", "par", "de", "du", "por", "del", "di", "dal", "dalla",
    "do", "van", "door", "av", "fra", "från", "od", "przez", "от",
];

/// Whose something is that a mail is about: the reader's.
const YOURS: [&str; 30] = [
    "your", "my", "ihr", "ihre", "ihrem", "ihren", "ihrer", "dein", "deine", "deinem", "deiner",
    "votre", "vos", "ton", "ta", "su", "sus", "tu", "tus", "seu", "sua", "seus", "suas", "tuo",
    "tua", "vostro", "uw", "jouw", "twoje", "ditt",
];

/// What stands beside a brand's name in the names of departments, services and trades that are no
/// lure words: with these it is neither a person nor a shop's own name.
const TRADES: [&str; 124] = [
    "academy",
    "advertising",
    "affiliate",
    "affiliates",
    "analytics",
    "app",
    "auction",
    "audio",
    "bestell",
    "books",
    "brand",
    "brands",
    "business",
    "careers",
    "cargo",
    "cloud",
    "club",
    "commerce",
    "community",
    "company",
    "corporate",
    "corporation",
    "courier",
    "crew",
    "customercare",
    "deal",
    "deals",
    "deliveries",
    "delivers",
    "department",
    "digital",
    "discount",
    "discounts",
    "dispatch",
    "distribution",
    "dostawa",
    "electronics",
    "express",
    "fashion",
    "finance",
    "fire",
    "flex",
    "food",
    "freight",
    "fresh",
    "fulfillment",
    "fulfilment",
    "games",
    "gaming",
    "garage",
    "go",
    "grocery",
    "handmade",
    "headquarters",
    "hire",
    "hiring",
    "home",
    "household",
    "hr",
    "hub",
    "investor",
    "job",
    "jobs",
    "key",
    "kids",
    "launchpad",
    "legal",
    "lending",
    "leveringen",
    "locker",
    "logistica",
    "logistics",
    "logistik",
    "logistique",
    "luna",
    "marketing",
    "media",
    "merch",
    "music",
    "musik",
    "noreply",
    "offer",
    "offers",
    "office",
    "officer",
    "operations",
    "outlet",
    "owner",
    "partner",
    "partners",
    "people",
    "pharmacy",
    "photos",
    "product",
    "products",
    "promo",
    "promotion",
    "promotions",
    "recruiter",
    "recruiting",
    "recruitment",
    "rental",
    "reply",
    "resale",
    "research",
    "retail",
    "savings",
    "seller",
    "sellerdesk",
    "sellers",
    "smile",
    "staff",
    "station",
    "stock",
    "storefront",
    "streaming",
    "studios",
    "supplier",
    "suppliers",
    "trade",
    "vine",
    "warehouse",
    "wholesale",
    "zustellung",
];

/// What machines call their addresses; nobody calls an alias so.
const AUTOMATIC: [&str; 7] = [
    "noreply",
    "donotreply",
    "autoconfirm",
    "autoreply",
    "mailerdaemon",
    "nepasrepondre",
    "noresponder",
];

/// Nouns of things that people do or have, by their ending; few surnames end so.
const NOUN_ENDINGS: [&str; 16] = [
    "schaft", "ung", "ungen", "tion", "tions", "heit", "keit", "ment", "ments", "ción", "ção",
    "zione", "ité", "ity", "ics", "ware",
];

/// A greeting before the brand speaks for it, though a word of [`OBJECT`] stands between.
const GREETINGS: [&str; 13] = [
    "welcome",
    "thanks",
    "thank",
    "willkommen",
    "danke",
    "bienvenue",
    "merci",
    "bienvenido",
    "gracias",
    "benvenuto",
    "grazie",
    "bem",
    "obrigado",
];

pub(crate) fn marks_object(word: &str) -> bool {
    OBJECT.contains(&word)
}

pub(crate) fn marks_place(word: &str) -> bool {
    PLACE.contains(&word)
}

pub(crate) fn marks_maker(word: &str) -> bool {
    MAKER.contains(&word)
}

pub(crate) fn is_trade(word: &str) -> bool {
    TRADES.contains(&word)
}

/// Whether glued words serve or sell: a word of a department's or trade's in them, or the ending of a
/// common noun.
pub(crate) fn holds_a_trade(glued: &str) -> bool {
    const TELLING: usize = 5;
    ends_like_a_noun(glued)
        || TRADES
            .iter()
            .any(|word| word.len() >= TELLING && glued.contains(word))
}

pub(crate) fn is_yours(word: &str) -> bool {
    YOURS.contains(&word)
}

pub(crate) fn is_article(word: &str) -> bool {
    word == "the"
}

/// Whether a word is no surname by its ending.
pub(crate) fn ends_like_a_noun(word: &str) -> bool {
    NOUN_ENDINGS.iter().any(|ending| word.ends_with(ending))
}

/// Whether a local part says that no person reads what is sent there.
pub(crate) fn is_automatic(local: &str) -> bool {
    let letters: String = local
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    AUTOMATIC.iter().any(|word| letters.contains(word))
}

pub(crate) fn is_greeting(word: &str) -> bool {
    GREETINGS.contains(&word)
}

/// The text with a lure word behind it where it holds a number in the form of the brand's orders:
/// readers take such a number for an order.
pub(crate) fn with_number_as_word<'t>(text: &'t str, brand: &Brand) -> Cow<'t, str> {
    let lure = brand.lures().first();
    match lure.filter(|_| brand.own_words().has_order_number(text)) {
        Some(lure) => Cow::Owned(format!("{text} {lure}")),
        None => Cow::Borrowed(text),
    }
}

/// The words of a name as [`Mention`](crate::brand::name::Mention) counts them, in lower case.
pub(crate) fn lower_words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut rest = name;
    while let Some(start) = rest.find(char::is_alphanumeric) {
        let (gap, from) = rest.split_at(start);
        let end = from
            .find(|c: char| !c.is_alphanumeric())
            .unwrap_or(from.len());
        let (word, after) = from.split_at(end);
        // A possessive is no word of its own.
        let possessive = matches!(word, "s" | "S") && gap.ends_with(['\'', '\u{2019}', '`']);
        if !(possessive && gap.chars().count() == 1) {
            words.push(word.to_lowercase());
        }
        rest = after;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::brand::sample::contoso;

    #[test]
    fn a_noun_is_told_by_its_ending() {
        for ending in NOUN_ENDINGS {
            assert!(ends_like_a_noun(&format!("kestlow{ending}")), "{ending}");
        }
        for word in ["mannschaft", "zeitung", "nation", "monument"] {
            assert!(ends_like_a_noun(word), "{word}");
        }
        for word in ["rodrigues", "ungerer", "software7", "itys", ""] {
            assert!(!ends_like_a_noun(word), "{word}");
        }
    }

    #[test]
    fn an_order_number_is_read_as_a_lure() {
        let brand = contoso();
        let read = |text| with_number_as_word(text, &brand);
        assert_eq!(read("#302-1234567-7654321."), "#302-1234567-7654321. login");
        assert_eq!(read("302-1234567"), "302-1234567");
    }
}
