"""What all commands share: options that mean the same everywhere, and how they fail.

Knows no command and no torch. Results go to standard output, progress and warnings to standard
error; bad input is one line and exit code 2.

A command imports what needs torch, numpy or matplotlib only after it has parsed its options, within
the functions that use it: these imports take a second, and --help should answer at once.
"""

import argparse
import contextlib
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from charnn.blas import start_with_one_thread
from charnn.config import BACKENDS, Config, flag_of
from charnn.errors import CharnnError, Ended
from charnn.options import TASK
from charnn.parsing import Parser as Parser
from charnn.presets import PRESETS, STANDARD, configure, described
from charnn.signals import signals_raised
from charnn.terminal import finish, prepare_streams, tell
from charnn.version import __version__
from charnn.waiting import long_work_told
from charnn.wording import listed, shortened

Options = argparse._ActionsContainer  # a parser, or one group of its options
NO_MEMORY = ("out of memory", "not enough memory", "allocate memory")  # in torch's words
PACKAGES = {  # that training and pictures need and answering does not, as pip knows them
    "torch": "torch",
    "matplotlib": "matplotlib",
    "sklearn": "scikit-learn",
    "scipy": "scipy",
    "joblib": "joblib",
    "threadpoolctl": "threadpoolctl",
    "jinja2": "jinja2",
}
VALUES: dict[Any, str] = {int: "N", float: "X", str: "TEXT"}  # what --help shows for a value

# ---------------------------------------------------------------- options


def parser(command: str, description: str) -> Parser:
    """A parser for `python -m charnn.<command>` that knows --help and --version alone."""
    options = Parser(
        prog=f"python -m charnn.{command}",
        description=description,
        allow_abbrev=False,
    )
    options.add_argument(
        "--version",
        action="version",
        version=f"charnn {__version__}",
        help="print charnn's version and exit",
    )
    return options


def add_model(to: Options) -> None:
    """--model."""
    to.add_argument(
        "--model",
        metavar="FILE",
        help="a model.safetensors of yours, or hf://OWNER/NAME on the Hugging Face Hub (default: "
        "the bundled model)",
    )


def add_device(to: Options) -> None:
    """--device."""
    to.add_argument(
        "--device",
        default="auto",
        help="auto, cpu, cuda, cuda:N or mps (default: %(default)s)",
    )


def add_backend(to: Options) -> None:
    """--backend."""
    to.add_argument(
        "--backend",
        default="auto",
        choices=("auto", *BACKENDS),
        help="what computes the answers: numpy, onnx (onnxruntime), or torch, which --device cuda "
        "or mps needs (default: %(default)s, numpy on the processor)",
    )


def add_measuring(to: Options) -> None:
    """Which names to measure on: --unseen and --skip-unknown-labels."""
    to.add_argument(
        "--unseen",
        action="store_true",
        help="leave out the spellings of the model's training and validation sets",
    )
    add_skip_unknown_labels(to)


def add_skip_unknown_labels(to: Options) -> None:
    """--skip-unknown-labels."""
    to.add_argument(
        "--skip-unknown-labels",
        action="store_true",
        default=None,
        help="leave out the names to measure on whose label the model does not know, and say how "
        "many there are",
    )


def add_config(to: Parser) -> None:
    """--preset and one flag for each value of Config, with its help, choices and default.

    They stand in --help in the groups that config.py gives them, and the presets at its end.
    """
    names = dict.fromkeys(name for presets in PRESETS.values() for name in presets)
    to.group(TASK).add_argument(
        "--preset",
        metavar="|".join(names),
        help="a set of values to start from, described below; flags override it (default: "
        f"{STANDARD})",
    )
    to.epilog = f"presets, and how long they train on two cores, about:\n\n{described()}"
    for option in fields(Config):
        flag, kind = flag_of(option.name), option.type
        group = to.group(option.metadata["group"])
        text = f"{option.metadata['help']} (default: {option.default})"
        # The default is None here, so that `config_of` can tell what was given: a preset's value
        # takes the place of what was not.
        if kind is bool:
            group.add_argument(flag, action=argparse.BooleanOptionalAction, default=None, help=text)
            continue
        choices: Sequence[str] | None = option.metadata["choices"]
        shown = "|".join(choices) if choices else VALUES[kind]
        convert: Any = kind
        group.add_argument(flag, type=convert, default=None, help=text, metavar=shown)


def config_of(arguments: argparse.Namespace, base: Config | None = None) -> Config:
    """The Config that the options ask for: what is not given is as in `base`, or in the preset.

    Raises CharnnError for a value that cannot work.
    """
    values = {option.name: getattr(arguments, option.name) for option in fields(Config)}
    given = {name: value for name, value in values.items() if value is not None}
    if base is not None:
        return Config.from_dict({**base.to_dict(), **given})
    preset = arguments.preset or STANDARD
    return configure(preset, text=arguments.text is not None, **given)


