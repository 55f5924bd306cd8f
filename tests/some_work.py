"""Work for other processes, which import it from here."""

import os
import signal
import warnings

from charnn.errors import CharnnError


def process_of(model):
    """The model, and which process has it."""
    return model, os.getpid()


def warn(model, text):
    """The text, after a warning of it."""
    warnings.warn(text, stacklevel=1)
    return text


def read(model, names):
    """What the model reads of names."""
    return model.read(names)


def refuse(model):
    """Raises CharnnError."""
    raise CharnnError("no")


def die(model):
    """Ends its process as a kill -9 does, or what Windows has for that."""
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
