"""The admin interface, /_local-ecr/... on the plain endpoint: the log, the counters, faults,
settings, credentials, roles and sessions, reset. An interface of its own, not headers on AWS calls, because the clients
under test cannot add headers."""

import json
import re
from urllib.parse import parse_qs

from . import signin, sso, sts
from .http11 import Response

PREFIX = "/_local-ecr/"


def answer(world, request):
    name = request.path[len(PREFIX) :]
    query = {key: values[0] for key, values in parse_qs(request.query).items()}
    handler = _GET.get(name) if request.method == "GET" else _POST.get(name)
    if handler is None or request.method not in ("GET", "POST"):
        return _text(404, f"local ECR: the admin interface has no {request.method} {name}")
    try:
        if request.method == "GET":
            return handler(world, query)
        made = handler(world, json.loads(request.body or b"{}"))
        return _json(made) if isinstance(made, dict) else _text(200, made or "")
    except (ValueError, TypeError, re.error) as error:
        return _text(400, str(error))


def _text(status, text):
    return Response(
        status, [("Content-Type", "text/plain; charset=utf-8")], text + "\n" if text else ""
    )


def _json(value):
    return Response(200, [("Content-Type", "application/json")], json.dumps(value) + "\n")


def _log(world, query):
    entries = world.log.find(query.get("operation"), query.get("service"), "refused" in query)
    return Response(
        200,
        [("Content-Type", "application/x-ndjson")],
        "".join(json.dumps(entry) + "\n" for entry in entries),
    )


def _reset(world, _):
    from . import moto_services

    with world.lock:
        world.reset()
        moto_services.reset(world)


def _credential(world, wanted):
    known = {"access_key_id", "secret_access_key", "account", "token", "expires_in", "user"}
    if not {"access_key_id", "secret_access_key"} <= set(wanted) <= known:
        raise ValueError(f"a credential has {', '.join(sorted(known))}; the two keys are required")
    user = wanted.pop("user", "local-ecr")
    account = wanted.get("account", world.account)
    world.add_credential(**wanted, arn=f"arn:aws:iam::{account}:user/{user}")


_GET = {
    "health": lambda world, _: _text(200, "ok"),
    "log": _log,
    "counters": lambda world, query: _json(world.log.counters(query.get("service"))),
    "faults": lambda world, _: _json(world.faults.pending()),
    "settings": lambda world, _: _json(world.settings),
    "secrets": lambda world, _: _text(200, "\n".join(world.secrets())),
}
_POST = {
    "faults": lambda world, wanted: world.faults.add(wanted),
    "clear-faults": lambda world, _: world.faults.clear(),
    "settings": lambda world, wanted: world.change_settings(wanted),
    "credentials": _credential,
    "roles": sts.register_role,
    "web-identities": sts.register_token,
    "sso": sso.sign_in,
    "logins": signin.log_in,
    "reset-log": lambda world, _: world.log.reset(),
    "reset": _reset,
}
