/* The order everywhere: provider block, environment, profile, default. */
#include "aws/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

bool config_load(struct arena *a, const struct os *os, const struct aws_settings *settings,
                 struct config *ret_config, struct aws_problem *ret_problem)
{
    struct config config = {.os = os, .settings = settings};
    const char *error;
    if (!profile_load(a, os, &config.profiles, &error)) {
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

bool config_check_ca_bundle(struct arena *a, const struct config *config,
                            struct aws_problem *ret_problem)
{
    const char *path = os_env(config->os, "AWS_CA_BUNDLE");
    struct bytes content;
    int error = path ? config->os->read_file(config->os, a, path, &content) : 0;
    if (error == 0)
        return true;
    *ret_problem = (struct aws_problem){
        .summary = "Unreadable CA bundle",
        .detail = arena_printf(a, "AWS_CA_BUNDLE names %s, which cannot be read: %s.", path,
                               strerror(error)),
    };
    return false;
}
