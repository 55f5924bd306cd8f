"""How far back: gradients by paper and by another way through autograd, recall by answers that are known."""

import math

import numpy as np
import pytest
import torch
from helpers import call, error_of
from torch.nn import functional as F

import charnn
from charnn import memory, through_time
from charnn.config import CELLS, Config, configure
from charnn.errors import CharnnError
from charnn.inside import hand_built, watched
from charnn.memory import Gradients, Recall, Variant, variants
from charnn.model import Writer, build_core, build_network, build_writer, forward_layers
from charnn.text.vocabulary import Vocabulary


@pytest.fixture(scope="module")
def writer(folder):
    """A generator of the tiny folder: two layers, and it is told the label."""
    return charnn.train_generator(folder, hidden=8, layers=2, epochs=1, batch_size=32, device="cpu")


def states_of(state):
    """The parts of a state: h, or h and c."""
    return state if isinstance(state, tuple) else (state,)


# ---------------------------------------------------------------- the same network, watched


@pytest.mark.parametrize("options", [{}, {"layers": 2}, {"bidirectional": True, "layers": 2}])
@pytest.mark.parametrize("cell", CELLS)
def test_a_watched_core_gives_the_same_and_keeps_its_states(cell, options):
    core = build_core(Config(cell=cell, hidden=5, **{"bidirectional": False, **options}), 7).eval()
    ids, lengths = torch.randint(7, (3, 6)), torch.tensor([6, 4, 1])
    seen = watched(core)
    torch.testing.assert_close(seen(ids, None, lengths)[0], core(ids, None, lengths)[0])
    layers = forward_layers(seen)
    assert len(layers) == options.get("layers", 1)
    assert all(len(layer.states) == 6 for layer in layers)
    top = torch.stack([layers[-1].cell.hidden(state) for state in layers[-1].states], dim=1)
    torch.testing.assert_close(top, seen(ids, None, lengths)[0][:, :, :5])


def test_a_hand_built_cell_has_torchs_nonlinearity_and_type():
    core = build_core(Config(cell="torch-rnn", hidden=5, bidirectional=False, nonlinearity="relu"), 7).double()
    cell = hand_built(core)
    assert cell.nonlinearity is torch.relu
    assert cell.weight_hh.dtype == torch.float64
    assert torch.equal(cell.weight_hh, core.module.weight_hh_l0)


# ---------------------------------------------------------------- gradients


def test_a_gradient_of_two_steps_by_paper():
    """One unit, two symbols, h = tanh(u x + w h), answer softmax(a h, -a h): the chain rule by hand."""
    u, w, a, (first, second) = (0.3, -0.8), 1.7, 0.9, (0, 1)
    network = build_writer(Config(cell="rnn", hidden=1, **variants_config()), 2)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.zero_()
        network.core.cell.weight_ih.copy_(torch.tensor([u]))
        network.core.cell.weight_hh.fill_(w)
        network.readout.linear.weight.copy_(torch.tensor([[a], [-a]]))
    found, = memory.state_gradients(memory.at_last_step(network), torch.tensor([[first, second]]), torch.tensor([0]))

    h1 = math.tanh(u[first])
    h2 = math.tanh(u[second] + w * h1)
    p = math.exp(a * h2) / (math.exp(a * h2) + math.exp(-a * h2))  # of the target, symbol 0
    by_h2 = -2 * a * (1 - p)                                       # d -ln p / d h2, since the logits are a h and -a h
    by_h1 = by_h2 * (1 - h2**2) * w
    assert found.hidden == pytest.approx(np.abs([[by_h2, by_h1]]))
    assert found.cell is None
    by_sum2, by_sum1 = by_h2 * (1 - h2**2), by_h1 * (1 - h1**2)    # what each step's sum and so its biases get
    by_w, by_logit = by_sum2 * h1, 1 - p
    weights = [by_sum1, by_sum2, by_w, by_sum1 + by_sum2, by_sum1 + by_sum2,  # u[0], u[1], w and both biases
               by_logit * h2, by_logit * h2, by_logit, by_logit]              # the readout's weights and biases
    assert found.weights == pytest.approx([math.hypot(*weights)])


