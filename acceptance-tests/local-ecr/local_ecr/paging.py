"""Pages of a list. The token is opaque to clients and bound to the operation and its arguments; it
names the last item delivered, so that items added or deleted between two pages do no harm."""

import base64
import binascii
import hashlib
import json

from .errors import invalid_parameter


def page(call, items, key, default=100):
    """(items of this page, next token or None). items is sorted by key(item), a string."""
    after = _read(call)
    if after is not None:
        items = [item for item in items if key(item) > after]
    size = call.get("maxResults", default)
    chosen = items[:size]
    token = _write(call, key(chosen[-1])) if len(items) > size else None
    return chosen, token


def only_alone(call, name, items):
    """Paging arguments next to a list of names are refused."""
    if items and (call.get("maxResults") is not None or call.get("nextToken") is not None):
        raise invalid_parameter(
            "maxResults", f"maxResults and nextToken cannot be used with {name}"
        )


def _binding(call):
    rest = {
        key: value for key, value in call.params.items() if key not in ("nextToken", "maxResults")
    }
    text = json.dumps([call.operation, call.account, call.region, rest], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _write(call, last):
    return base64.b64encode(json.dumps([_binding(call), last]).encode()).decode()


def _read(call):
    token = call.get("nextToken")
    if token is None:
        return None
    try:
        binding, last = json.loads(base64.b64decode(token, validate=True))
    except (binascii.Error, ValueError, TypeError):
        binding, last = None, None
    if binding != _binding(call) or not isinstance(last, str):
        raise invalid_parameter("nextToken", "The nextToken is not valid for this request")
    return last
