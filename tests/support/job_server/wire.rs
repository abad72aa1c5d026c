//! Data types of the SSH protocol (RFC 4251 section 5): a cursor that reads them and a builder that writes them.

use std::io;

/// The answer to bytes that are not what the protocol says they should be.
pub(crate) fn malformed(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}

/// Reads the fields of one packet, in order.
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn take(&mut self, length: usize) -> io::Result<&'a [u8]> {
        let (head, rest) =
            self.0.split_at_checked(length).ok_or_else(|| malformed("the packet ends inside a field"))?;
        self.0 = rest;
        Ok(head)
    }

    pub(crate) fn u8(&mut self) -> io::Result<u8> {
        Ok(self.take(1)?[0])
    }

    pub(crate) fn bool(&mut self) -> io::Result<bool> {
        Ok(self.u8()? != 0)
    }

    pub(crate) fn u32(&mut self) -> io::Result<u32> {
        let bytes = self.take(4)?;
        Ok(u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    pub(crate) fn string(&mut self) -> io::Result<&'a [u8]> {
        let length = self.u32()?;
        self.take(length as usize)
    }

    /// A string that is meant for people or names an algorithm; anything that is not UTF-8 is replaced.
    pub(crate) fn text(&mut self) -> io::Result<String> {
        Ok(String::from_utf8_lossy(self.string()?).into_owned())
    }

    pub(crate) fn name_list(&mut self) -> io::Result<Vec<String>> {
        Ok(self.text()?.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect())
    }

    /// A positive `mpint` as big-endian bytes without leading zeros.
    pub(crate) fn unsigned(&mut self) -> io::Result<&'a [u8]> {
        let bytes = self.string()?;
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        Ok(&bytes[zeros..])
    }
}

/// Builds one packet or one of the blobs inside it.
#[derive(Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Starts a packet with its message number.
    pub(crate) fn message(number: u8) -> Self {
        Self(vec![number])
    }

    pub(crate) fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    pub(crate) fn bool(self, value: bool) -> Self {
        self.raw(&[u8::from(value)])
    }

    pub(crate) fn u32(self, value: u32) -> Self {
        self.raw(&value.to_be_bytes())
    }

    pub(crate) fn string(self, bytes: impl AsRef<[u8]>) -> Self {
        let bytes = bytes.as_ref();
        let length = u32::try_from(bytes.len()).expect("no field of a test comes near 4 GiB");
        self.u32(length).raw(bytes)
    }

    pub(crate) fn name_list(self, names: &[String]) -> Self {
        self.string(names.join(","))
    }

    /// A positive number given as big-endian bytes, as an `mpint`.
    pub(crate) fn unsigned(self, bytes: &[u8]) -> Self {
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        let digits = &bytes[zeros..];
        let sign: &[u8] = if digits.first().is_some_and(|byte| byte & 0x80 != 0) { &[0] } else { &[] };
        self.string([sign, digits].concat())
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.0
    }
}
