"""Pictures and the page: what is drawn is what was measured, and a name is never more than text."""

import csv
import io
import json
import re
from itertools import pairwise

import numpy as np
import pytest
import torch
from helpers import call_script, error_of, write_folder

from charnn.config import Config
from charnn.data import fingerprints
from charnn.drawing import as_bytes
from charnn.evaluation.measure import measure
from charnn.evaluation.metrics import confusion, figures
from charnn.evaluation.report import (
    cells,
    confused_together,
    confusion_csv,
    confusion_picture,
    diagram_points,
    mistakes,
    most_confused,
    report_files,
)
from charnn.inference.classifier import Classifier
from charnn.inference.trained import SEEN
from charnn.model import build_network
from charnn.text.vocabulary import Vocabulary
from charnn.training.curves import curves
from charnn.training.history import Epoch

EVIL = "<script>alert(1)</script>"


def test_curves_draw_both_parts_and_mark_the_kept_epoch():
    epochs = [Epoch(n, 2.0 / n, n / 10, 2.5 / n, n / 11, 0.1, 1000.0) for n in range(1, 6)]
    figure = curves(epochs, best=4)
    for axes, what in zip(figure.axes, ("loss", "accuracy"), strict=True):
        training, validation, kept = axes.lines
        assert list(training.get_ydata()) == [getattr(epoch, f"train_{what}") for epoch in epochs]
        assert list(validation.get_ydata()) == [getattr(epoch, f"validation_{what}") for epoch in epochs]
        assert (kept.get_xdata()[0], kept.get_ydata()[0]) == (4, getattr(epochs[3], f"validation_{what}"))
        assert axes.get_xlabel() == "epoch"
        assert what in axes.get_ylabel()
    assert as_bytes(figure).startswith(b"\x89PNG")


def test_one_epoch_is_enough_for_a_picture():
    assert as_bytes(curves([Epoch(1, 2.0, 0.1, 2.5, 0.1, 0.1, 1000.0)], best=1)).startswith(b"\x89PNG")


def test_labels_that_are_confused_stand_together():
    matrix = np.diag([10] * 6)
    for one, other in ((0, 3), (1, 5), (2, 4)):  # three pairs, taken for each other
        matrix[one, other], matrix[other, one] = 8, 5
    place = np.argsort(confused_together(matrix))
    assert all(abs(place[one] - place[other]) == 1 for one, other in ((0, 3), (1, 5), (2, 4)))
    assert sorted(confused_together(np.array([[3, 0], [0, 0]]))) == [0, 1]  # a label without a name


def test_the_picture_shows_percent_of_each_row():
    matrix = np.array([[0, 0, 0], [1, 3, 1], [0, 0, 0]])
    figure = confusion_picture(matrix, ["b$", "$a", "other"], [1, 0], "What $x it is of")
    axes = figure.axes[0]
    assert axes.images[0].get_array().tolist() == [[0.6, 0.2], [0, 0]]  # the row's other fifth is not shown
    assert [text.get_text() for text in axes.texts] == ["60", "20"]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["$a  (5)", "b$  (0)"]
    assert as_bytes(figure).startswith(b"\x89PNG")


@pytest.mark.parametrize("size", [2, 24])
def test_no_text_of_the_picture_touches_another_or_is_cut_off(size):
    labels = [f"Vietnamese-{i}" for i in range(size - 1)] + ["long" * 20]
    figure = confusion_picture(np.diag([100] * size), labels, range(size), "model.safetensors on names: accuracy 0.7")
    figure.draw_without_rendering()
    axes, border = figure.axes[0], figure.bbox
    for ticks in (axes.get_xticklabels(), axes.get_yticklabels()):
        boxes = [tick.get_window_extent() for tick in ticks]
        assert not any(one.overlaps(other) for one, other in pairwise(boxes))
        assert all(tick.get_fontsize() >= 9 for tick in ticks)
    for text in (*figure.texts, axes.title, axes.xaxis.label, axes.yaxis.label, *axes.get_xticklabels(),
                 *axes.get_yticklabels()):
        box = text.get_window_extent()
        assert np.array_equal(np.clip(box.get_points(), border.p0, border.p1), box.get_points()), text


