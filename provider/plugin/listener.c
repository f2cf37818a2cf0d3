/* Directories are tried in turn; a path that is too long for a unix socket, or that the handshake
 * line cannot hold, is passed over. */
#include "plugin/listener.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* The path as gRPC takes it, which decodes %XX. */
static const char *address_of(struct arena *a, const char *path)
{
    const char *address = "unix:";
    for (const char *percent; (percent = strchr(path, '%')); path = percent + 1)
        address = arena_printf(a, "%s%.*s%%25", address, (int)(percent - path), path);
    return arena_printf(a, "%s%s", address, path);
}

/* The handshake line is split at "|" and ends at a line break; what a developer gets is JSON
 * between the shell's quotes. */
static bool is_announceable(const char *path)
{
    return strpbrk(path, "|\r\n'\"\\") == NULL;
}

static bool listen_below(struct listener *listener, struct arena *a, const char *parent,
                         struct server *server)
{
    char *directory = arena_printf(a, "%s/terraform-provider-ecr-XXXXXX", parent);
    const char *socket = arena_printf(a, "%s/plugin", directory);
    if (strlen(socket) >= sizeof((struct sockaddr_un *)0)->sun_path || !is_announceable(parent) ||
        !mkdtemp(directory))
        return false;

    /* The name was completed in place. */
    socket = arena_printf(a, "%s/plugin", directory);
    mode_t mask = umask(0077);
    int port = server_listen(server, address_of(a, socket));
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
