/* One rule at a time against the words and members that ECR knows, then all rules against each
 * other. A word that looks like a slip of the pen is an error; one that is simply new is a warning,
 * because ECR may have learned it since. */
#include "ecr/lifecycle_check.h"

#include "ecr/lifecycle_overlap.h"
#include "value/json.h"

#include <stdarg.h>
#include <string.h>
#include <strings.h>

#define RULES_MAX          50
#define POLICY_MAX         30720
#define STARS_MAX          4
#define ARCHIVE_DAYS_LEAST 90

struct check {
    struct arena *arena;
    struct lifecycle_finding *findings, **last;
};

static const char *const statuses[] = {"tagged", "untagged", "any", NULL};
static const char *const count_types[] = {"imageCountMoreThan", "sinceImagePushed",
                                          "sinceImagePulled", "sinceImageTransitioned", NULL};
static const char *const units[] = {"days", NULL};
static const char *const storage_classes[] = {"standard", "archive", NULL};
static const char *const target_classes[] = {"archive", NULL};
static const char *const actions[] = {"expire", "transition", NULL};

static const char *const policy_members[] = {"rules", NULL};
static const char *const rule_members[] = {"rulePriority", "description", "selection", "action",
                                           NULL};
static const char *const selection_members[] = {
    "tagStatus", "tagPatternList", "tagPrefixList", "storageClass",
    "countType", "countUnit",      "countNumber",   NULL};
static const char *const action_members[] = {"type", "targetStorageClass", NULL};

__attribute__((format(printf, 4, 5))) static void report(struct check *c, bool is_error,
                                                         const char *path, const char *format, ...)
{
    struct lifecycle_finding *finding = arena_alloc(c->arena, sizeof *finding);
    va_list args;
    va_start(args, format);
    finding->is_error = is_error;
    finding->path = path;
    finding->text = arena_vprintf(c->arena, format, args);
    va_end(args);
    *c->last = finding;
    c->last = &finding->next;
}

static const char *below(struct check *c, const char *path, const char *name)
{
    return arena_printf(c->arena, "%s%s%s", path, *path ? "." : "", name);
}

static const char *list_words(struct arena *a, const char *const *words)
{
    const char *text = "";
    for (size_t i = 0; words[i]; i++)
        text = arena_printf(a, "%s%s%s", text,
                            i == 0         ? ""
                            : words[i + 1] ? ", "
                                           : " or ",
                            words[i]);
    return text;
}

static bool is_word(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(text, *words) == 0)
            return true;
    return false;
}

static size_t smaller(size_t x, size_t y)
{
    return x < y ? x : y;
}

/* Letters to insert, drop or change to make one word of the other, in any case of letters. */
static size_t distance(const char *x, const char *y)
{
    size_t row[64] = {0};
    size_t width = strlen(y);
    if (width >= 64 || strlen(x) >= 64)
        return 64;
    for (size_t j = 0; j <= width; j++)
        row[j] = j;
    for (size_t i = 1; x[i - 1]; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= width; j++) {
            size_t change = diagonal + (strncasecmp(x + i - 1, y + j - 1, 1) != 0);
            diagonal = row[j];
            row[j] = smaller(smaller(row[j], row[j - 1]) + 1, change);
        }
    }
    return row[width];
}

static const char *meant(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (distance(text, *words) <= 2)
            return *words;
    return NULL;
}

static void check_members(struct check *c, const struct value *object, const char *path,
                          const char *const *known)
{
    for (size_t i = 0; i < value_count(object); i++) {
        const char *key = object->map.members[i].key;
        const char *near = is_word(key, known) ? NULL : meant(key, known);
        if (near)
            report(c, true, below(c, path, key), "There is no \"%s\"; \"%s\" is probably meant.",
                   key, near);
        else if (!is_word(key, known))
            report(c, false, below(c, path, key),
                   "\"%s\" is not known to this provider. ECR refuses members that it does not "
                   "know; here it knows %s.",
                   key, list_words(c->arena, known));
    }
}

/* The word at object.name; "" with a report when it is none that ECR takes. */
static const char *check_word(struct check *c, const struct value *object, const char *path,
                              const char *name, const char *const *words, bool required)
{
    const struct value *v = value_member(object, name);
    const char *where = below(c, path, name), *choice = list_words(c->arena, words);
    if (value_is_null(v)) {
        if (required)
            report(c, true, where, "%s is missing. It must be %s.", name, choice);
        return "";
    }
    if (v->kind != VALUE_STRING) {
        report(c, true, where, "%s must be %s, as text.", name, choice);
        return "";
    }
    if (!is_word(v->text, words)) {
        bool slip = meant(v->text, words) || !*v->text;
        report(c, slip, where,
               slip ? "%s must be %s. It is \"%s\"."
                    : "%s is known to this provider as %s, not as \"%s\". ECR decides.",
               name, choice, v->text);
        return "";
    }
    return v->text;
}

