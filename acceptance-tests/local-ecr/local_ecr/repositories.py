"""Repositories: create, describe, delete, tag mutability, scan on push, resource tags, and which
scanning rules apply. The Repository objects are moto's; the rules here are AWS's."""

import datetime
import fnmatch
import re
import unicodedata
import uuid

from moto.ecr.models import Repository

from . import moto_services, regions
from .errors import ecr_error, invalid_parameter
from .paging import only_alone, page

MAX_TAGS = 50
FILTERED = ("IMMUTABLE_WITH_EXCLUSION", "MUTABLE_WITH_EXCLUSION")


def not_found(call, name):
    return ecr_error("RepositoryNotFound", repository=name, account=call.account)


def find(call, name=None):
    """The repository named in the call, as a reader sees it: a new one may not be visible yet."""
    name = name or call.params["repositoryName"]
    repository = call.backend.repositories.get(name)
    if repository is None or call.world.hidden(lag_key(call, "repository", name))[0]:
        raise not_found(call, name)
    return repository


def lag_key(call, kind, name):
    return (call.account, call.region, kind, name)


def describe(repository):
    """A repository in the form of the API."""
    host = f"{repository.registry_id}.dkr.ecr.{repository.region_name}"
    return {
        "repositoryArn": repository.arn,
        "registryId": repository.registry_id,
        "repositoryName": repository.name,
        "repositoryUri": f"{host}.{regions.domain(repository.region_name)}/{repository.name}",
        "createdAt": repository.created_seconds,
        "imageTagMutability": str(
            getattr(repository.image_tag_mutability, "value", repository.image_tag_mutability)
        ),
        "imageTagMutabilityExclusionFilters": repository.image_tag_mutability_exclusion_filters
        or None,
        "imageScanningConfiguration": repository.image_scanning_configuration,
        "encryptionConfiguration": repository.encryption_configuration,
    }


# Mutability


def check_mutability(mutability, filters):
    place = "imageTagMutabilityExclusionFilters"
    subject = "ImageTagMutabilityExclusionFilters"
    if mutability in FILTERED and not filters:
        raise invalid_parameter(
            place, f"{subject} can't be null when imageTagMutability is set as {mutability}"
        )
    if mutability not in FILTERED and filters is not None:
        raise invalid_parameter(
            place, f"{subject} must be null when imageTagMutability is set as {mutability}"
        )
    for item in filters or ():
        if item["filter"].count("*") > 2:
            raise invalid_parameter(place, "a filter can contain at most 2 wildcards (*)")


def tag_is_immutable(repository, tag):
    """Whether a tag that exists may not move. Filters match the whole tag."""
    mutability = describe(repository)["imageTagMutability"]
    excluded = any(
        fnmatch.fnmatchcase(tag, item["filter"])
        for item in repository.image_tag_mutability_exclusion_filters or ()
    )
    return excluded != mutability.startswith("IMMUTABLE")


# Encryption


def encryption(call, wanted):
    kind = (wanted or {}).get("encryptionType", "AES256")
    key = (wanted or {}).get("kmsKey")
    if kind == "AES256":
        if key:
            raise invalid_parameter(
                "kmsKey",
                "kmsKey can only be specified with the encryption types KMS and KMS_DSSE",
            )
        return {"encryptionType": kind}
    return {"encryptionType": kind, "kmsKey": _kms_key(call, key)}


def _kms_key(call, key):
    own = f"arn:aws:kms:{call.region}:{call.account}:"
    state = vars(call.backend)
    default = state.setdefault("local_ecr_default_key", f"{own}key/{uuid.uuid4()}")
    if key is None or key in ("alias/aws/ecr", f"{own}alias/aws/ecr", default):
        return default
    if not call.world.settings["check_kms_keys"]:
        return key if key.startswith("arn:") else f"{own}key/{key}"
    found = None
    if not key.startswith("arn:") or key.startswith(f"arn:aws:kms:{call.region}:"):
        found = moto_services.kms_key_arn(call.account, call.region, key)
    if not found:
        raise ecr_error("Kms", key=key, region=call.region)
    return found


