/* A tool of the build, linked from what the program is linked from: prints as C source what
 * packed.h declares, so that a process of a plan has no tables to walk and no message to pack. */
#include "plugin/plugin.h"
#include "resources/registry.h"

#include <stdio.h>

int main(void)
{
    struct arena a = {0};
    struct bytes schema = plugin_schema(&a, &ecr_provider);

    puts("#include \"packed.h\"\n\nconst struct bytes packed_schema = {(const uint8_t[]){");
    for (size_t i = 0; i < schema.size; i++)
        printf("%u,%s", schema.data[i], i % 25 == 24 ? "\n" : "");
    printf("}, %zu};\n", schema.size);
    arena_reset(&a);
    return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
