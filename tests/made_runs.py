"""Folders as a training leaves them, of a model that other tests have trained: no training of their own."""

import os
from dataclasses import astuple

import numpy as np

from charnn.inference import checkpoint
from charnn.training.begun import FILE
from charnn.training.run import READING, SOURCE

SIZE = 141  # of an epoch


def made_run(there, model, data, ending="all epochs done", preset="standard", **training):
    """The folder of a run: a model, its checkpoint, and no history.csv."""
    there.mkdir(parents=True)
    model.save(there / "model.safetensors")
    history = model.history
    source = dict.fromkeys((*SOURCE, *READING)) | {"data": os.path.abspath(data)}
    about = {
        "task": "train",
        "config": model.config.to_dict(),
        "source": source,
        "fingerprint": "0" * 16,
        "preset": preset,
        "size": SIZE,
        "track": None,
        "id": "0123abcd",
        "training": {
            "steps": 9,
            "epoch": len(history.epochs) + 1,
            "batches": 0,
            "tally": [0.0, 0, 0],
            "seconds": 0.0,
            "carried": None,
            "history": [list(astuple(epoch)) for epoch in history.epochs],
            "best": history.best,
            **training,
        },
    }
    if ending is not None:
        about["ending"] = ending
    checkpoint.save(there / FILE, {"network": np.zeros(2, np.float32)}, about)
    return there


def changed(there, change):
    """The run, after `change` of its checkpoint's description."""
    arrays, about = checkpoint.read(there / FILE)
    change(about)
    checkpoint.save(there / FILE, arrays, about)
    return there
