/* Answers good, bad and foreign. */
#include "aws/answer.h"

#include "aws/fake_test.h"
#include "base/test.h"
#include "value/json.h"

#include <string.h>

static struct http_response response(int status, const struct http_header *headers,
                                     const char *body)
{
    return (struct http_response){.sent = true,
                                  .status = status,
                                  .headers = headers,
                                  .body = {(const uint8_t *)body, strlen(body)}};
}

static struct aws_result decode(struct arena *a, int status, const struct http_header *headers,
                                const char *body)
{
    struct http_response r = response(status, headers, body);
    return answer_decode(a, &r);
}

TEST(answer__reads_the_error_of_ecr)
{
    const struct http_header headers[] = {{"X-Amzn-RequestId", "4a-1"}, {0}};
    struct aws_result r = decode(a, 400, headers,
                                 "{\"__type\":\"RepositoryNotFoundException\","
                                 "\"message\":\"The repository with name 'x' does not exist\"}");
    CHECK(aws_error_is(r.error, "RepositoryNotFoundException"));
    CHECK_TEXT(r.error->message, "The repository with name 'x' does not exist");
    CHECK_TEXT(r.error->request_id, "4a-1");
    CHECK_INT(r.error->status, 400);
    CHECK_INT(value_count(r.output), 0);
}

TEST(answer__does_not_repeat_the_token_of_a_request_whose_signature_is_wrong)
{
    struct aws_result r =
        decode(a, 403, NULL,
               "{\"__type\":\"InvalidSignatureException\",\"message\":\"The "
               "signature does not match.\\n\\nThe Canonical String for this "
               "request should have been\\n'POST\\nx-amz-security-token:IQoJ'\"}");
    CHECK_TEXT(r.error->message, "The signature does not match.");
}

TEST(answer__prefers_the_header_then_code_then_type)
{
    const struct http_header headers[] = {{"x-amzn-errortype", "ns#Header:http://x/"}, {0}};
    const char *body = "{\"code\":\"Code\",\"__type\":\"Type\"}";
    CHECK_TEXT(decode(a, 400, headers, body).error->code, "Header");
    CHECK_TEXT(decode(a, 400, NULL, body).error->code, "Code");
    CHECK_TEXT(decode(a, 400, NULL, "{\"code\":5,\"__type\":\"a.b#Type\"}").error->code, "Type");
}

TEST(answer__without_a_code_is_named_by_its_status)
{
    CHECK_TEXT(decode(a, 503, NULL, "").error->code, "HTTP 503");
    CHECK_TEXT(decode(a, 301, NULL, "{}").error->code, "HTTP 301");
    CHECK_TEXT(decode(a, 400, NULL, "[1]").error->code, "HTTP 400");
}

TEST(answer__quotes_the_start_of_a_foreign_body_on_one_line)
{
    char page[3000];
    memset(page, 'x', sizeof page - 1);
    page[sizeof page - 1] = '\0';
    memcpy(page, "<html>\r\n\t<b>Bad\x01 \xff gateway</b>\xc3", 32);
    struct aws_result r = decode(a, 502, NULL, page);
    CHECK_HAS(r.error->message, "<html> <b>Bad \xef\xbf\xbd gateway</b>\xef\xbf\xbd");
    CHECK(strlen(r.error->message) <= 1024 + strlen("…"));
}

TEST(answer__messages_are_utf8_on_one_line_whatever_was_sent)
{
    struct aws_result r =
        decode(a, 400, NULL, "{\"__type\":\"E\",\"message\":\"line\\nbreak\\u0007 end\"}");
    CHECK_TEXT(r.error->message, "line break end");
}

TEST(answer__garbage_beside_success_is_an_error_that_quotes_nothing)
{
    struct aws_result r = decode(a, 200, NULL, "{\"authorizationToken\":\"QVdTOnNlY3JldA");
    CHECK(aws_error_is(r.error, "SerializationError"));
    CHECK(!strstr(r.error->message, "QVdT"));
    CHECK_HAS(r.error->message, "37 bytes");
    CHECK(decode(a, 200, NULL, "\"text\"").error);
    CHECK(decode(a, 200, NULL, "{\"a\":\"\xff\"}").error);
    CHECK(decode(a, 200, NULL, "{} trailing").error);
}

