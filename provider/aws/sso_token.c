/* The file is shared with the AWS CLI and all SDKs, found by a hash of the session's name; what it
 * holds besides the fields used here is kept. */
#include "aws/sso_token.h"

#include "aws/answer.h"
#include "aws/request.h"
#include "aws/timestamp.h"
#include "base/log.h"
#include "base/text.h"
#include "value/json.h"

#include <openssl/evp.h>
#include <string.h>

#define REFRESH_AHEAD_MS (5 * 60 * 1000)
#define OTHER_MS         500 /* in which another process writes down what it got */

struct token_file {
    const char *path;
    const struct value *content;
    int64_t expires_ms;
};

static const char *sha1(struct arena *a, const char *text)
{
    unsigned char digest[20];
    EVP_Q_digest(NULL, "SHA1", NULL, text, strlen(text), digest, NULL);
    return text_hex(a, (struct bytes){digest, sizeof digest});
}

static bool sign_in(struct arena *a, const struct sso_settings *s, const char *reason,
                    const struct aws_error **ret_error)
{
    return credentials_fail(a, ret_error, CREDENTIALS_SIGN_IN,
                            "%s. Run \"aws sso login --profile %s\", then Terraform again", reason,
                            s->profile);
}

static bool load(const struct credentials_context *c, struct arena *a, const struct sso_settings *s,
                 struct token_file *ret_file, const struct aws_error **ret_error)
{
    const char *key = s->session ? s->session : s->start_url;
    const char *path =
        os_expand_home(c->os, a, arena_printf(a, "~/.aws/sso/cache/%s.json", sha1(a, key)));
    struct bytes text;
    int error = c->os->read_file(c->os, a, path, &text);
    if (error)
        return sign_in(a, s,
                       arena_printf(a, "the file of the SSO session, %s, cannot be read: %s", path,
                                    strerror(error)),
                       ret_error);
    const struct value *v = json_parse(a, (const char *)text.data, text.size, NULL);
    *ret_file = (struct token_file){.path = path, .content = v};
    if (!v || !*value_text(v, "accessToken") ||
        !timestamp_parse(value_text(v, "expiresAt"), &ret_file->expires_ms))
        return sign_in(a, s,
                       arena_printf(a,
                                    "the file of the SSO session, %s, has no accessToken with "
                                    "a time in expiresAt",
                                    path),
                       ret_error);
    return true;
}

static bool can_refresh(const struct credentials_context *c, const struct sso_settings *s,
                        const struct value *content)
{
    int64_t until_ms;
    const char *until = value_text(content, "registrationExpiresAt");
    return s->session && *value_text(content, "refreshToken") && *value_text(content, "clientId") &&
           *value_text(content, "clientSecret") &&
           (!timestamp_parse(until, &until_ms) || until_ms > c->os->now_ms(c->os));
}

/* A token that cannot be written down is good all the same. */
static void save(const struct credentials_context *c, struct arena *a,
                 const struct token_file *file)
{
    const char *text = json_print(a, file->content);
    int error = c->os->replace_file(c->os, a, file->path,
                                    (struct bytes){(const uint8_t *)text, strlen(text)});
    if (error)
        log_event(LOG_WARN, "the renewed SSO token could not be saved",
                  (const struct log_field[]){{.key = "file", .text = file->path},
                                             {.key = "error", .text = strerror(error)},
                                             {0}});
}

