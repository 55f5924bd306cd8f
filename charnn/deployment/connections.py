"""One connection: uvicorn's, with limits for clients that send slowly, too much, or read nothing.

uvicorn parses and answers; by itself it waits for a request's headers as long as a client likes.
Knows no questions.
"""

import asyncio
import json
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

PATIENCE = 10.0  # seconds for the headers of a request, and for the rest of a body that is not read
LINGER = 1.0  # seconds for a client to read a refusal, before the connection ends
LEAVING = 0.3  # seconds for a request that was on its way when the server was told to end
MOST_HEADERS = 16_384  # bytes of a request's first line and headers


class Connection(HttpToolsProtocol):
    """A connection with one client."""

    transport: Any
    timer: asyncio.TimerHandle | None = None  # until headers, or the rest of a body, have come
    head = 0  # bytes of a request whose headers are not whole
    in_body = False
    refused = False
    leaving = False

    def connection_made(self, transport: Any) -> None:
        """Waits for the first request, not for ever."""
        super().connection_made(transport)
        self._start_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forgets the client."""
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parses what has come. A client that was refused is not listened to any more."""
        if self.refused:
            return
        if not self.in_body:
            self.head += len(data)
            if self.timer is None:  # a further request begins
                self._start_timer()
        super().data_received(data)
        if not self.in_body and self.head > MOST_HEADERS:
            self._refuse_headers()

    def on_headers_complete(self) -> None:
        """Starts to answer, unless the headers are too large."""
        self._stop_timer()
        self.head, self.in_body = 0, True
        if sum(len(name) + len(value) for name, value in self.headers) > MOST_HEADERS:
            self._refuse_headers()
            return
        super().on_headers_complete()
        scope: Any = self.scope
        scope["abort"] = self.transport.abort
        if self.leaving:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """Takes a part of the body."""
        if not self.refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole; what comes now is the next one."""
        self.in_body = False
        if not self.refused:
            self._stop_timer()
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """Of a body that nobody has read, the rest has to come soon."""
        super().on_response_complete()
        if self.in_body and not self.transport.is_closing():
            self._start_timer()

    def timeout_keep_alive_handler(self) -> None:
        """Ends an idle connection; of a client that reads nothing, what it has not read is lost."""
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            super().timeout_keep_alive_handler()

    def shutdown(self) -> None:
        """The server is to end: what is being answered, or on its way, is answered still."""
        self.leaving = True
        if self._is_idle():
            self.loop.call_later(LEAVING, self._leave)
        else:
            self.cycle.keep_alive = False

    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _leave(self) -> None:
        if self._is_idle():
            self.transport.close()

    # ------------------------------------------------------------ refusals

    def send_400_response(self, msg: str) -> None:
        """Answers what is no HTTP; uvicorn asks for this."""
        self._refuse(400, "this is no request of HTTP/1.1; /docs says what can be asked")

    def _refuse_headers(self) -> None:
        self._refuse(431, f"the headers have more than {MOST_HEADERS:,} bytes; send fewer")

    def _start_timer(self) -> None:
        self._stop_timer()
        self.timer = self.loop.call_later(PATIENCE, self._too_slow)

    def _stop_timer(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def _too_slow(self) -> None:
        self.timer = None
        if self.head and self._is_idle():
            self._refuse(408, f"the headers did not come within {PATIENCE:g} seconds; send faster")
        elif self._is_idle():  # nothing was asked, or it is answered already
            self.transport.abort()

    def _refuse(self, status: int, message: str) -> None:
        """Answers an error and ends the connection, once the client has had time to read it."""
        if self.refused or self.transport.is_closing():
            return
        self.refused = True
        self._stop_timer()
        body = json.dumps({"error": message}).encode()
        lines = (
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
            "content-type: application/json",
            f"content-length: {len(body)}",
            "connection: close\r\n\r\n",
        )
        self.transport.write("\r\n".join(lines).encode() + body)
        # Closed at once, a client that is still sending would see a reset in place of the answer.
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(LINGER, self.transport.abort)
