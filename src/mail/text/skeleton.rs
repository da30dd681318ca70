//! What a reader sees, in a form that can be compared.

use crate::mail::text::{
    confusables::{fold, pair, strip},
    letter::is_alphanumeric,
};

/// Letters of a text that are looked at. A client shows far fewer.
pub(crate) const MAX_LETTERS: usize = 4096;

/// The form in which two texts that look the same are the same.
///
/// Invisible, direction and combining characters are taken out, then the text is brought to its compatibility form;
/// confusables of all scripts are folded before and after lower-casing, look-alike digits and letter
/// pairs too; what is no letter separates words, and single letters that stand apart are put
/// together. The result is for comparing only: it is no spelling of anything. At most 4,096 letters
/// are looked at.
pub fn skeleton(text: &str) -> String {
    let mut out = String::new();
    let mut last_single = false;
    let letters: Vec<char> = strip(text).take(MAX_LETTERS).collect();
    let words = letters
        .split(|c| !is_alphanumeric(*c))
        .filter(|word| !word.is_empty());
    for word in words {
        let single = word.len() == 1;
        let joined = single && last_single;
        if !out.is_empty() && !joined {
            out.push(' ');
        }
        last_single = single;
        let mut rest = word.iter().map(|c| fold(*c)).peekable();
        while let Some(c) = rest.next() {
            match rest.peek().and_then(|next| pair(c, *next)) {
                Some(one) => {
                    out.push(one);
                    rest.next();
                }
                None => out.push(c),
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_the_same_is_the_same() {
        let plain = skeleton("Contoso Support");
        for disguised in [
            "contoso support",
            "Con\u{200b}toso Support",
            "C\u{33f}onto\u{35c}so Support",
            "\u{202d}Contoso Support\u{202c}",
            "Cοntоso Suрport",
            "С0nt0s0 Supp0rt",
            "Ｃｏｎｔｏｓｏ Ｓｕｐｐｏｒｔ",
            "𝐂𝐨𝐧𝐭𝐨𝐬𝐨 𝐒𝐮𝐩𝐩𝐨𝐫𝐭",
            "C o n t o s o Support",
            "Contoso... Support!",
        ] {
            assert_eq!(skeleton(disguised), plain, "{disguised}");
        }
        assert_eq!(skeleton("Vvortex"), skeleton("wortex"));
        assert_eq!(skeleton("Farrner"), skeleton("FARMER"));
    }

    #[test]
    fn other_words_stay_apart() {
        assert_eq!(skeleton("red house"), "red house");
        assert_ne!(skeleton("redhouse"), skeleton("red house"));
        assert_eq!(skeleton("\u{200b}\u{200d}"), "");
    }

    #[test]
    fn a_long_text_is_cut() {
        assert_eq!(skeleton(&"x".repeat(100_000)).len(), 4096);
        assert_eq!(skeleton(&"\u{fdfa}".repeat(100_000)).chars().count(), 4096);
    }
}
