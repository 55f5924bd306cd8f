"""How far back a network remembers: how strong the gradient still is there, and what can be recalled.

Two measurements, each of fresh networks as a configuration describes them, or of a trained one. Knows networks and
random letters; nothing of names, of pictures or of the command line.

Axis letters: S seeds, B batch, T time, V symbols, H hidden.
"""

from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from typing import NamedTuple

import numpy as np
import torch
from sklearn.linear_model import RidgeClassifier
from torch import Tensor, nn
from torch.nn import functional as F

from charnn.config import COMPARED, WRITES, Config, flag_of
from charnn.data import Letters
from charnn.devices import threads
from charnn.errors import CharnnError
from charnn.inference.trained import Trained
from charnn.inside import watched
from charnn.model import EveryLetter, Writer, build_core, build_writer, forward_layers
from charnn.training.loop import fit

STEPS = 100       # letters that are read
SYMBOLS = 16      # that a fresh network knows; to recall one of the first half amid the second
SEEDS = 5         # fresh networks of a curve of gradients, or readings of a trained one
ROWS = 32         # sequences read at once
NETWORKS = 3      # fresh networks of a curve of recall
LEARNING_RATE = 0.003
HELD_OUT = 2000   # fresh sequences that recall is measured on

PROBED = 40       # letters that a trained network reads before it is probed
BACK = 25         # steps back that it is probed at most
CLASSES = 16      # letters that it is to recall one of: chance is 1/16
PROBES = 4000     # sequences: half to fit the probe, half to measure it

DISTANCES = (1, 2, 5, 10, 20, 50, 99)  # steps back that a table of gradients shows
DELAYS = (1, 2, 5, 10, 20, 50, 100)    # of a table of recall


# ---------------------------------------------------------------- what is compared


class Variant(NamedTuple):
    """A network to draw anew: its configuration, and what its recurrent weights are multiplied by."""

    config: Config
    scale: float = 1.0


FITS = {"nonlinearity": ("the plain RNN", "rnn", lambda cell: cell.endswith("rnn")),
        "forget_bias": ("an LSTM's forget gate", "lstm", lambda cell: "lstm" in cell)}
SAID = {"init": "{}", "nonlinearity": "{}", "forget_bias": "forget bias {:g}", "scale": "weights × {:g}",
        "clip": "clip {:g}"}


def variants(cells: Sequence[str] = COMPARED["cells"], changed: dict | None = None, **always) -> dict[str, Variant]:
    """Each cell as it is by default, {"lstm": ...}, and beside it as changed, {"lstm, forget bias 1": ...}.

    `changed` holds any of init, nonlinearity, forget_bias, scale and clip, `always` values of Config for all. A cell
    that no change is for stands once. Raises CharnnError for a change that is for none of the cells.
    """
    default = {**{name: getattr(Config(), name) for name in SAID if name != "scale"}, "scale": 1.0}
    changed = {name: value for name, value in (changed or {}).items() if value != default[name]}
    if not 0 < changed.get("scale", 1.0) <= 10:
        raise CharnnError(f"--scale {changed['scale']} is out of range; choose above 0 and up to 10")
    for name, (whose, remedy, fits) in FITS.items():
        if name in changed and not any(map(fits, cells)):
            raise CharnnError(f"{flag_of(name)} {changed[name]} is for {whose}; leave it out with --cell "
                              f"{' '.join(cells)}, or add {remedy}")
    found = {}
    for cell in cells:
        values = {**WRITES, "dropout": 0.0, "weight_decay": 0.0, "learning_rate": LEARNING_RATE,
                  "epochs": 1, "cell": cell, "hidden": COMPARED["hidden"], **always}
        found[cell] = Variant(Config(**values))
        fitting = {name: value for name, value in changed.items() if name not in FITS or FITS[name][2](cell)}
        if fitting:
            name = ", ".join([cell, *(SAID[key].format(fitting[key]) for key in SAID if key in fitting)])
            scale = fitting.pop("scale", 1.0)
            found[name] = Variant(Config(**{**values, **fitting}), scale)
    return found


