"""The scenarios: what a user's configuration says of one object, step by step. All of them are in one
configuration, so a step of all is one apply. A step is the body of the resource; None: the object is
not in the configuration; the last step stays as it is. {secret_one}, {key_one} and so on are what setup
makes. Every name is both the object's name at AWS and its label."""

from typing import NamedTuple

STEPS = 4


class Scenario(NamedTuple):
    name: str
    type: str
    provider: str
    steps: tuple
    outside: dict  # step: calls of AWS's API before it
    import_id: str  # imported at step 1
    more: str  # further resources, as they are at every step

    def body(self, step):
        return self.steps[min(step, len(self.steps) - 1)]


def repository(name, *steps, provider="aws", outside=None, import_id=""):
    bodies = tuple(None if step is None else f'name = "{name}"\n{step}' for step in steps)
    return Scenario(name, "aws_ecr_repository", provider, bodies, outside or {}, import_id, "")


def policy(name, *texts, outside=None, import_id=""):
    def body(text):
        return None if text is None else f"repository = aws_ecr_repository.{name}.name\npolicy = {text}"

    more = f'resource "aws_ecr_repository" "{name}" {{\nname = "{name}"\n}}\n'
    bodies = tuple(body(text) for text in texts)
    return Scenario(name, "aws_ecr_lifecycle_policy", "aws", bodies, outside or {}, import_id, more)


def rule(name, *steps, outside=None, import_id=""):
    bodies = tuple(
        None if step is None else f'ecr_repository_prefix = "{name}"\n{step}' for step in steps
    )
    return Scenario(
        name, "aws_ecr_pull_through_cache_rule", "aws", bodies, outside or {}, import_id, ""
    )


def tags(text):
    return f"tags = {{ {text} }}"


SCAN_ON = "image_scanning_configuration {\nscan_on_push = true\n}"
SCAN_OFF = "image_scanning_configuration {\nscan_on_push = false\n}"
IMMUTABLE = 'image_tag_mutability = "IMMUTABLE"'
MUTABLE = 'image_tag_mutability = "MUTABLE"'
FORCE = "force_delete = true"
KMS = 'encryption_configuration {\nencryption_type = "KMS"\n}'
KMS_ONE = 'encryption_configuration {\nencryption_type = "KMS"\nkms_key = "{key_one}"\n}'
KMS_TWO = 'encryption_configuration {\nencryption_type = "KMS"\nkms_key = "{key_two}"\n}'
DSSE = 'encryption_configuration {\nencryption_type = "KMS_DSSE"\n}'
AES = 'encryption_configuration {\nencryption_type = "AES256"\n}'
AES_EMPTY = "encryption_configuration {\n}"
TIMEOUTS = 'timeouts {\ndelete = "5m"\n}'

