//! Values of styles: lengths, numbers, colours.

use std::{collections::HashMap, sync::LazyLock};

/// Brackets in one another that are followed in a calculation.
const MAX_NESTED: usize = 8;

/// A length: the sum of what it says in pixels, in parts of the font size and in parts of the box.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Length {
    pub(crate) px: f32,
    pub(crate) em: f32,
    pub(crate) percent: f32,
}

/// A screen as most are: a unit of its width and of its height, a hundred each.
const VIEW_WIDTH: f32 = 10.0;
const VIEW_HEIGHT: f32 = 8.0;
/// The font size where nobody says another.
pub(crate) const FONT: f32 = 16.0;

impl Length {
    pub(crate) fn px(px: f32) -> Self {
        Self {
            px,
            ..Self::default()
        }
    }

    pub(crate) fn em(em: f32) -> Self {
        Self {
            em,
            ..Self::default()
        }
    }

    /// In pixels, where a font is `font` pixels high and 100 % are `whole`.
    pub(crate) fn pixels(self, font: f32, whole: f32) -> f32 {
        self.px + self.em * font + self.percent * whole / 100.0
    }

    fn scaled(self, by: f32) -> Self {
        Self {
            px: self.px * by,
            em: self.em * by,
            percent: self.percent * by,
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            px: self.px + other.px,
            em: self.em + other.em,
            percent: self.percent + other.percent,
        }
    }

    /// For comparing lengths whose box isn't known.
    fn guess(self) -> f32 {
        self.pixels(FONT, 100.0)
    }
}

/// What a calculation can come to.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Sum {
    Number(f32),
    Length(Length),
}

impl Sum {
    fn guess(self) -> f32 {
        match self {
            Self::Number(number) => number,
            Self::Length(length) => length.guess(),
        }
    }

    fn plus(self, other: Self, sign: f32) -> Option<Self> {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => Some(Self::Number(a + sign * b)),
            (Self::Length(a), Self::Length(b)) => Some(Self::Length(a.plus(b.scaled(sign)))),
            _ => None,
        }
    }

    fn times(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => Some(Self::Number(a * b)),
            (Self::Length(length), Self::Number(by)) | (Self::Number(by), Self::Length(length)) => {
                Some(Self::Length(length.scaled(by)))
            }
            _ => None,
        }
    }
}

/// Reads a length. A number without a unit is one in pixels, as it is to browsers where a page says
/// nothing of its kind.
pub(crate) fn length(value: &str) -> Option<Length> {
    match sum(value)? {
        Sum::Length(length) => Some(length),
        Sum::Number(number) => Some(Length::px(number)),
    }
}

/// Reads a number, or a percentage as a part of one.
pub(crate) fn number(value: &str) -> Option<f32> {
    match sum(value)? {
        Sum::Number(number) => Some(number),
        Sum::Length(Length { px, em, percent }) if px == 0.0 && em == 0.0 => Some(percent / 100.0),
        Sum::Length(_) => None,
    }
}

fn sum(value: &str) -> Option<Sum> {
    let value = value.trim();
    if !value.contains('(') {
        return plain(value);
    }
    let mut calculation = Calculation {
        rest: value,
        depth: 0,
    };
    let found = calculation.term()?;
    calculation.rest.trim().is_empty().then_some(found)
}

/// A number and its unit.
fn plain(value: &str) -> Option<Sum> {
    let unit_at = value
        .char_indices()
        .find(|(at, c)| {
            // `1e3px`: an exponent is part of the number, `1em` is not.
            let next = value.as_bytes().get(at + 1);
            let exponent = matches!(c, 'e' | 'E')
                && next.is_some_and(|next| next.is_ascii_digit() || matches!(next, b'-' | b'+'));
            !(c.is_ascii_digit() || matches!(c, '.' | '+' | '-') || exponent)
        })
        .map_or(value.len(), |(at, _)| at);
    let (number, unit) = value.split_at_checked(unit_at)?;
    let number: f32 = number.parse().ok()?;
    let px = |factor: f32| Some(Sum::Length(Length::px(number * factor)));
    let em = |factor: f32| Some(Sum::Length(Length::em(number * factor)));
    match &*unit.to_ascii_lowercase() {
        "" => Some(Sum::Number(number)),
        "px" => px(1.0),
        "pt" => px(96.0 / 72.0),
        "pc" => px(16.0),
        "in" => px(96.0),
        "cm" => px(96.0 / 2.54),
        "mm" => px(96.0 / 25.4),
        "q" => px(96.0 / 101.6),
        "rem" => px(FONT),
        "vw" | "svw" | "lvw" | "dvw" | "vi" | "vmax" => px(VIEW_WIDTH),
        "vh" | "svh" | "lvh" | "dvh" | "vb" | "vmin" => px(VIEW_HEIGHT),
        "em" | "ic" => em(1.0),
        "ex" | "ch" => em(0.5),
        "lh" | "rlh" => em(1.2),
        "cap" => em(0.7),
        "%" => Some(Sum::Length(Length {
            percent: number,
            ..Length::default()
        })),
        _ => None,
    }
}

