"""How good a model is on names or on a text: reads them, asks the model, computes the figures.

Knows no network and prints nothing. Axis letters: N names, L labels.
"""

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from charnn.errors import CharnnError
from charnn.evaluation import metrics
from charnn.evaluation.html import evaluation_html
from charnn.evaluation.metrics import Figures
from charnn.inference.name_generator import NameGenerator
from charnn.inference.text_generator import TextGenerator
from charnn.inference.trained import Trained
from charnn.table_options import NO_COLUMNS, Columns
from charnn.text.names import Names, read_names, relabel, unknown_labels
from charnn.text.running import read_text
from charnn.text.splits import fingerprints
from charnn.wording import counted, listed


@dataclass(frozen=True)
class Evaluation:
    """A classifier's log-probabilities for some names, and how good they are."""

    data: Names  # the names that were measured, with the model's labels
    log_probs: np.ndarray  # (N, L)
    uncalibrated: np.ndarray  # (N, L), before the division by the temperature
    figures: Figures  # what `evaluate --json` prints

    def _repr_html_(self) -> str:
        matrix = metrics.confusion(self.log_probs, self.data.targets)
        of_what, unit = whose(self.figures), self.figures["unit"]
        return evaluation_html(headline(self.figures), of_what, matrix, self.data.labels, unit)


# ---------------------------------------------------------------- classifiers


def measure(
    model: Trained,
    path: str | Path,
    unseen: bool = False,
    skip_unknown_labels: bool = False,
    columns: Columns = NO_COLUMNS,
) -> Evaluation:
    """Measures a model that predicts labels on all names of a folder of <label>.txt files.

    Or of a table, whose names and labels are in these `columns`.

    `unseen` leaves out the spellings of the model's training and validation sets; without it, a
    warning says how many there are. `skip_unknown_labels` leaves out the names of labels that the
    model does not know, and the figures say how many. Raises CharnnError for a folder that cannot
    be read, a label that the model does not know, and when no name is left.
    """
    data, skipped = _read_for(model, path, skip_unknown_labels, columns)
    data, of_data = _compare_with_training(model, data, unseen, path)
    return _evaluate(model, data, {**of_data, "skipped_labels": skipped})


def _read_for(
    model: Trained, path: str | Path, skip_unknown_labels: bool, columns: Columns
) -> tuple[Names, dict[str, int]]:
    """The names with the model's labels, and how many were left out of which unknown label."""
    config = model.config
    data = read_names(path, config.longest, min(len(model.labels), 1), config.raw, columns)
    if not model.labels:  # a generator that was trained on one list
        return data, {}
    skipped = unknown_labels(data, model.labels) if skip_unknown_labels else {}
    return relabel(data, model.labels, "the model", skip_unknown_labels), skipped


def _evaluate(model: Trained, data: Names, of_data: Figures) -> Evaluation:
    """The model's log-probabilities for the names, and their figures with those of the data."""
    log_probs, known = model.log_proba(data.names), model.known(data.names)
    # A name without a known letter gets the training prior, which no temperature was applied to.
    untempered = metrics.tempered(log_probs, 1 / model.temperature)
    uncalibrated = np.where(known[:, None], untempered, log_probs)  # (N, L)
    # Such a name is "unknown" for `predict`, so no threshold, not even 0, may count it as answered.
    confidence = np.where(known, np.exp(log_probs.max(1)), -1.0)  # (N,)
    texts = [model.normalise(name) for name in data.names]
    figures = {
        **metrics.figures(log_probs, data.targets),
        "calibration_error_before": metrics.reliability_of(uncalibrated, data.targets).error,
        "nll_before": metrics.nll(uncalibrated, data.targets),
        "temperature": model.temperature,
        "ceiling": metrics.ceiling(texts, data.targets),
        **of_data,
        # Not config.unit: a generator's is the character, and here it is asked for names.
        "unit": "name" if model.config.tokens == "letters" else "text",
        "coverage": metrics.coverage(confidence, log_probs.argmax(1) == data.targets),
        "labels": data.labels,
        "per_label": _label_by_label(log_probs, data),
    }
    return Evaluation(data, log_probs, uncalibrated, figures)


def _label_by_label(log_probs: np.ndarray, data: Names) -> dict[str, Figures]:
    """{label: {"n", "precision", "recall", "f1"}}."""
    columns = metrics.per_label(log_probs, data.targets)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return {
        label: dict(zip(metrics.PerLabel._fields, row, strict=True))
        for label, row in zip(data.labels, rows, strict=True)
    }


def _compare_with_training(
    model: Trained, data: Names, unseen: bool, where: str | Path
) -> tuple[Names, Figures]:
    """The names to measure, and how many of all spellings are in the model's sets.

    The second is {"spellings": {"all", "trained_on", "chosen_by"}, "unseen"}: how many different
    spellings there are, how many of them are in the training set, and how many in the validation
    set; and whether those are left out.
    """
    marks = fingerprints(data.names, model.fingerprints_raw)  # (N,)
    in_training = np.isin(marks, model.fingerprints["train"])
    in_validation = np.isin(marks, model.fingerprints["validation"])
    spellings = {
        "all": len(np.unique(marks)),
        "trained_on": len(np.unique(marks[in_training])),
        "chosen_by": len(np.unique(marks[in_validation])),
    }
    if unseen:
        data = data.select(~in_training & ~in_validation)
        if not len(data):
            raise CharnnError(
                f"{where}: the model's training and validation sets hold all of its spellings "
                f"({spellings['all']:,}); give others, or leave --unseen out"
            )
    elif spellings["trained_on"] or spellings["chosen_by"]:
        warnings.warn(
            f"of the {counted(spellings['all'], 'spelling')}, {spellings['trained_on']:,} are in "
            f"the model's training set and {spellings['chosen_by']:,} in its validation set, so "
            "the figures are too good; --unseen leaves these out",
            stacklevel=3,
        )
    return data, {"spellings": spellings, "unseen": unseen}