def test_the_csv_holds_the_counts():
    matrix = np.array([[0, 2], [1, 3]])
    rows = list(csv.reader(io.StringIO(confusion_csv(matrix, ['c"', "a,b"], [1, 0]))))
    assert rows == [["right label", "a,b", 'c"'], ["a,b", "3", "1"], ['c"', "2", "0"]]


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """2,000 names of 24 labels, some of them unfriendly, and the answers of a classifier that is right now and then."""
    labels = [f"Label {i:02}" for i in range(23)] + ["<i>&'\"bold"]
    names = {label: [f"Name-{i}-{'aeiou'[i % 5]}{EVIL if i == 0 else ''}" for i in range(83 + (label == labels[0]) * 8)]
             for label in labels}
    names[labels[0]][1] = "</script><img src=x onerror=alert(2)>"
    folder = write_folder(tmp_path_factory.mktemp("many") / "many", names)
    vocabulary, config = Vocabulary("aeiou"), Config(hidden=4)
    seen = {part: np.unique(fingerprints([])) for part in SEEN}
    draw = np.random.default_rng(0)
    some = figures(np.log(draw.dirichlet(np.ones(24), 5)), np.arange(5))
    about = {"figures": {"train": {"n": 5}, "validation": some, "test": some, "best_epoch": 1},
             "temperature": 1.5, "data": "0123456789abcdef"}
    network = build_network(config, len(vocabulary), 24)
    classifier = Classifier(network, vocabulary, sorted(labels), config, [83] * 24, seen, about)
    logits = draw.normal(size=(2000, 24))
    targets = np.repeat(np.arange(24), [len(names[label]) for label in sorted(labels)])
    logits[np.arange(2000), targets] += 2
    classifier.log_proba = lambda _: torch.tensor(logits).log_softmax(1).numpy()
    with pytest.warns(UserWarning, match="several labels"):
        evaluation = measure(classifier, folder)
    out = tmp_path_factory.mktemp("report")
    for name, content in report_files(classifier, evaluation, f"a model on many {EVIL}").items():
        (out / name).write_bytes(content)
    return classifier, evaluation, out


def test_the_report_of_24_labels_and_2000_names_is_small_and_needs_nothing_else(many):
    _, evaluation, out = many
    text = (out / "report.html").read_text(encoding="utf-8")
    assert len(text.encode()) < 1_500_000
    assert sorted(path.name for path in out.iterdir()) == ["confusion.csv", "confusion.png", "report.html"]
    assert not re.search(r"https?://|<link(?! rel=\"icon\" href=\"data:,\")|src=\"", text)
    assert f"{evaluation.figures['accuracy']:.3f}" in text


def test_no_name_or_label_of_the_page_is_markup(many):
    _, _, out = many
    text = (out / "report.html").read_text(encoding="utf-8")
    assert text.count("<script") == 2  # its own data and its own program
    assert "<img" not in text
    assert "<i>" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_the_page_lists_every_name_in_its_cell(many):
    classifier, evaluation, out = many
    text = (out / "report.html").read_text(encoding="utf-8")
    data = json.loads(re.search(r'<script id="data" type="application/json">(.*?)</script>', text, re.DOTALL).group(1))
    matrix = confusion(evaluation.log_probs, evaluation.data.targets)
    assert sorted(data["labels"]) == sorted(classifier.labels)
    for row, right in enumerate(data["labels"]):
        for column, answer in enumerate(data["labels"]):
            names = data["cells"].get(f"{row},{column}", [])
            assert len(names) == matrix[classifier.labels.index(right), classifier.labels.index(answer)]
            assert all(data["all"][top[0][0]] == answer for _, top, _ in names)
    with open(out / "confusion.csv", encoding="utf-8", newline="") as file:
        assert next(csv.reader(file))[1:] == data["labels"]


def test_of_very_many_names_each_cell_lists_its_share(many):
    _, evaluation, _ = many
    everything, some = cells(evaluation, np.arange(24)), cells(evaluation, np.arange(24), most=1999)
    assert everything.keys() == some.keys()
    for cell, names in some.items():
        assert names == everything[cell][:10]


def test_of_very_many_labels_the_most_confused_are_shown():
    matrix = np.diag([5] * 200)
    matrix[7, 150] = matrix[3, 7] = 2
    assert most_confused(matrix, 3).tolist() == [3, 7, 150]
    assert most_confused(matrix[:20, :20]).tolist() == list(range(20))


def test_mistakes_are_the_wrong_answers_the_surest_first(many):
    _, evaluation, _ = many
    found = list(mistakes(evaluation))
    assert len(found) == 25
    assert all(answer != right for _, answer, _, right, _ in found)
    sure = np.exp(evaluation.log_probs.max(1))[evaluation.log_probs.argmax(1) != evaluation.data.targets]
    assert [p for _, _, p, _, _ in found] == pytest.approx(sorted(sure, reverse=True)[:25])


def test_the_diagram_draws_confidence_to_the_right_and_accuracy_upwards():
    log_probs = np.log(np.array([[0.75, 0.25]] * 2))
    assert diagram_points(log_probs, np.array([0, 1]))[0] == (50 + 270 * 0.75, 290 - 270 * 0.5)


