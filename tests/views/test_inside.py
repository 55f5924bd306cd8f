"""What a network does as it reads: the very numbers that it computed."""

import numpy as np
import pytest
import torch
from helpers import tiny_names
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode

import charnn
from charnn import inside
from charnn.cells import Cell
from charnn.config import CELLS, configure
from charnn.inference.classifier import Classifier
from charnn.inference.generator import Generator
from charnn.model import Builtin, Unrolled, build_network, build_writer
from charnn.text.vocabulary import Vocabulary

LETTERS = "abcdefgh"


def fresh(cell, **options):
    """A classifier of three labels that has learned nothing."""
    torch.manual_seed(0)
    config = configure(cell=cell, hidden=6, ngrams=0, **options)
    network = build_network(config, len(LETTERS) + 1, 3)
    return Classifier(network, Vocabulary(LETTERS), ["x", "y", "z"], config, [1, 1, 1], {})


@pytest.mark.parametrize("options", [{}, {"layers": 2, "bidirectional": False}, {"embedding": 5, "layers": 2}])
@pytest.mark.parametrize("cell", CELLS)
def test_what_is_shown_is_what_was_computed(cell, options):
    model = fresh(cell, **options)
    letters, found, _ = inside.steps(model, "badge")
    assert letters == "badge"
    hidden = []  # of each layer (1, T, D*H), as the answer used them
    for core in inside.layers_of(model.network.core):
        core.register_forward_hook(lambda core, inputs, output: hidden.append(output[0]))
    model.log_proba(["badge"])
    ours = [step.values["hidden state"] for step in found]
    if options.get("bidirectional", True):
        ours = [np.concatenate(pair, axis=1) for pair in zip(ours[::2], ours[1::2], strict=True)]
    for mine, its in zip(ours, hidden, strict=True):
        np.testing.assert_allclose(mine, its[0].numpy(), atol=1e-6)
    assert [step.backwards for step in found] == [step.layer.endswith("backwards") for step in found]


@pytest.mark.parametrize("cell", ["lstm", "lstm-peephole", "gru"])
def test_the_gates_are_those_of_the_answer(cell, monkeypatch):
    """What Cell.gates returned while the model answered, call by call."""
    model, computed, step = fresh(cell), [], Cell.step

    def watched(self, projected, state, mask=None):
        computed.append(self.gates(projected, self.seen(state, mask)))
        return step(self, projected, state, mask)
    monkeypatch.setattr(Cell, "step", watched)
    model.log_proba(["badge"])
    forwards, backwards = computed[:5], computed[5:]
    _, found, _ = inside.steps(model, "badge")
    for direction, gates in zip(found, (forwards, backwards[::-1]), strict=True):
        for name in gates[0]._fields:
            key = name if name == "candidate" else f"{name} gate"
            expected = torch.cat([getattr(gate, name) for gate in gates]).numpy()  # (T, H)
            np.testing.assert_array_equal(direction.values[key], expected)


def test_an_lstm_is_what_its_gates_make_of_it():
    _, (forwards, _), _ = inside.steps(fresh("torch-lstm"), "badge")
    v = forwards.values
    cell = np.zeros_like(v["cell state"][0])
    for t in range(5):
        cell = v["forget gate"][t] * cell + v["input gate"][t] * v["candidate"][t]
        np.testing.assert_allclose(v["cell state"][t], cell, atol=1e-6)
        np.testing.assert_allclose(v["hidden state"][t], v["output gate"][t] * np.tanh(cell), atol=1e-6)


def test_a_plain_cell_has_no_gate():
    _, found, _ = inside.steps(fresh("rnn"), "badge")
    assert list(found[0].values) == ["hidden state"]


def test_a_writer_is_told_the_label_and_reads_a_newline_first():
    config = configure(task="generate", hidden=6)
    network = build_writer(config, len(LETTERS) + 2, 2)
    model = Generator(network, Vocabulary("\n" + LETTERS), ["x", "y"], config, [1, 1], {}, {"reads": "names"})
    letters, one, told = inside.steps(model, "bad", "x")
    assert told == "x"
    _, other, _ = inside.steps(model, "bad", "y")
    assert letters == "\nbad"
    assert [step.values["update gate"].shape for step in one] == [(4, 6)] * 2
    assert not np.allclose(one[0].values["update gate"], other[0].values["update gate"])
    assert inside.told(model, "bad", None) == model.predict("bad")[0][0]
    with pytest.raises(charnn.CharnnError, match="label 'q' is unknown"):
        inside.told(model, "bad", "q")


def test_names_that_no_picture_can_show(classifier):
    with pytest.raises(charnn.CharnnError, match="'123' has no letter that the model knows"):
        inside.shown(classifier, "123")
    with pytest.raises(charnn.CharnnError, match=r"has 61 letters or words; a picture has room for 60"):
        inside.shown(classifier, "a" * 61)
    with pytest.raises(charnn.CharnnError, match="--label 'Rolling' is for a generator"):
        inside.told(classifier, "ara", "Rolling")


# ---------------------------------------------------------------- summary


