//! How text is read before anything is looked for: disguises, pages, encodings, forms, numbers, the name.

use super::{html, plain, strong, weak, words};

const PASSWORD: &str = "asks-for-password";
const PAYMENT: &str = "asks-for-payment-data";
const IDENTITY: &str = "asks-for-identity";

#[test]
fn disguised_words_are_read_as_they_look() {
    for text in [
        "Please confirm your pаsswоrd", // Cyrillic a and o
        "Please confirm your pass\u{200b}word",
        "P\u{73f}lease con\u{73f}firm yo\u{73f}ur p\u{73f}assword",
        "Ｐｌｅａｓｅ ｃｏｎｆｉｒｍ ｙｏｕｒ ｐａｓｓｗｏｒｄ",
        "Please confirm your passw0rd",
        "𝐏𝐥𝐞𝐚𝐬𝐞 𝐜𝐨𝐧𝐟𝐢𝐫𝐦 𝐲𝐨𝐮𝐫 𝐩𝐚𝐬𝐬𝐰𝐨𝐫𝐝",
    ] {
        assert_eq!(words(&weak(&plain(text))), PASSWORD, "{text}");
    }
}

#[test]
fn pages_are_read_as_they_are_shown() {
    for (page, expected) in [
        (
            "<p>Please confirm <b>your</b>\n pass<span></span>word</p>",
            PASSWORD,
        ),
        ("Please confirm your pass<!-- x -->word", PASSWORD),
        ("Please confirm your p&#97;ssw&#x6f;rd", PASSWORD),
        ("Please confirm your pass&shy;word", PASSWORD),
        (
            "Please confirm your p<span style='display:none'>x</span>assword",
            PASSWORD,
        ),
        (
            "<td>Please reply with:</td><ul><li>Name<li>Card number</ul>",
            PAYMENT,
        ),
        ("<style>please confirm your password</style>Hello", ""),
        ("<script>please confirm your password</script>Hello", ""),
        ("<!-- please confirm your password -->Hello", ""),
        (
            "<div style='display: none'>please confirm your password</div>Hello",
            "",
        ),
        (
            "<div style='DISPLAY:none !important'>please <div>confirm</div> your password</div>Hello",
            "",
        ),
        ("<div hidden>please confirm your password</div>Hello", ""),
        (
            "<span style='font-size:0px'>please confirm your password</span>Hello",
            "",
        ),
        // A column layout: the size of nothing is for the gaps.
        (
            "<table style='font-size:0'><tr><td style='font-size:14px'>Confirm your password</td></tr></table>",
            PASSWORD,
        ),
        (
            "<p style='display:none'>x<p>Confirm your password",
            PASSWORD,
        ),
    ] {
        assert_eq!(words(&weak(&html(page))), expected, "{page}");
    }
}

#[test]
fn forms_ask_by_their_fields() {
    for (page, expected) in [
        (
            "<form action='https://x.example/'><input type=password name=p></form>",
            PASSWORD,
        ),
        (
            "<form><input name='card_number'><input name=q></form>",
            PAYMENT,
        ),
        ("<form><input autocomplete='cc-csc'></form>", PAYMENT),
        (
            "<form><input placeholder='Mother&#39;s maiden name'></form>",
            IDENTITY,
        ),
        (
            "<form><input type=hidden name=cvv><input name=email><input type=submit value=Go></form>",
            "",
        ),
    ] {
        assert_eq!(words(&weak(&html(page))), expected, "{page}");
    }
}

