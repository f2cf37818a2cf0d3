/* The query protocol by Smithy's cases, whose shapes a small typed reader here understands, and
 * STS's own samples. */
#include "aws/query.h"

#include "aws/fake_test.h"
#include "aws/replay_test.h"
#include "aws/suite_test.h"
#include "aws/timestamp.h"
#include "aws/xml.h"
#include "base/buffer.h"
#include "base/test.h"
#include "value/json.h"

#include <openssl/evp.h>
#include <string.h>

static const struct value *shape_of(const struct value *shapes, const struct value *reference)
{
    return value_member(shapes, value_text(reference, "shape"));
}

/* What STS's operations have no use for, and the serializer therefore lacks. */
static const char *unused(const struct value *shapes, const struct value *shape)
{
    const struct value *members = value_member(shape, "members");
    const char *type = value_text(shape, "type");
    if (strcmp(type, "map") == 0)
        return "no operation of STS takes a map";
    if (strcmp(type, "list") == 0 && *value_text(shape, "member.locationName"))
        return "no list of STS renames its members";
    if (strcmp(type, "timestamp") == 0 || strcmp(type, "blob") == 0)
        return "no operation of STS that is called takes a timestamp or a blob";
    (void)shapes;
    (void)members;
    return NULL;
}

static const char *why_not(const struct value *shapes, const struct value *shape,
                           const struct value *given)
{
    for (size_t i = 0; given->kind == VALUE_MAP && i < value_count(given); i++) {
        const char *key = given->map.members[i].key;
        const struct value *member = value_get(value_member(shape, "members"), key);
        const struct value *target = shape_of(shapes, member);
        const char *reason = value_is_true(member, "flattened") ? "no list of STS is flattened"
                                                                : unused(shapes, target);
        if (!reason && value_is_true(member, "idempotencyToken"))
            continue;
        if (!reason)
            reason = why_not(shapes, target, given->map.members[i].value);
        if (reason)
            return reason;
    }
    return NULL;
}

static bool has_token(const struct value *shape)
{
    const struct value *members = value_member(shape, "members");
    for (size_t i = 0; i < value_count(members); i++)
        if (value_is_true(members->map.members[i].value, "idempotencyToken"))
            return true;
    return false;
}

/* Parameters of a form stand in any order. */
static bool same_form(struct arena *a, const char *x, const char *y)
{
    char *copy = arena_text(a, y), *rest = NULL;
    const char *all = arena_printf(a, "&%s&", x);
    for (char *p = strtok_r(copy, "&", &rest); p; p = strtok_r(NULL, "&", &rest))
        if (!strstr(all, arena_printf(a, "&%s&", p)))
            return false;
    return strlen(x) == strlen(y);
}

static void check_input(struct arena *a, struct suite *suite, const struct value *group,
                        const struct value *test)
{
    const char *id = value_text(test, "id");
    const struct value *shapes = value_member(group, "shapes");
    const struct value *shape = shape_of(shapes, value_get(test, "given.input"));
    const struct value *params = value_member(test, "params");
    const char *reason = why_not(shapes, shape, params);
    if (!value_is_null(value_get(test, "given.requestcompression")))
        reason = "no operation of STS compresses its request";
    else if (has_token(shape) && value_count(params) == 0)
        reason = "no operation of STS has an idempotency token to fill in";
    if (reason) {
        suite_skip(suite, id, reason);
        return;
    }
    const char *body = query_body(a, value_text(test, "given.name"),
                                  value_text(group, "metadata.apiVersion"), params);
    suite_case(suite, id, same_form(a, body, value_text(test, "serialized.body")) ? NULL : body);
}

TEST(query__bodies_match_the_protocol_tests)
{
    const char *path = test_vectors(a, "protocol/input.query.json");
    struct suite suite = {.name = "query input"};
    const struct value *groups = path ? fake_vectors(a, path) : &value_null;
    for (size_t i = 0; i < value_count(groups); i++) {
        const struct value *group = value_item(groups, i), *cases = value_member(group, "cases");
        for (size_t j = 0; j < value_count(cases); j++)
            check_input(a, &suite, group, value_item(cases, j));
    }
    if (path)
        suite_end(&suite);
}

