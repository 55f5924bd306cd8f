"""python -m charnn.generate: new names or text, or the bits per character of a given text."""

import argparse
import sys
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from charnn import cli
from charnn.errors import CharnnError
from charnn.generate_options import NAMES, TEXTS, parse
from charnn.generate_options import build_parser as build_parser
from charnn.prompt import answer_each, typed_lines
from charnn.table_options import columns_of
from charnn.terminal import WRITTEN, show, tell, to_json
from charnn.wording import printable

if TYPE_CHECKING:
    from charnn.inference.beam import Probable
    from charnn.inference.generator import Generator
    from charnn.inference.nearest import Neighbour
    from charnn.inference.plan import Sample
    from charnn.inference.text_generator import TextGenerator
    from charnn.text.names import Names

SAMPLING = ("temperature", "top_k", "top_p", "length", "seed")  # options on how letters are drawn
BARS_PER_BIT = 4  # of a letter's score


def main(argv: list[str] | None = None) -> None:
    """Parses, loads the model, generates or scores."""
    arguments = parse(argv)

    from charnn.inference.generator import Generator
    from charnn.inference.load import load

    path = "generator" if arguments.model is None else arguments.model
    model = load(path, arguments.device, arguments.backend)
    if not isinstance(model, Generator):
        raise CharnnError(f"{path} is a classifier; give a generator's model file")
    if arguments.score is not None:
        print_score(model, arguments)
        return
    known = known_names(model, arguments)
    if arguments.interactive:
        answer_prompt(model, arguments, known)
    else:
        print_texts(model, arguments, known)


def known_names(model: "Generator", arguments: argparse.Namespace) -> "Names | None":
    """The training set's names in --data, if it is given.

    Read first: a wrong path is found before time is spent on generating.
    """
    if arguments.data is None:
        return None
    if not model.ends_at_newline:
        raise CharnnError("--data is for names; running text has no list to compare with")

    from charnn.inference.nearest import training_names

    trained = model.fingerprints["train"]
    return training_names(arguments.data, trained, model.fingerprints_raw, columns_of(arguments))


# ---------------------------------------------------------------- names and texts


def print_texts(model: "Generator", arguments: argparse.Namespace, known: "Names | None") -> None:
    """Names, one a line, or texts; the nearest of the `known` names beside each, if there are any.

    One text alone is printed letter by letter as it is generated; several, or as JSON, at the end.
    """
    from charnn.inference.text_generator import TextGenerator

    wants = (arguments.count, arguments.beam, arguments.prefix_file)
    if isinstance(model, TextGenerator) and wants == (None, None, None) and not arguments.json:
        stream_text(model, arguments)
        return
    if arguments.prefix_file is None:
        written = [(arguments.prefix, text) for text in texts_of(model, arguments)]
    else:
        written = texts_of_file(model, arguments)
    near: Sequence[Neighbour | None] = [None] * len(written)
    if known is not None:
        from charnn.inference.nearest import nearest

        near = nearest([text.text for _, text in written], known, model.fingerprints_raw)
    for (prefix, text), neighbour in zip(written, near, strict=True):
        if arguments.json:
            show(as_json(text, neighbour, None if arguments.prefix_file is None else prefix))
        else:
            shown = as_text(text, neighbour)
            show(printable(shown) if model.ends_at_newline else shown, keep=WRITTEN)


def texts_of(model: "Generator", arguments: argparse.Namespace) -> "Sequence[Sample | Probable]":
    """As many texts as were asked for, or the default: drawn, or the most probable ones."""
    label, prefix, count, novel = (
        getattr(arguments, name) for name in ("label", "prefix", "count", "novel")
    )
    if arguments.beam is None:
        if count is None:
            count = NAMES if model.ends_at_newline else TEXTS
        return model.sample(label, prefix, count, novel=novel, **chosen(arguments))
    found = model.most_probable(
        label, prefix, count, beam=arguments.beam, length=arguments.length, novel=novel
    )
    if model.ends_at_newline and not all(text.proven for text in found):
        warnings.warn(
            "memory ended the search before it was proven that no other name is more probable; "
            "choose a label, a longer prefix or fewer names",
            stacklevel=1,
        )
    return found


def texts_of_file(
    model: "Generator", arguments: argparse.Namespace
) -> "list[tuple[str, Sample | Probable]]":
    """The texts of each prefix of --prefix-file, in its order, with the prefix."""
    from charnn.inference.each_prefix import plans_of, sample_each
    from charnn.inference.sampling import check_options

    path = arguments.prefix_file
    prefixes = read_prefixes(path)
    plans = plans_of(model, prefixes, path, check_options(**chosen(arguments)))
    each: Sequence[Sequence[Sample | Probable]]
    if arguments.beam is not None:
        each = [texts_of(model, with_values(arguments, prefix=prefix)) for prefix in prefixes]
    else:
        count = TEXTS if arguments.count is None else arguments.count
        each = sample_each(model, plans, arguments.label, count, arguments.novel)
    return [(prefix, text) for prefix, texts in zip(prefixes, each, strict=True) for text in texts]


