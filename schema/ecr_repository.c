/* ecr_repository. Limits and patterns: the ECR API model. */
#include "ecr/kms_key.h"
#include "framework/checks.h"
#include "schema/schema.h"

static const struct attr exclusion_filter_attrs[] = {
    ATTR("filter", STRING, REQUIRED, .wire = "filter", .min_length = 1, .max_length = 128,
         .pattern = "[0-9a-zA-Z._*-]{1,128}",
         .pattern_says = "made of letters, digits and . _ - with * for any characters",
         .doc =
             "Tags to exclude, for example `staging` or `dev-*`. `*` stands for any characters."),
    ATTR("filter_type", STRING, REQUIRED, .wire = "filterType", ONE_OF("WILDCARD"),
         .doc = "How `filter` is read."),
    END,
};

static const struct attr encryption_attrs[] = {
    ATTR("encryption_type", STRING, OPTIONAL, .wire = "encryptionType", .default_text = "AES256",
         ONE_OF("AES256", "KMS", "KMS_DSSE"),
         .doc = "Who encrypts: S3 (`AES256`), or KMS once (`KMS`) or twice (`KMS_DSSE`)."),
    ATTR("kms_key", STRING, OPTIONAL | COMPUTED, .wire = "kmsKey", .min_length = 1,
         .max_length = 2048, .same = kms_key_same,
         .doc = "ARN of the KMS key. Its id or an alias will do as well, and counts as the key "
                "that AWS "
                "names for it. Left out, KMS encryption uses the key that AWS manages for ECR, "
                "`aws/ecr`."),
    END,
};

static const struct attr scanning_attrs[] = {
    ATTR("scan_on_push", BOOL, REQUIRED, .wire = "scanOnPush", .default_text = "false",
         .doc = "Whether images are scanned for vulnerabilities when they are pushed."),
    END,
};

static const struct attr timeouts_attrs[] = {
    ATTR("delete", STRING, OPTIONAL, .check = check_duration,
         .doc = "How long to wait for the repository to be gone, for example `5m`. Default `20m`."),
    END,
};

static const struct attr repository_attrs[] = {
    ATTR("name", STRING, REQUIRED | FORCE_NEW, .wire = "repositoryName", .min_length = 2,
         .max_length = 256,
         .pattern = "[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*",
         .pattern_says =
             "made of lower-case letters and digits, joined by single . or /, by _ or __, "
             "or by hyphens, such as \"team/web-app\"",
         .doc = "Name of the repository, with `/` between its parts: `staging/web`."),
    ATTR("image_tag_mutability", STRING, OPTIONAL | COMPUTED, .wire = "imageTagMutability",
         .default_text = "MUTABLE",
         ONE_OF("MUTABLE", "IMMUTABLE", "IMMUTABLE_WITH_EXCLUSION", "MUTABLE_WITH_EXCLUSION"),
         .doc =
             "Whether a tag can be moved to another image. The two `_WITH_EXCLUSION` values make "
             "exceptions for the tags that the `image_tag_mutability_exclusion_filter` blocks "
             "name."),
    ATTR("image_tag_mutability_exclusion_filter", BLOCKS, OPTIONAL | UNORDERED,
         .wire = "imageTagMutabilityExclusionFilters", .attrs = exclusion_filter_attrs,
         .max_items = 5,
         .doc =
             "Tags that `image_tag_mutability` does not apply to. Only, and at least once, with a "
             "`_WITH_EXCLUSION` value."),
    ATTR("encryption_configuration", DEFAULTED_BLOCK, OPTIONAL | COMPUTED | FORCE_NEW,
         .wire = "encryptionConfiguration", .attrs = encryption_attrs,
         .doc = "Encryption at rest. AWS cannot change it later. Left out, it is `AES256`."),
    ATTR("image_scanning_configuration", DEFAULTED_BLOCK, OPTIONAL | COMPUTED,
         .wire = "imageScanningConfiguration", .attrs = scanning_attrs,
         .doc = "Scanning of this repository's images. Left out, images are not scanned on push "
                "unless the registry's own scanning rules say so."),
    ATTR("force_delete", BOOL, OPTIONAL | COMPUTED | MAY_STAY_EMPTY,
         .doc =
             "Whether destroying the repository also deletes the images in it. It must have been "
             "applied before the destroy that needs it."),
    ATTR("tags", STRING_MAP, OPTIONAL | COMPUTED | MAY_STAY_EMPTY,
         .doc = "Tags of the repository. They win over the provider's `default_tags`."),
    ATTR("tags_all", STRING_MAP, COMPUTED,
         .doc = "All tags of the repository, the provider's `default_tags` included."),
    REGION_ROW,
    ATTR("id", STRING, COMPUTED | STABLE, .wire = "repositoryName",
         .doc = "Name of the repository."),
    ATTR("arn", STRING, COMPUTED | STABLE, .wire = "repositoryArn",
         .doc = "ARN of the repository."),
    REGISTRY_ID_ROW,
    ATTR("repository_url", STRING, COMPUTED | STABLE, .wire = "repositoryUri",
         .doc = "Where to push to and pull from: "
                "`ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME`."),
    ATTR("timeouts", SINGLE_BLOCK, OPTIONAL, .attrs = timeouts_attrs,
         .doc = "How long to wait for AWS."),
    END,
};

const struct schema ecr_repository_schema = {
    .name = "ecr_repository",
    .summary = "A private Amazon ECR repository.",
    .doc = "A private repository for container images and other OCI artifacts.",
    .attrs = repository_attrs,
    .import_as = "name",
    .import_doc = "the repository's name, or by that and its region: `NAME@REGION`",
    .identity = IDENTITY_BY("name", "Name of the repository."),
};
