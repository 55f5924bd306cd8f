"""A generator that several files of this folder use."""

import pytest

import charnn


@pytest.fixture(scope="session")
def speaker(tmp_path_factory):
    """A generator of running text."""
    path = tmp_path_factory.mktemp("text") / "text.txt"
    path.write_text("the cat sat on the mat.\nthe dog ate the hat.\n" * 100, encoding="utf-8")
    return charnn.train_generator(
        path,
        text=True,
        hidden=24,
        epochs=3,
        batch_size=8,
        chunk=20,
        learning_rate=0.02,
        device="cpu",
    )
