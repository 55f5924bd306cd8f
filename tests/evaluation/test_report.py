"""The page of a report: it shows what was measured, and a name is never more than text."""

import csv
import json
import re

import numpy as np
import pytest
from helpers import write_folder
from markupsafe import escape
from scipy.special import log_softmax

from charnn.config import Config
from charnn.evaluation.measure import measure
from charnn.evaluation.metrics import confusion, figures
from charnn.evaluation.report import (
    FEWEST_LISTED,
    FILES,
    MISTAKES,
    card,
    cells,
    diagram_points,
    mistakes,
    report_files,
)
from charnn.inference.classifier import Classifier
from charnn.inference.description import FINGERPRINTED
from charnn.text.vocabulary import Vocabulary

EVIL = "<script>alert(1)</script>"
LABELS = 24


class WeightsOnly:
    """An engine with weights and nothing else: a report computes no log-probability."""

    def arrays(self):
        """Twelve weights."""
        return {"weight": np.zeros((3, 4), dtype=np.float32)}


def names_by_label():
    """2,000 names of 24 labels, some of them unfriendly."""
    labels = sorted([f"Label {i:02}" for i in range(LABELS - 1)] + ["<i>&'\"bold"])
    names = {
        label: [f"Name-{i}-{'aeiou'[i % 5]}{EVIL if i == 0 else ''}" for i in range(83)]
        for label in labels
    }
    first = names[labels[0]]
    first += [f"Name-{i}" for i in range(2000 - 83 * LABELS)]
    first[1] = "</script><img src=x onerror=alert(2)>"
    return names


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """A report on these names by a classifier that is right now and then.

    (the classifier, its evaluation, the folder with the three files)
    """
    names = names_by_label()
    draw = np.random.default_rng(0)
    some = figures(np.log(draw.dirichlet(np.ones(LABELS), 5)), np.arange(5))
    about = {
        "figures": {"train": {"n": 5}, "validation": some, "test": some, "best_epoch": 1},
        "temperature": 1.5,
        "data": "0123456789abcdef",
    }
    classifier = Classifier(
        WeightsOnly(),
        Vocabulary("aeiou"),
        list(names),
        Config(hidden=4),
        [83] * LABELS,
        {name: np.empty(0, dtype=np.int64) for name in FINGERPRINTED},
        about,
    )
    targets = np.repeat(np.arange(LABELS), [len(of_label) for of_label in names.values()])
    logits = draw.normal(size=(len(targets), LABELS))
    logits[np.arange(len(targets)), targets] += 2
    classifier.log_proba = lambda _: log_softmax(logits, axis=1)
    with pytest.warns(UserWarning, match="several labels"):
        evaluation = measure(
            classifier, write_folder(tmp_path_factory.mktemp("many") / "many", names)
        )
    out = tmp_path_factory.mktemp("report")
    for name, content in report_files(classifier, evaluation, f"a model on many {EVIL}").items():
        (out / name).write_bytes(content)
    return classifier, evaluation, out


def page_of(out):
    """The page's HTML."""
    return (out / "report.html").read_text(encoding="utf-8")


def test_the_report_of_24_labels_and_2000_names_is_small_and_needs_nothing_else(many):
    _, evaluation, out = many
    text = page_of(out)
    assert len(text.encode()) < 1_500_000
    assert {path.name for path in out.iterdir()} == set(FILES)
    assert not re.search(r"https?://|<link(?! rel=\"icon\" href=\"data:,\")|src=\"", text)
    assert f"{evaluation.figures['accuracy']:.3f}" in text


def test_no_name_or_label_of_the_page_is_markup(many):
    _, _, out = many
    text = page_of(out)
    assert text.count("<script") == 2  # its own data and its own program
    assert "<img" not in text
    assert "<i>" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_the_page_lists_every_name_in_its_cell(many):
    classifier, evaluation, out = many
    text = page_of(out)
    script = r'<script id="data" type="application/json">(.*?)</script>'
    data = json.loads(re.search(script, text, re.DOTALL).group(1))
    matrix = confusion(evaluation.log_probs, evaluation.data.targets)
    assert sorted(data["labels"]) == sorted(classifier.labels)
    for row, right in enumerate(data["labels"]):
        for column, predicted in enumerate(data["labels"]):
            names = data["cells"].get(f"{row},{column}", [])
            cell = classifier.labels.index(right), classifier.labels.index(predicted)
            assert len(names) == matrix[cell]
            assert all(data["all"][top[0][0]] == predicted for _, top, _ in names)
    with open(out / "confusion.csv", encoding="utf-8", newline="") as file:
        assert next(csv.reader(file))[1:] == data["labels"]


