/* Calls, errors and waiting, as every resource does them. */
#include "resources/common.h"

#include "aws/partition.h"

#include <string.h>

#define VISIBLE_WITHIN_MS (2 * 60 * 1000)
#define LOOK_MS           (10 * 1000)
#define FIRST_WAIT_MS     250
#define LONGEST_WAIT_MS   5000

const struct ecr *op_ecr(const struct op *op)
{
    const struct value *object = !value_is_null(op->plan)    ? op->plan
                                 : !value_is_null(op->prior) ? op->prior
                                                             : op->config;
    return ecr_in(op->meta, value_text(object, "region"));
}

void region_validate(struct op *op)
{
    const struct value *region = value_member(op->config, "region");
    if (!op->meta || region->kind != VALUE_STRING)
        return;
    const struct ecr *home = op->meta;
    const struct partition *here = partition_of(aws_client_region(home->client));
    const struct partition *there = partition_of(region->text);
    if (here != there)
        op_fail(op, "region", "Invalid region",
                "region is \"%s\", which is %s%s. It must be in partition %s, to which the "
                "provider's region %s belongs.",
                region->text, there ? "in partition " : "no region that AWS has",
                there ? there->id : "", here ? here->id : "aws", aws_client_region(home->client));
}

struct aws_result op_call(const struct op *op, const char *operation, const struct value *input)
{
    return ecr_call(op_ecr(op), op->arena, operation, input, op->deadline_ms);
}

struct aws_result op_call_for(const struct op *op, const char *operation, const struct value *input,
                              const char *member, const char *name)
{
    struct aws_result r = op_call(op, operation, input);
    if (r.error || strcmp(value_text(r.output, member), name) == 0)
        return r;
    struct aws_error *error = arena_alloc(op->arena, sizeof *error);
    *error = (struct aws_error){
        .code = "SerializationError",
        .message = arena_printf(op->arena, "the answer to %s has not \"%s\" for its %s", operation,
                                name, member),
        .request_id = "",
        .in_doubt = true,
    };
    return (struct aws_result){&value_empty_map, error, true};
}

struct aws_result op_describe(const struct op *op, enum describe_kind kind, const char *name)
{
    return describe_one(op_ecr(op), op->arena, kind, name, op->deadline_ms);
}

static const struct aws_advice *find_advice(const struct aws_advice *advice, const char *code)
{
    static const struct aws_advice general[] = {
        {"AccessDeniedException", "", "Allow the operation in the IAM policy of the caller."},
        {"UnrecognizedClientException", "",
         "AWS does not know the access key. Check the credentials and the region."},
        {"InvalidSignatureException", "",
         "The secret key does not fit the access key, or this machine's clock is wrong."},
        {"ExpiredTokenException", "",
         "The session has expired. Get new credentials and run again."},
        {"LimitExceededException", "", "A quota of the account is used up."},
        {0},
    };
    static const struct aws_advice none = {"", "", NULL};

    for (; advice && advice->code; advice++)
        if (strcmp(advice->code, code) == 0)
            return advice;
    for (advice = general; advice->code; advice++)
        if (strcmp(advice->code, code) == 0)
            return advice;
    return &none;
}

static const char *answer(struct arena *a, const struct aws_error *error)
{
    const char *id =
        *error->request_id ? arena_printf(a, ", request id %s", error->request_id) : "";
    const char *tries =
        error->attempts > 1 ? arena_printf(a, ", after %d attempts", error->attempts) : "";
    if (error->status == 0)
        return arena_printf(a, "%s: %s%s", error->code, error->message, tries);
    return arena_printf(a, "%s: %s\n(HTTP status %d%s%s)", error->code, error->message,
                        error->status, id, tries);
}

/* With the object's name, since an error of an import or of the plan of a deletion has no address
 * in the configuration beside it. */
static const char *named(const struct op *op, const char *what)
{
    const char *name = "";
    const struct value *const known[] = {op->state, op->prior, op->plan};
    for (size_t i = 0; i < 3 && !*name && op->resource; i++)
        name = value_text(known[i] ? known[i] : &value_null, op->schema->import_as);
    return *name ? arena_printf(op->arena, "%s (%s)", what, name) : what;
}

