/* The repository's own rules: order of calls, partial failure, tags, cross checks. */
#include "base/test.h"
#include "resources/fake_ecr_test.h"
#include "resources/registry.h"

#include <string.h>

static const struct resource *const repository = &ecr_repository;

static const struct value *object(struct arena *a, const char *json)
{
    return fake_object(a, repository, json);
}

static const struct value *created(struct fake_ecr *fake, const char *config)
{
    struct op op = fake_apply(fake, repository, object(fake->arena, config), &value_null);
    assert_null(op.diagnostics);
    fake->calls = "";
    return op.state;
}

static struct op validated(struct arena *a, const char *config)
{
    struct op op = fake_op(fake_ecr_new(a, "{}"), repository);
    op.config = object(a, config);
    resource_validate_config(&op);
    return op;
}

TEST(ecr_repository__create_sends_only_what_was_configured)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    fake->fails_operation = "CreateRepository";
    fake->failure = "400 X y";
    fake_apply(fake, repository, object(a, "{'name':'web'}"), &value_null);
    CHECK(value_equal(fake->request, MAP(a, {"repositoryName", value_string(a, "web")},
                                         {"imageTagMutability", value_string(a, "MUTABLE")})));
}

TEST(ecr_repository__create_sends_blocks_and_all_tags)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{'owner':'us','a':'default'}");
    fake->fails_operation = "CreateRepository";
    fake->failure = "400 X y";
    fake_apply(fake, repository,
               object(a, "{'name':'web','tags':{'a':'own'},'encryption_configuration':[{}],"
                         "'image_scanning_configuration':[{'scan_on_push':true}]}"),
               &value_null);
    CHECK_TEXT(value_text(fake->request, "encryptionConfiguration.encryptionType"), "AES256");
    CHECK(value_is_true(fake->request, "imageScanningConfiguration.scanOnPush"));
    CHECK_INT(value_count(value_member(fake->request, "tags")), 2);
}

TEST(ecr_repository__waits_until_aws_shows_it)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    fake->fails_operation = "DescribeRepositories";
    fake->failure = "400 RepositoryNotFoundException not yet";
    struct op op = fake_apply(fake, repository, object(a, "{'name':'web'}"), &value_null);
    CHECK(!op_failed(&op));
    CHECK_TEXT(fake->calls, "CreateRepository DescribeRepositories DescribeRepositories ");
}

TEST(ecr_repository__update_changes_tags_then_mutability_then_scanning)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    const struct value *state = created(fake, "{'name':'web','tags':{'old':'1','keep':'1'}}");
    struct op op = fake_apply(fake, repository,
                              object(a, "{'name':'web','tags':{'new':'1','keep':'1'},"
                                        "'image_tag_mutability':'IMMUTABLE',"
                                        "'image_scanning_configuration':[{'scan_on_push':true}]}"),
                              state);
    CHECK(!op_failed(&op));
    CHECK_TEXT(fake->calls, "UntagResource TagResource PutImageTagMutability "
                            "PutImageScanningConfiguration ");
    CHECK_TEXT(value_text(fake->repository, "imageTagMutability"), "IMMUTABLE");
}

TEST(ecr_repository__an_update_that_fails_half_way_says_what_is_done)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    const struct value *state = created(fake, "{'name':'web'}");
    fake->fails_operation = "PutImageScanningConfiguration";
    fake->failure = "400 ValidationException no";
    struct op op = fake_apply(fake, repository,
                              object(a, "{'name':'web','image_tag_mutability':'IMMUTABLE',"
                                        "'image_scanning_configuration':[{'scan_on_push':true}]}"),
                              state);
    CHECK(op_failed(&op));
    CHECK_TEXT(value_text(op.state, "image_tag_mutability"), "IMMUTABLE");
    CHECK(!value_is_true(op.state, "image_scanning_configuration[0].scan_on_push"));
}

TEST(ecr_repository__tags_that_were_taken_away_are_gone_whatever_fails_then)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{'ours':'1'}");
    const struct value *state = created(fake, "{'name':'web','tags':{'old':'1','keep':'1'}}");
    fake->fails_operation = "TagResource";
    fake->failure = "400 InvalidTagParameterException no";
    struct op op = fake_apply(fake, repository,
                              object(a, "{'name':'web','tags':{'new':'1','keep':'1'}}"), state);
    CHECK(op_failed(&op));
    CHECK_INT(value_count(value_member(op.state, "tags")), 1);
    CHECK_TEXT(value_text(op.state, "tags.keep"), "1");
    CHECK_INT(value_count(value_member(op.state, "tags_all")), 2);
}