/// `calc()` and its kin, read from left to right.
struct Calculation<'v> {
    rest: &'v str,
    depth: usize,
}

impl Calculation<'_> {
    fn blank(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, sign: char) -> bool {
        self.blank();
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn added(&mut self) -> Option<Sum> {
        let mut total = self.product()?;
        loop {
            let sign = match () {
                () if self.take('+') => 1.0,
                () if self.take('-') => -1.0,
                () => return Some(total),
            };
            let next = self.product()?;
            total = total.plus(next, sign)?;
        }
    }

    fn product(&mut self) -> Option<Sum> {
        let mut total = self.term()?;
        loop {
            if self.take('*') {
                let next = self.term()?;
                total = total.times(next)?;
            } else if self.take('/') {
                match self.term()? {
                    Sum::Number(by) if by != 0.0 => total = total.times(Sum::Number(1.0 / by))?,
                    _ => return None,
                }
            } else {
                return Some(total);
            }
        }
    }

    /// A number with its unit, or a function.
    fn term(&mut self) -> Option<Sum> {
        self.blank();
        let word = |c: char| c.is_ascii_alphabetic() || c == '-' || c == '_';
        let name_end = self.rest.find(|c| !word(c)).unwrap_or(self.rest.len());
        let after = self.rest.get(name_end..)?;
        if let Some(inner) = after.strip_prefix('(') {
            let name = self.rest.get(..name_end)?.to_ascii_lowercase();
            self.rest = inner;
            return self.function(&name);
        }
        let in_number = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '%');
        let sign = self.rest.starts_with(['+', '-']);
        let digits = self.rest.get(usize::from(sign)..)?;
        let end = digits.find(|c| !in_number(c)).unwrap_or(digits.len()) + usize::from(sign);
        let (number, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        plain(number)
    }

    fn function(&mut self, name: &str) -> Option<Sum> {
        self.depth += 1;
        if self.depth > MAX_NESTED {
            return None;
        }
        let mut terms = vec![self.added()?];
        while self.take(',') {
            terms.push(self.added()?);
        }
        if !self.take(')') {
            // An end that is missing is added (CSS Syntax, section 5.4.8).
            self.rest.trim().is_empty().then_some(())?;
        }
        self.depth -= 1;
        let by = |a: &Sum, b: &Sum| a.guess().total_cmp(&b.guess());
        match (name, &*terms) {
            ("" | "calc" | "-webkit-calc" | "-moz-calc", [one]) => Some(*one),
            ("min", all) => all.iter().copied().min_by(by),
            ("max", all) => all.iter().copied().max_by(by),
            ("clamp", [low, value, high]) => {
                let value = [*value, *high].into_iter().min_by(by)?;
                [value, *low].into_iter().max_by(by)
            }
            _ => None,
        }
    }
}

/// Red, green and blue, and how much of what is below shows through: 0 for all of it, 1 for nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Colour {
    pub(crate) rgb: [f32; 3],
    pub(crate) alpha: f32,
}

impl Colour {
    pub(crate) const BLACK: Self = Self::new([0.0; 3]);
    pub(crate) const WHITE: Self = Self::new([255.0; 3]);
    pub(crate) const LINK: Self = Self::new([0.0, 0.0, 238.0]);
    pub(crate) const MARK: Self = Self::new([255.0, 255.0, 0.0]);
    const TRANSPARENT: Self = Self {
        rgb: [0.0; 3],
        alpha: 0.0,
    };

    const fn new(rgb: [f32; 3]) -> Self {
        Self { rgb, alpha: 1.0 }
    }