def test_of_very_many_names_each_cell_lists_its_share(many):
    _, evaluation, _ = many
    everything = cells(evaluation, np.arange(LABELS))
    some = cells(evaluation, np.arange(LABELS), most=1999)  # of 2,000
    assert everything.keys() == some.keys()
    for cell, names in some.items():
        assert names == everything[cell][:FEWEST_LISTED]


def test_mistakes_are_the_wrong_predictions_the_most_confident_first(many):
    _, evaluation, _ = many
    found = mistakes(evaluation)
    assert len(found) == MISTAKES
    assert all(mistake.predicted != mistake.right for mistake in found)
    wrong = evaluation.log_probs.argmax(1) != evaluation.data.targets
    confidence = np.sort(np.exp(evaluation.log_probs.max(1))[wrong])[::-1]
    assert [mistake.probability for mistake in found] == pytest.approx(confidence[:MISTAKES])
    for mistake in found:
        row = np.exp(evaluation.log_probs[evaluation.data.names.index(mistake.name)])
        if evaluation.data.names.count(mistake.name) == 1:
            right = evaluation.data.labels.index(mistake.right)
            assert mistake.probability_of_right == row[right]


def test_the_diagram_draws_confidence_to_the_right_and_accuracy_upwards():
    log_probs = np.log(np.array([[0.75, 0.25]] * 2))
    assert diagram_points(log_probs, np.array([0, 1]))[0] == (50 + 270 * 0.75, 290 - 270 * 0.5)


def test_the_page_shows_what_evaluate_prints(many):
    _, evaluation, out = many
    text = page_of(out)
    before, after = (
        f"M{' '.join(map(str, diagram_points(rows, evaluation.data.targets)[0]))}L"
        for rows in (evaluation.uncalibrated, evaluation.log_probs)
    )
    assert f'class="before" d="{before}' in text
    assert f'class="after" d="{after}' in text
    for row in evaluation.figures["coverage"]:
        assert f"{100 * row['coverage']:.1f}%" in text


def test_the_page_says_what_the_model_is(many):
    classifier, _, out = many
    text = page_of(out)
    of_model = dict(card(classifier))
    assert of_model["data fingerprint"] == "0123456789abcdef"
    assert of_model["temperature"] == "1.500"
    assert of_model["parameters"] == "12"
    assert "weights of epoch 1" in of_model["trained on"]
    assert "letter dropout 0.15" in of_model["configuration"]
    assert "cell gru" in of_model["configuration"]
    for what, value in of_model.items():
        assert str(escape(what)) in text
        assert str(escape(value)) in text


# ---------------------------------------------------------------- in a browser