/* The whole number at object.name, 0 with a report when it is none from 1 on. */
static int64_t check_number(struct check *c, const struct value *object, const char *path,
                            const char *name)
{
    const struct value *v = value_member(object, name);
    int64_t number = value_integer(object, name, 0);
    if (value_is_null(v))
        report(c, true, below(c, path, name), "%s is missing. It must be a whole number from 1 on.",
               name);
    else if (v->kind != VALUE_NUMBER || number < 1)
        report(c, true, below(c, path, name), "%s must be a whole number from 1 on%s.", name,
               v->kind == VALUE_STRING ? ", without quotation marks" : "");
    return number;
}

static size_t stars(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += *text == '*';
    return count;
}

static void check_tags(struct check *c, const struct value *list, const char *path, bool patterns)
{
    for (size_t i = 0; i < value_count(list); i++) {
        const struct value *v = value_item(list, i);
        const char *where = arena_printf(c->arena, "%s[%zu]", path, i);
        if (v->kind != VALUE_STRING || !*v->text)
            report(c, true, where, "It must be text that is not empty.");
        else if (patterns && stars(v->text) > STARS_MAX)
            report(c, true, where, "A pattern can have at most %d *. It is \"%s\".", STARS_MAX,
                   v->text);
        else if (!patterns && stars(v->text))
            report(c, false, where,
                   "In a prefix * is no wildcard. Use tagPatternList if any characters are meant.");
    }
}

static void check_tag_lists(struct check *c, const struct value *selection, const char *path,
                            const char *status)
{
    const struct value *patterns = value_member(selection, "tagPatternList");
    const struct value *prefixes = value_member(selection, "tagPrefixList");
    bool any_list = value_count(patterns) || value_count(prefixes);

    if ((!value_is_null(patterns) && patterns->kind != VALUE_LIST) ||
        (!value_is_null(prefixes) && prefixes->kind != VALUE_LIST))
        report(c, true, path, "tagPatternList and tagPrefixList must be lists of text.");
    else if (strcmp(status, "tagged") == 0 && !any_list)
        report(c, true, path,
               "With tagStatus tagged, tagPatternList or tagPrefixList must say which tags.");
    else if (value_count(patterns) && value_count(prefixes))
        report(c, true, path, "There can be tagPatternList or tagPrefixList, not both.");
    else if (*status && strcmp(status, "tagged") != 0 && any_list)
        report(c, true, path,
               "tagPatternList and tagPrefixList go only with tagStatus tagged, not "
               "with %s.",
               status);
    check_tags(c, patterns, below(c, path, "tagPatternList"), true);
    check_tags(c, prefixes, below(c, path, "tagPrefixList"), false);
}

static void check_count(struct check *c, const struct value *selection, const char *path,
                        const char *type)
{
    bool counts = strcmp(type, "imageCountMoreThan") == 0;
    const struct value *unit = value_member(selection, "countUnit");

    check_number(c, selection, path, "countNumber");
    if (!*type)
        return;
    if (!counts)
        check_word(c, selection, path, "countUnit", units, true);
    else if (!value_is_null(unit))
        report(c, true, below(c, path, "countUnit"),
               "countUnit does not go with countType imageCountMoreThan. Remove it.");
}

/* Which combinations of storage class, count and action there are. */
static void check_storage(struct check *c, const struct value *rule, const char *path)
{
    const char *type = value_text(rule, "selection.countType");
    const char *class = value_text(rule, "selection.storageClass");
    const char *action = value_text(rule, "action.type");
    bool archive = strcmp(class, "archive") == 0, transition = strcmp(action, "transition") == 0;
    const char *where = below(c, path, "selection");

    if (strcmp(type, "sinceImageTransitioned") == 0) {
        if (!archive)
            report(c, true, where, "countType sinceImageTransitioned needs storageClass archive.");
        if (transition)
            report(c, true, where,
                   "countType sinceImageTransitioned goes only with action expire.");
        if (value_integer(rule, "selection.countNumber", ARCHIVE_DAYS_LEAST) < ARCHIVE_DAYS_LEAST)
            report(c, false, where,
                   "Archived images stay at least %d days, so a smaller countNumber "
                   "acts no sooner.",
                   ARCHIVE_DAYS_LEAST);
        return;
    }
    if (archive && is_word(type, count_types))
        report(c, true, where,
               "storageClass archive goes only with countType "
               "sinceImageTransitioned.");
    if (strcmp(type, "sinceImagePulled") == 0 && strcmp(action, "expire") == 0)
        report(c, true, where, "countType sinceImagePulled goes only with action transition.");
}