bool op_fail_aws(struct op *op, const struct aws_advice *advice, const char *what,
                 const struct aws_error *error)
{
    const struct aws_advice *found = find_advice(advice, error->code);
    const char *doubt =
        !error->in_doubt ? ""
        : value_is_null(op->prior)
            ? "\n\nThe request may have reached AWS before the connection was lost, so it may have "
              "taken effect. Look before you apply again, and if it has, take the object into the "
              "state with terraform import."
            : "\n\nThe request may have reached AWS before the connection was lost, so it may have "
              "taken effect. The next plan shows whether it has.";
    op->in_doubt |= error->in_doubt;
    return op_fail(op, found->path, named(op, what), "%s%s%s%s", answer(op->arena, error),
                   found->text ? "\n\n" : "", found->text ? found->text : "", doubt);
}

bool op_fail_answer(struct op *op, const char *path, const char *member)
{
    return op_fail(op, path, named(op, "AWS's answer cannot be used"),
                   "It has no %s. Something between here and AWS may have changed it, such as a "
                   "proxy. The state is kept as it was.",
                   member);
}

bool op_described(struct op *op, enum describe_kind kind, const struct value *answer,
                  const char *name, const struct value **ret_object)
{
    *ret_object = describe_find(kind, answer, name);
    return !value_is_null(*ret_object) ||
           op_fail_answer(op, "", arena_printf(op->arena, "object named \"%s\"", name));
}

bool error_is_any(const struct aws_error *error, const char *const *codes)
{
    for (; *codes; codes++)
        if (aws_error_is(error, *codes))
            return true;
    return false;
}

/* Waits a little longer each time. False when there is no time left or stop was requested. */
static bool pause_until(const struct op *op, int64_t *wait_ms, int64_t until_ms)
{
    int64_t wait = *wait_ms;
    *wait_ms = wait * 2 < LONGEST_WAIT_MS ? wait * 2 : LONGEST_WAIT_MS;
    if (op->os->monotonic_ms(op->os) + wait > until_ms)
        return false;
    return op->os->sleep_ms(op->os, wait);
}

static struct aws_result read_until(struct op *op, const char *operation, const struct value *input,
                                    const char *const *not_found, int64_t within_ms)
{
    int64_t wait = FIRST_WAIT_MS, until = op->os->monotonic_ms(op->os) + within_ms;
    for (;;) {
        struct aws_result r = op_call(op, operation, input);
        if (!error_is_any(r.error, not_found) || !pause_until(op, &wait, until))
            return r;
    }
}

struct aws_result op_await(struct op *op, const char *operation, const struct value *input,
                           const char *const *not_found)
{
    return read_until(op, operation, input, not_found, VISIBLE_WITHIN_MS);
}

struct aws_result op_look(struct op *op, const char *operation, const struct value *input,
                          const char *const *not_found)
{
    return read_until(op, operation, input, not_found, LOOK_MS);
}

bool op_await_planned(struct op *op, const char *operation, const struct value *input,
                      const char *const *not_found, int64_t within_ms,
                      const struct value **ret_found)
{
    int64_t wait = FIRST_WAIT_MS, until = op->os->monotonic_ms(op->os) + within_ms;
    for (;;) {
        struct aws_result r = op_call(op, operation, input);
        *ret_found = r.output;
        if (!r.error && !op_differs(op, r.output))
            return true;
        if ((r.error && !error_is_any(r.error, not_found)) || !pause_until(op, &wait, until))
            return false;
    }
}

bool op_await_gone(struct op *op, const char *operation, const struct value *input,
                   const char *what)
{
    int64_t wait = FIRST_WAIT_MS;
    for (;;) {
        const struct aws_error *error = op_call(op, operation, input).error;
        if (error)
            return true; /* it is gone, or cannot be looked at; AWS has said that it deletes it */
        if (!pause_until(op, &wait, op->deadline_ms))
            return op_fail(
                op, "", what,
                "AWS accepted the deletion, but still answers that the object is there. "
                "Run terraform apply again later, or set timeouts.delete to wait longer.");
    }
}

void op_took(struct op *op, const char *name)
{
    op->state = value_with(op->arena, op->state, name, value_member(op->plan, name));
}
