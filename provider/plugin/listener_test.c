/* Where the socket is put, and who may reach it. */
#include "plugin/listener.h"

#include "base/test.h"

#include <dirent.h>
#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *socket_directory, *temporary_directory; /* the environment */

static const char *env(const struct os *os, const char *name)
{
    (void)os;
    if (strcmp(name, "PLUGIN_UNIX_SOCKET_DIR") == 0)
        return socket_directory;
    return strcmp(name, "TMPDIR") == 0 ? temporary_directory : NULL;
}

/* One that never serves and is never freed: gRPC frees only what it has served. */
static struct server *the_server(void)
{
    static struct arena lifetime;
    static struct server *server;
    if (server)
        return server;
    grpc_init();
    server = server_new(&lifetime, &(const struct server_options){
                                       .credentials = grpc_insecure_server_credentials_create()});
    return server;
}

static struct listener opened(struct arena *a, const char *first, const char *second)
{
    const struct os os = {.env = env};
    struct listener listener = {0};
    socket_directory = first;
    temporary_directory = second;
    CHECK(listener_open(&listener, a, &os, the_server()));
    CHECK_TEXT(listener.network, "unix");
    return listener;
}

static void check_is_below(const struct listener *listener, const char *directory)
{
    CHECK(strncmp(listener->address, directory, strlen(directory)) == 0);
    CHECK(listener->address[strlen(directory)] == '/');
    CHECK_INT(access(listener->address, F_OK), 0);
    listener_remove(listener);
    CHECK(access(listener->directory, F_OK) != 0);
}

TEST(listener__lets_nobody_in_but_this_user)
{
    char directory[] = "/tmp/listener_test.XXXXXX";
    CHECK(mkdtemp(directory));
    mode_t mask = umask(0);
    struct listener listener = opened(a, directory, NULL);
    struct stat socket, around;
    int failed = stat(listener.socket, &socket) | stat(listener.directory, &around);
    CHECK_INT(umask(mask), 0);
    check_is_below(&listener, directory);
    CHECK_INT(rmdir(directory), 0); /* nothing is left in it */
    CHECK_INT(failed, 0);
    CHECK(S_ISSOCK(socket.st_mode));
    CHECK_INT(socket.st_mode & 0077, 0);
    CHECK_INT(around.st_mode & 0777, 0700);
}

TEST(listener__takes_the_next_directory_when_one_is_of_no_use)
{
    char directory[] = "/tmp/listener_test.XXXXXX";
    char *long_name = arena_alloc(a, 201);
    memset(long_name, 'x', 200);
    CHECK(mkdtemp(directory));
    const char *const useless[] = {
        "/no/such/directory",
        arena_printf(a, "%s/%s", directory, long_name),
        arena_printf(a, "%s/a|b", directory),
        arena_printf(a, "%s/a\nb", directory),
    };
    for (size_t i = 1; i < sizeof useless / sizeof *useless; i++)
        CHECK_INT(mkdir(useless[i], 0700), 0);
    for (size_t i = 0; i < sizeof useless / sizeof *useless; i++) {
        struct listener listener = opened(a, useless[i], directory);
        check_is_below(&listener, directory);
        listener = opened(a, NULL, useless[i]);
        check_is_below(&listener, "/tmp");
    }
    for (size_t i = 1; i < sizeof useless / sizeof *useless; i++)
        CHECK_INT(rmdir(useless[i]), 0);
    CHECK_INT(rmdir(directory), 0);
}

TEST(listener__means_a_percent_sign_as_it_stands)
{
    char directory[] = "/tmp/listener%41%_test.XXXXXX";
    CHECK(mkdtemp(directory));
    struct listener listener = opened(a, directory, NULL);
    check_is_below(&listener, directory);
    CHECK_INT(rmdir(directory), 0);
}
