//! How the elements of a page look that had the same tags before: most elements do.

use super::look::Look;

/// Looks that are kept.
const KEPT: usize = 64;

/// The last looks, each at the place that its tag's number gives it.
#[derive(Default)]
pub(crate) struct KnownLooks {
    known: Vec<Option<Known>>,
}

struct Known {
    tag: u64,
    rules: usize,
    outer: Look,
    look: Look,
}

impl KnownLooks {
    /// How an element looks. `tag`: the number of its tag; `rules`: how many there are; `outer`: how the text around
    /// it looks. `read` says so where it isn't known.
    pub(crate) fn find(
        &mut self,
        tag: u64,
        rules: usize,
        outer: &Look,
        read: impl FnOnce() -> Look,
    ) -> Look {
        let place = usize::try_from(tag).unwrap_or_default() % KEPT;
        if self.known.len() <= place {
            self.known.resize_with(place + 1, || None);
        }
        let Some(known) = self.known.get_mut(place) else {
            return read();
        };
        let is_it = |known: &&Known| (known.tag, known.rules, &known.outer) == (tag, rules, outer);
        if let Some(known) = known.as_ref().filter(is_it) {
            return known.look;
        }
        let look = read();
        *known = Some(Known {
            tag,
            rules,
            outer: *outer,
            look,
        });
        look
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_is_read_once_for_the_same_tag_around_and_rules() {
        let mut looks = KnownLooks::default();
        let mut other = Look::default();
        other.set_off = true;
        for (tag, rules, is_other, is_read) in [
            (64, 0, false, true),
            (1, 0, false, true),
            (63, 0, false, true),
            (1, 0, false, false),
            (64, 0, false, false),
            (63, 0, false, false),
            (1, 1, false, true),
            (1, 1, true, true),
            (1, 1, true, false),
            // It has the place of another.
            (65, 1, true, true),
            (1, 1, true, true),
        ] {
            let outer = if is_other { other } else { Look::default() };
            let mut was_read = false;
            let found = looks.find(tag, rules, &outer, || {
                was_read = true;
                outer
            });
            assert_eq!((found == outer, was_read), (true, is_read), "{tag} {rules}");
        }
    }
}
