"""A generator of words: scores worked out token by token, lengths in characters, what is refused."""

import numpy as np
import pytest
import torch
from helpers import call, error_of
from serving import Server
from tiny_models import word_generator

import charnn
from charnn.deployment.web import web_page
from charnn.errors import CharnnError
from charnn.training.jobs import generator_results

TEXT = "the cat, a xyz on The mat.\n"  # with a word that is spelled


@pytest.fixture(scope="module")
def writer(folder, tmp_path_factory):
    """A generator of words, as it was trained."""
    return word_generator(tmp_path_factory.mktemp("writer") / "x", folder)


@pytest.fixture(scope="module")
def path(writer, tmp_path_factory):
    """Its model file."""
    path = tmp_path_factory.mktemp("model") / "model.safetensors"
    writer.save(path)
    return path


def nats_by_token(writer, tokens):
    """The NLL of each token, the network asked for one after the other."""
    symbols, found, state, before = writer.vocabulary.symbols, [], None, writer.newline
    for token in tokens:
        with torch.inference_mode():
            log_probs, state = writer.network(torch.tensor([[before]]), None, state)
        before = symbols.index(token) + 1
        found.append(-log_probs[0, 0, before].item())
    return np.array(found)


def test_a_score_is_of_characters_whatever_the_tokens(writer, monkeypatch):
    from charnn.inference import text_generator

    tokens = ["the", " cat", ",", " a", " ", *"put", " on", " ", *"The", " mat", ".", "\n"]
    text = "".join(tokens)
    assert list(writer.read([text])[0]) == tokens
    nats = nats_by_token(writer, tokens)
    scored = writer.bits_per_letter(text)
    assert [token for token, _ in scored] == tokens
    np.testing.assert_allclose([bits for _, bits in scored], nats / np.log(2), atol=1e-4)
    assert writer.score(text) == pytest.approx(nats.sum() / np.log(2) / len(text), abs=1e-4)
    monkeypatch.setattr(text_generator, "LOG_PROBS", 3 * len(writer.vocabulary))  # 3 at once
    of_text, characters = writer.text_nats(writer.vocabulary.ids_of(text))
    assert characters == len(text)
    assert of_text == pytest.approx(nats.sum(), abs=1e-3)


def test_the_figures_have_both_units(writer):
    test = writer.figures["test"]
    assert test["n"] > test["tokens"] > 0
    assert test["nats_per_char"] * test["n"] == pytest.approx(
        test["nats_per_token"] * test["tokens"]
    )
    *_, line = generator_results(writer)
    assert f"{test['bits_per_char']:.3f} bits" in line
    assert line.endswith(f"({test['nats_per_token']:.3f} nats per token of {test['tokens']:,})")
    assert writer.config.unit == "token"


def test_engines_give_the_same_log_probabilities(path):
    models = [charnn.load(path, "cpu", backend) for backend in ("torch", "numpy", "onnx")]
    for ask in (
        lambda model: [bits for _, bits in model.bits_per_letter(TEXT)],
        lambda model: model.next_letter("the cat")[1:],
    ):
        expected, *others = map(ask, models)
        for found in others:
            np.testing.assert_allclose(found, expected, atol=1e-4)
    texts = [model.generate(prefix="the", seed=1, count=3) for model in models]
    assert texts[0] == texts[1] == texts[2]


def test_length_is_in_characters_and_a_text_ends_with_a_whole_token(writer):
    texts = writer.sample(prefix="the cat", length=31, count=40, seed=0)
    for text, _, bits in texts:
        assert text.startswith("the cat")
        assert len(text) <= 31
        assert bits > 0
    longest = int(writer.vocabulary.sizes.max())
    assert max(len(text) for text, *_ in texts) > 31 - longest
    for seed in range(5):
        streamed = "".join(writer.stream("the", length=31, seed=seed))
        assert "the" + streamed == writer.generate(prefix="the", length=31, seed=seed)[0]
    long = "the cat" * 100
    assert len(writer.generate(prefix=long, seed=0)[0]) > len(long), "there is room for a word"
    assert np.exp(writer.next_letter(long)).sum() <= 1.0001


def test_what_is_unknown_is_a_letter(writer):
    assert writer.unknown_letters("the \u00e9 cat \U0001f642") == ["\u00e9", "\U0001f642"]
    assert writer.unknown_letters("a pug puts on the hat") == []  # rare words are spelled
    assert not writer.doubts("the cat sat on the mat. \u00e9").unlike_training
    assert writer.doubts("opopop gugugu" * 3).unlike_training
    with pytest.raises(CharnnError, match=r"'the é' has 'é', not in the model's vocabulary"):
        writer.generate(prefix="the \u00e9")


def test_commands_say_tokens_and_characters(writer, path, tmp_path):
    (tmp_path / "text").write_text(TEXT.replace("xyz", "pug") * 3, encoding="utf-8")
    measured = call("charnn.evaluate", "--model", path, "--data", tmp_path / "text").stdout
    tokens = len(writer.read([TEXT.replace("xyz", "pug") * 3])[0])
    assert f"{3 * len(TEXT)} characters: " in measured
    assert f"{tokens} tokens: " in measured
    scored = call("charnn.generate", "--model", path, "--score", "the cat\n").stdout.splitlines()
    assert scored[0].endswith("bits per character")
    assert [line.split()[0] for line in scored[1:]] == ["the", "cat", "\\n"]


@pytest.mark.parametrize("options", [(), ("--data", "data/names")])
def test_names_are_not_written_in_words(options):
    result = call("charnn.train", "--task", "generate", "--tokens", "words", *options)
    assert "--tokens words with --task generate is for running text" in error_of(result)


def test_there_is_no_page_of_it(writer, path, tmp_path):
    with pytest.raises(CharnnError, match="no page for a generator of words"):
        web_page(writer)
    out = tmp_path / "page.html"
    result = call("charnn.export", path, "--to", "web", "--out", out)
    assert "no page for a generator of words" in error_of(result)
    assert not out.exists()


@pytest.mark.slow
def test_a_server_answers_and_has_no_page_of_it(writer, path):
    with Server("--model", path) as server:
        status, said = server.ask("/")
        assert status == 404
        assert "no page for a generator of words" in said["error"]
        status, found = server.ask("/score", {"text": "the cat"})
        assert status == 200
        assert found["bits_per_char"] == pytest.approx(writer.score("the cat"), abs=1e-4)
        assert [row["letter"] for row in found["letters"]] == ["the", " cat"]
