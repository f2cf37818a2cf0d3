/* The order everywhere: provider block, environment, profile, default. */
#include "aws/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DEFAULT_ATTEMPTS 25
#define MOST_ATTEMPTS    1000

static const char *profile_name(const struct os *os, const struct aws_settings *settings)
{
    const char *name;
    if ((name = settings->profile) || (name = os_env(os, "AWS_PROFILE")) ||
        (name = os_env(os, "AWS_DEFAULT_PROFILE")))
        return name;
    return NULL;
}

static struct aws_problem no_such_profile(struct arena *a, const struct config *config)
{
    return (struct aws_problem){
        .attribute = config->settings->profile ? "profile" : NULL,
        .summary = "No such profile",
        .detail = arena_printf(a,
                               "The profile \"%s\", named by %s, is neither in %s nor in %s. In "
                               "the first of them a profile starts with [profile %s], in the "
                               "second with [%s].",
                               config->profile_name,
                               config->settings->profile ? "the argument profile"
                                                         : "the environment (AWS_PROFILE)",
                               config->profiles.files[PROFILE_CONFIG].path,
                               config->profiles.files[PROFILE_CREDENTIALS].path,
                               config->profile_name, config->profile_name),
    };
}

/* A switch's text as it stands in variables and files; *ret_on stays what it is without one. */
static bool read_switch(struct arena *a, const struct config *config, const char *variable,
                        const char *key, bool *ret_on, struct aws_problem *ret_problem)
{
    const char *from_env = os_env(config->os, variable);
    const char *text = from_env ? from_env : profile_text(config->profile, key);
    if (!text || strcasecmp(text, "true") == 0 || strcasecmp(text, "false") == 0) {
        *ret_on = text ? strcasecmp(text, "true") == 0 : *ret_on;
        return true;
    }
    *ret_problem = (struct aws_problem){
        .summary = "Invalid switch",
        .detail = arena_printf(a, "%s%s must be \"true\" or \"false\".",
                               from_env ? "The environment variable " : "The profile's ",
                               from_env ? variable : key),
    };
    return false;
}

static bool read_switches(struct arena *a, struct config *config, struct aws_problem *ret_problem)
{
    const struct aws_settings *s = config->settings;
    const char *sts = os_env(config->os, "AWS_STS_REGIONAL_ENDPOINTS");
    if (!sts)
        sts = profile_text(config->profile, "sts_regional_endpoints");
    config->legacy_sts = sts && strcasecmp(sts, "legacy") == 0;
    config->use_fips = s->use_fips == AWS_ON;
    config->use_dual_stack = s->use_dual_stack == AWS_ON;
    return (s->use_fips || read_switch(a, config, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint",
                                       &config->use_fips, ret_problem)) &&
           (s->use_dual_stack ||
            read_switch(a, config, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint",
                        &config->use_dual_stack, ret_problem));
}

static bool is_true(const char *text)
{
    return text && strcasecmp(text, "true") == 0;
}

