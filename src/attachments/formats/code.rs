//! QR codes in pictures. Two libraries look, since neither finds all that the other does, each in a few
//! forms of the picture: codes are printed light on dark, tiny, without a margin, or on a photograph.

use super::Sheet;
use quircs::Quirc;
use rxing::{BarcodeFormat, DecodeHints, helpers::detect_multiple_in_luma_with_hints};
use std::collections::HashSet;

/// Points of the longer side of what is looked at.
const SIDE: usize = 1_400;
/// Sides below which a code is made larger to be seen.
const SMALL: usize = 450;
/// Codes of a picture that are told.
const MAX_CODES: usize = 8;

/// A picture in shades of grey, row after row.
pub(super) struct Picture {
    points: Vec<u8>,
    width: usize,
    height: usize,
}

impl Picture {
    /// None where there are not as many points as its sides say.
    pub(super) fn new(points: Vec<u8>, width: u32, height: u32) -> Option<Self> {
        let (width, height) = (usize::try_from(width).ok()?, usize::try_from(height).ok()?);
        let fits = width > 0 && height > 0 && points.len() == width.checked_mul(height)?;
        let picture = Self {
            points,
            width,
            height,
        };
        fits.then(|| picture.no_larger_than(SIDE))
    }

    pub(super) fn sides(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = &[u8]> {
        self.points.chunks(self.width)
    }

    /// Tells what the codes hold that stand in it.
    pub(super) fn read_codes(&self, sheet: &mut Sheet<'_>) {
        // All of one shade.
        if self
            .points
            .windows(2)
            .all(|two| matches!(two, [a, b] if a.abs_diff(*b) < 16))
        {
            return;
        }
        let forms: [fn(&Picture) -> Option<Picture>; 5] = [
            |whole| Some(whole.with_margin(255)),
            |whole| Some(whole.negative().with_margin(255)),
            |whole| {
                (whole.width.max(whole.height) < SMALL).then(|| whole.times(3).with_margin(255))
            },
            |whole| {
                Some(
                    whole
                        .no_larger_than(whole.width.max(whole.height) / 2)
                        .with_margin(255),
                )
            },
            |whole| Some(whole.contrasted().with_margin(255)),
        ];
        for form in forms {
            if !sheet.has_time() {
                return;
            }
            let Some(picture) = form(self) else { continue };
            let codes = picture.codes();
            if !codes.is_empty() {
                for code in codes.iter().take(MAX_CODES) {
                    sheet.code(code);
                }
                return;
            }
        }
    }

    fn codes(&self) -> Vec<String> {
        let mut codes = self.by_rxing();
        if codes.is_empty() {
            codes = self.by_quircs();
        }
        codes
    }

    fn by_rxing(&self) -> Vec<String> {
        let side = |of: usize| u32::try_from(of).unwrap_or_default();
        let mut hints = DecodeHints {
            PossibleFormats: Some(HashSet::from([
                BarcodeFormat::QR_CODE,
                BarcodeFormat::MICRO_QR_CODE,
            ])),
            TryHarder: Some(true),
            ..DecodeHints::default()
        };
        let (width, height) = (side(self.width), side(self.height));
        let found =
            detect_multiple_in_luma_with_hints(self.points.clone(), width, height, &mut hints);
        let mut codes: Vec<String> = Vec::new();
        for found in found.unwrap_or_default() {
            let text = found.getText().to_owned();
            if !codes.contains(&text) {
                codes.push(text);
            }
        }
        codes
    }

    fn by_quircs(&self) -> Vec<String> {
        let mut decoder = Quirc::default();
        let codes = decoder.identify(self.width, self.height, &self.points);
        let texts = codes.filter_map(|code| {
            let data = code.ok()?.decode().ok()?;
            Some(String::from_utf8_lossy(&data.payload).into_owned())
        });
        texts.take(MAX_CODES).collect()
    }

    fn negative(&self) -> Self {
        Self {
            points: self.points.iter().map(|&luma| 255 - luma).collect(),
            ..*self
        }
    }

    /// Black and white by the middle between its darkest and its lightest point.
    fn contrasted(&self) -> Self {
        let least = self.points.iter().copied().min().unwrap_or_default();
        let most = self.points.iter().copied().max().unwrap_or_default();
        let middle = least.midpoint(most);
        let shade = |&luma: &u8| if luma > middle { 255 } else { 0 };
        Self {
            points: self.points.iter().map(shade).collect(),
            ..*self
        }
    }

    fn with_margin(&self, luma: u8) -> Self {
        let margin = (self.width.max(self.height) / 10).clamp(8, 60);
        let width = self.width + 2 * margin;
        let mut points = vec![luma; width * margin];
        for row in self.rows() {
            points.resize(points.len() + margin, luma);
            points.extend_from_slice(row);
            points.resize(points.len() + margin, luma);
        }
        points.resize(points.len() + width * margin, luma);
        Self {
            points,
            width,
            height: self.height + 2 * margin,
        }
    }

    fn times(&self, factor: usize) -> Self {
        let mut points = Vec::with_capacity(self.points.len() * factor * factor);
        for row in self.rows() {
            let wide: Vec<u8> = row
                .iter()
                .flat_map(|&luma| std::iter::repeat_n(luma, factor))
                .collect();
            for _ in 0..factor {
                points.extend_from_slice(&wide);
            }
        }
        Self {
            points,
            width: self.width * factor,
            height: self.height * factor,
        }
    }

    /// The same with as many points put together as it takes.
    fn no_larger_than(&self, side: usize) -> Self {
        let factor = self.width.max(self.height).div_ceil(side.max(1)).max(1);
        let (width, height) = (self.width / factor, self.height / factor);
        if factor == 1 || width == 0 || height == 0 {
            return Self {
                points: self.points.clone(),
                ..*self
            };
        }
        let rows: Vec<&[u8]> = self.rows().collect();
        let mut points = Vec::with_capacity(width * height);
        for rows in rows.chunks_exact(factor).take(height) {
            for x in 0..width {
                let columns = x * factor..(x + 1) * factor;
                let squares = rows.iter().filter_map(|row| row.get(columns.clone()));
                let sum: usize = squares.flatten().map(|&luma| usize::from(luma)).sum();
                points.push(u8::try_from(sum / (factor * factor)).unwrap_or(u8::MAX));
            }
        }
        Self {
            points,
            width,
            height,
        }
    }
}
