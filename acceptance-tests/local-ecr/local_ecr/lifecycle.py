"""Lifecycle policies: AWS's checks of the text, its own way of writing the text back, and the
preview, which evaluates the rules over the images there are."""

import json
import re

from .errors import ecr_error, invalid_parameter
from .paging import page
from .repositories import find, lag_key

MAX_RULES = 50
DAY_SECONDS = 86_400
COUNT_TYPES = (
    "imageCountMoreThan",
    "sinceImagePulled",
    "sinceImagePushed",
    "sinceImageTransitioned",
)
RULE_KEYS = ("rulePriority", "description", "selection", "action")
SELECTION_KEYS = (
    "tagStatus",
    "tagPatternList",
    "tagPrefixList",
    "storageClass",
    "countType",
    "countUnit",
    "countNumber",
)
ACTION_KEYS = ("type", "targetStorageClass")


def _wrong(why):
    return invalid_parameter("LifecyclePolicyText", f"Lifecycle policy validation failure: {why}")


# The text


def parse(text):
    """The policy as a dict with its rules sorted by priority, or AWS's refusal."""
    try:
        policy = json.loads(text)
    except (ValueError, RecursionError):
        policy = None
    if not isinstance(policy, dict):
        raise _wrong("Could not map policyString into LifecyclePolicy.")
    _check_keys(policy, ("rules",), ("rules",))
    _check_type(policy["rules"], list, "array")
    if not 1 <= len(policy["rules"]) <= MAX_RULES:
        raise _wrong(f"a policy must have 1 to {MAX_RULES} rules, found: {len(policy['rules'])}")
    for rule in policy["rules"]:
        _check_rule(rule)
    _check_together(policy["rules"])
    return {"rules": sorted(policy["rules"], key=lambda rule: rule["rulePriority"])}


def _check_keys(value, required, allowed):
    _check_type(value, dict, "object")
    missing = [key for key in required if key not in value]
    if missing:
        raise _wrong(f"object has missing required properties ({json.dumps(sorted(missing))})")
    unknown = sorted(set(value) - set(allowed))
    if unknown:
        raise _wrong(
            "object instance has properties which are not allowed by the schema:"
            f" ({json.dumps(unknown)})"
        )


def _check_type(value, wanted, name):
    if not isinstance(value, wanted) or isinstance(value, bool):
        found = {
            dict: "object",
            list: "array",
            str: "string",
            int: "integer",
            float: "number",
            bool: "boolean",
            type(None): "null",
        }[type(value)]
        raise _wrong(
            f"instance type ({found}) does not match any allowed primitive type (allowed:"
            f' ["{name}"])'
        )


def _check_enum(value, allowed):
    if value not in allowed:
        raise _wrong(
            f"instance value ({json.dumps(value)}) not found in enum (possible values:"
            f" {json.dumps(list(allowed))})"
        )


def _check_number(value):
    _check_type(value, int, "integer")
    if value < 1:
        raise _wrong(
            f"numeric instance is lower than the required minimum (minimum: 1, found: {value})"
        )


def _check_rule(rule):
    _check_keys(rule, ("action", "rulePriority", "selection"), RULE_KEYS)
    _check_number(rule["rulePriority"])
    if "description" in rule:
        _check_type(rule["description"], str, "string")
    _check_selection(rule["selection"])
    _check_action(rule["action"], rule["selection"])


def _check_selection(selection):
    _check_keys(selection, ("countNumber", "countType", "tagStatus"), SELECTION_KEYS)
    _check_enum(selection["tagStatus"], ("any", "tagged", "untagged"))
    _check_enum(selection["countType"], COUNT_TYPES)
    _check_enum(selection.get("storageClass", "standard"), ("archive", "standard"))
    _check_number(selection["countNumber"])
    by_count = selection["countType"] == "imageCountMoreThan"
    if by_count and "countUnit" in selection:
        raise _wrong("countUnit cannot be specified with countType imageCountMoreThan")
    if not by_count:
        if "countUnit" not in selection:
            raise _wrong('object has missing required properties (["countUnit"])')
        _check_enum(selection["countUnit"], ("days",))
    _check_tag_lists(selection)
    needed = "archive" if selection["countType"] == "sinceImageTransitioned" else "standard"
    if selection.get("storageClass", "standard") != needed:
        raise _wrong(f"countType {selection['countType']} needs the storageClass {needed}")


