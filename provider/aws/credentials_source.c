/* What every source needs and none owns. */
#include "aws/credentials_source.h"

#include "aws/timestamp.h"
#include "base/text.h"

#include <string.h>

#define MESSAGE_LIMIT 2000u

struct credentials_choice credentials_absent(const char *reason)
{
    return (struct credentials_choice){.reason = reason};
}

struct credentials_choice credentials_broken(struct arena *a, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *reason = arena_vprintf(a, format, args);
    va_end(args);
    return (struct credentials_choice){.outcome = CREDENTIALS_BROKEN,
                                       .reason =
                                           text_line(a, reason, strlen(reason), MESSAGE_LIMIT)};
}

struct credentials_choice credentials_found(struct credentials_provider *provider)
{
    return (struct credentials_choice){.outcome = CREDENTIALS_FOUND, .provider = provider};
}

bool credentials_fail(struct arena *a, const struct aws_error **ret_error, const char *code,
                      const char *format, ...)
{
    struct aws_error *error = arena_alloc(a, sizeof *error);
    va_list args;
    va_start(args, format);
    const char *message = arena_vprintf(a, format, args);
    va_end(args);
    *error = (struct aws_error){.code = arena_text(a, code),
                                .message = text_line(a, message, strlen(message), MESSAGE_LIMIT),
                                .request_id = ""};
    *ret_error = error;
    return false;
}

static const char *text_or_null(const struct value *v, const char *name)
{
    const char *text = name ? value_text(v, name) : "";
    return *text ? text : NULL;
}

bool credentials_from_json(struct arena *a, const struct value *v,
                           const struct credentials_names *names,
                           struct credentials *ret_credentials, const struct aws_error **ret_error)
{
    const char *required[] = {names->access_key_id, names->secret_access_key};
    for (size_t i = 0; i < 2; i++)
        if (!text_or_null(v, required[i]))
            return credentials_fail(a, ret_error, CREDENTIALS_UNUSABLE, "the answer has no %s",
                                    required[i]);
    const char *expiration = text_or_null(v, names->expiration);
    int64_t expires_ms = 0;
    if (expiration && !timestamp_parse(expiration, &expires_ms))
        return credentials_fail(a, ret_error, CREDENTIALS_UNUSABLE,
                                "%s in the answer is no time such as 2026-01-31T08:00:00Z",
                                names->expiration);
    *ret_credentials = (struct credentials){
        .access_key_id = text_or_null(v, names->access_key_id),
        .secret_access_key = text_or_null(v, names->secret_access_key),
        .session_token = text_or_null(v, names->session_token),
        .account_id = text_or_null(v, names->account_id),
        .expires_ms = expires_ms,
    };
    return true;
}
