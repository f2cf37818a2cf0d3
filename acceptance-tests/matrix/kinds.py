"""All kinds. Those of objects.py share a provider; here are those that have a provider block of their own, because it is
what their faults are about, or because nothing else in their requests names them."""

import hashlib
import json
import os

from objects import ACCOUNT, REGION, LifecyclePolicy, PullThroughCacheRule, Repository

ROLE = f"arn:aws:iam::{ACCOUNT}:role/matrix"


def _write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


class OwnProvider(Repository):
    """The user agent names whose requests they are."""

    at_once = 30  # each is a process

    def enter(self, admin, cell):
        key = {"access_key_id": f"AKIA{cell.upper()}", "secret_access_key": f"secret of {cell}"}
        admin("credentials", key)

    def block(self, cell, version):
        return f'  provider = ecr.{cell}\n  name     = "{cell}"\n'

    def provider(self, cell):
        arguments = {"alias": cell, "max_retries": 3, "user_agent": [f"matrix/{cell}"], **self.asks(cell)}
        lines = [f"  {name} = {json.dumps(value)}\n" for name, value in arguments.items()]
        return f'provider "ecr" {{\n{"".join(lines)}{self.blocks(cell)}}}\n'

    def asks(self, cell):
        """Arguments of the provider block, and"""
        return {"access_key": f"AKIA{cell.upper()}", "secret_key": f"secret of {cell}"}

    def blocks(self, cell):
        """the blocks in it."""
        return ""


class DataSource(OwnProvider):
    mode = "data"
    name = "data ecr_repository"
    steps = ("read",)

    def prepare(self, ecr, cell):
        self.make(ecr, cell)

    def in_state(self, attributes):
        return super().in_state({**attributes, "tags_all": attributes["tags"]})


class Token(OwnProvider):
    type = "ecr_authorization_token"
    mode = "ephemeral"
    name = "ephemeral ecr_authorization_token"
    steps = ("read",)
    kept = False

    def block(self, cell, version):
        return f"  provider = ecr.{cell}\n"

    def at_aws(self, ecr):
        return {}


# Configuring: where credentials come from, and what is asked about them.


class Configured(OwnProvider):
    steps = ("configure",)
    phases = ("apply",)  # the plan asks the same


class AssumedRole(Configured):
    name = "assume_role"
    services = ("sts",)

    def blocks(self, cell):
        return f'  assume_role {{\n    role_arn = "{ROLE}"\n    session_name = "{cell}"\n  }}\n'


class WebIdentity(Configured):
    name = "assume_role_with_web_identity"
    services = ("sts",)

    def enter(self, admin, cell):
        # Still good when the clock is an hour off.
        self.token = admin("web-identities", {"subject": "matrix", "expires_in": 2 * 3600}).strip()

    def asks(self, cell):
        return {}

    def blocks(self, cell):
        return f"""  assume_role_with_web_identity {{
    role_arn           = "{ROLE}"
    session_name       = "{cell}"
    web_identity_token = "{self.token}"
  }}
"""


class KnownAccount(Configured):
    name = "allowed_account_ids"
    services = ("sts",)

    def asks(self, cell):
        return {**super().asks(cell), "allowed_account_ids": [ACCOUNT]}


class Container(Configured):
    """The environment says where it is."""

    name = "container"
    services = ("container",)

    def asks(self, cell):
        return {}


class Profiled(Configured):
    """What it needs stands in a profile."""

    def enter(self, admin, cell):
        _write(self._file(cell), f"[profile matrix]\n{self.profile(cell)}")

    def asks(self, cell):
        return {"profile": "matrix", "shared_config_files": [self._file(cell)]}

    @staticmethod
    def _file(cell):
        return os.path.join(os.environ["HOME"], "profiles", cell)


class Instance(Profiled):
    name = "instance metadata"
    says = r"status \d\d\d|timed out"  # there are no codes
    services = ("imds",)

    def asks(self, cell):
        url = os.environ["LOCAL_ECR_URL"]
        return {**super().asks(cell), "skip_metadata_api_check": "false", "ec2_metadata_service_endpoint": url}

    def profile(self, cell):
        return f"role_arn = {ROLE}\nrole_session_name = {cell}\ncredential_source = Ec2InstanceMetadata\n"


class SignIn(Profiled):
    """Renews a sign-in of the user's, which is in a file of the cache, at each command. A renewal whose answer is lost
    has used up what the next one needs, so the user signs in again when an error says so."""

    says = "cannot be renewed: (InvalidGrantException|TOKEN_EXPIRED|AccessDeniedException)"

    def enter(self, admin, cell):
        super().enter(admin, cell)
        self.sign_in(admin, cell)

    def heed(self, admin, cell, said):
        told = f'Run "{self.command}' in said
        if told:
            self.sign_in(admin, cell)
        return told


class SingleSignOn(SignIn):
    name = "single sign-on"
    says = SignIn.says + "|AWS no longer accepts the SSO session"  # which lasts for less than a stall
    services = ("sso", "oidc")
    command = "aws sso login"

    def profile(self, cell):
        return f"""sso_session    = {cell}
sso_account_id = {ACCOUNT}
sso_role_name  = Push
[sso-session {cell}]
sso_start_url  = https://local-ecr.awsapps.com/start
sso_region     = {REGION}
"""

    def sign_in(self, admin, cell):
        made = admin("sso", {"accounts": {ACCOUNT: ["Push"]}, "expires_in": -60, "seconds": 60})
        name = hashlib.sha1(cell.encode()).hexdigest()
        _write(os.path.join(os.environ["HOME"], ".aws/sso/cache", f"{name}.json"), made)


class Login(SignIn):
    name = "aws login"
    services = ("signin",)
    command = "aws login"

    def _session(self, cell):
        return f"arn:aws:sts::{ACCOUNT}:assumed-role/Developer/{cell}"

    def profile(self, cell):
        return f"login_session = {self._session(cell)}\n"

    def sign_in(self, admin, cell):
        session = self._session(cell)
        made = admin("logins", {"login_session": session, "expires_in": -60, "seconds": 60})
        name = hashlib.sha256(session.encode()).hexdigest()
        cache = json.dumps(json.loads(made)["cache"])
        _write(os.path.join(os.environ["HOME"], ".aws/login/cache", f"{name}.json"), cache)


KINDS = [
    Repository(),
    LifecyclePolicy(),
    PullThroughCacheRule(),
    DataSource(),
    Token(),
    AssumedRole(),
    WebIdentity(),
    KnownAccount(),
    Container(),
    Instance(),
    SingleSignOn(),
    Login(),
]
