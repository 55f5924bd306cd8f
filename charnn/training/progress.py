"""What a training shows while it runs: a bar on a terminal, its curves in a notebook, or lines.

Bar and lines go to standard error. Knows no network; training calls it after each batch and each
epoch.
"""

import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from typing import Any

from charnn import checks, notebook
from charnn.config import Config
from charnn.terminal import WRITTEN, tell
from charnn.training.history import Epoch
from charnn.training.live import LiveCurves
from charnn.waiting import Forecast
from charnn.wording import counted

Callbacks = dict[str, Any]  # of training, by the names of its arguments


@contextmanager
def showing(
    progress: bool | None, config: Config, size: int, others: Mapping[str, Any] | None = None
) -> Iterator[Callbacks]:
    """The callbacks of a training in Python: those of a Progress if it is wanted, and the others.

    By default, None, a notebook shows it and a script does not. Raises CharnnError for a `progress`
    that is neither True, False nor None.
    """
    wanted = notebook.is_running() if progress is None else checks.flag("progress", progress)
    if not wanted:
        yield dict(others or {})
        return
    with Progress(config, size) as shown:
        yield merged(shown.callbacks, others or {})


def merged(*callbacks: Mapping[str, Callable[..., object]]) -> dict[str, Callable[..., None]]:
    """The callbacks of several objects, by name: those of one name are called one after another."""

    def in_turn(functions: Sequence[Callable[..., object]]) -> Callable[..., None]:
        def call(*arguments: object) -> None:
            for function in functions:
                function(*arguments)

        return call

    names = dict.fromkeys(name for one in callbacks for name in one)
    return {name: in_turn([one[name] for one in callbacks if name in one]) for name in names}


class Progress:
    """A training's progress: a bar on a terminal, bar and curves in a notebook, or lines.

    `size` is an epoch's, in the configuration's unit, of which `done` were learned from before.
    `sample`, for a generator, gives the lines to show of it after each epoch.
    """

    def __init__(
        self,
        config: Config,
        size: int,
        sample: Callable[[Any], Sequence[str]] | None = None,
        done: int = 0,
    ):
        self.config, self.total, self.unit = config, config.epochs * size, f"{config.unit}s"
        self.last_epoch = ""  # its validation loss and accuracy, shown beside the bar
        self.sample, self.done = sample, done
        self.forecast, self.most = Forecast(self.total, done), counted(config.epochs, "epoch")
        self.bar: Any = None
        self.curves: LiveCurves | None = None

    def __enter__(self) -> "Progress":
        if notebook.is_running():
            self.curves = LiveCurves(self.config)
        if self.curves is not None or sys.stderr.isatty():
            self.bar = tqdm_of_here()(
                total=self.total,
                initial=self.done,
                unit=f" {self.unit}",
                unit_scale=True,
                file=self.curves or sys.stderr,
                leave=self.curves is None,
            )
        return self

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.close()
        if self.curves is not None:
            self.curves.close()

    @property
    def callbacks(self) -> Callbacks:
        """The callbacks of training, by the names of its arguments."""
        callbacks: Callbacks = {"on_batch": self.batch, "on_epoch": self.epoch}
        # Only the training of a generator takes this one.
        if self.sample is not None:
            callbacks["on_sample"] = self.show
        return callbacks

    def batch(self, size: int, loss: float, accuracy: float) -> None:
        """After each step: the epoch's mean loss and accuracy so far."""
        if self.bar is not None:
            text = f"loss {loss:.3f} accuracy {accuracy:.3f}{self.last_epoch}"
            self.bar.set_postfix_str(text, refresh=False)
            self.bar.update(size)
        left = self.forecast.after(size)
        if left and self.curves is None:  # a notebook's bar says so all the time
            self.say(f"{left} to go, at most {self.most} in all")

    def epoch(self, epoch: Epoch) -> None:
        """After each epoch."""
        loss, accuracy = epoch.validation_loss, epoch.validation_accuracy
        if self.curves is not None:
            self.curves.add(epoch)
            return
        self.last_epoch = f" | epoch {epoch.epoch}: validation {loss:.3f} {accuracy:.3f}"
        if self.bar is None:
            line = (
                "epoch {epoch:3}: loss {train_loss:.3f} accuracy {train_accuracy:.3f} | "
                "validation loss {validation_loss:.3f} accuracy {validation_accuracy:.3f} | "
                "{per_second:,.0f}"
            ).format(**asdict(epoch))
            tell(f"{line} {self.unit}/s")

    def show(self, generator: Any) -> None:
        """After each epoch of a generator: what it generates by now."""
        if self.sample is not None:
            self.say(*(f"    {line}" for line in self.sample(generator)))

    def say(self, *lines: str) -> None:
        """Prints lines of text, which would tear the bar apart."""
        apart = nullcontext() if self.bar is None else self.bar.external_write_mode(sys.stderr)
        with apart:
            for line in lines:
                tell(line, keep=WRITTEN)


def tqdm_of_here() -> Any:
    """tqdm's bar: a widget in a notebook that has ipywidgets, a line of text elsewhere."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that ipywidgets is missing: the bar does without
        from tqdm.auto import tqdm
    return tqdm
