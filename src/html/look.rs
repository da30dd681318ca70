//! How the text in an element looks: whether anybody sees it, and in which direction it is read.

use super::{
    declaration::{Declared, Display, Ground, Property, Value, is_far},
    element::{Asked, is_block},
    sheet::Cascade,
    value::{Colour, FONT, Length, length, old_colour},
};

/// Letters of so many pixels are dots.
const NO_SIZE: f32 = 1.5;
/// Letters of fewer pixels nobody reads with ease.
const SMALL: f32 = 5.0;
/// What lets so much through is not seen.
const NO_OPACITY: f32 = 0.06;

/// What an element passes on to those in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Look {
    /// Nothing within shows it again: `display: none`, no opacity, beside the screen, no room.
    hidden: bool,
    /// `visibility`, which an element within can undo.
    invisible: bool,
    opacity: f32,
    /// The size of letters in pixels: newsletters set one of nothing around their columns.
    font: f32,
    colour: Colour,
    /// The colour below, where it is known.
    ground: Option<Colour>,
    /// The colour below where pictures aren't shown.
    plain_ground: Colour,
    /// The first line of a box begins beside the screen; and whether the text stands in such a box.
    indents_away: bool,
    indented_away: bool,
    /// Some program could hide it: by rules that others overrule or that hold somewhere only.
    doubtful: Doubtful,
    /// What only a program reads: styles and scripts.
    pub(crate) is_code: bool,
    /// A `<details>` that is not open, of which the summary alone is seen.
    is_closed: bool,
    display: Display,
    /// It takes no part in the lines around it, and isn't seen.
    pub(crate) is_gone: bool,
    pub(crate) preformatted: bool,
    /// Within a `<blockquote>`.
    pub(crate) set_off: bool,
    /// A box without room, or a line without height: some programs show such text.
    crammed: bool,
    right_to_left: bool,
    /// The letters are put in this order whatever they are (`<bdo>`, `unicode-bidi: bidi-override`).
    pub(crate) order: Option<Order>,
}

/// An order that letters are put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    LeftToRight,
    RightToLeft,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Doubtful {
    hidden: bool,
    invisible: bool,
    tiny: bool,
    pale: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            hidden: false,
            invisible: false,
            opacity: 1.0,
            font: FONT,
            colour: Colour::BLACK,
            ground: Some(Colour::WHITE),
            plain_ground: Colour::WHITE,
            indents_away: false,
            indented_away: false,
            doubtful: Doubtful::default(),
            is_code: false,
            is_closed: false,
            display: Display::Block,
            is_gone: false,
            preformatted: false,
            set_off: false,
            crammed: false,
            right_to_left: false,
            order: None,
        }
    }
}

impl Look {
    /// Whether a mail program shows it and a person sees it.
    pub(crate) fn is_seen(&self) -> bool {
        let like_ground = |ground: Colour| self.colour.over(ground).is_like(ground);
        !(self.hidden
            || self.invisible
            || self.is_closed
            || self.indented_away
            || self.opacity < NO_OPACITY
            || self.font < NO_SIZE
            || self.colour.alpha < NO_OPACITY
            || self.ground.is_some_and(like_ground))
    }

    /// Whether some mail program may hide it, though most show it.
    pub(crate) fn is_doubtful(&self) -> bool {
        let Doubtful {
            hidden,
            invisible,
            tiny,
            pale,
        } = self.doubtful;
        let like_plain = || {
            let ground = self.plain_ground;
            self.ground.is_none() && self.colour.over(ground).is_like(ground)
        };
        hidden || invisible || tiny || pale || like_plain()
    }

    /// Whether hardly anybody reads it where it is shown.
    pub(crate) fn is_small(&self) -> bool {
        self.crammed || self.font < SMALL
    }

    /// Whether it stands apart from what is before and after it.
    pub(crate) fn is_block(&self) -> bool {
        self.display == Display::Block && !self.is_gone
    }

    pub(crate) fn is_directed(&self) -> bool {
        self.order.is_some()
    }
}

/// Elements that browsers never show, whatever a style says of them.
fn is_never_shown(name: &str) -> bool {
    matches!(
        name.as_bytes(),
        b"template"
            | b"datalist"
            | b"canvas"
            | b"video"
            | b"audio"
            | b"iframe"
            | b"noembed"
            | b"noframes"
            | b"progress"
            | b"meter"
            | b"metadata"
            | b"desc"
            | b"defs"
            | b"annotation"
            | b"annotation-xml"
            | b"frameset"
    )
}

