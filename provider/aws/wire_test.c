/* What goes over the wire in JSON 1.1, by AWS's cases: requests of any service's operations in, and
 * errors of older services out. */
#include "aws/answer.h"
#include "aws/fake_test.h"
#include "aws/suite_test.h"
#include "base/test.h"
#include "base/text.h"
#include "value/json.h"

#include <dirent.h>
#include <string.h>

/* The shape of what is in a structure's member, a list or a map. */
static const struct value *inner(const struct value *shapes, const struct value *reference)
{
    return value_member(shapes, value_text(reference, "shape"));
}

/* What of the input depends on the operation's shapes beyond names and values; NULL when nothing
 * does. ECR's operations that are called have none of it. */
static const char *needs(const struct value *shapes, const struct value *shape,
                         const struct value *v)
{
    const char *type = value_text(shape, "type"), *found = NULL;
    if (strcmp(type, "timestamp") == 0 && *value_text(shape, "timestampFormat"))
        return "no operation that is called takes a time in another format";
    if (strcmp(type, "blob") == 0)
        return "no operation that is called takes a blob";
    for (size_t i = 0; i < value_count(v) && !found; i++) {
        if (v->kind == VALUE_LIST) {
            found = needs(shapes, inner(shapes, value_member(shape, "member")), value_item(v, i));
            continue;
        }
        const struct member *m = &v->map.members[i];
        const struct value *member = strcmp(type, "map") == 0
                                         ? value_member(shape, "value")
                                         : value_member(value_member(shape, "members"), m->key);
        if (*value_text(member, "timestampFormat"))
            found = "no operation that is called takes a time in another format";
        else
            found = needs(shapes, inner(shapes, member), m->value);
    }
    return found;
}

/* Smithy puts a slash behind a path that the user configured; botocore, which passes over the case,
 * and hashicorp/aws keep the path as it was written, and so does this client. */
static bool is_path_to_keep(const struct value *suite, const struct value *test)
{
    const char *endpoint = strstr(value_text(suite, "clientEndpoint"), "://");
    const char *path = endpoint ? strchr(endpoint + 3, '/') : NULL;
    const char *uri = value_text(test, "serialized.uri");
    return path && path[strlen(path) - 1] != '/' && strncmp(uri, path, strlen(path)) == 0 &&
           strcmp(uri + strlen(path), "/") == 0;
}

static const char *skip_reason(const struct value *suite, const struct value *test)
{
    const struct value *shapes = value_member(suite, "shapes");
    if (!value_is_null(value_get(test, "given.endpoint.hostPrefix")))
        return "no operation of ECR has a host of its own";
    if (!value_is_null(value_get(test, "given.requestcompression")))
        return "no operation of ECR compresses its request";
    if (is_path_to_keep(suite, test))
        return "a configured path is kept as it was written, as botocore and hashicorp/aws do";
    return needs(shapes, inner(shapes, value_get(test, "given.input")),
                 value_member(test, "params"));
}

static struct aws_client *client_of(struct arena *a, struct fake_http *http, const char *prefix,
                                    const char *endpoint)
{
    struct aws_service *service = arena_alloc(a, sizeof *service);
    struct aws_settings settings = {
        .region = "us-east-1", .access_key = "A", .secret_key = "S", .max_attempts = 1};
    struct aws_problem problem = {0};
    *service = (struct aws_service){.id = "ECR",
                                    .signing_name = "ecr",
                                    .target_prefix = prefix,
                                    .hosts = {"api.ecr.{region}.{dns}", "", "", ""}};
    const char **endpoints = arena_array(a, 3, sizeof *endpoints);
    endpoints[0] = "ECR";
    endpoints[1] = endpoint;
    settings.endpoints = *endpoint ? endpoints : NULL;
    struct aws_client *client =
        aws_client_new(a, &http->os->os, &http->http, service, &settings, &problem);
    assert_non_null(client);
    return client;
}

