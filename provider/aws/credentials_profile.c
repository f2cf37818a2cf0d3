/* What a profile of the shared files means: keys of its own, a role for the credentials of another
 * profile, or one of the other ways. Follows AWS's Go SDK, and where that says nothing the cases
 * that the SDKs share. */
#include "aws/credentials_source.h"

#include <stdlib.h>
#include <string.h>

#define CHAIN_LIMIT 32

struct walk {
    struct arena *arena;
    const struct credentials_context *context;
    const struct profile *visited[CHAIN_LIMIT];
    size_t count;
};

#define BROKEN(w, ...) credentials_broken((w)->arena, __VA_ARGS__)

static bool has_keys(const struct profile *p)
{
    return profile_text(p, "aws_access_key_id") || profile_text(p, "aws_secret_access_key");
}

static struct credentials_choice keys_of(const struct walk *w, const struct profile *p)
{
    const char *access_key = profile_text(p, "aws_access_key_id");
    const char *secret_key = profile_text(p, "aws_secret_access_key");
    if (!access_key)
        return BROKEN(w, "profile \"%s\" has aws_secret_access_key but no aws_access_key_id",
                      p->name);
    if (!secret_key)
        return BROKEN(w, "profile \"%s\" has aws_access_key_id but no aws_secret_access_key",
                      p->name);
    return credentials_found(credentials_static_new(
        w->arena, w->context,
        &(const struct credentials){.access_key_id = access_key,
                                    .secret_access_key = secret_key,
                                    .session_token = profile_text(p, "aws_session_token"),
                                    .account_id = profile_text(p, "aws_account_id"),
                                    .source = "shared files"}));
}

static struct credentials_choice of_profile(struct walk *w, const struct profile *p);

static bool was_visited(const struct walk *w, const struct profile *p)
{
    for (size_t i = 0; i < w->count; i++)
        if (w->visited[i] == p)
            return true;
    return false;
}

static struct credentials_choice of_source_profile(struct walk *w, const struct profile *p)
{
    const char *name = profile_text(p, "source_profile");
    const struct profile *source = profile_find(&w->context->config->profiles, PROFILE, name);
    if (!source)
        return BROKEN(w, "profile \"%s\" names source_profile \"%s\", which does not exist",
                      p->name, name);
    if (source == p && has_keys(p))
        return keys_of(w, p);
    if (was_visited(w, source))
        return BROKEN(w, "the source_profile of profile \"%s\" leads back to profile \"%s\"",
                      p->name, name);
    struct credentials_choice c = of_profile(w, source);
    if (c.outcome == CREDENTIALS_ABSENT)
        return BROKEN(w,
                      "profile \"%s\", which is the source_profile of \"%s\", has no credentials",
                      name, p->name);
    return c;
}

static struct credentials_choice of_credential_source(const struct walk *w, const struct profile *p)
{
    static const struct {
        const char *name;
        struct credentials_choice (*choose)(struct arena *, const struct credentials_context *);
    } sources[] = {
        {"Environment", credentials_environment_keys},
        {"EcsContainer", credentials_container_choose},
        {"Ec2InstanceMetadata", credentials_imds_choose},
    };
    const char *name = profile_text(p, "credential_source");
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        if (strcmp(sources[i].name, name) != 0)
            continue;
        struct credentials_choice c = sources[i].choose(w->arena, w->context);
        return c.outcome == CREDENTIALS_ABSENT
                   ? BROKEN(w, "profile \"%s\" has credential_source %s, but: %s", p->name, name,
                            c.reason)
                   : c;
    }
    return BROKEN(w,
                  "profile \"%s\" has credential_source \"%s\"; there are Environment, "
                  "EcsContainer and Ec2InstanceMetadata",
                  p->name, name);
}

static struct credentials_choice of_web_identity(const struct walk *w, const struct profile *p)
{
    if (!profile_text(p, "role_arn"))
        return BROKEN(w, "profile \"%s\" has web_identity_token_file but no role_arn", p->name);
    struct aws_web_identity *role = arena_alloc(w->arena, sizeof *role);
    *role = (struct aws_web_identity){
        .role_arn = profile_text(p, "role_arn"),
        .token_file = profile_text(p, "web_identity_token_file"),
        .session_name = profile_text(p, "role_session_name"),
    };
    return credentials_found(credentials_web_identity_new(w->arena, w->context, role, NULL));
}

/* Below what STS takes, and what is no number, count as nothing said, as in AWS's Go SDK. */
static int64_t duration_of(const struct profile *p)
{
    const char *text = profile_text(p, "duration_seconds");
    char *end = NULL;
    long seconds = text ? strtol(text, &end, 10) : 0;
    return text && !*end && seconds >= 900 ? seconds : 0;
}

