/* Convert: between protobuf messages and the framework's values, diagnostics and paths. */
#ifndef PLUGIN_CONVERT_H
#define PLUGIN_CONVERT_H

#include "framework/provider.h"
#include "tfplugin6.pb-c.h"

/* The value that Terraform sent; an absent message is null. NULL when it cannot be read. */
const struct value *convert_value(struct arena *a, const Tfplugin6__DynamicValue *sent);

/* The object that Terraform sent, in the table's shape. False after op_fail. An absent message is
 * null. */
bool convert_object(struct op *op, const struct attr *attrs, const Tfplugin6__DynamicValue *sent,
                    const struct value **ret_object);

/* The object as Terraform itself would write it: every attribute there, keys in order, text valid
 * UTF-8. */
Tfplugin6__DynamicValue *convert_dynamic(struct arena *a, const struct value *object);

/* What a state file holds. NULL after op_fail. */
const struct value *convert_stored(struct op *op, const Tfplugin6__RawState *raw);

/* The identity that Terraform sent becomes op->identity; an absent message is null. False after
 * op_fail. */
bool convert_identity(struct op *op, const Tfplugin6__ResourceIdentityData *sent);

/* op->identity for any response; NULL when there is none. */
Tfplugin6__ResourceIdentityData *convert_identity_data(struct op *op);

/* The operation's diagnostics, for any response's n_diagnostics and diagnostics. */
size_t convert_diagnostics(struct op *op, Tfplugin6__Diagnostic ***ret_diagnostics);

/* A path such as tags["a"]; NULL for "". */
Tfplugin6__AttributePath *convert_path(struct arena *a, const char *path);

/* Text with every byte that is no UTF-8 replaced: Terraform refuses a whole message otherwise. */
char *convert_text(struct arena *a, const char *text);

/* How Terraform is told of a function. */
Tfplugin6__Function *function_message(struct arena *a, const struct function *function);

#endif
