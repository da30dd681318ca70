//! What a page shows, beside what a real browser shows of it: 200 pages made of elements, styles and style
//! sheets, each text compared by its boxes and the computed styles around it.

// In a test a panic is the report.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod support;

use amazon_spoof_milter::html::visible_text;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::process::Command;
use support::browser::Browser;

const PAGES: u64 = 200;

/// A fixed sequence of numbers that looks like none in particular (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).unwrap()
    }

    fn pick<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.below(of.len())]
    }

    fn happens(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

const INLINE: [&str; 8] = ["span", "b", "i", "u", "em", "font", "small", "code"];

const ELEMENTS: [&str; 14] = [
    "div", "span", "p", "b", "i", "section", "u", "em", "font", "small", "center", "ul", "details",
    "dialog",
];

const DECLARATIONS: [&str; 51] = [
    "display:none",
    "display:block",
    "display:inline",
    "display:inline-block",
    "display:none!important",
    "display:block !important",
    "display:nonsense",
    "visibility:hidden",
    "visibility:visible",
    "visibility:collapse",
    "opacity:0",
    "opacity:0%",
    "opacity:.5",
    "opacity:1",
    "font-size:0",
    "font-size:0px",
    "font-size:1px",
    "font-size:12px",
    "font-size:2em",
    "font-size:calc(1px - 1px)",
    "font-size:-3px",
    "font:0/0 serif",
    "font:14px serif",
    "font:bold 16px/1.5 serif",
    "color:#fff",
    "color:white",
    "color:rgb(255 255 255)",
    "color:#000",
    "color:red",
    "color:transparent",
    "color:inherit",
    "color:hsl(0, 0%, 100%)",
    "background:#000",
    "background-color:white",
    "background:navy",
    "background:rgba(0,0,0,0)",
    "height:0;overflow:hidden;display:inline-block",
    "max-height:0;overflow:hidden;display:block",
    "width:0;overflow:hidden;display:inline-block",
    "height:0",
    "overflow:hidden",
    "position:absolute;left:-9999px",
    "position:absolute;top:-4000px",
    "position:absolute;clip:rect(0 0 0 0)",
    "left:-9999px",
    "clip-path:inset(50%)",
    "transform:scale(0)",
    "display:inline-block;transform:scale(0)",
    "dis\\70 lay:none",
    "/* display:none */ color:black",
    "content-visibility:visible",
];

const SELECTORS: [&str; 18] = [
    ".a",
    ".b",
    ".c",
    "#x",
    "#y",
    "div",
    "span",
    "p",
    "b",
    "div .a",
    ".b > .c",
    "p.a",
    "[data-k]",
    "[data-k=v]",
    ".a, .c",
    "div > *",
    ":is(.b)",
    "\\.a",
];

/// A page in the making, and how many texts it has.
#[derive(Default)]
struct Body {
    html: String,
    texts: usize,
}

impl Body {
    /// A text that no other is like, so that each can be told apart.
    fn word(&mut self) {
        self.texts += 1;
        write!(self.html, "text{}x ", self.texts).unwrap();
    }
}

/// `names`: those of the elements. A paragraph ends where a box begins in it, so it holds none.
fn element(numbers: &mut Numbers, names: &[&str], depth: usize, out: &mut Body) {
    let name = numbers.pick(names);
    write!(out.html, "<{name}").unwrap();
    if numbers.happens(40) {
        let classes = numbers.pick(&["a", "b", "c", "a b", "c a"]);
        write!(out.html, " class='{classes}'").unwrap();
    }
    if numbers.happens(10) {
        write!(out.html, " id={}", numbers.pick(&["x", "y"])).unwrap();
    }
    if numbers.happens(25) {
        write!(out.html, " style=\"{}\"", numbers.pick(&DECLARATIONS)).unwrap();
    }
    if numbers.happens(8) {
        out.html
            .push_str(numbers.pick(&[" hidden", " data-k=v", " data-k", " open"]));
    }
    out.html.push('>');
    if name == "details" {
        out.html.push_str("<summary>");
        out.word();
        out.html.push_str("</summary>");
    }
    out.word();
    if depth < 4 {
        let names = if name == "p" { &INLINE } else { names };
        for _ in 0..numbers.below(3) {
            element(numbers, names, depth + 1, out);
            out.word();
        }
    }
    write!(out.html, "</{name}>").unwrap();
}

fn page(seed: u64) -> (String, usize) {
    let mut numbers =
        Numbers(0x2545_f491_4f6c_dd1d ^ (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mut rules = String::new();
    for _ in 0..numbers.below(6) {
        let rule = format!(
            "{}{{{}}} ",
            numbers.pick(&SELECTORS),
            numbers.pick(&DECLARATIONS)
        );
        match numbers.happens(15) {
            true => {
                let media =
                    numbers.pick(&["screen", "print", "(min-width:100px)", "(max-width:300px)"]);
                write!(rules, "@media {media}{{{rule}}}").unwrap();
            }
            false => rules.push_str(&rule),
        }
    }
    let mut body = Body::default();
    for _ in 0..4 {
        element(&mut numbers, &ELEMENTS, 0, &mut body);
    }
    let Body { html, texts } = body;
    let page = format!("<html><head><style>{rules}</style></head><body>{html}</body></html>");
    (page, texts)
}

/// The words that a browser shows: those with a box on the page, which nothing clips away, and letters that
/// have a size and another colour than what is below them.
const SEEN: &str = r#"
const colour = text => { const n = text.match(/[\d.]+/g).map(Number); return n.length < 4 ? [...n, 1] : n; };
const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3]));
const seen = node => {
  const range = document.createRange(); range.selectNodeContents(node);
  const boxes = [...range.getClientRects()].filter(b => b.width > 0.5 && b.height > 0.5
      && b.right + scrollX > 0 && b.bottom + scrollY > 0);
  if (!boxes.length) return false;
  const parent = node.parentElement, style = getComputedStyle(parent);
  // Closed details have boxes, and are not drawn.
  if (!parent.checkVisibility() || parent.localName === 'details' && !parent.open) return false;
  if (style.visibility !== 'visible' || parseFloat(style.fontSize) < 1.5) return false;
  let opacity = 1; const grounds = [];
  for (let e = node.parentElement; e; e = e.parentElement) {
    const s = getComputedStyle(e);
    opacity *= parseFloat(s.opacity);
    grounds.push(colour(s.backgroundColor));
    if (s.clipPath !== 'none' || s.clip !== 'auto' && s.position === 'absolute') return false;
    const room = (size, padding) => parseFloat(size) + parseFloat(padding);
    if (s.overflow !== 'visible' && s.display !== 'inline' && e !== document.body
        && (room(s.width, s.paddingRight) <= 1 || room(s.height, s.paddingBottom) <= 1)) return false;
  }
  if (opacity < 0.06) return false;
  let ground = [255, 255, 255];
  for (const g of grounds.reverse()) ground = over(g, ground);
  const ink = over(colour(style.color), ground);
  return Math.max(...[0, 1, 2].map(i => Math.abs(ink[i] - ground[i]))) >= 18;
};
const words = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) if (seen(walker.currentNode)) words.push(...(walker.currentNode.data.match(/text\d+x/g) || []));
return words;
"#;

