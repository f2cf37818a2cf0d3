/* The codecs: what was understood is printed and understood as the same again. */
#include "fuzz/fuzz.h"
#include "value/json.h"
#include "value/msgpack.h"
#include "value/path.h"

#include <string.h>

FUZZ(msgpack)
{
    const struct value *v = msgpack_decode(a, input);
    if (!v)
        return;
    struct bytes bytes = msgpack_encode(a, v);
    const struct value *again = msgpack_decode(a, bytes);
    CLAIM(again);
    struct bytes same = msgpack_encode(a, again); /* fractions have become text, which stays */
    CLAIM(bytes.size == same.size && memcmp(bytes.data, same.data, same.size) == 0);
    CLAIM(value_equal(v, value_copy(a, v)));
}

FUZZ(json)
{
    struct json_error error = {0};
    const struct value *v = json_parse(a, (const char *)input.data, input.size, &error);
    CLAIM(v || (error.line > 0 && error.column > 0));
    if (!v)
        return;
    const char *text = json_print(a, v);
    const struct value *again = json_parse(a, text, strlen(text), NULL);
    CLAIM(again);
    CLAIM(strcmp(json_print(a, again), text) == 0);
}

FUZZ(path)
{
    const struct value *v =
        MAP(a, {"a", LIST(a, MAP(a, {"b", &value_true}, {"c d", &value_empty_text}))});
    const char *text = fuzz_text(a, input), *rest = text;
    struct path_step step;
    CLAIM(value_get(v, text));
    while (path_next(&rest, &step))
        CLAIM(rest > text && rest <= text + strlen(text));
}
