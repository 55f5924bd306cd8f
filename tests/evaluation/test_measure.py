"""What is measured on names and texts, against scikit-learn and figures worked out by hand."""

import numpy as np
import pytest
from helpers import write_folder
from sklearn.metrics import accuracy_score, f1_score, log_loss, precision_recall_fscore_support

import charnn
from charnn.errors import CharnnError
from charnn.evaluation import metrics
from charnn.evaluation.measure import headline, measure, measure_generator, whose
from charnn.text.names import read_folder
from charnn.text.splits import split

HISSING = {"Sz": (0.8, 0.1, 0.1), "Zs": (0.3, 0.6, 0.1), "Both": (0.5, 0.3, 0.2)}
ROLLING = {"Ro": (0.2, 0.7, 0.1), "both": (0.5, 0.3, 0.2)}
# The probabilities of the labels in the model's order: Hissing, Rolling, Vowelish.
PROBABILITIES = {**HISSING, **ROLLING}


@pytest.fixture
def known(model, tmp_path, monkeypatch):
    """A classifier that gives the probabilities above, and a folder of these names."""
    folder = write_folder(tmp_path / "known", {"Hissing": [*HISSING], "Rolling": [*ROLLING]})
    classifier = charnn.load(model)

    def log_proba(names):
        return np.log([PROBABILITIES[name] for name in names])

    monkeypatch.setattr(classifier, "log_proba", log_proba)
    return classifier, folder


# ---------------------------------------------------------------- the figures


@pytest.mark.filterwarnings("ignore:.*several labels")
def test_every_figure_is_what_scikit_learn_says(known):
    figures = measure(*known).figures
    truth, rows = [0, 0, 0, 1, 1], np.array(list(PROBABILITIES.values()))
    predicted, labels = rows.argmax(1), [0, 1, 2]
    assert figures["n"] == 5
    assert figures["labels"] == ["Hissing", "Rolling", "Vowelish"]
    assert figures["accuracy"] == pytest.approx(accuracy_score(truth, predicted), abs=1e-9)
    assert figures["nll"] == pytest.approx(log_loss(truth, rows, labels=labels), abs=1e-9)
    f1 = f1_score(truth, predicted, labels=labels, average="macro", zero_division=0)
    assert figures["macro_f1"] == pytest.approx(f1, abs=1e-9)
    columns = precision_recall_fscore_support(truth, predicted, labels=labels, zero_division=0)
    expected = zip(*columns, strict=True)
    found = figures["per_label"].values()
    for row, (precision, recall, f1, n) in zip(found, expected, strict=True):
        of_label = {"n": n, "precision": precision, "recall": recall, "f1": f1}
        assert row == pytest.approx(of_label, abs=1e-9)


def test_every_figure_is_what_a_pencil_says(known):
    with pytest.warns(UserWarning, match="1 spelling under several labels"):
        figures = measure(*known).figures
    assert figures["accuracy"] == 3 / 5
    assert figures["nll"] == pytest.approx(-np.log([0.8, 0.3, 0.5, 0.7, 0.3]).mean(), abs=1e-9)
    assert figures["macro_f1"] == pytest.approx((4 / 6 + 2 / 4 + 0) / 3, abs=1e-9)
    assert figures["top3_accuracy"] == 1
    assert figures["ceiling"] == 4 / 5  # "Both" and "both" are one spelling
    # Five bins of one name each. Of the two names at 0.5 one is right: both count as half right.
    distances = [abs(0.5 - 0.5), abs(0.5 - 0.5), abs(0.6 - 0), abs(0.7 - 1), abs(0.8 - 1)]
    assert figures["calibration_error"] == pytest.approx(sum(distances) / 5, abs=1e-9)
    low, high = figures["accuracy_interval"]
    assert 0.2 < low < 0.6 < high < 0.9
    assert [row["coverage"] for row in figures["coverage"]] == [1, 1, 0.6, 0.4, 0.2, 0, 0, 0]
    assert figures["coverage"][2]["accuracy"] == pytest.approx(2 / 3)


def test_the_temperature_of_the_training_is_undone_for_the_figures_before(known):
    classifier, folder = known
    classifier.about = {**classifier.about, "temperature": 2.0}
    with pytest.warns(UserWarning, match="several labels"):
        evaluation = measure(classifier, folder)
    first = np.array(HISSING["Sz"]) ** 2
    assert np.exp(evaluation.uncalibrated[0]) == pytest.approx(first / first.sum())
    assert evaluation.figures["temperature"] == 2
    assert evaluation.figures["nll_before"] != pytest.approx(evaluation.figures["nll"])


# ---------------------------------------------------------------- what the model has met before


