//! Counts the statements of a client by the messages of the PostgreSQL protocol.

/// The data that a client has sent over one connection.
#[derive(Debug, Default)]
pub struct Statements {
    /// The start of an incomplete message.
    begun: Vec<u8>,
    /// The remaining bytes of the current message, which are skipped.
    rest: usize,
    is_started: bool,
}

impl Statements {
    /// Processes data of the client; returns the number of statements whose execution it requests.
    ///
    /// # Panics
    /// When it is not a message of the protocol.
    pub fn take(&mut self, mut sent: &[u8]) -> u64 {
        let mut statements = 0;
        while !sent.is_empty() {
            let skipped = self.rest.min(sent.len());
            self.rest -= skipped;
            sent = &sent[skipped..];
            // The first messages have no type before their length.
            let wanted = if self.is_started { 5 } else { 4 };
            let taken = (wanted - self.begun.len()).min(sent.len());
            if self.rest > 0 || taken == 0 {
                continue;
            }
            self.begun.extend_from_slice(&sent[..taken]);
            sent = &sent[taken..];
            if self.begun.len() == wanted {
                statements += self.message();
            }
        }
        statements
    }

    /// Processes the type and the length of a message.
    fn message(&mut self) -> u64 {
        let length = self.begun.split_off(self.begun.len() - 4);
        let length = u32::from_be_bytes(length.try_into().expect("four bytes"));
        self.rest = usize::try_from(length).expect("a length").saturating_sub(4);
        // Query, and Execute.
        let is_statement = matches!(self.begun.first(), Some(b'Q' | b'E'));
        self.begun.clear();
        // An SSLRequest has eight bytes; the startup message follows.
        self.is_started |= length != 8;
        is_statement.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: &str, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
        [kind.as_bytes(), &length, body].concat()
    }

    #[test]
    fn statements_are_counted_however_the_bytes_arrive() {
        let sent = [
            message("", &[4, 210, 22, 47]),
            message("", b"\0\x03\0\0user\0EQEQ\0\0"),
            message("p", b"QQQQ"),
            message("Q", b"SELECT 1\0"),
            message("P", b"\0SELECT $1\0\0\0"),
            message("S", b""),
            message("B", b"EEEE"),
            message("E", b"\0\0\0\0\0"),
            message("S", b""),
        ]
        .concat();
        for size in 1..sent.len() {
            let mut statements = Statements::default();
            let counted: u64 = sent.chunks(size).map(|piece| statements.take(piece)).sum();
            assert_eq!(counted, 2, "in pieces of {size}");
        }
    }
}
