/* Calls against a network that plays AWS. */
#include "aws/aws.h"

#include "aws/fake_test.h"
#include "base/capture_test.h"
#include "base/test.h"
#include "value/json.h"

#include <errno.h>
#include <string.h>

static const struct aws_service ecr = {.id = "ECR",
                                       .signing_name = "ecr",
                                       .hosts = {"api.ecr.{region}.{dns}"},
                                       .target_prefix = "AmazonEC2ContainerRegistry_V20150921"};

static const struct aws_settings keys = {
    .region = "eu-west-1", .access_key = "AKIDEXAMPLE", .secret_key = "S-block"};

/* A client on fake ground. */
struct fixture {
    struct fake_os os;
    struct fake_http http;
    struct aws_client *client;
};

static void fixture_start(struct fixture *f, struct arena *a, const struct aws_settings *settings,
                          const struct fake_answer *answers, int count)
{
    struct aws_problem problem = {0};
    f->os = fake_os();
    f->http = fake_http(&f->os, answers, count);
    f->client = aws_client_new(a, &f->os.os, &f->http.http, &ecr, settings, &problem);
    if (!f->client)
        print_error("%s: %s\n", problem.summary, problem.detail);
    CHECK(f->client);
}

/* Calls operation; answers are given in turn. */
#define CALL(f, operation, ...)                                            \
    (fixture_start(f, a, &keys, (const struct fake_answer[]){__VA_ARGS__}, \
                   sizeof((const struct fake_answer[]){__VA_ARGS__}) /     \
                       sizeof(struct fake_answer)),                        \
     aws_call((f)->client, a, operation, MAP(a, {"name", value_string(a, "x")}), 0))

#define OK                                                  \
    {                                                       \
        {.sent = true, .status = 200}, "{\"done\":true}", 0 \
    }
#define ERROR(n)                                                         \
    {                                                                    \
        {.sent = true, .status = n}, "{\"__type\":\"SomeException\"}", 0 \
    }
#define CODE(code)                                                    \
    {                                                                 \
        {.sent = true, .status = 400}, "{\"__type\":\"" code "\"}", 0 \
    }
#define FAILURE(f, was_sent)                                         \
    {                                                                \
        {.failure = f, .sent = was_sent, .reason = "broke"}, NULL, 0 \
    }

TEST(client__sends_a_signed_request)
{
    struct fixture f;
    struct aws_result r = CALL(&f, "DescribeRepositories", OK);
    CHECK(!r.error);
    CHECK(!r.in_doubt);
    CHECK(value_is_true(r.output, "done"));

    CHECK_TEXT(f.http.last.method, "POST");
    CHECK_TEXT(f.http.last.url, "https://api.ecr.eu-west-1.amazonaws.com/");
    CHECK_TEXT((const char *)f.http.last.body.data, "{\"name\":\"x\"}");
    CHECK_INT(f.http.last.body.size, 12);
    CHECK_TEXT(fake_sent(&f.http, "Content-Type"), "application/x-amz-json-1.1");
    CHECK_TEXT(fake_sent(&f.http, "X-Amz-Target"),
               "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories");
    CHECK_TEXT(fake_sent(&f.http, "X-Amz-Date"), "20150830T123600Z");
    CHECK_TEXT(fake_sent(&f.http, "Host"), "");
    CHECK_HAS(fake_sent(&f.http, "Authorization"),
              "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/eu-west-1/ecr/aws4_request, "
              "SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=");
    CHECK_HAS(fake_sent(&f.http, "User-Agent"), "terraform-provider-ecr/");
    CHECK_TEXT(fake_sent(&f.http, "amz-sdk-request"), "attempt=1; max=25");
    CHECK_INT(strlen(fake_sent(&f.http, "amz-sdk-invocation-id")), 36);
}