REPOSITORIES = [
    repository("bare", ""),
    repository("all", "\n".join([IMMUTABLE, SCAN_ON, AES, FORCE, TIMEOUTS, tags('a = "1"')]), ""),
    repository("absent", "", None),
    repository("late", None, "", None, ""),
    repository("immutable", "", IMMUTABLE, ""),
    repository("mutable-written", "", MUTABLE, ""),
    repository("scan-on", "", SCAN_ON, ""),
    repository("scan-off", "", SCAN_OFF, ""),
    repository("scan-toggle", SCAN_ON, SCAN_OFF, SCAN_ON, ""),
    repository("force", "", FORCE, "force_delete = false", ""),
    repository("timeouts", "", TIMEOUTS, ""),
    repository("aes-written", "", AES, AES_EMPTY, ""),
    repository("aes-empty", AES_EMPTY, "", AES),
    repository("kms", "", KMS, ""),
    repository("kms-own", KMS_ONE, KMS, KMS_ONE),
    repository("kms-other", KMS_ONE, KMS_TWO, AES),
    repository("kms-dsse", KMS, DSSE, ""),
    repository("kms-id", KMS_ONE.replace("key_one", "key_one_id")),
    repository("kms-alias", KMS_ONE.replace("key_one", "alias_one")),
    repository("pair-immutable-scan", "", IMMUTABLE + "\n" + SCAN_ON, ""),
    repository("pair-immutable-tags", "", IMMUTABLE + "\n" + tags('a = "1"'), ""),
    repository("pair-scan-tags", SCAN_ON, SCAN_OFF + "\n" + tags('a = "1"'), SCAN_ON),
    repository("pair-force-timeouts", FORCE + "\n" + TIMEOUTS, "", TIMEOUTS),
    repository("pair-kms-tags", tags('a = "1"'), KMS + "\n" + tags('b = "2"'), tags('b = "2"')),
    repository(
        "drift-mutability",
        "",
        outside={
            1: [("put_image_tag_mutability", {"repositoryName": "drift-mutability", "imageTagMutability": "IMMUTABLE"})]
        },
    ),
    repository(
        "drift-scan",
        SCAN_ON,
        outside={
            1: [
                (
                    "put_image_scanning_configuration",
                    {"repositoryName": "drift-scan", "imageScanningConfiguration": {"scanOnPush": False}},
                )
            ]
        },
    ),
    repository("drift-gone", "", outside={1: [("delete_repository", {"repositoryName": "drift-gone"})]}),
    repository(
        "drift-tag-added",
        tags('a = "1"'),
        outside={1: [("tag_resource", {"resourceArn": "{arn}drift-tag-added", "tags": [{"Key": "x", "Value": "y"}]})]},
    ),
    repository(
        "drift-tag-changed",
        tags('a = "1"'),
        outside={1: [("tag_resource", {"resourceArn": "{arn}drift-tag-changed", "tags": [{"Key": "a", "Value": "2"}]})]},
    ),
    repository(
        "drift-tag-removed",
        tags('a = "1", b = "2"'),
        outside={1: [("untag_resource", {"resourceArn": "{arn}drift-tag-removed", "tagKeys": ["b"]})]},
    ),
    repository(
        "import-bare",
        None,
        "",
        outside={1: [("create_repository", {"repositoryName": "import-bare"})]},
        import_id="import-bare",
    ),
    repository(
        "import-all",
        None,
        "\n".join([IMMUTABLE, SCAN_ON, KMS_ONE, FORCE, tags('a = "1"')]),
        outside={
            1: [
                (
                    "create_repository",
                    {
                        "repositoryName": "import-all",
                        "imageTagMutability": "IMMUTABLE",
                        "imageScanningConfiguration": {"scanOnPush": True},
                        "encryptionConfiguration": {"encryptionType": "KMS", "kmsKey": "{key_one}"},
                        "tags": [{"Key": "a", "Value": "1"}],
                    },
                )
            ]
        },
        import_id="import-all",
    ),
    repository(
        "import-other",
        None,
        SCAN_ON + "\n" + tags('a = "1"'),
        outside={1: [("create_repository", {"repositoryName": "import-other", "imageTagMutability": "IMMUTABLE"})]},
        import_id="import-other",
    ),
]

TAGS = [
    repository("tags-one-two-one", tags('a = "1"'), tags('a = "2", b = "3"'), tags('b = "3"'), ""),
    repository("tags-null", "tags = null", tags('a = "1"'), "tags = null"),
    repository("tags-empty-map", "tags = {}", tags('a = "1"'), "tags = {}", ""),
    repository("tags-null-to-empty", "", "tags = {}", "tags = null"),
    repository("tags-empty-value", tags('a = ""'), tags('a = "1"'), tags('a = ""')),
    repository("tags-null-value", tags('a = null, b = "2"'), tags('a = "1", b = null')),
    repository("tags-unknown", tags("a = terraform_data.unknown.output")),
    repository("tags-unknown-later", tags('a = "1"'), tags("a = terraform_data.later.output"), tags('a = "1"')),
    repository("tags-odd-keys", tags('"a b:/=+@_.-" = "ä + / = : @"'), tags('"Name" = "web"')),
    repository("tags-case", tags('a = "1"'), tags('A = "1"')),
]

