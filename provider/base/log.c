/* Lines are built on the stack: logging allocates nothing and can be called from anywhere. */
#include "base/log.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#define LINE_SIZE (16 * 1024)
#define TEXT_MAX  1024 /* bytes of one value */

struct line {
    char text[LINE_SIZE];
    size_t size;
};

static enum log_level minimum = LOG_OFF;

static const char *const level_names[] = {"trace", "debug", "info", "warn", "error"};

static const char *const secret_words[] = {"secret",        "password",  "token",
                                           "authorization", "signature", "credential_value"};

/* The caller sees to it that there is room: add_field leaves out what might not fit. */
static void add_raw(struct line *line, const char *text, size_t size)
{
    memcpy(line->text + line->size, text, size);
    line->size += size;
}

static void add_text(struct line *line, const char *text)
{
    add_raw(line, text, strlen(text));
}

static void add_escaped(struct line *line, unsigned char c)
{
    char escape[8];
    if (c == '"' || c == '\\')
        snprintf(escape, sizeof escape, "\\%c", c);
    else
        snprintf(escape, sizeof escape, "\\u%04x", c);
    add_text(line, escape);
}

/* Bytes of text that are written: TEXT_MAX, or fewer so as not to split a UTF-8 character. */
static size_t text_size(const char *text)
{
    size_t size = strnlen(text, TEXT_MAX + 1);
    if (size <= TEXT_MAX)
        return size;
    size = TEXT_MAX;
    while (size && ((unsigned char)text[size] & 0xc0) == 0x80)
        size--;
    return size;
}

static void add_quoted(struct line *line, const char *text)
{
    const char *end = text + text_size(text);
    add_raw(line, "\"", 1);
    for (const char *p = text; p < end; p++) {
        unsigned char c = (unsigned char)*p;
        if (c < 0x20 || c == '"' || c == '\\' || c == 0x7f)
            add_escaped(line, c);
        else
            add_raw(line, p, 1);
    }
    add_raw(line, "\"", 1);
}

static bool is_secret(const char *key)
{
    for (size_t i = 0; i < sizeof secret_words / sizeof *secret_words; i++)
        if (strcasestr(key, secret_words[i]))
            return true;
    return false;
}

static void add_field(struct line *line, const struct log_field *field)
{
    char number[32];
    snprintf(number, sizeof number, "%lld", (long long)field->number);
    size_t worst = 6 * (text_size(field->key) + text_size(field->text ? field->text : number)) + 16;
    if (worst > sizeof line->text - line->size)
        return;

    add_raw(line, ",", 1);
    add_quoted(line, field->key);
    add_raw(line, ":", 1);
    if (field->text)
        add_quoted(line, is_secret(field->key) ? "(sensitive value)" : field->text);
    else
        add_text(line, number);
}

static void add_timestamp(struct line *line)
{
    struct timespec now;
    struct tm utc;
    char seconds[32], text[64];

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    strftime(seconds, sizeof seconds, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(text, sizeof text, "\"%s.%06ldZ\"", seconds, now.tv_nsec / 1000);
    add_text(line, text);
}

void log_set_level(const char *tf_log)
{
    minimum = tf_log && *tf_log ? LOG_TRACE : LOG_OFF;
    if (tf_log && strcasecmp(tf_log, "off") == 0)
        minimum = LOG_OFF;
    for (size_t i = 0; tf_log && i < sizeof level_names / sizeof *level_names; i++)
        if (strcasecmp(tf_log, level_names[i]) == 0)
            minimum = (enum log_level)i;
}

bool log_enabled(enum log_level level)
{
    return level >= minimum && minimum != LOG_OFF;
}

void log_event(enum log_level level, const char *message, const struct log_field *fields)
{
    if (!log_enabled(level))
        return;

    struct line line;
    line.size = 0;
    add_text(&line, "{\"@level\":");
    add_quoted(&line, level_names[level]);
    add_text(&line, ",\"@timestamp\":");
    add_timestamp(&line);
    add_text(&line, ",\"@module\":\"ecr\",\"@message\":");
    add_quoted(&line, message);
    for (; fields && fields->key; fields++)
        add_field(&line, fields);
    memcpy(line.text + line.size, "}\n", 2);
    line.size += 2;
    ssize_t written = write(STDERR_FILENO, line.text, line.size);
    (void)written; /* a reader that went away must not stop the provider */
}
