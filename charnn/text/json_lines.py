"""A table that is a text of JSON objects, one a line: its columns are their keys."""

import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from charnn.errors import CharnnError
from charnn.text.dialects import Sample
from charnn.text.encodings import Encoding
from charnn.text.records import Nested, Row
from charnn.text.table_base import Table
from charnn.wording import quoted

SUFFIXES = (".jsonl", ".ndjson")


class JsonTable(Table):
    """JSON objects, one a line; `columns` are the keys of the first ones."""

    def __init__(self, path: Path, encoding: Encoding, sample: Sample, lines: Iterator[str]):
        objects = filter(None, (object_of(path, *line) for line in enumerate(sample.lines, 1)))
        columns = list(dict.fromkeys(key for one in objects for key in one))
        if not columns:
            raise CharnnError(f"{path} holds no JSON object with a key; give one on each line")
        super().__init__(path, "JSON lines", columns, has_header=True)
        self.encoding = encoding
        self.encoding_name = encoding.shown
        self._lines = chain(sample.lines, lines)

    def rows(self) -> Iterator[Row]:
        """The objects, once: a key that is absent or null is an empty cell.

        Raises CharnnError for a line that is no object.
        """
        for number, line in enumerate(self._lines, start=1):
            found = object_of(self.path, number, line)
            cells = [] if found is None else [as_cell(found.get(key)) for key in self.columns]
            yield Row(number, cells, line)


def is_json_lines(path: Path, sample: Sample) -> bool:
    """Whether a text holds JSON objects, one a line.

    Raises CharnnError for JSON of another form, which would be read as names.
    """
    first = next((line.strip() for line in sample.lines if line.strip()), "")
    if first in ("{", "[") or first.startswith(("[{", "[ {", "[[", '["')):
        raise CharnnError(
            f"{path} is JSON, but not one object a line; convert it, with jq -c '.[]' for example"
        )
    if sample.suffix in (*SUFFIXES, ".json"):
        return True
    try:
        return first.startswith("{") and isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False


def object_of(path: Path, number: int, line: str) -> dict[str, Any] | None:
    """The JSON object of a line; None for a blank one."""
    if not line.strip():
        return None
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        found = error
    if not isinstance(found, dict):
        raise CharnnError(
            f"{path}, line {number:,}: {quoted(line.strip(), 60)} is no JSON object; "
            "give one on each line"
        )
    return found


def as_cell(value: object) -> str:
    """A JSON value as the text of a cell."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    text = json.dumps(value, ensure_ascii=False)
    return Nested(text) if isinstance(value, list | dict) else text


def with_answer(path: Path, row: Row, answer: dict[str, Any]) -> str:
    """A line with more keys before its last brace; all else in it as it is.

    Raises CharnnError for a key that the object has already.
    """
    line = str(row.raw)
    found = object_of(path, row.line, line)
    if found is None:
        return line
    taken = [key for key in answer if key in found]
    if taken:
        raise CharnnError(
            f"{path}, line {row.line:,}: the object already has a key {quoted(taken[0])}; "
            "rename or remove it"
        )
    end = line.rindex("}")
    added = json.dumps(answer, ensure_ascii=False)[1:-1]
    return f"{line[:end]}{', ' if found else ''}{added}{line[end:]}"
