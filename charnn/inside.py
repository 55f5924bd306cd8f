"""What a trained network does as it reads: every gate at every letter, and the units that follow something simple.

Also what a network is made of: its layers, their weights and their work. Knows numbers; the pictures of them are in
views.py. A network is watched while it runs, so that what is shown is what it computed.

Axis letters: N letters of all texts, B batch, T time, I input, H hidden, U units of all layers, G gates, L labels.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice, pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from charnn.cells import Cell, GRUCell, LSTMCell, RNNCell
from charnn.config import LONGEST
from charnn.data import bundled_names, fingerprints, read_folder, read_list, real_steps, relabel
from charnn.errors import CharnnError
from charnn.inference.generator import NEWLINE
from charnn.inference.trained import Trained
from charnn.model import (
    NONLINEARITIES,
    Bidirectional,
    Builtin,
    Core,
    Direction,
    Stacked,
    Unrolled,
    Writer,
    directions_of,
    layers_of,
    reverse,
)
from charnn.text.reading import characters

SHOWN = 60   # letters of the longest name that fits a picture
READ = 1000  # names that are read to find neurons
GATES = {"input", "forget", "output", "reset", "update"}  # those between 0 and 1: how much passes


# ---------------------------------------------------------------- the layers


def hand_built(core: Unrolled | Builtin) -> Cell:
    """The cell of a core: ours as it is, torch's as the cell of ours that its weights fit."""
    if isinstance(core, Unrolled):
        return core.cell
    module = core.module
    sizes = module.input_size, module.hidden_size
    if isinstance(module, nn.RNN):
        cell = RNNCell(*sizes, NONLINEARITIES[module.nonlinearity])
    else:
        cell = (LSTMCell if isinstance(module, nn.LSTM) else GRUCell)(*sizes)
    weights = {name.removesuffix("_l0"): weight for name, weight in module.state_dict().items()}
    cell.load_state_dict(weights, assign=True)
    return cell


class Watched(Unrolled):
    """The same loop over time, which keeps what it computed: `gates`, T NamedTuples, and `states`, T of them."""

    def forward(self, x: Tensor, state=None, lengths: Tensor | None = None):
        """x ids (B, T) or floats (B, T, I) -> hidden (B, T, H) and the state after the last step."""
        steps = self.cell.project(x.transpose(0, 1)).unbind(0)  # T of (B, G*H)
        state = self.cell.start(steps[0]) if state is None else state
        self.gates, self.states = [], []
        for projected in steps:
            self.gates.append(self.cell.gates(projected, state))
            state = self.cell.after(self.gates[-1], state)
            self.states.append(state)
        return torch.stack(self.hidden(), dim=1), state

    def hidden(self) -> list[Tensor]:
        """The hidden states, T of (B, H)."""
        return [self.cell.hidden(state) for state in self.states]


def watched(core: Core) -> Core:
    """A core like this one, of the same weights, in which every recurrence is Watched; without dropout."""
    if isinstance(core, Stacked):
        return Stacked([watched(layer) for layer in core.cores])
    if isinstance(core, Bidirectional):
        return Bidirectional(watched(core.forwards), watched(core.backwards))
    return Watched(hand_built(core))


@contextmanager
def watching(network: nn.Module) -> Iterator[list[Direction]]:
    """While it is open, a network keeps what it computes: in `directions_of` it, whose cores are all Watched."""
    core, network.core = network.core, watched(network.core)
    try:
        yield list(directions_of(network))
    finally:
        network.core = core


# ---------------------------------------------------------------- summary: how many weights, and how much work


class Layer(NamedTuple):
    """A layer of a network, its weights, counted as a textbook does, and the multiply-adds of its matrix products."""

    layer: str          # where it is
    kind: str           # what it is
    inputs: int         # width of what it reads
    outputs: int        # width of what it gives
    arithmetic: str     # how the weights are counted
    weights: int        # without the second bias
    second_bias: int    # the weights that torch adds to the textbook's
    per_character: int  # multiply-adds for each letter or word; picking a column for an id costs none
    per_text: int       # multiply-adds once for each name or text


