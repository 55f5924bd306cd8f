"""The estimators in scikit-learn: what its users do with them, and all of its own checks."""

import pickle
import subprocess
import sys
import warnings

import numpy as np
import pytest
from helpers import ROOT, tiny_names
from rows_as_letters import RowsClassifier, RowsTransformer
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError

import charnn
from charnn.data import bundled_names
from charnn.errors import CharnnError
from charnn.inference.description import held_out
from charnn.sklearn import CharnnClassifier, CharnnTransformer

ROWS = [(name, label) for label, names in tiny_names().items() for name in names]
X, Y = [name for name, _ in ROWS], [label for _, label in ROWS]
QUICK = {"hidden": 8, "epochs": 4, "batch_size": 16, "random_state": 0, "device": "cpu"}
TEN = ["Aoie", "Ouia", "Aiea", "Ieoa", "Sshsz", "Szzs", "Kshss", "Zsts", "Tsssh", "Rarra"]


@pytest.fixture(scope="module")
def fitted():
    return CharnnClassifier(**QUICK).fit(X, Y)


def test_a_classifier_of_texts_is_fitted_and_asked(fitted):
    assert is_classifier(fitted)
    assert fitted.classes_.tolist() == ["Hissing", "Rolling", "Vowelish"]
    assert fitted.score(X, Y) > 0.9
    probabilities = fitted.predict_proba(np.array(["Aoie", ""]))
    assert probabilities.sum(1) == pytest.approx([1, 1])
    assert np.exp(fitted.predict_log_proba(["Aoie", ""])) == pytest.approx(probabilities)
    assert fitted.predict(["Aoie", "Sshsz"]).tolist() == ["Vowelish", "Hissing"]
    assert fitted.predict_proba([]).shape == (0, 3)
    assert not hasattr(fitted, "n_features_in_")  # as with CountVectorizer
    assert "test" not in fitted.model_.figures


def test_its_parameters_are_scikit_learns():
    asked = CharnnClassifier("standard", cell="lstm", class_weight="balanced")
    again = clone(asked)
    assert again.get_params() == asked.get_params()
    assert repr(again.set_params(cell="gru")) == (
        "CharnnClassifier(cell='gru', class_weight='balanced', preset='standard')"
    )
    with pytest.raises(NotFittedError):
        again.predict(["Ada"])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"preset": "quick"},
            r"--preset 'quick' is unknown \(classify\); choose from lecture, fast",
        ),
        ({"cell": "gruu"}, "--cell 'gruu' is unknown; .* did you mean gru"),
        ({"epochs": 0}, "--epochs 0 is out of range"),
        ({"validation_fraction": 1}, "validation_fraction 1.0 is out of range; choose above 0 and"),
        ({"random_state": -1}, "--seed -1 is out of range"),
        ({"class_weight": {"x": 2}}, "class_weight: 'x' is no class; there are 'a', 'b'"),
        ({"class_weight": {"a": -1}}, "class_weight, row 1: -1.0 is no weight; give 0 or more"),
        ({"class_weight": "even"}, "class_weight 'even' is neither \"balanced\" nor a dictionary"),
    ],
)
def test_parameters_that_cannot_work_are_refused_by_fit(parameters, message):
    with pytest.raises(ValueError, match=message):
        CharnnClassifier(**{**QUICK, **parameters}).fit(TEN, [*"aaaabbbbbb"])


@pytest.mark.parametrize("random_state", [1, np.random.RandomState(1), None])
def test_a_random_state_is_a_seed(random_state):
    assert 0 <= CharnnClassifier(random_state=random_state)._config().seed < 2**31


