"""Every choice that makes one trained model different from another, and its default.

Knows nothing of torch, files or the command line, so it is cheap to import; the command line reads
names, defaults, choices and help from here. Where a choice names a class or function, it is stated
here once, as its name: the module that builds it looks it up.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from functools import partial
from typing import Any

from charnn.errors import CharnnError
from charnn.options import DATA, NETWORK, TASK, TRAINING, checked, option
from charnn.options import flag_of as flag_of
from charnn.wording import did_you_mean, listed

CELLS = {  # the class in charnn.model; of "torch-..." the one in torch.nn
    "rnn": "RNNCell",
    "lstm": "LSTMCell",
    "lstm-peephole": "PeepholeLSTMCell",
    "gru": "GRUCell",
    "gru-multiplicative": "MultiplicativeGRUCell",
    "torch-rnn": "RNN",
    "torch-lstm": "LSTM",
    "torch-gru": "GRU",
}
READOUTS = {"last": "LastStep", "pooled": "Pooled", "every": "EveryStep"}  # in charnn.readouts
# The class in inference/<name>_engine.py.
BACKENDS = {"numpy": "NumpyEngine", "torch": "TorchEngine", "onnx": "OnnxEngine"}
OPTIMIZERS = {
    "adamw": "AdamW",
    "adam": "Adam",
    "sgd": "SGD",
    "rmsprop": "RMSprop",
}  # in torch.optim
NONLINEARITIES = ("tanh", "relu")  # in torch
PRECISIONS = ("float32", "bfloat16")  # in torch
INITS = {  # the function in torch.nn.init; None leaves what the cell has drawn, within 1 / sqrt(H)
    "uniform": None,
    "xavier": "xavier_uniform_",  # within sqrt(6 / (I + H)): Glorot and Bengio (2010)
    "he": "kaiming_normal_",  # standard deviation sqrt(2 / I): He et al. (2015), for relu
    "orthogonal": "orthogonal_",  # preserves lengths: Saxe, McClelland and Ganguli (2014)
    "identity": "eye_",  # repeats the hidden state: Le, Jaitly and Hinton (2015), for relu
}
TASKS = ("classify", "generate")
DTYPES = ("float32", "float16", "int8")  # that an exported model's weights may be stored as
TOKENS = ("letters", "words")
KEEPS = ("first", "last", "both-ends")  # of a text with more words than are read
SAMPLINGS = ("natural", "balanced")
MAX_CHARACTERS = 10_000  # of a name that can be trained on, classified or measured
MAX_TEXT = 10_000_000  # characters of a text of which words are read


# A field for each part of a training, under which --help lists it.
_task = partial(option, TASK)
_data = partial(option, DATA)
_network = partial(option, NETWORK)
_training = partial(option, TRAINING)


@dataclass(frozen=True)
class Config:
    """The network and its training. Raises CharnnError for an invalid value, naming the flag."""

    task: str = _task("classify", "classify names, or generate names or text", TASKS)
    tokens: str = _data("letters", "what a step reads; words have a --preset of their own", TOKENS)
    symbols: int = _data(
        0,
        "how many letters or words are known, the most frequent and the unknown one; 0 takes from "
        "the training set all letters, or all words that occur twice",
        low=0,
        high=1_000_000,
    )
    embedding: int = _network(
        0,
        "size of a learned vector for each letter or word; 0 for one-hot vectors",
        low=0,
        high=4096,
    )
    cell: str = _network(
        "gru", "the recurrent cell: ours, or torch's behind the same interface", CELLS
    )
    hidden: int = _network(128, "hidden units per layer and direction", low=1, high=4096)
    nonlinearity: str = _network(
        "tanh", "the nonlinearity of the plain RNN's hidden state", NONLINEARITIES
    )
    init: str = _network("uniform", "how the weights are initialised", INITS)
    forget_bias: float = _network(
        0.0,
        "added to the initial bias of the LSTM's forget gate: 1 or more keeps the cell state",
        low=-10.0,
        high=10.0,
    )
    layers: int = _network(1, "recurrent layers, one on top of the other", low=1, high=16)
    bidirectional: bool = _network(True, "read each name in both directions")
    readout: str = _network(
        "pooled",
        "predict from the last letter, from mean and maximum over time, or (to generate) after "
        "every letter",
        READOUTS,
    )
    dropout: float = _training(
        0.5,
        "share of hidden units dropped, between layers and before the readout",
        low=0.0,
        high=0.95,
    )
    embedding_dropout: float = _training(
        0.0, "share of an embedding's floats dropped", low=0.0, high=0.95
    )
    recurrent_dropout: float = _training(
        0.0,
        "share of hidden units that the gates read as 0, the same at all steps of a name or chunk",
        low=0.0,
        high=0.95,
    )
    letter_dropout: float = _training(
        0.15, "share of letters replaced by the unknown symbol in training", low=0.0, high=0.95
    )
    lowercase: bool = _data(
        True, "read capital and small letters as the same; I and İ are both i, in Turkish too"
    )
    raw: bool = _data(
        False,
        "keep the script as it is written, instead of ASCII; invisible characters are left out",
    )
    max_length: int = _data(
        100,
        "the longest name accepted, in characters; with --tokens words, how many words are read",
        low=1,
        high=MAX_CHARACTERS,
    )
    keep: str = _data("first", "which words of a text with more than --max-length are read", KEEPS)
    ngrams: int = _network(
        5,
        "order of the n-gram model (of letters, or of words) that is mixed with the network; 0 for "
        "none",
        low=0,
        high=8,
    )
    optimizer: str = _training("adamw", "the optimizer", OPTIMIZERS)
    learning_rate: float = _training(
        0.012,
        "the highest learning rate; it warms up to it and decays to 0",
        low=1e-7,
        high=100.0,
    )
    weight_decay: float = _training(0.1, "weight decay (adamw and sgd)", low=0.0, high=10.0)
    batch_size: int = _training(
        512, "names per step, or streams that a running text is cut into", low=1, high=1_000_000
    )
    chunk: int = _training(
        128, "characters (or words) of running text per step and stream", low=1, high=MAX_CHARACTERS
    )
    epochs: int = _training(40, "passes over the training set, at most", low=1, high=1_000_000)
    patience: int = _training(
        8,
        "epochs without a better validation loss before training stops",
        low=1,
        high=1_000_000,
    )
    clip: float = _training(
        1.0, "the largest norm of the gradient; a longer one is scaled down", low=1e-6, high=1e6
    )
    precision: str = _training(
        "float32",
        "numbers that the recurrent products multiply; bfloat16 is sooner done by processors that "
        "have products of it, and far later by others",
        PRECISIONS,
    )
    sampling: str = _training(
        "natural", "sample names as they come, or every label equally often", SAMPLINGS
    )
    seed: int = _training(0, "seed of initialisation, shuffling and dropout", low=0, high=2**63 - 1)

    def __post_init__(self) -> None:
        for one in fields(self):
            object.__setattr__(self, one.name, checked(one, getattr(self, one.name)))
        for problem in _contradictions(self):
            raise CharnnError(problem)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Config":
        """A Config from a model file's or preset's dictionary.

        Raises CharnnError for a key it does not know.
        """
        known = [one.name for one in fields(cls)]
        unknown = [name for name in values if name not in known]
        if unknown:
            advice = did_you_mean(unknown[0], known) or f"choose from {listed(known, len(known))}"
            raise CharnnError(f"unknown configuration {listed(unknown)}; {advice}")
        return cls(**values)

    @property
    def unit(self) -> str:
        """What a loss and a speed are counted in: "name", "text", "character" or "token"."""
        if self.task == "generate":
            return "character" if self.tokens == "letters" else "token"
        return "name" if self.tokens == "letters" else "text"

    @property
    def longest(self) -> int:
        """How many characters a name, or a text of which words are read, may have."""
        return MAX_CHARACTERS if self.tokens == "letters" else MAX_TEXT

    def to_dict(self) -> dict[str, Any]:
        """The plain dictionary that `from_dict` reads back."""
        return asdict(self)


def _contradictions(config: Config) -> Iterator[str]:
    """What is wrong with values that are each valid but do not go together."""
    yield from _task_contradictions(config)
    yield from _word_contradictions(config)
    yield from _cell_contradictions(config)
    if config.embedding_dropout and not config.embedding:
        yield (
            f"--embedding-dropout {config.embedding_dropout} drops floats of an embedding; choose "
            "0, or add --embedding 32"
        )


def _task_contradictions(config: Config) -> Iterator[str]:
    if config.task == "generate":
        sees_ahead = config.bidirectional or config.readout != "every"
        if sees_ahead or config.sampling != "natural":
            yield (
                "--task generate goes with --readout every, --no-bidirectional and --sampling "
                "natural: a network must not see the letter that it predicts"
            )
    elif config.readout == "every":
        others = ", ".join(name for name in READOUTS if name != "every")
        yield f"--readout every is for --task generate; choose from {others}"


def _word_contradictions(config: Config) -> Iterator[str]:
    if config.tokens == "letters" and config.keep != "first":
        yield (
            f"--keep {config.keep} says which words of a long text are read; add --tokens words, "
            "or leave it out"
        )


def _cell_contradictions(config: Config) -> Iterator[str]:
    builtin = config.cell.startswith("torch-")
    ours = config.cell.removeprefix("torch-")
    if config.recurrent_dropout and builtin:
        yield (
            "torch's own cells have no recurrent dropout; choose --recurrent-dropout 0 or --cell "
            f"{ours}"
        )
    if config.precision != PRECISIONS[0] and (builtin or ours == "lstm-peephole"):
        yield (
            f"--precision {config.precision} is for cells whose gradient is written out; choose "
            f"{PRECISIONS[0]} with --cell {config.cell}"
        )
    if config.nonlinearity == "relu" and ours != "rnn":
        yield (
            f"--nonlinearity relu is for the plain RNN; choose tanh with --cell {config.cell}, or "
            "--cell rnn"
        )
    if config.forget_bias and "lstm" not in config.cell:
        yield (
            f"--forget-bias {config.forget_bias} is for an LSTM's forget gate; leave it out with "
            f"--cell {config.cell}, or choose --cell lstm"
        )
    if config.tokens == "words" and not config.embedding and builtin:
        yield (
            "--embedding 0 with torch's own cells is a one-hot vector of all words for each word; "
            f"choose --embedding 64, or --cell {ours}"
        )
