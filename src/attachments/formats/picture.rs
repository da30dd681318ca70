//! Pictures, of which nothing but codes is read.

use super::{Sheet, code::Picture};
use crate::mail::file::Outcome;
use std::io::Cursor;
use zune_jpeg::{
    JpegDecoder,
    zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions},
};

/// Points of a picture, and its longer side.
const MAX_POINTS: usize = 24 << 20;
const MAX_SIDE: usize = 16_000;
/// Pictures of one that moves.
const MAX_FRAMES: usize = 6;
/// Passes of a JPEG that is sharpened step by step. A few octets can ask for thousands.
const MAX_SCANS: usize = 24;

/// Looks for codes in a picture.
pub(super) fn read(file: &[u8], sheet: &mut Sheet<'_>) {
    let read = match file {
        [0x89, ..] => png(file),
        [0xFF, ..] => jpeg(file),
        [b'G', ..] => gif(file),
        [b'R', ..] => webp(file),
        _ => bitmap(file),
    };
    match read {
        Ok(pictures) => {
            for picture in pictures {
                picture.read_codes(sheet);
            }
        }
        Err(outcome) => sheet.spoil(outcome),
    }
}

/// Sides that are not beyond the bound.
fn sides(width: usize, height: usize) -> Result<usize, Outcome> {
    let points = width.checked_mul(height).ok_or(Outcome::Limit)?;
    match points <= MAX_POINTS && width.max(height) <= MAX_SIDE {
        true => Ok(points),
        false => Err(Outcome::Limit),
    }
}

/// Shades of grey of points that have `N` channels, the last of them how opaque they are; on white.
fn shades<const N: usize>(points: &[u8]) -> Vec<u8> {
    let (points, _) = points.as_chunks::<N>();
    let shade = |point: &[u8; N]| {
        let (luma, opaque) = match point[..] {
            [luma] => (u32::from(luma), 255),
            [luma, opaque] => (u32::from(luma), u32::from(opaque)),
            [red, green, blue, ..] => {
                let luma = (u32::from(red) * 2 + u32::from(green) * 5 + u32::from(blue)) / 8;
                (luma, point.get(3).map_or(255, |&opaque| u32::from(opaque)))
            }
            [] => (255, 255),
        };
        u8::try_from((luma * opaque + 255 * (255 - opaque)) / 255).unwrap_or(u8::MAX)
    };
    points.iter().map(shade).collect()
}

fn picture(points: Vec<u8>, width: u32, height: u32) -> Result<Vec<Picture>, Outcome> {
    let picture = Picture::new(points, width, height).ok_or(Outcome::Broken)?;
    Ok(vec![picture])
}

fn png(file: &[u8]) -> Result<Vec<Picture>, Outcome> {
    let broken = |_| Outcome::Broken;
    let mut decoder = png::Decoder::new(Cursor::new(file));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    decoder.set_limits(png::Limits {
        bytes: MAX_POINTS * 4,
    });
    decoder.ignore_checksums(true);
    let mut reader = decoder.read_info().map_err(broken)?;
    let (width, height) = (reader.info().width, reader.info().height);
    sides(usize_of(width), usize_of(height))?;
    let size = reader.output_buffer_size().ok_or(Outcome::Limit)?;
    if size > MAX_POINTS * 4 {
        return Err(Outcome::Limit);
    }
    let mut points = vec![0; size];
    // One that ends too soon is shown as far as it goes.
    let frame = reader.next_frame(&mut points);
    let (colour, _) = reader.output_color_type();
    frame.map_err(broken)?;
    let grey = match colour {
        png::ColorType::Grayscale | png::ColorType::Indexed => shades::<1>(&points),
        png::ColorType::GrayscaleAlpha => shades::<2>(&points),
        png::ColorType::Rgb => shades::<3>(&points),
        png::ColorType::Rgba => shades::<4>(&points),
    };
    picture(grey, width, height)
}

fn jpeg(file: &[u8]) -> Result<Vec<Picture>, Outcome> {
    let options = DecoderOptions::new_safe()
        .set_max_width(MAX_SIDE)
        .set_max_height(MAX_SIDE)
        .jpeg_set_max_scans(MAX_SCANS)
        .jpeg_set_out_colorspace(ColorSpace::Luma);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(file), options);
    decoder.decode_headers().map_err(|_| Outcome::Broken)?;
    let info = decoder.info().ok_or(Outcome::Broken)?;
    sides(usize::from(info.width), usize::from(info.height))?;
    let points = decoder.decode().map_err(|_| Outcome::Broken)?;
    let grey = match decoder.output_colorspace() {
        Some(ColorSpace::Luma) | None => points,
        Some(space) => match space.num_components() {
            1 => points,
            2 => shades::<2>(&points),
            4 => shades::<4>(&points),
            _ => shades::<3>(&points),
        },
    };
    picture(grey, u32::from(info.width), u32::from(info.height))
}