@torch.no_grad()
def scaled(network: nn.Module, scale: float) -> nn.Module:
    """The network with its recurrent weights multiplied by a number."""
    for name, parameter in network.named_parameters():
        if "weight_hh" in name:
            parameter *= scale
    return network


# ---------------------------------------------------------------- gradients


class Gradients(NamedTuple):
    """The norm of the gradient of the last loss at each distance back, in nats per unit of the state.

    `hidden` (S, T) w.r.t. the hidden state, `cell` (S, T) w.r.t. an LSTM's cell state, None without one; column 0 is
    the last step. Each is the median over the sequences of a batch: one sequence in which the gradient explodes would
    outweigh all others in a mean, and one in which it is 0 would end a geometric mean. `weights` (S,) is the norm of
    the gradient of the batch's mean loss w.r.t. all weights: what clipping looks at.
    """

    hidden: np.ndarray
    cell: np.ndarray | None
    weights: np.ndarray


class _LastStep(nn.Module):
    """A readout that sees the last step alone."""

    def __init__(self, readout: nn.Module):
        super().__init__()
        self.readout, self.linear = readout, readout.linear

    def forward(self, hidden: Tensor, lengths: Tensor | None = None) -> Tensor:
        """hidden (B, T, D*H) -> log-probabilities (B, L), or (B, 1, V) of a writer; lengths are not looked at."""
        return self.readout(hidden[:, -1:], torch.ones(len(hidden), dtype=torch.int64))


def at_last_step(network: nn.Module) -> nn.Module:
    """A copy of a network, in 64-bit floats, that keeps its states and answers after the last step alone.

    64 bits, since the square of what is left of a gradient after 100 steps is no 32-bit number.
    """
    network = deepcopy(network).cpu().double().eval()
    network.core, network.readout = watched(network.core), _LastStep(network.readout)
    return network


def state_gradients(network: nn.Module, ids: Tensor, targets: Tensor, labels: Tensor | None = None) -> list[Gradients]:
    """The gradients in each layer of a network that is `at_last_step`, of one reading: S = 1.

    ids (B, T), targets (B,), labels (B,) for a writer that has labels. A layer's states are those of its forward
    direction. The loss is the NLL of the target after the last step, each sequence's own. The derivative w.r.t. an
    LSTM's hidden state holds the cell state beside it fixed; that w.r.t. the cell state includes what the hidden
    state of the same step shows of it, at the same output gate.
    """
    output = network(ids, labels)[0] if isinstance(network, Writer) else network(ids, torch.full((len(ids),),
                                                                                                ids.shape[1]))
    losses = F.nll_loss(output.view(len(ids), -1), targets, reduction="none")              # (B,)
    layers = [[state if isinstance(state, tuple) else (state,) for state in layer.states]
              for layer in forward_layers(network.core)]
    states = [part for layer in layers for state in layer for part in state]
    weights = [parameter for parameter in network.parameters() if parameter.requires_grad]
    found = torch.autograd.grad(losses.sum(), states + weights)  # a sequence's states have a part in its loss alone
    of_weights = torch.cat([gradient.flatten() for gradient in found[len(states):]]).norm() / len(ids)
    norms = iter(gradient.norm(dim=1).quantile(0.5).item() for gradient in found[:len(states)])
    gradients = []
    for layer in layers:
        table = np.array([[next(norms) for _ in state] for state in layer])[::-1].T        # (1 or 2, T)
        gradients.append(Gradients(table[:1], table[1:] if len(table) == 2 else None, of_weights.numpy()[None]))
    return gradients


def joined(readings: Iterable[Gradients]) -> Gradients:
    """Several readings as one: S of all."""
    hidden, cell, weights = zip(*readings, strict=True)
    return Gradients(np.concatenate(hidden), None if cell[0] is None else np.concatenate(cell), np.concatenate(weights))


def fresh_gradients(variant: Variant) -> Gradients:
    """Of SEEDS networks of one layer, each drawn anew, that read STEPS random letters; the target is random too."""
    def _read(seed):
        with torch.random.fork_rng([]):
            torch.manual_seed(seed)
            network = at_last_step(scaled(build_writer(variant.config, SYMBOLS), variant.scale))
            ids, targets = torch.randint(SYMBOLS, (ROWS, STEPS)), torch.randint(SYMBOLS, (ROWS,))
            return state_gradients(network, ids, targets)[0]
    with threads(variant.config):
        return joined(map(_read, range(variant.config.seed, variant.config.seed + SEEDS)))


