/* Operations are a table; the store is four values. */
#include "resources/fake_ecr_test.h"

#include "base/test.h"
#include "framework/core_rules_test.h"
#include "resources/registry.h"
#include "value/json.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ACCOUNT "123456789012"

struct answer {
    const struct value *body;
    const char *error; /* code */
};

/* The service's clock, which is the machine's. */
static const struct value *seconds(const struct fake_ecr *f)
{
    return value_number(f->arena,
                        arena_printf(f->arena, "%lld.%03d", (long long)(f->os.now_ms / 1000),
                                     (int)(f->os.now_ms % 1000)));
}

static struct answer create_repository(struct fake_ecr *f, const struct value *in)
{
    struct arena *a = f->arena;
    const char *name = value_text(in, "repositoryName");
    if (!value_is_null(f->repository))
        return (struct answer){NULL, "RepositoryAlreadyExistsException"};

    f->tags =
        value_is_null(value_member(in, "tags")) ? &value_empty_list : value_member(in, "tags");
    const struct value *r = value_without(a, in, "tags");
    r = value_with(a, r, "registryId", value_string(a, ACCOUNT));
    r = value_with(
        a, r, "repositoryArn",
        value_string(a, arena_printf(a, "arn:aws:ecr:r:" ACCOUNT ":repository/%s", name)));
    r = value_with(a, r, "repositoryUri",
                   value_string(a, arena_printf(a, ACCOUNT ".dkr.ecr.r.amazonaws.com/%s", name)));
    if (value_is_null(value_member(r, "encryptionConfiguration")))
        r = value_with(a, r, "encryptionConfiguration",
                       MAP(a, {"encryptionType", value_string(a, "AES256")}));
    if (value_is_null(value_member(r, "imageScanningConfiguration")))
        r = value_with(a, r, "imageScanningConfiguration", MAP(a, {"scanOnPush", &value_false}));
    f->repository = value_with(a, r, "createdAt", seconds(f));
    return (struct answer){MAP(a, {"repository", r}), NULL};
}

static struct answer describe_repositories(struct fake_ecr *f, const struct value *in)
{
    if (value_is_null(f->repository) || strcmp(value_text(in, "repositoryNames[0]"),
                                               value_text(f->repository, "repositoryName")) != 0)
        return (struct answer){NULL, "RepositoryNotFoundException"};
    return (struct answer){MAP(f->arena, {"repositories", LIST(f->arena, f->repository)}), NULL};
}

static struct answer delete_repository(struct fake_ecr *f, const struct value *in)
{
    (void)in;
    if (value_is_null(f->repository))
        return (struct answer){NULL, "RepositoryNotFoundException"};
    f->repository = &value_null;
    return (struct answer){&value_empty_map, NULL};
}

static struct answer change_repository(struct fake_ecr *f, const struct value *in)
{
    if (value_is_null(f->repository))
        return (struct answer){NULL, "RepositoryNotFoundException"};
    for (size_t i = 0; i < value_count(in); i++)
        f->repository =
            value_with(f->arena, f->repository, in->map.members[i].key, in->map.members[i].value);
    return (struct answer){in, NULL};
}

static struct answer put_mutability(struct fake_ecr *f, const struct value *in)
{
    f->repository = value_without(f->arena, f->repository, "imageTagMutabilityExclusionFilters");
    return change_repository(f, in);
}

static struct answer list_tags(struct fake_ecr *f, const struct value *in)
{
    (void)in;
    return (struct answer){MAP(f->arena, {"tags", f->tags}), NULL};
}

static const struct value *without_key(struct arena *a, const struct value *tags, const char *key)
{
    const struct value **kept = arena_array(a, value_count(tags), sizeof *kept);
    size_t count = 0;
    for (size_t i = 0; i < value_count(tags); i++)
        if (strcmp(value_text(value_item(tags, i), "Key"), key) != 0)
            kept[count++] = value_item(tags, i);
    return value_list(a, kept, count);
}

