"""What all test files share: one local ECR for the whole test run, started through ./run as users
start it, boto3 clients that reach it under AWS's own host names, and signed raw requests."""

import atexit
import http.client
import json
import os
import shlex
import signal
import ssl
import subprocess
import sys
import unittest
import urllib.request

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
RUN = os.path.join(ROOT, "run")
CTL = os.path.join(ROOT, "ctl")
REGION = "eu-central-1"
ACCOUNT = "123456789012"
HOST = f"api.ecr.{REGION}.amazonaws.com"
TARGET = "AmazonEC2ContainerRegistry_V20150921."
WAIT_SECONDS = 30

os.environ["LOCAL_ECR_PYTHON"] = sys.executable


def parse_exports(lines):
    """The environment that `run --keep` prints."""
    environment = dict(os.environ)
    for line in lines:
        verb, rest = shlex.split(line)
        if verb == "unset":
            environment.pop(rest, None)
        else:
            name, _, value = rest.partition("=")
            environment[name] = value
    return environment


def start(*options):
    """(process, environment) of a new instance with --keep."""
    process = subprocess.Popen([RUN, "--keep", *options], stdout=subprocess.PIPE, text=True)
    lines = []
    for line in process.stdout:
        lines.append(line.strip())
        # The last export is an unset: read until the list is complete.
        if line.startswith("unset AWS_USE_DUALSTACK_ENDPOINT"):
            break
    return process, parse_exports(lines)


def stop(process):
    process.send_signal(signal.SIGTERM)
    process.wait(WAIT_SECONDS)
    process.stdout.close()


def _start_shared():
    process, environment = start()
    if "LOCAL_ECR_URL" not in environment:
        sys.exit(f"the local ECR did not start: {RUN} --keep ended with {process.wait()}")
    atexit.register(stop, process)
    os.environ.clear()
    os.environ.update(environment)


_start_shared()
URL = os.environ["LOCAL_ECR_URL"]
KEY = os.environ["AWS_ACCESS_KEY_ID"]
SECRET = os.environ["AWS_SECRET_ACCESS_KEY"]
BUCKET = os.environ["LOCAL_ECR_BUCKET"]
REGISTRY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
_TLS = ssl.create_default_context(cafile=os.environ["LOCAL_ECR_CA"])


def client(service, retries=1, **options):
    config = Config(
        retries={"total_max_attempts": retries, "mode": "standard"},
        parameter_validation=False,
        read_timeout=5,
    )
    return boto3.client(service, config=config, **options)


def admin(path, body=None):
    data = None if body is None else json.dumps(body).encode()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{URL}/_local-ecr/{path}", data, timeout=WAIT_SECONDS) as answer:
        return answer.read().decode()


def log(query=""):
    return [json.loads(line) for line in admin(f"log?{query}").splitlines()]


def fault(**wanted):
    admin("faults", wanted)


def setting(**wanted):
    admin("settings", wanted)


def tunnel(host):
    """A TLS connection to one of AWS's host names, through the proxy."""
    port = int(URL.rpartition(":")[2])
    connection = http.client.HTTPSConnection("127.0.0.1", port, context=_TLS, timeout=WAIT_SECONDS)
    connection.set_tunnel(host, 443)
    return connection


def signed(
    operation,
    body="{}",
    headers=None,
    host=HOST,
    region=REGION,
    service="ecr",
    key=KEY,
    secret=SECRET,
    token=None,
):
    """Headers of a properly signed ECR request; tests then spoil them."""
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": TARGET + operation,
        **(headers or {}),
    }
    request = AWSRequest("POST", f"https://{host}/", headers=headers, data=body)
    SigV4Auth(Credentials(key, secret, token), service, region).add_auth(request)
    return {**dict(request.headers), "Host": host}


def send(headers, body="{}", host=HOST, method="POST", path="/"):
    """(status, answer as a dict, headers)"""
    connection = tunnel(host)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        try:
            value = json.loads(text)
        except ValueError:
            value = {"text": text.decode("utf-8", "replace")}
        return answer.status, value, dict(answer.getheaders())
    finally:
        connection.close()


class Case(unittest.TestCase):
    """Each test begins with an empty ECR and an empty log."""

    def setUp(self):
        admin("reset", {})
        admin("reset-log", {})
        self.ecr = client("ecr")

    def refused(self, code, call, **arguments):
        """Asserts that the call fails with that code; returns AWS's message."""
        with self.assertRaises(ClientError) as caught:
            call(**arguments)
        error = caught.exception.response["Error"]
        self.assertEqual(error["Code"], code, error["Message"])
        return error["Message"]

    def create(self, name="app", **arguments):
        return self.ecr.create_repository(repositoryName=name, **arguments)["repository"]
