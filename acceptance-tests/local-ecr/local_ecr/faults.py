"""Faults on demand. A test orders them through the admin interface; the server asks for each
request whether one applies. The signature of a request is checked before any fault, so that a
faulty run still proves that every request was signed well."""

import re
import threading

KINDS = ("error", "drop", "stall", "delay", "truncate", "garbage", "slow")

DEFAULTS = {
    "service": "ecr",  # regular expressions, matched against the whole name
    "operation": ".*",
    "skip": 0,  # let that many matching requests pass first
    "times": 1,  # then apply to that many; 0 means to all that follow
    "when": "before",  # error, drop, stall: before or after the request took effect
    "status": 400,  # error: what is answered
    "code": "ThrottlingException",
    "message": "Rate exceeded",
    "headers": {},
    "body": None,  # error, garbage: this very text instead of a proper error body
    "how": "fin",  # drop: fin (orderly end) or rst (connection reset)
    "seconds": 3600.0,  # stall, delay: how long; slow: pause after each byte of the body
    "bytes": None,  # truncate: how many bytes of the body are sent; default half
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
        if "seconds" not in wanted and fault["kind"] in ("delay", "slow"):
            fault["seconds"] = 1.0 if fault["kind"] == "delay" else 0.01
        if fault["when"] not in ("before", "after") or fault["how"] not in ("fin", "rst"):
            raise ValueError("when is before or after; how is fin or rst")
        for name in ("service", "operation"):
            re.compile(fault[name])
        with self._lock:
            self._faults.append(fault)

    def pick(self, service, operation):
        """The fault for this request, or None. Counts it as used."""
        with self._lock:
            for fault in self._faults:
                if not re.fullmatch(fault["service"], service):
                    continue
                if not re.fullmatch(fault["operation"], operation):
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
