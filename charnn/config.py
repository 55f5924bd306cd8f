"""Every choice that makes one trained model different from another, and its default.

Knows nothing of torch, files or the command line, so it is free to import; the
command line reads names, defaults, choices and help from here.
"""

from dataclasses import asdict, dataclass, field, fields

from charnn.errors import CharnnError

CELLS = ("rnn", "lstm", "lstm-peephole", "gru", "torch-rnn", "torch-lstm", "torch-gru")
TASKS = ("classify", "generate")
READOUTS = ("last", "pooled", "every")
LONGEST = 10_000  # characters of the longest name that can be trained on, answered or measured
OPTIMIZERS = ("adamw", "adam", "sgd", "rmsprop")
NONLINEARITIES = ("tanh", "relu")
TOKENS = ("letters", "words")
INITS = ("uniform", "xavier", "he", "orthogonal", "identity")
SAMPLINGS = ("natural", "balanced")
COMPARED = {"cells": ("rnn", "lstm", "gru"), "hidden": 64, "batches": 200}  # by charnn.look gradients and memory


def _option(default, text, choices=None, low=None, high=None):
    """A field with what the command line and the checks need to know about it."""
    return field(default=default, metadata={"help": text, "choices": choices, "low": low, "high": high})


@dataclass(frozen=True)
class Config:
    """The network and its training. Raises CharnnError for a value that cannot work, naming the flag."""

    task: str = _option("classify", "learn to say which label a name has, or to write", TASKS)
    tokens: str = _option("letters", "what is read one after the other; words have a --preset of their own", TOKENS)
    embedding: int = _option(0, "floats that each letter or word becomes before the first layer; 0 for one-hot vectors",
                             low=0, high=4096)
    cell: str = _option("gru", "the recurrent cell: ours, or torch's behind the same interface", CELLS)
    hidden: int = _option(128, "hidden units per layer and direction", low=1, high=4096)
    nonlinearity: str = _option("tanh", "what squashes the plain RNN's hidden state", NONLINEARITIES)
    init: str = _option("uniform", "how the weights are drawn before training", INITS)
    forget_bias: float = _option(0.0, "added to the bias of the LSTM's forget gate at first: 1 or more keeps the cell "
                                      "state", low=-10.0, high=10.0)
    layers: int = _option(1, "recurrent layers, one on top of the other", low=1, high=16)
    bidirectional: bool = _option(True, "read each name in both directions")
    readout: str = _option("pooled", "answer from the last letter, from the mean and maximum over time, or (to write) "
                                     "after every letter", READOUTS)
    dropout: float = _option(0.5, "share of hidden units left out, between layers and before the readout",
                             low=0.0, high=0.95)
    embedding_dropout: float = _option(0.0, "share of an embedding's floats left out", low=0.0, high=0.95)
    recurrent_dropout: float = _option(0.0, "share of hidden units that no gate sees, the same through all of a name "
                                            "or chunk", low=0.0, high=0.95)
    letter_dropout: float = _option(0.15, "share of letters hidden from the network in training", low=0.0, high=0.95)
    lowercase: bool = _option(True, "read capital and small letters as the same")
    raw: bool = _option(False, "keep the script as it is written, instead of ASCII")
    max_length: int = _option(100, "the longest name accepted, in characters; of --tokens words, how many are read",
                              low=1, high=LONGEST)
    ngrams: int = _option(5, "letters of the longest run that is counted, to answer beside the network; 0 for none",
                          low=0, high=8)
    optimizer: str = _option("adamw", "the optimizer", OPTIMIZERS)
    learning_rate: float = _option(0.012, "the highest learning rate; it warms up to it and decays to 0",
                                   low=1e-7, high=100.0)
    weight_decay: float = _option(0.1, "weight decay (adamw and sgd)", low=0.0, high=10.0)
    batch_size: int = _option(512, "names per step, or streams that a running text is cut into", low=1, high=1_000_000)
    chunk: int = _option(128, "characters of running text per step and stream", low=1, high=LONGEST)
    epochs: int = _option(40, "passes over the training part, at most", low=1, high=1_000_000)
    patience: int = _option(8, "epochs without a better validation loss before training stops", low=1, high=1_000_000)
    clip: float = _option(1.0, "the largest norm of the gradient; a longer one is scaled down", low=1e-6, high=1e6)
    sampling: str = _option("natural", "draw names as they come, or every label equally often", SAMPLINGS)
    seed: int = _option(0, "seed of initialisation, shuffling and dropout", low=0, high=2**63 - 1)

    def __post_init__(self):
        for option in fields(self):
            value, limits, flag = getattr(self, option.name), option.metadata, flag_of(option.name)
            if option.type is float and type(value) is int and abs(value) < 1e300:
                object.__setattr__(self, option.name, float(value))
                value = float(value)
            if type(value) is not option.type:
                raise CharnnError(f"{flag} {value!r} is not of type {option.type.__name__}; give such a value")
            if limits["choices"] and value not in limits["choices"]:
                raise CharnnError(f"{flag} {value!r} is unknown; choose from {', '.join(limits['choices'])}")
            if limits["low"] is not None and not limits["low"] <= value <= limits["high"]:
                raise CharnnError(f"{flag} {value} is out of range; choose from {limits['low']} to {limits['high']}")

        if self.task == "generate" and (self.bidirectional or self.readout != "every" or self.sampling != "natural"
                                        or self.ngrams):
            raise CharnnError("--task generate goes with --readout every, --no-bidirectional, --sampling natural and "
                              "--ngrams 0: a network must not see the letter that it is to write")
        if self.tokens == "words" and self.task == "generate":
            raise CharnnError("--tokens words is for --task classify; charnn writes letter by letter")
        if self.recurrent_dropout and self.cell.startswith("torch-"):
            raise CharnnError(f"torch's own cells have no recurrent dropout; choose --recurrent-dropout 0 or --cell "
                              f"{self.cell.removeprefix('torch-')}")
        if self.nonlinearity == "relu" and not self.cell.endswith("rnn"):
            raise CharnnError(f"--nonlinearity relu is for the plain RNN; choose tanh with --cell {self.cell}, or "
                              "--cell rnn")
        if self.forget_bias and "lstm" not in self.cell:
            raise CharnnError(f"--forget-bias {self.forget_bias} is for an LSTM's forget gate; leave it out with "
                              f"--cell {self.cell}, or choose --cell lstm")
        if self.embedding_dropout and not self.embedding:
            raise CharnnError(f"--embedding-dropout {self.embedding_dropout} leaves out floats of an embedding; choose "
                              "0, or add --embedding 32")
        if self.tokens == "words" and not self.embedding and self.cell.startswith("torch-"):
            raise CharnnError("--embedding 0 with torch's own cells is a one-hot vector of all words for each word; "
                              f"choose --embedding 64, or --cell {self.cell.removeprefix('torch-')}")
        if self.task == "classify" and self.readout == "every":
            raise CharnnError("--readout every is for --task generate; choose from last, pooled")

    @classmethod
    def from_dict(cls, values):
        """A Config from a checkpoint's or preset's dictionary. Raises CharnnError for a key it does not know."""
        unknown = sorted(set(values) - {option.name for option in fields(cls)})
        if unknown:
            raise CharnnError(f"unknown configuration {', '.join(unknown)}; this is charnn's list: "
                              f"{', '.join(option.name for option in fields(cls))}")
        return cls(**values)

    @property
    def unit(self):
        """What a loss, an accuracy and a speed are counted in: "name", of words "text", and to write "character"."""
        if self.task == "generate":
            return "character"
        return "name" if self.tokens == "letters" else "text"

    def to_dict(self):
        """The plain dictionary that `from_dict` reads back."""
        return asdict(self)