@pytest.mark.parametrize(
    ("x", "y", "weights", "message"),
    [
        (X, Y[:-1], None, "X has 180 rows and y has 179; give one label for each text"),
        (X, None, None, "requires y to be passed, but the target y is None"),
        (["Ada", 7], [0, 1], None, "X, row 2: 7 is no text"),
        (["Ada", "Bob"], [0, 0], None, "y has only 1 class, 0 .of 2 rows.; a classifier needs"),
        (["Ada", "Bob"], [0, float("nan")], None, "y, row 2: nan is missing; give a label"),
        (["Ada", "Bob"], [0.5, 1.5], None, "Unknown label type: continuous"),
        (["Ada", "Bob"], [0, 1], None, "no label has two spellings .2 names of 2 labels."),
        (["Ada", "Bob"], [0, 1], [1], r"sample_weight has the shape \(1,\); give 2 numbers"),
        (["Ada", "Bob"], [0, 1], [1, np.nan], "sample_weight, row 2: nan is no weight"),
        (["Ada", "Bob"], [0, 1], [0, 0], "all of sample_weight is zero"),
    ],
)
def test_rows_that_cannot_be_learned_from_are_refused_by_fit(x, y, weights, message):
    with pytest.raises(ValueError, match=message):
        CharnnClassifier(**QUICK).fit(x, y, weights)


def test_ten_rows_with_a_label_of_one_row_and_two_kinds_of_labels_are_enough():
    y = [1, 1, 1, 1, "1", "1", "1", "1", "1", None]
    with pytest.raises(CharnnError, match="y, row 10: None is missing; give a label"):
        CharnnClassifier(**QUICK).fit(TEN, y)
    fitted = CharnnClassifier(**QUICK).fit(TEN, [*y[:9], True])
    assert fitted.classes_.tolist() == [1, "1"]  # True is 1
    fitted = CharnnClassifier(**QUICK).fit(TEN, [*y[:9], "one"])
    assert [type(label) for label in fitted.predict(TEN).tolist()].count(str) >= 1
    assert fitted.model_.labels == ["1", "'1'", "'one'"]


def test_the_transformer_gives_what_the_readout_reads(fitted):
    found = CharnnTransformer(fitted.model_).fit(TEN)
    features = found.transform([*TEN, ""])
    weights = fitted.model_.engine.arrays()
    logits = features @ weights["readout.linear.weight"].T + weights["readout.linear.bias"]
    symbols = fitted.model_.read([*TEN, ""])
    by_network = fitted.model_.engine.network.classify(*fitted.model_.vocabulary.encode(symbols))
    np.testing.assert_allclose(logits, by_network, rtol=1e-4, atol=1e-5)
    assert found.get_feature_names_out()[-1] == f"charnntransformer{features.shape[1] - 1}"
    assert found.transform([]).shape == (0, features.shape[1])


def test_what_is_no_classifier_is_no_transformer():
    with pytest.raises(CharnnError, match="model 'generator' is a generator; give a classifier"):
        CharnnTransformer("generator").fit(TEN)
    with pytest.raises(CharnnError, match="X 'Ada' is one string; give a list of texts"):
        CharnnTransformer().fit("Ada")


# ---------------------------------------------------------------- scikit-learn's own checks

