/* The provider itself: the list of its resources, and where its parts are. */
#include "resources/configure.h"
#include "resources/registry.h"
#include "schema/schema.h"

static const struct resource *const resources[] = {
#define RESOURCE(name) &name,
#include "resources/registry.def"
};

static const struct data_source *const data_sources[] = {
#define DATA_SOURCE(name) &name,
#include "resources/registry.def"
};

static const struct data_source *const ephemeral_resources[] = {
#define EPHEMERAL_RESOURCE(name) &name,
#include "resources/registry.def"
};

static const struct function *const functions[] = {
#define FUNCTION(name) &name,
#include "resources/registry.def"
};

const struct provider ecr_provider = {
    .version = PROVIDER_VERSION,
    .address = "registry.terraform.io/aws-labs/ecr",
    .prefix = "aws_",
    .moves_from = "hashicorp/aws",
    .schema = &provider_schema,
    .resources = resources,
    .resource_count = sizeof resources / sizeof *resources,
    .data_sources = data_sources,
    .data_source_count = sizeof data_sources / sizeof *data_sources,
    .ephemeral_resources = ephemeral_resources,
    .ephemeral_resource_count = sizeof ephemeral_resources / sizeof *ephemeral_resources,
    .functions = functions,
    .function_count = sizeof functions / sizeof *functions,
    .validate = configure_validate,
    .configure = configure_provider,
    .inherited = configure_inherited,
};
