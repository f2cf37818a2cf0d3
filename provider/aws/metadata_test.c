/* Where containers and machines are asked, by AWS's cases, and how, against a network that is
 * played. */
#include "aws/container.h"
#include "aws/fake_test.h"
#include "aws/imds.h"
#include "aws/look_test.h"
#include "aws/replay_test.h"
#include "aws/suite_test.h"
#include "base/test.h"

#include <string.h>

static const struct aws_settings nothing = {0};

static const char *compare(struct arena *a, const char *url, const char *reason,
                           const struct value *result)
{
    const char *wanted = value_text(result, "Ok");
    const char *error = value_text(result, "ErrorContains");
    const char *err = value_text(result, "Err");
    if (*wanted)
        return url && strcmp(url, wanted) == 0 ? NULL : url ? url : reason;
    if (url)
        return url;
    const char *lacks = replay_lacks(a, reason, *error ? error : err);
    return lacks && !strstr(reason, lacks) ? reason : NULL;
}

TEST(container__url_matches_the_cases_of_the_sdks)
{
    const char *path = test_vectors(a, "credentials/ecs-tests.json");
    struct suite suite = {.name = "container"};
    const struct value *tests = path ? value_member(fake_vectors(a, path), "tests") : &value_null;
    for (size_t i = 0; i < value_count(tests); i++) {
        const struct value *test = value_item(tests, i);
        struct fake_os os = fake_os();
        const char *reason = "";
        bool is_broken;
        os.variables = replay_variables(a, value_member(test, "env"));
        const char *url = container_url(a, &os.os, &reason, &is_broken);
        suite_case(&suite, value_text(test, "docs"),
                   compare(a, url, reason, value_member(test, "result")));
    }
    if (path)
        suite_end(&suite);
}

static const struct fake_file *files_of(struct arena *a, const struct value *map)
{
    struct fake_file *files = arena_array(a, value_count(map) + 1, sizeof *files);
    for (size_t i = 0; i < value_count(map); i++)
        files[i] = (struct fake_file){map->map.members[i].key, map->map.members[i].value->text, 0};
    return files;
}

static const char *text_or_null(const struct value *v, const char *name)
{
    const char *text = value_text(v, name);
    return *text ? text : NULL;
}

static const char *check_endpoint(struct arena *a, const struct value *test)
{
    struct fake_os os = fake_os();
    struct config config;
    struct aws_problem problem;
    const struct aws_settings settings = {
        .metadata_endpoint = text_or_null(test, "endpoint_override"),
        .metadata_endpoint_mode = text_or_null(test, "mode_override")};
    os.variables = replay_variables(a, value_member(test, "env"));
    os.files = files_of(a, value_member(test, "fs"));
    if (!config_load(a, &os.os, &settings, &config, &problem))
        return problem.detail;
    const struct credentials_context context = {&os.os, NULL, &config, "test"};
    const char *reason = "";
    const char *url = imds_endpoint(a, &context, &reason);
    return compare(a, url ? arena_printf(a, "%s/latest/api/token", url) : NULL, reason,
                   value_member(test, "result"));
}

TEST(imds__endpoint_matches_the_cases_of_the_sdks)
{
    const char *path = test_vectors(a, "credentials/imds-config/imds-endpoint-tests.json");
    struct suite suite = {.name = "IMDS endpoint"};
    const struct value *tests = path ? value_member(fake_vectors(a, path), "tests") : &value_null;
    for (size_t i = 0; i < value_count(tests); i++) {
        const struct value *test = value_item(tests, i);
        suite_case(&suite, value_text(test, "docs"), check_endpoint(a, test));
    }
    if (path)
        suite_end(&suite);
}

/* On a machine with these variables and files. */
static struct look *look(struct arena *a, const char *const *variables,
                         const struct fake_file *files, const struct fake_answer *answers,
                         int count)
{
    struct look *l = look_new(a, answers, count);
    l->os.variables = variables;
    l->os.files = files;
    look_for(l, a, &nothing);
    return l;
}

#define SILENCE                             \
    {                                       \
        .response = {.failure = HTTP_LOST,  \
                     .reason = "no answer", \
                     .timed_out = true,     \
                     .sent = true},         \
        .takes_ms = 1000                    \
    }
