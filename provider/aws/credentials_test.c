/* The chain: who wins, what passes on, what is refused, and what the texts tell. */
#include "aws/credentials.h"

#include "aws/config.h"
#include "aws/fake_test.h"
#include "base/test.h"

#include <string.h>

/* What one look for credentials came to. */
struct outcome {
    bool found;
    struct credentials credentials;
    struct aws_problem problem;
};

static const char files_home[] = "/h/.aws/credentials";

static struct outcome look(struct arena *a, const struct aws_settings *settings,
                           const char *const *variables, const char *credentials_file)
{
    const struct fake_file files[] = {{credentials_file ? files_home : NULL, credentials_file, 0},
                                      {0}};
    static const struct fake_answer nobody[] = {
        {.response = {.failure = HTTP_NOT_SENT, .reason = "no route"}}};
    struct fake_os os = fake_os();
    struct fake_http http = fake_http(&os, nobody, 1);
    struct config config;
    struct credentials_provider *provider = NULL;
    const struct aws_error *error;
    struct outcome o = {0};
    os.variables = variables;
    os.files = files;
    if (config_load(a, &os.os, settings, &config, &o.problem))
        provider = credentials_new(a, &config, &http.http, "test", &o.problem);
    o.found = provider && credentials_get(provider, a, &o.credentials, &error);
    return o;
}

static const struct aws_settings nothing = {0};

#define VARIABLES(...) ((const char *const[]){"HOME", "/h", __VA_ARGS__, NULL})
#define FILE_KEYS      "[default]\naws_access_key_id = AKIDFILE\naws_secret_access_key = S-file\n"
#define OTHER_KEYS     "[other]\naws_access_key_id = AKIDOTHER\naws_secret_access_key = S-other\n"

TEST(credentials__provider_block_comes_first)
{
    const struct aws_settings settings = {
        .access_key = "AKIDBLOCK", .secret_key = "S-block", .token = "T-block"};
    struct outcome o = look(
        a, &settings, VARIABLES("AWS_ACCESS_KEY_ID", "AKIDENV", "AWS_SECRET_ACCESS_KEY", "S-env"),
        FILE_KEYS);
    CHECK(o.found);
    CHECK_TEXT(o.credentials.access_key_id, "AKIDBLOCK");
    CHECK_TEXT(o.credentials.secret_access_key, "S-block");
    CHECK_TEXT(o.credentials.session_token, "T-block");
    CHECK_TEXT(o.credentials.source, "provider block");
}

TEST(credentials__half_a_pair_in_the_provider_block_is_refused)
{
    const struct aws_settings access = {.access_key = "AKIDBLOCK"};
    const struct aws_settings secret = {.secret_key = "S-block"};
    struct outcome o = look(a, &access, VARIABLES("X", "y"), FILE_KEYS);
    CHECK(!o.found);
    CHECK_TEXT(o.problem.attribute, "secret_key");
    CHECK_HAS(o.problem.detail, "secret_key is not");
    o = look(a, &secret, VARIABLES("X", "y"), FILE_KEYS);
    CHECK_TEXT(o.problem.attribute, "access_key");
    CHECK(!strstr(o.problem.detail, "S-block"));
}

TEST(credentials__environment_comes_before_files)
{
    struct outcome o = look(a, &nothing,
                            VARIABLES("AWS_ACCESS_KEY_ID", "AKIDENV", "AWS_SECRET_ACCESS_KEY",
                                      "S-env", "AWS_SESSION_TOKEN", "T-env"),
                            FILE_KEYS);
    CHECK(o.found);
    CHECK_TEXT(o.credentials.access_key_id, "AKIDENV");
    CHECK_TEXT(o.credentials.session_token, "T-env");
    CHECK_TEXT(o.credentials.source, "environment");
}

TEST(credentials__environment_knows_the_old_names)
{
    struct outcome o =
        look(a, &nothing, VARIABLES("AWS_ACCESS_KEY", "AKIDENV", "AWS_SECRET_KEY", "S-env"), NULL);
    CHECK(o.found);
    CHECK_TEXT(o.credentials.secret_access_key, "S-env");
    CHECK(!o.credentials.session_token);
}

TEST(credentials__blank_variables_count_as_unset)
{
    struct outcome o =
        look(a, &nothing, VARIABLES("AWS_ACCESS_KEY_ID", " ", "AWS_SECRET_ACCESS_KEY", "S-env"),
             FILE_KEYS);
    CHECK(o.found);
    CHECK_TEXT(o.credentials.source, "shared files");
    CHECK_TEXT(o.credentials.access_key_id, "AKIDFILE");
}

