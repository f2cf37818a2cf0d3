/* Registry: everything the provider offers, a line each in registry.def. */
#ifndef RESOURCES_REGISTRY_H
#define RESOURCES_REGISTRY_H

#include "framework/provider.h"

#define RESOURCE(name)           extern const struct resource name;
#define DATA_SOURCE(name)        extern const struct data_source name;
#define EPHEMERAL_RESOURCE(name) extern const struct data_source name;
#define FUNCTION(name)           extern const struct function name;
#include "resources/registry.def"

extern const struct provider ecr_provider;

#endif