#define KEYS                                                                    \
    "{\"Code\":\"Success\",\"AccessKeyId\":\"AKID\",\"SecretAccessKey\":\"S\"," \
    "\"Token\":\"T\",\"Expiration\":\"2030-01-01T00:00:00Z\"}"

TEST(imds__falls_back_to_version_1_when_tokens_do_not_come)
{
    static const struct fake_answer refuses[] = {STATUS(403, ""), STATUS(200, "role\n"),
                                                 STATUS(200, KEYS)};
    static const struct fake_answer is_silent[] = {SILENCE, STATUS(200, "role"), STATUS(200, KEYS)};
    struct look *l;
    l = look(a, NULL, NULL, refuses, 3);
    CHECK(l->found);
    CHECK_TEXT(l->credentials.session_token, "T");
    CHECK_TEXT(l->credentials.source, "EC2 instance metadata");
    CHECK_TEXT(fake_sent(&l->http, "x-aws-ec2-metadata-token"), "");
    CHECK(l->http.last.never_use_a_proxy);
    l = look(a, NULL, NULL, is_silent, 3);
    CHECK(l->found);
}

TEST(imds__version_1_can_be_forbidden)
{
    static const struct fake_answer refuses[] = {STATUS(403, ""), STATUS(200, "role"),
                                                 STATUS(200, KEYS)};
    static const char *const variables[] = {"AWS_EC2_METADATA_V1_DISABLED", "true", NULL};
    struct look *l;
    l = look(a, variables, NULL, refuses, 3);
    CHECK(!l->found);
    CHECK_HAS(l->problem.detail, "EC2 instance metadata: the instance metadata service answered "
                                 "with status 403");
    CHECK_INT(l->http.requests, 1);
}

TEST(imds__token_that_has_expired_is_renewed)
{
    static const struct fake_answer answers[] = {STATUS(200, "t1"), STATUS(401, ""),
                                                 STATUS(200, "t2"), STATUS(200, "role"),
                                                 STATUS(200, KEYS)};
    struct look *l;
    l = look(a, NULL, NULL, answers, 5);
    CHECK(l->found);
    CHECK_TEXT(fake_sent(&l->http, "x-aws-ec2-metadata-token"), "t2");
}

TEST(imds__bad_request_is_the_end_and_5xx_is_tried_again)
{
    static const struct fake_answer bad[] = {STATUS(400, "")};
    static const struct fake_answer busy[] = {STATUS(200, "t"), STATUS(503, ""),
                                              STATUS(200, "role"), STATUS(200, KEYS)};
    struct look *l;
    l = look(a, NULL, NULL, bad, 1);
    CHECK(!l->found);
    CHECK_INT(l->http.requests, 1);
    l = look(a, NULL, NULL, busy, 4);
    CHECK(l->found);
}

TEST(imds__nobody_there_takes_two_seconds_at_most)
{
    static const struct fake_answer silence[] = {SILENCE};
    struct look *l;
    int64_t start_ms = fake_os().now_ms;
    l = look(a, NULL, NULL, silence, 1);
    CHECK(!l->found);
    CHECK(l->os.now_ms - start_ms <= 2000);
    CHECK_TEXT(l->problem.summary, "No valid credential sources found");
    CHECK_HAS(l->problem.detail, "cannot be reached (no answer)");
}

TEST(imds__answers_that_make_no_sense_are_told)
{
    static const struct fake_answer failed[] = {
        STATUS(200, "t"), STATUS(200, "role"),
        STATUS(200, "{\"Code\":\"AssumeRoleUnauthorizedAccess\",\"Message\":\"no trust\"}")};
    static const struct fake_answer garbage[] = {STATUS(200, "t"), STATUS(200, "role"),
                                                 STATUS(200, "<html>")};
    static const struct fake_answer strange_role[] = {STATUS(200, "t"), STATUS(200, "a\x01"
                                                                                    "b")};
    struct look *l;
    l = look(a, NULL, NULL, failed, 3);
    CHECK_HAS(l->problem.detail, "AssumeRoleUnauthorizedAccess: no trust");
    l = look(a, NULL, NULL, garbage, 3);
    CHECK_HAS(l->problem.detail, "answered no JSON");
    l = look(a, NULL, NULL, strange_role, 2);
    CHECK(!l->found);
    CHECK_INT(l->http.requests, 2);
    CHECK_HAS(l->problem.detail, "its answer is no name of a role");
}

