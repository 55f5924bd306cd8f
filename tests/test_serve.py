"""python -m charnn.serve: how it starts, ends and reloads, under load too."""

import json
import signal
import socket
import threading
import time

import pytest
from helpers import ROOT, call, error_of
from serving import Server

import charnn


class Load:
    """Clients that ask one name after the other, each on a connection of its own."""

    def __init__(self, server, clients=8, fresh=False):
        """`fresh` clients connect anew for each request."""
        self.server, self.fresh = server, fresh
        self.answers, self.lost, self.going = [], [], True
        self.threads = [threading.Thread(target=self._ask) for _ in range(clients)]
        for thread in self.threads:
            thread.start()

    def _ask(self):
        link = None
        while self.going:
            try:
                link = link or socket.create_connection(("127.0.0.1", self.server.port), 20)
            except OSError:  # nobody listens any more: nothing was accepted
                return
            answer = b""
            try:
                link.sendall(b"GET /predict?name=Aoie&top=1 HTTP/1.1\r\n\r\n")
                while b"}]}" not in answer:
                    part = link.recv(65536)
                    if not part:
                        break
                    answer += part
            except OSError as error:
                self.lost.append(repr(error))
                return
            if b"}]}" not in answer:
                # An idle connection may be closed; one that has begun to answer may not.
                self.lost.append(answer)
                return
            self.answers.append(json.loads(answer.partition(b"\r\n\r\n")[2]))
            if self.fresh or b"connection: close" in answer.lower():
                link.close()
                link = None
        if link:
            link.close()

    def stop(self):
        self.going = False
        for thread in self.threads:
            thread.join()


# ---------------------------------------------------------------- starting


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--port", 70_000), "--port 70000 is out of range; choose from 0 to 65,535"),
        (("--workers", 0), "--workers 0 is out of range"),
        (("--deadline", "nan"), "--deadline nan is out of range"),
        (("--model", "nowhere.safetensors"), "nowhere.safetensors does not exist"),
        (("--model", "a=x", "--model", "a=y"), "--model a is given twice"),
        (("--model", "a b=x"), "--model 'a b=x' has the name 'a b'; choose one of ASCII letters"),
        (("--cors", "example.org"), "--cors 'example.org' is no origin"),
        (("--token-file", "nowhere"), "--token-file nowhere cannot be read"),
        (("--token-file", ROOT / "README.md"), "holds no token; give one line"),
        (("--host", "256.0.0.1"), "--host 256.0.0.1 --port 8000 cannot be listened on"),
    ],
)
def test_bad_input_is_one_line(options, said):
    assert said in error_of(call("charnn.serve", *options))


def test_a_port_that_is_taken_is_named():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"--port {port} cannot be listened on (" in error_of(
            call("charnn.serve", "--port", port)
        )


def test_without_its_packages_it_says_what_to_install(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "charnn.deployment.running", None)
    monkeypatch.delitem(sys.modules, "charnn.deployment.server", raising=False)
    monkeypatch.setitem(sys.modules, "starlette.applications", None)
    monkeypatch.delitem(sys.modules, "charnn.deployment.running")
    assert 'needs starlette.applications; pip install "charnn[serve]"' in error_of(
        call("charnn.serve")
    )


# ---------------------------------------------------------------- ending

posix = pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="needs POSIX signals")


@posix
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_exit_code_0(model, number):
    with Server("--model", model) as server:
        assert server.ask("/predict", name="Aoie")[0] == 200
        server.process.send_signal(number)
        assert server.process.wait(10) == 0
        assert all("level" not in line for line in server.lines())


@posix
@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("fresh", [False, True])
def test_no_accepted_request_is_lost_when_it_ends_under_load(model, workers, fresh):
    for _ in range(3):
        with Server("--model", model, "--workers", workers) as server:
            load = Load(server, fresh=fresh)
            time.sleep(1)
            server.process.send_signal(signal.SIGTERM)
            code = server.process.wait(20)
            load.stop()
            assert code == 0
            assert len(load.answers) > 100
            assert load.lost == []