# Tags


def checked_tags(tags, old=None):
    """Existing tags overlaid by the new ones, as a dict; or the refusal AWS has for them."""
    keys = [tag["Key"] for tag in tags]
    if len(set(keys)) != len(keys):
        twin = next(key for key in keys if keys.count(key) > 1)
        raise ecr_error("InvalidTagParameter", key=twin, why="the key occurs more than once")
    for tag in tags:
        _check_tag(tag["Key"], tag["Value"])
    merged = {**(old or {}), **{tag["Key"]: tag["Value"] for tag in tags}}
    if len(merged) > MAX_TAGS:
        raise ecr_error("TooManyTags", limit=MAX_TAGS, count=len(merged))
    return merged


def _check_tag(key, value):
    def wrong(why):
        return ecr_error("InvalidTagParameter", key=key, why=why)

    if key.lower().startswith("aws:"):
        raise wrong("aws: prefixed tag key names are not allowed for external use.")
    if not 1 <= len(key) <= 128:
        raise wrong("a tag key must have 1 to 128 characters")
    if len(value) > 256:
        raise wrong("a tag value must have at most 256 characters")
    for character in key + value:
        if unicodedata.category(character)[0] not in "LZN" and character not in "_.:/=+-@":
            raise wrong(f"the character {character!r} is not allowed")


def _tagged(call):
    """(repository, its tags) for the ARN of a tag operation."""
    arn = call.params["resourceArn"]
    found = re.fullmatch(r"arn:aws[a-z-]*:ecr:([a-z0-9-]+):(\d{12}):repository/(.+)", arn)
    if not found or (found[1], found[2]) != (call.region, call.account):
        raise invalid_parameter(
            "resourceArn",
            f"'{arn}' is no ARN of a repository of account {call.account} in {call.region}",
        )
    repository = find(call, found[3])
    return repository, call.backend.tagger.get_tag_dict_for_resource(repository.arn)


def _store_tags(call, repository, tags):
    call.backend.tagger.delete_all_tags_for_resource(repository.arn)
    call.backend.tagger.tag_resource(
        repository.arn, [{"Key": key, "Value": value} for key, value in tags.items()]
    )


# Operations


def create_repository(call):
    name = call.params["repositoryName"]
    mutability = call.get("imageTagMutability", "MUTABLE")
    filters = call.get("imageTagMutabilityExclusionFilters")
    check_mutability(mutability, filters)
    crypto = encryption(call, call.get("encryptionConfiguration"))
    tags = checked_tags(call.get("tags", []))
    if name in call.backend.repositories:
        raise ecr_error("RepositoryAlreadyExists", repository=name, account=call.account)
    scanning = {"scanOnPush": bool(call.get("imageScanningConfiguration", {}).get("scanOnPush"))}
    repository = Repository(
        call.account, call.region, name, None, crypto, scanning, mutability, filters
    )
    repository.created_seconds = round(call.world.now(), 3)
    repository.created_at = datetime.datetime.fromtimestamp(repository.created_seconds)
    # Blobs of a repository of the same name that was deleted are not this one's.
    repository.storage_name = uuid.uuid4().hex[:12]
    call.backend.repositories[name] = repository
    _store_tags(call, repository, tags)
    _apply_scanning_rules(call)
    call.world.forget_hidden(lag_key(call, "lifecycle", name))
    call.world.hide(lag_key(call, "repository", name), call.world.settings["repository_lag"])
    return {"repository": describe(repository)}


def describe_repositories(call):
    names = call.get("repositoryNames")
    only_alone(call, "repositoryNames", names)
    if names:
        found = [find(call, name) for name in dict.fromkeys(names)]
        found.sort(key=lambda repository: repository.name)
        return {"repositories": [describe(repository) for repository in found]}
    visible = [
        repository
        for name, repository in sorted(call.backend.repositories.items())
        if not call.world.hidden(lag_key(call, "repository", name))[0]
    ]
    chosen, token = page(call, visible, lambda repository: repository.name)
    return {"repositories": [describe(repository) for repository in chosen], "nextToken": token}


