/* The first reader who waits for an answer makes the call on its own thread, for all who are in the
 * queue by then. One name that ECR does not like fails such a call as a whole, so each reader then
 * asks for itself; and so does a reader who can wait no longer. */
#include "ecr/describe.h"

#include "base/stop.h"

#include <pthread.h>
#include <string.h>

#define NAMES_MAX 100 /* ECR's own limit */
#define MANY      3   /* readers of a call: more will follow */
#define ENOUGH    12  /* waiting readers: no pause for more */
#define GAP_MS    30  /* a pause lasts at least so long for another reader */
#define GAP_MOST  200 /* and no longer */

struct kind {
    const char *operation;
    const char *names;   /* member of the request */
    const char *objects; /* member of the answer */
    const char *name;    /* member of an object */
    const char *not_found;
};

static const struct kind kinds[DESCRIBE_KINDS] = {
    [DESCRIBE_REPOSITORY] = {"DescribeRepositories", "repositoryNames", "repositories",
                             "repositoryName", "RepositoryNotFoundException"},
    [DESCRIBE_CACHE_RULE] = {"DescribePullThroughCacheRules", "ecrRepositoryPrefixes",
                             "pullThroughCacheRules", "ecrRepositoryPrefix",
                             "PullThroughCacheRuleNotFoundException"},
};

enum reader_state { READER_WAITS, READER_HAS_ANSWER, READER_ASKS_ALONE };

/* One who reads. It may be at something else, so what it gets goes into an arena that nobody uses
 * before the state changes. */
struct describe_reading {
    struct describe_reading *next;
    struct describe *queue;
    const struct ecr *ecr;
    const struct kind *kind;
    const char *name;
    struct arena *arena; /* of its owner */
    struct arena answer;
    struct stop_watcher watcher;
    bool asked; /* the call on its way is for this one, too */
    enum reader_state state;
    struct aws_result result; /* in answer */
};

struct describe {
    pthread_mutex_t lock; /* of what follows, and of the readers in it */
    pthread_cond_t changed;
    struct describe_reading *first;
    bool is_calling;
    int64_t most;    /* readers at the same time; fewer after pauses in vain */
    int64_t lately;  /* readers of a call: of the last one, or nearly those of one before */
    int64_t gap_ms;  /* how long a pause lasts for one more reader */
    int64_t took_ms; /* the last call */
    int64_t pause_until_ms;
};

static void describe_free(void *handle)
{
    struct describe *queues = handle;
    for (size_t i = 0; i < DESCRIBE_KINDS; i++) {
        pthread_cond_destroy(&queues[i].changed);
        pthread_mutex_destroy(&queues[i].lock);
    }
}

struct describe *describe_new(struct arena *a)
{
    struct describe *queues = arena_array(a, DESCRIBE_KINDS, sizeof *queues);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    for (size_t i = 0; i < DESCRIBE_KINDS; i++) {
        pthread_mutex_init(&queues[i].lock, NULL);
        pthread_cond_init(&queues[i].changed, &attributes);
        queues[i].gap_ms = GAP_MS;
    }
    pthread_condattr_destroy(&attributes);
    arena_defer(a, describe_free, queues);
    return queues;
}

static struct aws_result ask(const struct ecr *ecr, struct arena *a, const struct kind *kind,
                             const struct value *names, int64_t deadline_ms)
{
    return ecr_call(ecr, a, kind->operation, MAP(a, {kind->names, names}), deadline_ms);
}

static bool has_name(const struct value *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i]->text, name) == 0)
            return true;
    return false;
}

/* Of all who wait, as far as they fit into a call; copies, since a reader may leave. */
static const struct value *names_to_ask(struct describe *queue, struct arena *a)
{
    const struct value **names = arena_array(a, NAMES_MAX, sizeof *names);
    size_t count = 0;
    for (struct describe_reading *r = queue->first; r; r = r->next) {
        r->asked =
            r->state == READER_WAITS && (has_name(names, count, r->name) || count < NAMES_MAX);
        if (r->asked && !has_name(names, count, r->name))
            names[count++] = value_text_n(a, r->name, strlen(r->name));
    }
    return value_list(a, names, count);
}

/* The error is, or may be, about one of the names. */
static bool is_about_one(const struct aws_error *error, const struct kind *kind)
{
    const char *const codes[] = {kind->not_found, "AccessDeniedException",
                                 "InvalidParameterException", "ValidationException"};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (aws_error_is(error, codes[i]))
            return true;
    return false;
}

