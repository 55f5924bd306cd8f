"""The rows of a table with the labels of the names in them, whatever the number of rows.

No row is dropped or reordered. Knows rows and a trained network; it opens no file and does not
print.
"""

from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from charnn.errors import CharnnError
from charnn.inference.trained import UNKNOWN_LABEL, Trained
from charnn.text.people import surnames
from charnn.text.reading import chunks
from charnn.text.tables import Nested, Row, Table, is_text
from charnn.wording import listed, quoted

ROWS = 16_384  # classified at once: bounds the memory; a name that occurs twice is computed once
ROWS_READ, SEVERAL = "rows", "several words"  # what is counted beside what is wrong
SHORT = 100  # letters of a name that is not too long, whatever script it is transliterated from

Labelled = list[tuple[Row, list[str] | None]]


class Question(NamedTuple):
    """The options of a bulk prediction, the same for each row."""

    width: int  # columns of the table
    place: int  # the column with the names
    top: int  # labels per name
    unknown_below: float  # the probability below which a name is `unknown`
    encoding: str  # of the table, for people
    name_format: str  # what of a name is read: one of charnn.text.people.FORMATS


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
    has None. As many chunks are classified at once as the engine has workers, each on one thread:
    several threads for the small products of one chunk would mostly wait for each other. Raises
    CharnnError for what the table raises.
    """
    counts = Counter() if counts is None else counts
    top = min(top, len(model.labels))
    question = Question(
        len(table.columns), place, top, unknown_below, table.encoding_name, name_format
    )
    workers = model.engine.workers
    pending: deque[Future[tuple[Labelled, Counter[str]]]] = deque()
    pool = ThreadPoolExecutor(workers)
    try:
        for chunk in chunks(table.rows(), ROWS, _characters):
            pending.append(pool.submit(_label, model, chunk, question))
            if len(pending) > workers:
                yield from _counted(pending.popleft(), counts)
        while pending:
            yield from _counted(pending.popleft(), counts)
    finally:
        pool.shutdown(cancel_futures=True)


def _characters(row: Row) -> int:
    """How many characters a row has."""
    return sum(map(len, row.cells))


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


def _counted(chunk: Future[tuple[Labelled, Counter[str]]], counts: Counter[str]) -> Labelled:
    """The rows of a chunk, once they are there and have been counted."""
    rows, reasons = chunk.result()
    counts.update(reasons)
    return rows


def _label(model: Trained, rows: list[Row], question: Question) -> tuple[Labelled, Counter[str]]:
    """The rows with their labels, and how many were not classified for which reason."""
    asked = [row for row in rows if row.cells]
    place = question.place
    names = [row.cells[place] if len(row.cells) > place else "" for row in asked]
    wrong = {}
    for index, (row, name) in enumerate(zip(asked, names, strict=True)):
        reason = _wrong(model, row, name, question)
        if reason:
            wrong[index] = reason
            names[index] = ""
    with model.engine.one_thread_each():
        log_probs, known = model.log_proba_and_known(surnames(names, question.name_format))
    best, probabilities = model.best(log_probs, question.top)  # (N, top) each
    for index in (~known).nonzero()[0].tolist():
        wrong.setdefault(index, "without a letter that the model knows")
    for index in (probabilities[:, 0] < question.unknown_below).nonzero()[0].tolist():
        wrong.setdefault(index, f"below {question.unknown_below}")
    cells = _cells(model.labels, best, probabilities)
    cells[list(wrong)] = [UNKNOWN_LABEL] + [""] * (cells.shape[1] - 1)
    answers = iter(cells.tolist())
    labelled = [(row, next(answers) if row.cells else None) for row in rows]
    counts = Counter(wrong.values())
    counts[ROWS_READ] = len(asked)
    if question.name_format == "surname":
        counts[SEVERAL] = _several_words(model, names)
    return labelled, +counts  # without what was found in none


def _several_words(model: Trained, names: list[str]) -> int:
    """How many names are several words, to a model of single ones."""
    candidates = [name for name in names if " " in name or "," in name]
    return sum(doubts.several_words for doubts in model.doubts(candidates)) if candidates else 0


def _cells(labels: list[str], best: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """The cells that are added to each row, (N, 2 · top): label and probability in turn."""
    cells = np.empty((len(best), 2 * best.shape[1]), dtype=object)
    cells[:, 0::2] = np.array(labels, dtype=object)[best]
    texts = np.array([f"{p:.4f}" for p in probabilities.flat], dtype=object)
    cells[:, 1::2] = texts.reshape(best.shape)
    return cells


def _wrong(model: Trained, row: Row, name: str, question: Question) -> str | None:
    """Why a name cannot be classified, if there is a reason before the network is asked."""
    if len(row.cells) != question.width:
        return "with too few or too many columns"
    if not name or name.isspace():
        return "empty"
    if isinstance(name, Nested):
        return "a list or an object"
    if not is_text(name):
        return f"not {question.encoding}"
    if len(name) > model.config.longest:
        return "too long"
    if len(name) > SHORT and len(model.normalise(name)) > model.config.longest:
        return "too long"
    return None
