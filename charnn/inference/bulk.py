"""The rows of a table with the labels of the names in them, whatever the number of rows.

No row is dropped or reordered. Knows rows and a trained network; it opens no file and does not
print.
"""

from collections import Counter, deque
from collections.abc import Iterator
from itertools import chain, islice
from typing import NamedTuple

import numpy as np

from charnn.errors import CharnnError
from charnn.inference.processes import Result, answering
from charnn.inference.trained import UNKNOWN_LABEL, Trained
from charnn.text.people import surnames
from charnn.text.reading import chunks
from charnn.text.tables import Nested, Row, Table, is_text
from charnn.wording import listed, quoted

ROWS = 16_384  # classified at once: bounds the memory, and names that begin alike share steps
REMEMBERED = 131_072  # labels of names whose answers are kept for the rest of a table
ROWS_READ, SEVERAL = "rows", "several words"  # what is counted beside what is wrong
SHORT = 100  # letters of a name that is not too long, whatever script it is transliterated from


class Question(NamedTuple):
    """The options of a bulk prediction, the same for each name."""

    top: int  # labels per name
    unknown_below: float  # the probability below which a name is `unknown`
    encoding: str  # of the table, for people
    name_format: str  # what of a name is read: one of charnn.text.people.FORMATS


Answer = tuple[list[str], str | None, bool]  # cells, why unknown, whether it is several words


class Chunk(NamedTuple):
    """Rows whose names are being classified."""

    rows: list[Row]
    new: list[str]  # the names that are asked for the first time
    answers: Result  # gives a list of Answer, one for each


def label_rows(
    model: Trained,
    table: Table,
    place: int,
    top: int = 1,
    unknown_below: float = 0.0,
    counts: Counter[str] | None = None,
    name_format: str = "surname",
) -> Iterator[tuple[Row, list[str] | None]]:
    """The rows of a table, each with the `top` labels and probabilities of the name in it.

    `place` is the index of the column with the names. A row that cannot be classified has the label
    `unknown` and no probability. `counts` counts all rows as ROWS_READ, those of several words (to
    a model of single ones) as SEVERAL, and unknown ones by what is wrong. A blank line of a table
    has None. Of a table with more than ROWS rows as many chunks are classified at once as the
    engine has workers. A name that comes again has its answer already, unless it is still being
    classified: then it is again, and its probability may differ in the last digit. Raises
    CharnnError for what the table raises.
    """
    question = Question(
        min(top, len(model.labels)), unknown_below, table.encoding_name, name_format
    )
    counts = Counter() if counts is None else counts
    found = _Found(len(table.columns), place, counts, question.top)
    all_rows = chunks(table.rows(), ROWS, _characters)
    first = list(islice(all_rows, 2))
    number = model.engine.workers if len(first) > 1 else 1
    pending: deque[Chunk] = deque()
    with answering(model, number) as submit:
        for rows in chain(first, all_rows):
            new = found.new(rows)
            pending.append(Chunk(rows, new, submit(answers, new, question)))
            if len(pending) > number:
                yield from found.labelled(pending.popleft())
        while pending:
            yield from found.labelled(pending.popleft())


def _characters(row: Row) -> int:
    """How many characters a row has."""
    return len(row.cells[0]) if len(row.cells) == 1 else sum(map(len, row.cells))


