"""What all commands share: options that mean the same everywhere, and how they fail.

Knows no command and no torch. Results go to standard output, progress and warnings
to standard error; bad input is one line and exit code 2.
"""

import argparse
import json
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Sequence
from dataclasses import fields
from itertools import count
from pathlib import Path

from charnn.config import PRESETS, Config, configure, flag_of
from charnn.errors import CharnnError
from charnn.wording import printable

RAW = argparse.RawDescriptionHelpFormatter
VALUES = {int: "N", float: "X", str: "TEXT"}  # what --help shows for a value


class Parser(argparse.ArgumentParser):
    """argparse, whose complaints look like all others: one line, exit code 2."""

    def error(self, message):
        """Prints `charnn: error: ...` and exits with 2."""
        self.exit(2, f"charnn: error: {printable(message)}; see {self.prog} --help\n")


def parser(command: str, description: str) -> Parser:
    """An empty parser for `python -m charnn.<command>`."""
    return Parser(prog=f"python -m charnn.{command}", description=description, allow_abbrev=False,
                  formatter_class=RAW)


def add_model(to: Parser) -> None:
    """--model and --device."""
    to.add_argument("--model", metavar="FILE", help="a model.safetensors of yours (default: the bundled model)")
    add_device(to)


def add_device(to: Parser) -> None:
    """--device."""
    to.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:N or mps (default: %(default)s)")


def add_config(to: Parser) -> None:
    """--preset and one flag for each value of Config, with its help, choices and default."""
    presets = "; ".join(f"{', '.join(names)} ({kind})" for kind, names in PRESETS.items())
    to.add_argument("--preset", default="standard", help=f"a set of values to start from: {presets}; flags override it "
                                                         "(default: %(default)s)")
    for option in fields(Config):
        text = f"{option.metadata['help']} (default: {option.default})"
        if option.type is bool:
            to.add_argument(flag_of(option.name), action=argparse.BooleanOptionalAction, default=None, help=text)
        else:
            choices = option.metadata["choices"]
            to.add_argument(flag_of(option.name), type=option.type, default=None, help=text,
                            metavar="|".join(choices) if choices else VALUES[option.type])


def config_of(arguments: argparse.Namespace) -> Config:
    """The Config that the command line asks for. Raises CharnnError for a value that cannot work."""
    given = {option.name: getattr(arguments, option.name) for option in fields(Config)}
    return configure(arguments.preset, text=arguments.text is not None,
                     **{name: value for name, value in given.items() if value is not None})


def check_free(out: Path, files: Sequence[str]) -> None:
    """Raises CharnnError when `out` cannot take these files, before time is spent on making them."""
    if out.exists() and not out.is_dir():
        raise CharnnError(f"--out {out} is a file; give a folder")
    taken = [name for name in files if (out / name).exists()]
    if taken:
        raise CharnnError(f"--out {out} already holds {', '.join(taken)}; choose another folder or move them away")


def make_folder(out: str | None, name: str) -> Path:
    """Makes the folder `out`, or the first free runs/<name>-N, which nobody else can then take."""
    try:
        if out is not None:
            Path(out).mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=out).close()  # fails now rather than at the end
            return Path(out)
        Path("runs").mkdir(exist_ok=True)
        for number in count(1):
            folder = Path("runs") / f"{name}-{number}"
            try:
                folder.mkdir()
                return folder
            except FileExistsError:  # another run's
                continue
    except OSError as error:
        raise CharnnError(f"{out or 'runs'} cannot be made or written to ({error.strerror}); "
                          "choose another --out") from None


def to_json(value: object) -> str:
    """JSON on one line, in letters that standard output can write."""
    utf8 = (sys.stdout.encoding or "utf-8").lower().replace("-", "") == "utf8"
    return json.dumps(value, ensure_ascii=not utf8)


def run(command: Callable[[list[str] | None], int | None], argv: list[str] | None = None) -> int:
    """Runs a command and turns what the user can put right into one line; returns the exit code."""
    warnings.showwarning = lambda message, *_, **__: print(f"charnn: warning: {printable(message)}", file=sys.stderr)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal without the letter still gets a line
    try:
        code = command(argv) or 0
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except CharnnError as error:
        print(f"charnn: error: {printable(error)}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        where = printable(error.filename or "reading or writing")
        print(f"charnn: error: {where}: {error.strerror or error}; check the path and the disk", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("charnn: interrupted", file=sys.stderr)
        return 130
