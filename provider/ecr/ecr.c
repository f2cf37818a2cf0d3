/* ECR as a service of AWS. Source: botocore's model of ECR, API version 2015-09-21. */
#include "ecr/ecr.h"

const struct aws_service ecr_service = {
    .id = "ECR",
    .signing_name = "ecr",
    .target_prefix = "AmazonEC2ContainerRegistry_V20150921",
    .hosts = {"api.ecr.{region}.{dns}", "api.ecr-fips.{region}.{dns}", "ecr.{region}.{dual}",
              "ecr-fips.{region}.{dual}"},
};

struct aws_result ecr_call(const struct ecr *ecr, struct arena *a, const char *operation,
                           const struct value *input, int64_t deadline_ms)
{
    return aws_call(ecr->client, a, operation, input, deadline_ms);
}