static struct aws_result create_token(const struct credentials_context *c, struct arena *a,
                                      const struct sso_settings *s, const struct value *content)
{
    static const struct http_header headers[] = {{"Content-Type", "application/json"}, {0}};
    const char *body = json_print(a, MAP(a, {"clientId", value_member(content, "clientId")},
                                         {"clientSecret", value_member(content, "clientSecret")},
                                         {"grantType", value_string(a, "refresh_token")},
                                         {"refreshToken", value_member(content, "refreshToken")}));
    struct request_client client;
    struct aws_problem problem = {0};
    if (!request_open(a, c->config, c->http, &aws_sso_oidc, s->region, &client, &problem)) {
        const struct aws_error *error;
        credentials_fail(a, &error, CREDENTIALS_UNUSABLE, "%s", problem.detail);
        return (struct aws_result){&value_empty_map, error, false};
    }
    const char *const secrets[] = {value_text(content, "refreshToken"),
                                   value_text(content, "clientSecret"), NULL};
    return request_send(&client, a,
                        &(const struct request){.operation = "CreateToken",
                                                .method = "POST",
                                                .path = "/token",
                                                .headers = headers,
                                                .secrets = secrets,
                                                .body = {(const uint8_t *)body, strlen(body)},
                                                .decode = answer_decode},
                        0);
}

static const struct aws_error no_token = {.code = "NoToken",
                                          .message = "AWS's answer has no token"};

/* NULL, or why the old token has to do. */
static const struct aws_error *refresh(const struct credentials_context *c, struct arena *a,
                                       const struct sso_settings *s, struct token_file *file)
{
    struct aws_result r = create_token(c, a, s, file->content);
    int64_t seconds = value_integer(r.output, "expiresIn", 0);
    const struct value *refresh_token = value_member(r.output, "refreshToken");
    if (r.error || !*value_text(r.output, "accessToken") || seconds <= 0) {
        log_event(LOG_WARN, "the SSO token could not be renewed",
                  (const struct log_field[]){
                      {.key = "error_code", .text = r.error ? r.error->code : "no token"}, {0}});
        return r.error ? r.error : &no_token;
    }
    file->expires_ms = c->os->now_ms(c->os) + seconds * 1000;
    const struct value *v =
        value_with(a, file->content, "accessToken", value_member(r.output, "accessToken"));
    v = value_with(a, v, "expiresAt", value_string(a, timestamp_print(a, file->expires_ms)));
    if (refresh_token->kind == VALUE_STRING)
        v = value_with(a, v, "refreshToken", refresh_token);
    file->content = v;
    save(c, a, file);
    return NULL;
}

/* A refresh token is good once, and another process may have used it in the same moment. */
static bool was_renewed(const struct credentials_context *c, struct arena *a,
                        const struct sso_settings *s, struct token_file *file)
{
    const struct aws_error *error;
    for (int looks = 0; looks < 2; looks++) {
        struct token_file now = {0};
        if (looks && !c->os->sleep_ms(c->os, OTHER_MS))
            return false;
        if (!load(c, a, s, &now, &error) || now.expires_ms <= file->expires_ms)
            continue;
        *file = now;
        return true;
    }
    return false;
}

/* The end of a sentence that a session has expired. */
static const char *not_renewed(struct arena *a, const struct aws_error *fault)
{
    return fault ? arena_printf(a, ", and cannot be renewed: %s: %s", fault->code, fault->message)
                 : "";
}

const char *sso_token(const struct credentials_context *c, struct arena *a,
                      const struct sso_settings *s, const struct aws_error **ret_error)
{
    struct token_file file = {0};
    const struct aws_error *fault = NULL;
    if (!load(c, a, s, &file, ret_error))
        return NULL;
    if (file.expires_ms - c->os->now_ms(c->os) < REFRESH_AHEAD_MS &&
        can_refresh(c, s, file.content))
        fault = refresh(c, a, s, &file);
    if (fault && !fault->stopped && was_renewed(c, a, s, &file))
        fault = NULL;
    if (file.expires_ms > c->os->now_ms(c->os))
        return value_text(file.content, "accessToken");
    if (fault && fault->stopped)
        *ret_error = fault;
    else
        sign_in(a, s,
                arena_printf(a, "the SSO session (file %s) has expired on %s%s", file.path,
                             timestamp_print(a, file.expires_ms), not_renewed(a, fault)),
                ret_error);
    return NULL;
}
