/* Every stage against AWS's published cases, and two requests of ECR's own form whose signatures
 * were made with botocore. */
#include "aws/sigv4.h"

#include "aws/fake_test.h"
#include "base/test.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define HEADERS_MAX 20

/* A case: a directory of AWS's suite. */
struct vector {
    struct arena *arena;
    const char *directory, *name;
    const struct value *context;
    struct http_header headers[HEADERS_MAX];
    struct sigv4_request request;
    struct sigv4_scope scope;
    struct credentials credentials;
};

static const char *file(const struct vector *v, const char *name)
{
    return fake_read(v->arena, arena_printf(v->arena, "%s/%s/%s", v->directory, v->name, name));
}

static void add_header(struct vector *v, const char *name, const char *value)
{
    size_t i = 0;
    while (v->headers[i].name)
        i++;
    CHECK(i + 1 < HEADERS_MAX);
    v->headers[i] = (struct http_header){name, value};
}

/* The path may hold spaces: the target ends at the last one. */
static void parse_target(struct vector *v, char *line)
{
    char *target = strchr(line, ' ');
    *target++ = '\0';
    *strrchr(target, ' ') = '\0';
    char *query = strchr(target, '?');
    if (query)
        *query++ = '\0';
    v->request = (struct sigv4_request){
        .method = line, .path = target, .query = query ? query : "", .headers = v->headers};
}

/* Reads one header with its folded lines; returns where the next line starts. */
static char *parse_header(struct vector *v, char *line)
{
    char *colon = strchr(line, ':'), *end = strchr(line, '\n');
    while (end && strchr(" \t", end[1]) && end[1])
        end = strchr(end + 1, '\n');
    char *next = end ? end + 1 : line + strlen(line);
    if (end)
        *end = '\0';
    *colon = '\0';
    add_header(v, line, colon + 1);
    return next;
}

static void parse_request(struct vector *v, char *text)
{
    char *line = strchr(text, '\n');
    if (line)
        *line++ = '\0';
    parse_target(v, text);
    while (line && *line && *line != '\n')
        line = parse_header(v, line);
    const char *body = line && *line == '\n' ? line + 1 : "";
    v->request.body = (struct bytes){(const uint8_t *)body, strlen(body)};
    if (value_is_true(v->context, "sign_body"))
        add_header(v, "x-amz-content-sha256", sigv4_hash(v->arena, v->request.body));
}

static const char *text_or_null(const struct value *v, const char *path)
{
    const char *text = value_text(v, path);
    return *text ? text : NULL;
}

static void parse_context(struct vector *v)
{
    struct tm utc = {0};
    CHECK(strptime(value_text(v->context, "timestamp"), "%Y-%m-%dT%H:%M:%SZ", &utc));
    v->scope = (struct sigv4_scope){.region = value_text(v->context, "region"),
                                    .service = value_text(v->context, "service"),
                                    .now_ms = (int64_t)timegm(&utc) * 1000};
    v->credentials = (struct credentials){
        .access_key_id = value_text(v->context, "credentials.access_key_id"),
        .secret_access_key = value_text(v->context, "credentials.secret_access_key"),
        .session_token = value_is_true(v->context, "omit_session_token")
                             ? NULL /* it is added when all is signed */
                             : text_or_null(v->context, "credentials.token"),
    };
}

static void check_stage(const struct vector *v, const char *stage, const char *actual)
{
    const char *wanted = file(v, stage);
    if (strcmp(actual, wanted) != 0)
        print_error("%s: %s differs\n", v->name, stage);
    CHECK_TEXT(actual, wanted);
}

static void check_vector(const struct vector *v)
{
    struct sigv4_request request = v->request;
    request.headers = sigv4_headers(v->arena, &v->request, &v->scope, &v->credentials);
    const char *canonical = sigv4_canonical_request(v->arena, &request);
    check_stage(v, "header-canonical-request.txt", canonical);
    const char *to_sign = sigv4_string_to_sign(v->arena, &v->scope, canonical);
    check_stage(v, "header-string-to-sign.txt", to_sign);
    const char *signature =
        sigv4_signature(v->arena, &v->scope, v->credentials.secret_access_key, to_sign);
    check_stage(v, "header-signature.txt", signature);

    const struct http_header *added = sigv4_sign(v->arena, &v->request, &v->scope, &v->credentials);
    while (strcmp(added->name, "Authorization") != 0)
        added++;
    CHECK_HAS(file(v, "header-signed-request.txt"), added->value);
}

/* False when it does not apply to services such as ECR. */
static bool run_vector(struct arena *a, const char *directory, const char *name)
{
    struct vector v = {.arena = a, .directory = directory, .name = name};
    v.context = fake_vectors(a, arena_printf(a, "%s/%s/context.json", directory, name));
    if (!value_is_true(v.context, "normalize")) {
        print_message("sigv4: %s skipped: paths are left as they are only for S3\n", name);
        return false;
    }
    parse_context(&v);
    parse_request(&v, arena_text(a, file(&v, "request.txt")));
    check_vector(&v);
    return true;
}

static int is_case(const struct dirent *entry)
{
    return strchr(entry->d_name, '-') && !strchr(entry->d_name, '.');
}

