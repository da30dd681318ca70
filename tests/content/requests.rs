//! Requests in every language of the marketplaces, and the warnings that sound like them.

use super::{plain, weak, words};

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
    ("ar", PAYMENT, "الرجاء إدخال كلمة المرور ورقم البطاقة"),
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
    (
        "zh-Hans",
        PAYMENT,
        "为确保账户安全，请登录并验证银行卡信息。",
    ),
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
    "Bitte senden Sie das Paket zurück; die Erstattung erfolgt auf Ihre Kreditkarte.",
    "To book, send your name and we take credit card at the door.",
    "You can update your payment method in the settings at any time.",
    "We may share your payment information with processors.",
    "To complete your order, choose a payment method at checkout.",
    "Sie können Ihre Zahlungsmethode jederzeit aktualisieren.",
    "You do not need to confirm your password.",
    "There is no need to update your payment method.",
    "Sie müssen Ihr Passwort nicht bestätigen.",
    "Sie brauchen keine neuen Zahlungsdaten einzugeben.",
    "Il n’est pas nécessaire de mettre à jour votre moyen de paiement.",
    "No es necesario verificar sus datos bancarios.",
    "Non è necessario aggiornare il metodo di pagamento.",
    "Não é necessário atualizar os dados do cartão.",
    "U hoeft uw wachtwoord niet te bevestigen.",
    "Nie musisz potwierdzać ani podawać hasła.",
    "Du behöver inte bekräfta ditt lösenord.",
    "Şifrenizi girmeniz gerekmez.",
    "パスワードの更新は不要です。",
    "无需更新您的付款方式。",
    "無需更新您的信用卡資料。",
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
