/* A server that stands in for ECR and STS where many objects are read, so fast that it is not what
 * a benchmark measures: one thread, epoll, HTTP/1.1 over connections that stay open. It listens on
 * 127.0.0.1 alone, prints its port, and ends when its stdin does.
 *
 *   stub [MS]        each call of AWS is answered so much later, as if it were far away
 *
 *   GET  /counters   calls by operation and connections since the last reset, CPU time of the stub
 *   POST /reset      counts from zero
 *   POST /forget     has no repositories any more */
#include "answers.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    REQUEST_LIMIT = 1024 * 1024,
    EVENTS = 64,
    CONNECTIONS = 1024,
    WRITE_LIMIT_S = 5,
};

/* What a request begins with that is meant for AWS. */
#define CALL "POST / "

struct connection {
    int fd;
    size_t length;  /* of what was read and not yet answered */
    int generation; /* the reset since which it was counted */
    char *waiting;  /* an answer that is sent when it is due, or NULL */
    int64_t due_ms;
    bool has_ended; /* while its answer was waiting */
    struct connection *next_waiting;
    char in[REQUEST_LIMIT + 1];
};

static struct connection *open_connections[CONNECTIONS]; /* by their file descriptors */
static int connections;
static int generation = 1;
static int delay_ms;
/* Those whose answers wait. All wait for the same time, so the first is due first. */
static struct connection *waiting, **waiting_end = &waiting;

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void count(struct connection *connection)
{
    if (connection->generation != generation)
        connections++;
    connection->generation = generation;
}

/* The value of a header up to its line's end, or NULL. name ends with a colon. */
static const char *header(const char *head, const char *name)
{
    for (const char *line = strstr(head, "\r\n"); line; line = strstr(line + 2, "\r\n"))
        if (strncasecmp(line + 2, name, strlen(name)) == 0)
            return line + 2 + strlen(name) + strspn(line + 2 + strlen(name), " ");
    return NULL;
}

static size_t body_length(const char *head)
{
    const char *value = header(head, "content-length:");
    return value ? strtoul(value, NULL, 10) : 0;
}

static bool send_all(int fd, const char *data, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(fd, data, length, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        data += sent;
        length -= (size_t)sent;
    }
    return true;
}

/* The answer as it goes over the wire; the caller frees it. */
static char *written(const struct answer *answer)
{
    char *message, date[64];
    time_t now = time(NULL);
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime(&now));
    if (asprintf(&message,
                 "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nDate: %s\r\n"
                 "x-amzn-RequestId: stub\r\nContent-Length: %zu\r\n\r\n%s",
                 answer->status, answer->status == 200 ? "OK" : "Bad Request", answer->type, date,
                 strlen(answer->body), answer->body) < 0)
        abort();
    return message;
}

static void send_later(struct connection *connection, char *message)
{
    connection->waiting = message;
    connection->due_ms = now_ms() + delay_ms + 1; /* the clock was cut to whole ms */
    connection->next_waiting = NULL;
    *waiting_end = connection;
    waiting_end = &connection->next_waiting;
}

static struct answer answer_admin(const char *head)
{
    if (strncmp(head, "POST /reset ", 12) == 0) {
        connections = 0;
        generation++;
        answer_reset();
    } else if (strncmp(head, "POST /forget ", 13) == 0) {
        answer_forget();
    }
    return (struct answer){200, "application/json", answer_counters(connections)};
}

static struct answer answer_request(struct connection *connection, const char *head,
                                    const char *body)
{
    const char *target = header(head, "x-amz-target:");
    if (strncmp(head, CALL, strlen(CALL)) != 0)
        return answer_admin(head);
    count(connection);
    char *operation = target ? strndup(target, strcspn(target, "\r")) : strdup("");
    struct answer answer = answer_call(operation, body);
    free(operation);
    return answer;
}

/* Answers the first request in the buffer. Its length, 0 if it is not yet whole, -1 if the
 * connection must end. */
