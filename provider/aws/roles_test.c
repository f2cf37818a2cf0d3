/* Roles: what STS is asked, with whose signature, and what is said when it does not give one. */
#include "aws/look_test.h"
#include "base/test.h"

#include <errno.h>
#include <string.h>

#define SESSION(key, credentials)                                                             \
    "<Response><Result><Credentials><AccessKeyId>" key "</AccessKeyId>"                       \
    "<SecretAccessKey>S-role</SecretAccessKey>" credentials "</Credentials><AssumedRoleUser>" \
    "<Arn>arn:aws:sts::210987654321:assumed-role/r/s</Arn></AssumedRoleUser></Result></Response>"
#define GIVEN(key)                                                    \
    STATUS(200, SESSION(key, "<SessionToken>T-\n role</SessionToken>" \
                             "<Expiration>2030-01-01T00:00:00Z</Expiration>"))
#define REFUSED(code, message)                                                              \
    STATUS(403, "<ErrorResponse><Error><Code>" code "</Code><Message>" message "</Message>" \
                "</Error><RequestId>r-1</RequestId></ErrorResponse>")

#define ARN "arn:aws:iam::210987654321:role/r"

static const struct aws_settings keys = {
    .region = "eu-west-1", .access_key = "AKIDBLOCK", .secret_key = "S-block"};

static const char *sent(const struct look *l)
{
    return (const char *)l->http.last.body.data;
}

TEST(role__is_asked_for_with_all_that_the_block_says)
{
    const struct aws_role roles[] = {
        {.role_arn = ARN,
         .external_id = "e 1",
         .policy = "{}",
         .session_name = "deploy",
         .source_identity = "ann",
         .duration_s = 900,
         .policy_arns = (const char *const[]){"arn:aws:iam::aws:policy/p", NULL},
         .tags = (const char *const[]){"team", "a", "stage", "b", NULL},
         .transitive_tag_keys = (const char *const[]){"team", NULL}},
        {0}};
    struct aws_settings settings = keys;
    settings.roles = roles;
    struct look *l = LOOK(a, GIVEN("ASIAROLE"));
    look_for(l, a, &settings);
    CHECK(l->found);
    CHECK_TEXT(l->http.last.url, "https://sts.eu-west-1.amazonaws.com/");
    CHECK_HAS(fake_sent(&l->http, "Authorization"), "Credential=AKIDBLOCK/");
    CHECK_HAS(sent(l), "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam");
    CHECK_HAS(sent(l), "&RoleSessionName=deploy&ExternalId=e%201&DurationSeconds=900&Policy=%7B");
    CHECK_HAS(sent(l), "&PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2Fp");
    CHECK_HAS(sent(l), "&SourceIdentity=ann&Tags.member.1.Key=team&Tags.member.1.Value=a"
                       "&Tags.member.2.Key=stage&Tags.member.2.Value=b"
                       "&TransitiveTagKeys.member.1=team");
}

TEST(role__session_has_its_key_token_account_and_end)
{
    const struct aws_role roles[] = {{.role_arn = ARN}, {0}};
    struct aws_settings settings = keys;
    settings.roles = roles;
    struct look *l = LOOK(a, GIVEN("ASIAROLE"));
    look_for(l, a, &settings);
    CHECK(l->found);
    CHECK_TEXT(l->credentials.access_key_id, "ASIAROLE");
    CHECK_TEXT(l->credentials.session_token, "T-role");
    CHECK_TEXT(l->credentials.account_id, "210987654321");
    CHECK_TEXT(l->credentials.source, "assumed role");
    CHECK(l->credentials.expires_ms == 1893456000000);
    CHECK_HAS(sent(l), "&RoleSessionName=terraform-1440938160000");
    CHECK(!strstr(sent(l), "Tags"));
    CHECK(!strstr(sent(l), "DurationSeconds"));
}

TEST(role__each_of_a_chain_is_asked_for_with_the_one_before)
{
    const struct aws_role roles[] = {{.role_arn = ARN "1"}, {.role_arn = ARN "2"}, {0}};
    struct aws_settings settings = keys;
    settings.roles = roles;
    settings.sts_region = "us-east-2";
    struct look *l = LOOK(a, GIVEN("ASIAFIRST"), GIVEN("ASIASECOND"));
    look_for(l, a, &settings);
    CHECK(l->found);
    CHECK_TEXT(l->credentials.access_key_id, "ASIASECOND");
    CHECK_INT(l->http.requests, 2);
    CHECK_TEXT(l->http.last.url, "https://sts.us-east-2.amazonaws.com/");
    CHECK_HAS(fake_sent(&l->http, "Authorization"), "Credential=ASIAFIRST/");
    CHECK_TEXT(fake_sent(&l->http, "X-Amz-Security-Token"), "T-role");
    CHECK(!credentials_region(l->provider, a));
}

