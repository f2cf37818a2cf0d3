/* The clock is read before and after the call; the server's is taken to have been read half way. */
#include "aws/skew.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LONGEST_TRIP_MS (15 * 60 * 1000) /* beyond this "half way" is a guess */
#define TOLERATED_MS    (4 * 60 * 1000)

static const char *const codes[] = {"RequestTimeTooSkewed", "InvalidSignatureException",
                                    "SignatureDoesNotMatch", "AuthFailure",
                                    "AccessDeniedException"};

/* "Thu, 01 Jan 2026 00:00:01 GMT"; -1 when it is no such date. */
static int64_t parse_date(const char *text)
{
    struct tm tm = {0};
    const char *end = strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &tm);
    return end && *end == '\0' ? (int64_t)timegm(&tm) * 1000 : -1;
}

bool skew_measure(const struct http_response *response, int64_t sent_ms, int64_t received_ms,
                  int64_t *ret_skew_ms)
{
    const char *date = http_header(response, "date");
    int64_t server_ms = date ? parse_date(date) : -1, trip_ms = received_ms - sent_ms;
    if (server_ms < 0 || http_header(response, "age") || trip_ms < 0 || trip_ms > LONGEST_TRIP_MS)
        return false;
    *ret_skew_ms = server_ms - (sent_ms + trip_ms / 2);
    return true;
}

bool skew_matters(int64_t used_ms, int64_t measured_ms)
{
    return llabs(measured_ms - used_ms) > TOLERATED_MS;
}

bool skew_explains(const char *code, int64_t used_ms, int64_t measured_ms)
{
    if (!skew_matters(used_ms, measured_ms))
        return false;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (strcmp(codes[i], code) == 0)
            return true;
    return false;
}
