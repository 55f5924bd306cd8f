"""What load() gives back for a generator: what it writes, what it says of a text, what it says of a label."""

import unicodedata

import numpy as np
import pytest
import torch
from helpers import tiny_names, write_folder
from scipy.stats import chisquare
from tiny_models import log_probs_by_letter

import charnn
from charnn.data import fingerprints, read_folder
from charnn.errors import CharnnError

QUICK = {"hidden": 16, "epochs": 6, "batch_size": 32, "learning_rate": 0.02, "device": "cpu"}
QUICK["ngrams"] = 0  # the network alone is the oracle


@pytest.fixture(scope="module")
def writer(folder):
    """A generator of the tiny folder, which knows its labels."""
    return charnn.train_generator(folder, **{**QUICK, "epochs": 30})


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """A generator of one list of names."""
    path = tmp_path_factory.mktemp("list") / "names.txt"
    path.write_text(
        "\n".join(name for names in tiny_names(100).values() for name in names), encoding="utf-8"
    )
    return charnn.train_generator(path, **QUICK)


def test_a_score_is_the_sum_of_its_letters(writer, plain):
    for generator, label in ((writer, "Hissing"), (plain, None)):
        bits = [bits for _, bits in generator.bits_per_letter("Szsz", label)]
        assert bits == pytest.approx(
            [-p / np.log(2) for p in log_probs_by_letter(generator, "Szsz", label)], abs=1e-4
        )
        assert generator.score("Szsz", label) == pytest.approx(np.mean(bits))
    assert [letter for letter, _ in writer.bits_per_letter("Szsz", "Hissing")] == [
        "S",
        "z",
        "s",
        "z",
        "\n",
    ]


def test_without_a_label_a_score_is_of_the_labels_mixture(writer):
    each = [np.cumsum(log_probs_by_letter(writer, "Roar", label)) for label in writer.labels]
    mixture = np.logaddexp.reduce(writer.log_prior()[:, None] + np.array(each), axis=0)
    assert [bits for _, bits in writer.bits_per_letter("Roar")] == pytest.approx(
        -np.diff(mixture, prepend=0) / np.log(2), abs=1e-4
    )


def test_only_text_has_a_score(writer, speaker):
    for model in (writer, speaker):
        with pytest.raises(CharnnError, match="5, is no string; give text"):
            model.score(5)


def test_as_a_classifier_it_is_bayes_rule(writer, folder):
    joint = (
        np.array([sum(log_probs_by_letter(writer, "Roar", label)) for label in writer.labels])
        + writer.log_prior()
    )
    assert writer.log_proba(["Roar"])[0] == pytest.approx(
        joint - np.logaddexp.reduce(joint), abs=1e-4
    )
    data = read_folder(folder)
    assert (writer.predict_proba(data.names).argmax(1) == data.targets).mean() > 0.9
    assert writer.predict_proba(["..."])[0] == pytest.approx(np.exp(writer.log_prior()))


def test_a_generator_without_labels_says_so(plain):
    with pytest.raises(CharnnError, match="trained without labels and cannot classify a name"):
        plain.predict("Roar")
    with pytest.raises(CharnnError, match="trained without labels; leave the label out"):
        plain.generate(label="Hissing")


def test_it_generates_names_of_the_label(writer):
    names = writer.generate(label="Rolling", count=200, seed=0, temperature=0.7)
    assert len(names) == 200
    share = np.mean([set(name.lower()) <= set("raoeu") for name in names])
    assert share > 0.7
    assert "\n" not in "".join(names)


def test_the_same_seed_gives_the_same_and_another_something_else(writer, speaker):
    for generator in (writer, speaker):
        once, again, other = (
            generator.generate(count=3, seed=seed, length=40) for seed in (1, 1, 2)
        )
        assert once == again != other
    before = torch.get_rng_state()
    writer.generate(count=3)
    assert torch.equal(torch.get_rng_state(), before)  # it draws from its own random numbers alone


def test_a_prefix_begins_every_name_and_is_checked(writer, speaker):
    assert all(
        name.startswith("Ro") for name in writer.generate(label="Rolling", prefix="Ro", count=20)
    )
    assert all(
        text.startswith("the dog")
        for text in speaker.generate(prefix="the dog", count=3, length=30)
    )
    assert [len(text) for text in speaker.generate(prefix="the", count=3, length=30)] == [30] * 3
    with pytest.raises(CharnnError, match="prefix 'Ж' has 'Ж', not in the model's vocabulary"):
        writer.generate(prefix="Ж")
    with pytest.raises(CharnnError, match="length is 2; raise length"):
        writer.generate(prefix="Ro", length=2)


