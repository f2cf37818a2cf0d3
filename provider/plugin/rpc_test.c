/* The handlers, called as the server calls them: a message in, a message out, on the sample
 * resource. */
#include "base/stop.h"
#include "base/test.h"
#include "framework/framework_test.h"
#include "health.pb-c.h"
#include "plugin/ask_test.h"
#include "plugin/convert.h"

#include <string.h>

static struct session *new_session(struct arena *a)
{
    return session_new(a, &os_real, &sample_provider, false);
}

/* What the sample's handlers find: made by ConfigureProvider. */
static struct sample_service *configure(struct arena *a, struct session *session)
{
    REQUEST(ConfigureProvider) request = TFPLUGIN6__CONFIGURE_PROVIDER__REQUEST__INIT;
    request.config = convert_dynamic(a, sample(a, "{'region':'here'}"));
    RESPONSE(ConfigureProvider) configured = ASK(ConfigureProvider, &request);
    CHECK_INT(configured->n_diagnostics, 0);
    struct rpc rpc = {a, session};
    return session_op(&rpc, NULL).meta;
}

static Tfplugin6__DynamicValue *dynamic(struct arena *a, const char *json)
{
    return convert_dynamic(a, sample_object(a, json));
}

static const struct value *object(struct arena *a, const Tfplugin6__DynamicValue *message)
{
    struct op op = op_new(a, &os_real, &sample_provider, &sample_resource);
    const struct value *v = &value_null;
    CHECK(convert_object(&op, sample_resource.schema->attrs, message, &v));
    return v;
}

static const ProtobufCBinaryData kept = {3, (uint8_t *)"a\0b"};

static void check_kept(ProtobufCBinaryData private)
{
    CHECK_INT(private.len, kept.len);
    assert_memory_equal(private.data, kept.data, kept.len);
}

static const char stored[] =
    "{'name':'web','mode':'soft','text':'Hello','crypto':[{'type':'plain','key':null}],"
    "'id':'web','changed_at':'monday'}";

static RESPONSE(ApplyResourceChange) apply(struct arena *a, struct session *session,
                                           const char *prior, const char *config, const char *plan)
{
    REQUEST(ApplyResourceChange) request = TFPLUGIN6__APPLY_RESOURCE_CHANGE__REQUEST__INIT;
    request.type_name = (char *)"ecr_sample";
    request.prior_state = dynamic(a, prior);
    request.config = dynamic(a, config);
    request.planned_state = dynamic(a, plan);
    request.planned_private = kept;
    return ASK(ApplyResourceChange, &request);
}

static RESPONSE(PlanResourceChange)
    plan(struct arena *a, struct session *session, const char *prior, const char *config)
{
    REQUEST(PlanResourceChange) request = TFPLUGIN6__PLAN_RESOURCE_CHANGE__REQUEST__INIT;
    request.type_name = (char *)"ecr_sample";
    request.prior_state = dynamic(a, prior);
    request.config = dynamic(a, config);
    request.prior_private = kept;
    return ASK(PlanResourceChange, &request);
}

static RESPONSE(ReadResource) read_object(struct arena *a, struct session *session,
                                          const char *state, ProtobufCBinaryData private)
{
    REQUEST(ReadResource) request = TFPLUGIN6__READ_RESOURCE__REQUEST__INIT;
    request.type_name = (char *)"aws_ecr_sample";
    request.current_state = dynamic(a, state);
    request.private_ = private;
    return ASK(ReadResource, &request);
}

TEST(rpc__schema_has_each_resource_under_both_names)
{
    struct session *session = new_session(a);
    REQUEST(GetProviderSchema) request = TFPLUGIN6__GET_PROVIDER_SCHEMA__REQUEST__INIT;
    RESPONSE(GetProviderSchema) schema = ASK(GetProviderSchema, &request);
    CHECK_INT(schema->n_resource_schemas, 2);
    CHECK_TEXT(schema->resource_schemas[0]->key, "ecr_sample");
    CHECK_TEXT(schema->resource_schemas[1]->key, "aws_ecr_sample");
    CHECK_INT(schema->resource_schemas[0]->value->version, 1);
    CHECK(schema->server_capabilities->plan_destroy);
    CHECK(schema->server_capabilities->get_provider_schema_optional);
    assert_non_null(schema->provider->block);
}