@posix
@pytest.mark.slow
def test_what_takes_longer_than_the_grace_is_broken_off(folder, tmp_path):
    slow = charnn.train_generator(folder, hidden=256, epochs=1, device="cpu")
    slow.save(tmp_path / "slow.safetensors")
    options = ("--grace", 1, "--max-written", 10_000_000)
    with Server("--model", tmp_path / "slow.safetensors", *options) as server:
        link = server.connect()
        body = json.dumps({"count": 60_000, "length": 40, "temperature": 9})
        link.request("POST", "/generate", body)
        time.sleep(0.5)
        start = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(20) == 0
        assert time.monotonic() - start < 10
        link.close()


@posix
@pytest.mark.slow
def test_workers_end_with_the_process_that_started_them(model):
    with Server("--model", model, "--workers", 2) as server:
        assert server.ask("/predict", name="Aoie")[0] == 200
        server.process.kill()
        server.process.wait()
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                server.ask("/health")
            except OSError:
                break
            time.sleep(0.2)
        with pytest.raises(OSError, match="refused"):
            server.ask("/health")


# ---------------------------------------------------------------- other models while it runs


@pytest.fixture(scope="module")
def two(folder, tmp_path_factory):
    """The bytes of two models of the same names that answer differently."""
    there = tmp_path_factory.mktemp("two")
    found = []
    for seed in (1, 2):
        path = there / f"{seed}.safetensors"
        charnn.train_classifier(folder, hidden=2, epochs=1, ngrams=0, seed=seed, device="cpu").save(
            path
        )
        found.append(path.read_bytes())
    return found


def answer_of(content, tmp_path):
    """A model's probability for the name that the clients ask for."""
    path = tmp_path / "answer.safetensors"
    path.write_bytes(content)
    return charnn.load(path).predict("Aoie", top=1)[0][1]


def exchange(path, content):
    """Puts another file in a file's place, whole."""
    fresh = path.with_suffix(".new")
    fresh.write_bytes(content)
    fresh.replace(path)


@posix
@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_every_answer_is_of_one_model_or_the_other(two, tmp_path, workers):
    served = tmp_path / "served.safetensors"
    served.write_bytes(two[0])
    expected = [answer_of(content, tmp_path) for content in two]
    assert abs(expected[0] - expected[1]) > 1e-3
    with Server("--model", f"m={served}", "--workers", workers) as server:
        load = Load(server)
        for turn in range(100):
            exchange(served, two[(turn + 1) % 2])
            server.process.send_signal(signal.SIGHUP)
            time.sleep(0.05 if workers == 1 else 0.1)
        time.sleep(1)
        load.stop()
        found = [answer["answers"][0]["predictions"][0]["probability"] for answer in load.answers]
        near = [min((abs(p - one), k) for k, one in enumerate(expected)) for p in found]
        assert max(distance for distance, _ in near) < 1e-4
        assert {k for _, k in near} == {0, 1}
        assert load.lost == []
        last = server.ask("/predict", name="Aoie", top=1)[1]
        probability = last["answers"][0]["predictions"][0]["probability"]
        assert probability == pytest.approx(expected[0], abs=1e-4)


@posix
def test_a_broken_file_changes_nothing_and_its_path_stays_in_the_log(two, tmp_path):
    served, token = tmp_path / "served.safetensors", tmp_path / "token"
    served.write_bytes(two[0])
    token.write_text("0123456789abcdef")
    options = ("--model", f"m={served}", "--token-file", token)
    with Server(*options) as server:
        bearer = {"authorization": "Bearer 0123456789abcdef"}
        before = server.ask("/predict", name="Aoie", headers=bearer)
        exchange(served, two[1][:-5])
        status, answer = server.ask("/reload", b"", headers=bearer)
        assert (status, str(tmp_path) in answer["error"]) == (409, False)
        assert server.ask("/predict", name="Aoie", headers=bearer) == before
        assert any(str(served) in line.get("message", "") for line in server.lines())
        exchange(served, two[1])
        assert server.ask("/reload", b"", headers=bearer) == (200, {"models": ["m"]})
        assert server.ask("/predict", name="Aoie", headers=bearer) != before