TEST(client__sends_and_signs_the_token)
{
    struct fixture f;
    struct aws_settings settings = keys;
    settings.token = "T-block";
    const struct fake_answer answers[] = {OK};
    fixture_start(&f, a, &settings, answers, 1);
    CHECK(!aws_call(f.client, a, "PutImage", &value_null, 0).error);
    CHECK_TEXT((const char *)f.http.last.body.data, "{}");
    CHECK_TEXT(fake_sent(&f.http, "X-Amz-Security-Token"), "T-block");
    CHECK_HAS(fake_sent(&f.http, "Authorization"), "x-amz-date;x-amz-security-token;x-amz-target");
}

TEST(client__signs_each_attempt_anew)
{
    struct fixture f;
    const struct fake_answer answers[] = {
        {{.sent = true, .status = 500}, "", 61000},
        {{.sent = true, .status = 200}, "{}", 0},
    };
    fixture_start(&f, a, &keys, answers, 2);
    struct aws_result r = aws_call(f.client, a, "DescribeRepositories", &value_empty_map, 0);
    CHECK(!r.error);
    CHECK_INT(f.http.requests, 2);
    CHECK_INT(f.os.sleeps, 1);
    CHECK_TEXT(fake_sent(&f.http, "X-Amz-Date"), "20150830T123701Z");
    CHECK_TEXT(fake_sent(&f.http, "amz-sdk-request"), "attempt=2; max=25");
}

TEST(client__gives_up_after_the_last_attempt_with_its_error)
{
    struct fixture f;
    struct aws_result r = CALL(&f, "DescribeRepositories", ERROR(503));
    CHECK(aws_error_is(r.error, "SomeException"));
    CHECK_INT(r.error->attempts, 25);
    CHECK(r.error->exhausted);
    CHECK_INT(f.http.requests, 25);
}

TEST(client__does_not_repeat_refusals)
{
    struct fixture f;
    struct aws_result r = CALL(&f, "CreateRepository", CODE("LimitExceededException"));
    CHECK(aws_error_is(r.error, "LimitExceededException"));
    CHECK_INT(f.http.requests, 1);
    CHECK(!r.error->in_doubt);
    CHECK(!r.error->exhausted);
    CHECK_INT(r.error->attempts, 1);
}

TEST(client__keeps_to_the_deadline)
{
    struct fixture f;
    const struct fake_answer answers[] = {{{.sent = true, .status = 500}, "", 400}};
    fixture_start(&f, a, &keys, answers, 1);
    f.os.random = UINT64_MAX;
    struct aws_result r =
        aws_call(f.client, a, "DescribeRepositories", &value_null, f.os.now_ms + 1000);
    CHECK(aws_error_is(r.error, "HTTP 500"));
    CHECK_INT(f.http.requests, 3);
}

TEST(client__is_in_doubt_after_an_answer_was_lost)
{
    struct fixture f;
    struct aws_result r = CALL(&f, "CreateRepository", FAILURE(HTTP_LOST, true), OK);
    CHECK(!r.error);
    CHECK(r.in_doubt);

    r = CALL(&f, "CreateRepository", FAILURE(HTTP_LOST, true),
             CODE("RepositoryAlreadyExistsException"));
    CHECK(aws_error_is(r.error, "RepositoryAlreadyExistsException"));
    CHECK(r.error->in_doubt);
    CHECK_INT(r.error->attempts, 2);

    CHECK(CALL(&f, "CreateRepository", ERROR(500), OK).in_doubt);
}

TEST(client__is_not_in_doubt_when_nothing_was_sent_or_all_was_refused)
{
    struct fixture f;
    CHECK(!CALL(&f, "CreateRepository", FAILURE(HTTP_NOT_SENT, false), OK).in_doubt);
    CHECK(!CALL(&f, "CreateRepository", CODE("ThrottlingException"), OK).in_doubt);
    CHECK_INT(f.http.requests, 2);
    const struct fake_answer slow_down = {
        {.sent = true, .status = 503}, "{\"__type\":\"SlowDown\"}", 0};
    CHECK(!CALL(&f, "CreateRepository", slow_down, OK).in_doubt);
    CHECK(!CALL(&f, "CreateRepository", CODE("SomeException")).in_doubt);
}

