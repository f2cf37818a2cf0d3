/* ECR as a service of AWS, in as many regions as objects are in. Source: botocore's model of ECR,
 * API version 2015-09-21. */
#include "ecr/ecr.h"

#include "ecr/describe.h"
#include "ecr/planned.h"

#include <pthread.h>
#include <string.h>

const struct aws_service ecr_service = {
    .id = "ECR",
    .signing_name = "ecr",
    .target_prefix = "AmazonEC2ContainerRegistry_V20150921",
    .hosts = {"api.ecr.{region}.{dns}", "api.ecr-fips.{region}.{dns}", "ecr.{region}.{dual}",
              "ecr-fips.{region}.{dual}"},
};

struct other_region {
    struct other_region *next;
    const char *name;
    struct ecr ecr;
};

/* Regions beside that of the configuration. They come one by one while calls run, so they have an
 * arena of their own. */
struct ecr_regions {
    pthread_mutex_t lock; /* of what follows */
    struct arena arena;
    struct other_region *first;
};

static void regions_free(void *handle)
{
    struct ecr_regions *regions = handle;
    arena_reset(&regions->arena);
    pthread_mutex_destroy(&regions->lock);
}

struct ecr *ecr_new(struct arena *a, const struct ecr *given)
{
    struct ecr *ecr = arena_alloc(a, sizeof *ecr);
    *ecr = *given;
    ecr->describe = describe_new(a);
    ecr->exclusions = planned_new(a);
    ecr->regions = arena_alloc(a, sizeof *ecr->regions);
    pthread_mutex_init(&ecr->regions->lock, NULL);
    arena_defer(a, regions_free, ecr->regions);
    return ecr;
}

static struct other_region *add_region(const struct ecr *home, const char *name)
{
    struct ecr_regions *regions = home->regions;
    struct other_region *other = arena_alloc(&regions->arena, sizeof *other);
    *other = (struct other_region){regions->first, arena_text(&regions->arena, name), *home};
    other->ecr.describe = describe_new(&regions->arena);
    other->ecr.exclusions = planned_new(&regions->arena);
    other->ecr.client = aws_client_in(&regions->arena, home->client, name, &other->ecr.problem);
    regions->first = other;
    return other;
}

const struct ecr *ecr_in(const struct ecr *home, const char *region)
{
    if (!*region || strcmp(region, aws_client_region(home->client)) == 0)
        return home;
    pthread_mutex_lock(&home->regions->lock);
    struct other_region *other = home->regions->first;
    while (other && strcmp(other->name, region) != 0)
        other = other->next;
    if (!other)
        other = add_region(home, region);
    pthread_mutex_unlock(&home->regions->lock);
    return &other->ecr;
}

static struct aws_result unreachable(struct arena *a, const struct ecr *ecr)
{
    struct aws_error *error = arena_alloc(a, sizeof *error);
    *error = (struct aws_error){
        .code = "InvalidRegion", .message = ecr->problem.detail, .request_id = ""};
    return (struct aws_result){&value_empty_map, error, false};
}

struct aws_result ecr_call(const struct ecr *ecr, struct arena *a, const char *operation,
                           const struct value *input, int64_t deadline_ms)
{
    return ecr->client ? aws_call(ecr->client, a, operation, input, deadline_ms)
                       : unreachable(a, ecr);
}
