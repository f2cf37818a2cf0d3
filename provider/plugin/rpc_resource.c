/* The RPCs about resources. Each unpacks, lets the framework do the work, and packs. */
#include "plugin/convert.h"
#include "plugin/methods.h"
#include "value/json.h"

#include <string.h>

static const struct attr *attrs_of(const struct op *op)
{
    return op->schema->attrs;
}

HANDLER(rpc_validate_resource_config)
{
    const Tfplugin6__ValidateResourceConfig__Request *asked = request;
    Tfplugin6__ValidateResourceConfig__Response *answer = response;
    struct op op = session_resource_op(rpc, asked->type_name);

    if (op.resource && convert_object(&op, attrs_of(&op), asked->config, &op.config))
        resource_validate_config(&op);
    answer->n_diagnostics = convert_diagnostics(&op, &answer->diagnostics);
}

HANDLER(rpc_upgrade_resource_state)
{
    const Tfplugin6__UpgradeResourceState__Request *asked = request;
    Tfplugin6__UpgradeResourceState__Response *answer = response;
    struct op op = session_resource_op(rpc, asked->type_name);

    const struct value *v = op.resource ? convert_stored(&op, asked->raw_state) : NULL;
    if (v)
        resource_upgrade(&op, asked->version, v);
    answer->upgraded_state = convert_dynamic(rpc->arena, op.state);
    answer->n_diagnostics = convert_diagnostics(&op, &answer->diagnostics);
}

/* Private data is JSON. What another provider wrote there is none of ours, and is kept. */
static const struct value *private_in(struct op *op, ProtobufCBinaryData sent)
{
    const struct value *v = json_parse(op->arena, (const char *)sent.data, sent.len, NULL);
    if (v && v->kind == VALUE_MAP)
        op->private = v;
    return op->private;
}

/* Byte for byte what was sent, unless something was remembered or forgotten. */
static ProtobufCBinaryData private_out(const struct op *op, const struct value *before,
                                       ProtobufCBinaryData sent)
{
    if (op->private == before)
        return sent;
    const char *text = value_count(op->private) ? json_print(op->arena, op->private) : "";
    return (ProtobufCBinaryData){strlen(text), (uint8_t *)text};
}

HANDLER(rpc_read_resource)
{
    const Tfplugin6__ReadResource__Request *asked = request;
    Tfplugin6__ReadResource__Response *answer = response;
    struct op op = session_resource_op(rpc, asked->type_name);

    const struct value *before = private_in(&op, asked->private_);
    if (op.resource && convert_object(&op, attrs_of(&op), asked->current_state, &op.prior) &&
        convert_identity(&op, asked->current_identity))
        resource_read(&op);
    answer->new_state = convert_dynamic(rpc->arena, op.state);
    answer->new_identity = convert_identity_data(&op);
    answer->private_ = private_out(&op, before, asked->private_);
    answer->n_diagnostics = convert_diagnostics(&op, &answer->diagnostics);
}

static void add_replacements(struct op *op, Tfplugin6__PlanResourceChange__Response *answer)
{
    answer->requires_replace =
        arena_array(op->arena, op->replace_count, sizeof *answer->requires_replace);
    for (size_t i = 0; i < op->replace_count; i++)
        answer->requires_replace[i] = convert_path(op->arena, op->replace_paths[i]);
    answer->n_requires_replace = op->replace_count;
}

HANDLER(rpc_plan_resource_change)
{
    const Tfplugin6__PlanResourceChange__Request *asked = request;
    Tfplugin6__PlanResourceChange__Response *answer = response;
    struct op op = session_resource_op(rpc, asked->type_name);
    const struct value *before = private_in(&op, asked->prior_private);

    if (op.resource && convert_object(&op, attrs_of(&op), asked->config, &op.config) &&
        convert_object(&op, attrs_of(&op), asked->prior_state, &op.prior) &&
        convert_identity(&op, asked->prior_identity))
        resource_plan(&op);
    answer->planned_state = convert_dynamic(rpc->arena, op.plan);
    answer->planned_identity = convert_identity_data(&op);
    answer->planned_private = private_out(&op, before, asked->prior_private);
    add_replacements(&op, answer);
    answer->n_diagnostics = convert_diagnostics(&op, &answer->diagnostics);
}

HANDLER(rpc_apply_resource_change)
{
    const Tfplugin6__ApplyResourceChange__Request *asked = request;
    Tfplugin6__ApplyResourceChange__Response *answer = response;
    struct op op = session_resource_op(rpc, asked->type_name);
    const struct value *before = private_in(&op, asked->planned_private);

    if (op.resource && convert_object(&op, attrs_of(&op), asked->config, &op.config) &&
        convert_object(&op, attrs_of(&op), asked->prior_state, &op.prior) &&
        convert_object(&op, attrs_of(&op), asked->planned_state, &op.plan) &&
        convert_identity(&op, asked->planned_identity))
        resource_apply(&op);
    answer->new_state = convert_dynamic(rpc->arena, op.state);
    answer->new_identity = convert_identity_data(&op);
    answer->private_ = private_out(&op, before, asked->planned_private);
    answer->n_diagnostics = convert_diagnostics(&op, &answer->diagnostics);
}

static void add_imported(struct op *op, const char *type_name,
                         Tfplugin6__ImportResourceState__Response *answer)
{
    Tfplugin6__ImportResourceState__ImportedResource *object =
        arena_alloc(op->arena, sizeof *object);
    tfplugin6__import_resource_state__imported_resource__init(object);
    object->type_name = (char *)type_name;
    object->state = convert_dynamic(op->arena, op->state);
    object->private_ = private_out(op, NULL, (ProtobufCBinaryData){0});
    object->identity = convert_identity_data(op);

    answer->imported_resources = arena_array(op->arena, 1, sizeof *answer->imported_resources);
    answer->imported_resources[0] = object;
    answer->n_imported_resources = 1;
}

HANDLER(rpc_import_resource_state)
{
    const Tfplugin6__ImportResourceState__Request *asked = request;
    Tfplugin6__ImportResourceState__Response *answer = response;
    struct op op = session_resource_op(rpc, asked->type_name);

    if (op.resource && convert_identity(&op, asked->identity))
        resource_import(&op, asked->id);
    if (!op_failed(&op))
        add_imported(&op, asked->type_name, answer);
    answer->n_diagnostics = convert_diagnostics(&op, &answer->diagnostics);
}

/* Private data of another provider means nothing here. */
HANDLER(rpc_move_resource_state)
{
    const Tfplugin6__MoveResourceState__Request *asked = request;
    Tfplugin6__MoveResourceState__Response *answer = response;
    struct op op = session_resource_op(rpc, asked->target_type_name);

    const struct value *v = op.resource ? convert_stored(&op, asked->source_state) : NULL;
    if (v)
        resource_move(&op, asked->source_provider_address, asked->source_type_name, v);
    answer->target_state = convert_dynamic(rpc->arena, op.state);
    answer->n_diagnostics = convert_diagnostics(&op, &answer->diagnostics);
}
