/* From exec to the first call: settle the protocol, make the server, announce it. Source of the
 * handshake: HashiCorp's go-plugin. */
#include "base/log.h"
#include "plugin/listener.h"
#include "plugin/plugin.h"
#include "plugin/signals.h"
#include "plugin/tls.h"

#include <fcntl.h>
#include <grpc/grpc_security.h>
#include <grpc/support/log.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAGIC_COOKIE    "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"
#define CORE_PROTOCOL   1
#define PLUGIN_PROTOCOL 6
#define FILES_LEAST     16

bool plugin_started_by_terraform(const struct os *os)
{
    const char *cookie = os_env(os, "TF_PLUGIN_MAGIC_COOKIE");
    return cookie && strcmp(cookie, MAGIC_COOKIE) == 0;
}

/* The next file or connection would take the number of a standard stream that is closed, and get
 * what is printed there. A socket without a peer refuses it, and needs no /dev. */
static void occupy_closed_streams(void)
{
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++)
        if (fcntl(stream, F_GETFD) < 0)
            (void)socket(AF_UNIX, SOCK_DGRAM, 0); /* gets the lowest number that is free */
}

/* All that are allowed: as many as calls at once may need. */
static bool has_files(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return true;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_max >= FILES_LEAST;
}

/* Errors only: below them are traces (GRPC_TRACE), which hold every byte of a call, keys too. */
static void log_from_grpc(gpr_log_func_args *args)
{
    if (args->severity == GPR_LOG_SEVERITY_ERROR)
        log_event(LOG_WARN, args->message, (struct log_field[]){{"file", args->file, 0}, {0}});
}

static void set_log_level(const struct os *os)
{
    static const char *const names[] = {"TF_LOG_PROVIDER_ECR", "TF_LOG_PROVIDER", "TF_LOG"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *level = os_env(os, names[i]);
        log_set_level(level);
        if (level)
            return;
    }
}

static grpc_server_credentials *credentials(struct arena *a, const struct os *os,
                                            enum plugin_mode mode, const char **ret_certificate)
{
    const char *client = mode == PLUGIN_DEBUG ? NULL : os_env(os, "PLUGIN_CLIENT_CERT");
    *ret_certificate = "";
    return client ? tls_credentials(a, client, ret_certificate)
                  : grpc_insecure_server_credentials_create();
}

/* The line must be the first on stdout, and the last: whatever a library prints goes to the log.
 * False when nobody reads it. */
static bool announce(const struct listener *listener, const char *certificate)
{
    printf("%d|%d|%s|%s|grpc|%s\n", CORE_PROTOCOL, PLUGIN_PROTOCOL, listener->network,
           listener->address, certificate);
    return fflush(stdout) == 0 && dup2(STDERR_FILENO, STDOUT_FILENO) >= 0;
}

static bool announce_to_developer(const struct listener *listener, const struct provider *provider)
{
    printf("Provider started. To make terraform use this process, set in its environment:\n\n"
           "TF_REATTACH_PROVIDERS='{\"%s\":{\"Protocol\":\"grpc\",\"ProtocolVersion\":%d,"
           "\"Pid\":%ld,\"Test\":true,\"Addr\":{\"Network\":\"%s\",\"String\":\"%s\"}}}'\n\n"
           "Ctrl-C ends it.\n",
           provider->address, PLUGIN_PROTOCOL, (long)getpid(), listener->network,
           listener->address);
    return fflush(stdout) == 0;
}

static int fail(const char *what)
{
    fprintf(stderr, "terraform-provider-ecr: %s\n", what);
    return 1;
}

static int fail_to_listen(const struct os *os)
{
    const char *client = os_env(os, "PLUGIN_CLIENT_CERT");
    return fail(client && !tls_is_certificate(client)
                    ? "PLUGIN_CLIENT_CERT is no certificate"
                    : "cannot listen on a unix socket below PLUGIN_UNIX_SOCKET_DIR, TMPDIR or "
                      "/tmp, nor on 127.0.0.1");
}

/* A core dump and a debugger would see keys. */
static void hide_memory(void)
{
    setrlimit(RLIMIT_CORE, &(struct rlimit){0});
    prctl(PR_SET_DUMPABLE, 0L);
}

static void remove_listener(void *listener)
{
    listener_remove(listener);
}

int plugin_serve(const struct provider *provider, struct bytes schema, const struct os *os,
                 enum plugin_mode mode)
{
    static struct arena lifetime; /* of the process */
    static struct listener listener;
    const char *certificate;

    occupy_closed_streams();
    if (!has_files())
        return fail("too few files can be open at the same time: at least 16 are needed, see "
                    "ulimit -n");
    if (mode == PLUGIN_BY_TERRAFORM)
        hide_memory();
    signals_block();
    set_log_level(os);
    gpr_set_log_function(log_from_grpc);
    unsetenv("GRPC_POLL_STRATEGY"); /* for another program: with one that it lacks, gRPC aborts */
    tls_init();
    grpc_init();

    grpc_server_credentials *credentials_of_server = credentials(&lifetime, os, mode, &certificate);
    if (!credentials_of_server)
        return fail("OpenSSL cannot make a key and a certificate");
    struct server *server = server_new(
        &lifetime, &(struct server_options){
                       .session = session_new(&lifetime, os, provider, mode == PLUGIN_DEBUG),
                       .credentials = credentials_of_server,
                       .schema = schema,
                       .outlives_clients = mode == PLUGIN_DEBUG,
                       .at_exit = remove_listener,
                       .context = &listener,
                   });
    if (!listener_open(&listener, &lifetime, os, server))
        return fail_to_listen(os);
    server_start(server);
    if (!signals_watch(server, mode == PLUGIN_DEBUG))
        server_exit(server, fail("cannot start a thread"));
    bool announced = mode == PLUGIN_DEBUG ? announce_to_developer(&listener, provider)
                                          : announce(&listener, certificate);
    if (!announced)
        server_exit(server, fail("cannot write to stdout where this process listens"));
    server_run(server);
}