/// Elements that browsers don't show unless a style says so.
fn is_hidden_by_itself(name: &str) -> bool {
    matches!(
        name.as_bytes(),
        b"head" | b"title" | b"style" | b"script" | b"rp"
    )
}

/// How the text in an element looks of which nothing is said, if its name says nothing either.
pub(crate) fn plain_look(name: &str, outer: &Look) -> Option<Look> {
    let says = is_never_shown(name)
        || is_hidden_by_itself(name)
        || is_box_in_line(name)
        || outer.is_closed
        || is_preformatted(name)
        || matches!(
            name.as_bytes(),
            b"body" | b"blockquote" | b"details" | b"dialog" | b"mark" | b"bdo"
        );
    let display = match is_block(name) {
        true => Display::Block,
        false => Display::Inline,
    };
    (!says).then_some(Look {
        indented_away: match display {
            Display::Inline => outer.indented_away,
            _ => outer.indents_away,
        },
        display,
        order: None,
        ..*outer
    })
}

fn is_preformatted(name: &str) -> bool {
    matches!(
        name.as_bytes(),
        b"pre" | b"textarea" | b"plaintext" | b"listing" | b"xmp"
    )
}

/// How the text in an element looks. `outer`: how that around it does.
pub(crate) fn look_of(name: &str, asked: &Asked<'_>, cascade: &mut Cascade, outer: &Look) -> Look {
    presentational(name, asked, cascade);
    let mut look = Look {
        order: None,
        ..*outer
    };
    look.is_code = outer.is_code || matches!(name.as_bytes(), b"style" | b"script");
    look.preformatted |= is_preformatted(name);
    look.set_off |= name == "blockquote";
    look.hidden |= is_never_shown(name) || outer.is_closed && name != "summary";
    // A page without </head> begins with what only a body has.
    if name == "body" {
        look.hidden = false;
    }
    look.is_closed = name == "details" && asked.open.is_none();
    displayed(name, asked, cascade, &mut look);
    coloured(name, cascade, outer, &mut look);
    sized(name, cascade, outer, &mut look);
    placed(cascade, &mut look);
    directed(name, asked, cascade, &mut look);
    doubted(cascade, &mut look);
    let flag = |property| cascade.get(property) == Some(Value::Flag(true));
    let floats = flag(Property::Float) || flag(Property::Position);
    look.is_gone |= look.display == Display::None || is_never_shown(name) || look.hidden && floats;
    look
}

/// What attributes say that styles say elsewhere.
fn presentational(name: &str, asked: &Asked<'_>, cascade: &mut Cascade) {
    let colour = |value: Option<&str>| value.and_then(old_colour);
    let ink = match name {
        "font" | "basefont" => colour(asked.color),
        "body" => colour(asked.text),
        _ => None,
    };
    if let Some(ink) = ink {
        cascade.attribute(Property::Color, Value::Colour(ink));
    }
    let ground = colour(asked.bgcolor);
    let ground = match asked.background {
        Some(_) => Some(Ground::Picture(ground)),
        None => ground.map(Ground::Colour),
    };
    if let Some(ground) = ground {
        cascade.attribute(Property::Background, Value::Ground(ground));
    }
    if matches!(name.as_bytes(), b"mark" | b"dialog") {
        let ground = match name {
            "mark" => Ground::Colour(Colour::MARK),
            _ => Ground::Colour(Colour::WHITE),
        };
        cascade.attribute(Property::Background, Value::Ground(ground));
        cascade.attribute(Property::Color, Value::Colour(Colour::BLACK));
    }
    if name == "a" && asked.href.is_some() {
        cascade.attribute(Property::Color, Value::Colour(Colour::LINK));
    }
}

