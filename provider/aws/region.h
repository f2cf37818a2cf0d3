/* Region: which one the user means. */
#ifndef AWS_REGION_H
#define AWS_REGION_H

#include "aws/config.h"

/* Fills config->region from settings, AWS_REGION, AWS_DEFAULT_REGION or the profile; "fips-R" and
 * "R-fips" mean R with FIPS. It stays NULL when none of them says anything. False with *ret_problem
 * when it does not look like a region of any partition and that is to be checked. */
bool region_find(struct arena *a, struct config *config, struct aws_problem *ret_problem);

/* A user who has configured no region is in the machine's, if that is known (not NULL). False with
 * *ret_problem when there is none at all. */
bool region_settle(struct arena *a, struct config *config, const char *machine,
                   struct aws_problem *ret_problem);

#endif
