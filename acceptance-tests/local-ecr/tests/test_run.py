"""./run as a program: exit statuses, signals, what it exports, and that nothing is left behind."""

import glob
import os
import pty
import signal
import subprocess
import tempfile
import time
import unittest

import support


def run(*arguments, **options):
    return subprocess.run(
        [support.RUN, *arguments],
        capture_output=True,
        text=True,
        timeout=support.WAIT_SECONDS,
        **options,
    )


def children_of(pid):
    found = []
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            with open(path, encoding="utf-8") as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(path.split("/")[2]))
    return found


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class RunTest(unittest.TestCase):
    def test_exit_status_is_the_commands(self):
        self.assertEqual(run("--no-registry", "--", "sh", "-c", "exit 7").returncode, 7)
        self.assertEqual(run("--no-registry", "--", "true").returncode, 0)
        self.assertEqual(run("--no-registry", "--", "sh", "-c", "kill -9 $$").returncode, 137)

    def test_command_begins_with_signals_as_usual(self):
        done = run("--no-registry", "--", "sh", "-c", "yes | head -1")
        self.assertEqual((done.stdout, done.stderr), ("y\n", ""))

    def test_missing_command(self):
        done = run("--no-registry", "--", "no-such-command-here")
        self.assertEqual(done.returncode, 127)
        self.assertIn("no-such-command-here", done.stderr)
        self.assertEqual(run("--no-registry").returncode, 2)
        self.assertEqual(run("--account", "12", "--", "true").returncode, 2)
        self.assertEqual(run("--region", "mars-east-1", "--", "true").returncode, 2)

    def test_missing_moto_is_one_line(self):
        with tempfile.TemporaryDirectory() as directory:
            environment = {**os.environ, "PYTHONPATH": directory}
            with open(os.path.join(directory, "moto.py"), "w", encoding="utf-8") as file:
                file.write("raise ImportError('No module named moto')\n")
            done = run("--no-registry", "--", "true", env=environment)
        self.assertEqual(done.returncode, 2)
        self.assertIn("make deps", done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)

    def test_exports_and_directory_is_removed(self):
        done = run(
            "--region",
            "us-west-2",
            "--account",
            "111122223333",
            "--no-registry",
            "--",
            "sh",
            "-c",
            'echo "$LOCAL_ECR_DIR"; echo "$AWS_REGION $LOCAL_ECR_ACCOUNT";'
            'echo "${AWS_PROFILE-unset} ${AWS_ENDPOINT_URL_ECR-unset}"; test -s'
            ' "$LOCAL_ECR_CA" && aws sts get-caller-identity --query Account'
            " --output text",
            env={**os.environ, "AWS_PROFILE": "x", "AWS_ENDPOINT_URL_ECR": "http://x"},
        )
        directory, *rest = done.stdout.splitlines()
        self.assertEqual(
            rest, ["us-west-2 111122223333", "unset unset", "111122223333"], done.stderr
        )
        self.assertFalse(os.path.exists(directory))

    def test_terminate_reaches_the_command_and_stops_everything(self):
        process = subprocess.Popen(
            [
                support.RUN,
                "--",
                "sh",
                "-c",
                'trap "exit 9" TERM; echo $LOCAL_ECR_DIR;' " while :; do sleep 0.1; done",
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        directory = process.stdout.readline().strip()
        children = children_of(process.pid)
        self.assertEqual(len(children), 2, "docker-registry and the command")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(support.WAIT_SECONDS), 9)
        process.stdout.close()
        self.assertFalse(os.path.exists(directory))
        self.assertEqual([pid for pid in children if alive(pid)], [])

    def test_ctrl_c_at_the_terminal_reaches_the_command_once(self):
        pid, terminal = pty.fork()
        if pid == 0:
            script = 'trap "echo got-it" INT; echo ready; sleep 1; sleep 1; exit 5'
            os.execv(support.RUN, [support.RUN, "--no-registry", "--", "sh", "-c", script])
        text = b""
        while b"ready" not in text:
            text += os.read(terminal, 1000)
        os.write(terminal, b"\x03")
        try:
            while more := os.read(terminal, 1000):
                text += more
        except OSError:
            pass  # how Linux says that the other side of a terminal is closed
        os.close(terminal)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 5)
        self.assertEqual(text.count(b"got-it"), 1, text)

    def test_long_and_odd_temporary_directories(self):
        with tempfile.TemporaryDirectory() as directory:
            for name in ("x" * 100, "a: b #c"):
                path = os.path.join(directory, name)
                os.mkdir(path)
                done = run("--", "true", env={**os.environ, "TMPDIR": path})
                self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_registry_does_not_survive_a_kill(self):
        process, environment = support.start()
        children = children_of(process.pid)
        self.assertEqual(len(children), 1)
        process.kill()
        process.wait(support.WAIT_SECONDS)
        process.stdout.close()
        deadline = time.monotonic() + 5
        while alive(children[0]) and time.monotonic() < deadline:
            time.sleep(0.02)
        self.assertFalse(alive(children[0]))
        subprocess.run(["rm", "-r", environment["LOCAL_ECR_DIR"]], check=True)

    def test_instances_side_by_side_know_nothing_of_each_other(self):
        done = run(
            "--no-registry",
            "--",
            support.RUN,
            "--no-registry",
            "--",
            "sh",
            "-c",
            "aws ecr create-repository --repository-name inner >/dev/null &&"
            " aws ecr describe-repositories --query 'repositories[].repositoryName'"
            " --output text",
        )
        self.assertEqual(done.stdout.strip(), "inner", done.stderr)
        self.assertNotIn("inner", support.admin("log"))

    def test_log_file(self):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "log")
            run("--no-registry", "--log", path, "--", "aws", "ecr", "describe-repositories")
            with open(path, encoding="utf-8") as file:
                self.assertIn('"operation": "DescribeRepositories"', file.read())


if __name__ == "__main__":
    unittest.main()
