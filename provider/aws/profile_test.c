/* The grammar and the places of the shared files, by the data that AWS's SDKs share, and what that
 * data leaves out. */
#include "aws/profile.h"

#include "aws/fake_test.h"
#include "base/buffer.h"
#include "base/test.h"
#include "value/json.h"

#include <errno.h>
#include <string.h>

static struct bytes text_bytes(const char *text)
{
    return (struct bytes){(const uint8_t *)text, strlen(text)};
}

/* The sections of one kind as the suite writes them: name, key, value. */
static const struct value *as_value(struct arena *a, const struct profile_set *set,
                                    enum profile_kind kind)
{
    const struct value *all = &value_empty_map;
    for (const struct profile *p = set->first; p; p = p->next) {
        const struct value *one = &value_empty_map;
        for (const struct profile_property *q = p->properties; q; q = q->next)
            one = value_with(a, one, q->key, value_string(a, q->value));
        if (p->kind == kind)
            all = value_with(a, all, p->name, one);
    }
    return all;
}

static bool parse_input(struct arena *a, const struct value *input, struct profile_set *set,
                        const char **error)
{
    return profile_parse(a, set, PROFILE_CONFIG, "config",
                         text_bytes(value_text(input, "configFile")), error) &&
           profile_parse(a, set, PROFILE_CREDENTIALS, "credentials",
                         text_bytes(value_text(input, "credentialsFile")), error);
}

static void check_case(struct arena *a, const struct value *test)
{
    struct profile_set set = {0};
    const char *error = "";
    bool parsed = parse_input(a, value_get(test, "input"), &set, &error);
    const char *wanted_error = value_text(test, "output.errorContaining");
    if (*wanted_error) {
        CHECK(!parsed);
        CHECK_HAS(error, wanted_error);
        CHECK_HAS(error, ", line ");
        return;
    }
    CHECK(parsed);
    const struct value *sessions = value_get(test, "output.config.sso_sessions");
    CHECK_TEXT(json_print(a, as_value(a, &set, PROFILE)),
               json_print(a, value_get(test, "output.config.profiles")));
    CHECK_TEXT(json_print(a, as_value(a, &set, PROFILE_SSO_SESSION)),
               json_print(a, value_is_null(sessions) ? &value_empty_map : sessions));
}

TEST(profile__matches_the_parser_tests_of_the_sdks)
{
    const char *path = test_vectors(a, "profile/profile-parser-tests.json");
    if (!path)
        return;
    const struct value *tests = value_get(fake_vectors(a, path), "tests");
    for (size_t i = 0; i < value_count(tests); i++)
        check_case(a, value_item(tests, i));
    print_message("profile parser: %zu cases, %zu passed, 0 skipped\n", value_count(tests),
                  value_count(tests));
    CHECK(value_count(tests) > 0);
}

static const char *const *environment_of(struct arena *a, const struct value *map)
{
    const char **variables = arena_array(a, 2 * value_count(map) + 1, sizeof *variables);
    for (size_t i = 0; i < value_count(map); i++) {
        variables[2 * i] = map->map.members[i].key;
        variables[2 * i + 1] = map->map.members[i].value->text;
    }
    return variables;
}

static void check_location(struct arena *a, const struct value *test)
{
    struct fake_os os = fake_os();
    struct profile_set set = {0};
    const char *error;
    os.variables = environment_of(a, value_get(test, "environment"));
    CHECK(profile_load(a, &os.os, NULL, NULL, &set, &error));
    CHECK_TEXT(set.files[PROFILE_CONFIG].path, value_text(test, "configLocation"));
    CHECK_TEXT(set.files[PROFILE_CREDENTIALS].path, value_text(test, "credentialsLocation"));
    CHECK(set.files[PROFILE_CONFIG].missing);
}

TEST(profile__matches_the_location_tests_of_the_sdks)
{
    const char *path = test_vectors(a, "profile/file-location-tests.json");
    if (!path)
        return;
    const struct value *tests = value_get(fake_vectors(a, path), "tests");
    size_t passed = 0;
    for (size_t i = 0; i < value_count(tests); i++) {
        const struct value *test = value_item(tests, i);
        if (strcmp(value_text(test, "platform"), "windows") == 0) {
            print_message("profile location: \"%s\" skipped: the provider runs on Linux\n",
                          value_text(test, "name"));
            continue;
        }
        check_location(a, test);
        passed++;
    }
    print_message("profile location: %zu cases, %zu passed, %zu skipped\n", value_count(tests),
                  passed, value_count(tests) - passed);
    CHECK(passed > 0);
}

static const char *parse_error(struct arena *a, const char *text)
{
    struct profile_set set = {0};
    const char *error = "";
    CHECK(!profile_parse(a, &set, PROFILE_CREDENTIALS, "/home/u/.aws/credentials", text_bytes(text),
                         &error));
    return error;
}

