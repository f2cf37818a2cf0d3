/* Json: text to value and back. Numbers keep their decimal text when they are integers up to 2^53;
 * beyond that, and for fractions, the text is the shortest that reads back as the same double. */
#ifndef VALUE_JSON_H
#define VALUE_JSON_H

#include "value/value.h"

/* Where and why text is no JSON. */
struct json_error {
    int line, column; /* from 1 */
};

/* The document, or NULL with *ret_error filled (which may be NULL). Text after the document, a NUL
 * (\u0000 too) and a number beyond a double's range are errors. Nesting is limited to 1000, numbers
 * of values as value.h says. */
const struct value *json_parse(struct arena *a, const char *text, size_t size,
                               struct json_error *ret_error);

/* Compact text with members sorted by key. Members that are null or unknown are left out, as AWS
 * expects of absent members. */
const char *json_print(struct arena *a, const struct value *v);

#endif
