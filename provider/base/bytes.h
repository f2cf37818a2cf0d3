/* Bytes: a pointer with a length, for payloads that may hold NULs (protobuf, msgpack, HTTP bodies).
 * A view: it owns nothing. Text that is known to be text is a plain `const char *`. */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stddef.h>
#include <stdint.h>

struct bytes {
    const uint8_t *data;
    size_t size;
};

#endif
