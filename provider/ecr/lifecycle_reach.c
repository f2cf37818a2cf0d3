/* ECR gives an image to the first rule, by priority, whose tag requirement it meets, so rules are
 * asked in that order until one surely takes every image that the tags are on. */
#include "ecr/lifecycle_reach.h"

#include "ecr/lifecycle_overlap.h"
#include "value/json.h"

#include <stdlib.h>
#include <string.h>

#define LONGEST_PATTERN 512

/* Whether some text matches both patterns: meets[i][j] tells it of what is left of them from i and
 * j on. */
static bool patterns_meet(struct arena *a, const char *p, const char *q)
{
    size_t m = strlen(p), n = strlen(q);
    if (m > LONGEST_PATTERN || n > LONGEST_PATTERN)
        return true; /* no pattern of ECR's is as long; assume the worst */
    bool *meets = arena_array(a, (m + 1) * (n + 1), sizeof *meets);
    for (size_t i = m + 1; i-- > 0;)
        for (size_t j = n + 1; j-- > 0;) {
            bool *here = &meets[i * (n + 1) + j];
            if (p[i] == '*')
                *here = here[n + 1] || (j < n && here[1]);
            else if (q[j] == '*')
                *here = here[1] || (i < m && here[n + 1]);
            else
                *here = (i == m && j == n) || (i < m && j < n && p[i] == q[j] && here[n + 2]);
        }
    return meets[0];
}

static bool is_text(const struct value *rule, const char *path, const char *text)
{
    return strcmp(value_text(rule, path), text) == 0;
}

static bool may_select(struct arena *a, const struct value *rule, const char *pattern)
{
    const struct value *patterns = lifecycle_tag_patterns(a, rule);
    for (size_t i = 0; i < value_count(patterns); i++)
        if (patterns_meet(a, value_item(patterns, i)->text, pattern))
            return true;
    return is_text(rule, "selection.tagStatus", "any");
}

static bool surely_selects(struct arena *a, const struct value *rule, const char *pattern)
{
    const struct value *patterns = lifecycle_tag_patterns(a, rule);
    return value_count(patterns) == 1 &&
           lifecycle_pattern_covers(value_item(patterns, 0)->text, pattern);
}

/* A tag is on one image at a time. */
static bool keeps_the_only_one(struct arena *a, const struct value *rule)
{
    const struct value *patterns = lifecycle_tag_patterns(a, rule);
    return is_text(rule, "selection.countType", "imageCountMoreThan") &&
           value_count(patterns) == 1 && !strchr(value_item(patterns, 0)->text, '*');
}

/* Images in the archive are not in use. */
static bool is_for_standard(const struct value *rule)
{
    return !is_text(rule, "selection.storageClass", "archive");
}

static int64_t priority(const struct value *rule)
{
    return value_integer(rule, "rulePriority", 0);
}

static int by_priority(const void *x, const void *y)
{
    int64_t p = priority(*(const struct value *const *)x);
    int64_t q = priority(*(const struct value *const *)y);
    return (p > q) - (p < q);
}

int64_t lifecycle_reaches(struct arena *a, const char *policy, const char *pattern)
{
    const struct value *document = json_parse(a, policy, strlen(policy), NULL);
    const struct value *rules = document ? value_member(document, "rules") : &value_null;
    size_t count = value_count(rules);
    const struct value **sorted = arena_array(a, count, sizeof *sorted);
    for (size_t i = 0; i < count; i++)
        sorted[i] = value_item(rules, i);
    qsort(sorted, count, sizeof *sorted, by_priority);

    for (size_t i = 0; i < count; i++) {
        if (!is_for_standard(sorted[i]) || !may_select(a, sorted[i], pattern))
            continue;
        if (!keeps_the_only_one(a, sorted[i]))
            return priority(sorted[i]);
        if (surely_selects(a, sorted[i], pattern))
            return 0;
    }
    return 0;
}
