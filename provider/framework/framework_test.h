/* A table with one row of every kind, and operations on it, for the framework's tests. */
#ifndef FRAMEWORK_FRAMEWORK_TEST_H
#define FRAMEWORK_FRAMEWORK_TEST_H

#include "framework/provider.h"

extern const struct resource sample_resource;
extern const struct provider sample_provider;

/* What the sample's handlers find in op->meta: what to do, and what they were called for. */
struct sample_service {
    const char *fails_at; /* "create", "read", "update", "delete": fails after its effect */
    bool gone;
    const struct value *remote; /* the object as the service has it, in wire form */
    bool forgets;               /* create answers without changedAt */
};

/* A value from JSON with ' for ", so that it reads well in C. "?" is the unknown value. */
const struct value *sample(struct arena *a, const char *json);

/* The same in the sample table's shape. */
const struct value *sample_object(struct arena *a, const char *json);

struct op sample_op(struct arena *a, struct sample_service *service, const char *config,
                    const char *prior);

#endif
