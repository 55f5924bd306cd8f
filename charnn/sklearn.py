"""charnn's estimators for scikit-learn: `from charnn.sklearn import CharnnClassifier`."""

from charnn.training.estimators import CharnnClassifier, CharnnTransformer

__all__ = ["CharnnClassifier", "CharnnTransformer"]
