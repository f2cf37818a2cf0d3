/* Arena: memory with one lifetime. Every RPC has one; everything made while it is answered lives in
 * it and goes at once with arena_reset. Nothing else in the program frees memory. Running out of
 * memory aborts here and is mentioned nowhere else. Contents are wiped on reset, because requests
 * carry keys and tokens.
 *
 * With ARENA_DEBUG (tests, sanitizers) every object is its own malloc, so that an overrun or a use
 * after reset is seen. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

/* Start with {0}. Not for use by two threads at a time. */
struct arena {
    struct arena_block *blocks;
    struct arena_deferred *deferred;
};

/* Zeroed, aligned for any type, valid until arena_reset. Never NULL. */
void *arena_alloc(struct arena *a, size_t size);

/* An array of count zeroed elements; aborts when the product overflows. */
void *arena_array(struct arena *a, size_t count, size_t size);

/* Copies of text, NUL-terminated. arena_text_n copies n bytes of s. */
char *arena_text(struct arena *a, const char *s);
char *arena_text_n(struct arena *a, const char *s, size_t n);

__attribute__((format(printf, 2, 3))) char *arena_printf(struct arena *a, const char *format, ...);
char *arena_vprintf(struct arena *a, const char *format, va_list args);

/* Calls release(handle) on reset, last deferred first: the owner of every foreign handle. */
void arena_defer(struct arena *a, void (*release)(void *handle), void *handle);

/* Releases what was deferred, wipes and frees the memory; the arena is then empty and usable. */
void arena_reset(struct arena *a);

/* A free for libraries that let one choose theirs: what they held is wiped. */
void arena_wipe_free(void *memory);

#endif