def read_prefixes(path: str) -> list[str]:
    """The lines of --prefix-file. Raises CharnnError for a file that holds none."""
    from charnn.text.reading import stream_lines

    try:
        with open(path, "rb") as file:
            prefixes = list(stream_lines(file, path))
    except OSError as error:
        raise CharnnError(
            f"--prefix-file {path} cannot be read ({error.strerror}); give a text file"
        ) from None
    if not prefixes:
        raise CharnnError(f"--prefix-file {path} is empty; give a prefix a line")
    return prefixes


def with_values(arguments: argparse.Namespace, **values: Any) -> argparse.Namespace:
    """The options with others in place of some."""
    return argparse.Namespace(**{**vars(arguments), **values})


def chosen(arguments: argparse.Namespace) -> dict[str, Any]:
    """The sampling options of the command line."""
    return {name: getattr(arguments, name) for name in SAMPLING}


def as_text(text: "Sample | Probable", neighbour: "Neighbour | None") -> str:
    """A text: `(-5.91) Özer` for one of the most probable; after a name the nearest known one."""
    shown, log_probability = text.text, getattr(text, "log_probability", None)
    if log_probability is not None:
        shown = f"({log_probability:.2f}) {shown}"
    if neighbour is not None:
        shown += f"   {neighbour.distance} from {neighbour.name} ({neighbour.label})"
    return shown


def as_json(text: "Sample | Probable", neighbour: "Neighbour | None", prefix: str | None) -> str:
    """The JSON object of one text."""
    about: dict[str, Any] = {} if prefix is None else {"prefix": prefix}
    about |= text._asdict()
    if neighbour is not None:
        about["nearest"] = neighbour._asdict()
    return to_json(about)


def stream_text(model: "TextGenerator", arguments: argparse.Namespace) -> None:
    """Prints each letter of a running text as soon as it is generated."""
    if arguments.label is not None:
        model.index(arguments.label)  # raises: running text has no labels
    if arguments.novel:
        raise CharnnError("--novel is for names; running text has no list to compare with")
    # Made first: it raises before anything is printed.
    letters = model.stream(arguments.prefix, **chosen(arguments))
    show(arguments.prefix, end="", keep=WRITTEN)
    for letter in letters:
        show(letter, end="", keep=WRITTEN, flush=True)
    show()


# ---------------------------------------------------------------- as they are asked for


def answer_prompt(model: "Generator", arguments: argparse.Namespace, known: "Names | None") -> None:
    """Asks how texts are to start, until Ctrl-D, and generates them; Ctrl-C ends a long one."""
    what = "names start" if model.ends_at_newline else "a text starts"
    example = f", or with a label, as {model.labels[0]}: A" if model.labels else ""
    tell(f"type how {what}{example}; an empty line leaves it open, Ctrl-D ends")

    def answer(line: str) -> None:
        label, colon, prefix = line.partition(":")
        if colon and model.labels:
            asked = with_values(arguments, label=label.strip(), prefix=prefix.strip())
        else:
            asked = with_values(arguments, prefix=line)
        try:
            print_texts(model, asked, known)
        except KeyboardInterrupt:
            show()
            tell("stopped")

    with warnings.catch_warnings():
        warnings.simplefilter("always")  # of a line that is typed again too
        answer_each(typed_lines("start: "), answer)


# ---------------------------------------------------------------- how surprising a text is


def print_score(model: "Generator", arguments: argparse.Namespace) -> None:
    """Bits per character of a text, and a bar for the bits of each letter."""
    from charnn.inference.plan import bits_per_char

    letters = model.bits_per_letter(arguments.score, arguments.label)
    mean = bits_per_char(letters)
    doubts = model.doubts(arguments.score)
    sentence = doubts.sentence(arguments.score, "letters")
    if sentence:
        warnings.warn(sentence, stacklevel=1)
    if arguments.json:
        about = {
            "text": arguments.score,
            "label": arguments.label,
            "bits_per_char": mean,
            "letters": [{"letter": letter, "bits": bits} for letter, bits in letters],
            **doubts.to_dict("letters"),
        }
        show(to_json(about))
        return
    show(f"{mean:.2f} bits per character")
    end = {"\n": "end"} if model.ends_at_newline else {}
    shown = [end.get(letter) or printable(letter) for letter, _ in letters]
    width = max(4, *map(len, shown))
    for symbol, (_, bits) in zip(shown, letters, strict=True):
        show(f"{symbol:>{width}} {bits:6.2f} {'#' * round(BARS_PER_BIT * bits)}")


if __name__ == "__main__":
    sys.exit(cli.run(main))