class _Found:
    """The answers so far: a name that comes again is not classified again."""

    def __init__(self, width: int, place: int, counts: Counter[str], top: int):
        """`width` columns, of which the one at `place` has the names."""
        self.width, self.place, self.counts, self.top = width, place, counts, top
        self.misshapen: Answer = unknown_cells(top), "with too few or too many columns", False
        self.nested: Answer = unknown_cells(top), "a list or an object", False
        self.answers: dict[str, Answer] = {}

    def new(self, rows: list[Row]) -> list[str]:
        """The names in these rows that have no answer yet."""
        width, place = self.width, self.place
        names = [row.cells[place] for row in rows if len(row.cells) == width]
        texts = dict.fromkeys([name for name in names if type(name) is not Nested])
        return [name for name in texts if name not in self.answers]

    def labelled(self, chunk: Chunk) -> Iterator[tuple[Row, list[str] | None]]:
        """The rows of a chunk with their cells, once they are there, and counts them."""
        width, place, counts = self.width, self.place, self.counts
        fresh = dict(zip(chunk.new, chunk.answers(), strict=True))
        asked = 0
        for row in chunk.rows:
            if not row.cells:
                yield row, None
                continue
            asked += 1
            name = row.cells[place] if len(row.cells) == width else None
            if name is None:
                cells, reason, several = self.misshapen
            elif type(name) is Nested:
                cells, reason, several = self.nested
            else:
                cells, reason, several = fresh.get(name) or self.answers[name]
            if reason is not None:
                counts[reason] += 1
            if several:
                counts[SEVERAL] += 1
            yield row, cells
        counts[ROWS_READ] += asked
        if len(self.answers) * self.top < REMEMBERED:
            self.answers.update((name, fresh[name]) for name in fresh if len(name) <= SHORT)


def added_columns(model: Trained, table: Table, top: int) -> list[str]:
    """The names of the columns that are added: label, probability, label_2, probability_2, ...

    Raises CharnnError where the table has one of them already.
    """
    added = []
    for rank in range(1, min(top, len(model.labels)) + 1):
        suffix = "" if rank == 1 else f"_{rank}"
        added += [f"label{suffix}", f"probability{suffix}"]
    taken = [name for name in added if name in table.columns]
    if taken:
        raise CharnnError(
            f"the table already has a column {listed(map(quoted, taken))}; rename or remove it"
        )
    return added


def answers(model: Trained, names: list[str], question: Question) -> list[Answer]:
    """The answer to each name."""
    wrong = {}
    names = list(names)
    for index, name in enumerate(names):
        if not name.isascii() or len(name) > SHORT or not name.strip():
            reason = _wrong(model, name, question)
            if reason:
                wrong[index] = reason
                names[index] = ""
    log_probs, known = model.log_proba_and_known(surnames(names, question.name_format))
    best, probabilities = model.best(log_probs, question.top)  # (N, top) each
    for index in (~known).nonzero()[0].tolist():
        wrong.setdefault(index, "without a letter that the model knows")
    for index in (probabilities[:, 0] < question.unknown_below).nonzero()[0].tolist():
        wrong.setdefault(index, f"below {question.unknown_below}")
    cells = _cells(model.labels, best, probabilities)
    cells[list(wrong)] = unknown_cells(question.top)
    several = _several_words(model, names) if question.name_format == "surname" else set()
    everyone = range(len(names))
    return list(
        zip(
            cells.tolist(),
            map(wrong.get, everyone),
            map(several.__contains__, everyone),
            strict=True,
        )
    )


def unknown_cells(top: int) -> list[str]:
    """The cells of a name that cannot be classified."""
    return [UNKNOWN_LABEL] + [""] * (2 * top - 1)


def _several_words(model: Trained, names: list[str]) -> set[int]:
    """Which names are several words, to a model of single ones."""
    candidates = [index for index, name in enumerate(names) if " " in name or "," in name]
    if not candidates:
        return set()
    several = model.several_words(model.read([names[index] for index in candidates]))
    return set(np.array(candidates)[several].tolist())


def _cells(labels: list[str], best: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """The cells that are added to each row, (N, 2 · top): label and probability in turn."""
    cells = np.empty((len(best), 2 * best.shape[1]), dtype=object)
    cells[:, 0::2] = np.array(labels, dtype=object)[best]
    texts = np.array([f"{p:.4f}" for p in probabilities.ravel().tolist()], dtype=object)
    cells[:, 1::2] = texts.reshape(best.shape)
    return cells


def _wrong(model: Trained, name: str, question: Question) -> str | None:
    """Why a name cannot be classified, if there is a reason before the network is asked."""
    if not name or name.isspace():
        return "empty"
    if not is_text(name):
        return f"not {question.encoding}"
    if len(name) > model.config.longest:
        return "too long"
    if len(name) > SHORT and len(model.normalise(name)) > model.config.longest:
        return "too long"
    return None
