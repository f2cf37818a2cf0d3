/* Region: which one the user means. */
#ifndef AWS_REGION_H
#define AWS_REGION_H

#include "aws/config.h"

/* Fills config->region from settings, AWS_REGION, AWS_DEFAULT_REGION or the profile; "fips-R" and
 * "R-fips" mean R with FIPS. False with *ret_problem when there is none, or it does not look like a
 * region of any partition and that is to be checked. */
bool region_find(struct arena *a, struct config *config, struct aws_problem *ret_problem);

#endif
