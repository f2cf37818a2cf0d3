/* Tag requirements as sets of tags: a rule covers another when every image that meets the other's
 * requirement meets its own. Patterns are compared by their text, so what is said is certain, and
 * not everything that is certain is said. */
#include "ecr/lifecycle_overlap.h"

#include <string.h>

static int64_t priority(const struct value *rule)
{
    return value_integer(rule, "rulePriority", 0);
}

static bool status_is(const struct value *rule, const char *status)
{
    return strcmp(value_text(rule, "selection.tagStatus"), status) == 0;
}

static const char *storage_class(const struct value *rule)
{
    const char *class = value_text(rule, "selection.storageClass");
    return *class ? class : "standard";
}

static bool same_class(const struct value *x, const struct value *y)
{
    return strcmp(storage_class(x), storage_class(y)) == 0;
}

/* The texts of a list, each with end behind it. What is no text is passed over: no tag is one. */
static const struct value *texts(struct arena *a, const struct value *list, const char *end)
{
    size_t kept = 0;
    const struct value **items = arena_array(a, value_count(list), sizeof *items);
    for (size_t i = 0; i < value_count(list); i++)
        if (value_item(list, i)->kind == VALUE_STRING)
            items[kept++] =
                value_string(a, arena_printf(a, "%s%s", value_item(list, i)->text, end));
    return value_list(a, items, kept);
}

const struct value *lifecycle_tag_patterns(struct arena *a, const struct value *rule)
{
    const struct value *patterns = texts(a, value_get(rule, "selection.tagPatternList"), "");
    return value_count(patterns) ? patterns
                                 : texts(a, value_get(rule, "selection.tagPrefixList"), "*");
}

/* Every text that narrow matches is matched by wide: a match of wide against narrow's own text, in
 * which a * of narrow is only met by a * of wide. Going back to the last * alone is enough. */
bool lifecycle_pattern_covers(const char *wide, const char *narrow)
{
    const char *after_star = NULL, *retry = NULL;
    while (*narrow) {
        if (*wide == '*') {
            after_star = ++wide;
            retry = narrow;
        } else if (*wide == *narrow) {
            wide++, narrow++;
        } else if (after_star) {
            wide = after_star;
            narrow = ++retry;
        } else {
            return false;
        }
    }
    return wide[strspn(wide, "*")] == '\0';
}

/* Every pattern must find a tag. */
static bool tags_cover(struct arena *a, const struct value *wide, const struct value *narrow)
{
    const struct value *w = lifecycle_tag_patterns(a, wide), *n = lifecycle_tag_patterns(a, narrow);
    for (size_t i = 0; i < value_count(w); i++) {
        bool found = false;
        for (size_t j = 0; j < value_count(n); j++)
            found |= lifecycle_pattern_covers(value_item(w, i)->text, value_item(n, j)->text);
        if (!found)
            return false;
    }
    return value_count(w) > 0;
}

/* Every pattern of p is one of q's. */
static bool is_subset(const struct value *p, const struct value *q)
{
    for (size_t i = 0; i < value_count(p); i++) {
        bool found = false;
        for (size_t j = 0; j < value_count(q); j++)
            found |= value_equal(value_item(p, i), value_item(q, j));
        if (!found)
            return false;
    }
    return true;
}

/* Repeats do not count. */
static bool same_tags(struct arena *a, const struct value *x, const struct value *y)
{
    const struct value *p = lifecycle_tag_patterns(a, x), *q = lifecycle_tag_patterns(a, y);
    return is_subset(p, q) && is_subset(q, p);
}

static bool later(const struct value *rules, size_t i, size_t j)
{
    int64_t x = priority(value_item(rules, i)), y = priority(value_item(rules, j));
    return x > y || (x == y && i > j);
}

static const char *refusal(struct arena *a, const struct value *rule, const struct value *before)
{
    long long first = priority(before);
    if (priority(rule) == first)
        return arena_printf(a, "Two rules have rulePriority %lld. Each needs one of its own.",
                            first);
    if (!same_class(rule, before))
        return NULL;
    if (status_is(before, "any"))
        return arena_printf(
            a,
            "It comes after the rule with rulePriority %lld, whose tagStatus is any. "
            "Such a rule must have the highest rulePriority of its storage class.",
            first);
    if (status_is(rule, "untagged") && status_is(before, "untagged"))
        return arena_printf(a,
                            "The rule with rulePriority %lld is already for untagged images. There "
                            "can be one in each storage class.",
                            first);
    if (status_is(rule, "tagged") && status_is(before, "tagged") && same_tags(a, rule, before))
        return arena_printf(
            a,
            "The rule with rulePriority %lld is already for the same tags. There can "
            "be one in each storage class.",
            first);
    return NULL;
}

static const char *deadness(struct arena *a, const struct value *rule, const struct value *before)
{
    if (!same_class(rule, before) || !status_is(rule, "tagged") || !status_is(before, "tagged") ||
        !tags_cover(a, before, rule))
        return NULL;
    bool keeps = strcmp(value_text(rule, "selection.countType"), "imageCountMoreThan") == 0;
    return arena_printf(
        a,
        "This rule never acts: every image that it selects is selected by the rule with "
        "rulePriority "
        "%lld first, and belongs to that one alone%s. Give this rule the smaller rulePriority.",
        (long long)priority(before),
        keeps ? ", which may expire what this rule means to keep" : "");
}

bool lifecycle_overlap(struct arena *a, const struct value *rules, size_t i, size_t j,
                       struct lifecycle_overlap *ret_overlap)
{
    const struct value *rule = value_item(rules, i), *before = value_item(rules, j);
    if (!later(rules, i, j))
        return false;
    const char *refused = refusal(a, rule, before);
    const char *text = refused ? refused : deadness(a, rule, before);
    *ret_overlap = (struct lifecycle_overlap){refused != NULL, text};
    return text != NULL;
}

static bool takes_all_tagged(struct arena *a, const struct value *rule)
{
    const struct value *p = lifecycle_tag_patterns(a, rule);
    for (size_t i = 0; i < value_count(p); i++)
        if (strspn(value_item(p, i)->text, "*") != strlen(value_item(p, i)->text))
            return false;
    return status_is(rule, "tagged") && value_count(p) > 0;
}

bool lifecycle_any_is_dead(struct arena *a, const struct value *rules, size_t i,
                           struct lifecycle_overlap *ret_overlap)
{
    const struct value *rule = value_item(rules, i);
    bool tagged = false, untagged = false;
    for (size_t j = 0; j < value_count(rules); j++) {
        const struct value *before = value_item(rules, j);
        if (j == i || !same_class(rule, before))
            continue;
        tagged |= takes_all_tagged(a, before);
        untagged |= status_is(before, "untagged");
    }
    *ret_overlap = (struct lifecycle_overlap){
        false,
        "This rule never acts: other rules select all tagged and all untagged images first."};
    return status_is(rule, "any") && tagged && untagged;
}