TEST(ecr_repository__settings_that_aws_does_not_have_need_no_call)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    const struct value *state = created(fake, "{'name':'web'}");
    struct op op = fake_apply(
        fake, repository,
        object(a, "{'name':'web','force_delete':true,'timeouts':{'delete':'1m'}}"), state);
    CHECK(!op_failed(&op));
    CHECK_TEXT(fake->calls, "");
    CHECK(value_is_true(op.state, "force_delete"));
}

TEST(ecr_repository__removing_the_scanning_block_turns_scanning_off)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    const struct value *state =
        created(fake, "{'name':'web','image_scanning_configuration':[{'scan_on_push':true}]}");
    struct op op = fake_apply(fake, repository, object(a, "{'name':'web'}"), state);
    CHECK(!op_failed(&op));
    CHECK_TEXT(fake->calls, "PutImageScanningConfiguration ");
    CHECK(!value_is_true(fake->repository, "imageScanningConfiguration.scanOnPush"));
}

TEST(ecr_repository__delete_of_one_with_images_hints_at_force_delete)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    const struct value *state = created(fake, "{'name':'web'}");
    fake->fails_operation = "DeleteRepository";
    fake->failure = "400 RepositoryNotEmptyException it holds images";
    struct op op = fake_apply(fake, repository, &value_null, state);
    CHECK_TEXT(op.diagnostics->path, "force_delete");
    CHECK_HAS(op.diagnostics->detail, "force_delete = true");
    CHECK(value_equal(op.state, state));
}

TEST(ecr_repository__delete_forces_when_the_state_says_so)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    const struct value *state = created(fake, "{'name':'web','force_delete':true}");
    fake->fails_operation = "DeleteRepository";
    fake->failure = "400 X y";
    fake_apply(fake, repository, &value_null, state);
    CHECK(value_is_true(fake->request, "force"));
    CHECK_TEXT(value_text(fake->request, "registryId"), "123456789012");
}

TEST(ecr_repository__existing_name_suggests_import)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    created(fake, "{'name':'web'}");
    struct op op = fake_apply(fake, repository, object(a, "{'name':'web'}"), &value_null);
    CHECK_TEXT(op.diagnostics->path, "name");
    CHECK_HAS(op.diagnostics->detail, "terraform import");
}

TEST(ecr_repository__default_tags_are_in_tags_all_only)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{'owner':'us'}");
    const struct value *state = created(fake, "{'name':'web','tags':{'a':'b'}}");
    CHECK_INT(value_count(value_member(state, "tags")), 1);
    CHECK_TEXT(value_text(state, "tags_all.owner"), "us");
    CHECK(value_equal(fake_refresh(fake, repository, state).state, state));
}

TEST(ecr_repository__a_tag_that_repeats_a_default_stays_the_resources_own)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{'owner':'us'}");
    const struct value *state = created(fake, "{'name':'web','tags':{'owner':'us'}}");
    CHECK(value_equal(fake_refresh(fake, repository, state).state, state));
}

TEST(ecr_repository__a_null_tag_leaves_the_default_tag_alone)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{'owner':'us'}");
    const struct value *state = created(fake, "{'name':'web','tags':{'owner':null}}");
    CHECK_TEXT(value_text(state, "tags_all.owner"), "us");
    CHECK(value_equal(fake_refresh(fake, repository, state).state, state));
}

TEST(ecr_repository__foreign_tags_are_drift_and_aws_tags_are_not)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    const struct value *config = object(a, "{'name':'web','tags':{'a':'b'}}");
    const struct value *state = created(fake, "{'name':'web','tags':{'a':'b'}}");
    fake->tags = LIST(a, MAP(a, {"Key", value_string(a, "a")}, {"Value", value_string(a, "b")}),
                      MAP(a, {"Key", value_string(a, "aws:x")}, {"Value", value_string(a, "1")}));
    CHECK(value_equal(fake_refresh(fake, repository, state).state, state));

    fake->tags = LIST(a, MAP(a, {"Key", value_string(a, "hand")}, {"Value", value_string(a, "1")}));
    const struct value *drifted = fake_refresh(fake, repository, state).state;
    CHECK_TEXT(value_text(drifted, "tags.hand"), "1");
    fake->calls = "";
    fake_apply(fake, repository, config, drifted);
    CHECK_TEXT(fake->calls, "UntagResource TagResource ");
}

