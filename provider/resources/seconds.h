/* Seconds: how ECR writes moments. */
#ifndef RESOURCES_SECONDS_H
#define RESOURCES_SECONDS_H

#include <stdint.h>

/* Milliseconds since 1970 from seconds as decimal text, -1 when it is none. */
int64_t seconds_parse(const char *text);

#endif