TEST(client__repeats_bad_answers_and_doubts_those_to_writes)
{
    struct fixture f;
    const struct fake_answer garbage = {{.sent = true, .status = 200}, "{\"a", 0};
    struct aws_result r = CALL(&f, "DescribeRepositories", garbage, OK);
    CHECK(!r.error);
    CHECK(!r.in_doubt);
    r = CALL(&f, "CreateRepository", garbage, OK);
    CHECK(!r.error);
    CHECK(r.in_doubt);
    CHECK_INT(f.http.requests, 2);
}

TEST(client__stops_in_a_transfer)
{
    struct fixture f;
    struct aws_result r = CALL(&f, "CreateRepository", FAILURE(HTTP_STOPPED, true));
    CHECK(aws_error_is(r.error, "RequestCanceled"));
    CHECK(r.error->stopped);
    CHECK(r.error->in_doubt);
    CHECK_INT(f.http.requests, 1);
}

TEST(client__stops_in_a_sleep)
{
    struct fixture f;
    const struct fake_answer answers[] = {ERROR(500)};
    fixture_start(&f, a, &keys, answers, 1);
    f.os.stops = true;
    struct aws_result r = aws_call(f.client, a, "CreateRepository", &value_null, 0);
    CHECK(aws_error_is(r.error, "RequestCanceled"));
    CHECK(r.error->stopped);
    CHECK(r.error->in_doubt);
    CHECK_INT(r.error->attempts, 1);
    CHECK_INT(f.http.requests, 1);
}

TEST(client__tries_an_unreachable_host_nine_times)
{
    struct fixture f;
    struct aws_result r = CALL(&f, "DescribeRepositories", FAILURE(HTTP_NOT_SENT, false));
    CHECK(aws_error_is(r.error, "RequestError"));
    CHECK_TEXT(r.error->message, "broke");
    CHECK_INT(f.http.requests, 9);
}

TEST(client__logs_each_attempt_and_no_secret)
{
    struct fixture f;
    struct aws_settings settings = keys;
    const struct http_header headers[] = {{"x-amzn-RequestId", "4a-1"}, {0}};
    const struct fake_answer answers[] = {
        {{.sent = true, .status = 500, .headers = headers}, "{\"__type\":\"ServerException\"}", 7},
        {{.sent = true, .status = 200}, "{\"authorizationToken\":\"T-answer\"}", 0},
    };
    settings.token = "T-block";
    struct capture c = capture_start("TRACE");
    fixture_start(&f, a, &settings, answers, 2);
    CHECK(!aws_call(f.client, a, "GetAuthorizationToken", &value_null, 0).error);
    const char *text = capture_end(a, &c);
    CHECK_HAS(text, "\"@message\":\"AWS API call\",\"service\":\"ECR\","
                    "\"operation\":\"GetAuthorizationToken\",\"status\":500,"
                    "\"request_id\":\"4a-1\",\"duration_ms\":7,\"attempt\":1,"
                    "\"error_code\":\"ServerException\"");
    CHECK_HAS(text, "\"status\":200,\"request_id\":\"\",\"duration_ms\":0,\"attempt\":2}\n");
    CHECK(!strstr(text, "S-block"));
    CHECK(!strstr(text, "T-block"));
    CHECK(!strstr(text, "T-answer"));
}

