"""charnn's classifiers as estimators of scikit-learn: a column of texts in, labels or features out.

A face of `train_classifier_on`, which trains; a fitted estimator answers with numpy alone, so that
it is unpickled and used where no torch is. Axis letters: N texts, L labels, F features.
"""

import copy
from dataclasses import fields
from numbers import Integral
from typing import Any, Self

import numpy as np
from sklearn.base import (
    BaseEstimator,
    ClassifierMixin,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    clone,
)
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from charnn import checks
from charnn.config import Config
from charnn.errors import CharnnError
from charnn.inference.classifier import Classifier
from charnn.inference.load import load
from charnn.inference.numpy_engine import NumpyEngine
from charnn.inference.trained import Trained, longest_first
from charnn.presets import configure
from charnn.signals import Stop
from charnn.text.given import texts_of
from charnn.text.splits import split_off
from charnn.training.labelled import labelled
from charnn.training.parts import longest_name
from charnn.wording import quoted

CONFIGURED = {option.name for option in fields(Config)}


class _OfTexts(BaseEstimator):
    """What both estimators have in common: X is a column of texts, as CountVectorizer has it."""

    def _texts(self, X: Any, reset: bool = False) -> list[str]:
        """The texts of X. Raises CharnnError, with the row, for what is no text."""
        return texts_of("X", X)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string, tags.input_tags.two_d_array = True, False
        return tags


class CharnnClassifier(ClassifierMixin, _OfTexts):
    """A classifier of names or short texts, trained as `train_classifier` does.

    Parameters that are values of `charnn.Config` are those of `preset` where they are None.
    `validation_fraction` of the spellings choose the best epoch and calibrate; all others are
    trained on. `class_weight` is a dictionary, or "balanced". `device` is where it is trained.
    With `warm_start` another fit starts from the weights of the one before, as far as they fit.

    Fitted, it has `classes_` (L,) as they were given, and the `Classifier` as `model_`.
    """

    def __init__(
        self,
        preset: str = "fast",
        *,
        tokens: str = "letters",
        cell: str | None = None,
        hidden: int | None = None,
        layers: int | None = None,
        bidirectional: bool | None = None,
        readout: str | None = None,
        dropout: float | None = None,
        lowercase: bool | None = None,
        raw: bool | None = None,
        max_length: int | None = None,
        ngrams: int | None = None,
        learning_rate: float | None = None,
        batch_size: int | None = None,
        epochs: int | None = None,
        patience: int | None = None,
        validation_fraction: float = 0.1,
        class_weight: dict[Any, float] | str | None = None,
        device: str = "auto",
        random_state: int | np.random.RandomState | None = None,
        warm_start: bool = False,
    ):
        self.preset = preset
        self.tokens = tokens
        self.cell = cell
        self.hidden = hidden
        self.layers = layers
        self.bidirectional = bidirectional
        self.readout = readout
        self.dropout = dropout
        self.lowercase = lowercase
        self.raw = raw
        self.max_length = max_length
        self.ngrams = ngrams
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.epochs = epochs
        self.patience = patience
        self.validation_fraction = validation_fraction
        self.class_weight = class_weight
        self.device = device
        self.random_state = random_state
        self.warm_start = warm_start

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Trains on the texts X (N,) and their labels y (N,), of any type.

        A text of weight 2 counts as if it were there twice, and one of weight 0 as if it were not.
        Raises CharnnError for texts, labels, weights and parameters that cannot work.
        """
        from charnn.training.classify import train_classifier_on  # not to answer: it imports torch

        config, texts = self._config(), self._texts(X, reset=True)
        share = checks.number("validation_fraction", self.validation_fraction)
        if not 0 < share < 1:
            raise CharnnError(
                f"validation_fraction {share} is out of range; choose above 0 and below 1, as 0.1"
            )
        longest = longest_name(config)
        classes, names = labelled(texts, y, sample_weight, self.class_weight, longest)
        before = getattr(self, "model_", None) if self.warm_start else None
        # A Stop that no signal asks: Ctrl-C ends a search, and not one of its trainings.
        model = train_classifier_on(split_off(names, share), config, self.device, before, Stop())
        self.model_, self.classes_ = on_numpy(model), classes
        return self

    def _config(self) -> Config:
        """The configuration that the parameters ask for."""
        parameters = self.get_params(deep=False)
        values = {name: value for name, value in parameters.items() if name in CONFIGURED}
        seed = self.random_state
        if not isinstance(seed, Integral):
            seed = check_random_state(seed).randint(2**31 - 1)
        given = {name: value for name, value in values.items() if value is not None}
        return configure(self.preset, **given, seed=int(seed))

    def predict(self, X: Any) -> np.ndarray:
        """The most probable label of each text (N,)."""
        best = self.predict_log_proba(X).argmax(1)  # (N,)
        return self.classes_[best]

    def predict_proba(self, X: Any) -> np.ndarray:
        """Probabilities (N, L) of the labels, in the order of `classes_`."""
        return np.exp(self.predict_log_proba(X))

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """Natural log-probabilities (N, L) of the labels, in the order of `classes_`."""
        check_is_fitted(self)
        return self.model_.log_proba(self._texts(X))


class CharnnTransformer(ClassNamePrefixFeaturesOutMixin, TransformerMixin, _OfTexts):
    """Texts as the hidden states from which a classifier's network predicts: features (N, F).

    With the readout "pooled" they are the mean and the maximum over the letters, of each unit in
    each direction. `model` is what `charnn.load` takes ("classifier" is the bundled one), a trained
    classifier, or a `CharnnClassifier` that is fitted, for which fit needs labels.
    """

    def __init__(self, model: Any = "classifier"):
        self.model = model

    def fit(self, X: Any, y: Any = None) -> Self:
        """Loads the model, or fits it to the texts X (N,) and their labels y (N,)."""
        self._texts(X, reset=True)
        if isinstance(self.model, CharnnClassifier):
            self.model_ = clone(self.model).fit(X, y).model_
            return self
        found = self.model if isinstance(self.model, Trained) else load(self.model)
        if not isinstance(found, Classifier):
            raise CharnnError(f"model {quoted(self.model)} is a generator; give a classifier")
        self.model_ = on_numpy(found)
        return self

    def transform(self, X: Any) -> np.ndarray:
        """The features (N, F), float32."""
        check_is_fitted(self)
        symbols, engine = self.model_.read(self._texts(X)), self.model_.engine
        features = np.empty((len(symbols), self._n_features_out), np.float32)
        lengths = np.array([max(len(text), 1) for text in symbols], dtype=np.int64)
        for chosen in longest_first(lengths, engine.steps_at_once):
            ids, sizes = self.model_.vocabulary.encode([symbols[row] for row in chosen.tolist()])
            features[chosen] = engine.features(ids, sizes)
        return features

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []  # texts have none
        return tags

    @property
    def _n_features_out(self) -> int:
        return int(self.model_.engine.arrays()["readout.linear.weight"].shape[1])


def on_numpy(model: Classifier) -> Classifier:
    """The classifier with numpy's engine, whichever it has."""
    sizes = len(model.vocabulary), len(model.labels)
    again = copy.copy(model)
    again.engine = NumpyEngine.from_arrays("the model", model.config, *sizes, model.engine.arrays())
    return again