def trained_gradients(model: Trained) -> dict[str, Gradients]:
    """Of a trained network and of SEEDS drawn anew by its configuration, each layer: {"layer 1, trained": ...}.

    They read random letters of the vocabulary, written by a random label where the network is told one.
    """
    def _read(network, number):
        draw = torch.Generator().manual_seed(number)
        ids, labels = random_letters(model, ROWS, STEPS, draw)
        answers = network.readout.linear.out_features
        return state_gradients(at_last_step(network), ids, torch.randint(answers, (ROWS,), generator=draw), labels)

    numbers = range(SEEDS)
    with threads(model.config):
        both = {"as drawn": [_read(drawn_anew(model, number), number) for number in numbers],
                "trained": [_read(model.network, number) for number in numbers]}
    return {f"layer {layer}, {which}": joined(reading[layer - 1] for reading in readings)
            for layer in range(1, model.config.layers + 1) for which, readings in both.items()}


def drawn_anew(model: Trained, seed: int) -> nn.Module:
    """A network like a trained one, of the same configuration and with fresh weights."""
    with torch.random.fork_rng([]):
        torch.manual_seed(seed)
        return model.build(model.config, len(model.vocabulary), len(model.labels))


def random_letters(model: Trained, rows: int, steps: int, draw: torch.Generator,
                   most: int | None = None) -> tuple[Tensor, Tensor | None]:
    """Random letters (or words) of a model's vocabulary, ids (B, T), and labels (B,) for a writer that has labels.

    Signs and the unknown symbol are left out; of more than `most` letters so many are drawn once. Raises CharnnError
    for a vocabulary of one letter.
    """
    letters = model.vocabulary.letters.nonzero().squeeze(1)
    if len(letters) < 2:
        raise CharnnError("the model knows one letter alone; there is nothing to remember")
    letters = letters[torch.randperm(len(letters), generator=draw)[:most]]
    ids = letters[torch.randint(len(letters), (rows, steps), generator=draw)]
    told = isinstance(model.network, Writer) and model.network.labels
    return ids, torch.randint(told, (rows,), generator=draw) if told else None


# ---------------------------------------------------------------- recall


