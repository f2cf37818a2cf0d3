"""Faults on demand. A test orders them through the admin interface; the server asks for each
request whether one applies. The signature of a request is checked before any fault, so that a
faulty run still proves that every request was signed well."""

import re
import threading

KINDS = ("error", "drop", "refuse", "stall", "delay", "truncate", "garbage", "huge", "slow")

# Those that do not last for ever unless it is said how long.
SECONDS = {"delay": 1.0, "slow": 0.01, "refuse": 0.5}

HUGE_BYTES = 20 << 20

DEFAULTS = {
    "service": "ecr",  # regular expressions, matched against the whole name
    "operation": ".*",
    "match": "",  # a regular expression that is somewhere in the body, the Authorization or the User-Agent header
    "skip": 0,  # let that many matching requests pass first
    "times": 1,  # then apply to that many; 0 means to all that follow
    "when": "before",  # error, drop, refuse, stall: before or after the request took effect
    "status": 400,  # error: what is answered
    "code": "ThrottlingException",
    "message": "Rate exceeded",
    "headers": {},
    "body": None,  # error, garbage: this very text instead of a proper error body
    "how": "fin",  # drop: fin (orderly end) or rst (connection reset)
    "seconds": 3600.0,  # stall, delay, refuse: how long; slow: pause after each byte of the body
    "bytes": None,  # truncate: how many bytes of the body are sent, default half; huge: how many
}


class Faults:
    def __init__(self):
        self._lock = threading.Lock()
        self._faults = []

    def add(self, wanted):
        unknown = set(wanted) - set(DEFAULTS) - {"kind"}
        if unknown:
            raise ValueError(f"a fault has no {', '.join(sorted(unknown))}")
        if wanted.get("kind") not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}")
        fault = {**DEFAULTS, **wanted}
        if "seconds" not in wanted:
            fault["seconds"] = SECONDS.get(fault["kind"], fault["seconds"])
        if fault["when"] not in ("before", "after") or fault["how"] not in ("fin", "rst"):
            raise ValueError("when is before or after; how is fin or rst")
        for name in ("service", "operation", "match"):
            re.compile(fault[name])
        with self._lock:
            self._faults.append(fault)

    def pick(self, service, operation, text=""):
        """The fault for this request, or None. Counts it as used. text: what match looks at."""
        with self._lock:
            for fault in self._faults:
                if not re.fullmatch(fault["service"], service):
                    continue
                if not re.fullmatch(fault["operation"], operation):
                    continue
                if not re.search(fault["match"], text):
                    continue
                if fault["skip"] > 0:
                    fault["skip"] -= 1
                    continue
                if fault["times"] == 1:
                    self._faults.remove(fault)
                elif fault["times"] > 1:
                    fault["times"] -= 1
                return dict(fault)
        return None

    def pending(self):
        with self._lock:
            return [dict(fault) for fault in self._faults]

    def clear(self):
        with self._lock:
            self._faults.clear()
