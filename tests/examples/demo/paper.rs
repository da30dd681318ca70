//! Lines on a terminal: its width, colours where it has them, columns.

use std::io::IsTerminal;

#[derive(Clone, Copy, Debug)]
pub enum Ink {
    Plain,
    Bold,
    Dim,
    Good,
    Bad,
    Warn,
}

#[derive(Clone, Copy, Debug)]
pub struct Paper {
    pub width: usize,
    colours: bool,
}

impl Paper {
    /// Standard output: 80 to 100 columns, coloured on a terminal unless NO_COLOR says no
    /// (<https://no-color.org>).
    pub fn standard_output() -> Self {
        let out = std::io::stdout();
        let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let dumb = set("TERM").is_some_and(|term| term == "dumb");
        let columns = rustix::termios::tcgetwinsize(&out)
            .ok()
            .map(|size| usize::from(size.ws_col))
            .filter(|columns| *columns > 0);
        Self {
            width: columns.unwrap_or(98).saturating_sub(1).clamp(79, 100),
            colours: out.is_terminal() && set("NO_COLOR").is_none() && !dumb,
        }
    }

    /// The text in a colour.
    pub fn ink(&self, ink: Ink, text: &str) -> String {
        let code = match ink {
            Ink::Plain => return text.to_owned(),
            _ if !self.colours => return text.to_owned(),
            Ink::Bold => "1",
            Ink::Dim => "2",
            Ink::Good => "32",
            Ink::Bad => "31",
            Ink::Warn => "33",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }

    /// A progress line.
    pub fn step(&self, text: &str) {
        println!("{} {text}", self.ink(Ink::Dim, ".."));
    }

    /// A line of text, wrapped.
    pub fn text(&self, text: &str) {
        for line in wrap(text, self.width, 0) {
            println!("{line}");
        }
    }

    /// A heading between two rules.
    pub fn heading(&self, text: &str) {
        let rule = "=".repeat(self.width);
        println!("\n{rule}\n{}\n{rule}", self.ink(Ink::Bold, text));
    }

    /// A title in a rule.
    pub fn title(&self, text: &str) {
        let rule = self.width.saturating_sub(text.chars().count() + 4);
        println!(
            "\n{} {} {}",
            self.ink(Ink::Dim, "--"),
            self.ink(Ink::Bold, text),
            self.ink(Ink::Dim, &"-".repeat(rule))
        );
    }

    /// Two columns, each a list of paragraphs with their colour; the left one `left` wide.
    pub fn columns(&self, left: usize, a: &[(Ink, String)], b: &[(Ink, String)]) {
        let right = self.width.saturating_sub(left + 3);
        let lines = |paragraphs: &[(Ink, String)], width| {
            let mut lines = Vec::new();
            for (ink, text) in paragraphs {
                lines.extend(wrap(text, width, 2).into_iter().map(|line| (*ink, line)));
            }
            lines
        };
        let (mut a, mut b) = (lines(a, left).into_iter(), lines(b, right).into_iter());
        loop {
            let (one, other) = (a.next(), b.next());
            if one.is_none() && other.is_none() {
                return;
            }
            let (ink, one) = one.unwrap_or((Ink::Plain, String::new()));
            let space = " ".repeat(left.saturating_sub(one.chars().count()));
            let (other_ink, other) = other.unwrap_or((Ink::Plain, String::new()));
            let line = format!(
                "{}{space} {} {}",
                self.ink(ink, &one),
                self.ink(Ink::Dim, "|"),
                self.ink(other_ink, &other)
            );
            println!("{}", line.trim_end());
        }
    }
}

/// Lines of at most `width` characters, broken behind blanks, commas and slashes, or else anywhere;
/// all but the first begin with `indent` more blanks than the text has.
pub fn wrap(text: &str, width: usize, indent: usize) -> Vec<String> {
    let own = text.chars().take_while(|one| *one == ' ').count();
    let indent = " ".repeat(own + indent);
    let mut lines = Vec::new();
    let mut rest: Vec<char> = text.chars().collect();
    while rest.len() > width {
        let from = if lines.is_empty() { own } else { indent.len() };
        let at = (from + 1..=width)
            .rev()
            .find(|at| matches!(rest.get(at - 1), Some(' ' | ',')) || rest.get(*at) == Some(&' '))
            .unwrap_or(width);
        let next: String = rest.drain(at..).collect();
        lines.push(rest.iter().collect::<String>().trim_end().to_owned());
        rest = indent.chars().chain(next.trim_start().chars()).collect();
    }
    lines.push(rest.into_iter().collect());
    lines
}