TEST(role__that_is_refused_says_which_for_whom_and_why)
{
    const struct aws_role roles[] = {{.role_arn = ARN "1"}, {.role_arn = ARN "2"}, {0}};
    struct aws_settings settings = keys;
    settings.roles = roles;
    struct look *l = LOOK(a, GIVEN("ASIAFIRST"), REFUSED("AccessDenied", "not you"));
    look_for(l, a, &settings);
    CHECK(!l->found);
    CHECK_TEXT(l->problem.summary, "Cannot assume IAM Role");
    CHECK_TEXT(l->problem.attribute, "assume_role[1].role_arn");
    CHECK_HAS(l->problem.detail, "role " ARN "2 be assumed (with credentials from: assumed role).");
    CHECK_HAS(l->problem.detail, "Error: AccessDenied: not you (request id r-1)");
    CHECK(!strstr(l->problem.detail, "S-role"));
    CHECK(!strstr(l->problem.detail, "T-role"));
}

static void check_unusable(struct arena *a, const char *answer, const char *part)
{
    const struct aws_role roles[] = {{.role_arn = ARN}, {0}};
    struct aws_settings settings = keys;
    settings.roles = roles;
    struct look *l = LOOK(a, STATUS(200, answer));
    look_for(l, a, &settings);
    CHECK(!l->found);
    CHECK_HAS(l->problem.detail, part);
    CHECK(!strstr(l->problem.detail, "S-role"));
}

TEST(role__answers_that_lack_something_are_told)
{
    check_unusable(a, "<Response><Result/></Response>", "Error: the answer has no AccessKeyId");
    check_unusable(a, SESSION("ASIA", ""), "Error: the answer of STS has no SessionToken");
    check_unusable(a,
                   SESSION("ASIA", "<SessionToken>t</SessionToken><Expiration>soon</Expiration>"),
                   "Error: Expiration in the answer is no time such as 2026-01-31T08:00:00Z");
    check_unusable(a,
                   SESSION("ASIA", "<SessionToken>t</SessionToken>"
                                   "<Expiration>2001-01-01T00:00:00Z</Expiration>"),
                   "had already expired, by this machine's clock");
}

TEST(role__that_nobody_can_be_asked_for_says_so)
{
    const struct aws_role roles[] = {{.role_arn = ARN}, {0}};
    struct aws_settings settings = keys;
    settings.roles = roles;
    struct look *l = LOOK(a, NOBODY);
    look_for(l, a, &settings);
    CHECK_INT(l->http.requests, 3);
    CHECK_HAS(l->problem.detail, "Error: no route");
    l = LOOK(a, STOPPED);
    look_for(l, a, &settings);
    CHECK_INT(l->http.requests, 1);
    CHECK_HAS(l->problem.detail, "Error: Terraform asked to stop");
}

TEST(role__needs_a_region_and_an_address_of_sts)
{
    const struct aws_role roles[] = {{.role_arn = ARN}, {0}};
    struct aws_settings settings = keys;
    settings.roles = roles;
    settings.region = NULL;
    struct look *l = LOOK(a, GIVEN("ASIAROLE"));
    look_for(l, a, &settings);
    CHECK_HAS(l->problem.detail, "STS is asked in a region, and none is configured: set region in "
                                 "the provider block, or AWS_REGION");
    settings.region = "eu-west-1";
    settings.endpoints = (const char *const[]){"STS", "ftp://sts", NULL};
    l = LOOK(a, GIVEN("ASIAROLE"));
    look_for(l, a, &settings);
    CHECK_HAS(l->problem.detail, "The endpoint from the argument endpoints must be a URL");
    CHECK_INT(l->http.requests, 0);
}

/* Of the provider block, with the environment beside it. */
static struct look *web(struct arena *a, const struct aws_web_identity *identity,
                        const char *const *variables, const struct fake_file *files)
{
    struct aws_settings *settings = arena_alloc(a, sizeof *settings);
    *settings = (struct aws_settings){.region = "eu-west-1", .web_identity = identity};
    struct look *l = LOOK(a, GIVEN("ASIAWEB"));
    l->os.variables = variables;
    l->os.files = files;
    look_for(l, a, settings);
    return l;
}

