/* One table and the pattern of a region's name. */
#include "aws/partition.h"

#include <stddef.h>
#include <string.h>

#define DIGITS  "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyz"

static const struct partition partitions[] = {
    {"aws",
     {"us", "eu", "ap", "sa", "ca", "me", "af", "il", "mx"},
     "aws-global",
     "amazonaws.com",
     "api.aws",
     "aws.amazon.com"},
    {"aws-cn",
     {"cn"},
     "aws-cn-global",
     "amazonaws.com.cn",
     "api.amazonwebservices.com.cn",
     "amazonaws.cn"},
    {"aws-us-gov",
     {"us-gov"},
     "aws-us-gov-global",
     "amazonaws.com",
     "api.aws",
     "amazonaws-us-gov.com"},
    {"aws-eusc",
     {"eusc-de"},
     "aws-eusc-global",
     "amazonaws.eu",
     "api.amazonwebservices.eu",
     "amazonaws-eusc.eu"},
    {"aws-iso", {"us-iso"}, "aws-iso-global", "c2s.ic.gov", "api.aws.ic.gov", "c2shome.ic.gov"},
    {"aws-iso-b",
     {"us-isob"},
     "aws-iso-b-global",
     "sc2s.sgov.gov",
     "api.aws.scloud",
     "sc2shome.sgov.gov"},
    {"aws-iso-e",
     {"eu-isoe"},
     "aws-iso-e-global",
     "cloud.adc-e.uk",
     "api.cloud-aws.adc-e.uk",
     "csphome.adc-e.uk"},
    {"aws-iso-f",
     {"us-isof"},
     "aws-iso-f-global",
     "csp.hci.ic.gov",
     "api.aws.hci.ic.gov",
     "csphome.hci.ic.gov"},
};

bool partition_is_label(const char *text)
{
    size_t size = strlen(text);
    return size >= 1 && size <= 63 &&
           text[strspn(text, LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS "-")] == '\0' &&
           text[0] != '-' && text[size - 1] != '-';
}

/* region is prefix, "-", letters and digits, "-", digits. */
static bool has_prefix(const char *region, const char *prefix)
{
    size_t size = strlen(prefix);
    if (strncmp(region, prefix, size) != 0 || region[size] != '-')
        return false;
    const char *word = region + size + 1;
    size_t letters = strspn(word, LETTERS DIGITS);
    if (letters == 0 || word[letters] != '-')
        return false;
    const char *number = word + letters + 1;
    size_t digits = strspn(number, DIGITS);
    return digits && !number[digits] && partition_is_label(region);
}

const struct partition *partition_of(const char *region)
{
    for (size_t i = 0; i < sizeof partitions / sizeof *partitions; i++) {
        if (strcmp(region, partitions[i].global_region) == 0)
            return &partitions[i];
        for (const char *const *prefix = partitions[i].prefixes; *prefix; prefix++)
            if (has_prefix(region, *prefix))
                return &partitions[i];
    }
    return NULL;
}

const struct partition *partition_or_aws(const char *region)
{
    const struct partition *found = partition_of(region);
    return found ? found : &partitions[0];
}
