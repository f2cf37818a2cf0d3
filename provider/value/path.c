/* A path is read step by step from its text; nothing is allocated. A key is written as it is
 * between its quotes, so a key that holds `"]` cannot be written and ends early. */
#include "value/path.h"

#include <stdlib.h>
#include <string.h>

static bool quoted_key(const char **path, struct path_step *ret_step)
{
    const char *start = *path + 2;
    const char *end = strstr(start, "\"]");
    if (!end)
        return false;
    *ret_step = (struct path_step){.name = start, .size = (size_t)(end - start), .quoted = true};
    *path = end + 2;
    return true;
}

static bool list_index(const char **path, struct path_step *ret_step)
{
    char *end;
    long long index = strtoll(*path + 1, &end, 10);
    if (*end != ']' || end == *path + 1 || index < 0)
        return false;
    *ret_step = (struct path_step){.index = index};
    *path = end + 1;
    return true;
}

bool path_next(const char **path, struct path_step *ret_step)
{
    if (**path == '.')
        (*path)++;
    if (**path == '[')
        return (*path)[1] == '"' ? quoted_key(path, ret_step) : list_index(path, ret_step);

    size_t size = strcspn(*path, ".[");
    if (size == 0)
        return false;
    *ret_step = (struct path_step){.name = *path, .size = size};
    *path += size;
    return true;
}
