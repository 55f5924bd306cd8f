"""10,000 changed model files: each is refused in one line, or is a model with finite answers."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest
from mutations import SECONDS, run_campaign
from tiny_models import KINDS

EACH = 2500  # mutations of a model


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind", ["names", "words", "name_generator", "text_generator", "word_generator"]
)
def test_a_changed_file_is_refused_or_answers(kind, folder, reviews, tmp_path):
    KINDS[kind](folder, reviews).save(tmp_path / "model")
    arguments = tmp_path / "model", tmp_path / "mutant", range(EACH)
    # In a process of its own: one that hangs, or that the system ends, is a broken pool.
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        found = pool.submit(run_campaign, *arguments).result()
    assert not found.wrong, "\n".join(found.wrong[:5])
    assert found.slowest < SECONDS
    assert found.outcomes.total() == EACH
    # Some changes change nothing that matters; most are refused.
    assert found.outcomes["answered"] > EACH / 50
    assert found.outcomes["refused"] > EACH / 2