AT_RANDOM = "batches are drawn at random, and there are more of them where a row is there twice"
IN_FLOAT32 = "float32: sums of batches of another size differ in their last bit"
ROWS_QUICK = {"hidden": 8, "epochs": 12, "batch_size": 32, "raw": True, "ngrams": 2}
CHECKED = {
    "classifier": (
        RowsClassifier(**ROWS_QUICK, learning_rate=0.05, random_state=0),
        {"check_sample_weight_equivalence_on_dense_data": AT_RANDOM},
        61,
    ),
    "transformer, fitted": (
        RowsTransformer(RowsClassifier(**ROWS_QUICK, random_state=0)),
        {},
        45,
    ),
    "transformer, bundled": (
        RowsTransformer(),
        {"check_methods_subset_invariance": IN_FLOAT32},
        44,
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize(("estimator", "expected", "passed"), CHECKED.values(), ids=CHECKED)
@pytest.mark.filterwarnings("ignore")  # scikit-learn's checks warn of what they try
def test_scikit_learns_checks(estimator, expected, passed, capsys):
    from sklearn.utils.estimator_checks import check_estimator

    found = check_estimator(estimator, expected_failed_checks=expected, on_fail=None, on_skip=None)
    table = [(check["status"], check["check_name"], str(check["exception"])) for check in found]
    with capsys.disabled():
        print(f"\n{type(estimator).__name__}: {sum(row[0] == 'passed' for row in table)} passed")
        for status, check, why in table:
            if status != "passed":
                print(f"  {status}: {check}: {expected.get(check, why)[:300]}")
    assert not [row for row in table if row[0] == "failed"]
    assert {check for status, check, _ in table if status == "xfail"} == set(expected)
    assert sum(status == "passed" for status, *_ in table) >= passed


# ---------------------------------------------------------------- as its users use them


def quick_pipeline(**parameters):
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    return make_pipeline(FunctionTransformer(), CharnnClassifier(**{**QUICK, **parameters}))


PROGRAM = """
import pickle, sys, joblib
from importlib.machinery import PathFinder
find_real = PathFinder.find_spec
PathFinder.find_spec = lambda name, *rest: None if name.split(".")[0] == "torch" else find_real(name, *rest)
load = {"pickle": lambda path: pickle.load(open(path, "rb")), "joblib": joblib.load}
model = load[sys.argv[1]](sys.argv[2])
print([label for label in model.predict(["Aoie", "Sshsz"])], "torch" in sys.modules)
"""


@pytest.mark.slow
@pytest.mark.parametrize("how", ["pickle", "joblib"])
def test_a_pipeline_answers_in_a_new_process_without_torch(how, tmp_path):
    import joblib

    pipeline = quick_pipeline().fit(X, Y)
    path = tmp_path / "pipeline"
    if how == "joblib":
        joblib.dump(pipeline, path)
    else:
        path.write_bytes(pickle.dumps(pipeline))
    found = subprocess.run(
        [sys.executable, "-c", PROGRAM, how, str(path)],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert found.stdout == "[np.str_('Vowelish'), np.str_('Hissing')] False\n", found.stderr


@pytest.mark.slow
def test_a_grid_search_over_cells():
    from sklearn.model_selection import GridSearchCV

    search = GridSearchCV(
        quick_pipeline(), {"charnnclassifier__cell": ["rnn", "gru"]}, cv=2, n_jobs=2
    )
    search.fit(X, Y)
    assert search.best_score_ > 0.8
    assert search.best_params_["charnnclassifier__cell"] in ("rnn", "gru")
    assert len(search.cv_results_["mean_test_score"]) == 2


@pytest.mark.slow
def test_cross_validation_calibration_and_voting():
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.ensemble import VotingClassifier
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_score
    from sklearn.pipeline import make_pipeline

    ours = CharnnClassifier(**QUICK)
    theirs = make_pipeline(CountVectorizer(analyzer="char"), LogisticRegression())
    assert cross_val_score(ours, np.array(X), np.array(Y), cv=3).min() > 0.8
    assert CalibratedClassifierCV(ours, cv=2).fit(X, Y).score(X, Y) > 0.8
    voting = VotingClassifier([("ours", ours), ("theirs", theirs)], voting="soft").fit(X, Y)
    assert voting.score(X, Y) > 0.8


@pytest.mark.slow
@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_the_columns_of_a_data_frame(library):
    import importlib

    from sklearn.compose import ColumnTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    frame = importlib.import_module(library).DataFrame(
        {"name": X, "length": [len(name) for name in X], "label": Y}
    )
    columns = ColumnTransformer([("name", CharnnTransformer(), "name")], remainder="passthrough")
    pipeline = make_pipeline(columns, LogisticRegression(max_iter=1000))
    pipeline.fit(frame[["name", "length"]], frame["label"])
    assert pipeline.score(frame[["name", "length"]], frame["label"]) > 0.95
    columns.set_output(transform=library)
    assert columns.fit_transform(frame[["name", "length"]]).shape == (len(X), 513)
    classifier = CharnnClassifier(**QUICK).fit(frame["name"], frame["label"])
    assert (
        classifier.predict(frame["name"]).tolist()
        == CharnnClassifier(**QUICK).fit(X, Y).predict(X).tolist()
    )
    with pytest.raises(CharnnError, match=r"X has the shape \(180, 1\); give one column of it"):
        classifier.predict(frame[["name"]])


@pytest.mark.slow
@pytest.mark.parametrize(
    "labels",
    [[7, 3, 9], [2.0, 1.0, 3.0], ["z", "ä", "m"], [True, False, True], [b"x", b"y", b"z"]],
    ids=lambda labels: type(labels[0]).__name__,
)
def test_labels_come_back_as_they_were_given(labels):
    of = dict(zip(tiny_names(), labels, strict=True))
    y = np.array([of[label] for label in Y])
    fitted = CharnnClassifier(**QUICK).fit(X, y)
    assert fitted.classes_.dtype == fitted.predict(X).dtype == y.dtype
    assert fitted.classes_.tolist() == sorted(set(labels))
    assert (fitted.predict(X) == y).mean() > 0.9


@pytest.mark.slow
def test_a_weight_is_how_often_a_text_is_there():
    draw = np.random.default_rng(0)
    weights = draw.integers(0, 2, len(X))
    chosen = np.flatnonzero(weights)
    without = CharnnClassifier(**QUICK).fit(np.array(X)[chosen], np.array(Y)[chosen])
    weighed = CharnnClassifier(**QUICK).fit(X, Y, weights)
    assert weighed.predict_proba(X).tolist() == without.predict_proba(X).tolist()

    weights = draw.integers(0, 4, len(X))
    repeated = np.repeat(np.arange(len(X)), weights)
    twice = CharnnClassifier(**QUICK).fit(np.array(X)[repeated], np.array(Y)[repeated])
    weighed = CharnnClassifier(**QUICK).fit(X, Y, weights)
    assert weighed.model_.counts.tolist() == twice.model_.counts.tolist()
    ours, theirs = (fitted.model_.ngrams.arrays() for fitted in (weighed, twice))
    for name, array in ours.items():
        assert np.array_equal(array, theirs[name]), name


@pytest.mark.slow
def test_the_network_learns_from_weights_as_from_rows_that_are_there_so_often():
    rows = [
        (name, language)
        for language in ("Italian", "Spanish", "Portuguese")
        for name in (bundled_names() / f"{language}.txt").read_text(encoding="utf-8").splitlines()
    ]
    draw = np.random.default_rng(0)
    x, y = map(np.array, zip(*(rows[row] for row in draw.permutation(len(rows))), strict=True))
    weights = draw.integers(0, 4, 1500)
    repeated = np.repeat(np.arange(1500), weights)
    # The batches hold half as many rows again where rows are repeated, so that there are as many.
    weighed, twice = (
        [
            CharnnClassifier(epochs=8, ngrams=0, batch_size=size, random_state=seed)
            .fit(x[chosen], y[chosen], sample_weight)
            .predict_proba(x[1500:])
            for seed in range(3)
        ]
        for size, chosen, sample_weight in ((128, slice(1500), weights), (192, repeated, None))
    )
    by_seed = np.mean([np.abs(twice[i] - twice[i - 1]).mean() for i in range(3)])
    by_weight = np.mean([np.abs(one - two).mean() for one, two in zip(weighed, twice, strict=True)])
    assert by_weight < 1.1 * by_seed


@pytest.mark.slow
def test_classes_weigh_the_same_when_balanced():
    rows = [row for row, label in enumerate(Y) if label != "Rolling" or row % 12 == 0]
    few_x, few_y = np.array(X)[rows], np.array(Y)[rows]
    fitted = CharnnClassifier(**QUICK, class_weight="balanced").fit(few_x, few_y)
    assert np.ptp(fitted.model_.counts) <= 1
    weights = {label: len(few_y) / (3 * (few_y == label).sum()) for label in set(Y)}
    asked = CharnnClassifier(**QUICK, class_weight=weights).fit(few_x, few_y)
    np.testing.assert_allclose(asked.predict_proba(X), fitted.predict_proba(X), atol=1e-4)
    # What no letter says is the classes' shares.
    plain = CharnnClassifier(**QUICK).fit(few_x, few_y)
    assert plain.predict_proba([""])[0, 1] < 0.1 < 0.3 < fitted.predict_proba([""])[0, 1]


@pytest.mark.slow
def test_a_warm_start_goes_on_from_the_weights_before():
    parameters = {**QUICK, "epochs": 2}
    cold = CharnnClassifier(**parameters).fit(X, Y).fit(X, Y)
    warm = CharnnClassifier(**parameters, warm_start=True).fit(X, Y)
    first = warm.model_.history.epochs[0].train_loss
    warm.fit(X, Y)
    assert warm.model_.history.epochs[0].train_loss < 0.8 * first
    assert cold.model_.history.epochs[0].train_loss == pytest.approx(first)


@pytest.mark.slow
def test_the_model_of_an_estimator_is_a_model_file(fitted, tmp_path):
    from charnn.deployment.web import facts
    from charnn.evaluation.report import card
    from charnn.inference.card import model_card

    fitted.model_.save(tmp_path / "model.safetensors")
    loaded = charnn.load(tmp_path / "model.safetensors")
    assert loaded.predict_proba(X).tolist() == fitted.predict_proba(X).tolist()
    n = loaded.figures["validation"]["n"]
    assert held_out(loaded.figures)["n"] == n
    # What is said of a model anywhere is then of its validation set.
    assert f"on {n} names" in dict(card(loaded))["on its validation set"]
    assert facts(loaded)["n"] == (f"{n}", f"{n}")
    assert f"{n} names held out: accuracy" in loaded._repr_html_()
    of_the_hub = model_card(loaded.description(), "me/names")
    assert "| | validation set |\n|---|---|\n" in of_the_hub
    assert "there was no test set." in of_the_hub
    again = pickle.loads(pickle.dumps(fitted))
    assert again.predict_proba(X).tolist() == fitted.predict_proba(X).tolist()


@pytest.mark.slow
def test_texts_of_words(reviews):
    rows = [
        (line, path.stem)
        for path in sorted(reviews.glob("*.txt"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    texts, labels = zip(*rows, strict=True)
    weights = np.random.default_rng(0).integers(0, 3, len(texts))
    fitted = CharnnClassifier(tokens="words", random_state=0, epochs=2)
    assert fitted.fit(texts, labels, weights).score(texts, labels) > 0.9
    assert CharnnTransformer(fitted).fit(texts, labels).transform(texts[:3]).shape[0] == 3


def test_inside_charnn_sklearn_is_the_library():
    import sklearn

    import charnn.sklearn as ours
    from charnn.training import labelled

    assert ours is not sklearn
    assert labelled.column_or_1d.__module__.split(".")[0] == "sklearn"


def test_a_row_without_a_text_is_left_out_as_from_a_file():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        CharnnClassifier(**QUICK).fit([*TEN, " "], [*"aaaabbbbbb", "c"])
    assert "X: 1 row without a text; skipped" in [str(warning.message) for warning in caught]
    with pytest.raises(CharnnError, match=r"X, row 2: 'AAA.* has 101 characters, more than 100"):
        CharnnClassifier(**QUICK).fit(["Ada", "A" * 101], [0, 1])
