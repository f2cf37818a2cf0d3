/* A hashed directory is preferred to a bundle: OpenSSL 3.0 takes 20-40 ms to load 150 certificates
 * and every transfer would load them anew. */
#include "http/roots.h"

#include <dirent.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

/* Debian, SUSE and Alpine; Red Hat. */
static const char *const directories[] = {"/etc/ssl/certs", "/etc/pki/tls/certs"};

static const char *const bundles[] = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
};

/* Hash links look like 2ae6433e.0. A directory without any holds only bundles. */
static bool is_hashed(const char *path)
{
    DIR *directory = opendir(path);
    if (!directory)
        return false;

    bool found = false;
    struct dirent *entry;
    while (!found && (entry = readdir(directory)))
        found = strlen(entry->d_name) == 10 && strcmp(entry->d_name + 8, ".0") == 0;
    closedir(directory);
    return found;
}

static struct roots system_roots(void)
{
    for (size_t i = 0; i < sizeof directories / sizeof *directories; i++)
        if (is_hashed(directories[i]))
            return (struct roots){.directory = directories[i]};
    for (size_t i = 0; i < sizeof bundles / sizeof *bundles; i++)
        if (access(bundles[i], R_OK) == 0)
            return (struct roots){.file = bundles[i]};
    return (struct roots){0};
}

struct roots roots_find(const struct os *os, const char *bundle)
{
    const char *place;
    if ((place = bundle) || (place = os_env(os, "SSL_CERT_FILE")))
        return (struct roots){.file = place};
    if ((place = os_env(os, "SSL_CERT_DIR")))
        return (struct roots){.directory = place};
    return system_roots();
}
