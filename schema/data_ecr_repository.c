/* Data source ecr_repository. */
#include "ecr/kms_key.h"
#include "schema/schema.h"

static const struct attr exclusion_filter_attrs[] = {
    ATTR("filter", STRING, COMPUTED, .wire = "filter", .doc = "Tags that are excluded."),
    ATTR("filter_type", STRING, COMPUTED, .wire = "filterType", .doc = "How `filter` is read."),
    END,
};

static const struct attr encryption_attrs[] = {
    ATTR("encryption_type", STRING, COMPUTED, .wire = "encryptionType",
         .doc = "`AES256`, `KMS` or `KMS_DSSE`."),
    ATTR("kms_key", STRING, COMPUTED, .wire = "kmsKey", .doc = "ARN of the KMS key."),
    END,
};

static const struct attr scanning_attrs[] = {
    ATTR("scan_on_push", BOOL, COMPUTED, .wire = "scanOnPush",
         .doc = "Whether images are scanned when they are pushed."),
    END,
};

static const struct attr repository_attrs[] = {
    ATTR("name", STRING, REQUIRED, .wire = "repositoryName", .min_length = 2, .max_length = 256,
         .pattern = "[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*",
         .pattern_says = "the name of a repository, such as \"team/web-app\" (not its URL or ARN)",
         .doc = "Name of the repository."),
    ATTR("registry_id", STRING, OPTIONAL | COMPUTED, .wire = "registryId", .pattern = "[0-9]{12}",
         .pattern_says = "an AWS account's number, which has 12 digits",
         .doc = "Id of the registry, when that is not the caller's own."),
    ATTR("list_images", BOOL, OPTIONAL,
         .doc = "Whether to look for `most_recent_image_tags`, which takes a call for every 1,000 "
                "images in the repository. Default `true`; `false` spares the calls."),
    REGION_ROW,
    ATTR("id", STRING, COMPUTED, .wire = "repositoryName", .doc = "Name of the repository."),
    ATTR("arn", STRING, COMPUTED, .wire = "repositoryArn", .doc = "ARN of the repository."),
    ATTR("repository_url", STRING, COMPUTED, .wire = "repositoryUri",
         .doc = "Where to push to and pull from."),
    ATTR("image_tag_mutability", STRING, COMPUTED, .wire = "imageTagMutability",
         .doc = "Whether a tag can be moved to another image."),
    ATTR("image_tag_mutability_exclusion_filter", OBJECTS, COMPUTED,
         .wire = "imageTagMutabilityExclusionFilters", .attrs = exclusion_filter_attrs,
         .doc = "Tags that `image_tag_mutability` does not apply to."),
    ATTR("encryption_configuration", OBJECTS, COMPUTED, .wire = "encryptionConfiguration",
         .attrs = encryption_attrs, .doc = "Encryption at rest."),
    ATTR("image_scanning_configuration", OBJECTS, COMPUTED, .wire = "imageScanningConfiguration",
         .attrs = scanning_attrs, .doc = "Scanning of this repository's images."),
    ATTR("most_recent_image_tags", STRING_LIST, COMPUTED,
         .doc = "Tags of the image that was pushed last; empty without images or with "
                "`list_images = false`."),
    ATTR("tags", STRING_MAP, COMPUTED, .doc = "Tags of the repository."),
    END,
};

const struct schema data_ecr_repository_schema = {
    .name = "ecr_repository",
    .summary = "Reads a private Amazon ECR repository.",
    .doc = "Reads a private repository that something else manages.",
    .attrs = repository_attrs,
};
