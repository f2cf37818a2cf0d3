/* Registry: everything the provider offers, a line each in registry.def. */
#ifndef RESOURCES_REGISTRY_H
#define RESOURCES_REGISTRY_H

#include "framework/provider.h"

#define RESOURCE(name) extern const struct resource name;
#include "resources/registry.def"
#undef RESOURCE

extern const struct provider ecr_provider;

#endif
