//! The data types that every binary SSH format is built of (RFC 4251 section 5), read without ever panicking.
//!
//! Add a type here only if the RFC has it; what a field means belongs to the format's own module.

/// Reads the types of RFC 4251 section 5 from a byte slice, front to back. Every method gives `None` at the first
/// byte that is missing, and nothing is copied.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// What has not been read yet.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(crate) fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.rest.split_at_checked(count)?;
        self.rest = tail;
        Some(head)
    }

    pub(crate) fn byte(&mut self) -> Option<u8> {
        self.bytes(1).map(|bytes| bytes[0])
    }

    pub(crate) fn uint32(&mut self) -> Option<u32> {
        self.bytes(4)?.try_into().ok().map(u32::from_be_bytes)
    }

    pub(crate) fn uint64(&mut self) -> Option<u64> {
        self.bytes(8)?.try_into().ok().map(u64::from_be_bytes)
    }

    pub(crate) fn string(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.uint32()?).ok()?;
        self.bytes(length)
    }

    /// A string that must be text, such as the name of an algorithm.
    pub(crate) fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.string()?).ok()
    }

    /// A comma-separated list of names; an empty string is an empty list.
    pub(crate) fn name_list(&mut self) -> Option<Vec<String>> {
        let text = self.text()?;
        Some(match text {
            "" => Vec::new(),
            _ => text.split(',').map(str::to_owned).collect(),
        })
    }
}

/// Appends a `string`.
pub(crate) fn put_string(out: &mut Vec<u8>, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).expect("no message of ours reaches 4 GiB");
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(bytes);
}

/// The number of bits in an unsigned big-endian number, leading zeros not counted.
pub(crate) fn bit_length(number: &[u8]) -> u32 {
    let significant = number.iter().skip_while(|byte| **byte == 0);
    let mut bits: u32 = 0;
    for (index, byte) in significant.enumerate() {
        bits = bits.saturating_add(if index == 0 { 8 - byte.leading_zeros() } else { 8 });
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_each_type_and_stops_at_the_end() {
        let mut reader = Reader::new(&[7, 0, 0, 0, 2, b'a', b'b', 0, 0, 0, 9, 1]);
        assert_eq!(reader.byte(), Some(7));
        assert_eq!(reader.text(), Some("ab"));
        assert_eq!(reader.string(), None);
    }

    #[test]
    fn an_empty_name_list_has_no_names() {
        assert_eq!(Reader::new(&[0, 0, 0, 0]).name_list(), Some(vec![]));
        let mut bytes = Vec::new();
        put_string(&mut bytes, b"a,b");
        assert_eq!(Reader::new(&bytes).name_list(), Some(vec!["a".to_owned(), "b".to_owned()]));
    }

    #[test]
    fn leading_zeros_are_no_bits() {
        assert_eq!(bit_length(&[0, 0x80, 0]), 16);
        assert_eq!(bit_length(&[1]), 1);
        assert_eq!(bit_length(&[0, 0]), 0);
    }
}
