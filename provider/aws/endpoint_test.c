/* Addresses of all services in all partitions, and the places where a URL can be configured. */
#include "aws/endpoint.h"

#include "aws/fake_test.h"
#include "aws/suite_test.h"
#include "base/buffer.h"
#include "base/test.h"

#include <string.h>

static const struct aws_service ecr = {
    .id = "ECR",
    .hosts = {"api.ecr.{region}.{dns}", "api.ecr-fips.{region}.{dns}", "ecr.{region}.{dual}",
              "ecr-fips.{region}.{dual}"},
};

static const char *const no_variables[] = {NULL};

/* NULL when the case applies. */
static const char *why_skipped(const struct value *test)
{
    if (value_is_true(test, "params.IsControlPlane"))
        return "no operation of the sign-in service's control plane is called";
    if (value_is_true(test, "params.IsOAuthEndpoint"))
        return "no operation of the sign-in service's OAuth endpoint is called";
    return NULL;
}

static const char *text_or_null(const struct value *test, const char *path)
{
    const char *text = value_text(test, path);
    return *text ? text : NULL;
}

/* What is wrong; NULL when all is as it should be. */
static const char *check_case(struct arena *a, const struct aws_service *service,
                              const struct value *test)
{
    const struct endpoint_wish wish = {
        .region = text_or_null(test, "params.Region"),
        .url = text_or_null(test, "params.Endpoint"),
        .fips = value_is_true(test, "params.UseFIPS"),
        .dual_stack = value_is_true(test, "params.UseDualStack"),
        .global = value_is_true(test, "params.UseGlobalEndpoint"),
    };
    struct endpoint endpoint;
    const char *error = endpoint_of(a, service, &wish, &endpoint);
    const char *wanted = value_text(test, "expect.error");
    if (error || *wanted)
        return strcmp(error ? error : "", wanted) == 0 ? NULL : arena_printf(a, "error %s", error);
    const char *url = arena_printf(a, "%s/", value_text(test, "expect.endpoint.url"));
    if (strcmp(endpoint.url, url) != 0)
        return arena_printf(a, "%s, not %s", endpoint.url, url);
    const char *region =
        text_or_null(test, "expect.endpoint.properties.authSchemes[0].signingRegion");
    return !region || strcmp(endpoint.signing_region, region) == 0
               ? NULL
               : arena_printf(a, "signed for %s, not %s", endpoint.signing_region, region);
}

static void check_suite(struct arena *a, const char *name, const struct aws_service *service)
{
    const char *path = test_vectors(a, arena_printf(a, "endpoints/%s.endpoint-tests-1.json", name));
    if (!path)
        return;
    struct suite suite = {.name = arena_printf(a, "endpoints/%s", name)};
    const struct value *tests = value_get(fake_vectors(a, path), "testCases");
    for (size_t i = 0; i < value_count(tests); i++) {
        const struct value *test = value_item(tests, i);
        const char *title = value_text(test, "documentation");
        const char *reason =
            service ? why_skipped(test) : "this provider makes no calls to ECR Public";
        if (reason)
            suite_skip(&suite, title, reason);
        else
            suite_case(&suite, title, check_case(a, service, test));
    }
    suite_end(&suite);
}

TEST(endpoint__matches_awss_tests)
{
    check_suite(a, "ecr", &ecr);
    check_suite(a, "sts", &aws_sts);
    check_suite(a, "sso", &aws_sso);
    check_suite(a, "sso-oidc", &aws_sso_oidc);
    check_suite(a, "signin", &aws_signin);
    check_suite(a, "ecr-public", NULL);
}

/* The profile and the services sections of the suite as the text of a configuration file. */
static const char *as_file(struct arena *a, const struct value *suite, const char *profile)
{
    struct buffer file = {.arena = a, .limit = 65536};
    const struct value *keys = value_member(value_member(suite, "profiles"), profile);
    const struct value *sections = value_member(suite, "services");
    buffer_printf(&file, "[profile %s]\n", profile);
    for (size_t i = 0; i < value_count(keys); i++)
        buffer_printf(&file, "%s = %s\n", keys->map.members[i].key,
                      value_text(keys->map.members[i].value, ""));
    for (size_t i = 0; i < value_count(sections); i++) {
        const struct value *services = sections->map.members[i].value;
        buffer_printf(&file, "[services %s]\n", sections->map.members[i].key);
        for (size_t j = 0; j < value_count(services); j++)
            buffer_printf(&file, "%s =\n  endpoint_url = %s\n", services->map.members[j].key,
                          value_text(services->map.members[j].value, "endpoint_url"));
    }
    return buffer_text(&file);
}

static const char *const *as_variables(struct arena *a, const struct value *environment,
                                       const char *profile)
{
    size_t count = 0;
    const char **variables = arena_array(a, 2 * value_count(environment) + 5, sizeof *variables);
    variables[count++] = "AWS_PROFILE";
    variables[count++] = profile;
    variables[count++] = "AWS_CONFIG_FILE";
    variables[count++] = "/config";
    for (size_t i = 0; i < value_count(environment); i++) {
        variables[count++] = environment->map.members[i].key;
        variables[count++] = value_text(environment->map.members[i].value, "");
    }
    return variables;
}

