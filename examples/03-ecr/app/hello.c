/* The sample: a web server that answers every request with the revision it was built from. */
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef REVISION
#define REVISION "unknown"
#endif

enum { PORT = 8080 };

/* The first process of a container gets no default signal handlers: without this, stopping it takes
 * a time-out. */
static void stop(int signal_number)
{
    (void)signal_number;
    _exit(0);
}

static void answer(int client)
{
    char request[4096];
    static const char reply[] =
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n"
        "hello from revision " REVISION "\n";

    if (read(client, request, sizeof request) > 0)
        (void)!write(client, reply, strlen(reply));
    close(client);
}

int main(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    int server = socket(AF_INET, SOCK_STREAM, 0);

    signal(SIGTERM, stop);
    signal(SIGINT, stop);
    signal(SIGPIPE, SIG_IGN);
    setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(server, (struct sockaddr *)&address, sizeof address) || listen(server, 16)) {
        perror("hello");
        return 1;
    }
    printf("hello, revision " REVISION ", listening on port %d\n", PORT);
    fflush(stdout);
    for (;;)
        answer(accept(server, NULL, NULL));
}
