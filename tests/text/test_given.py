"""Texts and labels as Python has them: read as those of a file, and refused in one clear line."""

import numpy as np
import pytest
from helpers import tiny_names, write_folder

import charnn
from charnn.errors import CharnnError
from charnn.text.given import texts_of
from charnn.text.names import given_names, read_folder, read_names

NAMES = ["Aoie", "Sshsz", "Rorra", "Şükrü"]
LABELS = ["a", "s", "r", "s"]
COLUMNS = {
    "list": list,
    "tuple": tuple,
    "generator": iter,
    "numpy": np.array,
    "numpy of objects": lambda values: np.array(values, dtype=object),
}


def check_column(column):
    found = given_names(column(NAMES), column(LABELS), fewest_labels=2)
    assert found.labels == ["a", "r", "s"]
    assert found.names == ["Aoie", "Rorra", "Sshsz", "Şükrü"]
    assert found.targets.tolist() == [0, 1, 2, 2]
    assert {type(text) for text in (*found.names, *found.labels)} == {str}


@pytest.mark.parametrize("column", COLUMNS.values(), ids=COLUMNS)
def test_a_column_is_read_whatever_it_is(column):
    check_column(column)


@pytest.mark.slow
def test_a_column_is_read_whatever_library_it_is_of():
    import pandas as pd
    import polars as pl
    import pyarrow as pa
    from datasets import Dataset

    check_column(lambda values: pd.Series(values, index=range(9, 9 - len(values), -1)))
    check_column(lambda values: pd.Series(values, dtype="category"))
    check_column(lambda values: pd.Series(values, dtype="string"))
    check_column(pd.Index)
    check_column(pl.Series)
    check_column(lambda values: Dataset.from_dict({"x": values})["x"])
    check_column(lambda values: pa.array(values).to_pylist())


@pytest.mark.slow
def test_what_is_missing_from_a_column_of_a_library_is_refused():
    import pandas as pd
    import polars as pl
    from datasets import Dataset

    for data, message in (
        (pd.Series(["Ada", None]), "data, row 2: nan is missing"),
        (pd.Series(["Ada", None], dtype=object), "data, row 2: None is missing"),
        (pd.Series(["Ada", pd.NA], dtype="string"), "data, row 2: <NA> is missing"),
        (pd.Series([pd.NaT, "Ada"], dtype=object), "data, row 1: NaT is missing"),
        (pl.Series(["Ada", None]), "data, row 2: None is missing"),
        (pd.DataFrame({"n": ["Ada"]}), r"data has the shape \(1, 1\); give one column"),
        (pl.DataFrame({"n": ["Ada"]}), r"data has the shape \(1, 1\); give one column"),
        (Dataset.from_dict({"n": ["Ada"]}), r"data has the shape \(1, 1\); give one column"),
    ):
        with pytest.raises(CharnnError, match=message):
            charnn.train_classifier(data, ["x", "y"])


def test_lists_are_read_as_the_folder_that_holds_the_same(tmp_path):
    names = ["  Ada ", "\ufeffBob", "\u200b", "", "Żak"]
    folder = write_folder(tmp_path / "data", {"x": names, "y": ["Eve"]})
    with pytest.warns(UserWarning, match=r"data: 2 rows without a name; skipped"):
        given = given_names([*names, "Eve"], [*"xxxxx", " y"], fewest_labels=2)
    read = read_folder(folder)
    assert given.labels == read.labels
    assert given.targets.tolist() == read.targets.tolist()
    assert [name.strip("\ufeff") for name in given.names] == [
        name.strip("\ufeff") for name in read.names
    ]


def test_texts_without_labels_are_read_as_a_list_in_a_file(tmp_path):
    (tmp_path / "names.txt").write_text("Ada\n\nBob\n", encoding="utf-8")
    given, read = given_names(iter(["Ada", "", "Bob"])), read_names(tmp_path / "names.txt", 100, 0)
    assert (given.names, given.labels) == (read.names, read.labels)