static const struct value *find(const struct kind *kind, const struct value *answer,
                                const char *name)
{
    const struct value *objects = value_member(answer, kind->objects);
    for (size_t i = 0; i < value_count(objects); i++)
        if (strcmp(value_text(value_item(objects, i), kind->name), name) == 0)
            return value_item(objects, i);
    return &value_null;
}

const struct value *describe_find(enum describe_kind kind, const struct value *answer,
                                  const char *name)
{
    return find(&kinds[kind], answer, name);
}

static struct aws_result copy(struct arena *a, struct aws_result result)
{
    result.output = value_copy(a, result.output);
    if (!result.error)
        return result;
    struct aws_error *error = arena_alloc(a, sizeof *error);
    *error = *result.error;
    error->code = arena_text(a, error->code);
    error->message = arena_text(a, error->message);
    error->request_id = arena_text(a, error->request_id);
    result.error = error;
    return result;
}

/* Its part of the answer to a call for several; an answer without one says nothing about it. */
static void settle_one_of_many(struct describe_reading *r, struct aws_result result)
{
    const struct kind *kind = r->kind;
    const struct value *object = find(kind, result.output, r->name);
    bool asks_alone = result.error ? is_about_one(result.error, kind) : value_is_null(object);

    r->state = asks_alone ? READER_ASKS_ALONE : READER_HAS_ANSWER;
    if (!asks_alone && !result.error)
        result.output = MAP(&r->answer, {kind->objects, LIST(&r->answer, object)});
    if (!asks_alone)
        r->result = copy(&r->answer, result);
}

/* Tells those who were asked for. A call that failed by the caller's deadline has failed for the
 * caller alone: the others wait for the next. */
static int64_t settle(const struct describe_reading *caller, struct aws_result result, size_t names,
                      int64_t deadline_ms)
{
    int64_t asked = 0;
    for (struct describe_reading *r = caller->queue->first; r; r = r->next) {
        asked += r->asked;
        bool concerned = r->asked && (r == caller || !result.error || !deadline_ms);
        r->asked = false;
        if (!concerned || r->state != READER_WAITS)
            continue;
        if (names > 1) {
            settle_one_of_many(r, result);
            continue;
        }
        r->state = READER_HAS_ANSWER;
        r->result = copy(&r->answer, result);
    }
    return asked;
}

static int64_t larger(int64_t x, int64_t y)
{
    return x > y ? x : y;
}

static int64_t smaller(int64_t x, int64_t y)
{
    return x < y ? x : y;
}

static int64_t enough(const struct describe *queue)
{
    return smaller(queue->most - queue->most / 8, ENOUGH);
}

/* After a pause that was too short the next ones are longer, for fewer: how fast readers follow
 * each other, and how many there are, depends on Terraform and the machine. */
static void learn(struct describe *queue, int64_t asked)
{
    bool too_short = queue->lately >= MANY && asked < enough(queue);
    queue->gap_ms =
        too_short ? smaller(queue->gap_ms * 2, GAP_MOST) : larger(queue->gap_ms * 31 / 32, GAP_MS);
    queue->most -= too_short;
    queue->lately = larger(asked, queue->lately * 3 / 4);
}

/* Makes one call for all who wait. Called with the lock, which is free during the call. */
static void call_for_all(struct describe_reading *caller, int64_t deadline_ms)
{
    const struct ecr *ecr = caller->ecr;
    const struct kind *kind = caller->kind;
    struct describe *queue = caller->queue;
    struct arena scratch = {0};
    const struct value *names = names_to_ask(queue, &scratch);
    int64_t start_ms = ecr->os->monotonic_ms(ecr->os);

    queue->is_calling = true;
    pthread_mutex_unlock(&queue->lock);
    struct aws_result result = ask(ecr, &scratch, kind, names, deadline_ms);
    pthread_mutex_lock(&queue->lock);
    queue->is_calling = false;
    learn(queue, settle(caller, result, value_count(names), deadline_ms));
    queue->took_ms = ecr->os->monotonic_ms(ecr->os) - start_ms;
    pthread_cond_broadcast(&queue->changed);
    arena_reset(&scratch);
}

/* Those who were just answered come again, each for one more object. Without a pause for them,
 * calls for one and for all others would take turns. It lasts as long as one reader follows
 * another. */
