"""Cores, readouts and the network: torch as the oracle, padding that nobody sees."""

import pytest
import torch
from torch import nn

from charnn import config, init, model
from charnn.config import CELLS, configure
from charnn.data import one_hot
from charnn.init import LETTER_STD
from charnn.model import (
    CORES,
    EMBEDDING_STD,
    Bidirectional,
    Dropout,
    Embedding,
    LastLetter,
    LetterDropout,
    Network,
    Pooled,
    Stacked,
    build_network,
    build_writer,
    reverse,
)
from charnn.text import words
from charnn.training import loop

B, T, V, H, L = 6, 9, 7, 8, 4
TORCH = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


def batch(dtype=torch.float64):
    torch.manual_seed(1)
    lengths = torch.tensor([9, 1, 4, 7, 2, 9])
    return torch.randint(0, V, (B, T)), one_hot(torch.randint(0, V, (B, T)), V).to(dtype), lengths


def same_weights(core, module, layer=""):
    """Loads one direction of one layer of a torch module into one of our cells."""
    weights = {name: getattr(module, f"{name}_l{layer}") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")}
    core.cell.load_state_dict(weights)
    return core


def test_there_is_a_builder_for_every_choice():
    assert tuple(CORES) == CELLS
    assert tuple(model.READOUTS) == config.READOUTS
    assert tuple(loop.OPTIMIZERS) == config.OPTIMIZERS
    assert tuple(model.NONLINEARITIES) == config.NONLINEARITIES
    assert tuple(init.INITS) == config.INITS
    assert tuple(words.VOCABULARIES) == config.TOKENS


@pytest.mark.parametrize("kind", TORCH)
def test_the_unrolled_core_is_torchs_module(kind):
    _, x, _ = batch()
    module = TORCH[kind](V, H, batch_first=True, dtype=torch.float64)
    core = same_weights(CORES[kind](V, H).double(), module, "0")
    ours, theirs = core(x)[0], module(x)[0]
    torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-6)
    ours.square().sum().backward()
    theirs.square().sum().backward()
    torch.testing.assert_close(core.cell.weight_hh.grad, module.weight_hh_l0.grad, rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(core.cell.weight_ih.grad, module.weight_ih_l0.grad, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("kind", TORCH)
def test_both_directions_and_layers_are_torchs(kind):
    _, x, lengths = batch()
    module = TORCH[kind](V, H, num_layers=2, bidirectional=True, batch_first=True, dtype=torch.float64)
    build = CORES[kind]
    core = Stacked([Bidirectional(same_weights(build(width, H).double(), module, f"{layer}"),
                                  same_weights(build(width, H).double(), module, f"{layer}_reverse"))
                    for layer, width in enumerate((V, 2 * H))])
    packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    theirs, _ = nn.utils.rnn.pad_packed_sequence(module(packed)[0], batch_first=True)
    ours = core(x, None, lengths)[0]
    for row, length in enumerate(lengths.tolist()):
        torch.testing.assert_close(ours[row, :length], theirs[row, :length], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("kind", CELLS)
def test_ids_and_their_one_hot_vectors_give_the_same(kind):
    ids, _, _ = batch()
    core = CORES[kind](V, H).double()
    results = []
    for x in (ids, one_hot(ids, V).double()):
        core.zero_grad()
        hidden = core(x)[0]
        hidden.square().sum().backward()
        results.append([hidden, *(parameter.grad.clone() for parameter in core.parameters())])
    torch.testing.assert_close(*results)


@pytest.mark.parametrize("kind", CELLS)
def test_a_sequence_in_two_pieces_is_the_whole(kind):
    ids, _, _ = batch()
    core = Stacked([CORES[kind](V, H).double(), CORES[kind](H, H).double()])
    whole, _ = core(ids)
    first, state = core(ids[:, :4])
    second, _ = core(ids[:, 4:], state)
    torch.testing.assert_close(torch.cat([first, second], dim=1), whole)


def steps_by_hand(cell, kind, x, mask):
    """The hidden states (T, H) of one sequence x (T, V) by the textbook's equations, the gates seeing h * mask."""
    h, c, rows = torch.zeros(H, dtype=x.dtype), torch.zeros(H, dtype=x.dtype), []
    for letter in x:
        read = (cell.weight_ih @ letter + cell.bias_ih).view(-1, H)             # a row per gate
        past = (cell.weight_hh @ (h * mask) + cell.bias_hh).view(-1, H)
        if kind == "rnn":
            h = (read + past)[0].tanh()
        elif kind.startswith("lstm"):
            i, f, g, o = read + past
            p_i, p_f, p_o = cell.weight_ch if kind == "lstm-peephole" else torch.zeros(3, H)
            i, f = (i + p_i * c).sigmoid(), (f + p_f * c).sigmoid()
            c = f * c + i * g.tanh()
            h = (o + p_o * c).sigmoid() * c.tanh()
        else:
            z = (read + past)[1].sigmoid()
            n = (read[2] + (read + past)[0].sigmoid() * past[2]).tanh()
            h = (1 - z) * n + z * h
        rows.append(h)
    return torch.stack(rows)


@pytest.mark.parametrize("kind", [*TORCH, "lstm-peephole"])
def test_recurrent_dropout_hides_the_same_units_from_the_gates_at_every_step(kind):
    _, x, _ = batch()
    core = CORES[kind](V, H, 0.5).double()
    torch.manual_seed(3)
    hidden = core(x)[0]
    torch.manual_seed(3)
    mask = Dropout(0.5)(torch.ones(B, H, dtype=torch.float64))
    assert set(mask.flatten().tolist()) == {0.0, 2.0}
    assert len(mask.unique(dim=0)) > 1  # each sequence has its own
    for row in range(B):
        torch.testing.assert_close(hidden[row], steps_by_hand(core.cell, kind, x[row], mask[row]))
    core.eval()
    torch.testing.assert_close(core(x)[0][0], steps_by_hand(core.cell, kind, x[0], torch.ones(H)))


@pytest.mark.parametrize("kind", ["rnn", "torch-rnn"])
def test_the_plain_rnn_can_squash_by_relu(kind):
    _, x, _ = batch()
    module = nn.RNN(V, H, nonlinearity="relu", batch_first=True, dtype=torch.float64)
    network = build_network(configure(cell=kind, hidden=H, nonlinearity="relu", bidirectional=False), V, L).double()
    weights = [parameter for name, parameter in network.core.named_parameters()]
    with torch.no_grad():
        for ours, theirs in zip(weights, module.parameters(), strict=True):
            ours.copy_(theirs)
    torch.testing.assert_close(network.core(x)[0], module(x)[0])


def test_an_embedding_is_a_row_of_floats_for_each_id():
    ids, _, lengths = batch()
    network = build_network(configure(hidden=H, embedding=3, embedding_dropout=0.5), V, L)
    torch.manual_seed(0)
    dropped = network.embedding(torch.arange(V))  # in training each float is left out or doubled
    kept = dropped != 0
    assert 0 < kept.sum() < kept.numel()
    torch.testing.assert_close(dropped[kept], 2 * network.embedding.weight[kept])
    network.eval()
    floats = network.embedding.weight[ids]  # (B, T, 3)
    expected = network.readout(network.core(floats, None, lengths)[0], lengths)
    torch.testing.assert_close(network(ids, lengths), expected)
    writer = build_writer(configure(task="generate", hidden=H, layers=1, embedding=3), V, L).eval()
    labels = torch.arange(B) % L
    told = one_hot(labels, L).unsqueeze(1).expand(-1, T, -1)
    expected = writer.readout(writer.core(torch.cat([writer.embedding.weight[ids], told], dim=2))[0])
    torch.testing.assert_close(writer(ids, labels)[0], expected)


@pytest.mark.parametrize("readout", ["last", "pooled"])
@pytest.mark.parametrize("directions", [1, 2])
@pytest.mark.parametrize("cell", CELLS)
def test_a_name_alone_is_the_name_in_any_batch(cell, directions, readout):
    ids, _, lengths = batch()
    torch.manual_seed(2)
    options = configure(cell=cell, hidden=H, layers=2, bidirectional=directions == 2, readout=readout)
    network = build_network(options, V, L).eval()
    together = network(ids, lengths)
    assert together.shape == (B, L)
    torch.testing.assert_close(together.exp().sum(1), torch.ones(B))
    for row, length in enumerate(lengths.tolist()):
        alone = network(ids[row:row + 1, :length], lengths[row:row + 1])
        torch.testing.assert_close(together[row:row + 1], alone, rtol=0, atol=1e-5)


def test_the_last_letter_of_both_directions_is_torchs_final_state():
    ids, _, lengths = batch()
    module = nn.GRU(V, H, bidirectional=True, batch_first=True, dtype=torch.float64)
    core = Bidirectional(same_weights(CORES["gru"](V, H).double(), module, "0"),
                         same_weights(CORES["gru"](V, H).double(), module, "0_reverse"))
    readout = LastLetter(2 * H, L, directions=2).double()
    x = one_hot(ids, V).double()
    packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    final = module(packed)[1].transpose(0, 1).reshape(B, 2 * H)
    torch.testing.assert_close(Network(core, readout)(ids, lengths), readout.linear(final).log_softmax(1))


def test_pooled_is_mean_and_maximum_over_the_letters():
    hidden, lengths = torch.randn(B, T, H), torch.tensor([9, 1, 4, 7, 2, 9])
    readout = Pooled(H, L)
    pooled = torch.stack([torch.cat([row[:n].mean(0), row[:n].amax(0)])
                          for row, n in zip(hidden, lengths.tolist(), strict=True)])
    torch.testing.assert_close(readout(hidden, lengths), readout.linear(pooled).log_softmax(1))


def test_reverse_keeps_the_padding_at_the_end():
    ids, lengths = torch.tensor([[1, 2, 3, 0], [4, 0, 0, 0]]), torch.tensor([3, 1])
    assert reverse(ids, lengths).tolist() == [[3, 2, 1, 0], [4, 0, 0, 0]]
    assert reverse(ids, None).tolist() == [[0, 3, 2, 1], [0, 0, 0, 4]]


def test_dropout_scales_what_it_leaves_and_does_nothing_when_not_training():
    torch.manual_seed(0)
    dropout, x = Dropout(0.25), torch.ones(200, 200)
    values, counts = dropout(x).unique(return_counts=True)
    torch.testing.assert_close(values, torch.tensor([0.0, 1 / 0.75]))
    assert counts[0].item() / x.numel() == pytest.approx(0.25, abs=0.02)
    assert torch.equal(dropout.eval()(x), x)


def test_letter_dropout_hides_letters_in_training_only():
    torch.manual_seed(0)
    ids, dropout = torch.ones(100, 100, dtype=torch.int64), LetterDropout(0.25)
    assert (dropout(ids) == 0).float().mean().item() == pytest.approx(0.25, abs=0.02)
    assert torch.equal(dropout.eval()(ids), ids)


@pytest.mark.parametrize("cell", CELLS)
def test_the_weights_that_read_letters_are_drawn_wide_and_no_others(cell):
    torch.manual_seed(0)
    network = build_network(configure(cell=cell, hidden=64, layers=2), 50, L)
    for name, weights in network.core.named_parameters():
        reads_letters = "cores.0" in name and "weight_ih" in name
        assert weights.std().item() == pytest.approx(LETTER_STD if reads_letters else 64**-0.5 / 3**0.5, rel=0.15), name


def test_an_embedding_begins_small_so_that_a_rare_word_says_hardly_anything():
    torch.manual_seed(0)
    assert Embedding(1000, 50).weight.std().item() == pytest.approx(EMBEDDING_STD, rel=0.02)
    loudest = one_hot(torch.tensor(3), V) @ torch.full((V, H), LETTER_STD)
    assert Embedding(1000, 50).weight.abs().max() < loudest.max() * 2 <= 1.0


@pytest.mark.parametrize("readout", ["last", "pooled"])
def test_a_folded_temperature_divides_the_logits(readout):
    network = model.build_network(configure(hidden=5, readout=readout), 7, 3).eval()
    ids, lengths = torch.tensor([[1, 2, 3], [4, 5, 0]]), torch.tensor([3, 2])
    before = network(ids, lengths)
    network.fold_temperature(2.5)
    torch.testing.assert_close(network(ids, lengths), (before / 2.5).log_softmax(1))
