/* The chain as a client would ask it. */
#include "aws/look_test.h"

#include "base/test.h"

#include <string.h>

struct look *look_new(struct arena *a, const struct fake_answer *answers, int count)
{
    struct look *l = arena_alloc(a, sizeof *l);
    struct fake_answer *copies = arena_array(a, (size_t)count, sizeof *copies);
    memcpy(copies, answers, (size_t)count * sizeof *copies);
    l->os = fake_os();
    l->os.keep = a;
    l->http = fake_http(&l->os, copies, count);
    l->http.keep = a;
    return l;
}

void look_for(struct look *l, struct arena *a, const struct aws_settings *settings)
{
    const struct aws_error *error;
    if (!config_load(a, &l->os.os, settings, &l->config, &l->problem))
        return;
    l->config.region = settings->region;
    l->provider = credentials_new(a, &l->config, &l->http.http, "test", &l->problem);
    l->found = l->provider && credentials_get(l->provider, a, &l->credentials, &error);
}
