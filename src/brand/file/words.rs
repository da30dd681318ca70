//! The words of a brand file that stand in host names: the brand's own, and its products.

use serde::Deserialize;

use super::Check;
use crate::{
    brand::{HostWord, Product, Products, Strength},
    mail::text::confusables::fold_letters,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawHostWord {
    text: String,
    #[serde(default)]
    typos: bool,
    #[serde(default)]
    needs_lure: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawProduct {
    text: String,
    #[serde(default)]
    own: bool,
    #[serde(default)]
    trade: bool,
    #[serde(default)]
    lured: Option<String>,
    #[serde(default)]
    with: Vec<String>,
    #[serde(default)]
    domain: Option<String>,
}

impl Check {
    /// The brand's words, and those that are as common as a product's.
    pub(super) fn host_words(&mut self, raw: Vec<RawHostWord>) -> (Vec<HostWord>, Vec<Product>) {
        let (mut words, mut lured) = (Vec::with_capacity(raw.len()), Vec::new());
        for word in raw {
            self.host_letters("host_word", &word.text);
            // A word of four letters has half a dictionary one edit away.
            if word.typos && word.text.len() < 6 {
                self.wrong(
                    "host_word",
                    &word.text,
                    "at least 6 letters where typos = true",
                );
            }
            if word.needs_lure {
                lured.push(Product {
                    letters: fold_letters(&word.text).collect(),
                    text: word.text,
                    own: false,
                    trade: false,
                    lured: Strength::Strong,
                    with: Vec::new(),
                    domain: None,
                });
                continue;
            }
            words.push(HostWord {
                letters: fold_letters(&word.text).collect(),
                text: word.text,
                typos: word.typos,
            });
        }
        (words, lured)
    }

    fn host_letters(&mut self, at: &str, text: &str) {
        let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        if !(3..=63).contains(&text.len()) || !text.chars().all(letters) {
            self.wrong(at, text, "3 to 63 lower-case letters and digits");
        }
    }

    pub(super) fn products(&mut self, raw: Vec<RawProduct>) -> Vec<Product> {
        if raw.len() > Products::MOST {
            let found = format!("{} products", raw.len());
            self.wrong("product", &found, format!("at most {}", Products::MOST));
        }
        let mut products = Vec::with_capacity(raw.len());
        for product in raw {
            let at = format!("product {}", product.text);
            self.host_letters("product", &product.text);
            // Shorter names are some company's everywhere, and words are one edit away from them.
            if product.own && product.text.len() < 8 {
                self.wrong(&*at, &product.text, "at least 8 letters where own = true");
            }
            let lured = match product.lured.as_deref() {
                None | Some("strong") => Strength::Strong,
                Some("weak") => Strength::Weak,
                Some(other) => {
                    self.wrong(&*at, other, "lured = strong or weak");
                    continue;
                }
            };
            products.push(Product {
                letters: fold_letters(&product.text).collect(),
                text: product.text,
                own: product.own,
                trade: product.trade,
                lured,
                with: product
                    .with
                    .iter()
                    .map(|word| fold_letters(word).collect())
                    .collect(),
                domain: product.domain.and_then(|text| self.domain(&at, &text)),
            });
        }
        products
    }
}
