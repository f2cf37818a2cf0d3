/* Both checks are walks over the table. */
#include "framework/core_rules_test.h"

#include "base/test.h"

static const char *blocks_fault(struct arena *a, const struct attr *attr,
                                const struct value *config, const struct value *prior,
                                const struct value *plan)
{
    if (value_is_unknown(config))
        return value_is_unknown(plan) ? NULL : attr->name;
    if (plan->kind != VALUE_LIST || value_count(plan) != value_count(config))
        return attr->name;
    if (attr->type == TYPE_BLOCK_SET)
        return NULL; /* Terraform cannot tell which of a set's blocks became which */
    for (size_t i = 0; i < value_count(plan); i++)
        if (core_plan_fault(a, attr->attrs, value_item(config, i), value_item(prior, i),
                            value_item(plan, i)))
            return attr->name;
    return NULL;
}

static const char *attr_plan_fault(struct arena *a, const struct attr *attr,
                                   const struct value *config, const struct value *prior,
                                   const struct value *plan)
{
    bool keeps = value_equal(plan, prior) && !value_is_null(prior) && !value_is_null(config);

    if (attr_is_many_blocks(attr))
        return blocks_fault(a, attr, config, prior, plan);
    if (attr->type == TYPE_SINGLE_BLOCK)
        return core_plan_fault(a, attr->attrs, config, prior, plan);
    if (value_equal(plan, config) || keeps)
        return NULL;
    return (attr->flags & COMPUTED) && value_is_null(config) ? NULL : attr->name;
}

const char *core_plan_fault(struct arena *a, const struct attr *attrs, const struct value *config,
                            const struct value *prior, const struct value *plan)
{
    if (value_is_null(config) != value_is_null(plan))
        return "(whole object)";
    for (; attrs->name && !value_is_null(plan); attrs++) {
        const char *fault =
            attr_plan_fault(a, attrs, value_member(config, attrs->name),
                            value_member(prior, attrs->name), value_member(plan, attrs->name));
        if (fault)
            return fault;
    }
    return NULL;
}

/* Whether a result is allowed where that was planned. */
static bool fits(const struct value *plan, const struct value *state)
{
    if (value_is_unknown(plan))
        return value_is_known(state);
    if (value_is_known(plan))
        return value_equal(plan, state);
    if (plan->kind != state->kind || value_count(plan) != value_count(state))
        return false;
    for (size_t i = 0; plan->kind == VALUE_LIST && i < value_count(plan); i++)
        if (!fits(value_item(plan, i), value_item(state, i)))
            return false;
    for (size_t i = 0; plan->kind == VALUE_MAP && i < value_count(plan); i++)
        if (!fits(plan->map.members[i].value, value_member(state, plan->map.members[i].key)))
            return false;
    return true;
}

const char *core_state_fault(struct arena *a, const struct attr *attrs, const struct value *plan,
                             const struct value *state)
{
    const char *path;
    if (!schema_conform(a, attrs, state, &path))
        return path;
    for (; attrs->name; attrs++)
        if (!fits(value_member(plan, attrs->name), value_member(state, attrs->name)))
            return attrs->name;
    return NULL;
}

static const struct attr two_rows[] = {
    ATTR("asked", STRING, REQUIRED, .doc = "."),
    ATTR("given", STRING, COMPUTED, .doc = "."),
    END,
};

TEST(core_rules__catch_a_plan_that_changes_what_was_configured)
{
    const struct value *config = MAP(a, {"asked", value_string(a, "x")});
    const struct value *plan = MAP(a, {"asked", value_string(a, "y")}, {"given", &value_unknown});
    CHECK_TEXT(core_plan_fault(a, two_rows, config, &value_null, plan), "asked");
}

TEST(core_rules__catch_a_result_that_was_not_planned)
{
    const struct value *plan = MAP(a, {"asked", value_string(a, "x")}, {"given", &value_unknown});
    const struct value *good = value_with(a, plan, "given", value_string(a, "id"));
    CHECK(!core_state_fault(a, two_rows, plan, good));
    CHECK_TEXT(core_state_fault(a, two_rows, plan, plan), "given");
    CHECK_TEXT(core_state_fault(a, two_rows, plan, value_with(a, good, "asked", &value_null)),
               "asked");
}
