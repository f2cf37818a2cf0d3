/* Everything of an answer that may be shown goes through text_line, since a proxy may have written
 * it. */
#include "aws/query.h"

#include "aws/answer.h"
#include "aws/xml.h"
#include "base/buffer.h"
#include "base/text.h"

#include <ctype.h>
#include <string.h>

#define BODY_LIMIT    (256u * 1024)
#define CODE_LIMIT    200u
#define FOREIGN_LIMIT 1024u

const char *query_escape(struct arena *a, const char *text)
{
    struct buffer out = {.arena = a, .limit = 4 * BODY_LIMIT};
    for (const char *p = text; *p; p++)
        if (isalnum((unsigned char)*p) || strchr("-._~", *p))
            buffer_add(&out, p, 1);
        else
            buffer_printf(&out, "%%%02X", (unsigned char)*p);
    return buffer_text(&out);
}

static void add(struct buffer *body, const char *name, const struct value *v)
{
    struct arena *a = body->arena;
    switch (v->kind) {
    case VALUE_NULL:
    case VALUE_UNKNOWN:
        return;
    case VALUE_BOOL:
        buffer_printf(body, "&%s=%s", name, v->boolean ? "true" : "false");
        return;
    case VALUE_NUMBER:
    case VALUE_STRING:
        buffer_printf(body, "&%s=%s", name, query_escape(a, v->text));
        return;
    case VALUE_LIST:
        if (value_count(v) == 0)
            buffer_printf(body, "&%s=", name);
        for (size_t i = 0; i < value_count(v); i++)
            add(body, arena_printf(a, "%s.member.%zu", name, i + 1), value_item(v, i));
        return;
    case VALUE_MAP:
        for (size_t i = 0; i < value_count(v); i++)
            add(body, arena_printf(a, "%s.%s", name, v->map.members[i].key),
                v->map.members[i].value);
        return;
    }
}

const char *query_body(struct arena *a, const char *action, const char *version,
                       const struct value *input)
{
    struct buffer body = {.arena = a, .limit = BODY_LIMIT};
    buffer_printf(&body, "Action=%s&Version=%s", action, version);
    for (size_t i = 0; i < value_count(input); i++)
        add(&body, input->map.members[i].key, input->map.members[i].value);
    return buffer_text(&body);
}

static const char *clean(struct arena *a, const char *text, size_t limit)
{
    return text_line(a, text, strlen(text), limit);
}

static bool ends_with(const char *text, const char *end)
{
    size_t size = strlen(text), wanted = strlen(end);
    return size >= wanted && strcmp(text + size - wanted, end) == 0;
}

/* The content of <…Response>; null when it is another document, such as a proxy's page. */
static const struct value *document(struct arena *a, const struct http_response *response)
{
    const struct value *body = xml_parse(a, (const char *)response->body.data, response->body.size);
    return body && value_count(body) == 1 && ends_with(body->map.members[0].key, "Response")
               ? body->map.members[0].value
               : &value_null;
}

/* <ErrorResponse><Error>, or the <Response><Errors><Error> of older services. */
static const struct value *error_element(const struct value *root)
{
    const struct value *old = value_get(root, "Errors.Error");
    return value_is_null(old) ? value_member(root, "Error") : old;
}

static const char *request_id(struct arena *a, const struct http_response *response,
                              const struct value *root)
{
    const char *places[] = {answer_request_id(a, response), value_text(root, "RequestId"),
                            value_text(root, "RequestID"),
                            value_text(root, "ResponseMetadata.RequestId")};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (*places[i])
            return clean(a, places[i], CODE_LIMIT);
    return "";
}

static struct aws_result failed(struct arena *a, struct aws_error error)
{
    struct aws_error *copy = arena_alloc(a, sizeof *copy);
    *copy = error;
    return (struct aws_result){&value_empty_map, copy, false};
}

static struct aws_result refused(struct arena *a, const struct http_response *response,
                                 const struct value *root)
{
    const struct value *element = error_element(root);
    const char *code = clean(a, value_text(element, "Code"), CODE_LIMIT);
    const char *message =
        value_is_null(element)
            ? text_line(a, (const char *)response->body.data, response->body.size, FOREIGN_LIMIT)
            : answer_message(a, value_text(element, "Message"));
    return failed(a, (struct aws_error){
                         .code = *code ? code : arena_printf(a, "HTTP %d", response->status),
                         .message = message,
                         .request_id = request_id(a, response, root),
                         .status = response->status,
                     });
}

static struct aws_result unreadable(struct arena *a, const struct http_response *response)
{
    return failed(a, (struct aws_error){
                         .code = "SerializationError",
                         .message = arena_printf(a,
                                                 "the answer of %zu bytes is not the XML that was "
                                                 "expected, although its status is %d",
                                                 response->body.size, response->status),
                         .request_id = answer_request_id(a, response),
                         .status = response->status,
                     });
}

/* <ActionResponse><ActionResult>…: the member whose name ends so, whatever the action. */
static const struct value *result_element(const struct value *root)
{
    for (size_t i = 0; root->kind == VALUE_MAP && i < value_count(root); i++) {
        const struct member *m = &root->map.members[i];
        if (ends_with(m->key, "Result"))
            return m->value->kind == VALUE_MAP ? m->value : &value_empty_map;
    }
    return &value_empty_map;
}

struct aws_result query_decode(struct arena *a, const struct http_response *response)
{
    if (response->failure != HTTP_ANSWERED)
        return answer_decode(a, response);
    const struct value *root = document(a, response);
    if (response->status < 200 || response->status >= 300)
        return refused(a, response, root);
    if (value_is_null(root) && response->body.size > 0)
        return unreadable(a, response);
    return (struct aws_result){result_element(root), NULL, false};
}
