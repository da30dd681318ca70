use super::*;

#[test]
fn lengths_are_calculated() {
    let px = |value: &str| length(value).map(|length| length.pixels(10.0, 200.0));
    assert_eq!(px("3px"), Some(3.0));
    assert_eq!(px("1e1px"), Some(10.0));
    assert_eq!(px("-.5em"), Some(-5.0));
    assert_eq!(px("calc(1px - 1px)"), Some(0.0));
    assert_eq!(px("calc(2 * (1em + 5px) - 100%)"), Some(-170.0));
    assert_eq!(px("min(0px, 1em)"), Some(0.0));
    assert_eq!(px("clamp(1px, 9px, 4px)"), Some(4.0));
    assert_eq!(px("calc(1px - 1px"), Some(0.0));
    assert_eq!(px("auto"), None);
    assert_eq!(px("1px 2px"), None);
    assert_eq!(px(&"calc(".repeat(100)), None);
    assert_eq!(number("0%"), Some(0.0));
}

#[test]
fn every_unit_has_its_length() {
    // Where letters are 10 pixels high and the whole is 200.
    for (unit, pixels) in [
        ("", 12.0),
        ("px", 12.0),
        ("PX", 12.0),
        ("pt", 16.0),
        ("pc", 192.0),
        ("in", 1152.0),
        ("cm", 453.543),
        ("mm", 45.354),
        ("q", 11.339),
        ("rem", 192.0),
        ("vw", 120.0),
        ("svw", 120.0),
        ("lvw", 120.0),
        ("dvw", 120.0),
        ("vi", 120.0),
        ("vmax", 120.0),
        ("vh", 96.0),
        ("svh", 96.0),
        ("lvh", 96.0),
        ("dvh", 96.0),
        ("vb", 96.0),
        ("vmin", 96.0),
        ("em", 120.0),
        ("ic", 120.0),
        ("ex", 60.0),
        ("ch", 60.0),
        ("lh", 144.0),
        ("rlh", 144.0),
        ("cap", 84.0),
        ("%", 24.0),
    ] {
        let found = length(&format!("12{unit}")).map(|length| length.pixels(10.0, 200.0));
        assert!(
            found.is_some_and(|found| (found - pixels).abs() < 0.01),
            "{unit}: {found:?}"
        );
    }
    assert_eq!(length("12parsec"), None);
}

#[test]
fn colours_are_read() {
    let rgb = |value: &str| colour(value).map(|colour| colour.rgb);
    assert_eq!(rgb("#F0a"), Some([255.0, 0.0, 170.0]));
    assert_eq!(rgb("rgb(255 0 0 / 50%)"), Some([255.0, 0.0, 0.0]));
    assert_eq!(rgb("hsl(120deg, 100%, 50%)"), Some([0.0, 255.0, 0.0]));
    assert_eq!(rgb("RebeccaPurple"), Some([102.0, 51.0, 153.0]));
    assert_eq!(colour("#ffff").map(|colour| colour.alpha), Some(1.0));
    assert_eq!(rgb("inherit"), None);
    assert_eq!(old_colour("ffffff"), Some(Colour::WHITE));
}

#[test]
fn a_calculation_comes_to_its_sum_or_to_nothing() {
    let px = |value: &str| length(value).map(|length| length.pixels(10.0, 200.0));
    for (value, expected) in [
        ("+3px", Some(3.0)),
        ("1e+1px", Some(10.0)),
        ("1e-1px", Some(0.1)),
        ("1E1px", Some(10.0)),
        ("1em", Some(10.0)),
        ("1e", None),
        ("px", None),
        ("", None),
        ("calc(1px + 2px)", Some(3.0)),
        ("calc(5px - 2px)", Some(3.0)),
        ("calc(5px - 2px - 1px)", Some(2.0)),
        ("calc(5 - 2)", Some(3.0)),
        ("calc(5 + 2)", Some(7.0)),
        ("calc(5 * 2)", Some(10.0)),
        ("calc(5 / 2)", Some(2.5)),
        ("calc(2 * 5px)", Some(10.0)),
        ("calc(5px * 2)", Some(10.0)),
        ("calc(5em / 2)", Some(25.0)),
        ("calc(10% / 2)", Some(10.0)),
        ("calc(1px + 2em + 3%)", Some(27.0)),
        ("calc(1px - 2em - 3%)", Some(-25.0)),
        ("calc(1px + 2 * 3px)", Some(7.0)),
        ("calc((1px + 2px) * 3)", Some(9.0)),
        ("calc(-1 * 3px)", Some(-3.0)),
        ("calc(+1 * 3px)", Some(3.0)),
        ("-webkit-calc(3px)", Some(3.0)),
        ("-moz-calc(3px)", Some(3.0)),
        ("CALC(3PX)", Some(3.0)),
        ("calc(3px) ", Some(3.0)),
        ("calc(3px) x", None),
        ("calc(3px))", None),
        ("calc(1px + 2)", None),
        ("calc(2 - 1px)", None),
        ("calc(2px * 1px)", None),
        ("calc(2px / 1px)", None),
        ("calc(2px / 0)", None),
        ("calc(1px, 2px)", None),
        ("calc(1px 2px)", None),
        ("calc()", None),
        ("min(3px, 2px, 4px)", Some(2.0)),
        ("max(3px, 4px, 2px)", Some(4.0)),
        // An em is taken for 16 pixels, and 100 % for a hundred, as long as nobody knows them.
        ("min(1em, 15px)", Some(15.0)),
        ("min(1em, 17px)", Some(10.0)),
        ("min(3%, 2px)", Some(2.0)),
        ("min(3%, 4px)", Some(6.0)),
        ("max(2, 3)", Some(3.0)),
        ("clamp(1px, 9px, 4px)", Some(4.0)),
        ("clamp(5px, 9px, 4px)", Some(5.0)),
        ("clamp(1px, 3px, 4px)", Some(3.0)),
        ("clamp(1px, 0px, 4px)", Some(1.0)),
        ("clamp(1px, 2px)", None),
        ("nonsense(1px)", None),
    ] {
        let found = px(value);
        let is_it = match (found, expected) {
            (Some(found), Some(expected)) => (found - expected).abs() < 0.001,
            (found, expected) => found == expected,
        };
        assert!(is_it, "{value}: {found:?}");
    }
    // So many brackets are followed in one another.
    let nested = |depth: usize| format!("{}1px{}", "calc(".repeat(depth), ")".repeat(depth));
    assert_eq!(px(&nested(8)), Some(1.0));
    assert_eq!(px(&nested(9)), None);
    // Those that follow each other are not in one another.
    let side_by_side = ["calc(1px)"; 9].join(" + ");
    assert_eq!(px(&format!("calc({side_by_side})")), Some(9.0));
}

