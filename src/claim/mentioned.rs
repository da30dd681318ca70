//! Names that mention the brand by grammar, and say who writes as well: "Freight to Contoso by Oceanlane",
//! "Contoso Store Card by Meadow Bank".
//!
//! Catches: "Support for Contoso" over a stranger's address, which names nobody.
//! Must not hurt: hauliers, makers of tools for sellers, banks with a card of the brand's.
//! Excuse: `brand-mentioned`, where the author is proved and no free name, and the name bears the name of his
//! own domain; the verdict asks for that.
//! Costs an attacker: his reader sees the name of his domain; and with it he may not speak as the brand nor
//! ask for anything.

use crate::brand::name::Mention;
use crate::claim::words::{self, lower_words};

/// Marks between the brand and somebody else's name.
const MARKS: [char; 10] = ['-', '–', '—', '|', '·', ',', '/', '(', ':', '@'];

/// Whether a name mentions the brand, as an object or as something of somebody else's.
pub(crate) fn is_one(name: &str, found: &Mention) -> bool {
    // Whoever stands in front may be whose it is: "Meadowbank X Visa". Whether he is the author, the verdict
    // asks.
    found.start_word > 0 || is_of_another(name, found)
}

/// Whether other words follow the brand after a word or a mark that says whose it is: "X Team at Y".
fn is_of_another(name: &str, found: &Mention) -> bool {
    let all = lower_words(name);
    let behind = all.get(found.words..).unwrap_or_default();
    let marker = behind
        .iter()
        .position(|word| words::marks_place(word) || words::marks_maker(word));
    let by_word = marker.is_some_and(|at| at + 1 < behind.len());
    by_word || name.contains(MARKS)
}
