/* Data sources, ephemeral resources and functions by their RPCs, on a provider that has one of
 * each. */
#include "base/test.h"
#include "framework/framework_test.h"
#include "plugin/ask_test.h"
#include "plugin/convert.h"
#include "value/msgpack.h"

#include <string.h>

static const struct attr rows[] = {
    ATTR("name", STRING, REQUIRED, .min_length = 2, .doc = "."),
    ATTR("token", STRING, COMPUTED | SENSITIVE, .doc = "."),
    END,
};

static const struct schema source_schema = {
    .name = "ecr_source", .summary = ".", .doc = ".", .attrs = rows};

/* Fails after it has a token, which must not leave with the error. */
static bool source_read(struct op *op)
{
    struct arena *a = op->arena;
    op_set_state(op, value_with(a, op->config, "token", value_string(a, "T-secret")));
    return strcmp(value_text(op->config, "name"), "broken") != 0 ||
           op_fail(op, "name", "Broken", "It is broken.");
}

static const struct data_source source = {.schema = &source_schema, .read = source_read};
static const struct data_source *const sources[] = {&source};

static const struct value *call_repeat(struct arena *a, const struct value *const *arguments,
                                       struct function_fault *ret_fault)
{
    if (strcmp(arguments[1]->text, "0") != 0)
        return value_string(a, arena_printf(a, "%s%s", arguments[0]->text, arguments[0]->text));
    *ret_fault = (struct function_fault){1, "The number must not be 0."};
    return NULL;
}

static const struct function repeat = {
    .name = "repeat",
    .summary = ".",
    .doc = ".",
    .parameters =
        (const struct parameter[]){{"text", "\"string\"", "."}, {"times", "\"string\"", "."}, {0}},
    .returns = "\"string\"",
    .call = call_repeat,
};
static const struct function *const functions[] = {&repeat};

static struct session *new_session(struct arena *a, bool is_configured)
{
    struct provider *provider = arena_alloc(a, sizeof *provider);
    *provider = sample_provider;
    provider->data_sources = provider->ephemeral_resources = sources;
    provider->data_source_count = provider->ephemeral_resource_count = 1;
    provider->functions = functions;
    provider->function_count = 1;
    struct session *session = session_new(a, &os_real, provider, false);
    struct rpc rpc = {a, session};
    struct op op = session_op(&rpc, NULL);
    if (is_configured)
        session_configure(session, &op);
    return session;
}

static Tfplugin6__DynamicValue *dynamic(struct arena *a, const char *json)
{
    return convert_dynamic(a, sample(a, json));
}

/* The text at path of the object in a message; "" when that is null. */
static const char *text_in(struct arena *a, const Tfplugin6__DynamicValue *message,
                           const char *path)
{
    const struct value *v = convert_value(a, message);
    assert_non_null(v);
    return value_text(v, path);
}

static RESPONSE(ReadDataSource)
    read_source(struct arena *a, struct session *session, const char *name, const char *config)
{
    REQUEST(ReadDataSource) request = TFPLUGIN6__READ_DATA_SOURCE__REQUEST__INIT;
    request.type_name = (char *)name;
    request.config = dynamic(a, config);
    return ASK(ReadDataSource, &request);
}

TEST(rpc__a_data_source_is_read_by_both_names)
{
    struct session *session = new_session(a, true);
    RESPONSE(ReadDataSource) r = read_source(a, session, "ecr_source", "{'name':'web'}");
    CHECK_INT(r->n_diagnostics, 0);
    CHECK_TEXT(text_in(a, r->state, "token"), "T-secret");
    r = read_source(a, session, "aws_ecr_source", "{'name':'web'}");
    CHECK_TEXT(text_in(a, r->state, "name"), "web");
}

TEST(rpc__a_data_source_that_fails_leaves_nothing_of_what_it_read)
{
    RESPONSE(ReadDataSource)
    r = read_source(a, new_session(a, true), "ecr_source", "{'name':'broken'}");
    CHECK_INT(r->n_diagnostics, 1);
    CHECK_TEXT(r->diagnostics[0]->summary, "Broken");
    CHECK_TEXT(text_in(a, r->state, "token"), "");
}

TEST(rpc__a_data_source_without_a_configured_provider_says_so)
{
    RESPONSE(ReadDataSource)
    r = read_source(a, new_session(a, false), "ecr_source", "{'name':'web'}");
    CHECK_TEXT(r->diagnostics[0]->summary, "Provider is not configured");
    CHECK_HAS(r->diagnostics[0]->detail, "AWS cannot be asked about ecr_source");
}

