"""python -m charnn.export: a trained model as a file that other programs run.

From Python: charnn.deployment.onnx_export.onnx_file and charnn.deployment.web.web_page.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from charnn import cli
from charnn.config import DTYPES
from charnn.errors import CharnnError
from charnn.terminal import show


class Target(NamedTuple):
    """What a model can be exported to."""

    suffix: str
    contents: Callable[[Any, str], bytes]  # of a file, from a trained model and one of `dtypes`
    dtypes: tuple[str, ...] = DTYPES


def to_onnx(model: Any, dtype: str) -> bytes:
    """The content of an ONNX file."""
    from charnn.deployment.onnx_export import onnx_file

    return onnx_file(model, dtype)


def to_web(model: Any, _: str) -> bytes:
    """The content of an HTML page, which has the model file in it as it is."""
    from charnn.deployment.web import web_page

    return web_page(model).encode()


TARGETS = {"onnx": Target(".onnx", to_onnx), "web": Target(".html", to_web, DTYPES[:1])}


def build_parser() -> cli.Parser:
    """The options."""
    options = cli.parser(
        "export",
        "Writes a trained model as one file for programs without charnn. --to onnx: from ids of\n"
        "letters to log-probabilities, for onnxruntime and others; symbols and labels are in it.\n"
        "--to web: one HTML page that answers in a browser, from the disk, without a network.",
    )
    options.add_argument(
        "model",
        metavar="MODEL",
        nargs="?",
        help="a model.safetensors of yours, hf://OWNER/NAME on the Hugging Face Hub, or generator "
        "for the bundled one (default: the bundled classifier)",
    )
    options.add_argument("--to", choices=TARGETS, required=True, help="what to write")
    options.add_argument(
        "--dtype",
        choices=DTYPES,
        default=DTYPES[0],
        help="what the weights are stored as; they are computed with as float32 (default: "
        "%(default)s)",
    )
    options.add_argument(
        "--out", metavar="FILE", help="where it goes (default: the model's name, in this folder)"
    )
    return options


def main(argv: list[str] | None = None) -> None:
    """Parses, loads, exports, writes the file, prints where it is."""
    arguments = build_parser().parse_args(argv)
    target = TARGETS[arguments.to]
    if arguments.dtype not in target.dtypes:
        raise CharnnError(
            f"--dtype {arguments.dtype} does not go with --to {arguments.to}; leave it out"
        )
    name = arguments.model or "classifier"
    out = arguments.out or f"{Path(name).stem}{target.suffix}"
    cli.check_target("--out", out)

    from charnn.files import write
    from charnn.inference.load import load

    content = target.contents(load(name), arguments.dtype)
    cli.check_target("--out", out)  # another program may have made the file in the meantime
    write(out, content)
    show(out)


if __name__ == "__main__":
    sys.exit(cli.run(main))
