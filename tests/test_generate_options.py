"""Which options of charnn.generate go together, before any model is read."""

import pytest

from charnn.errors import CharnnError
from charnn.generate_options import parse


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("--beam 5 --temperature 0.5", "--beam searches and draws nothing; leave --temperature ou"),
        ("--beam 5 --top-k 3 --top-p 0.5", "draws nothing; leave --top-k, --top-p out"),
        ("--beam 5 --seed 0", "--beam searches and draws nothing; leave --seed out"),
        ("--prefix-file a.txt --prefix A", "--prefix-file holds the prefixes; leave --prefix out"),
        ("--prefix-file a.txt --interactive", "holds the prefixes; leave --interactive out"),
        ("--interactive --prefix A", "--interactive asks for the prefixes; leave --prefix out"),
        ("--interactive", "standard input is none; give --prefix-file FILE"),
        ("--score A --beam 5", "--score generates nothing; leave --beam out"),
        ("--score A --prefix-file a.txt --interactive", "leave --prefix-file, --interactive out"),
    ],
)
def test_what_does_not_go_together_is_said(given, message):
    with pytest.raises(CharnnError) as error:
        parse(given.split())
    assert message in str(error.value)


def test_what_goes_together():
    found = parse(["--beam", "20", "--count", "5", "--label", "Turkish", "--novel", "--json"])
    assert (found.beam, found.count, found.label) == (20, 5, "Turkish")
    found = parse(["--prefix-file", "a.txt", "--seed", "1", "--top-k", "3", "--count", "2"])
    assert (found.prefix_file, found.count) == ("a.txt", 2)
