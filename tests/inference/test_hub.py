"""The Hugging Face Hub, by its own client and a server on this computer that speaks its protocol."""

import json
import subprocess
import sys

import pytest
from helpers import ROOT, call, error_of, run, tiny_names, write_folder
from hub_server import BACK_SOON, TOKEN, running
from random_models import random_classifier, random_generator
from without_torch import run_without

import charnn
from charnn.inference import checkpoint
from charnn.inference.hub import Address, address_of

constants = pytest.importorskip("huggingface_hub.constants")
KNOWN, WRITER = random_classifier(), random_generator()
CLASSIFIER, GENERATOR = (
    checkpoint.to_bytes("it", model.arrays(), model.description()) for model in (KNOWN, WRITER)
)
EXPECTED = KNOWN.predict("hinton")
OTHERS = (8).to_bytes(8, "little") + b"{}      "  # a safetensors file without a tensor


@pytest.fixture(scope="module")
def server():
    """A Hub with repositories of all sorts, which the tests only read."""
    with running() as hub:
        hub.repository("ann/names", {"model.safetensors": CLASSIFIER})
        hub.repository("ann/writer", {"model.safetensors": GENERATOR})
        hub.repository("ann/secret", {"model.safetensors": CLASSIFIER}, private=True)
        hub.repository("ann/gated", {"model.safetensors": CLASSIFIER}, gated=True)
        hub.repository("ann/empty", {"README.md": b"soon"})
        hub.repository("ann/other", {"model.safetensors": OTHERS})
        hub.repository("ann/pickle", {"model.safetensors": b"\x80\x04N."})
        yield hub


@pytest.fixture
def hub(server, monkeypatch, tmp_path):
    """That Hub as the one that is asked, by this process and its children, and an empty cache."""
    server.requests.clear()
    monkeypatch.delenv("HF_TOKEN", raising=False)
    for name, value in {
        "ENDPOINT": server.url,
        "HUGGINGFACE_CO_URL_TEMPLATE": server.url + "/{repo_id}/resolve/{revision}/{filename}",
        "HF_HUB_CACHE": str(tmp_path / "cache"),
        "HF_TOKEN_PATH": str(tmp_path / "token"),
        "HF_HUB_DISABLE_XET": True,
    }.items():
        monkeypatch.setattr(constants, name, value)
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    return server


def downloads(hub):
    """How many large files were downloaded."""
    return sum(method == "GET" and path.startswith("/large") for method, path in hub.requests)


# ---------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hf://ann/names", ("ann/names", None, "model.safetensors")),
        ("hf://ann/names@v1.2", ("ann/names", "v1.2", "model.safetensors")),
        ("hf://ann/names@refs/pr/3", ("ann/names", "refs/pr/3", "model.safetensors")),
        ("hf://ann/names/old/a.safetensors", ("ann/names", None, "old/a.safetensors")),
        ("hf://ann/names@refs/pr/3/a.safetensors", ("ann/names", "refs/pr/3", "a.safetensors")),
    ],
)
def test_an_address_says_repository_revision_and_file(text, expected):
    assert address_of(text) == Address(text, *expected)


@pytest.mark.parametrize(
    "text", ["hf://", "hf://ann", "hf://ann/", "hf:///names", "hf://ann/names@"]
)
def test_what_is_no_address_is_refused(text):
    with pytest.raises(charnn.CharnnError, match="write hf://OWNER/NAME"):
        charnn.load(text)


# ---------------------------------------------------------------- from the Hub


def test_a_model_comes_from_the_hub_and_then_from_the_cache(hub, monkeypatch):
    loaded = charnn.load("hf://ann/names").predict("hinton")
    assert dict(loaded) == pytest.approx(dict(EXPECTED), abs=1e-6)  # of torch's engine
    assert charnn.Classifier.from_pretrained("ann/names").predict("hinton") == loaded
    assert downloads(hub) == 1  # the second time the Hub said that nothing is new
    charnn.Classifier.from_pretrained("ann/names", force_download=True)
    assert downloads(hub) == 2
    hub.requests.clear()
    charnn.Classifier.from_pretrained("hf://ann/names", local_files_only=True)
    assert not hub.requests
    monkeypatch.setattr(hub, "broken", True)
    assert charnn.load("hf://ann/names").predict("hinton") == loaded


@pytest.mark.slow
def test_a_revision_is_a_branch_or_a_commit_and_stays_what_it_is(hub, monkeypatch):
    repository = hub.repository("ann/growing")
    first = repository.commit({"model.safetensors": CLASSIFIER})
    repository.commit({"model.safetensors": GENERATOR})
    assert charnn.load("hf://ann/growing").task == "generate"
    assert charnn.load(f"hf://ann/growing@{first}").task == "classify"
    pinned = charnn.Classifier.from_pretrained("ann/growing", revision=first)
    assert pinned.task == "classify"
    repository.commit({"model.safetensors": CLASSIFIER})
    assert charnn.load("hf://ann/growing@main").task == "classify"  # the cache has an older one


