"""Figures for Prometheus."""

from __future__ import annotations

from collections.abc import Sized
from dataclasses import asdict

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from ocrx.types import Page
from ocrx_serve.web.admission import Admission

SECONDS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60)
PICTURES = (1, 2, 4, 8, 16, 32, 64)


class Metrics:
    """The figures of one service."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self.requests = Counter(
            "ocrx_requests", "Requests answered.", ["path", "status"], registry=registry
        )
        self.seconds = Histogram(
            "ocrx_request_seconds",
            "Time from a request to the end of its answer.",
            ["path"],
            buckets=SECONDS,
            registry=registry,
        )
        self._under_way = Gauge(
            "ocrx_requests_under_way", "Requests that are read or wait.", registry=registry
        )
        self.pages = Counter("ocrx_pages", "Pages read, or not.", ["outcome"], registry=registry)
        self._stages = Counter(
            "ocrx_stage_seconds", "Time spent in the stages.", ["stage"], registry=registry
        )
        self.batches = Histogram(
            "ocrx_batch_pictures",
            "Pictures that were read together.",
            buckets=PICTURES,
            registry=registry,
        )
        self._readers = Gauge("ocrx_readers", "Readers that are open.", registry=registry)

    def count(self, page: Page) -> None:
        """Count a page that was read, and its time."""
        self.pages.labels("read").inc()
        for stage, spent in asdict(page.timing).items():
            self._stages.labels(stage).inc(spent / 1000)

    def watch(self, admission: Admission, readers: Sized) -> None:
        """What to ask for how many requests are under way, and how many readers open."""
        self._under_way.set_function(lambda: admission.inside)
        self._readers.set_function(lambda: len(readers))

    def text(self) -> bytes:
        """All figures in Prometheus's text format."""
        return bytes(generate_latest(self._registry))
