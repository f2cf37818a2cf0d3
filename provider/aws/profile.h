/* Profile: ~/.aws/config and ~/.aws/credentials, read by the grammar that AWS's tools share. Both
 * files make one set of profiles; the credentials file wins per property. */
#ifndef AWS_PROFILE_H
#define AWS_PROFILE_H

#include "base/os.h"

enum profile_file_kind { PROFILE_CONFIG, PROFILE_CREDENTIALS, PROFILE_FILES };

/* What a section is. "services" and "sso-session" exist in the config file only. */
enum profile_kind { PROFILE, PROFILE_SSO_SESSION, PROFILE_SERVICES };

struct profile_property {
    const char *key;   /* lower case */
    const char *value; /* "\nname = value\n…" when it has sub-properties */
    struct profile_property *next;
};

struct profile {
    enum profile_kind kind;
    const char *name;
    struct profile_property *properties; /* in the order written */
    struct profile *next;
    bool prefixed; /* [profile default], which replaces [default] */
    int count;     /* of properties */
};

struct profile_file {
    const char *path; /* several are joined by commas */
    bool missing;     /* none of them is there, or the usual one is out of this user's reach */
};

/* Start with {0}. */
struct profile_set {
    struct profile *first; /* in the order written */
    struct profile_file files[PROFILE_FILES];
};

/* Adds a file's text to the set. False with *ret_error naming file, line and fault; it quotes
 * nothing of the text, which may be a secret. */
bool profile_parse(struct arena *a, struct profile_set *set, enum profile_file_kind kind,
                   const char *path, struct bytes text, const char **ret_error);

/* Parses those files that exist: the paths given, which end with NULL, later ones winning; where
 * paths are NULL, the one of AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE, or below $HOME/.aws.
 * False with *ret_error when one cannot be read or parsed. */
bool profile_load(struct arena *a, const struct os *os, const char *const *config_paths,
                  const char *const *credentials_paths, struct profile_set *ret_set,
                  const char **ret_error);

/* NULL when there is none. */
const struct profile *profile_find(const struct profile_set *set, enum profile_kind kind,
                                   const char *name);

/* The property's value; NULL when it is absent or empty, or profile is NULL. */
const char *profile_text(const struct profile *profile, const char *key);

#endif