class Recall:
    """A symbol is shown, then STEPS random letters of no meaning; at each step the symbol is to be named.

    Symbols are the first half of the ids, fillers the second. A task as the loop knows it: NLLLoss on
    log-probabilities (B, 1 + T, V / 2).
    """

    def __init__(self, batches: int, draw: torch.Generator):
        self.batches_per_epoch = batches
        self.held_out = self.batch(HELD_OUT, draw)

    def batch(self, rows: int, draw: torch.Generator) -> Letters:
        """Random sequences, and the symbol of each as the target of all of its steps."""
        symbol = torch.randint(SYMBOLS // 2, (rows, 1), generator=draw)
        fillers = torch.randint(SYMBOLS // 2, SYMBOLS, (rows, STEPS), generator=draw)
        return Letters(torch.cat([symbol, fillers], dim=1), symbol.expand(-1, 1 + STEPS), None)

    def training_batches(self, draw: torch.Generator) -> Iterator[Letters]:
        """All of the training, each batch drawn anew."""
        return (self.batch(ROWS, draw) for _ in range(self.batches_per_epoch))

    def validation_batches(self) -> list[Letters]:
        """The sequences that recall is measured on, of which nothing is learned or chosen."""
        return [self.held_out]

    def output(self, network: nn.Module, batch: Letters, state: None) -> tuple[Tensor, None]:
        """The network's answer to a batch: log-probabilities (B, 1 + T, V / 2) of the symbol at each step."""
        return network(batch.ids)[0], None

    def loss(self, output: Tensor, batch: Letters) -> tuple[Tensor, int]:
        """The sum of the losses (nats) and how many steps it is over."""
        return F.nll_loss(output.flatten(0, 1), batch.targets.flatten(), reduction="sum"), batch.targets.numel()

    def correct(self, output: Tensor, batch: Letters) -> Tensor:
        """At how many steps the right symbol was the most probable one."""
        return (output.argmax(2) == batch.targets).sum()


def learned_recall(variant: Variant, batches: int) -> np.ndarray:
    """How well NETWORKS networks, each drawn anew, learn to name a symbol that they have seen.

    Accuracies (S, 1 + T): 0, 1, ... T steps after the symbol. Raises CharnnError when training ends in numbers that
    are not finite.
    """
    seeds = range(variant.config.seed, variant.config.seed + NETWORKS)
    return np.stack([_learn(variant, batches, seed) for seed in seeds])


def _learn(variant, batches, seed):
    """One of them: (1 + T,)."""
    with torch.random.fork_rng([]), threads(variant.config):
        torch.manual_seed(seed)
        core = scaled(build_core(variant.config, SYMBOLS), variant.scale)
        network = Writer(core, EveryLetter(core.hidden_size, SYMBOLS // 2), SYMBOLS)
        draw = torch.Generator().manual_seed(seed)
        task = Recall(batches, draw)
        try:
            fit(network, task, variant.config, torch.device("cpu"), draw)
        except CharnnError:  # it would advise another learning rate
            raise CharnnError(f"the loss of a network ({variant.config.cell}, seed {seed}) was not finite while it "
                              "learned to recall; choose a smaller --scale or --clip") from None
        with torch.inference_mode():
            right = task.output(network, task.held_out, None)[0].argmax(2) == task.held_out.targets  # (B, 1 + T)
    return right.double().mean(0).numpy()


def probed_recall(model: Trained) -> dict[str, np.ndarray]:
    """What a linear classifier can tell of the letter seen 0, 1, ... BACK steps ago from the hidden state: accuracies.

    Of each layer's forward direction in a trained network, which is not changed, and in one of the same configuration
    drawn anew: {"layer 1, trained": (1 + BACK,)}. Ridge regression on one letter in turn against all others (Hoerl and
    Kennard, 1970), fitted on one half of PROBES sequences of random letters and measured on the other. Alain and
    Bengio (2016), "Understanding intermediate layers using linear classifier probes".
    """
    draw = torch.Generator().manual_seed(0)
    ids, labels = random_letters(model, PROBES, PROBED, draw, CLASSES)
    fresh, found = drawn_anew(model, 0), {}
    with threads(model.config):
        states = {which: last_states(network, ids, labels)
                  for which, network in (("as drawn", fresh), ("trained", model.network))}
        for layer in range(model.config.layers):
            for which, of_layers in states.items():
                found[f"layer {layer + 1}, {which}"] = np.array(
                    [probe(of_layers[layer], ids[:, PROBED - 1 - back].numpy()) for back in range(BACK + 1)])
    return found


def classes_of(model: Trained) -> int:
    """How many letters `probed_recall` tells apart."""
    return min(CLASSES, int(model.vocabulary.letters.sum()))


@torch.inference_mode()
def last_states(network: nn.Module, ids: Tensor, labels: Tensor | None, rows: int = 500) -> list[np.ndarray]:
    """The hidden states (B, H) after the last letter in each layer's forward direction; ids (B, T), labels (B,)."""
    network = deepcopy(network).cpu().eval()
    network.core = watched(network.core)
    layers = forward_layers(network.core)
    parts = []
    for chosen in torch.arange(len(ids)).split(rows):
        if isinstance(network, Writer):
            network(ids[chosen], None if labels is None else labels[chosen])
        else:
            network(ids[chosen], torch.full((len(chosen),), ids.shape[1]))
        parts.append([layer.cell.hidden(layer.states[-1]).numpy() for layer in layers])
    return [np.concatenate(layer) for layer in zip(*parts, strict=True)]


def probe(states: np.ndarray, letters: np.ndarray) -> float:
    """The accuracy of a linear classifier of letters (B,) from states (B, H), fitted on one half, on the other."""
    half = len(states) // 2
    return RidgeClassifier().fit(states[:half], letters[:half]).score(states[half:], letters[half:])
