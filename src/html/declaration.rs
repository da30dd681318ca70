//! What styles say, as far as it decides what is seen and in which order.

use super::{
    scan::{pieces, until, words},
    value::{Colour, Length, colour, length, number},
};

/// What of a style is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Property {
    Display,
    Visibility,
    Opacity,
    FontSize,
    Color,
    Fill,
    Background,
    Position,
    Left,
    Top,
    Right,
    Bottom,
    TextIndent,
    MarginLeft,
    MarginTop,
    Overflow,
    Height,
    MaxHeight,
    Width,
    MaxWidth,
    LineHeight,
    Clip,
    ClipPath,
    Transform,
    Filter,
    ContentVisibility,
    Float,
    Outlook,
    Direction,
    Bidi,
}

/// How many properties there are.
pub(crate) const PROPERTIES: usize = Property::Bidi as usize + 1;

/// How an element stands among others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Display {
    None,
    /// In a line, without a box of its own.
    Inline,
    /// In a line, as a box.
    InlineBox,
    Block,
}

/// What is below a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Ground {
    Colour(Colour),
    /// A picture over a colour.
    Picture(Option<Colour>),
}

/// The value of a property.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Value {
    /// The same as around it.
    Inherit,
    /// As if nobody had said anything.
    Initial,
    /// It can't be known what it comes to.
    Unknown,
    /// The word by which a property hides or applies, or another.
    Flag(bool),
    Display(Display),
    Number(f32),
    Length(Length),
    Colour(Colour),
    Ground(Ground),
}

/// One property of a style.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Declared {
    pub(crate) property: Property,
    pub(crate) value: Value,
    pub(crate) important: bool,
}

/// Reads the declarations of a style, each that matters.
pub(crate) fn read(style: &str, mut each: impl FnMut(Declared)) {
    let mut rest = style;
    while !rest.is_empty() {
        let end = until(rest, b";");
        declaration(rest.get(..end).unwrap_or_default(), &mut each);
        rest = rest.get(end + 1..).unwrap_or_default();
    }
}

/// Reads one declaration, without its semicolon.
pub(crate) fn declaration(text: &str, each: &mut impl FnMut(Declared)) {
    // A comment may hold a colon, too.
    let colon = until(text, b":");
    let (Some(name), Some(value)) = (text.get(..colon), text.get(colon + 1..)) else {
        return;
    };
    let name = words(name);
    let name = name.trim();
    if name.len() > LONGEST_NAME {
        return;
    }
    let name = name.to_ascii_lowercase();
    let Some(known) = Known::named(&name) else {
        return;
    };
    let value = words(value);
    let (value, important) = match value.rsplit_once('!') {
        Some((before, mark)) => (before.trim(), mark.trim().eq_ignore_ascii_case("important")),
        None => (value.trim(), false),
    };
    known.each(&value.to_ascii_lowercase(), |property, value| {
        each(Declared {
            property,
            value,
            important,
        });
    });
}

const LONGEST_NAME: usize = 40;

/// A property as it is written, shorthands among them.
enum Known {
    One(Property),
    Font,
    Margin,
    Inset,
}

impl Known {
    fn named(name: &str) -> Option<Self> {
        Some(Self::One(match name {
            "display" => Property::Display,
            "visibility" => Property::Visibility,
            "opacity" => Property::Opacity,
            "font-size" => Property::FontSize,
            "font" => return Some(Self::Font),
            "color" => Property::Color,
            "-webkit-text-fill-color" => Property::Fill,
            "background" | "background-color" | "background-image" => Property::Background,
            "position" => Property::Position,
            "left" | "inset-inline-start" => Property::Left,
            "top" | "inset-block-start" => Property::Top,
            "right" => Property::Right,
            "bottom" => Property::Bottom,
            "inset" => return Some(Self::Inset),
            "text-indent" => Property::TextIndent,
            "margin-left" | "margin-inline-start" => Property::MarginLeft,
            "margin-top" | "margin-block-start" => Property::MarginTop,
            "margin" => return Some(Self::Margin),
            "overflow" | "overflow-x" | "overflow-y" => Property::Overflow,
            "height" | "block-size" => Property::Height,
            "max-height" | "max-block-size" => Property::MaxHeight,
            "width" | "inline-size" => Property::Width,
            "max-width" | "max-inline-size" => Property::MaxWidth,
            "line-height" => Property::LineHeight,
            "clip" => Property::Clip,
            "clip-path" | "-webkit-clip-path" => Property::ClipPath,
            "transform" | "-webkit-transform" | "scale" | "translate" => Property::Transform,
            "filter" | "-webkit-filter" => Property::Filter,
            "content-visibility" => Property::ContentVisibility,
            "float" => Property::Float,
            "mso-hide" => Property::Outlook,
            "direction" => Property::Direction,
            "unicode-bidi" => Property::Bidi,
            _ => return None,
        }))
    }