TEST(ecr_repository__unknown_tags_make_tags_all_unknown)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    const struct value *config = object(a, "{'name':'web'}");
    config = value_with(a, config, "tags", MAP(a, {"a", &value_unknown}));
    CHECK(value_is_unknown(
        value_member(fake_plan(fake, repository, config, &value_null).plan, "tags_all")));
}

static void check_fault(struct arena *a, const char *config, const char *path, const char *text)
{
    struct op op = validated(a, config);
    assert_non_null(op.diagnostics);
    CHECK_TEXT(op.diagnostics->path, path);
    CHECK_HAS(op.diagnostics->detail, text);
}

TEST(ecr_repository__names_are_those_of_the_api)
{
    static const char *const good[] = {"ab", "a/b", "a__b", "a--b", "team/sub.part/web-app_1"};
    static const char *const bad[] = {"A",   "Web", "a//b", "/a",  "a/",
                                      "-ab", "a_",  "a..b", "a b", "a"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        CHECK(
            !op_failed(&(struct op[]){validated(a, arena_printf(a, "{'name':'%s'}", good[i]))}[0]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        check_fault(a, arena_printf(a, "{'name':'%s'}", bad[i]), "name", "name must");
}

TEST(ecr_repository__exclusion_filters_and_mutability_must_agree)
{
    check_fault(a, "{'name':'web','image_tag_mutability':'IMMUTABLE_WITH_EXCLUSION'}",
                "image_tag_mutability", "at least one");
    check_fault(a,
                "{'name':'web','image_tag_mutability_exclusion_filter':"
                "[{'filter':'x','filter_type':'WILDCARD'}]}",
                "image_tag_mutability_exclusion_filter", "not set, which means MUTABLE");
    check_fault(a,
                "{'name':'web','image_tag_mutability':'MUTABLE_WITH_EXCLUSION',"
                "'image_tag_mutability_exclusion_filter':[{'filter':'ok','filter_type':'WILDCARD'},"
                "{'filter':'*a*b*','filter_type':'WILDCARD'}]}",
                "image_tag_mutability_exclusion_filter[1].filter", "at most two *");
}

TEST(ecr_repository__a_key_needs_kms)
{
    check_fault(a, "{'name':'web','encryption_configuration':[{'kms_key':'k'}]}",
                "encryption_configuration[0].kms_key", "because it is not set");
    check_fault(
        a, "{'name':'web','encryption_configuration':[{'encryption_type':'AES256','kms_key':'k'}]}",
        "encryption_configuration[0].kms_key", "It is AES256.");
    struct op op = validated(
        a,
        "{'name':'web','encryption_configuration':[{'encryption_type':'KMS_DSSE','kms_key':'k'}]}");
    CHECK(!op_failed(&op));
}

TEST(ecr_repository__scan_on_push_is_required_in_its_block)
{
    check_fault(a, "{'name':'web','image_scanning_configuration':[{}]}",
                "image_scanning_configuration[0].scan_on_push", "must be set");
}

TEST(ecr_repository__naming_the_key_that_is_in_use_is_no_replacement)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    const char *arn = "arn:aws:kms:r:1:key/1234";
    const struct value *config =
        object(a, "{'name':'web','encryption_configuration':[{'encryption_type':'KMS'}]}");
    struct op op = fake_apply(fake, repository, config, &value_null);
    fake->repository = value_with(
        a, fake->repository, "encryptionConfiguration",
        MAP(a, {"encryptionType", value_string(a, "KMS")}, {"kmsKey", value_string(a, arn)}));
    struct op read = fake_refresh(fake, repository, op.state);
    CHECK(value_equal(read.state, op.state));

    static const char *const keys[] = {"arn:aws:kms:r:1:key/1234", "1234", "alias/app", "5678"};
    for (size_t i = 0; i < 4; i++) {
        struct op plan = fake_op(fake, repository);
        plan.prior = read.state;
        plan.private = read.private;
        plan.config = object(a, arena_printf(a,
                                             "{'name':'web','encryption_configuration':"
                                             "[{'encryption_type':'KMS','kms_key':'%s'}]}",
                                             keys[i]));
        resource_plan(&plan);
        CHECK_INT(plan.replace_count, i == 3);
    }
}

TEST(ecr_repository__a_plan_that_takes_protection_away_warns)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    const struct value *state =
        created(fake, "{'name':'web','image_tag_mutability':'IMMUTABLE',"
                      "'image_scanning_configuration':[{'scan_on_push':true}]}");
    struct op op = fake_plan(fake, repository, object(a, "{'name':'web'}"), state);
    CHECK(!op_failed(&op));
    CHECK_TEXT(op.diagnostics->path, "image_tag_mutability");
    CHECK_HAS(op.diagnostics->detail, "from IMMUTABLE to MUTABLE");
    CHECK_TEXT(op.diagnostics->next->path, "image_scanning_configuration");
    assert_null(op.diagnostics->next->next);
    assert_null(fake_plan(fake, repository,
                          object(a, "{'name':'web','image_tag_mutability':'IMMUTABLE',"
                                    "'image_scanning_configuration':[{'scan_on_push':true}],"
                                    "'tags':{'a':'b'}}"),
                          state)
                    .diagnostics);
}

/* In a partition that does not know tags, all calls about them are refused. */
static struct op created_in_china(struct fake_ecr *fake, const char *config)
{
    fake->fails_operation = "CreateRepository";
    fake->failure = "400 UnsupportedFeatureException no tags";
    fake->ecr = (struct ecr *)ecr_in(fake->ecr, "cn-north-1");
    return fake_apply(fake, repository, object(fake->arena, config), &value_null);
}

TEST(ecr_repository__is_tagged_after_its_creation_where_it_cannot_be_before)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    struct op op = created_in_china(fake, "{'name':'web','tags':{'a':'b'}}");
    assert_null(op.diagnostics);
    CHECK_TEXT(fake->calls, "CreateRepository CreateRepository TagResource DescribeRepositories ");
    CHECK_INT(value_count(fake->tags), 1);
}

