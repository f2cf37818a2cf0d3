/* Regions and addresses of all partitions. */
#include "aws/endpoint.h"

#include "aws/fake_test.h"
#include "base/test.h"

#include <string.h>

static const struct aws_service ecr = {
    .id = "ECR", .signing_name = "ecr", .host_prefix = "api.ecr", .target_prefix = "T"};

static const char *const no_variables[] = {NULL};

/* The URL, or the problem's detail. */
static const char *find(struct arena *a, const struct aws_settings *settings,
                        const char *const *variables, const char *region,
                        struct endpoint *ret_endpoint)
{
    struct fake_os *os = arena_alloc(a, sizeof *os);
    *os = fake_os();
    os->variables = variables;
    const struct config config = {.os = &os->os, .settings = settings};
    struct aws_problem problem = {0};
    if (endpoint_find(a, &config, &ecr, region, ret_endpoint, &problem))
        return ret_endpoint->url;
    return problem.detail;
}

/* NULL when the case applies. */
static const char *why_skipped(const struct value *test)
{
    if (value_is_true(test, "params.UseFIPS"))
        return "FIPS endpoints are not served yet";
    if (value_is_true(test, "params.UseDualStack"))
        return "dual-stack endpoints are not served yet";
    if (*value_text(test, "expect.error"))
        return "a missing region is refused before an endpoint is looked for";
    return NULL;
}

static void check_case(struct arena *a, const struct value *test)
{
    const char *given = value_text(test, "params.Endpoint");
    struct aws_settings settings = {.endpoint = *given ? given : NULL};
    struct endpoint endpoint;
    const char *url =
        find(a, &settings, no_variables, value_text(test, "params.Region"), &endpoint);
    /* Ours has the path that the request line needs. */
    CHECK_TEXT(url, arena_printf(a, "%s/", value_text(test, "expect.endpoint.url")));
    CHECK_TEXT(endpoint.path, "/");
    CHECK_TEXT(endpoint.host, value_text(test, "expect.endpoint.url") + strlen("https://"));
}

TEST(endpoint__matches_the_tests_of_ecr)
{
    const char *path = test_vectors(a, "endpoints/ecr.endpoint-tests-1.json");
    if (!path)
        return;
    const struct value *tests = value_get(fake_vectors(a, path), "testCases");
    size_t passed = 0;
    for (size_t i = 0; i < value_count(tests); i++) {
        const struct value *test = value_item(tests, i);
        const char *reason = why_skipped(test);
        if (reason)
            print_message("endpoints: \"%s\" skipped: %s\n", value_text(test, "documentation"),
                          reason);
        else
            check_case(a, test);
        passed += !reason;
    }
    print_message("endpoints: %zu cases, %zu passed, %zu skipped\n", value_count(tests), passed,
                  value_count(tests) - passed);
    CHECK(passed > 0);
}

static struct aws_problem region_problem(struct arena *a, const char *region)
{
    struct fake_os os = fake_os();
    const struct aws_settings settings = {.region = region};
    const struct config config = {.os = &os.os, .settings = &settings};
    struct aws_problem problem = {0};
    const char *found = "";
    if (endpoint_region(a, &config, &found, &problem))
        CHECK_TEXT(found, region);
    return problem;
}

TEST(endpoint__takes_regions_of_every_partition_known_or_new)
{
    static const char *const good[] = {
        "us-east-1",      "eu-west-1",       "ap-southeast-7", "mx-central-1",  "eu-north-12",
        "cn-northwest-1", "us-gov-west-1",   "eusc-de-east-1", "us-iso-east-1", "us-isob-east-1",
        "eu-isoe-west-1", "us-isof-south-1", "il-central-1",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        CHECK(!region_problem(a, good[i]).summary);
}

TEST(endpoint__refuses_what_is_no_region)
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

TEST(endpoint__tells_where_a_region_can_be_set)
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
    const struct config config = {
        .os = &os->os, .settings = &settings, .profile = in_profile ? &profile : NULL};
    const char *region = "";
    struct aws_problem problem;
    CHECK(endpoint_region(a, &config, &region, &problem));
    return region;
}

