/* The services that credentials come from. The partition aws-us-gov is older than the rule that
 * FIPS hosts have names of their own. */
#include "aws/aws.h"

static const char *const legacy_regions[] = {
    "ap-northeast-1", "ap-south-1",   "ap-southeast-1", "ap-southeast-2", "aws-global",
    "ca-central-1",   "eu-central-1", "eu-north-1",     "eu-west-1",      "eu-west-2",
    "eu-west-3",      "sa-east-1",    "us-east-1",      "us-east-2",      "us-west-1",
    "us-west-2",      NULL,
};

const struct aws_service aws_sts = {
    .id = "STS",
    .signing_name = "sts",
    .hosts = {"sts.{region}.{dns}", "sts-fips.{region}.{dns}", "sts.{region}.{dual}",
              "sts-fips.{region}.{dual}"},
    .gov_fips = "sts.{region}.{dns}",
    .global = "sts.amazonaws.com",
    .legacy_regions = legacy_regions,
};

const struct aws_service aws_sso = {
    .id = "SSO",
    .signing_name = "awsssoportal",
    .hosts = {"portal.sso.{region}.{dns}", "portal.sso-fips.{region}.{dns}",
              "portal.sso.{region}.{dual}", "portal.sso-fips.{region}.{dual}"},
    .gov_fips = "portal.sso.{region}.{dns}",
};

const struct aws_service aws_sso_oidc = {
    .id = "SSO OIDC",
    .signing_name = "sso-oauth",
    .hosts = {"oidc.{region}.{dns}", "oidc-fips.{region}.{dns}", "oidc.{region}.{dual}",
              "oidc-fips.{region}.{dual}"},
    .gov_fips = "oidc.{region}.{dns}",
};

const struct aws_service aws_signin = {
    .id = "Signin",
    .signing_name = "signin",
    .hosts = {"{region}.signin.{console}", "signin-fips.{region}.{dns}", "signin.{region}.{dual}",
              "signin-fips.{region}.{dual}"},
    .gov_fips = "{region}.signin-fips.{console}",
};
