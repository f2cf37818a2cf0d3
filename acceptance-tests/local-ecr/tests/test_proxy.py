"""The proxy as a proxy: its login, its faults, requests in absolute form; and the namespace, where
no proxy is needed."""

import base64
import http.client
import os
import subprocess
import unittest

import support
from support import Case, client, fault, setting, signed, tunnel

NAMESPACE = os.path.join(support.ROOT, "namespace")


class ProxyTest(Case):
    def cannot_connect(self, why):
        connection = tunnel(support.HOST)
        try:
            with self.assertRaisesRegex(OSError, why):
                connection.connect()
        finally:
            connection.close()

    def test_login(self):
        setting(proxy_login="user:p%40ss:word")
        self.cannot_connect("407")
        connection = tunnel(support.HOST)
        login = base64.b64encode(b"user:p%40ss:word").decode()
        connection.set_tunnel(support.HOST, 443, {"Proxy-Authorization": f"Basic {login}"})
        connection.connect()
        connection.close()
        entry = support.log()[0]
        self.assertEqual((entry["service"], entry["status"]), ("proxy", 407))
        self.assertIn("user:p%40ss:word", support.admin("secrets").splitlines())

    def test_faults(self):
        fault(kind="error", service="proxy", operation="CONNECT", status=503)
        self.cannot_connect("503")
        fault(kind="drop", service="proxy", operation="CONNECT")
        self.cannot_connect("closed connection")
        connection = tunnel(support.HOST)
        connection.connect()
        connection.close()

    def absolute(self, url, headers):
        port = int(support.URL.rpartition(":")[2])
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=support.WAIT_SECONDS)
        connection.request("POST", url, "{}", headers)
        answer = connection.getresponse()
        status = answer.status
        connection.close()
        return status

    def test_absolute_form(self):
        url = f"http://{support.HOST}/"
        self.assertEqual(self.absolute(url, signed("DescribeRepositories")), 200)
        client("ecr").describe_repositories()
        self.assertEqual([entry["proxy"] for entry in support.log()], ["absolute", "connect"])
        for elsewhere in ("http://169.254.169.254/latest/api/token", "http://example.com/"):
            self.assertEqual(self.absolute(elsewhere, {}), 502)
        setting(proxy_login="user:password")
        self.assertEqual(self.absolute(url, signed("DescribeRepositories")), 407)


@unittest.skipUnless(os.geteuid() == 0, "the namespace needs root")
class NamespaceTest(unittest.TestCase):
    def run_inside(self, script, *options, **environment):
        return subprocess.run(
            [NAMESPACE, "--no-registry", *options, "--", "bash", "-c", script],
            capture_output=True,
            text=True,
            timeout=support.WAIT_SECONDS,
            check=False,
            env={**os.environ, **environment},
        )

    def test_default_endpoints_and_nothing_set(self):
        done = self.run_inside(
            "set -e; env | grep -iE '^(AWS_|.*_PROXY=|SSL_|CURL_|REQUESTS_)' | grep -v LOCAL_ECR;"
            "echo; curl -s https://sts.us-west-2.amazonaws.com/ | grep -o 'MissingAuth[a-zA-Z]*';"
            "export AWS_CA_BUNDLE=$LOCAL_ECR_CA AWS_DEFAULT_REGION=us-west-2;"
            "aws ecr create-repository --repository-name web --query repository.registryId;"
            '"$CTL" log --service imds | grep -c 169.254.169.254;'
            "cat /etc/hosts | grep -c portal.sso.eu-central-1.amazonaws.com",
            AWS_ENDPOINT_URL="http://x",
            AWS_PROFILE="x",
            CTL=support.CTL,
        )
        self.assertEqual(done.stderr, "")
        self.assertEqual(
            done.stdout.splitlines(),
            ["AWS_PAGER=", "", "MissingAuthenticationToken", '"123456789012"', "3", "1"],
        )

    def test_unknown_names_lead_nowhere(self):
        done = self.run_inside(
            "curl -sk https://127.0.0.1/; echo $?;"
            "curl -sk --connect-to ::127.0.0.1: https://example.com/; echo $?"
        )
        self.assertEqual(done.stdout.splitlines(), ["35", "35"])

    def test_outside_nothing_changes(self):
        with open("/etc/hosts", encoding="utf-8") as file:
            before = file.read()
        done = self.run_inside("exit 7")
        self.assertEqual((done.returncode, done.stderr), (7, ""))
        with open("/etc/hosts", encoding="utf-8") as file:
            self.assertEqual(file.read(), before)
        with open("/proc/mounts", encoding="utf-8") as file:
            self.assertNotIn("local-ecr", file.read())


class WithoutRootTest(unittest.TestCase):
    @unittest.skipUnless(os.geteuid() == 0, "becoming somebody else needs root")
    def test_needs_root(self):
        command = ["setpriv", "--reuid=65534", "--clear-groups", "sh", NAMESPACE, "--", "true"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("needs root", done.stderr)


if __name__ == "__main__":
    unittest.main()
