/* Credentials that a program of the user's prints. What it prints is secret and its arguments may
 * be, so neither is ever shown or logged. */
#include "aws/credentials_source.h"
#include "value/json.h"

#include <string.h>

#define TIMEOUT_MS 60000

struct process_settings {
    const char *command, *profile, *account_id;
};

static bool not_run(const struct process_settings *s, struct arena *a, const struct os_exit *exit,
                    const struct aws_error **ret_error)
{
    const char *what = "";
    switch (exit->end) {
    case OS_EXITED:
        what = arena_printf(a, "ended with status %d; run it by hand to see what it says",
                            exit->status);
        break;
    case OS_NOT_STARTED:
        what = arena_printf(a, "could not be started: %s", strerror(exit->status));
        break;
    case OS_TIMED_OUT:
        what = "had not ended after 60 seconds, and was killed";
        break;
    case OS_STOPPED:
        what = "was killed, because Terraform asked to stop";
        break;
    case OS_TOO_LARGE:
        what = "printed more than credentials";
        break;
    }
    return credentials_fail(a, ret_error, CREDENTIALS_UNUSABLE,
                            "the credential_process of profile \"%s\" %s", s->profile, what);
}

static bool retrieve(const struct credentials_source *source, struct arena *a,
                     struct credentials *ret_credentials, const struct aws_error **ret_error)
{
    static const struct credentials_names names = {"AccessKeyId", "SecretAccessKey", "SessionToken",
                                                   "Expiration", "AccountId"};
    const struct process_settings *s = source->settings;
    const struct os *os = source->context->os;
    struct os_exit exit = os->run(os, a, s->command, TIMEOUT_MS);
    if (exit.end != OS_EXITED || exit.status != 0)
        return not_run(s, a, &exit, ret_error);

    const struct value *v = json_parse(a, (const char *)exit.output.data, exit.output.size, NULL);
    if (!v)
        return credentials_fail(a, ret_error, CREDENTIALS_UNUSABLE,
                                "the credential_process of profile \"%s\" printed no JSON",
                                s->profile);
    if (strcmp(value_text(v, "Version"), "1") != 0)
        return credentials_fail(a, ret_error, CREDENTIALS_UNUSABLE,
                                "the credential_process of profile \"%s\" printed JSON whose "
                                "Version is not 1",
                                s->profile);
    if (!credentials_from_json(a, v, &names, ret_credentials, ret_error))
        return credentials_fail(a, ret_error, CREDENTIALS_UNUSABLE,
                                "the credential_process of profile \"%s\": %s", s->profile,
                                (*ret_error)->message);
    if (!ret_credentials->account_id)
        ret_credentials->account_id = s->account_id;
    return true;
}

/* The program may have a cache of its own that it renews at the last moment. */
const struct credentials_kind credentials_process = {
    .name = "credential_process", .advisory_ms = 60000, .retrieve = retrieve};

struct credentials_choice credentials_process_choose(struct arena *a,
                                                     const struct credentials_context *context,
                                                     const struct profile *profile)
{
    struct process_settings *settings = arena_alloc(a, sizeof *settings);
    *settings = (struct process_settings){profile_text(profile, "credential_process"),
                                          profile->name, profile_text(profile, "aws_account_id")};
    return credentials_found(credentials_provider_new(
        a, &(const struct credentials_source){
               .kind = &credentials_process, .context = context, .settings = settings}));
}
