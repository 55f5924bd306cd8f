"""Before and after a network: what is drawn and said is what charnn does with letters, batches, splits and sampling."""

from collections import defaultdict

import numpy as np
import pytest
import torch
from helpers import call, error_of, tiny_names, write_folder
from scipy.stats import chisquare, entropy

import charnn
from charnn import lessons
from charnn.config import Config, configure
from charnn.data import Names, read_folder, split
from charnn.drawing import as_bytes
from charnn.errors import CharnnError
from charnn.inference.classifier import Classifier
from charnn.inference.sampling import narrow
from charnn.model import build_network
from charnn.text.letters import spelling
from charnn.text.vocabulary import Vocabulary
from charnn.text.words import Words
from charnn.training.parts import encoder
from charnn.training.tasks import Classify


@pytest.fixture(scope="module")
def writer(folder):
    """A generator of the tiny folder, which knows its labels."""
    return charnn.train_generator(folder, hidden=16, epochs=10, batch_size=32, learning_rate=0.02, device="cpu")


def untrained(vocabulary, **options):
    """A classifier whose answers are of no use."""
    config = configure(hidden=4, ngrams=0, **options)
    return Classifier(build_network(config, len(vocabulary), 2), vocabulary, ["a", "b"], config, [1, 1], {})


def ticks(axes):
    """The names at the rows and at the columns of a picture."""
    return [[label.get_text() for label in labels] for labels in (axes.get_yticklabels(), axes.get_xticklabels())]


# ---------------------------------------------------------------- letters


def test_each_letter_is_one_at_its_id():
    said, model = [], untrained(Vocabulary(" 'ilsx"))
    figure = lessons.letters(model, "Şişli?", said.append)
    axes, = figure.axes
    assert axes.images[0].get_array().tolist() == np.eye(7, dtype=int)[[5, 3, 5, 4, 3, 0]].tolist()
    assert ticks(axes) == [["s  (5)", "i  (3)", "s  (5)", "l  (4)", "i  (3)", "?  (0)"],
                           ["unknown", "␣", "'", "i", "l", "s", "x"]]
    assert figure.get_suptitle() == said[0] == "'Şişli?' is read as \"sisli?\""
    assert said[1:3] == ["6 letters; each becomes 7 numbers: 1 at its id, 0 elsewhere", "s  id 5  0000010"]
    assert said[-1] == "?  id 0  1000000  (unknown)"


def test_of_many_symbols_those_of_the_name_are_shown():
    model = untrained(Vocabulary("".join(map(chr, range(0x4E00, 0x4E80)))), raw=True)
    said = []
    axes, = lessons.letters(model, "一丁一$", said.append).axes
    assert axes.images[0].get_array().tolist() == [[0, 1, 0], [0, 0, 1], [0, 1, 0], [1, 0, 0]]
    assert ticks(axes)[1] == ["unknown", "U+4E00", "U+4E01"]  # the font has no Han: code points, and no warning
    assert "126 others, 0 in every row, are left out" in axes.get_xlabel()
    assert said[2] == "一  id   1"


def test_every_row_of_a_long_name_of_many_symbols_has_its_one():
    letters = "".join(map(chr, range(0x4E00, 0x4E80)))
    axes, = lessons.letters(untrained(Vocabulary(letters), raw=True, max_length=200), letters[::-1]).axes
    assert axes.images[0].get_array().sum(1).tolist() == [1] * lessons.READ
    with pytest.raises(CharnnError, match="has 10,001 characters"):
        lessons.letters(untrained(Vocabulary("a")), "a" * 10_001)


def test_words_are_one_hot_too():
    said, model = [], untrained(Words(["a", "film", "…ful"]), tokens="words")
    axes, = lessons.letters(model, "A wonderful film", said.append).axes
    assert axes.images[0].get_array().tolist() == [[0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]]
    assert said == ["'A wonderful film' is read as \"a wonderful film\"",
                    "3 words; each becomes 4 numbers: 1 at its id, 0 elsewhere",
                    "        a  id 1  0100", "wonderful  id 3  0001  (…ful)", "     film  id 2  0010"]


