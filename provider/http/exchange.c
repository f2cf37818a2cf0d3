/* Libcurl repeats a request by itself when a kept connection turns out to be dead, a POST too. Only
 * our caller knows whether an operation may be repeated, so the second send is refused. */
#include "http/exchange.h"

#include "base/text.h"

#include <string.h>

#define BODY_LIMIT         (8u * 1024 * 1024) /* a page of 1,000 repositories has one */
#define HEAD_LIMIT         (256u * 1024)
#define REASON_LIMIT       300u
#define CONNECT_TIMEOUT_MS 10000L
#define TIMEOUT_MS         60000L

const char *exchange_broken_header(const struct http_request *request)
{
    for (const struct http_header *h = request->headers; h && h->name; h++)
        if (strpbrk(h->value, "\r\n"))
            return h->name;
    return NULL;
}

static int before_send(void *context, char *peer, char *local, int peer_port, int local_port)
{
    (void)peer, (void)local, (void)peer_port, (void)local_port;
    struct exchange *x = context;
    return ++x->sends > 1 ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

/* Interim answers (100 Continue) come before the final one and are forgotten. */
static size_t take_head(char *line, size_t unit, size_t count, void *context)
{
    struct exchange *x = context;
    if (strncmp(line, "HTTP/", 5) == 0)
        x->head.size = 0;
    x->too_large |= !buffer_add(&x->head, line, unit * count);
    return x->too_large ? 0 : unit * count;
}

static size_t take_body(char *data, size_t unit, size_t count, void *context)
{
    struct exchange *x = context;
    x->too_large |= !buffer_add(&x->body, data, unit * count);
    return x->too_large ? 0 : unit * count;
}

/* Some headers are keys themselves. */
static void free_list(void *list)
{
    for (struct curl_slist *item = list; item; item = item->next)
        explicit_bzero(item->data, strlen(item->data));
    curl_slist_free_all(list);
}

/* "Name;" is how libcurl is asked for an empty header, "Name:" removes one of its own. */
static struct curl_slist *header_list(struct arena *a, const struct http_header *headers)
{
    struct curl_slist *list = curl_slist_append(NULL, "Expect:");
    arena_defer(a, free_list, list); /* later items hang on the first */
    for (const struct http_header *h = headers; h && h->name; h++)
        curl_slist_append(list, *h->value ? arena_printf(a, "%s: %s", h->name, h->value)
                                          : arena_printf(a, "%s;", h->name));
    return list;
}

static void set_method(CURL *easy, const struct http_request *request)
{
    bool post = strcmp(request->method, "POST") == 0;
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
    if (!post && request->body.size == 0)
        return;
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS,
                     request->body.size ? (const char *)request->body.data : "");
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.size);
}

static void set_limits(CURL *easy, const struct http_request *request)
{
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS,
                     request->timeout_ms > 0 ? (long)request->timeout_ms : TIMEOUT_MS);
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
}

/* Both are always set, which keeps libcurl from reading the environment by its own rules. The
 * proxy without scheme, user and password, for messages. */
static const char *set_proxy(CURL *easy, struct arena *a, const struct http_request *request,
                             const struct proxies *proxies)
{
    bool direct = request->never_use_a_proxy || !proxies->http;
    const char *proxy = direct ? "" : proxy_for(a, proxies, request->url);
    const char *at = strrchr(proxy, '@'), *scheme = strstr(proxy, "://");
    curl_easy_setopt(easy, CURLOPT_PROXY, proxy);
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
    return at ? at + 1 : scheme ? scheme + 3 : proxy;
}

/* All are always set, because a libcurl may have been built with defaults of its own. */
static void set_roots(CURL *easy, const struct exchange_settings *settings)
{
    static const CURLoption of_libcurl[] = {CURLOPT_CAINFO, CURLOPT_CAPATH, CURLOPT_PROXY_CAINFO,
                                            CURLOPT_PROXY_CAPATH};
    for (size_t i = 0; i < sizeof of_libcurl / sizeof *of_libcurl; i++)
        curl_easy_setopt(easy, of_libcurl[i], NULL);
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, settings->insecure ? NULL : trust_give);
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, settings->trust);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, settings->insecure ? 0L : 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, settings->insecure ? 0L : 2L);
    curl_easy_setopt(easy, CURLOPT_PROXY_SSL_VERIFYPEER, settings->insecure ? 0L : 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY_SSL_VERIFYHOST, settings->insecure ? 0L : 2L);
}

static void set_callbacks(CURL *easy, struct exchange *x)
{
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_send);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, x);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_head);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, x);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, x);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, x->error);
}

