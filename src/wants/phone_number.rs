//! Messages whose call to action is a telephone number.
//!
//! Half of all ordinary mail carries a number in its footer. One counts where the text asks to call it
//! and gives an alarming reason beside it ("if you did not authorise this order, call ...").

mod digits;

use crate::wants::{
    phrases::Tables,
    requests::{self, Requests},
    threats,
};
use digits::number;
use std::ops::Range;

/// Octets between the word that asks to call and the number.
const REACH: usize = 80;
/// Octets of the longest number, spelt in words.
const LONGEST: usize = 160;
/// The same where the number stands first.
const REACH_BACK: usize = 40;
/// Octets between the number and the reason to call it.
const ALARM_REACH: usize = 400;

/// Octets before and after a call that say what it is about.
const AROUND: usize = 200;

/// A number that a text wants to be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Callback {
    /// As the text has it; or the team whose call is announced.
    pub(crate) number: String,
    /// It is about a charge, a payment or a lock.
    pub(crate) about_money_or_lock: bool,
    /// The text around the call.
    pub(crate) around: Range<usize>,
    /// No reason to call stands beside it but an amount of money.
    pub(crate) plain: bool,
}

/// The number to call. `dialled`: what the links of the page dial, each with its label in the form of the
/// text.
///
/// `presumes`: the mail claims to be the brand's, or speaks as the brand: there a worry is reason enough.
pub(crate) fn find(
    text: &str,
    requests: &Requests,
    presumes: bool,
    dialled: &[(String, String)],
) -> Option<Callback> {
    if requests.team && requests.will_call && requests.asks {
        return Some(Callback {
            number: "an announced call of a support team".to_owned(),
            about_money_or_lock: false,
            around: 0..0,
            plain: false,
        });
    }
    let is_urged = |at: usize| {
        let worries = requests.worries.iter().filter(|_| presumes);
        let mut reasons = requests.alarms.iter().chain(worries);
        reasons.any(|reason| reason.abs_diff(at) <= ALARM_REACH)
    };
    let calls = || requests.calls.iter().filter(|call| is_urged(call.start));
    let found = calls().find_map(|call| Some((call.start, number_near(text, call)?.to_owned())));
    let found = found.or_else(|| {
        let mut numbers = dialled.iter();
        numbers.find_map(|(number, label)| {
            let at = text.find(label.as_str()).filter(|_| !label.is_empty())?;
            (is_urged(at) || calls().next().is_some()).then(|| (at, number.clone()))
        })
    });
    let urged = found.map(|found| (found, false));
    let found = urged.or_else(|| {
        let calls = requests.calls.iter();
        let mut calls =
            calls.filter(|call| has_amount(text, around(text, call.start, ALARM_REACH)));
        let found = calls.find_map(|call| Some((call.start, number_near(text, call)?.to_owned())));
        Some((found?, true))
    });
    found.map(|((at, number), plain)| Callback {
        number,
        about_money_or_lock: is_about_money_or_lock(text, at),
        around: around(text, at, AROUND),
        plain,
    })
}

/// Whether an amount of money stands in a stretch of the text: digits with a currency beside them.
fn has_amount(text: &str, within: Range<usize>) -> bool {
    const WORDS: [&str; 17] = [
        "eur", "euro", "euros", "usd", "gbp", "dollar", "dollars", "zl", "kr", "tl", "inr", "rs",
        "sar", "aed", "円", "元", "원",
    ];
    let is_sign = |c: char| matches!(c, '$' | '€' | '£' | '¥' | '₹' | '₽' | '₺' | '₩' | '₪' | '฿');
    let text = text.get(within).unwrap_or_default();
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let by_sign = text.match_indices(is_sign).any(|(at, sign)| {
        let before = text.get(..at).unwrap_or_default().trim_end();
        let behind = text.get(at + sign.len()..).unwrap_or_default().trim_start();
        digit(before.chars().next_back()) || digit(behind.chars().next())
    });
    let by_word = || {
        WORDS.iter().any(|word| {
            text.match_indices(word).any(|(at, _)| {
                let before = text.get(..at).unwrap_or_default().trim_end_matches(' ');
                let behind = text.get(at + word.len()..).unwrap_or_default();
                let ends = !behind.starts_with(|c: char| c.is_ascii_alphanumeric());
                digit(before.chars().next_back()) && ends
            })
        })
    };
    by_sign || by_word()
}

