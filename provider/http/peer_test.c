/* A thread per connection; requests are read whole before the script's next letter is obeyed. */
#include "http/peer_test.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

struct connection {
    struct peer *peer;
    int fd;
    char text[2 * 1024 * 1024];
};

/* False when the peer has gone. */
static bool read_request(struct connection *c)
{
    size_t size = 0, wanted = 0;
    while (size < sizeof c->text - 1) {
        ssize_t n = recv(c->fd, c->text + size, sizeof c->text - 1 - size, 0);
        if (n <= 0)
            return false;
        size += (size_t)n;
        c->text[size] = '\0';
        const char *body = strstr(c->text, "\r\n\r\n");
        const char *length = strcasestr(c->text, "Content-Length:");
        if (body && !wanted)
            wanted = (size_t)(body + 4 - c->text) +
                     (length && length < body ? strtoul(length + 15, NULL, 10) : 0);
        if (wanted && size >= wanted)
            return true;
    }
    return false;
}

static void send_text(struct connection *c, const char *text)
{
    send(c->fd, text, strlen(text), MSG_NOSIGNAL);
}

static void reply(struct connection *c, const char *body)
{
    char head[256];
    snprintf(head, sizeof head,
             "HTTP/1.1 200 OK\r\nX-Amzn-RequestId:  id-1 \r\nX-Empty:\r\n"
             "Content-Length: %zu\r\n\r\n",
             strlen(body));
    send_text(c, head);
    send_text(c, body);
}

static void stall(struct connection *c)
{
    while (recv(c->fd, c->text, sizeof c->text, 0) > 0)
        ;
}

static void endless(struct connection *c)
{
    send_text(c, "HTTP/1.1 200 OK\r\n\r\n");
    while (send(c->fd, c->text, sizeof c->text, MSG_NOSIGNAL) > 0)
        ;
}

/* False when the connection is to be closed. */
static bool obey(struct connection *c, char letter)
{
    const struct linger reset = {.l_onoff = 1};
    switch (letter) {
    case 'i':
        send_text(c, "HTTP/1.1 100 Continue\r\nX-Interim: 1\r\n\r\n");
        reply(c, c->peer->body);
        return true;
    case 'k':
        reply(c, c->peer->body);
        return true;
    case 'e':
        reply(c, c->text);
        return true;
    case 't':
        send_text(c, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{\"a");
        return false;
    case 'r':
        setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        return false;
    case 's':
        stall(c);
        return false;
    case 'm':
        send_text(c, "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n");
        return true;
    case 'b':
        endless(c);
        return false;
    case 'p':
        send_text(c, "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
        return true;
    default:
        return false;
    }
}

static void *serve(void *context)
{
    struct connection *c = context;
    bool open = true;
    while (open && read_request(c)) {
        size_t number = (size_t)atomic_fetch_add(&c->peer->requests, 1);
        size_t last = strlen(c->peer->script) - 1;
        memcpy(c->peer->last, c->text, strnlen(c->text, PEER_KEEPS - 1) + 1);
        c->peer->last[PEER_KEEPS - 1] = '\0';
        open = obey(c, c->peer->script[number < last ? number : last]);
    }
    close(c->fd);
    free(c);
    return NULL;
}

static void *accept_all(void *context)
{
    struct peer *s = context;
    int fd;
    while ((fd = accept(s->listener, NULL, NULL)) >= 0) {
        struct connection *c = malloc(sizeof *c);
        if (!c)
            abort();
        c->peer = s;
        c->fd = fd;
        int number = atomic_fetch_add(&s->connections, 1);
        if (number == PEER_CONNECTIONS)
            abort();
        pthread_create(&s->workers[number], NULL, serve, c);
    }
    return NULL;
}

void peer_start(struct peer *s, const char *script)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;

    memset(s, 0, sizeof *s);
    s->script = script;
    s->body = "ok";
    s->listener = socket(AF_INET, SOCK_STREAM, 0);
    bind(s->listener, (struct sockaddr *)&address, sizeof address);
    listen(s->listener, 64);
    getsockname(s->listener, (struct sockaddr *)&address, &size);
    s->port = ntohs(address.sin_port);
    pthread_create(&s->acceptor, NULL, accept_all, s);
}

void peer_stop(struct peer *s)
{
    shutdown(s->listener, SHUT_RDWR);
    pthread_join(s->acceptor, NULL);
    for (int i = 0; i < s->connections; i++)
        pthread_join(s->workers[i], NULL);
    close(s->listener);
}
