"""One file: weights, and everything else as one JSON text beside them (safetensors, no pickle).

Knows nothing of networks or tasks: arrays and a dictionary go in and come out.
The same arrays and dictionary give the same file, byte for byte.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors import numpy as safetensors_numpy

from charnn.errors import CharnnError
from charnn.files import write
from charnn.version import __version__

FORMAT = 2  # 1 had no fingerprints of the names a model was trained on


def save(path: str | Path, arrays: dict[str, np.ndarray], about: dict[str, Any]) -> None:
    """Writes arrays and their description; format and package version are added to `about`."""
    about = {**about, "format": FORMAT, "version": __version__}
    text = json.dumps(about, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    plain = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    write(path, safetensors_numpy.save(plain, {"charnn": text}))


def read(path: str | Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Arrays and description of a model file.

    Raises CharnnError for a file that is absent, not safetensors, not charnn's or of a newer
    format.
    """
    path = Path(path)
    given = "give a model.safetensors that charnn.train wrote"
    if path.is_dir():
        inside = path / "model.safetensors"
        raise CharnnError(f"{path} is a folder; give the model file in it, such as {inside}")
    if not path.exists():
        raise CharnnError(f"{path} does not exist; {given}")
    if not path.is_file():
        raise CharnnError(f"{path} is not a regular file; {given}")
    try:
        with safe_open(path, framework="np") as file:
            metadata = file.metadata() or {}
            about = _parse(metadata.get("charnn"), path)
            arrays = {name: _array(file, name, path) for name in file.keys()}  # noqa: SIM118
    except OSError as error:
        reason = error.strerror or error
        raise CharnnError(f"{path} cannot be read ({reason}); check its permissions") from None
    except SafetensorError as error:
        raise CharnnError(
            f"{path} is not a whole safetensors file ({error}); train or copy it again"
        ) from None
    return arrays, about


def _array(file: Any, name: str, path: Path) -> np.ndarray:
    """One tensor of an open file. Raises CharnnError for a number type that numpy lacks."""
    try:
        return file.get_tensor(name)
    except (TypeError, AttributeError):
        kind = file.get_slice(name).get_dtype()
        raise CharnnError(f"{path}: tensor {name} is of type {kind}; train it again") from None


def _parse(text: str | None, path: Path) -> dict[str, Any]:
    """The description of a file, of the format that this version reads."""
    try:
        about = json.loads(text or "")
        found = about["format"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise CharnnError(
            f"{path} has no charnn description; give a model.safetensors that charnn.train wrote"
        ) from None
    if type(found) is not int or found < FORMAT:
        raise CharnnError(f"{path} is of format {found!r}, expected {FORMAT}; train it again")
    if found > FORMAT:
        needed = about.get("version", "of a later date")
        raise CharnnError(
            f"{path} is of format {found}, this charnn {__version__} reads up to {FORMAT}; "
            f"it needs charnn {needed} or newer"
        )
    return about


def check(
    path: str | Path,
    arrays: dict[str, np.ndarray],
    expected: dict[str, tuple[tuple[int, ...], str]],
) -> None:
    """Raises CharnnError unless names, shapes and types agree and all values are finite.

    `expected` has the shape and the type of each array; the error has path, expected and found.
    """
    for name in sorted(expected.keys() | arrays.keys()):
        wanted = "{} {}".format(*expected[name]) if name in expected else "nothing"
        found = f"{arrays[name].shape} {arrays[name].dtype}" if name in arrays else "nothing"
        if wanted != found:
            raise CharnnError(
                f"{path}: tensor {name}: expected {wanted}, found {found}; train it again"
            )
        if not np.isfinite(arrays[name]).all():
            raise CharnnError(
                f"{path}: tensor {name} holds a value that is not finite; train it again"
            )
