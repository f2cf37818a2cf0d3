"""What stands in for AWS: a stub of its own for each directory, so that the server is not what is measured; or the local ECR of
the acceptance tests, over TLS, if the bench runs inside it. Both tell how often they were called."""

import json
import os
import subprocess
import urllib.request

REGION = "eu-central-1"
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def ask(url, body=None, headers=None):
    request = urllib.request.Request(url, body, headers or {})
    with OPENER.open(request, timeout=60) as answer:
        return answer.read().decode()


class Stub:
    def __init__(self, program, delay_ms):
        self.process = subprocess.Popen([program, str(delay_ms)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.url = f"http://127.0.0.1:{int(self.process.stdout.readline())}"

    def environment(self):
        return {
            "AWS_ACCESS_KEY_ID": "AKIABENCH",
            "AWS_SECRET_ACCESS_KEY": "bench",
            "AWS_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": self.url,
        }

    def call(self, operation, arguments):
        body = json.dumps(arguments).encode()
        return ask(self.url + "/", body, {"X-Amz-Target": f"AmazonEC2ContainerRegistry_V20150921.{operation}"})

    def reset(self):
        self._cpu_us = json.loads(ask(f"{self.url}/reset", b""))["cpu_us"]

    def counters(self):
        found = json.loads(ask(f"{self.url}/counters"))
        if "unknown" in found["calls"]:
            raise RuntimeError(f"a provider called what the stub does not know: {found}")
        server_ms = (found["cpu_us"] - self._cpu_us) / 1000
        return {"calls": found["calls"], "connections": found["connections"], "server_cpu_ms": server_ms}

    def forget(self):
        ask(f"{self.url}/forget", b"")

    def stop(self):
        self.process.stdin.close()
        self.process.wait(timeout=10)


class LocalEcr:
    """The one that this program was started in."""

    NAMES = ("PROXY", "proxy", "AWS_", "SSL_CERT_FILE")

    @staticmethod
    def is_there():
        return "LOCAL_ECR_URL" in os.environ

    def __init__(self):
        self.url = os.environ["LOCAL_ECR_URL"] + "/_local-ecr"

    def environment(self):
        return {name: value for name, value in os.environ.items() if any(part in name for part in self.NAMES)}

    def reset(self):
        ask(f"{self.url}/reset-log", b"{}")

    def counters(self):
        log = [json.loads(line) for line in ask(f"{self.url}/log").splitlines()]
        refused = [entry for entry in log if entry["refused"]]
        if refused:
            raise RuntimeError(f"the local ECR refused a request: {refused[0]}")
        calls = [entry for entry in log if entry["service"] in ("ecr", "sts")]
        by_operation = json.loads(ask(f"{self.url}/counters"))
        return {"calls": by_operation, "connections": len({entry["connection"] for entry in calls})}

    def stop(self):
        pass
