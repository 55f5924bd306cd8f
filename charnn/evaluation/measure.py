"""How good a model is on names or on a text."""

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from charnn.config import LONGEST
from charnn.data import Names
from charnn.errors import CharnnError
from charnn.inference.generator import Generator
from charnn.inference.trained import Trained
from charnn.wording import count


@dataclass(frozen=True)
class Evaluation:
    """What a classifier says of some names, and how good that is. N names, L labels."""

    data: "Names"               # the names that were measured, with the model's labels
    log_probs: "np.ndarray"     # (N, L)
    uncalibrated: "np.ndarray"  # (N, L), as they were before the temperature
    figures: dict               # what `evaluate --json` prints


def measure(classifier: "Trained", folder: str | Path, unseen: bool = False) -> Evaluation:
    """Asks the classifier for every name of a folder of <label>.txt files.

    `unseen` leaves out the spellings that the model was trained on or chosen by. Warns when such are
    measured. Raises CharnnError for a folder that cannot be read, a label that the model does not
    know, and when no name is left.
    """
    from charnn.data import read_folder, relabel
    data = relabel(read_folder(folder, LONGEST, one_label=True), classifier.labels, "the model")
    return _evaluation(classifier, *_unseen(classifier, data, unseen, folder), unseen)


def _evaluation(classifier, data, spellings, unseen):
    """What the classifier says of the names of `_unseen`."""
    import numpy as np

    from charnn.evaluation import metrics
    log_probs, known = classifier.log_proba(data.names), classifier.known(data.names)
    uncalibrated = np.where(known[:, None], metrics.tempered(log_probs, 1 / classifier.temperature), log_probs)
    answered = np.where(known, np.exp(log_probs.max(1)), -1.0)  # `predict` answers no name without a known letter
    rows = zip(*(column.tolist() for column in metrics.per_label(log_probs, data.targets)), strict=True)
    figures = {
        **metrics.figures(log_probs, data.targets),
        "calibration_error_before": metrics.reliability_of(uncalibrated, data.targets).error,
        "nll_before": metrics.nll(uncalibrated, data.targets), "temperature": classifier.temperature,
        "ceiling": metrics.ceiling(map(classifier.normalise, data.names), data.targets), "spellings": spellings,
        "unseen": unseen, "unit": "name" if classifier.config.tokens == "letters" else "text",
        "coverage": metrics.coverage(answered, log_probs.argmax(1) == data.targets), "labels": data.labels,
        "per_label": {label: dict(zip(metrics.PerLabel._fields, row, strict=True))
                      for label, row in zip(data.labels, rows, strict=True)}}
    return Evaluation(data, log_probs, uncalibrated, figures)


def _unseen(model, data, unseen, where):
    """The names to be measured, and how many spellings the folder has and the model was made from."""
    import numpy as np

    from charnn.data import fingerprints
    marks = fingerprints(data.names)
    trained, chosen = (np.isin(marks, model.seen[part]) for part in ("train", "validation"))
    spellings = {"all": len(np.unique(marks)), "trained_on": len(np.unique(marks[trained])),
                 "chosen_by": len(np.unique(marks[chosen]))}
    if unseen:
        data = data.select(~trained & ~chosen)
        if not len(data):
            raise CharnnError(f"{where}: all {spellings['all']:,} spellings were used in the model's training; "
                              "give a folder with others, or leave --unseen out")
    elif spellings["trained_on"] or spellings["chosen_by"]:
        warnings.warn(f"the model was trained on {spellings['trained_on']:,} and chosen by {spellings['chosen_by']:,} "
                      f"of the {spellings['all']:,} spellings, which flatters it; --unseen leaves them out",
                      stacklevel=2)
    return data, spellings


def measure_writing(generator: "Generator", path: str | Path, unseen: bool = False) -> dict:
    """nats_per_char, bits_per_char, perplexity and n, the characters (the ends of names counted), of a generator.

    On a running text, read as one stream; on a file of names or, given their labels, a folder of them. Of a generator
    that knows labels also `classification`, what `measure` finds by Bayes' rule. Raises CharnnError as `measure` does.
    """
    from charnn.data import read_folder, read_list, relabel
    from charnn.evaluation.metrics import per_character
    if generator.reads == "text":
        from charnn.text.running import read_text
        if unseen:
            raise CharnnError("--unseen is for names; a running text has no list to compare with")
        text = read_text(path, generator.vocabulary)
        if not len(text):
            raise CharnnError(f"{path} is empty; give a text")
        return per_character(*generator.text_nats(text))
    if Path(path).is_file() and not generator.labels:
        data = read_list(path, LONGEST)
    else:
        data = read_folder(path, LONGEST, one_label=True)
        if generator.labels:
            data = relabel(data, generator.labels, "the model")
    data, spellings = _unseen(generator, data, unseen, path)
    figures = {**per_character(*generator.names_nats(data.names, data.targets)), "spellings": spellings,
               "unseen": unseen}
    if generator.labels:
        figures["classification"] = _evaluation(generator, data, spellings, unseen).figures
    return figures


def headline(figures: dict) -> list[tuple[str, float, str]]:
    """The first figures to look at: (what, value, remark)."""
    low, high = figures["accuracy_interval"]
    absent = sum(not row["n"] for row in figures["per_label"].values())
    return [
        ("accuracy", figures["accuracy"], f"95% interval {low:.3f} to {high:.3f}" + (
            "" if figures["ceiling"] == 1 else
            f"; at most {figures['ceiling']:.3f} is possible, since some spellings have several labels")),
        *([("top-3 accuracy", figures["top3_accuracy"], "the right label is among the three most probable")]
          if len(figures["labels"]) > 3 else []),
        ("macro-F1", figures["macro_f1"], "mean F1 over all labels of the model" + (
            f"; {absent} of them have no name here and count 0" if absent else "")),
        ("NLL", figures["nll"], f"nats per {figures['unit']}; {figures['nll_before']:.3f} before calibration"),
        ("calibration error", figures["calibration_error"],
         f"{figures['calibration_error_before']:.3f} before calibration; chance alone gives "
         f"{figures['calibration_error_if_calibrated']:.3f} on as many {figures['unit']}s")]


def whose(figures: dict) -> str:
    """Which names were measured, and what the model had to do with them before."""
    spellings = figures["spellings"]
    met = spellings["trained_on"] + spellings["chosen_by"]
    verdict = "; these are left out" if figures["unseen"] else ", which flatters the figures" if met else ""
    present = sum(row["n"] > 0 for row in figures["per_label"].values())
    return (f"{count(figures['n'], figures['unit'])} of {count(present, 'label')}. Of the folder's "
            f"{count(spellings['all'], 'spelling')} the model was trained on {spellings['trained_on']:,} "
            f"and chosen by {spellings['chosen_by']:,}{verdict}.")
