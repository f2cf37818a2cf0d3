"""The services around ECR, with their real clients: Terraform's S3 backend with its lock file,
aws-cli, STS; all through the proxy and under AWS's own host names."""

import os
import shutil
import subprocess
import tempfile
import unittest

from botocore.config import Config

import boto3
import support
from support import BUCKET, Case

BACKEND = """
terraform {
  backend "s3" {
    bucket       = "%s"
    key          = "staging/ecr/terraform.tfstate"
    region       = "%s"
    use_lockfile = true
    encrypt      = true
    use_path_style = %s
  }
}
resource "terraform_data" "x" {
  input = "y"
  %s
}
"""


class S3Test(Case):
    def test_bucket_is_there_and_versioned(self):
        s3 = support.client("s3")
        self.assertEqual([bucket["Name"] for bucket in s3.list_buckets()["Buckets"]], [BUCKET])
        self.assertEqual(s3.get_bucket_versioning(Bucket=BUCKET)["Status"], "Enabled")

    def test_odd_keys_in_both_styles(self):
        for style in ("virtual", "path"):
            s3 = boto3.client("s3", config=Config(s3={"addressing_style": style}))
            for key in ("a b+c/ü=1&x.txt", "env:/x/terraform.tfstate", "%41/~(x)"):
                s3.put_object(Bucket=BUCKET, Key=key, Body=style.encode())
                self.assertEqual(
                    s3.get_object(Bucket=BUCKET, Key=key)["Body"].read(), style.encode()
                )
        hosts = {entry["host"] for entry in support.log("service=s3")}
        self.assertEqual(
            hosts,
            {f"{BUCKET}.s3.{support.REGION}.amazonaws.com", f"s3.{support.REGION}.amazonaws.com"},
        )
        self.assertEqual(support.log("refused=1"), [])

    def test_lock_is_a_conditional_put(self):
        s3 = support.client("s3")
        s3.put_object(Bucket=BUCKET, Key="lock", Body=b"1", IfNoneMatch="*")
        self.refused(
            "PreconditionFailed",
            s3.put_object,
            Bucket=BUCKET,
            Key="lock",
            Body=b"2",
            IfNoneMatch="*",
        )
        self.assertEqual(support.log()[-1]["error"], "PreconditionFailed")
        s3.delete_object(Bucket=BUCKET, Key="lock")
        s3.put_object(Bucket=BUCKET, Key="lock", Body=b"2", IfNoneMatch="*")


class ClientTest(Case):
    def run_program(self, *command, status=(0,), **options):
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, **options)
        self.assertIn(done.returncode, status, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def test_aws_cli(self):
        self.run_program(
            "aws", "ecr", "create-repository", "--repository-name", "cli", "--tags", "Key=a,Value=b"
        )
        self.assertEqual(
            self.run_program(
                "aws",
                "ecr",
                "describe-repositories",
                "--query",
                "repositories[].repositoryName",
                "--output",
                "text",
            ).strip(),
            "cli",
        )
        self.assertIn(
            "RepositoryAlreadyExistsException",
            self.run_program(
                "aws", "ecr", "create-repository", "--repository-name", "cli", status=(254, 255)
            ),
        )
        self.assertEqual(
            self.run_program(
                "aws", "sts", "get-caller-identity", "--query", "Account", "--output", "text"
            ).strip(),
            support.ACCOUNT,
        )
        self.assertEqual(
            self.run_program(
                "aws",
                "--endpoint-url",
                support.URL,
                "ecr",
                "describe-repositories",
                "--query",
                "length(repositories)",
            ).strip(),
            "1",
        )
        self.assertEqual(support.log("refused=1"), [])

    @unittest.skipUnless(shutil.which("terraform"), "terraform is not installed")
    def test_terraform_s3_backend(self):
        for path_style in ("false", "true"):
            with self.subTest(
                use_path_style=path_style
            ), tempfile.TemporaryDirectory() as directory:
                self.terraform(directory, path_style)
                self.assertEqual(support.log("refused=1"), [])

    def terraform(self, directory, path_style):
        def terraform(*arguments, status=(0,)):
            return self.run_program(
                "terraform",
                arguments[0],
                "-no-color",
                "-input=false",
                *arguments[1:],
                status=status,
                cwd=directory,
                env={**os.environ, "CHECKPOINT_DISABLE": "1"},
            )

        def write(more=""):
            with open(os.path.join(directory, "main.tf"), "w", encoding="utf-8") as file:
                file.write(BACKEND % (BUCKET, support.REGION, path_style, more))

        s3 = support.client("s3")
        lock = {"Bucket": BUCKET, "Key": "staging/ecr/terraform.tfstate.tflock"}
        write()
        terraform("init")
        terraform("apply", "-auto-approve")
        terraform("plan", "-detailed-exitcode")
        s3.put_object(Body=b"{}", **lock)
        self.assertIn("state lock", terraform("plan", status=(1,)))
        s3.delete_object(**lock)
        terraform("destroy", "-auto-approve")
        keys = [item["Key"] for item in s3.list_objects_v2(Bucket=BUCKET)["Contents"]]
        self.assertEqual(keys, ["staging/ecr/terraform.tfstate"])


if __name__ == "__main__":
    unittest.main()
