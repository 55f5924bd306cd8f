"""A server as a user starts it, and clients of it: good ones, slow ones, broken ones."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

from helpers import ROOT


class Server:
    """`python -m charnn.serve` on a free port, until the block ends."""

    def __init__(self, *options):
        self.folder = tempfile.TemporaryDirectory()
        self.log_path = Path(self.folder.name, "log")
        self.log_file = self.log_path.open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "charnn.serve", "--port", "0", *map(str, options)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self.log_file,
            text=True,
        )
        address = self.process.stdout.readline().strip()
        found = re.fullmatch(r"http://(?:127\.0\.0\.1|\[::1\]):(\d+)", address)
        assert found, (address, self.log())
        self.address, self.port = address, int(found[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                raise
        self.process.stdout.close()
        self.log_file.close()
        self.folder.cleanup()

    def log(self):
        """What the server has written on standard error so far."""
        return self.log_path.read_text(encoding="utf-8")

    def lines(self):
        """The log's lines, as values."""
        return [json.loads(line) for line in self.log().splitlines()]

    def connect(self, timeout=20):
        """A connection that stays open for several requests."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def ask(self, path, body=None, headers=None, connection=None, method=None, **query):
        """(status, answer) of a request: GET with `query`, or POST of a body (JSON, or bytes)."""
        link = connection or self.connect()
        if query:
            path = f"{path}?{urlencode(query)}"
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        method = method or ("GET" if body is None else "POST")
        try:
            link.request(method, path, body, headers or {})
            response = link.getresponse()
            content = response.read()
        finally:
            if connection is None:
                link.close()
        is_json = response.getheader("content-type", "").startswith("application/json")
        return response.status, json.loads(content) if is_json and content else content.decode()

    def raw(self, request, timeout=20, pause=0.0):
        """All that is answered to these bytes, sent as they are (with a pause, in two parts)."""
        with socket.create_connection(("127.0.0.1", self.port), timeout) as link:
            half = len(request) // 2 if pause else len(request)
            # A server may refuse before it has read all of it.
            with contextlib.suppress(ConnectionError):
                link.sendall(request[:half])
                if pause:
                    time.sleep(pause)
                    link.sendall(request[half:])
            answer = b""
            with contextlib.suppress(ConnectionResetError):
                while part := link.recv(65536):
                    answer += part
            return answer

    def memory(self):
        """Megabytes that the process holds (Linux)."""
        with open(f"/proc/{self.process.pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

    def open_files(self):
        """How many files and connections it holds open (Linux)."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))
