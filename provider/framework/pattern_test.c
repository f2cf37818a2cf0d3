/* Patterns, as rows of tables have them. */
#include "framework/pattern.h"

#include "base/test.h"

#include <pthread.h>

TEST(pattern__must_match_the_whole_text)
{
    for (int again = 0; again < 2; again++) {
        CHECK(pattern_matches("[a-z]+", "abc"));
        CHECK(!pattern_matches("[a-z]+", "abc1"));
        CHECK(!pattern_matches("[a-z]+", ""));
        CHECK(!pattern_matches("a|b", "ab"));
        CHECK(pattern_matches("[0-9]{2}", "12"));
        CHECK(!pattern_matches("[0-9]{2}", "123"));
    }
}

TEST(pattern__is_known_by_its_text_and_not_by_its_place)
{
    char pattern[] = "a+";
    CHECK(pattern_matches(pattern, "aa"));
    pattern[0] = 'b';
    CHECK(pattern_matches(pattern, "bb"));
    CHECK(!pattern_matches(pattern, "aa"));
}

TEST(pattern__that_is_none_matches_everything)
{
    CHECK(pattern_matches("(", "anything"));
}

static void *match_many(void *wrong)
{
    for (int i = 0; i < 200; i++) {
        bool matches = pattern_matches("([a-z]+/)*[a-z]+", "team/app");
        bool is_other = pattern_matches("([a-z]+/)*[a-z]+", "team//app");
        *(bool *)wrong |= !matches || is_other;
    }
    return NULL;
}

TEST(pattern__is_used_by_many_threads)
{
    pthread_t threads[8];
    bool wrong[8] = {0};
    for (size_t i = 0; i < 8; i++)
        pthread_create(&threads[i], NULL, match_many, &wrong[i]);
    for (size_t i = 0; i < 8; i++) {
        pthread_join(threads[i], NULL);
        CHECK(!wrong[i]);
    }
}