static const char *check_url_case(struct arena *a, const struct value *suite,
                                  const struct value *test)
{
    const char *service = value_text(test, "service"), *profile = value_text(test, "profile");
    const struct value *client =
        value_member(value_member(suite, "client_configs"), value_text(test, "client_config"));
    const char *const urls[] = {service, text_or_null(client, "endpoint_url"), NULL};
    const struct aws_settings settings = {.endpoints = urls};
    const struct aws_service any = {.id = service,
                                    .hosts = {arena_printf(a, "%s.{region}.{dns}", service)}};
    const struct fake_file files[] = {{"/config", as_file(a, suite, profile), 0}, {0}};
    struct fake_os os = fake_os();
    os.files = files;
    os.variables = as_variables(
        a, value_member(value_member(suite, "environments"), value_text(test, "environment")),
        profile);
    struct config config;
    struct aws_problem problem = {0};
    struct endpoint endpoint;
    if (!config_load(a, &os.os, &settings, &config, &problem) ||
        !endpoint_find(a, &config, &any, "fake-region-10", &endpoint, &problem))
        return problem.detail;
    const char *wanted = arena_printf(a, "%s/", value_text(test, "output.endpointUrl"));
    return strcmp(endpoint.url, wanted) == 0 ? NULL : endpoint.url;
}

TEST(endpoint__finds_configured_urls_as_awss_tests_say)
{
    const char *path = test_vectors(a, "endpoints/configured-endpoint-urls.profile-tests.json");
    if (!path)
        return;
    struct suite result = {.name = "endpoints/configured-endpoint-urls"};
    const struct value *suites = value_get(fake_vectors(a, path), "testSuites");
    for (size_t i = 0; i < value_count(suites); i++) {
        const struct value *suite = value_item(suites, i);
        const struct value *tests = value_member(suite, "endpointUrlTests");
        for (size_t j = 0; j < value_count(tests); j++) {
            const struct value *test = value_item(tests, j);
            const struct value *client = value_member(value_member(suite, "client_configs"),
                                                      value_text(test, "client_config"));
            if (value_is_true(client, "ignore_configured_endpoint_urls") &&
                !text_or_null(client, "endpoint_url"))
                suite_skip(&result, value_text(test, "name"),
                           "the provider block has no argument for this");
            else
                suite_case(&result, value_text(test, "name"), check_url_case(a, suite, test));
        }
    }
    suite_end(&result);
}

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

TEST(endpoint__prefers_the_argument_then_the_services_variable_then_the_common_one)
{
    const char *const both[] = {"AWS_ENDPOINT_URL", "http://all", "AWS_ENDPOINT_URL_ECR",
                                "http://ecr", NULL};
    const char *const ignored[] = {"AWS_ENDPOINT_URL_ECR", "http://ecr",
                                   "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "TRUE", NULL};
    const char *const argument_url[] = {"ECR", "http://argument", NULL};
    const struct aws_settings none = {0}, argument = {.endpoints = argument_url};
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
    const struct aws_settings settings = {.endpoints = (const char *const[]){"ECR", given, NULL}};
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
    check_split(a, "HTTPS://h/base/x//", "HTTPS://h/base/x//", "h", "/base/x//");
    check_split(a, "http://[::1]:8000/ecr", "http://[::1]:8000/ecr", "[::1]:8000", "/ecr");
}

TEST(endpoint__refuses_unusable_urls_without_quoting_them)
{
    static const char *const bad[] = {
        "localhost:4566",  "ftp://h",    "https://",   "https:///x", "https://u:pass-word@h",
        "http://h?x=1",    "http://h#x", "http://h /", "http://:80", "",
        "http://h\r\nX: y"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const struct aws_settings settings = {.endpoints =
                                                  (const char *const[]){"ECR", bad[i], NULL}};
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

TEST(endpoint__fips_means_nothing_and_dual_stack_is_refused_beside_a_url)
{
    struct fake_os os = fake_os();
    const char *const urls[] = {"ECR", "http://argument", NULL};
    const struct aws_settings settings = {.endpoints = urls};
    struct config config = {.os = &os.os, .settings = &settings, .use_fips = true};
    struct endpoint e;
    struct aws_problem problem = {0};
    CHECK(endpoint_find(a, &config, &ecr, "us-east-1", &e, &problem));
    CHECK_TEXT(e.url, "http://argument/");
    config.use_dual_stack = true;
    CHECK(!endpoint_find(a, &config, &ecr, "us-east-1", &e, &problem));
    CHECK_TEXT(problem.attribute, "use_dualstack_endpoint");
    CHECK_HAS(problem.detail, "Dualstack and custom endpoint are not supported");
}