static struct credentials_choice with_role(const struct walk *w, const struct profile *p,
                                           struct credentials_choice base)
{
    struct aws_role *role = arena_alloc(w->arena, sizeof *role);
    *role = (struct aws_role){
        .role_arn = profile_text(p, "role_arn"),
        .external_id = profile_text(p, "external_id"),
        .session_name = profile_text(p, "role_session_name"),
        .duration_s = duration_of(p),
    };
    return credentials_found(credentials_role_new(w->arena, w->context, role, base.provider, NULL));
}

static bool wants_sso(const struct profile *p)
{
    return profile_text(p, "sso_session") || profile_text(p, "sso_start_url") ||
           profile_text(p, "sso_account_id") || profile_text(p, "sso_role_name");
}

/* Who asks for the role of the profile, if it has one; else who the profile is. */
static struct credentials_choice base_of(struct walk *w, const struct profile *p)
{
    const char *role_arn = profile_text(p, "role_arn");
    if (role_arn && profile_text(p, "source_profile"))
        return of_source_profile(w, p);
    if (has_keys(p))
        return keys_of(w, p);
    if (role_arn && profile_text(p, "credential_source"))
        return of_credential_source(w, p);
    if (wants_sso(p))
        return credentials_sso_choose(w->arena, w->context, p);
    if (profile_text(p, "credential_process"))
        return credentials_process_choose(w->arena, w->context, p);
    if (profile_text(p, "login_session"))
        return credentials_login_choose(w->arena, w->context, p);
    if (role_arn)
        return BROKEN(w,
                      "profile \"%s\" has role_arn but neither source_profile nor "
                      "credential_source, so nobody can ask for the role",
                      p->name);
    if (profile_text(p, "source_profile") || profile_text(p, "credential_source"))
        return BROKEN(w, "profile \"%s\" has %s but no role_arn", p->name,
                      profile_text(p, "source_profile") ? "source_profile" : "credential_source");
    return credentials_absent(
        arena_printf(w->arena, "profile \"%s\" has no credentials in it", p->name));
}

/* Two ways to the same role; NULL when there is but one. */
static const char *second_way(const struct profile *p, const char **ret_first)
{
    static const char *const ways[] = {"source_profile", "credential_source",
                                       "web_identity_token_file", NULL};
    *ret_first = NULL;
    for (const char *const *way = ways; *way; way++) {
        if (profile_text(p, *way) && *ret_first)
            return *way;
        if (profile_text(p, *way))
            *ret_first = *way;
    }
    return NULL;
}

static struct credentials_choice of_profile(struct walk *w, const struct profile *p)
{
    bool is_top = w->count == 0;
    const char *first, *second;
    if (w->count == CHAIN_LIMIT)
        return BROKEN(w, "more than %d profiles name each other as source_profile", CHAIN_LIMIT);
    w->visited[w->count++] = p;

    if (!is_top && has_keys(p)) /* as a source, its keys are all that it is */
        return keys_of(w, p);
    bool has_role = profile_text(p, "role_arn");
    if (has_role && (second = second_way(p, &first)))
        return BROKEN(w, "profile \"%s\" has both %s and %s", p->name, first, second);
    if (profile_text(p, "web_identity_token_file") && !has_keys(p))
        return of_web_identity(w, p);
    if (has_role && profile_text(p, "mfa_serial"))
        return BROKEN(w,
                      "profile \"%s\" has mfa_serial, but nobody can be asked for the code while "
                      "Terraform runs. Get credentials of the role with another tool, which asks "
                      "for it, and use those",
                      p->name);
    struct credentials_choice base = base_of(w, p);
    return base.outcome == CREDENTIALS_FOUND && has_role ? with_role(w, p, base) : base;
}

static const char *missing_files(struct arena *a, const struct config *config)
{
    const char *text = "";
    for (size_t i = 0; i < PROFILE_FILES; i++)
        if (config->profiles.files[i].missing)
            text = arena_printf(a, "%s; the file %s does not exist or cannot be read", text,
                                config->profiles.files[i].path);
    return text;
}

struct credentials_choice credentials_profile_choose(struct arena *a,
                                                     const struct credentials_context *context)
{
    const struct config *config = context->config;
    struct walk walk = {.arena = a, .context = context};
    struct credentials_choice c =
        config->profile ? of_profile(&walk, config->profile)
                        : credentials_absent(
                              arena_printf(a, "there is no profile \"%s\"", config->profile_name));
    if (c.outcome == CREDENTIALS_ABSENT)
        c.reason = arena_printf(a, "%s%s", c.reason, missing_files(a, config));
    if (c.outcome == CREDENTIALS_BROKEN)
        c.reason = arena_printf(a, "%s (in %s or %s)", c.reason,
                                config->profiles.files[PROFILE_CONFIG].path,
                                config->profiles.files[PROFILE_CREDENTIALS].path);
    return c;
}