TEST(rpc__unknown_data_sources_and_ephemeral_resources_fail_without_harm)
{
    struct session *session = new_session(a, true);
    RESPONSE(ReadDataSource) r = read_source(a, session, "ecr_other", "{'name':'web'}");
    CHECK_HAS(r->diagnostics[0]->detail,
              "This provider has no data source or ephemeral resource \"ecr_other\".");
    REQUEST(OpenEphemeralResource) request = TFPLUGIN6__OPEN_EPHEMERAL_RESOURCE__REQUEST__INIT;
    request.type_name = (char *)"ecr_other";
    RESPONSE(OpenEphemeralResource) opened = ASK(OpenEphemeralResource, &request);
    CHECK_TEXT(opened->diagnostics[0]->summary, "Unknown data source");
}

TEST(rpc__sources_are_validated)
{
    struct session *session = new_session(a, false);
    REQUEST(ValidateDataResourceConfig)
    data = TFPLUGIN6__VALIDATE_DATA_RESOURCE_CONFIG__REQUEST__INIT;
    data.type_name = (char *)"ecr_source";
    data.config = dynamic(a, "{'name':'x'}");
    RESPONSE(ValidateDataResourceConfig) r = ASK(ValidateDataResourceConfig, &data);
    CHECK_HAS(r->diagnostics[0]->detail, "name must have at least 2 characters");

    REQUEST(ValidateEphemeralResourceConfig)
    ephemeral = TFPLUGIN6__VALIDATE_EPHEMERAL_RESOURCE_CONFIG__REQUEST__INIT;
    ephemeral.type_name = (char *)"ecr_source";
    ephemeral.config = dynamic(a, "{'name':'web','token':'mine'}");
    RESPONSE(ValidateEphemeralResourceConfig) e = ASK(ValidateEphemeralResourceConfig, &ephemeral);
    CHECK_HAS(e->diagnostics[0]->detail, "AWS sets token; it can be read, but not configured.");
}

TEST(rpc__an_ephemeral_resource_is_opened_and_leaves_no_private_data)
{
    struct session *session = new_session(a, true);
    REQUEST(OpenEphemeralResource) request = TFPLUGIN6__OPEN_EPHEMERAL_RESOURCE__REQUEST__INIT;
    request.type_name = (char *)"ecr_source";
    request.config = dynamic(a, "{'name':'web'}");
    RESPONSE(OpenEphemeralResource) opened = ASK(OpenEphemeralResource, &request);
    CHECK_INT(opened->n_diagnostics, 0);
    CHECK_TEXT(text_in(a, opened->result, "token"), "T-secret");
    CHECK_INT(opened->private_.len, 0);
}

static RESPONSE(CallFunction)
    call(struct arena *a, const char *name, const char *const *arguments, size_t count)
{
    REQUEST(CallFunction) request = TFPLUGIN6__CALL_FUNCTION__REQUEST__INIT;
    struct session *session = new_session(a, false);
    request.name = (char *)name;
    request.arguments = arena_array(a, count, sizeof *request.arguments);
    request.n_arguments = count;
    for (size_t i = 0; i < count; i++)
        request.arguments[i] = dynamic(a, arguments[i]);
    return ASK(CallFunction, &request);
}

TEST(rpc__a_function_answers_without_a_configured_provider)
{
    static const char *const arguments[] = {"'ab'", "'2'"};
    RESPONSE(CallFunction) r = call(a, "repeat", arguments, 2);
    assert_null(r->error);
    CHECK_TEXT(text_in(a, r->result, ""), "abab");
}

static void check_fault(struct arena *a, const char *name, const char *const *arguments,
                        size_t count, int argument, const char *text)
{
    RESPONSE(CallFunction) r = call(a, name, arguments, count);
    assert_null(r->result);
    assert_non_null(r->error);
    CHECK_HAS(r->error->text, text);
    bool at_argument = r->error->at_case == TFPLUGIN6__FUNCTION_ERROR__AT_FUNCTION_ARGUMENT;
    CHECK_INT(at_argument ? (int)r->error->function_argument : -1, argument);
}

TEST(rpc__a_fault_of_a_function_names_its_argument)
{
    static const char *const zero[] = {"'ab'", "'0'"}, *const null[] = {"null", "'1'"},
                             *const unknown[] = {"'ab'", "'?'"};
    check_fault(a, "repeat", zero, 2, 1, "The number must not be 0.");
    check_fault(a, "repeat", null, 2, 0, "The argument cannot be read.");
    check_fault(a, "repeat", unknown, 2, 1, "The argument cannot be read.");
    check_fault(a, "repeat", zero, 1, -1, "it takes another number of arguments");
    check_fault(a, "other", zero, 2, -1, "This provider has no such function");
}
