/* The functions: tables, and a few calls each. */
#include "base/text.h"
#include "ecr/image_uri.h"
#include "framework/provider.h"
#include "resources/registry.h"

#include <string.h>

static const struct value *fault(struct function_fault *ret_fault, int argument, const char *text)
{
    *ret_fault = (struct function_fault){argument, text};
    return NULL;
}

/* As much of an argument as a message needs. */
static const char *shown(struct arena *a, const char *text)
{
    return text_line(a, text, strlen(text), 300);
}

/* The reference in an argument. False with *ret_fault. */
static bool parse(struct arena *a, const struct value *const *arguments, int i,
                  struct image_uri *ret_uri, struct function_fault *ret_fault)
{
    const char *text = value_text(arguments[i], "");
    const char *wrong = image_uri_parse(a, text, ret_uri);
    if (wrong)
        fault(ret_fault, i,
              arena_printf(a, "The image reference %s. It is \"%s\".", wrong, shown(a, text)));
    return !wrong;
}

static const struct value *parse_image_uri(struct arena *a, const struct value *const *arguments,
                                           struct function_fault *ret_fault)
{
    struct image_uri uri;
    if (!parse(a, arguments, 0, &uri, ret_fault))
        return NULL;
    return MAP(a, {"registry", value_string(a, uri.registry)},
               {"account_id", value_string(a, uri.account_id)},
               {"region", value_string(a, uri.region)},
               {"repository", value_string(a, uri.repository)}, {"tag", value_string(a, uri.tag)},
               {"digest", value_string(a, uri.digest)});
}

const struct function ecr_parse_image_uri = {
    .name = "parse_image_uri",
    .summary = "Takes the reference of a container image apart.",
    .doc =
        "Takes the reference of a container image apart: `registry`, `repository`, `tag` and "
        "`digest`, and for a private ECR registry `account_id` and `region`; null where the "
        "reference says nothing. A reference without a registry is Docker Hub's, so `alpine` has "
        "the registry `registry-1.docker.io` and the repository `library/alpine`.",
    .parameters =
        (const struct parameter[]){
            {"uri", "\"string\"", "The reference, for example `public.ecr.aws/nginx/nginx:1.27`."},
            {0}},
    .returns = "[\"object\",{\"account_id\":\"string\",\"digest\":\"string\",\"region\":\"string\","
               "\"registry\":\"string\",\"repository\":\"string\",\"tag\":\"string\"}]",
    .call = parse_image_uri,
};

static const struct value *image_uri(struct arena *a, const struct value *const *arguments,
                                     struct function_fault *ret_fault)
{
    struct image_uri uri;
    const char *repository = value_text(arguments[0], ""), *version = value_text(arguments[1], "");
    if (!parse(a, arguments, 0, &uri, ret_fault))
        return NULL;
    if (uri.tag || uri.digest)
        return fault(ret_fault, 0, "The repository URL must have no tag and no digest behind it.");
    const char *wrong = image_uri_check_version(version);
    if (wrong)
        return fault(ret_fault, 1,
                     arena_printf(a, "The version %s. It is \"%s\".", wrong, shown(a, version)));
    return value_string(a, image_uri_with(a, repository, version));
}

const struct function ecr_image_uri = {
    .name = "image_uri",
    .summary = "Puts a repository and a tag or digest together.",
    .doc = "Puts a repository and a tag or a digest together to the reference of an image: "
           "`REPOSITORY:TAG` or `REPOSITORY@sha256:…`. Both are checked.",
    .parameters =
        (const struct parameter[]){
            {"repository_url", "\"string\"",
             "The repository, for example `ecr_repository.app.repository_url`."},
            {"tag_or_digest", "\"string\"", "A tag, or a digest beginning with `sha256:`."},
            {0}},
    .returns = "\"string\"",
    .call = image_uri,
};

/* A rule's prefix, which may be written with slashes at its end. */
static const char *prefix_of(struct arena *a, const struct value *rule, const char *member)
{
    const char *prefix = value_text(rule, member);
    size_t size = strlen(prefix);
    while (size && prefix[size - 1] == '/')
        size--;
    return arena_text_n(a, prefix, size);
}

/* The upstream's repository below the prefix that the rule takes away; NULL when it is not below
 * it. */
static const char *below(const char *repository, const char *prefix)
{
    size_t size = strlen(prefix);
    if (size == 0 || strcmp(prefix, "ROOT") == 0)
        return repository;
    return strncmp(repository, prefix, size) == 0 && repository[size] == '/' ? repository + size + 1
                                                                             : NULL;
}

/* The rule's registry with its prefix, ready for a repository's name. */
static const char *cache_of(struct arena *a, const struct value *rule)
{
    const char *prefix = prefix_of(a, rule, "ecr_repository_prefix");
    const char *registry =
        image_uri_registry(a, value_text(rule, "registry_id"), value_text(rule, "region"));
    return strcmp(prefix, "ROOT") == 0 ? arena_printf(a, "%s/", registry)
                                       : arena_printf(a, "%s/%s/", registry, prefix);
}

static const struct value *cached_image_uri(struct arena *a, const struct value *const *arguments,
                                            struct function_fault *ret_fault)
{
    const struct value *rule = arguments[1];
    const char *upstream = value_text(rule, "upstream_registry_url");
    struct image_uri uri;
    if (!parse(a, arguments, 0, &uri, ret_fault))
        return NULL;
    static const char *const needed[] = {"ecr_repository_prefix", "registry_id", "region"};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (!*value_text(rule, needed[i]))
            return fault(ret_fault, 1, arena_printf(a, "The rule must have %s.", needed[i]));
    if (strcmp(uri.registry, upstream) != 0)
        return fault(ret_fault, 0,
                     arena_printf(a, "The image is in registry %s, and the rule caches %s.",
                                  uri.registry, shown(a, upstream)));
    const char *prefix = prefix_of(a, rule, "upstream_repository_prefix");
    const char *name = below(uri.repository, prefix);
    if (!name)
        return fault(ret_fault, 0,
                     arena_printf(a,
                                  "The image's repository %s is not below %s/, which is all "
                                  "that the rule caches.",
                                  uri.repository, shown(a, prefix)));
    return value_string(a, arena_printf(a, "%s%s%s%s%s%s", cache_of(a, rule), name,
                                        uri.tag ? ":" : "", uri.tag ? uri.tag : "",
                                        uri.digest ? "@" : "", uri.digest ? uri.digest : ""));
}

const struct function ecr_cached_image_uri = {
    .name = "cached_image_uri",
    .summary = "The name under which an upstream image is pulled through the cache.",
    .doc =
        "The name under which an image of another registry is pulled through the cache of a pull "
        "through cache rule, so that references in Dockerfiles and manifests can be rewritten "
        "mechanically. Tag and digest stay as they are. The image must be one that the rule "
        "caches.",
    .parameters =
        (const struct parameter[]){
            {"upstream_reference", "\"string\"",
             "The image as it is called without the cache: `alpine:3.20`, `ghcr.io/org/app:v1`."},
            {"rule",
             "[\"object\",{\"ecr_repository_prefix\":\"string\",\"region\":\"string\","
             "\"registry_id\":\"string\",\"upstream_registry_url\":\"string\","
             "\"upstream_repository_prefix\":\"string\"}]",
             "The rule: an `ecr_pull_through_cache_rule`, or an object with the same attributes "
             "`ecr_repository_prefix`, `upstream_registry_url`, `upstream_repository_prefix`, "
             "`registry_id` and `region`."},
            {0}},
    .returns = "\"string\"",
    .call = cached_image_uri,
};
