/* AWS's recorded scenarios: environment, files and network of a case in, credentials or an error
 * out. */
#include "aws/config.h"
#include "aws/credentials.h"
#include "aws/region.h"
#include "aws/replay_test.h"
#include "aws/suite_test.h"
#include "base/test.h"
#include "value/json.h"

#include <string.h>

struct result {
    bool found;
    struct credentials credentials;
    struct aws_problem problem;
};

static struct result resolve(struct arena *a, struct replay *r, const struct aws_settings *settings)
{
    struct result result = {.problem = {.summary = "", .detail = ""}};
    struct config *config = arena_alloc(a, sizeof *config);
    struct aws_problem ignored;
    const struct aws_error *error;
    if (!config_load(a, &r->os.os, settings, config, &result.problem))
        return result;
    if (!region_find(a, config, &ignored))
        config->region = NULL;
    struct credentials_provider *provider =
        credentials_new(a, config, &r->http, "test", &result.problem);
    result.found = provider && credentials_get(provider, a, &result.credentials, &error);
    return result;
}

static bool same(const char *actual, const char *wanted)
{
    return strcmp(actual ? actual : "", wanted) == 0;
}

static const char *compare(struct arena *a, const struct result *r, const struct value *wanted)
{
    const struct credentials *c = &r->credentials;
    if (!r->found)
        return arena_printf(a, "%s: %s", r->problem.summary, r->problem.detail);
    if (!same(c->access_key_id, value_text(wanted, "access_key_id")))
        return arena_printf(a, "access key %s", c->access_key_id);
    if (!same(c->secret_access_key, value_text(wanted, "secret_access_key")))
        return "secret key";
    if (!same(c->session_token, value_text(wanted, "session_token")))
        return "session token";
    if (!same(c->account_id, value_text(wanted, "account_id")))
        return arena_printf(a, "account %s", c->account_id ? c->account_id : "(none)");
    if (c->expires_ms / 1000 != value_integer(wanted, "expiry", 0))
        return arena_printf(a, "expires at %lld", (long long)c->expires_ms);
    return NULL;
}

static const char *check(struct arena *a, const char *directory, const struct value *test,
                         const struct aws_settings *settings)
{
    struct replay replay;
    replay_open(&replay, a, directory);
    struct result r = resolve(a, &replay, settings);
    const struct value *ok = value_get(test, "result.Ok");
    if (replay.wrong)
        return replay.wrong;
    if (!value_is_null(ok))
        return compare(a, &r, ok);
    if (r.found)
        return "there are credentials, but should be none";
    const char *lacks = replay_lacks(a, r.problem.detail, value_text(test, "result.ErrorContains"));
    return lacks ? arena_printf(a, "\"%s\" is not in: %s", lacks, r.problem.detail) : NULL;
}

/* The suite asks the profiles before the environment's web identity; AWS's Go SDK, which Terraform
 * users know, does it the other way round. */
static bool prefers_profiles(struct arena *a, const char *directory, const struct value *test)
{
    const struct value *variables = fake_vectors(a, arena_printf(a, "%s/env.json", directory));
    const char *key = value_text(test, "result.Ok.access_key_id");
    return *value_text(variables, "AWS_WEB_IDENTITY_TOKEN_FILE") && *key &&
           (strstr(fake_read(a, arena_printf(a, "%s/fs/home/.aws/config", directory)), key) ||
            strstr(fake_read(a, arena_printf(a, "%s/fs/home/.aws/credentials", directory)), key));
}

static void run_suite(struct arena *a, struct suite *suite, const char *folder,
                      const struct aws_settings *settings)
{
    const char *path = test_vectors(a, folder);
    for (const char *const *name = path ? replay_folders(a, path) : NULL; name && *name; name++) {
        const char *directory = arena_printf(a, "%s/%s", path, *name);
        const struct value *test = fake_vectors(a, arena_printf(a, "%s/test-case.json", directory));
        if (prefers_profiles(a, directory, test))
            suite_skip(suite, *name,
                       "AWS's Go SDK asks for the environment's web identity before profiles");
        else
            suite_case(suite, *name, check(a, directory, test, settings));
    }
    if (path)
        suite_end(suite);
}

TEST(credentials__match_the_scenarios_of_the_default_chain)
{
    static const struct aws_settings nothing = {0};
    struct suite suite = {.name = "default credential chain"};
    run_suite(a, &suite, "credentials/default-credential-provider-chain", &nothing);
}

/* These ask the profile alone, so that keys in the environment do not count. */
TEST(credentials__match_the_scenarios_of_profiles)
{
    static const struct aws_settings profile = {.profile = "default", .skip_metadata = AWS_ON};
    struct suite suite = {.name = "profile provider"};
    run_suite(a, &suite, "credentials/profile-provider", &profile);
}

TEST(credentials__tokens_of_services_without_signatures)
{
    struct suite suite = {.name = "default token chain"};
    const char *path = test_vectors(a, "credentials/default-token-provider-chain");
    for (const char *const *name = path ? replay_folders(a, path) : NULL; name && *name; name++)
        suite_skip(&suite, *name, "no service that this program calls takes bearer tokens");
    if (path)
        suite_end(&suite);
}
