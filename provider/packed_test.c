/* What was packed when the program was built, against what the tables say. */
#include "packed.h"

#include "base/test.h"
#include "plugin/plugin.h"
#include "resources/registry.h"

TEST(packed__schema_is_what_the_tables_pack_to)
{
    struct bytes now = plugin_schema(a, &ecr_provider);
    CHECK_INT(packed_schema.size, now.size);
    assert_memory_equal(packed_schema.data, now.data, now.size);
}
