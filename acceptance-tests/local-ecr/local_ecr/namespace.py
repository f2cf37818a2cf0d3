"""A network and mount namespace of our own, in which AWS's names and addresses lead to this machine:
made by ./namespace with unshare(1), furnished here. What is mounted and configured in it ends with
its last process. Needs root and iproute2."""

import os
import shutil
import subprocess

from . import proxy

CERTIFICATES = "/etc/ssl/certs"
HOSTS = "/etc/hosts"


class Unable(Exception):
    """The namespace cannot be made; the text says why."""


def furnish(directory, ca_path, accounts, bucket, region):
    """Addresses on the loopback device, names in /etc/hosts, and our CA as the only one."""
    addresses = [address.strip("[]") for address in proxy.LOCAL_ADDRESSES]
    _run("ip", "link", "set", "lo", "up")
    for address in addresses:
        _run("ip", "address", "add", address, "dev", "lo")
    _mount(_write_hosts(directory, accounts, bucket, region), HOSTS)
    _mount(_write_certificates(directory, ca_path), CERTIFICATES)


def _write_hosts(directory, accounts, bucket, region):
    path = os.path.join(directory, "hosts")
    names = [*proxy.host_names(accounts), f"{bucket}.s3.{region}.amazonaws.com"]
    with open(path, "w", encoding="utf-8") as file:
        file.write("127.0.0.1 localhost\n::1 localhost\n")
        file.writelines(f"127.0.0.1 {name}\n" for name in names)
    return path


def _write_certificates(directory, ca_path):
    """As Debian has them: one bundle, and a link by the name's hash for OpenSSL."""
    folder = os.path.join(directory, "certificates")
    os.mkdir(folder)
    shutil.copy(ca_path, os.path.join(folder, "ca-certificates.crt"))
    shutil.copy(ca_path, os.path.join(folder, "local-ecr.pem"))
    _run("openssl", "rehash", folder)
    return folder


def _mount(source, target):
    if not os.path.exists(target):
        raise Unable(f"there is no {target} to put ours over")
    _run("mount", "--bind", source, target)


def _run(*command):
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    program = shutil.which(command[0], path=path)
    if not program:
        raise Unable(f"the command {command[0]} is missing")
    done = subprocess.run([program, *command[1:]], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Unable(f"{' '.join(command)}: {done.stderr.strip()}")
