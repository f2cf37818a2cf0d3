/* What is tried again, and when. */
#include "aws/retry.h"

#include "aws/fake_test.h"
#include "aws/suite_test.h"
#include "base/test.h"

#include <string.h>

static const struct http_response no_headers = {0};

static int64_t delay(enum retry_class class, int number, uint64_t random)
{
    return retry_delay_ms(&(const struct retry_attempt){.class = class,
                                                        .number = number,
                                                        .most = 25,
                                                        .response = &no_headers,
                                                        .random = random,
                                                        .left_ms = INT64_MAX});
}

static enum retry_class answered(int status, const char *code)
{
    const struct http_response response = {.status = status, .sent = true};
    return retry_classify(&response, code);
}

static enum retry_class failed(enum http_failure failure, int status)
{
    const struct http_response response = {.failure = failure, .status = status};
    return retry_classify(&response, "");
}

TEST(retry__repeats_transient_answers)
{
    static const int transient[] = {500, 502, 503, 504};
    for (size_t i = 0; i < sizeof transient / sizeof *transient; i++)
        CHECK_INT(answered(transient[i], "HTTP"), RETRY_TRANSIENT);
    CHECK_INT(answered(400, "RequestTimeout"), RETRY_TRANSIENT);
    CHECK_INT(answered(400, "RequestTimeoutException"), RETRY_TRANSIENT);
    CHECK_INT(answered(501, "NotImplemented"), RETRY_NEVER);
    CHECK_INT(answered(404, "HTTP 404"), RETRY_NEVER);
    CHECK_INT(answered(301, "HTTP 301"), RETRY_NEVER);
}

TEST(retry__throttling_goes_by_code_whatever_the_status)
{
    CHECK_INT(answered(400, "ThrottlingException"), RETRY_THROTTLED);
    CHECK_INT(answered(400, "ThrottleException"), RETRY_THROTTLED);
    CHECK_INT(answered(503, "SlowDown"), RETRY_THROTTLED);
    CHECK_INT(answered(429, "HTTP 429"), RETRY_THROTTLED);
}

TEST(retry__never_repeats_a_quota_or_a_refusal)
{
    CHECK_INT(answered(400, "LimitExceededException"), RETRY_NEVER);
    CHECK_INT(answered(400, "AccessDeniedException"), RETRY_NEVER);
    CHECK_INT(answered(400, "ExpiredTokenException"), RETRY_NEVER);
    CHECK_INT(answered(403, "InvalidSignatureException"), RETRY_NEVER);
}

TEST(retry__tells_failures_of_the_way_apart)
{
    CHECK_INT(failed(HTTP_NOT_SENT, 0), RETRY_UNREACHABLE);
    CHECK_INT(failed(HTTP_LOST, 0), RETRY_TRANSIENT);
    CHECK_INT(failed(HTTP_STOPPED, 0), RETRY_NEVER);
    CHECK_INT(failed(HTTP_BAD_CERTIFICATE, 0), RETRY_NEVER);
    CHECK_INT(failed(HTTP_UNUSABLE, 0), RETRY_NEVER);
    const struct http_response slow = {.failure = HTTP_NOT_SENT, .timed_out = true};
    CHECK_INT(retry_classify(&slow, ""), RETRY_TRANSIENT);
}

TEST(retry__asks_again_for_a_bad_answer)
{
    const struct http_response garbage = {.status = 200};
    CHECK_INT(retry_classify(&garbage, "SerializationError"), RETRY_TRANSIENT);
    CHECK_INT(failed(HTTP_LOST, 200), RETRY_TRANSIENT);
    CHECK_INT(failed(HTTP_LOST, 500), RETRY_TRANSIENT);
}

TEST(retry__knows_reads_by_their_names)
{
    CHECK(retry_is_read("DescribeRepositories"));
    CHECK(retry_is_read("GetAuthorizationToken"));
    CHECK(retry_is_read("ListTagsForResource"));
    CHECK(retry_is_read("BatchGetImage"));
    CHECK(retry_is_read("BatchCheckLayerAvailability"));
    CHECK(!retry_is_read("BatchDeleteImage"));
    CHECK(!retry_is_read("CreateRepository"));
    CHECK(!retry_is_read("PutImage"));
}

TEST(retry__delay_is_between_zero_and_a_bound_that_doubles_up_to_20_s)
{
    CHECK_INT(delay(RETRY_TRANSIENT, 1, 0), 0);
    CHECK_INT(delay(RETRY_TRANSIENT, 1, UINT64_MAX), 50);
    CHECK_INT(delay(RETRY_TRANSIENT, 1, UINT64_MAX / 2), 24);
    CHECK_INT(delay(RETRY_TRANSIENT, 4, UINT64_MAX), 400);
    CHECK_INT(delay(RETRY_TRANSIENT, 24, UINT64_MAX), 20000);
    CHECK_INT(delay(RETRY_THROTTLED, 1, UINT64_MAX), 1000);
    CHECK_INT(delay(RETRY_THROTTLED, 24, UINT64_MAX), 20000);
}

TEST(retry__stops_after_the_last_attempt)
{
    CHECK_INT(delay(RETRY_TRANSIENT, 24, 0), 0);
    CHECK_INT(delay(RETRY_TRANSIENT, 25, 0), RETRY_STOP);
    CHECK_INT(delay(RETRY_NEVER, 1, 0), RETRY_STOP);
    CHECK_INT(delay(RETRY_UNREACHABLE, 8, 0), 0);
    CHECK_INT(delay(RETRY_UNREACHABLE, 9, 0), RETRY_STOP);
}

