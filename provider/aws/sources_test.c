/* What profiles may say about credentials, in files of a machine that is played: who is asked, and
 * the texts for those who made a mistake. */
#include "aws/look_test.h"
#include "base/test.h"
#include "value/json.h"

#include <errno.h>
#include <string.h>

#define KEYS "aws_access_key_id = AKID\naws_secret_access_key = S-file\n"
#define ROLE "role_arn = arn:aws:iam::210987654321:role/r\n"

/* The profile, "default" unless it is named, in a file of this text. */
static struct look *look_at(struct arena *a, const char *text, const char *profile, struct look *l)
{
    static const char *const with_keys[] = {
        "HOME", "/h", "AWS_ACCESS_KEY_ID", "AKIDENV", "AWS_SECRET_ACCESS_KEY", "S-env", NULL};
    static const char *const plain[] = {"HOME", "/h", NULL};
    struct aws_settings *settings = arena_alloc(a, sizeof *settings);
    struct fake_file *files = arena_array(a, 2, sizeof *files);
    *settings = (struct aws_settings){.region = "eu-west-1", .profile = profile};
    files[0] = (struct fake_file){"/h/.aws/config", text, 0};
    l->os.variables = profile ? with_keys : plain;
    l->os.files = files;
    look_for(l, a, settings);
    return l;
}