def test_a_generator_reads_a_newline_first(writer):
    axes, = lessons.letters(writer, "Ro").axes
    assert [row[0] for row in ticks(axes)[0]] == ["⏎", "R", "o"]
    assert lessons.letters(writer, "").axes[0].images[0].get_array().shape[0] == 1


@pytest.mark.parametrize("name", ["", "$x^2_$", "\x07\n", "a" * 9000, "🙂"])
def test_any_name_can_be_drawn(name):
    said = []
    figure = lessons.letters(untrained(Vocabulary("$^ax")), name, said.append)
    assert as_bytes(figure).startswith(b"\x89PNG")
    assert figure.axes[0].images[0].get_array().shape[0] == min(max(len(name.strip()), 1), lessons.READ)
    assert all(line.isprintable() for line in said)


# ---------------------------------------------------------------- batches


def test_padding_is_counted_in_the_batches_that_training_makes(folder):
    config, said = Config(batch_size=16), []
    parts = split(read_folder(folder))
    vocabulary, normalise = encoder(parts, config)
    task = Classify(parts["train"], parts["validation"], vocabulary, normalise, config)
    epoch = list(task.training_batches(torch.Generator().manual_seed(0)))
    zeros = sum(int((batch.ids == 0).sum()) for batch in epoch)  # no letter of the training part is unknown
    everything = sum(batch.ids.numel() for batch in epoch)
    assert lessons.padding_of(epoch) == (everything - zeros, zeros)
    figure = lessons.batches(folder, said.append, batch_size=16)
    assert said[0] == f"{len(parts['train'])} names of the training part in batches of 16"
    (_, letters, padding, share), = (line.rsplit(maxsplit=3) for line in said if line.startswith("in buckets"))
    assert (int(letters), int(padding), share) == (everything - zeros, zeros, f"{zeros / everything:.1%}")
    before = next(line.rsplit(maxsplit=3) for line in said if line.startswith("as they come"))
    assert int(before[1]) == int(letters) == sum(map(len, map(normalise, parts["train"].names)))
    assert int(before[2]) > int(padding)
    assert [axes.get_title().split("\n")[1].split()[0] for axes in figure.axes] == [before[3], share]


def test_one_name_per_batch_has_no_padding(folder):
    said = []
    lessons.batches(folder, said.append, batch_size=1)
    assert [line.split()[-2:] for line in said[2:]] == [["0", "0.0%"]] * 2


# ---------------------------------------------------------------- splits


def copied(train, test):
    """By hand, (same label, other labels alone, all) of each label and of all."""
    labels_of = defaultdict(set)
    for name, target in zip(train.names, train.targets.tolist(), strict=True):
        labels_of[spelling(name)].add(target)
    counts = np.zeros((len(test.labels) + 1, 3), dtype=int)
    for name, target in zip(test.names, test.targets.tolist(), strict=True):
        found = labels_of[spelling(name)]
        counts[[target, -1]] += [target in found, bool(found) and target not in found, 1]
    return counts


@pytest.fixture
def repeated(tmp_path):
    """A folder in which names stand twice under a label, or under two, in several ways to write them."""
    names = tiny_names(40)
    first, second, third = names
    names[first] += [name.upper() for name in names[first][:30]]
    names[second] += names[third][:20]
    return write_folder(tmp_path / "repeated", names)


@pytest.mark.filterwarnings("ignore:.*(spelling|repeat a spelling):UserWarning")
def test_copies_are_counted_by_spelling(repeated):
    data = read_folder(repeated)
    for seed in range(5):
        train, test = lessons._at_random(data, seed)
        assert (len(train), len(test)) == (int(0.8 * len(data)), len(data) - int(0.9 * len(data)))
        assert lessons.copies(train, test).tolist() == copied(train, test).tolist()
    parts = split(data)
    assert lessons.copies(parts["train"], parts["test"]).tolist() == copied(parts["train"], parts["test"]).tolist()
    assert lessons.copies(parts["train"], parts["test"])[-1].tolist() == [0, 0, len(parts["test"])]


