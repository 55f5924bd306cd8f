"""The server's answers: what the models say, and an error in words for whatever else is asked."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time

import numpy as np
import pytest
from helpers import call
from hypothesis import given, settings
from hypothesis import strategies as st
from serving import Server

import charnn

TOKEN = "0123456789abcdef-token"
LIMITS = ("--max-names", 5, "--max-letters", 50, "--max-body", 2000, "--max-written", 1000)


@pytest.fixture(scope="module")
def writer(folder, tmp_path_factory):
    """A tiny generator's model file."""
    path = tmp_path_factory.mktemp("writer") / "model.safetensors"
    charnn.train_generator(folder, hidden=16, epochs=2, batch_size=32, device="cpu").save(path)
    return path


@pytest.fixture(scope="module")
def server(model, writer):
    """A server of two classifiers (one file) and a generator, with small limits."""
    models = (f"tiny={model}", f"again={model}", f"writer={writer}")
    with Server(*(word for one in models for word in ("--model", one)), *LIMITS) as running:
        yield running


def close(rows, ranking):
    """Whether labels and probabilities are those of a model's ranking."""
    assert [row["label"] for row in rows] == [label for label, _ in ranking]
    np.testing.assert_allclose([row["probability"] for row in rows], [p for _, p in ranking], 1e-4)


# ---------------------------------------------------------------- the answers are the models'


def test_one_name_is_answered_as_the_command_does(server, model):
    status, found = server.ask("/predict", name="Aoie", top=2)
    printed = call("charnn.predict", "--model", model, "--json", "--top", 2, "Aoie").stdout
    expected = json.loads(printed)
    assert status == 200
    assert found["model"] == "tiny"
    (answer,) = found["answers"]
    close(
        answer["predictions"],
        [(row["label"], row["probability"]) for row in expected["predictions"]],
    )
    assert {**answer, "predictions": 0} == {**expected, "predictions": 0}


@pytest.mark.usefixtures("scripts_warned_of")
def test_several_names_and_what_is_wrong_with_them(server, model):
    names = ["Aoie", "王", "", "Sshsz!", "a b"]
    _, found = server.ask("/predict", {"names": names, "top": 1, "model": "again"})
    mine = charnn.load(model)
    assert [row["name"] for row in found["answers"]] == names
    for row, name in zip(found["answers"], names, strict=True):
        if not mine.known([name])[0]:
            assert row["predictions"] == []
        else:
            close(row["predictions"], mine.predict(name, top=1))
        assert row["unknown_letters"] == mine.doubts(name).unknown
    _, strict = server.ask("/predict", {"names": ["Aoie"], "unknown_below": 1})
    assert strict["answers"][0]["predictions"] == []


def test_beliefs_are_the_answers_after_each_letter(server, model):
    _, found = server.ask("/beliefs", name="Straße", top=3)
    mine = charnn.load(model)
    assert "".join(row["letter"] for row in found["letters"]) == mine.normalise("Straße")
    ranked = mine.rank(np.log(mine.beliefs("Straße")), 3)
    for row, ranking in zip(found["letters"], ranked, strict=True):
        close(row["predictions"], ranking)
    assert server.ask("/beliefs", name="")[1]["letters"] == []


def test_names_are_generated_and_scored(server, writer):
    asked = {"label": "Hissing", "prefix": "S", "count": 3, "seed": 7, "temperature": 0.5}
    _, found = server.ask("/generate", asked)
    mine = charnn.load(writer)
    expected = mine.sample(**asked)
    assert [row["text"] for row in found["texts"]] == [sample.text for sample in expected]
    assert {row["label"] for row in found["texts"]} == {"Hissing"}
    bits = [row["bits_per_char"] for row in found["texts"]]
    assert bits == pytest.approx([sample.bits_per_char for sample in expected], rel=1e-4)
    _, scored = server.ask("/score", {"text": "Ssh", "label": "Hissing"})
    assert scored["bits_per_char"] == pytest.approx(mine.score("Ssh", "Hissing"), rel=1e-4)
    assert [row["letter"] for row in scored["letters"]] == [*"Ssh", "\n"]


def test_the_models_that_are_served(server, model):
    _, found = server.ask("/models")
    assert [one["name"] for one in found["models"]] == ["tiny", "again", "writer"]
    with open(model, "rb") as file:
        assert found["models"][0]["digest"].encode() in file.read()
    assert found["models"][0]["labels"] == charnn.load(model).labels


