"""The files that run the server elsewhere: they parse, and their command is one that works."""

import configparser
import json
import re
import shlex

import pytest
from helpers import ROOT, call
from serving import Server

from charnn.serve import NEEDED

THERE = ROOT / "examples" / "serving"
TOKEN = "0123456789abcdef0123456789abcdef"


def dockerfile():
    """The Dockerfile's instructions, continued lines joined: (instruction, rest)."""
    lines = re.sub(r"^#.*\n", "", (THERE / "Dockerfile").read_text(), flags=re.MULTILINE)
    joined = re.sub(r"\\\n\s*", " ", lines)
    return [tuple(line.split(None, 1)) for line in joined.splitlines() if line]


def options_of(command):
    """What follows `-m charnn.serve` in a command."""
    return command[command.index("charnn.serve") + 1 :]


def works(options, tmp_path, model):
    """Asserts that a server starts with these options, on a free port, and answers."""
    (tmp_path / "token").write_text(TOKEN)
    options = [
        tmp_path / "token" if str(one).endswith("token") and "/" in str(one) else one
        for one in options
    ]
    for flag, value in (("--host", "127.0.0.1"), ("--port", "0")):
        if flag in options:
            options[options.index(flag) + 1] = value
    with Server("--model", model, *options) as server:
        headers = {"authorization": f"Bearer {TOKEN}"}
        assert server.ask("/predict", name="Aoie", headers=headers)[0] == 200
        assert server.ask("/health") == (200, {"status": "ready"})


def test_the_dockerfile_installs_what_the_server_needs_and_is_not_root(tmp_path, model):
    found = dockerfile()
    instructions = [name for name, _ in found]
    known = {
        "FROM",
        "COPY",
        "WORKDIR",
        "RUN",
        "USER",
        "ENV",
        "EXPOSE",
        "STOPSIGNAL",
        "HEALTHCHECK",
        "ENTRYPOINT",
    }
    assert set(instructions) <= known
    assert instructions.index("USER") < instructions.index("ENTRYPOINT")
    installed = " ".join(rest for name, rest in found if name == "RUN")
    assert "torch" not in installed
    for package in NEEDED:
        assert package.replace("_", "-") in installed.split(), package
    rest = dict(found)
    command = json.loads(rest["ENTRYPOINT"])
    works(options_of(command), tmp_path, model)
    check = json.loads(rest["HEALTHCHECK"].partition("CMD ")[2])
    compile(check[2], "healthcheck", "exec")
    assert f":{rest['EXPOSE']}/health" in check[2]
    assert rest["EXPOSE"] == command[command.index("--port") + 1]


def test_the_compose_file_starts_that_image(tmp_path, model):
    yaml = pytest.importorskip("yaml")
    found = yaml.safe_load((THERE / "compose.yaml").read_text())
    service = found["services"]["charnn"]
    assert (THERE / service["build"]["context"]).resolve() == ROOT
    assert (ROOT / service["build"]["dockerfile"]).exists()
    assert set(service["secrets"]) == set(found["secrets"])
    works(service["command"], tmp_path, model)
    grace = int(service["command"][service["command"].index("--grace") + 1])
    assert int(service["stop_grace_period"].rstrip("s")) > grace


def test_the_unit_starts_reloads_and_stops(tmp_path, model):
    unit = configparser.ConfigParser(interpolation=None, strict=False)
    unit.optionxform = str
    unit.read_string((THERE / "charnn.service").read_text())
    service = unit["Service"]
    command = shlex.split(service["ExecStart"])
    works(options_of(command), tmp_path, model)
    assert "-HUP" in service["ExecReload"]
    assert int(service["TimeoutStopSec"]) > int(command[command.index("--grace") + 1])


def test_help_names_every_option_that_the_files_use():
    said = call("charnn.serve", "--help").stdout
    for path in THERE.iterdir():
        for flag in re.findall(
            r"(?<![\w-])--(?:model|host|port|workers|grace|token-file)\b", path.read_text()
        ):
            assert flag in said
