"""Character-level recurrent networks that a person can read, run and rely on.

    import charnn
    names = charnn.load()                        # the bundled classifier; or a path
    names.predict("Hinton", top=3)               # [(label, probability), ...]
    names = charnn.train_classifier("data/names", cell="gru", epochs=5)

Importing charnn imports neither torch nor matplotlib: each name below is imported when it is first
used. It does choose how torch's threads are to wait for each other: see charnn/openmp.py.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from charnn import openmp as openmp
from charnn.version import __version__ as __version__

if TYPE_CHECKING:
    from charnn import views
    from charnn.config import Config
    from charnn.errors import CharnnError
    from charnn.inference.classifier import Classifier
    from charnn.inference.generator import Generator
    from charnn.inference.load import load
    from charnn.presets import configure
    from charnn.text.letters import to_ascii
    from charnn.training.classify import train_classifier
    from charnn.training.generate import train_generator

__all__ = [
    "CharnnError",
    "Classifier",
    "Config",
    "Generator",
    "configure",
    "load",
    "to_ascii",
    "train_classifier",
    "train_generator",
    "views",
]

_MODULE_OF = {
    "CharnnError": "charnn.errors",
    "Config": "charnn.config",
    "configure": "charnn.presets",
    "to_ascii": "charnn.text.letters",
    "Classifier": "charnn.inference.classifier",
    "Generator": "charnn.inference.generator",
    "load": "charnn.inference.load",
    "train_classifier": "charnn.training.classify",
    "train_generator": "charnn.training.generate",
}


def __getattr__(name: str) -> object:
    if name == "views":
        return import_module("charnn.views")
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'charnn' has no attribute {name!r}")
    return getattr(import_module(_MODULE_OF[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