fn gif(file: &[u8]) -> Result<Vec<Picture>, Outcome> {
    let broken = |_| Outcome::Broken;
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::RGBA);
    let mut decoder = options.read_info(Cursor::new(file)).map_err(broken)?;
    sides(usize::from(decoder.width()), usize::from(decoder.height()))?;
    let mut pictures = Vec::new();
    while pictures.len() < MAX_FRAMES {
        let Ok(Some(frame)) = decoder.read_next_frame() else {
            break;
        };
        let (width, height) = (u32::from(frame.width), u32::from(frame.height));
        pictures.extend(Picture::new(shades::<4>(&frame.buffer), width, height));
    }
    match pictures.is_empty() {
        true => Err(Outcome::Broken),
        false => Ok(pictures),
    }
}

fn webp(file: &[u8]) -> Result<Vec<Picture>, Outcome> {
    let broken = |_| Outcome::Broken;
    let mut decoder = image_webp::WebPDecoder::new(Cursor::new(file)).map_err(broken)?;
    decoder.set_memory_limit(MAX_POINTS * 4);
    let (width, height) = decoder.dimensions();
    sides(usize_of(width), usize_of(height))?;
    let size = decoder.output_buffer_size().ok_or(Outcome::Limit)?;
    let mut points = vec![0; size];
    decoder.read_image(&mut points).map_err(broken)?;
    let grey = match decoder.has_alpha() {
        true => shades::<4>(&points),
        false => shades::<3>(&points),
    };
    picture(grey, width, height)
}

/// A bitmap without compression; mail programs show no others.
fn bitmap(file: &[u8]) -> Result<Vec<Picture>, Outcome> {
    let word = |at: usize| -> Result<i32, Outcome> {
        let octets = file.get(at..at + 4).ok_or(Outcome::Broken)?;
        Ok(i32::from_le_bytes(
            octets.try_into().map_err(|_| Outcome::Broken)?,
        ))
    };
    let half = |at: usize| Ok::<_, Outcome>(word(at)? & 0xFFFF);
    let start = usize::try_from(word(10)?).map_err(|_| Outcome::Broken)?;
    let header = usize::try_from(word(14)?).map_err(|_| Outcome::Broken)?;
    let (width, height) = (word(18)?, word(22)?);
    let bits = usize::try_from(half(28)?).map_err(|_| Outcome::Broken)?;
    if header < 40 || word(30)? != 0 || !matches!(bits, 1 | 4 | 8 | 24 | 32) {
        return Err(Outcome::Unknown);
    }
    let is_upside_down = height > 0;
    let (width, height) = (width.unsigned_abs(), height.unsigned_abs());
    let (columns, rows) = (usize_of(width), usize_of(height));
    sides(columns, rows)?;
    let length = (columns * bits).div_ceil(32) * 4;
    let colour = |entry: usize| {
        let at = 14 + header + entry * 4;
        file.get(at..at + 3)
            .map_or(255, |bgr| shades::<3>(bgr).first().copied().unwrap_or(255))
    };
    let palette: Vec<u8> = (0..1_usize << bits.min(8)).map(colour).collect();
    let mut grey = Vec::with_capacity(columns * rows);
    for nth in 0..rows {
        let nth = if is_upside_down { rows - 1 - nth } else { nth };
        let at = start + nth * length;
        let row = file.get(at..at + length).ok_or(Outcome::Broken)?;
        match bits {
            24 => grey.extend(shades::<3>(row).into_iter().take(columns)),
            32 => {
                let (points, _) = row.as_chunks::<4>();
                let colours: Vec<u8> = points.iter().flat_map(|&[b, g, r, _]| [b, g, r]).collect();
                grey.extend(shades::<3>(&colours).into_iter().take(columns));
            }
            _ => grey.extend((0..columns).map(|column| {
                let at = column * bits;
                let octet = row.get(at / 8).copied().unwrap_or_default();
                let entry = (octet >> (8 - bits - at % 8)) & (0xFF >> (8 - bits));
                palette.get(usize::from(entry)).copied().unwrap_or(255)
            })),
        }
    }
    picture(grey, width, height)
}

fn usize_of(side: u32) -> usize {
    usize::try_from(side).unwrap_or(usize::MAX)
}
