/* Roots: where the certificates are that a server's chain must end in. One binary runs on every
 * distribution, so the place is looked for when the program starts. */
#ifndef HTTP_ROOTS_H
#define HTTP_ROOTS_H

#include "base/os.h"

/* All NULL means that nothing was found. */
struct roots {
    const char *directory; /* PEM files named by hash, read one by one as needed: 0.5 ms, not 30;
                            * several have ':' between them */
    const char *file;      /* PEM certificates; beside a directory, for what is not in that */
    const char *variable;  /* of the environment, which names the file; NULL: another place does */
};

/* bundle (it replaces all others; NULL when there is none), SSL_CERT_FILE and SSL_CERT_DIR, or what
 * the system has. The texts are the caller's and the environment's. */
struct roots roots_find(const struct os *os, const char *bundle);

/* What a system has: the first of the directories that is hashed, and the first of the bundles that
 * is a file, may be read and is not empty. Both lists end with NULL. The texts are theirs. */
struct roots roots_among(const char *const *directories, const char *const *bundles);

#endif