static struct answer tag(struct fake_ecr *f, const struct value *in)
{
    const struct value *added = value_member(in, "tags");
    for (size_t i = 0; i < value_count(added); i++)
        f->tags = without_key(f->arena, f->tags, value_text(value_item(added, i), "Key"));
    const struct value **all =
        arena_array(f->arena, value_count(f->tags) + value_count(added), sizeof *all);
    size_t count = 0;
    for (size_t i = 0; i < value_count(f->tags); i++)
        all[count++] = value_item(f->tags, i);
    for (size_t i = 0; i < value_count(added); i++)
        all[count++] = value_item(added, i);
    f->tags = value_list(f->arena, all, count);
    return (struct answer){&value_empty_map, NULL};
}

static struct answer untag(struct fake_ecr *f, const struct value *in)
{
    const struct value *keys = value_member(in, "tagKeys");
    for (size_t i = 0; i < value_count(keys); i++)
        f->tags = without_key(f->arena, f->tags, value_item(keys, i)->text);
    return (struct answer){&value_empty_map, NULL};
}

static struct answer put_policy(struct fake_ecr *f, const struct value *in)
{
    f->policy = value_with(f->arena, in, "registryId", value_string(f->arena, ACCOUNT));
    return (struct answer){f->policy, NULL};
}

static struct answer get_policy(struct fake_ecr *f, const struct value *in)
{
    (void)in;
    return value_is_null(f->policy) ? (struct answer){NULL, "LifecyclePolicyNotFoundException"}
                                    : (struct answer){f->policy, NULL};
}

static struct answer delete_policy(struct fake_ecr *f, const struct value *in)
{
    struct answer answer = get_policy(f, in);
    f->policy = &value_null;
    return answer;
}

static struct answer create_rule(struct fake_ecr *f, const struct value *in)
{
    if (!value_is_null(f->rule))
        return (struct answer){NULL, "PullThroughCacheRuleAlreadyExistsException"};
    f->rule = value_with(f->arena, in, "registryId", value_string(f->arena, ACCOUNT));
    f->rule = value_with(f->arena, f->rule, "createdAt", seconds(f));
    return (struct answer){f->rule, NULL};
}

static struct answer describe_rules(struct fake_ecr *f, const struct value *in)
{
    (void)in;
    if (value_is_null(f->rule))
        return (struct answer){NULL, "PullThroughCacheRuleNotFoundException"};
    return (struct answer){MAP(f->arena, {"pullThroughCacheRules", LIST(f->arena, f->rule)}), NULL};
}

static struct answer update_rule(struct fake_ecr *f, const struct value *in)
{
    for (size_t i = 0; i < value_count(in); i++)
        f->rule = value_with(f->arena, f->rule, in->map.members[i].key, in->map.members[i].value);
    return (struct answer){f->rule, NULL};
}

static struct answer delete_rule(struct fake_ecr *f, const struct value *in)
{
    struct answer answer = {f->rule, describe_rules(f, in).error};
    f->rule = &value_null;
    return answer;
}

/* The token of a page is its number. Behind the last comes nothing, or, when there are no pages at
 * all, one more for ever. */
static struct answer describe_images(struct fake_ecr *f, const struct value *in)
{
    struct arena *a = f->arena;
    size_t page = strtoul(value_text(in, "nextToken"), NULL, 10), next = page + 1;
    bool last = next == value_count(f->image_pages);
    return (struct answer){
        MAP(a, {"imageDetails", value_item(f->image_pages, page)},
            {"nextToken", last ? &value_null : value_string(a, arena_printf(a, "%zu", next))}),
        NULL};
}

static struct answer get_token(struct fake_ecr *f, const struct value *in)
{
    (void)in;
    return (struct answer){f->authorization, NULL};
}

