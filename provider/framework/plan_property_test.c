/* Properties of every plan: random tables, priors and configurations go through plan, apply and
 * read, and each step is held to Terraform's own rules. PLAN_SEED repeats a run. */
#include "base/test.h"
#include "framework/core_rules_test.h"
#include "framework/framework_test.h"
#include "value/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>

#define CASES    10000
#define ROWS_MAX 8

static uint64_t seed;

static unsigned below(unsigned limit)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % limit;
}

static bool once_in(unsigned times)
{
    return below(times) == 0;
}

static bool same_ignoring_case(struct arena *a, const char *x, const char *y)
{
    (void)a;
    return strcasecmp(x, y) == 0;
}

/* Tables. */

static void make_scalar(struct arena *a, struct attr *row)
{
    static const enum attr_type types[] = {TYPE_STRING, TYPE_BOOL, TYPE_NUMBER};
    static const char *const defaults[] = {"a", "true", "1"};
    unsigned type = below(3);
    row->type = types[type];
    row->flags = once_in(3) ? REQUIRED : OPTIONAL;
    if (type == 0 && once_in(3))
        row->same = same_ignoring_case;
    if (row->flags == OPTIONAL && once_in(3))
        row->default_text = arena_text(a, defaults[type]);
}

static const struct attr *make_block(struct arena *a, const struct attr *owner)
{
    unsigned count = 1 + below(3);
    struct attr *rows = arena_array(a, count + 1, sizeof *rows);
    for (unsigned i = 0; i < count; i++) {
        make_scalar(a, &rows[i]);
        rows[i].name = rows[i].wire = arena_printf(a, "f%u", i);
        if (owner->type != TYPE_DEFAULTED_BLOCK)
            rows[i].default_text = NULL;
        else if (!rows[i].default_text)
            rows[i].flags = OPTIONAL | COMPUTED;
        /* Blocks that mean what the prior's do stay as those are, which Terraform takes only where
         * nothing in them is null or left out. */
        if (owner->type == TYPE_BLOCKS || owner->type == TYPE_BLOCK_SET)
            rows[i].flags = REQUIRED;
    }
    return rows;
}

static void make_row(struct arena *a, struct attr *row)
{
    static const enum attr_type types[] = {TYPE_STRING_MAP, TYPE_STRING_LIST,     TYPE_STRING_SET,
                                           TYPE_BLOCKS,     TYPE_BLOCK_SET,       TYPE_SINGLE_BLOCK,
                                           TYPE_STRING_MAP, TYPE_DEFAULTED_BLOCK, TYPE_BLOCKS};
    if (once_in(2)) {
        make_scalar(a, row);
        if (row->flags == OPTIONAL && (row->default_text || once_in(3)))
            row->flags |= COMPUTED;
    } else {
        row->type = types[below(9)];
        row->flags = OPTIONAL;
        if (row->type == TYPE_DEFAULTED_BLOCK)
            row->flags |= COMPUTED;
        if (row->type == TYPE_BLOCKS && once_in(2))
            row->flags |= UNORDERED;
        if (attr_has_rows(row))
            row->attrs = make_block(a, row);
    }
    if (once_in(4))
        row->flags |= FORCE_NEW;
    else if (once_in(4))
        row->flags |= REPLACE_IF_CLEARED;
}

static const struct attr *make_table(struct arena *a)
{
    unsigned count = 1 + below(ROWS_MAX);
    struct attr *rows = arena_array(a, count + 3, sizeof *rows);
    for (unsigned i = 0; i < count; i++) {
        rows[i].name = arena_printf(a, "r%u", i);
        make_row(a, &rows[i]);
        rows[i].wire = rows[i].type == TYPE_SINGLE_BLOCK ? NULL : rows[i].name;
    }
    rows[count] = (struct attr)ATTR("id", STRING, COMPUTED | STABLE, .wire = "id");
    rows[count + 1] = (struct attr)ATTR("changed", STRING, COMPUTED, .wire = "changed");
    return rows;
}

/* Values. */

static const struct value *make_text(struct arena *a)
{
    static const char *const texts[] = {"", "a", "A", "b", "c"};
    return value_string(a, texts[below(5)]);
}

static const struct value *make_object(struct arena *a, const struct attr *attrs, bool known);

static const struct value *make_list(struct arena *a, const struct attr *row, bool known)
{
    unsigned count = row->type == TYPE_DEFAULTED_BLOCK ? below(2) : below(4);
    const struct value **items = arena_array(a, count, sizeof *items);
    for (unsigned i = 0; i < count; i++)
        items[i] = row->attrs ? make_object(a, row->attrs, known) : make_text(a);
    return value_list(a, items, count);
}

static const struct value *make_map(struct arena *a, bool known)
{
    static const char *const keys[] = {"k", "l", "m"};
    const struct value *map = &value_empty_map;
    for (unsigned i = below(4); i > 0; i--)
        map = value_with(a, map, keys[i - 1], !known && once_in(5) ? &value_unknown : make_text(a));
    return map;
}