TEST(retry__never_sleeps_past_the_deadline)
{
    struct retry_attempt t = {.class = RETRY_THROTTLED,
                              .number = 1,
                              .most = 25,
                              .response = &no_headers,
                              .random = UINT64_MAX,
                              .left_ms = 1001};
    CHECK_INT(retry_delay_ms(&t), 1000);
    t.left_ms = 1000;
    CHECK_INT(retry_delay_ms(&t), RETRY_STOP);
    t.left_ms = -1;
    t.random = 0;
    CHECK_INT(retry_delay_ms(&t), RETRY_STOP);
}

static int64_t wish(const char *header, const char *value)
{
    const struct http_header headers[] = {{header, value}, {0}};
    const struct http_response response = {.status = 503, .headers = headers};
    return retry_delay_ms(&(const struct retry_attempt){.class = RETRY_TRANSIENT,
                                                        .number = 1,
                                                        .most = 3,
                                                        .response = &response,
                                                        .random = UINT64_MAX,
                                                        .left_ms = INT64_MAX});
}

TEST(retry__waits_at_least_as_long_as_the_server_asks)
{
    CHECK_INT(wish("Retry-After", "2"), 2000);
    CHECK_INT(wish("Retry-After", "0"), 50);
    CHECK_INT(wish("Retry-After", "3600"), 20000);
    CHECK_INT(wish("Retry-After", "Fri, 31 Dec 1999 23:59:59 GMT"), 50);
    CHECK_INT(wish("Retry-After", "-1"), 50);
    CHECK_INT(wish("Retry-After", "99999999999999999999"), 50);
    CHECK_INT(wish("x-amz-retry-after", "1500"), 1500);
}

/* One case: attempts of operations against one bucket of tokens. */
struct run {
    const struct value *test;
    struct retry_quota quota;
    int number, cost;
};

/* "retry", "max_attempts_exceeded", "quota_exceeded" or "success". */
static const char *outcome_of(struct run *run, const struct value *step, int64_t *ret_delay_ms)
{
    const struct http_header headers[] = {
        {"x-amz-retry-after", value_text(step, "headers[\"x-amz-retry-after\"]")}, {0}};
    const struct http_response response = {.status = (int)value_integer(step, "status", 0),
                                           .headers = *headers[0].value ? headers : NULL};
    if (response.status < 300) {
        retry_quota_succeeded(&run->quota, run->cost);
        return "success";
    }
    enum retry_class class = retry_classify(&response, value_text(step, "errorCode"));
    *ret_delay_ms = retry_delay_ms(&(const struct retry_attempt){
        .class = class,
        .number = run->number,
        .most = (int)value_integer(run->test, "maxAttempts", 3),
        .response = &response,
        .random = UINT64_MAX,
        .left_ms = INT64_MAX,
        .longest_ms = value_integer(run->test, "maxBackoffMs", 0),
    });
    if (*ret_delay_ms == RETRY_STOP)
        return "max_attempts_exceeded";
    return retry_quota_take(&run->quota, class, &run->cost) ? "retry" : "quota_exceeded";
}

static const char *check_step(struct arena *a, struct run *run, const struct value *step)
{
    int64_t delay_ms = 0;
    const char *outcome = outcome_of(run, step, &delay_ms);
    if (strcmp(outcome, value_text(step, "outcome")) != 0)
        return arena_printf(a, "attempt %d: %s", run->number, outcome);
    if (strcmp(outcome, "retry") == 0 && value_integer(step, "delayMs", delay_ms) != delay_ms)
        return arena_printf(a, "attempt %d: delay %d", run->number, (int)delay_ms);
    if (value_integer(step, "quota", run->quota.tokens) != run->quota.tokens)
        return arena_printf(a, "attempt %d: quota %d", run->number, run->quota.tokens);
    bool again = strcmp(outcome, "retry") == 0;
    run->number = again ? run->number + 1 : 1;
    run->cost = again ? run->cost : 0;
    return NULL;
}

static const char *check_case(struct arena *a, const struct value *test)
{
    struct run run = {
        .test = test,
        .quota = {.capacity = 500, .tokens = (int)value_integer(test, "initialTokens", 500)},
        .number = 1};
    const struct value *steps = value_get(test, "steps");
    const char *wrong = NULL;
    for (size_t i = 0; !wrong && i < value_count(steps); i++)
        wrong = check_step(a, &run, value_item(steps, i));
    return wrong;
}

TEST(retry__matches_the_standard_mode_of_the_sdks)
{
    const char *path = test_vectors(a, "retry/standard-2.1-cases.json");
    if (!path)
        return;
    struct suite suite = {.name = "retry/standard"};
    const struct value *tests = value_get(fake_vectors(a, path), "cases");
    for (size_t i = 0; i < value_count(tests); i++) {
        const struct value *test = value_item(tests, i);
        suite_case(&suite, value_text(test, "name"), check_case(a, test));
    }
    suite_end(&suite);
}

TEST(retry__has_no_quota_unless_one_is_set)
{
    struct retry_quota none = {0};
    int cost;
    for (int i = 0; i < 1000; i++)
        CHECK(retry_quota_take(&none, RETRY_TRANSIENT, &cost));
    retry_quota_succeeded(&none, cost);
    CHECK_INT(none.tokens, 0);
}
