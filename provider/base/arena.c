/* Chained blocks, bump allocation; a list of destructors that lives in the arena itself. */
#include "base/arena.h"

#include <malloc.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef ARENA_DEBUG
#define BLOCK_SIZE 0 /* one block per object */
#else
#define BLOCK_SIZE (16 * 1024)
#endif

struct arena_block {
    struct arena_block *next;
    size_t used, size;
    alignas(max_align_t) unsigned char data[];
};

struct arena_deferred {
    struct arena_deferred *next;
    void (*release)(void *handle);
    void *handle;
};

static void out_of_memory(void)
{
    fputs("terraform-provider-ecr: out of memory\n", stderr);
    abort();
}

static struct arena_block *block_new(struct arena *a, size_t size)
{
    if (size > SIZE_MAX / 2)
        out_of_memory();
    struct arena_block *block = malloc(sizeof *block + size);
    if (!block)
        out_of_memory();

    *block = (struct arena_block){.next = a->blocks, .size = size};
    a->blocks = block;
    return block;
}

void *arena_alloc(struct arena *a, size_t size)
{
    const size_t align = alignof(max_align_t);
    size_t rounded = BLOCK_SIZE ? (size + align - 1) & ~(align - 1) : size;
    struct arena_block *block = a->blocks;

    if (rounded < size)
        out_of_memory();
    if (!block || !BLOCK_SIZE || block->size - block->used < rounded)
        block = block_new(a, rounded > BLOCK_SIZE ? rounded : BLOCK_SIZE);

    void *memory = block->data + block->used;
    block->used += rounded;
    return memset(memory, 0, size);
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total))
        out_of_memory();
    return arena_alloc(a, total);
}

char *arena_text_n(struct arena *a, const char *s, size_t n)
{
    char *copy = arena_alloc(a, n + 1);
    memcpy(copy, s, n);
    return copy;
}

char *arena_text(struct arena *a, const char *s)
{
    return arena_text_n(a, s, strlen(s));
}

char *arena_vprintf(struct arena *a, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int size = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (size < 0)
        abort();

    char *text = arena_alloc(a, (size_t)size + 1);
    vsnprintf(text, (size_t)size + 1, format, args);
    return text;
}

char *arena_printf(struct arena *a, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = arena_vprintf(a, format, args);
    va_end(args);
    return text;
}

void arena_defer(struct arena *a, void (*release)(void *), void *handle)
{
    struct arena_deferred *deferred = arena_alloc(a, sizeof *deferred);
    *deferred = (struct arena_deferred){a->deferred, release, handle};
    a->deferred = deferred;
}

void arena_reset(struct arena *a)
{
    for (struct arena_deferred *d = a->deferred; d; d = d->next)
        d->release(d->handle);

    for (struct arena_block *block = a->blocks, *next; block; block = next) {
        next = block->next;
        explicit_bzero(block->data, block->used);
        free(block);
    }
    *a = (struct arena){0};
}

void arena_wipe_free(void *memory)
{
    explicit_bzero(memory, malloc_usable_size(memory));
    free(memory);
}
