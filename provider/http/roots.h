/* Roots: where the certificates are that a server's chain must end in. One binary runs on every
 * distribution, so the place is looked for when the program starts. */
#ifndef HTTP_ROOTS_H
#define HTTP_ROOTS_H

#include "base/os.h"

/* At most one is set; both NULL means that nothing was found. */
struct roots {
    const char *file;      /* PEM certificates */
    const char *directory; /* PEM files named by hash, read one by one as needed: 0.5 ms, not 30 */
};

/* bundle (it replaces all others; NULL when there is none), SSL_CERT_FILE, SSL_CERT_DIR, or what
 * the system has. The texts are the caller's and the environment's. */
struct roots roots_find(const struct os *os, const char *bundle);

#endif