TEST(profile__names_file_and_line_and_quotes_nothing)
{
    const char *error =
        parse_error(a, "# comment\n\n[default]\naws_secret_access_key : wJalrXUtn\n");
    CHECK_TEXT(error, "/home/u/.aws/credentials, line 4: Expected an '=' sign defining a property");
}

TEST(profile__text_is_null_when_absent_or_empty)
{
    struct profile_set set = {0};
    const char *error;
    CHECK(profile_parse(a, &set, PROFILE_CONFIG, "config",
                        text_bytes("[default]\nregion =\noutput = json\n"), &error));
    const struct profile *p = profile_find(&set, PROFILE, "default");
    CHECK(!profile_text(p, "region"));
    CHECK_TEXT(profile_text(p, "output"), "json");
    CHECK(!profile_text(p, "absent"));
    CHECK(!profile_text(NULL, "region"));
    CHECK(!profile_find(&set, PROFILE, "other"));
}

TEST(profile__keeps_services_sections_apart)
{
    struct profile_set set = {0};
    const char *error;
    CHECK(profile_parse(a, &set, PROFILE_CONFIG, "config",
                        text_bytes("[services dev]\necr =\n endpoint_url = http://x\n"), &error));
    CHECK(!profile_find(&set, PROFILE, "dev"));
    CHECK_TEXT(profile_text(profile_find(&set, PROFILE_SERVICES, "dev"), "ecr"),
               "\nendpoint_url = http://x");
}

TEST(profile__unreadable_file_is_an_error_and_a_missing_one_is_not)
{
    const struct fake_file files[] = {{"/c", NULL, EACCES}, {0}};
    struct fake_os os = fake_os();
    struct profile_set set = {0};
    const char *error = "";
    os.variables = (const char *const[]){"HOME", "/h", "AWS_CONFIG_FILE", "/c", NULL};
    CHECK(profile_load(a, &os.os, NULL, NULL, &set, &error));
    os.files = files;
    CHECK(!profile_load(a, &os.os, NULL, NULL, &set, &error));
    CHECK_HAS(error, "/c cannot be read: Permission denied");
}

TEST(profile__usual_file_that_this_user_cannot_reach_is_not_there)
{
    const struct fake_file files[] = {
        {"/root/.aws/config", NULL, EACCES}, {"/root/.aws/credentials", NULL, ELOOP}, {0}};
    struct fake_os os = fake_os();
    struct profile_set set = {0};
    const char *error = "";
    os.variables = (const char *const[]){"HOME", "/root", NULL};
    os.files = files;
    CHECK(profile_load(a, &os.os, NULL, NULL, &set, &error));
    CHECK(set.files[PROFILE_CONFIG].missing && set.files[PROFILE_CREDENTIALS].missing);
}

TEST(profile__limits_the_size_of_a_file)
{
    char *text = arena_alloc(a, 1024 * 1024 + 2);
    memset(text, '#', 1024 * 1024 + 1);
    struct fake_os os = fake_os();
    struct profile_set set = {0};
    const char *error = "";
    os.variables = (const char *const[]){"AWS_CONFIG_FILE", "/c", NULL};
    os.files = (const struct fake_file[]){{"/c", text, 0}, {0}};
    CHECK(!profile_load(a, &os.os, NULL, NULL, &set, &error));
    CHECK_HAS(error, "File too large");
}

TEST(profile__limits_the_properties_of_a_profile)
{
    const char *text = "[profile p]\n";
    struct buffer lines = {.arena = a, .limit = 1 << 20};
    struct profile_set set = {0};
    const char *error;
    buffer_add(&lines, text, strlen(text));
    for (int i = 0; i < 1000; i++)
        buffer_printf(&lines, "k%d = v\n", i);
    text = buffer_text(&lines);
    CHECK(profile_parse(a, &set, PROFILE_CONFIG, "/c", (struct bytes){(uint8_t *)text, lines.size},
                        &error));
    text = arena_printf(a, "%sone = more\n", text);
    set = (struct profile_set){0};
    CHECK(!profile_parse(a, &set, PROFILE_CONFIG, "/c",
                         (struct bytes){(uint8_t *)text, strlen(text)}, &error));
    CHECK_TEXT(error, "/c, line 1002: The profile has more than 1,000 properties");
}

