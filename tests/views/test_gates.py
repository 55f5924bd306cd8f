"""The heat maps of gates: that they show what was computed, whole."""

import numpy as np
import pytest
import torch
from helpers import assert_whole, untrained_classifier

import charnn
from charnn import views
from charnn.cells import Cell
from charnn.config import CELLS
from charnn.cores import layers_of
from charnn.inference.name_generator import NameGenerator
from charnn.inference.torch_engine import TorchEngine
from charnn.model import build_generator
from charnn.presets import configure
from charnn.text.vocabulary import Vocabulary
from charnn.views.gates import steps

# ---------------------------------------------------------------- the numbers


@pytest.mark.parametrize(
    "options", [{}, {"layers": 2, "bidirectional": False}, {"embedding": 5, "layers": 2}]
)
@pytest.mark.parametrize("cell", CELLS)
def test_what_is_shown_is_what_was_computed(cell, options):
    model = untrained_classifier(cell, **options)
    letters, found, _ = steps(model, "badge")
    assert letters == "badge"
    hidden = []  # of each layer (1, T, D*H), as the prediction used them
    for core in layers_of(model.network.core):
        core.register_forward_hook(lambda core, inputs, output: hidden.append(output[0]))
    model.log_proba(["badge"])
    ours = [step.values["hidden state"] for step in found]
    if options.get("bidirectional", True):
        pairs = zip(ours[::2], ours[1::2], strict=True)
        ours = [np.concatenate(pair, axis=1) for pair in pairs]
    for mine, its in zip(ours, hidden, strict=True):
        np.testing.assert_allclose(mine, its[0].numpy(), atol=1e-6)
    backwards = [step.layer.endswith("backwards") for step in found]
    assert [step.backwards for step in found] == backwards


@pytest.mark.parametrize("cell", ["lstm", "lstm-peephole", "gru"])
def test_the_gates_are_those_of_the_prediction(cell, monkeypatch):
    """What Cell.gates returned while the model predicted, call by call."""
    model, computed, step = untrained_classifier(cell), [], Cell.step

    def recorded(self, projected, state, mask=None):
        computed.append(self.gates(projected, self.masked(state, mask)))
        return step(self, projected, state, mask)

    monkeypatch.setattr(Cell, "step", recorded)
    model.log_proba(["badge"])
    forwards, backwards = computed[:5], computed[5:]
    _, found, _ = steps(model, "badge")
    for direction, gates in zip(found, (forwards, backwards[::-1]), strict=True):
        for name in gates[0]._fields:
            key = name if name == "candidate" else f"{name} gate"
            expected = torch.cat([getattr(gate, name) for gate in gates]).numpy()  # (T, H)
            np.testing.assert_array_equal(direction.values[key], expected)


def test_an_lstm_is_what_its_gates_make_of_it():
    _, (forwards, _), _ = steps(untrained_classifier("torch-lstm"), "badge")
    v = forwards.values
    cell = np.zeros_like(v["cell state"][0])
    for t in range(5):
        cell = v["forget gate"][t] * cell + v["input gate"][t] * v["candidate"][t]
        np.testing.assert_allclose(v["cell state"][t], cell, atol=1e-6)
        hidden = v["output gate"][t] * np.tanh(cell)
        np.testing.assert_allclose(v["hidden state"][t], hidden, atol=1e-6)


def test_a_plain_cell_has_no_gate():
    _, found, _ = steps(untrained_classifier("rnn"), "badge")
    assert list(found[0].values) == ["hidden state"]


def test_a_generator_reads_a_newline_first_and_depends_on_the_label():
    config = configure(task="generate", hidden=6)
    vocabulary = Vocabulary("\nabcdefgh")
    engine = TorchEngine(build_generator(config, len(vocabulary), 2), config)
    model = NameGenerator(engine, vocabulary, ["x", "y"], config, [1, 1], {})
    letters, one, label = steps(model, "bad", "x")
    assert label == "x"
    _, other, _ = steps(model, "bad", "y")
    assert letters == "\nbad"
    assert [step.values["update gate"].shape for step in one] == [(4, 6)] * 2
    assert not np.allclose(one[0].values["update gate"], other[0].values["update gate"])
    printed = []
    views.gates(model, "bad", print_line=printed.append)
    assert printed[0] == f"conditioned on the label {model.predict('bad')[0][0]}"


def test_running_text_is_read_as_it_is_written(tmp_path):
    text = tmp_path / "play.txt"
    text.write_text("He said so.\n She did not.\n" * 60, encoding="utf-8")
    model = charnn.train_generator(
        text, text=True, hidden=4, epochs=1, batch_size=4, chunk=16, device="cpu"
    )
    assert steps(model, " He said ")[0] == "\n He said "


# ---------------------------------------------------------------- the picture


def test_the_heat_map_shows_the_gates(classifier):
    figure = views.gates(classifier, "Rarosh")
    _, (forwards, backwards), _ = steps(classifier, "Rarosh")
    panels = [axes for axes in figure.axes if axes.images]
    titles = list(forwards.values) + list(backwards.values)
    assert [axes.get_title() for axes in panels] == titles
    for step, row, last in ((forwards, panels[:4], -1), (backwards, panels[4:], 0)):
        order = np.argsort(-step.values["hidden state"][last], kind="stable")
        for axes in row:
            (image,), title = axes.images, axes.get_title()
            np.testing.assert_array_equal(image.get_array(), step.values[title].T[order])
            assert image.norm.vmin == (0 if title.endswith("gate") else -1)
            assert [label.get_text() for label in axes.get_xticklabels()] == list("rarosh")
    order = np.argsort(-forwards.values["hidden state"][-1], kind="stable")
    numbers = [int(label.get_text()) for label in panels[0].get_yticklabels()]
    assert numbers == (1 + order).tolist()
    assert [axes.get_xlabel()[-1] for axes in panels] == ["→"] * 4 + ["←"] * 4
    assert_whole(figure)


def test_the_text_version_has_the_means_over_the_units(classifier):
    printed = []
    views.gates(classifier, "Rarosh", print_line=printed.append)
    _, (forwards, backwards), _ = steps(classifier, "Rarosh")
    assert printed[0] == "recurrent 1, forwards: GRU, 16 units"
    assert printed[1].split() == list("rarosh")
    means = [f"{mean:.2f}" for mean in forwards.values["reset gate"].mean(1)]
    assert printed[2].split() == ["mean", "of", "reset", "gate", *means]
    assert printed[6].endswith(", read from right to left")
    sizes = [f"{size:.2f}" for size in np.abs(backwards.values["hidden state"]).mean(1)]
    assert printed[-1].split() == ["mean", "size", "of", "hidden", "state", *sizes]


def test_six_panels_of_an_lstm_are_in_two_rows():
    figure = views.gates(untrained_classifier("lstm", bidirectional=False), "badge")
    panels = [axes for axes in figure.axes if axes.images]
    rows = {round(axes.get_subplotspec().rowspan.start) for axes in panels}
    assert (len(panels), len(rows)) == (6, 2)
    assert_whole(figure)
