"""Model files as a disk, a bad copy or a stranger might change them, and what comes of each.

A mutation is drawn by a random generator of its own, from its number: the same one each time.
"""

import copy
import faulthandler
import json
import math
import random
import sys
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from safetensors import numpy as safetensors_numpy
from tiny_models import answers

from charnn import config
from charnn.errors import CharnnError
from charnn.inference import checkpoint
from charnn.inference.load import load

SECONDS = 5  # that one file may take
MEMORY = 10**9  # bytes more than before, that one file may take
Draw = random.Random
NUMBERS = (0, 1, -1, 2, 3, 7, 16, 17, 4096, 10_000, 2**31, 2**53, 2**63 - 1, 2**63, 10**30, 10**400)
JUNK: tuple[Any, ...] = (
    *(None, True, False, *NUMBERS, *(-number for number in NUMBERS)),
    *(0.0, -0.0, 0.5, 1.0, -1.5, 1e-300, 1e308, math.nan, math.inf, -math.inf),
    *("", "a", "?", "\n", "\x00", "\x1b[2J", "\ud800", "İ", "🙂", "ab" * 1000, "NaN", "1e999", "3"),
    *([], {}, [[]], [{}], [None], [0] * 1000, ["a", "a"], {"a": 1}, {"": []}, [1, "a", None, []]),
    *(*config.TASKS, *config.TOKENS, *config.CELLS, *config.READOUTS, *config.INITS, "text"),
)
NESTED = json.loads("[" * 40 + "]" * 40)


# ---------------------------------------------------------------- bytes


def flipped(content: bytes, draw: Draw, stop: int) -> bytes:
    """With one bit changed, or a few."""
    changed = bytearray(content)
    for _ in range(draw.choice((1, 1, 1, 2, 8))):
        changed[draw.randrange(stop)] ^= 1 << draw.randrange(8)
    return bytes(changed)


def cut(content: bytes, draw: Draw, stop: int) -> bytes:
    """Without its end."""
    return content[: draw.randrange(stop)]


def patched(content: bytes, draw: Draw, stop: int) -> bytes:
    """With some bytes put in, taken out or replaced."""
    start, length = draw.randrange(stop), draw.choice((1, 2, 8, 100))
    new = draw.choice((b"", bytes(length), draw.randbytes(length), content[:length], b'"' * length))
    return content[:start] + new + content[start + draw.choice((0, length)) :]


def of_another_length(content: bytes, draw: Draw, _: int) -> bytes:
    """With another length of the header in front."""
    right = int.from_bytes(content[:8], "little")
    length = draw.choice((0, 1, right - 1, right + 1, 2 * right, 2**32, 2**63, 2**64 - 1))
    return length.to_bytes(8, "little") + content[8:]


def reworded(content: bytes, draw: Draw, _: int) -> bytes:
    """With another word or number in the header: types, shapes, offsets, text of the description."""
    end = 8 + int.from_bytes(content[:8], "little")
    header = content[8:end]
    old, new = draw.choice(
        (
            *((b"F32", new) for new in (b"F16", b"I32", b"BOOL", b"F4", b"BF16", b"X")),
            *((b"I64", new) for new in (b"F64", b"U64", b"I32")),
            *((b'"shape":[', new) for new in (b'"shape":[0,', b'"shape":[1,', b'"shape":[-1,')),
            (b'"shape":[', b'"shape":[' + b"1," * 70),
            (b'"shape":[', b'"shape":[18446744073709551615,'),
            (b'"data_offsets":[', b'"data_offsets":[9'),
            *((b'\\"', new) for new in (b"", b'"', b"\\n")),
            *((b":0.", new) for new in (b":1e999", b":-", b":00.", b":NaN")),
            *((b",", new) for new in (b"", b",,", b":", b",,{}")),
        )
    )
    places = header.count(old)
    parts = header.split(old)
    place = draw.randrange(places) + 1 if places else 0
    header = old.join(parts[:place]) + new + old.join(parts[place:])
    return len(header).to_bytes(8, "little") + header + content[end:]


BYTES: tuple[Callable[[bytes, Draw, int], bytes], ...] = (
    flipped,
    flipped,
    cut,
    patched,
    of_another_length,
    reworded,
)


# ---------------------------------------------------------------- what is in the file


