/* What is read and not managed: the repository with its newest image, and the token to log in with,
 * of which nothing may ever be quoted. */
#include "base/test.h"
#include "resources/fake_ecr_test.h"
#include "resources/registry.h"

#include <string.h>

static struct op read_source(struct fake_ecr *fake, const struct data_source *source,
                             const char *config)
{
    const char *path;
    struct op op = fake_op(fake, NULL);
    op.schema = source->schema;
    op.config =
        schema_conform(fake->arena, op.schema->attrs, fake_json(fake->arena, config), &path);
    assert_non_null(op.config);
    data_source_validate_config(&op, source);
    if (!op_failed(&op))
        data_source_read(&op, source);
    CHECK(!op_failed(&op) || value_is_null(op.state));
    return op;
}

static struct op read_repository(struct fake_ecr *fake, const char *config)
{
    return read_source(fake, &data_ecr_repository, config);
}

/* An ECR that has a repository with tags, and these pages of images. */
static struct fake_ecr *ecr_with(struct arena *a, const char *image_pages)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    const struct value *config =
        fake_object(a, &ecr_repository, "{'name':'team/web','tags':{'a':'b','cost':'1'}}");
    assert_null(fake_apply(fake, &ecr_repository, config, &value_null).diagnostics);
    fake->ecr->ignored_keys = LIST(a, value_string(a, "cost"));
    fake->image_pages = fake_json(a, image_pages);
    fake->calls = "";
    return fake;
}

static void check_error(const struct op *op, const char *path, const char *summary,
                        const char *part)
{
    assert_non_null(op->diagnostics);
    CHECK_TEXT(op->diagnostics->path, path);
    CHECK_TEXT(op->diagnostics->summary, summary);
    CHECK_HAS(op->diagnostics->detail, part);
}

TEST(data_ecr_repository__a_page_that_names_itself_as_the_next_is_an_error)
{
    struct fake_ecr *fake = ecr_with(a, "[[]]");
    fake->odd_operation = "DescribeImages";
    fake->odd_answer = "{'imageDetails':[{'imagePushedAt':3}],'nextToken':'again'}";
    struct op op = read_repository(fake, "{'name':'team/web'}");
    check_error(&op, "list_images", "Cannot list the images of the ECR repository",
                "names the same page again");
    fake->odd_answer = "{'imageDetails':[{'imagePushedAt':3,'imageTags':['1',2]}]}";
    op = read_repository(fake, "{'name':'team/web'}");
    check_error(&op, "most_recent_image_tags", "AWS's answer cannot be used",
                "no list of texts for imageTags");
}

TEST(data_ecr_repository__finds_the_newest_image_on_any_page)
{
    struct fake_ecr *fake =
        ecr_with(a, "[[{'imagePushedAt':20.5,'imageTags':['old']}],"
                    "[{'imagePushedAt':20.75,'imageTags':['new','1.0']},{'imagePushedAt':3}],"
                    "[{'imagePushedAt':19,'imageTags':['older']}]]");
    struct op op = read_repository(fake, "{'name':'team/web'}");
    assert_null(op.diagnostics);
    CHECK(value_equal(value_member(op.state, "most_recent_image_tags"),
                      fake_json(a, "['new','1.0']")));
    CHECK(value_equal(value_member(op.state, "tags"), fake_json(a, "{'a':'b'}")));
    CHECK_TEXT(value_text(op.state, "id"), "team/web");
    CHECK_TEXT(value_text(op.state, "region"), "eu-central-1");
    CHECK_TEXT(fake->calls, "DescribeRepositories ListTagsForResource DescribeImages "
                            "DescribeImages DescribeImages ");
}

TEST(data_ecr_repository__has_no_tags_without_images_or_without_looking)
{
    struct fake_ecr *fake = ecr_with(a, "[[]]");
    struct op op = read_repository(fake, "{'name':'team/web'}");
    CHECK(value_equal(value_member(op.state, "most_recent_image_tags"), &value_empty_list));
    fake->calls = "";
    op = read_repository(fake, "{'name':'team/web','list_images':false}");
    CHECK(value_equal(value_member(op.state, "most_recent_image_tags"), &value_empty_list));
    CHECK_TEXT(fake->calls, "DescribeRepositories ListTagsForResource ");
}

TEST(data_ecr_repository__pages_without_end_are_not_read_for_ever)
{
    struct fake_ecr *fake = ecr_with(a, "[]");
    fake->takes_ms = 60000;
    struct op op = read_repository(fake, "{'name':'team/web'}");
    check_error(&op, "list_images", "Cannot list the images of the ECR repository",
                "Set list_images to false");
}

