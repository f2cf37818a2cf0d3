/* The RPCs about functions. They need no configured provider: Terraform calls them in a process of
 * its own. */
#include "plugin/convert.h"
#include "plugin/methods.h"

#include <string.h>

static ProtobufCBinaryData type(const char *constraint)
{
    return (ProtobufCBinaryData){strlen(constraint), (uint8_t *)constraint};
}

static Tfplugin6__Function__Parameter *parameter_message(struct arena *a,
                                                         const struct parameter *parameter)
{
    Tfplugin6__Function__Parameter *message = arena_alloc(a, sizeof *message);
    tfplugin6__function__parameter__init(message);
    message->name = (char *)parameter->name;
    message->type = type(parameter->type);
    message->description = (char *)parameter->doc;
    message->description_kind = TFPLUGIN6__STRING_KIND__MARKDOWN;
    return message;
}

Tfplugin6__Function *function_message(struct arena *a, const struct function *function)
{
    Tfplugin6__Function *message = arena_alloc(a, sizeof *message);
    Tfplugin6__Function__Return *result = arena_alloc(a, sizeof *result);
    tfplugin6__function__init(message);
    tfplugin6__function__return__init(result);
    size_t count = 0;
    while (function->parameters[count].name)
        count++;

    message->parameters = arena_array(a, count, sizeof *message->parameters);
    for (size_t i = 0; i < count; i++)
        message->parameters[i] = parameter_message(a, &function->parameters[i]);
    message->n_parameters = count;
    result->type = type(function->returns);
    message->return_ = result;
    message->summary = (char *)function->summary;
    message->description = (char *)function->doc;
    message->description_kind = TFPLUGIN6__STRING_KIND__MARKDOWN;
    return message;
}

HANDLER(rpc_get_functions)
{
    (void)request;
    struct arena *a = rpc->arena;
    const struct provider *provider = session_provider(rpc->session);
    Tfplugin6__GetFunctions__Response *answer = response;

    answer->functions = arena_array(a, provider->function_count, sizeof *answer->functions);
    for (size_t i = 0; i < provider->function_count; i++) {
        Tfplugin6__GetFunctions__Response__FunctionsEntry *entry = arena_alloc(a, sizeof *entry);
        tfplugin6__get_functions__response__functions_entry__init(entry);
        entry->key = (char *)provider->functions[i]->name;
        entry->value = function_message(a, provider->functions[i]);
        answer->functions[answer->n_functions++] = entry;
    }
}

static const struct function *find(const struct provider *provider, const char *name)
{
    for (size_t i = 0; i < provider->function_count; i++)
        if (strcmp(provider->functions[i]->name, name) == 0)
            return provider->functions[i];
    return NULL;
}

static Tfplugin6__FunctionError *error_message(struct arena *a, const struct function_fault *fault)
{
    Tfplugin6__FunctionError *message = arena_alloc(a, sizeof *message);
    tfplugin6__function_error__init(message);
    message->text = convert_text(a, fault->text);
    if (fault->argument >= 0) {
        message->at_case = TFPLUGIN6__FUNCTION_ERROR__AT_FUNCTION_ARGUMENT;
        message->function_argument = fault->argument;
    }
    return message;
}

/* The function's result; NULL with *ret_fault. */
static const struct value *call(struct arena *a, const struct function *function,
                                const Tfplugin6__CallFunction__Request *asked,
                                struct function_fault *ret_fault)
{
    const struct value **arguments = arena_array(a, asked->n_arguments, sizeof *arguments);
    size_t count = 0;
    while (function && function->parameters[count].name)
        count++;
    *ret_fault = (struct function_fault){-1, "This provider has no such function, or it takes "
                                             "another number of arguments."};
    if (!function || count != asked->n_arguments)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        arguments[i] = convert_value(a, asked->arguments[i]);
        *ret_fault = (struct function_fault){(int)i, "The argument cannot be read."};
        if (!arguments[i] || !value_is_known(arguments[i]) || value_is_null(arguments[i]))
            return NULL;
    }
    return function->call(a, arguments, ret_fault);
}

HANDLER(rpc_call_function)
{
    const Tfplugin6__CallFunction__Request *asked = request;
    Tfplugin6__CallFunction__Response *answer = response;
    const struct function *function = find(session_provider(rpc->session), asked->name);
    struct function_fault fault;

    const struct value *result = call(rpc->arena, function, asked, &fault);
    if (result)
        answer->result = convert_dynamic(rpc->arena, result);
    else
        answer->error = error_message(rpc->arena, &fault);
}