/* Smithy's typed result out of an element. */
struct typing {
    struct arena *arena;
    const struct value *shapes;
};

static const struct value *typed(const struct typing *t, const struct value *reference,
                                 const struct value *v);

/* What a repeated element is, however often it is there. */
static size_t times(const struct value *v)
{
    return v->kind == VALUE_LIST ? value_count(v) : value_is_null(v) ? 0 : 1;
}

static const struct value *nth(const struct value *v, size_t i)
{
    return v->kind == VALUE_LIST ? value_item(v, i) : v;
}

static const char *name_or(const struct value *v, const char *path, const char *fallback)
{
    const char *name = value_text(v, path);
    return *name ? name : fallback;
}

static const struct value *typed_list(const struct typing *t, const struct value *reference,
                                      const struct value *shape, const struct value *v)
{
    if (!value_is_true(reference, "flattened") && !value_is_true(shape, "flattened"))
        v = value_member(v, name_or(shape, "member.locationName", "member"));
    const struct value **items = arena_array(t->arena, times(v) + 1, sizeof *items);
    for (size_t i = 0; i < times(v); i++)
        items[i] = typed(t, value_member(shape, "member"), nth(v, i));
    return value_list(t->arena, items, times(v));
}

static const struct value *typed_map(const struct typing *t, const struct value *reference,
                                     const struct value *shape, const struct value *v)
{
    const struct value *map = &value_empty_map;
    if (!value_is_true(reference, "flattened") && !value_is_true(shape, "flattened"))
        v = value_member(v, "entry");
    for (size_t i = 0; i < times(v); i++)
        map = value_with(
            t->arena, map, value_text(nth(v, i), name_or(shape, "key.locationName", "key")),
            typed(t, value_member(shape, "value"),
                  value_member(nth(v, i), name_or(shape, "value.locationName", "value"))));
    return map;
}

/* A flattened list may be found under the name of its items. */
static const struct value *element_of(const struct typing *t, const struct member *m,
                                      const struct value *v)
{
    const struct value *shape = shape_of(t->shapes, m->value);
    const struct value *found = value_member(v, name_or(m->value, "locationName", m->key));
    bool flat = value_is_true(m->value, "flattened") || value_is_true(shape, "flattened");
    return value_is_null(found) && flat
               ? value_member(v, name_or(shape, "member.locationName", m->key))
               : found;
}

static const struct value *typed_structure(const struct typing *t, const struct value *shape,
                                           const struct value *v)
{
    const struct value *map = &value_empty_map, *members = value_member(shape, "members");
    for (size_t i = 0; i < value_count(members); i++) {
        const struct member *m = &members->map.members[i];
        const struct value *found = element_of(t, m, v);
        if (!value_is_null(found))
            map = value_with(t->arena, map, m->key, typed(t, m->value, found));
    }
    return map;
}

static const struct value *typed_time(const struct typing *t, const char *text)
{
    int64_t ms = 0;
    CHECK(timestamp_parse(text, &ms));
    return ms % 1000 ? value_double(t->arena, (double)ms / 1000) : value_int(t->arena, ms / 1000);
}

static const struct value *typed_blob(const struct typing *t, const char *text)
{
    unsigned char *out = arena_alloc(t->arena, strlen(text) + 4);
    if (EVP_DecodeBlock(out, (const unsigned char *)text, (int)strlen(text)) < 0)
        return &value_null;
    return value_string(t->arena, (const char *)out);
}

static const struct value *typed(const struct typing *t, const struct value *reference,
                                 const struct value *v)
{
    const struct value *shape = shape_of(t->shapes, reference);
    const char *type = value_text(shape, "type");
    const char *text = v->kind == VALUE_STRING ? v->text : "";
    if (strcmp(type, "structure") == 0)
        return typed_structure(t, shape, v);
    if (strcmp(type, "list") == 0)
        return typed_list(t, reference, shape, v);
    if (strcmp(type, "map") == 0)
        return typed_map(t, reference, shape, v);
    if (strcmp(type, "timestamp") == 0)
        return typed_time(t, text);
    if (strcmp(type, "blob") == 0)
        return typed_blob(t, text);
    if (strcmp(type, "boolean") == 0)
        return value_bool(strcmp(text, "true") == 0);
    if (strcmp(type, "string") == 0 || strpbrk(text, "NIy")) /* NaN, Infinity */
        return value_string(t->arena, text);
    return value_number(t->arena, text);
}