DEFAULT_TAGS = [
    repository("default-bare", "", provider="aws.tagging"),
    repository("default-empty", "tags = {}", "", provider="aws.tagging"),
    repository("default-own", tags('a = "1"'), "", tags('a = "1"'), provider="aws.tagging"),
    repository("default-override", tags('Team = "mine"'), "", provider="aws.tagging"),
    repository("default-repeated", tags('Team = "core"'), "", tags('Team = "core"'), provider="aws.tagging"),
    repository("default-all-repeated", tags('Team = "core", Stage = "test"'), provider="aws.tagging"),
    repository("default-empty-value", tags('Team = ""'), tags('Team = "core"'), provider="aws.tagging"),
    repository("default-unknown", tags("Team = terraform_data.unknown.output"), provider="aws.tagging"),
    repository(
        "default-drift",
        "",
        provider="aws.tagging",
        outside={1: [("untag_resource", {"resourceArn": "{arn}default-drift", "tagKeys": ["Team"]})]},
    ),
    repository(
        "default-import",
        None,
        "",
        provider="aws.tagging",
        outside={
            1: [
                (
                    "create_repository",
                    {
                        "repositoryName": "default-import",
                        "tags": [{"Key": "Team", "Value": "core"}, {"Key": "Stage", "Value": "test"}],
                    },
                )
            ]
        },
        import_id="default-import",
    ),
]

IGNORED_TAGS = [
    repository("ignore-bare", "", tags('a = "1"'), provider="aws.ignoring"),
    repository(
        "ignore-foreign",
        tags('a = "1"'),
        tags('a = "2"'),
        "",
        provider="aws.ignoring",
        outside={
            1: [
                (
                    "tag_resource",
                    {
                        "resourceArn": "{arn}ignore-foreign",
                        "tags": [{"Key": "Owner", "Value": "x"}, {"Key": "kube:x", "Value": "y"}],
                    },
                )
            ]
        },
    ),
    repository(
        "ignore-not",
        "",
        provider="aws.ignoring",
        outside={1: [("tag_resource", {"resourceArn": "{arn}ignore-not", "tags": [{"Key": "z", "Value": "y"}]})]},
    ),
]


def count_rule(priority, number, selection='tagStatus = "any"', extra=""):
    return (
        f'{{ rulePriority = {priority}, {extra} selection = {{ {selection}, countType = "imageCountMoreThan", '
        f'countNumber = {number} }}, action = {{ type = "expire" }} }}'
    )


def rules(*each):
    return f"jsonencode({{ rules = [{', '.join(each)}] }})"


KEEP_5 = rules(count_rule(1, 5))
TAGGED = 'tagStatus = "tagged", tagPatternList = ["b*", "a*"]'
TAGGED_TURNED = 'tagStatus = "tagged", tagPatternList = ["a*", "b*"]'
PREFIXED = 'tagStatus = "tagged", tagPrefixList = ["v", "w"]'
PREFIXED_TURNED = 'tagStatus = "tagged", tagPrefixList = ["w", "v"]'
SPACED = (
    '<<EOT\n{"rules": [\n  {"action": {"type": "expire"}, "selection": {"countNumber": 5, "tagStatus": "any",\n'
    '   "countType": "imageCountMoreThan"}, "rulePriority": 1}\n]}\nEOT\n'
)
OTHER_TEXT = '{"rules":[{"rulePriority":1,"selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":9},"action":{"type":"expire"}}]}'

