/* The transport against a server that keeps, drops, stalls and resets connections. */
#include "http/curl.h"

#include "base/stop.h"
#include "base/test.h"
#include "http/peer_test.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define STOP_MOST_MS 500 /* libcurl looks round by itself 700 ms after the stop */

/* A server and a client for it. */
struct pair {
    struct peer peer;
    struct arena arena;
    struct http *http;
    const char *url;
};

static void pair_start_with(struct pair *p, const char *script,
                            const struct curl_settings *settings)
{
    peer_start(&p->peer, script);
    p->arena = (struct arena){0};
    p->http = curl_http_new(&p->arena, &os_real, settings);
    p->url = arena_printf(&p->arena, "http://127.0.0.1:%d/", p->peer.port);
}

static void pair_start(struct pair *p, const char *script)
{
    pair_start_with(p, script, &(const struct curl_settings){0});
}

static void pair_stop(struct pair *p)
{
    arena_reset(&p->arena);
    peer_stop(&p->peer);
}

static struct http_response post(struct arena *a, struct pair *p, int64_t timeout_ms)
{
    static const struct http_header headers[] = {{"X-One", "1"}, {"X-None", ""}, {0}};
    const struct http_request request = {
        .method = "POST",
        .url = p->url,
        .headers = headers,
        .body = {(const uint8_t *)"{\"a\":1}", 7},
        .timeout_ms = timeout_ms,
        .never_use_a_proxy = true,
    };
    return p->http->send(p->http, a, &request);
}

TEST(curl__sends_what_it_is_told)
{
    struct pair p;
    pair_start(&p, "e");
    struct http_response r = post(a, &p, 0);
    CHECK_INT(r.failure, HTTP_ANSWERED);
    CHECK_INT(r.status, 200);
    CHECK(r.sent);

    const char *seen = (const char *)r.body.data;
    CHECK_INT(strlen(seen), r.body.size);
    CHECK_HAS(seen, "POST / HTTP/1.1\r\n");
    CHECK_HAS(seen, "X-One: 1\r\n");
    CHECK_HAS(seen, "X-None:\r\n");
    CHECK_HAS(seen, "Content-Length: 7\r\n");
    CHECK_HAS(seen, "\r\n\r\n{\"a\":1}");
    CHECK(!strstr(seen, "Expect:"));
    pair_stop(&p);
}

TEST(curl__gives_headers_in_any_case_and_trimmed)
{
    struct pair p;
    pair_start(&p, "k");
    struct http_response r = post(a, &p, 0);
    CHECK_TEXT(http_header(&r, "x-amzn-requestid"), "id-1");
    CHECK_TEXT(http_header(&r, "X-Empty"), "");
    CHECK(!http_header(&r, "X-Absent"));
    pair_stop(&p);
}

TEST(curl__forgets_interim_answers)
{
    struct pair p;
    pair_start(&p, "i");
    struct http_response r = post(a, &p, 0);
    CHECK_INT(r.status, 200);
    CHECK(!http_header(&r, "X-Interim"));
    pair_stop(&p);
}

TEST(curl__keeps_its_connection)
{
    struct pair p;
    pair_start(&p, "k");
    for (int i = 0; i < 5; i++)
        CHECK_INT(post(a, &p, 0).status, 200);
    CHECK_INT(p.peer.connections, 1);
    CHECK_INT(p.peer.requests, 5);
    pair_stop(&p);
}

/* libcurl alone would ask for leave first, with a body this large. */
TEST(curl__sends_large_bodies_at_once)
{
    struct pair p;
    pair_start(&p, "e");
    uint8_t *body = arena_alloc(a, 1536 * 1024);
    memset(body, 'x', 1536 * 1024);
    const struct http_request request = {
        .method = "POST", .url = p.url, .body = {body, 1536 * 1024}, .never_use_a_proxy = true};
    struct http_response r = p.http->send(p.http, a, &request);
    CHECK_INT(r.status, 200);
    CHECK(r.body.size > 1536 * 1024);
    CHECK(!strstr((const char *)r.body.data, "Expect:"));
    pair_stop(&p);
}

TEST(curl__uses_get_without_a_body)
{
    struct pair p;
    pair_start(&p, "e");
    const struct http_request request = {
        .method = "GET", .url = p.url, .headers = NULL, .never_use_a_proxy = true};
    struct http_response r = p.http->send(p.http, a, &request);
    CHECK_HAS((const char *)r.body.data, "GET / HTTP/1.1\r\n");
    CHECK(!strstr((const char *)r.body.data, "Content-Length"));
    pair_stop(&p);
}

/* libcurl alone would send the second request twice: once over the kept connection, which the
 * server closes without an answer, and once over a new one. */
