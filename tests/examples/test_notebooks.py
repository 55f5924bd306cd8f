"""The notebooks: stored without output, and each runs from its first cell to its last."""

import os

import pytest
from helpers import ROOT

NOTEBOOKS = ROOT / "examples" / "notebooks"
NAMES = ("first_steps", "your_own_folder", "generate", "look_inside")
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
CLEAR = "clear it with `jupyter nbconvert --clear-output --inplace`"

notebook = pytest.mark.parametrize("name", NAMES)


def read(name):
    """A notebook, checked against nbformat's schema."""
    nbformat = pytest.importorskip("nbformat")
    book = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    nbformat.validate(book)
    return book


def code_of(book):
    """Its cells of code."""
    return [cell for cell in book.cells if cell.cell_type == "code"]


def test_every_notebook_is_tested():
    assert sorted(NAMES) == sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))


@notebook
def test_a_notebook_is_stored_without_what_it_printed(name):
    book = read(name)
    for cell in code_of(book):
        assert not cell.outputs, f"{name}: a cell has outputs; {CLEAR}"
        assert cell.execution_count is None, f"{name}: a cell has a number; {CLEAR}"
    assert not [cell.metadata for cell in book.cells if cell.metadata], name
    assert book.metadata == METADATA, f"{name}: {book.metadata}"
    assert (book.nbformat, book.nbformat_minor) == (4, 5)
    ids = [cell.id for cell in book.cells]
    assert len(set(ids)) == len(ids)


@notebook
def test_a_notebook_is_short_and_explains_its_cells(name):
    book = read(name)
    code = code_of(book)
    assert book.cells[0].source.startswith("# ")
    assert 10 <= len(book.cells) <= 22
    assert len(book.cells) - len(code) >= len(code) - 1, "a cell of text before each cell of code"


@pytest.mark.slow
@notebook
def test_a_notebook_runs(name, tmp_path):
    nbclient = pytest.importorskip("nbclient")
    book = read(name)
    client = nbclient.NotebookClient(
        book, timeout=240, resources={"metadata": {"path": str(tmp_path)}}
    )
    client.execute(env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"})
    for cell in code_of(book):
        errors = [output.text for output in cell.outputs if output.get("name") == "stderr"]
        assert not errors, f"a red box below {cell.source!r}"
        pictures = [output for output in cell.outputs if "image/png" in output.get("data", {})]
        assert len(pictures) == ("views." in cell.source), "a picture is shown once"
        displays = [output for output in cell.outputs if output.output_type == "display_data"]
        assert len(displays) == ("train_" in cell.source and "progress=False" not in cell.source)
    assert list(tmp_path.iterdir()) == [], "it writes nothing where it is opened"
