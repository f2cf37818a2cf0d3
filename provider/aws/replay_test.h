/* Replay: a machine whose files lie in a directory of AWS's scenarios, and a network that answers
 * what was recorded there. */
#ifndef AWS_REPLAY_TEST_H
#define AWS_REPLAY_TEST_H

#include "aws/fake_test.h"

struct replay {
    struct fake_os os; /* first */
    struct http http;
    struct arena *arena;
    const char *directory;
    const struct value *exchanges; /* list of {method, uri, headers, body, status, answer} */
    bool used[64];
    const char *wrong; /* what was asked otherwise than recorded; NULL */
};

/* env.json, fs/ and http-traffic.json of the directory. */
void replay_open(struct replay *r, struct arena *a, const char *directory);

/* The names in a map, alternating with their values, ended by NULL. */
const char *const *replay_variables(struct arena *a, const struct value *map);

/* What of AWS's wording must be in any good wording of the same error: names in backquotes or with
 * an underscore. NULL when text has all of them, else the one that it lacks. */
const char *replay_lacks(struct arena *a, const char *text, const char *wanted);

/* Names of the directories in a directory, sorted; ended by NULL. */
const char *const *replay_folders(struct arena *a, const char *directory);

#endif
