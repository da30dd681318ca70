//! Files as senders make them, each from its text.

use std::io::{Cursor, Write};

use flate2::{Compression, write::ZlibEncoder};
use qrcode::{Color, EcLevel, QrCode};
use zip::{ZipWriter, write::SimpleFileOptions};

/// A picture in shades of grey.
#[derive(Clone)]
pub(crate) struct Grey {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) points: Vec<u8>,
}

/// A QR code with `scale` points to a square and a margin of four squares.
pub(crate) fn code(text: &str, scale: usize) -> Grey {
    drawn(
        &QrCode::with_error_correction_level(text, EcLevel::M).unwrap(),
        scale,
        4,
    )
}

/// The same without any margin.
pub(crate) fn bare_code(text: &str, scale: usize) -> Grey {
    drawn(&QrCode::new(text).unwrap(), scale, 0)
}

fn drawn(code: &QrCode, scale: usize, margin: usize) -> Grey {
    let side = code.width();
    let colours = code.to_colors();
    let whole = (side + 2 * margin) * scale;
    let mut points = vec![255; whole * whole];
    for y in 0..side * scale {
        for x in 0..side * scale {
            if colours[(y / scale) * side + x / scale] == Color::Dark {
                points[(y + margin * scale) * whole + x + margin * scale] = 0;
            }
        }
    }
    Grey {
        width: whole,
        height: whole,
        points,
    }
}

impl Grey {
    pub(crate) fn negative(mut self) -> Self {
        self.points
            .iter_mut()
            .for_each(|point| *point = 255 - *point);
        self
    }

    /// In the middle of a larger picture that looks like a photograph.
    pub(crate) fn on_photograph(&self, width: usize, height: usize) -> Self {
        let mut state = 7_u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        let mut points: Vec<u8> = (0..width * height)
            .map(|at| 90 + ((at % width) / 16) as u8 % 90 + noise() % 24)
            .collect();
        let (left, top) = ((width - self.width) / 2, (height - self.height) / 2);
        for y in 0..self.height {
            let row = (top + y) * width + left;
            points[row..row + self.width]
                .copy_from_slice(&self.points[y * self.width..(y + 1) * self.width]);
        }
        Self {
            width,
            height,
            points,
        }
    }

    pub(crate) fn with_contrast(mut self, dark: u8, light: u8) -> Self {
        let range = u32::from(light - dark);
        self.points
            .iter_mut()
            .for_each(|point| *point = dark + (u32::from(*point) * range / 255) as u8);
        self
    }

    /// Turned by a quarter.
    pub(crate) fn turned(&self) -> Self {
        let mut points = Vec::new();
        for x in 0..self.width {
            points.extend(
                (0..self.height)
                    .rev()
                    .map(|y| self.points[y * self.width + x]),
            );
        }
        Self {
            width: self.height,
            height: self.width,
            points,
        }
    }

    fn rgb(&self) -> Vec<u8> {
        self.points.iter().flat_map(|&point| [point; 3]).collect()
    }

    pub(crate) fn png(&self) -> Vec<u8> {
        png_of(
            self.width,
            self.height,
            png::ColorType::Grayscale,
            &self.points,
        )
    }

    /// With a ground that is not there, as drawing programs write it.
    pub(crate) fn clear_png(&self) -> Vec<u8> {
        let rgba: Vec<u8> = self
            .points
            .iter()
            .flat_map(|&point| [0, 0, 0, 255 - point])
            .collect();
        png_of(self.width, self.height, png::ColorType::Rgba, &rgba)
    }

    pub(crate) fn gif(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let palette: Vec<u8> = (0..=255_u8).flat_map(|point| [point; 3]).collect();
        let (width, height) = (self.width as u16, self.height as u16);
        let mut encoder = gif::Encoder::new(&mut out, width, height, &palette).unwrap();
        let frame = gif::Frame {
            width,
            height,
            buffer: self.points.clone().into(),
            ..gif::Frame::default()
        };
        encoder.write_frame(&frame).unwrap();
        drop(encoder);
        out
    }

    pub(crate) fn webp(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let encoder = image_webp::WebPEncoder::new(&mut out);
        let (width, height) = (self.width as u32, self.height as u32);
        encoder
            .encode(&self.rgb(), width, height, image_webp::ColorType::Rgb8)
            .unwrap();
        out
    }

