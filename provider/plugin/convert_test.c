/* Values, diagnostics and paths on their way between messages and the framework. Bytes are written
 * out as Terraform sends them. */
#include "plugin/convert.h"

#include "base/test.h"
#include "framework/framework_test.h"

#include <string.h>

/* A DynamicValue of a string literal's bytes. */
#define SENT(literal) sent(a, literal, sizeof literal - 1)

static const Tfplugin6__DynamicValue *sent(struct arena *a, const char *bytes, size_t size)
{
    Tfplugin6__DynamicValue *message = arena_alloc(a, sizeof *message);
    tfplugin6__dynamic_value__init(message);
    message->msgpack = (ProtobufCBinaryData){size, (uint8_t *)arena_text_n(a, bytes, size)};
    return message;
}

static struct op read_into(struct arena *a, const Tfplugin6__DynamicValue *message,
                           const struct value **ret_object)
{
    struct op op = op_new(a, &os_real, &sample_provider, &sample_resource);
    *ret_object = NULL;
    convert_object(&op, sample_resource.schema->attrs, message, ret_object);
    return op;
}

/* The text of the attribute "count", sent in this form. */
static const char *count_of(struct arena *a, const Tfplugin6__DynamicValue *message)
{
    const struct value *object;
    struct op op = read_into(a, message, &object);
    CHECK(!op_failed(&op));
    return value_text(object, "count");
}

TEST(convert__reads_numbers_in_every_form)
{
    CHECK_TEXT(count_of(a, SENT("\x81\xa5"
                                "count\x07")),
               "7");
    CHECK_TEXT(count_of(a, SENT("\x81\xa5"
                                "count\xff")),
               "-1");
    CHECK_TEXT(count_of(a, SENT("\x81\xa5"
                                "count\xcf\xff\xff\xff\xff\xff\xff\xff\xff")),
               "18446744073709551615");
    CHECK_TEXT(count_of(a, SENT("\x81\xa5"
                                "count\xd3\x80\0\0\0\0\0\0\0")),
               "-9223372036854775808");
    CHECK_TEXT(count_of(a, SENT("\x81\xa5"
                                "count\xcb\x3f\xf8\0\0\0\0\0\0")),
               "1.5");
    CHECK_TEXT(count_of(a, SENT("\x81\xa5"
                                "count\xca\x3f\0\0\0")),
               "0.5");
    CHECK_TEXT(count_of(a, SENT("\x81\xa5"
                                "count\xa3"
                                "0.1")),
               "0.1");
}

TEST(convert__reads_unknowns_with_and_without_refinement)
{
    const struct value *object;
    read_into(a,
              SENT("\x82\xa4name\xd4\0\0\xa4text\xc7\x03\x0c\x81\x01\xc2"
                   "rest"),
              &object);
    CHECK(value_is_unknown(value_member(object, "name")));
    CHECK(value_is_unknown(value_member(object, "text")));
    CHECK(value_is_null(value_member(object, "mode")));
}

TEST(convert__absent_and_empty_messages_are_null)
{
    const struct value *object;
    read_into(a, NULL, &object);
    CHECK(value_is_null(object));
    read_into(a, SENT(""), &object);
    CHECK(value_is_null(object));
    read_into(a, SENT("\xc0"), &object);
    CHECK(value_is_null(object));
}

TEST(convert__takes_json_where_there_is_no_msgpack)
{
    const char text[] = "{ \"name\": \"web\", \"count\": 3 }";
    Tfplugin6__DynamicValue message = TFPLUGIN6__DYNAMIC_VALUE__INIT;
    message.json = (ProtobufCBinaryData){sizeof text - 1, (uint8_t *)text};
    CHECK_TEXT(count_of(a, &message), "3");
}

TEST(convert__what_breaks_off_is_an_error)
{
    const char whole[] = "\x82\xa4name\xa3web\xa4tags\x81\xa1"
                         "k\xa1v";
    for (size_t size = 1; size < sizeof whole - 1; size++) {
        const struct value *object;
        struct op op = read_into(a, sent(a, whole, size), &object);
        CHECK(op_failed(&op));
        CHECK_HAS(op.diagnostics->detail, "encoding");
        assert_null(object);
    }
}

TEST(convert__a_wrong_type_is_reported_where_it_is)
{
    const struct value *object;
    struct op op = read_into(a,
                             SENT("\x81\xa4tags\x81\xa1"
                                  "k\x90"),
                             &object);
    CHECK(op_failed(&op));
    CHECK_TEXT(op.diagnostics->path, "tags[\"k\"]");
    op = read_into(a, SENT("\x90"), &object);
    CHECK(op_failed(&op));
}

