/* A wrong clock: AWS's sequences of operations, sent through a client. */
#include "aws/skew.h"

#include "aws/answer.h"
#include "aws/credentials_source.h"
#include "aws/fake_test.h"
#include "aws/request.h"
#include "aws/sigv4.h"
#include "aws/suite_test.h"
#include "base/test.h"

#include <string.h>
#include <time.h>

/* A network that plays one operation's attempts and moves the clock as they say. */
struct play {
    struct http http; /* first */
    struct fake_os os;
    const struct value *attempts;
    size_t sent;
    const char *wrong;
    struct request_client client;
};

static int64_t time_of(const struct value *v, const char *key)
{
    struct tm tm = {0};
    CHECK(strptime(value_text(v, key), "%Y-%m-%dT%H:%M:%SZ", &tm));
    return (int64_t)timegm(&tm) * 1000;
}

static struct http_response play_send(struct http *http, struct arena *a,
                                      const struct http_request *request)
{
    struct play *p = (struct play *)http;
    const struct value *attempt = value_item(p->attempts, p->sent++);
    const struct value *headers = value_get(attempt, "response.headers");
    struct http_header *list = arena_array(a, value_count(headers) + 1, sizeof *list);
    for (size_t i = 0; i < value_count(headers); i++)
        list[i] = (struct http_header){headers->map.members[i].key,
                                       value_text(headers->map.members[i].value, "")};
    const char *body =
        arena_printf(a, "{\"__type\":\"%s\"}", value_text(attempt, "response.errorCode"));
    const char *wanted = sigv4_time(a, time_of(attempt, "expectedSigningTime")), *date = "";
    for (const struct http_header *h = request->headers; h->name; h++)
        date = strcmp(h->name, "X-Amz-Date") == 0 ? h->value : date;
    if (strcmp(date, wanted) != 0)
        p->wrong = arena_printf(a, "signed for %s, not %s", date, wanted);
    p->os.now_ms = time_of(attempt, "clientTimeAtReceive");
    return (struct http_response){.status = (int)value_integer(attempt, "response.statusCode", 0),
                                  .sent = true,
                                  .headers = list,
                                  .body = {(const uint8_t *)body, strlen(body)}};
}

/* The next attempt begins when the data says so. */
static bool play_sleep(const struct os *os, int64_t ms)
{
    (void)ms;
    struct play *p = (struct play *)((char *)(uintptr_t)os - offsetof(struct play, os));
    if (p->sent < value_count(p->attempts))
        p->os.now_ms = time_of(value_item(p->attempts, p->sent), "clientTimeAtSend");
    return true;
}

static void play_start(struct play *p, struct arena *a)
{
    static const struct credentials keys = {.access_key_id = "AKID", .secret_access_key = "S"};
    static const struct aws_service service = {.id = "X", .signing_name = "x"};
    struct credentials_context *context = arena_alloc(a, sizeof *context);
    *p = (struct play){.http = {play_send}, .os = fake_os()};
    p->os.os.sleep_ms = play_sleep;
    context->os = &p->os.os;
    p->client = (struct request_client){
        .os = &p->os.os,
        .http = &p->http,
        .service = &service,
        .endpoint = {.url = "https://h/", .host = "h", .path = "/", .signing_region = "r"},
        .signing_region = "r",
        .user_agent = "t",
        .shared = shared_new(a, &p->os.os, 0, false),
        .credentials = credentials_static_new(a, context, &keys)};
}

static const char *check_operation(struct arena *a, struct play *p, const struct value *operation)
{
    const struct request request = {
        .operation = "Get", .method = "POST", .path = "/", .decode = answer_decode};
    p->attempts = value_member(operation, "attempts");
    p->sent = 0;
    p->os.now_ms = time_of(value_item(p->attempts, 0), "clientTimeAtSend");
    p->client.max_attempts = (int)value_integer(operation, "maxAttempts", 3);
    bool failed = request_send(&p->client, a, &request, 0).error != NULL;
    int64_t skew_ms = shared_skew_ms(p->client.shared);
    if (p->wrong)
        return p->wrong;
    if (failed != (strcmp(value_text(operation, "expectedOutcome"), "error") == 0))
        return failed ? "failed" : "succeeded";
    if (p->sent != value_count(p->attempts))
        return arena_printf(a, "%zu attempts", p->sent);
    if (skew_ms != 1000 * value_integer(operation, "expectedClientSkew", 0))
        return arena_printf(a, "skew %d ms", (int)skew_ms);
    return NULL;
}

static const char *check_case(struct arena *a, const struct value *test)
{
    const struct value *operations = value_member(test, "operations");
    struct play p;
    const char *wrong = NULL;
    play_start(&p, a);
    shared_set_skew(p.client.shared, 1000 * value_integer(operations, "[0].initialClientSkew", 0));
    for (size_t i = 0; !wrong && i < value_count(operations); i++)
        wrong = check_operation(a, &p, value_item(operations, i));
    return wrong;
}

TEST(skew__is_learned_as_awss_sequences_say)
{
    const char *path = test_vectors(a, "clock-skew/clock-skew-test-cases.json");
    if (!path)
        return;
    struct suite suite = {.name = "clock-skew"};
    const struct value *tests = value_get(fake_vectors(a, path), "tests");
    for (size_t i = 0; i < value_count(tests); i++) {
        const struct value *test = value_item(tests, i);
        suite_case(&suite, value_text(test, "description"), check_case(a, test));
    }
    suite_end(&suite);
}

TEST(skew__explains_an_error_beyond_four_minutes_only)
{
    CHECK(!skew_explains("SignatureDoesNotMatch", 0, 240000));
    CHECK(skew_explains("SignatureDoesNotMatch", 0, 240001));
    CHECK(skew_explains("AccessDeniedException", 0, -240001));
    CHECK(!skew_explains("RequestExpired", 0, 999999));
    /* The request was signed for the right time: something else is wrong. */
    CHECK(!skew_explains("AccessDeniedException", 600000, 600000));
    CHECK(skew_explains("AccessDeniedException", 600000, 0));
}

TEST(skew__ignores_dates_that_cannot_be_read)
{
    static const char *const bad[] = {"", "now", "Thu, 01 Jan 2026 00:00:01",
                                      "2026-01-01T00:00:00Z"};
    int64_t skew_ms;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const struct http_header headers[] = {{"Date", bad[i]}, {0}};
        const struct http_response response = {.headers = headers};
        CHECK(!skew_measure(&response, 0, 0, &skew_ms));
    }
}
