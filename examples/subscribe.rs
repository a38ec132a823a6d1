//! Follow compositord's manifest and print every change. Rust's standard library only:
//!
//!     rustc -O subscribe.rs && ./subscribe [--url URL] [--view x1,y1,x2,y2] [--once N]
//!
//! Keeps an exact copy by the rules of openapi/event-stream.md: a connection that ends or falls silent is
//! opened again with the last id, and the daemon sends what was missed.

mod http;
mod json;

use json::Json;
use std::collections::{hash_map::RandomState, BTreeMap};
use std::hash::{BuildHasher, Hasher};
use std::io::{self, BufRead, Error, ErrorKind, Read};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Without an event for so long, a connection counts as dead.
const WATCHDOG: Duration = Duration::from_secs(30);

/// This reader's own copy.
#[derive(Default)]
struct Manifest {
    compositors: BTreeMap<String, Json>,
    tiles: BTreeMap<String, Json>,
}

impl Manifest {
    fn clear(&mut self) {
        self.compositors.clear();
        self.tiles.clear();
    }

    fn apply(&mut self, patch: &Json) {
        merge(&mut self.compositors, patch.get("compositors"));
        merge(&mut self.tiles, patch.get("tiles"));
    }

    fn digest(&self) -> String {
        let sum = self.tiles.iter().fold(0u32, |sum, (key, tile)| sum.wrapping_add(tile_hash(key, tile)));
        format!("{}-{sum:08x}", self.tiles.len())
    }
}

/// A value replaces the entry whole, null removes it.
fn merge(mine: &mut BTreeMap<String, Json>, theirs: &Json) {
    for (key, value) in entries(theirs) {
        if *value == Json::Null {
            mine.remove(key);
        } else {
            mine.insert(key.clone(), value.clone());
        }
    }
}

fn entries(map: &Json) -> impl Iterator<Item = (&String, &Json)> {
    let map = if let Json::Map(map) = map { Some(map) } else { None };
    map.into_iter().flatten()
}

