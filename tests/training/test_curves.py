"""The picture of a training shows the figures of its epochs."""

from charnn.drawing import as_bytes
from charnn.training.curves import curves
from charnn.training.history import Epoch


def test_curves_draw_both_sets_and_mark_the_kept_epoch():
    epochs = [Epoch(n, 2.0 / n, n / 10, 2.5 / n, n / 11, 0.1, 1000.0) for n in range(1, 6)]
    figure = curves(epochs, best=4)
    for axes, what in zip(figure.axes, ("loss", "accuracy"), strict=True):
        training, validation, kept = axes.lines
        assert list(training.get_ydata()) == [getattr(epoch, f"train_{what}") for epoch in epochs]
        assert list(validation.get_ydata()) == [
            getattr(epoch, f"validation_{what}") for epoch in epochs
        ]
        assert (kept.get_xdata()[0], kept.get_ydata()[0]) == (
            4,
            getattr(epochs[3], f"validation_{what}"),
        )
        assert axes.get_xlabel() == "epoch"
        assert what in axes.get_ylabel()
    assert as_bytes(figure).startswith(b"\x89PNG")


def test_one_epoch_is_enough_for_a_picture():
    assert as_bytes(curves([Epoch(1, 2.0, 0.1, 2.5, 0.1, 0.1, 1000.0)], best=1)).startswith(
        b"\x89PNG"
    )
