"""A server's log: one line of JSON for each thing that happened, on standard error.

Knows no server. Names that were asked for are personal data: who logs them says so.
"""

import logging
import traceback
import warnings
from typing import Any

from charnn.terminal import tell, to_json
from charnn.text.letters import PoorScript


def log(level: str, message: str, **more: Any) -> None:
    """Something that happened, beside the requests."""
    tell(to_json({"level": level, "message": message, **more}))


def log_failure(error: BaseException) -> None:
    """A failure, with its traceback."""
    log("error", str(error), traceback="".join(traceback.format_exception(error)))


class _JsonLines(logging.Handler):
    """uvicorn's and asyncio's own messages, as lines of JSON."""

    def emit(self, record: logging.LogRecord) -> None:
        """Writes one message."""
        if record.exc_info and record.exc_info[1] is not None:
            log_failure(record.exc_info[1])
        else:
            log(record.levelname.lower(), record.getMessage())


def log_as_json() -> None:
    """Lets uvicorn, asyncio and warnings speak in lines of JSON, too."""
    warnings.showwarning = _log_warning
    warnings.simplefilter("ignore", PoorScript)  # it quotes what was asked for
    for name in ("uvicorn.error", "asyncio"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [_JsonLines()], False
        logger.setLevel(logging.ERROR)


def _log_warning(message: Warning | str, *_: object, **__: object) -> None:
    log("warning", str(message))
