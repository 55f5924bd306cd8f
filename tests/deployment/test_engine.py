"""The JavaScript engine says what the models say in Python, for every kind of network."""

import math
import random
from pathlib import Path

import numpy as np
import pytest
from helpers import ROOT
from model_files import content
from random_models import LABELS, random_classifier, random_generator
from scipy.stats import chisquare
from tiny_models import KINDS

import charnn
from charnn.config import CELLS
from charnn.inference import checkpoint
from charnn.inference.nearest import nearest, training_names
from charnn.inference.sampling import narrow
from charnn.text.letters import sameness
from charnn.text.names import bundled_names
from charnn.views.gates import steps

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("scripts_warned_of")]  # a browser
TOLERANCE = 1e-4
TEXTS = ["a", "Hinton", "ğéı", "o'neal", "x" * 40, "", "?", "王", "the cat sat", " a ", "Straße"]
SHAPES = [  # of networks, beside the cell
    {"readout": "pooled"},
    {"readout": "last", "layers": 2, "embedding": 5},
    {"readout": "last", "bidirectional": False, "layers": 2, "raw": True},
    {"readout": "pooled", "bidirectional": False, "embedding": 3, "lowercase": False},
]
LOG_PROBS = "(texts) => texts.map((text) => [...model.logProba(text)])"
BITS = (
    "([text, label]) => model.bitsPerLetter(text, label).map(({ letter, bits }) => [letter, bits])"
)


def names(count):
    """That many names of the bundled data."""
    every = {
        line.strip()
        for path in (ROOT / "data" / "names").glob("*.txt")
        for line in path.read_text(encoding="utf-8").splitlines()
    }
    return random.Random(0).sample(sorted(every), count)


def close(found, expected):
    """Whether arrays of numbers agree."""
    np.testing.assert_allclose(np.array(found), expected, rtol=0, atol=TOLERANCE)


def test_four_engines_say_the_same_of_a_thousand_names(javascript):
    asked = [*names(1000), *TEXTS]
    by_torch = charnn.load(device="cpu", backend="torch")
    expected = by_torch.log_proba(asked)
    assert javascript.load(by_torch) == ""
    found = {"javascript": np.array(javascript(LOG_PROBS, asked))}
    for backend in ("numpy", "onnx"):
        found[backend] = charnn.load(backend=backend).log_proba(asked)
    for log_probs in found.values():
        close(log_probs, expected)
        assert (log_probs.argmax(1) == expected.argmax(1)).all()


def test_a_long_name(javascript):
    model = charnn.load()
    assert javascript.load(model) == ""
    draw = random.Random(1)
    asked = ["".join(draw.choices("aeioulnrstkm", k=300)) for _ in range(3)]
    close(javascript(LOG_PROBS, asked), model.log_proba(asked))


def test_the_bundled_generators_scores(javascript):
    model = charnn.load("generator", "cpu")
    assert javascript.load(model) == ""
    asked = names(10)
    close(
        javascript("(texts) => texts.map((text) => model.score(text))", asked),
        [*map(model.score, asked)],
    )
    turkish = model.labels.index("Turkish")
    found = javascript(
        "([texts, label]) => texts.map((text) => model.score(text, label))", [asked, turkish]
    )
    close(found, [model.score(name, "Turkish") for name in asked])


# ---------------------------------------------------------------- every network


@pytest.mark.parametrize("cell", CELLS)
def test_classifiers_with_every_cell(javascript, cell):
    for shape in SHAPES:
        nonlinearity = "relu" if cell.endswith("rnn") and shape.get("layers") else "tanh"
        model = random_classifier(cell=cell, nonlinearity=nonlinearity, **shape)
        assert javascript.load(model) == ""
        close(javascript(LOG_PROBS, TEXTS), model.log_proba(TEXTS))
        beliefs = javascript("(text) => model.beliefs(text).map((row) => [...row])", "Straße")
        close(beliefs, model.beliefs("Straße"))


