/* What is told to AWS about who calls. */
#include "aws/agent.h"

#include "aws/fake_test.h"
#include "base/test.h"

#include <string.h>

static const char *text(struct arena *a, const struct aws_settings *settings,
                        const char *const *variables)
{
    struct fake_os os = fake_os();
    const struct config config = {.os = &os.os, .settings = settings};
    os.variables = variables;
    return agent_text(a, &config, &aws_sso_oidc);
}

TEST(agent__names_product_service_machine_and_retry_mode)
{
    const struct aws_settings nothing = {0}, named = {.user_agent = "other/2"};
    const char *plain = text(a, &nothing, NULL);
    CHECK_HAS(plain, "terraform-provider-ecr/" PROVIDER_VERSION " ua/2.1 api/SSO-OIDC os/linux ");
    CHECK_HAS(plain, " lang/c md/arch#");
    CHECK_HAS(plain, " cfg/retry-mode#standard");
    CHECK_HAS(text(a, &named, NULL), "other/2 ua/2.1");
}

TEST(agent__takes_what_users_and_environment_add)
{
    const char *const extra[] = {"mine/1.0", "more/2 (really)", NULL};
    const struct aws_settings settings = {.retry_mode = "adaptive", .user_agent_extra = extra};
    const char *const variables[] = {"AWS_EXECUTION_ENV",
                                     "AWS_Lambda x",
                                     "AWS_SDK_UA_APP_ID",
                                     "app one",
                                     "TF_APPEND_USER_AGENT",
                                     "tail/9",
                                     NULL};
    CHECK_HAS(text(a, &settings, variables),
              " exec-env/AWS_Lambda-x cfg/retry-mode#adaptive app/app-one mine/1.0 more/2 (really) "
              "tail/9");
}

TEST(agent__is_one_line_of_bounded_length)
{
    const struct aws_settings nothing = {0};
    const char *const broken[] = {"TF_APPEND_USER_AGENT", "x\r\nAuthorization: y", NULL};
    CHECK_HAS(text(a, &nothing, broken), " x Authorization: y");
    char *filler = arena_alloc(a, 9001);
    memset(filler, 'x', 9000);
    const char *const large[] = {"TF_APPEND_USER_AGENT", filler, NULL};
    CHECK(strlen(text(a, &nothing, large)) <= 1010);
}