def _check_tag_lists(selection):
    lists = [key for key in ("tagPatternList", "tagPrefixList") if selection.get(key)]
    for key in ("tagPatternList", "tagPrefixList"):
        if key in selection:
            _check_type(selection[key], list, "array")
            for text in selection[key]:
                _check_type(text, str, "string")
                if not text:
                    raise _wrong(f"{key} has an empty string")
                if key == "tagPatternList" and text.count("*") > 4:
                    raise _wrong(f"a tag pattern has at most 4 wildcards: {text}")
    if selection["tagStatus"] == "tagged" and len(lists) != 1:
        raise _wrong(
            "exactly one of tagPrefixList or tagPatternList must be specified when"
            " tagStatus is TAGGED"
        )
    if selection["tagStatus"] != "tagged" and lists:
        raise _wrong(f"{lists[0]} can only be specified when tagStatus is TAGGED")


def _check_action(action, selection):
    _check_keys(action, ("type",), ACTION_KEYS)
    _check_enum(action["type"], ("expire", "transition"))
    moves = action["type"] == "transition"
    if moves != ("targetStorageClass" in action):
        raise _wrong("instance failed to match exactly one schema (matched 0 out of 2)")
    if moves:
        _check_enum(action["targetStorageClass"], ("archive",))
    if moves and selection.get("storageClass", "standard") != "standard":
        raise _wrong("only images in the storageClass standard can be transitioned")
    if selection["countType"] == "sinceImagePulled" and not moves:
        raise _wrong("countType sinceImagePulled needs the action type transition")
    if selection["countType"] == "sinceImageTransitioned" and moves:
        raise _wrong("countType sinceImageTransitioned needs the action type expire")


def _check_together(rules):
    priorities = [rule["rulePriority"] for rule in rules]
    if len(set(priorities)) != len(priorities):
        raise _wrong("rulePriority must be unique within a policy")
    for storage in ("standard", "archive"):
        chosen = [
            rule for rule in rules if rule["selection"].get("storageClass", "standard") == storage
        ]
        untagged = [rule for rule in chosen if rule["selection"]["tagStatus"] == "untagged"]
        if len(untagged) > 1:
            raise _wrong("only one rule can select UNTAGGED images per storage class")
        last = max((rule["rulePriority"] for rule in chosen), default=0)
        for rule in chosen:
            if rule["selection"]["tagStatus"] == "any" and rule["rulePriority"] != last:
                raise _wrong(
                    "the rule with tagStatus ANY must have the lowest priority per storage class"
                )
        lists = [
            (key, tuple(sorted(set(rule["selection"][key]))))
            for rule in chosen
            for key in ("tagPatternList", "tagPrefixList")
            if rule["selection"].get(key)
        ]
        if len(set(lists)) != len(lists):
            raise _wrong("two rules cannot have the same list of tag prefixes or patterns")


def written(policy):
    """The text that AWS keeps: compact, with keys in AWS's own order."""

    def ordered(value, keys):
        return {key: value[key] for key in keys if key in value}

    rules = []
    for rule in policy["rules"]:
        rule = ordered(rule, RULE_KEYS)
        rule["selection"] = ordered(rule["selection"], SELECTION_KEYS)
        rule["action"] = ordered(rule["action"], ACTION_KEYS)
        rules.append(rule)
    return json.dumps({"rules": rules}, separators=(",", ":"), ensure_ascii=False)


# The rules over images


def evaluate(policy, images, now):
    """[(image, rule)] of what the policy would act on. All rules look at the same images; an image
    belongs to the first rule whose tags it fits, even if that rule lets it live."""
    children = {child for image in images for child in image.child_digests}
    candidates = [
        image for image in images if image.image_digest not in children and not image.subject_digest
    ]
    owner, acted = {}, []
    for rule in policy["rules"]:
        selection = rule["selection"]
        fitting = [image for image in candidates if _fits(selection, image)]
        # Of two images pushed in the same moment the later listed one counts as the younger.
        fitting = sorted(reversed(fitting), key=lambda image: -_moment(selection, image))
        if selection["countType"] == "imageCountMoreThan":
            due = fitting[selection["countNumber"] :]
        else:
            limit = now - selection["countNumber"] * DAY_SECONDS
            due = [image for image in fitting if _moment(selection, image) < limit]
        acted += [(image, rule) for image in due if id(image) not in owner]
        for image in fitting:
            owner.setdefault(id(image), rule)
    return acted


