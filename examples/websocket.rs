//! The client's side of RFC 6455 over a plain TcpStream, for messages that come whole, as the daemon sends them.

use crate::http;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::io::{self, Error, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// The daemon's messages are smaller.
const LONGEST: u64 = 16 * 1024 * 1024;

pub enum Message {
    Text(String),
    /// The daemon ends the connection, and says why.
    Close(u16, String),
}

pub struct WebSocket {
    socket: TcpStream,
    /// What has come and is not read yet.
    come: Vec<u8>,
}

impl WebSocket {
    /// Opens it; the inner error is the reply of a daemon that does not want to.
    pub fn open(
        url: &http::Url,
        path: &str,
        headers: &[(&str, &str)],
        timeout: Duration,
    ) -> io::Result<Result<WebSocket, http::Response>> {
        let key = base64(&[random(), random()].concat());
        let upgrade = [("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", &key)];
        let response = http::send(url, "GET", path, &[&upgrade, headers].concat(), None, timeout)?;
        if response.status != 101 {
            return Ok(Err(response));
        }
        let (socket, come) = response.into_socket();
        Ok(Ok(WebSocket { socket, come }))
    }

    pub fn send(&mut self, text: &str) -> io::Result<()> {
        self.frame(1, text.as_bytes())
    }

    /// The next message; none when `until` comes first. Pings are answered.
    pub fn receive(&mut self, until: Instant) -> io::Result<Option<Message>> {
        loop {
            while let Some((opcode, data)) = self.next()? {
                match opcode {
                    1 => return Ok(Some(Message::Text(String::from_utf8_lossy(&data).into_owned()))),
                    8 if data.len() < 2 => return Ok(Some(Message::Close(1005, String::new()))),
                    8 => {
                        let reason = String::from_utf8_lossy(&data[2..]).into_owned();
                        return Ok(Some(Message::Close(u16::from_be_bytes([data[0], data[1]]), reason)));
                    }
                    9 => self.frame(10, &data)?,
                    _ => {}
                }
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            // A timeout of zero would mean none.
            self.socket.set_read_timeout(Some(left.max(Duration::from_millis(1))))?;
            let mut bytes = [0; 16 * 1024];
            match self.socket.read(&mut bytes) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(count) => self.come.extend(&bytes[..count]),
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Takes a frame from what has come, when there is a whole one.
    fn next(&mut self) -> io::Result<Option<(u8, Vec<u8>)>> {
        let come = &self.come;
        if come.len() < 2 {
            return Ok(None);
        }
        let (head, size) = match come[1] & 127 {
            126 if come.len() < 4 => return Ok(None),
            127 if come.len() < 10 => return Ok(None),
            126 => (4, u64::from(u16::from_be_bytes([come[2], come[3]]))),
            127 => (10, come[2..10].iter().fold(0, |size, byte| size << 8 | u64::from(*byte))),
            size => (2, u64::from(size)),
        };
        if size > LONGEST {
            return Err(Error::new(ErrorKind::InvalidData, "a message is too long"));
        }
        let end = head + size as usize;
        if come.len() < end {
            return Ok(None);
        }
        let (opcode, data) = (come[0] & 15, come[head..end].to_vec());
        self.come.drain(..end);
        Ok(Some((opcode, data)))
    }

    /// A client masks what it sends.
    fn frame(&mut self, opcode: u8, data: &[u8]) -> io::Result<()> {
        let mut frame = vec![0x80 | opcode];
        match data.len() {
            size @ 0..=125 => frame.push(0x80 | size as u8),
            size @ 126..=65535 => {
                frame.push(0x80 | 126);
                frame.extend((size as u16).to_be_bytes());
            }
            size => {
                frame.push(0x80 | 127);
                frame.extend((size as u64).to_be_bytes());
            }
        }
        let mask = &random()[..4];
        frame.extend(mask);
        frame.extend(data.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        self.socket.write_all(&frame)
    }
}

fn random() -> [u8; 8] {
    RandomState::new().build_hasher().finish().to_be_bytes()
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits, i| bits << 8 | u32::from(*three.get(i).unwrap_or(&0)));
        for i in 0..4 {
            let digit = char::from(DIGITS[(bits >> (18 - 6 * i) & 63) as usize]);
            text.push(if i > three.len() { '=' } else { digit });
        }
    }
    text
}
