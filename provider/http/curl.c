/* A stack of idle transfers, each a multi handle with one easy handle. The last one used is taken
 * first, since its connection is the most likely to be alive still. A multi handle per transfer,
 * and not one easy handle, because only curl_multi_wakeup ends a stalled transfer at once. */
#include "http/curl.h"

#include "base/stop.h"
#include "http/exchange.h"

#include <pthread.h>
#include <signal.h>

struct transfer {
    CURLM *multi;
    CURL *easy;
    struct transfer *next;
};

struct curl_http {
    struct http http; /* first: send is given its address */
    struct exchange_settings settings;
    pthread_mutex_t lock; /* of what follows */
    struct transfer *idle;
    struct arena arena;
};

static void cleanup_easy(void *easy)
{
    curl_easy_cleanup(easy);
}

static void cleanup_multi(void *multi)
{
    curl_multi_cleanup(multi);
}

static struct transfer *transfer_new(struct arena *a)
{
    struct transfer *t = arena_alloc(a, sizeof *t);
    t->multi = curl_multi_init();
    arena_defer(a, cleanup_multi, t->multi);
    t->easy = curl_easy_init();
    arena_defer(a, cleanup_easy, t->easy);
    return t;
}

static struct transfer *transfer_take(struct curl_http *c)
{
    pthread_mutex_lock(&c->lock);
    struct transfer *t = c->idle;
    if (t)
        c->idle = t->next;
    else
        t = transfer_new(&c->arena);
    pthread_mutex_unlock(&c->lock);
    return t;
}

static void transfer_give_back(struct curl_http *c, struct transfer *t)
{
    curl_easy_reset(t->easy); /* forgets pointers into the caller's arena */
    pthread_mutex_lock(&c->lock);
    t->next = c->idle;
    c->idle = t;
    pthread_mutex_unlock(&c->lock);
}

static void wake(void *multi)
{
    curl_multi_wakeup(multi);
}

/* Turns the crank until the transfer is over. False when stop was requested first. */
static bool run(struct transfer *t, CURLcode *ret_code)
{
    struct stop_watcher watcher = {.wake = wake, .context = t->multi};
    int running = curl_multi_add_handle(t->multi, t->easy) == CURLM_OK;

    *ret_code = CURLE_FAILED_INIT;
    stop_watch(&watcher);
    while (running && !stop_requested()) {
        if (curl_multi_perform(t->multi, &running) != CURLM_OK)
            break;
        if (running)
            curl_multi_poll(t->multi, NULL, 0, 1000, NULL);
    }
    stop_unwatch(&watcher);

    int left;
    CURLMsg *message = curl_multi_info_read(t->multi, &left);
    if (message)
        *ret_code = message->data.result;
    bool stopped = !message && stop_requested();
    curl_multi_remove_handle(t->multi, t->easy);
    return !stopped;
}

static struct http_response curl_send(struct http *http, struct arena *a,
                                      const struct http_request *request)
{
    struct curl_http *c = (struct curl_http *)http;
    const char *broken = exchange_broken_header(request);
    if (broken)
        return (struct http_response){
            .failure = HTTP_UNUSABLE,
            .reason = arena_printf(a, "the value of the header %s has a line break", broken),
        };

    struct transfer *t = transfer_take(c);
    struct exchange x;
    CURLcode code;
    exchange_begin(&x, a, t->easy, request, &c->settings);
    bool finished = run(t, &code);
    struct http_response response =
        finished ? exchange_end(&x, t->easy, code) : exchange_stopped(&x);
    transfer_give_back(c, t);
    return response;
}

static void curl_http_free(void *http)
{
    struct curl_http *c = http;
    arena_reset(&c->arena);
    pthread_mutex_destroy(&c->lock);
    curl_global_cleanup();
}

struct http *curl_http_new(struct arena *a, const struct os *os,
                           const struct curl_settings *settings)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
    signal(SIGPIPE, SIG_IGN);

    struct curl_http *c = arena_alloc(a, sizeof *c);
    *c = (struct curl_http){
        .http = {curl_send},
        .settings = {.proxies = settings->proxies, .insecure = settings->insecure}};
    const struct roots roots = roots_find(os, settings->ca_bundle);
    c->settings.trust = trust_new(&c->arena, os, &roots);
    pthread_mutex_init(&c->lock, NULL);
    arena_defer(a, curl_http_free, c);
    return &c->http;
}
