"""The file of a model: arrays, and all else as one JSON text beside them (safetensors, no pickle).

A training's checkpoint is such a file too. Knows nothing of networks or tasks: arrays and a
dictionary go in and come out. The same arrays and dictionary give the same file, byte for byte. A
digest of both is in it, so that no change of the file goes unnoticed; who means to deceive can
compute one too, so nothing read is believed.
"""

import json
import math
import os
import warnings
from hashlib import blake2b
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from safetensors import SafetensorError, deserialize
from safetensors import numpy as safetensors_numpy

from charnn.errors import CharnnError
from charnn.files import write
from charnn.version import __version__
from charnn.wording import listed, quoted

FORMAT = 4  # 1 had no fingerprints of names, 2 no digest, 3 no Kneser-Ney smoothing
OLDEST = 2  # the oldest format that is read
LARGEST = 1 << 32  # bytes of a file
LARGEST_HEADER = 1 << 23  # bytes of its header, in which the description is
LONGEST_NUMBER = 40  # digits of a whole number in a description
DEEPEST = 32  # dictionaries and lists within each other in a description
GIVE = "give a model.safetensors or checkpoint that charnn.train wrote"
TYPES = {
    "F64": np.float64,
    "F32": np.float32,
    "I64": np.int64,
    "I32": np.int32,
    "U8": np.uint8,
    "BOOL": np.bool_,
}


def save(path: str | Path, arrays: dict[str, np.ndarray], about: dict[str, Any]) -> None:
    """Writes the file of arrays and their description. Raises CharnnError as `to_bytes` does."""
    write(path, to_bytes(path, arrays, about))


def to_bytes(path: str | Path, arrays: dict[str, np.ndarray], about: dict[str, Any]) -> bytes:
    """The file of arrays and their description; `path` is what messages call it.

    Format, version and digest are added to `about`. Raises CharnnError for what `read` would
    refuse: a type of array that is not in TYPES, a number in the description that is not finite or
    has too many digits, and too many bytes.
    """
    try:
        # As it will be read: tuples become lists, and all keys texts.
        about = _from_json(_to_json({**about, "format": FORMAT, "version": __version__}))
    except CharnnError as error:
        raise CharnnError(f"{path} cannot be written: its description {error}") from None
    plain = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    for name, array in plain.items():
        if array.dtype not in TYPES.values():
            raise CharnnError(f"{path} cannot be written: {name} is of type {array.dtype}")
    about["digest"] = digest(plain, about)
    content: bytes = safetensors_numpy.save(plain, {"charnn": _to_json(about)})
    header = int.from_bytes(content[:8], "little")
    for what, size, most in (
        ("a file", len(content), LARGEST),
        ("the symbols and labels of a file", header, LARGEST_HEADER),
    ):
        if size > most:
            raise CharnnError(
                f"{path} cannot be written: {what} may have {most:,} bytes, and this has {size:,}; "
                "train a smaller model"
            )
    return content


