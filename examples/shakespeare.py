"""A network that reads Shakespeare, or any text of yours, and generates more in its manner.

    python examples/shakespeare.py my_text.txt [model.safetensors]

It knows nothing of words, lines or speakers: after each letter it predicts the next one, and learns
from what the next one was. The text that it generates after each epoch shows in which order that
comes: first the letters' frequencies, then short words and the shape of a line, then names of
speakers and spelling. The second argument keeps the model, for
`python -m charnn.generate --model model.safetensors`.
"""

import sys
from pathlib import Path
from typing import Any

from charnn import cli, train_generator
from charnn.errors import CharnnError
from charnn.inference.generator import Generator
from charnn.terminal import WRITTEN, show


def learn(path: str | Path, start: str, **options: Any) -> Generator:
    """Trains on a text and returns the generator; after each epoch it goes on from `start`."""

    def show_sample(generator: Generator) -> None:
        text = generator.generate(prefix=start, temperature=0.8, length=200, seed=0)[0]
        show(f"{'-' * 80}\n{text}", keep=WRITTEN, flush=True)

    return train_generator(path, text=True, on_sample=show_sample, **options)


def compare(generator: Generator, start: str, length: int = 300) -> None:
    """The same beginning at three temperatures: careful, as learned from the text, daring."""
    for temperature in (0.5, 1.0, 1.5):
        text = generator.generate(prefix=start, temperature=temperature, length=length, seed=1)[0]
        show(f"\n======== temperature {temperature}\n{text}", keep=WRITTEN)


def check_new(path: Path) -> None:
    """Raises CharnnError for a file that could not be written, before an hour is spent on it."""
    if path.exists():
        raise CharnnError(f"{path} is there already; choose another place for the model")
    if not path.parent.is_dir():
        raise CharnnError(f"{path} is in no folder; choose another place for the model")


def main(argv: list[str] | None = None) -> None:
    """Trains on the text that is named, prints how well it is known, and generates."""
    options = cli.Parser(description=__doc__, allow_abbrev=False)
    options.add_argument("text", metavar="TEXT", help="a running text to learn from")
    options.add_argument(
        "model",
        metavar="MODEL",
        nargs="?",
        type=Path,
        help="where to keep the model, a file that does not exist yet",
    )
    arguments = options.parse_args(argv)
    if arguments.model is not None:
        check_new(arguments.model)
    generator = learn(arguments.text, "The ")
    if arguments.model is not None:
        generator.save(arguments.model)
    figures = generator.figures["test"]
    show("-" * 80)
    untrained = len(generator.vocabulary).bit_length()
    show(
        f"{figures['bits_per_char']:.2f} bits per character of {figures['n']:,} that it never "
        f"saw; a network that has learned nothing needs {untrained}"
    )
    compare(generator, "The ")


if __name__ == "__main__":
    sys.exit(cli.run(main))
