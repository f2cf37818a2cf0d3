/* What every transport's answers share. */
#include "http/http.h"

#include <strings.h>

const char *http_header(const struct http_response *response, const char *name)
{
    for (const struct http_header *h = response->headers; h && h->name; h++)
        if (strcasecmp(h->name, name) == 0)
            return h->value;
    return NULL;
}