@pytest.mark.slow
def test_what_is_private_takes_a_token(hub, monkeypatch, tmp_path):
    given = charnn.Classifier.from_pretrained("ann/secret", token=TOKEN, cache_dir=tmp_path / "own")
    assert given.task == "classify"
    assert not (tmp_path / "cache").exists()
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    assert charnn.load("hf://ann/secret").task == "classify"


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        ("hf://ann/none", "no such repository, or it is private; .*HF_TOKEN"),
        ("hf://ann/secret", "no such repository, or it is private; .*HF_TOKEN"),
        ("hf://ann/gated", "is gated; ask for access .*HF_TOKEN"),
        ("hf://ann/names@v9", "no revision 'v9'; "),
        ("hf://ann/empty", "no model.safetensors; "),
        ("hf://ann/names/other.safetensors", "no other.safetensors; "),
        ("hf://a b/names", "no repository's name; write OWNER/NAME"),
        ("hf://ann/other", "ann--other.* has no charnn description; "),
        ("hf://ann/pickle", "ann--pickle.* is not a whole safetensors file"),
    ],
)
def test_what_cannot_be_had_is_said_in_one_line(hub, model, reason):
    with pytest.raises(charnn.CharnnError, match=reason) as caught:
        charnn.load(model)
    assert "\n" not in str(caught.value)


def test_without_a_network_and_a_cached_file_it_says_so(hub, monkeypatch):
    with pytest.raises(charnn.CharnnError, match=r"not in the cache.*; connect to the Hub"):
        charnn.Classifier.from_pretrained("ann/names", local_files_only=True)
    assert not hub.requests
    monkeypatch.setattr(hub, "broken", True)
    monkeypatch.setattr("time.sleep", lambda _: None)  # the client tries again and again
    with pytest.raises(charnn.CharnnError, match=rf"not in the cache.*{BACK_SOON}|503"):
        charnn.load("hf://ann/names")
    with pytest.raises(charnn.CharnnError, match=r"check the options"):
        charnn.Classifier.from_pretrained("a/b", local_files_only=True, force_download=True)


@pytest.mark.parametrize("name", ["hf://ann/names", "a model card"])
def test_without_the_library_it_says_what_to_install(name, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    model = charnn.load()  # which needs it not
    with pytest.raises(charnn.CharnnError, match=r"pip install 'charnn\[hub\]'"):
        charnn.load(name) if name.startswith("hf:") else model.save_pretrained(tmp_path / "new")
    assert not list(tmp_path.iterdir())


# ---------------------------------------------------------------- folders


def test_a_folder_holds_the_model_and_its_card(tmp_path, monkeypatch):
    KNOWN.save_pretrained(tmp_path / "new/folder", license="mit")
    assert sorted(path.name for path in (tmp_path / "new/folder").iterdir()) == [
        "README.md",
        "model.safetensors",
    ]
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)  # a folder needs no client
    again = charnn.Classifier.from_pretrained(tmp_path / "new/folder")
    assert dict(again.predict("hinton")) == pytest.approx(dict(EXPECTED), abs=1e-6)
    assert again.figures == KNOWN.figures
    with pytest.raises(charnn.CharnnError, match=r"holds a Classifier, expected a Generator; "):
        charnn.Generator.from_pretrained(tmp_path / "new/folder")
    with pytest.raises(charnn.CharnnError, match=r"model.safetensors does not exist"):
        charnn.Classifier.from_pretrained(tmp_path)
    with pytest.raises(charnn.CharnnError, match=r"is a file; give its folder"):
        charnn.Classifier.from_pretrained(tmp_path / "new/folder/model.safetensors")


