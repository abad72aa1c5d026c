//! The other side of a recorded connection.

use std::{
    collections::VecDeque,
    io::{self, Read, Write},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use crate::system::Stream;

/// What happens when everything recorded has been said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The other side closes.
    Close,
    /// The other side says nothing more: reading reaches its limit.
    Silence,
    /// The other side resets the connection.
    Reset,
}

/// A conversation: what the other side says first, then one answer to each thing written to it.
#[derive(Debug, Clone)]
pub struct Exchange {
    first: Vec<u8>,
    answers: VecDeque<Vec<u8>>,
    end: End,
}

impl Exchange {
    /// Somebody who says this when connected to.
    pub fn says(bytes: impl AsRef<[u8]>, end: End) -> Self {
        Self { first: bytes.as_ref().to_vec(), answers: VecDeque::new(), end }
    }

    /// Adds the answer to the next thing that is written.
    #[must_use]
    pub fn answers(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.answers.push_back(bytes.as_ref().to_vec());
        self
    }

    pub(super) fn open(&self, written: Arc<Mutex<Vec<u8>>>) -> Talk {
        Talk { pending: self.first.iter().copied().collect(), answers: self.answers.clone(), end: self.end, written }
    }
}

pub(super) struct Talk {
    pending: VecDeque<u8>,
    answers: VecDeque<Vec<u8>>,
    end: End,
    written: Arc<Mutex<Vec<u8>>>,
}

impl Read for Talk {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.pending.is_empty() {
            return match self.end {
                End::Close => Ok(0),
                End::Silence => Err(io::ErrorKind::WouldBlock.into()),
                End::Reset => Err(io::ErrorKind::ConnectionReset.into()),
            };
        }
        self.pending.read(buffer)
    }
}

impl Write for Talk {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(buffer);
        if let Some(answer) = self.answers.pop_front() {
            self.pending.extend(answer);
        }
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Stream for Talk {
    fn set_timeout(&mut self, _limit: Duration) -> io::Result<()> {
        Ok(())
    }
}
