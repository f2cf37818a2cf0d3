/* Sso_token: the access token that "aws sso login" leaves in a file, renewed while that is
 * possible. */
#ifndef AWS_SSO_TOKEN_H
#define AWS_SSO_TOKEN_H

#include "aws/credentials_source.h"

struct sso_settings {
    const char *profile;            /* for messages */
    const char *session;            /* NULL for the older form without one */
    const char *start_url, *region; /* of the portal */
    const char *account_id, *role_name;
};

/* The token of now. NULL with *ret_error when the user has to sign in. */
const char *sso_token(const struct credentials_context *context, struct arena *a,
                      const struct sso_settings *settings, const struct aws_error **ret_error);

#endif