def read(path: str | Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Arrays and description of a file that `save` wrote: copies, whatever happens to the file.

    The description has the file's "format" and the "version" of charnn that wrote it. Warns of an
    older format without a digest. Raises CharnnError for a file that is absent, too large, not
    safetensors, not charnn's, damaged or of a newer format.
    """
    path = Path(path)
    content = _content(path)
    try:
        tensors = deserialize(content)
    except SafetensorError as error:
        raise CharnnError(
            f"{path} is not a whole safetensors file ({listed([error])}); give a model.safetensors "
            "that charnn.train wrote, or copy it again"
        ) from None
    # The library, which has checked the header, hands over only the tensors.
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    about = _description(path, (header.get("__metadata__") or {}).get("charnn"))
    arrays = {name: _array(path, name, tensor) for name, tensor in tensors}
    expected = about.pop("digest", None)  # it would be another one once the model is changed
    if expected is None and about["format"] == OLDEST:
        warnings.warn(
            f"{path} is of format {about['format']}, which has no digest, so damage goes unnoticed;"
            f" write it anew with charnn.load({str(path)!r}).save(...)",
            stacklevel=3,
        )
        return arrays, about
    found = digest(arrays, about)
    if found != expected:
        raise CharnnError(
            f"{path} is damaged: its digest is {found}, expected {quoted(expected)}; "
            "copy or train it again"
        )
    return arrays, about


def digest(arrays: dict[str, np.ndarray], about: dict[str, Any]) -> str:
    """BLAKE2b of every array's name, type, shape and values, and of the rest of the description."""
    rest = {key: value for key, value in about.items() if key != "digest"}
    names = sorted(arrays)
    shapes = [[name, arrays[name].dtype.name, arrays[name].shape] for name in names]
    text = _to_json([rest, shapes]).encode("utf-8", "surrogatepass")
    found = blake2b(text, digest_size=16)
    for name in names:
        found.update(arrays[name].reshape(-1).view(np.uint8).data)
    return found.hexdigest()


# ---------------------------------------------------------------- reading, step by step


def _content(path: Path) -> bytes:
    """The bytes of a regular file whose size and whose header's size are within bounds."""
    try:
        if path.is_dir():
            inside = path / "model.safetensors"
            raise CharnnError(f"{path} is a folder; give the model file in it, such as {inside}")
        if not path.exists():
            raise CharnnError(f"{path} does not exist; {GIVE}")
        if not path.is_file():
            raise CharnnError(f"{path} is not a regular file; {GIVE}")
        with path.open("rb") as file:
            return _bounded(path, file)
    except OSError as error:
        raise CharnnError(
            f"{path} cannot be read ({error.strerror or error}); check its permissions"
        ) from None
    except MemoryError:
        raise CharnnError(f"{path} needs more memory than there is; {GIVE}") from None


def _bounded(path: Path, file: BinaryIO) -> bytes:
    """All bytes of an open file, once its size and the size that its header claims are checked."""
    size = os.fstat(file.fileno()).st_size
    header = int.from_bytes(file.read(8), "little")
    if size > LARGEST or header > LARGEST_HEADER:
        raise CharnnError(
            f"{path} is not a whole safetensors file that charnn wrote ({size:,} bytes, of which "
            f"{header:,} are a header); give a model.safetensors that charnn.train wrote, or copy "
            "it again"
        )
    file.seek(0)
    return file.read(size)


def _array(path: Path, name: str, tensor: dict[str, Any]) -> np.ndarray:
    """One tensor. Raises CharnnError for a number type or a shape that charnn never writes."""
    kind, shape = tensor["dtype"], tensor["shape"]
    if kind not in TYPES:
        raise CharnnError(f"{path}: tensor {listed([name])} is of type {kind}; train it again")
    try:
        return np.frombuffer(tensor["data"], TYPES[kind]).reshape(shape)
    except (ValueError, OverflowError):  # sizes beside a 0 that numpy cannot hold, or too many axes
        raise CharnnError(
            f"{path}: tensor {listed([name])} has the shape {quoted(shape)}; train it again"
        ) from None


def _description(path: Path, text: str | None) -> dict[str, Any]:
    """The description of a file, of a format that this version reads."""
    try:
        about = _from_json(text or "")
        found = about["format"]
    except CharnnError as error:
        raise CharnnError(f"{path}: its description {error}; train it again") from None
    except (ValueError, TypeError, KeyError, RecursionError):
        raise CharnnError(f"{path} has no charnn description; {GIVE}") from None
    if type(found) is not int or found < OLDEST:
        raise CharnnError(f"{path} is of format {quoted(found)}, expected {FORMAT}; train it again")
    if found > FORMAT:
        needed = listed([about.get("version", "of a later date")])
        raise CharnnError(
            f"{path} is of format {found}, this charnn {__version__} reads up to {FORMAT}; "
            f"it needs charnn {needed} or newer"
        )
    return about


# ---------------------------------------------------------------- JSON, as charnn writes it


def _to_json(value: Any) -> str:
    """The same text for equal values."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _from_json(text: str) -> Any:
    """What a text holds. Raises CharnnError, saying what it is, for what no description has.

    Raises ValueError or RecursionError for what is no JSON.
    """
    value = json.loads(
        text,
        parse_constant=_no_number,
        parse_float=_finite,
        parse_int=_whole,
        object_pairs_hook=_different,
    )
    level = [value]
    for _ in range(DEEPEST):
        level = [inner for outer in level for inner in _inside(outer)]
    if level:
        raise CharnnError(f"has more than {DEEPEST} levels")
    try:
        _to_json(value).encode()
    except UnicodeEncodeError:
        raise CharnnError("holds half a character (a lone surrogate)") from None
    return value


def _inside(value: Any) -> Any:
    """The values that a value of JSON holds."""
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _no_number(text: str) -> float:
    raise CharnnError(f"holds {text}, which is no number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise CharnnError(f"holds the number {quoted(text)}, which is too large")
    return number


def _whole(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise CharnnError(f"holds a number of {len(text):,} digits, which is too large")
    return int(text)


def _different(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A dictionary of pairs with different keys."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise CharnnError("repeats a key")
    return found


# ---------------------------------------------------------------- what was read


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
                f"{path}: tensor {listed([name])}: expected {wanted}, found {found}; train it again"
            )
        if not np.isfinite(arrays[name]).all():
            raise CharnnError(
                f"{path}: tensor {name} holds a value that is not finite; train it again"
            )
