"""Where layers are kept: docker-registry, started as a child on a Unix socket in the instance's
directory, or a dict in memory when the registry is switched off. Both know size() and put(); only
docker-registry takes whole Registry-v2 requests (forward())."""

import ctypes
import http.client
import json
import os
import signal
import socket
import subprocess
import time

START_SECONDS = 20
ANSWER_SECONDS = 120

CONFIGURATION = """\
version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage:
  filesystem: {{rootdirectory: {storage}}}
  maintenance: {{uploadpurging: {{enabled: false}}}}
http: {{net: unix, addr: {socket}, relativeurls: true}}
"""


def path_of(repository):
    """A repository's name inside docker-registry; not reused by a later one of the same name."""
    return f"{repository.storage_name}/{repository.name}"


class MemoryBlobs:
    def __init__(self):
        self._blobs = {}

    def size(self, repository, digest):
        blob = self._blobs.get((path_of(repository), digest))
        return None if blob is None else len(blob)

    def put(self, repository, digest, data):
        self._blobs[(path_of(repository), digest)] = data

    def forward(self, *_):
        return None

    def wait_until_ready(self):
        pass

    def stop(self):
        pass


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("registry", timeout=ANSWER_SECONDS)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _die_with_parent():
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


class DockerRegistry:
    def __init__(self, program, directory):
        self._socket = os.path.join(directory, "registry.sock")
        path = os.path.join(directory, "registry.yml")
        with open(path, "w", encoding="utf-8") as file:
            # JSON's way to quote a string is YAML's too.
            storage = json.dumps(os.path.join(directory, "storage"))
            file.write(CONFIGURATION.format(storage=storage, socket=json.dumps(self._socket)))
        self._log_path = os.path.join(directory, "registry.log")
        clean = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("REGISTRY_", "OTEL_"))
        }
        with open(self._log_path, "wb") as log:
            # Its own session: Ctrl-C at the terminal is for the command, we stop this ourselves.
            self._process = subprocess.Popen(
                [program, "serve", path],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=clean,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )

    def wait_until_ready(self):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                self.forward("GET", "/v2/", [], b"")
                return
            except OSError:
                time.sleep(0.02)
        with open(self._log_path, encoding="utf-8", errors="replace") as log:
            raise RuntimeError(f"docker-registry did not start: {log.read()[-2000:]}")

    def forward(self, method, target, headers, body):
        """(status, [(name, value)], body) of docker-registry's answer."""
        connection = _UnixConnection(self._socket)
        try:
            connection.putrequest(method, target, skip_accept_encoding=True)
            for name, value in headers:
                connection.putheader(name, value)
            connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()

    def size(self, repository, digest):
        status, headers, _ = self.forward(
            "HEAD", f"/v2/{path_of(repository)}/blobs/{digest}", [], b""
        )
        return int(dict(headers).get("Content-Length", 0)) if status == 200 else None

    def put(self, repository, digest, data):
        _, headers, _ = self.forward("POST", f"/v2/{path_of(repository)}/blobs/uploads/", [], b"")
        place = dict(headers)["Location"]
        status, _, body = self.forward(
            "PUT",
            f"{place}{'&' if '?' in place else '?'}digest={digest}",
            [("Content-Type", "application/octet-stream")],
            data,
        )
        if status != 201:
            raise RuntimeError(f"docker-registry refused a layer: {status} {body[:500]!r}")

    def stop(self):
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
