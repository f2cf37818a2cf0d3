"""Lifecycle policies: the strict checks, how AWS writes them back, and the preview."""

import json
import os
import sys
import unittest
from types import SimpleNamespace

import support
from support import Case

sys.path.insert(0, support.ROOT)
from local_ecr import lifecycle  # noqa: E402

DAY = 86_400
assert os.path.isdir(support.ROOT)


def rule(priority=1, description="keep some images", action=None, **selection):
    selection = {
        "tagStatus": "untagged",
        "countType": "imageCountMoreThan",
        "countNumber": 3,
        **selection,
    }
    return {
        "rulePriority": priority,
        "description": description,
        "selection": {key: value for key, value in selection.items() if value is not None},
        "action": action or {"type": "expire"},
    }


def tagged(priority, key, *texts, **selection):
    return rule(priority, tagStatus="tagged", **{key: list(texts)}, **selection)


SINCE = {"countType": "sinceImagePushed", "countUnit": "days", "countNumber": 5}
TRANSITION = {"type": "transition", "targetStorageClass": "archive"}
ARCHIVED = {"storageClass": "archive", "countType": "sinceImageTransitioned", "countUnit": "days"}

GOOD = [
    [rule()],
    [rule(7, **SINCE)],
    [tagged(1, "tagPrefixList", "v", "w"), tagged(2, "tagPatternList", "a*b*c*d*"), rule(3)],
    [rule(1), rule(2, tagStatus="any")],
    [rule(1, tagStatus="any", action=TRANSITION, **SINCE), rule(2, tagStatus="any", **ARCHIVED)],
    [rule(1, countType="sinceImagePulled", countUnit="days", action=TRANSITION)],
]

BAD = [
    # rules, what AWS's message says
    ([], "1 to 50"),
    (
        [rule(number, tagStatus="tagged", tagPrefixList=[f"v{number}"]) for number in range(1, 52)],
        "50",
    ),
    ([{**rule(), "colour": "red"}], '["colour"]'),
    ([{"rulePriority": 1, "description": "x" * 80}], '["action", "selection"]'),
    ([rule(0)], "minimum: 1, found: 0"),
    ([rule("1")], 'does not match any allowed primitive type (allowed: ["integer"])'),
    ([rule(1.0)], "does not match any allowed primitive type"),
    ([rule(countNumber=0)], "minimum: 1"),
    ([rule(countNumber=True)], "boolean"),
    ([rule(description=None)], "null"),
    ([rule(tagStatus="ANY")], "not found in enum"),
    ([rule(countType="sinceForever")], "not found in enum"),
    ([rule(tagStatus="tagged")], "tagPrefixList or tagPatternList must be specified"),
    ([rule(tagStatus="tagged", tagPrefixList=[])], "must be specified"),
    ([rule(tagStatus="tagged", tagPrefixList=["a"], tagPatternList=["b"])], "must be specified"),
    ([rule(tagPrefixList=["v"])], "only be specified when tagStatus is TAGGED"),
    ([tagged(1, "tagPrefixList", "")], "empty string"),
    ([tagged(1, "tagPatternList", "*a*b*c*d*")], "at most 4"),
    ([rule(countUnit="days")], "countUnit"),
    ([rule(countType="sinceImagePushed")], '["countUnit"]'),
    ([rule(countType="sinceImagePushed", countUnit="weeks")], "not found in enum"),
    ([rule(1), rule(1, tagStatus="any")], "unique"),
    ([rule(1), rule(2)], "UNTAGGED"),
    ([rule(1, tagStatus="any"), rule(2)], "lowest priority"),
    ([tagged(1, "tagPrefixList", "a", "b"), tagged(2, "tagPrefixList", "b", "a")], "same list"),
    ([rule(action={"type": "delete"})], "not found in enum"),
    ([rule(action={"type": "transition"})], "matched 0 out of 2"),
    ([rule(action={"type": "expire", "targetStorageClass": None})], "matched 0 out of 2"),
    ([rule(action={**TRANSITION, "targetStorageClass": "tape"})], "not found in enum"),
    ([rule(storageClass="archive")], "storageClass"),
    ([rule(1, **{**ARCHIVED, "storageClass": None})], "storageClass"),
    ([rule(1, action=TRANSITION, **ARCHIVED)], "storageClass standard"),
    ([rule(countType="sinceImagePulled", countUnit="days")], "transition"),
]


