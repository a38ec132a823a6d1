//! A compositor that dials in: it publishes over its link, and can be sent commands wherever it runs, behind NAT too.
//! Rust's standard library only:
//!
//!     rustc -O link.rs && ./link [--url URL] [--id ID] [--name NAME] [--at x,y] [--ttl SECONDS]
//!                                [--interval SECONDS] [--once N]
//!
//! Its picture is a light that walks round a square of eight cells: put your own in `frame`. Stopped with
//! Ctrl-C it cannot say goodbye (the standard library knows no signals); its lease then runs out.

mod http;
mod json;
mod options;
mod websocket;

use json::{quote, Json};
use options::Options;
use std::collections::{hash_map::RandomState, BTreeMap};
use std::hash::{BuildHasher, Hasher};
use std::io::{self, Read};
use std::thread::sleep;
use std::time::{Duration, Instant};
use websocket::{Message, WebSocket};

const TIMEOUT: Duration = Duration::from_secs(10);
const RING: [(i64, i64); 8] = [(0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2), (0, 1)];

/// Why a link ended, or did not begin.
enum Failure {
    /// This compositor may not go on.
    Final(String),
    /// The daemon has forgotten us: register again.
    Forgotten,
    /// Try again after a while.
    Away(String),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure::Away(error.to_string())
    }
}

/// One registration of one id, and what it shows.
struct Compositor {
    url: http::Url,
    path: String,
    description: String,
    generation: Option<String>,
    tiles: BTreeMap<String, &'static str>,
    at: (i64, i64),
    interval: Duration,
    /// Frames that were published.
    step: usize,
    once: usize,
    requests: u64,
}

impl Compositor {
    /// Opens the link, registering first where that is needed, and publishes over it until it ends or all is done.
    fn run(&mut self) -> Result<(), Failure> {
        if self.generation.is_none() {
            let reply = self.call("PUT", "", Some(&self.description.clone()))?;
            self.generation = Some(reply.get("lease").get("generation").text().to_string());
            // Exactly what this compositor shows.
            let all = patch_json(self.tiles.iter().map(|(key, brick)| (key.as_str(), *brick)));
            self.call("PUT", "/tiles", Some(&all))?;
        }
        let generation = self.generation.clone().unwrap_or_default();
        let headers = [("Lease-Generation", generation.as_str())];
        let mut link = match WebSocket::open(&self.url, &format!("{}/link", self.path), &headers, TIMEOUT)? {
            Ok(link) => link,
            Err(response) => return Err(problem(response)),
        };
        println!("registered {}, generation {generation}", self.path.rsplit('/').next().unwrap_or(""));
        while self.step < self.once {
            self.publish(&mut link)?;
            self.wait(&mut link, Instant::now() + self.interval)?;
        }
        Ok(())
    }

