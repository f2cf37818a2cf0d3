#!/usr/bin/env python3
"""make bench-profile: where the time of a plan goes, in Terraform alone, in Terraform with this provider, and in the provider;
sampled by perf. Prints it and writes build/profile.json, from which make bench-docs makes a part of docs/BENCHMARKS.md.

profile.py WORK BINARY MAP    WORK is a directory of the caller's, BINARY a release, MAP what the linker wrote when it was made"""

import contextlib
import datetime
import json
import os
import shutil
import subprocess
import sys
from collections import Counter

import report
import subjects
from cases import REFRESHES, Case, Place, say
from symbols import go_functions, linked_files, vaddr_of

SAMPLES_PER_SECOND = 5000
RUNS = {0: 20, 1000: 2}

# A sample of Terraform's is the first of these of which a function is on the stack.
TERRAFORM = (
    ("a key and a certificate for each start of a provider", ("go-plugin.generateCert",)),
    ("TLS with the provider", ("crypto/tls.(*Conn).handshakeContext",)),
    ("hash of the provider's package", ("dirhash.Hash1",)),
    ("garbage collection", ("runtime.gcBgMarkWorker", "runtime.gcAssistAlloc", "runtime.bgsweep", "runtime.bgscavenge")),
    ("the provider's schema", ("GetProviderSchema", ".ProtoToConfigSchema", "configschema.(*Block).ImpliedType")),
    ("calls of the provider", ("plugin6.(*GRPCProvider)", "google.golang.org/grpc")),
)
ELSE = "everything else"

PROVIDER = (
    ("the provider itself", ("/obj/provider/", "/obj/schema/", "/packed.o")),
    ("OpenSSL", ("/libssl.a", "/libcrypto.a")),
    ("gRPC", ("/libgrpc", "/libgpr", "/libupb", "/libabsl", "/libaddress_sorting", "/libre2", "/libstdc++", "/libgcc")),
    ("curl", ("/libcurl.a", "/libcares.a")),
    ("the C library", ("/libc.a", "/libm.a", "/libpthread.a")),
)
KERNEL = "the kernel"


class Program:
    """terraform or the provider, as perf names what it ran."""

    def __init__(self, path, ranges):
        self.file = os.path.basename(path)
        self.vaddr = vaddr_of(path)
        self.ranges = ranges

    def names(self, frames):
        return [self.ranges.find(self.vaddr(place)) for place, file in frames if file == self.file]


def group_of(names, groups):
    for label, parts in groups:
        if any(part in name for name in names for part in parts):
            return label
    return ELSE


def samples(path):
    """(program, [(place, file)...], innermost first) for each."""
    ran = subprocess.run(
        ["perf", "script", "-i", path, "-F", "comm,ip,dso"], capture_output=True, text=True, check=True, errors="replace"
    )
    for block in ran.stdout.split("\n\n"):
        head, *lines = block.strip("\n").splitlines() or [""]
        words = [line.split(maxsplit=1) for line in lines]
        frames = [(int(place, 16), os.path.basename(file.strip("()"))) for place, file in words]
        if frames:
            yield head.strip(), frames


def one_profile(path, terraform, provider, runs):
    """(of Terraform, of the provider), group -> ms a run."""
    ours, theirs = Counter(), Counter()
    for command, frames in samples(path):
        if command == "terraform":
            theirs[group_of(terraform.names(frames), TERRAFORM)] += 1
        elif frames[0][1] == "[kernel.kallsyms]":
            ours[KERNEL] += 1
        elif frames[0][1] == provider.file:
            ours[group_of(provider.names(frames[:1]), PROVIDER)] += 1
    to_ms = 1000 / SAMPLES_PER_SECOND / runs
    return ({name: round(count * to_ms, 1) for name, count in one.items()} for one in (theirs, ours))


def record(place, work, runs):
    path = os.path.join(work, "perf.data")
    command = f"for i in $(seq {runs}); do terraform plan >/dev/null || exit; done"
    ran = subprocess.run(
        ["perf", "record", "-q", "-e", "cpu-clock", "-F", str(SAMPLES_PER_SECOND), "-g", "-o", path, "--"]
        + ["bash", "-c", command],
        cwd=place.timed.directory,
        env=place.timed.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        raise RuntimeError(f"perf record failed: {ran.stderr}")
    return path


class Bench:
    """As much of a bench as a place needs."""

    def __init__(self, work, binary):
        self.tools = {name: os.path.join(subjects.TOP, "build", "bench", name) for name in ("measure", "stub")}
        self.work = work
        self.state_of_one = {}
        self.subjects = (subjects.FLOOR, subjects.ours(binary))
        self.settings = subjects.install(work, self.subjects)
        self.watched_settings = None


def profiles(bench, objects, terraform, provider):
    found = {}
    label, _rows = report.PLANS[objects]
    for subject in bench.subjects:
        with contextlib.ExitStack() as stack:
            for count in sorted({1, objects} if objects else {0}):
                case = Case(f"{count} profiled", REFRESHES, 1, 1, objects=count)
                place = Place(bench, case, subject, stack)
            say(f"{label}: {subject.name}")
            path = record(place, bench.work, RUNS[objects])
            found[subject.name] = one_profile(path, terraform, provider, RUNS[objects])
    alone, _none = found["floor"]
    together, ours = found["ours"]
    return {"label": label, "alone": alone, "together": together, "provider": ours}


def main(work, binary, linker_map):
    if not shutil.which("perf"):
        sys.exit("bench-profile: perf is not installed (package linux-perf)")
    bench = Bench(work, os.path.abspath(binary))
    path = os.path.realpath(shutil.which("terraform"))
    terraform = Program(path, go_functions(path))
    provider = Program(binary, linked_files(linker_map))
    result = {
        "date": datetime.date.today().isoformat(),
        "plans": [profiles(bench, objects, terraform, provider) for objects in RUNS],
    }
    with open(os.path.join(subjects.TOP, "build", "profile.json"), "w", encoding="utf-8") as file:
        json.dump(result, file, indent=1)
        file.write("\n")
    for table in report.profile_tables(result):
        print(report.on_terminal(table))


if __name__ == "__main__":
    main(*sys.argv[1:])
