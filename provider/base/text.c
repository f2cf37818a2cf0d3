/* UTF-8 by the table of its well-formed sequences. */
#include "base/text.h"

#include "base/buffer.h"

struct sequence {
    unsigned char first, last;     /* of the first byte */
    unsigned char lowest, highest; /* of the second */
    size_t size;
};

static const struct sequence sequences[] = {
    {0x00, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
    {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
    {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

static bool matches(const struct sequence *s, const unsigned char *text, size_t size)
{
    if (text[0] < s->first || text[0] > s->last || size < s->size)
        return false;
    if (s->size > 1 && (text[1] < s->lowest || text[1] > s->highest))
        return false;
    for (size_t i = 2; i < s->size; i++)
        if ((text[i] & 0xc0) != 0x80)
            return false;
    return true;
}

size_t text_character_size(const char *text, size_t size)
{
    for (size_t i = 0; i < sizeof sequences / sizeof *sequences; i++)
        if (matches(&sequences[i], (const unsigned char *)text, size))
            return sequences[i].size;
    return 0;
}

bool text_is_utf8(const char *text, size_t size)
{
    while (size) {
        size_t n = text_character_size(text, size);
        if (n == 0)
            return false;
        text += n;
        size -= n;
    }
    return true;
}

static bool is_blank(char c)
{
    return (unsigned char)c <= 0x20 || c == 0x7f;
}

static bool add_character(struct buffer *line, const char *text, size_t size)
{
    if (!is_blank(*text))
        return size ? buffer_add(line, text, size) : buffer_add(line, "\xef\xbf\xbd", 3);
    if (line->size == 0 || line->data[line->size - 1] == ' ')
        return true;
    return buffer_add(line, " ", 1);
}

const char *text_line(struct arena *a, const char *text, size_t size, size_t limit)
{
    struct buffer line = {.arena = a, .limit = limit};
    while (size) {
        size_t n = text_character_size(text, size);
        if (!add_character(&line, text, n))
            return arena_printf(a, "%s…", buffer_text(&line));
        text += n ? n : 1;
        size -= n ? n : 1;
    }
    if (line.size && line.data[line.size - 1] == ' ')
        line.data[line.size - 1] = '\0';
    return buffer_text(&line);
}

const char *text_hex(struct arena *a, struct bytes bytes)
{
    static const char digits[] = "0123456789abcdef";
    char *hex = arena_alloc(a, 2 * bytes.size + 1);
    for (size_t i = 0; i < bytes.size; i++) {
        hex[2 * i] = digits[bytes.data[i] >> 4];
        hex[2 * i + 1] = digits[bytes.data[i] & 15];
    }
    return hex;
}