class Opened:
    """The report in a browser, with what goes wrong there and which addresses it asks for."""

    def __init__(self, browser, out, width, scheme):
        self.page = browser.new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)
        self.trouble, self.requests = [], []
        self.page.on("console", lambda message: self.trouble.append(message.text))
        self.page.on("pageerror", lambda error: self.trouble.append(str(error)))
        self.page.on("dialog", self._dismiss)
        self.page.on("request", lambda made: self.requests.append(made.url))
        self.address = (out / "report.html").as_uri()
        self.page.goto(self.address)
        self.panel = self.page.locator("#cell")
        self.labels = self.page.locator("#matrix tbody th").all_inner_texts()

    def _dismiss(self, dialog):
        self.trouble.append(dialog.message)
        dialog.dismiss()

    def click(self, row, column):
        """Clicks a cell of the matrix."""
        self.page.locator("#matrix tbody tr").nth(row).locator("td").nth(column).click()

    def press(self, *keys):
        """Presses keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def column_of_f1(self):
        """The column of F1 in the table of labels, from top to bottom."""
        cells = self.page.locator("#labels tbody td:last-child")
        return [float(text) for text in cells.all_inner_texts()]


def shows_the_greatest_confusion(opened, classifier, evaluation):
    """Clicks the largest cell off the diagonal: the panel lists its names, best first."""
    order = [classifier.labels.index(label) for label in opened.labels]
    matrix = confusion(evaluation.log_probs, evaluation.data.targets)[np.ix_(order, order)]
    np.fill_diagonal(matrix, 0)
    row, column = map(int, np.unravel_index(matrix.argmax(), matrix.shape))
    opened.click(row, column)
    right, predicted = opened.labels[row], opened.labels[column]
    title = opened.panel.locator("h3").inner_text()
    assert title == f"{right} predicted as {predicted}: {matrix[row, column]}"
    shown = opened.panel.locator("tbody tr").all()
    assert len(shown) == matrix[row, column] > 1

    of_right = evaluation.data.targets == order[row]
    of_cell = np.flatnonzero(of_right & (evaluation.log_probs.argmax(1) == order[column]))
    first = of_cell[evaluation.log_probs[of_cell].max(1).argmax()]
    probabilities = np.exp(evaluation.log_probs[first])
    name, best, own = shown[0].locator("td").all_inner_texts()
    assert name == evaluation.data.names[first]
    assert best.startswith(f"{predicted} {probabilities.max():.3f}")
    assert float(own.replace("<", "")) == pytest.approx(probabilities[order[row]], abs=6e-4)
    # The panel is below the matrix; the cell that was clicked is still in sight.
    assert opened.page.evaluate("document.activeElement.getBoundingClientRect().top") > 0


def can_be_used_by_keyboard(opened):
    """From a cell to its names and back, then to the cell beside it."""
    opened.press("Tab")
    assert opened.page.evaluate("document.activeElement.id") == "cell"
    opened.press("Escape")
    assert not opened.panel.is_visible()
    opened.press("Control+Home", "ArrowDown", "ArrowRight", "Enter")
    title = opened.panel.locator("h3").inner_text()
    assert title.startswith(f"{opened.labels[1]} predicted correctly: ")
    assert opened.page.locator("#matrix td[tabindex='0']").count() == 1


def shows_markup_as_text(opened, classifier, evaluation):
    """A name that is HTML is shown as it was typed."""
    unfriendly = evaluation.data.names.index("</script><img src=x onerror=alert(2)>")
    right = classifier.labels[evaluation.data.targets[unfriendly]]
    predicted = classifier.labels[evaluation.log_probs[unfriendly].argmax()]
    opened.click(opened.labels.index(right), opened.labels.index(predicted))
    assert "</script><img src=x onerror=alert(2)>" in opened.panel.inner_text()


def sorts_the_labels(opened):
    """By F1, from the best down and then from the worst up."""
    f1 = opened.page.get_by_role("button", name="F1")
    f1.focus()
    opened.press("Enter")
    assert opened.column_of_f1() == sorted(opened.column_of_f1(), reverse=True)
    sorted_by = opened.page.locator("#labels th[aria-sort=descending]").inner_text()
    assert sorted_by.startswith("F1")
    f1.click()
    assert opened.column_of_f1() == sorted(opened.column_of_f1())


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 390])
def test_in_a_browser_by_mouse_and_by_keyboard(many, browser, width, scheme, tmp_path):
    classifier, evaluation, out = many
    opened = Opened(browser, out, width, scheme)
    page_width = opened.page.evaluate("document.documentElement.scrollWidth")
    assert page_width <= width, "only the tables may scroll sideways"
    shows_the_greatest_confusion(opened, classifier, evaluation)
    can_be_used_by_keyboard(opened)
    shows_markup_as_text(opened, classifier, evaluation)
    sorts_the_labels(opened)
    assert opened.trouble == []
    assert opened.requests == [opened.address]
    picture = tmp_path / f"{width}-{scheme}.png"
    opened.page.screenshot(path=picture, full_page=True)
    assert picture.read_bytes().startswith(b"\x89PNG")