def flag_of(name):
    """The command-line flag of a configuration value: learning_rate -> --learning-rate."""
    return "--" + name.replace("_", "-")


WRITES = {"task": "generate", "bidirectional": False, "readout": "every", "letter_dropout": 0.0, "lowercase": False,
          "raw": True, "ngrams": 0}
PRESETS = {  # of what is to be learned: labels from letters, labels from words, names, or a running text
    "classify": {
        # the notes' network (a plain RNN read at the last letter) in our loop
        "lecture": {"cell": "rnn", "bidirectional": False, "readout": "last", "dropout": 0.0, "letter_dropout": 0.0,
                    "lowercase": False, "ngrams": 0},
        "fast": {"hidden": 32, "epochs": 12, "learning_rate": 0.02},
        "standard": {},
        "best": {"dropout": 0.65, "letter_dropout": 0.2, "learning_rate": 0.008, "batch_size": 256},
    },
    "words": {
        "standard": {"tokens": "words", "ngrams": 0, "embedding": 64, "dropout": 0.7, "embedding_dropout": 0.7,
                     "letter_dropout": 0.5, "learning_rate": 0.003, "batch_size": 64, "epochs": 8},
    },
    "generate": {
        "standard": {**WRITES, "hidden": 176, "layers": 2, "dropout": 0.25, "recurrent_dropout": 0.2,
                     "learning_rate": 0.0045, "weight_decay": 0.01, "batch_size": 128, "epochs": 24},
    },
    "text": {
        "standard": {**WRITES, "hidden": 256, "dropout": 0.0, "learning_rate": 0.01, "weight_decay": 0.0,
                     "batch_size": 128, "chunk": 64, "epochs": 10},
        "best": {**WRITES, "hidden": 512, "dropout": 0.2, "recurrent_dropout": 0.15, "learning_rate": 0.006,
                 "weight_decay": 0.0, "batch_size": 128, "chunk": 64, "epochs": 13},
    },
}


def configure(preset="standard", *, task="classify", text=False, **overrides):
    """A preset's Config with some values of your own: configure("fast", cell="lstm").

    With `text` a preset for running text, of the task "generate". Raises CharnnError for an unknown task, preset, name
    or value.
    """
    if task not in TASKS:
        raise CharnnError(f"--task {task!r} is unknown; choose from {', '.join(TASKS)}")
    words = overrides.get("tokens") == "words" and task == "classify"
    kind = "text" if text else "words" if words else task
    presets = PRESETS[kind]
    if preset not in presets:
        raise CharnnError(f"--preset {preset!r} is unknown ({kind}); choose from {', '.join(presets)}")
    return Config.from_dict({**presets[preset], **overrides})
