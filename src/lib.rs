//! amazon-spoof-milter.

pub mod decision;
