/* The file of "aws sso login": when it is renewed, what is written back, and what is said when it
 * cannot be. */
#include "aws/sso_token.h"

#include "aws/config.h"
#include "aws/fake_test.h"
#include "base/test.h"
#include "value/json.h"

#include <errno.h>
#include <string.h>

/* SHA-1 of "corp", and of "https://corp.awsapps.com/start". */
#define SESSION_FILE "/home/.aws/sso/cache/" SESSION_HASH ".json"
#define LEGACY_FILE  "/home/.aws/sso/cache/" LEGACY_HASH ".json"
#define SESSION_HASH "ee0bfd2552fbd840c02cc48b6e823320543c450f"
#define LEGACY_HASH  "a51746d4aa793ae07b25e90c3a5db96fc7832bd7"
#define URL          "https://corp.awsapps.com/start"
#define NOW_MS       1763510400000 /* 2025-11-19T00:00:00Z */

#define TOKEN(expires)                                                                \
    "{\"accessToken\":\"old\",\"expiresAt\":\"" expires "\",\"refreshToken\":\"r1\"," \
    "\"clientId\":\"c\",\"clientSecret\":\"cs\",\"registrationExpiresAt\":"           \
    "\"2026-01-01T00:00:00Z\",\"extra\":true}"
#define RENEWED "{\"accessToken\":\"new\",\"expiresIn\":3600,\"refreshToken\":\"r2\"}"

struct world {
    struct fake_os os;
    struct fake_http http;
    struct fake_file files[2];
    struct fake_answer answer;
    struct aws_settings settings;
    struct config config;
    struct credentials_context context;
    struct sso_settings sso;
    const struct aws_error *error;
};

static struct world *world_new(struct arena *a, const char *path, const char *text,
                               struct fake_answer answer)
{
    static const char *const variables[] = {"HOME", "/home", NULL};
    struct world *w = arena_alloc(a, sizeof *w);
    w->os = fake_os();
    w->os.variables = variables;
    w->os.now_ms = NOW_MS;
    w->files[0] = (struct fake_file){path, text, ENOENT};
    w->os.files = w->files;
    w->answer = answer;
    w->http = fake_http(&w->os, &w->answer, 1);
    w->http.keep = a;
    w->config = (struct config){.os = &w->os.os, .settings = &w->settings, .region = "eu-west-1"};
    w->context = (struct credentials_context){&w->os.os, &w->http.http, &w->config, "test"};
    w->sso = (struct sso_settings){"dev", "corp", URL, "eu-west-1", "1", "r"};
    return w;
}

static const char *token(struct arena *a, struct world *w)
{
    return sso_token(&w->context, a, &w->sso, &w->error);
}

static struct fake_answer answers(int status, const char *body)
{
    return (struct fake_answer){.response = {.sent = true, .status = status}, .body = body};
}

TEST(sso_token__that_is_good_is_used_as_it_is)
{
    struct world *w = world_new(a, SESSION_FILE, TOKEN("2025-11-19T01:00:00Z"), answers(500, ""));
    CHECK_TEXT(token(a, w), "old");
    CHECK_INT(w->http.requests, 0);
}

TEST(sso_token__is_renewed_ahead_of_its_end_and_written_back_whole)
{
    struct world *w =
        world_new(a, SESSION_FILE, TOKEN("2025-11-19T00:04:00Z"), answers(200, RENEWED));
    CHECK_TEXT(token(a, w), "new");
    CHECK_TEXT(w->http.last.url, "https://oidc.eu-west-1.amazonaws.com/token");
    CHECK_HAS((const char *)w->http.last.body.data, "\"grantType\":\"refresh_token\"");
    CHECK_HAS((const char *)w->http.last.body.data, "\"refreshToken\":\"r1\"");
    CHECK_TEXT(w->os.written_path, SESSION_FILE);
    const struct value *file = json_parse(a, w->os.written, strlen(w->os.written), NULL);
    CHECK_TEXT(value_text(file, "accessToken"), "new");
    CHECK_TEXT(value_text(file, "refreshToken"), "r2");
    CHECK_TEXT(value_text(file, "expiresAt"), "2025-11-19T01:00:00Z");
    CHECK(value_is_true(file, "extra"));
}

TEST(sso_token__serves_to_its_end_when_it_cannot_be_renewed)
{
    struct world *w = world_new(a, SESSION_FILE, TOKEN("2025-11-19T00:04:00Z"), answers(400, "{}"));
    CHECK_TEXT(token(a, w), "old");
    CHECK_INT(w->http.requests, 1);
    CHECK(!w->os.written);
}

