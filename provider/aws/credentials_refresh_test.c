/* The memory of a source, by the cases that AWS's SDKs share, and with threads that wait for each
 * other. */
#include "aws/credentials_source.h"
#include "aws/fake_test.h"
#include "aws/suite_test.h"
#include "base/test.h"

#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

/* A source that says what it is told to say, and counts. */
struct source {
    struct fake_os os; /* first */
    const char *response;
    int64_t lifetime_ms;
    const char *access_key_id;
    int asked;
    int pause_us;
    int awaits; /* readers that are to be answered first */
};

static atomic_int answered;

static bool retrieve(const struct credentials_source *source, struct arena *a,
                     struct credentials *ret_credentials, const struct aws_error **ret_error)
{
    struct source *s = (struct source *)(uintptr_t)source->settings;
    __atomic_add_fetch(&s->asked, 1, __ATOMIC_SEQ_CST);
    usleep((useconds_t)s->pause_us);
    while (answered < s->awaits)
        usleep(1000);
    if (strcmp(s->response, "error") == 0)
        return credentials_fail(a, ret_error, CREDENTIALS_UNUSABLE, "not now");
    if (strcmp(s->response, "nonRecoverableError") == 0)
        return credentials_fail(a, ret_error, "AccessDenied", "never");
    bool stale = strcmp(s->response, "staleCredentials") == 0;
    *ret_credentials = (struct credentials){
        .access_key_id = s->access_key_id,
        .secret_access_key = "S",
        .expires_ms = s->os.now_ms + (stale ? -1000 : s->lifetime_ms),
    };
    return true;
}

static struct credentials_provider *provider_of(struct arena *a, struct source *s,
                                                int64_t advisory_ms)
{
    struct credentials_kind *kind = arena_alloc(a, sizeof *kind);
    struct credentials_context *context = arena_alloc(a, sizeof *context);
    *kind =
        (struct credentials_kind){.name = "test", .advisory_ms = advisory_ms, .retrieve = retrieve};
    context->os = &s->os.os;
    return credentials_provider_new(
        a, &(const struct credentials_source){.kind = kind, .context = context, .settings = s});
}

static int64_t seconds(const struct value *v, const char *name, int64_t fallback)
{
    return 1000 * value_integer(v, name, fallback);
}

/* The cache in the state that the case begins with. */
static struct credentials_provider *given(struct arena *a, struct source *s, const struct value *v)
{
    static const struct {
        const char *name;
        int64_t left_ms;
    } states[] = {{"valid", 3000000}, {"advisory", 600000}, {"mandatory", 30000}, {"expired", -1}};
    const char *key = value_text(v, "accessKeyId");
    *s = (struct source){.os = fake_os(),
                         .response = "freshCredentials",
                         .lifetime_ms = 3600000,
                         .access_key_id = *key ? key : "AKID-old"};
    s->os.random = (uint64_t)(seconds(v, "refreshBackoffSeconds", 300) - 300000);
    struct credentials_provider *p =
        provider_of(a, s, seconds(v, "configuredAdvisoryWindowSeconds", 0));
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (strcmp(value_text(v, "cachedCredentials"), states[i].name) == 0) {
            struct credentials c;
            const struct aws_error *error;
            credentials_get(p, a, &c, &error);
            s->os.now_ms += s->lifetime_ms - states[i].left_ms;
        }
    return p;
}

static const char *what_came(bool got, const struct credentials *c, const struct aws_error *error)
{
    if (got)
        return strcmp(c->access_key_id, "AKID-new") == 0 ? "newCredentials" : "cachedCredentials";
    return aws_error_is(error, "AccessDenied") ? "nonRecoverableError" : "noCredentialsError";
}

static const char *get(struct arena *a, struct source *s, struct credentials_provider *p,
                       const struct value *step)
{
    const struct value *wanted = value_member(step, "expected");
    const char *response = value_text(step, "response");
    struct credentials c = {0};
    const struct aws_error *error = NULL;
    int64_t window = value_integer(wanted, "advisoryWindowSeconds", -1);
    int asked = s->asked;
    s->response = *response ? response : "error";
    s->lifetime_ms = seconds(step, "lifetimeSeconds", 3600);
    s->access_key_id = "AKID-new";
    bool limited = p->next_try_ms > s->os.now_ms;
    bool got = credentials_get(p, a, &c, &error);
    const char *came = what_came(got, &c, error);
    if (strcmp(came, value_text(wanted, "result")) != 0)
        return came;
    if ((s->asked > asked) != value_is_true(wanted, "sourceContacted"))
        return s->asked > asked ? "the source was asked" : "the source was not asked";
    if (limited != value_is_true(wanted, "rateLimited"))
        return limited ? "limited" : "not limited";
    return window >= 0 && p->advisory_ms != 1000 * window
               ? arena_printf(a, "window of %lld ms", (long long)p->advisory_ms)
               : NULL;
}

