"""Several threads, trainings and processes at once: each as if it were alone."""

import multiprocessing
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import numpy as np
import pytest
import torch
from helpers import ROOT, tiny_names

import charnn
from charnn.inference import bulk
from charnn.inference.bulk import label_rows
from charnn.inference.sampling import Options
from charnn.text.tables import open_table

NAMES = [name for names in tiny_names(40, seed=3).values() for name in names]
TINY = {"hidden": 8, "epochs": 2, "batch_size": 16, "device": "cpu"}


@pytest.fixture(autouse=True)
def two_threads():
    """torch on two threads, as on a laptop; afterwards it is still so, here and in a new thread."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    now = [torch.get_num_threads(), *in_threads([torch.get_num_threads])]
    torch.set_num_threads(before)
    assert now == [2, 2]


def in_threads(works):
    """The values of functions that run at the same time, each in a thread of its own."""
    together = threading.Barrier(len(works))

    def run(work):
        together.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def test_eight_threads_that_predict_give_the_answer_of_one(classifier):
    alone = classifier.log_proba(NAMES)
    numbers = []

    def ask():
        answers = [classifier.log_proba(NAMES) for _ in range(5)]
        numbers.append(torch.get_num_threads())
        return answers

    for answers in in_threads([ask] * 8):
        for answer in answers:
            np.testing.assert_array_equal(answer, alone)
    assert numbers == [2] * 8


def test_two_trainings_at_once_give_each_its_own_model(folder, tmp_path):
    def train(seed):
        return charnn.train_classifier(folder, seed=seed, **TINY)

    works = [lambda seed=seed: train(seed) for seed in (1, 2, 1)]
    models = [*in_threads(works), train(1), train(2)]
    for number, model in enumerate(models):
        model.save(tmp_path / f"{number}.safetensors")
    first, second, again, alone, other = (
        (tmp_path / f"{number}.safetensors").read_bytes() for number in range(5)
    )
    assert first == again == alone
    assert second == other != first


def test_a_table_that_is_half_read_leaves_the_settings(classifier, monkeypatch, tmp_path):
    monkeypatch.setattr(bulk, "ROWS", 4)
    (tmp_path / "names.txt").write_text("\n".join(NAMES), encoding="utf-8")
    with open_table(tmp_path / "names.txt") as table:
        rows = label_rows(classifier, table, 0)
        assert len(list(islice(rows, 9))) == 9
        assert torch.get_num_threads() == 2
        rows.close()


def test_a_text_that_is_half_generated_leaves_the_settings():
    generator = charnn.load("generator")
    plan = generator.plan("A", Options(1.0, None, None, 20, 0))
    half = generator.steps(plan, np.array([0, 1]), 2)
    next(half)
    assert torch.get_num_threads() == 2
    half.close()


FORKED = """
import multiprocessing, sys
import charnn, numpy as np, torch
from charnn.inference.torch_engine import TorchEngine
from charnn.model import build_classifier, build_generator

folder, model = sys.argv[1:]
torch.set_num_threads(2)
names, words = charnn.load(model), ["Szsz", "Aoie"] * 500
letters = np.zeros((100, 6), dtype=np.int64)
wide = charnn.configure(hidden=256)
engine = TorchEngine(build_classifier(wide, 9, 2), wide)
wide = charnn.configure("best", task="generate", text=True)
writer = TorchEngine(build_generator(wide, 9), wide)

def ask():
    log_probs, state = writer.step(letters)
    kept = writer.select(state, np.arange(100) > 2)
    return (names.log_proba(words), engine.classify(letters, np.full(100, 6)), log_probs)

def train():
    return charnn.train_classifier(folder, hidden=8, epochs=1, device="cpu").log_proba(words)

def main():
    torch.randn(600, 600) @ torch.randn(600, 600)  # now OpenMP has started its second thread
    alone = [*ask(), train()]
    with multiprocessing.get_context("fork").Pool(1) as pool:
        forked = [*pool.apply(ask), pool.apply(train)]
    np.testing.assert_array_equal(forked[0], alone[0])
    for one, other in zip(forked, alone):
        np.testing.assert_allclose(one, other, atol=1e-5)
    print("the same", torch.get_num_threads())

main()
"""


@pytest.mark.slow
@pytest.mark.skipif(
    "fork" not in multiprocessing.get_all_start_methods(), reason="this system does not fork"
)
def test_a_forked_process_answers_as_its_parent_does(folder, model):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("OMP_NUM_THREADS", None)
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORKED, str(folder), str(model)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert result.stdout.strip() == "the same 2", result.stderr
