//! Protobuf's wire format, read as gogo's generated code reads it, with its errors.

/// What `io.ErrUnexpectedEOF` says.
const CUT: &str = "unexpected EOF";

/// Reads one message from front to back.
pub struct Reader<'a> {
    rest: &'a [u8],
}

/// How a value lies on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wire(pub u8);

impl Wire {
    pub const VARINT: Self = Self(0);
    pub const FIXED64: Self = Self(1);
    pub const BYTES: Self = Self(2);
}

impl<'a> Reader<'a> {
    /// A reader of a message's bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The next field's number and how its value lies; none at the end. `message` is the name that errors tell.
    pub fn field(&mut self, message: &str) -> Result<Option<(u32, Wire)>, String> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let tag = self.varint()?;
        let (number, wire) = ((tag >> 3) as i32, (tag & 7) as u8);
        if wire == 4 {
            return Err(format!("proto: {message}: wiretype end group for non-group"));
        }
        match u32::try_from(number) {
            Ok(positive) if positive > 0 => Ok(Some((positive, Wire(wire)))),
            _ => Err(format!("proto: {message}: illegal tag {number} (wire type {tag})")),
        }
    }

    /// A number of up to ten bytes. What a tenth byte has too much is lost, as in Go.
    pub fn varint(&mut self) -> Result<u64, String> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.rest.split_first().ok_or(CUT)?;
            self.rest = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if *byte < 0x80 {
                return Ok(value);
            }
        }
        Err("proto: integer overflow".to_owned())
    }

    /// Eight bytes, the lowest first.
    pub fn fixed64(&mut self) -> Result<u64, String> {
        let (bytes, rest) = self.rest.split_first_chunk::<8>().ok_or(CUT)?;
        self.rest = rest;
        Ok(u64::from_le_bytes(*bytes))
    }

    /// A length, and as many bytes.
    pub fn bytes(&mut self) -> Result<&'a [u8], String> {
        let length = i64::from_ne_bytes(self.varint()?.to_ne_bytes());
        let length = usize::try_from(length).map_err(|_| "proto: negative length found during unmarshaling")?;
        self.take(length)
    }

    /// Passes over a value whose field is not known; groups, too.
    pub fn skip(&mut self, mut wire: Wire) -> Result<(), String> {
        let mut depth = 0_usize;
        loop {
            match wire.0 {
                0 => drop(self.varint()?),
                1 => drop(self.take(8)?),
                2 => drop(self.bytes()?),
                3 => depth += 1,
                4 if depth == 0 => return Err("proto: unexpected end of group".to_owned()),
                4 => depth -= 1,
                5 => drop(self.take(4)?),
                other => return Err(format!("proto: illegal wireType {other}")),
            }
            if depth == 0 {
                return Ok(());
            }
            wire = Wire((self.varint()? & 7) as u8);
        }
    }

    /// Whether all has been read.
    pub fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], String> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(CUT)?;
        self.rest = rest;
        Ok(taken)
    }
}
