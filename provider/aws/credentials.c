/* The memory of a source. Readers get copies, so that the memory of a snapshot, which is wiped when
 * it goes, can go as soon as the next one is there. While one thread refreshes, the others use what
 * there is unless it is about to expire. Source: the rules for refreshing that AWS's SDKs share. */
#include "aws/credentials_source.h"

#include "base/log.h"

#include <string.h>

#define MINUTE_MS 60000

/* Nothing but a change elsewhere makes these better; asking again at once would not. */
static bool is_final(const struct aws_error *error)
{
    static const char *const codes[] = {
        "AccessDenied",          "IDPRejectedClaim",
        "InvalidIdentityToken",  "MalformedPolicyDocument",
        "PackedPolicyTooLarge",  "RegionDisabled",
        "UnauthorizedException", CREDENTIALS_SIGN_IN,
    };
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        size_t size = strlen(codes[i]);
        if (strncmp(error->code, codes[i], size) == 0 &&
            (!error->code[size] || strcmp(error->code + size, "Exception") == 0))
            return true;
    }
    return false;
}

static const char *copy_text(struct arena *a, const char *text)
{
    return text ? arena_text(a, text) : NULL;
}

static struct credentials copy_credentials(struct arena *a, const struct credentials *c)
{
    return (struct credentials){
        .access_key_id = copy_text(a, c->access_key_id),
        .secret_access_key = copy_text(a, c->secret_access_key),
        .session_token = copy_text(a, c->session_token),
        .account_id = copy_text(a, c->account_id),
        .source = copy_text(a, c->source),
        .expires_ms = c->expires_ms,
    };
}

static const struct aws_error *copy_error(struct arena *a, const struct aws_error *error)
{
    struct aws_error *copy = arena_alloc(a, sizeof *copy);
    *copy = *error;
    copy->code = arena_text(a, error->code);
    copy->message = arena_text(a, error->message);
    copy->request_id = arena_text(a, error->request_id);
    return copy;
}

static int64_t now_ms(const struct credentials_provider *p)
{
    return p->source.context->os->now_ms(p->source.context->os);
}

/* From low to high, both included. */
static int64_t chance(const struct credentials_provider *p, int64_t low, int64_t high)
{
    const struct os *os = p->source.context->os;
    return low + (int64_t)(os->random(os) % (uint64_t)(high - low + 1));
}

/* How long before expiry to refresh. Never more than half of a short life, since what is new would
 * be due at once. */
static int64_t advisory_window(const struct credentials_provider *p, int64_t lifetime_ms)
{
    int64_t window = 60 * MINUTE_MS;
    if (p->source.kind->advisory_ms)
        window = p->source.kind->advisory_ms;
    else if (lifetime_ms <= 20 * MINUTE_MS)
        window = 5 * MINUTE_MS;
    else if (lifetime_ms < 90 * MINUTE_MS)
        window = 15 * MINUTE_MS;
    return lifetime_ms <= 20 * MINUTE_MS && window > lifetime_ms / 2 ? lifetime_ms / 2 : window;
}

static void keep(struct credentials_provider *p, const struct credentials *new)
{
    arena_reset(&p->memory);
    p->snapshot = copy_credentials(&p->memory, new);
    p->advisory_ms = new->expires_ms ? advisory_window(p, new->expires_ms - now_ms(p)) : 0;
    p->mandatory_ms = p->advisory_ms < MINUTE_MS ? p->advisory_ms : MINUTE_MS;
    p->has_snapshot = true;
    p->rejected = false;
    p->error = NULL;
    p->next_try_ms = p->error_until_ms = 0;
}

static void keep_error(struct credentials_provider *p, const struct aws_error *error)
{
    const struct log_field fields[] = {{.key = "source", .text = p->source.kind->name},
                                       {.key = "error_code", .text = error->code},
                                       {.key = "error", .text = error->message},
                                       {0}};
    arena_reset(&p->error_memory);
    p->error = copy_error(&p->error_memory, error);
    p->error_until_ms = is_final(error) ? now_ms(p) + chance(p, 1000, 5000) : 0;
    if (p->has_snapshot && !p->error_until_ms && !error->stopped)
        p->next_try_ms = now_ms(p) + chance(p, 5 * MINUTE_MS, 10 * MINUTE_MS);
    if (p->has_snapshot)
        log_event(LOG_WARN, "AWS credentials could not be refreshed", fields);
}