def test_the_page_shows_what_evaluate_prints(many):
    _, evaluation, out = many
    text = (out / "report.html").read_text(encoding="utf-8")
    before, after = (f'M{" ".join(map(str, diagram_points(rows, evaluation.data.targets)[0]))}L'
                     for rows in (evaluation.uncalibrated, evaluation.log_probs))
    assert f'class="before" d="{before}' in text
    assert f'class="after" d="{after}' in text
    for row in evaluation.figures["coverage"]:
        assert f"{100 * row['coverage']:.1f}%" in text
    for what in ("0123456789abcdef", "temperature", "1.500", "weights of epoch 1", "letter dropout 0.15", "cell gru"):
        assert what in text


def test_the_script_writes_the_three_files_and_overwrites_none(model, folder, tmp_path):
    arguments = ["--model", model, "--data", folder, "--unseen", "--out", tmp_path / "report"]
    result = call_script("confusion_report", *arguments)
    assert result.returncode == 0, result
    assert [line.rsplit("/", 1)[1] for line in result.stdout.splitlines()] == ["confusion.png", "confusion.csv",
                                                                             "report.html"]
    text = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    assert "model.safetensors on tiny" in text
    assert "these are left out" in text
    assert str(tmp_path) not in text
    assert "already holds confusion.png, confusion.csv, report.html" in error_of(
        call_script("confusion_report", *arguments))
    assert "does not exist" in error_of(call_script("confusion_report", "--data", tmp_path / "nowhere"))


# ---------------------------------------------------------------- in a browser


@pytest.mark.slow
@pytest.mark.parametrize(("width", "scheme"), [(1200, "light"), (1200, "dark"), (390, "light"), (390, "dark")])
def test_in_a_browser_by_mouse_and_by_keyboard(many, browser, width, scheme, tmp_path):
    classifier, evaluation, out = many
    page = browser.new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)
    trouble, requests = [], []
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("dialog", lambda dialog: (trouble.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda made: requests.append(made.url))
    page.goto((out / "report.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width  # only the tables scroll sideways

    labels = page.locator("#matrix tbody th").all_inner_texts()
    matrix = confusion(evaluation.log_probs, evaluation.data.targets)
    order = [classifier.labels.index(label) for label in labels]
    counts = matrix[np.ix_(order, order)] * (1 - np.eye(24, dtype=int))
    row, column = np.unravel_index(counts.argmax(), counts.shape)  # the greatest confusion
    row, column = int(row), int(column)
    page.locator("#matrix tbody tr").nth(row).locator("td").nth(column).click()
    panel = page.locator("#cell")
    shown = panel.locator("tbody tr").all()
    assert panel.locator("h3").inner_text() == f"{labels[row]}, answered {labels[column]}: {counts[row, column]}"
    assert len(shown) == counts[row, column] > 1
    name, best, own = shown[0].locator("td").all_inner_texts()
    mine = np.flatnonzero((evaluation.data.targets == order[row]) & (evaluation.log_probs.argmax(1) == order[column]))
    surest = mine[evaluation.log_probs[mine].max(1).argmax()]
    assert name == evaluation.data.names[surest]
    assert best.startswith(f"{labels[column]} {np.exp(evaluation.log_probs[surest].max()):.3f}")
    assert float(own.replace("<", "")) == pytest.approx(np.exp(evaluation.log_probs[surest, order[row]]), abs=6e-4)
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") > 0  # the cell is still in sight
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "cell"  # and the names can be scrolled
    page.keyboard.press("Escape")
    assert not panel.is_visible()

    unfriendly = evaluation.data.names.index("</script><img src=x onerror=alert(2)>")
    answer = classifier.labels[evaluation.log_probs[unfriendly].argmax()]
    row = order.index(evaluation.data.targets[unfriendly])
    page.locator("#matrix tbody tr").nth(row).locator("td").nth(labels.index(answer)).click()
    assert "</script><img src=x onerror=alert(2)>" in panel.inner_text()

    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown" if row == 0 else "ArrowUp")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert panel.locator("h3").inner_text().startswith(labels[1 if row == 0 else row - 1])
    assert page.locator("#matrix td[tabindex='0']").count() == 1

    f1 = page.get_by_role("button", name="F1")
    f1.focus()
    page.keyboard.press("Enter")
    column = [float(text) for text in page.locator("#labels tbody td:last-child").all_inner_texts()]
    assert column == sorted(column, reverse=True)
    assert page.locator("#labels th[aria-sort=descending]").inner_text().startswith("F1")
    f1.click()
    column = [float(text) for text in page.locator("#labels tbody td:last-child").all_inner_texts()]
    assert column == sorted(column)

    assert trouble == []
    assert requests == [(out / "report.html").as_uri()]
    picture = tmp_path / f"{width}-{scheme}.png"
    page.screenshot(path=picture, full_page=True)
    assert picture.read_bytes().startswith(b"\x89PNG")