fn displayed(name: &str, asked: &Asked<'_>, cascade: &Cascade, look: &mut Look) {
    let by_itself = match is_block(name) {
        true => Display::Block,
        false if is_box_in_line(name) => Display::InlineBox,
        false => Display::Inline,
    };
    let is_hidden = is_hidden_by_itself(name)
        || asked.hidden.is_some()
        || name == "dialog" && asked.open.is_none();
    look.display = match cascade.get(Property::Display) {
        Some(Value::Display(display)) => display,
        Some(Value::Initial) => Display::Inline,
        Some(_) => by_itself,
        None if is_hidden => Display::None,
        None => by_itself,
    };
    look.hidden |= look.display == Display::None;
    let flag = |property| cascade.get(property) == Some(Value::Flag(true));
    if look.display == Display::Inline && (flag(Property::Float) || flag(Property::Position)) {
        look.display = Display::InlineBox;
    }
    match cascade.get(Property::Visibility) {
        Some(Value::Flag(hidden)) => look.invisible = hidden,
        Some(Value::Initial) => look.invisible = false,
        _ => {}
    }
    for property in [Property::Opacity, Property::Filter] {
        if let Some(Value::Number(opacity)) = cascade.get(property) {
            look.opacity *= opacity.clamp(0.0, 1.0);
        }
    }
    let boxed = look.display != Display::Inline;
    look.hidden |= boxed && (flag(Property::Transform) || flag(Property::ContentVisibility));
    look.hidden |= flag(Property::ClipPath);
    look.hidden |= flag(Property::Clip) && flag(Property::Position);
}

fn is_box_in_line(name: &str) -> bool {
    matches!(
        name.as_bytes(),
        b"button" | b"select" | b"textarea" | b"img" | b"input" | b"marquee"
    )
}

fn coloured(name: &str, cascade: &Cascade, outer: &Look, look: &mut Look) {
    let fill = cascade.get(Property::Fill);
    match fill.or(cascade.get(Property::Color)) {
        Some(Value::Colour(colour)) => look.colour = colour,
        Some(Value::Initial) => look.colour = Colour::BLACK,
        _ => {}
    }
    let below = outer.ground;
    match cascade.get(Property::Background) {
        Some(Value::Ground(Ground::Colour(colour))) => {
            look.plain_ground = colour.over(outer.plain_ground);
            look.ground = match colour.alpha >= 1.0 {
                true => Some(colour),
                false => below.map(|below| colour.over(below)),
            };
        }
        Some(Value::Ground(Ground::Picture(colour))) => {
            if let Some(colour) = colour {
                look.plain_ground = colour.over(outer.plain_ground);
            }
            look.ground = None;
        }
        Some(Value::Unknown | Value::Inherit) => look.ground = None,
        _ => {}
    }
    // What browsers draw by themselves lies on a ground of its own.
    if matches!(
        name.as_bytes(),
        b"button" | b"select" | b"textarea" | b"input"
    ) && cascade.get(Property::Background).is_none()
    {
        look.ground = None;
    }
}

fn sized(name: &str, cascade: &Cascade, outer: &Look, look: &mut Look) {
    match cascade.get(Property::FontSize) {
        Some(Value::Length(size)) => look.font = size.pixels(outer.font, outer.font),
        Some(Value::Initial) => look.font = FONT,
        _ => {}
    }
    let pixels = |property| match cascade.get(property) {
        Some(Value::Length(length)) => Some(length.pixels(look.font, 500.0)),
        _ => None,
    };
    let no_room = |property| pixels(property).is_some_and(|size| (0.0..=1.0).contains(&size));
    let low = no_room(Property::Height) || no_room(Property::MaxHeight);
    let narrow = no_room(Property::Width) || no_room(Property::MaxWidth);
    let flat = match cascade.get(Property::LineHeight) {
        // A number is one of lines.
        Some(Value::Length(height)) => {
            height.px <= 0.0 && height.em <= 0.0 && height.percent <= 0.0
        }
        _ => false,
    };
    let clips = cascade.get(Property::Overflow) == Some(Value::Flag(true));
    // A dialog is as large as its padding at least.
    let is_box = look.display != Display::Inline && name != "dialog";
    look.hidden |= is_box && clips && (low || narrow || flat);
    look.crammed |= low || narrow || flat;
}

fn placed(cascade: &Cascade, look: &mut Look) {
    let length = |property| match cascade.get(property) {
        Some(Value::Length(length)) => Some(length),
        _ => None,
    };
    let outside = |length: Length| length.pixels(FONT, 500.0) <= -99.0;
    let apart = cascade.get(Property::Position) == Some(Value::Flag(true));
    let sides = [
        Property::Left,
        Property::Top,
        Property::Right,
        Property::Bottom,
    ];
    let moved = sides.iter().any(|side| length(*side).is_some_and(is_far));
    let before = [Property::Left, Property::Top];
    let out = before.iter().any(|side| length(*side).is_some_and(outside));
    look.hidden |= apart && (moved || out);
    look.crammed |= moved || out;
    let drawn = length(Property::MarginLeft)
        .is_some_and(|length| outside(length) && is_far(length))
        || length(Property::MarginTop).is_some_and(|length| outside(length) && is_far(length));
    look.hidden |= drawn && look.display != Display::Inline;
    look.crammed |= length(Property::MarginLeft).is_some_and(outside);
    if let Some(indent) = length(Property::TextIndent) {
        look.indents_away = outside(indent);
    }
    if look.display != Display::Inline {
        look.indented_away = look.indents_away;
    }
}

