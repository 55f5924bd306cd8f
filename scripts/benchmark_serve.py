#!/usr/bin/env python3
"""How many names a second does a server answer, how late are the latest, and what of slow clients?

    python scripts/benchmark_serve.py [--seconds 10] [--connections 32] [--requests 200000]

Each request asks for one name. The first rows are charnn.serve and, with the same engine, a bare
http.server of Python's standard library. Then 1,000 clients that send a byte every ten seconds are
connected beside the good ones. At last the server answers --requests requests, and its memory is
read before and after (Linux). wrk makes the load where it is installed, or else hey, or else a
client of this script, which is itself the slowest part: then read the ratios only.
"""

import contextlib
import http.client
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import measuring

import charnn
from charnn import cli
from charnn.errors import CharnnError

PATH = "/predict?name=Hinton&top=3"
SLOW = 1000  # clients that send a byte
PAUSE = 10.0  # seconds between two bytes
# The same question to the same engine, one thread for each connection.
BARE = """
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit
import charnn

model = charnn.load()

class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        name = parse_qs(urlsplit(self.path).query)["name"][0]
        body = json.dumps(model.predict(name, top=3)).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
server.request_queue_size = 2048
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
"""


class Load(NamedTuple):
    """What a load was answered."""

    rate: float  # requests a second
    median: float  # milliseconds of an answer
    p99: float
    failed: int  # answers other than 200, and none


@contextlib.contextmanager
def serving(*command: str) -> Iterator[tuple[str, int]]:
    """The address and process number of a server, until the block ends."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [sys.executable, *command], stdout=subprocess.PIPE, stderr=log, text=True
        )
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            if not address:
                log.seek(0)
                raise CharnnError(f"the server did not start: {log.read().decode()[-300:]}")
            yield address, process.pid
        finally:
            process.terminate()
            process.wait(30)
            process.stdout.close()


# ---------------------------------------------------------------- the load


def load(address: str, connections: int, seconds: float) -> Load:
    """What that many connections are answered in that many seconds."""
    if shutil.which("wrk"):
        return of_wrk(address, connections, seconds)
    if shutil.which("hey"):
        return of_hey(address, connections, seconds)
    return of_threads(address, connections, seconds)


def of_wrk(address: str, connections: int, seconds: float) -> Load:
    """wrk's figures: https://github.com/wg/wrk."""
    words = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--latency"]
    said = subprocess.run(
        [*words, address + PATH], capture_output=True, text=True, check=True
    ).stdout
    percent = {
        share: float(value) * {"us": 1e-3, "ms": 1.0, "s": 1e3}[unit]
        for share, value, unit in re.findall(r"(\d+)%\s+([\d.]+)(us|ms|s)", said)
    }
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    errors = re.search(
        r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", said
    )
    failed = int(wrong[1]) if wrong else 0
    failed += sum(map(int, errors.groups())) if errors else 0
    return Load(float(rate[1]) if rate else 0.0, percent["50"], percent["99"], failed)


def of_hey(address: str, connections: int, seconds: float) -> Load:
    """hey's figures: https://github.com/rakyll/hey."""
    words = ["hey", "-c", str(connections), "-z", f"{seconds:g}s", "-o", "csv"]
    said = subprocess.run(
        [*words, address + PATH], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split(",") for line in said.splitlines()[1:]]
    times = sorted(1000 * float(row[0]) for row in rows)
    failed = sum(row[6] != "200" for row in rows)
    return Load(len(rows) / seconds, *_middle_and_last(times), failed)