TEST(ecr_repository__is_not_tried_without_tags_in_the_partition_that_knows_them)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    fake->fails_operation = "CreateRepository";
    fake->failure = "400 UnsupportedFeatureException no tags";
    struct op op =
        fake_apply(fake, repository, object(a, "{'name':'web','tags':{'a':'b'}}"), &value_null);
    CHECK(op_failed(&op));
    CHECK_TEXT(fake->calls, "CreateRepository ");
}

TEST(ecr_repository__keeps_the_tags_that_cannot_be_read)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    const struct value *state = created_in_china(fake, "{'name':'web','tags':{'a':'b'}}").state;
    fake->fails_operation = "ListTagsForResource";
    fake->failure = "400 UnsupportedFeatureException no tags";
    struct op op = fake_refresh(fake, repository, state);
    assert_null(op.diagnostics);
    CHECK(value_equal(op.state, state));
}

TEST(ecr_repository__is_looked_at_where_tags_cannot_be_read_for_long)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    const struct value *state = created_in_china(fake, "{'name':'web','tags':{'a':'b'}}").state;
    fake->fails_operation = "ListTagsForResource";
    fake->failure = "500 InternalServiceErrorException no tags";
    fake->fails_always = true;
    fake->repository = &value_null;
    struct op op = fake_refresh(fake, repository, state);
    assert_null(op.diagnostics);
    CHECK(value_is_null(op.state));
}

TEST(ecr_repository__that_may_have_been_made_with_tags_is_not_tried_without_them)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    fake->fails_operation = "CreateRepository";
    fake->failure = "500 InternalServiceErrorException lost\n"
                    "500 InternalServiceErrorException lost\n"
                    "500 InternalServiceErrorException lost"; /* all that are tried */
    fake->after_the_effect = true;
    fake->ecr = (struct ecr *)ecr_in(fake->ecr, "cn-north-1");
    struct op op =
        fake_apply(fake, repository, object(a, "{'name':'web','tags':{'a':'b'}}"), &value_null);
    assert_null(op.diagnostics);
    CHECK_TEXT(value_text(op.state, "name"), "web");
    CHECK_TEXT(value_text(op.state, "tags.a"), "b");
}

