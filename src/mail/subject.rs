//! The subjects of a message.

use crate::mail::{
    decode::header_texts,
    message::{Message, named_charset},
};

/// Subject fields that are read. RFC 5322 section 3.6 allows one; of several a reader may be shown any.
const MAX_SUBJECTS: usize = 4;

impl Message {
    /// Every subject that a reader could be shown, decoded, the likeliest reading of each field first.
    pub fn subjects(&self) -> Vec<String> {
        let fields = self.headers_named("Subject").take(MAX_SUBJECTS);
        fields
            .flat_map(|field| header_texts(&field.value, || named_charset(&self.headers)))
            .collect()
    }
}