#[test]
fn every_encoding_and_charset_is_read() {
    let head = "From: a@sender.example\nSubject: x\n";
    for (name, raw) in [
        (
            "base64",
            "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\nUGxlYXNlIGNvbmZpcm0geW91ciBw\nYXNzd29yZC4=\n",
        ),
        (
            "base64 cut in the middle",
            "Content-Transfer-Encoding: BASE64\n\nUGxlYXNlIGNvbmZpcm0geW91ciBwYXNzd29yZC4gSGVsbG8gYWdha\n",
        ),
        (
            "quoted-printable",
            "Content-Transfer-Encoding: quoted-printable\n\nPlease con=66irm your pass=\nword.\n",
        ),
        (
            "UTF-7",
            "Content-Type: text/plain; charset=utf-7\n\nPlease confirm your +AHAAYQBzAHM-word.\n",
        ),
        (
            "UTF-16",
            "Content-Type: text/plain; charset=utf-16le\nContent-Transfer-Encoding: base64\n\nUABsAGUAYQBzAGUAIABjAG8AbgBmAGkAcgBtACAAeQBvAHUAcgAgAHAAYQBzAHMAdwBvAHIAZAA=\n",
        ),
        (
            "ISO-2022-JP",
            "Content-Type: text/plain; charset=ISO-2022-JP\nContent-Transfer-Encoding: base64\n\nGyRCJVElOSVvITwlSSRyRn5OTyQ3JEYkLyRAJDUkJBsoQg==\n",
        ),
        (
            "a page that is called a file",
            "Content-Type: application/octet-stream; name=\"invoice.html\"\n\n<b>Please confirm</b> your password\n",
        ),
        (
            "nested parts",
            "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/related; boundary=\"b c\"\n\n--b c\nContent-Type: text/html\n\n<p>Please confirm your password</p>\n--b c--\n--a--\n",
        ),
        ("no type at all", "\nPlease confirm your password\n"),
    ] {
        assert_eq!(words(&weak(&format!("{head}{raw}"))), PASSWORD, "{name}");
    }
}

#[test]
fn a_subject_asks_too() {
    let raw = "From: a@sender.example\nSubject: =?utf-8?q?Sicherheits-PIN_best=C3=A4tigen?=\n\nx\n";
    assert_eq!(words(&weak(raw)), PAYMENT);
    assert_eq!(words(&weak(&raw.replace("Subject: ", "Subject: Re: "))), "");
}

#[test]
fn a_number_to_call_counts_with_a_fright() {
    for text in [
        "Your order of an iPhone for $1,299.00 was placed. If you did not authorize this order, call +1 (888) 555-0123 now.",
        "Unauthorized charge! Speak to our fraud desk toll free 1-800-555-0199.",
        "Ihre Bestellung über 899 € wurde bearbeitet. Falls Sie nicht selbst bestellt haben, rufen Sie uns unter 0800 123 4567 an.",
        "Si vous n'êtes pas à l'origine de cette commande, appelez le 01 70 00 00 00.",
        "ご注文に心当たりがない場合は 0120-123-456 ではなく、お電話ください 03-1234-5678 まで。",
        "如非本人操作，请致电 400-123-4567。",
        "The account health support team will call you. Please provide your details before the phone call.",
    ] {
        let content = strong(&plain(text));
        assert!(
            words(&content).contains("callback-number"),
            "{text}: {:?}",
            content.findings
        );
    }
    for text in [
        "Questions? Call us at +1 (888) 555-0123.",
        "Order 114-1234567-1234567, total 1299.00. If you did not place it, visit our site.",
        "Call me when you are home: 555 0123456",
        "If this wasn't you, contact support. Company register 487 773 327",
    ] {
        assert_eq!(words(&strong(&plain(text))), "", "{text}");
    }
}

#[test]
fn a_number_to_cancel_counts_with_a_strong_claim() {
    let text = plain("If you wish to cancel your booking call 030 123456 78.");
    assert_eq!(words(&weak(&text)), "");
    assert_eq!(words(&strong(&text)), "callback-number");
}

#[test]
fn the_name_written_wrongly_is_said_and_does_not_deceive_by_itself() {
    for text in [
        "Dear Amaz0n customer",
        "Your Αmazοn account",
        "A\u{73f}m\u{73f}azon team",
        "The Amazom team",
    ] {
        let content = weak(&plain(text));
        assert_eq!(words(&content), "brand-misspelled", "{text}");
        assert!(content.names_brand && !content.is_deceptive(), "{text}");
    }
    for text in [
        "Your Amazon order",
        "AMAZON.DE, Amazon's and Amazon®",
        "Ａｍａｚｏｎ",
        "The Amazonas and the Amazon rainforest are amazing",
        "\u{200c}\u{200c} \u{200c} Your order at Amazon \u{200c} \u{200c}",
        "Kunden\u{ad}service von Amazon",
    ] {
        assert_eq!(words(&weak(&plain(text))), "", "{text}");
    }
}
