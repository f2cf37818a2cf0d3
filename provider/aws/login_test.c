/* Sessions of "aws login", by AWS's cases: files in, credentials, an error or another file out. */
#include "aws/config.h"
#include "aws/credentials.h"
#include "aws/fake_test.h"
#include "aws/look_test.h"
#include "aws/suite_test.h"
#include "aws/timestamp.h"
#include "base/capture_test.h"
#include "base/test.h"
#include "value/json.h"

#include <dirent.h>
#include <errno.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>

#define CACHE  "/home/.aws/login/cache/"
#define NOW_MS 1763510400000 /* 2025-11-19T00:00:00Z, which the cases take for granted */

/* The files of a case, and the answers of the sign-in service. */
static const struct fake_file *files_of(struct arena *a, const struct value *test)
{
    const struct value *cache = value_member(test, "cacheContents");
    struct fake_file *files = arena_array(a, value_count(cache) + 2, sizeof *files);
    files[0] = (struct fake_file){"/home/.aws/config", value_text(test, "configContents"), 0};
    for (size_t i = 0; i < value_count(cache); i++)
        files[i + 1] = (struct fake_file){arena_printf(a, CACHE "%s", cache->map.members[i].key),
                                          json_print(a, cache->map.members[i].value), 0};
    return files;
}

static struct fake_answer answer_of(struct arena *a, const struct value *call)
{
    const struct value *output = value_get(call, "response.tokenOutput");
    return (struct fake_answer){
        .response = {.sent = true, .status = (int)value_integer(call, "responseCode", 200)},
        .body = value_is_null(output) ? "" : json_print(a, output),
    };
}

static struct fake_http network_of(struct arena *a, struct fake_os *os, const struct value *test)
{
    const struct value *calls = value_member(test, "mockApiCalls");
    size_t count = value_count(calls);
    struct fake_answer *answers = arena_array(a, count + 1, sizeof *answers);
    for (size_t i = 0; i < count; i++)
        answers[i] = answer_of(a, value_item(calls, i));
    answers[count] = (struct fake_answer){.response = {.failure = HTTP_NOT_SENT, .reason = "-"}};
    struct fake_http http = fake_http(os, answers, (int)count + 1);
    http.keep = a;
    return http;
}

static const char *profile_of(struct arena *a, const struct value *test)
{
    const char *name = strstr(value_text(test, "configContents"), "[profile ") + 9;
    return arena_text_n(a, name, strcspn(name, "]"));
}

struct outcome {
    bool found;
    struct credentials credentials;
    struct aws_problem problem;
};

static struct outcome resolve(struct arena *a, struct fake_os *os, struct fake_http *http,
                              const char *profile)
{
    struct aws_settings *settings = arena_alloc(a, sizeof *settings);
    struct config *config = arena_alloc(a, sizeof *config);
    struct outcome outcome = {0};
    const struct aws_error *error;
    *settings = (struct aws_settings){.profile = profile};
    CHECK(config_load(a, &os->os, settings, config, &outcome.problem));
    config->region = "us-east-2";
    struct credentials_provider *provider =
        credentials_new(a, config, &http->http, "test", &outcome.problem);
    outcome.found = provider && credentials_get(provider, a, &outcome.credentials, &error);
    return outcome;
}

