"""A network that records what it computes: with the same weights, the same numbers."""

import pytest
import torch
from helpers import untrained_classifier

from charnn.config import CELLS
from charnn.cores import Builtin, Unrolled
from charnn.errors import CharnnError
from charnn.inference.name_generator import NameGenerator
from charnn.inference.torch_engine import TorchEngine
from charnn.model import build_generator
from charnn.presets import configure
from charnn.text.vocabulary import Vocabulary
from charnn.views.watch import (
    conditioning_label,
    hand_built,
    recorder,
    recording,
    run,
    shown_symbols,
    unit_of,
)

IDS = torch.tensor([[1, 2, 3, 3]])


@pytest.fixture
def generator():
    """A generator of the labels x and y that is freshly initialised."""
    torch.manual_seed(0)
    config = configure(task="generate", hidden=6)
    symbols = "\nabcdefgh"
    engine = TorchEngine(build_generator(config, len(symbols) + 1, 2), config)
    return NameGenerator(engine, Vocabulary(symbols), ["x", "y"], config, [1, 1], {})


# ---------------------------------------------------------------- recording


def test_a_hand_built_cell_has_torchs_weights():
    model = untrained_classifier("torch-rnn", nonlinearity="relu", bidirectional=False)
    core = model.network.core
    assert isinstance(core, Builtin)
    ours, _ = Unrolled(hand_built(core))(IDS)
    torch.testing.assert_close(ours, core(IDS)[0])


@pytest.mark.parametrize("cell", CELLS)
def test_a_recording_network_computes_the_same(cell):
    network = untrained_classifier(cell, layers=2).network
    lengths = torch.tensor([4])
    before, core = network(IDS, lengths), network.core
    with recording(network) as directions:
        torch.testing.assert_close(network(IDS, lengths), before)
    assert network.core is core
    assert [direction.name for direction in directions] == [
        "recurrent 1, forwards",
        "recurrent 1, backwards",
        "recurrent 2, forwards",
        "recurrent 2, backwards",
    ]
    for direction in directions:
        assert len(recorder(direction).states) == len(recorder(direction).gates) == IDS.shape[1]


def test_the_network_is_as_before_when_something_fails():
    network = untrained_classifier().network
    core = network.core
    with pytest.raises(RuntimeError, match="on purpose"), recording(network):
        raise RuntimeError("on purpose")
    assert network.core is core


def test_a_classifier_reads_names_and_a_generator_a_newline_first(generator):
    assert run(untrained_classifier(), ["bad", "cafe"]) == ["bad", "cafe"]
    labels = torch.tensor([0, 1]).numpy()
    with recording(generator.network) as directions:
        assert run(generator, ["bad", "cafe"], labels) == ["\nbad", "\ncafe"]
    expected = generator.engine.step(*_read(generator, "cafe", 1))[0]  # (1, T, V)
    core = recorder(directions[-1])
    hidden = torch.stack(core.hidden(), dim=1)  # (B, T, H)
    recorded = generator.network.readout(hidden)[1:]
    torch.testing.assert_close(recorded, torch.from_numpy(expected))


def _read(generator, name, label):
    """What an engine is given for one name after a newline: ids (1, T), labels (1,)."""
    ids, _ = generator.vocabulary.encode(["\n" + name])
    return ids, torch.tensor([label]).numpy()


# ---------------------------------------------------------------- what a picture is of


def test_a_generator_is_conditioned_on_the_label_or_the_most_probable_one(generator):
    assert conditioning_label(generator, "bad", "x") == "x"
    assert conditioning_label(generator, "bad", None) == generator.predict("bad")[0][0]
    with pytest.raises(CharnnError, match="label 'q' is unknown"):
        conditioning_label(generator, "bad", "q")


def test_a_classifier_is_conditioned_on_no_label():
    model = untrained_classifier()
    assert conditioning_label(model, "bad", None) is None
    with pytest.raises(CharnnError, match="label 'x' is for a generator; a classifier"):
        conditioning_label(model, "bad", "x")


def test_names_that_no_picture_can_show(classifier):
    with pytest.raises(CharnnError, match="'123' has no letter that the model knows"):
        shown_symbols(classifier, "123")
    with pytest.raises(CharnnError, match="has 61 letters or words; a picture has room for 60"):
        shown_symbols(classifier, "a" * 61)
    assert shown_symbols(classifier, "a" * 60) == "a" * 60


def test_what_a_step_reads(classifier):
    assert unit_of(classifier) == "letter"