def variants_config():
    """What a fresh network is made of beside its cell."""
    return {"task": "generate", "bidirectional": False, "readout": "every", "dropout": 0.0, "ngrams": 0}


@pytest.mark.parametrize("cell", CELLS)
def test_gradients_are_those_of_the_core_started_from_that_state(cell):
    torch.manual_seed(1)
    network = build_writer(Config(cell=cell, hidden=4, **variants_config()), 6).double()
    ids, targets = torch.randint(6, (5, 7)), torch.randint(6, (5,))
    found, = memory.state_gradients(memory.at_last_step(network), ids, targets)
    assert found.hidden.shape == (1, 7)
    assert (found.cell is not None) == ("lstm" in cell)
    for back in range(1, 7):
        _, state = network.core(ids[:, :7 - back])
        leaves = [part.detach().requires_grad_() for part in states_of(state)]
        hidden, _ = network.core(ids[:, 7 - back:], tuple(leaves) if isinstance(state, tuple) else leaves[0])
        loss = F.nll_loss(network.readout(hidden[:, -1:])[:, 0], targets, reduction="sum")
        gradients = torch.autograd.grad(loss, leaves)
        norm = lambda gradient: gradient.flatten(1).norm(dim=1).median().item()  # noqa: E731
        assert found.hidden[0, back] == pytest.approx(norm(gradients[0]))  # 5 sequences: the median is one of them
        if found.cell is not None:  # h = o tanh(c) passes c on too
            (h, c), (by_h, by_c) = leaves, gradients
            assert found.cell[0, back] == pytest.approx(norm(by_c + by_h * h / c.tanh() * (1 - c.tanh()**2)))


@pytest.mark.parametrize("readout", ["last", "pooled"])
def test_the_norm_of_all_weights_is_what_clipping_sees(readout):
    torch.manual_seed(2)
    network = build_network(configure(hidden=4, readout=readout, layers=2, embedding=3), 6, 3).double().eval()
    ids, targets = torch.randint(6, (5, 7)), torch.randint(3, (5,))
    below, top = memory.state_gradients(memory.at_last_step(network), ids, targets)
    hidden, _ = network.core(network.embedding(ids))
    last = hidden[:, -1:]
    loss = F.nll_loss(network.readout(last, torch.ones(5, dtype=torch.int64)), targets)
    loss.backward()
    norm = torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0).item()
    assert below.weights == top.weights == pytest.approx([norm])


def test_large_weights_explode_and_clipping_tames_them():
    fresh = {name: memory.fresh_gradients(variant) for name, variant in
             variants(["rnn"], {"scale": 5.0}, hidden=16).items()}
    vanishing, exploding = fresh["rnn"], fresh["rnn, weights × 5"]
    assert (vanishing.hidden[:, 99] < 1e-9 * vanishing.hidden[:, 0]).all()
    assert np.median(exploding.hidden[:, 99] / exploding.hidden[:, 0]) > 100
    assert exploding.hidden.shape == (memory.SEEDS, memory.STEPS)
    axes, = through_time.gradients(variants(["rnn"], {"scale": 5.0}, hidden=16), 1.0).axes
    dotted, = (line for line in axes.lines if line.get_linestyle() == ":")
    whole = next(line for line in axes.lines if line.get_linewidth() > 2 and line.get_linestyle() == "-")
    kept = np.minimum(1, 1 / exploding.weights)[:, None]
    assert whole.get_ydata() == pytest.approx(np.median(exploding.hidden, axis=0))
    assert dotted.get_ydata() == pytest.approx(np.median(exploding.hidden * kept, axis=0))


def test_the_dashed_line_is_of_the_cell_state_and_the_band_of_all_networks():
    fresh, = (memory.fresh_gradients(variant) for variant in variants(["lstm"], hidden=4).values())
    axes, = through_time.gradients(variants(["lstm"], hidden=4)).axes
    whole, dashed = axes.lines
    assert whole.get_ydata() == pytest.approx(np.median(fresh.hidden, axis=0))
    assert dashed.get_ydata() == pytest.approx(np.median(fresh.cell, axis=0))
    corners = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert (corners.min(), corners.max()) == pytest.approx((fresh.hidden.min(), fresh.hidden.max()))


