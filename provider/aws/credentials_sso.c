/* A role of IAM Identity Center, which the user has signed in to with the AWS CLI. */
#include "aws/answer.h"
#include "aws/query.h"
#include "aws/request.h"
#include "aws/sso_token.h"

#include <string.h>

static struct aws_result get_role_credentials(const struct credentials_context *c, struct arena *a,
                                              const struct sso_settings *s, const char *token)
{
    const struct http_header headers[] = {{"x-amz-sso_bearer_token", token}, {0}};
    struct request_client client;
    struct aws_problem problem = {0};
    if (!request_open(a, c->config, c->http, &aws_sso, s->region, &client, &problem)) {
        const struct aws_error *error;
        credentials_fail(a, &error, CREDENTIALS_UNUSABLE, "%s", problem.detail);
        return (struct aws_result){&value_empty_map, error, false};
    }
    const char *query = arena_printf(a, "role_name=%s&account_id=%s", query_escape(a, s->role_name),
                                     query_escape(a, s->account_id));
    return request_send(&client, a,
                        &(const struct request){.operation = "GetRoleCredentials",
                                                .method = "GET",
                                                .path = "/federation/credentials",
                                                .query = query,
                                                .headers = headers,
                                                .secrets = (const char *const[]){token, NULL},
                                                .is_read = true,
                                                .decode = answer_decode},
                        0);
}

static bool retrieve(const struct credentials_source *source, struct arena *a,
                     struct credentials *ret_credentials, const struct aws_error **ret_error)
{
    static const struct credentials_names names = {"accessKeyId", "secretAccessKey", "sessionToken",
                                                   NULL, NULL};
    const struct sso_settings *s = source->settings;
    if (!s->account_id)
        return credentials_fail(a, ret_error, CREDENTIALS_UNUSABLE,
                                "profile \"%s\" has neither sso_account_id nor sso_role_name, so "
                                "signing in gives it a token, but no credentials",
                                s->profile);
    const char *token = sso_token(source->context, a, s, ret_error);
    if (!token)
        return false;
    struct aws_result r = get_role_credentials(source->context, a, s, token);
    if (r.error && r.error->status == 401)
        return credentials_fail(a, ret_error, CREDENTIALS_SIGN_IN,
                                "AWS no longer accepts the SSO session (%s: %s). Run \"aws sso "
                                "login --profile %s\", then Terraform again",
                                r.error->code, r.error->message, s->profile);
    if (r.error && r.error->status == 403)
        return credentials_fail(
            a, ret_error, CREDENTIALS_UNUSABLE,
            "AWS refuses the role %s in account %s (%s: %s, request id %s). Check "
            "sso_role_name and sso_account_id of profile \"%s\"",
            s->role_name, s->account_id, r.error->code, r.error->message, r.error->request_id,
            s->profile);
    *ret_error = r.error;
    if (r.error)
        return false;
    const struct value *v = value_member(r.output, "roleCredentials");
    if (!credentials_from_json(a, v, &names, ret_credentials, ret_error))
        return false;
    ret_credentials->account_id = s->account_id;
    ret_credentials->expires_ms = value_integer(v, "expiration", 0);
    return true;
}

const struct credentials_kind credentials_sso = {.name = "IAM Identity Center (SSO)",
                                                 .retrieve = retrieve};

/* What the profile repeats of its session must be the same there. NULL when it is. */
static const char *contradiction(const struct profile *profile, const struct profile *session)
{
    static const char *const keys[] = {"sso_region", "sso_start_url"};
    for (size_t i = 0; i < 2; i++) {
        const char *here = profile_text(profile, keys[i]), *there = profile_text(session, keys[i]);
        if (here && (!there || strcmp(here, there) != 0))
            return keys[i];
    }
    return NULL;
}

/* The first of what is missing; NULL when all is there. */
static const char *missing(const struct sso_settings *s)
{
    if (!s->region)
        return "sso_region";
    if (!s->start_url)
        return "sso_start_url";
    if (s->role_name && !s->account_id)
        return "sso_account_id (sso_role_name is set)";
    if (s->account_id && !s->role_name)
        return "sso_role_name (sso_account_id is set)";
    if (!s->session && !s->account_id)
        return "sso_account_id and sso_role_name";
    return NULL;
}

struct credentials_choice credentials_sso_choose(struct arena *a,
                                                 const struct credentials_context *context,
                                                 const struct profile *profile)
{
    const char *name = profile_text(profile, "sso_session");
    const struct profile *where = profile;
    if (name) {
        where = profile_find(&context->config->profiles, PROFILE_SSO_SESSION, name);
        if (!where)
            return credentials_broken(a,
                                      "profile \"%s\" names sso_session \"%s\", but there is no "
                                      "section [sso-session %s]",
                                      profile->name, name, name);
        const char *key = contradiction(profile, where);
        if (key)
            return credentials_broken(a,
                                      "profile \"%s\" has an %s other than its sso_session "
                                      "\"%s\"; write it in [sso-session %s] only",
                                      profile->name, key, name, name);
    }
    struct sso_settings *s = arena_alloc(a, sizeof *s);
    *s = (struct sso_settings){.profile = profile->name,
                               .session = name,
                               .start_url = profile_text(where, "sso_start_url"),
                               .region = profile_text(where, "sso_region"),
                               .account_id = profile_text(profile, "sso_account_id"),
                               .role_name = profile_text(profile, "sso_role_name")};
    const char *lacks = missing(s);
    if (lacks)
        return credentials_broken(a, "%s \"%s\" is set up for SSO but lacks %s",
                                  where == profile ? "profile" : "sso-session", where->name, lacks);
    return credentials_found(credentials_provider_new(
        a, &(const struct credentials_source){
               .kind = &credentials_sso, .context = context, .settings = s}));
}