void exchange_begin(struct exchange *x, struct arena *a, CURL *easy,
                    const struct http_request *request, const struct exchange_settings *settings)
{
    *x = (struct exchange){.arena = a,
                           .trust = settings->trust,
                           .head = {.arena = a, .limit = HEAD_LIMIT},
                           .body = {.arena = a, .limit = BODY_LIMIT}};
    curl_easy_setopt(easy, CURLOPT_URL, request->url);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, header_list(a, request->headers));
    set_method(easy, request);
    set_limits(easy, request);
    x->proxy = set_proxy(easy, a, request, &settings->proxies);
    set_roots(easy, settings);
    set_callbacks(easy, x);
}

static struct http_header parse_header(struct arena *a, const char *line, size_t size)
{
    const char *colon = memchr(line, ':', size);
    if (!colon)
        return (struct http_header){0};
    size_t name = (size_t)(colon - line), skip = name + 1;
    while (skip < size && strchr(" \t", line[skip]))
        skip++;
    while (size > skip && strchr(" \t\r", line[size - 1]))
        size--;
    return (struct http_header){arena_text_n(a, line, name),
                                arena_text_n(a, line + skip, size - skip)};
}

static const struct http_header *parse_head(struct arena *a, const char *head)
{
    size_t lines = 2, count = 0; /* the last line may have no end, and {0} follows */
    for (const char *p = head; *p; p++)
        lines += *p == '\n';

    struct http_header *headers = arena_array(a, lines, sizeof *headers);
    for (const char *line = head; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        headers[count] = parse_header(a, line, strcspn(line, "\n"));
        count += headers[count].name != NULL;
    }
    return headers;
}

static struct http_response answer(CURL *easy, const struct exchange *x)
{
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    return (struct http_response){
        .sent = x->sends > 0,
        .status = (int)status,
        .headers = parse_head(x->arena, buffer_text(&x->head)),
        .body = {(const uint8_t *)buffer_text(&x->body), x->body.size},
    };
}

static enum http_failure failure_of(CURL *easy, const struct exchange *x, CURLcode code)
{
    long connect_status = 0;
    curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &connect_status);
    switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
        return HTTP_BAD_CERTIFICATE;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_FAILED_INIT:
    case CURLE_WRITE_ERROR:
        return HTTP_UNUSABLE;
    default:
        if (connect_status >= 400 && connect_status < 500)
            return HTTP_UNUSABLE; /* the proxy refuses us or our password */
        return x->sends ? HTTP_LOST : HTTP_NOT_SENT;
    }
}

/* With what a user can do about it. */
static const char *certificate_reason(const struct exchange *x, const char *text)
{
    const char *places = trust_places(x->trust, x->arena);
    if (places)
        return arena_printf(x->arena, "%s (root certificates in use: %s)", text, places);
    return arena_printf(x->arena,
                        "%s, for no root certificates are on this machine where they usually are; "
                        "AWS_CA_BUNDLE or custom_ca_bundle can name a file of them",
                        text);
}

/* Another connection may have loaded the roots in the meantime. */
static const char *root_reason(const struct exchange *x, const char *text)
{
    const char *failure = trust_failure(x->trust, x->arena);
    return failure ? failure : text;
}

/* Libcurl quotes a proxy's URL when it cannot read it, password and all; hence the '@'. */
static const char *reason_of(const struct exchange *x, CURLcode code)
{
    if (x->too_large || code == CURLE_OUT_OF_MEMORY) /* as libcurl calls a line that is too long */
        return "the answer is larger than is accepted";
    if (x->sends > 1 || code == CURLE_GOT_NOTHING)
        return "the connection was closed before an answer came";
    const char *text = *x->error && !strchr(x->error, '@') ? x->error : curl_easy_strerror(code);
    if (code == CURLE_SSL_CACERT_BADFILE)
        text = root_reason(x, text);
    if (code == CURLE_PEER_FAILED_VERIFICATION)
        text = certificate_reason(x, text);
    if (strstr(text, "CONNECT tunnel"))
        text = arena_printf(x->arena, "the proxy %s refuses: %s", x->proxy, text);
    return text_line(x->arena, text, strlen(text), REASON_LIMIT);
}

struct http_response exchange_end(struct exchange *x, CURL *easy, CURLcode code)
{
    struct http_response response = answer(easy, x);
    if (code == CURLE_OK)
        return response;
    response.failure = failure_of(easy, x, code);
    response.reason = reason_of(x, code);
    response.timed_out = code == CURLE_OPERATION_TIMEDOUT;
    return response;
}

struct http_response exchange_stopped(const struct exchange *x)
{
    return (struct http_response){
        .failure = HTTP_STOPPED, .reason = "Terraform asked to stop", .sent = x->sends > 0};
}
