#!/usr/bin/env python3
"""A compositor: registers, keeps its lease, publishes tiles, and leaves. Python 3.9 or newer, nothing to install.

    python3 compositor.py [--url URL] [--id ID] [--name NAME] [--ttl SECONDS] [--interval SECONDS] [--once N]

Its picture is a light that walks round a square of eight cells at --at x,y: put your own in `frame`. A daemon that
asks for a token gets it from COMPOSITORD_TOKEN.
"""

import argparse
import http.client
import json
import os
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid

TRIES = 30  # about a second apart: a daemon that restarts is back by then
TOKEN = os.environ.get("COMPOSITORD_TOKEN")
RING = [(0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2), (0, 1)]


class Problem(Exception):
    """What the daemon says when it refuses: application/problem+json."""

    def __init__(self, status, body, retry_after):
        self.status = status
        self.code = str(body.get("type", "")).rsplit("/", 1)[-1]
        self.retry_after = retry_after
        super().__init__(f"{status} {self.code}: {body.get('detail') or body.get('title')}")


class Compositor:
    """One registration of one id, and what it shows."""

    def __init__(self, url, compositor_id, name, ttl):
        self.base = f"{url.rstrip('/')}/compositors/{compositor_id}"
        self.description = {
            "name": name,
            "platform": sys.platform,
            "ttl": ttl,
            # Names this run: registering again after a network trouble keeps the generation.
            "instance": str(uuid.uuid4()),
        }
        self.generation = None
        self.cursor = None  # the last commit that we know of
        self.ttl = ttl
        self.tiles = {}
        self.lost = None  # why this compositor may not go on
        self.turn = threading.RLock()  # the renewing thread registers and publishes, too
        self.ended = threading.Event()

    def register(self):
        """Takes the id (over) and makes the tiles what this compositor shows."""
        with self.turn:
            lease = self.call("PUT", "", self.description)["lease"]
            self.generation, self.ttl = lease["generation"], lease["ttl"]
            self.call("PUT", "/tiles", self.tiles)

    def publish(self, patch):
        """Changes tiles, all of them in one commit; None removes."""
        with self.turn:
            for key, tile in patch.items():
                if tile is None:
                    self.tiles.pop(key, None)
                else:
                    self.tiles[key] = tile
            try:
                self.call("PATCH", "/tiles", patch)
            except Problem as problem:
                if problem.status != 404:
                    raise
                self.register()  # the daemon has forgotten us

    def renew(self):
        """Renews the lease; where the daemon lost something of ours, it gets it again."""
        with self.turn:
            if self.ended.is_set():
                return
            try:
                # Should the daemon's store lose that commit, it asks for the tiles again.
                seen = {"cursor": self.cursor} if self.cursor else {}
                if self.call("PUT", "/lease", seen)["republish"]:
                    self.call("PUT", "/tiles", self.tiles)
            except Problem as problem:
                if problem.status != 404:
                    raise
                self.register()

    def keep_lease(self):
        """Runs in the background: renews three times per TTL, so that two may get lost."""
        while not self.ended.wait(self.ttl / 3):
            try:
                self.renew()
            except (Problem, OSError, http.client.HTTPException) as problem:
                if isinstance(problem, Problem) and problem.code == "lease-lost":
                    self.lost = problem
                    return
                print(f"not renewed: {problem}", file=sys.stderr)

    def leave(self):
        """The tiles go with the compositor, in one commit."""
        self.ended.set()
        with self.turn:
            try:
                self.call("DELETE", "")
            except Problem as problem:
                if problem.status != 404 and problem.code != "lease-lost":  # gone already
                    raise

    def call(self, method, path, body=None):
        """One request; while the daemon is away (503, no connection) again: a repeated write is one commit."""
        for left in reversed(range(TRIES)):
            try:
                reply = self.request(method, path, body)
                self.cursor = reply["cursor"]
                return reply
            except Problem as problem:
                if problem.status != 503 or left == 0:
                    raise
                time.sleep(problem.retry_after)
            except (OSError, http.client.HTTPException) as error:
                if left == 0:
                    raise
                print(f"no answer from {self.base}: {error}", file=sys.stderr)
                time.sleep(1)

    def request(self, method, path, body):
        headers = {"Accept": "application/json"}
        if TOKEN:
            headers["Authorization"] = f"Bearer {TOKEN}"
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body).encode()
        # A registration must not be fenced by the generation that it replaces.
        if self.generation is not None and not (method == "PUT" and path == ""):
            headers["Lease-Generation"] = self.generation
        request = urllib.request.Request(self.base + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            with error:
                text = error.read()
            try:
                problem = json.loads(text)
            except ValueError:  # not from the daemon: a proxy on the way
                problem = {"title": text.decode("utf-8", "replace")[:200]}
            raise Problem(error.code, problem, float(error.headers.get("Retry-After") or 1)) from None


def frame(step, x, y):
    """What changes at this step: the light goes on to the next cell, and the last one turns dark."""
    here, there = RING[step % 8], RING[(step + 1) % 8]
    return {
        f"{x + here[0]},{y + here[1]}": {"brick": "dark.rts.png"},
        f"{x + there[0]},{y + there[1]}": {"brick": "light.rts.png"},
    }


def main():
    parser = argparse.ArgumentParser(description="A compositor that shows a light walking round.")
    parser.add_argument("--url", default="http://127.0.0.1:8760")
    parser.add_argument("--id", default="python")
    parser.add_argument("--name", default="Python compositor")
    parser.add_argument("--at", default="0,0", metavar="x,y")
    parser.add_argument("--ttl", type=int, default=30)
    parser.add_argument("--interval", type=float, default=1.0)
    parser.add_argument("--once", type=int, metavar="N", help="publish N times, then leave")
    options = parser.parse_args()
    x, y = (int(part) for part in options.at.split(","))

    compositor = Compositor(options.url, options.id, options.name, options.ttl)
    try:
        compositor.register()
    except (Problem, OSError) as problem:
        sys.exit(f"cannot register: {problem}")
    print(f"registered {options.id}, generation {compositor.generation}", flush=True)
    threading.Thread(target=compositor.keep_lease, daemon=True).start()

    # A container is stopped with SIGTERM: leave then, too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    step = 0
    try:
        while options.once is None or step < options.once:
            if compositor.lost:
                sys.exit(f"another took over: {compositor.lost}")
            try:
                compositor.publish(frame(step, x, y))
                print(f"published {step + 1}", flush=True)
            except Problem as problem:
                if problem.code == "lease-lost":
                    sys.exit(f"another took over: {problem}")
                if problem.code != "tile-taken":
                    raise
                print(f"not published: {problem}", file=sys.stderr)  # a newer tile of another stands there
            step += 1
            time.sleep(options.interval)
    except KeyboardInterrupt:
        pass
    compositor.leave()
    print("left", flush=True)


if __name__ == "__main__":
    main()