/// The numbers that links dial, with their labels: `tel:`, and the messengers that take a number.
pub(crate) fn dialled<'l>(
    links: impl Iterator<Item = (&'l str, &'l str)>,
) -> Vec<(String, String)> {
    const SCHEMES: [&str; 9] = [
        "tel:",
        "callto:",
        "sms:",
        "smsto:",
        "facetime:",
        "https://wa.me/",
        "http://wa.me/",
        "https://api.whatsapp.com/send?phone=",
        "whatsapp://send?phone=",
    ];
    let number = |target: &str| {
        let target = target.trim();
        let scheme = SCHEMES.iter().find(|scheme| {
            let start = target.get(..scheme.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(scheme))
        })?;
        let rest = target
            .get(scheme.len()..)?
            .replace("%20", " ")
            .replace("%2B", "+");
        let rest = requests::readable(&rest);
        number(&rest).and_then(|range| rest.get(range).map(str::to_owned))
    };
    let all = links.filter_map(|(target, label)| Some((number(target)?, label)));
    all.map(|(number, label)| (number, requests::readable(label)))
        .collect()
}

fn is_about_money_or_lock(text: &str, at: usize) -> bool {
    let around = around(text, at, ALARM_REACH);
    threats::speaks_of_money_or_lock(Tables::embedded().find(text, around))
}

fn around(text: &str, at: usize, reach: usize) -> Range<usize> {
    let start = text.floor_char_boundary(at.saturating_sub(reach));
    start..text.ceil_char_boundary((at + reach).min(text.len()))
}

/// A number after the word that asks to call, or right before it.
fn number_near<'t>(text: &'t str, call: &Range<usize>) -> Option<&'t str> {
    let end = text.floor_char_boundary(call.end + REACH + LONGEST);
    let after = text.get(call.end..end)?;
    let found = number(after).filter(|range| range.start <= REACH);
    if let Some(found) = found.filter(|range| leads_to(after.get(..range.start))) {
        return after.get(found);
    }
    let start = text.floor_char_boundary(call.start.saturating_sub(REACH_BACK));
    let before = text.get(start..call.start)?;
    let found = number(before)?;
    let between = before.get(found.end..)?;
    // Another number is an order's, or a price.
    let is_full = before
        .get(found.clone())?
        .bytes()
        .filter(u8::is_ascii_digit)
        .count()
        > 7;
    let labels = &Tables::embedded().words.labels;
    let mut words = between.split(|c: char| !c.is_alphanumeric());
    let is_right_before = words.all(|word| word.is_empty() || labels.contains(word)) && is_full;
    is_right_before.then(|| before.get(found)).flatten()
}

