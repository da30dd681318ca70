use super::*;

/// What a style declares.
fn declared(style: &str) -> Vec<(Property, Value)> {
    let mut found = Vec::new();
    read(style, |one| found.push((one.property, one.value)));
    found
}

fn one(style: &str) -> Option<Value> {
    let found = declared(style);
    assert!(found.len() < 2, "{style}");
    found.first().map(|(_, value)| *value)
}

fn px(px: f32) -> Value {
    Value::Length(Length::px(px))
}

#[test]
fn each_name_is_that_of_its_property() {
    for (name, property) in [
        ("left", Property::Left),
        ("inset-inline-start", Property::Left),
        ("top", Property::Top),
        ("inset-block-start", Property::Top),
        ("right", Property::Right),
        ("bottom", Property::Bottom),
        ("text-indent", Property::TextIndent),
        ("margin-left", Property::MarginLeft),
        ("margin-inline-start", Property::MarginLeft),
        ("margin-top", Property::MarginTop),
        ("margin-block-start", Property::MarginTop),
        ("height", Property::Height),
        ("block-size", Property::Height),
        ("max-height", Property::MaxHeight),
        ("max-block-size", Property::MaxHeight),
        ("width", Property::Width),
        ("inline-size", Property::Width),
        ("max-width", Property::MaxWidth),
        ("max-inline-size", Property::MaxWidth),
        ("line-height", Property::LineHeight),
        ("font-size", Property::FontSize),
        ("font", Property::FontSize),
    ] {
        assert_eq!(declared(&format!("{name}:7px")), [(property, px(7.0))]);
    }
    for (name, property) in [
        ("display", Property::Display),
        ("visibility", Property::Visibility),
        ("opacity", Property::Opacity),
        ("color", Property::Color),
        ("-webkit-text-fill-color", Property::Fill),
        ("background", Property::Background),
        ("background-color", Property::Background),
        ("background-image", Property::Background),
        ("position", Property::Position),
        ("overflow", Property::Overflow),
        ("overflow-x", Property::Overflow),
        ("overflow-y", Property::Overflow),
        ("clip", Property::Clip),
        ("clip-path", Property::ClipPath),
        ("-webkit-clip-path", Property::ClipPath),
        ("transform", Property::Transform),
        ("-webkit-transform", Property::Transform),
        ("scale", Property::Transform),
        ("translate", Property::Transform),
        ("filter", Property::Filter),
        ("-webkit-filter", Property::Filter),
        ("content-visibility", Property::ContentVisibility),
        ("float", Property::Float),
        ("mso-hide", Property::Outlook),
        ("direction", Property::Direction),
        ("unicode-bidi", Property::Bidi),
    ] {
        let found = declared(&format!("{name}:inherit"));
        assert_eq!(found, [(property, Value::Inherit)]);
    }
    assert_eq!(declared("padding:7px;nonsense:7px;:7px;left"), []);
}

#[test]
fn a_style_is_taken_apart() {
    let all = |style: &str| {
        let mut found = Vec::new();
        read(style, |one| found.push((one.value, one.important)));
        found
    };
    let left = |value, important| vec![(px(value), important)];
    for (style, expected) in [
        ("left:1px", left(1.0, false)),
        (" LEFT : 1PX ", left(1.0, false)),
        (";;left:1px;", left(1.0, false)),
        ("left:1px!important", left(1.0, true)),
        ("left:1px ! IMPORTANT ", left(1.0, true)),
        ("left:1px!ie", left(1.0, false)),
        ("left:1px/*;*/", left(1.0, false)),
        ("/*top:2px*/left:1px", left(1.0, false)),
        ("l\\65 ft:1px", left(1.0, false)),
        ("content:';left:2px';left:1px", left(1.0, false)),
        ("left:1px:2px", vec![]),
        ("left:", vec![]),
    ] {
        assert_eq!(all(style), expected, "{style}");
    }
    let two = all("left:1px;top:2px!important");
    assert_eq!(two, [(px(1.0), false), (px(2.0), true)]);
}

#[test]
fn of_several_sides_each_has_its_own() {
    use Property::{Bottom, Left, MarginLeft, MarginTop, Right, Top};
    for (value, top, left) in [
        ("1px", 1.0, 1.0),
        ("1px 2px", 1.0, 2.0),
        ("1px 2px 3px", 1.0, 2.0),
        ("1px 2px 3px 4px", 1.0, 4.0),
        ("1px 2px 3px 4px 5px", 1.0, 4.0),
    ] {
        let expected = [(MarginTop, px(top)), (MarginLeft, px(left))];
        assert_eq!(declared(&format!("margin:{value}")), expected, "{value}");
    }
    assert_eq!(declared("margin:1px auto"), [(MarginTop, px(1.0))]);
    for (value, [top, right, bottom, left]) in [
        ("1px", [1.0, 1.0, 1.0, 1.0]),
        ("1px 2px", [1.0, 2.0, 1.0, 2.0]),
        ("1px 2px 3px", [1.0, 2.0, 3.0, 2.0]),
        ("1px 2px 3px 4px", [1.0, 2.0, 3.0, 4.0]),
    ] {
        let expected = [
            (Top, px(top)),
            (Right, px(right)),
            (Bottom, px(bottom)),
            (Left, px(left)),
        ];
        assert_eq!(declared(&format!("inset:{value}")), expected, "{value}");
    }
    assert_eq!(declared("inset:auto auto 3px auto"), [(Bottom, px(3.0))]);
}

