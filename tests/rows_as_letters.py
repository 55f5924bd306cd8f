"""charnn's estimators for rows of numbers, so that all of scikit-learn's checks of estimators run.

For estimators of texts these are one check, which does nothing. Here each number becomes a letter,
and a row a name of as many letters; all else is the estimators' own.
"""

import numpy as np
from sklearn.utils.validation import validate_data

from charnn.sklearn import CharnnClassifier, CharnnTransformer

EDGES = np.array([-2.5, -1.6, -1, -0.6, -0.3, 0, 0.3, 0.6, 1, 1.6, 2.5])  # between two letters


class _Rows:
    def _texts(self, X, reset=False):
        rows = validate_data(self, X, reset=reset)
        # A letter says which number it stands for by its alphabet; digits make rows differ.
        places = np.arange(rows.shape[1]) * (len(EDGES) + 1) + 0x4E00
        codes = places + np.searchsorted(EDGES, rows.astype(float))
        digits = np.floor(np.abs(rows.astype(float)) * 100).astype(int) % 10
        return [
            "".join(map(chr, letters)) + "".join(map(str, ends))
            for letters, ends in zip(codes.tolist(), digits.tolist(), strict=True)
        ]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.string, tags.input_tags.two_d_array = False, True
        return tags


class RowsClassifier(_Rows, CharnnClassifier):
    """The classifier, of rows."""


class RowsTransformer(_Rows, CharnnTransformer):
    """The transformer, of rows."""