static const Tfplugin6__Schema__Attribute *attribute(const Tfplugin6__Schema__Block *block,
                                                     const char *name)
{
    for (size_t i = 0; i < block->n_attributes; i++)
        if (strcmp(block->attributes[i]->name, name) == 0)
            return block->attributes[i];
    return NULL;
}

TEST(rpc__schema_says_what_the_rows_say)
{
    struct session *session = new_session(a);
    REQUEST(GetProviderSchema) request = TFPLUGIN6__GET_PROVIDER_SCHEMA__REQUEST__INIT;
    RESPONSE(GetProviderSchema) schema = ASK(GetProviderSchema, &request);
    const Tfplugin6__Schema__Block *block = schema->resource_schemas[0]->value->block;

    const Tfplugin6__Schema__Attribute *name = attribute(block, "name");
    CHECK(name->required && !name->optional && !name->computed && !name->sensitive);
    assert_memory_equal(name->type.data, "\"string\"", name->type.len);
    CHECK(attribute(block, "mode")->optional && attribute(block, "mode")->computed);
    CHECK(attribute(block, "secret")->sensitive);
    CHECK(!attribute(block, "id")->optional && attribute(block, "id")->computed);

    assert_null(attribute(block, "rule"));
    CHECK_INT(block->n_block_types, 2);
    CHECK_TEXT(block->block_types[0]->type_name, "rule");
    CHECK_INT(block->block_types[0]->nesting, TFPLUGIN6__SCHEMA__NESTED_BLOCK__NESTING_MODE__LIST);
    CHECK_INT(block->block_types[0]->max_items, 2);
    CHECK_INT(block->block_types[1]->nesting,
              TFPLUGIN6__SCHEMA__NESTED_BLOCK__NESTING_MODE__SINGLE);
}

TEST(rpc__configure_reports_what_the_provider_refuses)
{
    struct session *session = new_session(a);
    REQUEST(ConfigureProvider) request = TFPLUGIN6__CONFIGURE_PROVIDER__REQUEST__INIT;
    request.config = convert_dynamic(a, sample(a, "{'region':'nowhere'}"));
    RESPONSE(ConfigureProvider) configured = ASK(ConfigureProvider, &request);
    CHECK_INT(configured->n_diagnostics, 1);
    CHECK_TEXT(configured->diagnostics[0]->attribute->steps[0]->attribute_name, "region");
}

TEST(rpc__configure_with_unknown_values_is_no_error_but_no_configuration)
{
    struct session *session = new_session(a);
    REQUEST(ConfigureProvider) request = TFPLUGIN6__CONFIGURE_PROVIDER__REQUEST__INIT;
    request.config = convert_dynamic(a, sample(a, "{'region':'?'}"));
    RESPONSE(ConfigureProvider) configured = ASK(ConfigureProvider, &request);
    CHECK_INT(configured->n_diagnostics, 0);

    RESPONSE(ReadResource) response = read_object(a, session, stored, kept);
    CHECK_INT(response->n_diagnostics, 1);
    CHECK(value_equal(object(a, response->new_state), sample_object(a, stored)));
    check_kept(response->private_);
}

TEST(rpc__validate_answers_with_diagnostics)
{
    struct session *session = new_session(a);
    REQUEST(ValidateResourceConfig) request = TFPLUGIN6__VALIDATE_RESOURCE_CONFIG__REQUEST__INIT;
    request.type_name = (char *)"ecr_sample";
    request.config = dynamic(a, "{'name':'W','rule':[{'match':'too long'}]}");
    RESPONSE(ValidateResourceConfig) response = ASK(ValidateResourceConfig, &request);
    CHECK(response->n_diagnostics >= 2);
}

