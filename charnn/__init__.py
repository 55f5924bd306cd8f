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
__all__ = ["CharnnError", "Classifier", "Config", "Generator", "configure", "load", "to_ascii", "train_classifier",
           "train_generator"]

if TYPE_CHECKING:
    from charnn.classifier import Classifier
    from charnn.config import Config, configure
    from charnn.errors import CharnnError
    from charnn.generator import Generator, load
    from charnn.learn import train_classifier, train_generator
    from charnn.letters import to_ascii

_HOME = {"CharnnError": "errors", "Config": "config", "configure": "config", "to_ascii": "letters",
         "Classifier": "classifier", "Generator": "generator", "load": "generator", "train_classifier": "learn",
         "train_generator": "learn"}


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f"module 'charnn' has no attribute {name!r}")
    return getattr(import_module(f"charnn.{_HOME[name]}"), name)


def __dir__():
    return sorted([*globals(), *_HOME])