def delete_repository(call):
    repository = find(call)
    if repository.images and not call.get("force", False):
        raise ecr_error("RepositoryNotEmpty", repository=repository.name, account=call.account)
    call.backend.tagger.delete_all_tags_for_resource(repository.arn)
    del call.backend.repositories[repository.name]
    return {"repository": describe(repository)}


def put_image_tag_mutability(call):
    mutability = call.params["imageTagMutability"]
    filters = call.get("imageTagMutabilityExclusionFilters")
    check_mutability(mutability, filters)
    repository = find(call)
    repository.image_tag_mutability = mutability
    repository.image_tag_mutability_exclusion_filters = filters
    return {
        "registryId": call.account,
        "repositoryName": repository.name,
        "imageTagMutability": mutability,
        "imageTagMutabilityExclusionFilters": filters,
    }


def put_image_scanning_configuration(call):
    repository = find(call)
    scan = bool(call.params["imageScanningConfiguration"].get("scanOnPush"))
    repository.image_scanning_configuration = {"scanOnPush": scan}
    return {
        "registryId": call.account,
        "repositoryName": repository.name,
        "imageScanningConfiguration": {"scanOnPush": scan},
    }


def list_tags_for_resource(call):
    _, tags = _tagged(call)
    return {"tags": [{"Key": key, "Value": value} for key, value in sorted(tags.items())]}


def tag_resource(call):
    repository, tags = _tagged(call)
    _store_tags(call, repository, checked_tags(call.params["tags"], tags))


def untag_resource(call):
    repository, tags = _tagged(call)
    gone = set(call.params["tagKeys"])
    for key in gone:
        if key.lower().startswith("aws:"):
            raise ecr_error("InvalidTagParameter", key=key, why="such tags cannot be removed")
    _store_tags(call, repository, {key: value for key, value in tags.items() if key not in gone})


# Scanning rules of the registry


def _apply_scanning_rules(call):
    configuration = call.backend.registry_scanning_configuration
    if configuration.get("rules"):
        call.backend.put_registry_scanning_configuration(
            configuration["scanType"], configuration["rules"]
        )


def put_registry_scanning_configuration(call):
    wanted = {"scanType": call.get("scanType", "BASIC"), "rules": call.get("rules", [])}
    for rule in wanted["rules"]:
        if wanted["scanType"] == "BASIC" and rule["scanFrequency"] == "CONTINUOUS_SCAN":
            raise invalid_parameter("scanFrequency", "CONTINUOUS_SCAN needs the scan type ENHANCED")
    call.backend.put_registry_scanning_configuration(wanted["scanType"], wanted["rules"])
    return {"registryScanningConfiguration": wanted}


def get_registry_scanning_configuration(call):
    return {
        "registryId": call.account,
        "scanningConfiguration": call.backend.registry_scanning_configuration,
    }


def batch_get_repository_scanning_configuration(call):
    found, missing = call.backend.batch_get_repository_scanning_configuration(
        call.params["repositoryNames"]
    )
    for configuration in found:
        repository = call.backend.repositories[configuration["repositoryName"]]
        configuration["scanOnPush"] = repository.image_scanning_configuration["scanOnPush"]
    reason = "REPOSITORY_NOT_FOUND"
    return {
        "scanningConfigurations": found,
        "failures": [
            {"repositoryName": name, "failureCode": reason, "failureReason": reason}
            for name in missing
        ],
    }


OPERATIONS = {
    "CreateRepository": create_repository,
    "DescribeRepositories": describe_repositories,
    "DeleteRepository": delete_repository,
    "PutImageTagMutability": put_image_tag_mutability,
    "PutImageScanningConfiguration": put_image_scanning_configuration,
    "ListTagsForResource": list_tags_for_resource,
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
    "PutRegistryScanningConfiguration": put_registry_scanning_configuration,
    "GetRegistryScanningConfiguration": get_registry_scanning_configuration,
    "BatchGetRepositoryScanningConfiguration": batch_get_repository_scanning_configuration,
}
