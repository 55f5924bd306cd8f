"""What a notebook shows of a model and of its answers.

Computes no probability: an answer is the list that it is without a notebook, and a picture of it.
"""

from collections.abc import Iterable, Iterator
from html import escape
from typing import Any

from charnn.inference.description import held_out
from charnn.notebook import bars, facts, panel, plain, title
from charnn.wording import counted

ROWS = 20  # names of a table, at most


# ---------------------------------------------------------------- answers


class Answer(list[tuple[str, float]]):
    """What `predict` says of a name: [(label, probability), ...], the most probable label first.

    `name` is what was asked; a notebook shows the labels as bars.
    """

    def __init__(self, name: str, ranking: Iterable[tuple[str, float]]):
        super().__init__(ranking)
        self.name = name

    def _repr_html_(self) -> str:
        shown = bars((label, p, percent(p)) for label, p in self)
        return panel(title(plain(self.name), "probability of each label"), shown)


class Answers(list[list[tuple[str, float]]]):
    """What `predict` says of a list of names: an `Answer` for each, which a notebook shows as rows.

    `names` and `rankings` are of the same length.
    """

    def __init__(self, names: Iterable[str], rankings: Iterable[Iterable[tuple[str, float]]]):
        super().__init__(map(Answer, names, rankings))

    def _repr_html_(self) -> str:
        rows = "".join(map(_row, self[:ROWS]))
        head = "".join(
            f"<th scope=col>{column}</th>"
            for column in ("asked", "most probable label", "the next ones")
        )
        left_out = len(self) - ROWS
        more = f'<p class="quiet">and {left_out:,} more</p>' if left_out > 0 else ""
        return panel(f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>", more)


def _row(answer: list[tuple[str, float]]) -> str:
    """A row of the table. A list that somebody put there by hand does not know its name."""
    name = plain(answer.name) if isinstance(answer, Answer) else ""
    labels = [f"{plain(label)} {percent(p)}" for label, p in answer]
    best, others = "".join(labels[:1]), ", ".join(labels[1:])
    return (
        f'<tr><th scope=row>{name}</th><td><b>{best}</b></td><td class="quiet">{others}</td></tr>'
    )


def percent(probability: float) -> str:
    """A probability for people; of a tiny one only that it is not 0."""
    return f"{probability:.1%}" if probability >= 0.0005 or not probability else "< 0.1%"


# ---------------------------------------------------------------- models


def of_model(model: Any) -> str:
    """What a trained model is, how good it is, and which labels it knows."""
    kind = "Classifier" if model.task == "classify" else "Generator"
    reads = {"text": "running text"}.get(_reads(model), _reads(model))
    rows = [*_network(model), *_figures(model)]
    return panel(title(f"{kind} of {reads}"), facts(rows), _labels(model))


def _reads(model: Any) -> str:
    """What it was trained on: "names", "texts", or "text", which is one long one."""
    return model.kind.get("reads", f"{model.config.unit}s")


def _network(model: Any) -> Iterator[tuple[str, str]]:
    config, weights = model.config, sum(array.size for array in model.engine.arrays().values())
    layers = f"{counted(config.layers, 'layer')} of {counted(config.hidden, 'unit')}"
    both = ", in both directions" if config.bidirectional else ""
    yield "network", f"{escape(config.cell)}: {layers}{both}; {weights:,} weights"
    if model.ngrams is not None:
        order = counted(config.ngrams, config.tokens.removesuffix("s"))
        yield "n-grams", f"of up to {order}; their share in an answer is {model.ngram_share:.0%}"


def _figures(model: Any) -> Iterator[tuple[str, str]]:
    figures, unit = model.about.get("figures"), model.config.unit
    if figures is None:  # it is being trained
        return
    seen, test = figures["train"]["n"], held_out(figures)
    of = "characters" if _reads(model) == "text" else _reads(model)
    yield "trained on", f"{seen:,} {of}; weights of epoch {figures['best_epoch']}"
    if model.task == "classify":
        good = f"accuracy {test['accuracy']:.3f}, macro-F1 {test['macro_f1']:.3f}, "
        good += f"NLL {test['nll']:.3f} nats per {unit}"
    else:
        good = f"{test['bits_per_char']:.3f} bits per character"
        good += f", perplexity {test['perplexity']:.2f}"
    yield "measured on", f"{counted(test['n'], unit)} held out: {good}"


def _labels(model: Any) -> str:
    """The labels with how many training names each has, folded up."""
    if not model.labels:
        return ""
    counts = model.counts.tolist()
    most = max(1, *counts)
    rows = zip(model.labels, counts, strict=True)
    shown = bars((label, count / most, f"{count:,}") for label, count in rows)
    summary = f"{counted(len(model.labels), 'label')}, with the number of {_reads(model)} of each"
    return f"<details><summary>{summary}</summary>{shown}</details>"
