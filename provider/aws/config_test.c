/* Mistakes in switches, modes and sections of the configuration, and where the user made them. */
#include "aws/config.h"

#include "aws/fake_test.h"
#include "base/test.h"

static struct aws_problem problem_of(struct arena *a, const char *text,
                                     const char *const *variables)
{
    static const struct aws_settings settings = {0};
    const struct fake_file files[] = {{"/h/.aws/config", text, 0}, {0}};
    struct fake_os os = fake_os();
    struct config config;
    struct aws_problem problem = {0};
    os.files = files;
    os.variables = variables;
    bool loaded = config_load(a, &os.os, &settings, &config, &problem);
    CHECK(loaded == !problem.summary);
    return problem;
}

static const char *const home[] = {"HOME", "/h", NULL};

TEST(config__switches_are_true_or_false)
{
    static const char *const bad[] = {"HOME", "/h", "AWS_USE_FIPS_ENDPOINT", "1", NULL};
    static const char *const good[] = {"HOME", "/h", "AWS_USE_FIPS_ENDPOINT", "TRUE", NULL};
    struct aws_problem p = problem_of(a, "", bad);
    CHECK_TEXT(p.summary, "Invalid switch");
    CHECK_TEXT(p.detail,
               "The environment variable AWS_USE_FIPS_ENDPOINT must be \"true\" or \"false\".");
    CHECK_TEXT(problem_of(a, "[default]\nuse_dualstack_endpoint = yes\n", good).detail,
               "The profile's use_dualstack_endpoint must be \"true\" or \"false\".");
    CHECK(!problem_of(a, "[default]\nuse_dualstack_endpoint = False\n", good).summary);
}

TEST(config__services_section_must_be_there)
{
    struct aws_problem p = problem_of(a, "[default]\nservices = mine\n", home);
    CHECK_TEXT(p.summary, "No such services section");
    CHECK_TEXT(p.detail, "The profile \"default\" says services = mine, and /h/.aws/config has no "
                         "section [services mine].");
    CHECK(!problem_of(a, "[default]\nservices = mine\n[services mine]\n", home).summary);
    CHECK(
        !problem_of(a, "[default]\nservices = mine\nignore_configured_endpoint_urls = true\n", home)
             .summary);
}

/* What the mode is in a world of this argument, variable and profile. */
static const char *mode_of(struct arena *a, const char *argument, const char *variable,
                           const char *text, struct aws_problem *ret_problem)
{
    const struct aws_settings settings = {.retry_mode = argument};
    const struct fake_file files[] = {{"/h/.aws/config", text, 0}, {0}};
    const char *const variables[] = {"HOME", "/h", variable ? "AWS_RETRY_MODE" : NULL, variable,
                                     NULL};
    struct fake_os os = fake_os();
    struct config config;
    bool adaptive;
    os.files = files;
    os.variables = variables;
    *ret_problem = (struct aws_problem){0};
    CHECK(config_load(a, &os.os, &settings, &config, ret_problem));
    if (!config_is_adaptive(a, &config, &adaptive, ret_problem))
        return ret_problem->detail;
    return adaptive ? "adaptive" : "standard";
}

TEST(config__retry_mode_comes_from_argument_environment_and_profile)
{
    static const char profile[] = "[default]\nretry_mode = adaptive\n";
    struct aws_problem p;
    CHECK_TEXT(mode_of(a, "standard", "adaptive", profile, &p), "standard");
    CHECK_TEXT(mode_of(a, NULL, "legacy", profile, &p), "standard");
    CHECK_TEXT(mode_of(a, NULL, NULL, profile, &p), "adaptive");
    CHECK_TEXT(mode_of(a, NULL, NULL, "", &p), "standard");
}

TEST(config__retry_mode_that_is_none_is_refused_where_it_stands)
{
    static const char rest[] = " must be \"standard\" or \"adaptive\".";
    struct aws_problem p;
    CHECK_TEXT(mode_of(a, "legacy", NULL, "", &p),
               arena_printf(a, "The argument retry_mode%s", rest));
    CHECK_TEXT(p.attribute, "retry_mode");
    CHECK_TEXT(p.summary, "Invalid retry mode");
    CHECK_TEXT(mode_of(a, NULL, "fast", "", &p),
               arena_printf(a, "The environment variable AWS_RETRY_MODE%s", rest));
    CHECK(!p.attribute);
    CHECK_TEXT(mode_of(a, NULL, NULL, "[default]\nretry_mode = fast\n", &p),
               arena_printf(a, "The profile's retry_mode%s", rest));
}
