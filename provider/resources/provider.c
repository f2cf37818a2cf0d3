/* The provider itself: its block, and the list of its resources. */
#include "ecr/ecr.h"
#include "ecr/tags.h"
#include "http/curl.h"
#include "resources/registry.h"
#include "schema/schema.h"

/* NULL when it is not set. */
static const char *setting(const struct value *config, const char *path)
{
    const struct value *v = value_get(config, path);
    return value_is_null(v) ? NULL : v->text;
}

static void provider_validate(struct op *op)
{
    bool key = !value_is_null(value_member(op->config, "access_key"));
    bool secret = !value_is_null(value_member(op->config, "secret_key"));
    const char *missing = key ? "secret_key" : "access_key";

    if (key != secret)
        op_fail(
            op, missing, "Incomplete credentials",
            "%s is set without %s. Set both, or none and keep the keys in the environment or in "
            "a profile.",
            key ? "access_key" : "secret_key", missing);
}

static void *provider_configure(struct op *op, struct arena *lifetime)
{
    /* What is kept outlives the call. */
    const struct value *config = value_copy(lifetime, op->config);
    const char *const endpoints[] = {"ECR", setting(config, "endpoints[0].ecr"), NULL};
    struct aws_settings settings = {
        .region = setting(config, "region"),
        .profile = setting(config, "profile"),
        .access_key = setting(config, "access_key"),
        .secret_key = setting(config, "secret_key"),
        .token = setting(config, "token"),
        .endpoints = endpoints,
        .user_agent = "terraform-provider-ecr/" PROVIDER_VERSION,
    };
    struct aws_problem problem = {0};
    struct aws_client *client = aws_client_new(
        lifetime, op->os, curl_http_new(lifetime, op->os, &(const struct curl_settings){0}),
        &ecr_service, &settings, &problem);
    if (!client) {
        op_fail(op, problem.attribute ? problem.attribute : "", problem.summary, "%s",
                problem.detail);
        return NULL;
    }
    struct ecr *ecr = arena_alloc(lifetime, sizeof *ecr);
    *ecr =
        (struct ecr){client, op->os,
                     tags_merge(lifetime, value_get(config, "default_tags[0].tags"), &value_null)};
    return ecr;
}

static const struct resource *const resources[] = {
#define RESOURCE(name) &name,
#include "resources/registry.def"
#undef RESOURCE
};

const struct provider ecr_provider = {
    .version = PROVIDER_VERSION,
    .address = "registry.terraform.io/aws-labs/ecr",
    .prefix = "aws_",
    .schema = &provider_schema,
    .resources = resources,
    .resource_count = sizeof resources / sizeof *resources,
    .validate = provider_validate,
    .configure = provider_configure,
};
