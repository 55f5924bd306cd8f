"""A server on this computer that speaks the protocol of the Hugging Face Hub, for its real client.

What it knows: repositories with commits and branches, private and gated ones, tokens, the cache's
headers (commit, ETag, size), large files behind a redirect, and the commits of an upload.
"""

import base64
import hashlib
import json
import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "hf_a_token_that_may_do_everything"
BACK_SOON = "the house is being painted"


@dataclass
class Repository:
    """Files by path, of each commit by its hash; the commit of each branch or pull request."""

    private: bool = False
    gated: bool = False
    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)

    def commit(self, files, branch="main"):
        """A new commit with these files instead of those of their names; gives its hash."""
        before = self.commits.get(self.branches.get(branch, self.branches.get("main", "")), {})
        number = f"{len(self.commits)}{sorted(files)}".encode()
        found = hashlib.sha1(number).hexdigest()
        self.commits[found] = {**before, **files}
        self.branches[branch] = found
        return found


class Hub(ThreadingHTTPServer):
    """The server. `requests` are those that it was sent: (method, path)."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.repositories: dict[str, Repository] = {}
        self.large: dict[str, bytes] = {}  # by their SHA-256
        self.requests: list[tuple[str, str]] = []
        self.broken = False  # whether it answers everything with 503
        self.full = False  # whether it takes no large file any more
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.elsewhere = f"http://localhost:{self.server_port}"  # large files have another host

    def repository(self, name, files=None, **options):
        """A new repository with one commit."""
        made = self.repositories[name] = Repository(**options)
        if files is not None:
            made.commit(files)
        return made


@contextmanager
def running():
    """A Hub that answers until the block ends."""
    with Hub() as hub:
        thread = threading.Thread(target=hub.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield hub
        finally:
            hub.shutdown()
            thread.join()


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    server: Any

    def log_message(self, *_):
        """Nothing: the tests read `Hub.requests`."""

    def answer(self, status, content=b"", **headers):
        """Sends an answer; a dictionary as JSON. A name's _ are the header's -."""
        if isinstance(content, dict):
            content = json.dumps(content).encode()
            headers["Content_Type"] = "application/json"
        self.send_response(status)
        for name, value in {"Content_Length": len(content), **headers}.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def refuse(self, status, code, message):
        """Sends an error as the Hub does."""
        self.answer(status, {"error": message}, X_Error_Code=code, X_Error_Message=message)

    def handle_request(self):
        """Answers whatever was asked."""
        address = urlsplit(self.path)
        path, self.query = unquote(address.path), parse_qs(address.query)
        self.server.requests.append((self.command, path))
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.signed_in = self.headers.get("Authorization") == f"Bearer {TOKEN}"
        if self.server.broken:
            return self.refuse(503, "", BACK_SOON)
        for pattern, method in ROUTES.items():
            found = re.fullmatch(pattern, f"{self.command} {path}")
            if found:
                return method(self, *found.groups())
        return self.refuse(404, "", "Not found")

    do_GET = do_HEAD = do_POST = do_PUT = handle_request

    # ---------------------------------------------------------------- download

    def file(self, name, revision, path):
        """HEAD or GET of a file."""
        repository = self.server.repositories.get(name)
        if repository is None or (repository.private and not self.signed_in):
            return self.refuse(404 if self.signed_in else 401, "RepoNotFound", "Not found")
        if repository.gated:
            return self.refuse(403, "GatedRepo", f"Access to model {name} is restricted.")
        commit = repository.branches.get(revision, revision)
        if commit not in repository.commits:
            return self.refuse(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        content = repository.commits[commit].get(path)
        if content is None:
            return self.refuse(404, "EntryNotFound", "Entry not found")
        mark = hashlib.sha256(content).hexdigest()
        if not path.endswith(".safetensors"):
            return self.answer(200, content, ETag=f'"{mark[:40]}"', X_Repo_Commit=commit)
        self.server.large[mark] = content
        return self.answer(
            302,
            X_Repo_Commit=commit,
            X_Linked_ETag=f'"{mark}"',
            X_Linked_Size=len(content),
            Location=f"{self.server.elsewhere}/large/{mark}",
        )

    def large_file(self, mark):
        """HEAD, GET or PUT of a large file's content."""
        if self.command == "PUT":
            if self.server.full:
                return self.refuse(403, "", "Private repository storage limit reached")
            assert hashlib.sha256(self.body).hexdigest() == mark
            self.server.large[mark] = self.body
            return self.answer(200)
        return self.answer(200, self.server.large[mark], ETag=f'"{mark}"')

    # ---------------------------------------------------------------- upload

    def may_write(self):
        """Whether the token may; sends an error if not."""
        if not self.signed_in:
            self.refuse(401, "", "Invalid username or password.")
        return self.signed_in

    def create(self):
        """A new repository, unless there is one."""
        if not self.may_write():
            return None
        asked = json.loads(self.body)
        name = f"{asked['organization']}/{asked['name']}"
        url = {"url": f"{self.server.url}/{name}", "id": name}
        if name in self.server.repositories:
            return self.answer(409, {"error": "You already created this model repo", **url})
        private = asked.get("private") or asked.get("visibility") == "private"
        self.server.repository(name, {}, private=private)
        return self.answer(200, url)

    def check_metadata(self):
        """Says whether a card's metadata are as they should be."""
        card = json.loads(self.body)["content"]
        wrong = [] if card.startswith("---\n") else [{"message": "no metadata"}]
        return self.answer(200, {"errors": wrong, "warnings": []})

    def before_upload(self, name, revision):
        """Which files are sent as large ones."""
        if not self.may_write():
            return None
        modes = [
            {
                "path": file["path"],
                "uploadMode": "lfs" if file["path"].endswith(".safetensors") else "regular",
                "shouldIgnore": False,
            }
            for file in json.loads(self.body)["files"]
        ]
        return self.answer(200, {"files": modes})

    def where_large_files_go(self, name):
        """The addresses to which large files are sent."""
        files = [
            {
                "oid": file["oid"],
                "size": file["size"],
                "actions": {"upload": {"href": f"{self.server.url}/large/{file['oid']}"}},
            }
            for file in json.loads(self.body)["objects"]
        ]
        return self.answer(200, {"transfer": "basic", "objects": files})

    def commit(self, name, revision):
        """The commit of an upload, or a pull request with it."""
        if not self.may_write():
            return None
        files = {}
        for line in map(json.loads, self.body.splitlines()):
            about = line["value"]
            if line["key"] == "file":
                files[about["path"]] = base64.b64decode(about["content"])
            elif line["key"] == "lfsFile":
                files[about["path"]] = self.server.large[about["oid"]]
        proposed = self.query.get("create_pr") == ["1"]
        branch = "refs/pr/1" if proposed else revision
        made = self.server.repositories[name].commit(files, branch)
        page = f"{self.server.url}/{name}"
        request = {"pullRequestUrl": f"{page}/discussions/1"} if proposed else {}
        return self.answer(
            200,
            {"success": True, "commitOid": made, "commitUrl": f"{page}/commit/{made}", **request},
        )


NAME = r"([^/]+/[^/]+)"
ROUTES = {
    rf"(?:GET|HEAD) /{NAME}/resolve/(refs/pr/\d+|[^/]+)/(.+)": Handler.file,
    r"(?:GET|HEAD|PUT) /large/(\w+)": Handler.large_file,
    r"POST /api/repos/create": Handler.create,
    r"POST /api/validate-yaml": Handler.check_metadata,
    rf"POST /api/models/{NAME}/preupload/(.+)": Handler.before_upload,
    rf"POST /{NAME}\.git/info/lfs/objects/batch": Handler.where_large_files_go,
    rf"POST /api/models/{NAME}/commit/(.+)": Handler.commit,
}
