"""Everything one running instance knows that is not in moto: its account, settings, credentials,
registry tokens, what is not visible yet, the request log and the faults. One object, handed
around."""

import copy
import threading
import time

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
}


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
        self._hidden = {}
        self.add_credential(ACCESS_KEY_ID, SECRET_ACCESS_KEY, self.account)

    def now(self):
        return time.time() + self.settings["clock_offset"]

    def change_settings(self, wanted):
        for key, value in wanted.items():
            if key not in SETTINGS:
                raise ValueError(f"no such setting: {key}; there are {', '.join(SETTINGS)}")
            number = isinstance(value, (int, float)) and not isinstance(value, bool)
            if isinstance(SETTINGS[key], bool) != isinstance(value, bool) or (
                not isinstance(SETTINGS[key], bool) and not number
            ):
                raise ValueError(f"{key} takes a {type(SETTINGS[key]).__name__}, not {value!r}")
        self.settings.update(wanted)

    def add_credential(
        self, access_key_id, secret_access_key, account=None, token=None, expires_in=None
    ):
        self.credentials[access_key_id] = {
            "secret": secret_access_key,
            "account": account or self.account,
            "token": token,
            "expires": None if expires_in is None else time.time() + expires_in,
        }

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