def test_temperature_0_is_greedy(writer):
    name = writer.generate(label="Hissing", temperature=0)[0]
    symbols, newline, state, before, expected = (
        writer.vocabulary.symbols,
        writer.newline,
        None,
        writer.newline,
        "",
    )
    while len(expected) < writer.config.max_length:
        with torch.inference_mode():
            log_probs, state = writer.network(torch.tensor([[before]]), torch.tensor([0]), state)
        before = log_probs[0, 0, 1:].argmax().item() + 1
        if before == newline:
            break
        expected += symbols[before - 1]
    assert name == expected
    assert writer.generate(label="Hissing", temperature=0, count=3) == [name] * 3


def test_the_samplers_distribution_is_the_networks(plain):
    samples = plain.generate(count=20_000, seed=0, length=2)
    first = {symbol: n for n, symbol in enumerate(plain.vocabulary.symbols)}
    with torch.inference_mode():
        log_probs, _ = plain.network(torch.tensor([[plain.newline]]))
    expected = log_probs[0, 0, 1:].double().softmax(0)  # the unknown symbol is never written
    counts = np.bincount([first[name[:1] or "\n"] for name in samples], minlength=len(expected))
    wanted = 20_000 * expected.numpy()
    assert wanted.min() > 5  # what the test asks for
    assert chisquare(counts, wanted).pvalue > 0.001


def test_bits_of_a_sample_are_its_score(writer):
    for sample in writer.sample("Hissing", count=5, seed=3):
        assert sample.label == "Hissing"
        assert sample.bits_per_char == pytest.approx(writer.score(sample.text, "Hissing"), abs=1e-3)


def test_novel_names_are_in_neither_part(writer, monkeypatch):
    names = writer.generate(label="Rolling", count=50, seed=0, novel=True)
    marks = fingerprints(names)
    assert not any(np.isin(marks, seen).any() for seen in writer.fingerprints.values())
    assert len(names) == 50
    monkeypatch.setattr(writer, "knows", lambda text: True)
    with pytest.raises(
        CharnnError, match=r"only 0 novel names in 50 rounds, 2 wanted; raise the temperature"
    ):
        writer.generate(count=2, novel=True)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"label": "Rollin"}, "label 'Rollin' is unknown to the model; did you mean Rolling"),
        ({"label": "xyz"}, "its labels are Hissing, Rolling, Vowelish"),
        ({"count": 0}, "count 0 is less than 1"),
        ({"temperature": -1}, "temperature -1 is out of range"),
        ({"temperature": float("nan")}, "temperature nan is out of range"),
        ({"top_k": 0}, "top-k 0 is out of range"),
        ({"top_p": 1.5}, "top-p 1.5 is out of range"),
        ({"length": 0}, "length 0 is out of range"),
        (
            {"temperature": 0, "top_k": 3},
            "temperature 0 takes the most probable letter; leave top-k and top-p out",
        ),
    ],
)
def test_what_cannot_be_is_one_line(writer, options, message):
    with pytest.raises(CharnnError, match=message):
        writer.generate(**options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"temperature": "0.5"}, "temperature '0.5' is no number"),
        ({"temperature": None}, "temperature None is no number"),
        ({"top_k": 1.5}, "top-k 1.5 is no whole number"),
        ({"top_p": "0.5"}, "top-p '0.5' is no number"),
        ({"length": "9"}, "length '9' is no whole number"),
        ({"seed": 1.5}, "seed 1.5 is no whole number"),
        ({"seed": True}, "seed True is no whole number"),
        ({"prefix": None}, "prefix None is no text"),
        ({"prefix": b"R"}, "prefix b'R' is no text"),
    ],
)
def test_a_value_of_a_wrong_kind_is_one_line(writer, speaker, options, message):
    for call in (writer.generate, writer.sample, speaker.stream):
        with pytest.raises(CharnnError, match=message):
            call(**options)  # of a stream too, before its first letter is asked for


