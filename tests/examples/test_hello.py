"""examples/hello.py."""

from helpers import load_script
from programs import EXAMPLES


def test_a_network_learns_to_spell_hello():
    hello = load_script(EXAMPLES / "hello.py")
    assert hello.spell(*hello.train(hello.WORD, hello.STEPS, report=0), "h", 4) == "hello"
    assert hello.spell(*hello.train("banana", 300, report=0), "b", 5) == "banana"