static const struct {
    const char *name;
    struct answer (*run)(struct fake_ecr *f, const struct value *in);
} operations[] = {
    {"CreateRepository", create_repository},
    {"DescribeRepositories", describe_repositories},
    {"DeleteRepository", delete_repository},
    {"PutImageTagMutability", put_mutability},
    {"PutImageScanningConfiguration", change_repository},
    {"DescribeImages", describe_images},
    {"GetAuthorizationToken", get_token},
    {"ListTagsForResource", list_tags},
    {"TagResource", tag},
    {"UntagResource", untag},
    {"PutLifecyclePolicy", put_policy},
    {"GetLifecyclePolicy", get_policy},
    {"DeleteLifecyclePolicy", delete_policy},
    {"CreatePullThroughCacheRule", create_rule},
    {"DescribePullThroughCacheRules", describe_rules},
    {"UpdatePullThroughCacheRule", update_rule},
    {"DeletePullThroughCacheRule", delete_rule},
};

static struct http_response respond(struct arena *a, int status, const char *body)
{
    static const struct http_header headers[] = {{"x-amzn-requestid", "request-1"}, {0}};
    return (struct http_response){.sent = true,
                                  .status = status,
                                  .headers = headers,
                                  .body = {(const uint8_t *)arena_text(a, body), strlen(body)}};
}

static struct http_response refuse(struct arena *a, int status, const char *code, const char *text)
{
    return respond(a, status,
                   arena_printf(a, "{\"__type\":\"%s\",\"message\":\"%s\"}", code, text));
}

/* "400 Code message" */
static struct http_response canned(struct arena *a, const char *failure)
{
    char *rest;
    int status = (int)strtol(failure, &rest, 10);
    const char *message = strchr(rest + 1, ' ');
    return refuse(a, status, arena_text_n(a, rest + 1, (size_t)(message - rest - 1)), message + 1);
}

static const char *operation_of(const struct http_request *request)
{
    for (const struct http_header *h = request->headers; h->name; h++)
        if (strcasecmp(h->name, "x-amz-target") == 0)
            return strchr(h->value, '.') + 1;
    return "";
}

static struct answer run(struct fake_ecr *f, const char *operation)
{
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        if (strcmp(operations[i].name, operation) == 0)
            return operations[i].run(f, f->request);
    return (struct answer){NULL, "UnknownOperationException"};
}

/* STS, which speaks another protocol. */
static struct http_response caller_identity(struct arena *a)
{
    return respond(a, 200,
                   "<GetCallerIdentityResponse><GetCallerIdentityResult>"
                   "<Account>" ACCOUNT "</Account></GetCallerIdentityResult>"
                   "</GetCallerIdentityResponse>");
}

static bool is_for_sts(const struct http_request *request)
{
    return request->body.size && strstr((const char *)request->body.data, "GetCallerIdentity");
}

/* NULL when the call does not fail. */
static const char *next_failure(struct fake_ecr *f, const char *operation)
{
    if (!f->fails_operation || strcmp(f->fails_operation, operation) != 0)
        return NULL;
    size_t size = strcspn(f->failure, "\n");
    const char *failure = arena_text_n(f->arena, f->failure, size);
    if (f->failure[size])
        f->failure += size + 1;
    else if (!f->fails_always)
        f->fails_operation = NULL;
    return failure;
}

static struct http_response send_to_fake(struct http *http, struct arena *a,
                                         const struct http_request *request)
{
    struct fake_ecr *f = (struct fake_ecr *)http;
    f->url = arena_text(f->arena, request->url);
    f->os.now_ms += f->takes_ms;
    if (f->unreachable)
        return (struct http_response){.failure = HTTP_NOT_SENT, .reason = "no route"};
    if (is_for_sts(request))
        return caller_identity(a);
    const char *operation = arena_text(f->arena, operation_of(request));
    f->calls = arena_printf(f->arena, "%s%s ", f->calls, operation);
    f->request = json_parse(f->arena, (const char *)request->body.data, request->body.size, NULL);

    if (f->hollow)
        return respond(a, 200, "{}");
    if (f->odd_operation && strcmp(f->odd_operation, operation) == 0)
        return respond(a, 200, json_print(a, fake_json(a, f->odd_answer)));
    if (f->denied_operation && strcmp(f->denied_operation, operation) == 0)
        return refuse(a, 400, "AccessDeniedException", "not allowed");
    const char *failure = next_failure(f, operation);
    if (failure && !f->after_the_effect)
        return canned(a, failure);
    struct answer answer = run(f, operation);
    if (failure)
        return canned(a, failure);
    if (f->hollow_operation && strcmp(f->hollow_operation, operation) == 0)
        return respond(a, 200, "{}");
    return answer.error ? refuse(a, 400, answer.error, "as the fake says")
                        : respond(a, 200, json_print(a, answer.body));
}

