/* Provider: what the framework needs to know to serve one, and the operation it hands to handlers.
 * This is the contract that the author of a resource reads. */
#ifndef FRAMEWORK_PROVIDER_H
#define FRAMEWORK_PROVIDER_H

#include "base/os.h"
#include "framework/schema.h"

enum severity { SEVERITY_ERROR = 1, SEVERITY_WARNING = 2 };

struct diagnostic {
    struct diagnostic *next;
    enum severity severity;
    const char *path; /* "tags[\"a\"]"; "" for the whole object */
    const char *summary, *detail;
};

/* One call of Terraform's about one object. Everything hanging from it lives in its arena. */
struct op {
    struct arena *arena;
    const struct os *os;
    const struct provider *provider;
    const struct schema *schema;     /* of the object, or the provider block */
    const struct resource *resource; /* NULL when the object is no resource */
    void *meta;                      /* what configure returned; NULL when it was not called */

    /* In: objects in the table's shape, null when there is none. */
    const struct value *config; /* as the user wrote it; null for read and delete */
    const struct value *prior;  /* the state before */
    const struct value *plan;   /* what was planned; plan hooks may replace it */
    bool imported;              /* this read follows an import */
    int64_t deadline_ms;        /* os->monotonic_ms; 0 when there is none */

    /* In and out: what Terraform keeps beside the state for us, unseen by the user. A map. */
    const struct value *private;

    /* In and out: the object's identity, null when it has none yet. It never changes. */
    const struct value *identity;

    /* Out. */
    const struct value *state;  /* the state after: whatever is known, also beside an error */
    bool in_doubt;              /* beside an error: what failed may have taken effect */
    const char **replace_paths; /* attributes whose change needs a new object */
    size_t replace_count;
    struct diagnostic *diagnostics, **last_diagnostic;
    int diagnostic_count;
};

struct resource {
    const struct schema *schema;

    /* True, with op->state set (op_set_state, op_set_remote, op_gone), or false after op_fail.
     * read answers that the object is gone with op_gone. update may be NULL when every change
     * replaces. On failure op->state is still what is known. */
    bool (*create)(struct op *op);
    bool (*read)(struct op *op);
    bool (*update)(struct op *op);
    bool (*delete)(struct op *op);

    /* Optional. validate: rules across attributes; values may be unknown. plan: changes op->plan.
     */
    void (*validate)(struct op *op);
    void (*plan)(struct op *op);

    /* Optional, when a create or a change is planned: warns of what it would do, or takes back with
     * op_keep_object what the table says about replacement. */
    void (*review)(struct op *op);
};

/* What is read and not managed: a data source, or an ephemeral resource, whose result Terraform
 * forgets when it is done. read finds op->config and leaves op->state. */
struct data_source {
    const struct schema *schema;
    bool (*read)(struct op *op); /* as a resource's; op_gone is no answer here */
    void (*validate)(struct op *op);
};

/* A function that configurations can call. Pure: it knows its arguments and nothing else. */
struct parameter {
    const char *name, *type; /* type: a constraint as Terraform's JSON */
    const char *doc;
};

struct function_fault {
    int argument; /* the one that is at fault, from 0 */
    const char *text;
};

struct function {
    const char *name, *summary, *doc;
    const struct parameter *parameters; /* ended by {0} */
    const char *returns;                /* a type constraint */

    /* NULL with *ret_fault filled. Arguments are known and not null. */
    const struct value *(*call)(struct arena *a, const struct value *const *arguments,
                                struct function_fault *ret_fault);
};

struct provider {
    const char *version;
    const char *address;         /* "registry.terraform.io/aws-labs/ecr" */
    const char *prefix;          /* of the resources' second names: "aws_" */
    const char *moves_from;      /* the provider whose objects resources take over by a move:
                                    "hashicorp/aws" */
    const struct schema *schema; /* of the provider block */
    const struct resource *const *resources;
    size_t resource_count;
    const struct data_source *const *data_sources;
    size_t data_source_count;
    const struct data_source *const *ephemeral_resources;
    size_t ephemeral_resource_count;
    const struct function *const *functions;
    size_t function_count;

