"""python -m charnn.generate: names and text that a trained network writes, or how surprising a given one is."""

import sys

from charnn import cli
from charnn.config import flag_of
from charnn.errors import CharnnError


def main(argv: list[str] | None = None) -> None:
    """Parses, loads the model, writes."""
    options = cli.parser("generate", "Writes new names, one a line, or running text; or with --score says how many\n"
                                     "bits per character a given text costs the model, and each letter of it.")
    cli.add_model(options)
    options.add_argument("--label", help="write names of this label (default: of any, by their shares)")
    options.add_argument("--prefix", default="", metavar="TEXT", help="how each text starts")
    options.add_argument("--count", type=int, metavar="N", help="how many names, or texts (default: 10, or 1 text)")
    options.add_argument("--temperature", type=float, default=1.0, metavar="X",
                         help="below 1 the probable becomes more so, 0 always takes the most probable letter "
                              "(default: %(default)s)")
    options.add_argument("--top-k", type=int, metavar="K", help="draw from the K most probable letters alone")
    options.add_argument("--top-p", type=float, metavar="P",
                         help="draw from the fewest letters that together have probability P (nucleus sampling)")
    options.add_argument("--length", type=int, metavar="N",
                         help="characters of a text at most (default: 500, of a name as in training)")
    options.add_argument("--seed", type=int, metavar="N", help="the same seed writes the same (default: any)")
    options.add_argument("--novel", action="store_true", help="only names that the model was not made from")
    options.add_argument("--data", metavar="PATH", help="what the model was trained on: show the nearest training "
                                                        "name beside each (needs rapidfuzz)")
    options.add_argument("--score", metavar="TEXT", help="do not write: say how surprising this text is")
    options.add_argument("--json", action="store_true", help="one JSON object per text and line")
    arguments = options.parse_args(argv)
    for_writing = [name for name, value in vars(arguments).items() if value != options.get_default(name)
                   and name not in ("score", "label", "model", "device", "json")]
    if arguments.score is not None and for_writing:
        raise CharnnError(f"--score writes nothing; leave {', '.join(map(flag_of, for_writing))} out")

    from charnn.inference.generator import Generator
    from charnn.inference.load import load
    model = load("generator" if arguments.model is None else arguments.model, arguments.device)
    if not isinstance(model, Generator):
        raise CharnnError(f"{arguments.model} is a classifier; give a generator's model file")
    if arguments.data is not None and model.reads == "text":
        raise CharnnError("--data is for names; running text has no list to compare with")
    if arguments.score is not None:
        show_score(model, arguments)
    elif model.reads == "text" and arguments.count is None and not arguments.json:
        show_stream(model, arguments)
    else:
        show_samples(model, arguments)


def chosen(arguments) -> dict:
    """What the command line says of how letters are drawn."""
    return {name: getattr(arguments, name) for name in ("temperature", "top_k", "top_p", "length", "seed")}


def show_samples(model, arguments) -> None:
    """All texts at once, a line each; with --data the nearest training name beside it, and its distance in letters."""
    number = arguments.count if arguments.count is not None else 1 if model.reads == "text" else 10
    known = None
    if arguments.data is not None:
        from charnn.inference.nearest import nearest, training_names
        known = training_names(arguments.data, model.seen["train"])
    samples = model.sample(arguments.label, arguments.prefix, number, novel=arguments.novel, **chosen(arguments))
    near = [None] * number if known is None else nearest([sample.text for sample in samples], known)
    for sample, neighbour in zip(samples, near, strict=True):
        if arguments.json:
            print(cli.to_json(sample._asdict() | ({} if neighbour is None else {"nearest": neighbour._asdict()})))
        elif model.reads == "text":
            print(sample.text)
        else:
            print(cli.printable(sample.text if neighbour is None else
                                f"{sample.text}   {neighbour.distance} from {neighbour.name} ({neighbour.label})"))


def show_stream(model, arguments) -> None:
    """One running text, letter by letter as it is drawn."""
    if arguments.label is not None:
        model.index(arguments.label)
    if arguments.novel:
        raise CharnnError("--novel is for names; running text has no list to compare with")
    sys.stdout.write(arguments.prefix)
    for letter in model.stream(arguments.prefix, **chosen(arguments)):
        sys.stdout.write(letter if letter == "\n" else cli.printable(letter))
        sys.stdout.flush()
    sys.stdout.write("\n")


def show_score(model, arguments) -> None:
    """Bits per character of a text, and of each letter: the taller the bar, the greater the surprise."""
    letters = model.letters(arguments.score, arguments.label)
    mean = sum(bits for _, bits in letters) / len(letters)
    if arguments.json:
        print(cli.to_json({"text": arguments.score, "label": arguments.label, "bits_per_char": mean,
                           "letters": [{"letter": letter, "bits": bits} for letter, bits in letters]}))
        return
    print(f"{mean:.2f} bits per character")
    for letter, bits in letters:
        print(f"{'end' if letter == chr(10) else cli.printable(letter):>4} {bits:6.2f} {'#' * round(4 * bits)}")


if __name__ == "__main__":
    sys.exit(cli.run(main))
