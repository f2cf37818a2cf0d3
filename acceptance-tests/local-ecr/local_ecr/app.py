"""Where every request arrives: finds out which service it is for, has its signature verified,
applies faults, lets the service answer, and writes the log entry. The services themselves are in
ecr.py (and what it gathers), moto_services.py, gate.py and admin.py."""

import time
import traceback
import uuid
from xml.sax.saxutils import escape

from . import admin, ecr, gate, moto_services, regions, sigv4
from .errors import AwsError
from .http11 import Closed, Response, http_date
from .log import loggable
from .proxy import Place, place_of

JSON = "application/x-amz-json-1.1"

# The first part of X-Amz-Target -> the service that must have been signed for.
TARGETS = {
    "AmazonEC2ContainerRegistry_V20150921": "ecr",
    "secretsmanager": "secretsmanager",
    "TrentService": "kms",
}

# STS answers these to anybody: the proof is in the token that they carry.
UNSIGNED_OPERATIONS = ("AssumeRoleWithWebIdentity", "AssumeRoleWithSAML")


class App:
    def __init__(self, world, authority):
        self.world = world
        self.authority = authority

    def tls_context(self, host, port):
        """For the CONNECT proxy: the certificate of a host that exists here."""
        if port != "443" or place_of(host) is None:
            self.world.log.add(
                service="proxy", operation="CONNECT", host=f"{host}:{port}", status=502
            )
            return None, (
                f"local ECR: there is no {host}:{port} here, and nothing is passed on to the"
                " network. Known are AWS's host names of ECR and its registries, S3, STS, IAM,"
                " Secrets Manager and KMS, port 443."
            )
        return self.authority.context(host.lower()), None

    def handle(self, request):
        host = request.host.rpartition(":")[0] if ":" in request.host else request.host
        if not request.target.startswith("/"):
            return plain(400, "local ECR: only CONNECT is proxied")
        if request.tls and host.lower() != request.connection.tls_host:
            return plain(
                421,
                f"local ECR: {host} asked for inside a tunnel to {request.connection.tls_host}",
            )
        if host in ("127.0.0.1", "localhost"):
            if request.path.startswith(admin.PREFIX):
                return admin.answer(self.world, request)
            place = self._place_without_host(request)
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
        self.fault = None
        self.error = None
        self.refusal = None

    def _operation(self):
        service = self.place.service
        if service == "registry":
            return gate.operation_of(self.request)
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
            self.fault = self.world.faults.pick(self.place.service, self.operation)
            self._fault_before()
            response = self._serve(region)
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

    def _verify(self):
        place = self.place
        if place.service == "registry":
            self.account = place.account
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
        return region or signed_region

    def _serve(self, region):
        service = self.place.service
        if service == "registry":
            return gate.answer(self.world, self.request, self.place.account, region)
        if service == "ecr":
            text = ecr.answer(self.world, self.request, self.operation, self.account, region)
            return Response(200, [("Content-Type", JSON)], text)
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
            response.headers += list(fault["headers"].items())
            if fault["body"] is not None:
                response.body = fault["body"].encode()
        elif fault["kind"] == "garbage":
            text = fault["body"]
            response.body = b'\x00\xff{"not json' if text is None else text.encode()
        elif fault["kind"] in ("truncate", "slow"):
            response.fault = fault
        return response

    # Answers

    def _error_response(self, error):
        self.error, self.refusal = error.code, error.refusal
        service = self.place.service
        if service == "registry":
            return gate.error_response(error)
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
            status=status,
            error=self.error,
            refused=self.refusal is not None,
            refusal=self.refusal,
            fault=self.fault["kind"] if self.fault else None,
            ms=round((time.monotonic() - self.started) * 1000, 2),
            connection=request.connection.number,
            request_id=self.id,
            user_agent=request.header("user-agent"),
            body=None if registry else loggable(request.body, content_type),
        )