bool config_ignores_endpoint_urls(const struct config *config)
{
    const char *variable = os_env(config->os, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
    return is_true(variable ? variable
                            : profile_text(config->profile, "ignore_configured_endpoint_urls"));
}

/* Of the lines "name = value" in a nested property. */
static const char *nested_text(struct arena *a, const char *lines, const char *key)
{
    size_t size = strlen(key);
    for (const char *line = lines; line && *line;
         line += strcspn(line, "\n"), line += *line == '\n') {
        const char *rest = line + size;
        if (strncasecmp(line, key, size) != 0 || rest[strspn(rest, " \t")] != '=')
            continue;
        rest += strspn(rest, " \t") + 1;
        rest += strspn(rest, " \t");
        size_t end = strcspn(rest, "\n");
        return end ? arena_text_n(a, rest, end) : NULL;
    }
    return NULL;
}

const char *config_service_text(struct arena *a, const struct config *config, const char *service,
                                const char *key)
{
    const char *section = profile_text(config->profile, "services");
    const struct profile *services =
        section ? profile_find(&config->profiles, PROFILE_SERVICES, section) : NULL;
    return nested_text(a, profile_text(services, service), key);
}

static bool check_services(struct arena *a, const struct config *config,
                           struct aws_problem *ret_problem)
{
    const char *section = profile_text(config->profile, "services");
    if (!section || config_ignores_endpoint_urls(config) ||
        profile_find(&config->profiles, PROFILE_SERVICES, section))
        return true;
    *ret_problem = (struct aws_problem){
        .summary = "No such services section",
        .detail = arena_printf(a,
                               "The profile \"%s\" says services = %s, and %s has no section "
                               "[services %s].",
                               config->profile_name, section,
                               config->profiles.files[PROFILE_CONFIG].path, section),
    };
    return false;
}

bool config_load(struct arena *a, const struct os *os, const struct aws_settings *settings,
                 struct config *ret_config, struct aws_problem *ret_problem)
{
    struct config config = {.os = os, .settings = settings};
    const char *error;
    if (!profile_load(a, os, settings->config_files, settings->credentials_files, &config.profiles,
                      &error)) {
        *ret_problem =
            (struct aws_problem){.summary = "Unreadable shared AWS file", .detail = error};
        return false;
    }

    const char *name = profile_name(os, settings);
    config.profile_name = name ? name : "default";
    config.profile = profile_find(&config.profiles, PROFILE, config.profile_name);
    if (name && !config.profile) {
        *ret_problem = no_such_profile(a, &config);
        return false;
    }
    if (!check_services(a, &config, ret_problem) || !read_switches(a, &config, ret_problem))
        return false;
    *ret_config = config;
    return true;
}

static bool parse_attempts(const char *text, int *ret_attempts)
{
    char *end;
    errno = 0;
    long attempts = strtol(text, &end, 10);
    if (errno || *end || end == text || attempts < 1 || attempts > MOST_ATTEMPTS)
        return false;
    *ret_attempts = (int)attempts;
    return true;
}

bool config_max_attempts(struct arena *a, const struct config *config, int *ret_attempts,
                         struct aws_problem *ret_problem)
{
    *ret_attempts =
        config->settings->max_attempts > 0 ? config->settings->max_attempts : DEFAULT_ATTEMPTS;
    if (config->settings->max_attempts > 0)
        return true;

    const char *variable = os_env(config->os, "AWS_MAX_ATTEMPTS");
    const char *text = variable ? variable : profile_text(config->profile, "max_attempts");
    if (!text || parse_attempts(text, ret_attempts))
        return true;
    *ret_problem = (struct aws_problem){
        .summary = "Invalid number of attempts",
        .detail = arena_printf(a, "%s must be a whole number from 1 to %d.",
                               variable ? "The environment variable AWS_MAX_ATTEMPTS"
                                        : "The profile's max_attempts",
                               MOST_ATTEMPTS),
    };
    return false;
}

/* Why the bundle cannot be used; NULL when it can. A pipe could be read only once, and is needed
 * again by each of Terraform's processes. */
static const char *bundle_fault(struct arena *a, const struct os *os, const char *path)
{
    struct bytes content;
    if (os->is_special(os, path))
        return "which is a pipe or a device; it must be a file";
    int error = os->read_file(os, a, path, &content);
    return error ? arena_printf(a, "which cannot be read: %s", strerror(error)) : NULL;
}

bool config_ca_bundle(struct arena *a, const struct config *config, const char **ret_path,
                      struct aws_problem *ret_problem)
{
    const char *setting = config->settings->ca_bundle;
    const char *variable = os_env(config->os, "AWS_CA_BUNDLE");
    const char *path = setting    ? setting
                       : variable ? variable
                                  : profile_text(config->profile, "ca_bundle");
    *ret_path = path ? os_expand_home(config->os, a, path) : NULL;
    const char *fault = path ? bundle_fault(a, config->os, *ret_path) : NULL;
    if (!fault)
        return true;
    *ret_problem = (struct aws_problem){
        .attribute = setting ? "custom_ca_bundle" : NULL,
        .summary = "Unreadable CA bundle",
        .detail = arena_printf(a, "%s names %s, %s.",
                               setting    ? "The argument custom_ca_bundle"
                               : variable ? "AWS_CA_BUNDLE"
                                          : "The profile's ca_bundle",
                               path, fault),
    };
    return false;
}

/* "legacy" is a mode of older tools; to this one it is the standard. */
bool config_is_adaptive(struct arena *a, const struct config *config, bool *ret_adaptive,
                        struct aws_problem *ret_problem)
{
    const char *setting = config->settings->retry_mode;
    const char *variable = os_env(config->os, "AWS_RETRY_MODE");
    const char *mode = setting    ? setting
                       : variable ? variable
                                  : profile_text(config->profile, "retry_mode");
    *ret_adaptive = mode && strcasecmp(mode, "adaptive") == 0;
    if (!mode || *ret_adaptive || strcasecmp(mode, "standard") == 0 ||
        (!setting && strcasecmp(mode, "legacy") == 0))
        return true;
    *ret_problem = (struct aws_problem){
        .attribute = setting ? "retry_mode" : NULL,
        .summary = "Invalid retry mode",
        .detail = arena_printf(a, "%s must be \"standard\" or \"adaptive\".",
                               setting    ? "The argument retry_mode"
                               : variable ? "The environment variable AWS_RETRY_MODE"
                                          : "The profile's retry_mode"),
    };
    return false;
}
