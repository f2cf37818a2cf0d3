/* What the handlers of several resources share. */
#ifndef RESOURCES_COMMON_H
#define RESOURCES_COMMON_H

#include "ecr/describe.h"
#include "framework/provider.h"

/* The configured provider in the region of the operation's object. */
const struct ecr *op_ecr(const struct op *op);

/* For validate: an object can be in another region, but not in another partition, where the
 * provider's credentials mean nothing. */
void region_validate(struct op *op);

/* Calls ECR with the operation's arena and deadline. */
struct aws_result op_call(const struct op *op, const char *operation, const struct value *input);

/* The same for a call that changes an object and answers with its name at member, a path: without
 * it the answer is as good as lost, and the error is in doubt. */
struct aws_result op_call_for(const struct op *op, const char *operation, const struct value *input,
                              const char *member, const char *name);

/* Reads one object, together with others who read at the same time. */
struct aws_result op_describe(const struct op *op, enum describe_kind kind, const char *name);

/* Which attribute an AWS error is about, and what the user can do about it. Ends with {0}. */
struct aws_advice {
    const char *code, *path, *text;
};

/* Fails with AWS's own words. what: "Cannot create ECR repository". Returns false. */
bool op_fail_aws(struct op *op, const struct aws_advice *advice, const char *what,
                 const struct aws_error *error);

/* False: AWS's answer has not the member that it must have. path: of the attribute, "" for none. */
bool op_fail_answer(struct op *op, const char *path, const char *member);

/* The object of that name in AWS's answer. False after op_fail when it is not there: an answer that
 * was cut, mixed up or made up on the way must not look like a deletion, nor turn the state to
 * another object. */
bool op_described(struct op *op, enum describe_kind kind, const struct value *answer,
                  const char *name, const struct value **ret_object);

/* error has one of the codes, a list ended by NULL. */
bool error_is_any(const struct aws_error *error, const char *const *codes);

/* After a create: AWS may not know the object everywhere yet. Reads until it is there, at most two
 * minutes; that it is not seen is no failure, because it does exist. Returns the last answer. */
struct aws_result op_await(struct op *op, const char *operation, const struct value *input,
                           const char *const *not_found);

/* The same after a change whose answer was lost, so that there may be nothing to see: 10 seconds.
 */
struct aws_result op_look(struct op *op, const char *operation, const struct value *input,
                          const char *const *not_found);

/* Reads until the answer is the planned object, at most so long. False when it is not; *ret_found
 * is the last answer. */
bool op_await_planned(struct op *op, const char *operation, const struct value *input,
                      const char *const *not_found, int64_t within_ms,
                      const struct value **ret_found);

/* After a delete that AWS accepted: reads while it is there, at most until the deadline. True, or
 * false after op_fail. */
bool op_await_gone(struct op *op, const char *operation, const struct value *input,
                   const char *what);

/* An update's step is done: the state takes over the plan's value of that attribute. */
void op_took(struct op *op, const char *name);

#endif
