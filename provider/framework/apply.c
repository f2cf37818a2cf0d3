/* What happens to an object outside its plan: apply and read. The rules of what is kept when
 * something fails are here, once: an object that exists is never lost. */
#include "framework/provider.h"

#include "base/log.h"
#include "framework/checks.h"
#include "framework/identity.h"

#define DEFAULT_TIMEOUT_MS (20 * 60 * 1000)

/* A handler that fails without a word is a bug of ours; it must not cost the object. */
static bool call(struct op *op, bool (*handler)(struct op *op))
{
    if (handler(op) && !op_failed(op))
        return true;
    if (!op_failed(op))
        op_fail(op, "", "Provider fault", "%s failed and did not say why. Please report this.",
                op->schema->name);
    return false;
}

static bool is_configured(struct op *op)
{
    if (op->meta)
        return true;
    return op_fail(op, "", "Provider is not configured",
                   "The provider block of \"%s\" has values that are not known yet, so AWS cannot "
                   "be asked about %s. Give the provider block values that are known before "
                   "apply, or apply first what they depend on with -target.",
                   op->provider->schema->name, op->schema->name);
}

static void set_deadline(struct op *op, const char *operation)
{
    const struct value *object = value_is_null(op->plan) ? op->prior : op->plan;
    const struct value *timeouts = value_member(object, "timeouts");
    int64_t ms;
    if (!duration_parse(value_text(timeouts, operation), &ms))
        ms = DEFAULT_TIMEOUT_MS;
    op->deadline_ms = op->os->monotonic_ms(op->os) + ms;
}

/* State holds no unknown values; what was not learned is null. */
static const struct value *known_or_null(struct arena *a, const struct value *object)
{
    for (size_t i = 0; i < value_count(object); i++) {
        const struct member *m = &object->map.members[i];
        if (!value_is_known(m->value))
            object = value_with(a, object, m->key, &value_null);
    }
    return object;
}

static void check_complete(struct op *op)
{
    for (size_t i = 0; i < value_count(op->state); i++) {
        const struct member *m = &op->state->map.members[i];
        if (!value_is_known(m->value))
            op_fail(op, m->key, "AWS did not answer with a value",
                    "%s was applied, but AWS's answer has no %s. Run terraform apply again.",
                    op->schema->name, m->key);
    }
    op->state = known_or_null(op->arena, op->state);
}

/* What AWS has after a call that failed, and may have taken effect; known when that cannot be read.
 */
static const struct value *look(const struct op *op, const struct value *known)
{
    if (!op->in_doubt)
        return known;
    struct op reading = *op;
    reading.config = reading.plan = &value_null;
    reading.prior = reading.state = known;
    reading.diagnostics = NULL;
    reading.last_diagnostic = NULL;
    return call(&reading, op->resource->read) ? reading.state : known;
}

static void apply_delete(struct op *op)
{
    set_deadline(op, "delete");
    if (call(op, op->resource->delete)) {
        op->state = &value_null;
        return;
    }
    op->state = look(op, op->prior);
    if (value_is_null(op->state)) {
        op->diagnostics = NULL; /* it is gone, which is what was asked for */
        op->last_diagnostic = NULL;
    }
}

static void apply_update(struct op *op)
{
    set_deadline(op, "update");
    if (call(op, op->resource->update))
        check_complete(op);
    else
        op->state =
            look(op, known_or_null(op->arena, value_is_null(op->state) ? op->prior : op->state));
}

static void apply_create(struct op *op)
{
    set_deadline(op, "create");
    if (call(op, op->resource->create))
        check_complete(op);
    else
        op->state = known_or_null(op->arena, op->state);
}

/* What was not known when the object was planned, or not there yet when its state was written. */
static const struct value *with_inherited(struct op *op, const struct value *object)
{
    const struct attr *row = schema_inherited(op->schema->attrs);
    if (!row || value_is_null(object) || value_member(object, row->name)->kind == VALUE_STRING)
        return object;
    return value_with(op->arena, object, row->name, op_inherited(op, row));
}

void resource_apply(struct op *op)
{
    if (!is_configured(op)) {
        op->state = op->prior;
        return;
    }
    op->plan = with_inherited(op, op->plan);
    if (value_is_null(op->plan))
        apply_delete(op);
    else if (value_is_null(op->prior))
        apply_create(op);
    else
        apply_update(op);
    identity_follow(op);
}

void resource_read(struct op *op)
{
    op->state = op->prior;
    if (!is_configured(op))
        return;
    set_deadline(op, "read");
    op->imported = value_is_true(op->private, OP_IMPORTED);
    op->prior = with_inherited(op, op->prior);
    if (call(op, op->resource->read) && identity_is_met(op))
        op_remember(op, OP_IMPORTED, &value_null);
    else
        op->state = op->prior;
    identity_follow(op);
    if (value_is_null(op->state))
        log_event(LOG_WARN, "Object is gone, removing it from the state",
                  (struct log_field[]){{"resource", op->schema->name, 0},
                                       {"id", value_text(op->prior, "id"), 0},
                                       {0}});
}

/* What is configured counts as what was there before: the answer is told in its words. */
void data_source_read(struct op *op, const struct data_source *source)
{
    if (!is_configured(op))
        return;
    set_deadline(op, "read");
    op->prior = with_inherited(op, op->config);
    if (call(op, source->read))
        check_complete(op);
    else
        op->state = &value_null;
}