TEST(imds__why_there_is_no_token_is_told)
{
    static const struct fake_answer busy[] = {STATUS(502, ""), STATUS(502, ""), STATUS(502, ""),
                                              STATUS(401, ""), STATUS(502, ""), STATUS(502, ""),
                                              STATUS(502, ""), STATUS(401, "")};
    static const struct fake_answer blank[] = {STATUS(200, "\x01"), STATUS(401, ""),
                                               STATUS(200, "\x01"), STATUS(401, "")};
    struct look *l;
    l = look(a, NULL, NULL, busy, 8);
    CHECK_HAS(l->problem.detail, "answered with status 502");
    l = look(a, NULL, NULL, blank, 4);
    CHECK_HAS(l->problem.detail, "it wants a token, and gave none that it accepts");
}

TEST(imds__tells_the_region_of_the_machine)
{
    static const struct fake_answer answers[] = {STATUS(200, "t"), STATUS(200, "role"),
                                                 STATUS(200, KEYS), STATUS(200, "t"),
                                                 STATUS(200, "eu-west-3")};
    struct fake_os os = fake_os();
    struct fake_http http = fake_http(&os, answers, 5);
    http.keep = a;
    struct config config;
    struct aws_problem problem;
    CHECK(config_load(a, &os.os, &nothing, &config, &problem));
    struct credentials_provider *p = credentials_new(a, &config, &http.http, "test", &problem);
    CHECK(p);
    CHECK_TEXT(credentials_region(p, a), "eu-west-3");
    CHECK_HAS(http.last.url, "/latest/meta-data/placement/region");
}

#define FULL "AWS_CONTAINER_CREDENTIALS_FULL_URI"

