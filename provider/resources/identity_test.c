/* Regions and identities of real resources: what an object is known by, and what an import makes of
 * a part of it. */
#include "base/test.h"
#include "resources/fake_ecr_test.h"
#include "resources/registry.h"

#define IDENTITY "{'account_id':'123456789012','region':'eu-central-1','name':'team/web'}"

static const struct value *repository(struct fake_ecr *fake, const char *config)
{
    struct op op = fake_apply(fake, &ecr_repository,
                              fake_object(fake->arena, &ecr_repository, config), &value_null);
    assert_null(op.diagnostics);
    return op.state;
}

static struct op imported_by(struct fake_ecr *fake, const struct value *identity)
{
    struct op op = fake_op(fake, &ecr_repository);
    op.identity = identity;
    resource_import(&op, "");
    return op;
}

/* The read that Terraform does after an import. */
static struct op read_after(struct fake_ecr *fake, const struct op *import)
{
    struct op op = fake_op(fake, &ecr_repository);
    op.prior = import->state;
    op.private = import->private;
    op.identity = import->identity;
    resource_read(&op);
    return op;
}

static void check_identity(struct arena *a, const struct value *identity, const char *expected)
{
    CHECK(value_equal(identity, fake_json(a, expected)));
}

TEST(identity__comes_with_create_and_with_the_read_of_an_older_object)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    const struct value *config = fake_object(a, &ecr_repository, "{'name':'team/web'}");
    struct op created = fake_apply(fake, &ecr_repository, config, &value_null);
    check_identity(a, created.identity, IDENTITY);
    check_identity(a, fake_refresh(fake, &ecr_repository, created.state).identity, IDENTITY);
}

TEST(identity__that_terraform_has_is_kept)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    struct op op = fake_op(fake, &ecr_repository);
    op.prior = repository(fake, "{'name':'team/web'}");
    op.identity = fake_json(a, "{'account_id':null,'region':'eu-central-1','name':'team/web'}");
    const struct value *before = op.identity;
    resource_read(&op);
    CHECK(op.identity == before);
}

TEST(identity__goes_with_the_object)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    struct op op = fake_op(fake, &ecr_repository);
    op.prior = repository(fake, "{'name':'team/web'}");
    op.identity = fake_json(a, IDENTITY);
    fake->repository = &value_null;
    resource_read(&op);
    assert_null(op.diagnostics);
    CHECK(value_is_null(op.state));
    CHECK(value_is_null(op.identity));
}

TEST(identity__imports_by_the_name_alone)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    const struct value *state = repository(fake, "{'name':'team/web'}");
    struct op op = imported_by(fake, fake_json(a, "{'name':'team/web'}"));
    assert_null(op.diagnostics);
    check_identity(a, op.identity, IDENTITY);
    struct op read = read_after(fake, &op);
    assert_null(read.diagnostics);
    CHECK(value_equal(read.state, state));
    check_identity(a, read.identity, IDENTITY);
}

TEST(identity__imports_from_the_region_it_names)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    repository(fake, "{'name':'team/web'}");
    struct op op = imported_by(fake, fake_json(a, "{'name':'team/web','region':'us-east-1'}"));
    CHECK_TEXT(value_text(op.state, "region"), "us-east-1");
    read_after(fake, &op);
    CHECK_TEXT(fake->url, "https://api.ecr.us-east-1.amazonaws.com/");
}

TEST(identity__of_another_account_is_not_imported)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    repository(fake, "{'name':'team/web'}");
    struct op op =
        imported_by(fake, fake_json(a, "{'name':'team/web','account_id':'222222222222'}"));
    assert_null(op.diagnostics);
    struct op read = read_after(fake, &op);
    assert_non_null(read.diagnostics);
    CHECK_HAS(read.diagnostics->detail, "account_id \"222222222222\"");
    CHECK_HAS(read.diagnostics->detail, "\"123456789012\"");
}

TEST(identity__that_cannot_be_is_refused)
{
    static const char *const bad[][2] = {
        {"{'region':'us-east-1'}", "The identity has no name"},
        {"{'name':'Team'}", "is no name"},
        {"{'name':'team/web','region':'mars'}", "is no region"},
        {"{'name':'team/web','account_id':'1'}", "is no account_id"},
    };
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct op op = imported_by(fake, fake_json(a, bad[i][0]));
        assert_non_null(op.diagnostics);
        CHECK_HAS(op.diagnostics->detail, bad[i][1]);
        CHECK(value_is_null(op.state));
    }
}

TEST(identity__in_another_form_cannot_be_read)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    struct op op = fake_op(fake, &ecr_repository);
    resource_upgrade_identity(&op, fake_json(a, "{'name':['team/web']}"));
    assert_non_null(op.diagnostics);
    op = fake_op(fake, &ecr_repository);
    resource_upgrade_identity(&op, fake_json(a, "{'name':'team/web','more':1}"));
    assert_null(op.diagnostics);
    check_identity(a, op.identity, "{'account_id':null,'region':null,'name':'team/web'}");
}

TEST(region__each_has_its_own_host_and_the_same_credentials)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    repository(fake, "{'name':'team/web','region':'us-east-1'}");
    CHECK_TEXT(fake->url, "https://api.ecr.us-east-1.amazonaws.com/");
    CHECK(ecr_in(fake->ecr, "us-east-1") == ecr_in(fake->ecr, "us-east-1"));
    CHECK(ecr_in(fake->ecr, "eu-central-1") == fake->ecr);
    CHECK(ecr_in(fake->ecr, "") == fake->ecr);
}

TEST(region__that_is_no_host_name_is_an_error_of_the_call)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    const struct ecr *nowhere = ecr_in(fake->ecr, "not a region");
    struct aws_result r = ecr_call(nowhere, a, "DescribeRepositories", &value_empty_map, 0);
    assert_non_null(r.error);
    CHECK_TEXT(r.error->code, "InvalidRegion");
}
