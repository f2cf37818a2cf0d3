/* A session of "aws login": keys in a file, renewed at AWS's sign-in service with a proof that the
 * session's private key is at hand. The file is shared with the AWS CLI and written back. */
#include "aws/answer.h"
#include "aws/credentials_source.h"
#include "aws/dpop.h"
#include "aws/request.h"
#include "aws/shared.h"
#include "aws/sigv4.h"
#include "aws/skew.h"
#include "aws/timestamp.h"
#include "base/log.h"
#include "base/text.h"
#include "value/json.h"

#include <string.h>

#define REFRESH_AHEAD_MS (5 * 60 * 1000)
#define CODE_LIMIT       200 /* bytes */
#define OTHER_MS         500 /* in which another process writes down what it got */

struct login_settings {
    const char *profile, *path; /* path: of the session's file */
};

static bool log_in_again(struct arena *a, const struct login_settings *s, const char *reason,
                         const struct aws_error **ret_error)
{
    return credentials_fail(a, ret_error, CREDENTIALS_SIGN_IN,
                            "%s. Run \"aws login --profile %s\", then Terraform again", reason,
                            s->profile);
}

/* What is wrong with the session's file; NULL when it has all that a session cannot do without. */
static const char *find_fault(struct arena *a, int error, const struct value *session)
{
    static const char *const members[] = {"clientId", "refreshToken", "dpopKey"};
    if (error)
        return arena_printf(a, "cannot be read: %s", strerror(error));
    if (!session || session->kind != VALUE_MAP)
        return "is not JSON";
    if (value_member(session, "accessToken")->kind != VALUE_MAP)
        return "has no accessToken";
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (!*value_text(session, members[i]))
            return arena_printf(a, "has no %s", members[i]);
    return NULL;
}

static const struct value *load(const struct credentials_context *c, struct arena *a,
                                const struct login_settings *s, const struct aws_error **ret_error)
{
    struct bytes text;
    int error = c->os->read_file(c->os, a, s->path, &text);
    const struct value *v = error ? NULL : json_parse(a, (const char *)text.data, text.size, NULL);
    const char *fault = find_fault(a, error, v);
    if (!fault)
        return v;
    log_in_again(a, s, arena_printf(a, "the file of the login session, %s, %s", s->path, fault),
                 ret_error);
    return NULL;
}

/* The sign-in service says in "error" what AccessDeniedException is about. */
static struct aws_result decode(struct arena *a, const struct http_response *response)
{
    struct aws_result r = answer_decode(a, response);
    if (!r.error || response->failure != HTTP_ANSWERED)
        return r;
    const struct value *body =
        json_parse(a, (const char *)response->body.data, response->body.size, NULL);
    const char *code = body ? value_text(body, "error") : "";
    if (!*code)
        return r;
    struct aws_error *error = arena_alloc(a, sizeof *error);
    *error = *r.error;
    error->code = text_line(a, code, strlen(code), CODE_LIMIT);
    r.error = error;
    return r;
}

static struct aws_result unusable(struct arena *a, const char *why)
{
    const struct aws_error *error;
    credentials_fail(a, &error, CREDENTIALS_UNUSABLE, "%s", why);
    return (struct aws_result){&value_empty_map, error, false};
}

/* skew_ms: of the machine's clock, whose time the proof has. */
static struct aws_result ask(const struct request_client *client, struct arena *a,
                             const struct value *session, int64_t skew_ms)
{
    size_t base = strlen(client->endpoint.url);
    base -= base && client->endpoint.url[base - 1] == '/';
    const char *proof =
        dpop_proof(a, client->os, skew_ms, value_text(session, "dpopKey"),
                   arena_printf(a, "%.*s/v1/token", (int)base, client->endpoint.url));
    if (!proof)
        return unusable(a, "its dpopKey is no P-256 key");
    const struct http_header headers[] = {
        {"Content-Type", "application/json"}, {"DPoP", proof}, {0}};
    const char *body = json_print(a, MAP(a, {"clientId", value_member(session, "clientId")},
                                         {"grantType", value_string(a, "refresh_token")},
                                         {"refreshToken", value_member(session, "refreshToken")}));
    const char *const secrets[] = {value_text(session, "refreshToken"), NULL};
    return request_send(client, a,
                        &(const struct request){.operation = "CreateOAuth2Token",
                                                .method = "POST",
                                                .path = "/v1/token",
                                                .headers = headers,
                                                .secrets = secrets,
                                                .body = {(const uint8_t *)body, strlen(body)},
                                                .decode = decode},
                        0);
}

/* A proof with a wrong time is refused, and the refusal tells the right one. */
static struct aws_result create_token(const struct credentials_context *c, struct arena *a,
                                      const struct value *session)
{
    struct request_client client;
    struct aws_problem problem = {0};
    if (!request_open(a, c->config, c->http, &aws_signin, c->config->region, &client, &problem))
        return unusable(a, problem.detail);
    struct aws_result r = ask(&client, a, session, 0);
    int64_t skew_ms = shared_skew_ms(client.shared);
    return r.error && r.error->status == 400 && skew_matters(0, skew_ms)
               ? ask(&client, a, session, skew_ms)
               : r;
}

