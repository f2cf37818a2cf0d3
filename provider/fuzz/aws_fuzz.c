/* What AWS and everything between here and there may say, and what users' files and settings hold.
 */
#include "aws/answer.h"
#include "aws/endpoint.h"
#include "aws/profile.h"
#include "aws/query.h"
#include "aws/retry.h"
#include "aws/sigv4.h"
#include "aws/timestamp.h"
#include "aws/xml.h"
#include "ecr/ecr.h"
#include "fuzz/fuzz.h"

#include <string.h>

#define LAST_MS 253402300799999 /* of the year 9999; an offset leads beyond */

FUZZ(xml)
{
    const struct value *v = xml_parse(a, (const char *)input.data, input.size);
    CLAIM(!v || v->kind == VALUE_MAP);
}

/* The first piece is an error's type as a header has it; the status is that of struct fuzz_world.
 */
static struct http_response exchange(struct arena *a, struct bytes input)
{
    struct bytes type = fuzz_piece(&input);
    struct fuzz_world *w = fuzz_world(a, input);
    struct http_response response = w->http.send(&w->http, a, NULL);
    struct http_header *headers = arena_array(a, 2, sizeof *headers);
    headers[0] = (struct http_header){"x-amzn-errortype", fuzz_text(a, type)};
    response.headers = headers;
    return response;
}

static void check_result(const struct http_response *response, const struct aws_result *result)
{
    CLAIM(result->output);
    CLAIM(!result->error || (result->error->code && result->error->message));
    CLAIM(result->error || (response->failure == HTTP_ANSWERED && response->status / 100 == 2));
    retry_classify(response, result->error ? result->error->code : "");
}

FUZZ(json_answer)
{
    struct http_response response = exchange(a, input);
    struct aws_result result = answer_decode(a, &response);
    check_result(&response, &result);
}

FUZZ(query_answer)
{
    struct http_response response = exchange(a, input);
    struct aws_result result = query_decode(a, &response);
    check_result(&response, &result);
}

FUZZ(profile)
{
    struct profile_set set = {0};
    struct bytes config = fuzz_piece(&input);
    const char *error = NULL;
    bool parsed = profile_parse(a, &set, PROFILE_CONFIG, "config", config, &error) &&
                  profile_parse(a, &set, PROFILE_CREDENTIALS, "credentials", input, &error);
    CLAIM(parsed || error);
    for (const struct profile *p = set.first; p; p = p->next)
        CLAIM(p->name && (!p->properties || p->properties->value));
}

FUZZ(endpoint)
{
    struct bytes region = fuzz_piece(&input);
    const struct endpoint_wish wishes[] = {
        {.region = fuzz_text(a, region), .url = fuzz_text(a, input)},
        {.region = fuzz_text(a, region), .fips = input.size & 1, .dual_stack = input.size & 2}};
    for (int i = 0; i < 2; i++) {
        struct endpoint endpoint = {0};
        const char *fault = endpoint_of(a, &ecr_service, &wishes[i], &endpoint);
        CLAIM(fault || (endpoint.url && *endpoint.host && endpoint.path[0] == '/'));
        CLAIM(fault || !strpbrk(endpoint.host, "/?#@ \r\n"));
    }
}

FUZZ(timestamp)
{
    int64_t ms, again;
    if (!timestamp_parse(fuzz_text(a, input), &ms) || ms < 0 || ms > LAST_MS)
        return;
    CLAIM(timestamp_parse(timestamp_print(a, ms), &again));
    CLAIM(ms - again >= 0 && ms - again < 1000);
}

/* Path, query, a header's value, the body. */
FUZZ(sigv4)
{
    struct bytes path = fuzz_piece(&input), query = fuzz_piece(&input), value = fuzz_piece(&input);
    const struct http_header headers[] = {
        {"Host", "example.com"}, {"x-Thing", fuzz_text(a, value)}, {"X-THING", "2"}, {0}};
    const struct sigv4_request request = {.method = "POST",
                                          .path = fuzz_text(a, path),
                                          .query = fuzz_text(a, query),
                                          .headers = headers,
                                          .body = input};
    const struct sigv4_scope scope = {"eu-central-1", "ecr", 1440938160000};
    const struct credentials credentials = {.access_key_id = "A", .secret_access_key = "s"};
    CLAIM(*sigv4_canonical_request(a, &request));
    CLAIM(sigv4_sign(a, &request, &scope, &credentials)->name);
}
