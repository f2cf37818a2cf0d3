/* AWS's services write one form; programs and files of users write all of them. */
#include "aws/timestamp.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Milliseconds behind the dot; *text moves past the digits. */
static int64_t fraction(const char **text)
{
    int64_t ms = 0;
    if (**text != '.' && **text != ',')
        return 0;
    ++*text;
    for (int64_t unit = 100; isdigit((unsigned char)**text); ++*text, unit /= 10)
        ms += (**text - '0') * unit;
    return ms;
}

static bool offset(const char *text, int64_t *ret_minutes)
{
    unsigned hours, minutes;
    int size = 0;
    *ret_minutes = 0;
    if (strcmp(text, "Z") == 0 || strcmp(text, "z") == 0 || strcmp(text, "UTC") == 0)
        return true;
    if (*text != '+' && *text != '-')
        return false;
    bool read = sscanf(text + 1, "%2u:%2u%n", &hours, &minutes, &size) == 2 ||
                sscanf(text + 1, "%2u%2u%n", &hours, &minutes, &size) == 2;
    if (!read || size < 4 || !isdigit((unsigned char)text[2]) || text[1 + size] || hours > 23 ||
        minutes > 59)
        return false;
    *ret_minutes = (int64_t)(hours * 60 + minutes) * (*text == '-' ? -1 : 1);
    return true;
}

bool timestamp_parse(const char *text, int64_t *ret_ms)
{
    struct tm t = {0};
    int size = 0;
    int64_t minutes;
    if (sscanf(text, "%4d-%2d-%2d%*1[Tt ]%2d:%2d:%2d%n", &t.tm_year, &t.tm_mon, &t.tm_mday,
               &t.tm_hour, &t.tm_min, &t.tm_sec, &size) != 6 ||
        size != 19 || t.tm_mon < 1 || t.tm_mon > 12 || t.tm_mday < 1 || t.tm_mday > 31 ||
        t.tm_hour < 0 || t.tm_hour > 23 || t.tm_min < 0 || t.tm_min > 59 || t.tm_sec < 0 ||
        t.tm_sec > 60 || t.tm_year < 1970)
        return false;
    t.tm_year -= 1900;
    t.tm_mon -= 1;

    const char *rest = text + size;
    int64_t ms = fraction(&rest);
    if (!offset(rest, &minutes))
        return false;
    *ret_ms = ((int64_t)timegm(&t) - minutes * 60) * 1000 + ms;
    return true;
}

const char *timestamp_print(struct arena *a, int64_t ms)
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm t;
    char text[32];
    gmtime_r(&seconds, &t);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &t);
    return arena_text(a, text);
}
