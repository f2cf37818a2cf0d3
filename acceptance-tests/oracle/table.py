"""Environments and shared files, and nothing about what must come of them: botocore says that. Where the
provider deliberately does otherwise (it follows hashicorp/aws, as Terraform's users know it), a row
says what AWS sees then, and why.

In texts {url} is the local ECR's plain endpoint, {home} the row's home directory. Each name in KEYS is a
user whose keys AWS knows."""

from dataclasses import dataclass, field
from textwrap import dedent

KEYS = ("env", "file", "config", "work", "home", "base", "other")
ROLE = "arn:aws:iam::222222222222:role/push"


def key_id(name):
    return f"AKIA{name.upper()}"


def secret(name):
    return f"secret-access-key-of-{name}"


def env(name):
    """The keys as variables."""
    return {"AWS_ACCESS_KEY_ID": key_id(name), "AWS_SECRET_ACCESS_KEY": secret(name)}


def lines(name):
    """The keys as lines of a profile."""
    return f"aws_access_key_id = {key_id(name)}\naws_secret_access_key = {secret(name)}\n"


REGION = {"AWS_REGION": "eu-central-1", "AWS_DEFAULT_REGION": "eu-central-1"}
GO_ORDER = "the Go SDK, and so hashicorp/aws, looks there first"


@dataclass
class Row:
    name: str
    env: dict = field(default_factory=dict)
    config: str = ""
    credentials: str = ""
    profile: str = None  # named in code: botocore's Session(profile_name), our argument
    region: str = None
    # How the provider differs, and why; "" as a value: it is an error.
    ours: dict = None
    why: str = None

    def __post_init__(self):
        self.config = dedent(self.config)
        self.credentials = dedent(self.credentials)


def profile(name, text=""):
    return f"[{name}]\n{text}"