TEST(ecr_repository__that_cannot_be_looked_at_after_its_deletion_is_gone)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    const struct value *state = created(fake, "{'name':'web'}");
    fake->fails_operation = "DescribeRepositories";
    fake->failure = "400 AccessDeniedException no";
    struct op op = fake_apply(fake, repository, &value_null, state);
    assert_null(op.diagnostics);
    CHECK(value_is_null(op.state));
    CHECK(value_is_null(fake->repository));
}

TEST(ecr_repository__that_is_not_gone_in_time_is_kept_and_told)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    const struct value *state = created(fake, "{'name':'web','timeouts':{'delete':'1m'}}");
    int64_t start_ms = fake->os.now_ms;
    fake->hollow = true; /* every answer is a success, and the repository stays */
    struct op op = fake_apply(fake, repository, &value_null, state);
    CHECK(op_failed(&op));
    CHECK_TEXT(op.diagnostics->summary, "ECR repository is still there");
    CHECK_HAS(op.diagnostics->detail, "set timeouts.delete to wait longer");
    CHECK(value_equal(op.state, state));
    CHECK(fake->os.now_ms - start_ms <= 60000);
}

TEST(ecr_repository__that_cannot_be_tagged_after_its_creation_is_kept)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    fake->denied_operation = "TagResource";
    struct op op = created_in_china(fake, "{'name':'web','tags':{'a':'b'}}");
    CHECK(op_failed(&op));
    CHECK_TEXT(op.diagnostics->summary, "Cannot tag the new ECR repository (web)");
    CHECK_TEXT(value_text(op.state, "name"), "web");
    CHECK_HAS(value_text(op.state, "arn"), ":repository/web");
}

TEST(ecr_repository__that_vanishes_between_two_calls_of_a_read_is_gone)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    const struct value *state = created(fake, "{'name':'web'}");
    fake->fails_operation = "ListTagsForResource";
    fake->fails_always = true;
    fake->failure = "400 RepositoryNotFoundException gone";
    struct op op = fake_refresh(fake, repository, state);
    assert_null(op.diagnostics);
    CHECK(value_is_null(op.state));
}

TEST(ecr_repository__whose_tags_are_not_seen_yet_is_asked_for_them_again)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    const struct value *state = created(fake, "{'name':'web','tags':{'Team':'shop'}}");
    fake->fails_operation = "ListTagsForResource";
    fake->failure = "400 RepositoryNotFoundException gone";
    struct op op = fake_refresh(fake, repository, state);
    assert_null(op.diagnostics);
    CHECK(value_equal(op.state, state));
}

TEST(ecr_repository__whose_tags_are_refused_after_a_pause_is_looked_at_all_the_same)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    const struct value *state = created(fake, "{'name':'web','tags':{'Team':'shop'}}");
    fake->fails_operation = "ListTagsForResource";
    fake->failure = "429 ThrottlingException slower\n400 RepositoryNotFoundException gone";
    struct op op = fake_refresh(fake, repository, state);
    assert_null(op.diagnostics);
    CHECK(value_equal(op.state, state));
    CHECK_TEXT(fake->calls, "ListTagsForResource ListTagsForResource DescribeRepositories "
                            "ListTagsForResource ");
}

/* The provider's credentials are those of another account now, which has one of the same name. */
TEST(ecr_repository__of_the_same_name_with_another_arn_has_its_own_tags)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    const struct value *state = created(fake, "{'name':'web','tags':{'Team':'shop'}}");
    const struct value *elsewhere = value_with(
        a, state, "arn", value_string(a, "arn:aws:ecr:eu-central-1:999999999999:repository/web"));
    fake->calls = "";
    struct op op = fake_refresh(fake, repository, elsewhere);
    assert_null(op.diagnostics);
    CHECK_TEXT(fake->calls, "ListTagsForResource DescribeRepositories ListTagsForResource ");
    CHECK(value_equal(op.state, state));
}

TEST(ecr_repository__a_network_that_is_not_there_is_told_with_the_number_of_attempts)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    const struct value *state = created(fake, "{'name':'web'}");
    fake->unreachable = true;
    struct op op = fake_refresh(fake, repository, state);
    CHECK_TEXT(op.diagnostics->summary, "Cannot read the tags of the ECR repository (web)");
    CHECK_TEXT(op.diagnostics->detail, "RequestError: no route, after 3 attempts");
    CHECK(value_equal(op.state, state));
}
