/* References to images in all their forms. */
#include "ecr/image_uri.h"

#include "base/test.h"
#include "ecr/authorization.h"

#include <string.h>

#define DIGEST "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ECR    "111122223333.dkr.ecr.eu-central-1.amazonaws.com"

static const struct sample {
    const char *text, *registry, *repository, *tag, *digest, *account_id, *region;
} samples[] = {
    {"alpine", "registry-1.docker.io", "library/alpine", NULL, NULL, NULL, NULL},
    {"alpine:3.20", "registry-1.docker.io", "library/alpine", "3.20", NULL, NULL, NULL},
    {"docker.io/alpine", "registry-1.docker.io", "library/alpine", NULL, NULL, NULL, NULL},
    {"index.docker.io/org/app:v1", "registry-1.docker.io", "org/app", "v1", NULL, NULL, NULL},
    {"registry-1.docker.io/library/alpine@" DIGEST, "registry-1.docker.io", "library/alpine", NULL,
     DIGEST, NULL, NULL},
    {"org/app", "registry-1.docker.io", "org/app", NULL, NULL, NULL, NULL},
    {"localhost/app:v1", "localhost", "app", "v1", NULL, NULL, NULL},
    {"localhost:5000/app", "localhost:5000", "app", NULL, NULL, NULL, NULL},
    {"127.0.0.1:5000/a/b:T.a-g_1", "127.0.0.1:5000", "a/b", "T.a-g_1", NULL, NULL, NULL},
    {"ghcr.io/org/app:v1@" DIGEST, "ghcr.io", "org/app", "v1", DIGEST, NULL, NULL},
    {"public.ecr.aws/nginx/nginx:1.27", "public.ecr.aws", "nginx/nginx", "1.27", NULL, NULL, NULL},
    {ECR "/a__b/c--d.e:v1", ECR, "a__b/c--d.e", "v1", NULL, "111122223333", "eu-central-1"},
    {"111122223333.dkr.ecr-fips.us-gov-west-1.amazonaws.com/a",
     "111122223333.dkr.ecr-fips.us-gov-west-1.amazonaws.com", "a", NULL, NULL, "111122223333",
     "us-gov-west-1"},
    {"111122223333.dkr-ecr.eu-west-1.on.aws/a", "111122223333.dkr-ecr.eu-west-1.on.aws", "a", NULL,
     NULL, "111122223333", "eu-west-1"},
    {"111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn/a",
     "111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn", "a", NULL, NULL, "111122223333",
     "cn-north-1"},
    {"111122223333.dkr.ecr.us-iso-east-1.c2s.ic.gov/a",
     "111122223333.dkr.ecr.us-iso-east-1.c2s.ic.gov", "a", NULL, NULL, "111122223333",
     "us-iso-east-1"},
    {"111122223333.dkr.ecr.eusc-de-east-1.amazonaws.eu/a",
     "111122223333.dkr.ecr.eusc-de-east-1.amazonaws.eu", "a", NULL, NULL, "111122223333",
     "eusc-de-east-1"},
    {"11112222333.dkr.ecr.eu-west-1.amazonaws.com/a", "11112222333.dkr.ecr.eu-west-1.amazonaws.com",
     "a", NULL, NULL, NULL, NULL},
    {"111122223333.dkr.ecr.eu-west-1.example.com/a", "111122223333.dkr.ecr.eu-west-1.example.com",
     "a", NULL, NULL, NULL, NULL},
};

static void check_same(const char *actual, const char *wanted)
{
    CHECK((actual == NULL) == (wanted == NULL));
    if (wanted)
        CHECK_TEXT(actual, wanted);
}

TEST(image_uri__is_taken_apart)
{
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        struct image_uri uri;
        assert_null(image_uri_parse(a, samples[i].text, &uri));
        check_same(uri.registry, samples[i].registry);
        check_same(uri.repository, samples[i].repository);
        check_same(uri.tag, samples[i].tag);
        check_same(uri.digest, samples[i].digest);
        check_same(uri.account_id, samples[i].account_id);
        check_same(uri.region, samples[i].region);
    }
}

TEST(image_uri__that_is_none_is_refused)
{
    static const char *const bad[] = {
        "",         ":",     "@",       "/",          "a/",      "/a",          "A",
        "a:",       "a:.x",  "a:b:c",   "a@sha256:1", "a@md5:x", "a b",         "a//b",
        "a..b",     "a___b", "-a",      "a-",         "a_",      "https://h/a", "h.io/",
        "h.io:x/a", ".io/a", "h.io:/a", "a\n",        "h.io/A",  "ghcr.io",     "a@" DIGEST "0"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct image_uri uri;
        const char *wrong = image_uri_parse(a, bad[i], &uri);
        if (!wrong && strcmp(bad[i], "ghcr.io") != 0)
            fail_msg("\"%s\" is taken for a reference", bad[i]);
    }
}

TEST(image_uri__long_parts_are_refused)
{
    char *text = arena_alloc(a, 1000);
    memset(text, 'a', 256);
    struct image_uri uri;
    assert_non_null(image_uri_parse(a, text, &uri));
    memset(text, 0, 256);
    memcpy(text, "a:", 2);
    memset(text + 2, 'a', 129);
    assert_non_null(image_uri_parse(a, text, &uri));
}

TEST(image_uri__versions_are_tags_or_digests)
{
    assert_null(image_uri_check_version("v1"));
    assert_null(image_uri_check_version(DIGEST));
    assert_non_null(image_uri_check_version("sha256:12"));
    assert_non_null(image_uri_check_version(""));
    assert_non_null(image_uri_check_version("a b"));
    CHECK_TEXT(image_uri_with(a, "r/x", "v1"), "r/x:v1");
    CHECK_TEXT(image_uri_with(a, "r/x", DIGEST), "r/x@" DIGEST);
    CHECK_TEXT(image_uri_registry(a, "1", "cn-north-1"), "1.dkr.ecr.cn-north-1.amazonaws.com.cn");
}

TEST(authorization__is_split_at_its_first_colon)
{
    const char *user, *password;
    CHECK(authorization_split(a, "QVdTOnBhOnNz", &user, &password)); /* AWS:pa:ss */
    CHECK_TEXT(user, "AWS");
    CHECK_TEXT(password, "pa:ss");
    CHECK(authorization_split(a, "QVdTOnA=", &user, &password)); /* AWS:p */
    CHECK_TEXT(password, "p");
    static const char *const bad[] = {"", "A", "QVdT", "****", "QVdTOnA"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(!authorization_split(a, bad[i], &user, &password));
}
