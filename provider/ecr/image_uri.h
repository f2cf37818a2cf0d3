/* Image_uri: references to container images as Docker understands them, taken apart and put
 * together. Source: the grammar of the distribution project's references. */
#ifndef ECR_IMAGE_URI_H
#define ECR_IMAGE_URI_H

#include "base/arena.h"

#include <stdbool.h>

/* Texts are NULL where the reference says nothing. */
struct image_uri {
    const char *registry;   /* "registry-1.docker.io" for what names no registry */
    const char *repository; /* "library/alpine" */
    const char *tag, *digest;
    const char *account_id, *region; /* of a private ECR registry */
};

/* NULL with *ret_uri filled, or what is wrong with the text, as the end of a sentence. */
const char *image_uri_parse(struct arena *a, const char *text, struct image_uri *ret_uri);

/* What is wrong with a tag or a digest ("sha256:…"), as the end of a sentence; NULL when nothing
 * is. */
const char *image_uri_check_version(const char *text);

/* repository with a tag or digest behind it. */
const char *image_uri_with(struct arena *a, const char *repository, const char *version);

/* ACCOUNT.dkr.ecr.REGION.… */
const char *image_uri_registry(struct arena *a, const char *account_id, const char *region);

#endif
