/* Sts: AWS's service that turns credentials, or somebody else's token, into credentials of a role.
 */
#ifndef AWS_STS_H
#define AWS_STS_H

#include "aws/config.h"
#include "aws/credentials.h"

/* One call. signer NULL: not signed. The region is sts_region of the provider block, else that of
 * config. Output is the action's result element. */
struct aws_result sts_call(const struct config *config, struct http *http,
                           struct credentials_provider *signer, struct arena *a, const char *action,
                           const struct value *input);

/* The credentials in the output of AssumeRole and AssumeRoleWithWebIdentity. */
bool sts_credentials(struct arena *a, const struct value *output,
                     struct credentials *ret_credentials, const struct aws_error **ret_error);

/* The ARNs as STS takes them; null when there are none. */
const struct value *sts_policy_arns(struct arena *a, const char *const *arns);

/* name, or one made from the time, as AWS's SDKs do. */
const char *sts_session_name(struct arena *a, const struct os *os, const char *name);

#endif
