#!/usr/bin/env python3
"""A compositor that dials in: it publishes over its link, and can be sent commands wherever it runs, behind NAT too.
Python 3.9 or newer, nothing to install.

    python3 link.py [--url URL] [--id ID] [--name NAME] [--at x,y] [--ttl SECONDS] [--interval SECONDS] [--once N]

Its picture is a light that walks round a square of eight cells: put your own in `frame`. A daemon that asks for a token
gets it from COMPOSITORD_TOKEN. A real program would use a library for its WebSocket; the little that is needed is here.
"""

import argparse
import base64
import json
import os
import queue
import random
import signal
import socket
import ssl
import struct
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

TOKEN = os.environ.get("COMPOSITORD_TOKEN")
RING = [(0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2), (0, 1)]
SILENCE = 30  # seconds: the daemon pings more often


class Problem(Exception):
    """What the daemon says when it refuses: application/problem+json."""

    def __init__(self, body):
        self.status = body.get("status", 0)
        self.code = str(body.get("type", "")).rsplit("/", 1)[-1]
        super().__init__(f"{self.status} {self.code}: {body.get('detail') or body.get('title')}")


class WebSocket:
    """The client's side of RFC 6455, for messages that come whole, as the daemon sends them."""

    def __init__(self, url, headers):
        parts = urllib.parse.urlsplit(url)
        secure = parts.scheme == "https"
        self.socket = socket.create_connection((parts.hostname, parts.port or (443 if secure else 80)), SILENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if secure:
            self.socket = ssl.create_default_context().wrap_socket(self.socket, server_hostname=parts.hostname)
        self.turn = threading.Lock()
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {parts.path}?{parts.query} HTTP/1.1", f"Host: {parts.netloc}", "Connection: Upgrade"]
        lines += ["Upgrade: websocket", "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        self.file = self.socket.makefile("rb")
        status = int(self.file.readline().split()[1])
        length = 0
        for line in iter(self.file.readline, b"\r\n"):
            name, _, value = line.decode().partition(":")
            if name.lower() == "content-length":
                length = int(value)
        if status != 101:
            body = self.file.read(length)
            self.close()
            raise Problem(json.loads(body))

    def send(self, data, opcode=1):
        data = data.encode() if isinstance(data, str) else data
        size = len(data)
        head = bytes([0x80 | opcode])
        if size < 126:
            head += bytes([0x80 | size])
        elif size < 65536:
            head += struct.pack("!BH", 0x80 | 126, size)
        else:
            head += struct.pack("!BQ", 0x80 | 127, size)
        mask = os.urandom(4)
        pad = (mask * (size // 4 + 1))[:size]
        masked = (int.from_bytes(data, "big") ^ int.from_bytes(pad, "big")).to_bytes(size, "big")
        with self.turn:
            self.socket.sendall(head + mask + masked)

    def receive(self):
        """The next message; raises ConnectionError with the code of the close."""
        while True:
            head = self.read(2)
            size = head[1] & 127
            if size == 126:
                size = struct.unpack("!H", self.read(2))[0]
            elif size == 127:
                size = struct.unpack("!Q", self.read(8))[0]
            data = self.read(size)
            opcode = head[0] & 15
            if opcode == 1:
                return data.decode()
            if opcode == 9:
                self.send(data, 10)
            if opcode == 8:
                code = struct.unpack("!H", data[:2])[0] if size >= 2 else 1005
                raise Closed(code, data[2:].decode())

    def read(self, size):
        data = self.file.read(size)
        if len(data) < size:
            raise ConnectionError("the connection was cut")
        return data

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # cut already
        self.socket.close()


class Closed(ConnectionError):
    def __init__(self, code, reason):
        self.code = code
        super().__init__(f"{code} {reason}")


class Compositor:
    """One registration of one id, its link, and what it shows."""

    def __init__(self, url, compositor_id, name, ttl, commands):
        self.base = f"{url.rstrip('/')}/compositors/{compositor_id}"
        self.id = compositor_id
        # The instance names this run: registered again, it keeps its generation.
        self.description = {"name": name, "platform": sys.platform, "ttl": ttl, "instance": str(uuid.uuid4())}
        self.commands = commands
        self.generation = None
        self.tiles = {}
        self.link = None
        self.replies = {}
        self.requests = 0
        self.turn = threading.RLock()
        self.open = threading.Event()
        self.failed = None  # why this compositor may not go on
        self.leaving = False

    def run(self):
        """Runs in the background: registers, keeps the link open, and hears what comes over it."""
        failures = 0
        while not self.leaving and not self.failed:
            try:
                self.connect()
                failures = 0
                while True:
                    self.take(json.loads(self.link.receive()))
            except Problem as problem:
                if problem.code == "not-found":
                    self.generation = None  # the daemon has forgotten us
                    continue
                if problem.status in (401, 403):
                    self.failed = f"cannot register: {problem}"
                elif problem.code == "lease-lost":
                    self.failed = f"another took over: {problem}"
                print(problem, file=sys.stderr)
            except Closed as closed:
                if closed.code == 4404:
                    self.generation = None
                if closed.code == 4409:
                    self.failed = f"another took over: {closed}"
                if not self.leaving:
                    print(f"the link ended: {closed}", file=sys.stderr)
            except (OSError, ValueError, IndexError) as error:
                if not self.leaving:
                    print(f"no answer from {self.base}: {error}", file=sys.stderr)
            self.disconnected()
            failures += 1
            if not self.leaving and not self.failed:
                time.sleep(random.random() * min(30, 0.5 * 2**failures))
        self.open.set()

    def connect(self):
        if self.generation is None:
            reply = self.call("PUT", "", self.description)
            self.generation = reply["lease"]["generation"]
            self.call("PUT", "/tiles", self.tiles)  # exactly what this compositor shows
        headers = {"Lease-Generation": self.generation, **authorization()}
        self.link = WebSocket(f"{self.base}/link", headers)
        print(f"registered {self.id}, generation {self.generation}", flush=True)
        self.open.set()

    def disconnected(self):
        with self.turn:
            self.open.clear()
            if self.link:
                self.link.close()
            self.link = None
            for waiting in self.replies.values():
                waiting.put(None)
            self.replies.clear()

    def take(self, message):
        if message["type"] == "reply":
            with self.turn:
                waiting = self.replies.pop(message["id"], None)
            if waiting:
                waiting.put(message)
        elif message["type"] == "command":
            try:
                answer = {"ok": True, "body": self.commands[message["command"]](message.get("params"))}
            except (KeyError, TypeError, ValueError) as error:
                answer = {"ok": False, "error": f"{message['command']}: {error!r}"}
            self.link.send(json.dumps({"type": "reply", "id": message["id"], **answer}))

    def publish(self, patch):
        """Changes tiles, all of them in one commit; returns when it is durable. None removes a tile."""
        for key, tile in patch.items():
            if tile is None:
                self.tiles.pop(key, None)
            else:
                self.tiles[key] = tile
        while True:
            self.open.wait()
            if self.failed:
                raise SystemExit(self.failed)
            reply = self.ask({"type": "tiles", "tiles": patch})
            if reply is None or (not reply["ok"] and reply["problem"]["status"] >= 500):
                time.sleep(0.2)  # the link was cut, or the store is away: a repeated write is one commit
            elif reply["ok"]:
                return reply["body"]
            elif reply["problem"]["type"].endswith(("/not-found", "/lease-lost")):
                time.sleep(0.2)  # the link ends with it, and says why
            else:
                for key in patch:
                    self.tiles.pop(key, None)
                raise Problem(reply["problem"])

    def ask(self, message):
        """The reply; None when the link was cut before it came."""
        waiting = queue.Queue(1)
        with self.turn:
            link = self.link
            if link is None:
                return None
            self.requests += 1
            self.replies[self.requests] = waiting
            message = json.dumps({**message, "id": self.requests})
        try:
            link.send(message)
        except OSError:
            return None  # whoever reads from it hears of the cut, too
        return waiting.get()

    def leave(self):
        """The tiles go with the compositor, in one commit."""
        self.leaving = True
        try:
            self.call("DELETE", "")
        except (Problem, OSError) as error:
            print(f"its lease runs out: {error}", file=sys.stderr)

    def call(self, method, path, body=None):
        headers = {"Accept": "application/json", **authorization()}
        if self.generation is not None:
            headers["Lease-Generation"] = self.generation
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            with error:
                raise Problem(json.load(error)) from None


def authorization():
    return {"Authorization": f"Bearer {TOKEN}"} if TOKEN else {}


def frame(step, x, y):
    """What changes at this step: the light goes on to the next cell, and the last one turns dark."""
    here, there = RING[step % 8], RING[(step + 1) % 8]
    return {
        f"{x + here[0]},{y + here[1]}": {"brick": "dark.rts.png"},
        f"{x + there[0]},{y + there[1]}": {"brick": "light.rts.png"},
    }


def main():
    parser = argparse.ArgumentParser(description="A compositor that dials in and shows a light walking round.")
    parser.add_argument("--url", default="http://127.0.0.1:8760")
    parser.add_argument("--id", default="python-link")
    parser.add_argument("--name", default="Python compositor that dials in")
    parser.add_argument("--at", default="0,0", metavar="x,y")
    parser.add_argument("--ttl", type=int, default=30)
    parser.add_argument("--interval", type=float, default=1.0)
    parser.add_argument("--once", type=int, metavar="N", help="publish N times, then leave")
    options = parser.parse_args()
    x, y = (int(part) for part in options.at.split(","))
    speed = {"interval": options.interval}

    def set_interval(params):
        speed["interval"] = float(params["seconds"])
        return speed

    # POST /compositors/{id}/commands {"command": "interval", "params": {"seconds": 0.1}}
    compositor = Compositor(options.url, options.id, options.name, options.ttl, {"interval": set_interval})
    threading.Thread(target=compositor.run, daemon=True).start()

    # A container is stopped with SIGTERM: leave then, too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    step = 0
    try:
        while options.once is None or step < options.once:
            try:
                compositor.publish(frame(step, x, y))
                print(f"published {step + 1}", flush=True)
            except Problem as problem:
                if problem.code != "tile-taken":
                    raise
                print(f"not published: {problem}", file=sys.stderr)  # a newer tile of another stands there
            step += 1
            until = time.monotonic() + speed["interval"]
            while time.monotonic() < until and not compositor.failed:
                time.sleep(min(0.1, speed["interval"]))
            if compositor.failed:
                raise SystemExit(compositor.failed)
    except KeyboardInterrupt:
        pass
    compositor.leave()
    print("left", flush=True)


if __name__ == "__main__":
    main()