TEST(container__plain_http_goes_to_the_machine_only)
{
    static const char *const bad[] = {"http://example.com/x",
                                      "http://169.254.170.3/x",
                                      "http://127.0.0.1@evil.com/x",
                                      "http://10.0.0.1/x",
                                      "http://[fd00:ec2::24]/x",
                                      "http://127.0.0.1.evil.com/",
                                      "http:///x",
                                      "ftp://localhost/x",
                                      "http://localhost/\r\nHost: x",
                                      "http://[::1",
                                      "http://2130706433/x",
                                      NULL};
    static const char *const good[] = {"http://127.9.8.7:81/x", "http://[::1]:81/x",
                                       "HTTP://LOCALHOST/x", "http://[FD00:EC2:0::23]/x", NULL};
    struct fake_os os = fake_os();
    const char *reason;
    bool is_broken;
    for (const char *const *url = bad; *url; url++) {
        os.variables = (const char *const[]){FULL, *url, NULL};
        CHECK(!container_url(a, &os.os, &reason, &is_broken));
        CHECK(is_broken);
        CHECK_HAS(reason, FULL);
    }
    for (const char *const *url = good; *url; url++) {
        os.variables = (const char *const[]){FULL, *url, NULL};
        CHECK_TEXT(container_url(a, &os.os, &reason, &is_broken), *url);
    }
    os.variables = (const char *const[]){"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "@evil/x", NULL};
    CHECK(!container_url(a, &os.os, &reason, &is_broken));
}

TEST(container__token_file_wins_and_is_sent)
{
    static const char *const variables[] = {
        FULL,     "http://169.254.170.23/v1/credentials", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        "/token", "AWS_CONTAINER_AUTHORIZATION_TOKEN",    "other",
        NULL};
    static const struct fake_file files[] = {{"/token", "t1\n", 0}, {0}};
    static const struct fake_file broken[] = {{"/token", "t1\r\nX: y", 0}, {0}};
    static const struct fake_answer answers[] = {STATUS(500, ""), STATUS(200, KEYS)};
    struct look *l;
    l = look(a, variables, files, answers, 2);
    CHECK(l->found);
    CHECK_TEXT(fake_sent(&l->http, "Authorization"), "t1");
    CHECK_TEXT(fake_sent(&l->http, "Accept"), "application/json");
    l = look(a, variables, broken, answers, 2);
    CHECK(!l->found);
    CHECK_HAS(l->problem.detail, "/token has a line break");
    CHECK(!strstr(l->problem.detail, "t1"));
    l = look(a, variables, NULL, answers, 2);
    CHECK_HAS(l->problem.detail, "names /token, which cannot be read: No such file");
    CHECK_INT(l->http.requests, 0);
}

TEST(container__that_does_not_answer_is_an_error)
{
    static const char *const variables[] = {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x", NULL};
    static const struct fake_answer nobody[] = {NOBODY};
    static const struct fake_answer refusal[] = {
        STATUS(400, "{\"code\":\"ClientError\",\"message\":\"no such task\"}")};
    struct look *l;
    l = look(a, variables, NULL, nobody, 1);
    CHECK(!l->found);
    CHECK_INT(l->http.requests, 3);
    CHECK_HAS(l->problem.detail, "container: the container's credentials endpoint cannot be asked");
    l = look(a, variables, NULL, refusal, 1);
    CHECK_HAS(l->problem.detail, "status 400: ClientError: no such task");
}

TEST(container__a_stop_between_attempts_is_told_as_one)
{
    static const char *const variables[] = {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x", NULL};
    struct look *l = LOOK(a, STATUS(500, ""));
    l->os.variables = variables;
    l->os.stops = true;
    look_for(l, a, &nothing);
    CHECK_INT(l->http.requests, 1);
    CHECK_HAS(l->problem.detail, "the container's credentials endpoint cannot be asked: Terraform "
                                 "asked to stop");
    CHECK(!l->found);
    l = LOOK(a, STOPPED);
    l->os.variables = variables;
    look_for(l, a, &nothing);
    CHECK_INT(l->http.requests, 1);
    CHECK_HAS(l->problem.detail, "cannot be asked: Terraform asked to stop");
}

TEST(container__a_stop_does_not_put_the_next_refresh_off)
{
    static const char *const variables[] = {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x", NULL};
    static const char short_lived[] =
        "{\"AccessKeyId\":\"AKID-old\",\"SecretAccessKey\":\"S\",\"Token\":\"T\","
        "\"Expiration\":\"2015-08-30T13:00:00Z\"}";
    struct look *l = LOOK(a, STATUS(200, short_lived), STOPPED, STATUS(200, KEYS));
    struct credentials c;
    const struct aws_error *error;
    l->os.variables = variables;
    look_for(l, a, &nothing);
    CHECK_TEXT(l->credentials.access_key_id, "AKID-old");
    l->os.now_ms += 12 * 60 * 1000; /* it is time to refresh */
    CHECK(credentials_get(l->provider, a, &c, &error));
    CHECK_TEXT(c.access_key_id, "AKID-old");
    CHECK(credentials_get(l->provider, a, &c, &error));
    CHECK_TEXT(c.access_key_id, "AKID");
}

TEST(imds__broken_settings_of_its_endpoint_are_told)
{
    static const char *const variables[] = {"AWS_EC2_METADATA_SERVICE_ENDPOINT", "no url", NULL};
    static const struct fake_answer nobody[] = {NOBODY};
    struct look *l = look(a, variables, NULL, nobody, 1);
    CHECK(!l->found);
    CHECK_HAS(l->problem.detail,
              "EC2 instance metadata: its endpoint (ec2_metadata_service_endpoint "
              "or AWS_EC2_METADATA_SERVICE_ENDPOINT) is no URL");
    CHECK_INT(l->http.requests, 0);
}

TEST(imds__lines_that_are_no_line_of_text_are_not_used)
{
    static const struct fake_answer answers[] = {STATUS(200, " token \t\r\nmore"),
                                                 STATUS(200, "role"), STATUS(200, KEYS)};
    struct look *l = look(a, NULL, NULL, answers, 3);
    CHECK(l->found);
    CHECK_TEXT(fake_sent(&l->http, "x-aws-ec2-metadata-token"), "token");
}