TEST(sigv4__matches_the_vectors_of_aws)
{
    const char *directory = test_vectors(a, "sigv4");
    if (!directory)
        return;
    struct dirent **entries;
    int count = scandir(directory, &entries, is_case, alphasort), passed = 0;
    CHECK(count > 0);
    for (int i = 0; i < count; i++) {
        passed += run_vector(a, directory, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    print_message("sigv4: %d cases, %d passed, %d skipped\n", count, passed, count - passed);
    CHECK(passed > 0);
}

static const struct sigv4_scope noon = {
    .region = "eu-west-1", .service = "ecr", .now_ms = 1440938160000};

static const struct credentials example = {.access_key_id = "AKIDEXAMPLE",
                                           .secret_access_key =
                                               "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"};

TEST(sigv4__signs_a_call_of_ecr_as_botocore_does)
{
    const struct http_header headers[] = {
        {"Host", "api.ecr.eu-west-1.amazonaws.com"},
        {"Content-Type", "application/x-amz-json-1.1"},
        {"X-Amz-Target", "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories"},
        {0},
    };
    const struct sigv4_request request = {.method = "POST",
                                          .path = "/",
                                          .query = "",
                                          .headers = headers,
                                          .body = {(const uint8_t *)"{}", 2}};
    const struct http_header *added = sigv4_sign(a, &request, &noon, &example);
    CHECK_TEXT(added[0].name, "X-Amz-Date");
    CHECK_TEXT(added[0].value, "20150830T123600Z");
    CHECK_TEXT(added[1].name, "Authorization");
    CHECK_TEXT(added[1].value,
               "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/eu-west-1/ecr/aws4_request, "
               "SignedHeaders=content-type;host;x-amz-date;x-amz-target, "
               "Signature=2a2859a40ac52a227cd48f2436586180cb27a58f517ec660cb9158fce8e05955");
    CHECK(!added[2].name);
}

TEST(sigv4__signs_a_token_and_a_custom_endpoint_as_botocore_does)
{
    const struct http_header headers[] = {
        {"Host", "localhost:4566"},
        {"Content-Type", "application/x-amz-json-1.1"},
        {"X-Amz-Target", "AmazonEC2ContainerRegistry_V20150921.CreateRepository"},
        {0},
    };
    const char *body = "{\"repositoryName\":\"app/näme\"}";
    const struct sigv4_request request = {.method = "POST",
                                          .path = "/ecr/base",
                                          .query = "",
                                          .headers = headers,
                                          .body = {(const uint8_t *)body, strlen(body)}};
    struct sigv4_scope scope = noon;
    struct credentials credentials = example;
    scope.region = "us-gov-west-1";
    credentials.session_token = "FwoGZXIvYXdzEXAMPLE==";
    const struct http_header *added = sigv4_sign(a, &request, &scope, &credentials);
    CHECK_TEXT(added[1].name, "X-Amz-Security-Token");
    CHECK_TEXT(added[1].value, "FwoGZXIvYXdzEXAMPLE==");
    CHECK_TEXT(added[2].value,
               "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-gov-west-1/ecr/aws4_request, "
               "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, "
               "Signature=e5dacdc615b28de8222aa2832de420c52c1d5c18f27d82f0ad54fc8569a0313a");
}

/* The suites at hand have no repeated header; the order sent is the order signed. */
TEST(sigv4__joins_repeated_headers)
{
    const struct http_header headers[] = {
        {"Host", "h"}, {"My-Header", "z "}, {"my-header", " a  b"}, {"MY-HEADER", "m"}, {0}};
    const struct sigv4_request request = {
        .method = "GET", .path = "", .query = "", .headers = headers};
    CHECK_HAS(sigv4_canonical_request(a, &request), "\nhost:h\nmy-header:z,a b,m\n\n");
}

TEST(sigv4__sorts_the_query_by_name_and_value)
{
    const struct sigv4_request request = {.method = "GET",
                                          .path = "/",
                                          .query = "b=2&a=2&a=1&c&&a b=%20",
                                          .headers = (const struct http_header[]){{0}}};
    CHECK_HAS(sigv4_canonical_request(a, &request), "\na=1&a=2&a%20b=%2520&b=2&c=\n");
}

static void check_path(struct arena *a, const char *path, const char *canonical)
{
    const struct sigv4_request request = {
        .method = "GET", .path = path, .query = "", .headers = (const struct http_header[]){{0}}};
    const char *line = strchr(sigv4_canonical_request(a, &request), '\n') + 1;
    CHECK_TEXT(arena_text_n(a, line, strcspn(line, "\n")), canonical);
}

TEST(sigv4__normalizes_paths)
{
    check_path(a, "", "/");
    check_path(a, "/", "/");
    check_path(a, "//", "/");
    check_path(a, "/..", "/");
    check_path(a, "/../../x", "/x");
    check_path(a, "/a/b/..", "/a/");
    check_path(a, "/a/./b/", "/a/b/");
    check_path(a, "/a//b", "/a/b");
    check_path(a, "/a%20b/...", "/a%2520b/...");
    check_path(a, "/ü", "/%C3%BC");
}
