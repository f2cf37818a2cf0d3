#!/usr/bin/env python3
"""make bench-docs: writes docs/BENCHMARKS.md and docs/benchmarks.svg from the last run's build/bench.json, and from
build/profile.json, which make bench-profile left, if it is there. Their figures are never written by hand.

page.py [BENCH_JSON [DIRECTORY [PROFILE_JSON]]]"""

import json
import os
import sys

import chart
import report
import subjects

HEAD = """# Benchmarks

![Bars of time, memory and size: this provider, hashicorp/aws, and Terraform alone](benchmarks.svg)

`make bench` measures this provider, hashicorp/aws and Terraform alone in one run, in turn, round by round; `make bench-docs`
writes this page. `make bench-quick` takes less than a minute. What this machine needs tells little about another one; the ratios do.
"""

HOW = """## How it is measured

- **Terraform alone** has the same number of `terraform_data` objects with the same content. No provider gets below it.
- **Installed as by a user**: from a filesystem mirror, by `terraform init`. Terraform hashes the package at every command, so its
  size is part of the time.
- **Time** is that of the whole command, by a monotonic clock around it. The subjects take turns, and begin in another order each round.
  hashicorp/aws takes part in fewer rounds.
- **CPU** is the kernel's account of Terraform and all that it started (`wait4`).
- **Memory**, and CPU of the provider alone, come from runs of their own that are not timed: a launcher in the provider's place hands
  the real one over to `bench/measure.c`, so that the kernel keeps the two accounts apart. Memory is the peak of the largest process,
  of up to four that Terraform starts for a command; CPU is their sum. Nothing is sampled.
- **Handshake** is from `exec` to the line that tells Terraform where the plugin listens.
- **AWS** is a stub on loopback (`bench/stub.c`): one thread, no checks, no TLS, a few microseconds a call, so that the server is not what is
  measured. It counts calls and connections. A call to the real ECR takes milliseconds, and more readers then share a DescribeRepositories
  call: *AWS 10 ms away* is the same stub, which answers each call so much later. *The same over TLS* is the lab against the strict local ECR of the acceptance tests, whose own time is in it.
- **Plans with no changes** must say "No changes.", or the run fails. The state of 100 and 1,000 repositories is made from that of one.
- Policies name their repository by an expression, not by reference. With references, Terraform alone takes three times as long for 1,000.
"""


PROFILE = """## What bounds it

What `make bench-profile` sampled with perf, on {date}; sampling makes all of it some percent slower. For each start of a provider,
three in a plan, Terraform makes a key and a certificate on the curve P-521, and both sides check the other's signature. It hashes
the provider's package once a command, and cleans up after more objects. None of that depends on what a provider does after
it was started, but for the package's size. Most of what the provider takes for a small plan is OpenSSL, which is started
three times, and looks up each algorithm by name.
"""


def profile_part(profile):
    return [PROFILE.format(**profile), *(report.markdown(table).replace("## ", "### ") for table in report.profile_tables(profile))]


def page(result, profile):
    tables = [report.markdown(table) for table in report.tables(result)]
    last = "## Last run\n\n" + "\n".join(f"- {line}" for line in report.about(result)) + "\n"
    return "\n".join([HEAD, last, tables[-1], *tables[:-1], *(profile_part(profile) if profile else []), HOW])


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


BUILD = os.path.join(subjects.TOP, "build")


def main(
    source=os.path.join(BUILD, "bench.json"),
    directory=os.path.join(subjects.TOP, "docs"),
    profiled=os.path.join(BUILD, "profile.json"),
):
    result = read(source)
    profile = read(profiled) if os.path.exists(profiled) else None
    write(os.path.join(directory, "BENCHMARKS.md"), page(result, profile))
    write(os.path.join(directory, "benchmarks.svg"), chart.svg(result))
    print(f"{directory}/BENCHMARKS.md and benchmarks.svg: the run of {result['date']} ({result['mode']})")


if __name__ == "__main__":
    main(*sys.argv[1:])