static const char *check(struct arena *a, const struct value *test)
{
    struct source s;
    struct credentials_provider *p = given(a, &s, value_member(test, "given"));
    const struct value *steps = value_member(test, "steps");
    const char *wrong = NULL;
    for (size_t i = 0; !wrong && i < value_count(steps); i++) {
        const struct value *step = value_item(steps, i);
        const char *type = value_text(step, "type");
        if (strcmp(type, "getCredentials") == 0)
            wrong = get(a, &s, p, step);
        else if (strcmp(type, "invalidate") == 0)
            credentials_reject(p, value_text(step, "rejectedAccessKeyId"));
        else if (strcmp(type, "advanceTime") == 0)
            s.os.now_ms += seconds(step, "seconds", 0);
        else
            wrong = "a step of an unknown type";
        if (wrong)
            wrong = arena_printf(a, "step %zu: %s", i + 1, wrong);
    }
    return wrong;
}

TEST(credentials__match_the_refresh_cases_of_the_sdks)
{
    const char *path = test_vectors(a, "credentials/credential-refresh-tests.json");
    struct suite suite = {.name = "credential refresh"};
    const struct value *tests = path ? fake_vectors(a, path) : &value_null;
    for (size_t i = 0; i < value_count(tests); i++) {
        const struct value *test = value_item(tests, i);
        suite_case(&suite, value_text(test, "documentation"), check(a, test));
    }
    if (path)
        suite_end(&suite);
}

TEST(credentials__short_lives_are_not_refreshed_at_each_call)
{
    struct source s = {.os = fake_os(),
                       .response = "freshCredentials",
                       .lifetime_ms = 120000,
                       .access_key_id = "AKID-new"};
    struct credentials_provider *p = provider_of(a, &s, 0);
    struct credentials c;
    const struct aws_error *error;
    for (int i = 0; i < 5; i++)
        CHECK(credentials_get(p, a, &c, &error));
    CHECK_INT(s.asked, 1);
    s.os.now_ms += 61000;
    CHECK(credentials_get(p, a, &c, &error));
    CHECK_INT(s.asked, 2);
}

struct reader {
    struct credentials_provider *provider;
    bool got;
    char key[32];
    char code[32];
};

static void *read_once(void *context)
{
    struct reader *r = context;
    struct arena a = {0};
    struct credentials c;
    const struct aws_error *error;
    r->got = credentials_get(r->provider, &a, &c, &error);
    strncpy(r->got ? r->key : r->code, r->got ? c.access_key_id : error->code, 31);
    arena_reset(&a);
    answered++;
    return NULL;
}

#define READERS 16

static void read_at_once(struct reader *readers, struct credentials_provider *p)
{
    pthread_t threads[READERS];
    for (int i = 0; i < READERS; i++) {
        readers[i] = (struct reader){.provider = p};
        pthread_create(&threads[i], NULL, read_once, &readers[i]);
    }
    for (int i = 0; i < READERS; i++)
        pthread_join(threads[i], NULL);
}

TEST(credentials__are_asked_for_once_however_many_wait)
{
    struct source s = {.os = fake_os(),
                       .response = "freshCredentials",
                       .lifetime_ms = 3600000,
                       .access_key_id = "AKID-new",
                       .pause_us = 100000};
    struct reader readers[READERS];
    read_at_once(readers, provider_of(a, &s, 0));
    CHECK_INT(s.asked, 1);
    for (int i = 0; i < READERS; i++)
        CHECK_TEXT(readers[i].key, "AKID-new");
}

TEST(credentials__tell_all_who_wait_of_the_failure)
{
    struct source s = {.os = fake_os(), .response = "nonRecoverableError", .pause_us = 100000};
    struct reader readers[READERS];
    read_at_once(readers, provider_of(a, &s, 0));
    CHECK_INT(s.asked, 1);
    for (int i = 0; i < READERS; i++)
        CHECK_TEXT(readers[i].code, "AccessDenied");
}

TEST(credentials__old_ones_serve_while_one_thread_refreshes_ahead)
{
    struct source s = {.os = fake_os(),
                       .response = "freshCredentials",
                       .lifetime_ms = 3600000,
                       .access_key_id = "AKID-old"};
    struct credentials_provider *p = provider_of(a, &s, 0);
    struct reader readers[READERS], first = {.provider = p};
    read_once(&first);
    s.os.now_ms += 3000000; /* ten minutes are left: advisory */
    s.access_key_id = "AKID-new";
    answered = 0;
    s.awaits = READERS - 1;
    read_at_once(readers, p);
    int new = 0;
    for (int i = 0; i < READERS; i++)
        new += strcmp(readers[i].key, "AKID-new") == 0;
    CHECK_INT(s.asked, 2);
    CHECK_INT(new, 1);
}