fn directed(name: &str, asked: &Asked<'_>, cascade: &Cascade, look: &mut Look) {
    let dir = asked.dir.map(|dir| dir.trim().to_ascii_lowercase());
    match dir.as_deref() {
        Some("rtl") => look.right_to_left = true,
        Some("ltr") => look.right_to_left = false,
        _ => {}
    }
    match cascade.get(Property::Direction) {
        Some(Value::Flag(right_to_left)) => look.right_to_left = right_to_left,
        Some(Value::Initial) => look.right_to_left = false,
        _ => {}
    }
    let overrides = match cascade.get(Property::Bidi) {
        Some(Value::Flag(overrides)) => overrides,
        Some(_) => false,
        None => name == "bdo",
    };
    if overrides {
        look.order = Some(match look.right_to_left {
            true => Order::RightToLeft,
            false => Order::LeftToRight,
        });
    }
}

/// What hides in some program, though it doesn't in most.
fn doubted(cascade: &Cascade, look: &mut Look) {
    let outlook = cascade.get(Property::Outlook) == Some(Value::Flag(true));
    look.doubtful.hidden |= outlook;
    let said = |property| cascade.get(property).is_some();
    if said(Property::FontSize) {
        look.doubtful.tiny = false;
    }
    if said(Property::Visibility) {
        look.doubtful.invisible = false;
    }
    if said(Property::Color) {
        look.doubtful.pale = false;
    }
    for declared in &cascade.doubtful {
        doubt(declared, look);
    }
    let unknown = |property| cascade.get(property) == Some(Value::Unknown);
    let hiding = [
        Property::Display,
        Property::Opacity,
        Property::Height,
        Property::MaxHeight,
        Property::Width,
        Property::MaxWidth,
        Property::Left,
        Property::TextIndent,
        Property::Transform,
    ];
    look.doubtful.hidden |= hiding.into_iter().any(unknown);
    look.doubtful.tiny |= unknown(Property::FontSize);
    look.doubtful.invisible |= unknown(Property::Visibility);
    look.doubtful.pale |= unknown(Property::Color);
}

fn doubt(declared: &Declared, look: &mut Look) {
    let font = look.font;
    let none = |length: Length| length.pixels(font, 500.0) <= 1.0;
    let doubtful = &mut look.doubtful;
    match (declared.property, declared.value) {
        (Property::Visibility, Value::Flag(true)) => doubtful.invisible = true,
        (Property::FontSize, Value::Length(size)) => {
            doubtful.tiny |= size.pixels(FONT, FONT) < NO_SIZE;
        }
        (Property::Color | Property::Fill, Value::Colour(colour)) => {
            let ground = look.plain_ground;
            doubtful.pale |= colour.over(ground).is_like(ground);
        }
        (Property::Display, Value::Display(Display::None)) => doubtful.hidden = true,
        (Property::Opacity | Property::Filter, Value::Number(opacity)) => {
            doubtful.hidden |= opacity < NO_OPACITY;
        }
        (
            Property::Height | Property::MaxHeight | Property::Width | Property::MaxWidth,
            Value::Length(length),
        ) => doubtful.hidden |= none(length),
        (Property::Left | Property::Top | Property::TextIndent, Value::Length(length)) => {
            doubtful.hidden |= length.pixels(FONT, 500.0) <= -99.0;
        }
        (
            Property::Clip
            | Property::ClipPath
            | Property::Transform
            | Property::ContentVisibility
            | Property::Outlook,
            Value::Flag(true),
        ) => doubtful.hidden = true,
        (_, Value::Unknown) => doubtful.hidden = true,
        _ => {}
    }
}

/// Whether a picture takes no room.
pub(crate) fn has_no_room(asked: &Asked<'_>) -> bool {
    [asked.width, asked.height]
        .into_iter()
        .flatten()
        .any(|size| {
            let size = length(size).map(|size| size.pixels(FONT, 500.0));
            size.is_some_and(|size| size <= 1.0)
        })
}

#[cfg(test)]
mod tests;
