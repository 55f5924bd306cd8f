"""Fixtures that several pictures' tests share."""

import pytest


@pytest.fixture(scope="session")
def generator(folder):
    """A generator of the tiny folder: two layers, and it is conditioned on the label."""
    from charnn import train_generator

    return train_generator(folder, hidden=8, layers=2, epochs=1, batch_size=32, device="cpu")