TEST(rpc__create_is_planned_and_applied_with_the_private_data)
{
    struct session *session = new_session(a);
    configure(a, session);
    RESPONSE(PlanResourceChange) planned = plan(a, session, "null", "{'name':'web'}");
    CHECK_INT(planned->n_diagnostics, 0);
    CHECK(value_is_unknown(value_member(object(a, planned->planned_state), "id")));
    check_kept(planned->planned_private);

    RESPONSE(ApplyResourceChange)
    applied = apply(a, session, "null", "{'name':'web'}",
                    "{'name':'web','mode':'soft','crypto':[{'type':'plain','key':null}],'id':'?',"
                    "'changed_at':'?'}");
    CHECK_INT(applied->n_diagnostics, 0);
    CHECK_TEXT(value_text(object(a, applied->new_state), "id"), "web");
    check_kept(applied->private_);
}

TEST(rpc__no_change_is_planned_as_the_prior_bytes)
{
    struct session *session = new_session(a);
    RESPONSE(PlanResourceChange)
    planned = plan(a, session, stored, "{'name':'web','text':'Hello'}");
    const Tfplugin6__DynamicValue *prior = dynamic(a, stored);
    CHECK_INT(planned->planned_state->msgpack.len, prior->msgpack.len);
    assert_memory_equal(planned->planned_state->msgpack.data, prior->msgpack.data,
                        prior->msgpack.len);
    CHECK_INT(planned->n_requires_replace, 0);
}

TEST(rpc__replacement_names_its_attributes)
{
    struct session *session = new_session(a);
    RESPONSE(PlanResourceChange)
    planned = plan(a, session, stored, "{'name':'other','text':'Hello'}");
    CHECK_INT(planned->n_requires_replace, 1);
    CHECK_TEXT(planned->requires_replace[0]->steps[0]->attribute_name, "name");
}

TEST(rpc__destroy_is_planned_as_null_with_the_private_data)
{
    struct session *session = new_session(a);
    RESPONSE(PlanResourceChange) planned = plan(a, session, stored, "null");
    CHECK(value_is_null(object(a, planned->planned_state)));
    CHECK_INT(planned->planned_state->msgpack.len, 1); /* nil, not nothing */
    check_kept(planned->planned_private);
}

TEST(rpc__a_create_that_fails_half_way_answers_with_the_object)
{
    struct session *session = new_session(a);
    configure(a, session)->fails_at = "create";
    RESPONSE(ApplyResourceChange)
    applied = apply(a, session, "null", "{'name':'web'}",
                    "{'name':'web','mode':'soft','crypto':[{'type':'plain','key':null}],'id':'?',"
                    "'changed_at':'?'}");
    CHECK_INT(applied->n_diagnostics, 1);
    CHECK_TEXT(value_text(object(a, applied->new_state), "name"), "web");
    CHECK(value_is_known(object(a, applied->new_state)));
    check_kept(applied->private_);
}

TEST(rpc__a_failed_delete_keeps_the_object)
{
    struct session *session = new_session(a);
    configure(a, session)->fails_at = "delete";
    RESPONSE(ApplyResourceChange) applied = apply(a, session, stored, "null", "null");
    CHECK_INT(applied->n_diagnostics, 1);
    CHECK(value_equal(object(a, applied->new_state), sample_object(a, stored)));
    check_kept(applied->private_);
}

TEST(rpc__read_of_a_gone_object_is_null)
{
    struct session *session = new_session(a);
    configure(a, session)->gone = true;
    RESPONSE(ReadResource) response = read_object(a, session, stored, kept);
    CHECK_INT(response->n_diagnostics, 0);
    CHECK_INT(response->new_state->msgpack.len, 1);
    CHECK(value_is_null(object(a, response->new_state)));
}

TEST(rpc__a_failed_read_keeps_state_and_private_data)
{
    struct session *session = new_session(a);
    configure(a, session)->fails_at = "read";
    RESPONSE(ReadResource) response = read_object(a, session, stored, kept);
    CHECK_INT(response->n_diagnostics, 1);
    CHECK(value_equal(object(a, response->new_state), sample_object(a, stored)));
    check_kept(response->private_);
}