/// FNV-1a-32 of the tile, as the protocol defines it.
fn tile_hash(key: &str, tile: &Json) -> u32 {
    let text = format!("{key}\0{}\0{}\0", tile.get("compositor").text(), tile.get("brick").text());
    let timestamp = tile.get("timestamp").number().to_be_bytes();
    let bytes = text.bytes().chain(timestamp);
    bytes.fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

struct Event {
    name: String,
    data: Json,
}

/// What to do after an event.
enum Then {
    GoOn,
    /// The copy is wrong: connect again without an id.
    StartAnew,
    End,
}

/// A connection that comes back by itself.
struct Stream {
    url: http::Url,
    path: String,
    last_id: Option<String>,
    retry: Duration,
}

impl Stream {
    /// Hands every event to `obey`, over all connections, until it says `End`.
    fn follow(&mut self, mut obey: impl FnMut(&Event) -> Then) {
        let mut failures = 0;
        loop {
            let mut heard = false;
            let ended = self.connection(&mut |event| {
                heard = true;
                obey(event)
            });
            match ended {
                Ok(Then::End) => return,
                Ok(_) => eprintln!("the stream ended"),
                Err(error) => eprintln!("the stream broke: {error}"),
            }
            failures = if heard { 0 } else { (failures + 1).min(5) };
            let wait = (self.retry * 2u32.pow(failures)).min(Duration::from_secs(60));
            sleep(wait.mul_f64(jitter()));
        }
    }

    fn connection(&mut self, obey: &mut dyn FnMut(&Event) -> Then) -> io::Result<Then> {
        let last_id = self.last_id.clone();
        let mut headers = vec![("Accept", "text/event-stream")];
        if let Some(id) = &last_id {
            headers.push(("Last-Event-ID", id));
        }
        let mut response = http::send(&self.url, "GET", &self.path, &headers, None, WATCHDOG)?;
        if matches!(response.status, 400 | 401 | 403) {
            let mut problem = String::new();
            response.body.read_to_string(&mut problem)?;
            eprintln!("{}: {problem}", response.status); // asking again would not help
            std::process::exit(1);
        }
        let is_stream = response.header("content-type").is_some_and(|kind| kind.starts_with("text/event-stream"));
        if response.status != 200 || !is_stream {
            return Err(Error::new(ErrorKind::InvalidData, format!("status {}", response.status)));
        }
        self.events(&mut response.body, obey)
    }

    /// Server-sent events. A frame counts, and its id, when its blank line has come.
    fn events(&mut self, body: &mut impl BufRead, obey: &mut dyn FnMut(&Event) -> Then) -> io::Result<Then> {
        let mut heard = Instant::now();
        let mut name = String::new();
        let mut data: Vec<String> = Vec::new();
        let mut id = None;
        loop {
            let mut bytes = Vec::new();
            body.read_until(b'\n', &mut bytes)?;
            if bytes.last() != Some(&b'\n') {
                return Ok(Then::GoOn); // the end, or cut inside a line
            }
            if heard.elapsed() > WATCHDOG {
                return Err(ErrorKind::TimedOut.into()); // comments alone are no sign of life
            }
            let line = String::from_utf8_lossy(&bytes);
            let line = line.trim_end_matches(['\r', '\n']);
            if line.is_empty() {
                if id.is_some() {
                    self.last_id = id.take();
                }
                if !data.is_empty() {
                    heard = Instant::now();
                    let data = json::parse(&data.join("\n")).map_err(|e| Error::new(ErrorKind::InvalidData, e))?;
                    match obey(&Event { name: name.clone(), data }) {
                        Then::GoOn => {}
                        Then::StartAnew => {
                            self.last_id = None;
                            return Ok(Then::StartAnew);
                        }
                        Then::End => return Ok(Then::End),
                    }
                }
                name.clear();
                data.clear();
                continue;
            }
            let (field, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                "event" => name = value.to_string(),
                "data" => data.push(value.to_string()),
                "id" => id = Some(value.to_string()),
                "retry" => self.retry = value.parse().map_or(self.retry, Duration::from_millis),
                _ => {}
            }
        }
    }
}

/// 0.8 to 1.2, so that not everybody comes back at once. The standard library has no other source of chance.
fn jitter() -> f64 {
    let chance = RandomState::new().build_hasher().finish() as f64 / u64::MAX as f64;
    0.8 + 0.4 * chance
}

/// Applies one event and prints it.
fn obey(event: &Event, manifest: &mut Manifest) -> Then {
    let data = &event.data;
    match event.name.as_str() {
        "snapshot" => {
            manifest.clear();
            manifest.apply(data);
            let (compositors, tiles) = (manifest.compositors.len(), manifest.tiles.len());
            println!("snapshot ({}): {compositors} compositors, {tiles} tiles", data.get("reason").text());
        }
        "patch" => {
            manifest.apply(data);
            for (id, entry) in entries(data.get("compositors")) {
                println!("  {id}: {}", said(entry, "status"));
            }
            for (key, tile) in entries(data.get("tiles")) {
                println!("  {key}: {}", said(tile, "brick"));
            }
        }
        "synced" => {
            let stale = *data.get("degraded") == Json::Bool(true);
            let stale = if stale { " (the store is away: this is the last known map)" } else { "" };
            println!("exact at revision {}: {} tiles{stale}", data.get("revision").number(), manifest.tiles.len());
            let digest = data.get("digest");
            if *digest != Json::Null && digest.text() != manifest.digest() {
                eprintln!("my copy differs from the daemon's: starting anew");
                return Then::StartAnew;
            }
        }
        "bye" => println!("bye: {}", data.get("reason").text()),
        _ => {}
    }
    Then::GoOn
}

fn said<'a>(entry: &'a Json, member: &str) -> &'a str {
    if *entry == Json::Null {
        "gone"
    } else {
        entry.get(member).text()
    }
}

fn main() -> Result<(), String> {
    let mut url = "http://127.0.0.1:8760".to_string();
    let mut path = "/manifest/stream".to_string();
    let mut once = u64::MAX;
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or(format!("{name} needs a value"))?;
        match name.as_str() {
            "--url" => url = value,
            "--view" => path = format!("/manifest/stream?view={value}"),
            "--once" => once = value.parse().map_err(|_| "--once needs a number")?,
            _ => return Err(format!("unknown option {name}")),
        }
    }

    let url = http::Url::parse(&url)?;
    let mut stream = Stream { url, path, last_id: None, retry: Duration::from_secs(2) };
    let mut manifest = Manifest::default();
    let mut patches = 0;
    stream.follow(|event| {
        let then = obey(event, &mut manifest);
        patches += u64::from(event.name == "patch");
        if patches >= once {
            Then::End
        } else {
            then
        }
    });
    Ok(())
}