static bool pauses(const struct ecr *ecr, const struct describe *queue)
{
    int64_t waiting = 0;
    for (const struct describe_reading *r = queue->first; r; r = r->next)
        waiting += r->state == READER_WAITS;
    return queue->lately >= MANY && waiting < enough(queue) &&
           ecr->os->monotonic_ms(ecr->os) < queue->pause_until_ms;
}

/* until_ms: 0 when there is no end. */
static void wait_for_change(const struct describe_reading *r, int64_t until_ms)
{
    const struct timespec until = {until_ms / 1000, until_ms % 1000 * 1000000};
    if (until_ms)
        pthread_cond_timedwait(&r->queue->changed, &r->queue->lock, &until);
    else
        pthread_cond_wait(&r->queue->changed, &r->queue->lock);
}

static int64_t earlier(int64_t x_ms, int64_t y_ms)
{
    return x_ms && x_ms < y_ms ? x_ms : y_ms;
}

/* Takes part in the calls, with the lock, until the state has changed. */
static void wait_for_answer(struct describe_reading *r, int64_t deadline_ms)
{
    const struct ecr *ecr = r->ecr;
    while (r->state == READER_WAITS) {
        if (deadline_ms && ecr->os->monotonic_ms(ecr->os) >= deadline_ms)
            r->state = READER_ASKS_ALONE;
        else if (r->queue->is_calling)
            wait_for_change(r, deadline_ms);
        else if (pauses(ecr, r->queue))
            wait_for_change(r, earlier(deadline_ms, r->queue->pause_until_ms));
        else
            call_for_all(r, deadline_ms);
    }
}

static void enter(struct describe_reading *r, int64_t now_ms)
{
    struct describe *queue = r->queue;
    struct describe_reading **end = &queue->first;
    int64_t readers = 1;
    for (; *end; end = &(*end)->next)
        readers++;
    *end = r;
    queue->most = larger(readers, queue->most);
    queue->pause_until_ms = now_ms + larger(queue->gap_ms, smaller(queue->took_ms, GAP_MOST));
}

static void leave(struct describe_reading *r)
{
    struct describe_reading **place = &r->queue->first;
    while (*place != r)
        place = &(*place)->next;
    *place = r->next;
}

static void wait_no_longer(void *reader)
{
    struct describe_reading *r = reader;
    pthread_mutex_lock(&r->queue->lock);
    if (r->state == READER_WAITS)
        r->state = READER_ASKS_ALONE;
    pthread_cond_broadcast(&r->queue->changed);
    pthread_mutex_unlock(&r->queue->lock);
}

struct describe_reading *describe_begin(const struct ecr *ecr, struct arena *a,
                                        enum describe_kind kind, const char *name)
{
    struct describe_reading *r = arena_alloc(a, sizeof *r);
    *r = (struct describe_reading){
        .queue = &ecr->describe[kind],
        .ecr = ecr,
        .kind = &kinds[kind],
        .name = name,
        .arena = a,
        .watcher = {.wake = wait_no_longer, .context = r},
    };
    stop_watch(&r->watcher);
    pthread_mutex_lock(&r->queue->lock);
    enter(r, ecr->os->monotonic_ms(ecr->os));
    pthread_mutex_unlock(&r->queue->lock);
    return r;
}

/* With the lock, which is free afterwards: nobody else knows the reading from then on. */
static void let_go(struct describe_reading *r)
{
    leave(r);
    pthread_mutex_unlock(&r->queue->lock);
    stop_unwatch(&r->watcher);
}

struct aws_result describe_end(struct describe_reading *r, int64_t deadline_ms)
{
    struct arena *a = r->arena;
    pthread_mutex_lock(&r->queue->lock);
    wait_for_answer(r, deadline_ms);
    let_go(r);
    struct aws_result result =
        r->state == READER_HAS_ANSWER
            ? copy(a, r->result)
            : ask(r->ecr, a, r->kind, LIST(a, value_string(a, r->name)), deadline_ms);
    arena_reset(&r->answer);
    return result;
}

void describe_abandon(struct describe_reading *r)
{
    pthread_mutex_lock(&r->queue->lock);
    let_go(r);
    arena_reset(&r->answer);
}

struct aws_result describe_one(const struct ecr *ecr, struct arena *a, enum describe_kind kind,
                               const char *name, int64_t deadline_ms)
{
    return describe_end(describe_begin(ecr, a, kind, name), deadline_ms);
}
