"""The curves of a training in a notebook, drawn anew in one place, with a bar's line below them.

Needs IPython, which every notebook has, and no widget. Knows no network.
"""

from typing import Any

from charnn.config import Config
from charnn.training.history import Epoch, History


class LiveCurves:
    """One output of a notebook's cell, which shows the epochs as they come, and how it ended.

    It is a file to tqdm: what its bar would write on a line of a terminal stands below the curves.
    (With ipywidgets tqdm writes nothing, and shows a widget.) On standard error each state of the
    bar would be a red line of its own in a notebook that is saved by a program.
    """

    encoding = "utf-8"  # by which tqdm decides what a bar is made of

    def __init__(self, config: Config):
        self.config, self.history = config, History()
        self.remark, self.line = "the first epoch is under way", ""
        self.handle: Any = _display(self._drawn())

    def add(self, epoch: Epoch) -> None:
        """Draws an epoch beside those before it."""
        self.history.add(epoch)
        self.remark = f"epoch {epoch.epoch} of {self.config.epochs} done; {self.history.of_best()}"
        self.handle.update(self._drawn())

    def write(self, text: str) -> None:
        """Shows the bar's line; what tqdm writes to clear one is a line of spaces."""
        self.line = text.strip()
        self.handle.update(self._drawn())

    def flush(self) -> None:
        """Does nothing: a line is shown as it is written."""

    def close(self) -> None:
        """Draws the epochs that there are, without room for more."""
        if not self.history.is_over(self.config.epochs, self.config.patience):
            self.history.ending = "stopped before the last one"
        self.handle.update(_html(self.history._repr_html_()))

    def _drawn(self) -> Any:
        return _html(self.history.html(self.remark, self.config.epochs, self.line))


def _html(text: str) -> Any:
    """What IPython shows as HTML."""
    from IPython.display import HTML

    return HTML(text)


def _display(html: Any) -> Any:
    """Shows it below the cell that is running; the handle with which it is changed."""
    from IPython.display import display

    return display(html, display_id=True)