def test_a_forget_bias_keeps_the_gradient_of_the_cell_state():
    before, after = (memory.fresh_gradients(variant) for variant in
                     variants(["lstm"], {"forget_bias": 3.0}, hidden=16).values())
    assert (after.cell[:, 50] > 1000 * before.cell[:, 50]).all()


# ---------------------------------------------------------------- what is compared


def test_each_cell_stands_as_it_is_and_as_changed():
    found = variants(["rnn", "lstm", "gru"], {"init": "identity", "nonlinearity": "relu", "forget_bias": 0.0,
                                              "scale": 1.5}, hidden=7, seed=3)
    assert list(found) == ["rnn", "rnn, identity, relu, weights × 1.5", "lstm", "lstm, identity, weights × 1.5",
                           "gru", "gru, identity, weights × 1.5"]
    assert all(variant.config.hidden == 7 and variant.config.seed == 3 for variant in found.values())
    assert [variant.scale for variant in found.values()] == [1, 1.5] * 3
    assert found["rnn, identity, relu, weights × 1.5"].config.nonlinearity == "relu"
    assert found["lstm"].config.init == Config.init
    assert list(variants(["lstm", "gru"], {"forget_bias": 1.0})) == ["lstm", "lstm, forget bias 1", "gru"]
    assert list(variants(["gru", "gru"], {"clip": 1e6})) == ["gru", "gru, clip 1e+06"]


@pytest.mark.parametrize(("arguments", "message"), [
    (("gradients", "--cell", "rnn", "gru", "--forget-bias", "1"),
     "--forget-bias 1.0 is for an LSTM's forget gate; leave it out with --cell rnn gru, or add lstm"),
    (("memory", "--cell", "lstm", "--nonlinearity", "relu"), "--nonlinearity relu is for the plain RNN; leave it out"),
    (("gradients", "--scale", "0"), "--scale 0.0 is out of range"),
    (("gradients", "--scale", "nan"), "--scale nan is out of range"),
    (("gradients", "--hidden", "0"), "--hidden 0 is out of range"),
    (("gradients", "--clip", "0"), "--clip 0.0 is out of range"),
    (("gradients", "--cell", "vanilla"), "invalid choice: 'vanilla'"),
    (("gradients", "--batches", "3"), "unrecognized arguments: --batches 3"),
    (("memory", "--batches", "0"), "--batches 0 is out of range"),
    (("memory", "--model", "x", "--batches", "3"), "--batches would describe networks that are drawn anew"),
    (("gradients", "--model", "x", "--cell", "rnn", "--init", "he"), "--cell, --init would describe networks"),
    (("gradients", "--model", "nowhere.safetensors"), "nowhere.safetensors does not exist"),
])
def test_what_cannot_be_compared_is_one_clear_line(arguments, message):
    assert message in error_of(call("charnn.look", *arguments))


# ---------------------------------------------------------------- recall