@pytest.mark.filterwarnings("ignore:.*(spelling|repeat a spelling):UserWarning")
def test_a_random_split_is_shown_with_its_spread(repeated):
    said, data = [], read_folder(repeated)
    figure = lessons.splits(repeated, said.append, seeds=6)
    counts = np.array([copied(*lessons._at_random(data, seed))[-1] for seed in range(6)])
    same, other = (100 * counts[:, kind] / counts[:, 2] for kind in (0, 1))
    row = next(line for line in said if line.startswith("all labels"))
    assert row.split()[2:] == [part for shares in (same, other) for part in
                               (f"{shares.mean():.1f}", "±", f"{shares.std(ddof=1):.1f}%")] + ["0.0%"]
    sums = same + other
    assert f"{sums.mean():.1f} ± {sums.std(ddof=1):.1f}% of the test lines" in figure.get_suptitle()
    assert figure.get_suptitle().endswith("split by spelling, 0.0%")
    widths = [left.get_width() + right.get_width() for left, right in zip(*figure.axes[0].containers[:2], strict=True)]
    assert widths == sorted(widths, reverse=True)
    assert widths[0] > 0


def test_a_label_that_few_splits_test_has_no_spread():
    drawn = np.array([[[1, 0, 2], [0, 0, 0], [1, 0, 2]], [[0, 1, 4], [1, 0, 1], [1, 1, 5]]])
    means, deviations = lessons._mean_and_deviation(drawn)
    assert means.tolist() == pytest.approx(np.array([[0.25, 0.125, 0.375], [1, 0, 1], [0.35, 0.1, 0.45]]))
    assert np.isnan(deviations[1]).all()
    assert np.isfinite(deviations[[0, 2]]).all()


def test_one_split_has_no_spread(folder):
    with pytest.raises(CharnnError, match="1 random split has no standard deviation"):
        lessons.splits(folder, seeds=1)


# ---------------------------------------------------------------- temperature


@pytest.mark.parametrize(("value", "top_p"), [(0.5, None), (1.0, None), (2.0, None), (1.0, 0.7)])
def test_the_probabilities_are_those_that_generate_draws_from(writer, value, top_p):
    names = writer.generate("Rolling", "R", 4000, temperature=value, top_p=top_p, length=2, seed=0)
    p, kept = lessons._drawn_from(writer.next_letter("R", "Rolling"), value, top_p or 1.0)
    p = np.where(kept, p, 0) / p[kept].sum()
    symbols = ["?", *writer.vocabulary.symbols]
    drawn = np.array([sum((name[1:] or "\n") == symbol for name in names) for symbol in symbols])
    assert drawn.sum() == 4000
    assert not drawn[~kept].any()
    often = p * 4000 >= 5
    rest = [4000 - drawn[often].sum()], [4000 * p[~often].sum()]
    if rest[1][0] > 0:
        assert chisquare(np.append(drawn[often], rest[0]), np.append(p[often], p[~often].sum()) * 4000).pvalue > 1e-4
    else:
        assert chisquare(drawn[often], p[often] * 4000).pvalue > 1e-4


def test_bars_text_and_entropy_are_the_softmax_at_each_temperature(writer):
    said = []
    figure = lessons.temperature(writer, "S", "Hissing", (0.5, 1.0, 2.0), 0.8, said.append)
    log_probs = writer.next_letter("S", "Hissing")
    assert log_probs[0] == -torch.inf
    order = log_probs[1:].argsort(descending=True, stable=True) + 1
    shown = min(lessons.LIKELY, len(order))
    for axes, value in zip(figure.axes, (0.5, 1.0, 2.0), strict=True):
        p = (log_probs[order] / value).softmax(0).numpy()
        inside, outside = (np.array([bar.get_height() for bar in bars]) for bars in axes.containers)
        assert inside[:shown] + outside[:shown] == pytest.approx(p[:shown], abs=1e-6)
        assert (inside + outside).sum() == pytest.approx(1.0)
        nucleus = narrow(log_probs[None], value, top_p=0.8)[0, order].isfinite().numpy()
        assert ((inside[:shown] > 0) == nucleus[:shown]).all()
        fewest = int(nucleus.sum())
        assert p[:fewest].sum() >= 0.8 > p[:fewest - 1].sum()
        assert axes.get_title(loc="left") in said
        assert axes.get_title(loc="left").startswith(f"temperature {value:g}: entropy {entropy(p, base=2):.2f} bits")
    symbols = [writer.vocabulary.symbols[id_ - 1].replace("\n", "end") for id_ in order.tolist()]
    assert ticks(figure.axes[-1])[1][:shown] == symbols[:shown]
    assert [line.split()[0] for line in said[2:2 + shown]] == symbols[:shown]