TEST(credentials__profile_argument_beats_the_environment_and_its_variable_does_not)
{
    const struct aws_settings settings = {.profile = "other"};
    const char *const *variables = VARIABLES(
        "AWS_ACCESS_KEY_ID", "AKIDENV", "AWS_SECRET_ACCESS_KEY", "S-env", "AWS_PROFILE", "other");
    CHECK_TEXT(look(a, &settings, variables, OTHER_KEYS).credentials.access_key_id, "AKIDOTHER");
    CHECK_TEXT(look(a, &nothing, variables, OTHER_KEYS).credentials.access_key_id, "AKIDENV");
}

TEST(credentials__profile_comes_from_its_variables)
{
    CHECK_TEXT(look(a, &nothing, VARIABLES("AWS_PROFILE", "other", "AWS_DEFAULT_PROFILE", "x"),
                    FILE_KEYS OTHER_KEYS)
                   .credentials.access_key_id,
               "AKIDOTHER");
    CHECK_TEXT(look(a, &nothing, VARIABLES("AWS_DEFAULT_PROFILE", "other"), FILE_KEYS OTHER_KEYS)
                   .credentials.access_key_id,
               "AKIDOTHER");
}

TEST(credentials__named_profile_must_exist)
{
    const struct aws_settings settings = {.profile = "absent"};
    struct outcome o = look(a, &settings, VARIABLES("X", "y"), FILE_KEYS);
    CHECK(!o.found);
    CHECK_TEXT(o.problem.attribute, "profile");
    CHECK_HAS(o.problem.detail, "\"absent\"");
    CHECK_HAS(o.problem.detail, "/h/.aws/config");

    o = look(a, &nothing, VARIABLES("AWS_PROFILE", "absent"), FILE_KEYS);
    CHECK(!o.found);
    CHECK(!o.problem.attribute);
    CHECK_HAS(o.problem.detail, "AWS_PROFILE");
}

TEST(credentials__half_a_pair_in_a_profile_is_refused)
{
    struct outcome o =
        look(a, &nothing, VARIABLES("X", "y"), "[default]\naws_access_key_id = AKIDFILE\n");
    CHECK(!o.found);
    CHECK_TEXT(o.problem.summary, "No valid credential sources found");
    CHECK_HAS(o.problem.detail, "profile \"default\" has aws_access_key_id but no "
                                "aws_secret_access_key");
    o = look(a, &nothing, VARIABLES("X", "y"), "[default]\naws_secret_access_key = S-file\n");
    CHECK(!o.found);
    CHECK(!strstr(o.problem.detail, "S-file"));
}

TEST(credentials__error_lists_every_source_and_its_reason)
{
    struct outcome o = look(a, &nothing, VARIABLES("X", "y"), "[default]\nregion = eu-west-1\n");
    CHECK(!o.found);
    CHECK_TEXT(o.problem.summary, "No valid credential sources found");
    CHECK_HAS(o.problem.detail, "provider block: access_key and secret_key are not set");
    CHECK_HAS(o.problem.detail, "environment: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not");
    CHECK_HAS(o.problem.detail, "shared files: profile \"default\" has no credentials");
    CHECK_HAS(o.problem.detail, "web identity in the environment: AWS_WEB_IDENTITY_TOKEN_FILE is");
    CHECK_HAS(o.problem.detail, "container: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and");
    CHECK_HAS(o.problem.detail, "EC2 instance metadata: the instance metadata service cannot be "
                                "reached (no route)");
    CHECK_HAS(o.problem.detail, "the file /h/.aws/config does not exist or cannot be read");
    CHECK(!strstr(o.problem.detail, "/h/.aws/credentials does not"));
}

TEST(credentials__error_tells_of_half_a_pair_in_the_environment)
{
    struct outcome o = look(a, &nothing, VARIABLES("AWS_ACCESS_KEY_ID", "AKIDENV"), NULL);
    CHECK(!o.found);
    CHECK_HAS(o.problem.detail, "AWS_ACCESS_KEY_ID is set but AWS_SECRET_ACCESS_KEY is not");
    o = look(a, &nothing, VARIABLES("AWS_SECRET_ACCESS_KEY", "S-env"), NULL);
    CHECK_HAS(o.problem.detail, "AWS_SECRET_ACCESS_KEY is set but AWS_ACCESS_KEY_ID is not");
    CHECK(!strstr(o.problem.detail, "S-env"));
    CHECK_HAS(o.problem.detail, "there is no profile \"default\"");
}

TEST(credentials__broken_file_is_an_error_even_beside_good_keys)
{
    struct outcome o = look(
        a, &nothing, VARIABLES("AWS_ACCESS_KEY_ID", "AKIDENV", "AWS_SECRET_ACCESS_KEY", "S-env"),
        "[default\n");
    CHECK(!o.found);
    CHECK_HAS(o.problem.detail, "/h/.aws/credentials, line 1");
}
