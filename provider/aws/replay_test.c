/* Exchanges are found by method and address, the first that is not used yet; who asks for something
 * that was not recorded finds nobody there. */
#include "aws/replay_test.h"

#include "base/process.h"
#include "base/test.h"
#include "value/json.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int read_below(const struct os *os, struct arena *a, const char *path,
                      struct bytes *ret_bytes)
{
    const struct replay *r = (const struct replay *)os;
    return os_real.read_file(&os_real, a, arena_printf(a, "%s/fs%s", r->directory, path),
                             ret_bytes);
}

static struct os_exit run(const struct os *os, struct arena *a, const char *command,
                          int64_t timeout_ms)
{
    (void)os;
    return process_run(a, command, timeout_ms);
}

/* Without a slash at its end, its query's members in order. */
static const char *normal(struct arena *a, const char *url)
{
    char *query = strchr(arena_text(a, url), '?');
    char *head = arena_text_n(a, url, strcspn(url, "?"));
    size_t size = strlen(head), count = 0;
    char *members[16];
    if (size && head[size - 1] == '/')
        head[size - 1] = '\0';
    for (char *m = query ? strtok(query + 1, "&") : NULL; m && count < 16; m = strtok(NULL, "&"))
        members[count++] = m;
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++)
            if (strcmp(members[i], members[j]) > 0) {
                char *swap = members[i];
                members[i] = members[j];
                members[j] = swap;
            }
    for (size_t i = 0; i < count; i++)
        head = arena_printf(a, "%s&%s", head, members[i]);
    return head;
}

static const char *sent(const struct http_request *request, const char *name)
{
    for (const struct http_header *h = request->headers; h && h->name; h++)
        if (strcasecmp(h->name, name) == 0)
            return h->value;
    return "";
}

/* Every parameter of the form that was recorded, but the name of the session, which is anybody's.
 */
static bool has_form(struct arena *a, const char *body, const char *recorded)
{
    char *copy = arena_text(a, recorded), *rest = NULL;
    const char *all = arena_printf(a, "&%s&", body);
    for (char *p = strtok_r(copy, "&", &rest); p; p = strtok_r(NULL, "&", &rest))
        if (strncmp(p, "RoleSessionName=", 16) != 0 && !strstr(all, arena_printf(a, "&%s&", p)))
            return false;
    return true;
}

static void compare(struct replay *r, const struct http_request *request, const struct value *x)
{
    static const char *const names[] = {"x-amz-sso_bearer_token", "x-aws-ec2-metadata-token",
                                        "x-aws-ec2-metadata-token-ttl-seconds"};
    const char *body = request->body.size ? (const char *)request->body.data : "";
    const struct value *headers = value_member(x, "headers");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (size_t j = 0; j < value_count(headers); j++) {
            const struct member *m = &headers->map.members[j];
            const char *wanted = value_item(m->value, 0)->text;
            if (strcasecmp(m->key, names[i]) == 0 && strcmp(sent(request, names[i]), wanted) != 0)
                r->wrong = arena_printf(r->arena, "header %s", names[i]);
        }
    if (strncmp(value_text(x, "body"), "Action=", 7) == 0 &&
        !has_form(r->arena, body, value_text(x, "body")))
        r->wrong = arena_printf(r->arena, "sent %s", body);
    if (strstr(request->url, "://169.254.") && !request->never_use_a_proxy)
        r->wrong = "a proxy may be used";
}

static struct http_response play(struct http *http, struct arena *a,
                                 const struct http_request *request)
{
    struct replay *r = (struct replay *)((char *)http - offsetof(struct replay, http));
    for (size_t i = 0; i < value_count(r->exchanges); i++) {
        const struct value *x = value_item(r->exchanges, i);
        if (r->used[i] || strcmp(request->method, value_text(x, "method")) != 0 ||
            strcmp(normal(a, request->url), normal(a, value_text(x, "uri"))) != 0)
            continue;
        r->used[i] = true;
        compare(r, request, x);
        int status = (int)value_integer(x, "status", 0);
        const char *answer = value_text(x, "answer");
        if (!status)
            return (struct http_response){
                .failure = HTTP_LOST, .reason = "time is over", .timed_out = true, .sent = true};
        return (struct http_response){.status = status,
                                      .sent = true,
                                      .headers = arena_alloc(a, sizeof(struct http_header)),
                                      .body = {(const uint8_t *)answer, strlen(answer)}};
    }
    return (struct http_response){.failure = HTTP_NOT_SENT, .reason = "nobody is there"};
}

