/* LimitExceededException is on the SDKs' lists of throttling codes and not on this one: ECR says it
 * when a quota of objects is reached, which no waiting helps. */
#include "aws/retry.h"

#include <stdlib.h>
#include <string.h>

#define BASE_MS              50
#define THROTTLED_BASE_MS    1000
#define WISH_MS              5000 /* x-amz-retry-after may add this much to our own delay */
#define UNREACHABLE_ATTEMPTS 9
#define RETRY_COST           14
#define THROTTLED_COST       5

static const char *const throttling_codes[] = {
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "ThrottleException",
    "RequestThrottled",
    "RequestThrottledException",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "TransactionInProgressException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "SlowDown",
    "PriorRequestNotComplete",
    "EC2ThrottledException",
    NULL,
};

static const char *const transient_codes[] = {
    "RequestTimeout",
    "RequestTimeoutException",
    "IDPCommunicationError", /* STS */
    NULL,
};

static const char *const read_prefixes[] = {
    "Describe", "Get", "List", "BatchGet", "BatchCheck", NULL,
};

static bool is_one_of(const char *const *texts, const char *text)
{
    for (; *texts; texts++)
        if (strcmp(*texts, text) == 0)
            return true;
    return false;
}

static enum retry_class classify_answer(int status, const char *code)
{
    if (status == 429 || is_one_of(throttling_codes, code))
        return RETRY_THROTTLED;
    if (status == 500 || (status >= 502 && status <= 504) || is_one_of(transient_codes, code))
        return RETRY_TRANSIENT;
    return status < 300 ? RETRY_TRANSIENT : RETRY_NEVER;
}

enum retry_class retry_classify(const struct http_response *response, const char *code)
{
    switch (response->failure) {
    case HTTP_ANSWERED:
        return classify_answer(response->status, code);
    case HTTP_NOT_SENT:
        return response->timed_out ? RETRY_TRANSIENT : RETRY_UNREACHABLE;
    case HTTP_LOST:
        return RETRY_TRANSIENT;
    case HTTP_STOPPED:
    case HTTP_BAD_CERTIFICATE:
    case HTTP_UNUSABLE:
        break;
    }
    return RETRY_NEVER;
}

static int64_t at_most(int64_t number, int64_t most)
{
    return number < most ? number : most;
}

/* Full jitter: anything from 0 to the bound, which doubles. */
static int64_t backoff_ms(const struct retry_attempt *t)
{
    int64_t base = t->class == RETRY_THROTTLED ? THROTTLED_BASE_MS : BASE_MS;
    int64_t longest = t->longest_ms ? t->longest_ms : RETRY_LONGEST_MS;
    int64_t bound = at_most(base << at_most(t->number - 1, 20), longest);
    return (int64_t)((t->random >> 32) * (uint64_t)bound / UINT32_MAX);
}

/* The header's number times unit_ms; -1 when there is none. */
static int64_t wish_ms(const struct http_response *response, const char *header, int64_t unit_ms)
{
    const char *text = http_header(response, header);
    if (!text || !*text || text[strspn(text, "0123456789")] || strlen(text) > 9)
        return -1;
    return strtoll(text, NULL, 10) * unit_ms;
}

static int64_t with_wishes(const struct http_response *response, int64_t delay_ms)
{
    int64_t milliseconds = wish_ms(response, "x-amz-retry-after", 1);
    if (milliseconds > delay_ms)
        delay_ms = at_most(milliseconds, delay_ms + WISH_MS);
    int64_t seconds = at_most(wish_ms(response, "retry-after", 1000), RETRY_LONGEST_MS);
    return seconds > delay_ms ? seconds : delay_ms;
}

int64_t retry_delay_ms(const struct retry_attempt *attempt)
{
    int most = attempt->class == RETRY_UNREACHABLE
                   ? (int)at_most(attempt->most, UNREACHABLE_ATTEMPTS)
                   : attempt->most;
    if (attempt->class == RETRY_NEVER || attempt->number >= most)
        return RETRY_STOP;
    int64_t delay_ms = with_wishes(attempt->response, backoff_ms(attempt));
    return delay_ms < attempt->left_ms ? delay_ms : RETRY_STOP;
}

bool retry_quota_take(struct retry_quota *quota, enum retry_class class, int *ret_cost)
{
    *ret_cost = class == RETRY_THROTTLED ? THROTTLED_COST : RETRY_COST;
    if (quota->capacity == 0)
        return true;
    if (quota->tokens < *ret_cost)
        return false;
    quota->tokens -= *ret_cost;
    return true;
}

void retry_quota_succeeded(struct retry_quota *quota, int cost)
{
    quota->tokens = (int)at_most(quota->tokens + (cost ? cost : 1), quota->capacity);
}

bool retry_is_read(const char *operation)
{
    for (const char *const *prefix = read_prefixes; *prefix; prefix++)
        if (strncmp(operation, *prefix, strlen(*prefix)) == 0)
            return true;
    return false;
}
