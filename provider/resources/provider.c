/* The provider itself: the list of its resources, and where its parts are. */
#include "resources/configure.h"
#include "resources/registry.h"
#include "schema/schema.h"

static const struct resource *const resources[] = {
#define RESOURCE(name) &name,
#include "resources/registry.def"
#undef RESOURCE
};

const struct provider ecr_provider = {
    .version = PROVIDER_VERSION,
    .address = "registry.terraform.io/aws-labs/ecr",
    .prefix = "aws_",
    .moves_from = "hashicorp/aws",
    .schema = &provider_schema,
    .resources = resources,
    .resource_count = sizeof resources / sizeof *resources,
    .validate = configure_validate,
    .configure = configure_provider,
    .inherited = configure_inherited,
};