static RESPONSE(UpgradeResourceState)
    upgrade(struct arena *a, struct session *session, const char *json, int64_t version)
{
    REQUEST(UpgradeResourceState) request = TFPLUGIN6__UPGRADE_RESOURCE_STATE__REQUEST__INIT;
    Tfplugin6__RawState raw = TFPLUGIN6__RAW_STATE__INIT;
    request.type_name = (char *)"ecr_sample";
    request.version = version;
    request.raw_state = json ? &raw : NULL;
    if (json)
        raw.json = (ProtobufCBinaryData){strlen(json), (uint8_t *)json};
    return ASK(UpgradeResourceState, &request);
}

TEST(rpc__upgrade_takes_pretty_json_with_gaps_and_extras)
{
    struct session *session = new_session(a);
    RESPONSE(UpgradeResourceState)
    upgraded = upgrade(
        a, session, "{\n  \"name\": \"web\",\n  \"invented\": [1.5],\n  \"count\": \"3\"\n}\n", 0);
    CHECK_INT(upgraded->n_diagnostics, 0);
    const struct value *state = object(a, upgraded->upgraded_state);
    CHECK_TEXT(value_text(state, "name"), "web");
    CHECK_TEXT(value_text(state, "count"), "3");
    CHECK_INT(value_member(state, "rule")->kind, VALUE_LIST);
}