static const char *check_credentials(struct arena *a, const struct credentials *c,
                                     const struct value *wanted)
{
    const char *pairs[][2] = {
        {c->access_key_id, value_text(wanted, "accessKeyId")},
        {c->secret_access_key, value_text(wanted, "secretAccessKey")},
        {c->session_token, value_text(wanted, "sessionToken")},
        {c->account_id, value_text(wanted, "accountId")},
        {timestamp_print(a, c->expires_ms), value_text(wanted, "expiresAt")},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (strcmp(pairs[i][0] ? pairs[i][0] : "", pairs[i][1]) != 0)
            return arena_printf(a, "%s is not %s", pairs[i][0], pairs[i][1]);
    return NULL;
}

static const char *check_cache(struct arena *a, const struct fake_os *os,
                               const struct value *wanted)
{
    for (size_t i = 0; i < value_count(wanted); i++) {
        const struct member *m = &wanted->map.members[i];
        if (strcmp(m->key, "result") == 0)
            continue;
        if (!os->written || strcmp(os->written_path, arena_printf(a, CACHE "%s", m->key)) != 0)
            return "the session was not written back";
        const struct value *written = json_parse(a, os->written, strlen(os->written), NULL);
        if (!written || !value_equal(written, m->value))
            return "another session was written back";
    }
    return NULL;
}

static const char *check_requests(struct arena *a, const struct fake_http *http,
                                  const struct value *test)
{
    const struct value *calls = value_member(test, "mockApiCalls");
    const struct value *wanted =
        value_get(value_item(calls, value_count(calls) - 1), "request.tokenInput");
    if (value_count(calls) == 0)
        return http->requests ? "the sign-in service was asked" : NULL;
    const struct bytes *body = &http->last.body;
    const struct value *sent = json_parse(a, (const char *)body->data, body->size, NULL);
    return value_is_null(wanted) || (sent && value_equal(sent, wanted))
               ? NULL
               : "the sign-in service was asked otherwise";
}

static const char *check(struct arena *a, const struct value *test)
{
    struct fake_os os = fake_os();
    os.variables = (const char *const[]){"HOME", "/home", NULL};
    os.files = files_of(a, test);
    os.now_ms = NOW_MS;
    os.keep = a;
    struct fake_http http = network_of(a, &os, test);
    struct outcome outcome = resolve(a, &os, &http, profile_of(a, test));
    const char *wrong = check_requests(a, &http, test);
    const struct value *outcomes = value_member(test, "outcomes");
    for (size_t i = 0; i < value_count(outcomes) && !wrong; i++) {
        const struct value *wanted = value_item(outcomes, i);
        const char *result = value_text(wanted, "result");
        if (strcmp(result, "cacheContents") == 0)
            wrong = check_cache(a, &os, wanted);
        else if (strcmp(result, "credentials") == 0)
            wrong = outcome.found ? check_credentials(a, &outcome.credentials, wanted)
                                  : "there are no credentials";
        else if (outcome.found)
            wrong = "there are credentials, but should be none";
    }
    return wrong;
}

static void check_all(struct arena *a, struct suite *suite, const struct value *tests)
{
    CHECK(value_count(tests) > 0);
    for (size_t i = 0; i < value_count(tests); i++)
        suite_case(suite, value_text(value_item(tests, i), "documentation"),
                   check(a, value_item(tests, i)));
}

TEST(login__matches_the_cases_of_the_sdks)
{
    struct suite suite = {.name = "aws login"};
    const char *path = test_vectors(a, "credentials");
    DIR *directory = path ? opendir(path) : NULL;
    const struct dirent *entry;
    while (directory && (entry = readdir(directory)))
        if (strncmp(entry->d_name, "login-provider-test-cases", 25) == 0)
            check_all(a, &suite, fake_vectors(a, arena_printf(a, "%s/%s", path, entry->d_name)));
    if (directory)
        closedir(directory);
    if (suite.passed + suite.failed)
        suite_end(&suite);
    else
        print_message("skipped: aws login (no login-provider-test-cases*.json is there)\n");
}

/* Cases of our own in the same form, so that the runner itself is tried. The file is named by the
 * SHA-256 of the session. */
#define NAME "e36d6fa40b96b222793064148fda07092b89dcb7d50ddc05547a2150c81cc310.json"
#define CASE(name, keys, rest, more)                                                            \
    "{'documentation':'" name "',"                                                              \
    "'configContents':'[profile dev]\\nlogin_session = arn:aws:sts::111122223333:assumed-role/" \
    "Dev/us\\n','cacheContents':{'" NAME "':{" keys rest "'extra':[1]}}," more "}"
#define KEYS(id, expires)                                                                         \
    "'accessToken':{'accessKeyId':'" id "','secretAccessKey':'s','sessionToken':'t','accountId':" \
    "'111122223333','expiresAt':'" expires "'},"
#define OLD_KEYS   KEYS("AKID1", "2025-11-18T00:00:00Z")
#define REST       "'clientId':'c','refreshToken':'r1','dpopKey':'%s',"
#define ERROR_ONLY "'outcomes':[{'result':'error'}]"

static const char valid[] =
    CASE("valid", KEYS("AKID1", "2025-11-19T01:00:00Z"), REST,
         "'outcomes':[{'result':'credentials','accessKeyId':'AKID1','secretAccessKey':'s',"
         "'sessionToken':'t','accountId':'111122223333','expiresAt':'2025-11-19T01:00:00Z'}]");
static const char renewed[] =
    CASE("renewed", OLD_KEYS, REST,
         "'mockApiCalls':[{'request':{'tokenInput':{'clientId':'c','refreshToken':'r1',"
         "'grantType':'refresh_token'}},'response':{'tokenOutput':{'accessToken':"
         "{'accessKeyId':'AKID2','secretAccessKey':'s2','sessionToken':'t2'},"
         "'refreshToken':'r2','expiresIn':600}}}],"
         "'outcomes':[{'result':'credentials','accessKeyId':'AKID2','secretAccessKey':'s2',"
         "'sessionToken':'t2','accountId':'111122223333','expiresAt':'2025-11-19T00:10:00Z'},"
         "{'result':'cacheContents','" NAME "':{'accessToken':{'accessKeyId':'AKID2',"
         "'secretAccessKey':'s2','sessionToken':'t2','accountId':'111122223333',"
         "'expiresAt':'2025-11-19T00:10:00Z'},'clientId':'c','refreshToken':'r2',"
         "'dpopKey':'%s','extra':[1]}}]");
static const char refused[] =
    CASE("refused", OLD_KEYS, REST, "'mockApiCalls':[{'responseCode':400}]," ERROR_ONLY);
static const char no_refresh_token[] =
    CASE("no token to renew with", OLD_KEYS, "'clientId':'c','dpopKey':'%s',", ERROR_ONLY);
static const char no_key[] =
    CASE("no key", OLD_KEYS, "'clientId':'c','refreshToken':'r',", ERROR_ONLY);
static const char no_keys[] = CASE("no keys", "", REST, ERROR_ONLY);

static const char *const own_cases[] = {valid, renewed, refused, no_refresh_token, no_key, no_keys};

static void free_key(void *key)
{
    EVP_PKEY_free(key);
}

static void free_bio(void *bio)
{
    BIO_free(bio);
}

/* A new key, as it stands in JSON. */
static const char *key_in_json(struct arena *a)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    arena_defer(a, free_key, key);
    BIO *bio = BIO_new(BIO_s_mem());
    arena_defer(a, free_bio, bio);
    CHECK(PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL));
    char *pem;
    long size = BIO_get_mem_data(bio, &pem);
    const char *quoted = json_print(a, value_string(a, arena_text_n(a, pem, (size_t)size)));
    return arena_text_n(a, quoted + 1, strlen(quoted) - 2);
}

