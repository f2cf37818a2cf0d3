/* The adaptive mode against the SDKs' own numbers. */
#include "aws/limiter.h"

#include "aws/fake_test.h"
#include "aws/suite_test.h"
#include "base/test.h"

#include <math.h>
#include <stdlib.h>

static double number(const struct value *row, const char *key)
{
    return strtod(value_text(row, key), NULL);
}

static const char *differs(struct arena *a, const char *what, double actual, double wanted)
{
    return fabs(actual - wanted) < 1e-6 ? NULL
                                        : arena_printf(a, "%s %f, not %f", what, actual, wanted);
}

/* Rows that start from a throttling at 10 requests a second, 5 seconds after the start. */
static void check_curve(struct arena *a, const struct value *rows, struct suite *suite)
{
    struct limiter l = {.last_max_rate = 10, .last_throttle = 5};
    double rate = 10;
    for (size_t i = 0; i < value_count(rows); i++) {
        const struct value *row = value_item(rows, i);
        double at = number(row, "seconds_since_unix_epoch");
        bool throttled = value_is_true(row, "throttled");
        rate = throttled ? limiter_throttled_rate(&l, at, rate) : limiter_success_rate(&l, at);
        if (throttled)
            l.last_max_rate = rate; /* these rows go on from the lowered rate */
        suite_case(suite, arena_printf(a, "curve at %.1f s", at),
                   differs(a, "rate", rate, number(row, "expected_calculated_rate")));
    }
}

static void check_limiter(struct arena *a, const struct value *rows, struct suite *suite)
{
    struct limiter l = limiter_new(0);
    for (size_t i = 0; i < value_count(rows); i++) {
        const struct value *row = value_item(rows, i);
        double at = number(row, "seconds_since_unix_epoch");
        limiter_answered(&l, (int64_t)round(at * 1000), value_is_true(row, "throttled"));
        const char *wrong = differs(a, "measured", l.measured_rate,
                                    number(row, "expected_tokens_retrieved_per_second"));
        suite_case(suite, arena_printf(a, "limiter at %.1f s", at),
                   wrong ? wrong
                         : differs(a, "fill rate", l.fill_rate,
                                   number(row, "expected_token_refill_rate")));
    }
}

TEST(limiter__matches_the_adaptive_mode_of_the_sdks)
{
    const char *path = test_vectors(a, "retry/adaptive-cases.json");
    if (!path)
        return;
    struct suite suite = {.name = "retry/adaptive"};
    const struct value *data = fake_vectors(a, path);
    check_curve(a, value_member(data, "cubic_success"), &suite);
    check_curve(a, value_member(data, "cubic_throttles"), &suite);
    check_limiter(a, value_member(data, "sending_rates"), &suite);
    suite_end(&suite);
}

TEST(limiter__waits_only_after_a_throttling)
{
    struct limiter l = limiter_new(1000);
    for (int i = 0; i < 100; i++) {
        CHECK_INT(limiter_take_ms(&l, 1000 + 10 * i), 0);
        limiter_answered(&l, 1000 + 10 * i, false);
    }
    limiter_answered(&l, 2000, true);
    CHECK(limiter_take_ms(&l, 2000) > 0 || limiter_take_ms(&l, 2000) > 0);
    int64_t first = limiter_take_ms(&l, 2000), second = limiter_take_ms(&l, 2000);
    CHECK(second > first);
    CHECK_INT(limiter_take_ms(&l, 2000 + 600000), 0);
}