    /* Rules across the provider block's attributes. */
    void (*validate)(struct op *op);

    /* From op->config to what handlers find in op->meta; lives in the arena given. NULL after
     * op_fail. Not called while the configuration holds unknown values. */
    void *(*configure)(struct op *op, struct arena *lifetime);

    /* The configured provider's own value of an attribute that objects take over from it: of an
     * INHERITED row, or of one that identifies objects. Null when there is none. Not called before
     * configure. */
    const struct value *(*inherited)(struct op *op, const char *name);
};

/* The resource of that name or second name, NULL when there is none. */
const struct resource *provider_resource(const struct provider *provider, const char *type_name);

/* The same of data sources, and of ephemeral resources. */
const struct data_source *provider_data_source(const struct provider *provider,
                                               const char *type_name);
const struct data_source *provider_ephemeral_resource(const struct provider *provider,
                                                      const char *type_name);

/* Starts an operation on a resource, or, without one, on the provider block: everything null. */
struct op op_new(struct arena *a, const struct os *os, const struct provider *provider,
                 const struct resource *resource);

/* Adds an error or a warning. op_fail returns false, so that a handler can return it. */
__attribute__((format(printf, 4, 5))) bool op_fail(struct op *op, const char *path,
                                                   const char *summary, const char *format, ...);
__attribute__((format(printf, 4, 5))) void op_warn(struct op *op, const char *path,
                                                   const char *summary, const char *format, ...);
bool op_failed(const struct op *op);

/* Ends a handler with this state; returns true. */
bool op_set_state(struct op *op, const struct value *state);

/* Ends a handler with AWS's answer, brought into the table's shape: for create and update what was
 * planned, completed by the answer; for read what the answer says, in the prior's words where the
 * meaning is the same. A member of a wrong type counts as missing after create and update; after
 * read it fails. Returns true, or false after op_fail. */
bool op_set_remote(struct op *op, const struct value *remote);

/* Remembers something about the object in its private data. */
void op_remember(struct op *op, const char *name, const struct value *v);

/* For review: a change of this attribute needs no new object after all. */
void op_keep_object(struct op *op, const char *name);

/* Ends a read: there is no such object any more. Returns true. */
bool op_gone(struct op *op);

/* The request body of the planned object: every configurable row that has a wire name and a value.
 * A block that AWS would fill in is left out when the user left it out. */
const struct value *op_expand(const struct op *op);

/* The first configurable attribute that AWS's answer does not show as planned; NULL when it shows
 * all of them so. */
const char *op_differs(const struct op *op, const struct value *remote);

/* The plan's value at name differs from the prior's. */
bool op_changed(const struct op *op, const char *name);

/* One per RPC. All fill op's out part. */
void provider_validate_config(struct op *op);
void resource_validate_config(struct op *op);
void data_source_validate_config(struct op *op, const struct data_source *source);
void data_source_read(struct op *op, const struct data_source *source);
void resource_plan(struct op *op);
void resource_apply(struct op *op);
void resource_read(struct op *op);
void resource_upgrade(struct op *op, int64_t version, const struct value *stored);

/* By id, or, when id is empty, by op->identity. */
void resource_import(struct op *op, const char *id);

/* Another resource type's object, as its provider stored it, becomes op->state. */
void resource_move(struct op *op, const char *provider_address, const char *type_name,
                   const struct value *stored);

/* An identity as it was stored becomes op->identity. */
void resource_upgrade_identity(struct op *op, const struct value *stored);

/* The provider's value for a row that the object inherits; null when there is none, or the provider
 * is not configured. */
const struct value *op_inherited(struct op *op, const struct attr *row);

/* Writes the Registry's Markdown pages below directory. 0, or an errno value. */
int provider_write_docs(const struct provider *provider, const char *directory);

#endif
