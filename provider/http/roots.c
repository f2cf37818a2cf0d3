/* A hashed directory is looked into before a bundle: OpenSSL 3.0 takes 20-40 ms to load 150
 * certificates. But one of its links says nothing of the others: it may lead nowhere, and a
 * company's own root may be in the bundle alone. So the bundle is found as well. */
#include "http/roots.h"

#include <dirent.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Debian, SUSE and Alpine; Red Hat. */
static const char *const directories_of_systems[] = {"/etc/ssl/certs", "/etc/pki/tls/certs", NULL};

static const char *const bundles_of_systems[] = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
    NULL,
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

static bool is_bundle(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0 &&
           access(path, R_OK) == 0;
}

struct roots roots_among(const char *const *directories, const char *const *bundles)
{
    while (*directories && !is_hashed(*directories))
        directories++;
    while (*bundles && !is_bundle(*bundles))
        bundles++;
    return (struct roots){.directory = *directories, .file = *bundles};
}

struct roots roots_find(const struct os *os, const char *bundle)
{
    if (bundle)
        return (struct roots){.file = bundle};

    const char *file = os_env(os, "SSL_CERT_FILE"), *directory = os_env(os, "SSL_CERT_DIR");
    if (file || directory)
        return (struct roots){
            .directory = directory, .file = file, .variable = file ? "SSL_CERT_FILE" : NULL};
    return roots_among(directories_of_systems, bundles_of_systems);
}