/// Whether what stands between a request to call and a number leads to it. A number of the next sentence
/// is something else (a registration, an order), unless it has nothing else in it.
fn leads_to(between: Option<&str>) -> bool {
    let between = between.unwrap_or_default();
    let mut stops = between.char_indices().filter_map(|(at, c)| {
        let end = at + c.len_utf8();
        let is_stop = match c {
            '\n' | '?' | '!' | '。' | '।' => true,
            '.' => between.get(end..).is_some_and(|rest| rest.starts_with(' ')),
            _ => false,
        };
        is_stop.then_some(end)
    });
    let labels = &Tables::embedded().words.labels;
    stops.next_back().is_none_or(|end| {
        let last = between.get(end..).unwrap_or_default();
        let mut words = last.split(|c: char| !c.is_alphanumeric());
        words.all(|word| word.is_empty() || labels.contains(word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<Callback> {
        let text = requests::readable(text);
        find(&text, &requests::read(&text), false, &[])
    }

    #[test]
    fn a_number_is_found_wherever_it_is_asked_to_be_called() {
        for text in [
            "If you did not authorize this order, call us:\n\n+1 888 555 0123",
            "Not you? Call now! +1 888 555 0123",
            "A charge of $899.99 not authorized by you? Call +1 888 555 0123",
            "Did not place this order? Call us now.\n\nToll free: 888 555 0123",
            "+1 888 555 0123 - call us if you did not order this.",
            "To cancel this order, call eight eight eight, five five five, zero one two three.",
            "Falls Sie das nicht bestellt haben, rufen Sie uns an: 0800 555 0123",
            "Ihr Konto wurde gesperrt. Bitte rufen Sie uns unter 0 3 0 5 5 5 0 1 2 3 4 an.",
            "Se non hai autorizzato, chiama il numero 02 5550 1234",
            "お心当たりのない場合は、０１２０－５５５－０１８までお電話ください。お電話は0120-555-018へお電話",
            "Если вы не заказывали, позвоните: 8 800 555 01 23",
            "Jeśli to nie Ty, zadzwoń pod 22 555 01 44.",
            "Was it you? If no, call 888 555 0123.",
            "Bu siparişi siz vermediyseniz 0850 555 01 23 numarasını arayın.",
            "如果不是您的订单，请致电 400-555-0123。",
            "אם לא ביצעת את ההזמנה, התקשר אלינו 1800 555 012",
            "หากคุณไม่ได้สั่ง กรุณาโทร 02 555 0123",
        ] {
            assert!(found(text).is_some(), "{text}");
        }
    }

    #[test]
    fn other_numbers_are_not_called() {
        for text in [
            "Fraud is rare. Call your mother. Order 1234567890 is on its way.",
            "Call us by 30.11.2026 if you did not order this.",
            "Your order 114-1234567-1234567 was locked; contact us.",
            "Thank you for your order. Questions? Call us at 0800 555 0123.",
            "I got a mail that says \"your account is locked\". Is it real? Call me, 020 7946 0122.",
            "Mein Lesegerät ist gesperrt. Magst du mich anrufen? 0660 5550122",
            "Mon compte est bloqué, tu peux me rappeler ? 06 99 00 51 22",
            "Mi cuenta está bloqueada, ¿puedes llamarme? 600 000 122",
            "Mijn account is geblokkeerd, kun je me bellen? 06 5555 0122",
            "Hay mensajes que dicen que la cuenta está bloqueada. ¿Dudas? Llame al 900 000 122.",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }

    #[test]
    fn an_amount_is_a_plain_reason() {
        let plain = |text| found(text).map(|callback| callback.plain);
        for text in [
            "A laptop for $1,349.20 is on its way. Contact us at 805 555 0171 if you have no idea about it.",
            "Das Notebook (1.199 EUR) geht raus. Rufen Sie an: 030 23125 171",
            "Ноутбук 89 990 ₽. Звоните: 8 800 555 01 71",
        ] {
            assert_eq!(plain(text), Some(true), "{text}");
        }
        for text in [
            "The laptop is on its way. Contact us at 805 555 0171.",
            "It was 14.99 EUR a month, call me: 07700 900123",
            "It was 14.99 EUR, ruf mich an: 07700 900123",
        ] {
            assert_eq!(plain(text), None, "{text}");
        }
        assert_eq!(
            plain("Not you? $12 were charged. Call 805 555 0171."),
            Some(false)
        );
    }

    #[test]
    fn a_worry_counts_where_the_mail_presumes_to_be_the_brands() {
        let text = requests::readable("For a refund call us at 0800 555 0123.");
        let requests = requests::read(&text);
        assert!(find(&text, &requests, true, &[]).is_some());
        assert_eq!(find(&text, &requests, false, &[]), None);
    }

    #[test]
    fn what_the_call_is_about_is_told() {
        let about = |text| found(text).map(|callback| callback.about_money_or_lock);
        assert_eq!(
            about("If you did not authorize this payment, call 888 555 0123."),
            Some(true)
        );
        assert_eq!(
            about("Your account is locked. Call 888 555 0123."),
            Some(true)
        );
        assert_eq!(
            about("Suspicious mail in our name? Call us at 888 555 0123."),
            Some(false)
        );
    }

    #[test]
    fn a_link_that_dials_is_a_number() {
        let links = [
            ("tel:+18885550123", "Call us now"),
            ("https://x.example", "x"),
        ];
        let dialled = dialled(links.into_iter());
        let text = requests::readable("If you did not authorize this order\n\nCall us now");
        let found = find(&text, &requests::read(&text), false, &dialled);
        assert_eq!(found.unwrap().number, "18885550123");
        let text = requests::readable("Our winter roast is here\n\nCall us now");
        assert_eq!(find(&text, &requests::read(&text), false, &dialled), None);
    }
}