#[test]
fn words_that_every_property_knows() {
    for property in ["display", "left", "opacity", "background", "mso-hide"] {
        let value = |word: &str| one(&format!("{property}:{word}"));
        assert_eq!(value("inherit"), Some(Value::Inherit), "{property}");
        for word in ["initial", "revert", "revert-layer", "unset"] {
            assert_eq!(value(word), Some(Value::Initial), "{property}:{word}");
        }
        for word in ["var(--x)", "env(x)", "attr(x)", "calc(1px + var(--x))"] {
            assert_eq!(value(word), Some(Value::Unknown), "{property}:{word}");
        }
    }
    for property in [
        "visibility",
        "font-size",
        "color",
        "-webkit-text-fill-color",
        "text-indent",
        "line-height",
        "direction",
    ] {
        let found = one(&format!("{property}:unset"));
        assert_eq!(found, Some(Value::Inherit), "{property}");
    }
    for (style, expected) in [
        ("font:inherit", Some(Value::Inherit)),
        ("font:unset", Some(Value::Inherit)),
        ("font:initial", Some(Value::Initial)),
        ("font:var(--x)", Some(Value::Unknown)),
        ("font:serif", None),
        ("color:currentcolor", Some(Value::Inherit)),
        ("-webkit-text-fill-color:currentcolor", Some(Value::Inherit)),
        ("max-height:none", Some(Value::Initial)),
        ("max-width:none", Some(Value::Initial)),
        ("max-width:auto", None),
        ("height:auto", Some(Value::Initial)),
        ("width:auto", Some(Value::Initial)),
        ("height:none", None),
        ("line-height:normal", Some(Value::Initial)),
        ("line-height:2", Some(px(2.0))),
        ("left:auto", None),
        ("opacity:.5", Some(Value::Number(0.5))),
        ("opacity:50%", Some(Value::Number(0.5))),
        ("opacity:half", None),
        ("filter:opacity(.5)", Some(Value::Number(0.5))),
        (
            "filter:blur(1px) opacity(50%) x(1)",
            Some(Value::Number(0.5)),
        ),
        ("filter:opacity(x)", Some(Value::Number(1.0))),
        ("filter:none", Some(Value::Number(1.0))),
    ] {
        assert_eq!(one(style), expected, "{style}");
    }
}

#[test]
fn what_applies_or_does_not() {
    for (style, expected) in [
        ("visibility:hidden", Some(true)),
        ("visibility:collapse", Some(true)),
        ("visibility:visible", Some(false)),
        ("visibility:none", None),
        ("position:absolute", Some(true)),
        ("position:fixed", Some(true)),
        ("position:relative", Some(false)),
        ("overflow:hidden", Some(true)),
        ("overflow:visible clip", Some(true)),
        ("overflow:auto", Some(true)),
        ("overflow:scroll", Some(true)),
        ("overflow:overlay", Some(true)),
        ("overflow:visible", Some(false)),
        ("content-visibility:hidden", Some(true)),
        ("content-visibility:auto", Some(false)),
        ("float:left", Some(true)),
        ("float:none", Some(false)),
        ("mso-hide:all", Some(true)),
        ("mso-hide:none", Some(false)),
        ("direction:rtl", Some(true)),
        ("direction:ltr", Some(false)),
        ("direction:up", None),
        ("unicode-bidi:bidi-override", Some(true)),
        ("unicode-bidi:isolate-override", Some(true)),
        ("unicode-bidi:-webkit-isolate-override", Some(true)),
        ("unicode-bidi:embed", Some(false)),
        ("clip:auto", Some(false)),
        ("clip:rect(0 9px 9px 0)", Some(false)),
        ("clip:rect(8px,9px,9px,0)", Some(true)),
        ("clip:rect(7px,9px,9px,0)", Some(false)),
        ("clip:rect(0,9px,9px,8px)", Some(true)),
        ("clip:rect(0,9px,9px,7px)", Some(false)),
        ("clip:rect(0,auto,9px,0)", Some(false)),
        ("clip-path:inset(50%)", Some(true)),
        ("clip-path:inset(49%)", Some(false)),
        ("clip-path:inset(50% 0)", Some(true)),
        ("clip-path:inset(0 50%)", Some(true)),
        ("clip-path:inset(0 49% 50%)", Some(false)),
        ("clip-path:circle(0.5px)", Some(true)),
        ("clip-path:circle(0.6px)", Some(false)),
        ("clip-path:ellipse(0 9px)", Some(true)),
        ("clip-path:circle()", Some(false)),
        ("clip-path:polygon(1px 1px, 1px 1px)", Some(true)),
        ("clip-path:polygon(1px 1px, 1px 2px)", Some(false)),
        ("clip-path:polygon(1px 1px, 2px 1px)", Some(false)),
        ("clip-path:path(0 0)", Some(false)),
        ("clip-path:none", Some(false)),
    ] {
        assert_eq!(one(style), expected.map(Value::Flag), "{style}");
    }
}