static ssize_t serve_one(struct connection *connection)
{
    char *head = connection->in;
    head[connection->length] = 0;
    char *end = strstr(head, "\r\n\r\n");
    if (!end)
        return connection->length < REQUEST_LIMIT ? 0 : -1;
    *end = 0;
    char *body = end + 4;
    size_t length = body_length(head);
    size_t whole = (size_t)(body - head) + length;
    if (length > REQUEST_LIMIT || whole > REQUEST_LIMIT)
        return -1;
    if (whole > connection->length) {
        *end = '\r';
        return 0;
    }
    char next = body[length];
    body[length] = 0;
    struct answer answer = answer_request(connection, head, body);
    body[length] = next;
    char *message = written(&answer);
    free(answer.body);
    if (delay_ms > 0 && strncmp(head, CALL, strlen(CALL)) == 0) {
        send_later(connection, message);
        return (ssize_t)whole;
    }
    bool sent = send_all(connection->fd, message, strlen(message));
    free(message);
    return sent ? (ssize_t)whole : -1;
}

/* False when the connection has ended, or must: nobody asks again before an answer is there. */
static bool serve(struct connection *connection)
{
    ssize_t got = recv(connection->fd, connection->in + connection->length,
                       REQUEST_LIMIT - connection->length, MSG_DONTWAIT);
    if (got <= 0 || connection->waiting)
        return false;
    connection->length += (size_t)got;
    ssize_t done;
    while (connection->length > 0 && !connection->waiting && (done = serve_one(connection)) != 0) {
        if (done < 0)
            return false;
        connection->length -= (size_t)done;
        memmove(connection->in, connection->in + done, connection->length);
    }
    return true;
}

/* Memory of one whose answer waits is freed when it comes out of the queue. */
static void drop(struct connection *connection)
{
    connection->has_ended = true;
    open_connections[connection->fd] = NULL;
    close(connection->fd);
    if (!connection->waiting)
        free(connection);
}

/* A client that does not take its answer has ended, or will: epoll says so then. */
static void send_due(void)
{
    while (waiting && waiting->due_ms <= now_ms()) {
        struct connection *connection = waiting;
        waiting = connection->next_waiting;
        if (!waiting)
            waiting_end = &waiting;
        if (!connection->has_ended)
            send_all(connection->fd, connection->waiting, strlen(connection->waiting));
        free(connection->waiting);
        connection->waiting = NULL;
        if (connection->has_ended)
            free(connection);
    }
}

static int ms_to_next(void)
{
    int64_t left = waiting ? waiting->due_ms - now_ms() : -1;
    return waiting && left < 0 ? 0 : (int)left;
}

static void watch(int poll, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
}

static void accept_one(int poll, int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= CONNECTIONS)
        close(fd);
    if (fd < 0 || fd >= CONNECTIONS)
        return;
    int yes = 1;
    struct timeval limit = {.tv_sec = WRITE_LIMIT_S};
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    struct connection *connection = calloc(1, sizeof *connection);
    connection->fd = fd;
    open_connections[fd] = connection;
    watch(poll, fd);
}

static int listen_on_loopback(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) != 0 || listen(fd, SOMAXCONN) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        return -1;
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

/* Until stdin ends: whoever started this is gone, or wants it to go. */
static void serve_all(int poll, int listener)
{
    struct epoll_event events[EVENTS];
    for (;;) {
        int ready = epoll_wait(poll, events, EVENTS, ms_to_next());
        send_due();
        for (int i = 0; i < ready; i++) {
            int fd = events[i].data.fd;
            if (fd == STDIN_FILENO)
                return;
            if (fd == listener)
                accept_one(poll, listener);
            else if (open_connections[fd] && !serve(open_connections[fd]))
                drop(open_connections[fd]);
        }
    }
}

int main(int argc, char **argv)
{
    delay_ms = argc > 1 ? atoi(argv[1]) : 0;
    int listener = listen_on_loopback();
    int poll = epoll_create1(EPOLL_CLOEXEC);
    if (listener < 0 || poll < 0) {
        perror("stub");
        return 1;
    }
    watch(poll, STDIN_FILENO);
    watch(poll, listener);
    serve_all(poll, listener);
    return 0;
}
