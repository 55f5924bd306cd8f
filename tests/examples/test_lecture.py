"""examples/lecture.py: the notes' program as they wrote it."""

import pytest
import torch
from helpers import load_script
from programs import EXAMPLES


@pytest.fixture(scope="module")
def lecture():
    """The program as a module."""
    return load_script(EXAMPLES / "lecture.py")


def test_it_is_short():
    lines = (EXAMPLES / "lecture.py").read_text(encoding="utf-8").splitlines()
    assert len(lines) < 100


def test_it_learns(lecture, folder):
    names = lecture.read_folder(folder)
    assert lecture.unicode_to_ascii("Ślusàrski") == "Slusarski"
    torch.manual_seed(0)
    lecture.random.seed(0)
    network = lecture.train(names, 1500, report=0)
    right = 0
    for target, label in enumerate(names):
        for name in names[label][:20]:
            hidden = torch.zeros(1, lecture.HIDDEN)
            for letter in lecture.line_to_tensor(name):
                output, hidden = network(letter, hidden)
            right += int(output.argmax()) == target
    assert right > 0.8 * 60


def test_its_memory_is_linear(lecture):
    network = lecture.RNN(3).double()
    letter = torch.zeros(1, len(lecture.LETTERS)).double()
    zero = torch.zeros(1, lecture.HIDDEN).double()
    first, second = (torch.randn(1, lecture.HIDDEN).double() for _ in range(2))
    of_first, of_second, of_both, of_none = (
        network(letter, hidden)[1] for hidden in (first, second, first + second, zero)
    )
    torch.testing.assert_close(of_both - of_none, (of_first - of_none) + (of_second - of_none))
