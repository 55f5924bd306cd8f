"""python -m charnn.predict --input: tables of every kind, and every byte of them comes back."""

import bz2
import datetime
import gzip
import io
import json
import lzma
import re
import sys

import pytest
from helpers import call, error_of


def predict(model, *arguments):
    """The command with a model, within this process."""
    return call("charnn.predict", "--model", model, *arguments)


def bulk(model, folder, name, content, *arguments, target=None):
    """The bytes of --output for an --input with these bytes, and what was said."""
    source = folder / name
    output = folder / f"out-{target or name}"
    source.write_bytes(content)
    result = predict(model, "--input", source, "--output", output, *arguments)
    assert result.returncode == 0, result
    return output.read_bytes(), result.stderr


def without_answers(content, delimiter=b","):
    """The lines without the two last cells."""
    lines = [re.match(rb"(.*?)(\r\n|\r|\n|)\Z", line, re.S) for line in lines_of(content)]
    return b"".join(delimiter.join(m[1].split(delimiter)[:-2]) + m[2] for m in lines)


def lines_of(content):
    """The lines of bytes with their ends."""
    return re.findall(rb"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z", content)


@pytest.mark.parametrize(
    ("name", "content", "delimiter"),
    [
        ("a.csv", b'id,"name",note\r\n1,"Szsz","x"\n"2",Rorr,\xff\r3,Aoie,last', b","),
        ("a.csv", "\ufeffid;name\r\n1;Yı\r\n".encode(), b";"),
        ("a.csv", b"id\tname\n1\tSzsz\n", b"\t"),
        ("a.tsv", b'id\tname\n1\t"Bob" Smith\n2\tO"Brien\n', b"\t"),
        ("a.txt", b"id|name\n1|Szsz", b"|"),
    ],
)
def test_every_byte_comes_back_around_the_answers(model, tmp_path, name, content, delimiter):
    out, _ = bulk(model, tmp_path, name, content, "--column", "name")
    assert without_answers(out, delimiter) == content
    assert out.count(delimiter + b"0.") + out.count(delimiter + b"1.") == len(lines_of(content)) - 1


def test_a_list_comes_back_with_tabs_and_its_quotes(model, tmp_path):
    content = b'O"Brien\r\n"Szsz"\nRorr'
    out, said = bulk(model, tmp_path, "names.txt", content)
    assert without_answers(out, b"\t") == content
    assert said.startswith("names.txt: a list, one name a line\n3 rows")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32-le"])
def test_wide_text_comes_back_in_its_encoding(model, tmp_path, encoding):
    content = "sep=;\r\nid;name\r\n1;Szsz\r\n\r\n2;Yıldırım\r\n"
    out, said = bulk(model, tmp_path, "a.csv", content.encode(encoding), "--column", "name")
    assert "UTF-" in said
    lines = out.decode(encoding).split("\r\n")
    assert lines[:2] == ["sep=;", "id;name;label;probability"]
    assert lines[3] == ""
    assert [line.rsplit(";", 2)[0] for line in lines[1:]] == content.split("\r\n")[1:]
    marks = (b"\xff\xfe", b"\xfe\xff")
    assert out.startswith(marks) == content.encode(encoding).startswith(marks)


def test_an_encoding_that_is_given_is_kept(model, tmp_path):
    content = "id,name\n1,Yıldırım\n".encode("cp1254")
    out, said = bulk(
        model, tmp_path, "a.csv", content, "--column", "name", "--encoding", "windows-1254"
    )
    assert without_answers(out) == content
    assert said.startswith("a.csv: cp1254, commas, header, column 2 of 2: name\n1 row in")


def test_json_lines_get_two_more_keys_and_stay_as_they_are(model, tmp_path):
    content = b'{"name":"Szsz" , "x":1.10}\r\n\n {"name": null}\n{"name":"M\\u00fc"}'
    out, _ = bulk(model, tmp_path, "a.jsonl", content, "--column", "name")
    assert re.sub(rb', "label": "\w+", "probability": [\w.]+', b"", out) == content
    rows = [json.loads(line) for line in out.split(b"\n") if line.strip()]
    assert rows[0]["label"] == "Hissing"
    assert 0.5 < rows[0]["probability"] <= 1
    assert (rows[1]["label"], rows[1]["probability"]) == ("unknown", None)
    twice = tmp_path / "twice.jsonl"
    twice.write_text('{"name": "Szsz"}\n' * 2000 + '{"name": "Szsz", "label": 1}\n')
    result = predict(
        model, "--input", twice, "--column", "name", "--output", tmp_path / "twice-out.jsonl"
    )
    assert "line 2,001: the object already has a key 'label'" in error_of(result)