    /// A bitmap of 24 bits.
    pub(crate) fn bmp(&self) -> Vec<u8> {
        let row = (self.width * 3).div_ceil(4) * 4;
        let mut out = b"BM".to_vec();
        for number in [54 + row * self.height, 0, 54, 40, self.width, self.height] {
            out.extend((number as u32).to_le_bytes());
        }
        out.extend([1, 0, 24, 0]);
        out.extend([0; 24]);
        for line in self.points.chunks(self.width).rev() {
            let mut octets: Vec<u8> = line.iter().flat_map(|&point| [point; 3]).collect();
            octets.resize(row, 0);
            out.extend(octets);
        }
        out
    }

    /// With half blocks, dark on light.
    pub(crate) fn half_blocks(&self) -> String {
        let rows: Vec<&[u8]> = self.points.chunks(self.width).collect();
        let mut out = String::new();
        for pair in rows.chunks(2) {
            for x in 0..self.width {
                let dark = |row: Option<&&[u8]>| row.is_some_and(|row| row[x] == 0);
                out.push(match (dark(pair.first()), dark(pair.get(1))) {
                    (true, true) => '\u{2588}',
                    (true, false) => '\u{2580}',
                    (false, true) => '\u{2584}',
                    (false, false) => ' ',
                });
            }
            out.push('\n');
        }
        out
    }

    /// With two full blocks to a square.
    pub(crate) fn full_blocks(&self) -> String {
        let mut out = String::new();
        for row in self.points.chunks(self.width) {
            out.extend(
                row.iter()
                    .map(|&point| if point == 0 { "\u{2588}\u{2588}" } else { "  " }),
            );
            out.push('\n');
        }
        out
    }
}

/// A corner of a code, again and again, of which every three could be one: no reader of codes ends with it
/// in time.
pub(crate) fn corners() -> Vec<u8> {
    const SIDE: usize = 1_400;
    let mut points = vec![255_u8; SIDE * SIDE];
    for (at, point) in points.iter_mut().enumerate() {
        let (x, y) = ((at % SIDE) / 2 % 10, (at / SIDE) / 2 % 10);
        let ring = |x: usize, y: usize| x.abs_diff(3).max(y.abs_diff(3));
        if x < 7 && y < 7 && ring(x, y) != 2 {
            *point = 0;
        }
    }
    png_of(SIDE, SIDE, png::ColorType::Grayscale, &points)
}

pub(crate) fn png_of(
    width: usize,
    height: usize,
    colour: png::ColorType,
    points: &[u8],
) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, width as u32, height as u32);
    encoder.set_color(colour);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(points).unwrap();
    drop(writer);
    out
}

pub(crate) fn deflated(octets: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(octets).unwrap();
    encoder.finish().unwrap()
}

/// A PDF of numbered objects, the first of which is the catalogue.
#[derive(Default)]
pub(crate) struct Pdf(pub Vec<Vec<u8>>);

impl Pdf {
    /// Adds an object; returns its number.
    pub(crate) fn add(&mut self, object: impl Into<Vec<u8>>) -> usize {
        self.0.push(object.into());
        self.0.len()
    }

    pub(crate) fn stream(&mut self, dictionary: &str, octets: &[u8]) -> usize {
        let head = format!("<< {dictionary} /Length {} >>\nstream\n", octets.len());
        self.add([head.as_bytes(), octets, b"\nendstream"].concat())
    }

    /// The file, with a table of its objects.
    pub(crate) fn file(&self) -> Vec<u8> {
        let mut out = b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n".to_vec();
        let mut places = Vec::new();
        for (nth, object) in self.0.iter().enumerate() {
            places.push(out.len());
            out.extend(format!("{} 0 obj\n", nth + 1).bytes());
            out.extend(object);
            out.extend(b"\nendobj\n");
        }
        let table = out.len();
        out.extend(format!("xref\n0 {}\n0000000000 65535 f \n", places.len() + 1).bytes());
        for place in &places {
            out.extend(format!("{place:010} 00000 n \n").bytes());
        }
        let size = places.len() + 1;
        out.extend(
            format!("trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n").bytes(),
        );
        out
    }

    /// A page with this content and further entries, in the fonts F1 (Helvetica) and F2 (Courier).
    pub(crate) fn page(
        content: &str,
        resources: &str,
        entries: &str,
        more: impl FnOnce(&mut Self),
    ) -> Vec<u8> {
        let mut pdf = Self::default();
        pdf.add(&b"<< /Type /Catalog /Pages 2 0 R >>"[..]);
        pdf.add(&b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"[..]);
        pdf.add(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R {entries} /Resources << /Font << \
             /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >> \
             /F2 << /Type /Font /Subtype /Type1 /BaseFont /Courier >> >> {resources} >> >>"
        ));
        let packed = deflated(content.as_bytes());
        pdf.stream("/Filter /FlateDecode", &packed);
        more(&mut pdf);
        pdf.file()
    }