const struct value *fake_json(struct arena *a, const char *json)
{
    char *text = arena_text(a, json);
    for (char *p = text; *p; p++)
        if (*p == '\'')
            *p = '"';
    const struct value *v = json_parse(a, text, strlen(text), NULL);
    assert_non_null(v);
    return v;
}

static struct aws_client *client_new(struct fake_ecr *f)
{
    const struct aws_settings settings = {.region = "eu-central-1",
                                          .access_key = "AKIDEXAMPLE",
                                          .secret_key = "secret",
                                          .max_attempts = 3};
    struct aws_problem problem;
    struct aws_client *client =
        aws_client_new(f->arena, &f->os.os, &f->http, &ecr_service, &settings, &problem);
    assert_non_null(client);
    return client;
}

struct fake_ecr *fake_ecr_new(struct arena *a, const char *default_tags)
{
    struct fake_ecr *f = arena_alloc(a, sizeof *f);
    f->http.send = send_to_fake;
    f->os = fake_os();
    f->arena = a;
    f->calls = f->url = "";
    f->repository = f->policy = f->rule = &value_null;
    f->tags = f->image_pages = &value_empty_list;
    f->authorization = &value_empty_map;
    const struct ecr ecr = {
        .client = client_new(f),
        .os = &f->os.os,
        .default_tags = fake_json(a, default_tags),
        .ignored_keys = &value_empty_list,
        .ignored_prefixes = &value_empty_list,
    };
    f->ecr = ecr_new(a, &ecr);
    return f;
}

const struct value *fake_object(struct arena *a, const struct resource *resource, const char *json)
{
    const char *path;
    const struct value *v = schema_conform(a, resource->schema->attrs, fake_json(a, json), &path);
    assert_non_null(v);
    return v;
}

struct op fake_op(struct fake_ecr *fake, const struct resource *resource)
{
    struct op op = op_new(fake->arena, &fake->os.os, &ecr_provider, resource);
    op.meta = fake->ecr;
    return op;
}

struct op fake_plan(struct fake_ecr *fake, const struct resource *resource,
                    const struct value *config, const struct value *prior)
{
    struct op op = fake_op(fake, resource);
    op.config = config;
    op.prior = prior;
    resource_plan(&op);
    assert_null(core_plan_fault(fake->arena, resource->schema->attrs, config, prior, op.plan));
    return op;
}

struct op fake_apply(struct fake_ecr *fake, const struct resource *resource,
                     const struct value *config, const struct value *prior)
{
    struct op op = fake_op(fake, resource);
    op.config = config;
    op.prior = prior;
    op.plan = fake_plan(fake, resource, config, prior).plan;
    resource_apply(&op);
    if (!op_failed(&op) && !value_is_null(op.plan))
        assert_null(core_state_fault(fake->arena, resource->schema->attrs, op.plan, op.state));
    assert_true(value_is_known(op.state));
    return op;
}

struct op fake_refresh(struct fake_ecr *fake, const struct resource *resource,
                       const struct value *state)
{
    struct op op = fake_op(fake, resource);
    op.prior = state;
    resource_read(&op);
    return op;
}

struct op fake_import(struct fake_ecr *fake, const struct resource *resource, const char *id)
{
    struct op op = fake_op(fake, resource);
    resource_import(&op, id);
    if (op_failed(&op))
        return op;
    struct op read = fake_op(fake, resource);
    read.prior = op.state;
    read.private = op.private;
    resource_read(&read);
    return read;
}