TEST(web_identity__is_asked_for_without_a_signature)
{
    const struct aws_web_identity identity = {
        .role_arn = ARN,
        .session_name = "ci",
        .token = "J-token",
        .policy = "{}",
        .duration_s = 3600,
        .policy_arns = (const char *const[]){"arn:aws:iam::aws:policy/p", NULL}};
    struct look *l = web(a, &identity, NULL, NULL);
    CHECK(l->found);
    CHECK_TEXT(l->credentials.source, "web identity");
    CHECK_TEXT(fake_sent(&l->http, "Authorization"), "");
    CHECK_HAS(sent(l), "Action=AssumeRoleWithWebIdentity&");
    CHECK_HAS(sent(l), "&RoleSessionName=ci&WebIdentityToken=J-token&DurationSeconds=3600&Policy=");
    CHECK_HAS(sent(l), "&PolicyArns.member.1.arn=");
}

TEST(web_identity__of_the_block_is_completed_by_the_environment)
{
    static const char *const variables[] = {"HOME",
                                            "/h",
                                            "AWS_ROLE_ARN",
                                            ARN,
                                            "AWS_ROLE_SESSION_NAME",
                                            "pipeline",
                                            "AWS_WEB_IDENTITY_TOKEN_FILE",
                                            "~/token",
                                            NULL};
    static const struct fake_file files[] = {{"/h/token", " \nJ-file\r\n", 0}, {0}};
    const struct aws_web_identity empty = {0};
    struct look *l = web(a, &empty, variables, files);
    CHECK(l->found);
    CHECK_HAS(sent(l), "&RoleSessionName=pipeline&WebIdentityToken=J-file");
}

TEST(web_identity__says_what_it_lacks)
{
    const struct aws_web_identity no_role = {.token = "J-token"}, no_token = {.role_arn = ARN};
    struct look *l = web(a, &no_role, NULL, NULL);
    CHECK(!l->found);
    CHECK_TEXT(l->problem.summary, "Cannot assume IAM Role with web identity");
    CHECK_TEXT(l->problem.attribute, "assume_role_with_web_identity");
    CHECK_HAS(l->problem.detail, "Neither role_arn nor the environment variable AWS_ROLE_ARN");
    CHECK_HAS(web(a, &no_token, NULL, NULL)->problem.detail,
              "Neither web_identity_token nor web_identity_token_file is set");
    static const char *const half[] = {"AWS_WEB_IDENTITY_TOKEN_FILE", "/t", NULL};
    CHECK_HAS(web(a, NULL, half, NULL)->problem.detail,
              "AWS_WEB_IDENTITY_TOKEN_FILE is set but AWS_ROLE_ARN is not");
}

TEST(web_identity__token_file_that_is_of_no_use_is_named)
{
    const struct aws_web_identity identity = {.role_arn = ARN, .token_file = "/t"};
    static const struct fake_file empty[] = {{"/t", " \n", 0}, {0}};
    static const struct fake_file secret[] = {{"/t", NULL, EACCES}, {0}};
    struct look *l = web(a, &identity, NULL, empty);
    CHECK_HAS(l->problem.detail, "Error: the token file /t is empty");
    CHECK_HAS(l->problem.detail, "role " ARN " be assumed with the token of the file /t.");
    CHECK_TEXT(l->problem.attribute, "assume_role_with_web_identity[0].role_arn");
    CHECK_INT(l->http.requests, 0);
    CHECK_HAS(web(a, &identity, NULL, secret)->problem.detail,
              "Error: the token file /t cannot be read: Permission denied");
}

TEST(web_identity__that_is_refused_does_not_show_its_token)
{
    const struct aws_web_identity identity = {.role_arn = ARN, .token = "J-token"};
    const struct aws_settings settings = {.region = "eu-west-1", .web_identity = &identity};
    struct look *l = LOOK(a, REFUSED("InvalidIdentityToken", "no such provider"));
    look_for(l, a, &settings);
    CHECK(!l->found);
    CHECK_INT(l->http.requests, 3); /* STS may know the provider a moment later */
    CHECK_HAS(l->problem.detail, "be assumed with the token that is configured.");
    CHECK_HAS(l->problem.detail, "Error: InvalidIdentityToken: no such provider");
    CHECK(!strstr(l->problem.detail, "J-token"));
}