@pytest.mark.parametrize("cell", CELLS)
def test_generators_with_every_cell(javascript, cell):
    for model in (
        random_generator(cell=cell, layers=2),
        random_generator(cell=cell, embedding=4),
        random_generator(cell=cell, labels=[]),
        random_generator(cell=cell, text=True),
        random_generator(cell=cell, ngrams=3),
        random_generator(cell=cell, text=True, ngrams=5),
    ):
        assert javascript.load(model) == ""
        label = model.labels[0] if model.labels else None
        for text in [text for text in TEXTS if text]:
            for given in {None, label}:
                expected = model.bits_per_letter(text, given)
                found = javascript(BITS, [text, None if given is None else 0])
                assert [letter for letter, _ in found] == [letter for letter, _ in expected]
                close([bits for _, bits in found], [bits for _, bits in expected])


@pytest.mark.parametrize("cell", CELLS)
def test_every_gate_at_every_letter(javascript, cell):
    for model, label in (
        (random_classifier(cell=cell, layers=2), None),
        (random_generator(cell=cell), LABELS[1]),
    ):
        assert javascript.load(model) == ""
        letters, expected, _ = steps(model, "satoshi", label)
        ids = model.vocabulary.encode(["".join(letters)])[0][0].tolist()
        found = javascript(
            """([ids, label]) => model.gates(ids, label).map(({ layer, values }) => ({
                layer,
                values: Object.entries(values).map(([name, rows]) => [name, rows.map((row) => [...row])]),
            }))""",
            [ids, None if label is None else 1],
        )
        assert [step["layer"] for step in found] == [step.layer for step in expected]
        for step, wanted in zip(found, expected, strict=True):
            values = dict(step["values"])
            assert list(values) == list(wanted.values)
            for name, rows in values.items():
                close(rows, wanted.values[name])


@pytest.mark.parametrize("kind", ["names", "words"])
def test_trained_ones_with_ngrams(javascript, folder, reviews, kind):
    model = KINDS[kind](folder, reviews)
    assert model.ngrams is not None
    assert javascript.load(model) == ""
    texts = [
        *TEXTS,
        "Aoie",
        "Sshsz",
        "a lovely, dull story — fine",
        "x" * 200,
        "<br />the the plot",
    ]
    close(javascript(LOG_PROBS, texts), model.log_proba(texts))
    if kind == "names":  # as after many names
        javascript("() => model.ngrams.weighed().added.length")
        close(javascript(LOG_PROBS, texts), model.log_proba(texts))


DOUBTS = "(texts) => texts.map((text) => Object.values(model.doubts(text)))"
ODD = [
    "John Smith",
    "van der Berg",
    "Smith, John",
    "Çelik-Öz",
    "xxqzzwkkvjq",
    "qqqqqqqqqqqqqqqq",
    "王小明",
    "Şükrü🙂!",
    "a\u00a0b",
    "Zzyzx",
    "aeioux" * 9,
    "Wolfeschlegelsteinhausenbergerdorff",
    " , ",
    "x y z",
]


def test_what_speaks_against_an_answer(javascript):
    model = charnn.load(device="cpu")
    assert javascript.load(model) == ""
    draw = random.Random(2)
    letters = "abcdefghijklmnopqrstuvwxyz '-"
    strange = ["".join(draw.choices(letters, k=draw.randrange(3, 16))) for _ in range(300)]
    asked = [*names(300), *TEXTS, *ODD, *strange]
    expected = [list(doubts) for doubts in model.doubts(asked)]
    assert javascript(DOUBTS, asked) == expected
    assert sum(unlike for _, unlike, _ in expected) > 20
    assert sum(several for *_, several in expected) > 20
    assert usual_bits(javascript, model) == pytest.approx(model.counted.usual_bits, abs=1e-6)


def usual_bits(javascript, model):
    """The mean bits of a letter of the training names."""
    nats = -javascript("() => model.ngrams.logLikelihoodOfAll()")
    return nats / math.log(2) / (model.ngrams.letters + model.ngrams.names).sum()


@pytest.mark.parametrize("kind", ["names", "words", "torchs_cells"])
def test_what_speaks_against_the_answers_of_every_kind(javascript, folder, reviews, kind):
    model = KINDS[kind](folder, reviews)
    assert javascript.load(model) == ""
    asked = [*TEXTS, *ODD, "a lovely, dull story — filmography", "the the"]
    assert javascript(DOUBTS, asked) == [list(doubts) for doubts in model.doubts(asked)]
    if kind == "names":
        assert usual_bits(javascript, model) == pytest.approx(model.counted.usual_bits, abs=1e-6)