def of_threads(address: str, connections: int, seconds: float) -> Load:
    """The figures of a thread for each connection, in this process."""
    host, port = address.removeprefix("http://").split(":")
    times: list[float] = []
    failed: list[int] = []
    end = time.perf_counter() + seconds

    def ask() -> None:
        link = http.client.HTTPConnection(host, int(port), timeout=30)
        while (start := time.perf_counter()) < end:
            link.request("GET", PATH)
            response = link.getresponse()
            response.read()
            times.append(1000 * (time.perf_counter() - start))
            if response.status != 200:
                failed.append(response.status)
        link.close()

    threads = [threading.Thread(target=ask) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Load(len(times) / seconds, *_middle_and_last(sorted(times)), len(failed))


def _middle_and_last(times: list[float]) -> tuple[float, float]:
    """The median and the 99th percentile of sorted times."""
    return statistics.median(times), times[min(len(times) - 1, round(0.99 * len(times)))]


@contextlib.contextmanager
def slow_clients(address: str, number: int) -> Iterator[None]:
    """That many connections, each of which sends a byte of a request every PAUSE seconds."""
    host, port = address.removeprefix("http://").split(":")
    links: list[socket.socket] = []
    going = threading.Event()

    def send() -> None:
        request = b"GET /predict?name=Hinton HTTP/1.1\r\n" + b"x: y\r\n" * 100
        for place in range(len(request)):
            for row, link in enumerate(links):
                try:
                    link.sendall(request[place : place + 1])
                except OSError:  # the server has had enough of it: another one comes
                    link.close()
                    links[row] = socket.create_connection((host, int(port)), 30)
                if going.wait(PAUSE / number):
                    return

    with contextlib.ExitStack() as stack:
        for _ in range(number):
            links.append(socket.create_connection((host, int(port)), 30))
        thread = threading.Thread(target=send)
        thread.start()
        stack.callback(thread.join)
        stack.callback(going.set)
        yield
    for link in links:
        link.close()


def megabytes(process: int) -> float:
    """What a process holds in memory (Linux), or not a number."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except OSError:
        return float("nan")
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


# ---------------------------------------------------------------- the table


def row(title: str, found: Load, memory: float) -> None:
    """Prints one row."""
    measuring.print_row(
        title,
        f"{found.rate:,.0f}",
        f"{found.median:.1f}",
        f"{found.p99:.1f}",
        str(found.failed),
        f"{memory:.0f}",
    )


def main(argv: list[str] | None = None) -> None:
    """Measures and prints a row per server and kind of load."""
    options = measuring.parser(__doc__)
    for flag, default, text in (
        ("--seconds", 10, "seconds of each load"),
        ("--connections", 32, "connections that ask at once"),
        ("--requests", 200_000, "requests after which the memory is read again"),
        ("--slow", SLOW, "slow clients"),
        ("--workers", 1, "worker processes of charnn.serve"),
    ):
        options.add_argument(
            flag, type=measuring.positive, default=default, metavar="N",
            help=f"{text} (default: %(default)s)",
        )  # fmt: skip
    arguments = options.parse_args(argv)
    seconds, connections = arguments.seconds, arguments.connections
    maker = next((name for name in ("wrk", "hey") if shutil.which(name)), "this script's client")
    print(f"charnn {charnn.__version__}, {connections} connections, load by {maker}\n")
    measuring.print_header("server", "requests/s:", "median, ms:", "p99, ms:", "failed:", "MB:")
    with serving("-c", BARE) as (address, process):
        row("http.server", load(address, connections, seconds), megabytes(process))
    ours = ("-m", "charnn.serve", "--port", "0", "--workers", str(arguments.workers))
    with serving(*ours) as (address, process):
        load(address, connections, 1)  # warms up
        first = load(address, connections, seconds)
        row("charnn.serve", first, megabytes(process))
        with slow_clients(address, arguments.slow):
            beside = load(address, connections, seconds)
            row(f"beside {arguments.slow:,} slow clients", beside, megabytes(process))
        again = load(address, connections, seconds)
        row("without them again", again, megabytes(process))
        before, answered = megabytes(process), 0.0
        while answered < arguments.requests:
            found = load(address, connections, seconds)
            answered += found.rate * seconds
        row(f"after {answered:,.0f} requests more", found, megabytes(process))
        print(f"\nmemory before {before:.1f} MB, after {megabytes(process):.1f} MB")
        print(f"p99 beside slow clients: {beside.p99 / ((first.p99 + again.p99) / 2):.2f} times")


if __name__ == "__main__":
    sys.exit(cli.run(main))
