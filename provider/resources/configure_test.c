/* The provider block: what is refused, what is warned of, and what becomes of tags. Nothing here
 * needs more network than a server of our own on the loopback interface, which plays STS. */
#include "resources/configure.h"

#include "base/test.h"
#include "http/peer_test.h"
#include "resources/fake_ecr_test.h"
#include "resources/registry.h"
#include "value/json.h"

#include <string.h>

static const struct value *block(struct arena *a, const char *json)
{
    char *text = arena_text(a, json);
    for (char *p = text; *p; p++)
        if (*p == '\'')
            *p = '"';
    const char *path;
    const struct value *v = json_parse(a, text, strlen(text), NULL);
    assert_non_null(v);
    v = schema_conform(a, ecr_provider.schema->attrs, v, &path);
    assert_non_null(v);
    return v;
}

#define KEYS "'region':'eu-central-1','access_key':'AKIDEXAMPLE','secret_key':'secret'"

/* The operation after validation and, if that was fine, configuration. */
static struct op configured(struct arena *a, const char *const *variables, const char *json)
{
    struct fake_os *os = arena_alloc(a, sizeof *os);
    *os = fake_os();
    os->variables = variables;
    struct op op = op_new(a, &os->os, &ecr_provider, NULL);
    op.config = block(a, json);
    provider_validate_config(&op);
    if (!op_failed(&op))
        op.meta = configure_provider(&op, a);
    return op;
}

static void check_fault(struct arena *a, const char *json, const char *path, const char *text)
{
    struct op op = configured(a, NULL, json);
    assert_null(op.meta);
    assert_non_null(op.diagnostics);
    CHECK_TEXT(op.diagnostics->path, path);
    CHECK_HAS(op.diagnostics->detail, text);
}

TEST(configure__a_plain_block_works)
{
    struct op op = configured(a, NULL, "{" KEYS "}");
    assert_null(op.diagnostics);
    assert_non_null(op.meta);
}

TEST(configure__conflicts_are_refused_at_their_arguments)
{
    check_fault(a, "{'region':'eu-central-1','access_key':'A'}", "secret_key",
                "without secret_key");
    check_fault(a, "{'region':'eu-central-1','secret_key':'S'}", "access_key",
                "without access_key");
    check_fault(a, "{" KEYS ",'allowed_account_ids':['1'],'forbidden_account_ids':['2']}",
                "forbidden_account_ids", "not both");
    check_fault(a,
                "{" KEYS ",'assume_role_with_web_identity':[{'role_arn':'arn:aws:iam::1:role/r',"
                "'web_identity_token':'token','web_identity_token_file':'/f'}]}",
                "assume_role_with_web_identity[0].web_identity_token_file", "not both");
    check_fault(a, "{" KEYS ",'endpoints':[{'ecr':'localhost:1'}]}", "endpoints", "URL");
    check_fault(a, "{" KEYS ",'max_retries':2.5}", "max_retries", "whole number");
    check_fault(a, "{" KEYS ",'max_retries':-1}", "max_retries", "It is -1");
    check_fault(a, "{" KEYS ",'token_bucket_rate_limiter_capacity':-3}",
                "token_bucket_rate_limiter_capacity", "whole number");
}

TEST(configure__what_a_client_cannot_do_without_is_told)
{
    check_fault(a, "{'access_key':'AKIDEXAMPLE','secret_key':'secret'}", "region",
                "argument region");
    check_fault(a, "{'region':'eu-central-1','skip_metadata_api_check':'true'}", "",
                "EC2 instance metadata: disabled by skip_metadata_api_check");
}