TEST(sources__mistakes_in_a_profile_are_told)
{
    static const char *const cases[][2] = {
        {"[default]\n" ROLE, "profile \"default\" has role_arn but neither source_profile nor "
                             "credential_source, so nobody can ask for the role"},
        {"[default]\nsource_profile = x\n",
         "profile \"default\" has source_profile but no role_arn"},
        {"[default]\ncredential_source = Environment\n",
         "profile \"default\" has credential_source but no role_arn"},
        {"[default]\n" ROLE "source_profile = x\n",
         "profile \"default\" names source_profile \"x\", which does not exist"},
        {"[default]\n" ROLE "source_profile = x\n[profile x]\nregion = eu-west-1\n",
         "profile \"x\", which is the source_profile of \"default\", has no credentials"},
        {"[default]\n" ROLE "source_profile = x\n[profile x]\n" ROLE "source_profile = default\n",
         "the source_profile of profile \"x\" leads back to profile \"default\""},
        {"[default]\n" ROLE "source_profile = x\ncredential_source = Environment\n",
         "profile \"default\" has both source_profile and credential_source"},
        {"[default]\n" ROLE "credential_source = Nowhere\n",
         "profile \"default\" has credential_source \"Nowhere\"; there are Environment, "
         "EcsContainer and Ec2InstanceMetadata"},
        {"[default]\n" ROLE "credential_source = Environment\n",
         "profile \"default\" has credential_source Environment, but: AWS_ACCESS_KEY_ID and"},
        {"[default]\nweb_identity_token_file = /t\n",
         "profile \"default\" has web_identity_token_file but no role_arn"},
        {"[default]\n" ROLE "mfa_serial = m\nsource_profile = x\n[profile x]\n" KEYS,
         "profile \"default\" has mfa_serial, but nobody can be asked for the code"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct look *l = look_at(a, cases[i][0], NULL, LOOK(a, NOBODY));
        CHECK(!l->found);
        CHECK_HAS(l->problem.detail, cases[i][1]);
        CHECK_HAS(l->problem.detail, "(in /h/.aws/config or /h/.aws/credentials)");
        CHECK_INT(l->http.requests, 0);
    }
}

TEST(sources__a_chain_of_profiles_has_an_end)
{
    const char *text = "[default]\n" ROLE "source_profile = p1\n";
    for (int i = 1; i < 40; i++)
        text = arena_printf(a, "%s[profile p%d]\n" ROLE "source_profile = p%d\n", text, i, i + 1);
    struct look *l = look_at(a, text, NULL, LOOK(a, NOBODY));
    CHECK_HAS(l->problem.detail, "more than 32 profiles name each other as source_profile");
}

static const char given_role[] =
    "<Response><Result><Credentials><AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>S"
    "</SecretAccessKey><SessionToken>T</SessionToken></Credentials></Result></Response>";

TEST(sources__a_role_is_asked_for_with_the_keys_of_its_source)
{
    struct look *l = look_at(a,
                             "[default]\n" ROLE "source_profile = x\nexternal_id = e\n"
                             "duration_seconds = 1800\n[profile x]\n" KEYS,
                             NULL, LOOK(a, STATUS(200, given_role)));
    CHECK(l->found);
    CHECK_TEXT(l->credentials.access_key_id, "ASIAROLE");
    CHECK_HAS(fake_sent(&l->http, "Authorization"), "Credential=AKID/");
    CHECK_HAS((const char *)l->http.last.body.data, "&ExternalId=e&DurationSeconds=1800");
}

TEST(sources__a_role_is_asked_for_with_the_keys_of_the_environment)
{
    struct look *l =
        look_at(a, "[profile p]\n" ROLE "credential_source = Environment\nduration_seconds = 3x\n",
                "p", LOOK(a, STATUS(200, given_role)));
    CHECK(l->found);
    CHECK_HAS(fake_sent(&l->http, "Authorization"), "Credential=AKIDENV/");
    CHECK(!strstr((const char *)l->http.last.body.data, "DurationSeconds"));
}

TEST(sources__a_web_identity_stands_in_a_profile_too)
{
    struct look *l =
        look_at(a, "[default]\n" ROLE "web_identity_token_file = /t\nrole_session_name = ci\n",
                NULL, LOOK(a, NOBODY));
    CHECK_HAS(l->problem.detail, "the token file /t cannot be read: No such file or directory");
}

/* The machine's program ends so. */
static struct look *run(struct arena *a, struct os_exit exit)
{
    struct look *l = LOOK(a, NOBODY);
    if (exit.output.data)
        exit.output.size = strlen((const char *)exit.output.data);
    l->os.exit = exit;
    return look_at(a,
                   "[default]\ncredential_process = tool --password hunter2\n"
                   "aws_account_id = 111122223333\n",
                   NULL, l);
}

#define PRINTS(text)                                           \
    (struct os_exit)                                           \
    {                                                          \
        .end = OS_EXITED, .output.data = (const uint8_t *)text \
    }

TEST(process__gives_credentials)
{
    struct look *l =
        run(a, PRINTS("{\"Version\":1,\"AccessKeyId\":\"AKIDPROC\",\"SecretAccessKey\":"
                      "\"S\",\"Expiration\":\"2030-01-01T00:00:00Z\"}"));
    CHECK(l->found);
    CHECK_TEXT(l->credentials.access_key_id, "AKIDPROC");
    CHECK_TEXT(l->credentials.account_id, "111122223333");
    CHECK_TEXT(l->credentials.source, "credential_process");
    CHECK(l->credentials.expires_ms == 1893456000000);
}

TEST(process__that_fails_is_told_without_its_arguments_and_output)
{
    static const struct {
        struct os_exit exit;
        const char *part;
    } cases[] = {
        {{.end = OS_EXITED, .status = 3, .output.data = (const uint8_t *)"S-out"},
         "ended with status 3; run it by hand"},
        {{.end = OS_NOT_STARTED, .status = EMFILE}, "could not be started: Too many open files"},
        {{.end = OS_TIMED_OUT}, "had not ended after 60 seconds, and was killed"},
        {{.end = OS_STOPPED}, "was killed, because Terraform asked to stop"},
        {{.end = OS_TOO_LARGE}, "printed more than credentials"},
        {{.output.data = (const uint8_t *)"S-out"}, "printed no JSON"},
        {{.output.data = (const uint8_t *)"{\"Version\":2}"},
         "printed JSON whose Version is not 1"},
        {{.output.data = (const uint8_t *)"{\"Version\":1,\"AccessKeyId\":\"A\"}"},
         "profile \"default\": the answer has no SecretAccessKey"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct look *l = run(a, cases[i].exit);
        CHECK(!l->found);
        CHECK_HAS(l->problem.detail, "credential_process of profile \"default\"");
        CHECK_HAS(l->problem.detail, cases[i].part);
        CHECK(!strstr(l->problem.detail, "hunter2"));
        CHECK(!strstr(l->problem.detail, "S-out"));
    }
}

#define SSO                                                                               \
    "[default]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = dev\n" \
    "[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp.example.com\n"

TEST(sso__mistakes_in_a_profile_are_told)
{
    static const char *const cases[][2] = {
        {"[default]\nsso_session = corp\n", "profile \"default\" names sso_session \"corp\", but "
                                            "there is no section [sso-session corp]"},
        {"[default]\nsso_session = corp\nsso_region = eu-west-2\n[sso-session corp]\n"
         "sso_region = eu-west-1\n",
         "profile \"default\" has an sso_region other than its sso_session \"corp\"; write it in "
         "[sso-session corp] only"},
        {"[default]\nsso_session = corp\n[sso-session corp]\nsso_start_url = u\n",
         "sso-session \"corp\" is set up for SSO but lacks sso_region"},
        {"[default]\nsso_region = eu-west-1\nsso_account_id = 1\n",
         "profile \"default\" is set up for SSO but lacks sso_start_url"},
        {"[default]\nsso_region = eu-west-1\nsso_start_url = u\nsso_role_name = r\n",
         "lacks sso_account_id (sso_role_name is set)"},
        {"[default]\nsso_region = eu-west-1\nsso_start_url = u\nsso_account_id = 1\n",
         "lacks sso_role_name (sso_account_id is set)"},
        {"[default]\nsso_region = eu-west-1\nsso_start_url = u\n",
         "lacks sso_account_id and sso_role_name"},
        {"[default]\nsso_session = corp\n[sso-session corp]\nsso_region = eu-west-1\n"
         "sso_start_url = u\n",
         "profile \"default\" has neither sso_account_id nor sso_role_name, so signing in gives it "
         "a token, but no credentials"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct look *l = look_at(a, cases[i][0], NULL, LOOK(a, NOBODY));
        CHECK(!l->found);
        CHECK_HAS(l->problem.detail, cases[i][1]);
        CHECK_INT(l->http.requests, 0);
    }
}

/* With the token's file beside the profile. */
static struct look *sso(struct arena *a, const char *config, struct look *l)
{
    static const struct aws_settings settings = {.region = "eu-west-1"};
    static const char *const variables[] = {"HOME", "/h", NULL};
    struct fake_file *files = arena_array(a, 3, sizeof *files);
    files[0] = (struct fake_file){"/h/.aws/config", config, 0};
    files[1] =
        (struct fake_file){"/h/.aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json",
                           "{\"accessToken\":\"T-sso\",\"expiresAt\":\"2030-01-01T00:00:00Z\"}", 0};
    l->os.variables = variables;
    l->os.files = files;
    look_for(l, a, &settings);
    CHECK(l->found || !strstr(l->problem.detail, "T-sso"));
    return l;
}

TEST(sso__asks_for_the_role_with_the_token)
{
    struct look *l = sso(a, SSO,
                         LOOK(a, STATUS(200, "{\"roleCredentials\":{\"accessKeyId\":\"ASIASSO\","
                                             "\"secretAccessKey\":\"S\",\"sessionToken\":\"T\","
                                             "\"expiration\":1893456000000}}")));
    CHECK(l->found);
    CHECK_TEXT(l->credentials.access_key_id, "ASIASSO");
    CHECK_TEXT(l->credentials.account_id, "111122223333");
    CHECK(l->credentials.expires_ms == 1893456000000);
    CHECK_TEXT(l->http.last.url, "https://portal.sso.eu-west-1.amazonaws.com/federation/credentials"
                                 "?role_name=dev&account_id=111122223333");
    CHECK_TEXT(fake_sent(&l->http, "x-amz-sso_bearer_token"), "T-sso");
    CHECK_TEXT(fake_sent(&l->http, "Authorization"), "");
}

TEST(sso__refusals_say_what_to_do)
{
    static const struct http_header headers[] = {{"x-amzn-RequestId", "r-1"}, {0}};
    static const struct fake_answer
        over = STATUS(401, "{\"__type\":\"UnauthorizedException\",\"message\":\"over\"}"),
        no_role = {.response = {.sent = true, .status = 403, .headers = headers},
                   .body = "{\"__type\":\"ForbiddenException\",\"message\":\"no\"}"};
    CHECK_HAS(sso(a, SSO, LOOK(a, over))->problem.detail,
              "AWS no longer accepts the SSO session (UnauthorizedException: over). Run \"aws sso "
              "login --profile default\", then Terraform again");
    CHECK_HAS(
        sso(a, SSO, LOOK(a, no_role))->problem.detail,
        "AWS refuses the role dev in account 111122223333 (ForbiddenException: no, request id "
        "r-1). Check sso_role_name and sso_account_id of profile \"default\"");
    CHECK_HAS(sso(a, SSO, LOOK(a, NOBODY))->problem.detail, "IAM Identity Center (SSO): no route");
    CHECK_HAS(sso(a, SSO, LOOK(a, STATUS(200, "{}")))->problem.detail,
              "the answer has no accessKeyId");
    CHECK_HAS(sso(a, SSO "[default]\nendpoint_url = ftp://x\n", LOOK(a, NOBODY))->problem.detail,
              "The endpoint from the profile's endpoint_url must be a URL");
}
