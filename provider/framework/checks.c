/* Checks of strings that several tables share. */
#include "framework/checks.h"

#include "value/json.h"

#include <stdlib.h>
#include <string.h>

#define DURATION_MOST_MS ((int64_t)10 * 365 * 24 * 60 * 60 * 1000)

const char *check_json(struct arena *a, const char *text)
{
    struct json_error error;
    if (json_parse(a, text, strlen(text), &error))
        return NULL;
    return arena_printf(a, "must be valid JSON; the fault is at line %d, column %d", error.line,
                        error.column);
}

/* arn:partition:service:region:account:resource */
const char *check_arn(struct arena *a, const char *text)
{
    (void)a;
    const char *p = text;
    for (int colons = 0; colons < 5; colons++) {
        p = strchr(p, ':');
        if (!p)
            return "must be an ARN, arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE";
        p++;
    }
    return strncmp(text, "arn:", 4) == 0 && *p ? NULL
                                               : "must be an ARN, arn:PARTITION:SERVICE:REGION:"
                                                 "ACCOUNT:RESOURCE";
}

const char *check_url(struct arena *a, const char *text)
{
    (void)a;
    size_t scheme = strncmp(text, "https://", 8) == 0  ? 8
                    : strncmp(text, "http://", 7) == 0 ? 7
                                                       : 0;
    bool printable = text[strcspn(text, " \t\r\n@")] == '\0';
    return scheme && printable && text[scheme] && text[scheme] != '/'
               ? NULL
               : "must be a URL such as https://ecr.example.com or http://127.0.0.1:5000, without "
                 "a user name";
}

static int64_t unit_ms(const char **text)
{
    static const struct {
        const char *name;
        int64_t ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60 * 1000}, {"h", 60 * 60 * 1000}};

    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t size = strlen(units[i].name);
        if (strncmp(*text, units[i].name, size) == 0) {
            *text += size;
            return units[i].ms;
        }
    }
    return 0;
}

bool duration_parse(const char *text, int64_t *ret_ms)
{
    int64_t total = 0;
    if (!*text)
        return false;
    while (*text) {
        if (strspn(text, "0123456789") == 0 || strspn(text, "0123456789") > 9)
            return false;
        char *end;
        int64_t number = strtoll(text, &end, 10);
        text = end;
        int64_t unit = unit_ms(&text);
        if (!unit)
            return false;
        total += number * unit;
        if (total > DURATION_MOST_MS)
            return false;
    }
    *ret_ms = total;
    return true;
}

const char *check_role_duration(struct arena *a, const char *text)
{
    int64_t ms, minute = 60 * 1000;
    (void)a;
    return duration_parse(text, &ms) && ms >= 15 * minute && ms <= 12 * 60 * minute
               ? NULL
               : "must be a duration from 15m to 12h, such as \"1h30m\"";
}

const char *check_duration(struct arena *a, const char *text)
{
    (void)a;
    int64_t ms;
    return duration_parse(text, &ms) ? NULL
                                     : "must be a duration such as \"20m\", \"1h30m\" or \"90s\"";
}
