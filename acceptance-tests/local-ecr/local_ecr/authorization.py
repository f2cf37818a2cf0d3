"""Logins to the registry: GetAuthorizationToken hands out a new password for each call, as long as
AWS's are, and the gate asks here whether one is still good."""

import base64
import secrets

from . import regions


def get_authorization_token(call):
    lifetime = call.world.settings["token_seconds"]
    data = []
    for registry in call.get("registryIds") or [call.account]:
        password = secrets.token_urlsafe(1300)
        expires = round(call.world.now() + lifetime, 3)
        call.world.tokens[password] = (call.account, expires)
        host = f"{registry}.dkr.ecr.{call.region}.{regions.domain(call.region)}"
        data.append(
            {
                "authorizationToken": base64.b64encode(f"AWS:{password}".encode()).decode(),
                "expiresAt": expires,
                "proxyEndpoint": f"https://{host}",
            }
        )
    return {"authorizationData": data}


def check(world, header):
    """(state, account): "ok", "expired" or "wrong" for the value of an Authorization header (None:
    there was none), and the account that the token was issued to."""
    kind, _, encoded = (header or "").partition(" ")
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return "wrong", None
    account, expires = world.tokens.get(password, (None, 0))
    if kind.lower() != "basic" or user != "AWS" or account is None:
        return "wrong", None
    return ("ok" if world.now() < expires else "expired"), account


OPERATIONS = {"GetAuthorizationToken": get_authorization_token}