/* STS writes its times in one way only. */
static const char *other_time(const struct value *test)
{
    const char *body = value_text(test, "response.body");
    if (strstr(body, "<epochSeconds") || strstr(body, "<httpDate"))
        return "STS writes times in ISO 8601 only";
    return NULL;
}

static const char *check_error(const struct value *test, const struct aws_result *r)
{
    if (!r->error)
        return "there is no error";
    if (strcmp(r->error->code, value_text(test, "errorCode")) != 0)
        return r->error->code;
    return strcmp(r->error->message, value_text(test, "errorMessage")) == 0 ? NULL
                                                                            : r->error->message;
}

static const char *check_output(struct arena *a, const struct value *group,
                                const struct value *test)
{
    static const struct http_header none[] = {{0}};
    const char *body = value_text(test, "response.body");
    const struct http_response response = {.status =
                                               (int)value_integer(test, "response.status_code", 0),
                                           .headers = none,
                                           .body = {(const uint8_t *)body, strlen(body)}};
    const struct typing t = {a, value_member(group, "shapes")};
    struct aws_result r = query_decode(a, &response);
    if (*value_text(test, "errorCode"))
        return check_error(test, &r);
    if (r.error)
        return r.error->message;
    const struct value *reference = value_get(test, "given.output");
    const char *actual =
        json_print(a, value_is_null(reference) ? r.output : typed(&t, reference, r.output));
    return strcmp(actual, json_print(a, value_member(test, "result"))) == 0 ? NULL : actual;
}

TEST(query__answers_match_the_protocol_tests)
{
    const char *path = test_vectors(a, "protocol/output.query.json");
    struct suite suite = {.name = "query output"};
    const struct value *groups = path ? fake_vectors(a, path) : &value_null;
    for (size_t i = 0; i < value_count(groups); i++) {
        const struct value *group = value_item(groups, i), *cases = value_member(group, "cases");
        for (size_t j = 0; j < value_count(cases); j++) {
            const struct value *test = value_item(cases, j);
            const char *id = value_text(test, "id"), *reason = other_time(test);
            if (reason)
                suite_skip(&suite, id, reason);
            else
                suite_case(&suite, id, check_output(a, group, test));
        }
    }
    if (path)
        suite_end(&suite);
}

static const char *check_sample(struct arena *a, const char *directory, const char *name)
{
    static const struct http_header none[] = {{0}};
    const char *xml = fake_read(a, arena_printf(a, "%s/%s.xml", directory, name));
    const struct value *wanted = fake_vectors(a, arena_printf(a, "%s/%s.json", directory, name));
    const struct value *error = value_member(wanted, "Error");
    const struct http_response response = {.status = value_is_null(error) ? 200 : 400,
                                           .headers = none,
                                           .body = {(const uint8_t *)xml, strlen(xml)}};
    struct aws_result r = query_decode(a, &response);
    if (value_is_null(error)) {
        const char *actual = json_print(a, r.output);
        return strcmp(actual, json_print(a, value_without(a, wanted, "ResponseMetadata"))) == 0
                   ? NULL
                   : actual;
    }
    if (!r.error || strcmp(r.error->code, value_text(error, "Code")) != 0)
        return "code";
    /* a message is shown on one line, with single spaces */
    if (strncmp(r.error->message, value_text(error, "Message"), 50) != 0)
        return r.error->message;
    return strcmp(r.error->request_id, value_text(wanted, "ResponseMetadata.RequestId")) == 0
               ? NULL
               : r.error->request_id;
}

TEST(query__reads_the_samples_of_sts)
{
    const char *path = test_vectors(a, "protocol/sts-xml");
    struct suite suite = {.name = "STS samples"};
    const char *const *name = path ? replay_folders(a, path) : NULL;
    for (; name && *name; name++) {
        size_t size = strlen(*name);
        if (size > 4 && strcmp(*name + size - 4, ".xml") == 0)
            suite_case(&suite, *name, check_sample(a, path, arena_text_n(a, *name, size - 4)));
    }
    if (path)
        suite_end(&suite);
}