static bool ask(struct credentials_provider *p, struct arena *a, struct credentials *ret_new,
                const struct aws_error **ret_error)
{
    *ret_new = (struct credentials){0};
    if (!p->source.kind->retrieve(&p->source, a, ret_new, ret_error))
        return false;
    if (!ret_new->source)
        ret_new->source = p->source.kind->name;
    if (!ret_new->expires_ms || ret_new->expires_ms > now_ms(p))
        return true;
    return credentials_fail(a, ret_error, CREDENTIALS_UNUSABLE,
                            "the credentials that came had already expired, by this machine's "
                            "clock");
}

/* Called with the lock held, and gives it up while it waits for the source. */
static void refresh(struct credentials_provider *p)
{
    struct arena scratch = {0};
    struct credentials new;
    const struct aws_error *error;
    p->refreshing = true;
    pthread_mutex_unlock(&p->lock);
    bool got = ask(p, &scratch, &new, &error);
    pthread_mutex_lock(&p->lock);

    if (got)
        keep(p, &new);
    else
        keep_error(p, error);
    p->refreshing = false;
    p->flight++;
    pthread_cond_broadcast(&p->refreshed);
    arena_reset(&scratch);
}

static void wait_for_refresh(struct credentials_provider *p)
{
    unsigned flight = p->flight;
    while (p->flight == flight)
        pthread_cond_wait(&p->refreshed, &p->lock);
}

enum need { FRESH, ADVISORY, MANDATORY };

static enum need need_of(const struct credentials_provider *p)
{
    if (!p->has_snapshot || p->rejected)
        return MANDATORY;
    int64_t left_ms = p->snapshot.expires_ms ? p->snapshot.expires_ms - now_ms(p) : INT64_MAX;
    if (left_ms > p->advisory_ms)
        return FRESH;
    return left_ms > p->mandatory_ms ? ADVISORY : MANDATORY;
}

static void bring_up_to_date(struct credentials_provider *p)
{
    enum need need = need_of(p);
    int64_t now = now_ms(p);
    bool waits = now < p->error_until_ms || (p->has_snapshot && now < p->next_try_ms);
    if (need == FRESH || waits)
        return;
    if (!p->refreshing)
        refresh(p);
    else if (need == MANDATORY)
        wait_for_refresh(p);
}

bool credentials_get(struct credentials_provider *p, struct arena *a,
                     struct credentials *ret_snapshot, const struct aws_error **ret_error)
{
    pthread_mutex_lock(&p->lock);
    bring_up_to_date(p);
    bool is_told = p->error && (!p->has_snapshot || now_ms(p) < p->error_until_ms);
    if (is_told)
        *ret_error = copy_error(a, p->error);
    else
        *ret_snapshot = copy_credentials(a, &p->snapshot);
    pthread_mutex_unlock(&p->lock);
    return !is_told;
}

void credentials_reject(struct credentials_provider *p, const char *access_key_id)
{
    pthread_mutex_lock(&p->lock);
    if (p->has_snapshot && p->source.kind != &credentials_static &&
        strcmp(p->snapshot.access_key_id, access_key_id) == 0)
        p->rejected = true;
    pthread_mutex_unlock(&p->lock);
}

const struct aws_error *credentials_failure(struct credentials_provider *p, struct arena *a)
{
    pthread_mutex_lock(&p->lock);
    const struct aws_error *error = p->error ? copy_error(a, p->error) : NULL;
    pthread_mutex_unlock(&p->lock);
    return error;
}

static void release(void *provider)
{
    struct credentials_provider *p = provider;
    arena_reset(&p->memory);
    arena_reset(&p->error_memory);
    pthread_cond_destroy(&p->refreshed);
    pthread_mutex_destroy(&p->lock);
}

struct credentials_provider *credentials_provider_new(struct arena *lifetime,
                                                      const struct credentials_source *source)
{
    struct credentials_provider *p = arena_alloc(lifetime, sizeof *p);
    p->source = *source;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->refreshed, NULL);
    arena_defer(lifetime, release, p);
    return p;
}