def test_other_values_of_a_wrong_kind_are_one_line(writer):
    for call, message in (
        (lambda: writer.generate(count="3"), "count '3' is no whole number"),
        (lambda: writer.generate(novel="yes"), "novel 'yes' is neither True nor False"),
        (lambda: writer.generate(label=3), "label 3 is no text"),
        (lambda: writer.score("Szsz", label=3), "label 3 is no text"),
        (lambda: writer.score(None), "None, is no string"),
        (lambda: writer.next_letter(3, "Hissing"), "prefix 3 is no text"),
        (lambda: writer.next_letter("S", ["Hissing"]), "is no text"),
        (lambda: writer.predict("Szsz", top=1.5), "top 1.5 is no whole number"),
        (lambda: writer.predict("Szsz", top=0), "top 0 is less than 1"),
        (lambda: writer.predict(None), "None is no list of names"),
        (lambda: writer.predict({"Szsz": 1}), "is no list of names"),
        (lambda: writer.predict_proba(3), "3 is no list of names"),
        (lambda: writer.predict("Szsz", name_format="last"), "name format 'last' is unknown"),
        (lambda: writer.beliefs(3), "3, is no string"),
    ):
        with pytest.raises(CharnnError, match=message):
            call()


def test_numbers_of_numpy_are_numbers(writer):
    plain = writer.generate(count=2, seed=3, temperature=0.5, top_k=4, length=9)
    kinds = {"count": np.int64(2), "seed": np.uint8(3), "temperature": np.float32(0.5)}
    assert writer.generate(**kinds, top_k=np.int32(4), length=np.int16(9)) == plain
    assert writer.predict("Szsz", top=np.int64(2)) == writer.predict("Szsz", top=2)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "torch-rnn", "torch-gru", "torch-lstm"])
def test_every_cell_writes_and_survives_its_file(folder, tmp_path, cell):
    generator = charnn.train_generator(
        folder,
        **{**QUICK, "epochs": 1},
        cell=cell,
        layers=2,
        recurrent_dropout=0.0 if cell.startswith("torch-") else 0.2,
    )
    generator.save(tmp_path / "model.safetensors")
    again = charnn.load(tmp_path / "model.safetensors")
    assert again.generate(count=20, seed=0) == generator.generate(count=20, seed=0)
    assert again.score("Roar", "Rolling") == pytest.approx(
        generator.score("Roar", "Rolling"), abs=1e-5
    )
    assert sum(bits for _, bits in again.bits_per_letter("Roar", "Rolling")) == pytest.approx(
        -sum(log_probs_by_letter(generator, "Roar", "Rolling")) / np.log(2), abs=1e-3
    )


def test_a_folder_of_one_label_is_a_list(tmp_path):
    generator = charnn.train_generator(
        write_folder(tmp_path / "d", {"Only": tiny_names(100)["Rolling"]}), **{**QUICK, "epochs": 1}
    )
    assert generator.labels == []
    assert len(generator.generate(count=3)) == 3


def test_the_bundled_generator_writes_every_language_and_is_small():
    generator = charnn.load("generator")
    assert generator.labels == charnn.load().labels
    assert sum(tensor.numel() * 4 for tensor in generator.network.state_dict().values()) < 2_000_000
    assert all(
        name.startswith("Yı")
        for name in generator.generate(label="Turkish", prefix="Yı", count=5, seed=0)
    )
    names = generator.generate(label="Japanese", count=100, seed=0, temperature=0.8)
    assert (
        charnn.load().predict_proba(names).argmax(1) == generator.index("Japanese")
    ).mean() > 0.5
    assert generator.score("Satoshi", "Japanese") < generator.score("Satoshi", "Irish")


def test_a_label_is_compared_composed_and_without_white_space(writer, monkeypatch):
    monkeypatch.setattr(writer, "labels", ["Hissing", "Türkçe", "Vowelish"])
    for label in ("Türkçe", unicodedata.normalize("NFD", "Türkçe"), " Türkçe\t"):
        (sample,) = writer.sample(label, seed=0, count=1)
        assert sample.label == "Türkçe"
        assert writer.score("Ro", label) == writer.score("Ro", "Türkçe")


def test_the_labels_that_a_message_names_are_bounded(writer, monkeypatch):
    monkeypatch.setattr(writer, "labels", [f"label {i}" for i in range(500)])
    with pytest.raises(CharnnError, match=r"'xyz' is unknown .* and 480 more"):
        writer.index("xyz")