def test_what_each_letter_adds(javascript, folder, reviews):
    occlusion = "(text) => model.occlusion(text).map((row) => [...row])"
    for model in (
        charnn.load(device="cpu"),
        KINDS["names"](folder, reviews),
        KINDS["words"](folder, reviews),
        random_classifier(cell="lstm", readout="pooled"),
    ):
        assert javascript.load(model) == ""
        for text in ("Hinton", "Škvorecký", "a lovely, dull story", "a", "?", "王!", "--x--"):
            found = javascript(occlusion, text)
            close(np.reshape(found, (-1, len(model.labels))), model.occlusion(text))


@pytest.mark.parametrize("keep", ["first", "last", "both-ends"])
def test_which_words_of_a_long_text_are_read(javascript, reviews, keep):
    with pytest.warns(UserWarning, match="texts in the training set have more than 5 words"):
        model = charnn.train_classifier(
            reviews, tokens="words", keep=keep, max_length=5, hidden=4, epochs=1, device="cpu"
        )
    assert javascript.load(model) == ""
    draw = random.Random(0)
    words = [
        "a",
        "film;",
        "the-story",
        "plot?",
        "fine",
        "don't",
        "'tis\nx–y",
        "<br>",
        "…",
        "zzz",
        "filmographies",
        "İt",
    ]
    texts = [" ".join(draw.choices(words, k=draw.randrange(12))) for _ in range(100)]
    found = javascript("(texts) => texts.map((text) => model.read(text))", texts)
    assert found == [list(read) for read in model.read(texts)]
    close(javascript(LOG_PROBS, texts), model.log_proba(texts))


def test_the_nearest_training_names(javascript):
    model, data = charnn.load(), bundled_names()
    assert javascript.load(model) == ""
    known = training_names(data, model.fingerprints["train"])
    lists = [
        [path.stem, path.read_text(encoding="utf-8").splitlines()] for path in data.glob("*.txt")
    ]
    asked = ["Hinton", "Satoshi", "Straße", "x", "Škvorecký", *names(10)]
    found = javascript(
        """([lists, texts]) => {
            const training = new near.TrainingNames(model, lists);
            return texts.map((text) => training.nearest(text, 3));
        }""",
        [lists, asked],
    )
    pairs = zip(known.names, known.targets, strict=True)
    trained = {(sameness(name, False), known.labels[target]) for name, target in pairs}
    for rows, best in zip(found, nearest(asked, known), strict=True):
        assert rows[0]["distance"] == best.distance
        assert [row["distance"] for row in rows] == sorted(row["distance"] for row in rows)
        assert all((sameness(row["name"], False), row["label"]) in trained for row in rows)


# ---------------------------------------------------------------- writing


def test_the_same_seed_writes_the_same_and_another_seed_something_else(javascript):
    assert javascript.load(random_generator()) == ""
    write = "(seeds) => seeds.map((seed) => model.write({ label: 1, prefix: 'a', seed }).text)"
    one, again, other = javascript(write, [7, 7, 8])
    assert one == again != other
    assert one[0] == other[0] == "a"


def test_temperature_0_writes_what_python_writes(javascript):
    model = charnn.load("generator", "cpu")
    assert javascript.load(model) == ""
    write = "([label, prefix]) => model.write({ label, prefix, temperature: 0 })"
    for label, prefix in (("Turkish", "Yı"), ("Polish", ""), ("Irish", "O'")):
        (expected,) = model.sample(label, prefix, temperature=0)
        found = javascript(write, [model.labels.index(label), prefix])
        assert (found["text"], found["label"]) == (expected.text, label)
        assert found["bitsPerChar"] == pytest.approx(expected.bits_per_char, abs=TOLERANCE)


def test_what_letters_are_drawn_from(javascript):
    draw = np.random.default_rng(0)
    for temperature, top_k, top_p in (
        (1, None, None),
        (0.5, 3, None),
        (2, None, 0.6),
        (1, 4, 0.7),
        (1, 99, 1),
        (0, None, None),
        (1e-320, None, None),
        (1, None, 5e-324),
    ):
        row = np.log(draw.dirichlet(np.ones(9)))
        row[0] = -np.inf  # the unknown symbol
        expected = np.exp(narrow(row[None], temperature, top_k, top_p)[0])
        found = javascript(
            """([row, ...options]) =>
                [...sampling.narrow([-Infinity, ...row], ...options)].map(Math.exp)""",
            [row[1:].tolist(), temperature, top_k, top_p],
        )
        close(np.array(found) / sum(found), expected / expected.sum())


