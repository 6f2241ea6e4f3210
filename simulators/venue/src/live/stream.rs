//! A TCP stream as the firmware's session wants it: the one border between tokio and `embedded-io-async`.

use std::net::SocketAddr;

use embedded_io_async::{ErrorType, Read, Write};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A connection to the gateway.
pub(super) struct Stream(TcpStream);

impl Stream {
    /// Connects; small packets go out at once, because the session waits for their answers.
    pub(super) async fn connect(gateway: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(gateway).await?;
        stream.set_nodelay(true)?;
        Ok(Self(stream))
    }
}

impl ErrorType for Stream {
    type Error = std::io::Error;
}

impl Read for Stream {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, Self::Error> {
        self.0.read(into).await
    }
}

impl Write for Stream {
    async fn write(&mut self, from: &[u8]) -> Result<usize, Self::Error> {
        self.0.write(from).await
    }

    async fn flush(&mut self) -> Result<(), Self::Error> {
        self.0.flush().await
    }
}