def places_of(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key) of a value of JSON."""
    keys: Any = value.keys() if isinstance(value, dict) else range(len(value))
    for key in list(keys):
        yield value, key
        if isinstance(value[key], dict | list):
            yield from places_of(value[key])


def change_description(about: dict[str, Any], _: dict[str, np.ndarray], draw: Draw) -> None:
    """Another value, at the top more often than deep inside; or one less, or one more."""
    container: Any = about
    while True:
        key = draw.choice(list(container) if isinstance(container, dict) else range(len(container)))
        if not isinstance(container[key], dict | list) or not container[key] or draw.random() < 0.2:
            break
        container = container[key]
    what = draw.random()
    if what < 0.1:
        del container[key]
    elif what < 0.2 and isinstance(container, dict):
        container[draw.choice((f"{key}s", "digest", "ngrams", "", "x" * 1000))] = container[key]
    elif what < 0.2:
        container.insert(0, container[key])
    elif what < 0.22:
        container[key] = NESTED
    elif what < 0.3 and type(container[key]) in (int, float):
        container[key] += draw.choice((1, -1, 0.5))
    elif what < 0.4 and isinstance(container[key], str):
        container[key] = draw.choice((container[key][1:], container[key] + "~", [container[key]]))
    else:
        container[key] = draw.choice(JUNK)


def change_array(_: dict[str, Any], arrays: dict[str, np.ndarray], draw: Draw) -> None:
    """Another type, shape, or value; or one array less, or one more."""
    name = draw.choice(sorted(arrays))
    array = np.atleast_1d(arrays[name])
    kind = draw.choice((np.float64, np.float16, np.int64, np.int32, np.uint8, np.bool_))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # numbers that the other type cannot hold
        other: np.ndarray | None = draw.choice(
            (
                None,
                array.astype(kind),
                array.reshape(-1),
                array[None],
                array.T,
                array[:-1],
                array[:0],
                array[::-1],
                np.concatenate([array, array]),
                np.zeros_like(array),
                np.array(0, dtype=array.dtype),
                np.zeros((0, 2**40), dtype=array.dtype),
                arrays[draw.choice(sorted(arrays))],
            )
        )
    if other is None:
        arrays[draw.choice(("new", "ngrams.codes", "seen.test", "x" * 1000))] = arrays.pop(name)
    else:
        arrays[name] = other


def change_values(_: dict[str, Any], arrays: dict[str, np.ndarray], draw: Draw) -> None:
    """Some values of an array, or all of them, that are as large, small or odd as its type has."""
    name = draw.choice(sorted(arrays))
    arrays[name] = array = arrays[name].copy()
    if array.dtype.kind == "f":
        odd = (0.0, -1.0, 1e3, 1e20, 3e38, -3e38, 1e-45, math.nan, math.inf, -math.inf)
    elif array.dtype.kind == "b":
        odd = (False, True)
    else:
        limits = np.iinfo(array.dtype)
        near = min(int(array.reshape(-1)[0]) + 1 if array.size else 1, int(limits.max))
        odd = (0, 1, near, int(limits.max), int(limits.min), int(limits.max) // 2)
    where = draw.choice((slice(None), draw.randrange(max(array.size, 1)), slice(0, None, 2)))
    if array.size:
        array.reshape(-1)[where] = draw.choice(odd)


CONTENTS: tuple[Callable[[dict[str, Any], dict[str, np.ndarray], Draw], None], ...] = (
    change_description,
    change_description,
    change_description,
    change_array,
    change_values,
)


def packed(arrays: dict[str, np.ndarray], about: dict[str, Any]) -> bytes:
    """A file of these, with the right digest, whatever they are."""
    arrays = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    text = json.dumps({**about, "digest": checkpoint.digest(arrays, about)})
    return safetensors_numpy.save(arrays, {"charnn": text})


def mutant(original: Path, number: int, draw: Draw) -> bytes:
    """The mutation of that number: of the bytes, or of what they say, with the right digest."""
    content = original.read_bytes()
    if number % 2:
        header = 8 + int.from_bytes(content[:8], "little")
        return draw.choice(BYTES)(content, draw, draw.choice((header, len(content))))
    arrays, about = checkpoint.read(original)
    about = copy.deepcopy(about)
    for _ in range(draw.choice((1, 1, 1, 2, 4))):
        draw.choice(CONTENTS)(about, arrays, draw)
    return packed(arrays, about)


# ---------------------------------------------------------------- what comes of it


class Campaign(NamedTuple):
    """What came of some mutations of a file."""

    outcomes: Counter[str]  # how many were "refused", or "answered"
    wrong: list[str]  # which numbers were neither, and why
    slowest: float  # seconds


def finite(answer: Any) -> bool:
    """Whether all numbers of an answer, in lists and tuples, are finite."""
    if isinstance(answer, list | tuple):
        return all(map(finite, answer))
    return not isinstance(answer, float) or math.isfinite(answer)


def limit_memory() -> None:
    """An allocation of more than MEMORY becomes a MemoryError, on systems that can do so."""
    if sys.platform == "linux":
        import resource

        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        limit = pages * resource.getpagesize() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def run_campaign(original: Path, place: Path, numbers: range) -> Campaign:
    """Loads that many mutations and asks each; `place`, a file, keeps the one it is at.

    For a process of its own: its memory stays limited, and it ends where a mutation hangs.
    """
    torch.set_num_threads(1)
    warnings.simplefilter("error")
    answers(load(original, "cpu"))  # everything is imported
    limit_memory()
    outcomes: Counter[str] = Counter()
    wrong, slowest = [], 0.0
    for number in numbers:
        place.write_bytes(mutant(original, number, random.Random(number)))
        start = time.perf_counter()
        faulthandler.dump_traceback_later(SECONDS, exit=True)
        try:
            told = answers(load(place, "cpu"))
            outcomes["answered"] += 1
            if not finite(told):
                wrong.append(f"mutation {number}: {told}"[:1000])
        except CharnnError as error:
            outcomes["refused"] += 1
            if not str(error).isprintable() or len(str(error)) > 1000 + len(str(place)):
                wrong.append(f"mutation {number}: {str(error)[:2000]!r}")
        except (
            BaseException
        ):  # also a panic of the library that reads the file, which is no Exception
            wrong.append(f"mutation {number}: {traceback.format_exc()}")
        faulthandler.cancel_dump_traceback_later()
        slowest = max(slowest, time.perf_counter() - start)
    return Campaign(outcomes, wrong, slowest)
