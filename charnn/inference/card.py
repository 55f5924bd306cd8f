"""The model card: what a model is, how good, what it is not for, and how it is loaded.

Made from a model file's description alone, so that it says nothing that the file does not. Knows no
network and writes no file; its text is in card.md, beside this.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from charnn.config import Config
from charnn.inference.description import held_out
from charnn.version import __version__
from charnn.wording import printable

# Of what a figure is called in a model file: what people call it, and what the Hub does.
FIGURES = {
    "accuracy": ("accuracy", "accuracy"),
    "top3_accuracy": ("top-3 accuracy", None),
    "macro_f1": ("macro-F1", "f1"),
    "nll": ("negative log-likelihood, in nats", None),
    "calibration_error": ("calibration error", None),
    "bits_per_char": ("bits per character", "bits_per_char"),
    "perplexity": ("perplexity per character", "perplexity"),
}
SETS = ("validation", "test")
# Of an ASCII mark a backslash makes a letter like others; of these, Markdown makes something else.
MARKS = re.compile(r"([\\`*_{}\[\]<>()#|&~$@!])")


def model_card(about: Mapping[str, Any], repository: str, license: str | None = None) -> str:
    """The card, in Markdown with the Hub's metadata before it, of a model file's description.

    `repository` is where it is to be loaded from, "OWNER/NAME"; `license` the model's, by the Hub's
    name of it. Needs huggingface_hub.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    config = Config.from_dict(about["config"])
    figures = about["figures"]
    sets = [name for name in SETS if name in figures]
    counts = list(zip(about["labels"], about["counts"], strict=True))
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["as_text"] = as_text
    text = environment.get_template("card.md").render(
        about=about,
        version=about.get("version", __version__),
        config=config,
        classifies=config.task == "classify",
        reads_names=config.tokens == "letters" and about.get("reads") != "text",
        unit="text" if config.tokens == "words" else "name",
        example="A lovely story." if config.tokens == "words" else "Hinton",
        counts=sorted(counts, key=lambda pair: (-pair[1], pair[0])),
        figures=figures,
        rows=[
            (title, *(with_interval(figures[part], name) for part in sets))
            for name, (title, _) in FIGURES.items()
            if name in held_out(figures) and (name != "top3_accuracy" or len(counts) > 3)
        ],
        with_intervals=any(name.endswith("_interval") for name in held_out(figures)),
        sets=sets,
        sizes=[f"{figures[name]['n']:,}" for name in sets],
        repository=repository,
        license=license,
    )
    return f"---\n{metadata(about, repository, license)}\n---\n\n{text}"


def metadata(about: Mapping[str, Any], repository: str, license: str | None) -> str:
    """What the Hub reads, in YAML: library, task, licence, figures of the held-out set."""
    from huggingface_hub import EvalResult, ModelCardData

    task = f"text-{'classification' if about['task'] == 'classify' else 'generation'}"
    measured = held_out(about["figures"])
    kind = "test" if "test" in about["figures"] else "validation"
    data = ModelCardData(
        license=license,
        library_name="charnn",
        pipeline_tag=task,
        tags=["charnn", "recurrent-network", about["config"]["cell"]],
        model_name=repository.rpartition("/")[2],
        eval_results=[
            EvalResult(
                task_type=task,
                dataset_type="held-out",
                dataset_name=f"the {kind} set of data {about['data']}",
                metric_type=metric,
                metric_name=title,
                metric_value=measured[name],
            )
            for name, (title, metric) in FIGURES.items()
            if metric is not None and name in measured
        ],
    )
    return data.to_yaml()


def with_interval(figures: Mapping[str, Any], name: str) -> str:
    """A figure to three digits, with its interval where it has one: `0.746 (0.728 to 0.763)`."""
    value = f"{figures[name]:.3f}" if name in figures else ""
    if f"{name}_interval" in figures:
        low, high = figures[f"{name}_interval"]
        value += f" ({low:.3f} to {high:.3f})"
    if f"{name}_if_calibrated" in figures:
        value += f" (chance alone: {figures[f'{name}_if_calibrated']:.3f})"
    return value


def as_text(value: str) -> str:
    """What a file says, on one line in which Markdown and HTML find nothing to format."""
    return MARKS.sub(r"\\\1", printable(value))