TEST(configure__switches_may_be_on_off_or_not_said)
{
    static const char *const on[] = {"AWS_USE_DUALSTACK_ENDPOINT", "true", NULL};
    static const char *const off = "{" KEYS ",'endpoints':[{'ecr':'http://127.0.0.1:1'}],"
                                   "'use_dualstack_endpoint':false}";
    check_fault(a,
                "{" KEYS ",'endpoints':[{'ecr':'http://127.0.0.1:1'}],"
                "'use_dualstack_endpoint':true}",
                "use_dualstack_endpoint", "The URL comes from the argument endpoints; remove it");
    assert_null(configured(a, on, off).diagnostics);
    struct op op = configured(a, on, "{" KEYS ",'endpoints':[{'ecr':'http://127.0.0.1:1'}]}");
    CHECK_TEXT(op.diagnostics->path, "use_dualstack_endpoint");
}

TEST(configure__a_proxy_that_is_none_is_refused_without_showing_it)
{
    struct op op = configured(a, NULL, "{" KEYS ",'https_proxy':'http://user:hunter2@'}");
    assert_null(op.meta);
    CHECK_TEXT(op.diagnostics->path, "https_proxy");
    assert_null(strstr(op.diagnostics->detail, "hunter2"));
}

TEST(configure__a_proxy_for_http_alone_and_insecure_warn)
{
    struct op op =
        configured(a, NULL, "{" KEYS ",'http_proxy':'http://127.0.0.1:1','insecure':true}");
    assert_non_null(op.meta);
    CHECK_TEXT(op.diagnostics->path, "http_proxy");
    CHECK_TEXT(op.diagnostics->next->path, "insecure");
    CHECK_INT(op.diagnostics->severity, SEVERITY_WARNING);
}

TEST(configure__a_bundle_that_cannot_be_read_is_refused)
{
    check_fault(a, "{" KEYS ",'custom_ca_bundle':'/nowhere.pem'}", "custom_ca_bundle",
                "/nowhere.pem");
}

static void check_warning(struct arena *a, const char *const *variables, const char *config,
                          const char *path)
{
    struct op op = configured(a, variables, config);
    assert_non_null(op.diagnostics);
    CHECK_INT(op.diagnostics->severity, SEVERITY_WARNING);
    CHECK_TEXT(op.diagnostics->path, path);
}

TEST(configure__what_the_user_may_not_mean_warns)
{
    static const char *const keys[] = {"AWS_ACCESS_KEY_ID", "A", "AWS_SECRET_ACCESS_KEY", "S",
                                       NULL};
    check_warning(a, keys, "{'region':'eu-central-1','profile':'x'}", "profile");
    check_warning(a, NULL,
                  "{" KEYS ",'skip_credentials_validation':true,"
                  "'skip_requesting_account_id':true,'allowed_account_ids':['1']}",
                  "allowed_account_ids");
}

TEST(configure__default_tags_come_from_the_environment_too_and_the_block_wins)
{
    static const char *const variables[] = {"TF_AWS_DEFAULT_TAGS_owner",
                                            "them",
                                            "TF_AWS_DEFAULT_TAGS_cost",
                                            "a=b",
                                            "TF_AWS_DEFAULT",
                                            "x",
                                            NULL};
    struct op op = configured(a, variables, "{" KEYS ",'default_tags':[{'tags':{'owner':'us'}}]}");
    const struct ecr *ecr = op.meta;
    assert_non_null(ecr);
    CHECK_INT(value_count(ecr->default_tags), 2);
    CHECK_TEXT(value_text(ecr->default_tags, "owner"), "us");
    CHECK_TEXT(value_text(ecr->default_tags, "cost"), "a=b");
}

TEST(configure__a_role_block_without_an_arn_warns)
{
    struct op op = configured(a, NULL, "{" KEYS ",'assume_role':[{}]}");
    assert_non_null(op.meta);
    CHECK_TEXT(op.diagnostics->path, "assume_role[0]");
}

