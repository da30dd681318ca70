//! The names of the brand's products, which others may lawfully bear.

use std::ops::Range;

use crate::brand::host::label::{Finding, How, Kind, Label, Makeup, Seat};
use crate::{
    brand::{Brand, Product, Strength},
    mail::text::edit_distance::{self, EDIT},
};

impl Label {
    /// The best way in which this label resembles a product.
    pub(crate) fn product<'b>(&self, brand: &'b Brand, seat: Seat<'_>) -> Option<Finding<'b>> {
        let mut best: Option<Finding<'b>> = None;
        for product in brand.products().near(&self.letters) {
            let found = self
                .spells(brand, product, seat)
                .or_else(|| self.misspells(brand, product, seat));
            if let Some(mut found) = found {
                let domain = product.domain.as_ref();
                found.resembles = domain.and_then(|domain| brand.listed(domain.as_str()));
                best = Some(found.better(best.take()));
            }
        }
        best
    }

    /// The name letter by letter, wherever hyphens stand.
    fn spells<'b>(&self, brand: &Brand, product: &Product, seat: Seat<'_>) -> Option<Finding<'b>> {
        let name = product.letters.as_slice();
        let at = self.letters.windows(name.len()).position(|letters| {
            // Most begin with another letter.
            letters.first() == name.first() && letters == name
        })?;
        let at = at..at + name.len();
        if !self.begins(brand, &at) {
            return None;
        }
        if at.len() == self.letters.len() {
            return self.alone(product, seat);
        }
        let rest = self.around(brand, &at);
        // With other words it is some company's: a film maker, a video shop.
        self.lured(product, seat, &at, rest)
    }

    /// The whole label is the name.
    fn alone<'b>(&self, product: &Product, seat: Seat<'_>) -> Option<Finding<'b>> {
        let common = product.letters.len() >= Product::LONG
            && seat.registrable
            && seat.kind == Kind::Registry
            && self.tokens.len() == 1;
        if !product.own && !common {
            return None;
        }
        // A name of its own, drawn with other letters: nobody calls his company so.
        if product.own && !self.raw.iter().copied().eq(product.text.chars()) {
            let how = if self.idn { How::Idn } else { How::Homoglyph };
            return Some(Finding::new(how, Strength::Strong));
        }
        let how = match seat.kind {
            _ if self.tokens.len() > 1 => How::SpelledApart,
            Kind::Tenant => How::Tenant,
            Kind::FreeHosting | Kind::DynamicDns => How::FreeHosting,
            Kind::Registry if seat.registrable => How::TldSwap,
            Kind::Registry | Kind::Customer => How::BrandLabel,
        };
        Some(Finding::new(how, Strength::Weak))
    }

    /// The name with words that lure, or a name of its own with words of the site, and nothing else.
    fn lured<'b>(
        &self,
        product: &Product,
        seat: Seat<'_>,
        at: &Range<usize>,
        rest: Makeup,
    ) -> Option<Finding<'b>> {
        let how = match rest {
            _ if !rest.whole || seat.kind == Kind::Tenant => return None,
            Makeup { lure: true, .. } => How::Combosquat,
            Makeup {
                other_words: true, ..
            } if product.trade => How::GluedWords,
            Makeup { site: true, .. } if product.own => How::ImitatedAddress,
            _ => return None,
        };
        if !product.with.is_empty() && !self.stands_with(product, at) {
            return None;
        }
        // Below a name of his own a company may keep a product's bills.
        let owners = seat.kind == Kind::Registry && !seat.registrable && !product.own;
        Some(Finding::new(
            how,
            match owners {
                true => Strength::Weak,
                false => product.lured,
            },
        ))
    }

    /// The name with a slip in it.
    fn misspells<'b>(
        &self,
        brand: &Brand,
        product: &Product,
        seat: Seat<'_>,
    ) -> Option<Finding<'b>> {
        let name = product.letters.as_slice();
        if name.len() < Product::LONG || !self.could_misspell(product) {
            return None;
        }
        let limit = if product.own { EDIT } else { 1 };
        let how = if self.idn { How::Idn } else { How::Typo };
        let hits = edit_distance::find(name, &self.letters, limit);
        let lured = hits.iter().filter(|hit| hit.cost > 0).find_map(|hit| {
            let at = hit.start..hit.end;
            let rest = self.around(brand, &at);
            // A country of two letters is found in any slip.
            let found = self.lured(product, seat, &at, rest).filter(|_| rest.lure)?;
            Some(Finding::new(how, found.strength))
        });
        lured.or_else(|| {
            let whole = edit_distance::one_edit_apart(&self.letters, name);
            (product.own && seat.kind != Kind::Tenant && whole)
                .then(|| Finding::new(how, Strength::Weak))
        })
    }

    /// Whether enough parts of the name stand in the label: one does where there is one edit at most. The
    /// parts of shorter names stand everywhere; two do but where letters of two parts are swapped.
    fn could_misspell(&self, product: &Product) -> bool {
        let needed = if product.own { 1 } else { 2 };
        let stands = |part: &&[char]| {
            let mut windows = self.letters.windows(part.len());
            windows.any(|letters| letters.first() == part.first() && letters == *part)
        };
        self.letters.len() + 1 >= product.letters.len()
            && product.thirds().filter(stands).take(needed).count() == needed
    }

    /// Whether a word begins there: after a hyphen, or after listed words.
    fn begins(&self, brand: &Brand, at: &Range<usize>) -> bool {
        self.tokens
            .iter()
            .filter(|token| token.contains(&at.start))
            .all(|token| self.makeup(brand, token.start..at.start).whole)
    }

    /// What the label is made of but for the stretch `at`, over hyphens.
    fn around(&self, brand: &Brand, at: &Range<usize>) -> Makeup {
        let whole = Makeup {
            whole: true,
            ..Makeup::default()
        };
        self.tokens.iter().fold(whole, |made, token| {
            let before = token.start..token.end.min(at.start).max(token.start);
            let after = token.start.max(at.end).min(token.end)..token.end;
            made.and(self.makeup(brand, before))
                .and(self.makeup(brand, after))
        })
    }

    /// Whether one of the words that this product needs stands before or after it.
    fn stands_with(&self, product: &Product, at: &Range<usize>) -> bool {
        let before = self.slice(0..at.start);
        let after = self.slice(at.end..self.letters.len());
        product.with.iter().any(|word| {
            let within = |letters: &[char]| letters.windows(word.len()).any(|w| w == word);
            within(before) || within(after)
        })
    }
}
