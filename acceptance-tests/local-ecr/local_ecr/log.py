"""The request log: one entry for each request that reached a service, kept in memory for the admin
interface and, with --log, also written to a file as JSON lines. Tests count calls and look for
refused requests here."""

import json
import re
import threading
import time
from urllib.parse import parse_qsl

# A load test must not fill the memory; the oldest entries go first.
MAX_ENTRIES = 200_000
MAX_BODY = 65_536

FIELDS = (
    "service",
    "operation",
    "region",
    "host",
    "path",
    "access_key_id",
    "caller",  # ARN of whose key that is
    "session",  # of a role's session: its tags, source identity; else null
    "proxy",  # how a proxy was asked: "connect", "absolute" (http://…), or null
    "status",
    "error",
    "refused",  # for its signature or its form, by us; not a service's own "no"
    "refusal",  # "signature" or "validation"
    "fault",  # the kind of fault that was applied
    "took_effect",  # the service did what was asked, whatever a fault made of its answer
    "ms",
    "connection",  # number of the client's TCP connection
    "request_id",
    "user_agent",
    "body",
)


class RequestLog:
    def __init__(self, path=None):
        self._lock = threading.Lock()
        self._entries = []
        self._file = open(path, "w", encoding="utf-8", buffering=1) if path else None

    def add(self, **known):
        entry = {"time": round(time.time(), 3), **dict.fromkeys(FIELDS), "refused": False, **known}
        with self._lock:
            self._entries.append(entry)
            if len(self._entries) > MAX_ENTRIES:
                del self._entries[: MAX_ENTRIES // 10]
            if self._file:
                self._file.write(json.dumps(entry) + "\n")

    def find(self, operation=None, service=None, refused=False):
        with self._lock:
            entries = list(self._entries)
        return [
            entry
            for entry in entries
            if (not operation or re.fullmatch(operation, entry["operation"]))
            and (not service or re.fullmatch(service, entry["service"]))
            and (not refused or entry["refused"])
        ]

    def counters(self, service=None):
        """operation -> number of requests. What the proxy refused is no request to a service."""
        counts = {}
        for entry in self.find(service=service):
            if entry["service"] == "proxy" and not service:
                continue
            counts[entry["operation"]] = counts.get(entry["operation"], 0) + 1
        return counts

    def reset(self):
        with self._lock:
            self._entries.clear()


def loggable(body, content_type):
    """A request body in the form the log keeps: JSON as it is, a form as an object, other text as
    text, bytes as a count."""
    if not body:
        return None
    if len(body) > MAX_BODY:
        return f"({len(body)} bytes)"
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return f"({len(body)} bytes)"
    if "json" in content_type:
        try:
            return json.loads(text)
        except ValueError:
            pass
    if "form-urlencoded" in content_type:
        return dict(parse_qsl(text, keep_blank_values=True))
    return text
