/* Fuzz: functions that take any bytes, to be thrown at what reads bytes of others. libFuzzer calls
 * them with what it makes up (make fuzz), the unit tests with the files below corpus/, which hold
 * seeds and every input that ever found something. FUZZ(name) is all that a target needs to be run;
 * its inputs are in corpus/name. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include "aws/fake_test.h"
#include "base/bytes.h"
#include "value/value.h"

struct fuzz_target {
    const char *name;
    void (*run)(struct arena *a, struct bytes input);
};

/* Called by FUZZ before main. */
void fuzz_register(const struct fuzz_target *target);

/* The target of that index, NULL behind the last. */
const struct fuzz_target *fuzz_target(size_t index);

/* Runs it on a copy that ends where the input ends, so that an overrun is seen. */
void fuzz_run(const struct fuzz_target *target, struct bytes input);

#define FUZZ(target_name)                                                           \
    static void target_name##_run(struct arena *a, struct bytes input);             \
    __attribute__((constructor)) static void target_name##_register(void)           \
    {                                                                               \
        static const struct fuzz_target target = {#target_name, target_name##_run}; \
        fuzz_register(&target);                                                     \
    }                                                                               \
    static void target_name##_run(struct arena *a, struct bytes input)

/* What must hold for every input. Ends the process when it does not. */
#define CLAIM(condition) fuzz_claim(condition, #condition, __FILE__, __LINE__)
void fuzz_claim(bool holds, const char *what, const char *file, int line);

/* The input as text, up to its first NUL. */
const char *fuzz_text(struct arena *a, struct bytes input);

/* Takes what comes before the next byte 0x1e off *rest, and that byte too. */
struct bytes fuzz_piece(struct bytes *rest);

/* A machine and a network that are made of the input. */
struct fuzz_world {
    struct fake_os os; /* first */
    struct http http;
    struct bytes files;   /* what any file holds, but for ~/.aws/config */
    struct bytes answers; /* one piece per request; its first byte is the status: 2, 4, 5, or 0 for
                             an answer that is lost. The last one is repeated. */
    const char *config;   /* ~/.aws/config; NULL: there is none */
};

struct fuzz_world *fuzz_world(struct arena *a, struct bytes input);

#endif