@pytest.mark.parametrize(
    ("suffix", "library"), [("gz", gzip), ("bz2", bz2), ("xz", lzma), ("zst", "backports.zstd")]
)
def test_compressed_text_in_is_compressed_text_out(model, tmp_path, suffix, library):
    if isinstance(library, str):
        library = pytest.importorskip(library)
    content = b"id,name\n1,Szsz\n"
    arguments = ("--column", "name")
    packed = bulk(model, tmp_path, f"a.csv.{suffix}", library.compress(content), *arguments)[0]
    assert without_answers(library.decompress(packed)) == content
    plain = bulk(
        model, tmp_path, f"a.csv.{suffix}", library.compress(content), *arguments, target="b.csv"
    )
    assert without_answers(plain[0]) == content


def test_the_suffix_of_output_may_ask_for_another_delimiter(model, tmp_path):
    content = b'id;name;note\n1;Szsz;"a\tb"\n\n2;Rorr;c,d\n'
    out = bulk(model, tmp_path, "a.csv", content, "--column", "name", target="b.tsv")[0]
    lines = out.splitlines()
    assert lines[0] == b"id\tname\tnote\tlabel\tprobability"
    assert lines[1].startswith(b'1\tSzsz\t"a\tb"\tHissing\t')
    assert lines[2] == b""
    for target in ("b.jsonl", "b.json", "b.parquet", "b.xlsx", "b.xls", "b.ods"):
        result = predict(
            model, "--input", tmp_path / "a.csv", "--column", "name", "--output", tmp_path / target
        )
        assert "was read as semicolons, which cannot be written to" in error_of(result)


@pytest.mark.parametrize(
    ("content", "arguments", "message"),
    [
        (b'name\n"Hinton\nSmith\n', [], "line 2: a quote is opened and never closed"),
        (b"Hinton\nSmith\n", [], "line 1: 'Hinton' may name the columns"),
        (b"PK\x03\x04", [], "is an Excel workbook or another zip archive, whatever its name"),
        (b"id,name\n1,A\n", ["--delimiter", "ab"], "--delimiter 'ab' is not one character"),
        (b"id,name\n1,A\n", ["--encoding", "klingon"], "--encoding 'klingon' is unknown"),
        (b"id,name\n1,A\n", ["--encoding", "base64"], "--encoding 'base64' is unknown"),
        (b"id,name\n1,A\n", ["--encoding", "idna"], "--encoding 'idna' is unknown"),
        (b"id,name\n1,A\n", ["--encoding", "undefined"], "--encoding 'undefined' is unknown"),
        (b"id,name\n1,A\n", ["--quote", ",", "--delimiter", ","], "are both ','"),
    ],
)
def test_what_may_be_read_in_two_ways_is_refused_and_nothing_is_written(
    model, tmp_path, content, arguments, message
):
    source, target = tmp_path / "a.csv", tmp_path / "b.csv"
    source.write_bytes(content)
    result = predict(model, "--input", source, "--output", target, *arguments)
    assert message in error_of(result)
    assert list(tmp_path.iterdir()) == [source]


def test_options_of_tables_need_a_table(model):
    assert "go together" in error_of(predict(model, "--delimiter", ";", "Szsz"))
    assert "go together" in error_of(predict(model, "--no-header", "Szsz"))


def test_lists_and_objects_are_no_names(model, tmp_path):
    names = [["Szsz"], {"last": "Szsz"}, "Szsz", '["Szsz"]']
    content = "".join(json.dumps({"name": name}) + "\n" for name in names).encode()
    out, said = bulk(model, tmp_path, "a.jsonl", content, "--column", "name")
    labels = [json.loads(line)["label"] for line in out.splitlines()]
    assert labels == ["unknown", "unknown", "Hissing", "Hissing"], "a text of brackets is a text"
    assert "unknown: 2 (2 a list or an object)" in said


