"""The page's JavaScript reads a table of names, and writes it with labels, as Python does."""

import io
import random

import pytest

from charnn.errors import CharnnError
from charnn.table_options import TableOptions
from charnn.text.table_output import write_answers
from charnn.text.tables import open_table

pytestmark = pytest.mark.slow  # a browser
CELLS = ["Ada", "Nguyen", "O'Neill", 'O"Brien', '"Doe, John"', '"a""b"', "", " x ", "12", "Şükrü"]
LABELLED = """([content, name]) => {
    try {
        const table = name_table.readNames(new TextEncoder().encode(content), name);
        const answers = table.rows.map((row) => (row.cells.length ? ["=L,1", "0.5"] : null));
        return [table.columns, name_table.withAnswers(table, answers)];
    } catch (error) {
        return error.message;
    }
}"""


def table_of(draw):
    """The text of some table or list, and a name for its file."""
    delimiter = draw.choice([",", ";", "\t", "|"])
    width = draw.randrange(1, 4)
    end = draw.choice(["\n", "\r\n"])
    lines = []
    if draw.random() < 0.7:
        lines.append(delimiter.join(["name", "city", "id"][:width]))
    for _ in range(draw.randrange(1, 8)):
        cells = width + (draw.random() < 0.05) - (draw.random() < 0.05)
        lines.append(delimiter.join(draw.choices(CELLS, k=max(cells, 1))))
        if draw.random() < 0.1:
            lines.append("")
    mark = "\ufeff" if draw.random() < 0.2 else ""
    text = mark + end.join(lines) + draw.choice(["", end])
    return text, draw.choice(["a.txt", "a.csv", "a.csv", "a.tsv"])


def by_python(path):
    """The columns and the text with answers; the message of an error."""
    try:
        with open_table(path, TableOptions()) as table:
            rows = [(row, ["=L,1", "0.5"] if row.cells else None) for row in table.rows()]
            target = path.with_name("out.csv" if table.is_list else f"out{path.suffix}")
            output = io.BytesIO()
            write_answers(table, target, output, ["label", "probability"], rows)
            return [table.columns, output.getvalue().decode()]
    except CharnnError as error:
        return str(error)


def test_random_tables(javascript, tmp_path):
    draw, agreed, refused = random.Random(0), 0, 0
    for number in range(1500):
        content, name = table_of(draw)
        path = tmp_path / name
        path.write_bytes(content.encode())
        expected = by_python(path)
        found = javascript(LABELLED, [content, name])
        both = (number, content, name, expected, found)
        assert isinstance(found, str) == isinstance(expected, str), both
        if isinstance(found, str):
            refused += 1
        else:
            assert found == expected, both
            agreed += 1
    assert agreed > 300
    assert refused > 100
