//! PDF: its text in the order in which it is read, its links, and the codes that are drawn in it.

mod actions;
mod canvas;
mod lines;

use super::{Sheet, code::Picture};
use crate::mail::file::Outcome;
use canvas::Canvas;
use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageData, ImageDrawProps,
    InterpreterCache, InterpreterSettings, Paint, SoftMask,
    font::{Glyph, GlyphRun, PositionedGlyph},
    hayro_cmap::BfString,
    hayro_syntax::{LoadPdfError, Pdf, page::Page},
    interpret_page,
    kurbo::{Affine, BezPath, Point, Rect, Vec2},
};
use lines::{Lines, Mark};

/// Pages that are read.
const MAX_PAGES: usize = 100;
/// Characters of one page.
const MAX_MARKS: usize = 60_000;
/// Pictures of a file in which codes are looked for, and their points.
const MAX_PICTURES: usize = 40;
const MAX_POINTS: u32 = 16 << 20;
/// Points of a picture in which a code is looked for; larger ones come smaller.
const SIDE: u32 = 1_000;
/// Sides below which no picture shows a code.
const SMALLEST: u32 = 21;

/// Reads a PDF, which may lie behind other octets.
pub(super) fn read(file: &[u8], sheet: &mut Sheet<'_>) {
    let start = memchr::memmem::find(file, b"%PDF-").unwrap_or_default();
    let file = file.get(start..).unwrap_or_default().to_vec();
    let pdf = match Pdf::new(file) {
        Ok(pdf) => pdf,
        Err(LoadPdfError::Decryption(_)) => return sheet.spoil(Outcome::Encrypted),
        Err(LoadPdfError::Invalid) => return sheet.spoil(Outcome::Broken),
    };
    actions::of_document(&pdf, sheet);
    let cache = InterpreterCache::new();
    let mut pictures = MAX_PICTURES;
    let pages = pdf.pages();
    if pages.is_empty() {
        sheet.spoil(Outcome::Broken);
    }
    for (nth, page) in pages.iter().enumerate() {
        if nth >= MAX_PAGES {
            sheet.spoil(Outcome::Limit);
        }
        if nth >= MAX_PAGES || !sheet.has_time() {
            return;
        }
        read_page(&pdf, page, &cache, &mut pictures, sheet);
    }
}

fn read_page<'a>(
    pdf: &'a Pdf,
    page: &Page<'a>,
    cache: &InterpreterCache<'a>,
    pictures: &mut usize,
    sheet: &mut Sheet<'_>,
) {
    // A page in its own units: links have their places in these.
    let area = page.media_box();
    let area = Rect::new(area.x0, area.y0, area.x1, area.y1);
    let settings = InterpreterSettings::default();
    let mut context = Context::new(Affine::IDENTITY, area, cache, pdf.xref(), settings);
    let mut shown = Shown {
        lines: Lines::default(),
        canvas: Canvas::new(area),
        pictures: Vec::new(),
        room: *pictures,
        nested: 0,
        is_cut: false,
    };
    interpret_page(page, &mut context, &mut shown);
    *pictures = shown.room;
    if shown.is_cut {
        sheet.spoil(Outcome::Limit);
    }
    for text in shown.lines.texts() {
        sheet.text(&text);
    }
    actions::of_page(page, &shown.lines, sheet);
    for picture in shown.pictures.iter().chain(shown.canvas.picture().as_ref()) {
        if !sheet.has_time() {
            return;
        }
        picture.read_codes(sheet);
    }
}

/// What a page shows.
struct Shown {
    lines: Lines,
    canvas: Canvas,
    pictures: Vec<Picture>,
    /// Pictures that are still taken.
    room: usize,
    /// Glyphs that are drawn by drawings within glyphs.
    nested: usize,
    /// A picture or letters lay beyond a bound.
    is_cut: bool,
}