TEST(endpoint__looks_for_the_region_in_order)
{
    const char *const both[] = {"AWS_DEFAULT_REGION", "us-east-3", "AWS_REGION", "us-east-2", NULL};
    const char *const one[] = {"AWS_DEFAULT_REGION", "us-east-3", "AWS_REGION", " ", NULL};
    CHECK_TEXT(region_of(a, "us-east-1", both, "us-east-4"), "us-east-1");
    CHECK_TEXT(region_of(a, NULL, both, "us-east-4"), "us-east-2");
    CHECK_TEXT(region_of(a, NULL, one, "us-east-4"), "us-east-3");
    CHECK_TEXT(region_of(a, NULL, no_variables, "us-east-4"), "us-east-4");
}

TEST(endpoint__prefers_the_argument_then_the_services_variable_then_the_common_one)
{
    const char *const both[] = {"AWS_ENDPOINT_URL", "http://all", "AWS_ENDPOINT_URL_ECR",
                                "http://ecr", NULL};
    const char *const ignored[] = {"AWS_ENDPOINT_URL_ECR", "http://ecr",
                                   "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "TRUE", NULL};
    const struct aws_settings none = {0}, argument = {.endpoint = "http://argument"};
    struct endpoint e;
    CHECK_TEXT(find(a, &argument, both, "us-east-1", &e), "http://argument/");
    CHECK_TEXT(find(a, &none, both, "us-east-1", &e), "http://ecr/");
    CHECK_TEXT(find(a, &none, &both[4], "us-east-1", &e),
               "https://api.ecr.us-east-1.amazonaws.com/");
    CHECK_TEXT(find(a, &none, (const char *const[]){both[0], both[1], NULL}, "us-east-1", &e),
               "http://all/");
    CHECK_TEXT(find(a, &none, ignored, "us-east-1", &e),
               "https://api.ecr.us-east-1.amazonaws.com/");
    CHECK_TEXT(find(a, &argument, ignored, "us-east-1", &e), "http://argument/");
}

static void check_split(struct arena *a, const char *given, const char *url, const char *host,
                        const char *path)
{
    const struct aws_settings settings = {.endpoint = given};
    struct endpoint e;
    CHECK_TEXT(find(a, &settings, no_variables, "us-east-1", &e), url);
    CHECK_TEXT(e.host, host);
    CHECK_TEXT(e.path, path);
}

TEST(endpoint__splits_a_url_into_what_is_signed)
{
    check_split(a, "http://localhost:4566", "http://localhost:4566/", "localhost:4566", "/");
    check_split(a, "http://h:80/", "http://h:80/", "h", "/");
    check_split(a, "https://h:443", "https://h:443/", "h", "/");
    check_split(a, "https://h:80", "https://h:80/", "h:80", "/");
    check_split(a, "HTTPS://h/base/x//", "HTTPS://h/base/x", "h", "/base/x");
    check_split(a, "http://[::1]:8000/ecr", "http://[::1]:8000/ecr", "[::1]:8000", "/ecr");
}

TEST(endpoint__refuses_unusable_urls_without_quoting_them)
{
    static const char *const bad[] = {
        "localhost:4566",  "ftp://h",    "https://",   "https:///x", "https://u:pass-word@h",
        "http://h?x=1",    "http://h#x", "http://h /", "http://:80", "",
        "http://h\r\nX: y"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const struct aws_settings settings = {.endpoint = bad[i]};
        struct endpoint e;
        const char *detail = find(a, &settings, no_variables, "us-east-1", &e);
        CHECK_HAS(detail, "The endpoint from the argument endpoints must be a URL");
        CHECK(!strstr(detail, "pass-word"));
    }
    const struct aws_settings none = {0};
    struct endpoint e;
    CHECK_HAS(
        find(a, &none, (const char *const[]){"AWS_ENDPOINT_URL_ECR", "x", NULL}, "us-east-1", &e),
        "from AWS_ENDPOINT_URL_ECR");
}
