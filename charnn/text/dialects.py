"""How a delimited text is written: recognised from its first rows, or an error saying what decides.

Nothing is guessed: where two readings are plausible, a person chooses. Plausible is one in which
all rows have the same number of cells. (csv.Sniffer takes letters for delimiters.)
"""

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from charnn.errors import CharnnError
from charnn.table_options import TableOptions
from charnn.text.labels import as_label
from charnn.text.records import Dialect, Row, body_of, cells_of, records
from charnn.wording import listed, quoted

NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
USUAL = {".csv": ",", ".tsv": "\t", ".tab": "\t", ".psv": "|"}  # by suffix; other files are texts
FIRST = 20  # lines in which single quotes are looked for
SHARE = 0.9  # of rows that have the same number of cells, at least, in a table
SEP = re.compile(r'"?sep=(.)"?', re.IGNORECASE)  # Excel's own first line
NUMBER = re.compile(r"[-+]?[\d.,:/ -]{0,30}%?")  # dates and times too
HEADERS = """
    name names fullname firstname lastname middlename givenname familyname surname surnames forename
    first last given family title label labels class category target id no nr number index key row
    person author customer user username word words text string value sentence review comment note
    notes city town country state region nationality language origin ethnicity address street zip
    postcode gender sex age year date time birthday born email mail phone telephone job company
    nachname vorname stadt land sprache herkunft nom prénom ville pays langue nombre apellido
    apellidos ciudad país idioma cognome nome cidade ad adı adi soyad soyadı soyadi isim şehir sehir
    ülke ulke dil etiket naam achternaam voornaam imię imie nazwisko efternamn förnamn namn
"""  # letters only, in lower case
HEADER_WORDS = frozenset(HEADERS.split())


class Sample(NamedTuple):
    """The first lines of a text, with their line ends."""

    lines: list[str]
    suffix: str  # of the file's name
    whole: bool  # whether there are no more lines
    first: int = 1  # the number of the first one

    def after(self, count: int) -> "Sample":
        """The same without so many lines at the beginning."""
        return self._replace(lines=self.lines[count:], first=self.first + count)


class Reading(NamedTuple):
    """The first rows of a text as one delimiter makes them."""

    delimiter: str
    width: int  # cells of most rows
    share: float  # of the rows that have as many
    rows: list[Row]  # without blank ones

    @property
    def columns(self) -> list[str]:
        """The first row, as columns are compared."""
        return [as_label(cell) for cell in self.rows[0].cells]

    @property
    def is_table(self) -> bool:
        """Whether nearly all rows, and the first, have the same number of cells: two at least."""
        return self.width > 1 and self.share >= SHARE and len(self.columns) == self.width


# ---------------------------------------------------------------- delimiter and quotes


def separator_of(lines: Sequence[str]) -> str | None:
    """The delimiter that a first line such as `sep=;` names."""
    found = SEP.fullmatch(body_of(lines[0])) if lines else None
    return found[1] if found else None


def dialect_of(sample: Sample, options: TableOptions, wanted: Sequence[str]) -> Dialect:
    """How a text is written; `wanted` are the columns that somebody asks for.

    Raises CharnnError where two readings are plausible.
    """
    if options.delimiter == "":
        return Dialect("", "")
    wanted = [as_label(name) for name in wanted]
    quote, trusted = _quote(sample.lines, options), options.quote not in (None, "")
    delimiter = options.delimiter
    if delimiter is None:
        readings = [_reading(sample, Dialect(d, quote, trusted)) for d in NAMES]
        readings = [reading for reading in readings if reading.rows]
        delimiter = _delimiter(readings, USUAL.get(sample.suffix), options, wanted)
    if delimiter:
        return Dialect(delimiter, quote, trusted)
    if trusted:
        return Dialect(",", quote, trusted)  # one cell a line
    if options.quote is None and _all_in_quotes(sample.lines):
        raise CharnnError(
            "line 1: this and the other lines are all in quotes; take them out, or say of a table "
            "--quote double, and --delimiter none where quotes are letters like all others"
        )
    return Dialect("", "")


def _all_in_quotes(lines: Sequence[str]) -> bool:
    """Whether all lines that are not blank, at least two, are in double quotes."""
    written = list(filter(None, map(str.strip, lines)))
    return len(written) > 1 and all(
        len(line) > 1 and line[0] == line[-1] == '"' for line in written
    )


def _quote(lines: Sequence[str], options: TableOptions) -> str:
    """What cells are quoted with; single quotes where all cells of the first lines have them."""
    if options.quote is not None:
        return options.quote
    if any('"' in line for line in lines):
        return '"'
    cells = [cell for line in lines[:FIRST] for cell in re.split(r"[,;\t|]", body_of(line)) if cell]
    single = all(len(cell) > 1 and cell[0] == cell[-1] == "'" for cell in cells)
    return "'" if cells and single else '"'


def _reading(sample: Sample, dialect: Dialect) -> Reading:
    """The lines as one delimiter makes them; line by line where the quotes do not fit it."""
    try:
        rows = list(records(sample.lines, dialect, None, sample.first, sample.whole))
    except CharnnError:
        plain = Dialect(dialect.delimiter, "")
        lines = enumerate(sample.lines, sample.first)
        rows = [Row(number, cells_of(body_of(line), plain), line) for number, line in lines]
    rows = [row for row in rows if row.raw.strip()]
    widths = Counter(len(row.cells) for row in rows)
    width, times = widths.most_common(1)[0] if rows else (0, 0)
    return Reading(dialect.delimiter, width, times / max(1, len(rows)), rows)