static const char *wrong_headers(struct arena *a, const struct fake_http *http,
                                 const struct value *wanted)
{
    for (size_t i = 0; i < value_count(wanted); i++) {
        const struct member *m = &wanted->map.members[i];
        if (strcmp(fake_sent(http, m->key), value_text(m->value, "")) != 0)
            return arena_printf(a, "%s is \"%s\"", m->key, fake_sent(http, m->key));
    }
    return NULL;
}

static const char *wrong_request(struct arena *a, const struct fake_http *http,
                                 const struct value *wanted)
{
    const struct bytes *body = &http->last.body;
    const char *text = value_text(wanted, "body"), *path = strstr(http->last.url, "://") + 3;
    const struct value *sent = json_parse(a, (const char *)body->data, body->size, NULL);
    const struct value *expected =
        json_parse(a, *text ? text : "{}", strlen(*text ? text : "{}"), NULL);
    if (strcmp(http->last.method, value_text(wanted, "method")) != 0)
        return "another method";
    if (strcmp(strchr(path, '/'), value_text(wanted, "uri")) != 0)
        return http->last.url;
    if (!sent || !expected || !value_equal(sent, expected))
        return (const char *)body->data;
    return wrong_headers(a, http, value_member(wanted, "headers"));
}

static const char *check_request(struct arena *a, const struct value *suite,
                                 const struct value *test)
{
    static const struct fake_answer fine = {.response = {.sent = true, .status = 200},
                                            .body = "{}"};
    struct fake_os os = fake_os();
    struct fake_http http = fake_http(&os, &fine, 1);
    http.keep = a;
    struct aws_client *client =
        client_of(a, &http, value_text(suite, "metadata.targetPrefix"),
                  *value_text(suite, "clientEndpoint") ? value_text(suite, "clientEndpoint") : "");
    struct aws_result r =
        aws_call(client, a, value_text(test, "given.name"), value_member(test, "params"), 0);
    return r.error ? r.error->message : wrong_request(a, &http, value_member(test, "serialized"));
}

TEST(wire__requests_match_the_protocol_tests_of_smithy)
{
    const char *path = test_vectors(a, "protocol/input.json_1_1.json");
    struct suite result = {.name = "json_1_1 input"};
    const struct value *suites = path ? fake_vectors(a, path) : &value_null;
    for (size_t i = 0; i < value_count(suites); i++) {
        const struct value *suite = value_item(suites, i), *cases = value_member(suite, "cases");
        for (size_t j = 0; j < value_count(cases); j++) {
            const struct value *test = value_item(cases, j);
            const char *reason = skip_reason(suite, test);
            if (reason)
                suite_skip(&result, value_text(test, "id"), reason);
            else
                suite_case(&result, value_text(test, "id"), check_request(a, suite, test));
        }
    }
    if (path)
        suite_end(&result);
}

/* The code without what stands before its #, and the message under either of its names. */
static const char *check_error(struct arena *a, const char *path)
{
    const char *text = fake_read(a, path);
    const struct http_response response = {
        .sent = true, .status = 400, .body = {(const uint8_t *)text, strlen(text)}};
    const struct value *body = json_parse(a, text, strlen(text), NULL);
    struct aws_result r = answer_decode(a, &response);
    if (!body || !r.error)
        return "no error came of it";
    const char *code = value_text(body, "__type"), *message = value_text(body, "message");
    if (!*message)
        message = value_text(body, "Message");
    if (strcmp(r.error->code, strchr(code, '#') ? strchr(code, '#') + 1 : code) != 0)
        return r.error->code;
    message = text_line(a, message, strlen(message), 1000); /* messages are one line here */
    return strcmp(r.error->message, message) == 0 ? NULL : r.error->message;
}

TEST(wire__errors_match_botocores_samples)
{
    const char *path = test_vectors(a, "protocol/json-errors");
    struct suite suite = {.name = "JSON errors"};
    DIR *directory = path ? opendir(path) : NULL;
    const struct dirent *entry;
    while (directory && (entry = readdir(directory)))
        if (strstr(entry->d_name, ".json"))
            suite_case(&suite, arena_text(a, entry->d_name),
                       check_error(a, arena_printf(a, "%s/%s", path, entry->d_name)));
    if (directory)
        closedir(directory);
    if (path)
        suite_end(&suite);
}
