/* Packed: what is made when the program is built, by pack.c. */
#ifndef PACKED_H
#define PACKED_H

#include "base/bytes.h"

/* The answer to GetProviderSchema. */
extern const struct bytes packed_schema;

#endif
