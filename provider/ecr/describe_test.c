/* Readers on threads of their own against a service that answers when the test lets it. */
#include "ecr/describe.h"

#include "aws/fake_test.h"
#include "base/stop.h"
#include "base/test.h"
#include "value/json.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define READERS 120
#define THREADS 10 /* Terraform's usual parallelism */
#define OBJECTS 160

/* Knows repositories whose names do not begin with "no". */
struct service {
    struct http http; /* first */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_held;                           /* calls wait */
    const char *fails;                      /* every call: the code */
    size_t calls, arrived, largest, of_one; /* arrived: calls that began */
};

struct reader {
    struct arena arena;
    const struct ecr *ecr;
    const char *name;
    int64_t deadline_ms;
    struct aws_result result;
    pthread_t thread;
};

static struct http_response respond(struct arena *a, int status, const char *body)
{
    return (struct http_response){.sent = true,
                                  .status = status,
                                  .headers = arena_alloc(a, sizeof(struct http_header)),
                                  .body = {(const uint8_t *)body, strlen(body)}};
}

static struct http_response refuse(struct arena *a, const char *code, const char *about)
{
    return respond(a, 400, arena_printf(a, "{\"__type\":\"%s\",\"message\":\"%s\"}", code, about));
}

static struct http_response describe(struct arena *a, const struct value *names)
{
    const struct value **found = arena_array(a, value_count(names), sizeof *found);
    for (size_t i = 0; i < value_count(names); i++) {
        const char *name = value_item(names, i)->text;
        if (strncmp(name, "no", 2) == 0)
            return refuse(a, "RepositoryNotFoundException", name);
        /* In another order than asked for. */
        found[value_count(names) - 1 - i] = MAP(a, {"repositoryName", value_string(a, name)});
    }
    const struct value *list = value_list(a, found, value_count(names));
    return respond(a, 200, json_print(a, MAP(a, {"repositories", list})));
}

static struct http_response serve(struct http *http, struct arena *a,
                                  const struct http_request *request)
{
    struct service *s = (struct service *)http;
    const struct value *in =
        json_parse(a, (const char *)request->body.data, request->body.size, NULL);
    const struct value *names = value_member(in, "repositoryNames");

    pthread_mutex_lock(&s->lock);
    s->arrived++;
    pthread_cond_broadcast(&s->changed);
    while (s->is_held && !stop_requested())
        pthread_cond_wait(&s->changed, &s->lock);
    s->calls++;
    s->of_one += value_count(names) == 1;
    s->largest = value_count(names) > s->largest ? value_count(names) : s->largest;
    pthread_mutex_unlock(&s->lock);
    if (stop_requested())
        return (struct http_response){.failure = HTTP_STOPPED, .reason = "stopped"};
    return s->fails ? refuse(a, s->fails, value_item(names, 0)->text) : describe(a, names);
}

static atomic_long clock_reads;

static int64_t counted_clock(const struct os *os)
{
    (void)os;
    clock_reads++;
    return os_real.monotonic_ms(&os_real);
}

/* One by each who comes, one by who calls. */
static void await_readers(long count)
{
    while (clock_reads < count + 1)
        os_real.sleep_ms(&os_real, 1);
}

static struct ecr *ecr_for(struct arena *a, struct service *s)
{
    static const struct aws_settings settings = {.region = "eu-central-1",
                                                 .access_key = "AKIDEXAMPLE",
                                                 .secret_key = "secret",
                                                 .max_attempts = 1};
    struct aws_problem problem;
    *s = (struct service){.http = {serve}};
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->changed, NULL);
    static struct os os;
    os = os_real;
    os.monotonic_ms = counted_clock;
    clock_reads = 0;
    struct ecr ecr = {.os = &os};
    ecr.client = aws_client_new(a, &os_real, &s->http, &ecr_service, &settings, &problem);
    assert_non_null(ecr.client);
    return ecr_new(a, &ecr);
}

