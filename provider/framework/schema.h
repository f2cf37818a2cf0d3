/* Schema: the table that says everything about a resource's attributes, one row each. Terraform's
 * schema, validation, planning, AWS's request and response bodies, import and the documentation all
 * read it. The tables themselves stand in schema/. */
#ifndef FRAMEWORK_SCHEMA_H
#define FRAMEWORK_SCHEMA_H

#include "value/value.h"

enum attr_type {
    TYPE_BOOL,
    TYPE_NUMBER,
    TYPE_STRING,
    TYPE_STRING_MAP,
    TYPE_STRING_LIST,
    TYPE_STRING_SET,
    /* A block that AWS fills in when the user leaves it out: an attribute of type list(object),
     * which Terraform takes block syntax for. At most one. Omitted, it means its own default_*
     * values. */
    TYPE_DEFAULTED_BLOCK,
    /* Objects that are only read: an attribute of type list(object). */
    TYPE_OBJECTS,
    /* Nested blocks: a list of them, a set, or at most one. */
    TYPE_BLOCKS,
    TYPE_BLOCK_SET,
    TYPE_SINGLE_BLOCK,
};

enum attr_flags {
    REQUIRED = 1 << 0,
    OPTIONAL = 1 << 1,
    COMPUTED = 1 << 2,
    SENSITIVE = 1 << 3,
    FORCE_NEW = 1 << 4,          /* a change replaces the object */
    REPLACE_IF_CLEARED = 1 << 5, /* only a change to null does: AWS cannot unset it */
    STABLE = 1 << 6,             /* computed once, kept by every update */
    UNORDERED = 1 << 7,          /* blocks whose order means nothing */
    IGNORED = 1 << 8,            /* accepted for another provider's users, with a warning */
    BLANK_IS_NULL = 1 << 9,      /* an empty text says nothing and is not checked */
    INHERITED = 1 << 10,         /* left out, it is what the provider block says */
    MAY_STAY_EMPTY = 1 << 11,    /* left out, a prior false or {} is no change; computed for that */
};

struct attr {
    const char *name;
    enum attr_type type;
    unsigned flags;
    const char *doc; /* Markdown, whole sentences; NULL keeps the row out of the documentation */

    /* Name in AWS's requests and answers; NULL when it is not there under one name. */
    const char *wire;
    /* What AWS answers when this was never set: kept as null. */
    const char *wire_absent;

    /* Planned when the configuration has none: text of a string, number or bool. */
    const char *default_text;

    /* Rows of a block, ended by END, and how many blocks there may be (0: any number). */
    const struct attr *attrs;
    int min_items, max_items;

    /* What a string must be. one_of ends with NULL; pattern is a POSIX extended regular expression
     * and pattern_says what it wants, after "must be ". check returns what is wrong, or NULL. */
    const char *const *one_of;
    const char *pattern, *pattern_says;
    int min_length, max_length;
    const char *(*check)(struct arena *a, const char *text);

    /* True when two texts mean the same, for text that AWS rewrites. */
    bool (*same)(struct arena *a, const char *x, const char *y);
};

#define ATTR(attr_name, attr_type, attr_flags, ...)                                   \
    {                                                                                 \
        .name = attr_name, .type = TYPE_##attr_type, .flags = attr_flags, __VA_ARGS__ \
    }
#define END          \
    {                \
        .name = NULL \
    }
#define ONE_OF(...)                 \
    .one_of = (const char *const[]) \
    {                               \
        __VA_ARGS__, NULL           \
    }

/* What tells an object from all others, in Terraform's terms (1.12). All are texts. */
struct identity_attr {
    const char *name;
    const char *from; /* the attribute that it is the value of */
    bool required;    /* an import must name it; what it need not name is found out */
    const char *doc;
};

struct schema {
    const char *name;    /* "ecr_repository"; the provider's local name for the provider block */
    const char *summary; /* one sentence, for the page's description */
    const char *doc;     /* Markdown, below the title */
    int version;         /* of the state's shape */
    const struct attr *attrs;
    const char *import_as;  /* the attribute that an import id is; also the value of "id" */
    const char *import_doc; /* what an import id is, after "Import by " */
    const struct identity_attr *identity; /* ended by {0}; import_as is one of them */
};

/* The row of that name, NULL when there is none. */
const struct attr *schema_attr(const struct attr *attrs, const char *name);

/* The row that an import id may end with, behind "@"; NULL when the table has none. */
const struct attr *schema_inherited(const struct attr *attrs);

/* Computed and not to be configured. */
bool attr_is_read_only(const struct attr *attr);

/* A nested block on the wire, as opposed to an attribute. */
bool attr_is_nested_block(const struct attr *attr);

/* Nested blocks of which there may be many; none is an empty list. */
bool attr_is_many_blocks(const struct attr *attr);

/* Texts in a list or a set. */
bool attr_is_texts(const struct attr *attr);

/* A set of texts or blocks: its members have no place that a path could name. */
bool attr_is_set(const struct attr *attr);

/* Holds objects that have rows of their own. */
bool attr_has_rows(const struct attr *attr);

/* The type constraint as Terraform's JSON: "string", ["map","string"], … */
const char *attr_type_json(struct arena *a, const struct attr *attr);

/* default_text as a value of the row's type; null when there is none. */
const struct value *attr_default(struct arena *a, const struct attr *attr);

/* v in exactly the shape of the table: every attribute there, nothing else, absent collections of
 * blocks empty, numbers and bools from their texts. NULL when it cannot be brought into shape, with
 * the offending path in *ret_path. */
const struct value *schema_conform(struct arena *a, const struct attr *attrs, const struct value *v,
                                   const char **ret_path);

/* What is wrong with a string, as the end of a sentence that begins with the attribute's name; NULL
 * when nothing is. */
const char *attr_complaint(struct arena *a, const struct attr *attr, const char *text);

/* The block that AWS makes of an omitted one: a list of one object with the rows' defaults. */
const struct value *attr_default_block(struct arena *a, const struct attr *attr);

/* wanted means what actual is: null strings are "", an omitted block is its defaults, and what is
 * computed and not asked for is as it is. Not symmetric: wanted is the user's side. */
bool attr_same(struct arena *a, const struct attr *attr, const struct value *wanted,
               const struct value *actual);

#endif
