"""The curves of a training in a notebook, drawn anew after each epoch in the same place.

Needs IPython, which every notebook has, and no widget. Knows no network.
"""

from typing import Any

from charnn.config import Config
from charnn.training.history import Epoch, History


class LiveCurves:
    """One output of a notebook's cell, which shows the epochs as they come, and how it ended."""

    def __init__(self, config: Config):
        from IPython.display import display

        self.config, self.history = config, History()
        first = _html(self.history.html("the first epoch is under way", config.epochs))
        self.handle: Any = display(first, display_id=True)

    def add(self, epoch: Epoch) -> None:
        """Draws an epoch beside those before it."""
        self.history.add(epoch)
        remark = f"epoch {epoch.epoch} of {self.config.epochs} done; {self.history.of_best()}"
        self.handle.update(_html(self.history.html(remark, self.config.epochs)))

    def close(self) -> None:
        """Draws the epochs that there are, without room for more."""
        if not self.history.is_over(self.config.epochs, self.config.patience):
            self.history.ending = "stopped before the last one"
        self.handle.update(_html(self.history._repr_html_()))


def _html(text: str) -> Any:
    """What IPython shows as HTML."""
    from IPython.display import HTML

    return HTML(text)
