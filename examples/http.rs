//! A small HTTP/1.1 client over a plain TcpStream, one connection a request. A daemon that asks for a token gets it
//! from COMPOSITORD_TOKEN.

use std::io::{self, BufRead, BufReader, Error, ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

/// The address of a daemon: `http://host[:port][/base]`.
#[derive(Clone)]
pub struct Url {
    host: String,
    address: String,
    base: String,
}

impl Url {
    pub fn parse(text: &str) -> Result<Url, String> {
        let rest = text.strip_prefix("http://").ok_or("the URL must start with http://")?;
        let (host, base) = rest.split_once('/').unwrap_or((rest, ""));
        let named = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let address = if named { host.to_string() } else { format!("{host}:80") };
        let base = if base.is_empty() { String::new() } else { format!("/{}", base.trim_end_matches('/')) };
        Ok(Url { host: host.to_string(), address, base })
    }
}

pub struct Response {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: BufReader<Body>,
}

impl Response {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The connection, after 101 (Switching Protocols), and what has come over it since.
    #[allow(dead_code)] // Not every example switches.
    pub fn into_socket(self) -> (TcpStream, Vec<u8>) {
        let reader = self.body.into_inner().reader;
        let come = reader.buffer().to_vec();
        (reader.into_inner(), come)
    }
}

/// Sends a request and reads the head of the reply. `timeout` bounds each single wait for the network.
pub fn send(
    url: &Url,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Option<&str>,
    timeout: Duration,
) -> io::Result<Response> {
    let address = url.address.to_socket_addrs()?.next().ok_or_else(|| wrong("the host has no address"))?;
    let mut socket = TcpStream::connect_timeout(&address, timeout)?;
    socket.set_nodelay(true)?;
    socket.set_read_timeout(Some(timeout))?;
    socket.set_write_timeout(Some(timeout))?;

    let connection = if headers.iter().any(|(name, _)| *name == "Upgrade") { "Upgrade" } else { "close" };
    let mut request = format!("{method} {}{path} HTTP/1.1\r\nHost: {}\r\n", url.base, url.host);
    request += &format!("Connection: {connection}\r\n");
    if let Some(token) = std::env::var("COMPOSITORD_TOKEN").ok().filter(|token| !token.is_empty()) {
        request += &format!("Authorization: Bearer {token}\r\n");
    }
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    if body.is_some() {
        request += "Content-Type: application/json\r\n";
    }
    if method != "GET" {
        request += &format!("Content-Length: {}\r\n", body.unwrap_or("").len());
    }
    request += &format!("\r\n{}", body.unwrap_or(""));
    socket.write_all(request.as_bytes())?;

    let mut reader = BufReader::new(socket);
    let status_line = line(&mut reader)?;
    let status = status_line.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status = status.ok_or_else(|| wrong("no HTTP reply"))?;
    let mut headers = Vec::new();
    loop {
        let header = line(&mut reader)?;
        if header.is_empty() {
            break;
        }
        let (name, value) = header.split_once(':').ok_or_else(|| wrong("a broken header"))?;
        headers.push((name.to_string(), value.trim().to_string()));
    }
    let mut response = Response { status, headers, body: BufReader::new(Body { reader, left: Left::Unknown }) };
    let length = response.header("content-length").and_then(|length| length.parse().ok());
    let chunked = response.header("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked"));
    response.body.get_mut().left = match length {
        _ if chunked => Left::Chunk(0),
        _ if status == 204 || status == 304 || method == "HEAD" => Left::Bytes(0),
        Some(length) => Left::Bytes(length),
        None => Left::Unknown,
    };
    Ok(response)
}

/// The body without its framing. One that is cut off is an error, not an end.
pub struct Body {
    reader: BufReader<TcpStream>,
    left: Left,
}

enum Left {
    /// Until the connection ends (HTTP/1.0).
    Unknown,
    Bytes(u64),
    /// In this chunk; zero: the next line is a chunk's size.
    Chunk(u64),
}

impl Read for Body {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if let Left::Chunk(0) = self.left {
            let size = line(&mut self.reader)?;
            let digits = size.split(';').next().unwrap_or("").trim();
            let size = u64::from_str_radix(digits, 16).map_err(|_| wrong("a broken chunk"))?;
            if size == 0 {
                self.left = Left::Bytes(0);
            } else {
                self.left = Left::Chunk(size);
            }
        }
        let most = match self.left {
            Left::Unknown => return self.reader.read(into),
            Left::Bytes(0) => return Ok(0),
            Left::Bytes(left) | Left::Chunk(left) => left.min(into.len() as u64) as usize,
        };
        let count = self.reader.read(&mut into[..most])?;
        if count == 0 && most > 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        match &mut self.left {
            Left::Bytes(left) => *left -= count as u64,
            Left::Chunk(left) => {
                *left -= count as u64;
                if *left == 0 && !line(&mut self.reader)?.is_empty() {
                    return Err(wrong("a broken chunk"));
                }
            }
            Left::Unknown => {}
        }
        Ok(count)
    }
}

fn line(reader: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    // A line of the head or a chunk's size: nothing of ours is longer.
    reader.take(16 * 1024).read_line(&mut line)?;
    if !line.ends_with('\n') {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end().to_string())
}

fn wrong(what: &'static str) -> Error {
    Error::new(ErrorKind::InvalidData, what)
}
