//! A socket that tells whether its reader takes what is written.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::Instant,
};

use super::activity::Activity;

/// The socket of a connection.
pub(super) struct Socket {
    stream: TcpStream,
    activity: Arc<Activity>,
    is_blocked: bool,
}

impl Socket {
    /// `stream`, telling `activity`.
    pub(super) fn new(stream: TcpStream, activity: Arc<Activity>) -> Self {
        Self {
            stream,
            activity,
            is_blocked: false,
        }
    }

    /// Writes with `write`, and tells. Only what follows a full socket counts as progress: the
    /// answers to pings of HTTP/2, which anybody can send without end, do not.
    fn telling(
        &mut self,
        write: impl FnOnce(Pin<&mut TcpStream>) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        let written = write(Pin::new(&mut self.stream));
        if written.is_pending() != self.is_blocked {
            self.is_blocked = written.is_pending();
            if self.is_blocked {
                self.activity.block(Instant::now());
            } else {
                self.activity.unblock(Instant::now());
            }
        }
        written
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.telling(|stream| stream.poll_write(context, bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.telling(|stream| stream.poll_write_vectored(context, slices))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::{io::AsyncWriteExt, net::TcpListener, time::timeout};

    use super::*;
    use crate::http::activity::NEXT_HEADER;

    #[tokio::test]
    async fn a_reader_that_takes_nothing_is_told_from_one_that_does() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut reader = TcpStream::connect(address).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let activity = Arc::new(Activity::new(Instant::now()));
        let mut socket = Socket::new(stream, Arc::clone(&activity));
        let _open = activity.open();

        let (piece, a_moment) = ([0; 16 * 1024], Duration::from_millis(100));
        while timeout(a_moment, socket.write(&piece)).await.is_ok() {}
        assert!(activity.deadline(NEXT_HEADER).is_some());

        tokio::spawn(async move { tokio::io::copy(&mut reader, &mut tokio::io::sink()).await });
        assert!(socket.write(&piece).await.unwrap() > 0);
        assert_eq!(activity.deadline(NEXT_HEADER), None);
    }
}