@pytest.mark.parametrize(
    "options", [{}, {"temperature": 0.5}, {"temperature": 1.6, "topP": 0.8}, {"topK": 3}]
)
def test_what_could_come_next(javascript, options):
    model = charnn.load("generator", "cpu")
    assert javascript.load(model) == ""
    for label, prefix in (("Turkish", "Yı"), ("Polish", "")):
        log_probs = model.next_letter(prefix, label)
        named = {"topK": "top_k", "topP": "top_p"}
        asked = {named.get(name, name): value for name, value in options.items()}
        powers = np.exp(narrow(log_probs[None], **asked)[0])
        expected = powers / powers.sum()
        found = javascript(
            "(options) => model.nextLetters(options)",
            {**options, "label": model.labels.index(label), "prefix": prefix},
        )
        rows = [(row["letter"], row["probability"]) for row in found]
        probabilities = [probability for _, probability in rows]
        assert probabilities == sorted(probabilities, reverse=True)
        assert len(rows) == (expected > 0).sum()
        places = [model.vocabulary.symbols.index(letter) + 1 for letter, _ in rows]
        close(probabilities, expected[places])


def test_a_name_is_written_letter_by_letter(javascript):
    model = charnn.load("generator", "cpu")
    assert javascript.load(model) == ""
    label = model.labels.index("Czech")
    whole, label_first, letters = javascript(
        """(label) => {
            const options = { label, prefix: "No", seed: 3 };
            const { label: chosen, letters } = model.writing(options);
            return [model.write(options), chosen, [...letters]];
        }""",
        label,
    )
    assert label_first == label
    assert whole["letters"] == letters
    assert [row["given"] for row in letters] == [True, True, *[False] * (len(letters) - 2)]
    assert "".join(row["letter"] for row in letters) == whole["text"] + "\n"
    expected = [bits for _, bits in model.bits_per_letter(whole["text"], "Czech")]
    close([row["bits"] for row in letters], expected)
    assert whole["bitsPerChar"] == pytest.approx(np.mean(expected[2:]), abs=TOLERANCE)


def test_running_text_is_written_letter_by_letter(javascript):
    model = random_generator(text=True)
    assert javascript.load(model) == ""
    letters = javascript("() => [...model.writing({ length: 30, seed: 1 }).letters]")
    assert len(letters) == 30
    text = "".join(row["letter"] for row in letters)
    close([row["bits"] for row in letters], [bits for _, bits in model.bits_per_letter(text)])
    assert javascript("() => model.write({ length: 30, seed: 1 }).text") == text


def test_letters_are_drawn_by_their_probabilities(javascript):
    model = random_generator()
    assert javascript.load(model) == ""
    count = 4000
    write = """([count, length]) => Array.from({ length: count }, (_, seed) =>
        model.write({ label: 2, length, seed }).text)"""
    found = javascript(write, [count, 1])
    log_probs = model.next_letter(label=LABELS[2])[1:]
    letters = ["" if letter == "\n" else letter for letter in model.vocabulary.symbols]
    expected = np.exp(log_probs) / np.exp(log_probs).sum() * count
    assert (expected > 5).all()  # as the test of chi-square needs
    _, p = chisquare([found.count(letter) for letter in letters], expected)
    assert p > 0.001


def test_a_label_is_drawn_by_its_share(javascript):
    model = random_generator()
    assert javascript.load(model) == ""
    write = """(count) => Array.from({ length: count }, (_, seed) =>
        model.write({ length: 1, seed: 7919 * seed }).label)"""
    found = javascript(write, 3000)
    expected = np.exp(model.log_prior()) * len(found)
    _, p = chisquare([found.count(label) for label in LABELS], expected)
    assert p > 0.001


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("model.write({ prefix: 'aß王' })", "The model does not know ß 王; leave it out."),
        (
            "model.score('x'.repeat(10001))",
            "This text is too long: up to 10,000 characters are read.",
        ),
        ("model.write({ label: 'Red' })", '"Red" is no label\'s place; there are 3 labels.'),
        ("model.score('a', 3)", "3 is no label's place; there are 3 labels."),
        ("model.write({ temperature: -1 })", "The temperature -1 is no number from 0 on."),
        ("model.write({ topK: 0 })", "top-k 0 is less than 1."),
        ("model.write({ topP: 5 })", "top-p 5 is not above 0 and up to 1."),
        ("model.score(5)", "5 is no text."),
        ("model.nextLetters()", "The next letter depends on the label; choose one of the labels."),
        ("model.nextLetters({ label: 0, topK: 0.5 })", "top-k 0.5 is less than 1."),
    ],
)
def test_what_is_wrong_is_said_in_words(javascript, call, message):
    assert javascript.load(random_generator()) == ""
    said = f"() => {{ try {{ {call}; }} catch (error) {{ return error.message; }} }}"
    assert javascript(said) == message


