"""Weights that are finite but far too large: every question is one clear line, never nan."""

import numpy as np
import pytest
from tiny_models import KINDS

import charnn
from charnn.errors import CharnnError
from charnn.inference import checkpoint

HUGE = 3e38  # near the largest float32
MESSAGE = "the model's results are not finite"
QUESTIONS = {
    "names": {
        "log_proba": ("Aoie",),
        "predict_proba": (["Aoie"],),
        "predict": ("Aoie",),
        "beliefs": ("Aoie",),
        "occlusion": ("Aoie",),
    },
    "name_generator": {
        "predict": ("Aoie",),
        "log_proba": (["Aoie", "Ssh"],),
        "beliefs": ("Aoie",),
        "score": ("Aoie",),
        "bits_per_letter": ("Aoie", "Rolling"),
        "generate": ("Rolling", "Ro"),
        "sample": (),
        "next_letter": ("Ro", "Rolling"),
        "names_nats": (["Aoie"], np.zeros(1, dtype=np.int64)),
    },
    "text_generator": {
        "score": ("the cat",),
        "bits_per_letter": ("the cat",),
        "generate": (None, "the"),
        "sample": (),
        "next_letter": ("the",),
        "text_nats": (np.ones(3, dtype=np.int64),),
        "stream": ("the",),
    },
}


@pytest.mark.parametrize("kind", QUESTIONS)
def test_results_that_are_not_finite_are_refused(kind, folder, reviews, tmp_path):
    KINDS[kind](folder, reviews).save(tmp_path / "model")
    arrays, about = checkpoint.read(tmp_path / "model")
    for name, array in arrays.items():
        if name.endswith("bias_ih"):  # all hidden units near 1, so that logits overflow
            gates = array.reshape(-1, about["config"]["hidden"])
            gates[:] = 100.0
            if about["config"]["cell"] == "gru":
                gates[1] = -100.0  # takes all of the candidate
    arrays["readout.linear.weight"].fill(HUGE)
    checkpoint.save(tmp_path / "huge", arrays, about)
    model = charnn.load(tmp_path / "huge", device="cpu")
    for question, arguments in QUESTIONS[kind].items():
        with pytest.raises(CharnnError, match=MESSAGE):
            list(getattr(model, question)(*arguments))  # a list, for the stream


def test_huge_log_probabilities_still_give_probabilities(folder, reviews, tmp_path):
    KINDS["name_generator"](folder, reviews).save(tmp_path / "model")
    arrays, about = checkpoint.read(tmp_path / "model")
    arrays["readout.linear.bias"] *= HUGE / 100
    checkpoint.save(tmp_path / "huge", arrays, about)
    found = charnn.load(tmp_path / "huge", device="cpu").predict_proba(["Aoie", "Ssh"])
    assert found.sum(1) == pytest.approx(1.0)
