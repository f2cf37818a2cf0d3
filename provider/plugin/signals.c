/* One thread that waits for signals, so that nothing runs in a signal handler. */
#include "plugin/signals.h"

#include "base/log.h"
#include "base/stop.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#define SECONDS_AFTER_SIGTERM 20

static sigset_t watched;
static bool ends_at_once;

void signals_block(void)
{
    static const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    sigemptyset(&watched);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        sigaddset(&watched, signals[i]);
    pthread_sigmask(SIG_BLOCK, &watched, NULL);
}

static void *watch(void *server)
{
    int number = 0;
    while (!ends_at_once && number != SIGTERM)
        sigwait(&watched, &number);
    if (ends_at_once) {
        sigwait(&watched, &number);
        server_exit(server, 0);
    }
    log_event(LOG_WARN, "SIGTERM: calls to AWS are cancelled", NULL);
    stop_request();
    if (server_was_reached(server))
        sleep(SECONDS_AFTER_SIGTERM);
    server_exit(server, 1);
}

bool signals_watch(struct server *server, bool at_once)
{
    pthread_t thread;
    ends_at_once = at_once;
    if (pthread_create(&thread, NULL, watch, server) != 0)
        return false;
    pthread_detach(thread);
    return true;
}