static void check_action(struct check *c, const struct value *rule, const char *path)
{
    const struct value *action = value_member(rule, "action");
    const char *where = below(c, path, "action");
    if (action->kind != VALUE_MAP) {
        report(c, true, where,
               "action is missing. It must be an object such as "
               "{ type = \"expire\" }.");
        return;
    }
    check_members(c, action, where, action_members);
    const char *type = check_word(c, action, where, "type", actions, true);
    bool transition = strcmp(type, "transition") == 0;
    check_word(c, action, where, "targetStorageClass", target_classes, transition);
    if (strcmp(type, "expire") == 0 && !value_is_null(value_member(action, "targetStorageClass")))
        report(c, true, below(c, where, "targetStorageClass"),
               "targetStorageClass goes only with action type transition. Remove it.");
}

static void check_selection(struct check *c, const struct value *rule, const char *path)
{
    const struct value *selection = value_member(rule, "selection");
    const char *where = below(c, path, "selection");
    if (selection->kind != VALUE_MAP) {
        report(c, true, where,
               "selection is missing. It must be an object that says which images "
               "the rule is about.");
        return;
    }
    check_members(c, selection, where, selection_members);
    check_tag_lists(c, selection, where,
                    check_word(c, selection, where, "tagStatus", statuses, true));
    check_word(c, selection, where, "storageClass", storage_classes, false);
    check_count(c, selection, where,
                check_word(c, selection, where, "countType", count_types, true));
}

static void check_rule(struct check *c, const struct value *rule, size_t index)
{
    const char *path = arena_printf(c->arena, "rules[%zu]", index);
    const struct value *description = value_member(rule, "description");
    if (rule->kind != VALUE_MAP) {
        report(c, true, path, "A rule must be an object.");
        return;
    }
    check_members(c, rule, path, rule_members);
    check_number(c, rule, path, "rulePriority");
    if (!value_is_null(description) && description->kind != VALUE_STRING)
        report(c, true, below(c, path, "description"), "description must be text.");
    check_selection(c, rule, path);
    check_action(c, rule, path);
    check_storage(c, rule, path);
}

/* What the rules have to do with each other, where each is fine by itself. */
static void check_pairs(struct check *c, const struct value *rules)
{
    struct lifecycle_overlap overlap;
    for (size_t i = 0; i < value_count(rules); i++)
        for (size_t j = 0; j < value_count(rules); j++)
            if (i != j && lifecycle_overlap(c->arena, rules, i, j, &overlap))
                report(c, overlap.is_error, arena_printf(c->arena, "rules[%zu]", i), "%s",
                       overlap.text);
    for (size_t i = 0; i < value_count(rules); i++)
        if (lifecycle_any_is_dead(c->arena, rules, i, &overlap))
            report(c, false, arena_printf(c->arena, "rules[%zu]", i), "%s", overlap.text);
}

static void check_policy(struct check *c, const struct value *policy)
{
    const struct value *rules = value_member(policy, "rules");
    size_t count = value_count(rules);

    if (policy->kind != VALUE_MAP || rules->kind != VALUE_LIST || count == 0) {
        report(c, true, "rules",
               "A policy must be an object with a list \"rules\" of at least one "
               "rule.");
        return;
    }
    check_members(c, policy, "", policy_members);
    if (count > RULES_MAX)
        report(c, true, "rules", "There are %zu rules, and there can be at most %d.", count,
               RULES_MAX);
    for (size_t i = 0; i < count; i++)
        check_rule(c, value_item(rules, i), i);
    size_t size = strlen(json_print(c->arena, policy));
    if (size > POLICY_MAX)
        report(c, true, "rules",
               "The policy has %zu characters without white space, and there can be "
               "at most %d.",
               size, POLICY_MAX);
    if (!c->findings)
        check_pairs(c, rules);
}

const struct lifecycle_finding *lifecycle_policy_check(struct arena *a, const char *policy)
{
    struct check c = {.arena = a};
    c.last = &c.findings;
    const struct value *document = json_parse(a, policy, strlen(policy), NULL);
    if (document)
        check_policy(&c, document);
    return c.findings;
}