    /// A page of lines of text.
    pub(crate) fn lines(lines: &[&str]) -> Vec<u8> {
        Self::page(&text_of(lines), "", "", |_| {})
    }
}

/// The operators that show lines from the top of a page.
pub(crate) fn text_of(lines: &[&str]) -> String {
    let mut content = String::from("BT /F1 12 Tf 72 720 Td 14 TL\n");
    for line in lines {
        let line = line
            .replace('\\', "\\\\")
            .replace('(', "\\(")
            .replace(')', "\\)");
        content.push_str(&format!("({line}) Tj T*\n"));
    }
    content.push_str("ET\n");
    content
}

/// The operators that draw a code as squares.
pub(crate) fn squares_of(text: &str) -> String {
    let code = QrCode::new(text).unwrap();
    let side = code.width();
    let mut content = String::from("0 g\n");
    for (at, colour) in code.to_colors().into_iter().enumerate() {
        if colour == Color::Dark {
            let (x, y) = (150 + (at % side) * 5, 600 - (at / side) * 5);
            content.push_str(&format!("{x} {y} 5 5 re f\n"));
        }
    }
    content
}

/// A PDF with a picture on its page.
pub(crate) fn pdf_with_picture(picture: &Grey, text: &str) -> Vec<u8> {
    let content = format!("{}q 200 0 0 200 150 300 cm /P Do Q\n", text_of(&[text]));
    Pdf::page(&content, "/XObject << /P 5 0 R >>", "", |pdf| {
        let (width, height) = (picture.width, picture.height);
        pdf.stream(
            &format!(
                "/Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceGray \
                 /BitsPerComponent 8 /Filter /FlateDecode"
            ),
            &deflated(&picture.points),
        );
    })
}

/// A link over a line of text.
pub(crate) fn link_note(target: &str, y: usize) -> String {
    let bottom = y - 3;
    let top = y + 12;
    format!(
        "<< /Type /Annot /Subtype /Link /Rect [70 {bottom} 400 {top}] /A << /S /URI /URI ({target}) >> >>"
    )
}

pub(crate) fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, octets) in entries {
        writer
            .start_file(*name, SimpleFileOptions::default())
            .unwrap();
        writer.write_all(octets).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A zip archive whose one file says that it is encrypted, as every program writes it.
pub(crate) fn protected_archive(name: &str) -> Vec<u8> {
    let mut file = archive(&[(name, b"twelve octets and a text")]);
    // The flag stands in the header of the file and in the directory.
    file[6] |= 1;
    let directory = file
        .windows(4)
        .position(|four| four == b"PK\x01\x02")
        .unwrap();
    file[directory + 8] |= 1;
    file
}

pub(crate) fn docx(paragraphs: &str, relations: &str) -> Vec<u8> {
    let document = format!(
        "<?xml version=\"1.0\"?><w:document xmlns:w=\"w\" xmlns:r=\"r\"><w:body>{paragraphs}</w:body></w:document>"
    );
    let relations = format!("<Relationships xmlns=\"x\">{relations}</Relationships>");
    archive(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("word/document.xml", document.as_bytes()),
        ("word/_rels/document.xml.rels", relations.as_bytes()),
    ])
}

/// winmail.dat with a text and a file.
pub(crate) fn winmail(text: &str, name: &str, file: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x9F, 0x3E, 0x22, 1, 0];
    let mut attribute = |level: u8, id: u32, octets: &[u8]| {
        out.push(level);
        out.extend(id.to_le_bytes());
        out.extend((octets.len() as u32).to_le_bytes());
        out.extend(octets);
        let sum: u16 = octets
            .iter()
            .fold(0, |sum, &octet| sum.wrapping_add(octet.into()));
        out.extend(sum.to_le_bytes());
    };
    attribute(1, 0x0008_9006, &[0, 0, 1, 0]);
    attribute(1, 0x0002_800C, text.as_bytes());
    attribute(2, 0x0006_9002, &[0; 14]);
    attribute(2, 0x0001_8010, format!("{name}\0").as_bytes());
    attribute(2, 0x0006_800F, file);
    out
}
