//! Where a milter packet begins and ends in a stream of octets: four octets of length (big endian, the
//! command included), one of command, the rest its data.

/// Follows the packets of one direction. It keeps none of their octets.
#[derive(Debug, Default)]
pub(super) struct Packets {
    /// The octets of length and command that have come, at most five.
    head: Vec<u8>,
    /// Octets of data that are still to come.
    rest: usize,
}

impl Packets {
    /// Whether a packet has begun that isn't over.
    pub(super) fn within(&self) -> bool {
        self.rest > 0 || !self.head.is_empty()
    }

    /// Follows further octets; `over` is told the command of each packet that ends in them.
    pub(super) fn follow(&mut self, mut octets: &[u8], mut over: impl FnMut(u8)) {
        while !octets.is_empty() || (self.rest == 0 && self.head.len() == HEAD) {
            let missing = match self.head.len() < HEAD {
                true => HEAD - self.head.len(),
                false => self.rest,
            };
            let (part, after) = octets.split_at(missing.min(octets.len()));
            octets = after;
            if self.head.len() < HEAD {
                self.head.extend_from_slice(part);
                self.rest = data_length(&self.head);
            } else {
                self.rest -= part.len();
            }
            if let (0, [_, _, _, _, command]) = (self.rest, &*self.head) {
                over(*command);
                self.head.clear();
            }
        }
    }
}

/// Octets of length and command.
pub(super) const HEAD: usize = 5;

/// The octets after the command, once it is there. A length of zero counts as one of one, as the
/// library has it.
pub(super) fn data_length(head: &[u8]) -> usize {
    match head {
        [a, b, c, d, _] => {
            let length = u32::from_be_bytes([*a, *b, *c, *d]);
            usize::try_from(length).map_or(usize::MAX, |length| length.saturating_sub(1))
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_are_found_wherever_the_stream_is_cut() {
        let stream = b"\0\0\0\x03Mab\0\0\0\x01N\0\0\0\x00E\0\0\0\x05Bwxyz\0\0\0\x09L";
        for size in 1..=stream.len() {
            let mut packets = Packets::default();
            let mut commands = Vec::new();
            for octets in stream.chunks(size) {
                packets.follow(octets, |command| commands.push(command));
            }
            assert_eq!(commands, b"MNEB", "cut every {size}");
            assert!(packets.within());
        }
    }

    #[test]
    fn between_packets_it_is_within_none() {
        let mut packets = Packets::default();
        assert!(!packets.within());
        packets.follow(b"\0\0", |_| ());
        assert!(packets.within());
        packets.follow(b"\0\x02Mx", |_| ());
        assert!(!packets.within());
    }
}