#[test]
fn a_transform_moves_a_box_away_or_does_not() {
    for (value, moves) in [
        ("scale(0)", true),
        ("scale(0.04)", true),
        ("scale(-0.04)", true),
        ("scale(0.05)", false),
        ("scale(1,0)", true),
        ("scale(0,1)", true),
        ("scale(1,1)", false),
        ("scale3d(1,0,1)", true),
        ("scalex(0)", true),
        ("scaley(0)", true),
        ("scalez(0)", false),
        ("scalex(1)", false),
        ("translate(1000px)", true),
        ("translate(-1000px)", true),
        ("translate(999px,-999px)", false),
        ("translate(0,1000px)", true),
        ("translate3d(0,0,1000px)", false),
        ("translate3d(0,1000px,0)", true),
        ("translatex(1000px)", true),
        ("translatey(-1000px)", true),
        ("translatex(999px)", false),
        ("translate(200%)", true),
        ("rotatex(90deg)", true),
        ("rotatey(-90deg)", true),
        ("rotatex(270deg)", true),
        ("rotatey(0.25turn)", true),
        ("rotatex(80deg)", false),
        ("rotatez(90deg)", false),
        ("matrix(0,0,0,1,0,0)", true),
        ("matrix(1,0,0,0,0,0)", true),
        ("matrix(1,0,0,1,0,0)", false),
        ("matrix(1,0,0,1)", false),
        ("rotate(9deg) scale(0)", true),
        ("rotate(9deg)scale(0)", true),
        ("scale(0) rotate(9deg)", true),
        ("scale(1) rotate(9deg)", false),
        ("none", false),
    ] {
        let found = one(&format!("transform:{value}"));
        assert_eq!(found, Some(Value::Flag(moves)), "{value}");
    }
    for (style, moves) in [
        ("scale:0", true),
        ("scale:0%", true),
        ("scale:1", false),
        ("scale:1000", true),
        ("translate:0 -1000px", true),
        ("translate:-1000px", true),
        ("translate:9px 9px", false),
    ] {
        assert_eq!(one(style), Some(Value::Flag(moves)), "{style}");
    }
}

#[test]
fn letters_have_the_size_that_is_said() {
    let em = |em| Value::Length(Length::em(em));
    let percent = |percent| {
        Value::Length(Length {
            percent,
            ..Length::default()
        })
    };
    for (value, expected) in [
        ("xx-small", Some(px(9.0))),
        ("x-small", Some(px(10.0))),
        ("small", Some(px(13.0))),
        ("medium", Some(px(16.0))),
        ("large", Some(px(18.0))),
        ("x-large", Some(px(24.0))),
        ("xx-large", Some(px(32.0))),
        ("xxx-large", Some(px(48.0))),
        ("smaller", Some(em(0.83))),
        ("larger", Some(em(1.2))),
        ("0", Some(px(0.0))),
        ("3px", Some(px(3.0))),
        ("2em", Some(em(2.0))),
        ("50%", Some(percent(50.0))),
        ("-3px", None),
        ("-2em", None),
        ("-50%", None),
        // What is reckoned is never left aside: less than nothing is nothing (CSS Values, section 10.12).
        ("calc(-3px)", Some(px(-3.0))),
        ("enormous", None),
    ] {
        assert_eq!(one(&format!("font-size:{value}")), expected, "{value}");
    }
    for (value, expected) in [
        ("12px serif", Some(px(12.0))),
        ("bold 12px/2 serif", Some(px(12.0))),
        ("700 12px serif", Some(px(12.0))),
        ("0 serif", Some(px(0.0))),
        ("0/2 serif", Some(px(0.0))),
        ("3/2 serif", Some(px(3.0))),
        ("italic small serif", Some(px(13.0))),
        ("bold", None),
    ] {
        assert_eq!(one(&format!("font:{value}")), expected, "{value}");
    }
}

#[test]
fn a_ground_is_a_colour_or_a_picture() {
    let white = Some(Colour::WHITE);
    for (value, expected) in [
        ("white", Ground::Colour(Colour::WHITE)),
        ("no-repeat white", Ground::Colour(Colour::WHITE)),
        ("url(x)", Ground::Picture(None)),
        ("url(x) white", Ground::Picture(white)),
        ("white linear-gradient(red,blue)", Ground::Picture(white)),
        ("image-set('x' 1x)", Ground::Picture(None)),
        ("color-mix(in srgb, red, blue)", Ground::Picture(None)),
    ] {
        let found = one(&format!("background:{value}"));
        assert_eq!(found, Some(Value::Ground(expected)), "{value}");
    }
    for nothing in ["none", "transparent", "no-repeat"] {
        let found = one(&format!("background:{nothing}"));
        let is_clear =
            |value| matches!(value, Value::Ground(Ground::Colour(one)) if one.alpha == 0.0);
        assert!(found.is_some_and(is_clear), "{nothing}");
    }
}