TEST(configure__tags_come_from_the_block_and_ignored_ones_from_the_environment_too)
{
    static const char *const variables[] = {"TF_AWS_IGNORE_TAGS_KEYS", "one , two ,",
                                            "TF_AWS_IGNORE_TAGS_KEY_PREFIXES", "x:", NULL};
    struct op op = configured(a, variables,
                              "{" KEYS ",'default_tags':[{'tags':{'owner':'us'}}],"
                              "'ignore_tags':[{'keys':['zero']}]}");
    const struct ecr *ecr = op.meta;
    assert_non_null(ecr);
    CHECK_TEXT(value_text(ecr->default_tags, "owner"), "us");
    CHECK_INT(value_count(ecr->ignored_keys), 3);
    CHECK_TEXT(value_text(ecr->ignored_keys, "[2]"), "two");
    CHECK_TEXT(value_text(ecr->ignored_prefixes, "[0]"), "x:");
}

/* What an STS that answers so was asked, and what became of the configuration. */
struct asked {
    struct op op;
    char *request; /* the last; "" when there was none */
};

/* json: with %d for the port of STS. The handles of the operation's arena end with the call. */
static struct asked asking_sts(struct arena *a, const char *body, const char *json)
{
    struct peer sts;
    struct arena lifetime = {0};
    peer_start(&sts, "k");
    sts.body = body;
    const char *place = strstr(json, "%d");
    const char *text = arena_printf(a, "%.*s%d%s", (int)(place - json), json, sts.port, place + 2);
    struct op op = configured(&lifetime, NULL, text);
    struct asked asked = {op, arena_text(a, sts.last)};
    asked.op.meta = NULL;
    asked.op.diagnostics = NULL;
    struct diagnostic **end = &asked.op.diagnostics;
    for (const struct diagnostic *d = op.diagnostics; d; d = d->next, end = &(*end)->next) {
        *end = arena_alloc(a, sizeof **end);
        **end = (struct diagnostic){NULL, d->severity, arena_text(a, d->path),
                                    arena_text(a, d->summary), arena_text(a, d->detail)};
    }
    CHECK(op_failed(&op) == !op.meta);
    arena_reset(&lifetime);
    peer_stop(&sts);
    return asked;
}

#define STS "'endpoints':[{'sts':'http://127.0.0.1:%d'}]"
#define SESSION                                                                        \
    "<Response><Result><Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>S" \
    "</SecretAccessKey><SessionToken>T</SessionToken></Credentials></Result></Response>"
#define ACCOUNT "<Response><Result><Account>123456789012</Account></Result></Response>"

TEST(configure__a_role_is_asked_for_as_the_block_says)
{
    struct asked asked = asking_sts(
        a, SESSION,
        "{" KEYS "," STS ",'assume_role':[{'role_arn':'arn:aws:iam::123456789012:role/r',"
        "'duration':'15m','external_id':'ext','policy':'{}','session_name':'ci','source_identity':'"
        "ann',"
        "'policy_arns':['arn:aws:iam::aws:policy/p'],'tags':{'none':null,'team':'a'},"
        "'transitive_tag_keys':['team']}]}");
    assert_null(asked.op.diagnostics);
    CHECK_HAS(asked.request, "Action=AssumeRole&");
    CHECK_HAS(asked.request,
              "&RoleSessionName=ci&ExternalId=ext&DurationSeconds=900&Policy=%7B%7D");
    CHECK_HAS(asked.request, "&PolicyArns.member.1.arn=");
    CHECK_HAS(asked.request, "&SourceIdentity=ann&Tags.member.1.Key=team&Tags.member.1.Value=a");
    CHECK_HAS(asked.request, "&TransitiveTagKeys.member.1=team");
}

TEST(configure__a_web_identity_is_asked_for_as_the_block_says)
{
    struct asked asked = asking_sts(
        a, SESSION,
        "{'region':'eu-central-1'," STS ",'assume_role_with_web_identity':[{'role_arn':"
        "'arn:aws:iam::123456789012:role/r','web_identity_token':'J-four-or-more','duration':'1h',"
        "'session_name':'ci'}]}");
    assert_null(asked.op.diagnostics);
    CHECK_HAS(asked.request, "Action=AssumeRoleWithWebIdentity&");
    CHECK_HAS(asked.request, "&RoleSessionName=ci&WebIdentityToken=J-four-or-more");
    CHECK_HAS(asked.request, "&DurationSeconds=3600");
    CHECK(!strstr(asked.request, "Authorization:"));
}

