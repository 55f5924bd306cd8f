"""Copies of test names in the training set: counted by hand, and the spread of random splits."""

from collections import defaultdict

import numpy as np
import pytest
from helpers import call, error_of, tiny_names, write_folder

from charnn import views
from charnn.data import Names, read_folder, split
from charnn.drawing import as_bytes
from charnn.errors import CharnnError
from charnn.text.letters import spelling
from charnn.views.splits import copies, mean_and_deviation, split_at_random

IGNORE_REPEATS = pytest.mark.filterwarnings("ignore:.*(spelling|repeat a spelling):UserWarning")


def copies_by_hand(train, test):
    """(same label, other labels only, all) of each label and of all."""
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
    """A folder in which names occur twice under a label or under two, spelt in several ways."""
    names = tiny_names(40)
    first, second, third = names
    names[first] += [name.upper() for name in names[first][:30]]
    names[second] += names[third][:20]
    return write_folder(tmp_path / "repeated", names)


def test_copies_of_three_names_by_hand():
    data = Names(["Ab", "ab", "AB"], np.array([0, 0, 1]), ["x", "y"])
    train, test = data.select(np.array([0])), data.select(np.array([1, 2]))
    assert copies(train, test).tolist() == [[1, 0, 1], [0, 1, 1], [1, 1, 2]]


@IGNORE_REPEATS
def test_copies_are_counted_by_spelling(repeated):
    data = read_folder(repeated)
    for seed in range(5):
        train, test = split_at_random(data, seed)
        sizes = int(0.8 * len(data)), len(data) - int(0.9 * len(data))
        assert (len(train), len(test)) == sizes
        assert copies(train, test).tolist() == copies_by_hand(train, test).tolist()
    sets = split(data)
    train, test = sets["train"], sets["test"]
    assert copies(train, test).tolist() == copies_by_hand(train, test).tolist()
    assert copies(train, test)[-1].tolist() == [0, 0, len(test)]


@IGNORE_REPEATS
def test_a_random_split_is_shown_with_its_spread(repeated):
    lines, data = [], read_folder(repeated)
    figure = views.splits(repeated, lines.append, seeds=6)
    counts = np.array([copies_by_hand(*split_at_random(data, seed))[-1] for seed in range(6)])
    same, other = (100 * counts[:, kind] / counts[:, 2] for kind in (0, 1))
    row = next(line for line in lines if line.startswith("all labels"))
    expected = []
    for shares in (same, other):
        expected += [f"{shares.mean():.1f}", "±", f"{shares.std(ddof=1):.1f}%"]
    assert row.split()[2:] == [*expected, "0.0%"]
    sums = same + other
    title = figure.get_suptitle()
    assert f"{sums.mean():.1f} ± {sums.std(ddof=1):.1f}% of the test lines" in title
    assert title.endswith("split by spelling, 0.0%")
    pairs = zip(*figure.axes[0].containers[:2], strict=True)
    widths = [left.get_width() + right.get_width() for left, right in pairs]
    assert widths == sorted(widths, reverse=True)
    assert widths[0] > 0


def test_a_label_that_few_splits_test_has_no_spread():
    first = [[1, 0, 2], [0, 0, 0], [1, 0, 2]]  # this split tests no line of the second label
    second = [[0, 1, 4], [1, 0, 1], [1, 1, 5]]
    means, deviations = mean_and_deviation(np.array([first, second]))
    expected = [[0.25, 0.125, 0.375], [1, 0, 1], [0.35, 0.1, 0.45]]
    assert means == pytest.approx(np.array(expected))
    assert np.isnan(deviations[1]).all()
    assert np.isfinite(deviations[[0, 2]]).all()


def test_one_split_has_no_spread(folder):
    with pytest.raises(CharnnError, match="1 random split has no standard deviation"):
        views.splits(folder, seeds=1)


def test_the_command_prints_what_the_function_prints(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = []
    figure = views.splits(folder, lines.append)
    result = call("charnn.look", "splits", "--data", folder)
    assert result.returncode == 0, result
    assert result.stdout.splitlines() == lines
    path = tmp_path / "runs" / "splits-1" / "splits.png"
    assert path.read_bytes() == as_bytes(figure)


def test_a_folder_that_is_not_there_is_one_clear_line():
    result = call("charnn.look", "splits", "--data", "nowhere")
    assert "nowhere does not exist" in error_of(result)
