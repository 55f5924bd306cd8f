"""One HTML page that answers as a model does: the model, its JavaScript and nothing else.

The page works from the disk and asks for nothing. Its JavaScript is the modules beside this file,
from engine.js, which knows no page, to page.js, which is the page. Writes no file.
"""

import json
import re
import zlib
from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from charnn.errors import CharnnError
from charnn.inference import checkpoint
from charnn.inference.description import held_out
from charnn.inference.trained import Trained
from charnn.text.names import bundled_names
from charnn.text.tokens import Tokens
from charnn.version import __version__

HERE = Path(__file__).parent
LEVEL = 3  # of deflating: a page is made in a third of the time, for 3 % more bytes
ONE, BOTH = ("one direction", "tek yönlü"), ("both directions", "iki yönlü")
MODULES = (  # each after those that it imports from
    "blake2b",
    "model_file",
    "cells",
    "network",
    "ngram_counts",
    "ngram_weights",
    "ngrams",
    "kneser_ney",
    "letters",
    "word_ngrams",
    "doubts",
    "model",
    "classifier",
    "sampling",
    "generator",
    "rows",
    "name_table",
    "engine",
    "near",
    "texts",
    "embedded",
    "drawing",
    "asking",
    "unrolled",
    "units",
    "inside",
    "classify",
    "score",
    "write",
    "neighbours",
    "own_models",
    "name_list",
    "compare",
    "page",
)


def web_page(model: Trained, others: Sequence[tuple[str, str]] = (), here: str = "") -> str:
    """A self-contained page with a classifier or generator in it, for a browser of 2023 or newer.

    `others` are the names and addresses of pages to link to, of which `here` is this one's name.
    Raises CharnnError for a generator of words, and for a model that no file could hold.
    """
    if isinstance(model.vocabulary, Tokens):
        raise CharnnError("there is no page for a generator of words; use charnn.generate")
    content = checkpoint.to_bytes("the model", model.arrays(), model.description())
    table = b"" if model.config.raw else (HERE / "ascii.txt").read_bytes()
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    style, code = (HERE / "page.css").read_text("utf-8"), script()
    near = names_at_hand(model)
    known, texts = facts(model), json.loads((HERE / "texts.json").read_text("utf-8"))
    page = environment.get_template("page.html").render(
        task=model.task,
        words=model.config.tokens == "words",
        names=model.kind.get("reads") != "text",
        labels=len(model.labels),
        others=others,
        here=here,
        model=packed(content),
        table=packed(table) if table else "",
        near=packed(json.dumps(near, ensure_ascii=False).encode()) if near else "",
        facts=_block(known),
        texts=_block(texts),
        style=Markup(style),
        style_hash=source_hash(style),
        script=Markup(code),
        script_hash=source_hash(code),
    )
    return _in_english(page, texts, known)


def _block(value: Any) -> Markup:
    """JSON that can stand in a page's data block."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))


def _in_english(page: str, texts: Mapping[str, Any], known: Mapping[str, Any]) -> str:
    """A page with the English texts in its empty elements, until the JavaScript has its say."""

    def filled(found: re.Match[str]) -> str:
        key = found[2]
        english = texts.get(f"{key}.{known['variant'][0]}", texts.get(key))[0]
        values = {name: value[0] for name, value in known.items()}
        return f"{found[1]}{escape(english.format(**values))}<"

    return re.sub(r'(<[^<>]*\bdata-text="([^"]+)"[^<>]*>)<', filled, page)


def names_at_hand(model: Trained) -> dict[str, list[str]]:
    """The bundled names by label, where a model of spellings has their labels; otherwise none.

    Which of them it was trained on, the page finds by the fingerprints in the model file.
    """
    paths = {path.stem: path for path in sorted(bundled_names().glob("*.txt"))}
    reads_spellings = model.config.tokens == "letters" and not model.config.raw
    if model.task != "classify" or not reads_spellings or set(model.labels) != set(paths):
        return {}
    return {label: path.read_text("utf-8").splitlines() for label, path in paths.items()}


def packed(content: bytes) -> str:
    """Bytes as text: deflated, in base64."""
    return b64encode(zlib.compress(content, LEVEL)).decode("ascii")


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


def facts(model: Trained) -> dict[str, tuple[str, str]]:
    """What the page's texts say of the model, by the name that stands there in braces.

    Each in English and in Turkish. `variant` says which texts fit: those of names, words or texts.
    """
    test, trained_on, config = held_out(model.figures), model.figures["train"]["n"], model.config
    layers = config.layers
    known = {
        "variant": _same(_variant(model)),
        "labels": _number(len(model.labels)),
        "hidden": _number(config.hidden),
        "layers": (f"{layers} layer{'s' if layers > 1 else ''}", f"{layers} katman"),
        "directions": BOTH if config.bidirectional else ONE,
        "cell": _same(config.cell),
        "version": _same(__version__),
        "trained_on": _number(trained_on),
    }
    if model.task == "classify":
        known["n"] = _number(test["n"])
        rounded = {name: _number(test[name], 3) for name in ("accuracy", "macro_f1", "nll")}
        return known | rounded
    return known | {"bits": _number(test["bits_per_char"], 2)}


def _variant(model: Trained) -> str:
    """What the model reads: names, texts letter by letter, or texts word by word."""
    if model.config.tokens == "words":
        return "words"
    if model.task == "classify":
        return f"{model.config.unit}s"
    return "names" if model.kind["reads"] == "names" else "texts"


def _same(text: str) -> tuple[str, str]:
    return text, text


def _number(value: float, digits: int = 0) -> tuple[str, str]:
    """A number as it is written in English and in Turkish."""
    english = f"{value:,.{digits}f}"
    return english, english.translate(str.maketrans(",.", ".,"))