/* A proxy, or AWS where a signature does not fit, may answer with what it was sent. */
TEST(client__shows_no_secret_that_comes_back)
{
    static const char *const bodies[] = {
        "{\"__type\":\"InvalidSignatureException\",\"message\":\"x-amz-security-token:T-hidden-of-"
        "the-session",
        "{\"__type\":\"T-hidden-of-the-session\",\"message\":\"you sent T-hidden-of-the-session\"}",
        "<html>X-Amz-Security-Token: T-hidden-of-the-session</html>",
        "you sent S-hidden-of-the-user and more",
    };
    struct aws_settings settings = keys;
    settings.token = "T-hidden-of-the-session";
    settings.secret_key = "S-hidden-of-the-user";
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct fixture f;
        const struct fake_answer answers[] = {{{.sent = true, .status = 403}, bodies[i], 0}};
        struct capture c = capture_start("TRACE");
        fixture_start(&f, a, &settings, answers, 1);
        struct aws_result r = aws_call(f.client, a, "DescribeRepositories", &value_null, 0);
        const char *text = capture_end(a, &c);
        CHECK(!strstr(r.error->code, "hidden") && !strstr(r.error->message, "hidden"));
        CHECK(!strstr(text, "hidden"));
        CHECK_HAS(arena_printf(a, "%s %s", r.error->code, r.error->message), "…");
    }
}

static struct aws_problem problem_with(struct arena *a, const struct aws_settings *settings,
                                       const char *const *variables, const struct fake_file *files)
{
    struct fake_os os = fake_os();
    struct aws_problem problem = {0};
    os.variables = variables;
    os.files = files;
    CHECK(!aws_client_new(a, &os.os, NULL, &ecr, settings, &problem));
    CHECK(problem.detail);
    return problem;
}

TEST(client__needs_region_and_credentials)
{
    const struct aws_settings no_region = {.access_key = "AKID", .secret_key = "S"};
    const struct aws_settings no_keys = {.region = "eu-west-1", .skip_metadata = AWS_ON};
    CHECK_TEXT(problem_with(a, &no_region, NULL, NULL).summary, "Missing region");
    CHECK_TEXT(problem_with(a, &no_keys, NULL, NULL).summary, "No valid credential sources found");
}

static const char *bundle_of(struct arena *a, const char *setting, const char *variable,
                             const char *file, struct aws_problem *ret_problem)
{
    struct fake_os os = fake_os();
    const struct fake_file files[] = {{"/c", file, 0},
                                      {"/arg.pem", "", 0},
                                      {"/env.pem", "", 0},
                                      {"/file.pem", "", 0},
                                      {"/no.pem", NULL, EACCES},
                                      {"/pipe.pem", "", 0},
                                      {0}};
    const char *const variables[] = {"AWS_CONFIG_FILE", "/c", variable ? "AWS_CA_BUNDLE" : NULL,
                                     variable, NULL};
    const struct aws_settings settings = {.ca_bundle = setting};
    const char *path = NULL;
    os.variables = variables;
    os.files = files;
    os.special = "/pipe.pem";
    *ret_problem = (struct aws_problem){0};
    return aws_ca_bundle(a, &os.os, &settings, &path, ret_problem) ? path : NULL;
}

TEST(client__takes_the_ca_bundle_from_argument_environment_and_profile)
{
    const char *const file = "[default]\nca_bundle = /file.pem\n";
    struct aws_problem problem;
    CHECK_TEXT(bundle_of(a, "/arg.pem", "/env.pem", file, &problem), "/arg.pem");
    CHECK_TEXT(bundle_of(a, NULL, "/env.pem", file, &problem), "/env.pem");
    CHECK_TEXT(bundle_of(a, NULL, NULL, file, &problem), "/file.pem");
    CHECK(!bundle_of(a, NULL, NULL, "", &problem));
    CHECK(!problem.summary);
}

TEST(client__tells_of_an_unreadable_ca_bundle)
{
    struct aws_problem problem;
    CHECK(!bundle_of(a, NULL, "/no.pem", "", &problem));
    CHECK_HAS(problem.detail, "AWS_CA_BUNDLE names /no.pem");
    CHECK_HAS(problem.detail, "Permission denied");
    CHECK(!bundle_of(a, "/no.pem", NULL, "", &problem));
    CHECK_HAS(problem.detail, "custom_ca_bundle names /no.pem");
    CHECK_TEXT(problem.attribute, "custom_ca_bundle");
}

