"""What stands before every question: the token, the limits, the deadline; and what comes after it:
errors in words, a line in the log, a figure.

An ASGI application around another one. Knows no models.
"""

import asyncio
import hmac
import json
import time
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import UTC, datetime
from typing import Any

from charnn.deployment.asked import Refused
from charnn.deployment.logs import log_failure
from charnn.deployment.measured import Measured
from charnn.deployment.settings import Settings
from charnn.terminal import tell, to_json

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

OPEN = frozenset({"/health", "/openapi.json", "/docs"})  # without the token, too
NOTED = "charnn"  # the key under which a question notes in its scope what it was about
MOST_HELD = 64  # bodies of the largest size that may wait for their last bytes, together
FAILED = "the server failed; its log says why"
PAGES = "/pages/"  # of the models
CLOSED = 499  # in the log: the client went away before there was an answer


class Guard:
    """Lets through what is allowed, and answers for whatever goes wrong."""

    def __init__(self, app: App, settings: Settings, measured: Measured, paths: frozenset[str]):
        """`paths` are counted each by itself, all others together."""
        self.app, self.settings, self.measured, self.paths = app, settings, measured, paths
        self.answering = 0  # requests that are being answered
        self.held = 0  # bytes of bodies

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start = time.perf_counter()
        reply = _Reply(scope, send, self.settings.deadline)
        noted: dict[str, Any] = {}
        scope[NOTED] = noted
        try:
            async with asyncio.timeout(self.settings.deadline) as reply.deadline:
                await self._admit(scope, receive, reply)
        except Refused as refused:
            await reply.error(refused.status, str(refused), refused.headers)
        except TimeoutError:
            await self._late(reply, noted)
        except ConnectionError:
            reply.status = reply.status or CLOSED  # the client went away
        except Exception as error:
            log_failure(error)
            await reply.error(500, FAILED)
        finally:
            seconds = time.perf_counter() - start
            self.measured.request(self._path(scope), reply.status or CLOSED, seconds)
            self._log(scope, reply, seconds, noted)

    async def _admit(self, scope: Message, receive: Receive, reply: "_Reply") -> None:
        """Lets a request through to the application. Raises Refused for one that may not pass."""
        self._check_token(scope)
        body = await self._body(scope, receive) if scope["method"] == "POST" else b""
        reply.has_body = True
        if self.answering >= self.settings.max_waiting:
            raise Refused(
                503,
                f"{self.answering} requests are being answered; ask again in a second",
                {"retry-after": "1"},
            )

        given = False

        async def receive_whole() -> Message:
            nonlocal given
            if given:
                return await receive()  # what comes after the body: that the client has gone
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        self.answering += 1
        try:
            await self.app(scope, receive_whole, reply)
        finally:
            self.answering -= 1

    def _check_token(self, scope: Message) -> None:
        token = self.settings.token
        if token is None or scope["path"] in OPEN:
            return
        given = dict(scope["headers"]).get(b"authorization", b"")
        scheme, _, value = given.partition(b" ")
        if scheme.lower() != b"bearer" or not hmac.compare_digest(value.strip(), token.encode()):
            raise Refused(
                401,
                "the token is missing or wrong; send the header Authorization: Bearer TOKEN",
                {"www-authenticate": "Bearer"},
            )

    async def _body(self, scope: Message, receive: Receive) -> bytes:
        """A request's whole body. Raises Refused for one that is too large."""
        most = self.settings.max_body
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if length.isdigit() and int(length[:20]) > most:
            raise _too_large(most)
        parts, size = [], 0
        try:
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ConnectionResetError("the client went away")
                part = message.get("body", b"")
                parts.append(part)
                size += len(part)
                self.held += len(part)
                if size > most:
                    raise _too_large(most)
                if self.held > MOST_HELD * most:
                    raise Refused(
                        503, "too many bodies are being read; ask again", {"retry-after": "1"}
                    )
                if not message.get("more_body", False):
                    return b"".join(parts)
        finally:
            self.held -= size

    async def _late(self, reply: "_Reply", noted: dict[str, Any]) -> None:
        """Answers a request whose deadline is over."""
        seconds = f"{self.settings.deadline:g} seconds"
        if reply.status:
            reply.abort()  # the client reads too slowly
        elif reply.has_body:
            noted["late"] = True
            message = f"the answer took longer than {seconds}; ask for less at once, or again later"
            await reply.error(503, message, {"retry-after": "1"})
        else:
            message = f"the body did not come within {seconds}; send it faster"
            await reply.error(408, message, {"connection": "close"})

    def _path(self, scope: Message) -> str:
        """The path of a request as it is counted and logged; one that there is not has no name."""
        path: str = scope["path"]
        if path.startswith(PAGES):
            return f"{PAGES}{{name}}"
        return path if path in self.paths else "other"

    def _log(self, scope: Message, reply: "_Reply", seconds: float, noted: dict[str, Any]) -> None:
        """One line of JSON. What was asked for is in it only where that was wished."""
        line = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "method": scope["method"],
            "path": self._path(scope),
            "status": reply.status or CLOSED,
            "seconds": round(seconds, 4),
            **noted,
        }
        if not self.settings.log_names:
            line.pop("asked", None)
        tell(to_json(line))


class _Reply:
    """The way out: sends an answer, and knows how far it has come."""

    def __init__(self, scope: Message, send: Send, patience: float):
        self.scope, self.send, self.patience = scope, send, patience
        self.status = 0  # of the answer that has begun
        self.is_whole = False  # whether all of it is sent
        self.has_body = False  # whether the request's body has come
        self.deadline: asyncio.Timeout | None = None

    async def __call__(self, message: Message) -> None:
        """Sends a part of the answer. From here on the deadline is of each part."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
        if self.deadline is not None:
            self.deadline.reschedule(asyncio.get_running_loop().time() + self.patience)
        await self.send(message)
        self.is_whole = message["type"] == "http.response.body" and not message.get("more_body")

    async def error(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        """Sends an error in words; one that comes within an answer breaks it off."""
        if self.status:
            if not self.is_whole:
                self.abort()
            return
        self.status = status
        body = json.dumps({"error": message}).encode()
        fields = {"content-type": "application/json", "content-length": str(len(body))}
        pairs = [(k.encode(), v.encode()) for k, v in {**fields, **(headers or {})}.items()]
        await self.send({"type": "http.response.start", "status": status, "headers": pairs})
        await self.send({"type": "http.response.body", "body": body})

    def abort(self) -> None:
        """Breaks the connection off: nobody is to take a part for the whole."""
        if "abort" in self.scope:
            self.scope["abort"]()


def _too_large(most: int) -> Refused:
    return Refused(413, f"the body has more than {most:,} bytes; send less at once")
