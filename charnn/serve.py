"""python -m charnn.serve: models as a page for people and as a JSON API for programs."""

import argparse
import sys

from charnn import cli
from charnn.config import flag_of
from charnn.deployment.settings import BUNDLED, Settings, named_of, token_of
from charnn.errors import CharnnError
from charnn.wording import listed, quoted

DEFAULTS = Settings()
NEEDED = ("httptools", "jinja2", "prometheus_client", "starlette", "uvicorn")  # extra `serve`


def build_parser() -> cli.Parser:
    """The options."""
    options = cli.parser(
        "serve",
        "Serves models over HTTP: a page that answers as one types, and JSON for programs, as\n"
        "/docs there says. Prints the address once it answers. SIGTERM ends it when what is being\n"
        "answered is done; SIGHUP reads the model files again. Logs one line of JSON per request\n"
        "on standard error, without the names.",
    )
    add_options(options)
    return options


def main(argv: list[str] | None = None) -> int:
    """Parses, loads the models, serves until it is told to end."""
    arguments = build_parser().parse_args(argv)
    check(arguments)
    settings = settings_of(arguments)
    try:
        from charnn.deployment.running import run
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in NEEDED:
            raise
        raise CharnnError(f'the server needs {error.name}; pip install "charnn[serve]"') from None
    return run(settings)


def add_options(options: cli.Parser) -> None:
    """What is served, where, and within which limits."""
    options.add_argument(
        "--model",
        action="append",
        metavar="NAME=FILE",
        help="a model.safetensors of yours, or hf://OWNER/NAME on the Hugging Face Hub, and the "
        "name it is asked for by; several times for several (default: the bundled classifier and "
        "generator)",
    )
    options.add_argument(
        "--host", default=DEFAULTS.host, help="the address to listen on (default: %(default)s)"
    )
    options.add_argument(
        "--token-file",
        metavar="FILE",
        help="holds the token that requests must bring (Authorization: Bearer TOKEN)",
    )
    options.add_argument(
        "--cors",
        action="append",
        metavar="ORIGIN",
        help="an origin, such as https://example.org, whose pages may ask; several times for "
        "several (default: none)",
    )
    options.add_argument(
        "--log-names",
        action="store_true",
        help="log what was asked for, too; names are personal data",
    )
    for name, (_, _, text) in NUMBERS.items():
        default = getattr(DEFAULTS, name)
        options.add_argument(
            flag_of(name),
            type=type(default),
            default=default,
            metavar="X" if isinstance(default, float) else "N",
            help=f"{text} (default: %(default)s)",
        )


NUMBERS = {  # of each option the least and the most, and its help
    "port": (0, 65_535, "the port to listen on; 0 takes a free one"),
    "workers": (1, 256, "processes that answer"),
    "grace": (0, 3600, "seconds for what is being answered when it is to end"),
    "deadline": (0.1, 3600.0, "seconds for one request"),
    "max_names": (1, 1_000_000, "names of one request"),
    "max_letters": (1, 10_000, "characters of a name or text"),
    "max_written": (1, 10_000_000, "characters that one request may have generated"),
    "max_body": (100, 2**30, "bytes of a request's body"),
    "max_waiting": (1, 100_000, "requests that are answered at once"),
}


def check(arguments: argparse.Namespace) -> None:
    """Raises CharnnError for numbers out of range and for what is no origin."""
    for name, (low, high, _) in NUMBERS.items():
        value = getattr(arguments, name)
        if not low <= value <= high:
            raise CharnnError(
                f"{flag_of(name)} {value} is out of range; choose from {low:,} to {high:,}"
            )
    for origin in arguments.cors or ():
        if origin != "*" and not origin.startswith(("http://", "https://")):
            raise CharnnError(
                f"--cors {quoted(origin)} is no origin; give one such as https://example.org"
            )


def settings_of(arguments: argparse.Namespace) -> Settings:
    """What the options say. Raises CharnnError for models of one name, and for no token."""
    models = tuple(map(named_of, arguments.model or ())) or BUNDLED
    names = [name for name, _ in models]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise CharnnError(
            f"--model {listed(twice)} is given twice; give each its own name, as NAME=FILE"
        )
    token = None if arguments.token_file is None else token_of(arguments.token_file)
    values = {name: getattr(arguments, name) for name in Settings._fields if name in arguments}
    return Settings(models=models, token=token, **values | {"cors": tuple(arguments.cors or ())})


if __name__ == "__main__":
    sys.exit(cli.run(main))
