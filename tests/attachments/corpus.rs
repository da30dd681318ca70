//! Files as scammers send them, and what a reader has to see in each.

use super::build::{
    Grey, Pdf, archive, bare_code, code, deflated, docx, link_note, pdf_with_picture,
    protected_archive, squares_of, text_of, winmail,
};
use amazon_spoof_milter::mail::file::Outcome;

/// What has to be found.
#[derive(Clone)]
pub(crate) enum Seen {
    /// Words, in this order, with any blanks between them.
    Words(&'static str),
    /// Where a link leads.
    Link(&'static str),
    /// What a code holds.
    Code(&'static str),
    /// What became of the file.
    Is(Outcome),
}

use Seen::{Code, Is, Link, Words};

pub(crate) type Sample = (&'static str, Vec<u8>, Vec<Seen>);

const URL: &str = "https://verify.account-help.example/start?id=4471";
/// Pictures of a code that holds [`URL`], written by Pillow.
pub(crate) const CODE: &[u8] = include_bytes!("code.jpg");
pub(crate) const PROGRESSIVE: &[u8] = include_bytes!("progressive.jpg");
const NUMBER: &str = "+1 (888) 555-0142";

pub(crate) fn all() -> Vec<Sample> {
    let mut all = pdfs();
    all.extend(more_pdfs());
    all.extend(pictures());
    all.extend(drawings());
    all.extend(documents());
    all.extend(archives());
    all.extend(others());
    all
}

fn invoice() -> [&'static str; 4] {
    [
        "Amazon Order Confirmation",
        "Apple MacBook Pro 16 - $2,499.00 was charged to your card.",
        "If you did not place this order, call our fraud desk:",
        NUMBER,
    ]
}

fn pdfs() -> Vec<Sample> {
    let number = || {
        vec![
            Words("If you did not place this order, call our fraud desk: +1 (888) 555-0142"),
            Is(Outcome::Read),
        ]
    };
    let letters: String = invoice()[3].chars().map(|c| format!("({c}) ")).collect();
    let letters = letters.replace("(()", "(\\()").replace("())", "(\\))");
    vec![
        ("an invoice with a number", Pdf::lines(&invoice()), number()),
        (
            "behind octets of something else",
            [b"GARBAGE\0\xFF\r\n".repeat(40), Pdf::lines(&invoice())].concat(),
            number(),
        ),
        (
            "without a table of its objects",
            {
                let mut file = Pdf::lines(&invoice());
                let table = file.windows(5).position(|five| five == b"xref\n").unwrap();
                file.truncate(table);
                file
            },
            number(),
        ),
        (
            "each letter by itself",
            Pdf::page(
                &format!("BT /F1 12 Tf 72 700 Td [{letters}] TJ ET"),
                "",
                "",
                |_| {},
            ),
            vec![Words(NUMBER)],
        ),
        (
            "words by their places alone",
            Pdf::page(
                "BT /F1 12 Tf 1 0 0 1 72 700 Tm (Call) Tj 1 0 0 1 104 700 Tm (the) Tj 1 0 0 1 130 700 Tm (fraud) Tj \
                 1 0 0 1 170 700 Tm (desk) Tj 1 0 0 1 72 680 Tm (888-555-0142) Tj ET",
                "",
                "",
                |_| {},
            ),
            vec![Words("Call the fraud desk 888-555-0142")],
        ),
        (
            "lines in another order",
            Pdf::page(
                "BT /F1 12 Tf 1 0 0 1 72 600 Tm (to cancel the order) Tj 1 0 0 1 72 640 Tm (Dear Amazon customer,) Tj \
                 1 0 0 1 72 620 Tm (call 888-555-0142) Tj ET",
                "",
                "",
                |_| {},
            ),
            vec![Words(
                "Dear Amazon customer, call 888-555-0142 to cancel the order",
            )],
        ),
        (
            "in hexadecimal",
            Pdf::page(
                "BT /F1 12 Tf 72 700 Td <43616C6C203838382D3535352D30313432> Tj ET",
                "",
                "",
                |_| {},
            ),
            vec![Words("Call 888-555-0142")],
        ),
        (
            "in a font that says its characters",
            Pdf::page(
                "BT /F9 12 Tf 72 700 Td <000100020003> Tj ET",
                "/Font << /F9 5 0 R >>",
                "",
                |pdf| {
                    pdf.add("<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /ToUnicode 7 0 R /DescendantFonts [6 0 R] >>");
                    pdf.add("<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /DW 600 >>");
                    pdf.stream(
                        "",
                        b"/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <0000> <FFFF> endcodespacerange \
                          3 beginbfchar <0001> <0041> <0002> <0057> <0003> <0053> endbfchar endcmap end",
                    );
                },
            ),
            vec![Words("AWS")],
        ),
        (
            "turned to its side",
            Pdf::page(
                "BT /F1 12 Tf 0 1 -1 0 100 100 Tm (Call 888-555-0142 to cancel) Tj ET",
                "",
                "/Rotate 90",
                |_| {},
            ),
            vec![Words("Call 888-555-0142 to cancel")],
        ),
        (
            "in a form within the page",
            Pdf::page("/Form Do", "/XObject << /Form 5 0 R >>", "", |pdf| {
                pdf.stream(
                    "/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>",
                    text_of(&invoice()).as_bytes(),
                );
            }),
            number(),
        ),
    ]
}

fn more_pdfs() -> Vec<Sample> {
    let with_link = format!("/Annots [{}]", link_note(URL, 720));
    vec![
        (
            "a link under the name of another",
            Pdf::page(
                &text_of(&["www.amazon.com/your-orders"]),
                "",
                &with_link,
                |_| {},
            ),
            vec![Link(URL), Words("www.amazon.com/your-orders")],
        ),
        (
            "a link that is an object of its own",
            Pdf::page(
                &text_of(&["Review your account"]),
                "",
                "/Annots 5 0 R",
                |pdf| {
                    pdf.add("[6 0 R]");
                    pdf.add(link_note(URL, 720));
                },
            ),
            vec![Link(URL)],
        ),
        (
            "a link that opens with the file",
            {
                let mut pdf = Pdf::default();
                pdf.add(format!(
                    "<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /URI /URI ({URL}) >> >>"
                ));
                pdf.add("<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
                pdf.add("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] >>");
                pdf.file()
            },
            vec![Link(URL)],
        ),
        (
            "a script that opens an address",
            Pdf::page(
                "",
                "",
                &format!(
                    "/AA << /O << /S /JavaScript /JS (app.launchURL\\(\"{URL}\", true\\);) >> >>"
                ),
                |_| {},
            ),
            vec![Words(URL)],
        ),
        (
            "a form that is sent away",
            Pdf::page(
                &text_of(&["Card number"]),
                "",
                &format!(
                    "/Annots [<< /Type /Annot /Subtype /Widget /FT /Btn /Rect [70 600 200 620] /A << /S /SubmitForm /F << /FS /URL /F ({URL}) >> >> >>]"
                ),
                |_| {},
            ),
            vec![Link(URL)],
        ),
        (
            "a code as a picture",
            pdf_with_picture(&code(URL, 6), "Scan to verify your account"),
            vec![Code(URL), Words("Scan to verify your account")],
        ),
        (
            "a code of squares",
            Pdf::page(&squares_of(URL), "", "", |_| {}),
            vec![Code(URL)],
        ),
        (
            "a code on a photograph",
            pdf_with_picture(&code(URL, 5).on_photograph(700, 500), "Parking fee"),
            vec![Code(URL)],
        ),
        (
            "a code as a mask",
            Pdf::page(
                "q 200 0 0 200 150 300 cm /P Do Q",
                "/XObject << /P 5 0 R >>",
                "",
                |pdf| {
                    let picture = code(URL, 4);
                    let row = picture.width.div_ceil(8);
                    let mut bits = vec![0xFF_u8; row * picture.height];
                    for (at, point) in picture.points.iter().enumerate() {
                        if *point == 0 {
                            bits[at / picture.width * row + at % picture.width / 8] &=
                                !(0x80 >> (at % picture.width % 8));
                        }
                    }
                    pdf.stream(
                    &format!(
                        "/Type /XObject /Subtype /Image /ImageMask true /Width {} /Height {} /BitsPerComponent 1 /Filter /FlateDecode",
                        picture.width, picture.height
                    ),
                    &deflated(&bits),
                );
                },
            ),
            vec![Code(URL)],
        ),
        (
            "a JPEG in it",
            Pdf::page(
                "q 200 0 0 200 150 300 cm /P Do Q",
                "/XObject << /P 5 0 R >>",
                "",
                |pdf| {
                    pdf.stream(
                    "/Type /XObject /Subtype /Image /Width 246 /Height 246 /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /DCTDecode",
                    CODE,
                );
                },
            ),
            vec![Code(URL)],
        ),
        (
            "a file with a password",
            include_bytes!("protected.pdf").to_vec(),
            vec![Is(Outcome::Encrypted)],
        ),
        (
            "a file that only may not be printed",
            include_bytes!("unprintable.pdf").to_vec(),
            vec![Words("Call 888-555-0142 to cancel"), Is(Outcome::Read)],
        ),
        (
            "half a file",
            {
                let mut file = Pdf::lines(&invoice());
                file.truncate(60);
                file
            },
            vec![Is(Outcome::Broken)],
        ),
    ]
}

fn pictures() -> Vec<Sample> {
    let plain = || code(URL, 6);
    let one = |name, file| (name, file, vec![Code(URL), Is(Outcome::Read)]);
    let two = {
        let (left, right) = (
            code(URL, 5),
            code("https://gift.card-claim.example/", 5).clone(),
        );
        let height = left.height.max(right.height);
        let width = left.width + right.width;
        let mut points = vec![255; width * height];
        for (picture, from) in [(&left, 0), (&right, left.width)] {
            for y in 0..picture.height {
                let at = y * width + from;
                points[at..at + picture.width]
                    .copy_from_slice(&picture.points[y * picture.width..(y + 1) * picture.width]);
            }
        }
        Grey {
            width,
            height,
            points,
        }
    };
    vec![
        one("a PNG", plain().png()),
        one("a PNG with a clear ground", plain().clear_png()),
        one("a JPEG", CODE.to_vec()),
        one("a JPEG that sharpens", PROGRESSIVE.to_vec()),
        one("a GIF", plain().gif()),
        one("a WebP", plain().webp()),
        one("a bitmap", plain().bmp()),
        one("light on dark", plain().negative().png()),
        one("tiny", code(URL, 1).png()),
        one("small and without a margin", bare_code(URL, 2).png()),
        one("without a margin", bare_code(URL, 6).png()),
        one("on a photograph", include_bytes!("photograph.jpg").to_vec()),
        one("in a large picture", include_bytes!("large.jpg").to_vec()),
        one("pale", plain().with_contrast(150, 220).png()),
        one("turned", plain().turned().png()),
        (
            "two codes",
            two.png(),
            vec![Code(URL), Code("https://gift.card-claim.example/")],
        ),
        (
            "a number to dial",
            code("tel:+18885550142", 5).png(),
            vec![Code("tel:+18885550142")],
        ),
        (
            "a photograph without a code",
            Grey {
                width: 64,
                height: 64,
                points: vec![200; 4096],
            }
            .on_photograph(640, 480)
            .png(),
            vec![Is(Outcome::Read)],
        ),
        (
            "a picture larger than anybody's",
            huge_png(),
            vec![Is(Outcome::Limit)],
        ),
        (
            "a picture that ends too soon",
            plain().png()[..60].to_vec(),
            vec![Is(Outcome::Broken)],
        ),
    ]
}

/// 60,000 by 60,000 points, by its header.
fn huge_png() -> Vec<u8> {
    let mut file = code(URL, 1).png();
    file[16..24].copy_from_slice(&[0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60]);
    file
}

fn drawings() -> Vec<Sample> {
    let text =
        |drawing: String| format!("Please scan:\r\n\r\n{drawing}\r\nThank you\r\n").into_bytes();
    vec![
        (
            "drawn with half blocks",
            text(code(URL, 1).half_blocks()),
            vec![Code(URL)],
        ),
        (
            "drawn with half blocks, light on dark",
            text(code(URL, 1).negative().half_blocks()),
            vec![Code(URL)],
        ),
        (
            "drawn with full blocks",
            text(code(URL, 1).full_blocks()),
            vec![Code(URL)],
        ),
        (
            "drawn without a margin",
            text(bare_code(URL, 1).half_blocks()),
            vec![Code(URL)],
        ),
    ]
}

fn documents() -> Vec<Sample> {
    let relation = format!("<Relationship Id=\"r1\" TargetMode=\"External\" Target=\"{URL}\"/>");
    let sheet = |cells: &str| {
        let cells = format!("<worksheet><sheetData>{cells}</sheetData></worksheet>");
        archive(&[
            ("[Content_Types].xml", b"<Types/>"),
            ("xl/worksheets/sheet1.xml", cells.as_bytes()),
        ])
    };
    let odf = |content: &str| {
        let content = format!(
            "<office:document-content xmlns:office=\"o\" xmlns:text=\"t\" xmlns:xlink=\"x\"><office:body>{content}</office:body></office:document-content>"
        );
        archive(&[
            ("mimetype", b"application/vnd.oasis.opendocument.text"),
            ("content.xml", content.as_bytes()),
        ])
    };
    vec![
        (
            "a letter with a link",
            docx("<w:p><w:r><w:t>Your Amazon account is on hold. </w:t></w:r><w:hyperlink r:id=\"r1\"><w:r><w:t>Unlock it</w:t></w:r></w:hyperlink></w:p>", &relation),
            vec![Words("Your Amazon account is on hold. Unlock it"), Link(URL), Is(Outcome::Read)],
        ),
        (
            "a word in pieces",
            docx("<w:p><w:r><w:t>Call 888-</w:t></w:r><w:r><w:t>555-</w:t></w:r><w:r><w:t>0142</w:t></w:r></w:p><w:p><w:r><w:t>to cancel</w:t></w:r></w:p>", ""),
            vec![Words("Call 888-555-0142 to cancel")],
        ),
        (
            "a link in an instruction that is cut",
            docx(&format!("<w:p><w:r><w:instrText>HYPERLINK \"{}</w:instrText></w:r><w:r><w:instrText>{}\"</w:instrText></w:r></w:p>", &URL[..20], &URL[20..]), ""),
            vec![Link(URL)],
        ),
        (
            "a code in a letter",
            {
                let picture = code(URL, 5).png();
                archive(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w:document/>"), ("word/media/image1.png", &picture)])
            },
            vec![Code(URL)],
        ),
        (
            "a formula that links",
            sheet(&format!("<row><c><f>HYPERLINK(\"{URL}\",\"Your orders\")</f></c></row>")),
            vec![Link(URL)],
        ),
        (
            "a table",
            archive(&[
                ("[Content_Types].xml", b"<Types/>"),
                ("xl/worksheets/sheet1.xml", b"<worksheet/>"),
                ("xl/sharedStrings.xml", b"<sst><si><t>Amazon refund desk</t></si><si><t>888-555-0142</t></si></sst>"),
            ]),
            vec![Words("Amazon refund desk 888-555-0142")],
        ),
        (
            "slides",
            archive(&[
                ("[Content_Types].xml", b"<Types/>"),
                ("ppt/slides/slide1.xml", b"<p:sld xmlns:p='p' xmlns:a='a'><a:p><a:r><a:t>You won an Amazon gift card</a:t></a:r></a:p></p:sld>"),
                ("ppt/slides/_rels/slide1.xml.rels", format!("<Relationships>{relation}</Relationships>").as_bytes()),
            ]),
            vec![Words("You won an Amazon gift card"), Link(URL)],
        ),
        (
            "an open document",
            odf(&format!("<text:p>Your Amazon account &amp; card: <text:a xlink:href=\"{URL}\">sign in</text:a></text:p>")),
            vec![Words("Your Amazon account & card: sign in"), Link(URL)],
        ),
        (
            "a letter with a password",
            {
                let name: Vec<u8> = "EncryptedPackage".bytes().flat_map(|octet| [octet, 0]).collect();
                [b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec(), vec![0; 500], name].concat()
            },
            vec![Is(Outcome::Encrypted)],
        ),
        ("a letter of an old program", [b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec(), vec![0; 500]].concat(), vec![Is(Outcome::Unknown)]),
    ]
}

fn archives() -> Vec<Sample> {
    let page =
        format!("<html><body><p>Sign in to Amazon</p><a href=\"{URL}\">Sign in</a></body></html>");
    let invoice = Pdf::lines(&invoice());
    let picture = code(URL, 5).png();
    vec![
        (
            "an invoice in an archive",
            archive(&[("Invoice_8837.pdf", &invoice)]),
            vec![Words("Invoice 8837 pdf"), Words(NUMBER), Is(Outcome::Read)],
        ),
        (
            "an archive in an archive",
            archive(&[("a.zip", &archive(&[("b.pdf", &invoice)]))]),
            vec![Words(NUMBER)],
        ),
        (
            "a page in an archive",
            archive(&[("login.html", page.as_bytes())]),
            vec![Words("Sign in to Amazon"), Words(URL)],
        ),
        (
            "a picture in an archive",
            archive(&[("scan/me.png", &picture)]),
            vec![Code(URL)],
        ),
        (
            "a program in an archive",
            archive(&[(
                "order.exe",
                b"MZ\x90\x00\x03 a program that nobody reads here",
            )]),
            vec![Words("order exe"), Is(Outcome::Unknown)],
        ),
        (
            "an archive with a password",
            protected_archive("Amazon_Order.pdf"),
            vec![Words("Amazon Order pdf"), Is(Outcome::Encrypted)],
        ),
        (
            "an archive of another kind",
            b"7z\xBC\xAF\x27\x1C and what is packed in it, forty octets".to_vec(),
            vec![Is(Outcome::Unknown)],
        ),
    ]
}

fn others() -> Vec<Sample> {
    let invoice = Pdf::lines(&invoice());
    let drawing = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\"><a href=\"{URL}\"><text>Verify</text></a></svg>"
    );
    let message = format!(
        "From: Amazon <x@mail.example>\r\nSubject: =?utf-8?q?Your_Amazon_order_is_on_hold?=\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/html; charset=utf-8\r\n\r\n<p>Please <a href=\"{URL}\">verify</a>.</p>\r\n"
    );
    let event = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Amazon refund\r\nDESCRIPTION:Call 888-\r\n 555-0142 to\\ncancel\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    vec![
        (
            "rich text",
            br"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}\f0 Your Amazon account\par Call \b 888-555-0142\b0\line to caf\'e9 \u8364?5}".to_vec(),
            vec![Words("Your Amazon account Call 888-555-0142 to caf\u{e9} \u{20ac}5"), Is(Outcome::Read)],
        ),
        (
            "a link in rich text",
            format!(r#"{{\rtf1 See {{\field{{\*\fldinst{{HYPERLINK "{URL}"}}}}{{\fldrslt www.amazon.com}}}}}}"#).into_bytes(),
            vec![Words("See www.amazon.com"), Link(URL)],
        ),
        ("winmail.dat", winmail("Your Amazon order", "invoice.pdf", &invoice), vec![Words("Your Amazon order"), Words("invoice pdf"), Words(NUMBER), Is(Outcome::Read)]),
        ("a drawing", drawing.into_bytes(), vec![Words(URL)]),
        ("a message", message.into_bytes(), vec![Words("Your Amazon order is on hold"), Words(URL)]),
        ("a calendar in an archive", archive(&[("invite.ics", event.as_bytes())]), vec![Words("Call 888-555-0142 to cancel")]),
        ("text in UTF-16", "\u{feff}Call 888-555-0142".encode_utf16().flat_map(u16::to_le_bytes).collect(), vec![Words("Call 888-555-0142")]),
    ]
}