TEST(sso_token__that_cannot_be_saved_is_good_all_the_same)
{
    struct world *w =
        world_new(a, SESSION_FILE, TOKEN("2025-11-18T00:00:00Z"), answers(200, RENEWED));
    w->os.write_error = EACCES;
    CHECK_TEXT(token(a, w), "new");
}

/* Another process, which was first, writes down what it got. */
static bool sleep_while_another_writes(const struct os *os, int64_t ms)
{
    struct world *w = (struct world *)os;
    w->files[0].text = "{\"accessToken\":\"theirs\",\"expiresAt\":\"2025-11-19T01:00:00Z\"}";
    w->os.now_ms += ms;
    return true;
}

TEST(sso_token__that_another_process_renews_at_the_same_time_is_used)
{
    struct world *w = world_new(a, SESSION_FILE, TOKEN("2025-11-18T00:00:00Z"),
                                answers(400, "{\"__type\":\"InvalidGrantException\"}"));
    w->os.os.sleep_ms = sleep_while_another_writes;
    CHECK_TEXT(token(a, w), "theirs");
    CHECK_INT(w->http.requests, 1);
    CHECK(!w->os.written);
}

static void check_sign_in(struct arena *a, struct world *w, const char *part)
{
    CHECK(!token(a, w));
    CHECK_HAS(w->error->message, part);
    CHECK_HAS(w->error->message, "aws sso login --profile dev");
}

TEST(sso_token__that_is_over_asks_to_sign_in_and_names_the_file)
{
    struct world *w = world_new(a, SESSION_FILE, TOKEN("2025-11-18T00:00:00Z"), answers(401, "{}"));
    check_sign_in(a, w, SESSION_FILE);
    check_sign_in(a, world_new(a, SESSION_FILE, NULL, answers(500, "")), "cannot be read");
    check_sign_in(a, world_new(a, SESSION_FILE, "{", answers(500, "")), "has no accessToken");
    check_sign_in(a,
                  world_new(a, SESSION_FILE, "{\"accessToken\":\"x\",\"expiresAt\":\"soon\"}",
                            answers(500, "")),
                  "has no accessToken");
}

TEST(sso_token__a_stop_is_no_reason_to_sign_in_again)
{
    const struct fake_answer stopped = {
        .response = {.failure = HTTP_STOPPED, .reason = "Terraform asked to stop"}};
    struct world *w = world_new(a, SESSION_FILE, TOKEN("2025-11-18T00:00:00Z"), stopped);
    CHECK(!token(a, w));
    CHECK(w->error->stopped);
    CHECK(!strstr(w->error->message, "aws sso login"));
}

TEST(sso_token__is_not_renewed_at_an_address_that_is_none)
{
    struct world *w =
        world_new(a, SESSION_FILE, TOKEN("2025-11-18T00:00:00Z"), answers(200, RENEWED));
    w->settings.endpoints = (const char *const[]){"SSO OIDC", "ftp://x", NULL};
    check_sign_in(a, w, "has expired on 2025-11-18T00:00:00Z");
    CHECK_INT(w->http.requests, 0);
}

TEST(sso_token__that_is_over_tells_why_it_was_not_renewed)
{
    static const char refused[] = "{\"error\":\"invalid_grant\",\"message\":\"used up\","
                                  "\"__type\":\"InvalidGrantException\"}";
    check_sign_in(a,
                  world_new(a, SESSION_FILE, TOKEN("2025-11-18T00:00:00Z"), answers(400, refused)),
                  "has expired on 2025-11-18T00:00:00Z, and cannot be renewed: "
                  "InvalidGrantException: used up");
    check_sign_in(a, world_new(a, SESSION_FILE, TOKEN("2025-11-18T00:00:00Z"), answers(200, "{}")),
                  "cannot be renewed: NoToken: AWS's answer has no token");
}

TEST(sso_token__of_the_older_form_is_never_renewed)
{
    struct world *w =
        world_new(a, LEGACY_FILE, TOKEN("2025-11-19T00:04:00Z"), answers(200, RENEWED));
    w->sso.session = NULL;
    CHECK_TEXT(token(a, w), "old");
    CHECK_INT(w->http.requests, 0);
}

TEST(sso_token__is_not_renewed_by_a_client_whose_registration_is_over)
{
    struct world *w =
        world_new(a, SESSION_FILE, TOKEN("2025-11-19T00:04:00Z"), answers(200, RENEWED));
    char *text = arena_text(a, w->files[0].text);
    memcpy(strstr(text, "2026-01-01"), "2025-01-01", 10);
    w->files[0].text = text;
    CHECK_TEXT(token(a, w), "old");
    CHECK_INT(w->http.requests, 0);
}