static void check_accounts(struct arena *a, const char *answer, const char *lists,
                           const char *attribute, const char *part)
{
    struct asked asked = asking_sts(a, answer, arena_printf(a, "{%s,%s,%s}", KEYS, STS, lists));
    CHECK_HAS(asked.request, "Action=GetCallerIdentity");
    CHECK((asked.op.diagnostics == NULL) == (part == NULL));
    if (!part)
        return;
    CHECK_TEXT(asked.op.diagnostics->path, attribute);
    CHECK_HAS(asked.op.diagnostics->detail, part);
}

TEST(configure__a_token_s_file_is_the_blocks_or_the_environments)
{
    static const char *const variables[] = {"AWS_WEB_IDENTITY_TOKEN_FILE", "/env/token", NULL};
    static const char *const block_with[] = {"'web_identity_token_file':'/block/token'",
                                             "'session_name':'ci'"};
    static const char *const files[] = {"/block/token", "/env/token"};
    for (size_t i = 0; i < 2; i++) {
        struct op op = configured(a, variables,
                                  arena_printf(a,
                                               "{'region':'eu-central-1','assume_role_with_web_"
                                               "identity':[{'role_arn':'arn:aws:iam::123456789012:"
                                               "role/r',%s}]}",
                                               block_with[i]));
        assert_null(op.meta);
        CHECK_TEXT(op.diagnostics->summary, "Cannot assume IAM Role with web identity");
        CHECK_HAS(op.diagnostics->detail,
                  arena_printf(a, "the token file %s cannot be read", files[i]));
    }
}

TEST(configure__the_account_must_be_an_allowed_one)
{
    check_accounts(a, ACCOUNT, "'allowed_account_ids':['123456789012']", "", NULL);
    check_accounts(a, ACCOUNT, "'forbidden_account_ids':['222222222222']", "", NULL);
    check_accounts(a, ACCOUNT, "'allowed_account_ids':['222222222222']", "allowed_account_ids",
                   "AWS account ID not allowed: 123456789012. The credentials belong to this "
                   "account, and allowed_account_ids does not let it be worked on.");
    check_accounts(a, ACCOUNT, "'forbidden_account_ids':['123456789012']", "forbidden_account_ids",
                   "AWS account ID not allowed: 123456789012.");
}

TEST(configure__an_account_that_cannot_be_found_out_is_not_allowed)
{
    check_accounts(a, "<Response><Result/></Response>", "'allowed_account_ids':['123456789012']",
                   "allowed_account_ids", "has no account. Without it, allowed_account_ids cannot");
    check_accounts(a, "no XML", "'forbidden_account_ids':['222222222222']", "forbidden_account_ids",
                   "STS GetCallerIdentity answered SerializationError: ");
}

TEST(tagging__ignored_tags_are_neither_seen_nor_removed)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    fake->ecr->ignored_keys = LIST(a, value_string(a, "cost"));
    fake->ecr->ignored_prefixes = LIST(a, value_string(a, "ops:"));
    const struct value *config =
        fake_object(a, &ecr_repository, "{\"name\":\"web\",\"tags\":{\"a\":\"b\",\"cost\":\"1\"}}");
    const struct value *state = fake_apply(fake, &ecr_repository, config, &value_null).state;
    fake->tags = LIST(a, MAP(a, {"Key", value_string(a, "a")}, {"Value", value_string(a, "b")}),
                      MAP(a, {"Key", value_string(a, "cost")}, {"Value", value_string(a, "9")}),
                      MAP(a, {"Key", value_string(a, "ops:x")}, {"Value", value_string(a, "1")}));
    struct op read = fake_refresh(fake, &ecr_repository, state);
    CHECK(value_equal(read.state, state));
    CHECK(value_equal(fake_plan(fake, &ecr_repository, config, read.state).plan, state));
}