static struct aws_result decode(struct arena *a, int status, const char *body)
{
    static const struct http_header none[] = {{0}};
    const struct http_response response = {
        .status = status, .headers = none, .body = {(const uint8_t *)body, strlen(body)}};
    return query_decode(a, &response);
}

TEST(query__errors_of_others_are_readable)
{
    struct aws_result r = decode(a, 503, "<html>\n<h1>proxy\x01 says no</h1>");
    CHECK_TEXT(r.error->code, "HTTP 503");
    CHECK_TEXT(r.error->message, "<html> <h1>proxy says no</h1>");
    r = decode(a, 400,
               "<Response><Errors><Error><Code>Old</Code><Message>m</Message></Error></Errors>"
               "<RequestID>id</RequestID></Response>");
    CHECK_TEXT(r.error->code, "Old");
    CHECK_TEXT(r.error->request_id, "id");
}

TEST(query__unreadable_success_quotes_nothing)
{
    struct aws_result r = decode(a, 200, "<AssumeRoleResponse><SecretAccessKey>SECRET");
    CHECK_TEXT(r.error->code, "SerializationError");
    CHECK(!strstr(r.error->message, "SECRET"));
    CHECK_TEXT(decode(a, 200, "<html><b>hello</b></html>").error->code, "SerializationError");
}

static const struct value *parse(struct arena *a, const char *text)
{
    return xml_parse(a, text, strlen(text));
}

TEST(xml__reads_what_xml_has)
{
    const struct value *v = parse(a, "<?xml version=\"1.0\"?><!-- c --><a:r x='1'><b>&lt;&#65;&amp;"
                                     "</b><c><![CDATA[<&>]]></c><d>1</d><d>2</d><d/></a:r>");
    CHECK_TEXT(value_text(v, "r.b"), "<A&");
    CHECK_TEXT(value_text(v, "r.c"), "<&>");
    CHECK_INT(value_count(value_get(v, "r.d")), 3);
    CHECK_TEXT(value_text(v, "r.d[1]"), "2");
}

TEST(xml__refuses_what_would_grow)
{
    CHECK(!parse(a, ""));
    CHECK(!parse(a, "<a><b></a>"));
    CHECK(!parse(a, "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>"));
    CHECK(!parse(a, "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>"));
    struct buffer deep = {.arena = a, .limit = 100000}, wide = deep;
    for (int i = 0; i < 70; i++)
        buffer_printf(&deep, "<a>");
    for (int i = 0; i < 70; i++)
        buffer_printf(&deep, "</a>");
    buffer_printf(&wide, "<r>");
    for (int i = 0; i < 2000; i++)
        buffer_printf(&wide, "<a/>");
    buffer_printf(&wide, "</r>");
    char *long_text = arena_alloc(a, 2 * 1024 * 1024);
    memset(long_text, 'x', 2 * 1024 * 1024 - 1);
    CHECK(!parse(a, arena_printf(a, "<a>%s</a>", long_text)));
    CHECK(!parse(a, buffer_text(&deep)));
    CHECK(!parse(a, buffer_text(&wide)));
}

static int64_t parsed(const char *text)
{
    int64_t ms = -1;
    return timestamp_parse(text, &ms) ? ms : -1;
}

TEST(timestamp__reads_all_forms_and_no_others)
{
    static const char *const bad[] = {"",
                                      "now",
                                      "2026-01-31",
                                      "2026-01-31T08:00:00",
                                      "2026-13-01T00:00:00Z",
                                      "2026-01-31T25:00:00Z",
                                      "2026-01-31T08:00:00Zx",
                                      "2026-01-31T08:00:00+1:00",
                                      "2026-1-31T08:00:00Z",
                                      NULL};
    CHECK(parsed("1970-01-01T00:00:01Z") == 1000);
    CHECK(parsed("2019-12-16T22:48:18.5-01:00") == 1576540098500);
    CHECK(parsed("2019-12-17T00:48:18+0100") == 1576540098000);
    CHECK(parsed("2019-12-16T23:48:18UTC") == 1576540098000);
    for (const char *const *text = bad; *text; text++)
        CHECK(parsed(*text) == -1);
    CHECK_TEXT(timestamp_print(a, 1576540098500), "2019-12-16T23:48:18Z");
}