@pytest.mark.parametrize(
    ("data", "y", "message"),
    [
        (["Ada", None], "xy", "data, row 2: None is missing; give a text, or leave the row out"),
        (["Ada", float("nan")], "xy", "data, row 2: nan is missing"),
        (["Ada", 7], "xy", r"data, row 2: 7 is no text; give a text, such as with str\(\)"),
        (["Ada", 10**5000], "xy", "data, row 2: a number of more than 3,000 digits is no text"),
        ([b"Ada", "Bob"], "xy", r"data, row 1: b'Ada' is made of bytes; decode it"),
        ([["Ada"], ["Bob"]], "xy", r"data, row 1: \['Ada'\] is no text"),
        (["\ud800", "Bob"], "xy", r"data, row 1: '\\ud800' holds half a character"),
        (["Ada", "Bob"], [0, 1], "y, row 1: 0 is no text;.* CharnnClassifier takes labels of any"),
        (["Ada", "Bob"], ["x", ""], "data, row 2: 'Bob' has no label; give it one, or leave"),
        (["Ada", "Bob"], ["x", "y\x1b"], "data, row 2: the label 'y.x1b' has an unprintable"),
        (["Ada", "B" * 101], "xy", "data, row 2: 'BBB.*has 101 characters, more than 100; shorten"),
        (["Ada", "Bob", "Eve"], "xy", "data has 3 rows and y has 2; give one label for each text"),
        (["Ada", "Bob"], ["x", "x"], "data holds only one label, 'x'; a classifier needs at least"),
        (["Ada", "Bob"], None, "data are texts without labels, .*; give their labels as y"),
        ([], [], "data holds no name; put one name per row into it"),
        (b"Ada", "xyz", "data b'Ada' is one string; give a list of texts"),
        (7, "x", "data 7 is no column of texts; give a list, an array or a column"),
        ({"Ada": "x"}, "x", "data {'Ada': 'x'} is no column of texts"),
        ({"Ada"}, "x", "data {'Ada'} is no column of texts"),
        (np.array([["Ada"], ["Bob"]]), "xy", r"data has the shape \(2, 1\); give one column of it"),
        (np.array("Ada"), "x", r"data has the shape \(\); give one column of it"),
    ],
)
def test_what_is_no_text_is_refused_in_one_line(data, y, message):
    y = list(y) if isinstance(y, str) else y
    with pytest.raises(CharnnError, match=message) as error:
        charnn.train_classifier(data, y)
    assert "\n" not in str(error.value)


def test_what_a_path_has_no_use_for_is_refused(folder):
    refused = [
        ((folder, ["x"]), {}, f"y is for texts, and data is the path {folder}; leave y out"),
        ((NAMES, LABELS), {"column": "name"}, "column and label_column are for a table"),
        ((b"names", None), {}, "data b'names' is one string; give a list of texts"),
        (("no-such-folder", None), {}, "no-such-folder does not exist"),
        (("", None), {}, "data is an empty text"),
    ]
    for arguments, options, message in refused:
        with pytest.raises(CharnnError, match=message):
            charnn.train_classifier(*arguments, **options)
    with pytest.raises(CharnnError, match="a running text has no labels; leave y out"):
        charnn.train_generator("text.txt", ["x"], text=True)
    with pytest.raises(CharnnError, match=r"data \['Ada'\] is no path"):
        charnn.train_generator(["Ada"], text=True)


def test_a_single_value_is_no_column():
    with pytest.raises(CharnnError, match="X 'Ada' is one string; give a list of texts"):
        texts_of("X", "Ada")


# ---------------------------------------------------------------- trained


def as_columns():
    """The tiny names and their labels, in an order of their own."""
    rows = [(name, label) for label, names in tiny_names().items() for name in names]
    rows = sorted(rows, key=lambda row: row[1], reverse=True)
    return [name for name, _ in rows], [label for _, label in rows]


QUICK = {"hidden": 8, "epochs": 1, "device": "cpu"}


@pytest.mark.parametrize("train", [charnn.train_classifier, charnn.train_generator])
def test_the_same_data_gives_the_same_model_byte_for_byte(train, folder, tmp_path):
    names, labels = as_columns()
    table = tmp_path / "people.csv"
    rows = [f"{name},{label}" for name, label in zip(names, labels, strict=True)]
    table.write_text("\n".join(["name,label", *rows]), encoding="utf-8")
    for path, model in {
        "folder": train(folder, **QUICK),
        "lists": train(names, labels, **QUICK),
        "table": train(table, column="name", label_column="label", **QUICK),
    }.items():
        model.save(tmp_path / path)
        assert (tmp_path / path).read_bytes() == (tmp_path / "folder").read_bytes(), path


def test_a_generator_learns_from_texts_without_labels(tmp_path):
    names, _ = as_columns()
    (tmp_path / "names.txt").write_text("\n".join(names), encoding="utf-8")
    charnn.train_generator(iter(names), **QUICK).save(tmp_path / "given")
    charnn.train_generator(tmp_path / "names.txt", **QUICK).save(tmp_path / "read")
    assert (tmp_path / "given").read_bytes() == (tmp_path / "read").read_bytes()


@pytest.mark.slow
def test_a_test_set_may_be_a_folder(folder, tmp_path):
    names, labels = as_columns()
    for given in (folder, names):
        y = None if given is folder else labels
        train = charnn.train_classifier(given, y, test_data=folder_of_five(tmp_path), **QUICK)
        train.save(tmp_path / ("read" if y is None else "given"))
    assert (tmp_path / "given").read_bytes() == (tmp_path / "read").read_bytes()


def folder_of_five(tmp_path):
    """Five names of each label."""
    rows = {label: names[:5] for label, names in tiny_names().items()}
    return write_folder(tmp_path / "five", rows)
