/* A list: few repositories have anything here. What is put in place of something takes its memory
 * along, so that a process that plans for ever does not grow. */
#include "ecr/planned.h"

#include <pthread.h>
#include <string.h>

struct plan {
    struct plan *next;
    const char *repository;
    struct arena arena; /* of the value */
    const struct value *value;
};

struct planned {
    pthread_mutex_t lock; /* of what follows */
    struct arena arena;
    struct plan *last;
};

static void planned_free(void *handle)
{
    struct planned *planned = handle;
    for (struct plan *plan = planned->last; plan; plan = plan->next)
        arena_reset(&plan->arena);
    arena_reset(&planned->arena);
    pthread_mutex_destroy(&planned->lock);
}

struct planned *planned_new(struct arena *a)
{
    struct planned *planned = arena_alloc(a, sizeof *planned);
    pthread_mutex_init(&planned->lock, NULL);
    arena_defer(a, planned_free, planned);
    return planned;
}

static struct plan *find(const struct planned *planned, const char *repository)
{
    struct plan *plan = planned->last;
    while (plan && strcmp(plan->repository, repository) != 0)
        plan = plan->next;
    return plan;
}

static struct plan *plan_new(struct planned *planned, const char *repository)
{
    struct plan *plan = arena_alloc(&planned->arena, sizeof *plan);
    plan->repository = arena_text(&planned->arena, repository);
    plan->next = planned->last;
    planned->last = plan;
    return plan;
}

void planned_put(struct planned *planned, const char *repository, const struct value *v)
{
    pthread_mutex_lock(&planned->lock);
    struct plan *plan = find(planned, repository);
    if (!plan)
        plan = plan_new(planned, repository);
    arena_reset(&plan->arena);
    bool is_empty_list = v->kind == VALUE_LIST && value_count(v) == 0; /* which most have */
    plan->value = is_empty_list ? &value_empty_list : value_copy(&plan->arena, v);
    pthread_mutex_unlock(&planned->lock);
}

const struct value *planned_get(struct planned *planned, struct arena *a, const char *repository)
{
    pthread_mutex_lock(&planned->lock);
    const struct plan *plan = find(planned, repository);
    const struct value *v = plan ? value_copy(a, plan->value) : &value_null;
    pthread_mutex_unlock(&planned->lock);
    return v;
}