def test_the_symbol_stands_first_and_is_asked_for_at_every_step():
    task = Recall(3, torch.Generator().manual_seed(0))
    batches = list(task.training_batches(torch.Generator().manual_seed(1)))
    assert len(batches) == task.batches_per_epoch == 3
    assert not torch.equal(batches[0].ids, batches[1].ids)
    for batch in batches:
        assert (batch.ids[:, 0] < memory.SYMBOLS // 2).all()
        assert (batch.ids[:, 1:] >= memory.SYMBOLS // 2).all()
        assert batch.ids.shape == batch.targets.shape == (memory.ROWS, 1 + memory.STEPS)
        assert (batch.targets == batch.ids[:, :1]).all()
    batch = batches[0]
    sure = F.one_hot(batch.targets, memory.SYMBOLS // 2).double().clamp(1e-9).log()
    assert task.loss(sure, batch)[0].item() == 0
    assert task.correct(sure, batch) == batch.targets.numel()
    even = torch.full(sure.shape, -math.log(8))
    loss, count = task.loss(even, batch)
    assert loss.item() / count == pytest.approx(math.log(8))


def test_a_network_learns_to_recall(monkeypatch):
    monkeypatch.setattr(memory, "STEPS", 4)
    monkeypatch.setattr(memory, "NETWORKS", 2)
    variant = variants(["gru"], {}, hidden=16, learning_rate=0.03)["gru"]
    found = memory.learned_recall(variant, 80)
    assert found.shape == (2, 5)
    assert (found[:, 0] > 0.9).all()
    assert (found.mean(1) > 0.5).all()  # chance is an eighth
    assert np.array_equal(found, memory.learned_recall(variant, 80))
    untrained = memory.learned_recall(variant, 1)
    assert (untrained.mean(1) < found.mean(1)).all()


def test_a_loss_that_is_not_finite_is_one_clear_line(monkeypatch):
    monkeypatch.setattr(memory, "NETWORKS", 1)
    variant = Variant(Config(cell="rnn", hidden=8, nonlinearity="relu", init="he", epochs=1, **variants_config()), 10.0)
    with pytest.raises(CharnnError, match=r"\(rnn, seed 0\) was not finite while it learned to recall; choose a sm"):
        memory.learned_recall(variant, 1)


def test_a_probe_finds_what_is_there_and_nothing_else():
    draw = np.random.default_rng(0)
    letters = draw.integers(8, size=2000)
    noise = draw.normal(size=(2000, 8))
    assert memory.probe(noise + 50 * np.eye(8)[letters], letters) == 1
    assert memory.probe(noise, letters) == pytest.approx(1 / 8, abs=0.05)


# ---------------------------------------------------------------- trained models


def test_a_trained_classifier_is_probed_and_not_changed(classifier):
    before = {name: tensor.clone() for name, tensor in classifier.network.state_dict().items()}
    found = memory.probed_recall(classifier)
    assert list(found) == ["layer 1, as drawn", "layer 1, trained"]
    for accuracies in found.values():
        assert accuracies.shape == (memory.BACK + 1,)
        assert accuracies[0] > 0.4 + accuracies[-1]
    assert memory.classes_of(classifier) == min(memory.CLASSES, int(classifier.vocabulary.letters.sum()))
    assert all(torch.equal(tensor, before[name]) for name, tensor in classifier.network.state_dict().items())
    assert not classifier.network.training


def test_the_last_states_are_those_of_the_network(writer):
    ids, labels = memory.random_letters(writer, 7, 5, torch.Generator().manual_seed(0))
    assert writer.vocabulary.letters[ids].all()
    assert labels.max() < len(writer.labels)
    _, states = writer.network(ids, labels)
    found = memory.last_states(writer.network, ids, labels, rows=3)
    for layer in range(2):
        np.testing.assert_allclose(found[layer], states[layer].detach().numpy(), rtol=1e-4, atol=1e-6)


def test_at_distance_0_a_gradient_is_that_of_the_readout(writer):
    draw = torch.Generator().manual_seed(0)
    ids, labels = memory.random_letters(writer, 5, 6, draw)
    targets = torch.randint(len(writer.vocabulary), (5,), generator=draw)
    _, top = memory.state_gradients(memory.at_last_step(writer.network), ids, targets, labels)
    log_probs, _ = writer.network(ids, labels)
    weights = writer.network.readout.linear.weight                     # (V, H)
    wrong = log_probs[:, -1].exp() - F.one_hot(targets, weights.shape[0])  # (B, V): the gradient w.r.t. the logits
    assert top.hidden[0, 0] == pytest.approx((wrong @ weights).norm(dim=1).median().item(), rel=1e-4)
    assert isinstance(writer.network, Writer)


def test_every_kind_of_model_has_both_views(classifier, writer, reviews, monkeypatch):
    for name, value in (("SEEDS", 2), ("STEPS", 6), ("ROWS", 3), ("PROBES", 300), ("BACK", 5), ("PROBED", 8)):
        monkeypatch.setattr(memory, name, value)
    words = charnn.train_classifier(reviews, tokens="words", ngrams=0, embedding=4, hidden=4, epochs=1, device="cpu",
                                    cell="torch-lstm", layers=2)
    monkeypatch.setattr(through_time, "DISTANCES", (1, 5))
    for model, layers in ((classifier, 1), (writer, 2), (words, 2)):
        lines = []
        figure = through_time.gradients(model, say=lines.append)
        axes, = figure.axes
        assert axes.get_yscale() == "log"
        assert "nats per unit" in axes.get_ylabel()
        names = [f"layer {layer}, {which}" for layer in range(1, layers + 1) for which in ("as drawn", "trained")]
        assert [text.get_text() for text in figure.legends[0].get_texts()][:2 * layers] == names
        said = [line for line in lines if line.startswith("layer")]
        assert [line.split("  ")[0] for line in said] == names
        assert sum("cell state" in line for line in lines) == (2 * layers if model is words else 0)
        lines.clear()
        axes, = through_time.memory(model, say=lines.append).axes
        assert axes.get_ylim()[0] == 0
        assert [line.split("  ")[0] for line in lines if line.startswith("layer")] == names


def test_one_letter_is_nothing_to_remember(classifier):
    model = type("Model", (), {"vocabulary": Vocabulary("a")})
    with pytest.raises(CharnnError, match="the model knows one letter alone; there is nothing to remember"):
        memory.random_letters(model, 2, 3, torch.Generator())


# ---------------------------------------------------------------- pictures


def test_the_table_of_gradients_says_what_is_drawn(monkeypatch):
    values = np.full((3, 100), 0.5)
    monkeypatch.setattr(memory, "fresh_gradients", lambda _: Gradients(values, values / 10, np.array([4.0, 8.0, 6.0])))
    lines = []
    through_time.gradients(variants(["lstm"], {}), clip=2.0, say=lines.append)
    assert "what clipping to 2 leaves" in " ".join(lines)
    header, hidden, cell = (line.split() for line in lines[-3:])
    assert header == ["1", "2", "5", "10", "20", "50", "99", "weights", "clipped"]
    assert hidden == ["lstm", *["5.0e-01"] * 7, "6", "2"]
    assert cell == ["cell", "state", *["5.0e-02"] * 7]


def test_the_table_of_recall_says_what_is_drawn(monkeypatch):
    ramp = np.linspace(1, 0, 101)
    monkeypatch.setattr(memory, "learned_recall", lambda variant, batches: np.stack([ramp, ramp]))
    lines, notes = [], []
    figure = through_time.memory(variants(["rnn", "gru"], {}), 7, lines.append, notes.append)
    assert notes == ["rnn: 2 networks trained", "gru: 2 networks trained"]
    assert [line.split() for line in lines[1:]] == [
        ["N", "1", "2", "5", "10", "20", "50", "100"],
        *([cell, "0.99", "0.98", "0.95", "0.90", "0.80", "0.50", "0.00"] for cell in ("rnn", "gru"))]
    axes, = figure.axes
    assert axes.lines[0].get_xdata()[[0, -1]].tolist() == [1, 100]
    assert "chance (0.125)" in [line.get_label() for line in axes.lines]


def test_the_commands_print_their_tables(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name, value in (("SEEDS", 1), ("ROWS", 2), ("NETWORKS", 1), ("HELD_OUT", 10)):
        monkeypatch.setattr(memory, name, value)
    result = call("charnn.look", "gradients", "--cell", "rnn", "lstm", "--hidden", "3", "--forget-bias", "2")
    assert result.returncode == 0, result
    assert [line.split("  ")[0] for line in result.stdout.splitlines()[3:] if not line.startswith(" ")] == [
        "rnn", "lstm", "lstm, forget bias 2"]
    result = call("charnn.look", "memory", "--cell", "rnn", "--hidden", "3", "--batches", "1", "--clip", "5")
    assert result.returncode == 0, result
    assert [line.split("  ")[0] for line in result.stdout.splitlines()[2:]] == ["rnn", "rnn, clip 5"]
    assert "rnn, clip 5: 1 network trained" in result.stderr
    assert {path.parent.name for path in tmp_path.glob("runs/*/*.png")} == {"gradients-1", "memory-1"}