static const char *filled_in(struct arena *a, const char *cases, const char *key)
{
    const char *text = "";
    for (const char *place; (place = strstr(cases, "%s")); cases = place + 2)
        text = arena_printf(a, "%s%.*s%s", text, (int)(place - cases), cases, key);
    return arena_printf(a, "%s%s", text, cases);
}

/* A session's file, or a case, with ' for " and a key for %s. */
static const char *written(struct arena *a, const char *text, const char *key)
{
    char *quoted = arena_text(a, text);
    for (char *p = quoted; *p; p++)
        if (*p == '\'')
            *p = '"';
    return filled_in(a, quoted, key);
}

TEST(login__keeps_and_renews_its_file)
{
    struct suite suite = {.name = "aws login, our own"};
    const char *key = key_in_json(a);
    for (size_t i = 0; i < sizeof own_cases / sizeof *own_cases; i++) {
        const char *text = written(a, own_cases[i], key);
        const struct value *test = json_parse(a, text, strlen(text), NULL);
        assert_non_null(test);
        check_all(a, &suite, LIST(a, test));
    }
    suite_end(&suite);
}

/* A look with this file of the session; NULL when it cannot be read. */
static struct look *look_with(struct arena *a, const char *session, struct look *l)
{
    static const struct aws_settings settings = {.region = "eu-west-1"};
    static const char *const variables[] = {"HOME", "/home", NULL};
    struct fake_file *files = arena_array(a, 3, sizeof *files);
    files[0] = (struct fake_file){
        "/home/.aws/config",
        "[default]\nlogin_session = arn:aws:sts::111122223333:assumed-role/Dev/us \n", 0};
    files[1] = (struct fake_file){CACHE NAME, session, EACCES};
    l->os.variables = variables;
    l->os.files = files;
    l->os.now_ms = NOW_MS;
    look_for(l, a, &settings);
    return l;
}

