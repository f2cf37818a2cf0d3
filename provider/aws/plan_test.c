/* What a profile means, by the cases that AWS's SDKs share: from profiles to a chain of sources,
 * before anything is asked. */
#include "aws/credentials_source.h"
#include "aws/fake_test.h"
#include "aws/replay_test.h"
#include "aws/sso_token.h"
#include "aws/suite_test.h"
#include "base/test.h"
#include "value/json.h"

#include <string.h>

static const struct profile_property *properties_of(struct arena *a, const struct value *map)
{
    struct profile_property *first = NULL;
    for (size_t i = 0; i < value_count(map); i++) {
        struct profile_property *p = arena_alloc(a, sizeof *p);
        *p = (struct profile_property){map->map.members[i].key, map->map.members[i].value->text,
                                       first};
        first = p;
    }
    return first;
}

static void add_sections(struct arena *a, struct profile_set *set, enum profile_kind kind,
                         const struct value *sections)
{
    for (size_t i = 0; i < value_count(sections); i++) {
        struct profile *p = arena_alloc(a, sizeof *p);
        *p = (struct profile){.kind = kind,
                              .name = sections->map.members[i].key,
                              .properties = (struct profile_property *)(uintptr_t)properties_of(
                                  a, sections->map.members[i].value),
                              .next = set->first};
        set->first = p;
    }
}

static const struct value *text(struct arena *a, const char *s)
{
    return value_string(a, s);
}

/* A step as the suite writes it. */
static const struct value *step_of(struct arena *a, const struct credentials_source *s)
{
    if (s->kind == &credentials_static) {
        const struct credentials *c = s->settings;
        return MAP(a, {"AccessKey", MAP(a, {"access_key_id", text(a, c->access_key_id)},
                                        {"secret_access_key", text(a, c->secret_access_key)},
                                        {"session_token", text(a, c->session_token)},
                                        {"account_id", text(a, c->account_id)})});
    }
    if (s->kind == &credentials_role) {
        const struct aws_role *r = s->settings;
        return MAP(a, {"AssumeRole", MAP(a, {"role_arn", text(a, r->role_arn)},
                                         {"external_id", text(a, r->external_id)},
                                         {"role_session_name", text(a, r->session_name)})});
    }
    if (s->kind == &credentials_web_identity) {
        const struct aws_web_identity *r = s->settings;
        return MAP(a, {"WebIdentityToken", MAP(a, {"role_arn", text(a, r->role_arn)},
                                               {"web_identity_token_file", text(a, r->token_file)},
                                               {"role_session_name", text(a, r->session_name)})});
    }
    if (s->kind == &credentials_sso) {
        const struct sso_settings *o = s->settings;
        return MAP(a, {"Sso", MAP(a, {"sso_session", text(a, o->session)},
                                  {"sso_region", text(a, o->region)},
                                  {"sso_start_url", text(a, o->start_url)},
                                  {"sso_account_id", text(a, o->account_id)},
                                  {"sso_role_name", text(a, o->role_name)})});
    }
    const char *named = s->kind == &credentials_imds        ? "Ec2InstanceMetadata"
                        : s->kind == &credentials_container ? "EcsContainer"
                                                            : "?";
    return MAP(a, {"NamedSource", text(a, named)});
}

static const struct value *chain_of(struct arena *a, const struct credentials_provider *provider)
{
    const struct value *steps[40];
    size_t count = 0;
    for (; provider && count < 40; provider = provider->source.base)
        steps[count++] = step_of(a, &provider->source);
    const struct value **in_order = arena_array(a, count, sizeof *in_order);
    for (size_t i = 0; i < count; i++)
        in_order[i] = steps[count - 1 - i];
    return value_list(a, in_order, count);
}

static const char *check(struct arena *a, const struct value *test)
{
    static const struct aws_settings settings = {0};
    struct fake_os os = fake_os();
    struct config config = {.os = &os.os,
                            .settings = &settings,
                            .profile_name = value_text(test, "input.selected_profile")};
    struct credentials_context context = {&os.os, NULL, &config, "test"};
    add_sections(a, &config.profiles, PROFILE, value_get(test, "input.profiles"));
    add_sections(a, &config.profiles, PROFILE_SSO_SESSION, value_get(test, "input.sso_sessions"));
    config.profile = profile_find(&config.profiles, PROFILE, config.profile_name);

    struct credentials_choice c = credentials_profile_choose(a, &context);
    const struct value *wanted = value_get(test, "output.ProfileChain");
    if (value_is_null(wanted)) {
        const char *lacks = c.outcome == CREDENTIALS_FOUND
                                ? "an error"
                                : replay_lacks(a, c.reason, value_text(test, "output.Error"));
        return lacks ? arena_printf(a, "lacks %s: %s", lacks, c.reason ? c.reason : "") : NULL;
    }
    const char *actual =
        c.outcome == CREDENTIALS_FOUND ? json_print(a, chain_of(a, c.provider)) : c.reason;
    return strcmp(actual, json_print(a, wanted)) == 0 ? NULL : actual;
}

TEST(credentials__match_the_profile_chains_of_the_sdks)
{
    const char *path = test_vectors(a, "credentials/assume-role-tests.json");
    struct suite suite = {.name = "assume role"};
    const struct value *tests = path ? fake_vectors(a, path) : &value_null;
    for (size_t i = 0; i < value_count(tests); i++) {
        const struct value *test = value_item(tests, i);
        suite_case(&suite, value_text(test, "docs"), check(a, test));
    }
    if (path)
        suite_end(&suite);
}
