"""One HTML page that answers as a model does: the model, its JavaScript and nothing else.

The page works from the disk and asks for nothing. Its JavaScript is the modules beside this file,
from engine.js, which knows no page, to page.js, which is the page. Writes no file.
"""

import re
import zlib
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from charnn.inference import checkpoint
from charnn.inference.trained import Trained
from charnn.version import __version__

HERE = Path(__file__).parent
MODULES = (  # each after those that it imports from
    "blake2b",
    "model_file",
    "cells",
    "network",
    "ngrams",
    "letters",
    "word_ngrams",
    "engine",
    "drawing",
    "page",
)


def web_page(model: Trained, others: Sequence[tuple[str, str]] = (), here: str = "") -> str:
    """A self-contained page with a classifier or generator in it, for a browser of 2023 or newer.

    Raises CharnnError for a model that could not be written to a file.
    """
    content = checkpoint.to_bytes("the model", model.arrays(), model.description())
    table = b"" if model.config.raw else (HERE / "ascii.txt").read_bytes()
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("page.html").render(
        task=model.task,
        words=model.config.tokens == "words",
        names=model.kind.get("reads") != "text",
        labels=len(model.labels),
        unit=_unit(model),
        step="word" if model.config.tokens == "words" else "letter",
        model=packed(content),
        table=packed(table) if table else "",
        script=Markup(script()),
        **texts(model),
    )


def packed(content: bytes) -> str:
    """Bytes as text: deflated, in base64."""
    return b64encode(zlib.compress(content)).decode("ascii")


def source_hash(source: str) -> str:
    """A style or script as a content security policy allows it."""
    return f"sha256-{b64encode(sha256(source.encode()).digest()).decode()}"


def script(modules: tuple[str, ...] = MODULES) -> str:
    """JavaScript modules as one text: each in a scope of its own, which returns what it exports."""
    return "\n".join(_scope(name, (HERE / f"{name}.js").read_text("utf-8")) for name in modules)


def _scope(name: str, source: str) -> str:
    """A module's source as `const name = (() => {...})()`, its imports from scopes before it."""
    exported = re.findall(
        r"^export (?:async )?(?:class|const|function) (\w+)", source, re.MULTILINE
    )
    source = re.sub(
        r'^import (\{[^}]*\}) from "\./(\w+)\.js";', r"const \1 = \2;", source, flags=re.MULTILINE
    )
    source = re.sub(r"^export ", "", source, flags=re.MULTILINE)
    return f"const {name} = (() => {{\n{source}\nreturn {{ {', '.join(exported)} }};\n}})();\n"


# ---------------------------------------------------------------- what the page says of a model


def texts(model: Trained) -> dict[str, str]:
    """The heading, what the model does, its figures on its test set, and where it comes from."""
    test, trained_on = model.figures["test"], model.figures["train"]["n"]
    unit, labels = _unit(model), f"{len(model.labels):,} labels"
    if model.task == "classify":
        step = "word" if model.config.tokens == "words" else "letter"
        heading = f"Type a {unit}"
        figures = f"{labels}, accuracy {test['accuracy']:.3f}"
        lead = (
            f"After each {step} the model says which of {labels} fits best. Its accuracy is "
            f"{test['accuracy']:.3f} on {test['n']:,} {unit}s it never saw "
            f"(macro-F1 {test['macro_f1']:.3f}, NLL {test['nll']:.3f} nats)."
        )
    else:
        heading = "New names" if unit == "name" else "New text"
        bits = f"{test['bits_per_char']:.2f} bits per character"
        figures = f"{labels}, {bits}" if model.labels else bits
        of_labels = f" of {labels}" if model.labels else ""
        lead = (
            f"The model writes {unit}s{of_labels}, letter by letter, and says how surprising each "
            f"letter is. What it never saw has {bits}."
        )
    config = model.config
    directions = "both directions" if config.bidirectional else "one direction"
    layers = f"{config.layers} layer{'s' if config.layers > 1 else ''}"
    trained = (
        f"trained on {trained_on:,} {unit}s" if unit != "text" or config.task == "classify" else ""
    )
    network = f"charnn {__version__}: {config.cell}, {config.hidden} units, {layers}, {directions}"
    about = ", ".join(filter(None, [network, trained])) + "."
    return {"heading": heading, "figures": figures, "lead": lead, "about": about}


def _unit(model: Trained) -> Any:
    """What the model reads: a "name" or a "text"."""
    if model.task == "classify":
        return model.config.unit
    return "name" if model.kind["reads"] == "names" else "text"
