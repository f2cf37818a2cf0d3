"""Everything one running instance knows that is not in moto: its account, settings, credentials,
roles and sessions, registry tokens, what is not visible yet, the request log and the faults. One
object, handed around."""

import copy
import secrets
import string
import threading
import time
import zlib

from .faults import Faults
from .log import RequestLog

ACCESS_KEY_ID = "AKIALOCALECRTESTONLY"
SECRET_ACCESS_KEY = "local-ecr/known/to/everybody/not+a+secret"

SETTINGS = {
    "verify_signatures": True,
    "validate_requests": True,
    "check_answers": True,  # our own answers against the API model; a failure is a 500
    "check_layers": True,  # PutImage wants the layers to be there
    "check_kms_keys": True,  # a customer's key must exist in KMS
    "clock_offset": 0,  # seconds that this AWS is ahead of the machine's clock
    "token_seconds": 43200,  # how long a registry login is good for
    "repository_lag": 0,  # a new repository stays invisible for that many reads
    "lifecycle_lag": 0,  # the same for what PutLifecyclePolicy wrote
    "rule_lag": 0,  # the same for a new pull-through-cache rule
    "imds": True,  # off: the instance metadata service answers 403 to everything
    "imds_v1": False,  # also without a session token
    "imds_role": "local-ecr-instance",  # empty: the instance has no role
    "imds_seconds": 21600,  # how long its credentials are good for
    "container_token": "",  # the Authorization header that the container endpoint wants
    "container_seconds": 3600,  # how long its credentials are good for
    "proxy_login": "",  # user:password that the proxy wants
}

# Settings that no output of a client may show.
SECRET_SETTINGS = ("container_token", "proxy_login")


# Shorter ones would be found everywhere.
MIN_SECRET = 8


def iso_time(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def _kind(value):
    """A setting's type; all numbers are one."""
    return float if type(value) is int else type(value)


def _random(length, alphabet):
    return "".join(secrets.choice(alphabet) for _ in range(length))


class World:
    def __init__(self, account, region, bucket, log_path=None):
        self.account = account
        self.region = region
        self.bucket = bucket
        self.url = None
        self.blobs = None
        # One lock for all state: requests are short, and moto does not lock.
        self.lock = threading.RLock()
        self.stopping = threading.Event()
        self.log = RequestLog(log_path)
        self.faults = Faults()
        self.reset()

    def reset(self):
        """Back to how it was at the start, except for the log."""
        self.faults.clear()
        self.settings = copy.copy(SETTINGS)
        self.credentials = {}
        self.tokens = {}
        self.roles = {}
        self.web_tokens = {}
        self.sso_sessions = []
        self.logins = []
        self.imds_tokens = {}
        self._secrets = {}
        self._hidden = {}
        self.add_credential(ACCESS_KEY_ID, SECRET_ACCESS_KEY, self.account)

    def now(self):
        return time.time() + self.settings["clock_offset"]

    def keep_secret(self, *texts):
        """Notes what no output of a client may show; tests ask for the list."""
        self._secrets.update(dict.fromkeys(line for text in texts for line in text.splitlines()))

    def secrets(self):
        return [text for text in self._secrets if len(text) >= MIN_SECRET]

    def change_settings(self, wanted):
        for key, value in wanted.items():
            if key not in SETTINGS:
                raise ValueError(f"no such setting: {key}; there are {', '.join(SETTINGS)}")
            if _kind(value) is not _kind(SETTINGS[key]):
                raise ValueError(f"{key} takes a {type(SETTINGS[key]).__name__}, not {value!r}")
        self.settings.update(wanted)
        self.keep_secret(*(wanted[key] for key in SECRET_SETTINGS if key in wanted))

    def add_credential(
        self,
        access_key_id,
        secret_access_key,
        account=None,
        token=None,
        expires_in=None,
        arn=None,
        user_id=None,
        session=None,
    ):
        """session: what a role's session carries (tags, source identity), None if it is none."""
        account = account or self.account
        self.keep_secret(secret_access_key, token or "")
        self.credentials[access_key_id] = {
            "secret": secret_access_key,
            "account": account,
            "token": token,
            "expires": None if expires_in is None else self.now() + expires_in,
            "arn": arn or f"arn:aws:iam::{account}:user/local-ecr",
            "user_id": user_id or "AIDALOCALECRTESTONLY",
            "session": session,
        }

    def issue(self, account, role, session_name, seconds, session=None, partition="aws"):
        """New temporary credentials of a role's session: what every source of credentials hands
        out. A dict with access_key_id, secret_access_key, token, expires, arn and user_id."""
        issued = {
            "access_key_id": "ASIA" + _random(16, string.ascii_uppercase + "234567"),
            "secret_access_key": _random(40, string.ascii_letters + string.digits + "/+"),
            "token": "IQoJb3JpZ2lu" + secrets.token_urlsafe(240),
            "arn": f"arn:{partition}:sts::{account}:assumed-role/{role}/{session_name}",
            "user_id": f"AROA{zlib.crc32(f'{account}/{role}'.encode()):017d}:{session_name}",
        }
        self.add_credential(
            **issued, account=account, expires_in=seconds, session=session or {"tags": {}}
        )
        return {**issued, "expires": int(self.now() + seconds)}

    def hide(self, key, reads, old=None):
        """Makes the next `reads` look-ups of key answer `old` (None: not there)."""
        if reads > 0:
            self._hidden[key] = [reads, old]
        else:
            self._hidden.pop(key, None)

    def hidden(self, key):
        """(True, old) while key is not visible yet, else (False, None). Counts as one read."""
        state = self._hidden.get(key)
        if not state:
            return False, None
        state[0] -= 1
        if state[0] == 0:
            del self._hidden[key]
        return True, state[1]

    def forget_hidden(self, prefix):
        for key in [key for key in self._hidden if key[: len(prefix)] == prefix]:
            del self._hidden[key]