def test_the_spellings_of_the_training_are_counted_and_left_out(classifier, folder):
    sets = split(read_folder(folder))
    counts = {
        "all": sum(map(len, sets.values())),
        "trained_on": len(sets["train"]),
        "chosen_by": len(sets["validation"]),
    }
    with pytest.warns(UserWarning, match="--unseen leaves these out") as warned:
        everything = measure(classifier, folder).figures
    assert everything["spellings"] == counts
    assert everything["n"] == counts["all"]
    assert f"{counts['trained_on']} are in the model's training set" in str(warned[0].message)
    assert f"{counts['chosen_by']} in its validation set" in str(warned[0].message)
    unseen = measure(classifier, folder, unseen=True)
    assert unseen.data.names == sets["test"].names
    assert unseen.figures["spellings"] == counts
    # What training measured on its test set is measured here again, by the same functions.
    for name, value in classifier.figures["test"].items():
        assert unseen.figures[name] == pytest.approx(value, abs=1e-6)


def test_where_every_spelling_was_met_before_there_is_nothing_to_measure(
    classifier, folder, tmp_path
):
    name = split(read_folder(folder))["train"].names[0]
    other = write_folder(tmp_path / "other", {"Hissing": [name.upper()]})
    with pytest.raises(CharnnError, match=r"hold all of its spellings \(1\)"):
        measure(classifier, other, unseen=True)


# ---------------------------------------------------------------- in words


def figures_of(unseen=False, met=0, ceiling=1.0, labels=3):
    """Figures as `measure` gives them, of two names of the first label."""
    names = [f"L{i}" for i in range(labels)]
    row = {"n": 0, "precision": 0.0, "recall": 0.0, "f1": 0.0}
    return {
        **metrics.figures(np.log(np.full((2, labels), 1 / labels)), np.zeros(2, dtype=int)),
        "calibration_error_before": 0.5,
        "nll_before": 0.25,
        "temperature": 1.0,
        "ceiling": ceiling,
        "spellings": {"all": 2000, "trained_on": met, "chosen_by": 0},
        "unseen": unseen,
        "skipped_labels": {},
        "unit": "name",
        "labels": names,
        "per_label": {name: {**row, "n": 2 if name == "L0" else 0} for name in names},
    }


def test_a_ceiling_is_mentioned_with_its_reason_where_there_is_one():
    def of_accuracy(figures):
        return headline(figures)[0][2]

    reason = "; the ceiling is 0.967: some spellings carry several labels"
    assert of_accuracy(figures_of(ceiling=0.967)).endswith(reason)
    assert "ceiling" not in of_accuracy(figures_of())


def test_the_headline_has_top_3_where_there_are_more_labels():
    def titles(labels):
        return [title for title, _, _ in headline(figures_of(labels=labels))]

    assert titles(3) == ["accuracy", "macro-F1", "NLL", "calibration error"]
    assert titles(4) == ["accuracy", "top-3 accuracy", "macro-F1", "NLL", "calibration error"]
    remarks = {title: remark for title, _, remark in headline(figures_of(labels=4))}
    assert remarks["macro-F1"].endswith("; 3 of them have no name here and count 0")


@pytest.mark.parametrize(
    ("unseen", "met", "end"),
    [
        (
            True,
            7,
            "7 are in the model's training set and 0 in its validation set; these are left out.",
        ),
        (False, 7, ", so the figures are better than on new ones."),
        (False, 0, "0 in its validation set."),
    ],
)
def test_it_is_said_whose_names_were_measured(unseen, met, end):
    text = whose(figures_of(unseen=unseen, met=met))
    assert text.startswith("2 names of 1 label. Of the 2,000 spellings in the data, ")
    assert text.endswith(end)


# ---------------------------------------------------------------- generators


@pytest.mark.filterwarnings("ignore:.*too good")
def test_a_generator_with_labels_is_measured_on_each_name_given_its_label(folder):
    generator = charnn.train_generator(folder, hidden=8, epochs=1, device="cpu")
    figures = measure_generator(generator, folder)
    data = read_folder(folder)
    bits = [
        (len(name) + 1) * generator.score(name, data.labels[target])
        for name, target in zip(data.names, data.targets, strict=True)
    ]
    assert figures["n"] == sum(len(name) + 1 for name in data.names)
    assert figures["bits_per_char"] == pytest.approx(sum(bits) / figures["n"], rel=1e-5)
    assert figures["perplexity"] == pytest.approx(2 ** figures["bits_per_char"])
    by_bayes = figures["classification"]
    best = [generator.predict(name, top=1)[0][0] for name in data.names]
    right = [data.labels[target] == label for target, label in zip(data.targets, best, strict=True)]
    assert by_bayes["accuracy"] == pytest.approx(np.mean(right))


def test_a_running_text_has_no_unseen_part(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("To be, or not to be. " * 100, encoding="utf-8")
    generator = charnn.train_generator(path, text=True, hidden=8, epochs=1, device="cpu")
    figures = measure_generator(generator, path)
    assert figures["n"] == len(path.read_text(encoding="utf-8"))
    with pytest.raises(CharnnError, match="--unseen is for names"):
        measure_generator(generator, path, unseen=True)
    empty = tmp_path / "empty.txt"
    empty.touch()
    with pytest.raises(CharnnError, match="is empty"):
        measure_generator(generator, empty)
