/* The operations of ECR and STS that providers use to make, read and refresh repositories,
 * lifecycle policies and pull-through-cache rules. Nothing is checked: acceptance-tests/local-ecr
 * does that. This one is for speed. */
#include "answers.h"

#include <cjson/cJSON.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ACCOUNT "123456789012"
#define REGION  "eu-central-1"
#define CREATED 1.795467278029E9

struct repository {
    char *name;
    cJSON *description;
    cJSON *tags;
    char *policy; /* NULL: none */
};

struct operation {
    const char *name;
    /* NULL: *error says why. The caller frees what is returned. */
    cJSON *(*answer)(const cJSON *input, const char **error);
    int calls;
};

static void *repositories; /* a tree of tsearch's */
static cJSON *rules;       /* an array */

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct repository *)a)->name, ((const struct repository *)b)->name);
}

static struct repository *repository_find(const char *name, const char **error)
{
    struct repository wanted = {.name = (char *)name};
    struct repository **found = name ? tfind(&wanted, &repositories, by_name) : NULL;
    if (!found)
        *error = "RepositoryNotFoundException";
    return found ? *found : NULL;
}

static void repository_free(void *node)
{
    struct repository *repository = node;
    cJSON_Delete(repository->description);
    cJSON_Delete(repository->tags);
    free(repository->policy);
    free(repository->name);
    free(repository);
}

static const char *text(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItem(object, name));
}

static bool is_text(const cJSON *item, const char *wanted)
{
    const char *is = cJSON_GetStringValue(item);
    return is && strcmp(is, wanted) == 0;
}

static struct repository *repository_of(const cJSON *input, const char **error)
{
    return repository_find(text(input, "repositoryName"), error);
}

/* Copies a member, if it is there. */
static void copy(cJSON *to, const cJSON *from, const char *name)
{
    const cJSON *item = cJSON_GetObjectItem(from, name);
    if (item)
        cJSON_AddItemToObject(to, name, cJSON_Duplicate(item, 1));
}

static void copy_or(cJSON *to, const cJSON *from, const char *name, const char *otherwise)
{
    copy(to, from, name);
    if (!cJSON_HasObjectItem(to, name))
        cJSON_AddItemToObject(to, name, cJSON_Parse(otherwise));
}

static cJSON *describe(const cJSON *input)
{
    const char *name = text(input, "repositoryName");
    cJSON *made = cJSON_CreateObject();
    char line[1024];

    snprintf(line, sizeof line, "arn:aws:ecr:" REGION ":" ACCOUNT ":repository/%s", name);
    cJSON_AddStringToObject(made, "repositoryArn", line);
    cJSON_AddStringToObject(made, "registryId", ACCOUNT);
    cJSON_AddStringToObject(made, "repositoryName", name);
    snprintf(line, sizeof line, ACCOUNT ".dkr.ecr." REGION ".amazonaws.com/%s", name);
    cJSON_AddStringToObject(made, "repositoryUri", line);
    cJSON_AddNumberToObject(made, "createdAt", CREATED);
    copy_or(made, input, "imageTagMutability", "\"MUTABLE\"");
    copy(made, input, "imageTagMutabilityExclusionFilters");
    copy_or(made, input, "imageScanningConfiguration", "{\"scanOnPush\":false}");
    copy_or(made, input, "encryptionConfiguration", "{\"encryptionType\":\"AES256\"}");
    return made;
}

static cJSON *create_repository(const cJSON *input, const char **error)
{
    if (!text(input, "repositoryName")) {
        *error = "InvalidParameterException";
        return NULL;
    }
    struct repository *made = calloc(1, sizeof *made);
    made->name = strdup(text(input, "repositoryName"));
    made->description = describe(input);
    made->tags = cJSON_Duplicate(cJSON_GetObjectItem(input, "tags"), 1);
    struct repository **kept = tsearch(made, &repositories, by_name);
    if (*kept != made) {
        repository_free(made);
        *error = "RepositoryAlreadyExistsException";
        return NULL;
    }
    cJSON *output = cJSON_CreateObject();
    cJSON_AddItemToObject(output, "repository", cJSON_Duplicate(made->description, 1));
    return output;
}

