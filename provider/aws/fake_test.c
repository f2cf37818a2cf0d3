/* The fakes do what the test's data says and nothing else. */
#include "aws/fake_test.h"

#include "base/test.h"
#include "value/json.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

static int64_t fake_now_ms(const struct os *os)
{
    return ((const struct fake_os *)os)->now_ms;
}

static bool fake_sleep_ms(const struct os *os, int64_t ms)
{
    struct fake_os *f = (struct fake_os *)os;
    f->sleeps++;
    f->slept_ms = ms;
    f->now_ms += ms;
    return !f->stops;
}

static uint64_t fake_random(const struct os *os)
{
    return ((const struct fake_os *)os)->random;
}

static const char *fake_env(const struct os *os, const char *name)
{
    const char *const *v = ((const struct fake_os *)os)->variables;
    for (; v && *v; v += 2)
        if (strcmp(*v, name) == 0)
            return v[1];
    return NULL;
}

static const char *const *fake_variables(const struct os *os, struct arena *a)
{
    const char *const *v = ((const struct fake_os *)os)->variables;
    size_t count = 0;
    while (v && v[2 * count])
        count++;
    const char **all = arena_array(a, count + 1, sizeof *all);
    for (size_t i = 0; i < count; i++)
        all[i] = arena_printf(a, "%s=%s", v[2 * i], v[2 * i + 1]);
    return all;
}

static int fake_read_file(const struct os *os, struct arena *a, const char *path,
                          struct bytes *ret_bytes)
{
    const struct fake_file *f = ((const struct fake_os *)os)->files;
    while (f && f->path && strcmp(f->path, path) != 0)
        f++;
    if (!f || !f->path)
        return ENOENT;
    if (!f->text)
        return f->error;
    *ret_bytes = (struct bytes){(const uint8_t *)arena_text(a, f->text), strlen(f->text)};
    return 0;
}

static bool fake_is_special(const struct os *os, const char *path)
{
    const char *special = ((const struct fake_os *)os)->special;
    return special && strcmp(path, special) == 0;
}

static int fake_replace_file(const struct os *os, struct arena *a, const char *path,
                             struct bytes content)
{
    struct fake_os *f = (struct fake_os *)os;
    a = f->keep ? f->keep : a;
    f->written_path = arena_text(a, path);
    f->written = arena_text_n(a, (const char *)content.data, content.size);
    return f->write_error;
}

static struct os_exit fake_run(const struct os *os, struct arena *a, const char *command,
                               int64_t timeout_ms)
{
    (void)timeout_ms;
    struct fake_os *f = (struct fake_os *)os;
    struct os_exit exit = f->exit;
    f->runs++;
    f->command = arena_text(a, command);
    if (exit.output.data)
        exit.output.data =
            (const uint8_t *)arena_text_n(a, (const char *)exit.output.data, exit.output.size);
    return exit;
}

struct fake_os fake_os(void)
{
    return (struct fake_os){
        .os = {.now_ms = fake_now_ms,
               .monotonic_ms = fake_now_ms,
               .sleep_ms = fake_sleep_ms,
               .random = fake_random,
               .env = fake_env,
               .variables = fake_variables,
               .read_file = fake_read_file,
               .is_special = fake_is_special,
               .replace_file = fake_replace_file,
               .run = fake_run},
        .now_ms = 1440938160000,
    };
}

static struct http_request kept(struct arena *a, const struct http_request *request)
{
    struct http_request copy = *request;
    size_t count = 0;
    while (request->headers && request->headers[count].name)
        count++;
    struct http_header *headers = arena_array(a, count + 1, sizeof *headers);
    for (size_t i = 0; i < count; i++)
        headers[i] = (struct http_header){arena_text(a, request->headers[i].name),
                                          arena_text(a, request->headers[i].value)};
    copy.method = arena_text(a, request->method);
    copy.url = arena_text(a, request->url);
    copy.headers = headers;
    copy.body.data = (const uint8_t *)arena_text_n(
        a, request->body.size ? (const char *)request->body.data : "", request->body.size);
    return copy;
}

static struct http_response fake_send(struct http *http, struct arena *a,
                                      const struct http_request *request)
{
    (void)a;
    struct fake_http *f = (struct fake_http *)http;
    const struct fake_answer *answer =
        &f->answers[f->requests < f->count ? f->requests : f->count - 1];
    struct http_response response = answer->response;

    f->requests++;
    f->last = f->keep ? kept(f->keep, request) : *request;
    f->os->now_ms += answer->takes_ms;
    if (answer->body)
        response.body = (struct bytes){(const uint8_t *)answer->body, strlen(answer->body)};
    return response;
}

struct fake_http fake_http(struct fake_os *os, const struct fake_answer *answers, int count)
{
    return (struct fake_http){.http = {fake_send}, .os = os, .answers = answers, .count = count};
}

const char *fake_sent(const struct fake_http *http, const char *name)
{
    for (const struct http_header *h = http->last.headers; h->name; h++)
        if (strcasecmp(h->name, name) == 0)
            return h->value;
    return "";
}

const char *fake_read(struct arena *a, const char *path)
{
    struct bytes content;
    return os_real.read_file(&os_real, a, path, &content) == 0 ? (const char *)content.data : "";
}

const struct value *fake_vectors(struct arena *a, const char *path)
{
    const char *text = fake_read(a, path);
    const struct value *v = json_parse(a, text, strlen(text), NULL);
    CHECK(v);
    return v;
}