TEST(curl__never_repeats_a_request)
{
    struct pair p;
    pair_start(&p, "kck");
    CHECK_INT(post(a, &p, 0).status, 200);
    struct http_response r = post(a, &p, 0);
    CHECK_INT(r.failure, HTTP_LOST);
    CHECK(r.sent);
    CHECK_INT(r.status, 0);
    CHECK_HAS(r.reason, "closed before an answer");
    CHECK_INT(p.peer.requests, 2);

    CHECK_INT(post(a, &p, 0).status, 200);
    pair_stop(&p);
}

TEST(curl__tells_a_reset_connection_is_lost)
{
    struct pair p;
    pair_start(&p, "r");
    struct http_response r = post(a, &p, 0);
    CHECK_INT(r.failure, HTTP_LOST);
    CHECK(r.sent);
    CHECK(!r.timed_out);
    CHECK(*r.reason);
    pair_stop(&p);
}

TEST(curl__tells_a_broken_off_answer_is_lost_with_its_status)
{
    struct pair p;
    pair_start(&p, "t");
    struct http_response r = post(a, &p, 0);
    CHECK_INT(r.failure, HTTP_LOST);
    CHECK_INT(r.status, 200);
    pair_stop(&p);
}

TEST(curl__tells_a_refused_connection_was_not_sent)
{
    struct pair p;
    pair_start(&p, "k");
    peer_stop(&p.peer);
    struct http_response r = post(a, &p, 0);
    CHECK_INT(r.failure, HTTP_NOT_SENT);
    CHECK(!r.sent);
    CHECK_HAS(r.reason, "Failed to connect to 127.0.0.1");
    arena_reset(&p.arena);
}

TEST(curl__times_out)
{
    struct pair p;
    pair_start(&p, "s");
    struct http_response r = post(a, &p, 100);
    CHECK_INT(r.failure, HTTP_LOST);
    CHECK(r.timed_out);
    CHECK(r.sent);
    pair_stop(&p);
}

TEST(curl__follows_no_redirect)
{
    struct pair p;
    pair_start(&p, "mk");
    struct http_response r = post(a, &p, 0);
    CHECK_INT(r.status, 302);
    CHECK_INT(atomic_load(&p.peer.requests), 1);
    pair_stop(&p);
}

TEST(curl__limits_the_size_of_an_answer)
{
    struct pair p;
    pair_start(&p, "b");
    struct http_response r = post(a, &p, 0);
    CHECK_INT(r.failure, HTTP_UNUSABLE);
    CHECK_HAS(r.reason, "larger");
    pair_stop(&p);
}

struct stopper {
    const struct peer *peer; /* which has the request before the stop; NULL: nobody gets it */
    int64_t stopped_ms;
    pthread_t thread;
};

/* Late enough for libcurl's own timers of the connection phase to be over. */
static void *stop_soon(void *context)
{
    struct stopper *s = context;
    while (s->peer && !s->peer->requests)
        usleep(1000);
    usleep(300000);
    s->stopped_ms = os_real.monotonic_ms(&os_real);
    stop_request();
    return NULL;
}

/* Sends a request that is stopped on its way. *ret_took_ms: what it took after that. */
static struct http_response send_and_stop(struct arena *a, struct pair *p,
                                          const struct http_request *request,
                                          const struct peer *peer, int64_t *ret_took_ms)
{
    struct stopper s = {.peer = peer};
    pthread_create(&s.thread, NULL, stop_soon, &s);
    struct http_response r = p->http->send(p->http, a, request);
    int64_t ended_ms = os_real.monotonic_ms(&os_real);
    pthread_join(s.thread, NULL);
    stop_reset();
    *ret_took_ms = ended_ms - s.stopped_ms;
    return r;
}

TEST(curl__ends_a_stalled_transfer_when_stop_is_requested)
{
    struct pair p;
    int64_t took_ms;
    pair_start(&p, "s");
    const struct http_request request = {.method = "GET", .url = p.url};
    struct http_response r = send_and_stop(a, &p, &request, &p.peer, &took_ms);
    CHECK_INT(r.failure, HTTP_STOPPED);
    CHECK(r.sent);
    CHECK(took_ms < STOP_MOST_MS);
    pair_stop(&p);
}

TEST(curl__sends_nothing_after_a_stop)
{
    struct pair p;
    pair_start(&p, "k");
    stop_request();
    struct http_response r = post(a, &p, 0);
    stop_reset();
    CHECK_INT(r.failure, HTTP_STOPPED);
    CHECK(!r.sent);

    CHECK_INT(post(a, &p, 0).status, 200);
    CHECK_INT(p.peer.requests, 1);
    pair_stop(&p);
}