# ---------------------------------------------------------------- where files go


@contextlib.contextmanager
def output_folder(out: str | None, name: str, files: Sequence[str]) -> Iterator[Path]:
    """A folder for these files: `out`, or the first free runs/<name>-N.

    Raises CharnnError if `out` already holds one of them or cannot be made. If an exception leaves
    the folder empty, it is removed, unless it was there before.
    """
    if out is not None:
        check_free(Path(out), files)
    was_there = out is not None and Path(out).exists()
    folder = make_folder(out, name)
    try:
        yield folder
    except BaseException:
        if not was_there:
            with contextlib.suppress(OSError):  # of a folder that is not empty
                folder.rmdir()
        raise


def check_free(out: Path, files: Sequence[str]) -> None:
    """Raises CharnnError when `out` is no folder, or holds one of these files already."""
    if out.exists() and not out.is_dir():
        raise CharnnError(f"--out {out} is a file; give a folder")
    taken = [name for name in files if (out / name).exists()]
    if taken:
        raise CharnnError(
            f"--out {out} already holds {listed(taken)}; choose another folder or move them away"
        )


def check_target(option: str, target: str) -> None:
    """Raises CharnnError when there is such a file already, or no folder for it."""
    folder = os.path.dirname(target)
    if folder and not os.path.isdir(folder):
        raise CharnnError(
            f"{option} {target} cannot be written: there is no folder {folder}; make it"
        )
    if os.path.lexists(target):
        raise CharnnError(f"{option} {target} exists already; choose another name or move it away")


def make_folder(out: str | None, name: str) -> Path:
    """Makes the folder `out`, or the first free runs/<name>-N, which no other run can then take."""
    try:
        if out is not None:
            Path(out).mkdir(parents=True, exist_ok=True)
            check_writable(Path(out), "choose another --out")
            return Path(out)
        Path("runs").mkdir(exist_ok=True)
        number = 1
        while True:
            folder = Path("runs") / f"{name}-{number}"
            try:
                folder.mkdir()
                return folder
            except FileExistsError:  # another run's
                number += 1
    except OSError as error:
        raise CharnnError(
            f"{out or 'runs'} cannot be made or written to ({error.strerror}); choose another --out"
        ) from None


def check_writable(folder: Path, remedy: str) -> None:
    """Raises CharnnError for a folder that cannot be written to: now rather than at the end."""
    import tempfile

    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise CharnnError(f"{folder} cannot be written to ({error.strerror}); {remedy}") from None


# ---------------------------------------------------------------- running, and how it ends


def run(command: Callable[[list[str] | None], int | None], argv: list[str] | None = None) -> int:
    """Runs a command; prints an error that the user can fix as one line. Returns the exit code."""
    warnings.showwarning = _print_warning
    prepare_streams()
    start_with_one_thread()
    with signals_raised(), long_work_told():
        try:
            try:
                return _exit_code(command, argv)
            finally:
                finish()
        except CharnnError as error:
            return _failed(error)
        except BrokenPipeError:
            return 0  # The reader, such as head, has read enough.
        except OSError as error:
            where = error.filename or "reading or writing"
            return _failed(f"{where}: {error.strerror or error}; check the path and the disk")
        except (MemoryError, RuntimeError) as error:
            if not _is_out_of_memory(error):
                raise
            return _failed(
                f"out of memory ({shortened(error, 200) or 'no more can be had'}); give less at "
                "once, train with a smaller --batch-size or --hidden, or close other programs"
            )
        except ImportError as error:
            package = PACKAGES.get((error.name or "").partition(".")[0])
            if package is None:
                raise
            return _failed(f"this needs {package} ({listed([error])}); pip install {package}")
        except KeyboardInterrupt:
            tell("charnn: interrupted")
            return 130
        except Ended as ended:
            tell(f"charnn: ended by {ended.signal.name}")
            return 128 + ended.signal


def _exit_code(
    command: Callable[[list[str] | None], int | None], argv: list[str] | None = None
) -> int:
    """Runs a command; what argparse exits with, after --help or an error, is returned too."""
    try:
        return command(argv) or 0
    except SystemExit as end:
        return int(end.code or 0)


def _is_out_of_memory(error: Exception) -> bool:
    """Whether Python, numpy or torch (whose RuntimeError it is) got no memory."""
    said = str(error).lower()
    return isinstance(error, MemoryError) or any(words in said for words in NO_MEMORY)


def _failed(message: object) -> int:
    """Prints one line on standard error; returns the exit code for bad input."""
    tell(f"charnn: error: {shortened(message)}")
    return 2


def _print_warning(message: Warning | str, *_: object, **__: object) -> None:
    """A warning as one line, without Python's file and line number."""
    tell(f"charnn: warning: {shortened(message)}")
