"""Where every request arrives: finds out which service it is for, has its signature verified,
applies faults, lets the service answer, and writes the log entry. The services themselves are in
ecr.py (and what it gathers), sts.py, moto_services.py, gate.py, in the modules of UNSIGNED, and in
admin.py."""

import base64
import hmac
import time
import traceback
import uuid
from collections import namedtuple
from xml.sax.saxutils import escape

from . import admin, container, ecr, gate, imds, moto_services, regions, sigv4, signin, sso, sts
from .errors import AwsError
from .faults import HUGE_BYTES
from .http11 import Closed, Response, http_date
from .log import loggable
from .proxy import LOCAL_ADDRESSES, Place, place_of

JSON = "application/x-amz-json-1.1"

# The first part of X-Amz-Target -> the service that must have been signed for.
TARGETS = {
    "AmazonEC2ContainerRegistry_V20150921": "ecr",
    "secretsmanager": "secretsmanager",
    "TrentService": "kms",
}

# Paths of the plain endpoint that only one service has.
PATHS = {
    "/latest/": "imds",
    container.PATH: "container",
    "/federation/credentials": "sso",
    "/token": "oidc",
    "/v1/token": "signin",
}

# Services whose requests carry no signature of AWS's; each has a way of its own to tell who asks.
Service = namedtuple("Service", "operation_of answer error_response")
UNSIGNED = {
    "registry": Service(gate.operation_of, gate.answer, gate.error_response),
    "imds": Service(imds.operation_of, imds.answer, imds.error_response),
    "container": Service(container.operation_of, container.answer, container.error_response),
    "sso": Service(sso.operation_of_portal, sso.answer_portal, sso.error_response),
    "oidc": Service(sso.operation_of_oidc, sso.answer_oidc, sso.error_response),
    "signin": Service(signin.operation_of, signin.answer, signin.error_response),
}

# STS answers these to anybody: the proof is in the token that they carry.
UNSIGNED_OPERATIONS = ("AssumeRoleWithWebIdentity", "AssumeRoleWithSAML")


class App:
    def __init__(self, world, authority):
        self.world = world
        self.authority = authority

    def connect(self, request):
        """What the proxy says to a CONNECT: (TLS context of a host that exists here, None), or
        (None, the refusal)."""
        host, _, port = request.target.rpartition(":")
        refusal = self._proxy_fault(request) or self._proxy_login(request)
        if refusal is None and (port != "443" or place_of(host) is None):
            refusal = plain(
                502,
                f"local ECR: there is no {host}:{port} here, and nothing is passed on to the"
                " network. Known are AWS's host names of ECR and its registries, S3, STS, IAM,"
                " Secrets Manager, KMS, SSO and sign-in, port 443.",
            )
        if refusal is None:
            return self.authority.context(host.lower()), None
        self._log_refusal("CONNECT", f"{host}:{port}", refusal)
        return None, refusal

    def _log_refusal(self, operation, host, refusal):
        self.world.log.add(
            service="proxy", operation=operation, host=host, status=refusal.status, error=None
        )

    def _proxy_login(self, request):
        """407 if the proxy wants another login than the one given."""
        login = self.world.settings["proxy_login"]
        wanted = "Basic " + base64.b64encode(login.encode()).decode()
        given = request.header("proxy-authorization") or ""
        if not login or hmac.compare_digest(wanted, given):
            return None
        refusal = plain(407, "local ECR: the proxy wants another login")
        refusal.headers.append(("Proxy-Authenticate", 'Basic realm="local ECR"'))
        return refusal

    def _proxy_fault(self, request):
        fault = self.world.faults.pick("proxy", "CONNECT")
        if fault is None:
            return None
        if fault["kind"] == "drop":
            request.connection.drop(fault["how"])
        if fault["kind"] == "stall":
            request.connection.stall(fault["seconds"])
        if fault["kind"] == "delay":
            self.world.stopping.wait(fault["seconds"])
        return plain(fault["status"], fault["message"]) if fault["kind"] == "error" else None

    def handle(self, request):
        host = request.host
        if ":" in host.rpartition("]")[2]:
            host = host.rpartition(":")[0]
        if not request.target.startswith("/"):
            return plain(400, "local ECR: neither a path nor an http:// address")
        if request.tls and host.lower() != request.connection.tls_host:
            return plain(
                421,
                f"local ECR: {host} asked for inside a tunnel to {request.connection.tls_host}",
            )
        if request.proxy == "absolute":
            refusal = self._proxy_login(request)
            if place_of(host) is None:
                refusal = plain(502, f"local ECR: the proxy knows no {host}")
            if refusal:
                self._log_refusal(request.method, host, refusal)
                return refusal
        if host in ("127.0.0.1", "localhost"):
            if request.path.startswith(admin.PREFIX):
                return admin.answer(self.world, request)
            place = self._place_without_host(request)
        elif host in LOCAL_ADDRESSES:
            place = Place(LOCAL_ADDRESSES[host], self.world.region)
        else:
            place = place_of(host)
        if place is None:
            return plain(
                404, f"local ECR: no service for {request.method} {request.host}{request.path}"
            )
        return _Exchange(self.world, request, place).run()

    def _place_without_host(self, request):
        """On the plain endpoint the signature, the target or the path tell the service."""
        if request.path == "/v2" or request.path.startswith("/v2/"):
            return Place("registry", self.world.region, self.world.account)
        for start, service in PATHS.items():
            if request.path.startswith(start):
                return Place(service, self.world.region)
        prefix = (request.header("x-amz-target") or "").partition(".")[0]
        scope = sigv4.scope_of(request)
        if scope and not regions.exists(scope[0]):
            return None
        if prefix in TARGETS:
            return Place(TARGETS[prefix], scope[0] if scope else self.world.region)
        if scope:
            known = ("ecr", "s3", "sts", "iam", "secretsmanager", "kms")
            return Place(scope[1], scope[0]) if scope[1] in known else None
        if b"Action=" in request.body:
            return Place("sts", self.world.region)
        return Place("s3", self.world.region) if request.method != "POST" else None


