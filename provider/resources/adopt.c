/* Both checks must hold; an object that fails one of them is somebody else's, and is left alone. */
#include "resources/adopt.h"

#include <stdlib.h>
#include <string.h>

#define CLOCKS_MAY_DIFFER_MS 5000

bool adopt_is_possible(const struct aws_error *error, const char *already_exists)
{
    return aws_error_is(error, already_exists) && error->in_doubt;
}

/* AWS's times are seconds, with or without a fraction. */
static int64_t milliseconds(const struct value *v)
{
    return v->kind == VALUE_NUMBER ? strtoll(v->text, NULL, 10) * 1000 : 0;
}

/* What AWS adds to what was sent does not matter. */
static bool covers(const struct value *found, const struct value *sent)
{
    if (sent->kind != VALUE_MAP)
        return value_equal(found, sent);
    for (size_t i = 0; i < value_count(sent); i++) {
        const struct member *m = &sent->map.members[i];
        if (!value_is_null(m->value) && !covers(value_member(found, m->key), m->value))
            return false;
    }
    return true;
}

bool adopt_is_ours(const struct value *sent, const struct value *found, int64_t start_ms)
{
    int64_t created_ms = milliseconds(value_member(found, "createdAt"));
    return created_ms + 999 >= start_ms - CLOCKS_MAY_DIFFER_MS && covers(found, sent);
}

bool adopt_refuse(struct op *op, const char *what, const char *path, const struct value *found)
{
    return op_fail(
        op, path, what,
        "An earlier attempt may have reached AWS, but its answer was lost. There is an "
        "object of this name now, made at %s (seconds since 1970); it is older than this "
        "run, or its settings are not those asked for, so it was not taken over. Look at "
        "it, then delete it or import it.",
        value_text(found, "createdAt"));
}
