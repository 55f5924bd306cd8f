"""The process of a server, or its processes: sockets, signals, and an end that loses no request.

uvicorn serves and looks after the worker processes; said here is how they begin, end and reload.
"""

import asyncio
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import uvicorn
from uvicorn.supervisors.multiprocess import Multiprocess, Process

from charnn.deployment.connections import Connection
from charnn.deployment.logs import log, log_as_json
from charnn.deployment.measured import FOLDER
from charnn.deployment.server import Server
from charnn.deployment.settings import Settings
from charnn.errors import CharnnError
from charnn.terminal import finish, prepare_streams, show, tell

OPEN_FILES = 65_536  # connections, at most; a process may often have 1,024 only
ENDING = (signal.SIGINT, signal.SIGTERM)
HUP: Any = getattr(signal, "SIGHUP", None)  # Windows has none


def run(settings: Settings) -> int:
    """Serves until SIGTERM or Ctrl-C, and prints the address once requests are answered.

    Gives the exit code. Raises CharnnError for an address that cannot be listened on and for a
    model that cannot be loaded.
    """
    _allow_connections()
    log_as_json()
    with listen(settings.host, settings.port) as listening:
        host, port = settings.host, listening.getsockname()[1]
        address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        say = partial(show, address, flush=True)
        if settings.workers == 1:
            Running(Config(settings), Server(settings), say).run([listening])
            return 0
        with tempfile.TemporaryDirectory(prefix="charnn-") as folder:
            os.environ[FOLDER] = folder  # for all processes' figures
            workers = Workers(Config(settings), [listening], say)
            workers.run()
    return 2 if workers.failed else 0


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises CharnnError where that is not possible."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With its protocol named, asyncio sends small answers at once (TCP_NODELAY).
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # on Windows it would let two servers share a port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
    except (OSError, OverflowError) as error:
        listening.close()
        reason = getattr(error, "strerror", None) or error
        raise CharnnError(
            f"--host {host} --port {port} cannot be listened on ({reason}); choose another port"
        ) from None
    listening.set_inheritable(True)
    return listening


def _allow_connections() -> None:
    """Lets this process hold as many connections open as the system allows it."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class Config(uvicorn.Config):
    """uvicorn's configuration, with ours; it goes to each worker process."""

    def __init__(self, settings: Settings):
        self.settings = settings
        super().__init__(
            "charnn.deployment.server:Server",  # in place of which comes its `app`
            http=Connection,
            ws="none",
            lifespan="off",
            loop="asyncio",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            workers=settings.workers,
            timeout_graceful_shutdown=settings.grace,
        )


# ---------------------------------------------------------------- one process


class Running(uvicorn.Server):
    """A server in this process."""

    config: Config

    def __init__(self, config: Config, server: Server, say: Callable[[], None] | None = None):
        """`say` is called once it answers."""
        super().__init__(config)
        self.server, self.say = server, say
        config.app = server.app
        self._reloading: asyncio.Task[Any] | None = None

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serves, and ends the process: it would wait for what takes longer than the grace."""
        super().run(sockets)
        finish()
        os._exit(0)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listens."""
        await super().startup(sockets)
        if self.say is not None:
            self.say()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """SIGTERM and Ctrl-C end it, with exit code 0; SIGHUP reloads the models."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        handlers: dict[Any, Any] = dict.fromkeys(ENDING, self.handle_exit)
        if HUP is not None:
            handlers[HUP] = lambda *_: loop.call_soon_threadsafe(self._reload)
        before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _reload(self) -> None:
        # One after the other: the last one has what is in the files now.
        previous = self._reloading

        async def exchange() -> None:
            if previous is not None:
                await previous
            await self.server.exchange()

        self._reloading = asyncio.create_task(exchange())

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answers whoever is connected already, then ends."""
        await self._accept_the_last(sockets or [])
        await super().shutdown(sockets)

    async def _accept_the_last(self, sockets: list[socket.socket]) -> None:
        """Connections that the system has accepted, and asyncio not yet, would be reset."""
        loop = asyncio.get_running_loop()
        for listening in sockets:
            loop.remove_reader(listening)
        await asyncio.sleep(0.01)  # those that asyncio is about to hand over
        connected = []
        for listening in sockets:
            with suppress(OSError):  # there is none left
                while True:
                    connected.append(listening.accept()[0])
        for server in self.servers:
            server.close()
        for one in connected:
            await loop.connect_accepted_socket(self._connection, one)

    def _connection(self) -> Connection:
        return Connection(self.config, self.server_state, self.lifespan.state)


# ---------------------------------------------------------------- several processes


class Worker(Process):
    """A process of several that listen on one socket."""

    config: Config

    def target(self, sockets: list[socket.socket] | None = None) -> None:
        """Serves, within the process. A model that cannot be loaded ends it with a message."""
        prepare_streams()
        _allow_connections()
        log_as_json()
        for number in ENDING:  # until it serves
            signal.signal(number, signal.SIG_DFL)
        try:
            server = Server(self.config.settings, _reload_all)
        except CharnnError as error:
            tell(f"charnn: error: {error}")
            sys.exit(uvicorn.config.STARTUP_FAILURE)
        self._server = Running(self.config, server)
        threading.Thread(target=self._end_with_parent, daemon=True).start()
        super().target(sockets)

    def _end_with_parent(self) -> None:
        """Ends this process when the one that started it is gone, which a kill -9 does not tell."""
        parent = multiprocessing.parent_process()
        if parent is not None:
            parent.join()
            self.server.should_exit = True


def _reload_all() -> None:
    """Tells the process that started this worker, which tells all workers."""
    if HUP is None:
        raise CharnnError("Windows cannot reload several workers; start the server anew")
    os.kill(os.getppid(), HUP)


class Workers(Multiprocess):
    """The process that starts the workers, and looks after them."""

    config: Config

    def __init__(self, config: Config, sockets: list[socket.socket], say: Callable[[], None]):
        super().__init__(config, sockets)
        self.say, self.failed = say, False

    def init_processes(self) -> None:
        """Starts all workers; says so once they answer."""
        self.processes = [self._started() for _ in range(self.processes_num)]
        if all(worker.wait_until_ready(60, self.should_exit) for worker in self.processes):
            self.say()

    def _started(self) -> Worker:
        worker = Worker(self.config, self.sockets)
        worker.start()
        return worker

    def keep_subprocess_alive(self) -> None:
        """Starts another worker in place of one that has ended or does not answer."""
        for place, worker in enumerate(self.processes):
            if self.should_exit.is_set() or worker.is_alive(
                timeout=self.config.timeout_worker_healthcheck
            ):
                continue
            worker.kill()
            worker.join()
            if worker.exitcode == uvicorn.config.STARTUP_FAILURE:
                self.failed = True  # it has said why; another one could do no better
                self.should_exit.set()
                return
            log("error", f"worker {worker.pid} ended; another starts")
            self.processes[place] = self._started()

    def terminate_all(self) -> None:
        """Ends all workers, each of which answers what it has accepted."""
        for listening in self.sockets:  # or nobody would accept what comes after the workers
            listening.close()
        super().terminate_all()

    def handle_hup(self) -> None:
        """Lets every worker read the models again."""
        for worker in self.processes:
            if worker.pid is not None and worker.process.is_alive():
                os.kill(worker.pid, HUP)

    def handle_ttin(self) -> None:
        """Nothing: how many workers there are is said with --workers."""

    handle_ttou = handle_ttin
