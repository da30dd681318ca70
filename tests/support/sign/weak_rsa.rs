//! RSA as RFC 8017 section 8.2.1 writes it, for signatures that no decent library makes any more:
//! keys under 2048 bits and SHA-1. Such mail arrives, and the program has to judge it. Neither
//! constant in time nor careful with secrets: the keys are public.

/// The DER of a DigestInfo up to the hash (RFC 8017 section 9.2, note 1).
pub const SHA1: &[u8] = &[
    0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14,
];
pub const SHA256: &[u8] = &[
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
    0x00, 0x04, 0x20,
];

/// Signs a hash with an RSAPrivateKey in DER (PKCS #1). Panics where the key is none.
pub fn sign(key: &[u8], digest_info: &[u8], hash: &[u8]) -> Vec<u8> {
    let (sequence, _) = der(key);
    let (_version, rest) = der(sequence);
    let (modulus, rest) = der(rest);
    let (_public_exponent, rest) = der(rest);
    let (exponent, _) = der(rest);
    let modulus = modulus.strip_prefix(&[0]).unwrap_or(modulus);

    let info = [digest_info, hash].concat();
    let mut padded = vec![0xff; modulus.len() - info.len() - 1];
    padded[0] = 0;
    padded[1] = 1;
    padded.push(0);
    padded.extend(info);
    power(&padded, exponent, modulus)
}

/// The content of the first DER element, and what follows it.
fn der(octets: &[u8]) -> (&[u8], &[u8]) {
    let (length, header) = match octets[1] {
        short @ 0..=0x7f => (usize::from(short), 2),
        long => {
            let count = usize::from(long & 0x7f);
            let length = octets[2..2 + count]
                .iter()
                .fold(0, |sum, o| sum * 256 + usize::from(*o));
            (length, 2 + count)
        }
    };
    octets[header..].split_at(length)
}

/// base ^ exponent mod an odd modulus, all big-endian; as long as the modulus.
fn power(base: &[u8], exponent: &[u8], modulus: &[u8]) -> Vec<u8> {
    let field = Montgomery::new(limbs(modulus));
    let one = field.doubled(vec![1], field.bits());
    let base = field.doubled(limbs(base), field.bits());
    let mut result = one;
    for bit in exponent
        .iter()
        .flat_map(|octet| (0..8).rev().map(move |at| octet >> at & 1))
    {
        result = field.product(&result, &result);
        if bit == 1 {
            result = field.product(&result, &base);
        }
    }
    let result = field.product(&result, &[1]);
    result
        .iter()
        .rev()
        .flat_map(|limb| limb.to_be_bytes())
        .collect()
}

/// Little-endian; the octets are a multiple of four.
fn limbs(octets: &[u8]) -> Vec<u32> {
    octets
        .rchunks(4)
        .map(|chunk| chunk.iter().fold(0, |sum, o| sum << 8 | u32::from(*o)))
        .collect()
}

/// Products modulo an odd number without division (Montgomery 1985): numbers are kept multiplied
/// by R = 2^32n.
struct Montgomery {
    modulus: Vec<u32>,
    /// -1 / modulus, modulo 2^32.
    inverse: u32,
}

impl Montgomery {
    fn new(modulus: Vec<u32>) -> Self {
        // Newton's iteration doubles the right bits each time: 3, 6, 12, 24, 48.
        let mut inverse = modulus[0];
        for _ in 0..4 {
            inverse = inverse.wrapping_mul(2_u32.wrapping_sub(modulus[0].wrapping_mul(inverse)));
        }
        Self {
            modulus,
            inverse: inverse.wrapping_neg(),
        }
    }

    fn bits(&self) -> usize {
        self.modulus.len() * 32
    }

    /// value * 2^times.
    fn doubled(&self, mut value: Vec<u32>, times: usize) -> Vec<u32> {
        value.resize(self.modulus.len(), 0);
        for _ in 0..times {
            let mut carry = 0;
            for limb in &mut value {
                let next = *limb >> 31;
                *limb = *limb << 1 | carry;
                carry = next;
            }
            self.reduce(&mut value, carry);
        }
        value
    }

    /// a * b / R.
    fn product(&self, a: &[u32], b: &[u32]) -> Vec<u32> {
        let size = self.modulus.len();
        let mut sum = vec![0_u32; size + 1];
        for at in 0..size {
            let digit = u64::from(b.get(at).copied().unwrap_or(0));
            let top = add_product(&mut sum, a, digit);
            // What makes the lowest limb zero, so that it can be dropped.
            let factor = u64::from(sum[0].wrapping_mul(self.inverse));
            let top = top + add_product(&mut sum, &self.modulus, factor);
            sum.remove(0);
            sum.push(top);
        }
        let carry = sum.pop().unwrap_or(0);
        self.reduce(&mut sum, carry);
        sum
    }

    /// Takes the modulus away once where value (with the carry above it) is not below it.
    fn reduce(&self, value: &mut [u32], carry: u32) {
        if carry == 0 && value.iter().rev().lt(self.modulus.iter().rev()) {
            return;
        }
        let mut borrow = false;
        for (limb, other) in value.iter_mut().zip(&self.modulus) {
            let (difference, first) = limb.overflowing_sub(*other);
            let (difference, second) = difference.overflowing_sub(u32::from(borrow));
            *limb = difference;
            borrow = first || second;
        }
    }
}

/// sum += number * digit; what runs over its end.
fn add_product(sum: &mut [u32], number: &[u32], digit: u64) -> u32 {
    let mut carry = 0_u64;
    for (at, limb) in sum.iter_mut().enumerate() {
        let factor = u64::from(number.get(at).copied().unwrap_or(0));
        let total = u64::from(*limb) + factor * digit + carry;
        *limb = total as u32;
        carry = total >> 32;
    }
    carry as u32
}