TEST(curl__refuses_line_breaks_in_headers)
{
    struct pair p;
    pair_start(&p, "k");
    const struct http_request request = {
        .method = "POST",
        .url = p.url,
        .headers = (const struct http_header[]){{"X-Token", "a\r\nX-Evil: 1"}, {0}},
    };
    struct http_response r = p.http->send(p.http, a, &request);
    CHECK_INT(r.failure, HTTP_UNUSABLE);
    CHECK_HAS(r.reason, "X-Token");
    CHECK_INT(p.peer.requests, 0);
    pair_stop(&p);
}

static void *post_many(void *context)
{
    struct arena arena = {0};
    intptr_t answered = 0;
    for (int i = 0; i < 10; i++)
        answered += post(&arena, context, 0).status == 200;
    arena_reset(&arena);
    return (void *)answered;
}

TEST(curl__serves_many_threads_with_a_connection_each)
{
    struct pair p;
    pthread_t threads[8];
    intptr_t answered = 0;
    pair_start(&p, "k");
    for (size_t i = 0; i < 8; i++)
        pthread_create(&threads[i], NULL, post_many, &p);
    for (size_t i = 0; i < 8; i++) {
        void *count;
        pthread_join(threads[i], &count);
        answered += (intptr_t)count;
    }
    CHECK_INT(answered, 80);
    CHECK(p.peer.connections <= 8);
    pair_stop(&p);
}

static struct curl_settings through(const struct pair *proxy)
{
    return (struct curl_settings){
        .proxies = {.http = proxy->url, .https = proxy->url, .no_proxy = ""}};
}

TEST(curl__goes_through_the_proxy_it_is_given_unless_told_not_to)
{
    struct pair p, proxy;
    pair_start(&proxy, "e");
    const struct curl_settings settings = through(&proxy);
    pair_start_with(&p, "k", &settings);
    const struct http_request request = {.method = "GET", .url = "http://ecr.test/x"};
    struct http_response r = p.http->send(p.http, a, &request);
    CHECK_HAS((const char *)r.body.data, "GET http://ecr.test/x HTTP/1.1");
    CHECK_INT(proxy.peer.requests, 1);

    CHECK_INT(post(a, &p, 0).status, 200);
    CHECK_INT(p.peer.requests, 1);
    CHECK_INT(proxy.peer.requests, 1);
    pair_stop(&p);
    pair_stop(&proxy);
}

TEST(curl__reads_no_proxy_from_the_environment_by_itself)
{
    struct pair p, proxy;
    pair_start(&p, "k");
    pair_start(&proxy, "e");
    setenv("http_proxy", proxy.url, 1);
    setenv("ALL_PROXY", proxy.url, 1);
    const struct http_request request = {.method = "GET", .url = p.url};
    struct http_response r = p.http->send(p.http, a, &request);
    unsetenv("http_proxy");
    unsetenv("ALL_PROXY");
    CHECK_INT(r.status, 200);
    CHECK_INT(proxy.peer.requests, 0);
    pair_stop(&p);
    pair_stop(&proxy);
}

TEST(curl__stops_while_a_proxy_does_not_answer)
{
    struct pair p, proxy;
    int64_t took_ms;
    pair_start(&proxy, "s");
    const struct curl_settings settings = through(&proxy);
    pair_start_with(&p, "k", &settings);
    const struct http_request request = {.method = "GET", .url = "https://ecr.test/"};
    struct http_response r = send_and_stop(a, &p, &request, &proxy.peer, &took_ms);
    CHECK_INT(r.failure, HTTP_STOPPED);
    CHECK(!r.sent);
    CHECK(took_ms < STOP_MOST_MS);
    pair_stop(&p);
    pair_stop(&proxy);
}

/* A listener whose queue is full: connecting to it takes for ever. */
static int full_listener(int *ret_port, int *ret_clients, int count)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    bind(listener, (struct sockaddr *)&address, size);
    listen(listener, 0);
    getsockname(listener, (struct sockaddr *)&address, &size);
    for (int i = 0; i < count; i++) {
        ret_clients[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        connect(ret_clients[i], (struct sockaddr *)&address, size);
    }
    *ret_port = ntohs(address.sin_port);
    return listener;
}

TEST(curl__stops_while_it_connects)
{
    struct pair p;
    int64_t took_ms;
    int port, clients[4], listener = full_listener(&port, clients, 4);
    pair_start(&p, "k");
    p.url = arena_printf(&p.arena, "http://127.0.0.1:%d/", port);
    const struct http_request request = {.method = "GET", .url = p.url};
    struct http_response r = send_and_stop(a, &p, &request, NULL, &took_ms);
    for (int i = 0; i < 4; i++)
        close(clients[i]);
    close(listener);
    CHECK_INT(r.failure, HTTP_STOPPED);
    CHECK(!r.sent);
    CHECK(took_ms < STOP_MOST_MS);
    pair_stop(&p);
}