TEST(rpc__upgrade_refuses_what_it_cannot_read)
{
    struct session *session = new_session(a);
    static const char *const bad[] = {NULL, "", "{", "[]", "null", "{\"name\":[]}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_INT(upgrade(a, session, bad[i], 1)->n_diagnostics, 1);
    CHECK_HAS(upgrade(a, session, NULL, 1)->diagnostics[0]->detail, "0.11");
    CHECK_INT(upgrade(a, session, "{\"name\":\"web\"}", 2)->n_diagnostics, 1);
}

TEST(rpc__import_marks_the_object_until_it_is_read)
{
    struct session *session = new_session(a);
    configure(a, session)->remote = sample(a, "{'theName':'web','theMode':'soft'}");
    REQUEST(ImportResourceState) request = TFPLUGIN6__IMPORT_RESOURCE_STATE__REQUEST__INIT;
    request.type_name = (char *)"aws_ecr_sample";
    request.id = (char *)"web";
    RESPONSE(ImportResourceState) imported = ASK(ImportResourceState, &request);
    CHECK_INT(imported->n_diagnostics, 0);
    CHECK_INT(imported->n_imported_resources, 1);
    const Tfplugin6__ImportResourceState__ImportedResource *found = imported->imported_resources[0];
    CHECK_TEXT(found->type_name, "aws_ecr_sample");
    CHECK(found->private_.len > 0);

    RESPONSE(ReadResource)
    read_first = read_object(a, session, "{'name':'web','id':'web'}", found->private_);
    CHECK_INT(read_first->n_diagnostics, 0);
    CHECK_INT(read_first->private_.len, 0);
    CHECK_TEXT(value_text(object(a, read_first->new_state), "mode"), "soft");
}

static Tfplugin6__ResourceIdentityData identity(struct arena *a, const char *json)
{
    Tfplugin6__ResourceIdentityData message = TFPLUGIN6__RESOURCE_IDENTITY_DATA__INIT;
    message.identity_data = convert_dynamic(a, sample(a, json));
    return message;
}

static void check_called(const Tfplugin6__ResourceIdentityData *message, const char *name)
{
    assert_non_null(message);
    CHECK_INT(message->identity_data->msgpack.data[0], 0x81); /* a map of one */
    CHECK_HAS((const char *)message->identity_data->msgpack.data + 2, name);
}

TEST(rpc__identities_have_a_schema_under_both_names)
{
    struct session *session = new_session(a);
    REQUEST(GetResourceIdentitySchemas)
    request = TFPLUGIN6__GET_RESOURCE_IDENTITY_SCHEMAS__REQUEST__INIT;
    RESPONSE(GetResourceIdentitySchemas) schemas = ASK(GetResourceIdentitySchemas, &request);
    CHECK_INT(schemas->n_identity_schemas, 2);
    CHECK_TEXT(schemas->identity_schemas[1]->key, "aws_ecr_sample");
    const Tfplugin6__ResourceIdentitySchema *schema = schemas->identity_schemas[1]->value;
    CHECK_INT(schema->n_identity_attributes, 1);
    CHECK_TEXT(schema->identity_attributes[0]->name, "called");
    CHECK(schema->identity_attributes[0]->required_for_import);
    CHECK(!schema->identity_attributes[0]->optional_for_import);
}

TEST(rpc__an_identity_imports_and_is_given_back_by_read)
{
    struct session *session = new_session(a);
    configure(a, session)->remote = sample(a, "{'theName':'web','theMode':'soft'}");
    Tfplugin6__ResourceIdentityData asked = identity(a, "{'called':'web'}");
    REQUEST(ImportResourceState) request = TFPLUGIN6__IMPORT_RESOURCE_STATE__REQUEST__INIT;
    request.type_name = (char *)"ecr_sample";
    request.identity = &asked;
    RESPONSE(ImportResourceState) imported = ASK(ImportResourceState, &request);
    CHECK_INT(imported->n_diagnostics, 0);
    check_called(imported->imported_resources[0]->identity, "web");

    REQUEST(ReadResource) read = TFPLUGIN6__READ_RESOURCE__REQUEST__INIT;
    read.type_name = (char *)"ecr_sample";
    read.current_state = imported->imported_resources[0]->state;
    read.current_identity = imported->imported_resources[0]->identity;
    RESPONSE(ReadResource) found = ASK(ReadResource, &read);
    CHECK_INT(found->n_diagnostics, 0);
    check_called(found->new_identity, "web");
}

TEST(rpc__a_broken_identity_fails_without_harm)
{
    struct session *session = new_session(a);
    configure(a, session);
    Tfplugin6__ResourceIdentityData asked = identity(a, "{'called':['web']}");
    REQUEST(ReadResource) request = TFPLUGIN6__READ_RESOURCE__REQUEST__INIT;
    request.type_name = (char *)"ecr_sample";
    request.current_state = dynamic(a, stored);
    request.current_identity = &asked;
    RESPONSE(ReadResource) found = ASK(ReadResource, &request);
    CHECK_INT(found->n_diagnostics, 1);
}

static RESPONSE(UpgradeResourceIdentity)
    upgrade_identity(struct arena *a, struct session *session, const char *json)
{
    REQUEST(UpgradeResourceIdentity) request = TFPLUGIN6__UPGRADE_RESOURCE_IDENTITY__REQUEST__INIT;
    Tfplugin6__RawState raw = TFPLUGIN6__RAW_STATE__INIT;
    request.type_name = (char *)"ecr_sample";
    request.raw_identity = &raw;
    raw.json = (ProtobufCBinaryData){strlen(json), (uint8_t *)json};
    return ASK(UpgradeResourceIdentity, &request);
}

TEST(rpc__a_stored_identity_comes_back)
{
    struct session *session = new_session(a);
    check_called(upgrade_identity(a, session, "{\"called\": \"web\"}")->upgraded_identity, "web");
    CHECK_INT(upgrade_identity(a, session, "[]")->n_diagnostics, 1);
    CHECK_INT(upgrade_identity(a, session, "{")->n_diagnostics, 1);
}

static RESPONSE(MoveResourceState)
    move(struct arena *a, struct session *session, const char *address, const char *type)
{
    REQUEST(MoveResourceState) request = TFPLUGIN6__MOVE_RESOURCE_STATE__REQUEST__INIT;
    Tfplugin6__RawState raw = TFPLUGIN6__RAW_STATE__INIT;
    static const char json[] = "{\"name\":\"web\",\"text\":\"\",\"id\":\"web\"}";
    request.source_provider_address = (char *)address;
    request.source_type_name = (char *)type;
    request.source_state = &raw;
    request.target_type_name = (char *)"ecr_sample";
    raw.json = (ProtobufCBinaryData){strlen(json), (uint8_t *)json};
    return ASK(MoveResourceState, &request);
}

TEST(rpc__moves_come_from_the_other_name_and_the_other_provider)
{
    struct session *session = new_session(a);
    static const char *const good[][2] = {
        {"registry.terraform.io/hashicorp/aws", "aws_ecr_sample"},
        {"registry.opentofu.org/hashicorp/aws", "aws_ecr_sample"},
        {"registry.terraform.io/aws-labs/sample", "aws_ecr_sample"},
        {"registry.terraform.io/aws-labs/sample", "ecr_sample"},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        RESPONSE(MoveResourceState) moved = move(a, session, good[i][0], good[i][1]);
        CHECK_INT(moved->n_diagnostics, 0);
        const struct value *state = object(a, moved->target_state);
        CHECK_TEXT(value_text(state, "name"), "web");
        CHECK(value_is_null(value_member(state, "text")));
    }
    static const char *const bad[][2] = {
        {"registry.terraform.io/acme/aws", "aws_ecr_sample"},
        {"registry.terraform.io/hashicorp/aws", "aws_s3_bucket"},
        {"hashicorp", "aws_ecr_sample"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        RESPONSE(MoveResourceState) moved = move(a, session, bad[i][0], bad[i][1]);
        CHECK_INT(moved->n_diagnostics, 1);
        CHECK(value_is_null(object(a, moved->target_state)));
    }
}

TEST(rpc__a_bad_import_id_imports_nothing)
{
    struct session *session = new_session(a);
    REQUEST(ImportResourceState) request = TFPLUGIN6__IMPORT_RESOURCE_STATE__REQUEST__INIT;
    request.type_name = (char *)"ecr_sample";
    request.id = (char *)"Not A Name";
    RESPONSE(ImportResourceState) imported = ASK(ImportResourceState, &request);
    CHECK_INT(imported->n_diagnostics, 1);
    CHECK_INT(imported->n_imported_resources, 0);
}

TEST(rpc__unknown_types_and_broken_values_fail_without_harm)
{
    struct session *session = new_session(a);
    REQUEST(PlanResourceChange) request = TFPLUGIN6__PLAN_RESOURCE_CHANGE__REQUEST__INIT;
    Tfplugin6__DynamicValue broken = TFPLUGIN6__DYNAMIC_VALUE__INIT;
    broken.msgpack = (ProtobufCBinaryData){1, (uint8_t *)"\x81"};
    request.type_name = (char *)"ecr_nothing";
    request.prior_private = kept;
    RESPONSE(PlanResourceChange) planned = ASK(PlanResourceChange, &request);
    CHECK_INT(planned->n_diagnostics, 1);

    request.type_name = (char *)"ecr_sample";
    request.config = &broken;
    planned = ASK(PlanResourceChange, &request);
    CHECK_INT(planned->n_diagnostics, 1);
    check_kept(planned->planned_private);
}

TEST(rpc__stop_is_seen_by_what_waits)
{
    struct session *session = new_session(a);
    REQUEST(StopProvider) request = TFPLUGIN6__STOP_PROVIDER__REQUEST__INIT;
    RESPONSE(StopProvider) stopped = ASK(StopProvider, &request);
    bool requested = stop_requested();
    configure(a, session);
    bool outlasts_configure = stop_requested();
    stop_reset();
    CHECK_TEXT(stopped->error, "");
    CHECK(requested);
    CHECK(outlasts_configure);
}

TEST(rpc__a_process_of_many_runs_forgets_the_stop_of_the_last)
{
    struct session *session = session_new(a, &os_real, &sample_provider, true);
    stop_request();
    configure(a, session);
    bool still = stop_requested();
    stop_reset();
    CHECK(!still);
}

TEST(rpc__a_new_configuration_leaves_the_old_one_to_running_calls)
{
    struct session *session = session_new(a, &os_real, &sample_provider, true);
    struct sample_service *first = configure(a, session);
    struct sample_service *second = configure(a, session);
    CHECK(first != second);
    CHECK(!first->gone); /* still memory of ours, which the sanitizer sees */
}

TEST(rpc__health_is_serving)
{
    const Grpc__Health__V1__HealthCheckRequest request =
        GRPC__HEALTH__V1__HEALTH_CHECK_REQUEST__INIT;
    const Grpc__Health__V1__HealthCheckResponse *health =
        ask(a, new_session(a), "/grpc.health.v1.Health/Check", &request);
    CHECK_INT(health->status, GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVING);
}
