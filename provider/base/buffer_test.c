/* Bytes that grow up to a limit. */
#include "base/buffer.h"

#include "base/test.h"

#include <string.h>

TEST(buffer__is_empty_text_at_first)
{
    struct buffer b = {.arena = a, .limit = 10};
    CHECK_TEXT(buffer_text(&b), "");
}

TEST(buffer__grows_piece_by_piece)
{
    struct buffer b = {.arena = a, .limit = 100000};
    for (int i = 0; i < 5000; i++)
        CHECK(buffer_printf(&b, "%04d,", i));
    CHECK_INT(b.size, 25000);
    CHECK_INT(strlen(buffer_text(&b)), 25000);
    CHECK(memcmp(buffer_text(&b) + 24990, "4998,4999,", 10) == 0);
}

TEST(buffer__refuses_what_passes_its_limit)
{
    struct buffer b = {.arena = a, .limit = 4};
    CHECK(buffer_add(&b, "1234", 4));
    CHECK(!buffer_add(&b, "5", 1));
    CHECK(!buffer_add(&b, "5", SIZE_MAX));
    CHECK(buffer_add(&b, "", 0));
    CHECK_TEXT(buffer_text(&b), "1234");
}

TEST(buffer__keeps_nuls)
{
    struct buffer b = {.arena = a, .limit = 4};
    CHECK(buffer_add(&b, "a\0b", 3));
    CHECK_INT(b.size, 3);
    CHECK(memcmp(b.data, "a\0b", 4) == 0);
}
