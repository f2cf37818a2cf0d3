/* The two proofs: when it was made, and how. */
#include "resources/adopt.h"

#include "resources/seconds.h"

#include <string.h>

#define TOLERANCE_MS 2000 /* answers and some objects are dated in whole seconds */

/* NULL when found, AWS's description of the object, is what an attempt of this operation made that
 * began at local_ms; else why not, as the end of a sentence that begins with the object. */
static const char *refusal(const struct op *op, const struct value *found, int64_t local_ms)
{
    int64_t created_ms = seconds_parse(value_text(found, "createdAt"));
    int64_t began_ms = local_ms + aws_client_skew_ms(op_ecr(op)->client);
    if (created_ms < 0)
        return "is not described by AWS with a date of creation";
    if (created_ms < began_ms - TOLERANCE_MS)
        return "was created before this operation began";
    const char *attribute = op_differs(op, found);
    return attribute ? arena_printf(op->arena, "has another %s than is asked for", attribute)
                     : NULL;
}

bool adopt_fail(struct op *op, const struct adoption *how, const struct aws_error *error,
                const char *why)
{
    return op_fail(op, how->path, how->what,
                   "%s: %s (request id %s). The answer to an attempt was lost, so it was looked "
                   "whether that attempt had made it; but what is there %s. It was left as it "
                   "is.\n\nIf it is yours, take it into the state with terraform import.",
                   error->code, error->message, error->request_id, why);
}

/* It was looked, and nothing is there. */
static void fail_without_doubt(struct op *op, const struct adoption *how,
                               const struct aws_error *error)
{
    struct aws_error settled = *error;
    settled.in_doubt = false;
    op_fail_aws(op, how->advice, how->what, &settled);
}

const struct value *adopt_find(struct op *op, const struct adoption *how, const struct value *input,
                               const struct aws_error *error, int64_t local_ms)
{
    struct aws_result r = aws_error_is(error, how->exists)
                              ? op_await(op, how->operation, input, how->not_found)
                              : op_look(op, how->operation, input, how->not_found);
    if (error_is_any(r.error, how->not_found)) {
        fail_without_doubt(op, how, error);
        return NULL;
    }
    if (r.error) {
        op_fail_aws(op, how->advice, how->what, error);
        return NULL;
    }
    const struct value *found = describe_find(how->kind, r.output, value_text(op->plan, how->path));
    const char *why = refusal(op, found, local_ms);
    if (why)
        adopt_fail(op, how, error, why);
    return why ? NULL : found;
}