static void check_bytes(const Tfplugin6__DynamicValue *message, const char *wanted, size_t size)
{
    CHECK_INT(message->msgpack.len, size);
    assert_memory_equal(message->msgpack.data, wanted, size);
}

#define CHECK_BYTES(json, literal) \
    check_bytes(convert_dynamic(a, sample(a, json)), literal, sizeof literal - 1)

TEST(convert__writes_what_terraform_would)
{
    CHECK_BYTES("null", "\xc0");
    CHECK_BYTES("'?'", "\xd4\0\0");
    CHECK_BYTES("{'b':'?','a':null}", "\x82\xa1"
                                      "a\xc0\xa1"
                                      "b\xd4\0\0");
    CHECK_BYTES("{'b':{'z':1,'y':true},'a':[{'d':[],'c':-5}]}", "\x82\xa1"
                                                                "a\x91\x82\xa1"
                                                                "c\xfb\xa1"
                                                                "d\x90\xa1"
                                                                "b\x82\xa1"
                                                                "y\xc3\xa1"
                                                                "z\x01");
}

TEST(convert__text_is_made_valid_in_keys_and_values)
{
    const struct value *object = MAP(a, {"k\xff", LIST(a, value_string(a, "\xc3("))});
    check_bytes(convert_dynamic(a, object),
                "\x81\xa2k?\x91\xa2?"
                "(",
                8);
}

TEST(convert__replaces_bytes_that_are_no_utf8)
{
    static const char *const texts[][2] = {
        {"", ""},
        {"plain", "plain"},
        {"Gr\xc3\xbc\xc3\x9f"
         "e",
         "Gr\xc3\xbc\xc3\x9f"
         "e"},
        {"\xe6\x97\xa5", "\xe6\x97\xa5"},
        {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
        {"\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"},
        {"\xff\xfe", "??"},
        {"\x80", "?"},
        {"\xc3", "?"},
        {"\xc3(", "?("},
        {"\xe6\x97", "??"},
        {"\xc0\xaf", "??"},
        {"\xe0\x80\xaf", "???"},
        {"\xed\xa0\x80", "???"},
        {"\xf4\x90\x80\x80", "????"},
        {"\xf8\x88\x80\x80\x80", "?????"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        CHECK_TEXT(convert_text(a, texts[i][0]), texts[i][1]);
}

TEST(convert__paths_have_a_step_for_each_part)
{
    assert_null(convert_path(a, ""));

    Tfplugin6__AttributePath *path = convert_path(a, "block[12].tags[\"a.b[0]\"]");
    CHECK_INT(path->n_steps, 4);
    CHECK_TEXT(path->steps[0]->attribute_name, "block");
    CHECK_INT(path->steps[1]->selector_case,
              TFPLUGIN6__ATTRIBUTE_PATH__STEP__SELECTOR_ELEMENT_KEY_INT);
    CHECK_INT(path->steps[1]->element_key_int, 12);
    CHECK_TEXT(path->steps[2]->attribute_name, "tags");
    CHECK_INT(path->steps[3]->selector_case,
              TFPLUGIN6__ATTRIBUTE_PATH__STEP__SELECTOR_ELEMENT_KEY_STRING);
    CHECK_TEXT(path->steps[3]->element_key_string, "a.b[0]");
}

TEST(convert__diagnostics_keep_order_severity_and_path)
{
    struct op op = op_new(a, &os_real, &sample_provider, &sample_resource);
    Tfplugin6__Diagnostic **messages;
    CHECK_INT(convert_diagnostics(&op, &messages), 0);

    op_warn(&op, "", "first", "not \xff valid");
    op_fail(&op, "name", "second", "%d", 2);
    CHECK_INT(convert_diagnostics(&op, &messages), 2);
    CHECK_INT(messages[0]->severity, TFPLUGIN6__DIAGNOSTIC__SEVERITY__WARNING);
    CHECK_TEXT(messages[0]->summary, "first");
    CHECK_TEXT(messages[0]->detail, "not ? valid");
    assert_null(messages[0]->attribute);
    CHECK_INT(messages[1]->severity, TFPLUGIN6__DIAGNOSTIC__SEVERITY__ERROR);
    CHECK_TEXT(messages[1]->detail, "2");
    CHECK_TEXT(messages[1]->attribute->steps[0]->attribute_name, "name");
}
