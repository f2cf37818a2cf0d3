/* The plan: what the object will be. Configured values are planned as they are, or as they were
 * when they mean the same; what is left out gets its default, its prior value, or "known after
 * apply". Terraform refuses a plan that breaks its rules, so nothing here looks at AWS or a clock:
 * the same input always gives the same plan. */
#include "framework/provider.h"

static const struct value *plan_object(struct op *op, const struct attr *attrs,
                                       const struct value *config, const struct value *prior);

static const struct value *plan_blocks(struct op *op, const struct attr *attr,
                                       const struct value *config, const struct value *prior)
{
    const struct value **items = arena_array(op->arena, value_count(config), sizeof *items);
    for (size_t i = 0; i < value_count(config); i++)
        items[i] = plan_object(op, attr->attrs, value_item(config, i), value_item(prior, i));
    return value_list(op->arena, items, value_count(config));
}

/* Another provider's state says false or {} where this one says null. */
static const struct value *plan_empty(const struct value *prior)
{
    bool empty = (prior->kind == VALUE_BOOL && !prior->boolean) ||
                 (prior->kind == VALUE_MAP && value_count(prior) == 0);
    return empty ? prior : &value_null;
}

static const struct value *plan_omitted(struct op *op, const struct attr *attr,
                                        const struct value *prior)
{
    if (attr->flags & MAY_STAY_EMPTY)
        return plan_empty(prior);
    if (!(attr->flags & COMPUTED))
        return &value_null;

    const struct value *fallback = attr->type == TYPE_DEFAULTED_BLOCK
                                       ? attr_default_block(op->arena, attr)
                                   : attr->flags & INHERITED ? op_inherited(op, attr)
                                                             : attr_default(op->arena, attr);
    if (value_is_null(fallback))
        return value_is_null(op->prior) ? &value_unknown : prior;
    return !value_is_null(prior) && attr_same(op->arena, attr, fallback, prior) ? prior : fallback;
}

static const struct value *plan_attr(struct op *op, const struct attr *attr,
                                     const struct value *config, const struct value *prior)
{
    if (value_is_null(config))
        return plan_omitted(op, attr, prior);
    if (!value_is_null(prior) && attr_same(op->arena, attr, config, prior))
        return prior;
    if (attr_is_many_blocks(attr) && config->kind == VALUE_LIST)
        return plan_blocks(op, attr, config, prior);
    return config;
}

static const struct value *plan_object(struct op *op, const struct attr *attrs,
                                       const struct value *config, const struct value *prior)
{
    const struct value *plan = &value_empty_map;
    for (; attrs->name; attrs++)
        plan = value_with(op->arena, plan, attrs->name,
                          plan_attr(op, attrs, value_member(config, attrs->name),
                                    value_member(prior, attrs->name)));
    return plan;
}

/* An update may change what AWS computes, unless the row says that it stays. */
static void forget_unstable(struct op *op)
{
    for (const struct attr *row = op->schema->attrs; row->name; row++)
        if (attr_is_read_only(row) && !(row->flags & STABLE))
            op->plan = value_with(op->arena, op->plan, row->name, &value_unknown);
}

static bool needs_replacement(struct op *op, const struct attr *row)
{
    const struct value *plan = value_member(op->plan, row->name);
    const struct value *prior = value_member(op->prior, row->name);

    bool never_known = (row->flags & INHERITED) && value_is_null(prior);
    if (value_equal(plan, prior) || attr_same(op->arena, row, plan, prior) || never_known)
        return false;
    return (row->flags & FORCE_NEW) || ((row->flags & REPLACE_IF_CLEARED) && value_is_null(plan));
}

static void find_replacements(struct op *op)
{
    size_t rows = value_count(op->plan);
    op->replace_paths = arena_array(op->arena, rows, sizeof *op->replace_paths);
    for (const struct attr *row = op->schema->attrs; row->name; row++)
        if (needs_replacement(op, row))
            op->replace_paths[op->replace_count++] = row->name;
}

static void run_hook(struct op *op)
{
    if (op->resource->plan)
        op->resource->plan(op);
}

void resource_plan(struct op *op)
{
    if (value_is_null(op->config))
        return; /* destroy: the plan is null */

    op->plan = plan_object(op, op->schema->attrs, op->config, op->prior);
    run_hook(op);
    if (value_equal(op->plan, op->prior))
        return;
    if (!value_is_null(op->prior)) {
        forget_unstable(op);
        run_hook(op); /* what the hook knows, it knows again */
        find_replacements(op);
    }
    if (op->resource->review)
        op->resource->review(op);
}
