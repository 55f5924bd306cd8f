"""Configuration: defaults, presets, and values that cannot work."""

import pytest

from charnn.config import Config
from charnn.errors import CharnnError
from charnn.presets import PRESETS, configure


@pytest.mark.parametrize(
    ("kind", "preset"), [(kind, name) for kind, presets in PRESETS.items() for name in presets]
)
def test_presets_are_configurations_and_survive_the_round_trip(kind, preset):
    task = "classify" if kind in ("classify", "words") else "generate"
    config = configure(
        preset, task=task, text=kind == "text", **({"tokens": "words"} if kind == "words" else {})
    )
    assert config.task == task
    assert Config.from_dict(config.to_dict()) == config


def test_flags_override_a_preset():
    assert configure("lecture", cell="lstm").cell == "lstm"
    assert configure("lecture").cell == PRESETS["classify"]["lecture"].values["cell"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"cell": "gur"}, "--cell 'gur' is unknown; choose from rnn, lstm"),
        ({"hidden": 0}, "--hidden 0 is out of range; choose from 1"),
        ({"learning_rate": float("nan")}, "--learning-rate nan is not finite"),
        ({"dropout": "much"}, "--dropout 'much' is no number"),
        ({"epochs": True}, "--epochs True is no whole number"),
        ({"colour": 3}, "unknown configuration colour"),
        ({"task": "paint"}, "--task 'paint' is unknown; choose from classify, generate"),
        ({"task": "generate", "bidirectional": True}, "must not see the letter that it predicts"),
        ({"readout": "every"}, "--readout every is for --task generate"),
        (
            {"cell": "torch-gru", "recurrent_dropout": 0.2},
            "choose --recurrent-dropout 0 or --cell gru",
        ),
        (
            {"cell": "torch-lstm", "precision": "bfloat16"},
            "--precision bfloat16 is for cells whose gradient is written out; choose float32",
        ),
        (
            {"nonlinearity": "relu"},
            "--nonlinearity relu is for the plain RNN; choose tanh with --cell gru",
        ),
        (
            {"cell": "gru", "forget_bias": 1.0},
            "--forget-bias 1.0 is for an LSTM's forget gate; leave it out",
        ),
        (
            {"init": "zeros"},
            "--init 'zeros' is unknown; choose from uniform, xavier, he, orthogonal, identity",
        ),
        ({"symbols": -1}, "--symbols -1 is out of range; choose from 0"),
        ({"tokens": "words", "keep": "middle"}, "--keep 'middle' is unknown; choose from first"),
        (
            {"keep": "last"},
            "--keep last says which words of a long text are read; add --tokens words",
        ),
        (
            {"preset": "fastest"},
            r"--preset 'fastest' is unknown \(classify\); choose from lecture, fast",
        ),
        (
            {"preset": "lecture", "tokens": "words"},
            r"--preset 'lecture' is unknown \(words\); choose from fast, standard, best",
        ),
        (
            {"embedding_dropout": 0.5},
            "--embedding-dropout 0.5 drops floats of an embedding; choose 0",
        ),
        (
            {"cell": "torch-gru", "tokens": "words", "embedding": 0, "embedding_dropout": 0.0},
            "choose --embedding 64",
        ),
    ],
)
def test_a_value_that_cannot_work_is_named_with_its_flag(values, message):
    with pytest.raises(CharnnError, match=message):
        configure(**values)