    /// What is seen of it over another.
    pub(crate) fn over(self, ground: Self) -> Self {
        let [r, g, b] = self.rgb;
        let [s, h, c] = ground.rgb;
        let mixed = |top: f32, below: f32| top * self.alpha + below * (1.0 - self.alpha);
        Self::new([mixed(r, s), mixed(g, h), mixed(b, c)])
    }

    /// Whether nobody tells them apart.
    pub(crate) fn is_like(self, other: Self) -> bool {
        const NOTHING: f32 = 18.0;
        let both = self.rgb.iter().zip(other.rgb);
        both.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max) < NOTHING
    }
}

/// Reads a colour. `None` for what is none, and for spaces of colours that mail doesn't use.
pub(crate) fn colour(value: &str) -> Option<Colour> {
    let value = value.trim().to_ascii_lowercase();
    if let Some(digits) = value.strip_prefix('#') {
        return hexadecimal(digits);
    }
    if value == "transparent" {
        return Some(Colour::TRANSPARENT);
    }
    if let Some((kind, numbers)) = value.split_once('(') {
        let numbers = numbers.trim_end_matches(')').split([',', ' ', '/']);
        let mut numbers = numbers.filter(|one| !one.is_empty());
        let (first, second, third) = (numbers.next()?, numbers.next()?, numbers.next()?);
        let alpha = numbers.next().map_or(Some(1.0), number)?;
        let rgb = match kind.trim_end_matches('a') {
            "rgb" => [share(first)?, share(second)?, share(third)?],
            "hsl" => from_hue(angle(first)?, number(second)?, number(third)?),
            _ => return None,
        };
        return Some(Colour { rgb, alpha });
    }
    named(&value)
}

/// Reads a colour as attributes of old pages have it, without `#` too.
pub(crate) fn old_colour(value: &str) -> Option<Colour> {
    let value = value.trim();
    colour(value).or_else(|| hexadecimal(value))
}

fn named(name: &str) -> Option<Colour> {
    static NAMES: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
        let lines = include_str!("colours.txt").lines();
        lines.filter_map(|line| line.split_once(' ')).collect()
    });
    hexadecimal(NAMES.get(name)?)
}

fn hexadecimal(digits: &str) -> Option<Colour> {
    let digits: Option<Vec<u8>> = digits
        .chars()
        .take(9)
        .map(|c| u8::try_from(c.to_digit(16)?).ok())
        .collect();
    let digits = digits?;
    let pair = |high: u8, low: u8| f32::from(high * 16 + low);
    match *digits {
        [r, g, b] => Some(Colour::new([pair(r, r), pair(g, g), pair(b, b)])),
        [r, g, b, a] => Some(Colour {
            rgb: [pair(r, r), pair(g, g), pair(b, b)],
            alpha: pair(a, a) / 255.0,
        }),
        [r, s, g, h, b, c] => Some(Colour::new([pair(r, s), pair(g, h), pair(b, c)])),
        [r, s, g, h, b, c, a, d] => Some(Colour {
            rgb: [pair(r, s), pair(g, h), pair(b, c)],
            alpha: pair(a, d) / 255.0,
        }),
        _ => None,
    }
}

/// A part of a colour: a number to 255, or a percentage.
fn share(value: &str) -> Option<f32> {
    match value.strip_suffix('%') {
        Some(percent) => Some(percent.parse::<f32>().ok()? * 2.55),
        None => value.parse().ok(),
    }
}

fn angle(value: &str) -> Option<f32> {
    let value = value.trim();
    let part = |unit: &str, whole: f32| {
        let number = value.strip_suffix(unit)?;
        Some(number.parse::<f32>().ok()? / whole * 360.0)
    };
    part("deg", 360.0)
        .or_else(|| part("turn", 1.0))
        .or_else(|| part("grad", 400.0))
        .or_else(|| part("rad", std::f32::consts::TAU))
        .or_else(|| value.parse().ok())
}

/// From hue, saturation and lightness (CSS Color Module Level 4, section 7.1).
fn from_hue(hue: f32, saturation: f32, lightness: f32) -> [f32; 3] {
    let amount = saturation * lightness.min(1.0 - lightness);
    [0.0, 8.0, 4.0].map(|place| {
        let k = (place + hue / 30.0).rem_euclid(12.0);
        255.0 * (lightness - amount * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0))
    })
}

#[cfg(test)]
mod tests;