#[test]
fn a_number_has_no_unit_but_the_hundredth_part() {
    for (value, expected) in [
        ("0.5", Some(0.5)),
        ("50%", Some(0.5)),
        (" 2 ", Some(2.0)),
        ("calc(1 - .5)", Some(0.5)),
        ("calc(25% * 2)", Some(0.5)),
        ("0px", Some(0.0)),
        ("1px", None),
        ("1em", None),
        ("calc(1px + 50%)", None),
        ("calc(1em + 50%)", None),
        ("x", None),
    ] {
        assert_eq!(number(value), expected, "{value}");
    }
}

#[test]
fn every_way_to_write_a_colour_is_read() {
    for (value, rgb, alpha) in [
        ("#123", [17.0, 34.0, 51.0], 1.0),
        ("#1230", [17.0, 34.0, 51.0], 0.0),
        ("#1a2b3c", [26.0, 43.0, 60.0], 1.0),
        ("#1a2b3c33", [26.0, 43.0, 60.0], 0.2),
        (" #FFF ", [255.0, 255.0, 255.0], 1.0),
        ("transparent", [0.0, 0.0, 0.0], 0.0),
        ("rgb(1,2,3)", [1.0, 2.0, 3.0], 1.0),
        ("rgba(1, 2, 3, .5)", [1.0, 2.0, 3.0], 0.5),
        ("rgb(100% 0% 20% / 50%)", [255.0, 0.0, 51.0], 0.5),
        ("hsl(0 100% 50%)", [255.0, 0.0, 0.0], 1.0),
        ("hsla(240deg 100% 50% / .5)", [0.0, 0.0, 255.0], 0.5),
        ("hsl(.5turn 100% 50%)", [0.0, 255.0, 255.0], 1.0),
        ("hsl(100grad 100% 25%)", [63.75, 127.5, 0.0], 1.0),
        ("hsl(3.14159265rad 100% 50%)", [0.0, 255.0, 255.0], 1.0),
        ("hsl(60 50% 50%)", [191.25, 191.25, 63.75], 1.0),
        ("hsl(0 0% 75%)", [191.25, 191.25, 191.25], 1.0),
        ("hsl(0 100% 75%)", [255.0, 127.5, 127.5], 1.0),
        ("navy", [0.0, 0.0, 128.0], 1.0),
    ] {
        let found = colour(value).unwrap();
        let both = found.rgb.iter().zip(rgb);
        let apart = both.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(
            apart < 0.01 && (found.alpha - alpha).abs() < 0.001,
            "{value}: {found:?}"
        );
    }
    for none in [
        "#12",
        "#12345",
        "#1234567",
        "#123456789",
        "#12x",
        "rgb(1,2)",
        "rgb(1,2,x)",
        "rgb(1,2,3,x)",
        "lab(1 2 3)",
        "nonsense",
        "ffffff",
        "",
    ] {
        assert_eq!(colour(none), None, "{none}");
    }
    for (value, is_read) in [
        ("fff", true),
        (" #fff", true),
        ("white", true),
        ("wait", false),
    ] {
        let expected = is_read.then_some(Colour::WHITE);
        assert_eq!(old_colour(value), expected, "{value}");
    }
}

#[test]
fn colours_that_nobody_tells_apart() {
    let grey = |one: f32| Colour::new([one; 3]);
    let white = Colour::WHITE;
    assert!(white.is_like(grey(238.0)));
    assert!(!white.is_like(grey(237.0)));
    assert!(!grey(237.0).is_like(white));
    // One of the three is enough.
    assert!(!white.is_like(Colour::new([255.0, 237.0, 255.0])));
    assert!(!white.is_like(Colour::new([255.0, 255.0, 237.0])));
    let half = Colour {
        rgb: [0.0, 100.0, 200.0],
        alpha: 0.5,
    };
    let over = half.over(Colour::new([100.0, 0.0, 200.0]));
    assert_eq!(over, Colour::new([50.0, 50.0, 200.0]));
    assert_eq!(Colour::TRANSPARENT.over(white), white);
    assert_eq!(Colour::BLACK.over(white), Colour::BLACK);
}
