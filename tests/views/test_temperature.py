"""The next letter at several temperatures: what is shown is what `generate` draws from."""

import numpy as np
import pytest
from helpers import call, error_of
from scipy.special import softmax
from scipy.stats import chisquare, entropy

import charnn
from charnn import views
from charnn.drawing import as_bytes
from charnn.errors import CharnnError
from charnn.inference.sampling import narrow
from charnn.views.temperature import LIKELY, distribution_at, entropy_of


@pytest.fixture(scope="module")
def generator(folder):
    """A generator of the tiny folder that is trained well enough to prefer some letters."""
    options = {"hidden": 16, "epochs": 10, "batch_size": 32, "learning_rate": 0.02}
    return charnn.train_generator(folder, device="cpu", **options)


# ---------------------------------------------------------------- the numbers


@pytest.mark.parametrize(("value", "top_p"), [(0.5, None), (1.0, None), (2.0, None), (1.0, 0.7)])
def test_the_probabilities_are_those_that_generate_draws_from(generator, value, top_p):
    count = 4000
    names = generator.generate(
        "Rolling", "R", count, temperature=value, top_p=top_p, length=2, seed=0
    )
    log_probs = generator.next_letter("R", "Rolling")
    _, p, kept = distribution_at(log_probs, value, top_p or 1.0)
    p = np.where(kept, p, 0) / p[kept].sum()
    symbols = ["?", *generator.vocabulary.symbols]
    letters = [name[1:] or "\n" for name in names]
    drawn = np.array([letters.count(symbol) for symbol in symbols])
    assert drawn.sum() == count
    assert not drawn[~kept].any()
    # The test needs five expected draws of each symbol; the rarer ones are one group.
    often = p * count >= 5
    observed, expected = drawn[often], p[often]
    if p[~often].sum() > 0:
        observed = np.append(observed, count - observed.sum())
        expected = np.append(expected, p[~often].sum())
    assert chisquare(observed, expected * count).pvalue > 1e-4


def test_the_next_letter_is_that_of_a_score(generator):
    bits = dict(generator.bits_per_letter("Sz", "Hissing"))  # of S, z and the end
    place = generator.vocabulary.symbols.index("z") + 1
    found = generator.next_letter("S", "Hissing")[place].item()
    assert found / np.log(2) == pytest.approx(-bits["z"], abs=1e-4)


def test_an_entropy_is_shannons():
    assert entropy_of(np.full(8, 1 / 8)) == 3
    assert str(entropy_of(np.array([0.0, 1.0]))) == "0.0"


# ---------------------------------------------------------------- text and picture


def test_bars_text_and_entropy_are_the_softmax_at_each_temperature(generator):
    lines, values = [], (0.5, 1.0, 2.0)
    figure = views.temperature(generator, "S", "Hissing", values, 0.8, lines.append)
    log_probs = generator.next_letter("S", "Hissing")
    assert log_probs[0] == -np.inf
    order = np.argsort(-log_probs[1:], kind="stable") + 1
    shown = min(LIKELY, len(order))
    for axes, value in zip(figure.axes, values, strict=True):
        p = softmax(log_probs[order] / value)
        inside, outside = (np.array([bar.get_height() for bar in bars]) for bars in axes.containers)
        assert inside[:shown] + outside[:shown] == pytest.approx(p[:shown], abs=1e-6)
        assert (inside + outside).sum() == pytest.approx(1.0)
        nucleus = np.isfinite(narrow(log_probs[None], value, top_p=0.8)[0, order])
        assert ((inside[:shown] > 0) == nucleus[:shown]).all()
        fewest = int(nucleus.sum())
        assert p[:fewest].sum() >= 0.8 > p[: fewest - 1].sum()
        title = axes.get_title(loc="left")
        assert title in lines
        assert title.startswith(f"temperature {value:g}: entropy {entropy(p, base=2):.2f} bits")
    letters = generator.vocabulary.symbols
    symbols = [letters[id_ - 1].replace("\n", "end") for id_ in order.tolist()][:shown]
    ticks = [label.get_text() for label in figure.axes[-1].get_xticklabels()]
    assert ticks[:shown] == symbols
    assert [line.split()[0] for line in lines[2 : 2 + shown]] == symbols


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"label": None}, "the next letter depends on the label; choose one"),
        ({"label": "Hising"}, "did you mean Hissing"),
        ({"prefix": "9"}, "'9', not in the model's vocabulary"),
        ({"temperatures": (1.0, 0)}, "temperature 0 is out of range"),
        ({"temperatures": ()}, "give at least one"),
        ({"top_p": 0}, "top-p 0"),
    ],
)
def test_what_cannot_be_drawn_from_is_an_error(generator, options, message):
    with pytest.raises(CharnnError, match=message):
        views.temperature(generator, **{"label": "Hissing", **options})


# ---------------------------------------------------------------- from the command line


@pytest.mark.slow
def test_the_command_prints_what_the_function_prints(generator, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path, lines = tmp_path / "generator.safetensors", []
    generator.save(path)
    figure = views.temperature(generator, "Sz", "Hissing", print_line=lines.append)
    result = call("charnn.look", "temperature", "Sz", "--label", "Hissing", "--model", path)
    assert result.returncode == 0, result
    assert result.stdout.splitlines() == lines
    picture = tmp_path / "runs" / "temperature-1" / "temperature.png"
    assert picture.read_bytes() == as_bytes(figure)


def test_a_label_is_needed_where_the_generator_knows_some():
    result = call("charnn.look", "temperature", "A")
    assert "add --label, such as --label Arabic" in error_of(result)


def test_a_classifier_predicts_no_next_letter(model):
    result = call("charnn.look", "temperature", "--model", model)
    assert "is a classifier; give a generator's model file" in error_of(result)