POLICIES = [
    policy("policy-spaces", KEEP_5, SPACED, KEEP_5),
    policy("policy-number", KEEP_5, rules(count_rule(1, 6))),
    policy("policy-absent", KEEP_5, None, KEEP_5),
    policy(
        "policy-rule-order",
        rules(count_rule(2, 5), count_rule(1, 3, TAGGED)),
        rules(count_rule(1, 3, TAGGED), count_rule(2, 5)),
    ),
    policy("policy-pattern-order", rules(count_rule(1, 3, TAGGED)), rules(count_rule(1, 3, TAGGED_TURNED))),
    policy("policy-prefix-order", rules(count_rule(1, 3, PREFIXED)), rules(count_rule(1, 3, PREFIXED_TURNED))),
    policy(
        "policy-description",
        KEEP_5,
        rules(count_rule(1, 5, extra='description = "Keep five <&>.",')),
        rules(count_rule(1, 5, extra='description = "Keep five <&>.",')),
        KEEP_5,
    ),
    policy("policy-empty-description", rules(count_rule(1, 5, extra='description = "",')), KEEP_5),
    policy("policy-escapes", rules(count_rule(1, 5, extra='description = "ä\\u00e4\\"",'))),
    policy("policy-fraction", KEEP_5, f'replace({KEEP_5}, ":5", ":5.0")'),
    policy("policy-newline", KEEP_5, f'"${{{KEEP_5}}}\\n"'),
    policy(
        "policy-drift",
        KEEP_5,
        outside={
            1: [("put_lifecycle_policy", {"repositoryName": "policy-drift", "lifecyclePolicyText": OTHER_TEXT})]
        },
    ),
    policy(
        "policy-gone",
        KEEP_5,
        outside={1: [("delete_lifecycle_policy", {"repositoryName": "policy-gone"})]},
    ),
    policy(
        "policy-import",
        None,
        KEEP_5.replace("= 5", "= 9"),
        outside={
            1: [("put_lifecycle_policy", {"repositoryName": "policy-import", "lifecyclePolicyText": OTHER_TEXT})]
        },
        import_id="policy-import",
    ),
]

QUAY = 'upstream_registry_url = "quay.io"'
HUB_ONE = 'upstream_registry_url = "registry-1.docker.io"\ncredential_arn = "{secret_one}"'
HUB_TWO = HUB_ONE.replace("secret_one", "secret_two")
ECR = 'upstream_registry_url = "222222222222.dkr.ecr.eu-central-1.amazonaws.com"\ncustom_role_arn = "{role}one"'
ECR_TWO = ECR.replace("}one", "}two")
PREFIX = 'upstream_repository_prefix = "team"'

CACHE_RULES = [
    rule("rule-plain", QUAY),
    rule("rule-url", QUAY, 'upstream_registry_url = "registry.k8s.io"'),
    rule("rule-absent", QUAY, None, QUAY),
    rule("rule-credential", HUB_ONE, HUB_TWO, HUB_ONE),
    rule("rule-role", ECR, ECR_TWO),
    rule("rule-prefix", ECR, ECR + "\n" + PREFIX, ECR),
    rule("rule-both", ECR + "\n" + PREFIX, ECR_TWO + "\n" + PREFIX.replace("team", "other")),
    rule("rule-upstream", HUB_ONE, QUAY),
    rule("rule/slash", QUAY),
    rule(
        "rule-gone",
        QUAY,
        outside={1: [("delete_pull_through_cache_rule", {"ecrRepositoryPrefix": "rule-gone"})]},
    ),
    rule(
        "rule-drift",
        HUB_ONE,
        outside={
            1: [
                (
                    "update_pull_through_cache_rule",
                    {"ecrRepositoryPrefix": "rule-drift", "credentialArn": "{secret_two}"},
                )
            ]
        },
    ),
    rule(
        "rule-import",
        None,
        QUAY,
        outside={
            1: [
                (
                    "create_pull_through_cache_rule",
                    {"ecrRepositoryPrefix": "rule-import", "upstreamRegistryUrl": "quay.io"},
                )
            ]
        },
        import_id="rule-import",
    ),
    rule("rule-role-cleared", ECR.replace("222222222222", "123456789012"),
         'upstream_registry_url = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"'),
]

SCENARIOS = [*REPOSITORIES, *TAGS, *DEFAULT_TAGS, *IGNORED_TAGS, *POLICIES, *CACHE_RULES]
