//! How much a sign of the brand proves.

/// How much a sign proves by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strength {
    /// Weighs only together with another sign.
    Weak,
    /// Decides.
    Strong,
}

impl Strength {
    /// The word of all output.
    pub fn word(self) -> &'static str {
        match self {
            Self::Weak => "weak",
            Self::Strong => "strong",
        }
    }
}