TEST(profile__survives_any_bytes)
{
    static const char *const texts[] = {
        "[",         "]",          "[]",
        "[profile]", "[profile ]", "=",
        " ",         "[default",   "[default]\n\xff\xfe = \xff",
        "[a]\n=\n",  "\r",         "[profile default]\nx=\n y=\n z"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct profile_set set = {0};
        const char *error;
        profile_parse(a, &set, PROFILE_CONFIG, "f", text_bytes(texts[i]), &error);
        profile_parse(a, &set, PROFILE_CREDENTIALS, "f", text_bytes(texts[i]), &error);
    }
    const struct bytes nul = {(const uint8_t *)"[a]\nk\0 = v\n", 12};
    struct profile_set set = {0};
    const char *error;
    CHECK(!profile_parse(a, &set, PROFILE_CREDENTIALS, "f", nul, &error));
    CHECK_TEXT(error, "f, line 2: It has a NUL character");
}

TEST(profile__paths_replace_the_usual_files_and_later_ones_win)
{
    static const struct fake_file files[] = {
        {"/h/.aws/credentials", "[p]\naws_access_key_id = usual\nregion = usual\n", 0},
        {"/h/c1", "[p]\naws_access_key_id = first\naws_session_token = kept\n", 0},
        {"/c2", "[p]\naws_access_key_id = second\n", 0},
        {0}};
    static const char *const variables[] = {"HOME", "/h", NULL};
    static const char *const paths[] = {"~/c1", "/absent", "/c2", NULL};
    static const char *const absent[] = {"/absent", NULL};
    struct fake_os os = fake_os();
    struct profile_set set = {0};
    const char *error;
    os.variables = variables;
    os.files = files;
    CHECK(profile_load(a, &os.os, absent, paths, &set, &error));
    const struct profile *p = profile_find(&set, PROFILE, "p");
    CHECK_TEXT(profile_text(p, "aws_access_key_id"), "second");
    CHECK_TEXT(profile_text(p, "aws_session_token"), "kept");
    CHECK(!profile_text(p, "region"));
    CHECK(set.files[PROFILE_CONFIG].missing);
    CHECK(!set.files[PROFILE_CREDENTIALS].missing);
    CHECK_TEXT(set.files[PROFILE_CREDENTIALS].path, "/h/c1, /absent, /c2");
}

TEST(profile__name_may_stand_in_quotes)
{
    struct profile_set set = {0};
    const char *error;
    CHECK(profile_parse(
        a, &set, PROFILE_CONFIG, "f",
        text_bytes("[profile \"my profile\"]\nregion = r1\n"
                   "[sso-session 'corp']\nsso_region = r2\n"
                   "[profile \"a\" \"b\"]\nregion = r3\n[profile \"\"]\nregion = r4\n"),
        &error));
    CHECK_TEXT(profile_text(profile_find(&set, PROFILE, "my profile"), "region"), "r1");
    CHECK_TEXT(profile_text(profile_find(&set, PROFILE_SSO_SESSION, "corp"), "sso_region"), "r2");
    CHECK(!profile_find(&set, PROFILE, "a"));
    CHECK(!profile_find(&set, PROFILE, ""));
}

/* What botocore's own tests read: each file is read, or refused with its name and line. */
TEST(profile__botocores_files_are_read_or_refused_by_name)
{
    static const char *const files[][3] = {
        {"aws_config", "personal", "aws_access_key_id"},
        {"aws_config_other", "personal", "aws_access_key_id"},
        {"aws_third_config", "third", "aws_access_key_id"},
        {"aws_config_nested", "default", "s3"},
        {"aws_config_nocreds", "default", "region"},
        {"aws_services_config", "default", "services"},
        {"aws_sso_session_config", "default", "sso_session"},
        {"aws_bad_profile", "my profile", "aws_access_key_id"},
        {"aws_config_bad", NULL, "aws_config_bad, line 1"},
        {"aws_credentials", NULL, "aws_credentials, line 1"},
        {"aws_config_nested_bad", NULL, "aws_config_nested_bad, line "},
        {"aws_config_badbytes", NULL, "aws_config_badbytes, line "},
    };
    const char *path = test_vectors(a, "profile/botocore-cfg");
    for (size_t i = 0; path && i < sizeof files / sizeof *files; i++) {
        const char *const paths[] = {arena_printf(a, "%s/%s", path, files[i][0]), NULL};
        const char *const none[] = {"/nowhere", NULL};
        struct profile_set set = {0};
        const char *error = NULL;
        bool read = profile_load(a, &os_real, paths, none, &set, &error);
        CHECK(read == (files[i][1] != NULL));
        if (read)
            assert_non_null(profile_text(profile_find(&set, PROFILE, files[i][1]), files[i][2]));
        else
            CHECK_HAS(error, files[i][2]);
    }
}

TEST(profile__mark_of_utf_8_at_the_beginning_is_passed_over)
{
    struct profile_set set = {0};
    const char *error;
    CHECK(profile_parse(a, &set, PROFILE_CONFIG, "f",
                        text_bytes("\xef\xbb\xbf[default]\r\nregion = r\r\n"), &error));
    CHECK_TEXT(profile_text(profile_find(&set, PROFILE, "default"), "region"), "r");
}
