"""Runs every row of table.py through botocore and through terraform with the provider, and compares what
AWS saw of each: who called, at which host, for which region, and what the client says it took the
credentials from. An argument picks the rows whose names contain it. Exit status 1 if a row differs and
does not say so, or says so and does not differ.

It runs where a local ECR's host names lead to it (local-ecr/run or local-ecr/namespace), with
terraform's dev_overrides set."""

import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.request

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from table import KEYS, ROWS, key_id, secret

URL = os.environ["LOCAL_ECR_URL"]
LIMIT_SECONDS = 60

# What each of the two calls the same source. botocore tells the files apart, and names the role that it
# assumes where we name it, too.
SOURCES = {
    "env": "environment",
    "shared-credentials-file": "shared files",
    "config-file": "shared files",
    "assume-role": "assumed role",
    "assume-role-with-web-identity": "web identity",
    "container-role": "container",
    "iam-role": "EC2 instance metadata",
    "custom-process": "credential_process",
}

STATE = {
    "version": 4,
    "terraform_version": "1.10.0",
    "serial": 1,
    "lineage": "oracle",
    "outputs": {},
    "resources": [
        {
            "mode": "managed",
            "type": "ecr_repository",
            "name": "web",
            "provider": 'provider["registry.terraform.io/aws-labs/ecr"]',
            "instances": [{"schema_version": 0, "attributes": {"id": "web", "name": "web"}}],
        }
    ],
}


def admin(path, body=None):
    data = None if body is None else json.dumps(body).encode()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{URL}/_local-ecr/{path}", data, timeout=LIMIT_SECONDS) as answer:
        return answer.read().decode()


def seen():
    """What AWS saw since the last call: of ECR's first request, who, where, for which region."""
    entries = [json.loads(line) for line in admin("log").splitlines()]
    admin("reset-log", {})
    ecr = next((entry for entry in entries if entry["service"] == "ecr"), None)
    if ecr is None:
        return {"caller": "", "place": "", "region": ""}
    caller = re.sub(r"^arn:aws[a-z-]*:", "", ecr["caller"] or "")
    found = re.fullmatch(r"(?:iam|sts)::\d+:(user/[^/]+|assumed-role/[^/]+)(?:/.*)?", caller)
    return {
        "caller": found[1] if found else caller,
        "place": ecr["host"] + ecr["path"],
        "region": ecr["region"],
    }


class Place:
    """A row's home directory, with its files and its environment."""

    def __init__(self, row, directory):
        self.home = directory
        self.row = row
        os.makedirs(os.path.join(directory, ".aws"))
        for name, text in (("config", row.config), ("credentials", row.credentials)):
            if text:
                path = os.path.join(directory, ".aws", name)
                with open(path, "w", encoding="utf-8", newline="") as file:
                    file.write(self.fill(text))
        kept = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
        self.environment = {
            **kept,
            "HOME": directory,
            "AWS_CA_BUNDLE": os.environ["LOCAL_ECR_CA"],
            "AWS_EC2_METADATA_DISABLED": "true",
            **{key: self.fill(value) for key, value in row.env.items()},
        }

    def fill(self, text):
        return text.replace("{url}", URL).replace("{home}", self.home)

    def botocore(self):
        before = dict(os.environ)
        os.environ.clear()
        os.environ.update(self.environment)
        source = ""
        try:
            session = botocore.session.Session(profile=self.row.profile)
            found = session.get_credentials()
            source = SOURCES.get(found.method, found.method) if found else ""
            once = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=5)
            client = session.create_client("ecr", region_name=self.row.region, config=once)
            client.describe_repositories()
        except (BotoCoreError, ClientError, ValueError):
            pass
        finally:
            os.environ.clear()
            os.environ.update(before)
        answer = seen()
        return {**answer, "source": source if answer["caller"] else ""}

    def ours(self):
        def write(name, text):
            with open(os.path.join(self.home, name), "w", encoding="utf-8") as file:
                file.write(text)

        arguments = {"profile": self.row.profile, "region": self.row.region, "max_retries": 1}
        block = "".join(
            f"{name} = {json.dumps(value)}\n" for name, value in arguments.items() if value
        )
        write("terraform.tfstate", json.dumps(STATE))
        write(
            "main.tf",
            'terraform {\nrequired_providers {\necr = { source = "aws-labs/ecr" }\n}\n}\n'
            f'provider "ecr" {{\n{block}}}\n'
            'resource "ecr_repository" "web" { name = "web" }\n',
        )
        log = os.path.join(self.home, "log")
        subprocess.run(
            ["terraform", "plan", "-no-color", "-input=false", "-lock=false"],
            cwd=self.home,
            env={**self.environment, "TF_LOG_PROVIDER": "DEBUG", "TF_LOG_PATH": log},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=LIMIT_SECONDS,
            check=False,
        )
        answer = seen()
        return {**answer, "source": self._source(log) if answer["caller"] else ""}

    @staticmethod
    def _source(log):
        with open(log, encoding="utf-8") as file:
            found = re.findall(r'AWS client: .*?credential_source=("[^"]*"|\S+)', file.read())
        return found[-1].strip('"') if found else ""


def differences(one, other):
    return {name: value for name, value in other.items() if value != one[name]}


def _same(answer):
    return f"{answer['caller']} at {answer['place']}" if answer["caller"] else "an error"


def verdict(row, oracle, ours):
    """(good, text)"""
    found = differences(oracle, ours)
    if not row.ours:
        return not found, f"DIFFERENT: botocore {oracle}, ours {ours}" if found else _same(ours)
    missed = {name: value for name, value in row.ours.items() if ours[name] != value}
    if missed:
        return False, f"NOT AS SAID: {row.ours}, ours {ours}"
    if not found:
        return False, f"SAID TO DIFFER, but botocore is the same: {oracle}"
    return True, f"differs, as said: {row.why}"


def main():
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    rows = [row for row in ROWS if wanted in row.name]
    bad = 0
    admin("reset", {})
    # A path besides / is what a base path of an endpoint leads to.
    admin("settings", {"validate_requests": False})
    for name in KEYS:
        known = {"access_key_id": key_id(name), "secret_access_key": secret(name), "user": name}
        admin("credentials", known)
    admin("reset-log", {})
    for row in rows:
        with tempfile.TemporaryDirectory() as directory:
            place = Place(row, directory)
            good, text = verdict(row, place.botocore(), place.ours())
        bad += not good
        print(f"{'ok    ' if good else 'NOT OK'} {row.name}: {text}", flush=True)
    said = sum(1 for row in rows if row.ours)
    print(f"{len(rows)} rows: {len(rows) - bad} good, {said} of them differ on purpose, {bad} bad")
    return 1 if bad or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
