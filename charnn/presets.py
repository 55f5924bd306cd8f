"""Presets: configurations to start from, for each kind of data.

Knows nothing of torch, files or the command line, so it is cheap to import.
"""

from typing import Any

from charnn import checks
from charnn.config import TASKS, Config
from charnn.errors import CharnnError
from charnn.wording import choices, quoted

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
PRESETS: dict[str, dict[str, dict[str, Any]]] = {
    "classify": {
        # The notes' network (a plain RNN read at the last letter) in our training loop.
        "lecture": {
            "cell": "rnn",
            "bidirectional": False,
            "readout": "last",
            "dropout": 0.0,
            "letter_dropout": 0.0,
            "lowercase": False,
            "ngrams": 0,
        },
        "fast": {"hidden": 32, "epochs": 12, "learning_rate": 0.02},
        "standard": {},
        "best": {"dropout": 0.65, "letter_dropout": 0.2, "learning_rate": 0.008, "batch_size": 256},
    },
    "words": {
        # The notes' LSTM for film reviews, with n-grams of words beside it.
        "fast": {**READS_WORDS, "cell": "lstm", "forget_bias": 1.0},
        "standard": READS_WORDS,
        "best": {**READS_WORDS, "hidden": 64, "letter_dropout": 0.2},
    },
    "generate": {
        "standard": {
            **GENERATES,
            "hidden": 176,
            "layers": 2,
            "dropout": 0.25,
            "recurrent_dropout": 0.2,
            "learning_rate": 0.0045,
            "weight_decay": 0.01,
            "batch_size": 128,
            "epochs": 24,
        },
    },
    "text": {
        "standard": {
            **GENERATES,
            "hidden": 256,
            "dropout": 0.0,
            "learning_rate": 0.01,
            "weight_decay": 0.0,
            "batch_size": 128,
            "chunk": 64,
            "epochs": 10,
        },
        "best": {
            **GENERATES,
            "hidden": 512,
            "dropout": 0.2,
            "recurrent_dropout": 0.15,
            "learning_rate": 0.006,
            "weight_decay": 0.0,
            "batch_size": 128,
            "chunk": 64,
            "epochs": 13,
        },
    },
}


def configure(
    preset: str = "standard", *, task: str = "classify", text: bool = False, **overrides: Any
) -> Config:
    """A preset's Config with some values changed: configure("fast", cell="lstm").

    With `text` a preset for running text, of the task "generate". Raises CharnnError for an unknown
    task, preset, name or value.
    """
    if task not in TASKS:
        raise CharnnError(f"--task {quoted(task)} is unknown; {choices(task, TASKS)}")
    if checks.flag("text", text):
        kind = "text"
    elif overrides.get("tokens") == "words" and task == "classify":
        kind = "words"
    else:
        kind = task
    presets = PRESETS[kind]
    if preset not in list(presets):  # Of a list also what no key of a dictionary could be.
        raise CharnnError(
            f"--preset {quoted(preset)} is unknown ({kind}); {choices(preset, presets)}"
        )
    return Config.from_dict({**presets[preset], **overrides})
