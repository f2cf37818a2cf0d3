/* The functions as Terraform calls them: what they make of arguments, and which argument is at
 * fault. */
#include "base/test.h"
#include "framework/provider.h"
#include "resources/fake_ecr_test.h"
#include "resources/registry.h"

#include <string.h>

/* The function's answer to these arguments (JSON with ' for "), or NULL with the fault. */
static const struct value *call(struct arena *a, const struct function *function,
                                const char *arguments, struct function_fault *ret_fault)
{
    const struct value *list = fake_json(a, arguments);
    const struct value *items[2] = {value_item(list, 0), value_item(list, 1)};
    *ret_fault = (struct function_fault){-1, ""};
    return function->call(a, items, ret_fault);
}

static void check_fault(struct arena *a, const struct function *function, const char *arguments,
                        int argument, const char *part)
{
    struct function_fault fault;
    assert_null(call(a, function, arguments, &fault));
    CHECK_INT(fault.argument, argument);
    CHECK_HAS(fault.text, part);
}

static void check_text(struct arena *a, const struct function *function, const char *arguments,
                       const char *wanted)
{
    struct function_fault fault;
    const struct value *v = call(a, function, arguments, &fault);
    if (!v)
        print_error("%s\n", fault.text);
    assert_non_null(v);
    CHECK_TEXT(v->text, wanted);
}

#define DIGEST "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define URL    "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/web"

TEST(function__parse_image_uri_has_null_for_what_is_not_said)
{
    struct function_fault fault;
    const struct value *v = call(a, &ecr_parse_image_uri, "['" URL ":1.0@" DIGEST "']", &fault);
    CHECK(
        value_equal(v, fake_json(a, "{'registry':'123456789012.dkr.ecr.eu-west-1.amazonaws.com',"
                                    "'account_id':'123456789012','region':'eu-west-1',"
                                    "'repository':'team/web','tag':'1.0','digest':'" DIGEST "'}")));
    v = call(a, &ecr_parse_image_uri, "['alpine']", &fault);
    CHECK(value_equal(v, fake_json(a, "{'registry':'registry-1.docker.io','account_id':null,"
                                      "'region':null,'repository':'library/alpine','tag':null,"
                                      "'digest':null}")));
    check_fault(a, &ecr_parse_image_uri, "['https://x/y']", 0,
                "The image reference must have no scheme such as https:// in front. It is "
                "\"https://x/y\".");
}

TEST(function__image_uri_joins_repository_and_version)
{
    check_text(a, &ecr_image_uri, "['" URL "','1.0']", URL ":1.0");
    check_text(a, &ecr_image_uri, "['" URL "','" DIGEST "']", URL "@" DIGEST);
    check_fault(a, &ecr_image_uri, "['" URL ":2','1.0']", 0, "no tag and no digest behind it");
    check_fault(a, &ecr_image_uri, "['" URL "@" DIGEST "','1.0']", 0, "no tag and no digest");
    check_fault(a, &ecr_image_uri, "['" URL "','.x']", 1, "It is \".x\".");
    check_fault(a, &ecr_image_uri, "['','1']", 0, "It is \"\".");
}

#define RULE(prefix, upstream, upstream_prefix)                                      \
    "{'ecr_repository_prefix':'" prefix "','upstream_registry_url':'" upstream "',"  \
    "'upstream_repository_prefix':" upstream_prefix ",'registry_id':'123456789012'," \
    "'region':'eu-west-1'}"
#define CACHE "123456789012.dkr.ecr.eu-west-1.amazonaws.com/"

TEST(function__cached_image_uri_is_where_the_cache_has_the_image)
{
    check_text(a, &ecr_cached_image_uri,
               "['alpine:3.20'," RULE("hub", "registry-1.docker.io", "null") "]",
               CACHE "hub/library/alpine:3.20");
    check_text(a, &ecr_cached_image_uri,
               "['quay.io/a/b@" DIGEST "'," RULE("q//", "quay.io", "''") "]",
               CACHE "q/a/b@" DIGEST);
    check_text(a, &ecr_cached_image_uri, "['quay.io/a/b'," RULE("ROOT", "quay.io", "'ROOT'") "]",
               CACHE "a/b");
    check_text(a, &ecr_cached_image_uri, "['quay.io/org/app:1'," RULE("q", "quay.io", "'org/'") "]",
               CACHE "q/app:1");
}

TEST(function__cached_image_uri_refuses_what_the_rule_does_not_cache)
{
    check_fault(a, &ecr_cached_image_uri, "['ghcr.io/a/b'," RULE("q", "quay.io", "null") "]", 0,
                "The image is in registry ghcr.io, and the rule caches quay.io.");
    check_fault(a, &ecr_cached_image_uri, "['quay.io/orgs/b'," RULE("q", "quay.io", "'org/'") "]",
                0,
                "The image's repository orgs/b is not below org/, which is all that the rule "
                "caches.");
    check_fault(a, &ecr_cached_image_uri, "['Quay/'," RULE("q", "quay.io", "null") "]", 0,
                "The image reference must");
    check_fault(a, &ecr_cached_image_uri,
                "['quay.io/a/b',{'ecr_repository_prefix':'q','upstream_registry_url':'quay.io',"
                "'region':'eu-west-1'}]",
                1, "The rule must have registry_id.");
    check_fault(a, &ecr_cached_image_uri, "['quay.io/a/b'," RULE("", "quay.io", "null") "]", 1,
                "The rule must have ecr_repository_prefix.");
}

TEST(function__each_is_tried_here)
{
    static const char *const tried[] = {"parse_image_uri", "image_uri", "cached_image_uri"};
    CHECK_INT(ecr_provider.function_count, sizeof tried / sizeof *tried);
    for (size_t i = 0; i < ecr_provider.function_count; i++)
        CHECK_TEXT(ecr_provider.functions[i]->name, tried[i]);
}