    fn each(self, value: &str, mut each: impl FnMut(Property, Value)) {
        match self {
            Self::One(property) => {
                if let Some(value) = read_value(property, value) {
                    each(property, value);
                }
            }
            Self::Font => {
                if let Some(size) = size_in_font(value) {
                    each(Property::FontSize, size);
                }
            }
            Self::Margin => {
                let sides: Vec<&str> = pieces(value).take(4).collect();
                let left = sides.get(3).or(sides.get(1)).or(sides.first());
                let both = [
                    (Property::MarginTop, sides.first()),
                    (Property::MarginLeft, left),
                ];
                for (property, side) in both {
                    if let Some(length) = side.and_then(|side| length(side)) {
                        each(property, Value::Length(length));
                    }
                }
            }
            Self::Inset => {
                let sides: Vec<&str> = pieces(value).take(4).collect();
                let side = |places: [usize; 3]| places.iter().find_map(|place| sides.get(*place));
                for (property, side) in [
                    (Property::Top, side([0, 0, 0])),
                    (Property::Right, side([1, 0, 0])),
                    (Property::Bottom, side([2, 0, 0])),
                    (Property::Left, side([3, 1, 0])),
                ] {
                    if let Some(length) = side.and_then(|side| length(side)) {
                        each(property, Value::Length(length));
                    }
                }
            }
        }
    }
}

/// Reads the value of a property; `None` where browsers leave the declaration aside.
fn read_value(property: Property, value: &str) -> Option<Value> {
    match value {
        "inherit" => return Some(Value::Inherit),
        "initial" | "revert" | "revert-layer" => return Some(Value::Initial),
        "unset" => return Some(unset(property)),
        _ => {}
    }
    if ["var(", "env(", "attr("]
        .iter()
        .any(|one| value.contains(one))
    {
        return Some(Value::Unknown);
    }
    let lengths = || length(value).map(Value::Length);
    let flag = |is: bool| Some(Value::Flag(is));
    match property {
        Property::Display => display(value).map(Value::Display),
        Property::Visibility => match value {
            "hidden" | "collapse" => flag(true),
            "visible" => flag(false),
            _ => None,
        },
        Property::Opacity => number(value).map(Value::Number),
        Property::FontSize => font_size(value),
        Property::Color | Property::Fill => match value {
            "currentcolor" => Some(Value::Inherit),
            _ => colour(value).map(Value::Colour),
        },
        Property::Background => ground(value).map(Value::Ground),
        Property::Position => flag(matches!(value, "absolute" | "fixed")),
        Property::Overflow => flag(
            value
                .split(' ')
                .any(|one| matches!(one, "hidden" | "clip" | "auto" | "scroll" | "overlay")),
        ),
        Property::MaxHeight | Property::MaxWidth if value == "none" => Some(Value::Initial),
        Property::Height | Property::Width if value == "auto" => Some(Value::Initial),
        Property::LineHeight => match value {
            "normal" => Some(Value::Initial),
            _ => lengths(),
        },
        Property::Clip => flag(clips_all(value)),
        Property::ClipPath => flag(path_is_empty(value)),
        Property::Transform => flag(moves_away(value)),
        Property::Filter => Some(Value::Number(opacity_of_filter(value))),
        Property::ContentVisibility => flag(value == "hidden"),
        Property::Float => flag(value != "none"),
        Property::Outlook => flag(value == "all"),
        Property::Direction => match value {
            "rtl" => flag(true),
            "ltr" => flag(false),
            _ => None,
        },
        Property::Bidi => flag(matches!(
            value,
            "bidi-override" | "isolate-override" | "-webkit-isolate-override"
        )),
        _ => lengths(),
    }
}

/// What `unset` comes to: some properties are passed on from outside, others aren't.
fn unset(property: Property) -> Value {
    match property {
        Property::Visibility
        | Property::FontSize
        | Property::Color
        | Property::Fill
        | Property::TextIndent
        | Property::LineHeight
        | Property::Direction => Value::Inherit,
        _ => Value::Initial,
    }
}

fn display(value: &str) -> Option<Display> {
    Some(match value {
        "none" => Display::None,
        "inline" | "contents" | "ruby" | "ruby-text" | "ruby-base" | "run-in" | "inline flow" => {
            Display::Inline
        }
        "inline-block"
        | "inline-flex"
        | "inline-grid"
        | "inline-table"
        | "-webkit-inline-box"
        | "-webkit-inline-flex"
        | "inline flow-root"
        | "inline flex"
        | "inline grid" => Display::InlineBox,
        "block" | "flex" | "grid" | "list-item" | "flow-root" | "table" | "table-row"
        | "table-cell" | "table-caption" | "table-row-group" | "table-header-group"
        | "table-footer-group" | "table-column" | "table-column-group" | "-webkit-box"
        | "-webkit-flex" | "block flow" | "block flex" => Display::Block,
        _ => return None,
    })
}

fn font_size(value: &str) -> Option<Value> {
    let px = match value {
        "xx-small" => 9.0,
        "x-small" => 10.0,
        "small" => 13.0,
        "medium" => 16.0,
        "large" => 18.0,
        "x-large" => 24.0,
        "xx-large" => 32.0,
        "xxx-large" => 48.0,
        "smaller" => return Some(Value::Length(Length::em(0.83))),
        "larger" => return Some(Value::Length(Length::em(1.2))),
        _ => {
            let size = length(value)?;
            // Less than nothing is none.
            let is_none = [size.px, size.em, size.percent]
                .iter()
                .all(|part| *part <= 0.0)
                && size != Length::default()
                && !value.contains('(');
            return (!is_none).then_some(Value::Length(size));
        }
    };
    Some(Value::Length(Length::px(px)))
}

