/* Where a region is looked for, and what is none. */
#include "aws/region.h"

#include "aws/fake_test.h"
#include "base/test.h"

#include <string.h>

static const char *const no_variables[] = {NULL};

static struct aws_problem region_problem(struct arena *a, const char *region)
{
    struct fake_os os = fake_os();
    const struct aws_settings settings = {.region = region};
    struct config config = {.os = &os.os, .settings = &settings};
    struct aws_problem problem = {0};
    if (region_find(a, &config, &problem) && region_settle(a, &config, NULL, &problem))
        CHECK_TEXT(config.region, region);
    return problem;
}

TEST(region__takes_regions_of_every_partition_known_or_new)
{
    static const char *const good[] = {
        "us-east-1",      "eu-west-1",       "ap-southeast-7", "mx-central-1",  "eu-north-12",
        "cn-northwest-1", "us-gov-west-1",   "eusc-de-east-1", "us-iso-east-1", "us-isob-east-1",
        "eu-isoe-west-1", "us-isof-south-1", "il-central-1",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        CHECK(!region_problem(a, good[i]).summary);
}

TEST(region__refuses_what_is_no_region)
{
    static const char *const bad[] = {
        "eu-west",      "EU-WEST-1",    "eu_west_1",  "eu-west-1a",          "-west-1",
        "eu--1",        "us-east-1\n",  "us-east-1 ", "evil.com/us-1-1",     "us-east-1.evil.com",
        "xx-nowhere-1", "us-iso-east-", "1",          "us-east-1#eu-west-1",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct aws_problem problem = region_problem(a, bad[i]);
        CHECK_TEXT(problem.attribute, "region");
        CHECK_TEXT(problem.summary, "Invalid region");
        CHECK_HAS(problem.detail, "AWS_DEFAULT_REGION");
        CHECK(!strchr(problem.detail, '\n'));
    }
}

TEST(region__tells_where_a_region_can_be_set)
{
    CHECK_TEXT(region_problem(a, "").summary, "Missing region");
    struct aws_problem problem = region_problem(a, NULL);
    CHECK_TEXT(problem.attribute, "region");
    CHECK_TEXT(problem.summary, "Missing region");
    CHECK_HAS(problem.detail, "argument region");
    CHECK_HAS(problem.detail, "AWS_REGION");
    CHECK_HAS(problem.detail, "profile");
    CHECK_HAS(problem.detail, "eu-west-1");
}

static const char *region_of(struct arena *a, const char *setting, const char *const *variables,
                             const char *in_profile)
{
    struct fake_os *os = arena_alloc(a, sizeof *os);
    *os = fake_os();
    os->variables = variables;
    const struct aws_settings settings = {.region = setting};
    struct profile_property property = {.key = "region", .value = in_profile};
    const struct profile profile = {.name = "default", .properties = &property};
    struct config config = {
        .os = &os->os, .settings = &settings, .profile = in_profile ? &profile : NULL};
    struct aws_problem problem;
    CHECK(region_find(a, &config, &problem));
    return config.region;
}

TEST(region__looks_for_the_region_in_order)
{
    const char *const both[] = {"AWS_DEFAULT_REGION", "us-east-3", "AWS_REGION", "us-east-2", NULL};
    const char *const one[] = {"AWS_DEFAULT_REGION", "us-east-3", "AWS_REGION", " ", NULL};
    CHECK_TEXT(region_of(a, "us-east-1", both, "us-east-4"), "us-east-1");
    CHECK_TEXT(region_of(a, NULL, both, "us-east-4"), "us-east-2");
    CHECK_TEXT(region_of(a, NULL, one, "us-east-4"), "us-east-3");
    CHECK_TEXT(region_of(a, NULL, no_variables, "us-east-4"), "us-east-4");
}

TEST(region__is_the_machines_when_none_is_configured)
{
    struct fake_os os = fake_os();
    const struct aws_settings settings = {0};
    struct config config = {.os = &os.os, .settings = &settings};
    struct aws_problem problem;
    CHECK(region_find(a, &config, &problem));
    CHECK(!config.region);
    CHECK(region_settle(a, &config, "eu-west-3", &problem));
    CHECK_TEXT(config.region, "eu-west-3");
    CHECK(region_settle(a, &config, "eu-west-2", &problem));
    CHECK_TEXT(config.region, "eu-west-3");
    config.region = NULL;
    CHECK(!region_settle(a, &config, "a.b\n", &problem));
}

TEST(region__takes_fips_names_for_the_region_with_fips)
{
    static const char *const names[] = {"fips-us-gov-west-1", "us-gov-west-1-fips"};
    for (size_t i = 0; i < 2; i++) {
        struct fake_os os = fake_os();
        const struct aws_settings settings = {.region = names[i]};
        struct config config = {.os = &os.os, .settings = &settings};
        struct aws_problem problem;
        CHECK(region_find(a, &config, &problem));
        CHECK_TEXT(config.region, "us-gov-west-1");
        CHECK(config.use_fips);
    }
}

TEST(region__without_validation_is_anything_that_fits_a_host_name)
{
    struct fake_os os = fake_os();
    struct aws_settings settings = {.region = "moon-base", .skip_region_validation = true};
    struct config config = {.os = &os.os, .settings = &settings};
    struct aws_problem problem;
    CHECK(region_find(a, &config, &problem));
    CHECK_TEXT(config.region, "moon-base");
    settings.region = "moon.example.com";
    CHECK(!region_find(a, &config, &problem));
    settings.region = "moon-base\n";
    CHECK(!region_find(a, &config, &problem));
}
