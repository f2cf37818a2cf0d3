/* The list of targets, what they share, and the two functions that libFuzzer looks for. */
#include "fuzz/fuzz.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TARGETS_MAX 64
#define PIECE_END   0x1e

static const struct fuzz_target *targets[TARGETS_MAX];
static size_t target_count;

void fuzz_register(const struct fuzz_target *target)
{
    if (target_count == TARGETS_MAX)
        abort();
    targets[target_count++] = target;
}

const struct fuzz_target *fuzz_target(size_t index)
{
    return index < target_count ? targets[index] : NULL;
}

void fuzz_run(const struct fuzz_target *target, struct bytes input)
{
    struct arena a = {0};
    uint8_t *copy = arena_alloc(&a, input.size);
    if (input.size)
        memcpy(copy, input.data, input.size);
    target->run(&a, (struct bytes){copy, input.size});
    arena_reset(&a);
}

void fuzz_claim(bool holds, const char *what, const char *file, int line)
{
    if (holds)
        return;
    fprintf(stderr, "%s:%d: claim does not hold: %s\n", file, line, what);
    abort();
}

const char *fuzz_text(struct arena *a, struct bytes input)
{
    return arena_text_n(a, (const char *)input.data, strnlen((const char *)input.data, input.size));
}

struct bytes fuzz_piece(struct bytes *rest)
{
    struct bytes piece = *rest;
    const uint8_t *end = rest->size ? memchr(rest->data, PIECE_END, rest->size) : NULL;
    if (!end) {
        *rest = (struct bytes){rest->data + rest->size, 0};
        return piece;
    }
    piece.size = (size_t)(end - rest->data);
    *rest = (struct bytes){end + 1, rest->size - piece.size - 1};
    return piece;
}

static struct bytes bytes_copy(struct arena *a, struct bytes from)
{
    return (struct bytes){(uint8_t *)arena_text_n(a, (const char *)from.data, from.size),
                          from.size};
}

static int read_file(const struct os *os, struct arena *a, const char *path,
                     struct bytes *ret_bytes)
{
    const struct fuzz_world *w = (const struct fuzz_world *)os;
    size_t size = strlen(path);
    bool is_config = size >= 7 && strcmp(path + size - 7, "/config") == 0;
    if (is_config && !w->config)
        return ENOENT;
    *ret_bytes = bytes_copy(
        a, is_config ? (struct bytes){(const uint8_t *)w->config, strlen(w->config)} : w->files);
    return 0;
}

static int status_of(struct bytes piece)
{
    switch (piece.size ? piece.data[0] : '2') {
    case '4':
        return 400;
    case '5':
        return 500;
    case '0':
        return 0;
    default:
        return 200;
    }
}

static struct http_response answer(struct http *http, struct arena *a,
                                   const struct http_request *request)
{
    (void)request;
    static const struct http_header headers[] = {{"Content-Type", "application/json"}, {0}};
    struct fuzz_world *w = (struct fuzz_world *)((char *)http - offsetof(struct fuzz_world, http));
    struct bytes before = w->answers, piece = fuzz_piece(&w->answers);
    if (w->answers.size == 0)
        w->answers = before;
    struct http_response response = {.sent = true, .status = status_of(piece), .headers = headers};
    if (piece.size)
        response.body = bytes_copy(a, (struct bytes){piece.data + 1, piece.size - 1});
    else
        response.body = bytes_copy(a, (struct bytes){(const uint8_t *)"", 0});
    if (response.status == 0) {
        response.failure = HTTP_LOST;
        response.reason = "the connection broke";
    }
    return response;
}

struct fuzz_world *fuzz_world(struct arena *a, struct bytes input)
{
    struct fuzz_world *w = arena_alloc(a, sizeof *w);
    w->os = fake_os();
    w->os.os.read_file = read_file;
    w->http.send = answer;
    w->files = w->answers = input;
    return w;
}

/* libFuzzer's two: what to do first, and what to do with each input. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct fuzz_target *chosen;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    const char *name = os_real.env(&os_real, "FUZZ_TARGET");
    for (size_t i = 0; i < target_count; i++)
        if (name && strcmp(targets[i]->name, name) == 0)
            chosen = targets[i];
    fuzz_claim(chosen != NULL, "FUZZ_TARGET names a target", __FILE__, __LINE__);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_run(chosen, (struct bytes){data, size});
    return 0;
}
