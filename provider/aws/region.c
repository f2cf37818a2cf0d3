/* A region becomes a part of a host name: what is no label of one is refused in any case. */
#include "aws/region.h"

#include "aws/partition.h"
#include "base/text.h"

#include <string.h>

#define WHERE_TO_SET                                                                         \
    "It is looked for in the provider's argument region, then in the environment variables " \
    "AWS_REGION and AWS_DEFAULT_REGION, then in the profile. A region looks like \"eu-west-1\"."

static struct aws_problem no_region(void)
{
    return (struct aws_problem){.attribute = "region",
                                .summary = "Missing region",
                                .detail = "No AWS region is configured. " WHERE_TO_SET};
}

static struct aws_problem bad_region(struct arena *a, const char *region, const char *place)
{
    return (struct aws_problem){
        .attribute = "region",
        .summary = "Invalid region",
        .detail = arena_printf(a, "\"%s\" (from %s) is no AWS region. " WHERE_TO_SET,
                               text_line(a, region, strlen(region), 100), place),
    };
}

static const char *first_region(const struct config *config, const char **ret_place)
{
    const char *region;
    if ((region = config->settings->region))
        *ret_place = "the argument region";
    else if ((region = os_env(config->os, "AWS_REGION")))
        *ret_place = "AWS_REGION";
    else if ((region = os_env(config->os, "AWS_DEFAULT_REGION")))
        *ret_place = "AWS_DEFAULT_REGION";
    else if ((region = profile_text(config->profile, "region")))
        *ret_place = "the profile";
    return region;
}

/* Without "fips-" or "-fips". */
static const char *without_fips(struct arena *a, const char *region, bool *ret_fips)
{
    size_t size = strlen(region);
    *ret_fips = true;
    if (strncmp(region, "fips-", 5) == 0)
        return arena_text(a, region + 5);
    if (size > 5 && strcmp(region + size - 5, "-fips") == 0)
        return arena_text_n(a, region, size - 5);
    *ret_fips = false;
    return arena_text(a, region);
}

static bool is_usable(const struct config *config, const char *region)
{
    return config->settings->skip_region_validation ? partition_is_label(region)
                                                    : partition_of(region) != NULL;
}

bool region_find(struct arena *a, struct config *config, struct aws_problem *ret_problem)
{
    const char *place = NULL;
    const char *written = first_region(config, &place);
    if (!written || !*written)
        return true;

    bool fips;
    const char *region = without_fips(a, written, &fips);
    if (!is_usable(config, region)) {
        *ret_problem = bad_region(a, written, place);
        return false;
    }
    config->region = region;
    config->use_fips |= fips;
    return true;
}

bool region_settle(struct arena *a, struct config *config, const char *machine,
                   struct aws_problem *ret_problem)
{
    if (!config->region && machine && is_usable(config, machine))
        config->region = arena_text(a, machine);
    if (!config->region)
        *ret_problem = no_region();
    return config->region;
}
