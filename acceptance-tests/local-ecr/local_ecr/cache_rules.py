"""Pull-through-cache rules, which moto does not have: create, describe, update, delete, validate,
with AWS's rules about upstreams, credentials and prefixes."""

import json
import re

from . import moto_services
from .errors import AwsError, ecr_error, invalid_parameter
from .paging import only_alone, page
from .repositories import lag_key

MAX_RULES = 50

# Upstream host -> (the API's name for it, whether a secret is needed).
UPSTREAMS = {
    "public.ecr.aws": ("ecr-public", False),
    "registry.k8s.io": ("k8s", False),
    "quay.io": ("quay", False),
    "registry-1.docker.io": ("docker-hub", True),
    "ghcr.io": ("github-container-registry", True),
    "registry.gitlab.com": ("gitlab-container-registry", True),
    "cgr.dev": ("chainguard", True),
}
_AZURE = re.compile(r"[a-z0-9]{5,50}\.azurecr\.(?:io|us)")
_ECR = re.compile(r"(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?")
_SECRET = re.compile(r"arn:aws[a-z-]*:secretsmanager:([a-z0-9-]+):(\d{12}):secret:.+")
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/.+")


def _rules(call):
    return vars(call.backend).setdefault("local_ecr_cache_rules", {})


def _find(call, prefix=None):
    prefix = prefix or call.params["ecrRepositoryPrefix"]
    rule = _rules(call).get(prefix)
    if rule is None or call.world.hidden(lag_key(call, "rule", prefix))[0]:
        raise ecr_error("PullThroughCacheRuleNotFound", prefix=prefix, account=call.account)
    return rule


def _upstream(call):
    """(the API's name, needs a secret, account of an ECR upstream) of the rule to create."""
    url = call.params["upstreamRegistryUrl"]
    ecr = _ECR.fullmatch(url)
    if ecr:
        name, needs_secret, account = "ecr", False, ecr[1]
    elif url in UPSTREAMS:
        (name, needs_secret), account = UPSTREAMS[url], None
    elif _AZURE.fullmatch(url):
        name, needs_secret, account = "azure-container-registry", True, None
    else:
        raise ecr_error("UnsupportedUpstreamRegistry", url=url)
    if call.get("upstreamRegistry", name) != name:
        raise invalid_parameter("upstreamRegistry", f"the upstream registry of {url} is {name}")
    return name, needs_secret, account


def _check_credential(call, arn):
    found = _SECRET.fullmatch(arn)
    if not found or (found[1], found[2]) != (call.region, call.account):
        raise invalid_parameter(
            "credentialArn",
            f"the secret must be in account {call.account} and region {call.region}",
        )
    text = moto_services.secret(call.account, call.region, arn)
    if text is None:
        raise ecr_error("SecretNotFound", arn=arn)
    try:
        login = json.loads(text)
        good = bool(login["username"] and login["accessToken"])
    except (ValueError, TypeError, KeyError):
        good = False
    if not good:
        raise ecr_error("UnableToAccessSecret", arn=arn)


def _check_role(arn):
    if not _ROLE.fullmatch(arn):
        raise invalid_parameter("customRoleArn", "must be the ARN of an IAM role")