# ---------------------------------------------------------------- generators


def measure_generator(
    generator: NameGenerator | TextGenerator,
    path: str | Path,
    unseen: bool = False,
    skip_unknown_labels: bool = False,
    columns: Columns = NO_COLUMNS,
) -> Figures:
    """n (characters, the ends of names counted), nats_per_char, bits_per_char and perplexity.

    Of a generator of running text: on a text file, read as one stream. Of a generator of names: on
    a file of names or, where it was trained with labels, on a folder of <label>.txt files, each
    name given its label; then also `classification`, the figures of `measure` by Bayes' rule.
    `unseen`, `skip_unknown_labels`, `columns` and the errors are as in `measure`.
    """
    if skip_unknown_labels and not generator.labels:
        raise CharnnError(
            "--skip-unknown-labels is for models with labels, and this one has none; leave it out"
        )
    if isinstance(generator, TextGenerator):
        return _measure_text(generator, path, unseen)
    data, skipped = _read_for(generator, path, skip_unknown_labels, columns)
    data, of_data = _compare_with_training(generator, data, unseen, path)
    of_data["skipped_labels"] = skipped
    nats, characters = generator.names_nats(data.names, data.targets)
    figures = {**metrics.per_character(nats, characters), **of_data}
    if generator.labels:
        figures["classification"] = _evaluate(generator, data, of_data).figures
    return figures


def _measure_text(generator: TextGenerator, path: str | Path, unseen: bool) -> Figures:
    """The figures of a running text."""
    if unseen:
        raise CharnnError(
            "--unseen is for names: of a running text the model keeps no list of what it was "
            "trained on; leave --unseen out"
        )
    text = read_text(path, generator.vocabulary)
    if not len(text):
        raise CharnnError(f"{path} is empty; give a text")
    return figures_of_text(generator, text)


def figures_of_text(generator: TextGenerator, text: np.ndarray) -> Figures:
    """The figures of a running text (N,) of ids.

    n (characters), nats_per_char, bits_per_char and perplexity (of a character); of a generator of
    words also `tokens` (words, signs and letters of what is spelled) and nats_per_token.
    """
    nats, characters = generator.text_nats(text)
    figures = metrics.per_character(nats, characters)
    if generator.config.tokens == "words":
        figures |= {"tokens": len(text), "nats_per_token": nats / len(text)}
    return figures


# ---------------------------------------------------------------- the figures in words


def headline(figures: Figures) -> list[tuple[str, float, str]]:
    """The first figures to look at: (what, value, remark)."""
    unit = figures["unit"]
    low, high = figures["accuracy_interval"]
    of_accuracy = f"95% interval {low:.3f} to {high:.3f}"
    if figures["ceiling"] < 1:
        of_accuracy += (
            f"; the ceiling is {figures['ceiling']:.3f}: some spellings carry several labels"
        )
    of_f1 = "mean F1 over all labels of the model"
    absent = sum(not row["n"] for row in figures["per_label"].values())
    if absent:
        of_f1 += f"; {absent} of them have no {unit} here and count 0"
    of_calibration = (
        f"{figures['calibration_error_before']:.3f} before calibration; chance alone gives "
        f"{figures['calibration_error_if_calibrated']:.3f} on as many {unit}s"
    )
    rows = [
        ("accuracy", figures["accuracy"], of_accuracy),
        ("macro-F1", figures["macro_f1"], of_f1),
        ("NLL", figures["nll"], f"nats per {unit}; {figures['nll_before']:.3f} before calibration"),
        ("calibration error", figures["calibration_error"], of_calibration),
    ]
    if len(figures["labels"]) > 3:  # with three labels or fewer it is always 1
        of_top = "the right label is among the three most probable"
        rows.insert(1, ("top-3 accuracy", figures["top3_accuracy"], of_top))
    return rows


def whose(figures: Figures) -> str:
    """Which names were measured, and how many of all spellings are in the model's sets."""
    spellings = figures["spellings"]
    met = spellings["trained_on"] + spellings["chosen_by"]
    present = sum(row["n"] > 0 for row in figures["per_label"].values())
    if figures["unseen"]:
        consequence = "; these are left out"
    elif met:
        consequence = ", so the figures are better than on new ones"
    else:
        consequence = ""
    return (
        f"{counted(figures['n'], figures['unit'])} of {counted(present, 'label')}. "
        f"Of the {counted(spellings['all'], 'spelling')} in the data, {spellings['trained_on']:,} "
        f"are in the model's training set and {spellings['chosen_by']:,} in its validation set"
        f"{consequence}.{left_out(figures)}"
    )


def left_out(figures: Figures) -> str:
    """How many names were left out of which labels that the model does not know, as a sentence."""
    skipped = figures["skipped_labels"]
    if not skipped:
        return ""
    each = [f"{label} ({count:,})" for label, count in skipped.items()]
    return (
        f" Left out: {counted(sum(skipped.values()), 'line')} of {counted(len(each), 'label')} "
        f"that the model does not know: {listed(each)}."
    )
