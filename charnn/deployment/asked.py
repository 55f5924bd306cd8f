"""What may be asked of a server: the fields of each question, for the checks and for OpenAPI.

A field is one line here; what is checked and what is documented cannot drift apart. Knows no server
and no model. Raises `Refused`, an error with a status of HTTP.
"""

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from charnn.errors import CharnnError
from charnn.wording import choices, counted, did_you_mean, listed, quoted

REQUIRED: Any = ...  # in place of a default
KINDS = {  # of a value, in words
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list of texts",
}


class Refused(CharnnError):
    """A request that is not answered: the status of HTTP, why and what to do about it."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None):
        super().__init__(message)
        self.status, self.headers = status, dict(headers or {})


class Field(NamedTuple):
    """A value of a request.

    `most` is how many characters a text may have (each text of a list), `many` how many texts a
    list; a number is from `low` (not itself where `above`) to `high`.
    """

    name: str
    kind: str  # one of KINDS
    about: str
    default: Any = REQUIRED
    low: float | None = None
    high: float | None = None
    above: bool = False
    most: int | None = None
    many: int | None = None
    choices: tuple[str, ...] = ()
    example: Any = None

    def schema(self) -> dict[str, Any]:
        """The field as OpenAPI 3.1 (JSON Schema) says it."""
        kind: Any = [self.kind, "null"] if self.default is None else self.kind
        found: dict[str, Any] = {"type": kind, "description": self.about}
        text = {"type": "string"} | ({} if self.most is None else {"maxLength": self.most})
        if self.kind == "array":
            found |= {"items": text, "minItems": 1, "maxItems": self.many}
        if self.kind == "string" and self.most is not None:
            found["maxLength"] = self.most
        if self.choices:
            found["enum"] = [*self.choices, *([None] if self.default is None else [])]
        if self.low is not None:
            found["exclusiveMinimum" if self.above else "minimum"] = self.low
        if self.high is not None:
            found["maximum"] = self.high
        if self.default is not REQUIRED and self.default is not None:
            found["default"] = self.default
        if self.example is not None:
            found["examples"] = [self.example]
        return found

    def check(self, value: Any) -> Any:
        """The value as Python's own. Raises Refused for one of another kind or out of range."""
        if value is None and self.default is None:
            return None
        if self.kind == "array":
            return self._check_list(value)
        if self.kind == "string":
            return self._check_text(self.name, value)
        if self.kind == "boolean":
            if not isinstance(value, bool):
                raise self._wrong_kind(value)
            return value
        return self._check_number(value)

    def _check_list(self, value: Any) -> list[str]:
        if not isinstance(value, list):
            raise self._wrong_kind(value)
        if not value:
            raise Refused(400, f"{self.name} is empty; give at least one")
        if self.many is not None and len(value) > self.many:
            raise Refused(
                413, f"{self.name} has {len(value):,} texts; ask for up to {self.many:,} at once"
            )
        return [self._check_text(f"{self.name} {row}", text) for row, text in enumerate(value, 1)]

    def _check_text(self, name: str, value: Any) -> str:
        if not isinstance(value, str):
            raise Refused(400, f"{name} {quoted(value)} is no text; give one in quotes")
        if self.most is not None and len(value) > self.most:
            raise Refused(
                413,
                f"{name}, {quoted(value, 20)}, has {counted(len(value), 'character')}; "
                f"up to {self.most:,} are read",
            )
        if not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
            raise Refused(400, f"{name} {quoted(value)} holds half a character; send UTF-8")
        if self.choices and value not in self.choices:
            remedy = choices(value, self.choices)
            raise Refused(400, f"{name} {quoted(value)} is unknown; {remedy}")
        return value

    def _check_number(self, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._wrong_kind(value)
        if isinstance(value, float) and not math.isfinite(value):  # JSON's 1e999
            raise Refused(400, f"{self.name} {value} is not finite; give a number such as 0.5")
        if self.kind == "integer":
            if isinstance(value, float) and not value.is_integer():
                raise self._wrong_kind(value)
            value = int(value)
        low, high = self.low, self.high
        too_low = low is not None and (value <= low if self.above else value < low)
        if too_low or (high is not None and value > high):
            start = f"{'above' if self.above else 'from'} {low:,}"
            end = "on" if high is None else f"{'and up ' if self.above else ''}to {high:,}"
            message = f"{self.name} {quoted(value)} is out of range; choose {start} {end}"
            raise Refused(400, message)
        return value

    def _wrong_kind(self, value: Any) -> Refused:
        return Refused(400, f"{self.name} {quoted(value)} is not {KINDS[self.kind]}; give one")

    def from_text(self, text: str) -> Any:
        """The value that a query string has for this field."""
        if self.kind == "integer" and re.fullmatch(r"[+-]?[0-9]{1,20}", text):
            return int(text)
        if self.kind == "number" and re.fullmatch(r"[+-]?[0-9.]+(?:[eE][+-]?[0-9]{1,3})?", text):
            try:
                return float(text)
            except ValueError:  # of two points
                return text
        if self.kind == "boolean" and text in ("true", "false"):
            return text == "true"
        return [text] if self.kind == "array" else text


def checked(fields: Sequence[Field], given: Mapping[str, Any]) -> dict[str, Any]:
    """The values of all fields. Raises Refused for what is missing, unknown or wrong."""
    known = {field.name for field in fields}
    unknown = [name for name in given if name not in known]
    if unknown:
        hint = did_you_mean(unknown[0], known) or (
            f"known are {listed(sorted(known))}" if known else "leave it out"
        )
        raise Refused(400, f"{quoted(unknown[0])} is unknown here; {hint}")
    values = {}
    for field in fields:
        if field.name not in given:
            if field.default is REQUIRED:
                raise Refused(400, f"{field.name} is missing; give {KINDS[field.kind]}")
            values[field.name] = field.default
        else:
            values[field.name] = field.check(given[field.name])
    return values


# ---------------------------------------------------------------- how they are sent


def from_query(fields: Sequence[Field], query: bytes) -> dict[str, Any]:
    """The values of a query string, percent-encoded UTF-8. Raises Refused as `checked` does."""
    try:
        pairs = parse_qsl(
            query.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=100
        )
    except UnicodeDecodeError:
        raise Refused(400, "the query is not UTF-8; percent-encode its UTF-8 bytes") from None
    except ValueError:
        raise Refused(400, "the query has more than 100 fields; POST names as JSON") from None
    _only_once([name for name, _ in pairs])
    by_name = {field.name: field for field in fields}
    given = {
        name: by_name[name].from_text(text) if name in by_name else text for name, text in pairs
    }
    return checked(fields, given)


def from_json(fields: Sequence[Field], body: bytes) -> dict[str, Any]:
    """The values of a JSON object in UTF-8. Raises Refused as `checked` does."""
    try:
        given = json.loads(
            body.decode("utf-8"), parse_constant=_no_constant, object_pairs_hook=_object
        )
    except UnicodeDecodeError:
        raise Refused(400, "the body is not UTF-8; send JSON in UTF-8") from None
    except RecursionError:
        raise Refused(400, "the body is nested too deeply; send one object") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Refused(400, f"the body is no JSON ({error.msg}, {where}); send an object") from None
    except ValueError as error:
        if isinstance(error, Refused):
            raise
        raise Refused(400, "the body has a number of too many digits; send a shorter one") from None
    if not isinstance(given, dict):
        raise Refused(400, f"the body {quoted(given)} is no object; send one, in braces")
    return checked(fields, given)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    _only_once([name for name, _ in pairs])
    return dict(pairs)


def _only_once(names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise Refused(400, f"{quoted(name)} is given twice; leave one of them out")
        seen.add(name)


def _no_constant(text: str) -> float:
    raise Refused(400, f"{text} is no JSON; give a finite number")
