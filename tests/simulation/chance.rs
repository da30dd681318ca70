//! Chance from a seed: the same seed draws the same.

/// A generator of numbers (splitmix64).
#[derive(Clone, Debug)]
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// By a seed and a name, so that what is drawn for one name doesn't depend on the order of others.
    pub(crate) fn named(seed: u64, name: &str) -> Self {
        let mixed = name
            .bytes()
            .fold(seed ^ 0xcbf2_9ce4_8422_2325, |hash, octet| {
                (hash ^ u64::from(octet)).wrapping_mul(0x0100_0000_01b3)
            });
        let mut chance = Self(mixed);
        chance.next();
        chance
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which isn't 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// The same for places.
    pub(crate) fn index(&mut self, bound: usize) -> usize {
        usize::try_from(self.below(u64::try_from(bound).expect("a length"))).expect("a place")
    }

    /// True in `part` of a hundred.
    pub(crate) fn percent(&mut self, part: u64) -> bool {
        self.below(100) < part
    }

    /// One of these.
    pub(crate) fn pick<T: Copy>(&mut self, among: &[T]) -> T {
        among[self.index(among.len())]
    }

    /// One of these, each as often as its number says.
    pub(crate) fn weigh<T: Copy>(&mut self, among: &[(u64, T)]) -> T {
        let all = among.iter().map(|(weight, _)| weight).sum();
        let mut drawn = self.below(all);
        for (weight, one) in among {
            match drawn.checked_sub(*weight) {
                Some(rest) => drawn = rest,
                None => return *one,
            }
        }
        unreachable!("weights add up")
    }

    /// A generator of its own for a part of the work.
    pub(crate) fn fork(&mut self) -> Self {
        Self(self.next())
    }
}
