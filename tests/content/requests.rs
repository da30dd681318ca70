//! Requests in every language of the marketplaces, and the warnings that sound like them.

use super::{html, plain, strong, weak, words};

const PASSWORD: &str = "asks-for-password";
const PAYMENT: &str = "asks-for-payment-data";
const IDENTITY: &str = "asks-for-identity";

/// Language, what is asked for, the sentence.
const ASKED: &[(&str, &str, &str)] = &[
    (
        "en",
        PASSWORD,
        "To restore access, please confirm your account password within 24 hours.",
    ),
    ("en", PASSWORD, "Kindly reply with your email and password."),
    (
        "en",
        PASSWORD,
        "You need to re-enter your current password.",
    ),
    (
        "en",
        PAYMENT,
        "Please update your credit card number and the security code on the back.",
    ),
    (
        "en",
        PAYMENT,
        "We were unable to charge you. Update your payment information now to keep Prime.",
    ),
    (
        "en",
        PAYMENT,
        "If you do not verify your bank account within 48 hours, the account will be closed.",
    ),
    (
        "en",
        PAYMENT,
        "Please reply with the following:\n\n- Full name\n- Card number\n- CVV",
    ),
    ("en", PAYMENT, "Enter the PIN and then confirm your PIN."),
    (
        "en",
        IDENTITY,
        "For security reasons, tell us your mother's maiden name and your city of birth.",
    ),
    (
        "en",
        IDENTITY,
        "Please provide the name of your favourite pet.",
    ),
    (
        "en",
        IDENTITY,
        "You must upload a copy of your passport and business license.",
    ),
    (
        "de",
        PASSWORD,
        "Bitte bestätigen Sie Ihr Passwort, um Ihr Konto wieder freizuschalten.",
    ),
    (
        "de",
        PASSWORD,
        "Sie müssen Ihre Zugangsdaten erneut eingeben.",
    ),
    (
        "de",
        PAYMENT,
        "Bitte aktualisieren Sie umgehend Ihre Zahlungsinformationen.",
    ),
    (
        "de",
        PAYMENT,
        "Bitte bestätige jetzt deine Sicherheits-PIN.",
    ),
    (
        "de",
        PAYMENT,
        "Geben Sie dazu Ihre Kreditkartennummer und die Prüfziffer ein.",
    ),
    (
        "de",
        PAYMENT,
        "Wenn Sie Ihre Bankverbindung nicht innerhalb von 24 Stunden bestätigen, sperren wir das Konto. Bestätigen Sie Ihre Bankverbindung hier.",
    ),
    (
        "de",
        IDENTITY,
        "Bitte senden Sie uns eine Kopie Ihres Personalausweises zu.",
    ),
    (
        "de",
        IDENTITY,
        "Nennen Sie uns den Mädchennamen Ihrer Mutter und Ihren Geburtsort.",
    ),
    (
        "fr",
        PASSWORD,
        "Veuillez confirmer votre mot de passe afin de réactiver votre compte.",
    ),
    (
        "fr",
        PASSWORD,
        "Merci de saisir vos identifiants de connexion.",
    ),
    (
        "fr",
        PAYMENT,
        "Mettez à jour votre moyen de paiement dès maintenant.",
    ),
    (
        "fr",
        PAYMENT,
        "Nous vous invitons à vérifier vos coordonnées bancaires.",
    ),
    (
        "fr",
        PAYMENT,
        "Indiquez le numéro de carte et le cryptogramme.",
    ),
    (
        "fr",
        IDENTITY,
        "Veuillez nous transmettre une copie de votre pièce d’identité.",
    ),
    (
        "fr",
        IDENTITY,
        "Indiquez le nom de jeune fille de votre mère.",
    ),
    (
        "es",
        PASSWORD,
        "Por favor, confirme su contraseña para evitar la suspensión.",
    ),
    ("es", PASSWORD, "Debes verificar tus datos de acceso."),
    (
        "es",
        PAYMENT,
        "Actualice la información de pago de su cuenta.",
    ),
    (
        "es",
        PAYMENT,
        "Si no confirma sus datos bancarios en 24 horas, cerraremos la cuenta.",
    ),
    (
        "es",
        IDENTITY,
        "Envíenos una copia de su documento de identidad.",
    ),
    (
        "es",
        IDENTITY,
        "Indique el apellido de soltera de su madre y el nombre de su mascota.",
    ),
    (
        "it",
        PASSWORD,
        "La preghiamo di confermare la sua password.",
    ),
    (
        "it",
        PASSWORD,
        "Inserisci le tue credenziali per continuare.",
    ),
    ("it", PAYMENT, "Aggiorna subito il tuo metodo di pagamento."),
    (
        "it",
        PAYMENT,
        "È necessario verificare i dati della carta di credito.",
    ),
    (
        "it",
        IDENTITY,
        "Le chiediamo di inviare una copia del documento d'identità.",
    ),
    ("it", IDENTITY, "Indica il cognome da nubile di tua madre."),
    (
        "pt",
        PASSWORD,
        "Por favor, confirme sua senha imediatamente.",
    ),
    (
        "pt",
        PASSWORD,
        "Introduza a sua palavra-passe para desbloquear a conta.",
    ),
    ("pt", PAYMENT, "Atualize os dados do seu cartão de crédito."),
    (
        "pt",
        PAYMENT,
        "É necessário confirmar a sua conta bancária.",
    ),
    ("pt", IDENTITY, "Envie-nos uma cópia do seu passaporte."),
    (
        "pt",
        IDENTITY,
        "Informe o nome de solteira da sua mãe e a cidade de nascimento.",
    ),
    (
        "nl",
        PASSWORD,
        "Bevestig uw wachtwoord om uw account te herstellen.",
    ),
    (
        "nl",
        PASSWORD,
        "U dient uw inloggegevens opnieuw in te voeren.",
    ),
    (
        "nl",
        PAYMENT,
        "Werk uw betaalgegevens bij om verder te winkelen.",
    ),
    (
        "nl",
        PAYMENT,
        "Controleer je creditcardgegevens en vul je pincode in.",
    ),
    (
        "nl",
        IDENTITY,
        "Stuur ons een kopie van uw paspoort of identiteitsbewijs.",
    ),
    (
        "nl",
        IDENTITY,
        "Geef ons de meisjesnaam van uw moeder door.",
    ),
    (
        "pl",
        PASSWORD,
        "Prosimy potwierdzić hasło do swojego konta.",
    ),
    ("pl", PASSWORD, "Wprowadź swoje dane logowania."),
    ("pl", PAYMENT, "Zaktualizuj numer karty i kod CVV."),
    (
        "pl",
        PAYMENT,
        "Prosimy zweryfikować metodę płatności na koncie.",
    ),
    ("pl", IDENTITY, "Prześlij skan dowodu osobistego."),
    ("pl", IDENTITY, "Podaj nazwisko panieńskie matki."),
    (
        "sv",
        PASSWORD,
        "Vänligen bekräfta ditt lösenord för att låsa upp kontot.",
    ),
    ("sv", PASSWORD, "Ange dina inloggningsuppgifter igen."),
    (
        "sv",
        PAYMENT,
        "Uppdatera dina betalningsuppgifter omgående.",
    ),
    (
        "sv",
        PAYMENT,
        "Du måste verifiera ditt kontonummer och din pinkod.",
    ),
    ("sv", IDENTITY, "Skicka en kopia på ditt körkort."),
    ("sv", IDENTITY, "Uppge din mammas flicknamn."),
    (
        "tr",
        PASSWORD,
        "Hesabınızı açmak için lütfen şifrenizi doğrulayın.",
    ),
    (
        "tr",
        PASSWORD,
        "Giriş bilgilerinizi tekrar girmeniz gerekmektedir.",
    ),
    ("tr", PAYMENT, "Lütfen ödeme bilgilerinizi güncelleyin."),
    (
        "tr",
        PAYMENT,
        "Kredi kartı numaranızı ve güvenlik kodunu giriniz.",
    ),
    ("tr", IDENTITY, "Kimlik kartınızın fotoğrafını gönderin."),
    (
        "tr",
        IDENTITY,
        "Annenizin kızlık soyadını bildirmeniz gerekiyor.",
    ),
    (
        "ar",
        PASSWORD,
        "يرجى تأكيد كلمة المرور الخاصة بك لاستعادة الحساب.",
    ),
    ("ar", PASSWORD, "أدخل بيانات تسجيل الدخول مرة أخرى."),
    ("ar", PAYMENT, "يرجى تحديث معلومات الدفع الخاصة بك فورا."),
    ("ar", PAYMENT, "عليك إدخال رقم البطاقة ورمز الأمان."),
    ("ar", IDENTITY, "يرجى إرسال صورة من جواز السفر."),
    (
        "ar",
        IDENTITY,
        "يرجى تقديم نسخة من السجل التجاري ورخصة القيادة.",
    ),
    ("ja", PASSWORD, "お客様のパスワードを再入力してください。"),
    (
        "ja",
        PASSWORD,
        "アカウントを復旧するには、ログイン情報を確認してください。",
    ),
    ("ja", PAYMENT, "お支払い方法を更新してください。"),
    (
        "ja",
        PAYMENT,
        "クレジットカード番号とセキュリティコードをご入力ください。",
    ),
    ("ja", PAYMENT, "24時間以内にカード情報をご確認ください。"),
    ("ja", IDENTITY, "本人確認書類をアップロードしてください。"),
    ("ja", IDENTITY, "お母様の旧姓をお知らせください。"),
    ("zh-Hans", PASSWORD, "请输入您的登录密码以恢复账户。"),
    ("zh-Hans", PASSWORD, "请立即验证您的密码。"),
    ("zh-Hans", PAYMENT, "请更新您的付款方式，否则会员将被取消。"),
    ("zh-Hans", PAYMENT, "请提供您的银行卡号和安全码。"),
    ("zh-Hans", IDENTITY, "请上传您的身份证和营业执照。"),
    ("zh-Hans", IDENTITY, "请填写您母亲的娘家姓和出生城市。"),
    ("zh-Hant", PASSWORD, "請輸入您的密碼以解除鎖定。"),
    ("zh-Hant", PAYMENT, "請更新您的信用卡資料。"),
    ("zh-Hant", PAYMENT, "請提供您的銀行帳號與卡片安全碼。"),
    ("zh-Hant", IDENTITY, "請上傳您的身分證與營業執照。"),
];

