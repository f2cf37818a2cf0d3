/* Log lines, as the reader at the other end of stderr gets them. */
#include "base/log.h"

#include "base/capture_test.h"
#include "base/test.h"
#include "base/text.h"

#include <string.h>

static const char *logged(struct arena *a, const struct log_field *fields)
{
    struct capture c = capture_start("TRACE");
    log_event(LOG_INFO, "a \"message\"", fields);
    return capture_end(a, &c);
}

TEST(log__line_is_json_of_hclog)
{
    const struct log_field fields[] = {
        {.key = "operation", .text = "CreateRepository\n"}, {.key = "status", .number = 200}, {0}};
    const char *line = logged(a, fields);
    CHECK_HAS(line, "{\"@level\":\"info\",\"@timestamp\":\"2");
    CHECK_HAS(line, "Z\",\"@module\":\"ecr\",\"@message\":\"a \\\"message\\\"\"");
    CHECK_HAS(line, ",\"operation\":\"CreateRepository\\u000a\",\"status\":200}\n");
    CHECK_TEXT(strchr(line, '\n'), "\n");
    CHECK_HAS(logged(a, NULL), "\"@message\":\"a \\\"message\\\"\"}\n");
}

TEST(log__values_of_secret_keys_are_replaced)
{
    static const char *const keys[] = {"secret_key",
                                       "aws_secret_access_key",
                                       "token",
                                       "X-Amz-Security-Token",
                                       "authorizationToken",
                                       "password",
                                       "Authorization",
                                       "signature"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const struct log_field fields[] = {{.key = keys[i], .text = "canary"}, {0}};
        const char *line = logged(a, fields);
        CHECK(!strstr(line, "canary"));
        CHECK_HAS(line, "(sensitive value)");
    }
}

TEST(log__writes_only_from_its_level_up)
{
    struct capture c = capture_start("warn");
    log_event(LOG_INFO, "quiet", NULL);
    log_event(LOG_WARN, "loud", NULL);
    const char *text = capture_end(a, &c);
    CHECK(!strstr(text, "quiet"));
    CHECK_HAS(text, "loud");
}

TEST(log__is_off_without_a_level_and_traces_at_an_unknown_word)
{
    log_set_level(NULL);
    CHECK(!log_enabled(LOG_ERROR));
    log_set_level("");
    CHECK(!log_enabled(LOG_ERROR));
    log_set_level("Off");
    CHECK(!log_enabled(LOG_ERROR));
    log_set_level("json");
    CHECK(log_enabled(LOG_TRACE));
    log_set_level("Error");
    CHECK(log_enabled(LOG_ERROR));
    CHECK(!log_enabled(LOG_WARN));
    log_set_level(NULL);
}

TEST(log__cuts_long_text_between_characters)
{
    char text[2000] = "x"; /* so that the cut falls into a character */
    for (size_t i = 1; i + 2 < sizeof text; i += 2)
        memcpy(text + i, "ü", 2);
    const struct log_field fields[] = {{.key = "long", .text = text}, {0}};
    const char *line = logged(a, fields);
    CHECK(strlen(line) < 1300);
    CHECK(text_is_utf8(line, strlen(line)));
}

/* Every byte escapes to six: sixteen fields cannot fit. */
TEST(log__leaves_out_what_does_not_fit)
{
    char text[1500];
    struct log_field fields[17] = {{0}};
    memset(text, 1, sizeof text - 1);
    text[sizeof text - 1] = '\0';
    for (size_t i = 0; i < 16; i++)
        fields[i] = (struct log_field){.key = "k", .text = text};
    const char *line = logged(a, fields);
    CHECK(strlen(line) <= 16 * 1024);
    CHECK(strlen(line) > 12 * 1024);
    CHECK_TEXT(line + strlen(line) - 3, "\"}\n");
}

TEST(log__cuts_long_messages_too)
{
    char text[40000];
    memset(text, 1, sizeof text - 1);
    text[sizeof text - 1] = '\0';
    struct capture c = capture_start("TRACE");
    log_event(LOG_INFO, text, NULL);
    CHECK(strlen(capture_end(a, &c)) < 7000);
}
