"""examples/shakespeare.py and examples/source_code.py: generators of running text."""

import re

import pytest
import shakespeare
import source_code
from helpers import call, error_of

import charnn


@pytest.fixture(autouse=True)
def small_network(monkeypatch):
    """A network that is trained in a moment."""

    def train(path, **options):
        return charnn.train_generator(
            path, hidden=8, epochs=2, batch_size=4, device="cpu", **options
        )

    monkeypatch.setattr(shakespeare, "train_generator", train)


def test_a_text_is_learned_shown_and_kept(tmp_path):
    text, model = tmp_path / "tale.txt", tmp_path / "tale.safetensors"
    text.write_text("The cat sat on the mat.\n" * 100, encoding="utf-8")
    result = call(shakespeare.main, text, model)
    assert result.returncode == 0, result
    assert result.stdout.count("--\nThe ") == 2, "after each epoch"
    assert len(re.findall(r"======== temperature \d\.\d\nThe ", result.stdout)) == 3
    assert "bits per character of 120 that it never saw" in result.stdout
    generated = charnn.load(model).generate(prefix="The ", length=60, seed=0)[0]
    assert generated.startswith("The ")
    assert len(generated) > 30, "a running text goes on past the end of a line"
    before = model.read_bytes()
    assert "is there already" in error_of(call(shakespeare.main, text, model))
    assert model.read_bytes() == before


def test_source_code_is_gathered_learned_and_its_brackets_counted(tmp_path):
    # [ and ( are closed, { is closed by a ), and there is nothing for the ] to close.
    assert source_code.closed_rightly("f(a[0]) { ) ]") == 0.5
    for name in ("a.c", "inside/b.HPP", "c.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        line = f"static int f(int x) {{ return x; }} // {name}\n"
        (tmp_path / name).write_text(line * 30, encoding="utf-8")
    assert source_code.gather(tmp_path).count("static") == 60, "c.txt is not C"
    result = call(source_code.main, tmp_path)
    assert result.returncode == 0, result
    assert "brackets closed by the right kind" in result.stdout
