"""The scripts beside the package: that they run, and that what the README shows is what they measured."""

import re
import sys

import pytest
import torch
from helpers import ROOT, call, call_script, error_of, load_script, tiny_names, write_folder

import charnn
import charnn.model

SCRIPTS = sorted((ROOT / "scripts").glob("*.py"))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_every_script_says_what_it_is_for(path, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", [path.name, "--help"])
    with pytest.raises(SystemExit, match="0"):
        load_script(path).main()
    assert f"scripts/{path.name}" in capsys.readouterr().out


def test_the_readme_shows_the_bundled_models_own_figures():
    script = load_script(ROOT / "scripts" / "build_pretrained.py")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in script.RECIPES:
        assert script.figures_line(charnn.load(name).figures) in " ".join(readme.split())


PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_everything_that_a_page_names_is_there(page):
    text = page.read_text(encoding="utf-8")
    for script in re.findall(r"(?:scripts|examples|docs|charnn|tests)/(?:\w+/)*\w+\.\w+", text):
        assert (ROOT / script).exists(), script
    for module in re.findall(r"python -m (charnn\.\w+)", text):
        assert (ROOT / f"{module.replace('.', '/')}.py").exists(), module
    for link in re.findall(r"\]\(([^)#]+)\)", text):
        assert link.startswith("https://") or (page.parent / link).exists(), link
    assert not re.search(r"X{2,}|[A-Z]+_OUTPUT|^[A-Z]+$|\| [A-Z]{5,} \|", text, re.MULTILINE)


def test_the_benchmark_prints_a_row_per_method(folder, monkeypatch):
    script = load_script(ROOT / "scripts" / "benchmark.py")
    monkeypatch.setattr(script, "configure", lambda **values: charnn.configure(**{**values, "hidden": 4, "epochs": 1}))
    monkeypatch.setattr(script, "STEPS", 50)
    monkeypatch.setattr(script, "AT_LEAST", 0)
    result = call(script.main, "--data", folder, "--seeds", 2, "--methods", "majority", "logreg", "svm", "notes", "rnn")
    assert result.returncode == 0, result
    rows = [[cell.strip() for cell in line.strip("| ").split("|")] for line in result.stdout.splitlines()[4:]]
    assert [row[0] for row in rows] == ["the labels' shares", "n-gram logistic regression", "n-gram linear SVM",
                                        "the notes' program", "`--ngrams 0 --cell rnn`"]
    assert all(len(row) == 9 for row in rows)
    assert ["±" in row[1] for row in rows] == [False, False, True, True, True]  # two of them have no seed
    assert [row[3] == "–" for row in rows] == [False, False, True, False, False]  # an SVM has no probabilities
    everything, test = 180, int(result.stdout.split(" validation, ")[1].split(" ")[0])
    assert int(rows[0][5]) == everything - test
    assert int(rows[4][5]) == int(result.stdout.split(" ")[0]) < everything - test
    assert float(rows[1][1]) > 0.9


@pytest.mark.slow
def test_fasttext_is_an_extra_and_runs_where_it_is_there(folder):
    pytest.importorskip("fasttext", reason="fastText is not installed: pip install -e '.[bench]'")
    result = call_script("benchmark", "--data", folder, "--seeds", 1, "--methods", "fasttext")
    assert float(result.stdout.splitlines()[-1].split("|")[2]) > 0.9


def test_the_benchmark_fails_with_one_line(folder, monkeypatch):
    assert "--seeds 0 is less than 1" in error_of(call_script("benchmark", "--seeds", 0))
    assert "invalid choice: 'magic'" in error_of(call_script("benchmark", "--methods", "magic"))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert 'pip install -e ".[bench]"' in error_of(
        call_script("benchmark", "--data", folder, "--methods", "fasttext"))


def test_the_lectures_program_learns(folder):
    lecture = load_script(ROOT / "examples" / "lecture.py")
    assert len((ROOT / "examples" / "lecture.py").read_text(encoding="utf-8").splitlines()) < 100
    names = lecture.read_folder(folder)
    assert lecture.unicode_to_ascii("Ślusàrski") == "Slusarski"
    torch.manual_seed(0)
    lecture.random.seed(0)
    network = lecture.train(names, 1500, report=0)
    right = 0
    for target, label in enumerate(names):
        for name in names[label][:20]:
            hidden = torch.zeros(1, lecture.HIDDEN)
            for letter in lecture.line_to_tensor(name):
                output, hidden = network(letter, hidden)
            right += int(output.argmax()) == target
    assert right > 0.8 * 60


def test_a_network_learns_to_spell_hello():
    hello = load_script(ROOT / "examples" / "hello.py")
    assert hello.spell(*hello.train(hello.WORD, hello.STEPS, report=0), "h", 4) == "hello"
    assert hello.spell(*hello.train("banana", 300, report=0), "b", 5) == "banana"


def test_a_text_is_learned_shown_and_kept(tmp_path, capsys, monkeypatch):
    shakespeare = load_script(ROOT / "examples" / "shakespeare.py")
    monkeypatch.setattr(shakespeare, "train_generator", small_generator)
    (tmp_path / "tale.txt").write_text("The cat sat on the mat.\n" * 100, encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["", str(tmp_path / "tale.txt"), str(tmp_path / "tale.safetensors")])
    shakespeare.main()
    printed = capsys.readouterr().out
    assert printed.count("--\nThe ") == 2  # after each epoch
    assert len(re.findall(r"======== temperature \d\.\d\nThe ", printed)) == 3
    assert "bits per character of 120 that it never saw" in printed
    assert charnn.load(tmp_path / "tale.safetensors").reads == "text"
    monkeypatch.setattr(sys, "argv", ["", str(tmp_path / "nowhere.txt")])
    assert "nowhere.txt cannot be read" in error_of(call(shakespeare.main))


def test_source_code_is_gathered_learned_and_its_brackets_counted(tmp_path, capsys, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "examples")
    code = load_script(ROOT / "examples" / "source_code.py")
    assert code.closed_rightly("f(a[0]) { ) ]") == 0.5  # [ and ( are closed, { by a ), nothing by the ]
    for name in ("a.c", "inside/b.HPP", "c.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"static int f(int x) {{ return x; }} // {name}\n" * 30, encoding="utf-8")
    assert code.gather(tmp_path).count("static") == 60  # not those of c.txt
    monkeypatch.setattr(sys.modules["shakespeare"], "train_generator", small_generator)
    monkeypatch.setattr(sys, "argv", ["", str(tmp_path)])
    code.main()
    assert "brackets closed by the right kind" in capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", ["", str(tmp_path / "inside" / "none")])
    assert "holds no file that ends with .c, .cc" in error_of(call(code.main))


def small_generator(path, **options):
    """A generator that is trained in a moment."""
    return charnn.train_generator(path, hidden=8, epochs=2, batch_size=4, device="cpu", **options)


def test_the_lectures_memory_is_linear():
    lecture = load_script(ROOT / "examples" / "lecture.py")
    network = lecture.RNN(3).double()
    letter, zero = torch.zeros(1, len(lecture.LETTERS)).double(), torch.zeros(1, lecture.HIDDEN).double()
    first, second = (torch.randn(1, lecture.HIDDEN).double() for _ in range(2))
    after = [network(letter, hidden)[1] for hidden in (first, second, first + second, zero)]
    torch.testing.assert_close(after[2] - after[3], (after[0] - after[3]) + (after[1] - after[3]))


def test_the_generators_benchmark_prints_its_tables(folder, tmp_path, monkeypatch):
    script = load_script(ROOT / "scripts" / "benchmark_generator.py")
    monkeypatch.setattr(script, "configure", lambda *names, **values: charnn.configure(
        *names, **{**values, "hidden": 4, "epochs": 1, "batch_size": 8}))
    monkeypatch.setattr(script, "NOVEL", 5)
    (tmp_path / "tale.txt").write_text("The cat sat on the mat.\n" * 200, encoding="utf-8")
    result = call(script.main, "--names", folder / "Hissing.txt", folder / "Rolling.txt", "--text",
                  tmp_path / "tale.txt", "--labels", folder, "--seeds", 2)
    assert result.returncode == 0, result
    rows = [row.split(" | ") for row in result.stdout.splitlines()]
    learned = [row[1] for row in rows if row[0].startswith(("| names,", "| text,"))]
    assert [1 < float(mean.split(" ± ")[0]) < 4 for mean in learned] == [True, True]
    assert [row[2] for row in rows if row[0].startswith("| text, tale.txt")] == ["480"]
    shares = [float(row[2]) for row in rows if row[0].strip("| ") in tiny_names()]
    assert len(shares) == 3
    mean = next(float(row[2]) for row in rows if row[0] == "| mean over labels")
    assert mean == pytest.approx(sum(shares) / 3, abs=0.01)


def test_outside_check_uses_the_labels_that_both_sets_have(tmp_path, capsys, monkeypatch):
    script = load_script(ROOT / "scripts" / "outside_check.py")
    names = {label: charnn_names(label)[::2] for label in ("Greek", "Turkish")}
    other = write_folder(tmp_path / "other", {**names, "Klingon": ["Worf", "Martok"]})
    monkeypatch.setattr(script, "configure", lambda **values: charnn.configure(**values, hidden=4, epochs=1))
    monkeypatch.setattr(sys, "argv", ["", "--train", str(other), "--test", str(other)])
    script.main()
    printed = capsys.readouterr().out
    assert "| Greek |" in printed
    assert "Klingon" not in printed


def charnn_names(language):
    """The names of one language of data/names."""
    return (ROOT / "data" / "names" / f"{language}.txt").read_text(encoding="utf-8").splitlines()


def test_the_speed_benchmark_labels_a_file_of_distinct_names(folder, model, capsys, monkeypatch):
    script = load_script(ROOT / "scripts" / "benchmark_speed.py")
    names = script.distinct_names(folder, 50)
    assert len(set(names)) == 50
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)  # no fastText
    monkeypatch.setattr(sys, "argv", ["", "--data", str(folder), "--threads", "1", "--predict", str(model),
                                      "--names", "50"])
    script.main()
    printed = capsys.readouterr()
    assert printed.out.startswith("50 distinct names, 1 threads")
    assert f"| {model} | " in printed.out
    assert printed.err.count("50 rows in") == 4  # a warm-up and three rounds


def test_an_epoch_is_shared_out_to_the_last_percent(folder, monkeypatch):
    script = load_script(ROOT / "scripts" / "profile_epoch.py")
    monkeypatch.setattr(script, "configure", lambda *a, **values: charnn.configure(*a, **{**values, "hidden": 8}))
    result = call(script.main, "--data", folder, "--threads", 1)
    assert result.returncode == 0, result
    assert float(re.search(r"([\d.]+) times the floor", result.stdout).group(1)) > 1
    shares = [int(share) for share in re.findall(r"\| (\d+)% \|", result.stdout)]
    assert 95 <= sum(shares) <= 105
    assert "matrix products" in result.stdout


def test_multiply_adds_are_those_of_the_recurrent_products_and_the_readout():
    script = load_script(ROOT / "scripts" / "profile_epoch.py")
    one = charnn.model.build_network(charnn.configure(hidden=8), 30, 5)
    assert script.products(one) == (2 * 3 * 8 * 8, 5 * 4 * 8)
    two = charnn.model.build_network(charnn.configure(hidden=8, layers=2, cell="lstm", bidirectional=False), 30, 5)
    assert script.products(two) == (3 * 4 * 8 * 8, 5 * 2 * 8)


@pytest.mark.slow
def test_more_names_cost_a_row_each(capsys):
    script = load_script(ROOT / "scripts" / "benchmark_cost.py")
    result = call(script.main, "--sizes", 500, 1000, "--epochs", 1)
    assert result.returncode == 0, result
    rows = [line.strip("| ").split(" | ") for line in result.stdout.splitlines()[4:]]
    assert [len(row) for row in rows] == [8, 8]
    assert [int(row[0].replace(",", "")) for row in rows] == sorted(int(row[0].replace(",", "")) for row in rows)