TEST(answer__an_error_beside_success_is_an_error)
{
    struct aws_result r =
        decode(a, 200, NULL, "{\"__type\":\"ServerException\",\"message\":\"no\"}");
    CHECK(aws_error_is(r.error, "ServerException"));
    CHECK_TEXT(r.error->message, "no");
}

TEST(answer__empty_success_is_an_empty_map)
{
    struct aws_result r = decode(a, 200, NULL, "");
    CHECK(!r.error);
    CHECK_INT(r.output->kind, VALUE_MAP);
}

TEST(answer__names_failures_of_the_way)
{
    struct http_response r = {.failure = HTTP_NOT_SENT, .reason = "Could not resolve host: x"};
    struct aws_result result = answer_decode(a, &r);
    CHECK(aws_error_is(result.error, "RequestError"));
    CHECK_TEXT(result.error->message, "Could not resolve host: x");
    CHECK_INT(result.error->status, 0);

    r.failure = HTTP_BAD_CERTIFICATE;
    CHECK(aws_error_is(answer_decode(a, &r).error, "CertificateError"));
    r.failure = HTTP_LOST;
    r.timed_out = true;
    CHECK(aws_error_is(answer_decode(a, &r).error, "RequestTimeout"));
    r.failure = HTTP_STOPPED;
    result = answer_decode(a, &r);
    CHECK(aws_error_is(result.error, "RequestCanceled"));
    CHECK(result.error->stopped);
}

/* What the suite expects of a decoder that knows types, and ours does not. */
struct untyped {
    const char *id, *reason;
};

static const struct untyped untyped[] = {
    {"AwsJson11DateTimeWithNegativeOffset", "date texts stay texts"},
    {"AwsJson11DateTimeWithPositiveOffset", "date texts stay texts"},
    {"AwsJson11DateTimeWithFractionalSeconds", "date texts stay texts"},
    {"parses_iso8601_timestamps", "date texts stay texts"},
    {"parses_httpdate_timestamps", "date texts stay texts"},
    {"parses_blob_shapes", "base64 stays text"},
    {"AwsJson11DeserializeBlobUnionValue", "base64 stays text"},
    {"AwsJson11DeserializeIgnoreType", "unknown members stay"},
    {"handles_unexpected_json_output", "unknown members stay"},
};

static const char *why_skipped(const char *id)
{
    for (size_t i = 0; i < sizeof untyped / sizeof *untyped; i++)
        if (strcmp(untyped[i].id, id) == 0)
            return untyped[i].reason;
    return NULL;
}

static const struct http_header *headers_of(struct arena *a, const struct value *map)
{
    struct http_header *headers = arena_array(a, value_count(map) + 1, sizeof *headers);
    for (size_t i = 0; i < value_count(map); i++)
        headers[i] = (struct http_header){map->map.members[i].key, map->map.members[i].value->text};
    return headers;
}

static void check_case(struct arena *a, const struct value *test)
{
    struct aws_result r = decode(a, (int)value_integer(test, "response.status_code", 0),
                                 headers_of(a, value_get(test, "response.headers")),
                                 value_text(test, "response.body"));
    const char *code = value_text(test, "errorCode");
    CHECK_TEXT(r.error ? r.error->code : "", code);
    if (r.error)
        CHECK_TEXT(r.error->message, value_text(test, "errorMessage"));
    else
        CHECK_TEXT(json_print(a, r.output), json_print(a, value_get(test, "result")));
}

/* Adds to *ret_passed; the number of cases. */
static size_t check_suite(struct arena *a, const struct value *suite, size_t *ret_passed)
{
    const struct value *cases = value_get(suite, "cases");
    for (size_t i = 0; i < value_count(cases); i++) {
        const struct value *test = value_item(cases, i);
        const char *reason = why_skipped(value_text(test, "id"));
        if (reason)
            print_message("json_1_1: %s skipped: %s\n", value_text(test, "id"), reason);
        else
            check_case(a, test);
        *ret_passed += !reason;
    }
    return value_count(cases);
}

TEST(answer__matches_the_protocol_tests_of_smithy)
{
    const char *path = test_vectors(a, "protocol/output.json_1_1.json");
    if (!path)
        return;
    const struct value *suites = fake_vectors(a, path);
    size_t cases = 0, passed = 0;
    for (size_t i = 0; i < value_count(suites); i++)
        cases += check_suite(a, value_item(suites, i), &passed);
    print_message("json_1_1: %zu cases, %zu passed, %zu skipped\n", cases, passed, cases - passed);
    CHECK(passed > 0);
}
