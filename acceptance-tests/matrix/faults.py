"""What can go wrong with one call, and what an error about it must say. Each fault is tried on each call of each step.
Those that last are there at every attempt, the others once. A condition is there for all calls of a step."""

import re
from dataclasses import dataclass, field

# For a test that has no minute to wait: what the transport waits for an answer.
STALL_SECONDS = 75


@dataclass(frozen=True)
class Fault:
    name: str
    order: dict  # for the local ECR
    says: str  # a regular expression that an error's text must have
    lasts: bool = False
    slow: bool = False  # not for quick runs
    settings: dict = field(default_factory=dict)  # of the local ECR, meanwhile
    calls: str = ""  # a regular expression for step and operation

    def applies(self, call):
        return re.search(self.calls, f"{call.step} {call.operation}") is not None

    def ordered(self):
        return {**self.order, "times": 0 if self.lasts else 1}


@dataclass(frozen=True)
class Condition:
    name: str
    settings: dict
    says: str
    steps: tuple = ("create", "read", "update", "delete", "import", "configure")
    kinds: str = ""  # what their names begin with
    slow: bool = False


def _refusal(status, code, **more):
    return {"kind": "error", "status": status, "code": code, "message": "by the matrix", **more}


def _page(status):
    """A proxy's answer in place of AWS's."""
    return {
        "kind": "error",
        "when": "after",
        "status": status,
        "headers": {"Content-Type": "text/html", "x-amzn-ErrorType": ""},
        "body": "<html><body>gateway</body></html>",
    }


LOST = r"RequestError|connection|reset|closed"
UNREADABLE = r"RequestError|SerializationError|no JSON|no XML|larger than|no name of a role|gave none"

# name, order, words of the error
_ONCE_OR_LASTING = [
    ("throttled", _refusal(400, "ThrottlingException"), "ThrottlingException"),
    ("429", _refusal(429, "TooManyRequestsException"), "TooManyRequests"),
    ("500", _refusal(500, "ServerException"), "ServerException"),
    ("500 after the effect", _refusal(500, "ServerException", when="after"), "ServerException"),
    ("503", _refusal(503, "ServiceUnavailable"), "ServiceUnavailable"),
    ("reset before the effect", {"kind": "drop", "how": "rst"}, LOST),
    ("reset after the effect", {"kind": "drop", "how": "rst", "when": "after"}, LOST),
    ("closed before the effect", {"kind": "drop"}, LOST),
    ("closed after the effect", {"kind": "drop", "when": "after"}, LOST),
    ("truncated", {"kind": "truncate"}, UNREADABLE + "|" + LOST),
    ("garbage", {"kind": "garbage"}, UNREADABLE),
    ("another content type", _page(200), UNREADABLE),
    ("502 from a proxy", _page(502), "502"),
    ("token expired", _refusal(400, "ExpiredTokenException"), "ExpiredToken"),
    ("empty answer", {"kind": "garbage", "body": ""}, UNREADABLE + "|has no|no keys|no token"),
    ("answer without members", {"kind": "garbage", "body": "{}"}, UNREADABLE + "|has no|no keys|no token|lacks"),
]


def lag(reads):
    """What is new is not visible for so many reads."""
    return dict.fromkeys(("repository_lag", "rule_lag", "lifecycle_lag"), reads)


# What AWS answers when there are no tags.
NOTHING = ("empty answer", "answer without members")


def _once_or_lasting(how, lasts):
    for name, order, says in _ONCE_OR_LASTING:
        calls = r"^(?!.* ListTagsForResource$)" if name in NOTHING else ""
        yield Fault(name + how, order, says, lasts, calls=calls)


FAULTS = [
    *_once_or_lasting("", False),
    *_once_or_lasting(", lasting", True),
    Fault("400", _refusal(400, "ValidationException"), "ValidationException"),
    Fault("403", _refusal(403, "AccessDeniedException"), "AccessDenied"),
    Fault("404", _refusal(404, "UnknownOperationException"), "UnknownOperation|no IAM role"),
    Fault("redirection", _refusal(307, "Moved", headers={"Location": "http://127.0.0.1:9/"}), "307|Moved"),
    Fault("huge", {"kind": "huge"}, UNREADABLE),
    Fault("byte by byte", {"kind": "slow", "seconds": 0.001}, "nothing, it must end well"),
    Fault("refused connections", {"kind": "refuse"}, LOST + "|connect"),
    Fault("stall before the effect", {"kind": "stall", "seconds": STALL_SECONDS}, "RequestTimeout", slow=True),
    Fault(
        "stall after the effect",
        {"kind": "stall", "seconds": STALL_SECONDS, "when": "after"},
        "RequestTimeout",
        slow=True,
    ),
    *(
        Fault(
            f"{name}{how}, and not visible for 3 reads",
            order,
            says,
            lasts=bool(how),
            settings=lag(3),
            calls="create (Create|Put)",
        )
        for name, order, says in _ONCE_OR_LASTING
        for how in ("", ", lasting")
        if order.get("when") == "after" or order["kind"] in ("truncate", "garbage")
    ),
]

# Calls that objects share: a fault of one is a fault of all.
FOR_SEVERAL = ("DescribeRepositories", "DescribePullThroughCacheRules")

# Hits everybody who connects, so it is tried on one object at a time.
ALONE = ("refused connections",)

_CLOCK = "nothing, it must end well"
CONDITIONS = [
    Condition("clock an hour behind", {"clock_offset": 3600}, _CLOCK),
    # An hour is also how long the credentials are good for.
    Condition("clock an hour ahead", {"clock_offset": -3600}, "clock"),
    Condition("keys that are good for 2 seconds", {"container_seconds": 2}, "ExpiredToken"),
    *(
        Condition(f"not visible for {reads} reads", lag(reads), _CLOCK, ("create", "update"), "ecr_")
        for reads in (1, 3, 9)
    ),
]
