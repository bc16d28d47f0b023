"""A broker of MQTT."""

from __future__ import annotations

import queue
import time
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any
from urllib.parse import unquote, urlsplit

from ocrx.errors import BackendMissing, UsageError
from ocrx_watch.messages import Message
from ocrx_watch.targets.target import Target, Unavailable
from ocrx_watch.urls import without_secrets

TIMEOUT = 10.0
"""Seconds for the broker to answer."""

KEEPALIVE = 30
"""Seconds after which the broker is asked whether it is still there."""

POLL = 0.05
"""Seconds between two looks whether the connection still stands."""


class Mqtt(Target):
    """Publishes to a topic, mqtt://USER:PASSWORD@HOST:PORT/TOPIC or mqtts:// over TLS, with QoS 1:
    each message arrives at least once.

    Raises UsageError for a URL without host or topic, BackendMissing without paho-mqtt.
    """

    def __init__(self, url: str) -> None:
        self.name = without_secrets(url)
        self._parts = urlsplit(url)
        self._secure = self._parts.scheme.lower() == "mqtts"
        self._topic = unquote(url.partition("://")[2].partition("/")[2])
        self._connection: Any = None
        try:
            self._port = self._parts.port or (8883 if self._secure else 1883)
        except ValueError as error:
            raise UsageError(f"{self.name} has a strange port", "Give a number.") from error
        if not self._parts.hostname or not self._topic or {"#", "+"} & set(self._topic):
            raise UsageError(
                f"{self.name} names no host and topic", "Give mqtt://HOST/TOPIC, without + and #."
            )
        try:
            self._paho = import_module("paho.mqtt.client")
        except ImportError as error:
            raise BackendMissing(
                "paho-mqtt is not installed", "pip install 'ocrx[watch]'"
            ) from error

    def send(self, messages: Sequence[Message]) -> Iterator[None]:
        client = self._client()
        sent = [client.publish(self._topic, message.body, qos=1) for message in messages]
        for one in sent:
            self._wait(client, one)
            yield

    def close(self) -> None:
        if self._connection is not None:
            self._connection.disconnect()
            self._connection.loop_stop()
            self._connection = None

    def _client(self) -> Any:
        """A client that is connected. It does not connect again by itself, as it would then also
        send again what it was given."""
        if self._connection is not None and self._connection.is_connected():
            return self._connection
        self.close()
        client = self._paho.Client(
            self._paho.CallbackAPIVersion.VERSION2, reconnect_on_failure=False
        )
        client.connect_timeout = TIMEOUT
        if self._parts.username is not None:
            password = self._parts.password
            client.username_pw_set(
                unquote(self._parts.username), None if password is None else unquote(password)
            )
        if self._secure:
            client.tls_set()
        answers: queue.SimpleQueue[Any] = queue.SimpleQueue()
        client.on_connect = lambda _client, _data, _flags, reason, _more: answers.put(reason)
        try:
            client.connect(self._parts.hostname, self._port, KEEPALIVE)
        except (OSError, ValueError) as error:
            raise Unavailable(getattr(error, "strerror", None) or str(error)) from error
        self._connection = client
        client.loop_start()
        try:
            reason = answers.get(timeout=TIMEOUT)
        except queue.Empty:
            self.close()
            raise Unavailable("it does not answer") from None
        if reason.is_failure:
            self.close()
            raise Unavailable(f"it refuses the connection: {reason}")
        return client

    def _wait(self, client: Any, sent: Any) -> None:
        """Until the broker has the message. Otherwise the connection is given up."""
        until = time.monotonic() + TIMEOUT
        try:
            while not sent.is_published() and client.is_connected() and time.monotonic() < until:
                sent.wait_for_publish(POLL)
            arrived = sent.is_published()
        except (ValueError, RuntimeError) as error:  # it could not even be sent
            self.close()
            raise Unavailable(str(error)) from error
        if not arrived:
            self.close()
            raise Unavailable("it does not answer")
