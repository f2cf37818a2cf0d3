#!/usr/bin/env python3
"""make bench: measures this provider beside hashicorp/aws and beside Terraform alone, in one run; prints what it found and
writes build/bench.json.

bench.py MODE WORK BINARY    MODE is full, quick or smoke; WORK is a directory of the caller's; BINARY is the provider
"""

import datetime
import json
import os
import subprocess
import sys
import time

import report
import subjects
from cases import FROM_NOTHING, REFRESHES, Case, Row, refresh, run_case, say
from workspace import measured
from worlds import LocalEcr

LAB = (refresh("lab", 10),)
FAR_MS = 10
FAR = (refresh("refresh from afar", 10), refresh("refresh from afar", 64))
LAB_TLS = (refresh("lab over TLS", 10),)

# The launcher's runs are more where they are short: their peak is the largest that was seen.
MODES = {
    "full": (
        Case("from nothing", FROM_NOTHING, 11, 3, 3, objects=1, is_fresh=True),
        Case("lab", LAB, 15, 5, 5),
        Case("lab over TLS", LAB_TLS, 7, 3, 3, needs_local_ecr=True),
        Case("1 repository", REFRESHES, 11, 3, 5, objects=1),
        Case("100 repositories", REFRESHES, 7, 2, 3, objects=100),
        Case("1,000 repositories", REFRESHES, 5, 1, 2, objects=1000),
        Case("1,000 from afar", FAR, 3, 1, 1, objects=1000, delay_ms=FAR_MS),
    ),
    "quick": (
        Case("from nothing", FROM_NOTHING, 3, 0, objects=1, is_fresh=True),
        Case("lab", LAB, 5, 1, 2),
        Case("1 repository", REFRESHES[:1], 3, 0, objects=1),
        Case("100 repositories", REFRESHES[:1], 3, 0, objects=100),
        Case("1,000 repositories", REFRESHES[:1], 1, 0, objects=1000),
    ),
    "smoke": (
        Case("from nothing", FROM_NOTHING, 1, 0, objects=1, is_fresh=True),
        Case("lab", LAB, 1, 0),
        Case("1 repository", REFRESHES[:1], 1, 0, objects=1),
        Case("5 repositories", REFRESHES, 1, 0, objects=5),
        Case("5 from afar", FAR, 1, 0, objects=5, delay_ms=FAR_MS),
    ),
}
HANDSHAKES = {"full": 21, "quick": 5, "smoke": 1}

# What a plugin is started with by Terraform, which a plugin must see before it says a word.
COOKIE = {"TF_PLUGIN_MAGIC_COOKIE": "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"}


class Bench:
    def __init__(self, mode, work, binary):
        tools = os.path.join(subjects.TOP, "build", "bench")
        self.tools = {name: os.path.join(tools, name) for name in ("measure", "launcher", "stub")}
        self.mode = mode
        self.work = work
        self.state_of_one = {}
        peer = subjects.peer() if mode != "smoke" else None
        self.has_peer = peer is not None
        self.subjects = [subjects.FLOOR, subjects.ours(binary), *([peer] if peer else [])]
        self.settings = self._install("plain", None)
        self.watched_settings = self._install("watched", self.tools["launcher"])

    def _install(self, name, launcher):
        directory = os.path.join(self.work, name)
        os.mkdir(directory)
        return subjects.install(directory, self.subjects, launcher)

    def cases(self):
        return [case for case in MODES[self.mode] if LocalEcr.is_there() or not case.needs_local_ecr]

    def left_out(self):
        """Sentences."""
        found = []
        if not self.has_peer and self.mode != "smoke":
            found.append("hashicorp/aws: it is in no filesystem mirror; PEER_MIRROR names one.")
        without = [case.name for case in self.cases() if not case.peer_rounds]
        if self.has_peer and without:
            found.append(f"hashicorp/aws in {', '.join(without)}: it takes too long for a quick run.")
        if len(self.cases()) < len(MODES[self.mode]):
            found.append("The lab over TLS: there is no Python with moto for the local ECR (scripts/deps demo).")
        if self.mode != "full":
            found.append("Everything that only make bench measures.")
        return found


def client_certificate(directory):
    """Of the kind that Terraform makes for each plugin."""
    path = os.path.join(directory, "client.pem")
    command = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:secp521r1 -nodes -days 1 -subj /CN=localhost"
    ).split()
    subprocess.run([*command, "-keyout", path + ".key", "-out", path], check=True, capture_output=True)
    with open(path, encoding="utf-8") as file:
        return file.read()


def handshakes(bench):
    """From exec to the line that tells Terraform where the plugin listens."""
    providers = [subject for subject in bench.subjects if not subject.is_floor]
    rows = {subject.name: Row() for subject in providers}
    environment = {
        **COOKIE,
        "PATH": os.environ["PATH"],
        "TMPDIR": bench.work,
        "PLUGIN_PROTOCOL_VERSIONS": "5,6",
        "PLUGIN_CLIENT_CERT": client_certificate(bench.work),
    }
    say(f"handshake: {HANDSHAKES[bench.mode]} rounds")
    for _ in range(HANDSHAKES[bench.mode]):
        for subject in providers:
            processes, _output = measured(bench.tools, bench.work, environment, [subject.binary], to_line=True)
            rows[subject.name].add({**whole_of(processes[0])})
    return [{"case": "handshake", "step": "handshake", "subject": name, **row.medians()} for name, row in rows.items()]


def whole_of(process):
    return {"wall_ms": process[1], "cpu_ms": process[2], "provider_peak_kib": process[3]}


def first_line(path, start):
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.startswith(start):
                return line.split(":", 1)[1].strip()
    return "unknown"


def machine():
    memory_kib = int(first_line("/proc/meminfo", "MemTotal").split()[0])
    return {
        "cpu": first_line("/proc/cpuinfo", "model name"),
        "cores": os.cpu_count(),
        "memory_gib": round(memory_kib / 1024 / 1024, 1),
        "load": round(os.getloadavg()[0], 1),
    }


def terraform_version():
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "CHECKPOINT_DISABLE": "1"}
    ran = subprocess.run(["terraform", "version"], env=environment, capture_output=True, text=True, check=True)
    return ran.stdout.split()[1].lstrip("v")


def run(bench, keep):
    """The result, which is also given to keep after each case."""
    began = time.monotonic()
    result = {
        "mode": bench.mode,
        "date": datetime.date.today().isoformat(),
        "machine": machine(),
        "terraform": terraform_version(),
        "subjects": {
            subject.name: {"source": subject.source, "version": subject.version, "bytes": subject.size}
            for subject in bench.subjects
        },
        "left_out": bench.left_out(),
        "rows": handshakes(bench),
    }
    for case in bench.cases():
        result["rows"] += run_case(bench, case)
        result["goals"] = report.goals(result)
        result["seconds"] = round(time.monotonic() - began)
        keep(result)
    return result


def keep_file(result):
    path = os.environ.get("BENCH_JSON", os.path.join(subjects.TOP, "build", "bench.json"))
    with open(path, "w", encoding="utf-8") as file:
        json.dump(result, file, indent=1)
        file.write("\n")


def main(mode, work, binary):
    print(report.terminal(run(Bench(mode, work, os.path.abspath(binary)), keep_file)))


if __name__ == "__main__":
    main(*sys.argv[1:])
