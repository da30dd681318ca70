//! The style attributes of a page. The same few stand at most of its elements, and each is read once as long as it
//! is among the last ones.

use super::declaration::{self, Declared};

/// Styles that are kept.
const KEPT: usize = 16;

/// The last styles that were read, with what they declare.
#[derive(Debug, Default)]
pub(crate) struct InlineStyles {
    known: Vec<(String, Vec<Declared>)>,
    /// Whose place the next one takes.
    oldest: usize,
}

impl InlineStyles {
    /// What a style declares.
    pub(crate) fn read(&mut self, style: &str) -> &[Declared] {
        let known = self.known.iter().position(|(known, _)| known == style);
        let place = known.unwrap_or_else(|| self.add(style));
        self.known
            .get(place)
            .map(|(_, declared)| &**declared)
            .unwrap_or_default()
    }

    fn add(&mut self, style: &str) -> usize {
        let place = self.oldest;
        self.oldest = (place + 1) % KEPT;
        if self.known.len() <= place {
            self.known.push(Default::default());
        }
        if let Some((known, declared)) = self.known.get_mut(place) {
            known.clear();
            known.push_str(style);
            declared.clear();
            declaration::read(style, |one| declared.push(one));
        }
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_style_is_read_as_it_is_alone_however_many_stand_between() {
        let style = |number: usize| format!("opacity:0.{number};width:{number}px");
        let mut styles = InlineStyles::default();
        for number in (0..40).chain([39, 30, 5, 0, 39]).chain(20..40) {
            let mut alone = Vec::new();
            declaration::read(&style(number), |one| alone.push(one));
            assert_eq!(alone.len(), 2);
            assert_eq!(styles.read(&style(number)), alone, "{number}");
        }
        assert_eq!(styles.known.len(), KEPT);
    }
}