#define FILE_WITH(keys, rest) "{" keys rest "'extra':[1]}"

TEST(login__file_that_is_of_no_use_is_named)
{
    static const char *const cases[][2] = {
        {NULL, "cannot be read: Permission denied"},
        {"{", "is not JSON"},
        {"[]", "is not JSON"},
        {"{}", "has no accessToken"},
        {FILE_WITH(OLD_KEYS, "'clientId':'c','refreshToken':'r',"), "has no dpopKey"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *text = cases[i][0] ? written(a, cases[i][0], "") : NULL;
        struct look *l = look_with(a, text, LOOK(a, NOBODY));
        CHECK(!l->found);
        CHECK_HAS(l->problem.detail,
                  arena_printf(a,
                               "the file of the login session, %s, %s. Run \"aws login --profile "
                               "default\", then Terraform again",
                               CACHE NAME, cases[i][1]));
        CHECK_INT(l->http.requests, 0);
    }
}

TEST(login__renewal_that_fails_says_what_the_service_said)
{
    const char *session = written(a, FILE_WITH(OLD_KEYS, REST), key_in_json(a));
    struct look *l =
        look_with(a, session,
                  LOOK(a, STATUS(400, "{\"__type\":\"AccessDeniedException\",\"error\":"
                                      "\"TOKEN_EXPIRED\",\"message\":\"over\"}")));
    CHECK_HAS(l->problem.detail, "the login session (file " CACHE NAME ") cannot be renewed: "
                                 "TOKEN_EXPIRED: over. Run \"aws login --profile default\"");
    CHECK(!strstr(l->problem.detail, "r1"));
    CHECK_HAS(look_with(a, session, LOOK(a, STATUS(200, "{}")))->problem.detail,
              "cannot be renewed: the answer has no keys. Run");
    session = written(a, FILE_WITH(OLD_KEYS, REST), "no key");
    l = look_with(a, session, LOOK(a, NOBODY));
    CHECK_HAS(l->problem.detail, "cannot be renewed: its dpopKey is no P-256 key.");
    CHECK_INT(l->http.requests, 0);
}

TEST(login__keys_that_still_serve_outlive_a_failed_renewal)
{
    const char *session =
        written(a, FILE_WITH(KEYS("AKID1", "2025-11-19T00:04:00Z"), REST), key_in_json(a));
    struct look *l = look_with(a, session, LOOK(a, NOBODY));
    CHECK(l->found);
    CHECK_TEXT(l->credentials.access_key_id, "AKID1");
    CHECK(!l->os.written);
}

TEST(login__keys_that_cannot_be_saved_are_good_all_the_same)
{
    const char *session = written(a, FILE_WITH(OLD_KEYS, REST), key_in_json(a));
    struct look *l = LOOK(
        a, STATUS(200, "{\"accessToken\":{\"accessKeyId\":\"AKID2\",\"secretAccessKey\":\"S2\","
                       "\"sessionToken\":\"T2\"},\"expiresIn\":600}"));
    l->os.write_error = ENOSPC;
    struct capture c = capture_start("WARN");
    look_with(a, session, l);
    const char *log = capture_end(a, &c);
    CHECK(l->found);
    CHECK_TEXT(l->credentials.access_key_id, "AKID2");
    CHECK_HAS(log, "the renewed login session could not be saved\",\"file\":\"" CACHE NAME "\","
                   "\"error\":\"No space left on device\"");
    CHECK(!strstr(log, "S2"));
}

static struct fake_file written_by_another;

static bool sleep_while_another_writes(const struct os *os, int64_t ms)
{
    struct fake_os *f = (struct fake_os *)os;
    struct fake_file *files = (struct fake_file *)(uintptr_t)f->files;
    files[1] = written_by_another;
    f->now_ms += ms;
    return true;
}

TEST(login__keys_that_another_process_renews_at_the_same_time_are_used)
{
    const char *key = key_in_json(a);
    const char *session = written(a, FILE_WITH(OLD_KEYS, REST), key);
    struct look *l = LOOK(a, STATUS(400, "{\"error\":\"TOKEN_EXPIRED\"}"));
    written_by_another = (struct fake_file){
        CACHE NAME, written(a, FILE_WITH(KEYS("AKID3", "2025-11-19T01:00:00Z"), REST), key), 0};
    l->os.os.sleep_ms = sleep_while_another_writes;
    look_with(a, session, l);
    CHECK(l->found);
    CHECK_TEXT(l->credentials.access_key_id, "AKID3");
    CHECK_INT(l->http.requests, 1);
    CHECK(!l->os.written);
}

TEST(login__a_stop_is_no_reason_to_sign_in_again)
{
    const char *session = written(a, FILE_WITH(OLD_KEYS, REST), key_in_json(a));
    struct look *l = look_with(a, session, LOOK(a, STOPPED));
    CHECK(!l->found);
    CHECK_HAS(l->problem.detail, "Terraform asked to stop");
    CHECK(!strstr(l->problem.detail, "Run \"aws login"));
}

TEST(login__keys_that_end_while_a_renewal_fails_say_why_it_failed)
{
    const char *session =
        written(a, FILE_WITH(KEYS("AKID1", "2025-11-19T00:00:01Z"), REST), key_in_json(a));
    struct look *l =
        look_with(a, session,
                  LOOK(a, {.response = {.failure = HTTP_LOST, .reason = "no answer", .sent = true},
                           .takes_ms = 2000}));
    CHECK(!l->found);
    CHECK_HAS(l->problem.detail, "cannot be renewed");
    CHECK_HAS(l->problem.detail, "no answer");
}

TEST(login__renewal_with_a_wrong_clock_is_tried_with_the_right_time)
{
    static const struct http_header late[] = {{"Date", "Wed, 19 Nov 2025 01:00:00 GMT"}, {0}};
    const char *session = written(a, FILE_WITH(OLD_KEYS, REST), key_in_json(a));
    struct look *l = look_with(
        a, session,
        LOOK(a,
             {.response = {.status = 400, .sent = true, .headers = late},
              .body = "{\"__type\":\"ValidationException\",\"message\":\"iat\"}"},
             STATUS(200, "{\"accessToken\":{\"accessKeyId\":\"AKID2\",\"secretAccessKey\":"
                         "\"S2\",\"sessionToken\":\"T2\"},\"expiresIn\":600}")));
    CHECK(l->found);
    CHECK_INT(l->http.requests, 2);
    CHECK_TEXT(l->credentials.access_key_id, "AKID2");
}