static const struct value *make_value(struct arena *a, const struct attr *row, bool known)
{
    if (!known && once_in(8))
        return &value_unknown;
    if (!(row->flags & REQUIRED) && once_in(3))
        return attr_is_many_blocks(row) ? &value_empty_list : &value_null;
    switch (row->type) {
    case TYPE_BOOL:
        return value_bool(once_in(2));
    case TYPE_NUMBER:
        return value_int(a, below(3));
    case TYPE_STRING:
        return make_text(a);
    case TYPE_STRING_MAP:
        return make_map(a, known);
    case TYPE_SINGLE_BLOCK:
        return make_object(a, row->attrs, known);
    default:
        return make_list(a, row, known);
    }
}

static const struct value *make_object(struct arena *a, const struct attr *attrs, bool known)
{
    const struct value *object = &value_empty_map;
    for (; attrs->name; attrs++)
        object = value_with(a, object, attrs->name,
                            attr_is_read_only(attrs) ? &value_null : make_value(a, attrs, known));
    return object;
}

/* The configuration once everything in it is known. */
static const struct value *resolved(struct arena *a, const struct attr *attrs,
                                    const struct value *config)
{
    for (const struct attr *row = attrs; row->name; row++) {
        const struct value *v = value_member(config, row->name);
        while (!value_is_known(v))
            v = make_value(a, row, true);
        config = value_with(a, config, row->name, v);
    }
    return config;
}

/* Cases. */

struct trial {
    struct arena *a;
    struct resource resource;
    struct schema schema;
};

static struct op plan(struct trial *t, const struct value *config, const struct value *prior)
{
    struct op op = op_new(t->a, &os_real, &sample_provider, &t->resource);
    op.config = config;
    op.prior = prior;
    resource_plan(&op);
    return op;
}

static void claim(const struct trial *t, bool holds, const char *what, const struct op *op)
{
    if (holds)
        return;
    for (const struct attr *row = t->schema.attrs; row->name; row++)
        print_error("row %s: type %d, flags %x, default %s, same %d\n", row->name, row->type,
                    row->flags, row->default_text ? row->default_text : "-", row->same != NULL);
    print_error("prior  %s\nconfig %s\nplan   %s\nstate  %s\n", json_print(t->a, op->prior),
                json_print(t->a, op->config), json_print(t->a, op->plan),
                json_print(t->a, op->state));
    fail_msg("%s", what);
}

static struct op checked_plan(struct trial *t, const struct value *config,
                              const struct value *prior)
{
    const struct attr *rows = t->schema.attrs;
    struct op op = plan(t, config, prior), again = plan(t, config, prior);
    claim(t, value_equal(op.plan, again.plan), "the same input has another plan", &again);
    if (op.replace_count)
        return checked_plan(t, config, &value_null);
    claim(t, !core_plan_fault(t->a, rows, config, prior, op.plan), "Terraform refuses the plan",
          &op);
    if (value_is_known(op.plan)) {
        again = plan(t, config, op.plan);
        claim(t, value_equal(again.plan, op.plan), "a plan of what was planned changes", &again);
    }
    return op;
}

/* AWS makes the object. It answers with what it was sent, the blocks that it was not told to
 * change, and the members that it computes. */
static const struct value *applied(struct trial *t, struct op *op)
{
    const struct value *remote = op_expand(op);
    for (const struct attr *row = t->schema.attrs; row->name; row++)
        if (row->type == TYPE_DEFAULTED_BLOCK && value_is_null(value_member(remote, row->name)))
            remote = value_with(t->a, remote, row->name,
                                value_item(value_member(op->plan, row->name), 0));
    remote = value_with(t->a, remote, "id", value_string(t->a, "id"));
    remote = value_with(t->a, remote, "changed", value_string(t->a, "today"));
    op_set_remote(op, remote);
    claim(t, !core_state_fault(t->a, t->schema.attrs, op->plan, op->state),
          "Terraform refuses the result", op);
    struct op read = op_new(t->a, &os_real, &sample_provider, &t->resource);
    read.prior = op->state;
    op_set_remote(&read, remote);
    claim(t, value_equal(read.state, op->state), "a read after apply finds changes", &read);
    return op->state;
}

/* Creates from one configuration, changes to the next, and finds nothing to do after each. */
static void check_case(struct arena *a)
{
    struct trial t = {.a = a, .schema = {.name = "ecr_random", .attrs = make_table(a)}};
    t.resource.schema = &t.schema;
    const struct attr *rows = t.schema.attrs;
    const struct value *state = &value_null;

    for (int step = 0; step < 2; step++) {
        const struct value *config = make_object(a, rows, once_in(2));
        const struct value *known = resolved(a, rows, config);
        checked_plan(&t, config, state);
        struct op op = checked_plan(&t, known, state);
        if (!value_equal(op.plan, op.prior))
            state = applied(&t, &op);
        op = plan(&t, known, state);
        claim(&t, value_equal(op.plan, state), "a plan after apply is not empty", &op);
    }
}

TEST(plan__properties_hold_for_random_tables)
{
    const char *wanted = getenv("PLAN_SEED");
    seed = wanted ? strtoull(wanted, NULL, 10) : (uint64_t)time(NULL);
    printf("plan: %d random cases, PLAN_SEED=%llu\n", CASES, (unsigned long long)seed);
    for (int i = 0; i < CASES; i++) {
        check_case(a);
        arena_reset(a);
    }
}