def test_the_next_letter_is_that_of_a_score(writer):
    bits = dict(writer.letters("Sz", "Hissing"))  # of S, z and the end
    place = writer.vocabulary.symbols.index("z") + 1
    assert writer.next_letter("S", "Hissing")[place].item() / np.log(2) == pytest.approx(-bits["z"], abs=1e-4)


def test_an_entropy_is_shannons():
    assert lessons.entropy_of(np.full(8, 1 / 8)) == 3
    assert str(lessons.entropy_of(np.array([0.0, 1.0]))) == "0.0"


@pytest.mark.parametrize(("options", "message"), [
    ({"label": None}, "each label goes on with letters of its own; add --label, such as --label Hissing"),
    ({"label": "Hising"}, "did you mean Hissing"),
    ({"prefix": "9"}, "'9', which the model has never read"),
    ({"temperatures": (1.0, 0)}, "temperature 0 is out of range"),
    ({"temperatures": ()}, "give at least one"),
    ({"top_p": 0}, "top-p 0"),
])
def test_what_cannot_be_drawn_from_is_an_error(writer, options, message):
    with pytest.raises(CharnnError, match=message):
        lessons.temperature(writer, **{"label": "Hissing", **options})


# ---------------------------------------------------------------- from the command line


def test_the_commands_say_what_the_functions_say(model, writer, folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path, said = tmp_path / "writer.safetensors", []
    writer.save(path)
    for arguments, show in [
            (("letters", "Arra", "--model", model), lambda: lessons.letters(charnn.load(model), "Arra", said.append)),
            (("batches", "--data", folder, "--batch-size", 8), lambda: lessons.batches(folder, said.append, 8)),
            (("splits", "--data", folder), lambda: lessons.splits(folder, said.append)),
            (("temperature", "Sz", "--label", "Hissing", "--model", path),
             lambda: lessons.temperature(writer, "Sz", "Hissing", say=said.append))]:
        said.clear()
        assert as_bytes(show()).startswith(b"\x89PNG")
        result = call("charnn.look", *arguments)
        assert result.returncode == 0, result
        assert result.stdout.splitlines() == said
        assert (tmp_path / "runs" / f"{arguments[0]}-1" / f"{arguments[0]}.png").exists()


@pytest.mark.parametrize(("arguments", "message"), [
    (("letters",), "the following arguments are required: NAME"),
    (("batches", "--batch-size", 0), "--batch-size 0 is out of range"),
    (("batches", "--data", "nowhere"), "nowhere does not exist"),
    (("splits", "--data", "nowhere"), "nowhere does not exist"),
    (("temperature", "A"), "add --label, such as --label Arabic"),
])
def test_what_cannot_be_shown_is_one_clear_line(arguments, message):
    assert message in error_of(call("charnn.look", *arguments))


def test_a_classifier_writes_no_next_letter(model):
    result = call("charnn.look", "temperature", "--model", model)
    assert "is a classifier; give a generator's model file" in error_of(result)


def test_names_are_kept_as_they_stand():
    data = Names(["Ab", "ab", "AB"], np.array([0, 0, 1]), ["x", "y"])
    train, test = data.select(np.array([0])), data.select(np.array([1, 2]))
    assert lessons.copies(train, test).tolist() == [[1, 0, 1], [0, 1, 1], [1, 1, 2]]