impl<'a> Device<'a> for Shown {
    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, mode: &DrawMode) {
        if matches!(mode, DrawMode::Fill(_) | DrawMode::FillAndStroke(..)) {
            self.canvas.fill(path, props.transform, luma(&props.paint));
        }
    }

    fn push_clip_path(&mut self, _: &ClipPath) {}

    fn push_clip_rect(&mut self, _: &Rect) {}

    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}

    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        let light = luma(&props.paint).is_none_or(|luma| luma > 240);
        for glyph in run.glyphs() {
            let Some(shown) = glyph.as_unicode() else {
                self.draw_unknown(glyph, &props);
                continue;
            };
            if self.lines.len() >= MAX_MARKS {
                self.is_cut = true;
                return;
            }
            let to_page = props.transform * glyph.transform();
            let along = vector(to_page, Vec2::new(1.0, 0.0));
            let em = match &**glyph {
                Glyph::Outline(outline) => outline.advance_width(),
                Glyph::Type3(drawn) => drawn.advance_width(),
            };
            let size = vector(to_page, Vec2::new(0.0, 1_000.0)).hypot();
            self.lines.add(Mark {
                text: match shown {
                    BfString::Char(c) => c.to_string(),
                    BfString::String(text) => text,
                },
                at: to_page * Point::ZERO,
                along,
                width: em.map(|em| f64::from(em) * along.hypot()),
                size,
                is_faint: matches!(mode, DrawMode::Invisible) || light || size < 1.5,
            });
        }
    }

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        let (width, height) = (image.width(), image.height());
        if width.min(height) < SMALLEST {
            // A code may be put together from strips, none of which is one.
            return;
        }
        let points = width.checked_mul(height);
        if self.room == 0 || points.is_none_or(|points| points > MAX_POINTS) {
            self.is_cut = true;
            return;
        }
        self.room -= 1;
        let wanted = Some((width.min(SIDE), height.min(SIDE)));
        let mut taken = None;
        match image {
            Image::Raster(raster) => raster.with_rgba(|data, _| taken = picture(data), wanted),
            Image::Stencil(stencil) => stencil.with_stencil(
                |mask, _| {
                    let dark = mask.data.iter().map(|&opaque| 255 - opaque).collect();
                    taken = Picture::new(dark, mask.width, mask.height);
                },
                wanted,
            ),
        }
        if let Some(picture) = taken {
            self.canvas.paint(&picture, props.transform);
            self.pictures.push(picture);
        }
    }

    fn pop_clip(&mut self) {}

    fn pop_transparency_group(&mut self) {}
}

impl Shown {
    /// A glyph without a character may draw anything: codes are set in such fonts.
    fn draw_unknown<'a>(&mut self, glyph: &PositionedGlyph<'a>, props: &DrawProps<'a>) {
        const MOST: usize = 2_000;
        if let Glyph::Type3(drawn) = &**glyph
            && self.nested < MOST
        {
            self.nested += 1;
            drawn.interpret(self, props.transform, glyph.transform(), &props.paint);
        }
    }
}

fn vector(by: Affine, vector: Vec2) -> Vec2 {
    (by * vector.to_point()) - (by * Point::ZERO)
}

/// How light a paint is; none where it can't be told.
fn luma(paint: &Paint<'_>) -> Option<u8> {
    match paint {
        Paint::Color(color) => {
            let [red, green, blue, opaque] = color.to_rgba().to_rgba8();
            let luma = (u32::from(red) * 2 + u32::from(green) * 5 + u32::from(blue)) / 8;
            let luma = u8::try_from(luma).unwrap_or(u8::MAX);
            Some(if opaque < 16 { 255 } else { luma })
        }
        Paint::Pattern(_) => Some(0),
    }
}

fn picture(data: ImageData) -> Option<Picture> {
    match data {
        ImageData::Luma(luma) => Picture::new(luma.data, luma.width, luma.height),
        ImageData::Rgb(rgb) => {
            let (points, _) = rgb.data.as_chunks::<3>();
            let luma = points.iter().map(|&[red, green, blue]| {
                let luma = (u32::from(red) * 2 + u32::from(green) * 5 + u32::from(blue)) / 8;
                u8::try_from(luma).unwrap_or(u8::MAX)
            });
            Picture::new(luma.collect(), rgb.width, rgb.height)
        }
    }
}
