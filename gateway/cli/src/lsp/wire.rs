//! The protocol's frames on a pair of streams: a header with a length, then JSON.
//!
//! Reads within a bound, because an editor that says it will send an exabyte must not be believed. What is no message is
//! passed over with a word on stderr. Next: lsp.rs, on the other end of the connection.

use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::thread::JoinHandle;

use anyhow::{Context as _, bail};
use lsp_server::{Connection, Message};

/// Bytes of one message: a text of the largest size that is read, escaped, with room to spare.
const MESSAGE_BYTES_MAX: u64 = 16 << 20;

/// Bytes of one line of a header.
const HEADER_BYTES_MAX: u64 = 1_024;

/// Lines of one header: the protocol knows two fields.
const HEADER_LINES_MAX: usize = 16;

/// The threads that move messages.
pub(super) struct Pumps {
    writer: JoinHandle<std::io::Result<()>>,
}

impl Pumps {
    /// Waits until the last message is out. The reader is left waiting where the editor keeps its end open.
    pub(super) fn finish(self) -> anyhow::Result<()> {
        match self.writer.join() {
            Ok(written) => written.context("cannot write to the editor"),
            Err(_) => bail!("the writer failed"),
        }
    }
}

/// Moves messages between streams and a connection until either end is closed.
pub(super) fn pump(
    client: Connection,
    from: impl Read + Send + 'static,
    to: impl Write + Send + 'static,
) -> Pumps {
    let Connection { sender, receiver } = client;
    std::thread::spawn(move || {
        let mut from = BufReader::new(from);
        loop {
            match read(&mut from) {
                Ok(Some(bytes)) => match serde_json::from_slice::<Message>(&bytes) {
                    Ok(message) => {
                        let over = matches!(&message, Message::Notification(note) if note.method == "exit");
                        if sender.send(message).is_err() || over {
                            return;
                        }
                    }
                    Err(error) => eprintln!("a message was passed over: {error}"),
                },
                Ok(None) => return,
                Err(error) => {
                    eprintln!("error: {error:#}");
                    return;
                }
            }
        }
    });
    let writer = std::thread::spawn(move || {
        let mut to = BufWriter::new(to);
        for message in receiver {
            message.write(&mut to)?;
        }
        to.flush()
    });
    Pumps { writer }
}

/// The next message's bytes; none when the stream ends before one.
pub(super) fn read(from: &mut impl BufRead) -> anyhow::Result<Option<Vec<u8>>> {
    let mut length = None;
    for _ in 0..HEADER_LINES_MAX {
        let mut line = Vec::new();
        from.take(HEADER_BYTES_MAX).read_until(b'\n', &mut line).context("cannot read from the editor")?;
        if line.is_empty() {
            return Ok(None);
        }
        if !line.ends_with(b"\n") {
            bail!("a line of a header is longer than {HEADER_BYTES_MAX} bytes or never ends");
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim();
        if line.is_empty() {
            let Some(length) = length else { bail!("a header says no length") };
            return body(from, length);
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = Some(value.trim().parse::<u64>().context("a header's length is no number")?);
        }
    }
    bail!("a header has more than {HEADER_LINES_MAX} lines")
}

fn body(from: &mut impl BufRead, length: u64) -> anyhow::Result<Option<Vec<u8>>> {
    if length > MESSAGE_BYTES_MAX {
        bail!("a message of {length} bytes is announced; at most {MESSAGE_BYTES_MAX} are read");
    }
    let mut bytes = Vec::new();
    from.take(length).read_to_end(&mut bytes).context("cannot read from the editor")?;
    Ok((bytes.len() as u64 == length).then_some(bytes))
}