@pytest.mark.parametrize("options", [{}, {"readout": "last", "layers": 2}, {"embedding": 5, "bidirectional": False}])
@pytest.mark.parametrize("cell", [cell for cell in CELLS if not cell.startswith("torch-")])
def test_multiply_adds_are_those_that_torch_counts(cell, options):
    model = fresh(cell, **options)
    rows = list(inside.summary(model.network))
    with FlopCounterMode(display=False) as counter:  # counts a multiply-add as two
        model.run(["badge"])
    assert counter.get_total_flops() == 2 * sum(5 * row.per_character + row.per_text for row in rows)


def test_multiply_adds_of_a_writer():
    config = configure(task="generate", hidden=6)
    network = build_writer(config, 9, 2)
    with FlopCounterMode(display=False) as counter:
        network(torch.zeros(1, 5, dtype=torch.int64), torch.zeros(1, dtype=torch.int64))
    assert counter.get_total_flops() == 2 * sum(5 * row.per_character for row in inside.summary(network))


def test_torchs_cells_multiply_the_one_hot_vectors_too():
    ours, torchs = (next(inside.summary(fresh(cell).network)).per_character for cell in ("gru", "torch-gru"))
    assert torchs - ours == 3 * 6 * (len(LETTERS) + 1)


def test_a_hand_built_cell_has_torchs_weights():
    core = fresh("torch-rnn", nonlinearity="relu", bidirectional=False).network.core
    assert isinstance(core, Builtin)
    ids = torch.tensor([[1, 2, 3, 3]])
    ours, _ = Unrolled(inside.hand_built(core))(ids)
    torch.testing.assert_close(ours, core(ids)[0])


# ---------------------------------------------------------------- neurons


def test_traits_of_a_text_by_hand():
    traits = inside.traits_of('He "ran": 2\n(o!)')
    assert "".join("01"[int(v)] for v in traits["inside quotes"]) == "0001111000000000"
    assert "".join("01"[int(v)] for v in traits["inside brackets"]) == "0000000000001110"
    assert "".join("01"[int(v)] for v in traits["a capital letter"]) == "1000000000000000"
    assert "".join("01"[int(v)] for v in traits["a digit"]) == "0000000000100000"
    assert traits["position in the line"].tolist() == [*range(12), 0, 1, 2, 3]
    assert traits["position in the word"].tolist() == [1, 2, 0, 0, 1, 2, 3, 0, 0, 0, 1, 0, 0, 1, 0, 0]
    assert inside.traits_of('a "b\n\nc')["inside quotes"].tolist() == [0, 0, 1, 1, 1, 0, 0]  # closed at an empty line


@given(st.text())
def test_every_letter_has_every_trait(text):
    assert all(values.shape == (len(text),) for values in inside.traits_of(text).values()) or not text


def test_correlations_are_pearsons():
    draw = np.random.default_rng(0)
    hidden, trait = draw.normal(size=(50, 3)), draw.normal(size=50)
    hidden[:, 1] = 0.5
    expected = [np.corrcoef(hidden[:, unit], trait)[0, 1] for unit in (0, 2)]
    np.testing.assert_allclose(inside.correlations(hidden, trait)[[0, 2]], expected)
    assert inside.correlations(hidden, trait)[1] == 0


def test_a_unit_that_follows_a_trait_is_found_and_judged_on_other_letters():
    draw = np.random.default_rng(0)
    hidden = draw.normal(size=(400, 5))
    followed, by_chance = draw.normal(size=(2, 400))
    hidden[:, 3], hidden[:200, 1] = -followed, by_chance[:200]  # unit 2 follows only where units are chosen
    best, other = inside.neurons(hidden, [("recurrent 1", unit + 1) for unit in range(5)],
                                 {"by chance": by_chance, "followed": followed, "never": np.zeros(400)}, 9)
    assert (best.trait, best.layer, best.unit) == ("followed", "recurrent 1", 4)
    assert best.r == pytest.approx(-1)
    assert (other.trait, other.unit) == ("by chance", 2)
    assert abs(other.r) < 0.3


def test_hidden_units_stand_letter_after_letter():
    model = fresh("gru", layers=2)
    hidden, where = inside.hidden_units(model, ["bad", "a", "cafe"], None)
    assert hidden.shape == (8, 24)
    assert where[0] == ("recurrent 1, forwards", 1)
    assert where[-1] == ("recurrent 2, backwards", 6)
    start = 0
    for name in ("bad", "a", "cafe"):  # each as if it were alone, both directions in the order of the letters
        _, found, _ = inside.steps(model, name)
        alone = np.concatenate([step.values["hidden state"] for step in found], axis=1)
        np.testing.assert_allclose(hidden[start:start + len(name)], alone, atol=1e-6)
        start += len(name)


def test_more_traits_than_units_and_too_few_letters():
    traits = {str(i): np.random.default_rng(i).normal(size=40) for i in range(5)}
    where = [("recurrent 1", 1), ("recurrent 1", 2)]
    assert len(inside.neurons(np.random.default_rng(9).normal(size=(40, 2)), where, traits, 9)) == 2
    assert inside.neurons(np.zeros((1, 2)), where, {"a": np.zeros(1)}, 9) == []


def test_real_texts_are_those_that_no_weight_has_seen(classifier, folder):
    texts, targets = inside.real_texts(classifier, folder)
    names = [name.lower() for names in tiny_names().values() for name in names]
    assert set(texts) <= set(names)
    assert len(texts) == len(targets) == len(names) - classifier.figures["train"]["n"]
