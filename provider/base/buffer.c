/* Doubling growth inside the arena; an outgrown copy stays there until the arena goes. */
#include "base/buffer.h"

#include <stdio.h>
#include <string.h>

static void grow(struct buffer *b, size_t needed)
{
    size_t capacity = b->capacity ? b->capacity : 256;
    while (capacity < needed)
        capacity *= 2;

    char *data = arena_alloc(b->arena, capacity);
    if (b->size)
        memcpy(data, b->data, b->size);
    b->data = data;
    b->capacity = capacity;
}

bool buffer_add(struct buffer *b, const void *data, size_t size)
{
    if (size > b->limit - b->size)
        return false;
    if (b->size + size + 1 > b->capacity)
        grow(b, b->size + size + 1);

    if (size)
        memcpy(b->data + b->size, data, size);
    b->size += size;
    b->data[b->size] = '\0';
    return true;
}

bool buffer_printf(struct buffer *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = arena_vprintf(b->arena, format, args);
    va_end(args);
    return buffer_add(b, text, strlen(text));
}

const char *buffer_text(const struct buffer *b)
{
    return b->data ? b->data : "";
}
