"""What a training shows while it runs."""

import io
from dataclasses import replace

import pytest
from panels import Panel

from charnn import CharnnError, notebook, waiting
from charnn.config import Config
from charnn.training import live
from charnn.training.history import Epoch
from charnn.training.progress import Progress, showing

FIRST = Epoch(1, 1.5, 0.25, 1.25, 0.5, 0.01, 1234.5)


class Terminal(io.StringIO):
    """A standard error that is a terminal."""

    def isatty(self):
        """Yes."""
        return True


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_a_bar_on_a_terminal_and_a_line_per_epoch_elsewhere(stream, monkeypatch):
    shown = stream()
    monkeypatch.setattr("sys.stderr", shown)
    with Progress(Config(epochs=2), size=10, sample=lambda text: [text]) as progress:
        callbacks = progress.callbacks
        callbacks["on_batch"](10, 1.5, 0.25)
        callbacks["on_epoch"](FIRST)
        callbacks["on_sample"]("a\x1bb")
        callbacks["on_batch"](5, 1.0, 0.75)
    lines = shown.getvalue().replace("\r", "\n").splitlines()
    if shown.isatty():
        assert "15.0/20.0" in lines[-1], "names done, and of all epochs"
        after = "loss 1.000 accuracy 0.750 | epoch 1: validation 1.250 0.500"
        assert after in lines[-1], "the last step's figures, and the last epoch's"
    else:
        (line, _) = lines
        assert line == (
            "epoch   1: loss 1.500 accuracy 0.250 | validation loss 1.250 accuracy 0.500 | "
            "1,234 names/s"
        )
    assert "    a\\x1bb" in lines, "what is generated is harmless to a terminal"


def test_a_classifier_has_no_sample_to_show():
    assert set(Progress(Config(), size=10).callbacks) == {"on_batch", "on_epoch"}


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_how_long_it_takes_is_said_once(stream, monkeypatch):
    now, shown = [0.0], stream()
    monkeypatch.setattr(waiting.time, "monotonic", lambda: now[0])
    monkeypatch.setattr("sys.stderr", shown)
    with Progress(Config(epochs=40), size=10, done=200) as progress:
        for _ in range(20):
            now[0] += 6
            progress.batch(5, 1.5, 0.25)
    text = shown.getvalue()
    # Two batches of 5 are done, of which the second took 6 seconds; 190 names are left.
    assert text.count("to go") == 1
    assert "about 4 minutes to go, at most 40 epochs in all\n" in text


# ---------------------------------------------------------------- in Python


def test_a_script_shows_a_training_when_it_is_asked(capsys):
    with showing(None, Config(), size=10) as callbacks:
        assert callbacks == {}
    with showing(False, Config(), size=10) as callbacks:
        assert callbacks == {}
    with showing(True, Config(), size=10) as callbacks:
        callbacks["on_epoch"](FIRST)
    assert capsys.readouterr().err.startswith("epoch   1: loss 1.500")
    with (
        pytest.raises(CharnnError, match="progress 'yes' is neither True nor False"),
        showing("yes", Config(), size=10),
    ):
        pass


class Handle:
    """What IPython gives for a display: here it keeps all that was shown."""

    def __init__(self, shown):
        self.shown = [shown]

    def update(self, shown):
        """Takes the place of what was shown."""
        self.shown.append(shown)


@pytest.fixture
def handles(monkeypatch):
    """The displays of a notebook that this program runs in."""
    found = []

    def display(html):
        found.append(Handle(html))
        return found[-1]

    monkeypatch.setattr(notebook, "is_running", lambda: True)
    monkeypatch.setattr(live, "_html", lambda text: text)
    monkeypatch.setattr(live, "_display", display)
    return found


def test_a_notebook_has_one_picture_that_is_drawn_anew(handles, capsys):
    config = Config(epochs=3)
    with showing(None, config, size=10) as callbacks:
        (handle,) = handles
        assert "the first epoch is under way" in Panel(handle.shown[0]).text
        callbacks["on_batch"](10, 1.5, 0.25)
        callbacks["on_epoch"](FIRST)
        during = Panel(handle.shown[-1]).text
        callbacks["on_epoch"](replace(FIRST, epoch=2))
    assert "epoch 1 of 3 done; kept the weights of epoch 1: validation loss 1.250 nats" in during
    assert "names/s" in during, "the bar is below the curves"
    at_the_end = Panel(handle.shown[-1]).text
    assert "names/s" not in at_the_end
    assert "stopped before the last one" in at_the_end
    assert len(handles) == 1
    assert capsys.readouterr() == ("", ""), "on standard error it would be red"


def test_the_picture_says_that_all_epochs_are_done(handles):
    with showing(True, Config(epochs=1), size=10) as callbacks:
        callbacks["on_epoch"](FIRST)
    assert "1 epoch (all epochs done)" in Panel(handles[0].shown[-1]).text


def test_a_notebook_is_not_told_how_long_it_takes_since_its_bar_says_so(
    handles, monkeypatch, capsys
):
    now = [0.0]
    monkeypatch.setattr(waiting.time, "monotonic", lambda: now[0])
    with Progress(Config(epochs=40), size=10) as progress:
        for _ in range(20):
            now[0] += 6
            progress.batch(5, 1.5, 0.25)
    assert capsys.readouterr() == ("", "")


def test_what_is_shown_and_what_is_called_besides_are_told_of_the_same_epochs(handles):
    told = []
    with showing(True, Config(epochs=1), 10, {"on_epoch": told.append}) as callbacks:
        callbacks["on_epoch"](FIRST)
    assert told == [FIRST]
    assert "1 epoch (all epochs done)" in Panel(handles[0].shown[-1]).text
    with showing(False, Config(), 10, {"on_epoch": told.append}) as callbacks:
        assert callbacks == {"on_epoch": told.append}