static const struct value *data_of(const struct value *events, int64_t connection,
                                   const char *direction, size_t from, const char *path)
{
    for (size_t i = from; i < value_count(events); i++) {
        const struct value *e = value_item(events, i);
        if (value_integer(e, "connection_id", -1) == connection &&
            (!direction || strcmp(value_text(e, "action.Data.direction"), direction) == 0) &&
            !value_is_null(value_get(e, path)))
            return value_get(e, path);
    }
    return &value_null;
}

static const struct value *exchanges_of(struct arena *a, const struct value *events)
{
    const struct value **list = arena_array(a, value_count(events) + 1, sizeof *list);
    size_t count = 0;
    for (size_t i = 0; i < value_count(events); i++) {
        const struct value *e = value_item(events, i);
        const struct value *request = value_get(e, "action.Request.request");
        int64_t id = value_integer(e, "connection_id", -1);
        if (value_is_null(request))
            continue;
        const char *data = "action.Data.data.Utf8";
        list[count++] = MAP(
            a, {"method", value_member(request, "method")}, {"uri", value_member(request, "uri")},
            {"headers", value_member(request, "headers")},
            {"body", data_of(events, id, "Request", i, data)},
            {"answer", data_of(events, id, "Response", i, data)},
            {"status", data_of(events, id, NULL, i, "action.Response.response.Ok.status")});
    }
    CHECK(count <= 64);
    return value_list(a, list, count);
}

const char *const *replay_variables(struct arena *a, const struct value *map)
{
    const char **variables = arena_array(a, 2 * value_count(map) + 1, sizeof *variables);
    for (size_t i = 0; i < value_count(map); i++) {
        variables[2 * i] = map->map.members[i].key;
        variables[2 * i + 1] = map->map.members[i].value->text;
    }
    return variables;
}

void replay_open(struct replay *r, struct arena *a, const char *directory)
{
    const char *traffic = arena_printf(a, "%s/http-traffic.json", directory);
    const char *text = fake_read(a, traffic);
    *r = (struct replay){.os = fake_os(), .http = {play}, .arena = a, .directory = directory};
    r->os.os.read_file = read_below;
    r->os.os.run = run;
    r->os.now_ms = 1234560000000; /* before everything recorded expires */
    r->os.variables =
        replay_variables(a, fake_vectors(a, arena_printf(a, "%s/env.json", directory)));
    r->exchanges =
        *text ? exchanges_of(a, value_member(fake_vectors(a, traffic), "events")) : &value_null;
}

static const char *check_name(struct arena *a, const char *text, const char *name, size_t size)
{
    const char *copy = arena_text_n(a, name, size);
    return size && !strstr(text, copy) ? copy : NULL;
}

const char *replay_lacks(struct arena *a, const char *text, const char *wanted)
{
    for (const char *p = wanted; *p;) {
        size_t size = *p == '`' ? strcspn(p + 1, "`") : strcspn(p, " `:,");
        bool is_name = *p == '`' || (memchr(p, '_', size) && !memchr(p, '\'', size));
        const char *lacks = is_name ? check_name(a, text, *p == '`' ? p + 1 : p, size) : NULL;
        if (lacks)
            return lacks;
        p += *p == '`' ? size + 1 + (p[size + 1] == '`') : size;
        p += strspn(p, " :,");
    }
    return NULL;
}

static int by_text(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

const char *const *replay_folders(struct arena *a, const char *directory)
{
    const char **names = arena_array(a, 201, sizeof *names);
    size_t count = 0;
    DIR *folder = opendir(directory);
    for (struct dirent *e; folder && count < 200 && (e = readdir(folder));)
        if (e->d_name[0] != '.')
            names[count++] = arena_text(a, e->d_name);
    if (folder)
        closedir(folder);
    qsort(names, count, sizeof *names, by_text);
    return names;
}