@pytest.mark.slow
def test_saving_again_replaces_the_model_and_nothing_that_somebody_wrote(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(OTHERS)
    model = WRITER
    model.save_pretrained(tmp_path)
    model.save_pretrained(tmp_path)  # the card is this model's: there is nothing to warn of
    assert charnn.Generator.from_pretrained(tmp_path).labels == model.labels
    (tmp_path / "README.md").write_text("mine")
    with pytest.warns(UserWarning, match=r"README.md was there and stays as it is"):
        model.save_pretrained(tmp_path)
    assert (tmp_path / "README.md").read_text() == "mine"
    assert (tmp_path / "config.json").read_text() == "{}"
    assert len(list(tmp_path.iterdir())) == 3
    with pytest.raises(charnn.CharnnError, match=r"cannot be made .*; choose another folder"):
        model.save_pretrained(tmp_path / "README.md")


# ---------------------------------------------------------------- to the Hub


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # the client's own
def test_a_model_goes_to_the_hub_and_comes_back(hub):
    address = WRITER.push_to_hub("bob/writer", private=True, token=TOKEN, license="mit")
    repository = hub.repositories["bob/writer"]
    assert repository.private
    assert address == f"{hub.url}/bob/writer/commit/{repository.branches['main']}"
    pushed = repository.commits[repository.branches["main"]]
    assert sorted(pushed) == ["README.md", "model.safetensors"]
    assert b'charnn.load("hf://bob/writer")' in pushed["README.md"]
    back = charnn.Generator.from_pretrained("bob/writer", token=TOKEN)
    assert back.generate(count=3, seed=0) == WRITER.generate(count=3, seed=0)

    request = KNOWN.push_to_hub("bob/writer", token=TOKEN, create_pr=True)
    assert request == f"{hub.url}/bob/writer/discussions/1"
    assert repository.commits[repository.branches["main"]] == pushed
    proposed = charnn.Classifier.from_pretrained("bob/writer", revision="refs/pr/1", token=TOKEN)
    assert proposed.task == "classify"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # its folder
def test_what_may_not_be_written_is_said_in_one_line(hub, monkeypatch):
    model = KNOWN
    with pytest.raises(charnn.CharnnError, match=r"refuses .*; give a token that may write there"):
        model.push_to_hub("ann/new")
    assert "ann/new" not in hub.repositories
    monkeypatch.setattr(hub, "full", True)
    with pytest.raises(charnn.CharnnError, match=r"ann/full: the Hub refuses .*storage limit"):
        model.push_to_hub("ann/full", token=TOKEN)
    for name in ("names", "ann/names@v1", "a/b/c", "an n/names"):
        with pytest.raises(charnn.CharnnError, match="no repository's name; write OWNER/NAME"):
            model.push_to_hub(name, token=TOKEN)


# ---------------------------------------------------------------- commands


def test_a_command_prints_its_answer_and_nothing_else(hub):
    result = call("charnn.predict", "hinton", "--json", "--model", "hf://ann/names")
    assert json.loads(result.stdout)["name"] == "hinton"
    assert (result.returncode, result.stderr) == (0, "")
    assert "ann/none: the Hub has no such" in error_of(
        call("charnn.predict", "hinton", "--model", "hf://ann/none")
    )


@pytest.mark.slow
def test_a_user_without_a_terminal_sees_no_progress(hub):
    result = run("charnn.predict", "hinton", "--model", "hf://ann/names")
    assert (result.returncode, result.stderr) == (0, ""), result
    assert result.stdout.splitlines()[0].endswith(EXPECTED[0][0])
    assert downloads(hub) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "model"),
    [
        ("generate --count 2", "writer"),
        ("generate --score Aoie", "writer"),
        ("evaluate --data DATA", "names"),
        ("report --data DATA --out OUT", "names"),
        ("look beliefs Hinton --out OUT", "names"),
        ("look gates Hinton --out OUT", "names"),
        ("look summary", "names"),
    ],
)
def test_every_command_reads_from_the_hub(command, model, hub, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data = write_folder(tmp_path / "data", {"Aries": ["Bakker", "Visser"], "Gemini": ["Kelly"]})
    words = [{"DATA": data, "OUT": "out"}.get(word, word) for word in command.split()]
    result = call(f"charnn.{words[0]}", *words[1:], "--model", f"hf://ann/{model}")
    assert result.returncode == 0, result
    assert downloads(hub) == 1


@pytest.mark.slow
def test_a_model_from_the_hub_is_exported_under_its_name(hub, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = call("charnn.export", "hf://ann/names", "--to", "web")
    assert (result.returncode, result.stdout) == (0, "names.html\n"), result


@pytest.mark.slow
def test_a_training_starts_from_a_model_of_the_hub(hub, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_folder(tmp_path / "data", tiny_names())
    options = ["--data", "data", "--epochs", "1", "--out", "run", "--device", "cpu"]
    result = call("charnn.train", "--from", "hf://ann/names", *options)
    assert result.returncode == 0, result
    assert (tmp_path / "run/model.safetensors").exists()


@pytest.mark.slow
def test_a_server_serves_a_model_of_the_hub(hub):
    from serving import Server

    with Server("--model", "hf://ann/names") as served:
        ask = f"import urllib.request as u; print(u.urlopen('{served.address}/models').read())"
        result = subprocess.run(
            [sys.executable, "-c", ask], capture_output=True, text=True, timeout=60
        )
    assert "names" in result.stdout, result


# ---------------------------------------------------------------- what is not there


@pytest.mark.slow
def test_a_saved_folder_answers_without_torch(tmp_path):
    KNOWN.save_pretrained(tmp_path / "names")
    program = (
        "import sys; "
        "sys.modules.update(dict.fromkeys(['torch', 'matplotlib', 'scipy', 'huggingface_hub'])); "
        "import charnn; "
        "print(charnn.Classifier.from_pretrained('names').predict('hinton', top=1)[0][0])"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert result.stdout == f"{EXPECTED[0][0]}\n", result


@pytest.mark.slow
def test_the_client_of_the_hub_needs_no_torch_either(hub, tmp_path):
    command = ["predict", "hinton", "--model", "hf://ann/names"]
    ((code, out, err),) = run_without(tmp_path, command, HF_ENDPOINT=hub.url)
    assert (code, err) == (0, ""), err
    assert out.splitlines()[0].endswith(EXPECTED[0][0])
    assert downloads(hub) == 1


@pytest.mark.slow
def test_answers_without_the_hub_do_not_import_its_client():
    program = (
        "import sys, charnn; charnn.load().predict('Hinton'); "
        "print({'huggingface_hub', 'jinja2', 'torch'} & set(sys.modules))"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert result.stdout == "set()\n", result
