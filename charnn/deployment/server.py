"""The web server as an ASGI application: Starlette's routes around the questions of `api.py`.

Which requests get here is decided in `guard.py`; how the process runs, in `running.py`.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from charnn.deployment import openapi
from charnn.deployment.api import Api, Question
from charnn.deployment.asked import Refused, from_json, from_query
from charnn.deployment.guard import FAILED, NOTED, PAGES, Guard
from charnn.deployment.logs import log
from charnn.deployment.measured import Measured
from charnn.deployment.served import Served, load_all
from charnn.deployment.settings import Settings
from charnn.deployment.web import source_hash
from charnn.errors import CharnnError

PIECE = 65_536  # bytes of a page that are sent at once, so that a slow reader holds no more
JSON, HTML = "application/json", "text/html; charset=utf-8"
HEADERS = {  # of pages; what they may load stands in the pages themselves
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": "frame-ancestors 'none'",
}
NO_TOKEN = "the server was started without --token-file, so models are reloaded by SIGHUP alone"


class Server:
    """Models behind HTTP. `app` is the ASGI application, around which nothing else is needed."""

    def __init__(self, settings: Settings, reload_all: Callable[[], None] | None = None):
        """`reload_all` tells all worker processes to reload, where there are several.

        Raises CharnnError for a model that cannot be loaded.
        """
        self.settings, self.reload_all = settings, reload_all
        self.measured = Measured()
        # One thread: two would share one core's caches and the interpreter's lock.
        self.executor: Executor = ThreadPoolExecutor(1, "answers")
        self.api = Api(self._load(), settings)
        self.document = openapi.description(self.api.questions, settings.token is not None)
        self.app = self._app()

    def _load(self) -> Mapping[str, Served]:
        return load_all(self.settings.models, self.executor, self.measured.batch)

    def _app(self) -> Any:
        by_path: dict[str, dict[str, Question]] = {}
        for question in self.api.questions:
            by_path.setdefault(question.path, {})[question.method] = question
        routes = [
            Route(path, self._answering(questions), methods=[*questions])
            for path, questions in by_path.items()
        ]
        routes += [
            Route("/", self.first_page),
            Route(f"{PAGES}{{name}}", self.page),
            Route("/docs", self.docs),
            Route("/openapi.json", self.openapi),
            Route("/metrics", self.metrics),
            Route("/reload", self.reload, methods=["POST"]),
        ]
        app: Any = Starlette(routes=routes, exception_handlers=HANDLERS)
        app = Guard(app, self.settings, self.measured, frozenset(one.path for one in routes))
        if self.settings.cors:
            app = CORSMiddleware(
                app,
                allow_origins=self.settings.cors,
                allow_methods=["GET", "POST"],
                allow_headers=["authorization", "content-type"],
            )
        return app

    # ------------------------------------------------------------ questions

    def _answering(self, questions: Mapping[str, Question]) -> Callable[..., Awaitable[Response]]:
        """The endpoint of the questions that have one path."""

        async def answer(request: Request) -> Response:
            question = questions["GET" if request.method == "HEAD" else request.method]
            if question.method == "GET":
                asked = from_query(question.fields, request.scope["query_string"])
            else:
                asked = from_json(question.fields, await request.body())
            request.scope[NOTED].update(_noted(asked))
            return _json(await question.answer(asked))

        return answer

    # ------------------------------------------------------------ pages

    async def first_page(self, request: Request) -> Response:
        """The page of the first model."""
        return await self._page(request, next(iter(self.api.models.values())))

    async def page(self, request: Request) -> Response:
        """The page of a model. Raises Refused for a model that there is not."""
        name = request.path_params["name"]
        if name not in self.api.models:
            raise Refused(404, "there is no such page; / has the first model's")
        return await self._page(request, self.api.models[name])

    async def _page(self, request: Request, served: Served) -> Response:
        try:
            page = await asyncio.to_thread(served.page, tuple(self.api.models))
        except CharnnError as error:
            raise Refused(404, f"{error}; /docs has what else may be asked") from None
        headers = {**HEADERS, "etag": f'"{served.digest}"', "cache-control": "no-cache"}
        if request.headers.get("if-none-match") == headers["etag"]:
            return Response(status_code=304, headers=headers)
        headers["content-length"] = str(len(page))
        return StreamingResponse(_pieces(page), headers=headers, media_type=HTML)

    async def docs(self, _: Request) -> Response:
        """The description for people."""
        content = openapi.page(self.document)
        styles = re.findall(r"<style>(.*?)</style>", content, re.DOTALL)
        hashes = " ".join(f"'{source_hash(style)}'" for style in styles)
        policy = f"default-src 'none'; style-src {hashes}; img-src data:; frame-ancestors 'none'"
        headers = {**HEADERS, "content-security-policy": policy}
        return Response(content, headers=headers, media_type=HTML)

    async def openapi(self, _: Request) -> Response:
        """The description for programs."""
        return _json(self.document)

    # ------------------------------------------------------------ operating it

    async def metrics(self, _: Request) -> Response:
        """The figures."""
        return Response(self.measured.text(), media_type=self.measured.content_type)

    async def reload(self, _: Request) -> Response:
        """Reads all models again. Raises Refused where that may not be, or cannot."""
        if self.settings.token is None:
            raise Refused(403, NO_TOKEN)
        if self.reload_all is not None:
            self.reload_all()
        elif not await self.exchange():
            message = "a model file cannot be read; the models stay as they were, see the log"
            raise Refused(409, message)
        return _json({"models": [*self.api.models]})

    async def exchange(self) -> bool:
        """Loads all models again while the old ones answer, then exchanges them at once.

        False where one cannot be loaded: then all stay as they were, and the log says why.
        """
        try:
            models = await asyncio.to_thread(self._load)
            before = {name: one.classifies for name, one in self.api.models.items()}
            if before != {name: one.classifies for name, one in models.items()}:
                raise CharnnError("a classifier became a generator, or the other way; start anew")
        except (CharnnError, OSError, MemoryError) as error:
            log("error", f"not reloaded: {error}")
            return False
        self.api.models = models
        log("info", "models reloaded", models=[*models])
        return True


def _noted(asked: Mapping[str, Any]) -> dict[str, Any]:
    """What the log has of a question: the model, how many names, and the names themselves."""
    texts = asked.get("names") or [asked[key] for key in ("name", "text") if key in asked]
    noted = {key: asked[key] for key in ("model",) if key in asked}
    return {**noted, "names": len(texts), "asked": texts} if texts else noted


def _json(value: Any) -> Response:
    content = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(content, media_type=JSON)


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), PIECE):
        yield content[start : start + PIECE]


async def _refused(_: Request, error: Exception) -> Response:
    """What is not answered, in words; Starlette itself knows paths and methods."""
    if isinstance(error, Refused):
        return _error(error.status, str(error), error.headers)
    assert isinstance(error, HTTPException)
    message = {
        404: "there is no such path; /docs has those that there are",
        405: "this path does not have that method; /docs has those that there are",
    }.get(error.status_code, error.detail)
    return _error(error.status_code, message, error.headers)


async def _failed(_: Request, __: Exception) -> Response:
    """A failure of the server; Starlette raises it again, and it is logged with its traceback."""
    return _error(500, FAILED)


def _error(status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    content = json.dumps({"error": message})
    return Response(content, status, headers, media_type=JSON)


HANDLERS: Any = {HTTPException: _refused, Refused: _refused, Exception: _failed}