class LifecycleTest(Case):
    def setUp(self):
        super().setUp()
        self.create("app")

    def put(self, rules):
        text = rules if isinstance(rules, str) else json.dumps({"rules": rules}, indent=2)
        return self.ecr.put_lifecycle_policy(repositoryName="app", lifecyclePolicyText=text)[
            "lifecyclePolicyText"
        ]

    def get(self):
        return self.ecr.get_lifecycle_policy(repositoryName="app")["lifecyclePolicyText"]

    def test_good_policies(self):
        for rules in GOOD:
            with self.subTest(rules):
                self.assertEqual(json.loads(self.put(rules)), {"rules": rules})

    def test_bad_policies(self):
        for rules, said in BAD:
            with self.subTest(rules):
                text = json.dumps({"rules": rules}) + " " * 100
                message = self.refused("InvalidParameterException", self.put, rules=text)
                self.assertTrue(
                    message.startswith(
                        "Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint:"
                        " 'Lifecycle policy validation failure: "
                    ),
                    message,
                )
                self.assertIn(said, message)
        self.assertEqual(support.log("refused=1"), [])

    def test_text_that_is_no_policy(self):
        for text in ("x" * 100, "[]" + " " * 100, '{"rule":1}' + " " * 100, "null" + " " * 100):
            self.refused("InvalidParameterException", self.put, rules=text)

    def test_written_back_in_aws_own_form(self):
        text = self.put([rule(20, tagStatus="any"), rule(10)])
        self.assertEqual(
            text,
            '{"rules":['
            '{"rulePriority":10,"description":"keep some images","selection":'
            '{"tagStatus":"untagged","countType":"imageCountMoreThan","countNumber":3},'
            '"action":{"type":"expire"}},'
            '{"rulePriority":20,"description":"keep some images","selection":'
            '{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":3},'
            '"action":{"type":"expire"}}]}',
        )
        self.assertEqual(self.get(), text)

    def test_absent(self):
        missing = "LifecyclePolicyNotFoundException"
        self.refused(missing, self.get)
        self.refused(missing, self.ecr.delete_lifecycle_policy, repositoryName="app")
        self.refused(
            "RepositoryNotFoundException", self.ecr.get_lifecycle_policy, repositoryName="none"
        )
        self.put([rule()])
        self.ecr.delete_lifecycle_policy(repositoryName="app")
        self.refused(missing, self.get)

    def test_lag(self):
        support.setting(lifecycle_lag=2)
        first = [rule()]
        self.put(first)
        self.refused("LifecyclePolicyNotFoundException", self.get)
        self.refused("LifecyclePolicyNotFoundException", self.get)
        old = self.get()
        self.put([rule(5)])
        self.assertEqual([self.get() == old for _ in range(3)], [True, True, False])

    def test_preview(self):
        support.setting(check_layers=False)
        for number in range(5):
            self.ecr.put_image(
                repositoryName="app",
                imageTag=f"v{number}",
                imageManifest=json.dumps({"schemaVersion": 2, "number": number}),
            )
        self.refused(
            "LifecyclePolicyPreviewNotFoundException",
            self.ecr.get_lifecycle_policy_preview,
            repositoryName="app",
        )
        self.ecr.start_lifecycle_policy_preview(
            repositoryName="app",
            lifecyclePolicyText=json.dumps(
                {"rules": [tagged(1, "tagPrefixList", "v", description="x" * 60)]}
            ),
        )
        preview = self.ecr.get_lifecycle_policy_preview(repositoryName="app")
        self.assertEqual(preview["summary"]["expiringImageTotalCount"], 2)
        self.assertEqual(
            {tag for result in preview["previewResults"] for tag in result["imageTags"]},
            {"v0", "v1"},
        )


def image(name, tags, days):
    return SimpleNamespace(
        image_digest=name,
        image_tags=tags,
        pushed_seconds=-days * DAY,
        pulled_seconds=None,
        storage_class="standard",
        child_digests=[],
        subject_digest=None,
    )


class EvaluationTest(unittest.TestCase):
    """Worked examples of AWS's user guide, restated."""

    def acted(self, rules, *images):
        policy = lifecycle.parse(json.dumps({"rules": rules}))
        return [found.image_digest for found, _ in lifecycle.evaluate(policy, images, 0)]

    def test_an_image_belongs_to_the_first_rule_that_it_fits(self):
        images = (
            image("A", ["beta-1", "prod-1"], 10),
            image("B", ["beta-2", "prod-2"], 9),
            image("C", ["beta-3"], 8),
        )
        prod = tagged(1, "tagPatternList", "prod*", countNumber=1)
        beta = tagged(2, "tagPatternList", "beta*", countNumber=1)
        self.assertEqual(self.acted([prod, beta], *images), ["A"])
        swapped = [{**prod, "rulePriority": 2}, {**beta, "rulePriority": 1}]
        self.assertEqual(sorted(self.acted(swapped, *images)), ["A", "B"])

    def test_every_pattern_must_match(self):
        images = (
            image("A", ["a1"], 12),
            image("B", ["b1"], 11),
            image("C", ["a2", "b2"], 10),
            image("F", ["a4", "b4"], 2),
        )
        self.assertEqual(
            self.acted([tagged(1, "tagPatternList", "a*", "b*", **SINCE)], *images), ["C"]
        )

    def test_any_counts_what_other_rules_own(self):
        images = (
            image("A", ["a1", "b1"], 4),
            image("B", [], 3),
            image("C", ["a2"], 2),
            image("D", ["git"], 1),
            image("E", [], 1),
        )
        rules = [
            tagged(1, "tagPatternList", "a*", countNumber=1),
            rule(2, **{**SINCE, "countNumber": 1}),
            rule(3, tagStatus="any", countNumber=1),
        ]
        self.assertEqual(self.acted(rules, *images), ["A", "B", "D"])


if __name__ == "__main__":
    unittest.main()
