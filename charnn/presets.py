"""Presets: configurations to start from, for each kind of data.

Knows nothing of torch, files or the command line, so it is cheap to import.
"""

from typing import Any, NamedTuple

from charnn import checks
from charnn.config import TASKS, Config
from charnn.errors import CharnnError
from charnn.wording import choices, quoted

STANDARD = "standard"  # the preset that is used if none is named


class Preset(NamedTuple):
    """A set of values to start from."""

    about: str  # for --help: what it is, and about how long it trains on two cores
    values: dict[str, Any]  # those that differ from Config's defaults


GENERATES = {
    "task": "generate",
    "bidirectional": False,
    "readout": "every",
    "letter_dropout": 0.0,
    "lowercase": False,
    "raw": True,
    "ngrams": 0,
}
# In one direction, read after the last word, as the notes' networks for film reviews. In both
# directions and pooled a network did better on films that it had met in training, worse on others.
READS_WORDS = {
    "tokens": "words",
    "symbols": 10_000,
    "embedding": 32,
    "hidden": 32,
    "bidirectional": False,
    "readout": "last",
    "max_length": 500,
    "keep": "last",
    "init": "orthogonal",
    "dropout": 0.0,
    "letter_dropout": 0.0,
    "ngrams": 3,
    "optimizer": "rmsprop",
    "learning_rate": 0.006,
    "batch_size": 128,
    "epochs": 4,
}
PRESETS: dict[str, dict[str, Preset]] = {
    "classify": {
        "lecture": Preset(
            "the lecture notes' plain RNN, read at the last letter; half a minute",
            {
                "cell": "rnn",
                "bidirectional": False,
                "readout": "last",
                "dropout": 0.0,
                "letter_dropout": 0.0,
                "lowercase": False,
                "ngrams": 0,
            },
        ),
        "fast": Preset(
            "a small GRU and an n-gram model; half a minute",
            {"hidden": 32, "epochs": 12, "learning_rate": 0.02},
        ),
        STANDARD: Preset(
            "a GRU in both directions and an n-gram model; two to three minutes",
            {},
        ),
        "best": Preset(
            "the same with more dropout, as the bundled model; three minutes",
            {"dropout": 0.65, "letter_dropout": 0.2, "learning_rate": 0.008, "batch_size": 256},
        ),
    },
    "words": {
        "fast": Preset(
            "the lecture notes' LSTM and n-grams of words; two to three minutes",
            {**READS_WORDS, "cell": "lstm", "forget_bias": 1.0},
        ),
        STANDARD: Preset("a GRU and n-grams of words; two minutes", READS_WORDS),
        "best": Preset(
            "the same, wider, with words hidden in training; three minutes",
            {**READS_WORDS, "hidden": 64, "letter_dropout": 0.2},
        ),
    },
    "generate": {
        STANDARD: Preset(
            "a GRU of two layers and an n-gram model, as the bundled generator's; four minutes",
            {
                **GENERATES,
                "ngrams": 5,
                "hidden": 176,
                "layers": 2,
                "dropout": 0.25,
                "recurrent_dropout": 0.2,
                "learning_rate": 0.0045,
                "weight_decay": 0.01,
                "batch_size": 128,
                "epochs": 24,
            },
        ),
    },
    "text": {
        STANDARD: Preset(
            "a multiplicative GRU of one layer and an n-gram model; three minutes",
            {
                **GENERATES,
                "ngrams": 6,
                "cell": "gru-multiplicative",
                "hidden": 256,
                "dropout": 0.0,
                "learning_rate": 0.01,
                "weight_decay": 0.0,
                "batch_size": 128,
                "chunk": 64,
                "epochs": 8,
            },
        ),
        "best": Preset(
            "twice as wide, with dropout, and longer n-grams; twelve minutes",
            {
                **GENERATES,
                "ngrams": 7,
                "cell": "gru-multiplicative",
                "hidden": 512,
                "dropout": 0.2,
                "recurrent_dropout": 0.15,
                "learning_rate": 0.006,
                "weight_decay": 0.0,
                "batch_size": 128,
                "chunk": 64,
                "epochs": 9,
            },
        ),
    },
    "text of words": {
        STANDARD: Preset(
            "a GRU that reads an embedding of 2,000 words and letters; two minutes",
            {
                **GENERATES,
                "tokens": "words",
                "symbols": 2000,
                "embedding": 128,
                "hidden": 256,
                "dropout": 0.2,
                "embedding_dropout": 0.1,
                "learning_rate": 0.004,
                "weight_decay": 0.0,
                "batch_size": 32,
                "chunk": 32,
                "epochs": 3,
            },
        ),
    },
}
KINDS = {  # what each kind of preset is for, and how much data its times are of
    "classify": "to classify names (20,000)",
    "words": "to classify texts, --tokens words (24,000 film reviews)",
    "generate": "to generate names, --task generate (20,000)",
    "text": "to generate running text, --task generate --text FILE (a million characters)",
    "text of words": "to generate it word by word, with --tokens words (a million characters)",
}


def described() -> str:
    """Every preset with what it is and about how long it trains, one a line."""
    lines = []
    for kind, presets in PRESETS.items():
        lines.append(f"{KINDS[kind]}:")
        lines += [f"  {name:10}{preset.about}" for name, preset in presets.items()]
    return "\n".join(lines)


def configure(
    preset: str = STANDARD, *, task: str = "classify", text: bool = False, **overrides: Any
) -> Config:
    """A preset's Config with some values changed: configure("fast", cell="lstm").

    With `text` a preset for running text, of the task "generate". Raises CharnnError for an unknown
    task, preset, name or value.
    """
    if task not in TASKS:
        raise CharnnError(f"--task {quoted(task)} is unknown; {choices(task, TASKS)}")
    if checks.flag("text", text):
        kind = "text of words" if overrides.get("tokens") == "words" else "text"
    elif overrides.get("tokens") == "words" and task == "classify":
        kind = "words"
    else:
        kind = task
    presets = PRESETS[kind]
    if preset not in list(presets):  # Of a list also what no key of a dictionary could be.
        raise CharnnError(
            f"--preset {quoted(preset)} is unknown ({kind}); {choices(preset, presets)}"
        )
    return Config.from_dict({**presets[preset].values, **overrides})