def test_names_of_requests_that_come_together_are_classified_together(server):
    links = [server.connect() for _ in range(30)]
    for link in links:
        link.request("GET", "/predict?name=Aoie")
    answers = [json.loads(link.getresponse().read()) for link in links]
    for link in links:
        link.close()
    assert all(answer == answers[0] for answer in answers)
    metrics = dict(
        line.rsplit(" ", 1) for line in server.ask("/metrics")[1].splitlines() if line[0] != "#"
    )
    assert float(metrics['charnn_requests_total{path="/predict",status="200"}']) >= 30
    assert float(metrics["charnn_batch_names_sum"]) >= float(metrics["charnn_batch_names_count"])
    assert float(metrics['charnn_request_seconds_count{path="/predict"}']) >= 30


# ---------------------------------------------------------------- what is wrong is said


@pytest.mark.parametrize(
    ("path", "query", "said"),
    [
        ("/predict", {}, "name is missing; give a text"),
        ("/predict", {"name": "a", "top": 0}, "top 0 is out of range; choose from 1 to 10,000"),
        ("/predict", {"name": "a", "top": "x"}, "top 'x' is not a whole number; give one"),
        ("/predict", {"name": "a", "tpo": 1}, "'tpo' is unknown here; did you mean top?"),
        ("/predict", {"name": "a", "model": "tniy"}, "did you mean tiny?"),
        ("/predict", {"name": "a", "unknown_below": 2}, "choose from 0.0 to 1.0"),
        ("/models", {"name": "a"}, "'name' is unknown here; leave it out"),
    ],
)
def test_a_wrong_query_is_named(server, path, query, said):
    status, answer = server.ask(path, **query)
    assert status == 400
    assert said in answer["error"]


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("/predict", b"{", 400, "the body is no JSON"),
        ("/predict", b"", 400, "the body is no JSON"),
        ("/predict", b"[1]", 400, "is no object; send one, in braces"),
        ("/predict", b'{"names": ["\xff"]}', 400, "is not UTF-8"),
        ("/predict", b'{"names": ["\\ud800"]}', 400, "holds half a character"),
        ("/predict", b'{"names": ["a"], "names": ["b"]}', 400, "'names' is given twice"),
        ("/predict", b'{"names": ["a"], "top": NaN}', 400, "NaN is no JSON"),
        ("/predict", b'{"names": ["a"], "top": 1e999}', 400, "top inf is not finite"),
        ("/predict", b'{"names": ["a"], "top": ' + b"9" * 1000 + b"}", 400, "top 9999"),
        ("/predict", b"[" * 1900, 400, "nested too deeply"),
        ("/predict", {"names": "Aoie"}, 400, "names 'Aoie' is not a list of texts"),
        ("/predict", {"names": []}, 400, "names is empty"),
        ("/predict", {"names": ["a", 5]}, 400, "names 2 5 is no text"),
        ("/predict", {"names": ["a"], "top": True}, 400, "top True is not a whole number"),
        ("/predict", {"names": ["a"], "top": 1.5}, 400, "top 1.5 is not a whole number"),
        ("/predict", {"names": ["a"] * 6}, 413, "names has 6 texts; ask for up to 5 at once"),
        ("/predict", {"names": ["a" * 51]}, 413, "has 51 characters; up to 50 are read"),
        ("/predict", {"names": ["a" * 2000]}, 413, "the body has more than 2,000 bytes"),
        ("/generate", {"label": "Red"}, 400, "label 'Red' is unknown to the model"),
        ("/generate", {"count": 100}, 413, "is more than 1,000 characters; ask for fewer"),
        ("/generate", {"top_p": 0}, 400, "choose above 0 and up to 1"),
        ("/generate", {"prefix": "王"}, 400, "not in the model's vocabulary"),
        ("/generate", {"temperature": 0, "top_k": 2}, 400, "leave top-k and top-p out"),
        ("/score", {"text": "a", "label": "Red"}, 400, "label 'Red' is unknown"),
        ("/score", {}, 400, "text is missing"),
        ("/nowhere", {}, 404, "there is no such path"),
        ("/health", {}, 405, "does not have that method"),
        ("/pages/none", None, 404, "there is no such page"),
        ("/reload", {}, 403, "without --token-file"),
    ],
)
def test_a_wrong_request_is_answered_in_words(server, path, body, status, said):
    found, answer = server.ask(path, body)
    assert (found, said in answer["error"]) == (status, True), answer
    assert "/" not in answer["error"].replace("/docs", "").replace("/ has", "")
    assert "Traceback" not in json.dumps(answer)