TEST(client__takes_no_pipe_for_a_ca_bundle)
{
    struct aws_problem problem;
    CHECK(!bundle_of(a, NULL, NULL, "[default]\nca_bundle = /pipe.pem\n", &problem));
    CHECK_TEXT(problem.detail, "The profile's ca_bundle names /pipe.pem, which is a pipe or a "
                               "device; it must be a file.");
    CHECK(!bundle_of(a, "/pipe.pem", "/env.pem", "", &problem));
    CHECK_HAS(problem.detail, "custom_ca_bundle names /pipe.pem");
    CHECK_TEXT(problem.attribute, "custom_ca_bundle");
}

TEST(client__checks_the_number_of_attempts)
{
    static const char *const bad[] = {"0", "-1", "x", "3x", "1001", "99999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *const variables[] = {"AWS_MAX_ATTEMPTS", bad[i], NULL};
        CHECK_HAS(problem_with(a, &keys, variables, NULL).detail, "AWS_MAX_ATTEMPTS must be");
    }
}

static int attempts_of(struct arena *a, int setting, const char *variable, const char *file)
{
    struct fake_os os = fake_os();
    const struct fake_answer answers[] = {ERROR(500)};
    struct fake_http http = fake_http(&os, answers, 1);
    struct aws_settings settings = keys;
    const struct fake_file files[] = {{"/c", file, 0}, {0}};
    const char *const variables[] = {"AWS_CONFIG_FILE", "/c", variable ? "AWS_MAX_ATTEMPTS" : NULL,
                                     variable, NULL};
    struct aws_problem problem;
    settings.max_attempts = setting;
    os.variables = variables;
    os.files = files;
    struct aws_client *client = aws_client_new(a, &os.os, &http.http, &ecr, &settings, &problem);
    aws_call(client, a, "DescribeRepositories", &value_null, 0);
    return http.requests;
}

TEST(client__takes_the_number_of_attempts_from_argument_environment_and_profile)
{
    CHECK_INT(attempts_of(a, 2, "3", "[default]\nmax_attempts = 4\n"), 2);
    CHECK_INT(attempts_of(a, 0, "3", "[default]\nmax_attempts = 4\n"), 3);
    CHECK_INT(attempts_of(a, 0, NULL, "[default]\nmax_attempts = 4\n"), 4);
    CHECK_INT(attempts_of(a, 0, NULL, "[default]\n"), 25);
}

static int last_key; /* that a program prints; the nth prints key n before */

static struct os_exit run_anew(const struct os *os, struct arena *a, const char *command,
                               int64_t timeout_ms)
{
    (void)command, (void)timeout_ms;
    struct fake_os *f = (struct fake_os *)os;
    f->runs += f->runs < last_key;
    const char *text = arena_printf(a,
                                    "{\"Version\":1,\"AccessKeyId\":\"AKID%d\",\"SecretAccessKey\":"
                                    "\"S\",\"Expiration\":\"2015-08-30T14:00:00Z\"}",
                                    f->runs);
    return (struct os_exit){.end = OS_EXITED, .output = {(const uint8_t *)text, strlen(text)}};
}

static void fixture_with_process(struct fixture *f, struct arena *a,
                                 const struct fake_answer *answers, int count)
{
    static const struct aws_settings settings = {.region = "eu-west-1"};
    static const char *const variables[] = {"AWS_CONFIG_FILE", "/c", NULL};
    static const struct fake_file files[] = {{"/c", "[default]\ncredential_process = x\n", 0}, {0}};
    struct aws_problem problem;
    f->os = fake_os();
    f->os.os.run = run_anew;
    f->os.variables = variables;
    f->os.files = files;
    f->http = fake_http(&f->os, answers, count);
    f->http.keep = a;
    f->client = aws_client_new(a, &f->os.os, &f->http.http, &ecr, &settings, &problem);
    CHECK(f->client);
}

