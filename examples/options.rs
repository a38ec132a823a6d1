//! The options of the compositors here.

use std::time::Duration;

pub struct Options {
    pub url: String,
    pub id: String,
    pub name: String,
    /// The corner of the picture.
    pub at: (i64, i64),
    /// Seconds.
    pub ttl: u32,
    /// Between two frames.
    pub interval: Duration,
    /// Frames to publish before leaving.
    pub once: usize,
}

impl Options {
    /// Reads the command line; `id` and `name` are those of a compositor that is given none.
    pub fn read(id: &str, name: &str) -> Result<Options, String> {
        let mut options = Options {
            url: "http://127.0.0.1:8760".to_string(),
            id: id.to_string(),
            name: name.to_string(),
            at: (0, 0),
            ttl: 30,
            interval: Duration::from_secs(1),
            once: usize::MAX,
        };
        let mut arguments = std::env::args().skip(1);
        while let Some(option) = arguments.next() {
            let value = arguments.next().ok_or(format!("{option} needs a value"))?;
            let wrong = || format!("{option} cannot be {value}");
            match option.as_str() {
                "--url" => options.url = value,
                "--id" => options.id = value,
                "--name" => options.name = value,
                "--at" => {
                    let (x, y) = value.split_once(',').ok_or_else(wrong)?;
                    options.at = (x.parse().map_err(|_| wrong())?, y.parse().map_err(|_| wrong())?);
                }
                "--ttl" => options.ttl = value.parse().map_err(|_| wrong())?,
                "--interval" => {
                    let seconds = value.parse().map_err(|_| wrong())?;
                    options.interval = Duration::try_from_secs_f64(seconds).map_err(|_| wrong())?;
                }
                "--once" => options.once = value.parse().map_err(|_| wrong())?,
                _ => return Err(format!("unknown option {option}")),
            }
        }
        Ok(options)
    }
}
