"""What differs from hashicorp/aws on purpose. A row names addresses, steps and what differs by regular
expressions, and the reason. A row that names nothing fails the test."""

import re
from typing import NamedTuple


class Row(NamedTuple):
    name: str  # the address, without "aws_ecr_"
    what: str  # "plan", "again", "error", "object", "taken over" or "state ATTRIBUTE"
    why: str
    steps: str = ""  # the steps; "" for all

    def names(self, name, step, what):
        return bool(
            re.fullmatch(self.name, name.replace("aws_ecr_", ""))
            and re.fullmatch(self.what, what)
            and (not self.steps or str(step) in self.steps)
        )


ROWS = (
    Row(
        "repository.kms-(alias|id)",
        "plan|again|state encryption_configuration",
        "a key's id or alias is the key that AWS names for it; hashicorp/aws replaces the repository at every apply",
    ),
    Row(
        "repository.(aes-empty|kms|kms-dsse|pair-kms-tags)",
        "state encryption_configuration",
        "a block that is written stays as it is written: what it leaves out is null, as Terraform asks of a provider",
    ),
    Row(
        "repository.tags-null-value",
        "state tags",
        "tags stay as they are written; one without a value is none for AWS, either way",
    ),
    Row(
        "repository.(default-empty|tags-empty-map|tags-null-to-empty)",
        "plan|taken over",
        "tags = {} where the state has none is shown as what it is; nothing is sent",
    ),
    Row(
        "repository.(timeouts|pair-force-timeouts)",
        "plan|state timeouts|taken over",
        "timeouts are part of the state, so a change of them is an update; nothing is sent",
    ),
    Row(
        "repository.(all|pair-force-timeouts)",
        "state force_delete",
        "removed, it is null, not false",
    ),
    Row(
        "lifecycle_policy.policy-(description|drift|number)",
        "plan",
        "a policy is changed in place; hashicorp/aws deletes it first",
    ),
    Row(
        "lifecycle_policy.policy-empty-description",
        "plan|state policy|object|taken over",
        "a description that is empty is none",
    ),
    Row(
        "pull_through_cache_rule.rule-role-cleared",
        "plan|again|error|object|taken over",
        "AWS cannot take a role away, so the rule is replaced; hashicorp/aws fails at every apply",
    ),
)