#[test]
fn requests_are_found_in_every_language() {
    let missed: Vec<String> = ASKED
        .iter()
        .filter(|(_, reason, text)| {
            let content = weak(&plain(text));
            !content.findings.iter().any(|found| found.word() == *reason)
        })
        .map(|(language, reason, text)| format!("{language} {reason}: {text}"))
        .collect();
    assert_eq!(missed, Vec::<String>::new());
}

/// Sentences of honest mail that hold the same words.
const NOT_ASKED: &[&str] = &[
    "We will never ask you for your password or your credit card number.",
    "Do not give your password to anyone.",
    "Never share your PIN, and don't enter your card number on pages that ask for it.",
    "Scammers may ask you to confirm your bank account.",
    "Amazon will not ask you, by phone or by e-mail, to disclose your password.",
    "Your password was changed. If this was you, no action is needed.",
    "You can reset your password at any time.",
    "To set a new password, enter your new password twice.",
    "Your one-time password is 123456. Enter it on the page.",
    "Thank you for your order. Your credit card will be charged when we ship.",
    "Please complete your purchase using your credit card or Amazon Pay.",
    "We accept credit card, PayPal and Amazon Pay.",
    "Please confirm your email address.",
    "Payment method: credit card ending in 1234",
    "We no longer need your bank details.",
    "Please pin this message.",
    "Amazon fragt Sie niemals nach Ihrem Passwort.",
    "Geben Sie Ihr Passwort niemals weiter.",
    "Wir werden Sie nicht auffordern, Ihre Kreditkartennummer einzugeben.",
    "Bitte geben Sie Ihre PIN nicht an Dritte weiter.",
    "Wir bestätigen Ihre Zahlung per Kreditkarte.",
    "Vielen Dank für Ihre Bestellung. Zahlungsart: Kreditkarte",
    "Sie können Ihr Passwort zurücksetzen.",
    "Amazon ne vous demandera jamais votre mot de passe.",
    "Ne communiquez à personne votre mot de passe ou votre numéro de carte bancaire.",
    "Votre paiement par carte bancaire a été accepté.",
    "Amazon nunca le pedirá su contraseña ni los datos de su tarjeta.",
    "No comparta su contraseña con nadie.",
    "Su pago con tarjeta de crédito ha sido aceptado.",
    "Amazon non ti chiederà mai di fornire la password.",
    "Non comunicare a nessuno il numero della tua carta.",
    "A Amazon nunca solicita sua senha por e-mail.",
    "Não partilhe a sua palavra-passe.",
    "Amazon zal u nooit vragen om uw wachtwoord te bevestigen.",
    "Deel uw pincode met niemand.",
    "Nigdy nie prosimy o podanie hasła ani numeru karty.",
    "Nie podawaj nikomu hasła.",
    "Vi ber dig aldrig att bekräfta ditt lösenord.",
    "Lämna inte ut din pinkod.",
    "Amazon sizden asla şifrenizi doğrulamanızı istemez.",
    "Kart bilgilerinizi kimseyle paylaşmayın.",
    "لن نطلب منك أبدا إدخال كلمة المرور.",
    "لا تشارك رقم البطاقة مع أي شخص.",
    "パスワードやカード情報の入力をお願いすることは決してありません。",
    "メールに記載されたリンクからパスワードを入力しないでください。",
    "クレジットカードでのお支払いが完了しました。",
    "亚马逊绝不会要求您提供密码。",
    "请勿向任何人透露您的密码。",
    "您的信用卡付款已成功。",
    "我們絕不會要求您提供信用卡資料。",
    "請勿將密碼告訴他人。",
];

#[test]
fn warnings_and_receipts_ask_for_nothing() {
    let wrong: Vec<String> = NOT_ASKED
        .iter()
        .map(|text| (text, words(&weak(&plain(text)))))
        .filter(|(_, found)| !found.is_empty())
        .map(|(text, found)| format!("{found}: {text}"))
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
}

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
