"""What a server counts, as Prometheus reads it: requests, seconds, batch sizes, errors.

With several worker processes the figures are of all of them together: each writes its own into
files of one folder, PROMETHEUS_MULTIPROC_DIR, which is named before prometheus_client is imported.
"""

import os
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
NAMES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)


class Measured:
    """The figures of one server."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "charnn_requests",
            "Requests by path and status; other paths are counted together",
            ["path", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "charnn_request_seconds",
            "Seconds from a request's headers to its whole answer",
            ["path"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self.batches = Histogram(
            "charnn_batch_names",
            "Names that are classified together",
            buckets=NAMES,
            registry=self.registry,
        )
        self.errors = Counter(
            "charnn_errors",
            "Requests that the server failed to answer (status 500 and above), by path",
            ["path"],
            registry=self.registry,
        )
        self._child = cache(lambda path, status: self.requests.labels(path, str(status)))
        self._timer = cache(self.seconds.labels)

    def request(self, path: str, status: int, seconds: float) -> None:
        """Counts a request that is answered."""
        self._child(path, status).inc()
        self._timer(path).observe(seconds)
        if status >= 500:
            self.errors.labels(path).inc()

    def batch(self, names: int) -> None:
        """Counts a batch of that many names."""
        self.batches.observe(names)

    def text(self) -> bytes:
        """All figures, of all worker processes, in Prometheus' text format."""
        if FOLDER not in os.environ:
            ProcessCollector(registry=(registry := CollectorRegistry()))  # memory, open files
            return generate_latest(self.registry) + generate_latest(registry)
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
        return generate_latest(registry)
