/* Partition: AWS's separate clouds, and which of them a region belongs to. A region is
 * "<prefix>-<word>-<digits>" and the prefix tells the partition, so regions that AWS opens later
 * work without a change here. Source: botocore's partitions.json. */
#ifndef AWS_PARTITION_H
#define AWS_PARTITION_H

#include <stdbool.h>

struct partition {
    const char *id;            /* "aws-us-gov": in ARNs too */
    const char *prefixes[10];  /* of its regions */
    const char *global_region; /* a name that services without regions use */
    const char *dns_suffix, *dual_stack_suffix;
    const char *console_suffix; /* of the sign-in pages */
};

/* The region's partition; NULL when it looks like no partition's. */
const struct partition *partition_of(const char *region);

/* As partition_of, but what looks like no partition's is taken for one of "aws". */
const struct partition *partition_or_aws(const char *region);

/* Letters, digits and inner hyphens, at most 63: what may stand between two dots of a host name. */
bool partition_is_label(const char *text);

#endif
