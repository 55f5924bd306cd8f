"""Character-level recurrent networks that a person can read, run and rely on.

    import charnn
    names = charnn.load()                        # the bundled classifier; or a path
    names.predict("Hinton", top=3)               # [(label, probability), ...]
    names = charnn.train_classifier("data/names", cell="gru", epochs=5)

Importing charnn imports neither torch nor matplotlib: each name below is fetched when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"
__all__ = ["CharnnError", "Classifier", "Config", "configure", "load", "to_ascii", "train_classifier"]

if TYPE_CHECKING:
    from charnn.classifier import Classifier, load
    from charnn.config import Config, configure
    from charnn.data import to_ascii
    from charnn.errors import CharnnError
    from charnn.train import train_classifier

_HOME = {"CharnnError": "errors", "Config": "config", "configure": "config", "to_ascii": "data",
         "Classifier": "classifier", "load": "classifier", "train_classifier": "train"}


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f"module 'charnn' has no attribute {name!r}")
    return getattr(import_module(f"charnn.{_HOME[name]}"), name)


def __dir__():
    return sorted([*globals(), *_HOME])
