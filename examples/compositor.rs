//! A compositor: registers, keeps its lease, publishes tiles, and leaves. Rust's standard library only:
//!
//!     rustc -O compositor.rs && ./compositor [--url URL] [--id ID] [--name NAME] [--at x,y] [--ttl SECONDS]
//!                                            [--interval SECONDS] [--once N]
//!
//! Its picture is a light that walks round a square of eight cells: put your own in `frame`. Stopped with
//! Ctrl-C it cannot say goodbye (the standard library knows no signals); its lease then runs out.

mod http;
mod json;
mod options;

use json::{quote, Json};
use options::Options;
use std::collections::{hash_map::RandomState, BTreeMap};
use std::fmt;
use std::hash::{BuildHasher, Hasher};
use std::io::{self, Read};
use std::sync::{mpsc, Arc, Mutex};
use std::thread::{sleep, spawn};
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(10);
/// About a second apart: a daemon that restarts is back by then.
const TRIES: u32 = 30;
const RING: [(i64, i64); 8] = [(0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2), (0, 1)];

/// A tile's brick; None removes the tile.
type Patch = Vec<(String, Option<&'static str>)>;

/// Why a call failed.
enum Failure {
    /// The daemon refused: application/problem+json.
    Problem { status: u16, code: String, detail: String, retry_after: Duration },
    /// Nobody answered, or not in HTTP.
    Network(io::Error),
}

impl Failure {
    fn status(&self) -> u16 {
        if let Failure::Problem { status, .. } = self {
            *status
        } else {
            0
        }
    }

    fn is(&self, wanted: &str) -> bool {
        matches!(self, Failure::Problem { code, .. } if code == wanted)
    }

    /// How long to wait before the same call makes sense again: a repeated write is one commit.
    fn wait(&self) -> Option<Duration> {
        match self {
            Failure::Problem { status: 503, retry_after, .. } => Some(*retry_after),
            Failure::Problem { .. } => None,
            Failure::Network(_) => Some(Duration::from_secs(1)),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Failure::Problem { status, code, detail, .. } => write!(f, "{status} {code}: {detail}"),
            Failure::Network(error) => write!(f, "{error}"),
        }
    }
}

/// One registration of one id, and what it shows.
struct Compositor {
    url: http::Url,
    path: String,
    description: String,
    generation: Option<String>,
    /// The last commit that we know of.
    cursor: Option<String>,
    ttl: Duration,
    tiles: BTreeMap<String, &'static str>,
    /// Another generation holds the lease: this compositor may not go on.
    lost: bool,
}

impl Compositor {
    fn new(url: http::Url, id: &str, name: &str, ttl: u32) -> Compositor {
        // The instance names this run: registering again after a network trouble keeps the generation.
        let instance = format!("{:016x}", RandomState::new().build_hasher().finish());
        let platform = quote(std::env::consts::OS);
        let name = quote(name);
        Compositor {
            url,
            path: format!("/compositors/{id}"),
            description: format!(r#"{{"name":{name},"platform":{platform},"ttl":{ttl},"instance":"{instance}"}}"#),
            generation: None,
            cursor: None,
            ttl: Duration::from_secs(u64::from(ttl)),
            tiles: BTreeMap::new(),
            lost: false,
        }
    }

    /// Takes the id (over) and makes the tiles what this compositor shows.
    fn register(&mut self) -> Result<(), Failure> {
        // A registration must not be fenced by the generation that it replaces.
        self.generation = None;
        let reply = self.call("PUT", "", Some(&self.description.clone()))?;
        let lease = reply.get("lease");
        self.generation = Some(lease.get("generation").text().to_string());
        self.ttl = Duration::from_secs_f64(lease.get("ttl").number());
        self.publish_all()
    }

    fn publish_all(&mut self) -> Result<(), Failure> {
        let all = self.tiles.iter().map(|(key, brick)| (key.clone(), Some(*brick))).collect();
        self.call("PUT", "/tiles", Some(&patch_json(&all))).map(drop)
    }

    /// Changes tiles, all of them in one commit.
    fn publish(&mut self, patch: &Patch) -> Result<(), Failure> {
        for (key, brick) in patch {
            match brick {
                Some(brick) => self.tiles.insert(key.clone(), brick),
                None => self.tiles.remove(key),
            };
        }
        match self.call("PATCH", "/tiles", Some(&patch_json(patch))) {
            Err(failure) if failure.status() == 404 => self.register(), // the daemon has forgotten us
            other => other.map(drop),
        }
    }

    /// Renews the lease; where the daemon lost something of ours, it gets it again.
    fn renew(&mut self) -> Result<(), Failure> {
        // Should the daemon's store lose that commit, it asks for the tiles again.
        let seen = self.cursor.as_ref().map(|cursor| format!(r#"{{"cursor":"{cursor}"}}"#));
        match self.call("PUT", "/lease", seen.as_deref()) {
            Ok(reply) if *reply.get("republish") == Json::Bool(true) => self.publish_all(),
            Err(failure) if failure.status() == 404 => self.register(),
            other => other.map(drop),
        }
    }

    /// The tiles go with the compositor, in one commit.
    fn leave(&mut self) -> Result<(), Failure> {
        match self.call("DELETE", "", None) {
            Err(failure) if failure.status() == 404 || failure.is("lease-lost") => Ok(()), // gone already
            other => other.map(drop),
        }
    }

    /// One request; while the daemon is away (503, no connection), again.
    fn call(&mut self, method: &str, path: &str, body: Option<&str>) -> Result<Json, Failure> {
        let mut left = TRIES;
        loop {
            left -= 1;
            match self.request(method, path, body) {
                Ok(reply) => {
                    self.cursor = Some(reply.get("cursor").text().to_string());
                    return Ok(reply);
                }
                Err(failure) => match failure.wait() {
                    Some(wait) if left > 0 => {
                        eprintln!("the daemon is away: {failure}");
                        sleep(wait);
                    }
                    _ => return Err(failure),
                },
            }
        }
    }

    fn request(&self, method: &str, path: &str, body: Option<&str>) -> Result<Json, Failure> {
        let mut headers = vec![("Accept", "application/json")];
        if let Some(generation) = &self.generation {
            headers.push(("Lease-Generation", generation));
        }
        let path = format!("{}{path}", self.path);
        let mut reply = http::send(&self.url, method, &path, &headers, body, TIMEOUT).map_err(Failure::Network)?;
        let mut text = String::new();
        reply.body.read_to_string(&mut text).map_err(Failure::Network)?;
        let json = json::parse(&text).unwrap_or(Json::Null); // a proxy on the way may answer in HTML
        if reply.status < 400 {
            return Ok(json);
        }
        let retry_after = reply.header("retry-after").and_then(|seconds| seconds.parse().ok()).unwrap_or(1);
        Err(Failure::Problem {
            status: reply.status,
            code: json.get("type").text().rsplit('/').next().unwrap_or("").to_string(),
            detail: json.get("detail").text().to_string(),
            retry_after: Duration::from_secs(retry_after),
        })
    }
}

/// What changes at this step: the light goes on to the next cell, and the last one turns dark.
fn frame(step: usize, (x, y): (i64, i64)) -> Patch {
    let cell = |step: usize| {
        let (dx, dy) = RING[step % RING.len()];
        format!("{},{}", x + dx, y + dy)
    };
    vec![(cell(step), Some("dark.rts.png")), (cell(step + 1), Some("light.rts.png"))]
}

fn patch_json(patch: &Patch) -> String {
    let entry = |(key, brick): &(String, Option<&str>)| match brick {
        Some(brick) => format!(r#"{}:{{"brick":{}}}"#, quote(key), quote(brick)),
        None => format!("{}:null", quote(key)),
    };
    format!("{{{}}}", patch.iter().map(entry).collect::<Vec<_>>().join(","))
}

/// Renews three times per TTL, so that two may get lost, until `ended` is dropped.
fn keep_lease(compositor: &Mutex<Compositor>, ended: &mpsc::Receiver<()>) {
    loop {
        let wait = compositor.lock().unwrap().ttl / 3;
        if ended.recv_timeout(wait) != Err(mpsc::RecvTimeoutError::Timeout) {
            return;
        }
        let mut compositor = compositor.lock().unwrap();
        match compositor.renew() {
            Err(failure) if failure.is("lease-lost") => {
                compositor.lost = true;
                return;
            }
            Err(failure) => eprintln!("not renewed: {failure}"),
            Ok(()) => {}
        }
    }
}

fn main() -> Result<(), String> {
    let Options { url, id, name, at, ttl, interval, once } = Options::read("rust", "Rust compositor")?;
    let mut compositor = Compositor::new(http::Url::parse(&url)?, &id, &name, ttl);
    compositor.register().map_err(|failure| format!("cannot register: {failure}"))?;
    println!("registered {id}, generation {}", compositor.generation.as_deref().unwrap_or("none"));
    let shared = Arc::new(Mutex::new(compositor));
    let (end, ended) = mpsc::channel();
    let keeper = spawn({
        let shared = Arc::clone(&shared);
        move || keep_lease(&shared, &ended)
    });

    for step in 0..once {
        let mut compositor = shared.lock().unwrap();
        if compositor.lost {
            return Err("another took over".to_string());
        }
        match compositor.publish(&frame(step, at)) {
            Ok(()) => println!("published {}", step + 1),
            // A newer tile of another compositor stands there.
            Err(failure) if failure.is("tile-taken") => eprintln!("not published: {failure}"),
            Err(failure) => return Err(failure.to_string()),
        }
        drop(compositor); // the keeper needs it while this thread sleeps
        sleep(interval);
    }
    drop(end);
    keeper.join().map_err(|_| "the lease keeper failed")?;
    let mut compositor = shared.lock().unwrap();
    compositor.leave().map_err(|failure| failure.to_string())?;
    println!("left");
    Ok(())
}
