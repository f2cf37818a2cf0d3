/* Msgpack: Terraform's wire form of values. Source: go-cty's msgpack encoding. */
#ifndef VALUE_MSGPACK_H
#define VALUE_MSGPACK_H

#include "base/bytes.h"
#include "value/value.h"

/* The value, or NULL when the bytes are no value: cut short, nested too deep, too many
 * values, a key that is no string or stands twice, a string with a NUL inside. Any extension type
 * is an unknown value; refinements of unknown values are ignored. */
const struct value *msgpack_decode(struct arena *a, struct bytes bytes);

/* Integers in their shortest form, other numbers as decimal text. */
struct bytes msgpack_encode(struct arena *a, const struct value *v);

#endif