TEST(client__a_key_that_aws_refuses_is_replaced_once)
{
    static const struct fake_answer expired[] = {CODE("ExpiredTokenException"), OK};
    static const struct fake_answer for_ever[] = {CODE("ExpiredTokenException")};
    struct fixture f;
    last_key = 9;
    fixture_with_process(&f, a, expired, 2);
    CHECK(!aws_call(f.client, a, "CreateRepository", &value_null, 0).error);
    CHECK_INT(f.http.requests, 2);
    CHECK_HAS(fake_sent(&f.http, "Authorization"), "Credential=AKID2/");

    fixture_with_process(&f, a, for_ever, 1);
    struct aws_result r = aws_call(f.client, a, "CreateRepository", &value_null, 0);
    CHECK(aws_error_is(r.error, "ExpiredTokenException"));
    CHECK_INT(f.http.requests, 2);
    CHECK(!r.in_doubt);
}

static struct os_exit run_in_vain(const struct os *os, struct arena *a, const char *command,
                                  int64_t timeout_ms)
{
    (void)os, (void)a, (void)command, (void)timeout_ms;
    return (struct os_exit){.end = OS_EXITED, .status = 3};
}

TEST(client__a_key_that_cannot_be_replaced_says_why)
{
    static const struct fake_answer answers[] = {CODE("ExpiredTokenException")};
    struct fixture f;
    last_key = 1;
    fixture_with_process(&f, a, answers, 1);
    f.os.os.run = run_in_vain;
    struct aws_result r = aws_call(f.client, a, "CreateRepository", &value_null, 0);
    CHECK(aws_error_is(r.error, "ExpiredTokenException"));
    CHECK_HAS(r.error->message, "; new credentials could not be had: ");
    CHECK_HAS(r.error->message, "ended with status 3");
}

TEST(client__a_key_that_has_no_successor_is_not_tried_again)
{
    static const struct fake_answer answers[] = {CODE("UnrecognizedClientException")};
    struct fixture f;
    last_key = 1;
    fixture_with_process(&f, a, answers, 1);
    struct aws_result r = aws_call(f.client, a, "CreateRepository", &value_null, 0);
    CHECK(aws_error_is(r.error, "UnrecognizedClientException"));
    CHECK_INT(f.http.requests, 1);
}

/* An adaptive client that AWS has throttled with its first call. */
static void fixture_throttled(struct fixture *f, struct arena *a)
{
    static const struct fake_answer answers[] = {CODE("ThrottlingException"), OK};
    struct aws_settings settings = keys;
    settings.retry_mode = "adaptive";
    settings.max_attempts = 1;
    fixture_start(f, a, &settings, answers, 2);
    CHECK(aws_call(f->client, a, "DescribeRepositories", &value_null, 0).error);
    f->os.sleeps = 0;
}

TEST(client__adaptive_mode_waits_before_it_sends_after_throttling)
{
    struct fixture f;
    fixture_throttled(&f, a);
    CHECK(!aws_call(f.client, a, "DescribeRepositories", &value_null, 0).error);
    CHECK_INT(f.os.sleeps, 1);
    CHECK(f.os.slept_ms > 0);
}

TEST(client__adaptive_mode_does_not_wait_beyond_the_deadline)
{
    struct fixture f;
    fixture_throttled(&f, a);
    struct aws_result r = aws_call(f.client, a, "CreateRepository", &value_null, f.os.now_ms + 1);
    CHECK(aws_error_is(r.error, "RequestTimeout"));
    CHECK_TEXT(r.error->message, "the time for this operation is over");
    CHECK_INT(f.http.requests, 1);
    CHECK(!r.error->in_doubt);
}

TEST(client__adaptive_mode_stops_while_it_waits)
{
    struct fixture f;
    fixture_throttled(&f, a);
    f.os.stops = true;
    struct aws_result r = aws_call(f.client, a, "CreateRepository", &value_null, 0);
    CHECK(r.error->stopped);
    CHECK_INT(f.http.requests, 1);
    CHECK(!r.error->in_doubt);
}