static void hold(struct service *s, bool is_held)
{
    pthread_mutex_lock(&s->lock);
    s->is_held = is_held;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

static size_t calls_of(struct service *s)
{
    pthread_mutex_lock(&s->lock);
    size_t calls = s->calls;
    pthread_mutex_unlock(&s->lock);
    return calls;
}

static void await_arrival(struct service *s)
{
    pthread_mutex_lock(&s->lock);
    while (!s->arrived)
        pthread_cond_wait(&s->changed, &s->lock);
    pthread_mutex_unlock(&s->lock);
}

static void *read_one(void *reader)
{
    struct reader *r = reader;
    r->result = describe_one(r->ecr, &r->arena, DESCRIBE_REPOSITORY, r->name, r->deadline_ms);
    return NULL;
}

static void start(struct reader *r, const struct ecr *ecr, const char *name)
{
    *r = (struct reader){.ecr = ecr, .name = name, .deadline_ms = r->deadline_ms};
    pthread_create(&r->thread, NULL, read_one, r);
}

/* One reader whose call is held, and then others behind it. */
static void start_behind_a_call(struct reader *readers, size_t count, const struct ecr *ecr,
                                struct service *s, const char *const *names)
{
    hold(s, true);
    start(&readers[0], ecr, names[0]);
    await_arrival(s);
    for (size_t i = 1; i < count; i++)
        start(&readers[i], ecr, names[i]);
    await_readers((long)count);
}

static void join(struct reader *readers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        pthread_join(readers[i].thread, NULL);
}

static bool has_its_own(const struct reader *r)
{
    const struct value *list = value_member(r->result.output, "repositories");
    return !r->result.error && value_count(list) == 1 &&
           strcmp(value_text(list, "[0].repositoryName"), r->name) == 0;
}

static void finish(struct reader *readers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        arena_reset(&readers[i].arena);
}

TEST(describe__one_call_asks_for_all_who_wait_but_for_no_more_than_100)
{
    static struct reader readers[READERS];
    struct service s;
    const struct ecr *ecr = ecr_for(a, &s);
    const char *names[READERS];
    for (size_t i = 0; i < READERS; i++)
        names[i] = arena_printf(a, "team/%zu", i);

    start_behind_a_call(readers, READERS, ecr, &s, names);
    hold(&s, false);
    join(readers, READERS);
    for (size_t i = 0; i < READERS; i++)
        CHECK(has_its_own(&readers[i]));
    CHECK(s.calls >= 3 && s.calls < READERS / 2);
    CHECK(s.largest <= 100);
    finish(readers, READERS);
}

TEST(describe__a_name_asked_for_twice_is_sent_once_and_answered_twice)
{
    static const char *const names[] = {"first", "same", "same", "same"};
    struct reader readers[4] = {0};
    struct service s;
    start_behind_a_call(readers, 4, ecr_for(a, &s), &s, names);
    hold(&s, false);
    join(readers, 4);
    for (size_t i = 0; i < 4; i++)
        CHECK(has_its_own(&readers[i]));
    CHECK_INT(s.largest, 1);
    finish(readers, 4);
}

TEST(describe__who_makes_another_call_first_is_answered_by_that_of_others)
{
    struct service s;
    const struct ecr *ecr = ecr_for(a, &s);
    struct reader mine = {.name = "web"}, other = {0};
    struct describe_reading *reading = describe_begin(ecr, a, DESCRIBE_REPOSITORY, mine.name);
    start(&other, ecr, "api");
    join(&other, 1);
    describe_one(ecr, a, DESCRIBE_REPOSITORY, "third", 0); /* the answer to web is there */
    mine.result = describe_end(reading, 0);
    CHECK(has_its_own(&mine) && has_its_own(&other));
    CHECK_INT(s.calls, 2);
    CHECK_INT(s.of_one, 1);
    finish(&other, 1);
}

TEST(describe__who_abandons_a_reading_is_not_asked_for)
{
    struct service s;
    const struct ecr *ecr = ecr_for(a, &s);
    describe_abandon(describe_begin(ecr, a, DESCRIBE_REPOSITORY, "web"));
    describe_one(ecr, a, DESCRIBE_REPOSITORY, "api", 0);
    CHECK_INT(s.calls, 1);
    CHECK_INT(s.largest, 1);
}

TEST(describe__a_missing_name_is_the_error_of_its_reader_alone)
{
    static const char *const names[] = {"first", "web", "no-such", "api"};
    struct reader readers[4] = {0};
    struct service s;
    start_behind_a_call(readers, 4, ecr_for(a, &s), &s, names);
    hold(&s, false);
    join(readers, 4);
    CHECK(has_its_own(&readers[0]) && has_its_own(&readers[1]) && has_its_own(&readers[3]));
    CHECK(aws_error_is(readers[2].result.error, "RepositoryNotFoundException"));
    CHECK_TEXT(readers[2].result.error->message, "no-such");
    finish(readers, 4);
}

TEST(describe__an_error_that_is_about_no_name_is_told_to_each)
{
    static const char *const names[] = {"first", "web", "api", "db"};
    struct reader readers[4] = {0};
    struct service s;
    const struct ecr *ecr = ecr_for(a, &s);
    s.fails = "ThrottlingException";
    start_behind_a_call(readers, 4, ecr, &s, names);
    hold(&s, false);
    join(readers, 4);
    for (size_t i = 0; i < 4; i++)
        CHECK(aws_error_is(readers[i].result.error, "ThrottlingException"));
    CHECK_INT(s.of_one, s.calls - (s.largest > 1));
    finish(readers, 4);
}

TEST(describe__a_request_to_stop_ends_every_wait)
{
    static const char *const names[] = {"first", "web", "api", "db"};
    struct reader readers[4] = {0};
    struct service s;
    start_behind_a_call(readers, 4, ecr_for(a, &s), &s, names);
    stop_request();
    hold(&s, true); /* the call still waits; only the stop ends it */
    join(readers, 4);
    stop_reset();
    for (size_t i = 0; i < 4; i++)
        CHECK(readers[i].result.error->stopped);
    finish(readers, 4);
}

TEST(describe__a_deadline_ends_the_wait_for_another_s_call)
{
    static const char *const names[] = {"first", "web"};
    struct reader readers[2] = {{.deadline_ms = 0}, {.deadline_ms = 0}};
    struct service s;
    const struct ecr *ecr = ecr_for(a, &s);
    readers[1].deadline_ms = os_real.monotonic_ms(&os_real) + 50;
    start_behind_a_call(readers, 2, ecr, &s, names);
    pthread_mutex_lock(&s.lock);
    while (s.arrived < 2) /* the second asks by itself, while the first call is held */
        pthread_cond_wait(&s.changed, &s.lock);
    pthread_mutex_unlock(&s.lock);
    hold(&s, false);
    join(readers, 2);
    CHECK(has_its_own(&readers[0]) && has_its_own(&readers[1]));
    CHECK_INT(s.of_one, 2);
    finish(readers, 2);
}

static atomic_long clock_ms, clock_step_ms, objects_read, wrong;

static int64_t clock_of_test(const struct os *os)
{
    (void)os;
    clock_reads++;
    return clock_ms += clock_step_ms;
}

/* One of Terraform's: an object after the other, as long as there are some. */
static void *read_each(void *ecr)
{
    for (long object; (object = objects_read++) < OBJECTS;) {
        struct arena arena = {0};
        const char *name = arena_printf(&arena, "team/%ld", object);
        struct aws_result r = describe_one(ecr, &arena, DESCRIBE_REPOSITORY, name, 0);
        wrong += strcmp(value_text(r.output, "repositories[0].repositoryName"), name) != 0;
        arena_reset(&arena);
    }
    return NULL;
}

/* No time passes before the last objects, so a pause ends only because enough wait. */
TEST(describe__readers_that_come_again_and_again_share_calls_of_a_fast_service)
{
    struct service s;
    pthread_t threads[THREADS];
    struct os os = os_real;
    os.monotonic_ms = clock_of_test;
    struct ecr *ecr = ecr_for(a, &s);
    ecr->os = &os;
    clock_ms = clock_step_ms = objects_read = wrong = 0;

    hold(&s, true); /* all come while the first call is on its way */
    for (size_t i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, read_each, ecr);
    await_readers(THREADS);
    hold(&s, false);
    while (objects_read < OBJECTS)
        os_real.sleep_ms(&os_real, 1);
    CHECK(calls_of(&s) <= OBJECTS / 7);
    clock_step_ms = 1000; /* also for those who come only now */
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    CHECK_INT(wrong, 0);
}
