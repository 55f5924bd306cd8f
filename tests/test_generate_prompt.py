"""charnn generate --interactive at a terminal: each line is how names or a text start."""

import pytest

pytest.importorskip("pty", reason="Windows has no pseudo-terminals")

from terminals import CTRL_C, CTRL_D, Session

pytestmark = pytest.mark.slow  # a process each


def test_names_are_generated_for_each_line_until_ctrl_d():
    with Session("generate", "--interactive", "--count", 3, "--seed", 0) as session:
        first = session.types("", "start: ")
        assert first.startswith("type how names start, or with a label, as Arabic: A; ")
        names = session.types("Turkish: Yı\n", "start: ").splitlines()[1:-1]
        assert len(names) == 3
        assert all(name.startswith("Yı") for name in names)
        for wrong, said in (("Ж", "prefix 'Ж' has 'Ж', not in"), ("Turkisch: A", "did you mean T")):
            error = session.types(f"{wrong}\n", "start: ").splitlines()[1]
            assert error.startswith("charnn: error: ")
            assert said in error
        assert len(session.types("\n", "start: ").splitlines()) == 1 + 3 + 1, "any start"
        assert session.ends(CTRL_D) == (0, "\n")


def test_ctrl_c_ends_it():
    with Session("generate", "--interactive") as session:
        session.types("", "start: ")
        code, rest = session.ends("Ka" + CTRL_C)
        assert code == 0
        assert "Traceback" not in rest
        assert "interrupted" not in rest


def test_with_a_beam_they_are_the_most_probable():
    with Session("generate", "--interactive", "--beam", 2, "--label", "Turkish") as session:
        session.types("", "start: ")
        lines = session.types("Öz\n", "start: ").splitlines()
        assert lines[1:-1] == ["(-5.91) Özer", "(-6.07) Özen"]


def test_ctrl_c_ends_a_long_text_and_not_the_prompt(speaker_file):
    options = ("--model", speaker_file, "--length", 1_000_000)
    with Session("generate", "--interactive", *options) as session:
        assert session.types("", "start: ").startswith("type how a text starts; an empty line")
        for _ in range(2):
            session.types("the cat\n", "the cat\nthe cat")
            assert session.types(CTRL_C, "start: ").endswith("stopped\nstart: ")
        assert session.ends(CTRL_D) == (0, "\n")


@pytest.fixture
def speaker_file(tmp_path):
    """A file of a generator of running text."""
    import charnn

    text = tmp_path / "text.txt"
    text.write_text("the cat sat on the mat.\n" * 100, encoding="utf-8")
    sizes = {"hidden": 8, "epochs": 1, "chunk": 20}
    path = tmp_path / "model.safetensors"
    charnn.train_generator(text, text=True, device="cpu", **sizes).save(path)
    return path
