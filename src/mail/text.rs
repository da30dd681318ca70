//! Text as people see it: what looks the same becomes the same.

pub(crate) mod capital_i;
pub(crate) mod confusables;
pub(crate) mod drawn;
pub(crate) mod edit_distance;
pub(crate) mod letter;
pub(crate) mod normalise;
pub(crate) mod paged;
pub(crate) mod reading_order;
pub mod skeleton;
pub(crate) mod visible_letter;
