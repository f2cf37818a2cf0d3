/* The reader goes line by line and keeps only what the next line may add to: the section and the
 * property at hand. A section or property whose name is no identifier is read like any other and
 * then not kept. */
#include "aws/profile.h"

#include "base/buffer.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#define SPACE           " \t\r\v\f"
#define TEXT_LIMIT      (1024u * 1024) /* bytes of a file */
#define PROFILES_MOST   10000
#define PROPERTIES_MOST 1000 /* of a profile */

struct reader {
    struct arena *arena;
    struct profile_set *set;
    enum profile_file_kind file;
    struct profile *profile;           /* NULL before the first section */
    struct profile_property *property; /* NULL right behind a section's head */
    struct buffer value;               /* of property */
    bool nested;                       /* property was written without a value */
    int profiles;                      /* that the file has begun */
    const char *error;
};

static bool fail(struct reader *r, const char *error)
{
    r->error = error;
    return false;
}

static char *trim(char *text)
{
    text += strspn(text, SPACE);
    size_t size = strlen(text);
    while (size && strchr(SPACE, text[size - 1]))
        size--;
    text[size] = '\0';
    return text;
}

static bool is_identifier(const char *text)
{
    for (const char *p = text; *p; p++)
        if (!isalnum((unsigned char)*p) && !strchr("_-/.%@:+", *p))
            return false;
    return *text != '\0';
}

/* The name that stands behind a prefix: an identifier, or anything between quotes, which is how the
 * AWS CLI writes a name with blanks. NULL when it is neither. */
static const char *name_of(struct arena *a, const char *text)
{
    size_t size = strlen(text);
    bool quoted = size > 2 && strchr("\"'", *text) && strchr(text + 1, *text) == text + size - 1;
    if (quoted)
        return arena_text_n(a, text + 1, size - 2);
    return is_identifier(text) ? text : NULL;
}

static struct profile *find(const struct profile_set *set, enum profile_kind kind, const char *name)
{
    for (struct profile *p = set->first; p; p = p->next)
        if (p->kind == kind && strcmp(p->name, name) == 0)
            return p;
    return NULL;
}

static struct profile *profile_new(struct reader *r, enum profile_kind kind, const char *name)
{
    struct profile *p = arena_alloc(r->arena, sizeof *p);
    *p = (struct profile){.kind = kind, .name = arena_text(r->arena, name)};
    return p;
}

static struct profile *find_or_add(struct reader *r, enum profile_kind kind, const char *name)
{
    struct profile *known = find(r->set, kind, name);
    if (known)
        return known;

    struct profile **end = &r->set->first;
    while (*end)
        end = &(*end)->next;
    r->profiles++;
    return *end = profile_new(r, kind, name);
}

/* The name behind a word such as "profile"; NULL when head does not start with that word. */
static const char *name_behind(const char *head, const char *word)
{
    size_t size = strlen(word);
    if (strncmp(head, word, size) != 0 || !strchr(" \t", head[size]) || !head[size])
        return NULL;
    return head + size + strspn(head + size, SPACE);
}

/* [default] and [profile default] are the same profile; where both stand, only the second form
 * counts. */
static struct profile *default_profile(struct reader *r, bool prefixed)
{
    struct profile *p = find_or_add(r, PROFILE, "default");
    if (p->prefixed && !prefixed)
        return NULL;
    if (prefixed && !p->prefixed)
        p->properties = NULL;
    p->prefixed = prefixed;
    return p;
}

/* NULL for a section that is not kept. */
static struct profile *config_section(struct reader *r, const char *head)
{
    const char *name;
    if (strcmp(head, "default") == 0)
        return default_profile(r, false);
    if ((name = name_behind(head, "profile")) && strcmp(name, "default") == 0)
        return default_profile(r, true);
    if (name && (name = name_of(r->arena, name)))
        return find_or_add(r, PROFILE, name);
    if ((name = name_behind(head, "sso-session")) && (name = name_of(r->arena, name)))
        return find_or_add(r, PROFILE_SSO_SESSION, name);
    if ((name = name_behind(head, "services")) && (name = name_of(r->arena, name)))
        return find_or_add(r, PROFILE_SERVICES, name);
    return NULL;
}

static struct profile *credentials_section(struct reader *r, const char *head)
{
    return is_identifier(head) ? find_or_add(r, PROFILE, head) : NULL;
}

static bool read_section(struct reader *r, char *line)
{
    line[strcspn(line, "#;")] = '\0';
    line = trim(line);
    size_t size = strlen(line);
    if (line[size - 1] != ']')
        return fail(r, "Profile definition must end with ']'");

    line[size - 1] = '\0';
    const char *head = trim(line + 1);
    struct profile *p =
        r->file == PROFILE_CONFIG ? config_section(r, head) : credentials_section(r, head);
    if (r->profiles > PROFILES_MOST)
        return fail(r, "There are more than 10,000 profiles");
    r->profile = p ? p : profile_new(r, PROFILE, "");
    r->property = NULL;
    return true;
}

/* In a value, a comment starts at a '#' or ';' behind white space. */
static void cut_comment(char *line)
{
    for (char *p = line; (p = strpbrk(p, "#;")); p++)
        if (p > line && strchr(SPACE, p[-1])) {
            *p = '\0';
            return;
        }
}

static struct profile_property *set_property(struct reader *r, const char *key)
{
    struct profile_property **place = &r->profile->properties;
    while (*place && strcmp((*place)->key, key) != 0)
        place = &(*place)->next;
    if (!*place) {
        *place = arena_alloc(r->arena, sizeof **place);
        (*place)->key = arena_text(r->arena, key);
        r->profile->count++;
    }
    return *place;
}

