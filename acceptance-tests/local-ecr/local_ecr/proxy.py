"""The CONNECT proxy's two jobs: to know which AWS host names exist here and what stands behind each
(anything else is refused, so nothing ever leaves this machine), and to end their TLS with
certificates of an own CA made at start. A network namespace needs the same two."""

import datetime
import ipaddress
import os
import re
import ssl
import threading
from collections import namedtuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from . import regions

# What a host name stands for. service "registry" is the Docker registry of an account.
Place = namedtuple("Place", "service region account bucket", defaults=(None, None, None))

_REGION = r"(?P<region>[a-z]{2,4}(?:-[a-z]+)+-\d)"
_AWS = "(?:" + "|".join(map(re.escape, regions.DOMAINS)) + ")"
_API = "(?:" + "|".join(map(re.escape, regions.DUAL_STACK_DOMAINS)) + ")"
_SIGNIN = "|".join(map(re.escape, regions.SIGNIN_DOMAINS))

_HOSTS = [
    (service, re.compile(pattern))
    for service, pattern in (
        ("ecr", rf"api\.ecr(?:-fips)?\.{_REGION}\.{_AWS}"),
        ("ecr", rf"ecr(?:-fips)?\.{_REGION}\.{_API}"),
        ("ecr", rf"ecr-fips\.{_REGION}\.{_AWS}"),
        ("registry", rf"(?P<account>\d{{12}})\.dkr\.ecr(?:-fips)?\.{_REGION}\.{_AWS}"),
        (
            "registry",
            rf"(?P<account>\d{{12}})\.dkr-ecr(?:-fips)?\.{_REGION}\.on\."
            r"(?:aws|amazonwebservices\.com\.cn)",
        ),
        ("s3", rf"(?:(?P<bucket>[a-z0-9.-]+)\.)?s3(?:-fips)?(?:\.dualstack)?\.{_REGION}\.{_AWS}"),
        ("s3", rf"(?:(?P<bucket>[a-z0-9.-]+)\.)?s3\.{_AWS}"),
        ("sts", rf"sts(?:-fips)?\.{_REGION}\.(?:{_AWS}|{_API})"),
        ("sts", r"sts\.amazonaws\.com"),
        ("iam", r"iam\.(?:global\.)?(?:amazonaws\.com|api\.aws)"),
        ("secretsmanager", rf"secretsmanager(?:-fips)?\.{_REGION}\.(?:{_AWS}|{_API})"),
        ("kms", rf"kms(?:-fips)?\.{_REGION}\.(?:{_AWS}|{_API})"),
        ("sso", rf"portal\.sso(?:-fips)?\.{_REGION}\.(?:{_AWS}|{_API})"),
        ("oidc", rf"oidc(?:-fips)?\.{_REGION}\.(?:{_AWS}|{_API})"),
        ("signin", rf"{_REGION}\.signin\.(?:{_SIGNIN})"),
        ("signin", rf"signin(?:-fips)?\.{_REGION}\.(?:{_AWS}|{_API})"),
    )
]

# Addresses, not names, that an instance or a container reads its credentials from. No proxy has
# them: what they tell depends on who asks.
LOCAL_ADDRESSES = {
    "169.254.169.254": "imds",
    "[fd00:ec2::254]": "imds",
    "169.254.170.2": "container",
    "169.254.170.23": "container",
    "[fd00:ec2::23]": "container",
}


def place_of(host):
    """The Place behind a host name, or None if there is none here; a region that AWS does
    not have has no hosts."""
    for service, pattern in _HOSTS:
        found = pattern.fullmatch(host.lower())
        if found:
            groups = found.groupdict()
            if groups.get("region") and not regions.exists(groups["region"]):
                return None
            return Place(service, groups.get("region"), groups.get("account"), groups.get("bucket"))
    return None


def host_names(accounts):
    """Every host name that stands for a service here, for /etc/hosts: those of all regions, and the
    registries of these accounts."""
    for region in regions.names():
        domain, api = regions.domain(region), regions.dual_stack_domain(region)
        for fips in ("", "-fips"):
            yield f"api.ecr{fips}.{region}.{domain}"
            for service in ("sts", "portal.sso", "oidc", "s3", "kms", "secretsmanager"):
                yield f"{service}{fips}.{region}.{domain}"
            for service in ("ecr", "sts", "portal.sso", "oidc", "signin"):
                yield f"{service}{fips}.{region}.{api}"
            for account in accounts:
                yield f"{account}.dkr.ecr{fips}.{region}.{domain}"
        yield f"{region}.signin.{regions.signin_domain(region)}"
    yield from ("sts.amazonaws.com", "iam.amazonaws.com", "s3.amazonaws.com")


class _Context(ssl.SSLContext):
    """Knows the host that it is for."""

    host = None


class CertificateAuthority:
    """A CA that lives as long as the instance, and a TLS context for each host asked for."""

    def __init__(self, directory):
        self._directory = directory
        self._lock = threading.Lock()
        self._contexts = {}
        self._ca_key = ec.generate_private_key(ec.SECP256R1())
        self._ca_name = _name("local ECR test CA")
        self._key = ec.generate_private_key(ec.SECP256R1())
        ca = (
            self._builder(self._ca_name, self._ca_key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_key_usage(ca=True), critical=True)
            .sign(self._ca_key, hashes.SHA256())
        )
        self.path = os.path.join(directory, "ca.pem")
        with open(self.path, "wb") as file:
            file.write(ca.public_bytes(serialization.Encoding.PEM))

    def context(self, host):
        with self._lock:
            if host not in self._contexts:
                self._contexts[host] = self._make_context(host)
            return self._contexts[host]

    def _make_context(self, host):
        try:
            name = x509.IPAddress(ipaddress.ip_address(host))
        except ValueError:
            name = x509.DNSName(host)
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._ca_key.public_key())
        certificate = (
            self._builder(_name("local ECR"), self._key.public_key())
            .add_extension(x509.SubjectAlternativeName([name]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(ca=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(authority, critical=False)
            .sign(self._ca_key, hashes.SHA256())
        )
        path = os.path.join(self._directory, f"{host}.pem")
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(
                self._key.private_bytes(
                    serialization.Encoding.PEM,
                    serialization.PrivateFormat.PKCS8,
                    serialization.NoEncryption(),
                )
            )
            file.write(certificate.public_bytes(serialization.Encoding.PEM))
        context = _Context(ssl.PROTOCOL_TLS_SERVER)
        context.host = host
        context.load_cert_chain(path)
        context.set_alpn_protocols(["http/1.1"])
        return context

    def context_by_name(self):
        """A context for a port that speaks TLS at once: the client's SNI picks the certificate."""

        def choose(sock, name, _):
            if not name or place_of(name) is None:
                return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
            sock.context = self.context(name.lower())
            return None

        context = self._make_context("localhost")
        context.sni_callback = choose
        return context

    def _builder(self, subject, public_key):
        now = datetime.datetime.now(datetime.timezone.utc)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._ca_name)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=7))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), False)
        )


def _name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _key_usage(ca):
    return x509.KeyUsage(
        digital_signature=not ca,
        key_cert_sign=ca,
        crl_sign=ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
