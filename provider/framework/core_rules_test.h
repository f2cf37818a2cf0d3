/* Core rules: what Terraform itself checks of a provider's plans and results, so that every plan
 * and apply in the tests is held to it. Source: the behaviour of Terraform's AssertPlanValid and
 * AssertObjectCompatible. */
#ifndef FRAMEWORK_CORE_RULES_TEST_H
#define FRAMEWORK_CORE_RULES_TEST_H

#include "framework/schema.h"

/* The path that breaks a rule, NULL when none does. */
const char *core_plan_fault(struct arena *a, const struct attr *attrs, const struct value *config,
                            const struct value *prior, const struct value *plan);

/* The same for the state after apply. */
const char *core_state_fault(struct arena *a, const struct attr *attrs, const struct value *plan,
                             const struct value *state);

#endif
