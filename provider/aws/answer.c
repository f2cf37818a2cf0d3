/* Whatever a proxy or a broken server sends must end in a readable error, never in a crash and
 * never in a text that Terraform refuses; so all of it goes through text_line. */
#include "aws/answer.h"

#include "base/text.h"
#include "value/json.h"

#include <string.h>

#define CODE_LIMIT    200u
#define MESSAGE_LIMIT 4096u
#define FOREIGN_LIMIT 1024u /* of a body that is no JSON */

static const char *clean(struct arena *a, const char *text, size_t limit)
{
    return text_line(a, text, strlen(text), limit);
}

const char *answer_message(struct arena *a, const char *text)
{
    const char *request = strstr(text, "The Canonical String");
    size_t size = request ? (size_t)(request - text) : strlen(text);
    return text_line(a, text, size, MESSAGE_LIMIT);
}

/* The whole body; an empty one is an empty object. NULL when it is no JSON object. */
static const struct value *parse_body(struct arena *a, const struct http_response *response)
{
    const char *text = (const char *)response->body.data;
    size_t size = response->body.size;
    if (size == 0)
        return &value_empty_map;
    if (!text_is_utf8(text, size))
        return NULL;
    const struct value *body = json_parse(a, text, size, NULL);
    return body && body->kind == VALUE_MAP ? body : NULL;
}

static const char *first_text(const struct value *body, const char *const *keys)
{
    for (; *keys; keys++) {
        const struct value *v = value_member(body, *keys);
        if (v->kind == VALUE_STRING && *v->text)
            return v->text;
    }
    return "";
}

const char *answer_request_id(struct arena *a, const struct http_response *response)
{
    const char *id = http_header(response, "x-amzn-requestid");
    if (!id)
        id = http_header(response, "x-amz-request-id");
    return id ? clean(a, id, CODE_LIMIT) : "";
}

/* "com.amazonaws.ecr#FooException:http://…" is FooException. */
static const char *bare_code(struct arena *a, const char *code)
{
    code = arena_text_n(a, code, strcspn(code, ":"));
    const char *hash = strrchr(code, '#');
    return clean(a, hash ? hash + 1 : code, CODE_LIMIT);
}

static const char *error_code(struct arena *a, const struct http_response *response,
                              const struct value *body)
{
    static const char *const keys[] = {"code", "__type", NULL};
    const char *header = http_header(response, "x-amzn-errortype");
    const char *code = bare_code(a, header && *header ? header : first_text(body, keys));
    return *code ? code : arena_printf(a, "HTTP %d", response->status);
}

static const char *error_message(struct arena *a, const struct http_response *response,
                                 const struct value *body)
{
    static const char *const keys[] = {"message", "Message", "errorMessage", NULL};
    if (!body)
        return text_line(a, (const char *)response->body.data, response->body.size, FOREIGN_LIMIT);
    return answer_message(a, first_text(body, keys));
}

static const struct aws_error *error_new(struct arena *a, struct aws_error error)
{
    struct aws_error *copy = arena_alloc(a, sizeof *copy);
    *copy = error;
    return copy;
}

static const struct aws_error *service_error(struct arena *a, const struct http_response *response,
                                             const struct value *body)
{
    static const char *const keys[] = {"RequestId", "requestId", NULL};
    const struct value *known = body ? body : &value_empty_map;
    const char *request_id = answer_request_id(a, response);
    return error_new(
        a,
        (struct aws_error){
            .code = error_code(a, response, known),
            .message = error_message(a, response, body),
            .request_id = *request_id ? request_id : clean(a, first_text(known, keys), CODE_LIMIT),
            .status = response->status,
        });
}

/* A success that cannot be read. Its body is not quoted: it may be a part of a token. */
static const struct aws_error *unreadable(struct arena *a, const struct http_response *response)
{
    return error_new(a, (struct aws_error){
                            .code = "SerializationError",
                            .message = arena_printf(a,
                                                    "the answer of %zu bytes is no JSON object, "
                                                    "although its status is %d",
                                                    response->body.size, response->status),
                            .request_id = answer_request_id(a, response),
                            .status = response->status,
                        });
}

static const char *failure_code(const struct http_response *response)
{
    if (response->failure == HTTP_STOPPED)
        return "RequestCanceled";
    if (response->failure == HTTP_BAD_CERTIFICATE)
        return "CertificateError";
    return response->timed_out ? "RequestTimeout" : "RequestError";
}

static const struct aws_error *transport_error(struct arena *a,
                                               const struct http_response *response)
{
    return error_new(a, (struct aws_error){
                            .code = failure_code(response),
                            .message = response->reason,
                            .request_id = answer_request_id(a, response),
                            .status = response->status,
                            .stopped = response->failure == HTTP_STOPPED,
                        });
}

/* Whatever the status says. No object that this program asks for has a type of its own. */
static bool is_error(const struct value *body)
{
    return body && *value_text(body, "__type");
}

struct aws_result answer_decode(struct arena *a, const struct http_response *response)
{
    if (response->failure != HTTP_ANSWERED)
        return (struct aws_result){&value_empty_map, transport_error(a, response), false};

    const struct value *body = parse_body(a, response);
    if (response->status < 200 || response->status >= 300 || is_error(body))
        return (struct aws_result){&value_empty_map, service_error(a, response, body), false};
    if (!body)
        return (struct aws_result){&value_empty_map, unreadable(a, response), false};
    return (struct aws_result){body, NULL, false};
}