@pytest.mark.parametrize("query", [b"name=%FF", b"name=a&name=b", b"name=%ED%A0%80", b"&" * 200])
def test_a_query_that_is_no_utf8_or_is_given_twice(server, query):
    answer = server.raw(b"GET /predict?" + query + b" HTTP/1.1\r\nconnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b'"error"' in answer


@given(st.text(max_size=50))
@settings(max_examples=60)
def test_any_text_is_answered(server, text):
    status, answer = server.ask("/predict", {"names": [text]})
    assert status == 200
    assert answer["answers"][0]["name"] == text


def test_an_error_that_is_ours_shows_nothing_of_it(server, monkeypatch):
    # What is no HTTP at all, and headers without an end or of a size that nobody needs.
    assert server.raw(b"NONSENSE\r\n\r\n").startswith(b"HTTP/1.1 400 ")
    many = b"".join(b"x%d: %s\r\n" % (n, b"y" * 100) for n in range(200))
    for headers in (many, b"x: " + b"y" * 100_000 + b"\r\n", b"x: " + b"y" * 100_000):
        answer = server.raw(b"GET /health HTTP/1.1\r\n" + headers + b"\r\n")
        assert answer.startswith(b"HTTP/1.1 431 "), answer[:200]
    assert server.ask("/health") == (200, {"status": "ready"})


def test_head_and_pages(server):
    link = server.connect()
    link.request("HEAD", "/predict?name=Aoie")
    response = link.getresponse()
    assert (response.status, response.read()) == (200, b"")
    link.request("GET", "/")
    response = link.getresponse()
    page = response.read().decode()
    assert page.startswith("<!doctype html>")
    assert 'href="/pages/writer"' in page
    assert "frame-ancestors 'none'" in response.getheader("content-security-policy")
    link.request("GET", "/", headers={"if-none-match": response.getheader("etag")})
    response = link.getresponse()
    assert (response.status, response.read()) == (304, b"")
    link.close()
    assert "/predict" in server.ask("/docs")[1]


# ---------------------------------------------------------------- limits of a whole server


def test_a_token_is_asked_for_and_cors_is_as_it_was_named(model, tmp_path):
    (tmp_path / "token").write_text(TOKEN + "\n")
    options = ("--token-file", tmp_path / "token", "--cors", "https://example.org")
    with Server("--model", model, *options) as server:
        for given_token in (None, "Bearer wrong", f"Basic {TOKEN}", TOKEN):
            headers = {"authorization": given_token} if given_token else {}
            status, answer = server.ask("/predict", name="a", headers=headers)
            assert (status, "the token is missing or wrong" in answer["error"]) == (401, True)
        right = {"authorization": f"Bearer {TOKEN}"}
        assert server.ask("/predict", name="a", headers=right)[0] == 200
        assert server.ask("/")[0] == 401
        assert server.ask("/health")[0] == server.ask("/openapi.json")[0] == 200
        assert server.ask("/reload", b"", headers=right)[0] == 200
        link = server.connect()
        asking = {"origin": "https://example.org", "access-control-request-method": "POST"}
        link.request("OPTIONS", "/predict", headers=asking)
        response = link.getresponse()
        response.read()
        assert response.getheader("access-control-allow-origin") == "https://example.org"
        link.request("OPTIONS", "/predict", headers={**asking, "origin": "https://other.org"})
        response = link.getresponse()
        response.read()
        assert response.getheader("access-control-allow-origin") is None
        link.close()
        assert TOKEN not in server.log()


def test_the_log_is_json_without_names_unless_they_are_asked_for(model):
    for options, expected in (((), None), (("--log-names",), ["Secretname"])):
        with Server("--model", f"m={model}", *options) as server:
            server.ask("/predict", name="Secretname")
            server.ask("/Secretname")
            time.sleep(0.2)
            first, second = server.lines()
            assert first.get("asked") == expected
            assert (first["path"], first["status"], first["names"]) == ("/predict", 200, 1)
            assert (second["path"], second["status"]) == ("other", 404)
            assert ("Secretname" in server.log()) is (expected is not None)


@pytest.mark.slow
def test_a_deadline_ends_what_takes_too_long_and_a_body_that_does_not_come(folder, tmp_path):
    slow = charnn.train_generator(folder, hidden=256, epochs=1, device="cpu")
    slow.save(tmp_path / "slow.safetensors")
    options = ("--deadline", 0.5, "--max-written", 10_000_000, "--max-waiting", 2)
    with Server("--model", tmp_path / "slow.safetensors", *options) as server:
        asked = {"count": 60_000, "length": 40, "temperature": 9}
        status, answer = server.ask("/generate", asked)
        assert (status, "took longer than 0.5 seconds" in answer["error"]) == (503, True)
        request = b"POST /score HTTP/1.1\r\ncontent-length: 20\r\n\r\n{"
        assert server.raw(request).startswith(b"HTTP/1.1 408 ")


@pytest.mark.slow
def test_more_requests_than_may_wait_are_told_to_come_again(folder, tmp_path):
    slow = charnn.train_generator(folder, hidden=128, epochs=1, device="cpu")
    slow.save(tmp_path / "slow.safetensors")
    options = ("--max-waiting", 2, "--max-written", 1_000_000, "--deadline", 100)
    with Server("--model", tmp_path / "slow.safetensors", *options) as server:
        links = [server.connect() for _ in range(6)]
        body = json.dumps({"count": 10_000, "length": 40, "temperature": 9, "seed": 0})
        for link in links:
            link.request("POST", "/generate", body)
        found = [link.getresponse() for link in links]
        statuses = sorted(response.status for response in found)
        assert statuses == [200] * 2 + [503] * 4
        refused = [response for response in found if response.status == 503]
        assert {response.getheader("retry-after") for response in refused} == {"1"}
        for link, response in zip(links, found, strict=True):
            response.close()
            link.close()


@pytest.mark.skipif(not os.path.exists("/proc/self/fd"), reason="needs Linux")
def test_clients_that_go_away_leave_nothing_behind(server):
    server.ask("/health")
    before = server.open_files()
    for request in (
        b"GET /pages/tiny HTTP/1.1\r\n\r\n",
        b"POST /predict HTTP/1.1\r\ncontent-length: 99\r\n\r\n{",
        b"GET /pre",
        b"",
    ):
        for _ in range(20):
            with socket.create_connection(("127.0.0.1", server.port)) as link:
                link.sendall(request)
    deadline = time.monotonic() + 10
    while server.open_files() > before + 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert server.open_files() <= before + 2
    assert server.ask("/health")[0] == 200


# ---------------------------------------------------------------- the description


def test_the_description_has_every_path_and_every_field(server):
    status, document = server.ask("/openapi.json")
    assert (status, document["openapi"]) == (200, "3.1.0")
    asked = {
        (path, method) for path, operations in document["paths"].items() for method in operations
    }
    assert asked == {
        ("/predict", "get"),
        ("/predict", "post"),
        ("/beliefs", "get"),
        ("/generate", "post"),
        ("/score", "post"),
        ("/models", "get"),
        ("/health", "get"),
        ("/metrics", "get"),
        ("/reload", "post"),
    }
    for path, method in asked:
        content, headers = (b"{}", None) if method == "post" else (None, None)
        found = server.ask(path, content, headers)[0]
        assert str(found) in document["paths"][path][method]["responses"], (path, method, found)


@pytest.mark.slow
def test_nothing_that_the_description_allows_or_forbids_breaks_the_server(server, tmp_path):
    # https://schemathesis.readthedocs.io: requests made from the description, good and bad
    checks = (
        "not_a_server_error,status_code_conformance,content_type_conformance,"
        "response_schema_conformance"
    )
    result = subprocess.run(
        [
            shutil.which("st", path=os.path.dirname(sys.executable)) or "st",
            "run",
            f"{server.address}/openapi.json",
            "--checks",
            checks,
            "--max-examples",
            "100",
            "--seed",
            "1",
            "--suppress-health-check",
            "all",
            "--no-color",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert result.returncode == 0, result.stdout[-5000:]
    assert all(line["status"] < 500 for line in server.lines() if "status" in line)
    assert not any(line.get("level") == "error" for line in server.lines())


@pytest.mark.slow
def test_headers_that_come_too_slowly_are_refused_while_others_are_answered(server):
    with contextlib.ExitStack() as stack:
        address = ("127.0.0.1", server.port)
        links = [stack.enter_context(socket.create_connection(address, 20)) for _ in range(300)]
        silent = stack.enter_context(socket.create_connection(address, 20))
        for _ in range(4):
            for link in links:
                link.sendall(b"G" if link is links[0] else b"GET /health HTTP/1.1\r\nx: y")
            assert server.ask("/predict", name="Aoie")[0] == 200
            time.sleep(0.1)
        answers = [link.recv(1000) for link in links[1:]]
        assert all(answer.startswith(b"HTTP/1.1 408 ") for answer in answers)
        assert silent.recv(10) == b""
