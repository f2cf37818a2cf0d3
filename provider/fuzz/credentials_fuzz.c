/* What each source of credentials may be told: by a program, a file, a service. */
#include "aws/config.h"
#include "aws/credentials.h"
#include "fuzz/fuzz.h"

static void look(struct arena *a, struct fuzz_world *w, const char *const *variables)
{
    static const struct aws_settings settings = {.region = "eu-central-1"};
    struct config config;
    struct aws_problem problem = {0};
    struct credentials credentials;
    const struct aws_error *error = NULL;
    w->os.variables = variables;
    if (!config_load(a, &w->os.os, &settings, &config, &problem)) {
        CLAIM(problem.summary && problem.detail);
        return;
    }
    config.region = settings.region;
    struct credentials_provider *p = credentials_new(a, &config, &w->http, "fuzz", &problem);
    CLAIM(p || (problem.summary && problem.detail));
    if (p && credentials_get(p, a, &credentials, &error))
        CLAIM(*credentials.access_key_id && *credentials.secret_access_key);
}

static const char *const home[] = {"HOME", "/h", "AWS_SHARED_CREDENTIALS_FILE", "/h/.aws/config",
                                   NULL};

FUZZ(credential_process)
{
    struct fuzz_world *w = fuzz_world(a, input);
    w->config = "[default]\ncredential_process = /bin/keys\n";
    w->os.exit = (struct os_exit){.output = {(const uint8_t *)fuzz_text(a, input), 0}};
    w->os.exit.output.size = __builtin_strlen((const char *)w->os.exit.output.data);
    look(a, w, home);
}

/* The file with the token, then the answers of the portal and of its sign-in service. */
FUZZ(sso)
{
    struct bytes file = fuzz_piece(&input);
    struct fuzz_world *w = fuzz_world(a, input);
    w->files = file;
    w->config = "[default]\nsso_session = s\nsso_account_id = 123456789012\nsso_role_name = r\n"
                "[sso-session s]\nsso_start_url = https://x.awsapps.com/start\n"
                "sso_region = eu-central-1\n";
    look(a, w, home);
}

FUZZ(login)
{
    struct bytes file = fuzz_piece(&input);
    struct fuzz_world *w = fuzz_world(a, input);
    w->files = file;
    w->config = "[default]\nlogin_session = arn:aws:iam::123456789012:user/me\n";
    look(a, w, home);
}

FUZZ(container)
{
    struct fuzz_world *w = fuzz_world(a, input);
    static const char *const variables[] = {"HOME",
                                            "/h",
                                            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
                                            "/keys",
                                            "AWS_SHARED_CREDENTIALS_FILE",
                                            "/h/.aws/config",
                                            NULL};
    look(a, w, variables);
}

FUZZ(imds)
{
    look(a, fuzz_world(a, input), home);
}

FUZZ(web_identity)
{
    static const char *const variables[] = {"HOME",
                                            "/h",
                                            "AWS_ROLE_ARN",
                                            "arn:aws:iam::123456789012:role/r",
                                            "AWS_WEB_IDENTITY_TOKEN_FILE",
                                            "/token",
                                            NULL};
    struct bytes token = fuzz_piece(&input);
    struct fuzz_world *w = fuzz_world(a, input);
    w->files = token;
    look(a, w, variables);
}