def summary(network: nn.Module) -> Iterator[Layer]:
    """Every layer of a network (charnn.model's Network or Writer), from the input to the readout."""
    ids = network.embedding is None and not (isinstance(network, Writer) and network.labels)
    if network.embedding is not None:
        symbols, width = network.embedding.weight.shape
        yield Layer("embedding", "Embedding", symbols, width, f"{symbols:,}·{width}", symbols * width, 0, 0, 0)
    lowest = tuple(module for module in layers_of(network.core)[0].modules())
    for name, _, core in directions_of(network):
        gathers = ids and isinstance(core, Unrolled) and core in lowest
        yield _recurrent_layer(name, core.module if isinstance(core, Builtin) else core.cell, gathers)
    outputs, inputs = network.readout.linear.weight.shape
    kind, product = type(network.readout).__name__, inputs * outputs
    work = {"EveryLetter": (product, 0), "LastLetter": (0, product), "Pooled": (inputs // 2, product)}[kind]
    yield Layer("readout", kind, inputs, outputs, f"{inputs:,}·{outputs:,} + {outputs:,}", product + outputs, 0, *work)


def _recurrent_layer(name, cell, gathers):
    """One cell of ours, or one layer of torch's; `gathers` says that it picks columns for ids."""
    sizes = {key: parameter.numel() for key, parameter in cell.named_parameters()}
    second = sum(size for key, size in sizes.items() if "bias_hh" in key)
    inputs, hidden = cell.input_size, cell.hidden_size
    gates = second // hidden
    arithmetic = f"{inputs:,}·{hidden} + {hidden}·{hidden} + {hidden}"
    if gates > 1:
        arithmetic = f"{gates} × ({arithmetic})"
    if "weight_ch" in sizes:
        arithmetic += f" + 3·{hidden}"
    return Layer(name, type(cell).__name__.removesuffix("Cell"), inputs, hidden, arithmetic,
                 sum(sizes.values()) - second, second, gates * hidden * (hidden + (0 if gathers else inputs)), 0)


# ---------------------------------------------------------------- gates: what each cell did at each letter


class Steps(NamedTuple):
    """What one layer did in one direction."""

    layer: str                     # as in `directions_of`
    cell: str                      # "GRU"
    backwards: bool                # it read the last letter first
    values: dict[str, np.ndarray]  # each gate, the candidate, the states: (T, H), in the order of the letters


def steps(model: Trained, name: str, label: str | None = None) -> tuple[Sequence[str], list[Steps], str | None]:
    """The letters that a model reads of a name, T of them, what every layer and direction did at each, and the label.

    That is what a generator was told: `label`, or the most probable one if absent. Raises CharnnError as `shown` and
    `told` do.
    """
    symbols, label = shown(model, name), told(model, name, label)
    targets = None if label is None else torch.tensor([model.index(label)])
    with watching(model.network) as directions:
        read, = model.run([symbols], targets)
        return read, [_steps_of(direction) for direction in directions], label


def _steps_of(direction):
    """The Steps of a direction whose Watched core has read one name."""
    values, core = {}, direction.core
    if len(core.gates[0]) > 1:  # the plain cell's candidate is its hidden state
        values = {f"{name} gate" if name in GATES else name: [getattr(gates, name) for gates in core.gates]
                  for name in core.gates[0]._fields}
    if isinstance(core.states[0], tuple):
        values["cell state"] = [state[1] for state in core.states]
    values["hidden state"] = core.hidden()
    order = slice(None, None, -1 if direction.backwards else 1)
    arrays = {name: torch.cat(steps[order]).cpu().numpy() for name, steps in values.items()}
    return Steps(direction.name, type(core.cell).__name__.removesuffix("Cell"), direction.backwards, arrays)


def told(model: Trained, name: str, label: str | None) -> str | None:
    """The label that a model is told with a name: of a generator that knows labels the most probable if absent.

    Raises CharnnError for one that it does not know, and for any if it is a classifier.
    """
    if model.task == "classify":
        if label is not None:
            raise CharnnError(f"--label {label!r} is for a generator; a classifier is told none, leave it out")
        return None
    if label is None:
        return model.predict(name, top=1)[0][0] if model.labels else None
    return model.labels[model.index(label)]


def unit_of(model: Trained) -> str:
    """What a model reads one after the other: "letter" or "word"."""
    return model.config.tokens.removesuffix("s")


def shown(model: Trained, name: str) -> Sequence[str]:
    """The letters (or words) of a name as the model reads it. Raises CharnnError for none, and for more than 60."""
    symbols, = model.read([name])
    if not model.known([name])[0]:
        raise CharnnError(f"{name!r} has no letter that the model knows; give another name")
    if len(symbols) > SHOWN:
        raise CharnnError(f"{name[:20]!r}... has {len(symbols):,} letters or words; a picture has room for {SHOWN}")
    return symbols


# ---------------------------------------------------------------- neurons: units that follow something simple


class Neuron(NamedTuple):
    """A hidden unit that follows something simple."""

    layer: str          # as in `directions_of`
    unit: int           # from 1
    trait: str          # what it follows
    r: float            # their correlation, on letters that did not choose it
    values: np.ndarray  # its value after each letter (N,)


VOWELS = frozenset("aeiouäöüáéíóúàèìòùâêîôûåæøœıy")
TRAITS = ("position in the line", "position in the word", "inside quotes", "inside brackets", "a capital letter",
          "a vowel", "the letter before again", "a space", "a digit", "a sign")


def traits_of(text: str) -> dict[str, np.ndarray]:
    """What is simple to say of each letter of a text: the values (N,) of all of TRAITS.

    Quotes and brackets that are still open at an empty line are taken for closed.
    """
    rows = []
    line = word = depth = 0
    quoted = False
    for before, letter in pairwise((NEWLINE, *text)):
        line = 0 if before == NEWLINE else line + 1
        word = word + 1 if letter.isalnum() else 0
        if letter == before == NEWLINE:
            quoted, depth = False, 0
        quoted = letter == "“" if letter in "“”" else quoted != (letter == '"')
        depth = max(depth + (letter in "([{") - (letter in ")]}"), 0)
        rows.append((line, word, quoted, depth > 0, letter.isupper(), letter.lower() in VOWELS, letter == before,
                     letter == " ", letter.isdigit(), not letter.isalnum() and not letter.isspace()))
    return dict(zip(TRAITS, np.array(rows, dtype=float).reshape(-1, len(TRAITS)).T, strict=True))


def real_texts(model: Trained, path: str | Path | None = None) -> tuple[list[str], Tensor | None]:
    """Up to READ names that the model was not trained on, normalised, and their labels' indices; or a text's start.

    `path` is what `charnn.evaluate` measures such a model on, whose errors it raises; the bundled names if absent.
    """
    if model.config.tokens == "words":
        raise CharnnError("this model reads words; its hidden units cannot be shown letter by letter")
    if model.reads == "text":
        if path is None:
            raise CharnnError("this model reads running text; say which with --data FILE")
        if Path(path).is_dir():
            raise CharnnError(f"{path} is a folder; this model reads running text, give a file of it with --data")
        return ["".join(islice(chain.from_iterable(characters(path)), LONGEST))], None
    path = Path(bundled_names() if path is None else path)
    one_list = path.is_file() and not model.labels
    data = read_list(path, LONGEST) if one_list else read_folder(path, LONGEST, one_label=True)
    if model.labels:
        data = relabel(data, model.labels, "the model")
    data = data.select(~np.isin(fingerprints(data.names), model.seen["train"]))
    if not len(data):
        raise CharnnError(f"{path} has no name that the model was not trained on; give other names with --data")
    order = np.random.default_rng(0).permutation(len(data))[:READ]
    return model.read([data.names[i] for i in order.tolist()]), torch.from_numpy(data.targets[order])


def hidden_units(model: Trained, symbols: Sequence[str], targets: Tensor | None
                 ) -> tuple[np.ndarray, list[tuple[str, int]]]:
    """Every hidden unit after each letter of normalised texts, (N, U), text after text.

    Also each column's layer and direction, and its unit, counted from 1. `targets` (B,): the labels that a generator is
    told, if it knows any. The newline that it reads before each text is left out.
    """
    with watching(model.network) as directions:
        read = model.run(symbols, targets)
    lengths = torch.tensor(list(map(len, read)))
    before = len(read[0]) - len(symbols[0])
    columns, where = [], []
    for layer, backwards, core in directions:
        hidden = torch.stack(core.hidden(), dim=1).cpu()  # (B, T, H)
        if backwards:
            hidden = reverse(hidden, lengths)
        columns.append(hidden[real_steps(lengths, hidden.shape[1])
                              & (torch.arange(hidden.shape[1]) >= before)].numpy())
        where += [(layer, unit) for unit in range(1, core.hidden_size + 1)]
    return np.concatenate(columns, axis=1), where


def neurons(hidden: np.ndarray, where: Sequence[tuple[str, int]], traits: dict[str, np.ndarray], most: int
            ) -> list[Neuron]:
    """The unit that follows each trait best, those with the strongest correlation first, `most` at most.

    hidden (N, U), traits (N,) each. The first half of the letters chooses the units (Pearson's r), the second half says
    how well they follow. A unit is named once; a trait that never changes in a half is left out.
    """
    half = len(hidden) // 2
    kept = {trait: values for trait, values in traits.items()
            if half and np.ptp(values[:half]) and np.ptp(values[half:])}
    chosen: list[Neuron] = []
    strength = {trait: correlations(hidden[:half], values[:half]) for trait, values in kept.items()}
    taken: set[int] = set()
    for trait in sorted(kept, key=lambda trait: -np.abs(strength[trait]).max())[:hidden.shape[1]]:
        unit = next(unit for unit in np.argsort(-np.abs(strength[trait]), kind="stable").tolist() if unit not in taken)
        taken.add(unit)
        r, = correlations(hidden[half:, unit:unit + 1], kept[trait][half:])
        chosen.append(Neuron(*where[unit], trait, float(r), hidden[:, unit]))
    return sorted(chosen, key=lambda neuron: -abs(neuron.r))[:most]


def correlations(hidden: np.ndarray, trait: np.ndarray) -> np.ndarray:
    """Pearson's correlation of each unit, hidden (N, U), with a trait (N,): (U,), 0 for a unit that never changes."""
    hidden, trait = hidden - hidden.mean(0), trait - trait.mean()
    norms = np.linalg.norm(hidden, axis=0) * np.linalg.norm(trait)
    return np.divide(trait @ hidden, norms, out=np.zeros(hidden.shape[1]), where=norms > 0)
