"""The server and the proxy: keep-alive, unknown hosts, faults, the log, many clients at once."""

import concurrent.futures
import http.client
import json
import socket
import subprocess
import time
import unittest

from botocore.exceptions import BotoCoreError, ClientError

import support
from support import CTL, Case, fault, send, signed


class ServerTest(Case):
    def test_connections_are_kept_alive(self):
        connection = support.tunnel(support.HOST)
        for _ in range(3):
            connection.request("POST", "/", "{}", signed("DescribeRepositories"))
            answer = connection.getresponse()
            self.assertEqual(answer.status, 200)
            answer.read()
        connection.close()
        self.assertEqual(len({entry["connection"] for entry in support.log()}), 1)
        send(signed("DescribeRepositories"))
        self.assertEqual(len({entry["connection"] for entry in support.log()}), 2)

    def test_connection_close_is_honoured(self):
        connection = support.tunnel(support.HOST)
        connection.request(
            "POST", "/", "{}", {**signed("DescribeRepositories"), "Connection": "close"}
        )
        answer = connection.getresponse()
        self.assertEqual(answer.headers["Connection"], "close")
        answer.read()
        connection.close()

    def test_hosts_that_exist(self):
        for host in (
            "api.ecr-fips.eu-central-1.amazonaws.com",
            "ecr.eu-central-1.api.aws",
            "ecr-fips.eu-central-1.api.aws",
            "ecr-fips.eu-central-1.amazonaws.com",
        ):
            with self.subTest(host):
                headers = signed("DescribeRepositories", host=host)
                self.assertEqual(send(headers, host=host)[0], 200)

    def test_unknown_hosts_are_refused(self):
        port = int(support.URL.rpartition(":")[2])
        for target in (
            "example.com:443",
            "evil.amazonaws.com:443",
            "169.254.169.254:80",
            f"{support.HOST}:80",
            f"{support.HOST}.evil.example:443",
            "nonsense",
        ):
            with self.subTest(target):
                sock = socket.create_connection(("127.0.0.1", port), support.WAIT_SECONDS)
                sock.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
                answer = http.client.HTTPResponse(sock, method="GET")
                answer.begin()
                self.assertEqual(answer.status, 502)
                self.assertIn("local ECR: there is no", answer.read().decode())
                sock.close()
        entry = support.log("service=proxy")[0]
        self.assertEqual(
            (entry["host"], entry["status"], entry["refused"]), ("example.com:443", 502, False)
        )

    def test_host_header_must_be_the_tunnels(self):
        other = "api.ecr.us-east-1.amazonaws.com"
        headers = signed("DescribeRepositories", host=other, region="us-east-1")
        self.assertEqual(send(headers)[0], 421)

    def test_nonsense_is_answered(self):
        port = int(support.URL.rpartition(":")[2])
        for text, status in (
            ("BREW\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
            ("GET /x HTTP/1.1\r\nA: " + "x" * 70_000 + "\r\n\r\n", 431),
            ("POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400),
            ("POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", 413),
            ("GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n", 502),
            ("GET ftp://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n", 400),
        ):
            with self.subTest(text[:40]):
                sock = socket.create_connection(("127.0.0.1", port), support.WAIT_SECONDS)
                sock.sendall(text.encode())
                self.assertTrue(sock.recv(100).startswith(f"HTTP/1.1 {status}".encode()))
                sock.close()

    def test_sixteen_clients_at_once(self):
        def work(number):
            ecr = support.client("ecr")
            for step in range(10):
                name = f"c{number}/r{step}"
                ecr.create_repository(repositoryName=name)
                ecr.describe_repositories(repositoryNames=[name])
                try:
                    ecr.create_repository(repositoryName="shared")
                    return 1
                except ClientError:
                    pass
            return 0

        clients = 16
        with concurrent.futures.ThreadPoolExecutor(clients) as pool:
            winners = sum(pool.map(work, range(clients)))
        self.assertEqual(winners, 1, "exactly one client made the shared repository")
        total = sum(
            len(page["repositories"])
            for page in self.ecr.get_paginator("describe_repositories").paginate()
        )
        made = [
            entry for entry in support.log("operation=CreateRepository") if entry["status"] == 200
        ]
        self.assertEqual(total, len(made))
        self.assertGreaterEqual(total, (clients - 1) * 10 + 2)
        self.assertEqual(support.log("refused=1"), [])


class FaultTest(Case):
    def test_error_before_the_effect(self):
        fault(
            kind="error",
            operation="CreateRepository",
            code="ThrottlingException",
            headers={"Retry-After": "7"},
        )
        with self.assertRaises(ClientError) as caught:
            self.create()
        answer = caught.exception.response
        self.assertEqual(answer["Error"]["Code"], "ThrottlingException")
        self.assertEqual(answer["ResponseMetadata"]["HTTPHeaders"]["retry-after"], "7")
        self.assertEqual(support.log()[0]["fault"], "error")
        self.create()

    def test_error_after_the_effect(self):
        fault(
            kind="error",
            operation="CreateRepository",
            when="after",
            status=500,
            code="ServerException",
        )
        self.refused("ServerException", self.create)
        self.refused("RepositoryAlreadyExistsException", self.create)

    def test_skip_times_service_and_operation(self):
        fault(kind="error", operation="Describe.*", skip=1, times=2, code="AccessDeniedException")
        codes = []
        for _ in range(4):
            self.create(f"r{len(codes)}")
            try:
                self.ecr.describe_repositories()
                codes.append(None)
            except ClientError as error:
                codes.append(error.response["Error"]["Code"])
        self.assertEqual(codes, [None, "AccessDeniedException", "AccessDeniedException", None])
        fault(kind="error", service="sts", code="Boom", status=503)
        self.create("other")
        self.refused("Boom", support.client("sts").get_caller_identity)
        self.assertEqual(json.loads(support.admin("faults")), [])

    def test_throttled_client_retries(self):
        fault(kind="error", times=2)
        support.client("ecr", retries=4).describe_repositories()
        self.assertEqual(json.loads(support.admin("counters")), {"DescribeRepositories": 3})

    def test_drop(self):
        for when, how in (("before", "fin"), ("before", "rst"), ("after", "fin"), ("after", "rst")):
            with self.subTest(when=when, how=how):
                name = f"{when}-{how}"
                fault(kind="drop", when=when, how=how)
                with self.assertRaises(BotoCoreError):
                    self.create(name)
                found = [
                    repository["repositoryName"]
                    for repository in self.ecr.describe_repositories()["repositories"]
                ]
                self.assertEqual(name in found, when == "after")
        entry = support.log("operation=CreateRepository")[0]
        self.assertEqual((entry["status"], entry["fault"]), (None, "drop"))

    def test_delay_slow_and_stall(self):
        fault(kind="delay", seconds=0.4)
        began = time.monotonic()
        self.ecr.describe_repositories()
        self.assertGreater(time.monotonic() - began, 0.4)
        fault(kind="slow", seconds=0.02)
        began = time.monotonic()
        self.assertEqual(self.ecr.describe_repositories()["repositories"], [])
        self.assertGreater(time.monotonic() - began, 0.2)
        fault(kind="stall")
        connection = support.tunnel(support.HOST)
        connection.timeout = 0.5
        with self.assertRaises(TimeoutError):
            connection.request("POST", "/", "{}", signed("DescribeRepositories"))
            connection.getresponse()
        self.assertEqual(support.admin("faults"), "[]\n", "a fault at work is no longer to come")
        connection.close()
        deadline = time.monotonic() + 5
        while len(support.log()) < 3 and time.monotonic() < deadline:
            time.sleep(0.02)
        self.assertEqual(support.log()[-1]["fault"], "stall")

    def test_match_picks_by_the_body(self):
        fault(kind="error", match='"team/w[a-z]+"')
        self.ecr.create_repository(repositoryName="team/api")
        with self.assertRaises(ClientError):
            self.ecr.create_repository(repositoryName="team/web")

    def test_refuse(self):
        fault(kind="refuse", seconds=0.3)
        began = time.monotonic()
        with self.assertRaises((OSError, http.client.HTTPException)):
            send(signed("DescribeRepositories"))
        with self.assertRaises(ConnectionRefusedError):
            send(signed("DescribeRepositories"))
        while time.monotonic() - began < 10:
            try:
                self.assertEqual(send(signed("DescribeRepositories"))[0], 200)
                break
            except ConnectionRefusedError:
                time.sleep(0.05)
        self.assertGreater(time.monotonic() - began, 0.25)

    def test_huge_answers_and_other_headers(self):
        for size in (1 << 20, 3 << 20):
            fault(kind="huge", bytes=size)
            _, value, headers = send(signed("DescribeRepositories"))
            self.assertEqual((value, headers["Content-Length"]), ({"repositories": []}, str(size)))
        html = {"Content-Type": "text/html"}
        fault(kind="error", when="after", status=200, body="<p>", headers=html)
        status, value, headers = send(signed("DescribeRepositories"))
        self.assertEqual((status, value), (200, {"text": "<p>"}))
        self.assertEqual(headers["Content-Type"], "text/html")

    def test_truncate_and_garbage(self):
        fault(kind="truncate")
        with self.assertRaises(http.client.IncompleteRead):
            send(signed("DescribeRepositories"))
        fault(kind="garbage")
        status, answer, _ = send(signed("DescribeRepositories"))
        self.assertEqual(status, 200)
        self.assertIn("not json", answer["text"])

    def test_a_bad_signature_is_refused_and_uses_up_no_fault(self):
        fault(kind="drop")
        self.assertEqual(send(signed("DescribeRepositories", secret="wrong"))[0], 400)
        self.assertEqual(len(json.loads(support.admin("faults"))), 1)


class CtlTest(Case):
    def ctl(self, *arguments, status=0):
        done = subprocess.run(
            [CTL, *arguments], capture_output=True, text=True, timeout=support.WAIT_SECONDS
        )
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stdout or done.stderr

    def test_log_and_counters(self):
        self.create("aa")
        self.create("bb")
        self.ecr.describe_repositories()
        send(signed("ListImages", secret="wrong"))
        self.assertEqual(
            json.loads(self.ctl("counters")),
            {"CreateRepository": 2, "DescribeRepositories": 1, "ListImages": 1},
        )
        lines = self.ctl("log", "--operation", "Create.*").splitlines()
        self.assertEqual(
            [json.loads(line)["body"]["repositoryName"] for line in lines], ["aa", "bb"]
        )
        self.assertEqual(json.loads(self.ctl("log", "--refused"))["operation"], "ListImages")
        self.ctl("reset-log")
        self.assertEqual(self.ctl("log"), "")

    def test_faults_and_settings(self):
        self.ctl("fault", '{"kind": "error", "operation": "CreateRepository"}')
        self.assertEqual(json.loads(self.ctl("faults"))[0]["kind"], "error")
        self.ctl("clear-faults")
        self.create()
        for bad in (
            '{"kind": "magic"}',
            '{"kind": "drop", "colour": 1}',
            "nonsense",
            '{"kind": "drop",' ' "operation": "("}',
        ):
            self.ctl("fault", bad, status=1)
        self.ctl("setting", "repository_lag", "3")
        self.assertEqual(json.loads(self.ctl("setting", "repository_lag")), 3)
        self.assertIn("check_layers", json.loads(self.ctl("setting")))
        self.ctl("setting", "no_such_setting", "3", status=1)
        self.ctl("setting", "check_layers", "3", status=1)
        self.ctl("reset")
        self.assertEqual(json.loads(self.ctl("setting", "repository_lag")), 0)
        self.assertEqual(self.ecr.describe_repositories()["repositories"], [])


if __name__ == "__main__":
    unittest.main()