def _fits(selection, image):
    if image.storage_class != selection.get("storageClass", "standard"):
        return False
    tags = image.image_tags
    if selection["tagStatus"] == "untagged":
        return not tags
    if selection["tagStatus"] == "any":
        return True
    if selection.get("tagPatternList"):
        tests = [
            re.compile(".*".join(map(re.escape, pattern.split("*"))))
            for pattern in selection["tagPatternList"]
        ]
        return all(any(test.fullmatch(tag) for tag in tags) for test in tests)
    return all(any(tag.startswith(prefix) for tag in tags) for prefix in selection["tagPrefixList"])


def _moment(selection, image):
    if selection["countType"] == "sinceImagePulled":
        return image.pulled_seconds or image.pushed_seconds
    return image.pushed_seconds


# Operations


def _names(call):
    return {"registryId": call.account, "repositoryName": call.params["repositoryName"]}


def _stored(call, repository):
    """The policy text that a reader sees, or the refusal if there is none."""
    hidden, old = call.world.hidden(lag_key(call, "lifecycle", repository.name))
    text = old if hidden else repository.lifecycle_policy
    if not text:
        raise ecr_error("LifecyclePolicyNotFound", repository=repository.name, account=call.account)
    return text


def put_lifecycle_policy(call):
    repository = find(call)
    text = written(parse(call.params["lifecyclePolicyText"]))
    call.world.hide(
        lag_key(call, "lifecycle", repository.name),
        call.world.settings["lifecycle_lag"],
        old=repository.lifecycle_policy,
    )
    repository.lifecycle_policy = text
    return {**_names(call), "lifecyclePolicyText": text}


def get_lifecycle_policy(call):
    text = _stored(call, find(call))
    return {**_names(call), "lifecyclePolicyText": text, "lastEvaluatedAt": 0}


def delete_lifecycle_policy(call):
    repository = find(call)
    text = _stored(call, repository)
    repository.lifecycle_policy = None
    return {**_names(call), "lifecyclePolicyText": text, "lastEvaluatedAt": 0}


def start_lifecycle_policy_preview(call):
    repository = find(call)
    text = call.get("lifecyclePolicyText")
    text = written(parse(text)) if text else _stored(call, repository)
    acted = evaluate(json.loads(text), repository.images, call.world.now())
    repository.lifecycle_preview = (text, [_preview_result(image, rule) for image, rule in acted])
    return {**_names(call), "lifecyclePolicyText": text, "status": "IN_PROGRESS"}


def _preview_result(image, rule):
    action = {"type": rule["action"]["type"].upper()}
    if "targetStorageClass" in rule["action"]:
        action["targetStorageClass"] = "ARCHIVE"
    return {
        "imageTags": sorted(image.image_tags) or None,
        "imageDigest": image.image_digest,
        "imagePushedAt": image.pushed_seconds,
        "action": action,
        "appliedRulePriority": rule["rulePriority"],
        "storageClass": image.storage_class.upper(),
    }


def get_lifecycle_policy_preview(call):
    repository = find(call)
    text, results = getattr(repository, "lifecycle_preview", (None, None))
    if text is None:
        raise ecr_error("LifecyclePolicyPreviewNotFound", repository=repository.name)
    status = call.get("filter", {}).get("tagStatus", "ANY")
    chosen = [
        result
        for result in results
        if status == "ANY" or (status == "TAGGED") == bool(result["imageTags"])
    ]
    chosen.sort(key=lambda result: result["imageDigest"])
    some, token = page(call, chosen, lambda result: result["imageDigest"])
    expiring = sum(result["action"]["type"] == "EXPIRE" for result in chosen)
    summary = {
        "expiringImageTotalCount": expiring,
        "transitioningImageTotalCounts": [
            {"targetStorageClass": "ARCHIVE", "imageTotalCount": len(chosen) - expiring}
        ],
    }
    return {
        **_names(call),
        "lifecyclePolicyText": text,
        "status": "COMPLETE",
        "previewResults": some,
        "nextToken": token,
        "summary": summary,
    }


OPERATIONS = {
    "PutLifecyclePolicy": put_lifecycle_policy,
    "GetLifecyclePolicy": get_lifecycle_policy,
    "DeleteLifecyclePolicy": delete_lifecycle_policy,
    "StartLifecyclePolicyPreview": start_lifecycle_policy_preview,
    "GetLifecyclePolicyPreview": get_lifecycle_policy_preview,
}
