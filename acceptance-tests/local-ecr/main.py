"""Starts a local ECR, runs a command with it, stops it: the program behind ./run. Everything is one
process (server threads here, docker-registry as a child), so that nothing can be left running: the
child dies with us, and the threads do too."""

import argparse
import os
import re
import shlex
import shutil
import signal
import sys
import tempfile
import threading
from importlib import import_module

BUCKET = "local-ecr-terraform-state"
# Python ignores the last two, and a command must not inherit that.
RESET = (signal.SIGINT, signal.SIGTERM, signal.SIGPIPE, signal.SIGXFSZ)
# How long a command may take to end after SIGTERM before it is killed.
GRACE_SECONDS = 20
MAX_PARENT = 70
# siginfo's si_code of a signal that the terminal sent to the whole foreground group.
SI_KERNEL = 128
# An account besides our own whose registry has a host name in the namespace.
OTHER_ACCOUNT = "222222222222"
# Would lead clients away from here. In the namespace all else that begins with AWS_ goes too.
ASTRAY = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "ALL_PROXY",
    "all_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "NO_PROXY",
    "no_proxy",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
)
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(
        prog="run",
        usage="run [OPTIONS] -- COMMAND...  |  run --keep [OPTIONS]",
        description="Runs COMMAND against a local AWS ECR and returns its exit status.",
    )
    parser.add_argument("--region", default="eu-central-1")
    parser.add_argument("--account", default="123456789012")
    parser.add_argument(
        "--no-registry",
        action="store_true",
        help="without docker-registry: no docker push and pull",
    )
    parser.add_argument(
        "--log", metavar="FILE", help="also write the request log to FILE, JSON lines"
    )
    parser.add_argument(
        "--keep",
        action="store_true",
        help="print the exports and stay until SIGINT or SIGTERM; no COMMAND",
    )
    # For ./namespace, which has made one.
    parser.add_argument("--inside-namespace", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("command", nargs="*", metavar="COMMAND")
    options = parser.parse_args(arguments)
    if bool(options.command) == options.keep:
        parser.error("give either -- COMMAND... or --keep")
    if not re.fullmatch(r"\d{12}", options.account):
        parser.error("--account takes twelve digits")
    return options


def fail(text, status=2):
    print(f"local-ecr: {text}", file=sys.stderr)
    sys.exit(status)


def import_program():
    """The parts that need moto; without it a plain sentence, not a traceback."""
    try:
        import_module("moto.ecr")
        import_module("moto.s3")
    except ImportError as error:
        fail(f"{sys.executable} has no moto ({error}); 'make deps' installs it")
    names = ("app", "blobs", "http11", "namespace", "proxy", "regions", "world")
    return [import_module(f"local_ecr.{name}") for name in names]


class Instance:
    """A running local ECR."""

    def __init__(self, options, directory):
        app, blobs, http11, namespace, proxy, regions, world = import_program()
        if not regions.exists(options.region):
            fail(f"--region: AWS has no region {options.region}")
        self.directory = directory
        self._inside_namespace = options.inside_namespace
        self.world = world.World(options.account, options.region, BUCKET, options.log)
        self._credential = (world.ACCESS_KEY_ID, world.SECRET_ACCESS_KEY)
        self.world.blobs = self._start_blobs(options, blobs)
        try:
            self._authority = proxy.CertificateAuthority(directory)
            application = app.App(self.world, self._authority)
            self._server = http11.Server(
                application.handle, application.connect, self.world.stopping
            )
            self._server.start()
            self.world.url = f"http://127.0.0.1:{self._server.port}"
            if options.inside_namespace:
                self._furnish(namespace)
            self.world.blobs.wait_until_ready()
        except BaseException:
            self.world.blobs.stop()
            raise

    def _start_blobs(self, options, blobs):
        if options.no_registry:
            return blobs.MemoryBlobs()
        path = os.environ.get("PATH", "") + ":/usr/sbin:/usr/bin"
        program = shutil.which("docker-registry", path=path)
        if not program:
            fail(
                "docker-registry is not installed: apt-get install docker-registry, or use"
                " --no-registry if nothing is pushed or pulled"
            )
        return blobs.DockerRegistry(program, self.directory)

    def _furnish(self, namespace):
        try:
            namespace.furnish(
                self.directory,
                self._authority.path,
                (self.world.account, OTHER_ACCOUNT),
                self.world.bucket,
                self.world.region,
            )
        except namespace.Unable as error:
            fail(str(error))
        self._server.listen(80)
        self._server.listen(443, self._authority.context_by_name())

    def exports(self, caller):
        """name -> value, None for what must not be set. caller is the caller's environment."""
        names = {
            "AWS_PAGER": "",
            "CHECKPOINT_DISABLE": "1",
            "LOCAL_ECR_URL": self.world.url,
            "LOCAL_ECR_PROXY": self.world.url,
            "LOCAL_ECR_CA": self._authority.path,
            "LOCAL_ECR_DIR": self.directory,
            "LOCAL_ECR_ACCOUNT": self.world.account,
            "LOCAL_ECR_BUCKET": self.world.bucket,
            "LOCAL_ECR_REGION": self.world.region,
            "LOCAL_ECR_ACCESS_KEY_ID": self._credential[0],
            "LOCAL_ECR_SECRET_ACCESS_KEY": self._credential[1],
        }
        if not self._inside_namespace:
            names.update(self._overrides())
        if sys.prefix != sys.base_prefix:
            names["PATH"] = os.path.join(sys.prefix, "bin") + ":" + caller.get("PATH", "")
        start = "AWS_" if self._inside_namespace else "AWS_ENDPOINT_URL"
        unset = [*ASTRAY, *(name for name in caller if name.startswith(start))]
        return {**names, **{name: None for name in unset if name not in names}}

    def _overrides(self):
        """What leads clients here when AWS's names do not."""
        empty = os.path.join(self.directory, "empty")
        open(empty, "w", encoding="utf-8").close()
        ca, url = self._authority.path, self.world.url
        return {
            "AWS_ACCESS_KEY_ID": self._credential[0],
            "AWS_SECRET_ACCESS_KEY": self._credential[1],
            "AWS_REGION": self.world.region,
            "AWS_DEFAULT_REGION": self.world.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": empty,
            "AWS_SHARED_CREDENTIALS_FILE": empty,
            "HTTPS_PROXY": url,
            "https_proxy": url,
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
            "AWS_CA_BUNDLE": ca,
            "SSL_CERT_FILE": ca,
            "REQUESTS_CA_BUNDLE": ca,
            "CURL_CA_BUNDLE": ca,
        }

    def stop(self):
        self._server.stop()
        self.world.blobs.stop()


def start_command(command, caller, exports):
    merged = {**caller, **exports}
    environment = {name: value for name, value in merged.items() if value is not None}
    program = shutil.which(command[0], path=environment.get("PATH"))
    if not program:
        fail(f"{command[0]}: command not found", 127)
    try:
        return os.posix_spawn(program, command, environment, setsigmask=[], setsigdef=RESET)
    except OSError as error:
        fail(f"{command[0]}: {error.strerror}", 127)


def wait_for(pid):
    """The exit status of the command, as a shell would have it. Signals sent to us go on to it."""
    killer = None
    while True:
        info = signal.sigtimedwait({*SIGNALS, signal.SIGCHLD}, 1)
        if info and info.si_signo in SIGNALS:
            # The terminal has sent its Ctrl-C to the command as well; twice would mean "at once".
            if info.si_code != SI_KERNEL:
                os.kill(pid, info.si_signo)
            if killer is None and info.si_signo != signal.SIGINT:
                killer = threading.Timer(GRACE_SECONDS, os.kill, (pid, signal.SIGKILL))
                killer.daemon = True
                killer.start()
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            if killer:
                killer.cancel()
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


def stay(exports):
    """--keep: the exports on stdout, then nothing until a signal."""
    for name, value in exports.items():
        print(f"unset {name}" if value is None else f"export {name}={shlex.quote(value)}")
    sys.stdout.flush()
    signal.sigwait(SIGNALS)
    return 0


def main():
    options = parse_arguments(sys.argv[1:])
    # moto asks botocore for the regions, and botocore fails for a profile that does not exist.
    caller = dict(os.environ)
    for name in [name for name in caller if name.startswith("AWS_")]:
        del os.environ[name]
    # From here on signals are taken in wait_for() or stay(), so that the end is always in order.
    signal.pthread_sigmask(signal.SIG_BLOCK, {*SIGNALS, signal.SIGCHLD})
    # docker-registry's Unix socket lives there, and its path must fit into 107 bytes.
    parent = tempfile.gettempdir() if len(tempfile.gettempdir()) <= MAX_PARENT else "/tmp"
    directory = tempfile.mkdtemp(prefix="local-ecr-", dir=parent)
    instance = None
    try:
        instance = Instance(options, directory)
        exports = instance.exports(caller)
        if options.keep:
            return stay(exports)
        return wait_for(start_command(options.command, caller, exports))
    finally:
        if instance:
            instance.stop()
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
