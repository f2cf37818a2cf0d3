/* Directories are tried in turn; a path that is too long for a unix socket is passed over. */
#include "plugin/listener.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static bool listen_below(struct listener *listener, struct arena *a, const char *parent,
                         struct server *server)
{
    char *directory = arena_printf(a, "%s/terraform-provider-ecr-XXXXXX", parent);
    const char *socket = arena_printf(a, "%s/plugin", directory);
    if (strlen(socket) >= sizeof((struct sockaddr_un *)0)->sun_path || !mkdtemp(directory))
        return false;

    /* The name was completed in place. */
    socket = arena_printf(a, "%s/plugin", directory);
    mode_t mask = umask(0077);
    int port = server_listen(server, arena_printf(a, "unix:%s", socket));
    umask(mask);
    if (!port) {
        rmdir(directory);
        return false;
    }
    *listener = (struct listener){"unix", socket, directory, socket};
    return true;
}

static bool listen_on_loopback(struct listener *listener, struct arena *a, struct server *server)
{
    int port = server_listen(server, "127.0.0.1:0");
    *listener =
        (struct listener){.network = "tcp", .address = arena_printf(a, "127.0.0.1:%d", port)};
    return port != 0;
}

bool listener_open(struct listener *listener, struct arena *a, const struct os *os,
                   struct server *server)
{
    const char *parents[] = {os_env(os, "PLUGIN_UNIX_SOCKET_DIR"), os_env(os, "TMPDIR"), "/tmp"};
    for (size_t i = 0; i < sizeof parents / sizeof *parents; i++)
        if (parents[i] && listen_below(listener, a, parents[i], server))
            return true;
    return listen_on_loopback(listener, a, server);
}

void listener_remove(const struct listener *listener)
{
    if (listener->socket)
        unlink(listener->socket);
    if (listener->directory)
        rmdir(listener->directory);
}