def test_bytes_in_parquet_are_read_as_letters_each_cell_by_itself(model, tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    cells = [b"Szsz", b"Sz\xffsz"]
    parquet.write_table(pyarrow.table({"name": cells}), tmp_path / "a.parquet")
    content = (tmp_path / "a.parquet").read_bytes()
    out, said = bulk(model, tmp_path, "a.parquet", content, "--column", "name")
    again = parquet.read_table(io.BytesIO(out))
    assert again["name"].to_pylist() == cells
    assert again["label"].to_pylist() == ["Hissing", "unknown"]
    assert "unknown: 1 (1 not UTF-8)" in said
    plain = bulk(model, tmp_path, "a.parquet", content, "--column", "name", target="b.csv")[0]
    assert plain.splitlines()[2] == b"Sz\xffsz,unknown,"


def test_parquet_in_is_parquet_out_with_the_same_types(model, tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    columns = {"id": [1, 2, None], "name": ["Szsz", None, "Rorr"], "tags": [[1], [], None]}
    schema = pyarrow.schema(
        {"id": pyarrow.int16(), "name": pyarrow.string(), "tags": pyarrow.list_(pyarrow.int8())},
        metadata={"made by": "a test"},
    )
    table = pyarrow.table(columns, schema=schema)
    parquet.write_table(table, tmp_path / "a.parquet", row_group_size=2)
    content = (tmp_path / "a.parquet").read_bytes()
    out, said = bulk(model, tmp_path, "a.parquet", content, "--column", "name")
    assert said.startswith("a.parquet: Parquet, header, column 2 of 3: name\n3 rows")
    again = parquet.read_table(io.BytesIO(out))
    assert again.select(["id", "name", "tags"]).equals(table)
    assert again.schema.metadata[b"made by"] == b"a test"
    assert again["label"].to_pylist() == ["Hissing", "unknown", "Rolling"]
    assert again["probability"].to_pylist()[1] is None
    plain = bulk(model, tmp_path, "a.parquet", content, "--column", "name", target="b.csv")[0]
    assert plain.splitlines()[0] == b"id,name,tags,label,probability"
    assert plain.splitlines()[1].startswith(b"1,Szsz,[1],Hissing,")
    (tmp_path / "c.parquet").write_bytes(content[:-9])
    result = predict(
        model, "--input", tmp_path / "c.parquet", "--column", "name", "--output", tmp_path / "d.csv"
    )
    assert "c.parquet is not a whole .parquet file" in error_of(result)


def test_excel_in_is_excel_out_with_its_texts_formulas_and_dates(model, tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "People"
    day = datetime.datetime(2020, 12, 31)
    sheet.append(["id", "name", "born"])
    sheet.append([1, "Szsz", day])
    sheet.append([])
    sheet.append(["=A2+1", "=no formula", None])
    sheet["B4"].data_type = "s"
    book.save(tmp_path / "a.xlsx")
    content = (tmp_path / "a.xlsx").read_bytes()
    out, said = bulk(model, tmp_path, "a.xlsx", content, "--column", "name")
    assert said.startswith("a.xlsx: sheet People, header, column 2 of 3: name\n2 rows")
    again = openpyxl.load_workbook(io.BytesIO(out))["People"]
    rows = list(again.iter_rows())
    assert [cell.value for cell in rows[0]] == ["id", "name", "born", "label", "probability"]
    assert [cell.value for cell in rows[1][:4]] == [1, "Szsz", day, "Hissing"]
    assert not any(cell.value for cell in rows[2])
    assert [(cell.value, cell.data_type) for cell in rows[3][:2]] == [
        ("=A2+1", "f"),
        ("=no formula", "s"),
    ]
    plain = bulk(model, tmp_path, "a.xlsx", content, "--column", "name", target="b.csv")[0]
    assert plain.splitlines()[1].startswith(b"1,Szsz,2020-12-31T00:00:00,Hissing,")
    for name, broken in (("c.xlsx", content[:-30]), ("d.xlsx", b"id,name\n1,Szsz\n")):
        (tmp_path / name).write_bytes(broken)
        result = predict(
            model, "--input", tmp_path / name, "--column", "name", "--output", tmp_path / "e.csv"
        )
        assert "is not a whole .xlsx file" in error_of(result)


@pytest.mark.parametrize(
    ("name", "library"), [("a.xlsx", "openpyxl"), ("a.parquet", "pyarrow"), ("a.csv", "backports")]
)
def test_a_library_that_is_missing_is_named(model, tmp_path, monkeypatch, name, library):
    (tmp_path / name).write_bytes(b"\x28\xb5\x2f\xfd")
    for module in [
        library,
        *(module for module in sys.modules if module.startswith(f"{library}.")),
    ]:
        monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setitem(sys.modules, "compression", None)
    result = predict(model, "--input", tmp_path / name, "--output", tmp_path / "b.csv")
    assert 'pip install "charnn[tables]"' in error_of(result)