static cJSON *describe_repositories(const cJSON *input, const char **error)
{
    cJSON *output = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(output, "repositories");
    const cJSON *name;

    cJSON_ArrayForEach(name, cJSON_GetObjectItem(input, "repositoryNames"))
    {
        struct repository *found = repository_find(cJSON_GetStringValue(name), error);
        if (!found) {
            cJSON_Delete(output);
            return NULL;
        }
        /* Lent, not given: cJSON_Delete leaves it alone. */
        cJSON_AddItemReferenceToArray(list, found->description);
    }
    return output;
}

static cJSON *list_tags(const cJSON *input, const char **error)
{
    const char *arn = text(input, "resourceArn");
    const char *path = arn ? strchr(arn, '/') : NULL;
    struct repository *found = repository_find(path ? path + 1 : NULL, error);
    if (!found)
        return NULL;
    cJSON *output = cJSON_CreateObject();
    cJSON_AddItemToObject(output, "tags",
                          found->tags ? cJSON_Duplicate(found->tags, 1) : cJSON_CreateArray());
    return output;
}

static cJSON *policy_output(const struct repository *repository)
{
    cJSON *output = cJSON_CreateObject();
    cJSON_AddStringToObject(output, "registryId", ACCOUNT);
    cJSON_AddStringToObject(output, "repositoryName", repository->name);
    cJSON_AddStringToObject(output, "lifecyclePolicyText", repository->policy);
    return output;
}

static cJSON *put_policy(const cJSON *input, const char **error)
{
    struct repository *found = repository_of(input, error);
    const char *policy = text(input, "lifecyclePolicyText");
    if (!found)
        return NULL;
    free(found->policy);
    found->policy = strdup(policy ? policy : "");
    return policy_output(found);
}

static cJSON *get_policy(const cJSON *input, const char **error)
{
    struct repository *found = repository_of(input, error);
    if (!found)
        return NULL;
    if (!found->policy) {
        *error = "LifecyclePolicyNotFoundException";
        return NULL;
    }
    cJSON *output = policy_output(found);
    cJSON_AddNumberToObject(output, "lastEvaluatedAt", CREATED);
    return output;
}

/* The upstreams of the lab, and what AWS calls them. */
static const char *const upstreams[][2] = {
    {"public.ecr.aws", "ecr-public"},
    {"registry.k8s.io", "k8s"},
    {"quay.io", "quay"},
};

static void name_upstream(cJSON *rule)
{
    const cJSON *url = cJSON_GetObjectItem(rule, "upstreamRegistryUrl");
    for (size_t i = 0; i < sizeof upstreams / sizeof *upstreams; i++)
        if (is_text(url, upstreams[i][0]) && !cJSON_HasObjectItem(rule, "upstreamRegistry"))
            cJSON_AddStringToObject(rule, "upstreamRegistry", upstreams[i][1]);
}

static cJSON *create_rule(const cJSON *input, const char **error)
{
    (void)error;
    cJSON *rule = cJSON_Duplicate(input, 1);
    cJSON_DeleteItemFromObject(rule, "tags");
    cJSON_AddNumberToObject(rule, "createdAt", CREATED);
    cJSON_AddStringToObject(rule, "registryId", ACCOUNT);
    name_upstream(rule);
    if (!rules)
        rules = cJSON_CreateArray();
    cJSON_AddItemToArray(rules, rule);
    return cJSON_Duplicate(rule, 1);
}

static bool is_asked_for(const cJSON *prefixes, const cJSON *rule)
{
    const char *own = text(rule, "ecrRepositoryPrefix");
    for (int i = 0; own && i < cJSON_GetArraySize(prefixes); i++)
        if (is_text(cJSON_GetArrayItem(prefixes, i), own))
            return true;
    return false;
}