    /// Publishes the next frame, in one commit, and waits until it is durable.
    fn publish(&mut self, link: &mut WebSocket) -> Result<(), Failure> {
        let frame = frame(self.step, self.at);
        self.requests += 1;
        let (id, tiles) = (self.requests, patch_json(frame.iter().map(|(key, brick)| (key.as_str(), *brick))));
        link.send(&format!(r#"{{"type":"tiles","id":{id},"tiles":{tiles}}}"#))?;
        let until = Instant::now() + TIMEOUT;
        while let Some(message) = link.receive(until)? {
            let message = self.heard(link, message)?;
            if message.get("type").text() != "reply" || message.get("id").number() != id as f64 {
                continue;
            }
            if *message.get("ok") == Json::Bool(true) {
                self.tiles.extend(frame);
                self.step += 1;
                println!("published {}", self.step);
                return Ok(());
            }
            let problem = message.get("problem");
            let code = problem.get("type").text().rsplit('/').next().unwrap_or("").to_string();
            let line = format!("{} {code}: {}", problem.get("status").number(), problem.get("detail").text());
            return match code.as_str() {
                // A newer tile of another compositor stands there.
                "tile-taken" => {
                    eprintln!("not published: {line}");
                    self.step += 1;
                    Ok(())
                }
                "not-found" => Err(self.forgotten()),
                "lease-lost" => Err(Failure::Final(format!("another took over: {line}"))),
                // A repeated write is one commit.
                _ => Err(Failure::Away(line)),
            };
        }
        Err(Failure::Away("no answer in time".to_string()))
    }

    /// Hears what comes until then.
    fn wait(&mut self, link: &mut WebSocket, until: Instant) -> Result<(), Failure> {
        while let Some(message) = link.receive(until)? {
            let before = self.interval;
            self.heard(link, message)?;
            if self.interval != before {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Carries a command out; whatever else it is, it is returned.
    fn heard(&mut self, link: &mut WebSocket, message: Message) -> Result<Json, Failure> {
        let text = match message {
            Message::Text(text) => text,
            Message::Close(4404, _) => return Err(self.forgotten()),
            Message::Close(4409, reason) => return Err(Failure::Final(format!("another took over: {reason}"))),
            Message::Close(code, reason) => return Err(Failure::Away(format!("the link ended: {code} {reason}"))),
        };
        let message = json::parse(&text).map_err(Failure::Away)?;
        if message.get("type").text() == "command" {
            let id = quote(message.get("id").text());
            let answer = match self.carry_out(message.get("command").text(), message.get("params")) {
                Ok(body) => format!(r#""ok":true,"body":{body}"#),
                Err(error) => format!(r#""ok":false,"error":{}"#, quote(&error)),
            };
            link.send(&format!(r#"{{"type":"reply","id":{id},{answer}}}"#))?;
        }
        Ok(message)
    }

    /// POST /compositors/{id}/commands {"command": "interval", "params": {"seconds": 0.1}}
    fn carry_out(&mut self, command: &str, params: &Json) -> Result<String, String> {
        match (command, params.get("seconds")) {
            ("interval", Json::Number(seconds)) => {
                self.interval = Duration::try_from_secs_f64(*seconds).map_err(|error| error.to_string())?;
                Ok(format!(r#"{{"interval":{seconds}}}"#))
            }
            ("interval", _) => Err("it needs seconds".to_string()),
            _ => Err(format!("no command {command}")),
        }
    }

    fn forgotten(&mut self) -> Failure {
        self.generation = None;
        Failure::Forgotten
    }

    fn call(&self, method: &str, path: &str, body: Option<&str>) -> Result<Json, Failure> {
        let mut headers = vec![("Accept", "application/json")];
        if let Some(generation) = &self.generation {
            headers.push(("Lease-Generation", generation));
        }
        let mut response = http::send(&self.url, method, &format!("{}{path}", self.path), &headers, body, TIMEOUT)?;
        if response.status >= 400 {
            return Err(problem(response));
        }
        let mut text = String::new();
        response.body.read_to_string(&mut text)?;
        json::parse(&text).map_err(Failure::Away)
    }
}

/// What the daemon says when it refuses: application/problem+json.
fn problem(mut response: http::Response) -> Failure {
    let mut text = String::new();
    let read = response.body.read_to_string(&mut text);
    let json = read.ok().and_then(|_| json::parse(&text).ok()).unwrap_or(Json::Null);
    let code = json.get("type").text().rsplit('/').next().unwrap_or("");
    let line = format!("{} {code}: {}", response.status, json.get("detail").text());
    match (response.status, code) {
        (404, "not-found") => Failure::Forgotten,
        (401 | 403, _) => Failure::Final(format!("cannot register: {line}")),
        (_, "lease-lost") => Failure::Final(format!("another took over: {line}")),
        (status, _) if status < 500 && status != 429 => Failure::Final(line),
        _ => Failure::Away(line),
    }
}

/// What changes at this step: the light goes on to the next cell, and the last one turns dark.
fn frame(step: usize, (x, y): (i64, i64)) -> [(String, &'static str); 2] {
    let cell = |step: usize| {
        let (dx, dy) = RING[step % RING.len()];
        format!("{},{}", x + dx, y + dy)
    };
    [(cell(step), "dark.rts.png"), (cell(step + 1), "light.rts.png")]
}

fn patch_json<'a>(tiles: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let entry = |(key, brick)| format!(r#"{}:{{"brick":{}}}"#, quote(key), quote(brick));
    format!("{{{}}}", tiles.map(entry).collect::<Vec<_>>().join(","))
}

fn main() -> Result<(), String> {
    let Options { url, id, name, at, ttl, interval, once } =
        Options::read("rust-link", "Rust compositor that dials in")?;
    // The instance names this run: registered again, it keeps its generation.
    let instance = format!("{:016x}", RandomState::new().build_hasher().finish());
    let (name, platform) = (quote(&name), quote(std::env::consts::OS));
    let mut compositor = Compositor {
        url: http::Url::parse(&url)?,
        path: format!("/compositors/{id}"),
        description: format!(r#"{{"name":{name},"platform":{platform},"ttl":{ttl},"instance":"{instance}"}}"#),
        generation: None,
        tiles: BTreeMap::new(),
        at,
        interval,
        step: 0,
        once,
        requests: 0,
    };
    let mut failures = 0;
    loop {
        let before = compositor.step;
        match compositor.run() {
            Ok(()) => break,
            Err(Failure::Final(why)) => return Err(why),
            Err(Failure::Forgotten) => compositor.generation = None,
            Err(Failure::Away(why)) => {
                eprintln!("the daemon is away: {why}");
                failures = if compositor.step > before { 1 } else { failures + 1 };
                // Half of it is random: those that lost the daemon together must not come back together.
                let random = RandomState::new().build_hasher().finish() as f64 / u64::MAX as f64;
                let wait = 0.25 * f64::from(1u32 << failures.min(6)) * (0.5 + random / 2.0);
                sleep(Duration::from_secs_f64(wait));
            }
        }
    }
    // The tiles go with the compositor, in one commit.
    if let Err(Failure::Away(why) | Failure::Final(why)) = compositor.call("DELETE", "", None) {
        eprintln!("its lease runs out: {why}");
    }
    println!("left");
    Ok(())
}
