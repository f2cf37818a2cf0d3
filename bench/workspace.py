"""A directory with a configuration, and terraform in it. Every command is run twice over: as a user runs it, for its time;
and, apart from that, with a launcher in the provider's place, which tells provider and terraform apart (measure.c)."""

import os
import shutil
import subprocess

LIMIT_SECONDS = 900


class Failed(Exception):
    pass


def measured(tools, directory, environment, command, to_line=False):
    """(what each process took, stdout). A process is (who, wall ms, CPU ms, peak KiB)."""
    result = os.path.join(directory, "measured")
    line = [tools["measure"], *(["--line"] if to_line else []), result, *command]
    ran = subprocess.run(
        line, cwd=directory, env=environment, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False
    )
    with open(result, encoding="utf-8") as file:
        rows = [row.split() for row in file]
    if ran.returncode != 0 or any(row[0] == "command" and row[4] != "0" for row in rows) or not rows:
        raise Failed(f"{' '.join(command)}: {rows}\n{ran.stdout}{ran.stderr}")
    return [(row[0], int(row[1]) / 1000, int(row[2]) / 1000, int(row[3])) for row in rows], ran.stdout


def whole(processes):
    """Time and CPU of a command with all that it started."""
    return {
        "wall_ms": sum(process[1] for process in processes),
        "cpu_ms": sum(process[2] for process in processes),
    }


def apart(processes):
    """Memory and CPU of terraform, and of the provider's processes."""
    (terraform,) = [process for process in processes if process[0] == "command"]
    providers = [process for process in processes if process[0] == "other"]
    found = {"terraform_peak_kib": terraform[3], "terraform_cpu_ms": terraform[2]}
    if providers:
        found["provider_peak_kib"] = max(process[3] for process in providers)
        found["provider_cpu_ms"] = sum(process[2] for process in providers)
        found["provider_processes"] = len(providers)
    return found


class Workspace:
    def __init__(self, directory, files, world, settings, tools):
        self.directory = directory
        self.world = world
        self.tools = tools
        os.makedirs(directory)
        for name, text in files.items():
            with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
                file.write(text)
        self.environment = {**self._environment(settings), **world.environment()}
        self.must("init")

    def _environment(self, settings):
        return {
            "PATH": os.environ["PATH"],
            "HOME": self.directory,
            "TMPDIR": os.path.dirname(settings),
            "TF_CLI_CONFIG_FILE": settings,
            "TF_CLI_ARGS": "-no-color",
            "TF_IN_AUTOMATION": "1",
            "TF_INPUT": "0",
            "CHECKPOINT_DISABLE": "1",
            # What the lab has besides: a block that the peer lacks.
            "TF_VAR_image_tag_mutability": "IMMUTABLE",
        }

    @property
    def state(self):
        return os.path.join(self.directory, "terraform.tfstate")

    def must(self, *arguments):
        """Runs terraform without measuring."""
        ran = subprocess.run(
            ["terraform", *arguments],
            cwd=self.directory,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=LIMIT_SECONDS,
            check=False,
        )
        if ran.returncode != 0:
            raise Failed(f"terraform {arguments}: {ran.stdout}{ran.stderr}")

    def terraform(self, *arguments, says=""):
        """(processes, what the world counted) of one command, whose output must have a text in it."""
        self.world.reset()
        processes, output = measured(
            self.tools, self.directory, self.environment, ["terraform", *arguments]
        )
        if says not in output:
            raise Failed(f"terraform {arguments} does not say {says!r}: {output}")
        return processes, self.world.counters()

    def start_over(self):
        """Nothing was ever made."""
        self.world.forget()
        if os.path.exists(self.state):
            os.remove(self.state)

    def take_state(self, other):
        shutil.copy(other.state, self.state)