/// The size in the shorthand `font`: in front of a `/`, or the first word that is one. A bare number is
/// a weight, but for nought.
fn size_in_font(value: &str) -> Option<Value> {
    match value {
        "inherit" | "unset" => return Some(Value::Inherit),
        "initial" => return Some(Value::Initial),
        _ if value.contains("var(") => return Some(Value::Unknown),
        _ => {}
    }
    pieces(value).find_map(|piece| {
        let size = piece.split('/').next().unwrap_or_default();
        let is_weight = size.parse::<f32>().is_ok_and(|number| number != 0.0);
        match is_weight && size == piece {
            true => None,
            false => font_size(size),
        }
    })
}

fn ground(value: &str) -> Option<Ground> {
    let picture = value.contains("url(") || value.contains("gradient(") || value.contains("image");
    let found = pieces(value).find_map(colour);
    match (picture, found) {
        (true, found) => Some(Ground::Picture(found)),
        (false, Some(colour)) => Some(Ground::Colour(colour)),
        (false, None) => {
            let nothing = colour("transparent").map(Ground::Colour);
            // A colour that can't be read could be any.
            match value.contains('(') {
                true => Some(Ground::Picture(None)),
                false => nothing,
            }
        }
    }
}

/// The numbers in brackets.
fn arguments(value: &str) -> Vec<&str> {
    let inner = value.split_once('(').map_or("", |(_, inner)| inner);
    let inner = inner.split(')').next().unwrap_or_default();
    let all = inner.split([',', ' ']).filter(|one| !one.is_empty());
    all.take(16).collect()
}

/// Whether `rect(...)` leaves nothing, or a pixel.
fn clips_all(value: &str) -> bool {
    let sides = arguments(value);
    let side = |at: usize| sides.get(at).and_then(|side| length(side));
    match (side(0), side(1), side(2), side(3)) {
        (Some(top), Some(right), Some(bottom), Some(left)) => {
            bottom.px - top.px <= 1.0 || right.px - left.px <= 1.0
        }
        _ => false,
    }
}

fn path_is_empty(value: &str) -> bool {
    let sizes = arguments(value);
    let size = |at: usize| sizes.get(at).and_then(|size| length(size));
    if value.starts_with("inset") {
        let half = |at: usize| size(at).is_some_and(|side| side.percent >= 50.0);
        // One that is said alone is all of them.
        return half(0) || half(1);
    }
    if value.starts_with("circle") || value.starts_with("ellipse") {
        return size(0).is_some_and(|radius| radius.pixels(16.0, 100.0) <= 0.5);
    }
    // A path all of whose points are one.
    value.starts_with("polygon") && {
        let mut points = sizes.chunks(2);
        let first = points.next();
        points.all(|point| Some(point) == first)
    }
}

/// Whether a box is made nothing, or moved away.
fn moves_away(value: &str) -> bool {
    let mut rest = value;
    // `scale: 0` and `translate: -9999px` have no brackets.
    if !rest.contains('(') {
        let mut parts = rest.split(' ').filter_map(length);
        return parts.any(is_far) || number(rest) == Some(0.0);
    }
    while let Some((name, behind)) = rest.split_once('(') {
        let arguments = arguments(rest);
        let of = |at: usize| arguments.get(at).copied().unwrap_or_default();
        let moved = match name.trim_start_matches([' ', ')']) {
            "scale" | "scale3d" => {
                number(of(0)).is_some_and(is_no_scale) || number(of(1)).is_some_and(is_no_scale)
            }
            "scalex" | "scaley" => number(of(0)).is_some_and(is_no_scale),
            "translate" | "translate3d" => [of(0), of(1)]
                .iter()
                .any(|one| length(one).is_some_and(is_far)),
            "translatex" | "translatey" => length(of(0)).is_some_and(is_far),
            "rotatex" | "rotatey" => matches!(of(0), "90deg" | "-90deg" | "270deg" | "0.25turn"),
            "matrix" => {
                number(of(0)).is_some_and(is_no_scale) || number(of(3)).is_some_and(is_no_scale)
            }
            _ => false,
        };
        if moved {
            return true;
        }
        rest = behind.split_once(')').map_or("", |(_, behind)| behind);
    }
    false
}

fn is_no_scale(scale: f32) -> bool {
    scale.abs() < 0.05
}

/// So far to one side nothing is on the screen.
pub(crate) fn is_far(length: Length) -> bool {
    length.pixels(16.0, 500.0).abs() >= 1_000.0
}

fn opacity_of_filter(value: &str) -> f32 {
    match value.split_once("opacity(") {
        Some((_, inner)) => {
            let inner = inner.split(')').next().unwrap_or_default();
            number(inner).unwrap_or(1.0)
        }
        None => 1.0,
    }
}

#[cfg(test)]
mod tests;