static void set_value(struct reader *r, const char *text)
{
    buffer_add(&r->value, text, strlen(text));
    r->property->value = buffer_text(&r->value);
}

static bool read_property(struct reader *r, char *line)
{
    if (!r->profile)
        return fail(r, "Expected a profile definition before the first property");
    cut_comment(line);
    char *equals = strchr(line, '=');
    if (!equals)
        return fail(r, "Expected an '=' sign defining a property");

    *equals = '\0';
    char *key = trim(line), *value = trim(equals + 1);
    if (!*key)
        return fail(r, "Property did not have a name");
    for (char *p = key; *p; p++)
        *p = (char)tolower((unsigned char)*p);

    if (r->profile->count == PROPERTIES_MOST)
        return fail(r, "The profile has more than 1,000 properties");
    r->property =
        is_identifier(key) ? set_property(r, key) : arena_alloc(r->arena, sizeof *r->property);
    r->value = (struct buffer){.arena = r->arena, .limit = TEXT_LIMIT};
    r->nested = !*value;
    set_value(r, value);
    return true;
}

static bool read_continuation(struct reader *r, char *line)
{
    if (!r->profile)
        return fail(r, "Expected a profile definition, found continuation");
    if (!r->property)
        return fail(r, "Expected a property definition, found continuation");

    const char *text = trim(line);
    if (r->nested && !strchr(text, '='))
        return fail(r, "Expected an '=' sign defining a sub-property");
    if (r->nested && *text == '=')
        return fail(r, "Sub-property did not have a name");
    set_value(r, "\n");
    set_value(r, text);
    return true;
}

static bool read_line(struct reader *r, char *line)
{
    if (!line[strspn(line, SPACE)] || strchr("#;", *line))
        return true;
    if (*line == '[')
        return read_section(r, line);
    return strchr(SPACE, *line) ? read_continuation(r, line) : read_property(r, line);
}

bool profile_parse(struct arena *a, struct profile_set *set, enum profile_file_kind kind,
                   const char *path, struct bytes text, const char **ret_error)
{
    struct reader r = {.arena = a, .set = set, .file = kind};
    const char *line = (const char *)text.data, *end = line + text.size;
    if (text.size >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0)
        line += 3; /* the mark that some editors put at the beginning of UTF-8 */
    for (int number = 1; line < end; number++) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        stop = stop ? stop : end;
        if (memchr(line, '\0', (size_t)(stop - line))) {
            *ret_error = arena_printf(a, "%s, line %d: It has a NUL character", path, number);
            return false;
        }
        if (!read_line(&r, arena_text_n(a, line, (size_t)(stop - line)))) {
            *ret_error = arena_printf(a, "%s, line %d: %s", path, number, r.error);
            return false;
        }
        line = stop + 1;
    }
    return true;
}

static const char *const variables[] = {"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"};
static const char *const usual[] = {"~/.aws/config", "~/.aws/credentials"};

/* A file that nobody named is no error when it cannot be there for this user, as in a container
 * that runs under another user than its home directory's. */
static bool is_out_of_reach(int error)
{
    return error == EACCES || error == EPERM || error == ELOOP || error == ENAMETOOLONG;
}

/* is_named: by the configuration or the environment. */
static bool load_file(struct arena *a, const struct os *os, struct profile_set *set,
                      enum profile_file_kind kind, const char *path, bool is_named,
                      const char **ret_error)
{
    struct profile_file *file = &set->files[kind];
    struct bytes text;
    int error = os->read_file(os, a, path, &text);
    if (error == 0 && text.size > TEXT_LIMIT)
        error = EFBIG;

    bool is_missing = error == ENOENT || error == ENOTDIR || (!is_named && is_out_of_reach(error));
    file->missing = is_missing && (file->missing || !file->path);
    file->path = file->path ? arena_printf(a, "%s, %s", file->path, path) : path;
    if (error == 0)
        return profile_parse(a, set, kind, path, text, ret_error);
    *ret_error = arena_printf(a, "%s cannot be read: %s", path, strerror(error));
    return is_missing;
}

/* Later files win. */
static bool load_files(struct arena *a, const struct os *os, struct profile_set *set,
                       enum profile_file_kind kind, const char *const *paths,
                       const char **ret_error)
{
    const char *named = os_env(os, variables[kind]), *path = named ? named : usual[kind];
    if (!paths || !*paths)
        return load_file(a, os, set, kind, os_expand_home(os, a, path), named != NULL, ret_error);
    for (; *paths; paths++)
        if (!load_file(a, os, set, kind, os_expand_home(os, a, *paths), true, ret_error))
            return false;
    return true;
}

bool profile_load(struct arena *a, const struct os *os, const char *const *config_paths,
                  const char *const *credentials_paths, struct profile_set *ret_set,
                  const char **ret_error)
{
    return load_files(a, os, ret_set, PROFILE_CONFIG, config_paths, ret_error) &&
           load_files(a, os, ret_set, PROFILE_CREDENTIALS, credentials_paths, ret_error);
}

const struct profile *profile_find(const struct profile_set *set, enum profile_kind kind,
                                   const char *name)
{
    return find(set, kind, name);
}

const char *profile_text(const struct profile *profile, const char *key)
{
    for (const struct profile_property *p = profile ? profile->properties : NULL; p; p = p->next)
        if (strcmp(p->key, key) == 0)
            return *p->value ? p->value : NULL;
    return NULL;
}
