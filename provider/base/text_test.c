/* Foreign text made fit to be shown. */
#include "base/text.h"

#include "base/test.h"

#include <string.h>

static bool is_utf8(const char *text)
{
    return text_is_utf8(text, strlen(text));
}

TEST(text__knows_utf8)
{
    CHECK(is_utf8(""));
    CHECK(is_utf8("plain \n"));
    CHECK(is_utf8("\xc2\x80 \xdf\xbf \xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80 \xef\xbf\xbf"));
    CHECK(is_utf8("\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf"));
}

TEST(text__knows_what_is_no_utf8)
{
    static const char *const bad[] = {
        "\x80",
        "\xff",
        "\xc0\xaf",
        "\xc1\xbf",
        "\xc3",
        "\xc3(",
        "\xe0\x80\xaf",
        "\xed\xa0\x80",
        "\xe2\x82",
        "\xf0\x80\x80\xaf",
        "\xf5\x80\x80\x80",
        "\xf4\x90\x80\x80",
        "\xe2\x82(",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(!is_utf8(bad[i]));
}

static const char *line(struct arena *a, const char *text, size_t limit)
{
    return text_line(a, text, strlen(text), limit);
}

TEST(text__line_has_one_space_for_all_white_space)
{
    CHECK_TEXT(line(a,
                    "  a \r\n\t b\x07"
                    "c \n",
                    100),
               "a b c");
    CHECK_TEXT(line(a, "\n\n", 100), "");
    CHECK_TEXT(line(a, "", 100), "");
    CHECK_TEXT(text_line(a, "a\0b", 3, 100), "a b");
}

TEST(text__line_replaces_what_is_no_utf8)
{
    CHECK_TEXT(line(a, "a\xff\xc3", 100), "a\xef\xbf\xbd\xef\xbf\xbd");
    CHECK_TEXT(line(a, "grün", 100), "grün");
}

TEST(text__line_is_cut_between_characters)
{
    CHECK_TEXT(line(a, "12345", 5), "12345");
    CHECK_TEXT(line(a, "123456", 5), "12345…");
    CHECK_TEXT(line(a, "1234ü", 5), "1234…");
}

TEST(text__hex_has_two_digits_for_each_byte)
{
    static const uint8_t data[] = {0x00, 0x0f, 0xa5, 0xff};
    CHECK_TEXT(text_hex(a, (struct bytes){data, sizeof data}), "000fa5ff");
    CHECK_TEXT(text_hex(a, (struct bytes){data, 0}), "");
}