def create(call):
    prefix = call.params["ecrRepositoryPrefix"]
    name, needs_secret, upstream_account = _upstream(call)
    secret, role = call.get("credentialArn"), call.get("customRoleArn")
    if needs_secret and not secret:
        raise AwsError(
            "UnsupportedUpstreamRegistryException",
            "The specified upstream registry requires authentication. Specify a valid Secrets"
            " Manager ARN",
        )
    if not needs_secret and secret:
        raise invalid_parameter("credentialArn", f"{name} takes no credential")
    if role and name != "ecr":
        raise invalid_parameter("customRoleArn", "only a rule for an ECR registry has a role")
    if name == "ecr" and upstream_account != call.account and not role:
        raise invalid_parameter("customRoleArn", "the registry of another account needs a role")
    if call.get("upstreamRepositoryPrefix") and name != "ecr":
        raise invalid_parameter(
            "upstreamRepositoryPrefix",
            "only a rule for an ECR registry has an upstream repository prefix",
        )
    if secret:
        _check_credential(call, secret)
    if role:
        _check_role(role)
    rules = _rules(call)
    if prefix.rstrip("/") in {other.rstrip("/") for other in rules}:
        raise ecr_error("PullThroughCacheRuleAlreadyExists", prefix=prefix, account=call.account)
    if len(rules) >= MAX_RULES:
        raise ecr_error(
            "LimitExceeded", what="A registry", limit=f"{MAX_RULES} pull through cache rules"
        )
    now = round(call.world.now(), 3)
    rule = {
        "ecrRepositoryPrefix": prefix,
        "upstreamRegistryUrl": call.params["upstreamRegistryUrl"],
        "createdAt": now,
        "updatedAt": now,
        "registryId": call.account,
        "upstreamRegistry": name,
        "credentialArn": secret,
        "customRoleArn": role,
        # Without one AWS acts as if it were ROOT, but does not say so in its answers.
        "upstreamRepositoryPrefix": call.get("upstreamRepositoryPrefix"),
    }
    rules[prefix] = rule
    call.world.hide(lag_key(call, "rule", prefix), call.world.settings["rule_lag"])
    return {key: value for key, value in rule.items() if key != "updatedAt"}


def describe(call):
    prefixes = call.get("ecrRepositoryPrefixes")
    only_alone(call, "ecrRepositoryPrefixes", prefixes)
    if prefixes:
        rules = [_find(call, prefix) for prefix in sorted(set(prefixes))]
        return {"pullThroughCacheRules": rules}
    visible = [
        rule
        for prefix, rule in sorted(_rules(call).items())
        if not call.world.hidden(lag_key(call, "rule", prefix))[0]
    ]
    chosen, token = page(call, visible, lambda rule: rule["ecrRepositoryPrefix"])
    return {"pullThroughCacheRules": chosen, "nextToken": token}


def update(call):
    rule = _find(call)
    secret, role = call.get("credentialArn"), call.get("customRoleArn")
    if not secret and not role:
        raise AwsError(
            "InvalidParameterException",
            "Please set either credential arn or role arn to update the credential",
        )
    if secret:
        if rule["credentialArn"] is None:
            raise invalid_parameter(
                "credentialArn", f"{rule['upstreamRegistry']} takes no credential"
            )
        _check_credential(call, secret)
        rule["credentialArn"] = secret
    if role:
        if rule["upstreamRegistry"] != "ecr":
            raise invalid_parameter("customRoleArn", "only a rule for an ECR registry has a role")
        _check_role(role)
        rule["customRoleArn"] = role
    rule["updatedAt"] = round(call.world.now(), 3)
    return _some(
        rule,
        "ecrRepositoryPrefix",
        "registryId",
        "updatedAt",
        "credentialArn",
        "customRoleArn",
        "upstreamRepositoryPrefix",
    )


def delete(call):
    rule = _find(call)
    del _rules(call)[rule["ecrRepositoryPrefix"]]
    return _some(
        rule,
        "ecrRepositoryPrefix",
        "upstreamRegistryUrl",
        "createdAt",
        "registryId",
        "credentialArn",
        "customRoleArn",
        "upstreamRepositoryPrefix",
    )


def validate(call):
    rule = _find(call)
    failure = None
    if rule["credentialArn"]:
        try:
            _check_credential(call, rule["credentialArn"])
        except AwsError as error:
            failure = error.message
    answer = _some(
        rule,
        "ecrRepositoryPrefix",
        "registryId",
        "upstreamRegistryUrl",
        "credentialArn",
        "customRoleArn",
        "upstreamRepositoryPrefix",
    )
    return {**answer, "isValid": failure is None, "failure": failure}


def _some(rule, *names):
    return {name: rule[name] for name in names}


OPERATIONS = {
    "CreatePullThroughCacheRule": create,
    "DescribePullThroughCacheRules": describe,
    "UpdatePullThroughCacheRule": update,
    "DeletePullThroughCacheRule": delete,
    "ValidatePullThroughCacheRule": validate,
}
