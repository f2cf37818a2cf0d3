/* Products are "name/version", and "kind/name#value" says something about the machine. What users
 * append goes to the end, as they wrote it. */
#include "aws/agent.h"

#include "base/buffer.h"
#include "base/text.h"

#include <ctype.h>
#include <string.h>

#define LIMIT 1000

#if defined __x86_64__
#define ARCHITECTURE "x86_64"
#elif defined __aarch64__
#define ARCHITECTURE "arm64"
#else
#define ARCHITECTURE "other"
#endif

/* What is allowed in no product is a hyphen: "SSO OIDC" is SSO-OIDC. */
static const char *word(struct arena *a, const char *text)
{
    char *word = arena_text(a, text);
    for (char *p = word; *p; p++)
        *p = isalnum((unsigned char)*p) || strchr("!#$%&'*+-.^_`|~", *p) ? *p : '-';
    return word;
}

static const char *retry_mode(const struct config *config)
{
    const char *mode = config->settings->retry_mode;
    if (!mode)
        mode = os_env(config->os, "AWS_RETRY_MODE");
    if (!mode)
        mode = profile_text(config->profile, "retry_mode");
    return mode ? mode : "standard";
}

const char *agent_text(struct arena *a, const struct config *config,
                       const struct aws_service *service)
{
    struct buffer text = {.arena = a, .limit = LIMIT * 4};
    const char *product = config->settings->user_agent, *run_by, *app, *append;
    buffer_printf(&text, "%s ua/2.1 api/%s os/linux lang/c md/arch#" ARCHITECTURE,
                  product ? product : "terraform-provider-ecr/" PROVIDER_VERSION,
                  word(a, service->id));
    if ((run_by = os_env(config->os, "AWS_EXECUTION_ENV")))
        buffer_printf(&text, " exec-env/%s", word(a, run_by));
    buffer_printf(&text, " cfg/retry-mode#%s", word(a, retry_mode(config)));
    if ((app = os_env(config->os, "AWS_SDK_UA_APP_ID")) ||
        (app = profile_text(config->profile, "sdk_ua_app_id")))
        buffer_printf(&text, " app/%s", word(a, app));

    const char *const *extra = config->settings->user_agent_extra;
    for (; extra && *extra; extra++)
        buffer_printf(&text, " %s", *extra);
    if ((append = os_env(config->os, "TF_APPEND_USER_AGENT")))
        buffer_printf(&text, " %s", append);
    return text_line(a, buffer_text(&text), text.size, LIMIT);
}
