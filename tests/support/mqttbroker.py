"""As much of a broker of MQTT 3.1.1 as a publisher meets, which can go away and come back.

Packets: CONNECT and CONNACK, PUBLISH and PUBACK, PINGREQ and PINGRESP, DISCONNECT (OASIS, "MQTT
Version 3.1.1", 2014, chapter 3).
"""

from __future__ import annotations

import socketserver
import struct
from contextlib import AbstractContextManager

from support.serving import serving

CONNECT, PUBLISH, PINGREQ, DISCONNECT = 1, 3, 12, 14


class Broker(socketserver.ThreadingTCPServer):
    """Takes what is published. `refuses` is the code of CONNACK; `silent` sends no PUBACK."""

    daemon_threads = allow_reuse_address = True
    block_on_close = False

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Client)
        self.port = self.server_address[1]
        self.taken: list[tuple[str, bytes]] = []
        """The topic and content of each message."""
        self.connects: list[bytes] = []
        """The body of each CONNECT."""
        self.refuses = 0
        self.silent = False

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is not worth a traceback."""


class _Client(socketserver.StreamRequestHandler):
    server: Broker

    def handle(self) -> None:
        while head := self.rfile.read(1):
            kind, body = head[0] >> 4, self.rfile.read(self._length())
            if kind == CONNECT:
                self.server.connects.append(body)
                self.wfile.write(bytes([0x20, 2, 0, self.server.refuses]))
            elif kind == PUBLISH:
                self._publish(body, head[0] >> 1 & 3)
            elif kind == PINGREQ:
                self.wfile.write(bytes([0xD0, 0]))
            elif kind == DISCONNECT:
                return

    def _publish(self, body: bytes, quality: int) -> None:
        assert quality == 1, "each message is to arrive"
        size = struct.unpack(">H", body[:2])[0]
        topic, packet, content = body[2 : 2 + size], body[2 + size : 4 + size], body[4 + size :]
        if self.server.silent:
            return
        self.server.taken.append((topic.decode(), content))
        self.wfile.write(bytes([0x40, 2]) + packet)

    def _length(self) -> int:
        length = shift = 0
        while True:
            byte = self.rfile.read(1)[0]
            length |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return length


def broker(port: int = 0) -> AbstractContextManager[Broker]:
    """A broker that runs."""
    return serving(Broker(port))