CREDENTIALS = [
    Row("keys in the environment", {**REGION, **env("env")}),
    Row(
        "keys in the environment and in the default profile",
        {**REGION, **env("env")},
        credentials=profile("default", lines("file")),
    ),
    Row(
        "AWS_PROFILE and keys in the environment",
        {**REGION, **env("env"), "AWS_PROFILE": "work"},
        credentials=profile("work", lines("work")),
    ),
    Row(
        "a profile named in code and keys in the environment",
        {**REGION, **env("env")},
        credentials=profile("work", lines("work")),
        profile="work",
    ),
    Row(
        "a profile named in code and another in AWS_PROFILE",
        {**REGION, "AWS_PROFILE": "home"},
        credentials=profile("work", lines("work")) + profile("home", lines("home")),
        profile="work",
    ),
    Row(
        "AWS_PROFILE and AWS_DEFAULT_PROFILE",
        {**REGION, "AWS_PROFILE": "work", "AWS_DEFAULT_PROFILE": "home"},
        credentials=profile("work", lines("work")) + profile("home", lines("home")),
        ours={"caller": "user/work"},
        why=GO_ORDER,
    ),
    Row(
        "AWS_DEFAULT_PROFILE",
        {**REGION, "AWS_DEFAULT_PROFILE": "home"},
        credentials=profile("home", lines("home")) + profile("default", lines("file")),
    ),
    Row(
        "the default profile of the credentials file",
        REGION,
        credentials=profile("default", lines("file")),
    ),
    Row(
        "the default profile of the config file", REGION, config=profile("default", lines("config"))
    ),
    Row(
        "[profile default] in the config file",
        REGION,
        config=profile("profile default", lines("config")),
    ),
    Row(
        "[default] and [profile default] in the config file",
        REGION,
        config=profile("default", lines("other")) + profile("profile default", lines("config")),
    ),
    Row(
        "both files have the profile",
        REGION,
        config=profile("default", lines("config")),
        credentials=profile("default", lines("file")),
    ),
    Row(
        "a profile of the config file without the word profile",
        {**REGION, "AWS_PROFILE": "work"},
        config=profile("work", lines("work")),
    ),
    Row(
        "a profile of the credentials file with the word profile",
        {**REGION, "AWS_PROFILE": "work"},
        credentials=profile("profile work", lines("work")),
    ),
    Row(
        "the region in one file and the keys in the other",
        {"AWS_PROFILE": "work"},
        config=profile("profile work", "region = us-west-2\n"),
        credentials=profile("work", lines("work")),
    ),
    Row(
        "a profile with a space, a dot and a slash in its name",
        {**REGION, "AWS_PROFILE": "a.b/c@d"},
        credentials=profile("a.b/c@d", lines("work")),
    ),
    Row("a profile that is not there", {**REGION, "AWS_PROFILE": "nowhere"}),
    Row(
        "a profile named in code that is not there",
        {**REGION, **env("env")},
        profile="nowhere",
    ),
    Row("nothing at all", REGION),
    Row(
        "half a key in the environment, without the secret",
        {**REGION, "AWS_ACCESS_KEY_ID": key_id("env")},
        credentials=profile("default", lines("file")),
        ours={"caller": "user/file", "source": "shared files"},
        why="the Go SDK passes over half a key in the environment",
    ),
    Row(
        "half a key in the environment, without the id",
        {**REGION, "AWS_SECRET_ACCESS_KEY": secret("env")},
        credentials=profile("default", lines("file")),
    ),
    Row(
        "half a key in the credentials file",
        REGION,
        credentials=profile("default", f"aws_access_key_id = {key_id('file')}\n"),
    ),
    Row(
        "empty keys in the environment",
        {**REGION, "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""},
        credentials=profile("default", lines("file")),
    ),
    Row(
        "blank keys in the environment",
        {**REGION, "AWS_ACCESS_KEY_ID": " ", "AWS_SECRET_ACCESS_KEY": "\t"},
        credentials=profile("default", lines("file")),
        ours={"caller": "user/file", "source": "shared files"},
        why="blank counts as not set, as the other SDKs have it",
    ),
    Row(
        "the old names of the keys",
        {**REGION, "AWS_ACCESS_KEY": key_id("env"), "AWS_SECRET_KEY": secret("env")},
        ours={"caller": "user/env", "source": "environment"},
        why="the Go SDK still knows them",
    ),
    Row(
        "files elsewhere",
        {
            **REGION,
            "AWS_CONFIG_FILE": "{home}/.aws/config",
            "AWS_SHARED_CREDENTIALS_FILE": "~/.aws/credentials",
        },
        credentials=profile("default", lines("file")),
    ),
    Row(
        "files elsewhere that are not there",
        {**REGION, "AWS_CONFIG_FILE": "/nowhere", "AWS_SHARED_CREDENTIALS_FILE": "/nowhere"},
        credentials=profile("default", lines("file")),
    ),
    Row(
        "a role on top of a source profile",
        {**REGION, "AWS_PROFILE": "work"},
        config=profile("profile work", f"role_arn = {ROLE}\nsource_profile = base\n"),
        credentials=profile("base", lines("base")),
    ),
    Row(
        "a role on top of a source profile, keys in the environment",
        {**REGION, **env("env"), "AWS_PROFILE": "work"},
        config=profile("profile work", f"role_arn = {ROLE}\nsource_profile = base\n"),
        credentials=profile("base", lines("base")),
    ),
    Row(
        "a role and keys in the same profile, its own source",
        REGION,
        config=profile(
            "default", f"role_arn = {ROLE}\nsource_profile = default\n{lines('config')}"
        ),
    ),
    Row(
        "a role whose source profile has a role and keys",
        {**REGION, "AWS_PROFILE": "work"},
        config=profile("profile work", f"role_arn = {ROLE}\nsource_profile = base\n")
        + profile(
            "profile base",
            "role_arn = arn:aws:iam::333333333333:role/base\nsource_profile = base\n"
            + lines("base"),
        ),
    ),
    Row(
        "a role without a source",
        REGION,
        config=profile("default", f"role_arn = {ROLE}\n"),
    ),
    Row(
        "roles in a circle",
        {**REGION, "AWS_PROFILE": "a"},
        config=profile("profile a", f"role_arn = {ROLE}\nsource_profile = b\n")
        + profile("profile b", f"role_arn = {ROLE}\nsource_profile = a\n"),
    ),
    Row(
        "credential_source = Environment in a profile named in code",
        {**REGION, **env("env")},
        config=profile("profile work", f"role_arn = {ROLE}\ncredential_source = Environment\n"),
        profile="work",
    ),
    Row(
        "a container",
        {**REGION, "AWS_CONTAINER_CREDENTIALS_FULL_URI": "{url}/v1/credentials"},
    ),
    Row(
        "a container and a profile",
        {**REGION, "AWS_CONTAINER_CREDENTIALS_FULL_URI": "{url}/v1/credentials"},
        credentials=profile("default", lines("file")),
    ),
    Row(
        "a container and keys in the environment",
        {**REGION, **env("env"), "AWS_CONTAINER_CREDENTIALS_FULL_URI": "{url}/v1/credentials"},
    ),
    Row(
        "an instance",
        {
            **REGION,
            "AWS_EC2_METADATA_DISABLED": "false",
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": "{url}/",
        },
    ),
    Row(
        "an instance that is not to be asked",
        {
            **REGION,
            "AWS_EC2_METADATA_DISABLED": "TRUE",
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": "{url}",
        },
    ),
    Row(
        "an instance and a container",
        {
            **REGION,
            "AWS_EC2_METADATA_DISABLED": "false",
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": "{url}",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": "{url}/v1/credentials",
        },
    ),
    Row(
        "a process",
        REGION,
        config=profile(
            "default",
            'credential_process = echo \'{"Version": 1, "AccessKeyId": "%s", "SecretAccessKey": "%s"}\'\n'
            % (key_id("other"), secret("other")),
        ),
    ),
    Row(
        "a process and keys in the same profile",
        REGION,
        config=profile("default", "credential_process = /bin/false\n" + lines("config")),
        ours={"caller": "user/config", "source": "shared files"},
        why="static keys come before a process in the Go SDK; in botocore the config file's come after",
    ),
]

GRAMMAR = [
    Row(
        "comments and blank lines",
        {},
        config="""
            # a comment
            ; another

            [default]
            # region = us-east-1
            region = us-west-2
            ; output = json
        """,
        credentials=profile("default", lines("file")),
    ),
    Row(
        "blanks around the equals sign, and none",
        {},
        config="[default]\nregion=us-west-2\noutput   =   json  \n",
        credentials=profile("default", lines("file").replace(" = ", "=")),
    ),
    Row(
        "a comment behind a value",
        {},
        config="[default]\nregion = us-west-2 # here\n",
        credentials=profile("default", lines("file")),
        ours={"region": "us-west-2"},
        why="botocore takes the comment for a part of the value; the shared grammar cuts it",
    ),
    Row(
        "keys in capitals",
        {},
        config="[default]\nREGION = us-west-2\n",
        credentials=profile(
            "default", lines("file").replace("aws_access_key_id", "AWS_Access_Key_Id")
        ),
    ),
    Row(
        "a continued value",
        {},
        config="[default]\noutput = one\n  two\nregion = us-west-2\n",
        credentials=profile("default", lines("file")),
    ),
    Row(
        "nested properties",
        {},
        config="[default]\ns3 =\n  max_concurrent_requests = 20\n  region = us-east-1\nregion = us-west-2\n",
        credentials=profile("default", lines("file")),
    ),
    Row(
        "line ends of Windows",
        {},
        config="[default]\r\nregion = us-west-2\r\n",
        credentials=profile("default", lines("file")).replace("\n", "\r\n"),
    ),
    Row(
        "a section with a tab and blanks",
        {"AWS_PROFILE": "work"},
        config="[profile\twork]\nregion = us-west-2\n",
        credentials=profile("work", lines("work")),
    ),
    Row(
        "other sections",
        {"AWS_PROFILE": "work"},
        config="[plugins]\nx = y\n[sso-session s]\nsso_region = us-east-1\n[profile work]\nregion = us-west-2\n",
        credentials=profile("work", lines("work")),
    ),
    Row(
        "a value with an equals sign",
        REGION,
        credentials=profile("default", lines("file")) + "x = a=b=c\n",
    ),
    Row(
        "no last line end",
        {},
        config="[default]\nregion = us-west-2",
        credentials=profile("default", lines("file")).rstrip("\n"),
    ),
    Row(
        "a line that is nothing",
        REGION,
        config="[default]\nwhat is this\n",
        credentials=profile("default", lines("file")),
    ),
    Row(
        "a section that does not end",
        REGION,
        config="[default\nregion = us-west-2\n",
        credentials=profile("default", lines("file")),
    ),
]

REGIONS = [
    Row("AWS_DEFAULT_REGION", {**env("env"), "AWS_DEFAULT_REGION": "us-west-2"}),
    Row(
        "AWS_REGION",
        {**env("env"), "AWS_REGION": "us-west-2"},
        ours={"caller": "user/env", "region": "us-west-2", "source": "environment"},
        why="botocore alone of the SDKs does not know AWS_REGION",
    ),
    Row(
        "AWS_REGION and AWS_DEFAULT_REGION",
        {**env("env"), "AWS_REGION": "us-west-2", "AWS_DEFAULT_REGION": "us-east-1"},
        ours={"region": "us-west-2"},
        why="botocore alone of the SDKs does not know AWS_REGION",
    ),
    Row(
        "a region in code and in the environment",
        {**env("env"), **REGION},
        region="us-west-2",
    ),
    Row(
        "a region in the environment and in the profile",
        {**env("env"), **REGION},
        config="[default]\nregion = us-west-2\n",
    ),
    Row(
        "the profile's region, keys of the environment",
        {**env("env"), "AWS_PROFILE": "work"},
        config="[default]\nregion = us-east-1\n[profile work]\nregion = us-west-2\n",
    ),
    Row("no region", env("env")),
    Row("an empty region", {**env("env"), "AWS_DEFAULT_REGION": "", "AWS_REGION": ""}),
    Row("a region with a newline", {**env("env")}, region="us-west-2\nx"),
    Row("a region of China", {**env("env")}, region="cn-north-1"),
    Row("a region of GovCloud", {**env("env")}, region="us-gov-west-1"),
    Row("a region of the European cloud", {**env("env")}, region="eusc-de-east-1"),
    Row("a region of an isolated partition", {**env("env")}, region="us-isob-east-1"),
]

ENDPOINTS = [
    Row("FIPS", {**env("env"), "AWS_USE_FIPS_ENDPOINT": "true"}, region="us-east-1"),
    Row("FIPS in capitals", {**env("env"), "AWS_USE_FIPS_ENDPOINT": "TRUE"}, region="us-east-1"),
    Row("no FIPS", {**env("env"), "AWS_USE_FIPS_ENDPOINT": "false"}, region="us-east-1"),
    Row(
        "FIPS by the profile",
        env("env"),
        config="[default]\nuse_fips_endpoint = true\n",
        region="us-east-1",
    ),
    Row(
        "dual-stack",
        {**env("env"), "AWS_USE_DUALSTACK_ENDPOINT": "true"},
        region="us-east-1",
    ),
    Row(
        "dual-stack by the profile, not by the environment",
        {**env("env"), "AWS_USE_DUALSTACK_ENDPOINT": "false"},
        config="[default]\nuse_dualstack_endpoint = true\n",
        region="us-east-1",
    ),
    Row(
        "FIPS and dual-stack",
        {
            **env("env"),
            "AWS_USE_DUALSTACK_ENDPOINT": "true",
            "AWS_USE_FIPS_ENDPOINT": "true",
        },
        region="us-gov-west-1",
    ),
    Row(
        "FIPS in GovCloud", {**env("env"), "AWS_USE_FIPS_ENDPOINT": "true"}, region="us-gov-east-1"
    ),
    Row(
        "dual-stack in China",
        {**env("env"), "AWS_USE_DUALSTACK_ENDPOINT": "true"},
        region="cn-north-1",
    ),
    Row("AWS_ENDPOINT_URL", {**env("env"), **REGION, "AWS_ENDPOINT_URL": "{url}"}),
    Row(
        "AWS_ENDPOINT_URL_ECR and AWS_ENDPOINT_URL",
        {
            **env("env"),
            **REGION,
            "AWS_ENDPOINT_URL_ECR": "{url}",
            "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        },
    ),
    Row(
        "AWS_ENDPOINT_URL with a path", {**env("env"), **REGION, "AWS_ENDPOINT_URL": "{url}/base"}
    ),
    Row(
        "AWS_ENDPOINT_URL with a path and a slash",
        {**env("env"), **REGION, "AWS_ENDPOINT_URL": "{url}/base/"},
    ),
    Row(
        "AWS_ENDPOINT_URL that is to be ignored",
        {
            **env("env"),
            **REGION,
            "AWS_ENDPOINT_URL": "{url}",
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
        },
    ),
    Row(
        "AWS_ENDPOINT_URL that the profile ignores",
        {**env("env"), **REGION, "AWS_ENDPOINT_URL": "{url}"},
        config="[default]\nignore_configured_endpoint_urls = true\n",
    ),
    Row(
        "endpoint_url of the profile",
        {**env("env"), **REGION},
        config="[default]\nendpoint_url = {url}\n",
    ),
    Row(
        "endpoint_url of a services section",
        {**env("env"), **REGION},
        config="[default]\nservices = s\nendpoint_url = http://127.0.0.1:9\n"
        "[services s]\necr =\n  endpoint_url = {url}\n",
    ),
    Row(
        "a services section of another profile",
        {**env("env"), **REGION, "AWS_PROFILE": "work"},
        config="[default]\nservices = s\n[profile work]\n[services s]\necr =\n  endpoint_url = {url}\n",
    ),
    Row(
        "a services section without ECR",
        {**env("env"), **REGION},
        config="[default]\nservices = s\n[services s]\ns3 =\n  endpoint_url = {url}\n",
    ),
    Row(
        "the environment's URL and a services section",
        {**env("env"), **REGION, "AWS_ENDPOINT_URL_ECR": "{url}"},
        config="[default]\nservices = s\n[services s]\necr =\n  endpoint_url = http://127.0.0.1:9\n",
    ),
    Row(
        "AWS_ENDPOINT_URL of the environment and a services section",
        {**env("env"), **REGION, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"},
        config="[default]\nservices = s\n[services s]\necr =\n  endpoint_url = {url}\n",
    ),
    Row(
        "a custom endpoint and FIPS",
        {**env("env"), **REGION, "AWS_ENDPOINT_URL": "{url}", "AWS_USE_FIPS_ENDPOINT": "true"},
    ),
    Row(
        "a custom endpoint and dual-stack",
        {**env("env"), **REGION, "AWS_ENDPOINT_URL": "{url}", "AWS_USE_DUALSTACK_ENDPOINT": "true"},
        ours={"caller": ""},
        why="botocore forgets dual-stack; the Go SDK, and so hashicorp/aws, refuses it",
    ),
]

ROWS = CREDENTIALS + GRAMMAR + REGIONS + ENDPOINTS