def _delimiter(
    readings: Sequence[Reading], usual: str | None, options: TableOptions, wanted: Sequence[str]
) -> str:
    """The delimiter of a text; "" for a list. Raises CharnnError where two are plausible."""
    if not readings:
        return usual or ""
    tables = [reading for reading in readings if reading.is_table]
    tables += [r for r in readings if r.delimiter == usual and r not in tables and _may_be(r)]
    if len(tables) > 1:
        tables = [table for table in tables if not _is_decimal_comma(table)]
    # A tab hardly ever stands within a cell, a comma often does.
    tabs = [table for table in tables if table.delimiter == "\t"]
    if tabs and usual in (None, "\t"):
        tables = tabs
    named = [reading for reading in readings if wanted and set(wanted) <= set(reading.columns)]
    if len(named) == 1 and (not tables or named[0] in tables):
        return named[0].delimiter
    is_list = usual is None and not wanted and options.header is None
    if len(tables) > 1:
        kinds = " and ".join(f"{NAMES[t.delimiter]} ({t.width} cells)" for t in tables)
        remedy = " or none for a list, one name a line" if is_list else ""
        raise CharnnError(
            f"line {tables[0].rows[0].line}: the rows have {kinds}, both of them alike; "
            f"say which one it is with --delimiter{remedy}"
        )
    if tables and is_list:
        (table,) = tables
        raise CharnnError(
            f"line {table.rows[0].line}: {quoted(body_of(table.rows[0].raw), 60)} and the other "
            f"lines have {NAMES[table.delimiter]} for {table.width} cells: a table, or a list? Say "
            "--column for a table, --delimiter none for a list, one name a line"
        )
    if tables:
        return tables[0].delimiter
    if usual is None:
        # One column with a header is a table too.
        return "\t" if options.header or any(r.columns == list(wanted) for r in readings) else ""
    return _of_one_column(readings, usual)


def _may_be(reading: Reading) -> bool:
    """Whether most rows have as many cells as the first: a table with some rows that are wrong."""
    return reading.share > 0.5 and 1 < len(reading.columns) == reading.width


def _of_one_column(readings: Sequence[Reading], usual: str) -> str:
    """The usual delimiter, which no row or not every row has.

    Raises CharnnError where the first row has another one.
    """
    by_delimiter = {reading.delimiter: reading for reading in readings}
    first = readings[0].rows[0]
    others = [NAMES[d] for d, reading in by_delimiter.items() if len(reading.columns) > 1]
    if len(by_delimiter[usual].columns) == 1 and others:
        raise CharnnError(
            f"line {first.line}: {quoted(body_of(first.raw), 60)} has {' and '.join(others)}, but "
            "the rows have different numbers of them; say --delimiter"
        )
    return usual


def _is_decimal_comma(reading: Reading) -> bool:
    """Whether all commas of all rows are within numbers, such as 1,80."""
    if reading.delimiter != ",":
        return False
    return not any(re.search(r"(?<!\d),|,(?!\d)", row.raw) for row in reading.rows)


# ---------------------------------------------------------------- header or none


def has_header(rows: Sequence[Row], options: TableOptions, wanted: Sequence[str]) -> bool:
    """Whether the first of these rows names the columns.

    Raises CharnnError where it may or may not. A table of several columns from which nobody wants
    one has its first row for a header, unless it cannot be one: an error is to name them.
    """
    if options.header is not None or not rows:
        return options.header is not False
    first, rest = rows[0], rows[1:]
    columns = [as_label(cell) for cell in first.cells]
    wanted = [as_label(name) for name in wanted]
    if wanted and set(wanted) <= set(columns):
        return True
    evidence = _evidence(columns, rest)
    if not wanted and len(columns) > 1:
        return evidence is not False
    numbers = all(name.isdecimal() for name in wanted)
    if not numbers:
        return True
    if evidence is None:
        shown = quoted(columns[0], 60) if len(columns) == 1 else listed(columns, 5)
        raise CharnnError(
            f"line {first.line}: {shown} "
            "may name the columns or be a row like the others; say --header or --no-header"
        )
    return evidence


def _evidence(columns: Sequence[str], rest: Sequence[Row]) -> bool | None:
    """Whether a first row differs from the rest as a header does; None: it cannot be told."""
    if any(re.sub(r"[\W_]", "", cell.casefold()) in HEADER_WORDS for cell in columns):
        return True
    if any(_is_number(cell) or "@" in cell for cell in columns):
        return False
    for place, cell in enumerate(columns):
        below = [row.cells[place] for row in rest if len(row.cells) > place]
        filled = [value for value in below if value.strip()]
        if not filled:
            continue
        if all(map(_is_number, filled)):
            return True
        if cell and cell in filled:
            return False
        if cell.islower() and all(value.lstrip()[0].isupper() for value in filled):
            return True
    return None


def _is_number(cell: str) -> bool:
    """Whether a cell holds a number, a date or a time."""
    text = cell.strip()
    return NUMBER.fullmatch(text) is not None and any(letter.isdecimal() for letter in text)