def plain(status, text):
    return Response(status, [("Content-Type", "text/plain; charset=utf-8")], text + "\n")


class _Exchange:
    """One request to one service, from verification to the log entry."""

    def __init__(self, world, request, place):
        self.world = world
        self.request = request
        self.place = place
        self.id = str(uuid.uuid4())
        self.started = time.monotonic()
        self.operation = self._operation()
        self.account = None
        self.access_key_id = None
        self.caller = None
        self.session = None
        self.fault = None
        self.error = None
        self.refusal = None
        self.took_effect = False

    def _operation(self):
        service = self.place.service
        if service in UNSIGNED:
            return UNSIGNED[service].operation_of(self.request)
        if service == "s3":
            return moto_services.s3_operation(self.request, self.place)
        if service in ("sts", "iam"):
            return moto_services.action_of(self.request)
        return (self.request.header("x-amz-target") or "").partition(".")[2] or "unknown"

    def run(self):
        status = None
        try:
            response = self._answer()
            status = response.status
            self._finish_headers(response)
            return response
        finally:
            self._log(status)

    def _answer(self):
        try:
            region = self._verify()
            self.fault = self.world.faults.pick(
                self.place.service, self.operation, self._text()
            )
            self._fault_before()
            response = self._serve(region)
            self.took_effect = response.status < 400
        except AwsError as error:
            response = self._error_response(error)
        except Closed:
            raise
        except Exception as error:
            traceback.print_exc()
            response = self._error_response(
                AwsError("ServerException", f"local ECR: {type(error).__name__}: {error}", 500)
            )
        return self._fault_after(response)

    def _text(self):
        """What tells one client's requests from another's."""
        names = [self.request.header(name) for name in ("authorization", "user-agent")]
        return f"{names}\n{self.request.body.decode('latin-1')}"

    def _verify(self):
        place = self.place
        if place.service in UNSIGNED:
            self.account = place.account or self.world.account
            return place.region
        if (
            place.service == "sts"
            and self.operation in UNSIGNED_OPERATIONS
            and not self.request.header("authorization")
        ):
            self.account = self.world.account
            return place.region or self.world.region
        scope = sigv4.scope_of(self.request)
        # A host without a region (sts.amazonaws.com, iam, s3) is the partition's first region.
        region = place.region or ("us-east-1" if place.service in ("sts", "iam") else None)
        if not self.world.settings["verify_signatures"]:
            self.account = self.world.account
            return region or (scope[0] if scope else self.world.region)
        self.access_key_id, self.account, signed_region = sigv4.verify(
            self.world, self.request, place.service, region
        )
        known = sigv4.find_credential(self.world, self.access_key_id)
        self.caller, self.session = known["arn"], known["session"]
        return region or signed_region

    def _serve(self, region):
        service = self.place.service
        if service == "registry":
            return gate.answer(self.world, self.request, self.account, region)
        if service in UNSIGNED:
            with self.world.lock:
                return UNSIGNED[service].answer(self.world, self.request, self.account, region)
        if service == "ecr":
            text = ecr.answer(self.world, self.request, self.operation, self.account, region)
            return Response(200, [("Content-Type", JSON)], text)
        if service == "sts" and self.operation in sts.OPERATIONS:
            with self.world.lock:
                return sts.answer(
                    self.world, self.request, self.operation, self.access_key_id, region
                )
        response = moto_services.answer(self.world, self.request, self.place, self.account, region)
        if response.status >= 400:
            self.error = moto_services.error_code(response)
        return response

    # Faults

    def _fault_before(self):
        fault = self.fault
        if not fault:
            return
        if fault["kind"] == "delay":
            self.world.stopping.wait(fault["seconds"])
        elif fault["when"] == "before":
            self._fault_ends_it()

    def _fault_ends_it(self):
        fault = self.fault
        if fault["kind"] == "error":
            raise AwsError(fault["code"], fault["message"], fault["status"])
        if fault["kind"] == "drop":
            self.request.connection.drop(fault["how"])
        if fault["kind"] == "refuse":
            self.request.connection.refuse(fault["seconds"])
        if fault["kind"] == "stall":
            self.request.connection.stall(fault["seconds"])

    def _fault_after(self, response):
        fault = self.fault
        if not fault:
            return response
        if fault["when"] == "after":
            try:
                self._fault_ends_it()
            except AwsError as error:
                response = self._error_response(error)
        if fault["kind"] == "error":
            response.headers = [
                header for header in response.headers if header[0] not in fault["headers"]
            ] + list(fault["headers"].items())
            if fault["body"] is not None:
                response.body = fault["body"].encode()
        elif fault["kind"] == "garbage":
            text = fault["body"]
            response.body = b'\x00\xff{"not json' if text is None else text.encode()
        elif fault["kind"] == "huge":
            response.body += b" " * ((fault["bytes"] or HUGE_BYTES) - len(response.body))
        elif fault["kind"] in ("truncate", "slow"):
            response.fault = fault
        return response

    # Answers

    def _error_response(self, error):
        self.error, self.refusal = error.code, error.refusal
        service = self.place.service
        if service in UNSIGNED:
            return UNSIGNED[service].error_response(error)
        protocol = sigv4.protocol_of(service)
        if protocol == "json":
            body = ecr.error_body(error)
            return Response(
                error.status,
                [("Content-Type", JSON), ("x-amzn-ErrorType", error.code)],
                body,
            )
        inner = f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
        if protocol == "s3":
            body = f"<Error>{inner}<RequestId>{self.id}</RequestId></Error>"
        else:
            body = (
                f'<ErrorResponse xmlns="https://{service}.amazonaws.com/doc/2011-06-15/">'
                f"<Error><Type>Sender</Type>{inner}</Error><RequestId>{self.id}</RequestId>"
                "</ErrorResponse>"
            )
        return Response(error.status, [("Content-Type", "text/xml")], body)

    def _finish_headers(self, response):
        name = "x-amz-request-id" if self.place.service == "s3" else "x-amzn-RequestId"
        if self.place.service != "registry":
            response.headers = [
                (key, value) for key, value in response.headers if key.lower() != name.lower()
            ]
            response.headers.append((name, self.id))
        response.headers.append(("Date", http_date(self.world.now())))

    def _log(self, status):
        request, registry = self.request, self.place.service == "registry"
        content_type = request.header("content-type") or ""
        self.world.log.add(
            service=self.place.service,
            operation=self.operation,
            region=self.place.region,
            host=request.host,
            path=request.target,
            access_key_id=self.access_key_id,
            caller=self.caller,
            session=self.session,
            proxy=request.proxy,
            status=status,
            error=self.error,
            refused=self.refusal is not None,
            refusal=self.refusal,
            fault=self.fault["kind"] if self.fault else None,
            took_effect=self.took_effect,
            ms=round((time.monotonic() - self.started) * 1000, 2),
            connection=request.connection.number,
            request_id=self.id,
            user_agent=request.header("user-agent"),
            body=None if registry else loggable(request.body, content_type),
        )
