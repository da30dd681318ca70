//! Sentences that offer a prize, a voucher, or a product for nothing or next to nothing.
//!
//! Words alone: whether the brand is named beside them, and whether a link or a file goes with them, is
//! asked elsewhere.

use crate::wants::phrases::{Hit, Role};

/// Whether a sentence with these phrases offers something. `negated`: whether the clause of a phrase says
/// "not".
pub(super) fn is_offered(hits: &[Hit], negated: impl Fn(&Hit) -> bool) -> bool {
    let mut gifts = hits.iter().filter(|hit| hit.role == Role::Gift);
    let beside = |one, other| beside(hits, one, other);
    gifts.any(|hit| !negated(hit))
        || beside(Role::Prize, Role::Offer)
        || beside(Role::Prize, Role::Free)
        || beside(Role::Ware, Role::Free)
        || beside(Role::Prize, Role::HandOver)
        || beside(Role::Ware, Role::HandOver)
}

/// Whether it may: words that offer stand beside a ware. Shops write so of what they sell.
pub(super) fn is_hinted(hits: &[Hit]) -> bool {
    beside(hits, Role::Ware, Role::Offer)
}

fn beside(hits: &[Hit], one: Role, other: Role) -> bool {
    let all = |role: Role| hits.iter().filter(move |hit| hit.role == role);
    // "The winner of the race": one word is not both.
    let apart = |one: &Hit, other: &Hit| {
        one.range.end <= other.range.start || other.range.end <= one.range.start
    };
    all(one).any(|hit| all(other).any(|other| apart(hit, other)))
}

#[cfg(test)]
mod tests {
    use crate::{mail::text::normalise::normal, wants::requests};

    fn offers(text: &str) -> bool {
        !requests::read(&normal(text)).prizes.is_empty()
    }

    #[test]
    fn prizes_are_offered_in_every_language() {
        for text in [
            "Congratulations! Confirm your address to win a 500 EUR voucher.",
            "You have been selected for a $100 gift card, claim it now.",
            "Get a free air fryer, pay only shipping.",
            "Unclaimed parcels for 2 euro each.",
            "Herzlichen Glückwunsch, Ihr Gutschein wartet.",
            "Félicitations, réclamez votre carte cadeau.",
            "Ha sido seleccionado: reclame su tarjeta regalo.",
            "Complimenti, hai vinto un buono da 100 euro.",
            "Parabéns, você ganhou um vale presente.",
            "Gefeliciteerd, claim uw cadeaubon.",
            "Gratulacje, odbierz nagrodę.",
            "Grattis, hämta ditt presentkort.",
            "Tebrikler, hediye kartınızı talep edin.",
            "تهانينا، لقد ربحت بطاقة هدية",
            "ギフト券が当選しました。",
            "ポイントが失効します。",
            "恭喜您获得礼品卡。",
            "Поздравляем, получите подарочный сертификат.",
            "बधाई हो, आपने इनाम जीता है",
            "축하합니다. 상품권에 당첨되었습니다.",
            "Returned laptops go for $2.",
            "Test the lamp, it is yours to keep.",
            "Wir schenken Ihnen etwas: der Laden beschenkt Sie mit einem Gutschein.",
            "La boutique vous fait cadeau d'une perceuse.",
            "Le regala un taladro por sus compras.",
            "Un aspirapolvere in omaggio per chi risponde.",
            "A loja está dando um aspirador grátis.",
            "De winkel schenkt u een stofzuiger.",
            "Sklep rozdaje odkurzacze.",
            "Butiken ger bort en dammsugare.",
            "Tell us where to leave the dyson.",
            "Wohin dürfen wir den Staubsauger liefern?",
            "Où livrer la perceuse ?",
        ] {
            assert!(offers(text), "{text}");
        }
    }

    #[test]
    fn who_thanks_or_tells_offers_nothing() {
        for text in [
            "I bought the atlas with the gift card.",
            "Danke für den Gutschein!",
            "The kettle fell from 29 to 21 pounds.",
            "The winner of the race is Ann.",
            "Never trust a mail about a prize that you won.",
            "I won the gift card in our raffle.",
            "J'ai gagné la carte cadeau !",
            "Choose your reward: a gift card or a donation.",
            "The e-reader is 99 pounds, with free delivery.",
            "Der Fernseher kostet 399 Euro, kostenloser Versand inbegriffen.",
            "L'aspirateur est à 199 euros, livraison gratuite.",
            "El aspirador cuesta 99 euros, envío gratis.",
            "Tell us where to leave the key.",
            "Wohin dürfen wir die Rechnung schicken?",
        ] {
            assert!(!offers(text), "{text}");
        }
    }
}