TEST(data_ecr_repository__that_is_not_there_is_an_error_with_its_place)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    struct op op = read_repository(fake, "{'name':'team/web','region':'eu-west-1'}");
    check_error(&op, "name", "No such ECR repository",
                "there is no repository team/web in eu-west-1.\nRepositoryNotFoundException: as");
}

TEST(data_ecr_repository__each_call_that_fails_is_told)
{
    static const char *const calls[][2] = {
        {"DescribeRepositories", "Cannot read the ECR repository"},
        {"ListTagsForResource", "Cannot read the tags of the ECR repository"},
        {"DescribeImages", "Cannot list the images of the ECR repository"},
    };
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        struct fake_ecr *fake = ecr_with(a, "[[]]");
        fake->fails_operation = calls[i][0];
        fake->failure = "400 AccessDeniedException no";
        struct op op = read_repository(fake, "{'name':'team/web'}");
        check_error(&op, "", calls[i][1], "AccessDeniedException: no");
    }
}

TEST(data_ecr_repository__an_answer_without_a_repository_is_an_error)
{
    struct fake_ecr *fake = ecr_with(a, "[[]]");
    fake->hollow = true;
    struct op op = read_repository(fake, "{'name':'team/web'}");
    check_error(&op, "", "AWS's answer cannot be used", "It has no object named");
}

TEST(data_ecr_repository__in_another_partition_is_refused)
{
    struct op op =
        read_repository(ecr_with(a, "[[]]"), "{'name':'team/web','region':'cn-north-1'}");
    check_error(&op, "region", "Invalid region",
                "region is \"cn-north-1\", which is in partition aws-cn. It must be in partition "
                "aws, to which the provider's region eu-central-1 belongs.");
    op = read_repository(ecr_with(a, "[[]]"), "{'name':'team/web','region':'xy-nowhere-1'}");
    check_error(&op, "region", "Invalid region", "which is no region that AWS has. It must be");
}

/* "AWS:hunter2" */
#define TOKEN "QVdTOmh1bnRlcjI="

static struct op read_token(struct fake_ecr *fake, const char *answer, const char *config)
{
    fake->authorization = fake_json(fake->arena, answer);
    return read_source(fake, &ephemeral_ecr_authorization_token, config);
}

TEST(ecr_authorization_token__is_split_and_dated)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    struct op op = read_token(fake,
                              "{'authorizationData':[{'authorizationToken':'" TOKEN "',"
                              "'expiresAt':1893456000.25,'proxyEndpoint':'https://r'}]}",
                              "{'registry_id':'123456789012'}");
    assert_null(op.diagnostics);
    CHECK_TEXT(value_text(op.state, "authorization_token"), TOKEN);
    CHECK_TEXT(value_text(op.state, "user_name"), "AWS");
    CHECK_TEXT(value_text(op.state, "password"), "hunter2");
    CHECK_TEXT(value_text(op.state, "expires_at"), "2030-01-01T00:00:00Z");
    CHECK_TEXT(value_text(op.state, "proxy_endpoint"), "https://r");
    CHECK_TEXT(value_text(op.state, "region"), "eu-central-1");
    CHECK_TEXT(value_text(fake->request, "registryIds[0]"), "123456789012");
}

TEST(ecr_authorization_token__that_cannot_be_read_is_not_quoted)
{
    static const char *const bad[] = {
        "{}",
        "{'authorizationData':[{'authorizationToken':'hunter2','expiresAt':1}]}",
        "{'authorizationData':[{'authorizationToken':'aHVudGVyMg==','expiresAt':1}]}",
        "{'authorizationData':[{'authorizationToken':'" TOKEN "','expiresAt':'soon'}]}",
        "{'authorizationData':[{'authorizationToken':'" TOKEN "','expiresAt':-1}]}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct op op = read_token(fake_ecr_new(a, "{}"), bad[i], "{}");
        check_error(&op, "", "Cannot get an ECR authorization token",
                    "AWS's answer has no token, or none that can be read.");
        CHECK(!strstr(op.diagnostics->detail, "hunter2"));
        CHECK(!strstr(op.diagnostics->detail, TOKEN));
    }
}

TEST(ecr_authorization_token__that_is_refused_says_why)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    fake->fails_operation = "GetAuthorizationToken";
    fake->failure = "400 ExpiredTokenException over";
    struct op op = read_token(fake, "{}", "{}");
    check_error(&op, "", "Cannot get an ECR authorization token",
                "ExpiredTokenException: over\n(HTTP status 400, request id request-1)\n\nThe "
                "session has expired. Get new credentials and run again.");
}