/* Keys that cannot be written down are good all the same. */
static void save(const struct credentials_context *c, struct arena *a, const char *path,
                 const struct value *session)
{
    const char *text = json_print(a, session);
    int error =
        c->os->replace_file(c->os, a, path, (struct bytes){(const uint8_t *)text, strlen(text)});
    if (error)
        log_event(LOG_WARN, "the renewed login session could not be saved",
                  (const struct log_field[]){{.key = "file", .text = path},
                                             {.key = "error", .text = strerror(error)},
                                             {0}});
}

/* Signing in again helps against all but a stop. */
static void fail_renewal(struct arena *a, const struct login_settings *s,
                         const struct aws_error *error, const struct aws_error **ret_error)
{
    const char *reason = !error          ? "the answer has no keys"
                         : error->status ? arena_printf(a, "%s: %s", error->code, error->message)
                                         : error->message;
    *ret_error = error;
    if (!error || !error->stopped)
        log_in_again(
            a, s,
            arena_printf(a, "the login session (file %s) cannot be renewed: %s", s->path, reason),
            ret_error);
}

/* The session with new keys; NULL with *ret_error. */
static const struct value *refresh(const struct credentials_context *c, struct arena *a,
                                   const struct login_settings *s, const struct value *session,
                                   const struct aws_error **ret_error)
{
    struct aws_result r = create_token(c, a, session);
    const struct value *keys = value_member(r.output, "accessToken");
    if (r.error || keys->kind != VALUE_MAP) {
        fail_renewal(a, s, r.error, ret_error);
        return NULL;
    }
    int64_t expires_ms = c->os->now_ms(c->os) + value_integer(r.output, "expiresIn", 900) * 1000;
    const struct value *old = value_member(session, "accessToken");
    for (size_t i = 0; i < value_count(keys); i++)
        old = value_with(a, old, keys->map.members[i].key, keys->map.members[i].value);
    old = value_with(a, old, "expiresAt", value_string(a, timestamp_print(a, expires_ms)));
    session = value_with(a, session, "accessToken", old);
    if (value_member(r.output, "refreshToken")->kind == VALUE_STRING)
        session = value_with(a, session, "refreshToken", value_member(r.output, "refreshToken"));
    save(c, a, s->path, session);
    return session;
}

static int64_t expires_ms_of(const struct value *session)
{
    int64_t expires_ms = 0;
    timestamp_parse(value_text(session, "accessToken.expiresAt"), &expires_ms);
    return expires_ms;
}

/* A refresh token is good once, and another process may have used it in the same moment: the
 * session as that one left it, NULL when there was none. */
static const struct value *renewed_by_another(const struct credentials_context *c, struct arena *a,
                                              const struct login_settings *s, int64_t expires_ms)
{
    const struct aws_error *error;
    for (int looks = 0; looks < 2; looks++) {
        if (looks && !c->os->sleep_ms(c->os, OTHER_MS))
            return NULL;
        const struct value *now = load(c, a, s, &error);
        if (now && expires_ms_of(now) > expires_ms)
            return now;
    }
    return NULL;
}

static bool retrieve(const struct credentials_source *source, struct arena *a,
                     struct credentials *ret_credentials, const struct aws_error **ret_error)
{
    static const struct credentials_names names = {"accessKeyId", "secretAccessKey", "sessionToken",
                                                   NULL, "accountId"};
    const struct credentials_context *c = source->context;
    const struct login_settings *s = source->settings;
    const struct value *session = load(c, a, s, ret_error);
    if (!session)
        return false;

    int64_t expires_ms = expires_ms_of(session);
    if (expires_ms - c->os->now_ms(c->os) < REFRESH_AHEAD_MS) {
        const struct value *renewed = refresh(c, a, s, session, ret_error);
        if (!renewed && !(*ret_error && (*ret_error)->stopped))
            renewed = renewed_by_another(c, a, s, expires_ms);
        if (!renewed && expires_ms <= c->os->now_ms(c->os))
            return false;
        session = renewed ? renewed : session;
        expires_ms = expires_ms_of(session);
    }
    if (!credentials_from_json(a, value_member(session, "accessToken"), &names, ret_credentials,
                               ret_error))
        return false;
    ret_credentials->expires_ms = expires_ms;
    return true;
}

static const struct credentials_kind credentials_login = {.name = "aws login session",
                                                          .retrieve = retrieve};

struct credentials_choice credentials_login_choose(struct arena *a,
                                                   const struct credentials_context *context,
                                                   const struct profile *profile)
{
    const char *arn = profile_text(profile, "login_session");
    const char *directory = os_env(context->os, "AWS_LOGIN_CACHE_DIRECTORY");
    size_t skip = strspn(arn, " \t\r\n"), size = strlen(arn + skip);
    while (size && strchr(" \t\r\n", arn[skip + size - 1]))
        size--;

    const struct bytes name = {(const uint8_t *)arn + skip, size};
    struct login_settings *s = arena_alloc(a, sizeof *s);
    *s = (struct login_settings){
        .profile = profile->name,
        .path = os_expand_home(context->os, a,
                               arena_printf(a, "%s/%s.json",
                                            directory ? directory : "~/.aws/login/cache",
                                            sigv4_hash(a, name))),
    };
    return credentials_found(credentials_provider_new(
        a, &(const struct credentials_source){
               .kind = &credentials_login, .context = context, .settings = s}));
}
