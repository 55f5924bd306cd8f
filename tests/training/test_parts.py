"""The sets that a training is made of, and what is left out of them."""

import pytest
from helpers import tiny_names, write_folder

from charnn.errors import CharnnError
from charnn.presets import configure
from charnn.training.parts import read_parts


def test_test_data_of_unknown_labels_is_left_out_if_asked(folder, tmp_path):
    names = {label: names[:5] for label, names in tiny_names(seed=1).items()}
    test = write_folder(tmp_path / "test", {**names, "Klingon": ["Worf", "Kor"], "Vulcan": ["Tu"]})
    with pytest.raises(
        CharnnError, match=r"'Klingon', 'Vulcan' is unknown to .*--skip-unknown-lab"
    ):
        read_parts(folder, test, configure())
    with pytest.warns(UserWarning, match="3 lines of 2 labels .* left out: Klingon .2., Vulcan"):
        parts = read_parts(folder, test, configure(), skip_unknown_labels=True)
    assert len(parts["test"]) == 15
    assert parts["test"].labels == parts["train"].labels == sorted(names)
    with pytest.raises(CharnnError, match="--skip-unknown-labels is for --test-data"):
        read_parts(folder, None, configure(), skip_unknown_labels=True)