def test_an_empty_text_has_nothing_to_score(javascript):
    assert javascript.load(random_generator(text=True)) == ""
    said = "() => { try { model.score(''); } catch (error) { return error.message; } }"
    assert javascript(said) == "An empty text has no letter to score."


# ---------------------------------------------------------------- damaged files


def damaged_files(model, tmp_path):
    """Model files that are not whole or not right, each with what is said of it."""
    good = model.read_bytes()
    size = int.from_bytes(good[:8], "little")

    def changed(tensors=None, **about):
        arrays, described = content(model)
        arrays.update(tensors or {})
        path = tmp_path / "changed"
        checkpoint.save(
            path,
            {name: array for name, array in arrays.items() if array is not None},
            {**described, **about},
        )
        return path.read_bytes()

    bias = content(model)[0]["readout.linear.bias"]
    yield b"", "is not whole"
    yield good[:5], "is not whole"
    yield good[:100], "is not whole"
    yield good[:-4], "is not whole"
    yield good + b"\0", "is not whole"
    yield b"\xff" * 8 + good[8:], "is not whole"
    yield good[:8] + b"[" + good[9:], "header cannot be read"
    yield (2).to_bytes(8, "little") + b"[]", "is no list of tensors"
    yield (2).to_bytes(8, "little") + b"{}", "no description"
    yield good[: 8 + size] + good[8 + size :][::-1], "its digest is not that"
    yield good.replace(b'\\"hidden\\":16', b'\\"hidden\\":17', 1), "its digest is not that"
    yield good.replace(b'\\"format\\":4', b'\\"format\\":9', 1), "of format 9"
    yield changed({"readout.linear.bias": None}), "readout.linear.bias nothing, expected (3) F32"
    yield changed({"readout.linear.bias": bias[:2]}), "readout.linear.bias (2) F32, expected (3)"
    yield changed({"readout.linear.bias": bias.astype(float)}), "(3) F64, expected (3) F32"
    yield changed({"readout.linear.bias": bias * math.nan}), "is not finite"
    yield changed({"ngrams.counts": None}), "ngrams.counts nothing"
    yield changed(task="dance"), "of the task dance"
    yield changed(counts=[1]), "lacks its"
    yield changed(symbols=5), "lacks its"
    yield changed(labels=[1, 2, 3]), "lacks its"
    yield changed(config={**content(model)[1]["config"], "cell": "magic"}), "the cell magic"
    yield changed(config={**content(model)[1]["config"], "layers": 0}), "lacks its"
    yield changed(config={**content(model)[1]["config"], "hidden": 10**9}), "expected (3000000000,"


def test_a_damaged_file_is_refused_in_words(javascript, model, tmp_path):
    for damaged, message in damaged_files(model, tmp_path):
        said = javascript.load(damaged)
        assert said.startswith("Error: The model file "), (said, message)
        assert message in said, (said, message)


def test_a_changed_byte_is_found(javascript, model):
    good, draw = model.read_bytes(), random.Random(0)
    header = 8 + int.from_bytes(good[:8], "little")
    for number in range(60):
        place = draw.randrange(header if number % 2 else len(good))
        damaged = bytearray(good)
        damaged[place] ^= 1 << draw.randrange(8)
        assert javascript.load(bytes(damaged)).startswith("Error: The model file "), place


def test_a_file_of_an_older_format_is_read(javascript):
    path = Path(__file__).parents[1] / "inference" / "format2.safetensors"
    with pytest.warns(UserWarning, match="format 2"):
        model = charnn.load(path, "cpu")
    assert javascript.load(path.read_bytes()) == ""
    close(javascript(LOG_PROBS, TEXTS), model.log_proba(TEXTS))
