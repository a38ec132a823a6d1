#!/usr/bin/env python3
"""Follow compositord's manifest and print every change. Python 3.9 or newer, nothing to install.

    python3 subscribe.py [--url URL] [--view x1,y1,x2,y2] [--once N]

Keeps an exact copy by the rules of openapi/event-stream.md: a connection that ends or falls silent is
opened again with the last id, and the daemon sends what was missed. A daemon that asks for a token gets it
from COMPOSITORD_TOKEN.
"""

import argparse
import http.client
import json
import os
import random
import struct
import sys
import time
import urllib.parse

TOKEN = os.environ.get("COMPOSITORD_TOKEN")
WATCHDOG = 30.0  # seconds without an event after which a connection counts as dead


class Manifest:
    """This reader's own copy."""

    def __init__(self):
        self.compositors = {}
        self.tiles = {}

    def clear(self):
        self.compositors.clear()
        self.tiles.clear()

    def apply(self, patch):
        for mine, theirs in ((self.compositors, patch["compositors"]), (self.tiles, patch["tiles"])):
            for key, value in theirs.items():
                if value is None:
                    mine.pop(key, None)
                else:
                    mine[key] = value

    def digest(self):
        total = sum(tile_hash(key, tile) for key, tile in self.tiles.items())
        return f"{len(self.tiles)}-{total & 0xFFFFFFFF:08x}"


def tile_hash(key, tile):
    """FNV-1a-32 of the tile, as the protocol defines it."""
    text = f"{key}\0{tile['compositor']}\0{tile['brick']}\0".encode()
    value = 0x811C9DC5
    for byte in text + struct.pack(">d", tile["timestamp"]):
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


class Stream:
    """A connection that comes back by itself: iterate it for (event, data), for ever."""

    def __init__(self, url, view=None):
        self.url = urllib.parse.urlsplit(url.rstrip("/"))
        self.query = "?" + urllib.parse.urlencode({"view": view}) if view else ""
        self.last_id = None
        self.forgotten = False
        self.retry = 2.0
        self.heard = time.monotonic()

    def __iter__(self):
        failures = 0
        while True:
            try:
                for event, data in self.connection():
                    failures = 0
                    yield event, data
                print("the stream ended", file=sys.stderr)
            except (OSError, http.client.HTTPException) as error:
                print(f"the stream broke: {error}", file=sys.stderr)
                failures += 1
            time.sleep(min(60, self.retry * 2 ** min(failures, 5)) * random.uniform(0.8, 1.2))

    def connection(self):
        kind = http.client.HTTPSConnection if self.url.scheme == "https" else http.client.HTTPConnection
        connection = kind(self.url.hostname, self.url.port, timeout=WATCHDOG)
        headers = {"Accept": "text/event-stream"}
        if TOKEN:
            headers["Authorization"] = f"Bearer {TOKEN}"
        if self.last_id is not None:
            headers["Last-Event-ID"] = self.last_id
        try:
            connection.request("GET", f"{self.url.path}/manifest/stream{self.query}", headers=headers)
            response = connection.getresponse()
            if response.status in (400, 401, 403):  # asking again would not help
                sys.exit(f"{response.status}: {response.read().decode()}")
            if response.status != 200:
                raise http.client.HTTPException(f"status {response.status}")
            self.heard = time.monotonic()
            yield from self.events(response)
        finally:
            connection.close()

    def events(self, response):
        """Server-sent events. A frame counts, and its id, when its blank line has come."""
        event, data, event_id = "", [], None
        for line in response:  # http.client joins the chunks and waits for whole lines
            if not line.endswith(b"\n"):
                return  # cut inside a line
            line = line.decode("utf-8", "replace").rstrip("\r\n")
            if line == "":
                if event_id is not None:
                    self.last_id = event_id
                if data:
                    self.heard = time.monotonic()
                    self.forgotten = False
                    yield event, json.loads("\n".join(data))
                    if self.forgotten:
                        return
                event, data, event_id = "", [], None
                continue
            if time.monotonic() - self.heard > WATCHDOG:  # comments alone are no sign of life
                raise TimeoutError(f"no event for {WATCHDOG:.0f} s")
            field, _, value = line.partition(":")
            value = value[1:] if value.startswith(" ") else value
            if field == "event":
                event = value
            elif field == "data":
                data.append(value)
            elif field == "id":
                event_id = value
            elif field == "retry" and value.isdigit():
                self.retry = int(value) / 1000

    def forget(self):
        """Ends this connection; the next one starts from a fresh snapshot."""
        self.last_id = None
        self.forgotten = True


def main():
    parser = argparse.ArgumentParser(description="Follow compositord's manifest and print every change.")
    parser.add_argument("--url", default="http://127.0.0.1:8760")
    parser.add_argument("--view", help="only this rectangle: x1,y1,x2,y2")
    parser.add_argument("--once", type=int, metavar="N", help="end after N patches")
    options = parser.parse_args()

    manifest = Manifest()
    stream = Stream(options.url, options.view)
    patches = 0
    for event, data in stream:
        if event == "snapshot":
            manifest.clear()
            manifest.apply(data)
            print(f"snapshot ({data['reason']}): {len(manifest.compositors)} compositors, {len(manifest.tiles)} tiles")
        elif event == "patch":
            manifest.apply(data)
            patches += 1
            for compositor, entry in data["compositors"].items():
                print(f"  {compositor}: {'gone' if entry is None else entry['status']}")
            for key, tile in data["tiles"].items():
                print(f"  {key}: {'gone' if tile is None else tile['brick']}")
        elif event == "synced":
            stale = " (the store is away: this is the last known map)" if data["degraded"] else ""
            print(f"exact at revision {data['revision']}: {len(manifest.tiles)} tiles{stale}")
            if data["digest"] not in (None, manifest.digest()):
                print("my copy differs from the daemon's: starting anew", file=sys.stderr)
                stream.forget()
        elif event == "bye":
            print(f"bye: {data['reason']}")
        sys.stdout.flush()
        if options.once is not None and patches >= options.once:
            return


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