fn escaped(page: &str) -> String {
    page.bytes().fold(String::new(), |mut url, byte| {
        match byte.is_ascii_alphanumeric() {
            true => url.push(char::from(byte)),
            false => write!(url, "%{byte:02X}").unwrap(),
        }
        url
    })
}

#[test]
fn a_page_shows_what_a_browser_shows() {
    let is_there = |program: &str| Command::new(program).arg("--version").output().is_ok();
    if !is_there("chromedriver") || !is_there("chromium") {
        eprintln!("left out: it needs chromium and chromedriver (tests/install-browser.sh)");
        return;
    }
    let browser = Browser::launch();
    let (mut wrong, mut shown, mut hidden) = (Vec::new(), 0, 0);
    for seed in 0..PAGES {
        let (page, count) = page(seed);
        browser.open(&format!("data:text/html;charset=utf-8,{}", escaped(&page)));
        let found = browser.run(SEEN);
        let theirs: BTreeSet<String> = found
            .as_array()
            .expect("a list")
            .iter()
            .map(|word| word.as_str().expect("a word").to_owned())
            .collect();
        let text = visible_text(&page);
        let ours: BTreeSet<String> = text
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| word.starts_with("text"))
            .map(str::to_owned)
            .collect();
        shown += theirs.len();
        hidden += count - theirs.len();
        if ours != theirs {
            let more: Vec<_> = ours.difference(&theirs).collect();
            let less: Vec<_> = theirs.difference(&ours).collect();
            wrong.push(format!(
                "page {seed}: shown here alone {more:?}, there alone {less:?}\n{page}"
            ));
        }
    }
    assert!(
        shown > 1_000 && hidden > 1_000,
        "{shown} texts are shown, {hidden} hidden"
    );
    assert!(
        wrong.is_empty(),
        "{} of {PAGES} pages:\n\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
}