static cJSON *describe_rules(const cJSON *input, const char **error)
{
    const cJSON *prefixes = cJSON_GetObjectItem(input, "ecrRepositoryPrefixes"), *rule;
    cJSON *output = cJSON_CreateObject();
    cJSON *list = cJSON_AddArrayToObject(output, "pullThroughCacheRules");

    cJSON_ArrayForEach(rule, rules)
    {
        if (is_asked_for(prefixes, rule))
            cJSON_AddItemToArray(list, cJSON_Duplicate(rule, 1));
    }
    if (cJSON_GetArraySize(list) == cJSON_GetArraySize(prefixes))
        return output;
    cJSON_Delete(output);
    *error = "PullThroughCacheRuleNotFoundException";
    return NULL;
}

static cJSON *unknown(const cJSON *input, const char **error)
{
    (void)input;
    *error = "UnknownOperationException";
    return NULL;
}

/* The last one stands for all others. */
static struct operation operations[] = {
    {"CreateRepository", create_repository, 0},
    {"DescribeRepositories", describe_repositories, 0},
    {"ListTagsForResource", list_tags, 0},
    {"PutLifecyclePolicy", put_policy, 0},
    {"GetLifecyclePolicy", get_policy, 0},
    {"CreatePullThroughCacheRule", create_rule, 0},
    {"DescribePullThroughCacheRules", describe_rules, 0},
    {"unknown", unknown, 0},
};
enum { OPERATIONS = sizeof operations / sizeof *operations };
static int identity_calls;

static struct operation *operation_of(const char *target)
{
    const char *dot = strrchr(target, '.');
    struct operation *operation = operations;
    while (operation->answer != unknown && (!dot || strcmp(operation->name, dot + 1) != 0))
        operation++;
    return operation;
}

static struct answer answer_identity(void)
{
    identity_calls++;
    return (struct answer){
        200, "text/xml",
        strdup("<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
               "<GetCallerIdentityResult><Arn>arn:aws:iam::" ACCOUNT ":user/bench</Arn>"
               "<UserId>AIDABENCH</UserId><Account>" ACCOUNT "</Account></GetCallerIdentityResult>"
               "<ResponseMetadata><RequestId>0</RequestId></ResponseMetadata>"
               "</GetCallerIdentityResponse>")};
}

struct answer answer_call(const char *target, const char *body)
{
    if (strstr(body, "Action=GetCallerIdentity"))
        return answer_identity();
    struct operation *operation = operation_of(target);
    cJSON *input = cJSON_Parse(body);
    const char *error = NULL;
    cJSON *output = operation->answer(input, &error);
    bool failed = !output;

    operation->calls++;
    if (failed) {
        output = cJSON_CreateObject();
        cJSON_AddStringToObject(output, "__type", error);
        cJSON_AddStringToObject(output, "message", target);
    }
    char *printed = cJSON_PrintUnformatted(output);
    cJSON_Delete(output);
    cJSON_Delete(input);
    return (struct answer){failed ? 400 : 200, "application/x-amz-json-1.1", printed};
}

char *answer_counters(int connections)
{
    cJSON *output = cJSON_CreateObject(), *calls = cJSON_AddObjectToObject(output, "calls");
    struct timespec cpu;

    for (int i = 0; i < OPERATIONS; i++)
        if (operations[i].calls)
            cJSON_AddNumberToObject(calls, operations[i].name, operations[i].calls);
    if (identity_calls)
        cJSON_AddNumberToObject(calls, "GetCallerIdentity", identity_calls);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    cJSON_AddNumberToObject(output, "connections", connections);
    cJSON_AddNumberToObject(output, "cpu_us", (double)cpu.tv_sec * 1e6 + (double)cpu.tv_nsec / 1e3);
    char *printed = cJSON_PrintUnformatted(output);
    cJSON_Delete(output);
    return printed;
}

void answer_reset(void)
{
    for (int i = 0; i < OPERATIONS; i++)
        operations[i].calls = 0;
    identity_calls = 0;
}

void answer_forget(void)
{
    tdestroy(repositories, repository_free);
    repositories = NULL;
    cJSON_Delete(rules);
    rules = NULL;
}
